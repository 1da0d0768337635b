# SPDX-License-Identifier: EUPL-1.2
"""Taking over what events hang on: organisations, roles, users, sharing groups, tags.

One transaction a kind, one savepoint an item: an item that does not fit is refused by name
and the others come. Repeating it changes what changed there.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import psycopg

from brug.directory import accounts
from brug.model.errors import BrugError, Conflict, Invalid
from brug.moving import directory, groups
from brug.moving.client import Misp
from brug.moving.client import Refused as RefusedThere
from brug.moving.numbers import Move, Numbers
from brug.moving.placing import Place
from brug.moving.report import Refused, Report, Told
from brug.store.session import Database, Session


class Source(msgspec.Struct):
    """Where a move comes from and goes to, and what it says of itself."""

    misp: Misp
    database: Database
    user_id: int  # the site admin that the node's side acts as
    move: Move
    report: Report
    told: Told
    host_org: int | None = None  # number of the organisation that runs the other side


def unwrapped(item: Any, name: str) -> dict[str, Any]:
    """`{"Role": {...}}` and `{...}` are the same."""
    inner = item.get(name, item) if isinstance(item, dict) else {}
    return inner if isinstance(inner, dict) else {}


def all_of(source: Source, path: str, name: str) -> list[dict[str, Any]]:
    """A whole list, unwrapped."""
    return [unwrapped(item, name) for page in source.misp.pages(path) for item in page]


def take_directory(source: Source) -> None:
    """All kinds in the order in which they name one another."""
    _take(source, "organisation", _organisations(source), _organisation)
    _take(source, "role", all_of(source, "/roles/index", "Role"), _role)
    email = _email(source)
    _take(source, "account", list(_users(source)), directory.account)
    _act_as(source, email)
    _take(source, "sharing_group", list(_groups(source)), groups.sharing_group)
    _take(source, "tag", all_of(source, "/tags/index", "Tag"), directory.tag)


def _organisations(source: Source) -> list[dict[str, Any]]:
    found = all_of(source, "/organisations/index/scope:all", "Organisation")
    for one in found:
        one["is_host"] = source.host_org is None or str(one.get("id")) == str(source.host_org)
    return found


def _organisation(place: Place, raw: dict[str, Any], _numbers: Numbers) -> int:
    return directory.organisation(place, raw, host=raw.pop("is_host"))


def _role(place: Place, raw: dict[str, Any], _numbers: Numbers) -> int:
    return directory.role(place, raw)


def _users(source: Source) -> Iterator[dict[str, Any]]:
    """The list says less of a user than the view."""
    for short in all_of(source, "/admin/users/index", "User"):
        try:
            whole = unwrapped(source.misp.get(f"/admin/users/view/{short['id']}"), "User")
        except RefusedThere:
            whole = {}
        yield short | whole


def _groups(source: Source) -> Iterator[dict[str, Any]]:
    for short in all_of(source, "/sharing_groups/index", "SharingGroup"):
        yield source.misp.get(f"/sharing_groups/view/{short['id']}")


Take = Callable[[Place, dict[str, Any], Numbers], int]


def _take(source: Source, kind: str, items: list[dict[str, Any]], take: Take) -> None:
    with source.database.as_user(source.user_id) as session:
        highest = max((_number(item) for item in items), default=0)
        place = Place(session, source.move, kind, highest, source.report.remarks)
        numbers = Numbers(session, source.move)
        for done, item in enumerate(items):
            source.told(kind, done, len(items))
            source.report.count(kind, there=1)
            name = f"{kind} {name_of(item)}"
            if guarded(source.report, session, name, partial(take, place, item, numbers)):
                source.report.count(kind, here=1)


def guarded(report: Report, session: Session, item: str, act: Callable[[], Any]) -> bool:
    """Runs one item's act in a savepoint; refuses it by name where it does not fit."""
    try:
        with session.connection.transaction():
            act()
    except BrugError as error:
        report.refused.append(Refused(item, reason_of(error)))
        return False
    except psycopg.Error as error:
        said = error.diag.message_primary or type(error).__name__
        report.refused.append(Refused(item, f"the database refused it: {said}"))
        return False
    return True


def reason_of(error: BrugError) -> str:
    """Why an item was refused, for whoever moves in: this node's site admin."""
    return error.public if isinstance(error, Invalid) else str(error)


def name_of(raw: dict[str, Any]) -> str:
    inner = raw.get("SharingGroup", raw)
    for field in ("name", "email", "uuid", "id"):
        if inner.get(field):
            return f"{inner[field]!s:.100}"
    return "?"


def _number(raw: dict[str, Any]) -> int:
    inner = raw.get("SharingGroup", raw)
    text = str(inner.get("id", "0"))
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _email(source: Source) -> str:
    with source.database.as_user(source.user_id) as session:
        return session.principal.email


def _act_as(source: Source, email: str) -> None:
    """Goes on as the node's site admin, whose number may be another now."""
    with source.database.system() as session:
        source.user_id = accounts.view(session, email).id
    with source.database.as_user(source.user_id) as session:
        if not session.principal.is_site_admin:
            raise Conflict("the move took the rights of this node's site admin")
