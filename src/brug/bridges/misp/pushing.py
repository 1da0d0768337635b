# SPDX-License-Identifier: EUPL-1.2
"""A push: what we have that a server may get, in the order in which a stock MISP sends.

    getVersion, clusters, which events it wants, each of them (HEAD, then add or edit),
    proposals, sightings, analyst data

Everything is read in the session of the other side's organisation, so that the sharing rule
says what there is to send; then the server's rules, the hop rule and the agreement decide.
Unlike a stock MISP we do not even name events that stay here.
"""

from collections.abc import Sequence
from typing import LiteralString

from brug.bridges.misp import pushed_event, pushed_rest, pushed_said, rules
from brug.bridges.misp.asking import Failed, Remote, remote
from brug.bridges.misp.state import Push, Pushable
from brug.edge.outgoing import NotReached
from brug.model.errors import Invalid
from brug.model.naming import is_uuid, number_in
from brug.store.session import Session

FOR_PUBLISHED = frozenset({"event", "sightings", "cluster"})
NAMED_AT_ONCE = 10_000  # events in one question
AWAY_AFTER = 3  # events in a row without an answer


class BadTechnique(Invalid):
    """Neither a way of pushing nor an event."""

    code = "push_technique"

    def __init__(self, technique: str) -> None:
        expected = "full, incremental, or the id or UUID of an event here"
        super().__init__("technique", expected, technique)


_PUSHABLE: LiteralString = (
    "SELECT DISTINCT ON (e.uuid) e.id, e.uuid::text, e.timestamp, e.orgc_id, o.uuid::text,"
    " e.sighting_timestamp, ARRAY(SELECT t.tag_id FROM event_tag t WHERE t.event_id = e.id)"
    " FROM event e JOIN organisation o ON o.id = e.orgc_id"
    " WHERE e.published AND (%(internal)s OR e.distribution IN (2, 3, 4))"
    " AND (%(uuids)s::uuid[] IS NULL OR e.uuid = ANY (%(uuids)s)) ORDER BY e.uuid, e.locked, e.id"
)


def technique_of(session: Session, technique: str) -> str:
    """What `servers/push` is asked for, as a run holds it. Raises BadTechnique.

    MISP's `incremental` sends no events: sightings, proposals and analyst data alone.
    """
    if technique in {"full", "incremental"}:
        return technique
    uuid: str | None = None
    if is_uuid(technique):
        known = "SELECT uuid::text FROM event WHERE uuid = %s LIMIT 1"
        uuid = session.value(known, (technique,))
    elif number := number_in(technique):
        uuid = session.value("SELECT uuid::text FROM event WHERE id = %s", (number,))
    if not uuid:
        raise BadTechnique(technique)
    return f"event {uuid}"


class Pushing(Push):
    """A push that is done step by step."""

    def run(self, technique: str) -> None:
        """Raises NotReached, Failed where there is no talking to the server."""
        what, _, uuid = technique.partition(" ")
        if what == "sightings":
            if self._let_out(uuid):
                pushed_said.sightings_of_published(self, uuid)
            else:
                self.report.lose("sightings", "their event stays here by the rules", uuid)
            return
        if what == "event":
            self._published(uuid)
            return
        other = self.other()
        if what == "cluster":
            pushed_rest.clusters(self, other, [uuid], ask=False)
            return
        self._everything(other, events=what == "full")

    def other(self) -> Remote:
        """What the server says of itself; without the right to synchronise nothing is sent."""
        found = remote(self.link)
        if not found.perm_sync:
            raise Failed("our key has no right to synchronise there: nothing was sent")
        return found

    def pushable(self, uuids: Sequence[str] | None = None) -> list[Pushable]:
        """Published events that the other side sees and the rules let out, the oldest first."""
        given = {
            "internal": self.server.internal,
            "uuids": None if uuids is None else list(uuids),
        }
        wanted = rules.read(self.server.push_rules)
        with self.database.as_user(self.account_id) as session:
            found = [Pushable(*row) for row in session.all(_PUSHABLE, given)]
        found.sort(key=lambda one: one.event_id)  # as they came to be, which is stock's order
        return [
            one for one in found
            if rules.may_push(wanted, one.tag_ids, one.orgc_id, one.orgc_uuid)
        ]  # fmt: skip

    def _let_out(self, uuid: str) -> bool:
        """Whether the rules let out what is said of an event, whatever its level here."""
        with self.database.as_user(self.account_id) as session:
            row = session.one(
                "SELECT ARRAY(SELECT t.tag_id FROM event_tag t WHERE t.event_id = e.id), e.orgc_id,"
                " o.uuid::text FROM event e JOIN organisation o ON o.id = e.orgc_id"
                " WHERE e.uuid = %s ORDER BY e.locked, e.id LIMIT 1",
                (uuid,),
            )
        return row is None or rules.may_push(rules.read(self.server.push_rules), *row)

    def _published(self, uuid: str) -> None:
        """What somebody published just now; nothing is asked where it stays here."""
        found = self.pushable([uuid])
        if not found:
            self.report.lose("events", "stays here by its level, its group or the rules", uuid)
            return
        other, self.is_alone = self.other(), True
        if self.server.push_galaxy_clusters:
            pushed_rest.clusters_of_event(self, other, found[0].event_id)
        self._send(other, found[0])

    def _everything(self, other: Remote, *, events: bool) -> None:
        if self.server.push_galaxy_clusters and events:
            pushed_rest.clusters(self, other, None, ask=True)
        candidates = self.pushable()
        if events:
            by_uuid = {one.uuid: one for one in candidates}
            for uuid in self._wanted(candidates):
                self.going_on()
                self._send(other, by_uuid[uuid])
        pushed_said.proposals(self)
        if self.server.push_sightings:
            pushed_said.sightings(self, other, candidates)
        if self.server.push_analyst_data:
            pushed_rest.analyst_data(self, other)

    def _wanted(self, candidates: Sequence[Pushable]) -> list[str]:
        """Which of them the other side has not, or has in an older version."""
        wanted: list[str] = []
        for start in range(0, len(candidates), NAMED_AT_ONCE):
            some = candidates[start : start + NAMED_AT_ONCE]
            named = [{"Event": {"uuid": o.uuid, "timestamp": str(o.timestamp)}} for o in some]
            told = self.link.post("/events/filterEventIdsForPush", named)
            if not told.is_fine or not isinstance(told.value, list):
                self.report.fail("events", "", f"filterEventIdsForPush: {told.said}")
                continue
            said = {str(one).lower() for one in told.value if isinstance(one, str)}
            wanted += [one.uuid for one in some if one.uuid in said]
        return wanted

    def _send(self, other: Remote, one: Pushable) -> None:
        """One event; whatever is wrong with it is no matter of the others."""
        try:
            self.unanswered += 1
            outcome = pushed_event.send(self, other, one.event_id)
            self.unanswered = 0
        except NotReached as error:
            if self.unanswered >= AWAY_AFTER or self.is_alone:
                raise
            outcome = pushed_event.Outcome(False, str(error))
        if outcome.done:
            self.report.count("events")
            self._note_last(one.event_id)
        elif outcome.stays:
            self.report.lose("events", outcome.reason, one.uuid)
        else:
            self.report.fail("event", one.uuid, outcome.reason)

    def _note_last(self, event_id: int) -> None:
        with self.database.system() as session:
            session.execute(
                "UPDATE server SET lastpushedid = greatest(lastpushedid, %s) WHERE id = %s",
                (event_id, self.server.id),
            )
