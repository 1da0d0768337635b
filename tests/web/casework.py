# SPDX-License-Identifier: EUPL-1.2
"""People of the node who work on cases, and cases of theirs."""

from __future__ import annotations

import re
from hashlib import sha256
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
from tests.web.node import PASSWORD, Node, post

from brug.cases import files, keeping, projecting
from brug.cases.acts import AnyAct, Joined
from brug.cases.case import Case
from brug.cases.entries import Author, Entry, encoded, ordered
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.directory import account_changes, role_changes

# A person without the right, who may be asked in person.
TRAINEE = "trainee"
WORKERS = {"handler": "Bank ISAC", "colleague": "Bank ISAC", "officer": "Zuidmark Police"}


def hire(node: Node) -> None:
    """Gives organisations people who may work on cases, and one of them a person who may not."""
    with node.database.as_user(node.ids["admin"]) as session:
        role = role_changes.add(session, {"name": "Casework"}, ("add", "modify", "auth", "case"))
        for who, org in (*WORKERS.items(), (TRAINEE, "Zuidmark Police")):
            given: dict[str, Any] = {"email": node.email(who), "org_id": node.orgs[org]}
            given |= {"role_id": role.id if who in WORKERS else 6}
            given |= {"password": PASSWORD, "change_pw": False}
            node.ids[who] = account_changes.add(session, given).account.id


def org_uuid(node: Node, name: str) -> str:
    with node.database.system() as session:
        return str(session.value("SELECT uuid::text FROM organisation WHERE name = %s", (name,)))


def opened(node: Node, title: str = "Pumps stopped", **fields: object) -> str:
    """The number of a new case of the bank."""
    with node.database.as_user(node.ids["handler"]) as session:
        return keeping.open_case(session, "incident", title, fields).number


def do(
    node: Node, number: str, doing: AnyAct, who: str = "handler", to: tuple[str, ...] = ()
) -> str:
    with node.database.as_user(node.ids[who]) as session:
        return keeping.act(session, number, doing, to).id


def join(
    node: Node, number: str, org: str, role: str, user: int | None = None, by: str = ""
) -> str:
    """`by` is the node that speaks for whoever joins; this one, if nothing is said."""
    participant = str(uuid4())
    doing = Joined(
        participant=participant, org=org_uuid(node, org), name=org, role=role, user=user, node=by
    )
    do(node, number, doing)
    return participant


def seen(node: Node, number: str, who: str = "handler") -> Case:
    with node.database.as_user(node.ids[who]) as session:
        return files.view(session, number)[1]


def send(client: httpx.Client, number: str, what: str, **fields: Any) -> httpx.Response:
    """A form of the case's page, filled in; with what its hidden fields carry."""
    place = f"/cases/{number}"
    return post(client, f"{place}/acts/{what}", {"form": what} | fields, place)


def text_of(answered: httpx.Response) -> str:
    """What a page says, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answered.text)).split())


def arrived(node: Node, number: str, doing: AnyAct, by: str, knows: tuple[int, int]) -> None:
    """What the police say by another node; `knows` entries of this one, and of its own."""
    with node.database.as_user(node.ids["officer"]) as session:
        file = files.find(session, number)
        here = keeping.author(session).node
        known = ordered(files.entries_of(session, file))[knows[0] - 1].number
        entry = Entry(
            id=str(uuid4()),
            case=file.uuid,
            author=Author(by, session.principal.org_uuid, 7),
            at="2026-11-27T09:00:00Z",
            knows={here: known, by: known + knows[1] + 1},
            act=doing,
        )
        data = encoded(entry)
        with files.whole(session, file.id):
            signed = ("key", b"\0" * 64)
            files.store_entry(session, file.id, entry, data, sha256(data).digest(), signed)
            entries = files.entries_of(session, file)
            projecting.project(session, file.id, fold(named(file.kind), entries), entries)
