# SPDX-License-Identifier: EUPL-1.2
"""Webhooks: who is told what, signed how, and what comes of those that do not answer."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.cases.conftest import Node, made

from brug.cases import keeping, warning
from brug.cases.acts import Embargoed, Filled, Joined, Left, Moved, Recorded, Said
from brug.cases.embargoes import alarms, watching
from brug.cases.hooks import keeping as hooks
from brug.cases.hooks import sending
from brug.cases.hooks.noting import EVENTS
from brug.formats import webhooks
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.store import settings
from brug.store.session import Database

SECRET = "albatross"


class Receiver:
    """Takes messages, or not."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Not into the tests' output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in?token=x"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self) -> list[dict[str, Any]]:
        """All since the last time."""
        found = [json.loads(body) for _, body in self.got]
        self.got.clear()
        return found


class World:
    def __init__(self, node: Node, receiver: Receiver) -> None:
        self.node, self.receiver = node, receiver
        self.database = node.database

    def opened(self, *roles: str, kind: str = "incident") -> tuple[str, dict[str, str]]:
        parts = {name: str(uuid4()) for name in roles}
        with self.database.as_user(self.node.host) as session:
            number = keeping.open_case(session, kind, f"The {SECRET}").number
        for name, part in parts.items():
            role = "entity" if name == "entity" else "csirt"
            self.act(
                number, Joined(participant=part, org=self.node.orgs[name], name=name, role=role)
            )
        return number, parts

    def act(self, number: str, act: Any, to: tuple[str, ...] = ()) -> str:
        with self.database.as_user(self.node.host) as session:
            return keeping.act(session, number, act, to).id

    def hook(self, user: int, *events: str, of_org: bool = False) -> tuple[hooks.Hook, str]:
        with self.database.as_user(user) as session:
            return hooks.add(session, self.receiver.url, events or EVENTS, of_org=of_org)

    def now(self, hook: hooks.Hook) -> None:
        """Its time has come."""
        with self.database.system() as session:
            session.execute("UPDATE case_hook SET next = now() WHERE id = %s", (hook.id,))

    def row(self, hook: hooks.Hook) -> hooks.Hook:
        with self.database.as_user(self.node.entity) as session:
            return hooks.find(session, str(hook.id))


@pytest.fixture(scope="module")
def served(module_database_url: str) -> Iterator[World]:
    receiver = Receiver()
    with Database(module_database_url, 4) as database:
        node = made(database)
        with database.system() as session:
            settings.set_value(session, "node.url", "https://node.example")
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
        yield World(node, receiver)
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def world(served: World) -> Iterator[World]:
    served.receiver.status = 200
    served.receiver.got.clear()
    yield served
    with served.database.system() as session:
        session.execute("DELETE FROM case_hook")


# What is told --------------------------------------------------------------------------


def test_a_message_says_number_kind_and_link_and_nothing_of_the_case(world: World) -> None:
    number, _ = world.opened("entity")
    hook, secret = world.hook(world.node.entity)
    entry = world.act(number, Said(text=f"the {SECRET} flies"))
    sending.send(world.database)
    ((headers, body),) = world.receiver.got
    assert SECRET.encode() not in body
    told = json.loads(body)
    assert told["type"] == "case.message"
    assert told["data"]["case"] == number
    assert told["data"]["entry"] == entry
    assert told["data"]["link"] == f"https://node.example/cases/{number}"
    assert set(told["data"]) == {"node", "case", "uuid", "kind", "link", "entry"}
    now = datetime.now(UTC).timestamp()
    assert webhooks.is_signed(secret, headers, body, now)
    assert not webhooks.is_signed(secret, headers, body + b" ", now)
    assert not webhooks.is_signed(webhooks.make_secret(), headers, body, now)
    assert not webhooks.is_signed(secret, headers, body, now + 600)
    with world.database.as_user(world.node.entity) as session:
        (sent,) = hooks.sent(session, str(hook.id))
    assert (sent.status, sent.number, sent.event, sent.tries) == (200, number, "message", 1)


def test_a_signature_is_that_of_the_standard() -> None:
    """The example of Standard Webhooks."""
    headers = webhooks.headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
        b'{"test": 2432232314}',
    )  # fmt: skip
    assert headers[webhooks.SIGNATURE] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_only_what_was_chosen_is_told(world: World) -> None:
    number, _ = world.opened("entity")
    world.hook(world.node.entity, "embargo", "change")
    world.act(number, Said(text="x"))
    world.act(number, Filled(fields={"summary": "x"}))
    world.act(number, Embargoed(until="2031-01-01T00:00:00Z", zone="UTC"))
    sending.send(world.database)
    assert [one["type"] for one in world.receiver.told()] == ["case.change", "case.embargo"]


def test_a_deadline_warns_the_hooks_of_whom_it_binds(world: World) -> None:
    number, parts = world.opened("entity", "other")
    world.hook(world.node.entity, "clock")
    world.hook(world.node.other, "clock")
    at = (datetime.now(UTC) - timedelta(hours=23)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.act(number, Recorded(fact="aware_at", at=at, zone="UTC", of=parts["entity"]))
    with world.database.system() as session:
        session.execute("UPDATE case_file SET next_warning = now()")
    warning.warn(world.database)
    sending.send(world.database)
    told = world.receiver.told()
    (early,) = (one for one in told if one["data"]["rule"] == "nis2-early-warning")
    assert early["type"] == "case.clock"
    assert early["data"]["source"].endswith("23(4)(a)")
    assert early["data"]["strict"].startswith("20")
    assert early["data"]["is_over"] is False
    warning.warn(world.database)
    sending.send(world.database)
    assert world.receiver.told() == []


def test_the_end_of_an_embargo_is_told_once(world: World) -> None:
    number, _ = world.opened("entity")
    at = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.act(number, Embargoed(until=at, zone="UTC"))
    world.hook(world.node.entity, "embargo")
    for _ in range(3):
        sending.send(world.database)
    told = world.receiver.told()
    assert [(one["data"]["case"], one["data"]["ended"]) for one in told] == [(number, at)]


def test_what_becomes_public_under_an_embargo_is_told(world: World) -> None:
    with world.database.as_user(world.node.host) as session:
        number = keeping.open_case(session, "disclosure", "A hole").number
    world.hook(world.node.host, "breach")
    with world.database.system() as session:
        for name, value in (("mail.host", "127.0.0.1"), ("mail.from", "node@one.example")):
            settings.set_value(session, name, value)
    public = Moved(machine="exposure", trigger="be_public", leaves="pxa", because="in the papers")
    at = "2026-01-01T00:00:00Z"
    world.act(number, Recorded(fact="public_disclosure_at", at=at, zone="UTC"))
    world.act(number, Embargoed(until="2031-01-01T00:00:00Z", zone="UTC"))
    # Whoever takes part twice is told once, by each of the ways.
    twice = Joined(participant=str(uuid4()), org=world.node.orgs["host"], name="x", role="finder")
    world.act(number, twice)
    world.act(number, public)
    for _ in range(2):
        watching.watch(world.database)
        sending.send(world.database)
    (told,) = world.receiver.told()
    assert (told["type"], told["data"]["alarm"]) == ("case.breach", "known")
    with world.database.as_user(world.node.host) as session:
        assert [one.kind for one in alarms.open_ones(session)] == ["known"]
    with world.database.system() as session:
        letters = session.all(
            "SELECT details ->> 'notice' FROM mail_cause WHERE kind = 'clock' AND user_id = %s",
            (world.node.host,),
        )
    assert letters == [("known",)]


def test_the_page_that_says_how_to_check_it_is_right() -> None:
    page = (Path(__file__).parents[3] / "docs/how-to/calendar-and-webhooks.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    said: dict[str, Any] = {}
    exec(code, said)  # noqa: S102 — our own page
    secret, body = webhooks.make_secret(), b'{"type": "case.test"}'
    now = int(datetime.now(UTC).timestamp())
    headers = webhooks.headers(secret, "an-id", now, body)
    assert said["is_genuine"](secret, headers, body)
    assert not said["is_genuine"](secret, headers, body + b" ")
    assert not said["is_genuine"](webhooks.make_secret(), headers, body)
    old = webhooks.headers(secret, "an-id", now - 600, body)
    assert not said["is_genuine"](secret, old, body)
    for event in EVENTS:
        assert f"| `{event}` |" in page


# Who is told ---------------------------------------------------------------------------


def test_nobody_is_told_of_cases_of_others(world: World) -> None:
    number, _ = world.opened("entity")
    for user in (world.node.other, world.node.without):
        world.hook(user)
    world.act(number, Said(text="x"))
    sending.send(world.database)
    assert world.receiver.told() == []
    with world.database.system() as session:
        assert session.value("SELECT count(*) FROM case_hook_due") == 0


def test_whoever_was_removed_meanwhile_is_told_nothing(world: World) -> None:
    number, parts = world.opened("entity")
    hook, _ = world.hook(world.node.entity)
    world.act(number, Said(text="x"))
    world.act(number, Left(participant=parts["entity"]))
    sending.send(world.database)
    assert world.receiver.told() == []
    with world.database.as_user(world.node.entity) as session:
        assert hooks.sent(session, str(hook.id)) == []


def test_what_is_for_others_is_not_told(world: World) -> None:
    number, parts = world.opened("entity", "other")
    world.hook(world.node.other, "message")
    world.hook(world.node.entity, "message")
    world.act(number, Said(text="x"), (parts["entity"],))
    sending.send(world.database)
    assert len(world.receiver.told()) == 1


def test_whose_account_ended_is_told_nothing(world: World) -> None:
    number, _ = world.opened("entity")
    world.hook(world.node.entity)
    world.act(number, Said(text="x"))
    change = "UPDATE account SET disabled = %s WHERE id = %s"
    with world.database.system() as session:
        session.execute(change, (True, world.node.entity))
    sending.send(world.database)
    with world.database.system() as session:
        session.execute(change, (False, world.node.entity))
    assert world.receiver.told() == []


def test_whoever_goes_to_another_organisation_is_told_of_its_cases(world: World) -> None:
    number, _ = world.opened("other")
    hook, _ = world.hook(world.node.entity, "message")
    move = "UPDATE account SET org_id = (SELECT id FROM organisation WHERE uuid = %s) WHERE id = %s"
    with world.database.system() as session:
        session.execute(move, (world.node.orgs["other"], world.node.entity))
    world.act(number, Said(text="x"))
    sending.send(world.database)
    assert len(world.receiver.told()) == 1
    with world.database.as_user(world.node.entity) as session:
        hooks.pause(session, str(hook.id))
        hooks.resume(session, str(hook.id))
    with world.database.system() as session:
        session.execute(move, (world.node.orgs["entity"], world.node.entity))


def test_an_organisation_has_hooks_that_whoever_administers_it_looks_after(world: World) -> None:
    with pytest.raises(Forbidden):
        world.hook(world.node.entity, of_org=True)
    with world.database.system() as session:
        session.execute(
            "UPDATE role SET rights = array_append(rights, 'admin') WHERE id ="
            " (SELECT role_id FROM account WHERE id = %s)",
            (world.node.other,),
        )
    number, parts = world.opened("other", "entity")
    hook, _ = world.hook(world.node.other, "message", of_org=True)
    world.act(number, Said(text="x"))
    world.act(number, Said(text="x"), (parts["entity"],))
    sending.send(world.database)
    assert len(world.receiver.told()) == 1
    world.act(number, Said(text="x"))
    world.act(number, Left(participant=parts["other"]))
    sending.send(world.database)
    assert world.receiver.told() == []
    with world.database.as_user(world.node.entity) as session, pytest.raises(NotFound):
        hooks.remove(session, str(hook.id))


# What comes of it ----------------------------------------------------------------------


def test_what_fails_is_tried_again_later_in_its_order(world: World) -> None:
    number, _ = world.opened("entity")
    hook, _ = world.hook(world.node.entity, "message", "change")
    world.act(number, Said(text="x"))
    world.act(number, Filled(fields={"summary": "x"}))
    world.receiver.status = 500
    for _ in range(3):
        sending.send(world.database)
    (first,) = world.receiver.got
    world.receiver.got.clear()
    assert world.row(hook).failing
    assert world.row(hook).waiting == 2
    world.receiver.status = 204
    world.now(hook)
    sending.send(world.database)
    again, second = world.receiver.got
    assert again[0]["webhook-id"] == first[0]["webhook-id"] != second[0]["webhook-id"]
    assert json.loads(second[1])["type"] == "case.change"
    assert world.row(hook).failing is None
    with world.database.as_user(world.node.entity) as session:
        assert [(one.status, one.tries) for one in hooks.sent(session, str(hook.id))] == [
            (204, 1), (204, 2), (500, 1),
        ]  # fmt: skip


def test_an_address_that_is_gone_or_fails_for_days_is_paused_until_it_is_resumed(
    world: World,
) -> None:
    number, _ = world.opened("entity")
    for status, why in ((410, "gone"), (500, "failing")):
        hook, _ = world.hook(world.node.entity, "message")
        if why == "failing":
            with world.database.system() as session:
                session.execute("UPDATE case_hook SET failing = now() - interval '4 days'")
        world.receiver.status = status
        world.act(number, Said(text="x"))
        sending.send(world.database)
        assert world.row(hook).why == why
        world.receiver.got.clear()
        world.act(number, Said(text="not told"))
        with world.database.as_user(world.node.entity) as session:
            with pytest.raises(Conflict):
                hooks.try_out(session, str(hook.id))
            hooks.resume(session, str(hook.id))
            hooks.try_out(session, str(hook.id))
        world.now(hook)
        world.receiver.status = 200
        sending.send(world.database)
        assert [one["type"] for one in world.receiver.told()] == ["case.test"]
        with world.database.as_user(world.node.entity) as session:
            hooks.remove(session, str(hook.id))


def test_a_redirect_is_not_followed(world: World) -> None:
    number, _ = world.opened("entity")
    hook, _ = world.hook(world.node.entity)
    world.receiver.status = 302
    world.act(number, Said(text="x"))
    sending.send(world.database)
    assert len(world.receiver.got) == 1
    assert world.row(hook).failing


def test_what_may_not_be_asked_any_more_is_not(world: World) -> None:
    number, _ = world.opened("entity")
    hook, _ = world.hook(world.node.entity)
    world.act(number, Said(text="x"))
    with world.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", [])
    sending.send(world.database)
    with world.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
    assert world.receiver.got == []
    with world.database.as_user(world.node.entity) as session:
        (sent,) = hooks.sent(session, str(hook.id))
    assert sent.status == 0


def test_only_the_last_deliveries_are_kept(world: World) -> None:
    number, _ = world.opened("entity")
    hook, _ = world.hook(world.node.entity, "message")
    with world.database.system() as session:
        session.execute(
            "INSERT INTO case_hook_sent (hook_id, message, event, tries, status)"
            " SELECT %s, gen_random_uuid(), 'message', 1, 200 FROM generate_series(1, 80)",
            (hook.id,),
        )
    world.act(number, Said(text="x"))
    sending.send(world.database)
    with world.database.system() as session:
        assert session.value("SELECT count(*) FROM case_hook_sent") == hooks.KEPT


def test_address_and_secret_are_sealed(world: World) -> None:
    _, secret = world.hook(world.node.entity)
    with world.database.system() as session:
        rows = session.all("SELECT h::text FROM case_hook h UNION ALL SELECT a::text FROM audit a")
    for row in rows:
        assert "token=x" not in row[0]
        assert secret.removeprefix("whsec_") not in row[0]


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://a.example/", "http://a.example/", "https://", "https://user:pw@a.example/",
     "https://a.example/#part", "https://a.example/" + "x" * 2000, "https://[::1", "https://a:x/",
     "http://192.0.2.1/", "https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/",
     "https://a.example/\r\nX: y", "https://ä.example/", "https://a b.example/", "\0"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(world: World, url: str) -> None:
    with (
        world.database.as_user(world.node.entity) as session,
        pytest.raises(Invalid) as found,
    ):
        hooks.add(session, url, EVENTS)
    assert found.value.field == "url"


@pytest.mark.parametrize("events", [[], ["x"], ["message", "x"]])
def test_events_are_of_the_list(world: World, events: list[str]) -> None:
    with world.database.as_user(world.node.entity) as session, pytest.raises(Invalid):
        hooks.add(session, world.receiver.url, events)


def test_what_was_mended_is_tried_at_once_and_not_when_it_would_be_by_itself(world: World) -> None:
    hook, _ = world.hook(world.node.entity)
    tomorrow = "UPDATE case_hook SET next = now() + interval '1 day' WHERE id = %s"
    with world.database.system() as session:
        session.execute(tomorrow, (hook.id,))
    with world.database.as_user(world.node.entity) as session:
        hooks.try_out(session, str(hook.id))
    sending.send(world.database)
    assert [one["type"] for one in world.receiver.told()] == ["case.test"]
    with world.database.as_user(world.node.entity) as session:
        hooks.pause(session, str(hook.id))
        hooks.resume(session, str(hook.id))
    with world.database.system() as session:
        assert session.value("SELECT next <= now() FROM case_hook WHERE id = %s", (hook.id,))


def test_an_address_of_which_something_unforeseen_happens_keeps_no_other_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [world.hook(world.node.entity)[0] for _ in range(2)]
    with world.database.as_user(world.node.entity) as session:
        for hook in several:
            hooks.try_out(session, str(hook.id))
    told = sending._told

    def failing(database: Database, hook_id: int) -> bool:
        if hook_id == several[0].id:
            raise RuntimeError("unforeseen")
        return told(database, hook_id)

    monkeypatch.setattr(sending, "_told", failing)
    sending.send(world.database)
    assert [one["type"] for one in world.receiver.told()] == ["case.test"]


def test_an_address_is_taken_when_its_turn_has_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = [world.hook(world.node.entity)[0] for _ in range(3)]
    with world.database.as_user(world.node.entity) as session:
        for hook in several:
            hooks.try_out(session, str(hook.id))
    taken = list[int]()

    def told(database: Database, hook_id: int) -> bool:
        with database.system() as session:
            held = session.value("SELECT count(*) FROM case_hook WHERE next > now()")
        taken.append(int(held))
        return False

    monkeypatch.setattr(sending, "_told", told)
    sending.send(world.database)
    assert taken == [1, 2, 3]
