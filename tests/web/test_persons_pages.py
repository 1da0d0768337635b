# SPDX-License-Identifier: EUPL-1.2
"""Somebody without an account comes in by a link and a code, works in one case, and is let out."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import httpx
import msgspec
import pytest
from aiosmtpd.controller import Controller
from tests.cases.persons.conftest import code_in
from tests.listening import NO_TLS, free_port
from tests.mail.conftest import Box
from tests.web.node import Node, token_in

from brug.cases import documents, files, keeping
from brug.cases.acts import Asked, Left, Marked, Said
from brug.cases.documents import Told
from brug.cases.persons import joining, posting
from brug.store import settings

DOOR, CASE = "/take-part", "/take-part/case"
SECRET = "between-us-who-lead"


class Case(msgspec.Struct):
    node: Node
    box: Box
    number: str
    participant: str
    document: str  # not for them
    link: str = ""

    def send(self) -> str:
        """The text of the newest letter."""
        while posting.run_once(self.node.database, rest_seconds=0):
            pass
        return str(self.box.messages[-1].get_content())


@pytest.fixture(scope="module")
def server(node: Node) -> Iterator[Box]:
    box, port = Box(), free_port()
    controller = Controller(box, "127.0.0.1", port)
    controller.start()
    with node.database.system() as session:
        for name, value in (
            ("mail.host", "127.0.0.1"), ("mail.port", port), ("mail.security", "none"),
            ("mail.from", "node@csirt.example"),
        ):  # fmt: skip
            settings.set_value(session, name, value)
    yield box
    controller.stop()


@pytest.fixture
def case(node: Node, server: Box) -> Case:
    return made(node, server, "incident", "handler")


def made(node: Node, server: Box, kind: str, role: str) -> Case:
    with node.database.as_user(node.ids["admin"]) as session:
        number = keeping.open_case(session, kind, "Pumps stand still").number
        keeping.act(session, number, Marked(tlp="amber", pap="red"))
        given = {"email": "vera@maker.example", "name": "Vera", "role": role}
        listed = joining.invite(session, number, given)
        me = files.view(session, number)[1].present[0].id
        keeping.act(session, number, Said(text=SECRET), [me])
        entry = documents.attach(session, number, BytesIO(b"x"), Told(name="ours.txt"), [me])
        document = str(entry.act.document)  # type: ignore[union-attr]
    found = Case(node, server, number, listed.participant, document)
    while posting.run_once(node.database, rest_seconds=0):
        pass
    letter = next(one for one in server.messages[::-1] if "you are asked" in str(one["Subject"]))
    found.link = str(letter.get_content()).partition("?link=")[2].split()[0]
    return found


@pytest.fixture
def browser(case: Case) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=case.node.url, timeout=30, verify=NO_TLS) as made:
        yield made


def post(browser: httpx.Client, path: str, at: str = DOOR, **form: str) -> httpx.Response:
    token = token_in(browser.get(at).text)
    return browser.post(path, data={"_csrf_token": token, **form})


def enter(case: Case, browser: httpx.Client) -> httpx.Response:
    at = f"{DOOR}?link={case.link}"
    asked = post(browser, DOOR + "/code", at, link=case.link)
    assert asked.status_code == 200
    case.send()
    letter = next(one for one in case.box.messages[::-1] if "your code" in str(one["Subject"]))
    found = post(browser, DOOR + "/enter", at, link=case.link, code=code_in(letter))
    assert found.status_code == 303, found.text[-2000:]
    assert found.headers["location"] == CASE
    return browser.get(CASE)


def test_in_by_link_and_code_to_what_is_theirs(case: Case, browser: httpx.Client) -> None:
    shown = enter(case, browser)
    assert shown.status_code == 200, shown.text[-3000:]
    for text in ("Pumps stand still", case.number, "TLP:AMBER", "PAP:RED", "Vera"):
        assert text in shown.text
    for hidden in (SECRET, "ours.txt", "vera@maker.example", 'aria-label="Main"', "/cases/"):
        assert hidden not in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in shown.headers["x-robots-tag"]
    cookie = next(one for one in browser.cookies.jar if one.name == "brug-person")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert browser.get(f"{CASE}/documents/{case.document}").status_code == 404


def test_they_say_attach_and_move_as_their_role_may(case: Case, browser: httpx.Client) -> None:
    enter(case, browser)
    said = post(browser, CASE + "/acts/said", CASE, text="It began on Tuesday")
    assert said.status_code == 303, said.text[-2000:]
    token = token_in(browser.get(CASE).text)
    sent = browser.post(
        CASE + "/acts/attached",
        data={"_csrf_token": token, "form": "attached"},
        files={"file": ("pump.log", b"line 1\n")},
    )
    assert sent.status_code == 303, sent.text[-2000:]
    filled = post(browser, CASE + "/edit", CASE + "/edit", **{"fields.summary": "Pumps stop"})
    assert filled.status_code in {303, 400}
    with case.node.database.as_user(case.node.ids["admin"]) as session:
        file, now = files.view(session, case.number)
        kept = documents.find(now, "pump.log")
        assert b"".join(documents.content(session, file, kept)) == b"line 1\n"
    assert "It began on Tuesday" in str(now.timeline)
    fetched = browser.get(f"{CASE}/documents/{kept.act.document}")
    assert fetched.content == b"line 1\n"
    assert "sandbox" in fetched.headers["content-security-policy"]
    refused = post(browser, CASE + "/acts/said", CASE, text="")
    assert refused.status_code == 400


def test_a_vendor_says_what_it_has_read_and_how_far_its_fix_is(node: Node, server: Box) -> None:
    case = made(node, server, "disclosure", "vendor")
    with node.database.as_user(node.ids["admin"]) as session:
        said = keeping.act(session, case.number, Said(text="Close the valves"))
        keeping.act(session, case.number, Asked(entry=said.id))
        hidden = next(one.id for one in files.view(session, case.number)[1].timeline
                      if isinstance(one.act, Said) and one.act.text == SECRET)  # fmt: skip
    with httpx.Client(base_url=case.node.url, timeout=30, verify=NO_TLS) as browser:
        shown = enter(case, browser).text
        assert shown.count("I have read this") == 1
        assert f"{CASE}/acts/acknowledged" in shown
        for elsewhere in (f"{CASE}/reading", f"{CASE}/decisions", f"{CASE}/embargo"):
            assert elsewhere not in shown
        read = post(browser, CASE + "/acts/acknowledged", CASE, entry=said.id)
        assert read.status_code == 303
        assert "I have read this" not in browser.get(CASE).text
        not_theirs = post(browser, CASE + "/acts/acknowledged", CASE, entry=hidden)
        absent = post(browser, CASE + "/acts/acknowledged", CASE, entry="0" * 36)
        assert not_theirs.status_code == absent.status_code == 404
        moved = post(
            browser, CASE + "/acts/moved", CASE, machine="fix", trigger="be_aware", leaves="vfd",
            of=case.participant,
        )  # fmt: skip
        assert moved.status_code == 303, moved.text[-2000:]
        assert "Vendor aware" in browser.get(CASE).text
    with node.database.as_user(node.ids["admin"]) as session:
        now = files.view(session, case.number)[1]
    assert now.positions["fix", case.participant].state == "Vfd"
    assert (said.id, case.participant) in now.read


@pytest.mark.parametrize("what", ["joined", "marked", "embargoed", "renamed", "linked", "nothing"])
def test_what_is_not_theirs_to_do_is_refused(case: Case, browser: httpx.Client, what: str) -> None:
    enter(case, browser)
    answered = post(
        browser, f"{CASE}/acts/{what}", CASE, tlp="clear", title="x", kind="event", reference="1"
    )
    assert answered.status_code in {403, 404}


def test_a_wrong_link_is_answered_as_a_right_one(case: Case, browser: httpx.Client) -> None:
    def walk(link: str) -> list[tuple[int, str]]:
        at = f"{DOOR}?link={link}"
        pages = [
            browser.get(at),
            post(browser, DOOR + "/code", at, link=link),
            post(browser, DOOR + "/enter", at, link=link, code="12345678"),
        ]
        with httpx.Client(base_url=case.node.url, verify=NO_TLS) as fresh:
            known = token_in(fresh.get(at).text)
        token = token_in(pages[0].text)
        return [
            (one.status_code, one.text.replace(link, "").replace(token, "").replace(known, ""))
            for one in pages
        ]

    with case.node.database.as_user(case.node.ids["admin"]) as session:
        right = walk(case.link)
        joining.revoke(session, case.number, case.participant)
    assert right == walk("A" * 43) == walk(case.link)


def test_removed_every_address_is_the_door(case: Case, browser: httpx.Client) -> None:
    enter(case, browser)
    token = token_in(browser.get(CASE).text)
    with case.node.database.as_user(case.node.ids["admin"]) as session:
        keeping.act(session, case.number, Left(participant=case.participant, because="done"))
    answers = [
        browser.get(path) for path in (CASE, CASE + "/edit", f"{CASE}/documents/{case.document}")
    ] + [
        browser.post(CASE + path, data={"_csrf_token": token, "text": "x", "wanted": "1"})
        for path in ("/acts/said", "/edit", "/mails", "/acts/left")
    ]
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(303, DOOR)}
    assert not any("Pumps" in one.text or case.number in one.text for one in answers)


def test_mails_end_the_part_ends_and_the_door_shuts(case: Case, browser: httpx.Client) -> None:
    enter(case, browser)
    assert post(browser, CASE + "/mails", CASE).status_code == 303
    assert "You get no mails" in browser.get(CASE).text
    assert post(browser, DOOR + "/leave", CASE).status_code == 200
    assert browser.get(CASE).headers["location"] == DOOR
    assert "Pumps" in enter(case, browser).text
    left = post(browser, CASE + "/acts/left", CASE, participant=case.participant)
    assert left.headers["location"] == DOOR
    assert browser.get(CASE).headers["location"] == DOOR


def test_a_form_from_elsewhere_is_refused(case: Case, browser: httpx.Client) -> None:
    enter(case, browser)
    assert browser.post(CASE + "/acts/said", data={"text": "x"}).status_code == 403
    away = {"Origin": "https://evil.example"}
    token = token_in(browser.get(CASE).text)
    form = {"_csrf_token": token, "text": "x"}
    assert browser.post(CASE + "/acts/said", data=form, headers=away).status_code == 403


def test_who_is_signed_in_is_somebody_else_here(case: Case) -> None:
    with case.node.browser("lead") as signed_in:
        assert signed_in.get(CASE).status_code == 303
        shown = enter(case, signed_in)
        assert "Pumps stand still" in shown.text
        assert 'aria-label="Main"' not in shown.text
        assert signed_in.get(f"/cases/{case.number}").status_code in {403, 404}
