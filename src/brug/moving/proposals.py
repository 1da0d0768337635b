# SPDX-License-Identifier: EUPL-1.2
"""Proposals, open and settled, with their numbers and whose they are."""

from functools import partial
from typing import Any

from brug.formats.misp import coercion as c
from brug.intel.finding import find
from brug.model.errors import Invalid, NotFound
from brug.moving.client import Refused
from brug.moving.event_rows import parts
from brug.moving.numbers import Numbers, note
from brug.moving.rows import Columns, insert
from brug.moving.taking import Source, guarded, unwrapped
from brug.store.session import Session

LIST = "/shadow_attributes/index/all:1/deleted[]:0/deleted[]:1"
Raw = dict[str, Any]
_COLUMNS: Columns = {
    "id": "bigint", "uuid": "uuid", "event_id": "bigint", "attribute_id": "bigint",
    "holder_id": "int", "org_id": "int", "brought_by": "int", "audience": "int",
    "timestamp": "bigint", "first_seen": "bigint", "last_seen": "bigint", "to_ids": "bool",
    "is_deletion": "bool", "disable_correlation": "bool", "deleted": "bool", "type": "text",
    "category": "text", "value1": "text", "value2": "text", "comment": "text",
}  # fmt: skip


def take_proposals(source: Source) -> None:
    """Page by page, each page in a transaction."""
    try:
        for page in source.misp.pages(LIST):
            _page(source, [unwrapped(item, "ShadowAttribute") for item in page])
    except Refused as error:
        source.report.remarks.append(f"proposals: not asked for ({error})")


def _page(source: Source, page: list[Raw]) -> None:
    with source.database.as_user(source.user_id) as session:
        numbers = Numbers(session, source.move)
        for done, raw in enumerate(page):
            source.told("proposal", done, len(page))
            source.report.count("proposal", there=1)
            name = f"proposal {raw.get('id')} ({raw.get('uuid')})"
            act = partial(_take, source, session, numbers, raw)
            if guarded(source.report, session, name, act):
                source.report.count("proposal", here=1)


def _take(source: Source, session: Session, numbers: Numbers, raw: Raw) -> None:
    here = session.value(
        "SELECT p.id FROM moved JOIN proposal p ON p.id = moved.local"
        " WHERE moving_id = %s AND kind = 'proposal' AND remote = %s",
        (source.move.id, str(raw.get("id"))),
    )
    if here is not None:
        _settle(session, int(here), raw)
        return
    row = _row(session, numbers, raw)
    number = c.integer("id", raw.get("id"), 1, 2**62)
    if source.move.keeps_ids:
        row = {"id": number} | row
    if not insert(session, "proposal", _COLUMNS, [row]):
        raise Invalid("id", "a number that is free here")
    if source.move.keeps_ids:
        session.execute("SELECT number_behind('proposal', %s)", (number,))
    placed = session.value("SELECT max(id) FROM proposal WHERE uuid = %s", (row["uuid"],))
    local = number if source.move.keeps_ids else placed
    note(session, source.move, "proposal", raw.get("id"), int(local or 0), uuid=row["uuid"])


def _settle(session: Session, here: int, raw: Raw) -> None:
    """What was settled there since the last run is settled here."""
    if c.flag("deleted", raw.get("deleted")):
        session.execute("UPDATE proposal SET deleted = true WHERE id = %s AND NOT deleted", (here,))


def _row(session: Session, numbers: Numbers, raw: Raw) -> Raw:
    org = numbers.organisations.get(str(raw.get("org_uuid")).lower())
    if org is None:
        raise Invalid("org_uuid", "an organisation that came along")
    try:
        event = find(session, "event", str(raw.get("event_uuid")))
    except NotFound as error:
        raise Invalid("event_uuid", "an event that came along") from error
    uuid = c.uuid("uuid", raw.get("uuid"))
    attribute = None
    if str(raw.get("old_id") or "0") != "0":
        attribute = session.value(
            "SELECT id FROM attribute WHERE event_id = %s AND uuid = %s", (event, uuid)
        )
        if attribute is None:
            raise Invalid("old_id", "an attribute that came along")
    holder, audience = session.all(
        "SELECT e.org_id, coalesce(a.audience, e.audience) FROM event e"
        " LEFT JOIN attribute a ON a.id = %s WHERE e.id = %s",
        (attribute, event),
    )[0]
    first, second = parts(c.text("type", raw.get("type")), c.text("value", raw.get("value")))
    return {
        "uuid": uuid, "event_id": event, "attribute_id": attribute, "holder_id": holder,
        "org_id": org, "brought_by": org, "audience": audience,
        "timestamp": c.seconds("timestamp", raw.get("timestamp")) or 0,
        "first_seen": c.microseconds("first_seen", raw.get("first_seen")),
        "last_seen": c.microseconds("last_seen", raw.get("last_seen")),
        "to_ids": c.flag("to_ids", raw.get("to_ids")),
        "is_deletion": c.flag("proposal_to_delete", raw.get("proposal_to_delete")),
        "disable_correlation": c.flag("flag", raw.get("disable_correlation")),
        "deleted": c.flag("deleted", raw.get("deleted")),
        "type": c.text("type", raw.get("type")),
        "category": c.text("category", raw.get("category")),
        "value1": first, "value2": second, "comment": c.text("comment", raw.get("comment")),
    }  # fmt: skip
