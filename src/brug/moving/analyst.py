# SPDX-License-Identifier: EUPL-1.2
"""Notes, opinions and relationships, with their numbers, holder and creator.

They come from their own lists, so that those on anything come along, and nested ones.
"""

from functools import partial
from typing import Any, LiteralString

from brug.formats.misp.analyst import read
from brug.intel.levels import group_id
from brug.model.analyst import KIND_NAMES
from brug.model.attribute_types import Refused as Misfit
from brug.model.errors import Invalid
from brug.model.new_event import GroupRef
from brug.moving.client import Refused
from brug.moving.numbers import Numbers, note
from brug.moving.taking import Source, guarded, unwrapped
from brug.store.session import Session

Raw = dict[str, Any]
_NEXT: tuple[LiteralString, ...] = (
    "SELECT nextval('analyst_note_id')", "SELECT nextval('analyst_opinion_id')",
    "SELECT nextval('analyst_relationship_id')",
)  # fmt: skip


def take_analyst_data(source: Source) -> None:
    """All kinds, after what they are about."""
    for kind, name in enumerate(KIND_NAMES):
        try:
            for page in source.misp.pages(f"/analyst_data/index/{name}"):
                _page(source, kind, [unwrapped(item, name) for item in page])
        except Refused as error:
            source.report.remarks.append(f"{name}: not asked for ({error})")


def _page(source: Source, kind: int, page: list[Raw]) -> None:
    name = KIND_NAMES[kind].lower()
    with source.database.as_user(source.user_id) as session:
        numbers = Numbers(session, source.move)
        for done, raw in enumerate(page):
            source.told(name, done, len(page))
            source.report.count(name, there=1)
            act = partial(_take, source, session, numbers, kind, raw)
            if guarded(source.report, session, f"{name} {raw.get('uuid')}", act):
                source.report.count(name, here=1)


def _take(source: Source, session: Session, numbers: Numbers, kind: int, raw: Raw) -> None:
    try:
        new = read(kind, raw)
    except Misfit as error:
        field, texts = next(iter(error.errors.items()))
        raise Invalid(field, texts[0]) from error
    holder = numbers.organisations.get(str(raw.get("org_uuid")).lower())
    creator = numbers.organisations.get(str(raw.get("orgc_uuid")).lower())
    if holder is None or creator is None:
        raise Invalid("org_uuid", "an organisation that came along")
    group = None
    if new.distribution == 4:
        remote = numbers.of("sharing_group", raw.get("sharing_group_id"))
        group = group_id(session, GroupRef(id=remote))
    number = _number(session, source, kind, raw)
    session.execute(
        "INSERT INTO analyst_data (kind, id, uuid, object_type, object_uuid, org_id, orgc_id,"
        " authors, created, modified, distribution, sharing_group_id, locked, note, language,"
        " opinion, comment, relationship_type, related_object_uuid, related_object_type)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, now()), coalesce(%s, now()), %s,"
        " %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (uuid, org_id) DO UPDATE SET"
        " modified = excluded.modified, note = excluded.note, opinion = excluded.opinion,"
        " comment = excluded.comment, distribution = excluded.distribution,"
        " sharing_group_id = excluded.sharing_group_id"
        " WHERE analyst_data.modified < excluded.modified",
        (
            kind, number, new.uuid, new.object_type, new.object_uuid, holder, creator,
            new.authors or "", new.created or new.modified, new.modified or new.created,
            new.distribution or 0, group, new.locked, new.note, new.language, new.opinion,
            new.comment, new.relationship_type, new.related_object_uuid,
            new.related_object_type,
        ),
    )  # fmt: skip
    note(session, source.move, KIND_NAMES[kind].lower(), raw.get("id"), number, uuid=new.uuid)


def _number(session: Session, source: Source, kind: int, raw: Raw) -> int:
    """Its own where numbers are kept; the next ones lie behind it."""
    remote = str(raw.get("id"))
    if source.move.keeps_ids and remote.isdecimal() and 0 < int(remote) < 2**62:
        table = f"analyst_{KIND_NAMES[kind].lower()}"
        session.execute("SELECT number_behind(%s, %s)", (table, int(remote)))
        return int(remote)
    return int(session.value(_NEXT[kind]))
