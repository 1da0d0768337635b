# SPDX-License-Identifier: EUPL-1.2
"""A node in the place of a stock server, through all that was recorded of it.

It asks what that server asked, in its order, and says the same numbers, whatever the other
side answers. Where a node means to differ it is said in `_meant` and in the functions that
it uses; anything else that differs is a fault.
"""

import re
from collections.abc import Iterator

import pytest
from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.life import Json, Life, Step, Turn
from tests.bridges.misp.serving_side import Recorded, serving
from tests.sync.recorded import FOLDER

from brug.bridges.misp.report import Failure, Loss

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings of two MISP are not beside the project"
)
SCENARIOS = (
    "02b-pull-rules", "02c-pull-full", "02d-pull-repeat", "02e-pull-incremental",
    "02f-pull-sightings", "02g-pull-proposals-clusters-analyst", "02h-pull-type-filter",
    "02i-pull-variants", "02j-pull-more", "03a-push-first", "03b-push-techniques",
    "03c-push-on-publish", "03d-push-updates", "03e-push-clusters-sightings-proposals-analyst",
    "03f-push-sightings", "04-preview-cherrypick-cache", "04b-server-cache",
    "05-protected-events", "05b-protected-push", "05c-protected-tampering", "07b-errors-pull",
    "07c-errors-push", "07d-version-and-permission",
)  # fmt: skip
_PULLED = re.compile(
    r"Pull completed\. (\d+) events pulled, (\d+) events could not be pulled, (\d+) proposals"
    r" pulled, (\d+) sightings pulled"
)
SIGNED = "c71ff744-8554-527d-9a10-51def05592a7"
STRIPPED = "c33bd4b8-aef8-51d5-bbe3-bd30ef0afef8"
NOT_NEWER = "not newer than the local copy"
# Clusters of MISP's galaxies are not installed here, so that D's own could not be made.
_CLUSTERS = ("/galaxy_clusters/", "/galaxies/")


class Account:
    """What of the differences is meant, turn by turn."""

    def __init__(self) -> None:
        self.refused: set[str] = set()  # events that a stock server stored unsigned
        self.kept: set[str] = set()  # protected ones that the node cannot sign, so never sends

    def differences(self, turn: Turn) -> list[str]:
        """What the node did that is neither as recorded nor meant."""
        if turn.path.endswith("/pull/1/incremental"):
            # A stock server asks for the version and for clusters before it finds that out.
            fine = (turn.act["status"], turn.run, turn.asked) == (403, None, [])
            return [] if fine else [f"{turn.path} was run"]
        assert turn.run is not None, turn.path
        self.refused |= {one.uuid for one in turn.run.failures if "signed what came" in one.reason}
        self.kept |= {
            uuid for one in turn.run.losses if "protected, and" in one.reason
            for uuid in one.examples
        }  # fmt: skip
        found = list(_unlike(self._steps(turn, turn.then), self._steps(turn, turn.asked)))
        found += self._numbers(turn)
        return [f"{turn.path} ({turn.act.get('note')}): {one}" for one in found]

    def _steps(self, turn: Turn, steps: list[Step]) -> list[Step]:
        """Without what is meant to differ."""
        if turn.path.endswith("/full") and not _may_synchronise(turn):
            return steps[:1]  # a node that may not push asks nothing more
        if "/publishSightings/" in turn.path and not turn.asked:
            assert turn.run is not None
            assert turn.run.losses  # nothing to send: the event is not even named
            return []
        kept = [one for one in steps if not one[1].startswith(_CLUSTERS)]
        kept = [one for one in kept if not self._is_about_refused(one)]
        if "/servers/push/" in turn.path:
            kept = [one for one in kept if one[1] != "/events/add/metadata:1"]
            # The list is asked for again only where sightings are to be sent.
            first = [one for one in kept if one[1] == "/events/index"][:1]
            kept = [one for one in kept if one[1] != "/events/index"] + first
        if any(uuid in str(turn.said) for uuid in self.kept):
            kept = [one for one in kept if one[1] != "/events/add/metadata:1"]
        if "/pull/" in turn.path:
            if any("is not asked for them" in one.reason for one in _losses(turn)):
                kept = list(dict.fromkeys(kept))  # nor is the list asked for again
            # Asked once of each server by its own clock, also where they were pushed before.
            kept = [one for one in kept if one[1] != "/sightings/restSearch/event"]
        if any(one["status"] == 302 for one in turn.said):
            kept = list(dict.fromkeys(kept))  # a node follows five redirects, not ten
        if any("closed" in str(one.get("injected")) for one in turn.said):
            kept = list(dict.fromkeys(kept))  # and tries again later, not at once
        return kept

    def _is_about_refused(self, step: Step) -> bool:
        method, path = step
        uuids = self.refused if method == "GET" else self.kept
        return any(uuid in path for uuid in uuids)

    def _numbers(self, turn: Turn) -> Iterator[str]:
        run = turn.run
        assert run is not None
        if "/publish" in turn.path:
            yield from self._published(turn)
        elif "/pull/" in turn.path:
            found = _PULLED.match(turn.answered)
            if (found is not None) != (run.state == "done"):
                yield f"{run.state}: {run.problem}, not {turn.answered}"
            elif found is not None:
                yield from self._pulled(turn, [int(one) for one in found.groups()])
        elif "/push/" in turn.path and _may_synchronise(turn):
            ended = _ended(turn.said)
            here = run.counts.get("events", 0), run.counts.get("events_failed", 0)
            then = {uuid: fine for uuid, fine in ended.items() if uuid not in self.kept}
            wanted = sum(then.values()), len(then) - sum(then.values())
            if here != wanted:
                yield f"{here} events pushed and failed, not {wanted}"

    def _pulled(self, turn: Turn, then: list[int]) -> Iterator[str]:
        run = turn.run
        assert run is not None
        viewed = {uuid for uuid in self.refused for one in turn.said if uuid in one["path"]}
        refused = sum(one.uuid in self.refused for one in run.failures)
        failed = run.counts.get("events_failed", 0)
        # A stock server counts an update as failed, and as pulled since it stores it.
        if failed - refused != then[1] - len(viewed & _failing(run.failures)):
            yield f"{failed} events failed, {refused} of them refused before, not {then[1]}"
        if run.counts.get("events", 0) not in {then[0], then[0] - len(viewed)}:
            yield f"{run.counts.get('events', 0)} events, not {then[0]}"
        # Those that came within their events are not counted again.
        came = run.counts.get("events", 0) > 0
        if run.counts.get("proposals", 0) not in {then[2], 0 if came else then[2]}:
            yield f"{run.counts.get('proposals', 0)} proposals, not {then[2]}"
        if run.counts.get("sightings", 0) != then[3]:
            yield f"{run.counts.get('sightings', 0)} sightings, not {then[3]}"

    def _published(self, turn: Turn) -> Iterator[str]:
        """A stock server says that all went well also where it had nobody to talk to."""
        run = turn.run
        assert run is not None
        fine = run.state == "done" and not run.failures
        talked = any(one["path"] != "/servers/getVersion" for one in turn.said)
        if not turn.said or any(uuid in str(turn.said) for uuid in self.kept):
            if not fine:
                yield f"{run.state}: {run.problem or run.failures}"
        elif fine != (talked and turn.act["status"] == 200):
            yield f"{run.state}: {run.problem or run.failures}, and then {turn.act['status']}"


def _losses(turn: Turn) -> list[Loss]:
    return turn.run.losses if turn.run else []


def _failing(failures: list[Failure]) -> set[str]:
    return {one.uuid for one in failures}


def _may_synchronise(turn: Turn) -> bool:
    told = [one["response_body"] for one in turn.said if one["path"] == "/servers/getVersion"]
    push = "/push/" in turn.path
    return not push or all(isinstance(one, dict) and one.get("perm_sync") is True for one in told)


def _ended(said: list[Json]) -> dict[str, bool]:
    """Which events were sent, and whether the last answer to each counts as success."""
    found: dict[str, bool] = {}
    for one in said:
        if one["path"].endswith("/metadata:1"):
            uuid = one["request_body"]["Event"]["uuid"]
            body = one["response_body"]
            fine = one["status"] == 200 and not isinstance(body, str) and body is not None
            found[uuid] = fine or (one["status"] == 403 and NOT_NEWER in str(body))
    return found


def _unlike(then: list[Step], now: list[Step]) -> Iterator[str]:
    if then != now:
        yield f"asked {[one for one in now if one not in then]}"
        yield f"did not ask {[one for one in then if one not in now]}"
        if sorted(then) == sorted(now):
            yield "in another order"


def test_a_node_does_what_was_recorded_of_a_stock_server(node: NodeForD) -> None:
    account, turns, found = Account(), 0, []
    with serving(Recorded()) as c:
        life = Life(node, c)
        for turn in life.live(*SCENARIOS):
            turns += 1
            found += account.differences(turn)
    assert not found, "\n".join(found)
    assert turns > 150
    assert account.refused, "no tampered event was refused"
    # What was held is as D itself edited it last, whatever came unsigned; what was new and came
    # with its protection taken away is there without any.
    signed, stripped = (node.event(uuid) for uuid in (SIGNED, STRIPPED))
    assert (signed["info"], signed["protected"]) == ("sync-prot hacked on D", True)
    assert (stripped["info"], stripped["protected"]) == ("sync-prott2", None)
    assert len(account.kept) == 2
