# SPDX-License-Identifier: EUPL-1.2
"""kill -9 of the process that pulls, at any event: what it stored is whole, the rest follows."""

import os
import signal
import threading

import pytest
from tests.bridges import workers
from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.serving_side import Reply, Request, serving
from tests.bridges.misp.test_hostile_partner import Partner, event
from tests.listening import forked

from brug.bridges.misp import runs
from brug.store.sealing import VARIABLE

EVENTS = 12


@pytest.mark.parametrize("killed_at", range(0, EVENTS + 1, 3))
def test_a_pull_that_is_killed_goes_on_where_it_stood(node: NodeForD, killed_at: int) -> None:
    partner = Partner(*(event(n) for n in range(1, EVENTS + 1)))
    reached, killed = threading.Event(), threading.Event()
    seen = 0

    def view(request: Request) -> Reply:
        nonlocal seen
        seen += 1
        if seen > killed_at and not killed.is_set():
            reached.set()
            killed.wait(30)
        return Reply(200, {"Event": partner.events[request.path.split("/")[3]]})

    def after_events(_: Request) -> Reply:
        reached.set()
        killed.wait(30)
        return Reply(200, [])

    partner.instead["/events/view/"] = view
    if killed_at == EVENTS:
        partner.instead["/shadow_attributes/"] = after_events
    with serving(partner) as c:
        server = node.add_server(c.url)
        with node.database.as_user(1) as session:
            number = runs.queue(session, server, "pull", "full")
        worker = forked(workers.pull, node.dsn, os.environ[VARIABLE])
        assert reached.wait(60)
        worker.kill()
        worker.join()
        assert worker.exitcode == -signal.SIGKILL
        killed.set()
        partner.instead.pop("/shadow_attributes/", None)
        stored = node.ask("D", "POST", "/events/index", {"minimal": 1}).body
        assert len(stored) == killed_at
        # Nobody else takes it while its worker may still be alive; then somebody does.
        assert node.work() == []
        with node.database.system() as session:
            session.execute("UPDATE server_work SET leased_until = now()")
        (run,) = node.work()
        assert (run.id, run.state, run.attempts) == (number, "done", 2)
        assert run.counts.get("events", 0) >= EVENTS - killed_at
        views = [path for _, path in c.paths() if path.startswith("/events/view/")]
    # What had been stored was not asked for again.
    assert len(views) == EVENTS + (killed_at < EVENTS)
    for one in partner.events.values():
        held = node.event(one["uuid"])
        assert len(held["Attribute"]) == 1
