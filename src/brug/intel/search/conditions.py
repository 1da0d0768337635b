# SPDX-License-Identifier: EUPL-1.2
"""Filters -> the condition on attributes (`a`), events (`e`) or objects (`o`).

On attributes and events every filter stands for itself, as in MISP: an event is found where
one attribute has the type and perhaps another one the value. Names are resolved first
(`resolving`), so that what is left are ids, which an index answers under a row policy.
"""

from collections.abc import Iterator
from typing import LiteralString

import msgspec

from brug.intel.search import resolving, tagging
from brug.intel.search.filters import Filters
from brug.intel.search.fragments import NOTHING, Fragment, all_of, any_of
from brug.intel.search.matching import combined, listed, numbers, text
from brug.intel.search.moments import Period
from brug.intel.search.terms import Terms, is_pattern, like
from brug.intel.search.values import Seeker, keys_of, require_trigrams, source
from brug.model.attribute_types import CATEGORIES, TYPES
from brug.store.session import Session


def attributes(session: Session, f: Filters) -> tuple[Fragment, Fragment]:
    """Where attributes come from (for `FROM ... AS a JOIN event e`), and the condition."""
    start, condition, _ = attributes_alone(session, f)
    return start, condition


def attributes_alone(session: Session, f: Filters) -> tuple[Fragment, Fragment, bool]:
    """As `attributes`, and whether the condition speaks of the event at all."""
    start = _start(session, f)
    if start is None:
        start = Fragment("attribute")
    else:
        f = msgspec.structs.replace(f, value=Terms(none=f.value.none))
    of_event = list(_of_event(session, f, "a.event_id"))
    parts = [*_of_attribute(session, f), *_in_events(session, f, "a.event_id"), *of_event]
    return start, all_of([*parts, _alive(f)]), bool(of_event)


def _start(session: Session, f: Filters) -> Fragment | None:
    """Exact values, unless a filter that narrows more is there."""
    if _narrowed(f):
        return None
    return source(f.value, session.principal.is_site_admin)


def _narrowed(f: Filters) -> bool:
    return bool(f.eventid.any or f.eventid.all or f.uuid.any)


def events(session: Session, f: Filters) -> Fragment:
    """On `event e`."""
    seeker = Seeker(session.principal.is_site_admin, bool(f.eventid.any or f.eventid.all))
    parts = [*_in_events(session, f, "e.id"), *_of_event(session, f, "e.id")]
    parts += [*_period("e.timestamp", f.timestamp)]
    parts += [_with_attribute(f, part) for part in _of_value(f, seeker)]
    if f.to_ids is not None:
        parts.append(_with_attribute(f, Fragment("a.to_ids = %s", (f.to_ids,))))
    if f.deleted is not None:
        parts.append(_with_attribute(f, Fragment("true")))
    if f.uuid:
        parts.append(combined(f.uuid, _event_or_attribute_uuid))
    if f.tags:
        parts.append(tagging.tagged_events(session, f.tags))
    if f.event_tags:
        parts.append(combined(f.event_tags, lambda some: tagging.event_itself_has(session, some)))
    if f.searchall:
        parts.append(combined(f.searchall, lambda some: _anywhere(seeker, some)))
    return all_of(parts)


def objects(session: Session, f: Filters) -> Fragment:
    """On `object o JOIN event e`."""
    seeker = Seeker(session.principal.is_site_admin, _narrowed(f))
    parts = [*_in_events(session, f, "o.event_id"), *_of_event(session, f, "o.event_id")]
    parts += [*_period("o.timestamp", f.timestamp)]
    parts += [_in_object(f, part) for part in _of_value(f, seeker)]
    if f.object_name:
        parts.append(text("o.name", f.object_name))
    if f.to_ids is not None:
        parts.append(_in_object(f, Fragment("a.to_ids = %s", (f.to_ids,))))
    parts += [_in_object(f, part) for part in _period("a.timestamp", f.attribute_timestamp)]
    parts += _seen("o", f)
    if f.uuid:
        parts.append(combined(f.uuid, lambda some: _object_uuid(session, some)))
    if f.tags:
        parts.append(tagging.tagged(session, f.tags, tagging.OBJECT))
    if f.deleted is None:
        parts.append(Fragment("NOT o.deleted"))
    elif f.deleted is True:
        parts.append(Fragment("o.deleted"))
    return all_of(parts)


# What all three share -------------------------------------------------------------------


def _in_events(session: Session, f: Filters, event_id: LiteralString) -> Iterator[Fragment]:
    if f.eventid:
        yield combined(
            f.eventid,
            lambda some: Fragment(event_id + " = ANY (%s)", (resolving.events(session, some),)),
        )


def _of_event(session: Session, f: Filters, event_id: LiteralString) -> Iterator[Fragment]:
    if f.org:
        yield combined(
            f.org,
            lambda some: Fragment(
                "e.orgc_id = ANY (%s)", (resolving.organisations(session, some),)
            ),
        )
    if f.eventinfo:
        yield text("e.info", f.eventinfo)
    if f.threat_level_id:
        yield numbers("e.threat_level_id", f.threat_level_id)
    if f.sharinggroup:
        yield _in_group(f.sharinggroup, event_id)
    if f.days.first is not None:
        yield Fragment("e.date >= %s::date", (f.days.first,))
    if f.days.last is not None:
        yield Fragment("e.date <= %s::date", (f.days.last,))
    yield from _period("e.publish_timestamp", f.last)
    yield from _period("e.publish_timestamp", f.publish_timestamp)
    yield from _period("e.timestamp", f.event_timestamp)
    if f.published is not None:
        yield Fragment("e.published = %s", (f.published,))


def _period(column: LiteralString, period: Period | None) -> Iterator[Fragment]:
    if period is None:
        return
    if period.impossible:
        yield NOTHING
    if period.since is not None:
        yield Fragment(column + " >= %s", (period.since,))
    if period.until is not None:
        yield Fragment(column + " <= %s", (period.until,))


def _seen(table: LiteralString, f: Filters) -> Iterator[Fragment]:
    """Microseconds in the tables, seconds in filters."""
    yield from _period(table + ".first_seen / 1000000", f.first_seen)
    yield from _period(table + ".last_seen / 1000000", f.last_seen)


def _of_value(f: Filters, seeker: Seeker) -> Iterator[Fragment]:
    """What an attribute says of itself."""
    if f.value:
        yield seeker.condition("value", f.value)
    if f.value1:
        yield combined(f.value1, lambda some: _part("a.key1 = ANY (%s)", "a.value1", some))
    if f.value2:
        yield combined(f.value2, lambda some: _part("a.key2 = ANY (%s)", "a.value2", some))
    if f.type:
        yield listed("a.type", f.type, TYPES)
    if f.category:
        yield listed("a.category", f.category, CATEGORIES)
    if f.object_relation:
        yield text("a.object_relation", f.object_relation)


def _part(by_key: LiteralString, column: LiteralString, some: list[str]) -> Fragment:
    """One part of a value alone."""
    parts = []
    if keys := keys_of(some):
        parts.append(Fragment(by_key, (keys,)))
    if patterns := [like(term) for term in some if is_pattern(term)]:
        parts.append(Fragment(column + " ILIKE ANY (%s)", (patterns,)))
    return any_of(parts)


# Attributes -----------------------------------------------------------------------------


def _of_attribute(session: Session, f: Filters) -> Iterator[Fragment]:
    seeker = Seeker(session.principal.is_site_admin, _narrowed(f))
    yield from _of_value(f, seeker)
    if f.uuid:
        yield combined(f.uuid, lambda some: _attribute_uuid(session, some))
    if f.tags:
        yield tagging.tagged(session, f.tags, tagging.ATTRIBUTE)
    if f.to_ids is not None:
        yield Fragment("a.to_ids = %s", (f.to_ids,))
    yield from _period("a.timestamp", f.timestamp)
    yield from _period("a.timestamp", f.attribute_timestamp)
    yield from _seen("a", f)


def _alive(f: Filters) -> Fragment:
    if f.deleted == "both":
        return Fragment("true")
    return Fragment("a.deleted" if f.deleted else "NOT a.deleted")


def _attribute_uuid(session: Session, some: list[str]) -> Fragment:
    wanted = resolving.uuids(some)
    return Fragment(
        "a.uuid = ANY (%s::uuid[]) OR a.event_id = ANY (%s)",
        (wanted, resolving.events(session, wanted)),
    )


def _in_group(terms: Terms, event_id: LiteralString) -> Fragment:
    """By id; the group of the event, or of the attribute itself."""
    own: LiteralString = " OR a.sharing_group_id = ANY (%s)" if event_id == "a.event_id" else ""

    def condition(some: list[str]) -> Fragment:
        ids = [number for number in resolving.numbers(some) if number < 2**31]
        return Fragment("e.sharing_group_id = ANY (%s)" + own, (ids, ids) if own else (ids,))

    return combined(terms, condition)


# Events and objects ---------------------------------------------------------------------


def _with_attribute(f: Filters, part: Fragment) -> Fragment:
    return Fragment(
        "e.id IN (SELECT a.event_id FROM attribute a WHERE (" + part.text + ") AND "
        + _alive(f).text + ")",
        part.params,
    )  # fmt: skip


def _in_object(f: Filters, part: Fragment) -> Fragment:
    return Fragment(
        "o.id IN (SELECT a.object_id FROM attribute a WHERE (" + part.text + ") AND "
        + _alive(f).text + " AND a.object_id <> 0)",
        part.params,
    )  # fmt: skip


def _event_or_attribute_uuid(some: list[str]) -> Fragment:
    wanted = resolving.uuids(some)
    return Fragment(
        "e.uuid = ANY (%s::uuid[])"
        " OR e.id IN (SELECT a.event_id FROM attribute a WHERE a.uuid = ANY (%s::uuid[]))",
        (wanted, wanted),
    )


def _object_uuid(session: Session, some: list[str]) -> Fragment:
    wanted = resolving.uuids(some)
    return Fragment(
        "o.uuid = ANY (%s::uuid[]) OR o.event_id = ANY (%s)",
        (wanted, resolving.events(session, wanted)),
    )


def _anywhere(seeker: Seeker, some: list[str]) -> Fragment:
    """In an event's title, its tags, its attributes' tags, values or comments."""
    if not seeker.anchored:
        require_trigrams("searchall", [like(t).lower() for t in some if is_pattern(t)])
    terms = Terms(any=tuple(some))
    value = seeker.condition("searchall", terms)
    tag, comment = text("g.name", terms), text("a.comment", terms)
    tagged = Fragment(
        "e.id IN (SELECT t.event_id FROM event_tag t JOIN tag g ON g.id = t.tag_id WHERE "
        + tag.text + " UNION ALL SELECT t.event_id FROM attribute_tag t"
        " JOIN tag g ON g.id = t.tag_id WHERE " + tag.text + ")",
        tag.params * 2,
    )  # fmt: skip
    said = Fragment(
        "e.id IN (SELECT a.event_id FROM attribute a WHERE NOT a.deleted AND (" + comment.text
        + ") AND a.comment <> '')",
        comment.params,
    )  # fmt: skip
    of_value = Fragment(
        "e.id IN (SELECT a.event_id FROM attribute a WHERE NOT a.deleted AND (" + value.text + "))",
        value.params,
    )
    return any_of([text("e.info", terms), tagged, of_value, said])
