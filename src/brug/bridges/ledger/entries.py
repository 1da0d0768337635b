# SPDX-License-Identifier: EUPL-1.2
"""What an entry of the ledger is: written once, with the change it records.

An entry names people by id and holds text, integers, truths, lists and maps. Who recorded it,
when, and its salt are the database's to say (store/schema/61_ledger.sql).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from psycopg.types.json import Jsonb

from brug.formats.canonical import LARGEST_INTEGER
from brug.formats.ledger_proof import committed
from brug.model.errors import Invalid
from brug.store.rows import array
from brug.store.session import Session

VERSION = 1
DEEPEST = 50


class Entry(msgspec.Struct, frozen=True):
    """One entry; without payload and salt where these were erased."""

    number: int
    id: UUID
    bridge_uuid: UUID | None
    kind: str
    by_user: int
    recorded: datetime
    payload: dict[str, Any] | None
    salt: bytes | None
    erased: datetime | None

    @property
    def document(self) -> dict[str, Any] | None:
        """What is committed to, and what a proof shows."""
        if self.payload is None:
            return None
        moment = self.recorded.astimezone(UTC).isoformat(timespec="milliseconds")
        document = {
            "v": VERSION, "id": str(self.id), "kind": self.kind, "by": self.by_user,
            "recorded": moment.replace("+00:00", "Z"), "payload": self.payload,
        }  # fmt: skip
        return document | ({"bridge": str(self.bridge_uuid)} if self.bridge_uuid else {})

    @property
    def commitment(self) -> bytes | None:
        """What the tree holds of it, as far as that can still be computed."""
        document = self.document
        return None if document is None or self.salt is None else committed(self.salt, document)


def record(
    session: Session, kind: str, payload: Mapping[str, Any], bridge_id: int | None = None
) -> UUID:
    """One INSERT in the caller's transaction: an entry of a bridge's log, or of the node's.

    It has its place in the tree within about a second of the commit. Raises Invalid where the
    payload holds what cannot be written canonically.
    """
    return record_several(session, kind, [payload], bridge_id)[0]


def record_several(
    session: Session, kind: str, payloads: Sequence[Mapping[str, Any]], bridge_id: int | None = None
) -> list[UUID]:
    """The same of several acts of one kind, still in one INSERT."""
    for payload in payloads:
        require_exact(payload, kind)
    made = [uuid4() for _ in payloads]
    session.execute(
        "INSERT INTO ledger_entry (id, bridge_id, kind, payload)"
        " SELECT i.id, %s, %s, p.payload FROM unnest(%s::uuid[]) WITH ORDINALITY AS i (id, place)"
        "   JOIN jsonb_array_elements(%s) WITH ORDINALITY AS p (payload, place) USING (place)"
        "   ORDER BY place",
        (bridge_id, kind, array([str(one) for one in made]), Jsonb(payloads, dumps=_encoded)),
    )
    return made


def _encoded(payloads: Sequence[Mapping[str, Any]]) -> bytes:
    return msgspec.json.encode([dict(one) for one in payloads])


def require_exact(value: Any, where: str) -> None:
    """Raises Invalid unless a database and every reader of JSON give it back as it is."""
    if not _is_exact(value, 0):
        _refuse_inexact(value, where, 0)


def _is_exact(value: Any, depth: int) -> bool:
    """Whether it surely is; without a word of where it is not, which takes longer than to look."""
    kind = type(value)
    if kind is str:
        return "\0" not in value and (value.isascii() or _has_bytes(value))
    if kind is dict:
        return depth < DEEPEST and all(
            type(name) is str and _is_exact(name, depth) and _is_exact(inner, depth + 1)
            for name, inner in value.items()
        )
    if kind is list or kind is tuple:
        return depth < DEEPEST and all(_is_exact(inner, depth + 1) for inner in value)
    if kind is int:
        return abs(value) <= LARGEST_INTEGER  # type: ignore[no-any-return]
    return value is None or kind is bool


def _has_bytes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_inexact(value: Any, where: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Invalid(where, f"JSON of at most {DEEPEST} levels")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise Invalid(where, "text as the names of fields", str(name))
            _require_plain(name, where)
            _refuse_inexact(inner, f"{where}.{name}", depth + 1)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            _refuse_inexact(inner, f"{where}[{place}]", depth + 1)
    else:
        _require_plain(value, where)


def _require_plain(value: Any, where: str) -> None:
    if isinstance(value, str):
        if "\0" in value or not _has_bytes(value):
            raise Invalid(where, "text without NUL and without halves of characters")
    elif isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise Invalid(where, "an integer within 2**53", str(value))
    elif value is not None:
        raise Invalid(where, "text, an integer, a truth, a list or a map", type(value).__name__)
