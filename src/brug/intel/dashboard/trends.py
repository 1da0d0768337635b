# SPDX-License-Identifier: EUPL-1.2
"""What occurs most in recent events, and how it went over time."""

from typing import LiteralString

from brug.formats.misp import coercion as c
from brug.intel.dashboard import options
from brug.intel.dashboard.options import Config
from brug.intel.dashboard.shown import Bars, Lines
from brug.store.session import Session

_PARTS: LiteralString = """
    (%(include)s::text[] = '{}' OR EXISTS (
        SELECT 1 FROM unnest(%(include)s::text[]) AS x WHERE strpos(t.name, x) > 0))
    AND NOT EXISTS (SELECT 1 FROM unnest(%(exclude)s::text[]) AS x WHERE strpos(t.name, x) > 0)
"""
_TAGGED: LiteralString = (
    " FROM event e JOIN event_tag et ON et.event_id = e.id JOIN tag t ON t.id = et.tag_id"
    " WHERE e.timestamp >= %(since)s AND (%(carrying)s::text[] = '{}' OR EXISTS ("
    "   SELECT 1 FROM event_tag f JOIN tag g ON g.id = f.tag_id"
    "   WHERE f.event_id = e.id AND g.name = ANY (%(carrying)s))) AND " + _PARTS
)


def tags(session: Session, config: Config) -> Bars | Lines:
    """On how many events of the window each tag is; with `over_time` for each day."""
    params = {
        "since": options.since(config, "time_window", "7d"),
        "include": options.texts(config, "include"),
        "exclude": options.texts(config, "exclude"),
        "carrying": options.texts(config, "filter_event_tags"),
        "limit": options.limit(config, "threshold"),
    }
    rows = session.all(
        "SELECT t.name, count(*)::int, min(t.colour)" + _TAGGED + " GROUP BY t.name"
        " ORDER BY count(*) DESC, t.name LIMIT %(limit)s",
        params,
    )
    colours = {str(name): str(colour) for name, _, colour in rows}
    if not options.flag(config, "over_time"):
        return Bars({str(name): int(count) for name, count, _ in rows}, colours)
    daily = session.all(
        "SELECT to_char(to_timestamp(e.timestamp) AT TIME ZONE 'UTC', 'YYYY-MM-DD'), t.name,"
        " count(*)::int" + _TAGGED + " AND t.name = ANY (%(names)s) GROUP BY 1, 2 ORDER BY 1",
        params | {"names": list(colours)},
    )
    days: dict[str, dict[str, int]] = {}
    for day, name, count in daily:
        days.setdefault(str(day), {})[str(name)] = int(count)
    names = list(colours)
    points = [(day, [counts.get(name, 0) for name in names]) for day, counts in days.items()]
    return Lines(names, points, colours)


def values(session: Session, config: Config) -> Bars:
    """The first part of values by how many attributes of the window have it."""
    to_ids = config.get("to_ids")
    flags = to_ids if isinstance(to_ids, list) else [] if to_ids in (None, "") else [to_ids]
    filtered = bool(config.get("org_filter"))
    rows = session.all(
        "SELECT a.value1, count(*)::int FROM attribute a"
        " JOIN event e ON e.id = a.event_id JOIN organisation o ON o.id = e.orgc_id"
        " WHERE NOT a.deleted AND a.timestamp >= %(since)s"
        " AND (%(types)s::text[] = '{}' OR a.type = ANY (%(types)s))"
        " AND (%(categories)s::text[] = '{}' OR a.category = ANY (%(categories)s))"
        " AND (%(flags)s::bool[] = '{}' OR a.to_ids = ANY (%(flags)s))"
        " AND NOT a.value1 = ANY (%(exclude)s)"
        " AND (NOT %(filtered)s OR (" + options.ORGANISATIONS + "))"
        " GROUP BY a.value1 ORDER BY count(*) DESC, a.value1 LIMIT %(limit)s",
        options.organisations(config, "org_filter")
        | {
            "since": options.since(config, "time_window", "7d"),
            "types": options.texts(config, "type"),
            "categories": options.texts(config, "category"),
            "flags": [c.flag("to_ids", one) for one in flags[:2]],
            "exclude": options.texts(config, "exclude"),
            "filtered": filtered,
            "limit": options.limit(config, "threshold"),
        },
    )
    return Bars({str(value): int(count) for value, count in rows})
