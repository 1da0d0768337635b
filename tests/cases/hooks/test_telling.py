# SPDX-License-Identifier: EUPL-1.2
"""What a webhook is told, and how that is signed."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.cases.hooks.conftest import SECRET, World

from brug.cases import keeping, warning
from brug.cases.acts import Embargoed, Filled, Joined, Moved, Recorded, Said
from brug.cases.embargoes import alarms, watching
from brug.cases.hooks import keeping as hooks
from brug.cases.hooks import noting, sending
from brug.cases.hooks.noting import EVENTS
from brug.formats import webhooks
from brug.store import settings


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
    assert early["data"]["source"] == "Directive (EU) 2022/2555 (NIS2) 23(4)(a)"
    assert early["data"]["strict"].startswith("20")
    assert early["data"]["is_over"] is False
    warning.warn(world.database)
    sending.send(world.database)
    assert world.receiver.told() == []


def test_the_law_of_a_deadline_is_named_in_the_language_of_whose_hook_it_is(world: World) -> None:
    number, parts = world.opened("entity")
    world.hook(world.node.entity, "clock")
    at = (datetime.now(UTC) - timedelta(hours=23)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.act(number, Recorded(fact="aware_at", at=at, zone="UTC", of=parts["entity"]))
    with world.database.system() as session:
        session.execute("UPDATE case_file SET next_warning = now()")
        session.execute("UPDATE account SET language = 'nl' WHERE id = %s", (world.node.entity,))
    try:
        warning.warn(world.database)
        sending.send(world.database)
    finally:
        with world.database.system() as session:
            session.execute("UPDATE account SET language = 'en'")
    told = {one["data"]["rule"]: one["data"]["source"] for one in world.receiver.told()}
    assert told["nis2-early-warning"] == "Richtlijn (EU) 2022/2555 (NIS2) 23(4)(a)"


def test_the_end_of_an_embargo_is_told_once(world: World) -> None:
    number, _ = world.opened("entity")
    at = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.act(number, Embargoed(until=at, zone="UTC"))
    world.hook(world.node.entity, "embargo")
    for _ in range(3):
        noting.note_ended_embargoes(world.database)
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
