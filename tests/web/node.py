# SPDX-License-Identifier: EUPL-1.2
"""A node behind a real web server, with three organisations, and browsers of its people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import unescape
from typing import Any

import httpx
from psycopg.types.json import Json
from tests.listening import NO_TLS

from brug.directory import (
    account_changes,
    organisations,
    servers,
    sharing_group_changes,
    signing_in,
)
from brug.directory.node import create_node
from brug.formats.misp import analyst
from brug.intel.adding import add
from brug.intel.analysis import analyst_changes, collection_changes, collection_elements
from brug.intel.feed import feeds
from brug.intel.label import tag_collections, taglist
from brug.intel.template import elements, templates
from brug.intel.vocabulary import cluster_changes, galaxy_changes
from brug.intel.vocabulary.cluster_drafts import ClusterDraft
from brug.model.new_event import (
    GroupRef,
    NewAttribute,
    NewEvent,
    NewObject,
    NewReport,
    NewSighting,
    NewTag,
)
from brug.store import settings
from brug.store.session import Database

PASSWORD = "Correct-horse-battery-1"
CANARY = "<script>window.hit=1</script>\"'><img src=x onerror=window.hit=1>{{7*7}}${7*7}"
REPORT = (
    "# Head <b>bold</b>\n\n[here](javascript:window.hit=1) [there](https://example.com/page)"
    " ![seen](https://192.0.2.9/seen.png) <img src=x onerror=window.hit=1>\n\n"
    "<script>window.hit=1</script> <https://example.com/auto> [data](data:text/html,x)"
)
PEOPLE = {
    "lead": ("Bank ISAC", 2), "analyst": ("Bank ISAC", 3), "publisher": ("Bank ISAC", 4),
    "reader": ("Bank ISAC", 6), "police": ("Zuidmark Police", 4),
}  # fmt: skip


class Node:
    """The people and items of the node by name, and its address."""

    def __init__(self, database: Database, url: str) -> None:
        self.database = database
        self.url = url
        self.ids: dict[str, int] = {}
        self.orgs: dict[str, int] = {}
        self.events: dict[str, int] = {}
        self.proposals: dict[str, int] = {}
        self._open = ExitStack()
        self._known: dict[str, tuple[httpx.Client, str]] = {}
        self.items: dict[str, int] = {}
        self.token = self.invitation = self.entry = self.document = ""
        with database.system() as session:
            made = create_node(session, "CSIRT Noordland", "admin@csirt.example", url)
            self.ids["admin"] = 1
            self.orgs["CSIRT Noordland"] = 1
            account_changes.edit(session, 1, {"password": PASSWORD, "change_pw": False})
            self.api_key = made.api_key
            settings.set_value(session, "cases.intake", True)
            for name in ("Bank ISAC", "Zuidmark Police"):
                described = {"name": name, "description": CANARY, "contacts": CANARY}
                self.orgs[name] = organisations.add(session, described | {"sector": CANARY}).id
            for who, (org, role) in PEOPLE.items():
                given = {"email": self.email(who), "org_id": self.orgs[org], "role_id": role}
                given |= {"password": PASSWORD, "change_pw": False}
                self.ids[who] = account_changes.add(session, given).account.id
        self._fill()

    @staticmethod
    def email(who: str) -> str:
        return "admin@csirt.example" if who == "admin" else f"{who}@people.example"

    def _fill(self) -> None:
        with self.database.as_user(self.ids["lead"]) as session:
            group = sharing_group_changes.add(
                session, {"name": "Group " + CANARY, "description": CANARY}
            )
            self.group = group.id
            sharing_group_changes.add_organisation(session, group.id, str(self.orgs["Bank ISAC"]))
        self.events["open"] = self.add("lead", open_event())
        self.events["own"] = self.add("lead", plain("Only for the bank", 0, "own.example"))
        held = plain("For the group", 4, "group.example")
        held.group = GroupRef(id=self.group)
        self.events["group"] = self.add("lead", held)
        self._fill_vocabularies()
        self.templates = {"open": self._template(True), "own": self._template(False)}
        with self.database.as_user(self.ids["lead"]) as session:
            made = collection_changes.add(
                session, {"name": CANARY, "description": REPORT, "distribution": 1}
            )
            uuid = session.value(
                "SELECT uuid::text FROM event WHERE id = %s", (self.events["open"],)
            )
            collection_elements.add_element(session, made.id, "Event", uuid, CANARY)
            note = {"note": REPORT + CANARY, "authors": CANARY, "distribution": 1}
            analyst_changes.add(session, analyst.read(0, note, ("Event", uuid)))
            own = collection_changes.add(session, {"name": "Own", "distribution": 0})
        self.collections = {"open": made.id, "own": own.id}
        self.events["police"] = self.add("police", plain("Seen elsewhere", 1, "shared.example"))

    def _fill_vocabularies(self) -> None:
        with self.database.as_user(self.ids["admin"]) as session:
            partner = {"name": "Partner " + CANARY, "url": "https://partner.example"}
            servers.add(session, partner | {"authkey": "k" * 40, "remote_org_id": 1})
            feed = {"name": "Feed " + CANARY, "provider": CANARY, "url": "https://feed.example/"}
            feeds.add(session, feed)
            described = {"name": "Galaxy " + CANARY, "type": "actor", "description": CANARY}
            galaxy = galaxy_changes.add(session, described)
            self.galaxy = galaxy.id
            session.execute(
                "INSERT INTO noticelist (name, expanded_name, ref, enabled)"
                " VALUES ('test', %s, '{https://law.example}', true)", (CANARY,)
            )  # fmt: skip
            self.noticelist = session.value("SELECT id FROM noticelist")
            data = {"scope": ["attribute"], "field": ["type"], "value": ["ip-src"], "tags": [],
                    "message": {"en": "Mind the law " + CANARY}}  # fmt: skip
            session.execute(
                "INSERT INTO noticelist_entry (noticelist_id, data) VALUES (%s, %s)",
                (self.noticelist, Json(data)),
            )
        with self.database.as_user(self.ids["lead"]) as session:
            draft = ClusterDraft(value="Heron " + CANARY, description=CANARY, source=CANARY,
                                 authors=[CANARY], level=1,
                                 elements=[("synonyms", CANARY)])  # fmt: skip
            made = cluster_changes.add(session, galaxy, draft)
            self.cluster, self.cluster_tag = made.id, made.tag_name
            self.tag_collection = tag_collections.add(session, {"name": "Set " + CANARY}).id
            tags = [taglist.add(session, {"name": "set " + CANARY}).id]
            collection = tag_collections.view(session, self.tag_collection)
            tag_collections.add_tags(session, collection, tags)

    def _template(self, share: bool) -> tuple[int, int]:
        """A template with an element of each kind; its number and that of the last one."""
        with self.database.as_user(self.ids["lead"]) as session:
            said: dict[str, Any] = {"name": "Form " + CANARY, "description": CANARY}
            made = templates.add(session, said | {"share": share})
            asked: dict[str, Any] = {"name": CANARY, "description": CANARY, "text": REPORT}
            asked |= {"type": "domain", "mandatory": True, "batch": True}
            ids = [elements.add(session, made.id, kind, elements.drafted(kind, asked)).id
                   for kind in ("text", "file", "attribute")]  # fmt: skip
            return made.id, ids[-1]

    def add(self, who: str, new: NewEvent) -> int:
        with self.database.as_user(self.ids[who]) as session:
            return add(session, new).event_id

    @contextmanager
    def browser(self, who: str = "", **headers: str) -> Iterator[httpx.Client]:
        """A client that keeps cookies; signed in where a person is named, without the two pages
        on the way, which take as long as what most tests look at (`sign_in` goes it)."""
        with httpx.Client(
            base_url=self.url, headers=headers, trust_env=False, verify=NO_TLS
        ) as client:
            if who:
                signed = self._signed_in(who)
                client.cookies.set("brug", signed.cookie, str(client.base_url.host), "/")
            yield client

    def _signed_in(self, who: str) -> signing_in.SignedIn:
        with self.database.system() as session:
            query = "SELECT id FROM account WHERE email = %s"
            user = session.value(query, (self.email(who),))
        with self.database.as_user(user) as session:
            return signing_in.begin(session, "127.0.0.1")

    def known(self, who: str) -> tuple[httpx.Client, str]:
        """A browser that stays signed in, for all who only look, and the token of its forms."""
        if who not in self._known:
            client = self._open.enter_context(self.browser(who))
            self._known[who] = client, token_in(client.get("/account").text)
        return self._known[who]

    def close(self) -> None:
        self._open.close()


def plain(info: str, level: int, *domains: str) -> NewEvent:
    return NewEvent(
        None, info, distribution=level, published=True,
        attributes=[
            NewAttribute(None, "domain", "Network activity", True, name, "") for name in domains
        ],
    )  # fmt: skip


def open_event() -> NewEvent:
    """An event with something hostile in each field that takes text."""
    new = plain("Open " + CANARY, 1, "shared.example", "plain.example")
    new.attributes.append(
        NewAttribute(
            None, "text", "Other", False, CANARY, "", comment=CANARY,
            tags=(NewTag("attribute " + CANARY),),
            sightings=(NewSighting(None, 1_700_000_000, CANARY, 0),),
        )
    )  # fmt: skip
    new.tags = [NewTag("tlp:amber"), NewTag("event " + CANARY),
                NewTag('misp-galaxy:threat-actor="' + CANARY + '"')]  # fmt: skip
    inside = NewAttribute(
        None, "filename", "Payload delivery", True, CANARY, "", object_relation="filename"
    )
    new.objects = [NewObject(None, "file " + CANARY, comment=CANARY, distribution=5,
                             attributes=[inside])]  # fmt: skip
    new.reports = [NewReport(None, "Report " + CANARY, REPORT, distribution=5)]
    return new


def token_in(text: str) -> str:
    found = re.search(r'name="_csrf_token" value="([^"]+)"', text)
    assert found, text[:500]
    return unescape(found[1])


def sign_in(client: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    token = token_in(client.get("/sign-in").text)
    form = {"email": email, "password": password, "_csrf_token": token}
    return client.post("/sign-in", data=form)


def post(client: httpx.Client, path: str, data: dict[str, Any], page: str = "") -> httpx.Response:
    """Sends a form with the token that a page of this browser carries."""
    token = token_in(client.get(page or "/account").text)
    return client.post(path, data=data | {"_csrf_token": token})
