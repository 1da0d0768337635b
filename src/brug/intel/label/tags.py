# SPDX-License-Identifier: EUPL-1.2
"""Tags, and what they are attached to.

A tag that came along with an event is listed for those who see an item that carries it; one
made on purpose is listed for all (`tag.listed`). Colours of unknown tags derive from their
names, so that every node shows the same one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString
from zlib import crc32

import msgspec

from brug.intel.finding import Claim
from brug.intel.vocabulary.taxonomies import colours
from brug.model.event import Tag
from brug.model.new_event import NewTag
from brug.store.rows import among
from brug.store.session import Session

COLUMNS: LiteralString = (
    "t.id, t.name, t.colour, t.exportable, t.user_id, t.hide_tag, t.numerical_value, t.is_galaxy,"
    " t.is_custom_galaxy, t.local_only"
)


def colour_of(name: str) -> str:
    """A colour for a tag that brought none."""
    return f"#{crc32(name.encode()) & 0xFFFFFF:06x}"


def intern(session: Session, tags: Iterable[NewTag], *, listed: bool = False) -> dict[str, int]:
    """The ids of tags by name; those that do not exist are made."""
    wanted = {tag.name: tag for tag in tags}
    if not wanted:
        return {}
    # `tlp:red` is red whoever brought it.
    known = colours(session, list(wanted))
    rows = session.all(
        "SELECT name, id FROM intern_tags(%s, %s, %s, %s)",
        (
            list(wanted),
            [known.get(n) or tag.colour or colour_of(n) for n, tag in wanted.items()],
            [tag.exportable for tag in wanted.values()],
            listed,
        ),
    )
    return {name: int(tag_id) for name, tag_id in rows}


def settable(session: Session, wanted: Sequence[NewTag]) -> list[NewTag | None]:
    """Each tag as the session may set it: one for this node only is a local one.

    None for one that another organisation or user alone may set.
    """
    if not wanted:
        return []
    principal = session.principal
    rows = session.all(
        "SELECT name, local_only, org_id NOT IN (0, %s) OR user_id NOT IN (0, %s) FROM tag"
        " WHERE name = ANY (%s) AND (local_only OR org_id <> 0 OR user_id <> 0)",
        (principal.org_id, principal.user_id, sorted({tag.name for tag in wanted})),
    )
    if not rows:
        return list(wanted)
    others = {str(row[0]) for row in rows if row[2] and not principal.is_site_admin}
    local = {str(row[0]) for row in rows if row[1]}
    return [
        None if tag.name in others
        else msgspec.structs.replace(tag, local=True) if tag.name in local
        else tag
        for tag in wanted
    ]  # fmt: skip


def attach_to_event(session: Session, claim: Claim, tags: Sequence[NewTag]) -> None:
    attach_to_events(session, [(claim, tags)])


def attach_to_events(session: Session, wanted: Sequence[tuple[Claim, Sequence[NewTag]]]) -> None:
    """Attaches tags to claimed events, in their order."""
    asked = [(claim.event_id, tag) for claim, tags in wanted for tag in tags]
    pairs = _settable_ones(session, asked)
    if not pairs:
        return
    ids = intern(session, (tag for _, tag in pairs))
    session.execute(
        "INSERT INTO event_tag (event_id, tag_id, local, relationship_type, audience)"
        " SELECT e.id, n.tag, n.local, n.relationship, e.audience"
        " FROM unnest(%s::bigint[], %s::int[], %s::bool[], %s::text[])"
        "   WITH ORDINALITY AS n (event, tag, local, relationship, place)"
        " JOIN event e ON e.id = n.event ORDER BY n.place ON CONFLICT DO NOTHING",
        _columns(pairs, ids),
    )


def _settable_ones(
    session: Session, asked: Sequence[tuple[int, NewTag]]
) -> list[tuple[int, NewTag]]:
    """Of tags with what each is for, those that the session may set."""
    own = settable(session, [tag for _, tag in asked])
    return [(at, tag) for (at, _), tag in zip(asked, own, strict=True) if tag is not None]


def _columns(pairs: Sequence[tuple[int, NewTag]], ids: Mapping[str, int]) -> tuple[list[Any], ...]:
    return (
        [at for at, _ in pairs],
        [ids[tag.name] for _, tag in pairs],
        [tag.local for _, tag in pairs],
        [tag.relationship_type for _, tag in pairs],
    )


def attach_to_attributes(
    session: Session, claims: Sequence[Claim], wanted: Sequence[tuple[int, NewTag]]
) -> None:
    """Attaches each tag to its attribute of one of the claimed events."""
    pairs = _settable_ones(session, wanted)
    if not pairs:
        return
    ids = intern(session, (tag for _, tag in pairs))
    session.execute(
        "INSERT INTO attribute_tag (event_id, attribute_id, tag_id, local, relationship_type,"
        " audience)"
        " SELECT a.event_id, a.id, n.tag, n.local, n.relationship, a.audience"
        " FROM unnest(%s::bigint[], %s::int[], %s::bool[], %s::text[])"
        "   AS n (attribute, tag, local, relationship)"
        " JOIN attribute a ON a.id = n.attribute"
        " WHERE a.event_id = ANY (%s) ON CONFLICT DO NOTHING",
        (*_columns(pairs, ids), [claim.event_id for claim in claims]),
    )


def detach_from_event(session: Session, claim: Claim, names: Sequence[str]) -> None:
    """Takes tags off the claimed event."""
    session.execute(
        "DELETE FROM event_tag t USING tag WHERE tag.id = t.tag_id AND t.event_id = %s"
        " AND tag.name = ANY (%s)",
        (claim.event_id, list(names)),
    )


def detach_from_attribute(
    session: Session, claim: Claim, attribute_id: int, names: Sequence[str]
) -> None:
    """Takes tags off an attribute of the claimed event."""
    if not names:
        return
    session.execute(
        "DELETE FROM attribute_tag t USING tag WHERE tag.id = t.tag_id AND t.event_id = %s"
        " AND t.attribute_id = %s AND tag.name = ANY (%s)",
        (claim.event_id, attribute_id, list(names)),
    )


def of_events(session: Session, event_ids: Sequence[int]) -> dict[int, list[Tag]]:
    """The tags of events, each in the order in which they were attached."""
    which, ids = among("et.event_id", event_ids)
    rows = session.all(
        "SELECT et.event_id, " + COLUMNS + ", et.local, et.relationship_type, et.id"
        " FROM event_tag et JOIN tag t ON t.id = et.tag_id"
        " WHERE " + which + " ORDER BY et.id",
        (ids,),
    )
    return _grouped(rows)


def of_attributes_in(session: Session, event_ids: Sequence[int]) -> dict[int, list[Tag]]:
    """The tags of all attributes of some events, by attribute."""
    return _of_attributes(session, *among("at.event_id", event_ids))


def of_attributes(session: Session, attribute_ids: Sequence[int]) -> dict[int, list[Tag]]:
    """The tags of attributes, each in the order in which they were attached."""
    return _of_attributes(session, *among("at.attribute_id", attribute_ids))


def _of_attributes(session: Session, which: LiteralString, ids: Any) -> dict[int, list[Tag]]:
    rows = session.all(
        "SELECT at.attribute_id, " + COLUMNS + ", at.local, at.relationship_type, at.id"
        " FROM attribute_tag at JOIN tag t ON t.id = at.tag_id"
        " WHERE " + which + " ORDER BY at.id",
        (ids,),
    )
    return _grouped(rows)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Tag]]:
    found: dict[int, list[Tag]] = {}
    for owner, *fields in rows:
        found.setdefault(int(owner), []).append(Tag(*fields))
    return found
