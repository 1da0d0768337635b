# SPDX-License-Identifier: EUPL-1.2
"""Permissions of a source to pass on more than its label says (TLP 2.0: ask the source).

A permission goes requested -> granted | refused -> used -> expired | withdrawn. It is about
one event or one attribute of it, says which label holds instead or for which organisation,
and on what evidence. What was granted or used counts at the gate until its time is over; that
a permission is over is written down when somebody looks, and holds by its time regardless.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges.gate.facts import Permission
from brug.directory import audit
from brug.model import tlp
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.naming import is_uuid
from brug.store.session import Session

FOLLOWS: Mapping[str, frozenset[str]] = {
    "requested": frozenset({"granted", "refused"}),
    "granted": frozenset({"used", "expired", "withdrawn"}),
    "used": frozenset({"expired", "withdrawn"}),
    "refused": frozenset(),
    "expired": frozenset(),
    "withdrawn": frozenset(),
}
COUNTS = ("granted", "used")


class Record(msgspec.Struct, frozen=True):
    """One permission as it is kept."""

    id: int
    event_uuid: str
    attribute_uuid: str | None
    from_label: str
    to_label: str
    audience_id: int | None
    audience: str | None
    state: str
    asked_by: int
    asked_at: datetime
    source: str
    answered_by: int | None
    answered_at: datetime | None
    valid_until: datetime | None
    evidence: str


class WrongState(Conflict):
    """A permission does not go from its state to the one asked for."""

    code = "permission_state"
    public = "The permission is not in a state that this may follow."


_SELECT = (
    "SELECT p.id, p.event_uuid::text, p.attribute_uuid::text, p.from_label, p.to_label,"
    " p.audience_id, o.name, p.state, p.asked_by, p.asked_at, p.source, p.answered_by,"
    " p.answered_at, p.valid_until, p.evidence FROM source_permission p"
    " LEFT JOIN organisation o ON o.id = p.audience_id"
)


def of_events(
    session: Session, event_uuids: Sequence[str]
) -> dict[str, dict[str, tuple[Permission, ...]]]:
    """What counts at the gate, by event, and by the event or attribute that it is about."""
    found: dict[str, dict[str, tuple[Permission, ...]]] = {}
    rows = session.all(
        "SELECT p.event_uuid::text, coalesce(p.attribute_uuid, p.event_uuid)::text, p.to_label,"
        " coalesce(o.uuid::text, ''), p.valid_until FROM source_permission p"
        " LEFT JOIN organisation o ON o.id = p.audience_id"
        " WHERE p.event_uuid = ANY (%s::uuid[]) AND p.state = ANY (%s) ORDER BY p.id",
        (list(event_uuids), list(COUNTS)),
    )
    for event, about, label, audience, until in rows:
        of_event = found.setdefault(event, {})
        of_event[about] = (*of_event.get(about, ()), Permission(label, audience, until))
    return found


def listed(session: Session, event_uuid: str | None = None) -> list[Record]:
    """The newest first."""
    rows = session.all(
        _SELECT + " WHERE %(event)s::uuid IS NULL OR p.event_uuid = %(event)s"
        " ORDER BY p.id DESC LIMIT 500",
        {"event": event_uuid},
    )
    return [Record(*row) for row in rows]


def view(session: Session, number: int) -> Record:
    """Raises NotFound."""
    row = session.one(_SELECT + " WHERE p.id = %s", (number,))
    if row is None:
        raise NotFound(f"no permission {number}")
    return Record(*row)


def ask(session: Session, given: Mapping[str, Any]) -> Record:
    """Records that the source was asked. Raises Invalid, NotFound or Forbidden.

    `event_uuid`, `from_label`, `to_label`, `source` (who was asked), and where it applies
    `attribute_uuid` and `audience_id` (the organisation that it is for).
    """
    _require(session)
    event, attribute = str(given.get("event_uuid", "")), given.get("attribute_uuid") or None
    for field, uuid in (("event_uuid", event), ("attribute_uuid", attribute)):
        if uuid is not None and not is_uuid(str(uuid)):
            raise Invalid(field, "a UUID", str(uuid))
    labels = {name: _label(name, given.get(name)) for name in ("from_label", "to_label")}
    audience = given.get("audience_id")
    if tlp.LABELS.index(labels["to_label"]) > tlp.LABELS.index(labels["from_label"]):
        raise Invalid("to_label", f"no label stricter than {labels['from_label']}")
    if audience is None and labels["to_label"] == labels["from_label"]:
        raise Invalid("to_label", "a wider label, or an organisation that it is for")
    source = _text("source", given.get("source"))
    number = session.value(
        "INSERT INTO source_permission (event_uuid, attribute_uuid, from_label, to_label,"
        " audience_id, asked_by, source, evidence) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
        " RETURNING id",
        (event, attribute, labels["from_label"], labels["to_label"], audience,
         session.principal.user_id, source, str(given.get("evidence") or "")[:2000]),
    )  # fmt: skip
    _audited(session, int(number), "add", {"event": event, **labels, "source": source})
    return view(session, int(number))


def answer(
    session: Session, number: int, *, granted: bool, evidence: str,
    valid_until: datetime | None = None,
) -> Record:  # fmt: skip
    """What the source said. Raises WrongState, Invalid."""
    if valid_until is not None and valid_until <= datetime.now(UTC):
        raise Invalid("valid_until", "a time in the future")
    return _to(
        session, number, "granted" if granted else "refused",
        evidence=_text("evidence", evidence), valid_until=valid_until,
    )  # fmt: skip


def withdraw(session: Session, number: int, evidence: str) -> Record:
    """The source took it back: from now on it does not count."""
    return _to(session, number, "withdrawn", evidence=_text("evidence", evidence))


def use(session: Session, event_uuids: Sequence[str], bridge_id: int) -> int:
    """Events crossed a bridge, by the permissions that hold there; how many are used first."""
    return session.execute(
        "UPDATE source_permission SET state = 'used' WHERE event_uuid = ANY (%s::uuid[])"
        " AND state = 'granted'"
        " AND (valid_until IS NULL OR valid_until > now())"
        " AND (audience_id IS NULL OR audience_id = (SELECT p.org_id FROM bridge b"
        "   JOIN partner p ON p.id = b.partner_id WHERE b.id = %s))",
        (list(event_uuids), bridge_id),
    ).rowcount


def expire(session: Session) -> int:
    """Writes down which are over, and has their events decided anew; how many."""
    rows = session.all(
        "UPDATE source_permission SET state = 'expired' WHERE state = ANY (%s)"
        " AND valid_until <= now() RETURNING event_uuid::text",
        (list(COUNTS),),
    )
    _decide_anew(session, [row[0] for row in rows])
    return len(rows)


def _decide_anew(session: Session, event_uuids: list[str]) -> None:
    """No change of the event itself says that it may cross now, or no longer."""
    if event_uuids:
        session.execute(
            "SELECT note_change(ARRAY(SELECT id FROM event WHERE uuid = ANY (%s::uuid[])))",
            (event_uuids,),
        )


def _to(
    session: Session, number: int, state: str, *, evidence: str,
    valid_until: datetime | None = None,
) -> Record:  # fmt: skip
    _require(session)
    known = view(session, number)
    may = [before for before, after in FOLLOWS.items() if state in after]
    changed = session.execute(
        "UPDATE source_permission SET state = %s, evidence = %s, answered_by = %s,"
        " answered_at = now(), valid_until = coalesce(%s, valid_until)"
        " WHERE id = %s AND state = ANY (%s)",
        (state, evidence, session.principal.user_id, valid_until, number, may),
    )
    if changed.rowcount != 1:
        raise WrongState(f"permission {number} is {known.state}; it does not become {state}")
    _audited(session, number, "edit", {"state": (known.state, state), "evidence": evidence})
    if state != "refused":
        _decide_anew(session, [known.event_uuid])
    return view(session, number)


def _require(session: Session) -> None:
    me = session.principal
    allowed = me.is_site_admin or session.value("SELECT host_has_right('bridge_admin', 'release')")
    if not allowed:
        raise Forbidden(f"{me.email} records no permissions of sources")


def _audited(session: Session, number: int, action: str, change: dict[str, Any]) -> None:
    audit.record(session, action, "SourcePermission", number, "", change)


def _label(field: str, given: Any) -> str:
    label = tlp.label_of(f"tlp:{str(given or '').lower().removeprefix('tlp:')}")
    if label is None:
        raise Invalid(field, "one of " + ", ".join(tlp.LABELS), str(given))
    return label


def _text(field: str, given: Any) -> str:
    text = str(given or "").strip()
    if not text or len(text) > 2000 or "\0" in text:
        raise Invalid(field, "a text of 1 to 2000 characters", text)
    return text
