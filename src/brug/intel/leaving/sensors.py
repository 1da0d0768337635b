# SPDX-License-Identifier: EUPL-1.2
"""Attributes -> a file for sensors, read in batches under the reader's policies.

Only what is for detection (`to_ids`), of published events, and what its effective marking
lets into files of that use (`brug.model.marking`): tags of the attribute and of its event,
local ones too. What is refused is left out, whoever asks.
"""

import time
from collections.abc import Mapping, Sequence
from typing import IO, Any, LiteralString

from brug.formats.sensors.indicator import EventOf, Indicator, SensorFormat, Settings
from brug.formats.sensors.kinds import types_of
from brug.intel.leaving.exporting import Selection, narrowed
from brug.intel.search.fragments import Fragment
from brug.model.marking import FORBIDDEN, Use
from brug.store.session import Session

BATCH = 5_000
# Events are remembered while they are written; a change of batch does not ask for them again.
MOST_EVENTS = 20_000
_PUBLISHED = Fragment("e.published AND a.to_ids")
_COLUMNS: LiteralString = (
    "a.id, a.uuid::text, a.type, a.value1, a.value2, a.comment, coalesce(tags.names, ''),"
    " a.event_id"
)


def settings_of(session: Session, base_url: str, given: Mapping[str, Any]) -> Settings:
    """What a file says of the node: the name of its host."""
    name = session.value(
        "SELECT name FROM organisation"
        " WHERE id = nullif(current_setting('brug.host_org', true), '')::int"
    )
    return Settings(
        str(name or "MISP"), base_url, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()), given
    )


def write(
    session: Session, chosen: Selection, form: SensorFormat, settings: Settings, out: IO[bytes]
) -> int:
    """Writes the file; the number of attributes in it. Raises Invalid."""
    state = form.read(settings)
    chosen = narrowed(permitted(session, chosen, form.use), _PUBLISHED, needs_event=True)
    out.write(form.head(state).encode())
    events: dict[int, EventOf] = {}
    found = 0
    for section in form.sections:
        out.write(section.head(state).encode())
        of_kinds = Fragment("a.type = ANY (%s)", (types_of(section.kinds),))
        rows = narrowed(chosen, of_kinds).rows(_COLUMNS, frozenset({"tags"}))
        with session.connection.cursor(name="sensor") as cursor:
            cursor.execute(rows.text, rows.params)
            while some := cursor.fetchmany(BATCH):
                _remember(session, events, {row[7] for row in some})
                made = [
                    form.lines(Indicator._make((*row[:7], events[row[7]])), state, section.kinds)
                    for row in some
                    if row[7] in events
                ]
                found += len(made) - made.count("")
                out.write("".join(made).encode("utf-8", "replace"))
        if len(form.sections) > 1 and form.use == "block":
            out.write(b"\n")
    out.write(form.tail(state).encode())
    return found


def permitted(session: Session, chosen: Selection, use: Use) -> Selection:
    """Without what its marking keeps out."""
    rows = session.all(
        "SELECT id FROM tag WHERE lower(trim(name)) = ANY (%s)", (sorted(FORBIDDEN[use]),)
    )
    if not rows:
        return chosen
    ids = [int(row[0]) for row in rows]
    unmarked = Fragment(
        "a.event_id NOT IN (SELECT m.event_id FROM event_tag m WHERE m.tag_id = ANY (%s))"
        " AND a.id NOT IN (SELECT m.attribute_id FROM attribute_tag m WHERE m.tag_id = ANY (%s))",
        (ids, ids),
    )
    return narrowed(chosen, unmarked)


def _remember(session: Session, events: dict[int, EventOf], wanted: set[int]) -> None:
    missing = wanted - events.keys()
    if len(events) + len(missing) > MOST_EVENTS:
        events.clear()
        missing = wanted
    if missing:
        events |= _events(session, sorted(missing))


def _events(session: Session, ids: Sequence[int]) -> dict[int, EventOf]:
    rows = session.all(
        "SELECT e.id, e.uuid::text, e.info, o.name, e.threat_level_id, coalesce((SELECT"
        " string_agg(g.name, ',' ORDER BY x.id) FROM event_tag x JOIN tag g ON g.id = x.tag_id"
        " WHERE x.event_id = e.id), '') FROM event e JOIN organisation o ON o.id = e.orgc_id"
        " WHERE e.id = ANY (%s)",
        (list(ids),),
    )
    return {row[0]: EventOf(*row) for row in rows}
