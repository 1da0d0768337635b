# SPDX-License-Identifier: EUPL-1.2
"""Every column of every table, sent to every route that writes: the rest stays as it is.

A column is protected unless it stands below as one that a body may set, so that a new
column is protected until somebody says otherwise.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from tests.security.arena import Arena
from tests.security.asking import Ask
from tests.security.drawing import TURNS, asks, named
from tests.security.kinds import OURS, THEIRS
from tests.security.order import endpoints
from tests.security.stored import Rows
from tests.thorough import share

from brug.api.misp import all as listed
from brug.api.misp.dispatch import Endpoint

listed.load()

_LEVEL = {"distribution", "sharing_group_id", "timestamp"}
_SEEN = {"first_seen", "last_seen"}
# What a body may set, by table. `uuid` only for a new row; `deleted` is MISP's soft delete.
WRITABLE: dict[str, set[str]] = {
    "event": _LEVEL | {"uuid", "date", "info", "threat_level_id", "analysis", "published",
                       "publish_timestamp", "extends_uuid", "disable_correlation", "protected",
                       "extra"},
    "attribute": _LEVEL | _SEEN | {"uuid", "to_ids", "deleted", "disable_correlation", "type",
                                   "category", "value1", "value2", "object_relation", "comment",
                                   "extra", "parts"},
    "object": _LEVEL | _SEEN | {"uuid", "name", "meta_category", "description", "template_uuid",
                                "template_version", "comment", "deleted", "extra"},
    "object_reference": {"uuid", "timestamp", "referenced_uuid", "relationship_type", "comment",
                         "deleted"},
    "event_report": _LEVEL | {"uuid", "name", "content", "deleted"},
    "event_tag": {"local", "relationship_type"},
    "attribute_tag": {"local", "relationship_type"},
    "sighting": {"uuid", "source", "type", "date_sighting"},
    # A tag's organisation and user are who else may attach it, not whose it is.
    "tag": {"name", "colour", "exportable", "hide_tag", "numerical_value", "local_only",
            "org_id", "user_id"},
    "refusal": {"item", "reason", "place", "event_uuid", "source"},
    "sharing_group": {"uuid", "name", "releasability", "description", "active", "roaming",
                      "local"},
    "sharing_group_org": {"org_id", "extend"},
    "sharing_group_server": {"server_id", "all_orgs"},
    "account": {"email", "language", "theme", "timezone", "autoalert", "contactalert", "gpgkey",
                "certif_public", "nids_sid", "termsaccepted", "newsread", "notification_daily",
                "notification_weekly", "notification_monthly"},
    "auth_key": {"uuid", "comment", "expiration", "read_only", "allowed_ips"},
    "analyst_data": {"uuid", "distribution", "sharing_group_id", "authors", "language", "note",
                     "opinion", "comment", "relationship_type", "related_object_uuid",
                     "related_object_type"},
    "bookmark": {"name", "url", "comment", "exposed_to_org"},
    "collection": {"uuid", "name", "type", "description", "distribution", "sharing_group_id"},
    "decaying_model": {"name", "description", "ref", "version"},
    "event_graph": {"network_name", "network_json", "preview_img"},
    "galaxy_cluster": {"uuid", "extends_version"},
    "galaxy_element": {"key", "value"},
    "user_setting": {"name", "value"},
    "audit": {"title", "change"},
    "warninglist": {"name", "type", "description", "category", "enabled"},
    "warninglist_type": {"type"},
    "taxonomy": {"enabled", "required", "highlighted"},
}  # fmt: skip
# What an organisation's administrator may set of the people below.
ADMINISTERED = {"account": {"role_id", "disabled", "change_pw", "expiration", "force_logout"}}
WRAPPERS = (
    "Event", "Attribute", "Object", "User", "AuthKey", "SharingGroup", "Tag", "Sighting",
    "EventReport", "ObjectReference", "UserSetting", "Warninglist", "Organisation", "Taxonomy",
)  # fmt: skip
# Who synchronises brings events and groups of others: that is what the right is.
BROUGHT = {"event": {"orgc_id", "locked"}, "sharing_group": {"organisation_uuid"}}
PATIENCE = 6
TEXT = "hostiletext"
NUMBER = 987_654
MOMENT = "2031-03-03"
UUID = "99999999-9999-4999-8999-999999999999"


def hostile(arena: Arena) -> dict[str, list[Any]]:
    """What each column is sent: an id that would hurt, or a number and a text."""
    found: dict[str, Any] = {
        "org_id": arena.world.orgs[THEIRS], "orgc_id": arena.world.orgs[THEIRS],
        "holder_id": arena.world.orgs[THEIRS], "owner": arena.world.orgs[THEIRS],
        "user_id": arena.world.ids["other"], "invited_by": arena.world.ids["other"],
        "created_by": arena.world.ids["other"], "sync_user_id": arena.world.ids["other"],
        "role_id": 1, "event_id": arena.ids[THEIRS]["event"][0],
        "object_id": arena.ids[THEIRS]["object"][0],
        "attribute_id": arena.ids[THEIRS]["attribute"][0],
        "sharing_group_id": arena.ids[THEIRS]["sharing_group"][0],
        "tag_id": arena.ids[THEIRS]["tag"][0], "rights": ["site_admin"],
        "requester_org_id": arena.world.orgs[THEIRS], "brought_by": arena.world.orgs[THEIRS],
        "collection_id": arena.ids[THEIRS]["collection"][0],
        "galaxy_cluster_id": arena.ids[THEIRS]["cluster"][0],
        "tag_collection_id": arena.ids[THEIRS]["tag_collection"][0],
        "model_id": arena.ids[THEIRS]["model"][0],
        "uuid": UUID, "organisation_uuid": arena.uuids[THEIRS]["organisation"][0],
    }  # fmt: skip
    return {
        column: [found[column]] if column in found else [NUMBER, TEXT]
        for column in sorted(arena.columns)
    }


def bare(body: Any, bad: dict[str, Any]) -> Any:
    return body | bad if isinstance(body, dict) else deep(body, bad)


def wrapped(body: Any, bad: dict[str, Any]) -> Any:
    return dict.fromkeys(WRAPPERS, body | bad) if isinstance(body, dict) else deep(body, bad)


def deep(body: Any, bad: dict[str, Any]) -> Any:
    """The same in every object within."""
    if isinstance(body, dict):
        return bad | {name: deep(value, bad) for name, value in body.items()}
    return [deep(item, bad) for item in body] if isinstance(body, list) else body


Shape = Callable[[Any, dict[str, Any]], Any]
SHAPES: tuple[Shape, ...] = (bare, wrapped, deep)
# Which of the things that a column is sent, and where they stand.
WAYS: tuple[tuple[int, Shape], ...] = tuple(product((0, -1), SHAPES))
PEOPLE = ("orgadmin", "sync", "user")


def ways(arena: Arena, endpoint: Endpoint, who: str) -> Sequence[tuple[int, Shape]]:
    """All of them fall to those who may ask, to each some."""
    able = [one for one in PEOPLE if arena.may(one, endpoint)]
    return share(WAYS, named(endpoint), len(able), able.index(who)) if who in able else ()


def attack(arena: Arena, who: str, asked: Ask, shape: Any, bad: dict[str, Any]) -> None:
    """Sends a body with more in it; what is refused by its name is left out next time."""
    left = bad
    for _ in range(PATIENCE):
        answered = arena.ask(who, replace(asked, body=shape(asked.body, left)))
        words = set(re.findall(r"\w+", answered.content.decode("utf-8", "replace")))
        named_there = left.keys() & words
        if answered.did or not named_there or answered.status in {404, 405}:
            return
        left = {name: value for name, value in left.items() if name not in named_there}


def taken_over(
    sent: dict[str, list[Any]], before: Rows, after: Rows, extra: dict[str, set[str]]
) -> dict[str, Any]:
    """Protected columns that hold what was sent, in rows that are new or changed."""
    found: dict[str, Any] = {}
    for (table, key), row in after.items():
        old = before.get((table, key))
        if row is old:
            continue
        allowed = WRITABLE.get(table, set()) | extra.get(table, set())
        found |= {
            f"{table}.{column}": value
            for column, value in row.items()
            if column not in allowed
            and (old is None or old.get(column) != value)
            and value is not None
            and value in sent[column]
        }
    return found


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("endpoint", [e for e in endpoints() if e.changes], ids=named)
def test_a_body_sets_what_is_documented_and_nothing_else(
    arena: Arena, endpoint: Endpoint, who: str
) -> None:
    extra = dict(ADMINISTERED) if endpoint.right in {"admin", "site_admin"} else {}
    if who == "sync":
        extra |= BROUGHT
    before, sent = arena.at_first, hostile(arena)
    number = 1000 * endpoints().index(endpoint)
    # That each is refused to whoever lacks the right is seen in test_privileges.
    for place, (choice, shape) in enumerate(ways(arena, endpoint, who)):
        number += 10  # a new name each time, or it is refused as taken
        turns = share(TURNS, f"{named(endpoint)} {who}", len(TURNS), place)
        bare_address, *forms = asks(endpoint, arena.items[OURS], number, turns)
        for asked in (bare_address, *forms[:1], *share(forms[1:], named(endpoint), 2, place)):
            if isinstance(asked.body, bytes):
                continue
            known = {*(endpoint.body or ()), *(asked.body if isinstance(asked.body, dict) else ())}
            bad = {name: values[choice] for name, values in sent.items() if name not in known}
            attack(arena, who, asked, shape, bad)
    assert taken_over(sent, before, arena.rows(), extra) == {}
