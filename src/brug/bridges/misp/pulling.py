# SPDX-License-Identifier: EUPL-1.2
"""A pull: what a server has and we want, asked in the order in which a stock MISP asks.

    getVersion, clusters, the list of events, each event that is new or newer, proposals, the
    list again, sightings, analyst data

The version and the list must be had; whatever else fails is noted and the rest goes on. An
event that fails is asked for again by the next pull, since nothing says that it is here.
Each event is stored in a transaction of its own, so a pull that is cut short loses nothing
and goes on where it stood.
"""

from collections.abc import Sequence
from typing import Any, Literal

import psycopg

from brug.bridges.afterwards import brought
from brug.bridges.misp import index, pulled_event, pulled_rest, pulled_sightings, rules
from brug.bridges.misp.asking import PROPOSALS, SIGHTINGS, Remote, Told, remote
from brug.bridges.misp.index import Listed
from brug.bridges.misp.pulled_event import Asked, reason_of
from brug.bridges.misp.state import Pull
from brug.edge.outgoing import NotReached
from brug.model.errors import BrugError, Invalid, Unavailable
from brug.model.naming import is_uuid

Technique = Literal["full", "update", "pull_relevant_clusters"]
VIEW = (
    "/events/view/{key}/deleted[]:0/deleted[]:1/excludeGalaxy:1/includeEventCorrelations:0"
    "/includeFeedCorrelations:0/includeWarninglistHits:0"
)
NO_LOCAL_TAGS = "/excludeLocalTags:1"  # but over an internal link they come along
AT_ONCE = 1000  # UUIDs in one question to the database
# So many events in a row without an answer: the partner is away, and is tried again later.
AWAY_AFTER = 3


class BadTechnique(Invalid):
    """Neither a way of pulling nor an event."""

    code = "pull_technique"

    def __init__(self, technique: str) -> None:
        expected = "full, update, pull_relevant_clusters, or the id or UUID of an event there"
        super().__init__("technique", expected, technique)


def is_chosen(technique: str) -> bool:
    """Whether one event is meant, by the other side's id or by UUID."""
    number = technique.isascii() and technique.isdecimal() and 0 < len(technique) < 20
    return number or is_uuid(technique)


def check(technique: str) -> str:
    """Raises BadTechnique."""
    if technique not in {"full", "update", "pull_relevant_clusters"} and not is_chosen(technique):
        raise BadTechnique(technique)
    return technique


class Pulling(Pull):
    """A pull that is done step by step."""

    def run(self, technique: str) -> None:
        """Raises NotReached, Failed where the version or the list is not to be had."""
        other = remote(self.link)
        chosen = is_chosen(technique)
        if self.server.pull_galaxy_clusters or technique == "pull_relevant_clusters":
            pulled_rest.clusters(self, self._cluster_question(technique, chosen))
        if technique == "pull_relevant_clusters":
            return
        wanted = rules.read(self.server.pull_rules)
        if chosen:
            self._event(Asked(technique, chosen=True), wanted)
            return
        listed = index.ask(self.database, self.link, self.report, wanted)
        for uuid in self._wanted(listed, known_only=technique == "update"):
            self.going_on()
            self._event(Asked(uuid), wanted)
        self._note_last(listed)
        self._rest(other, wanted)

    def _rest(self, other: Remote, wanted: rules.Rules) -> None:
        if other.reaches(PROPOSALS):
            pulled_rest.proposals(self)
        else:
            self.report.lose("proposals", f"version {other.text} is not asked for them")
        if not other.reaches(SIGHTINGS):
            self.report.lose("sightings", f"version {other.text} is not asked for them")
        else:
            again = index.ask(self.database, self.link, self.report, wanted)
            pulled_sightings.sightings(self, again)
        if self.server.pull_analyst_data and other.perm_analyst_data:
            pulled_rest.analyst_data(self, wanted)

    def _cluster_question(self, technique: str, chosen: bool) -> dict[str, Any]:
        asked: dict[str, Any] = {"published": 1, "minimal": 1, "custom": 1}
        if chosen:
            return asked | {"eventid": technique}
        if technique == "pull_relevant_clusters":
            with self.database.as_user(self.account_id) as session:
                return asked | {"uuid": pulled_rest.clusters_in_tags(session)}
        return asked

    def _wanted(self, listed: Sequence[Listed], *, known_only: bool) -> list[str]:
        """UUIDs that are new or newer and not kept out, the last of the list first."""
        wanted: list[str] = []
        for start in range(0, len(listed), AT_ONCE):
            some = listed[start : start + AT_ONCE]
            with self.database.as_user(self.account_id) as session:
                held = pulled_event.held_here(session, [one.uuid for one in some])
                blocked = index.blocked(session, some)
                over = brought.ended(session, [one.uuid for one in some], server_id=self.server.id)
            for one in some:
                here = held.get(one.uuid)
                if one.uuid in blocked:
                    self.report.lose("events", "on a block list of this node", one.uuid)
                elif here is None and one.timestamp <= over.get(one.uuid, -1):
                    self.report.lose("events", "their time here is over", one.uuid)
                elif here is None:
                    wanted += [] if known_only else [one.uuid]
                elif one.timestamp <= here.timestamp:
                    continue
                elif reason := pulled_event.why_kept(here, self.server):
                    self.report.lose("changes of events", reason, one.uuid)
                else:
                    wanted.append(one.uuid)
        return wanted[::-1]

    def _event(self, asked: Asked, wanted: rules.Rules) -> None:
        """One event; whatever is wrong with it is noted and is no matter of the others."""
        try:
            told = self._view(asked.key)
            with self.database.as_user(self.account_id) as session:
                outcome = pulled_event.take(session, self.server, told, asked, wanted, self.report)
        except Unavailable:
            raise
        except (BrugError, RecursionError, UnicodeEncodeError, psycopg.Error) as error:
            if self.unanswered >= AWAY_AFTER:
                raise
            reason = str(error) if isinstance(error, NotReached) else reason_of(error)
            self.report.fail("event", asked.key, reason)
            return
        if outcome != "kept":
            self.report.count("events")
        elif asked.chosen:
            self.report.fail("event", asked.key, "what is held here is as new or newer")

    def _view(self, key: str) -> Told:
        self.unanswered += 1
        tags = "" if self.server.internal else NO_LOCAL_TAGS
        told = self.link.get(VIEW.format(key=key) + tags)
        self.unanswered = 0
        return told

    def _note_last(self, listed: Sequence[Listed]) -> None:
        numbers = [one.number for one in listed]
        if not numbers:
            return
        with self.database.system() as session:
            session.execute(
                "UPDATE server SET lastpulledid = %s WHERE id = %s",
                (max(numbers), self.server.id),
            )
