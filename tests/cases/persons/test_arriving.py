# SPDX-License-Identifier: EUPL-1.2
"""Mail of persons outside: into the case where all fits, held where anything is in doubt."""

from __future__ import annotations

import gzip
import mailbox
from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from pysequoia import SignatureMode, Tsk, decrypt, sign
from tests.cases.persons.conftest import Outside, Writer

from brug.cases import documents, files, keeping
from brug.cases.acts import Left
from brug.cases.persons import arriving, fetching, joining, quarantine
from brug.model.errors import BrugError, Conflict, Invalid, NotFound


def test_an_answer_becomes_a_message_to_those_who_lead(vera: Writer) -> None:
    assert vera.arrive(vera.answer()) == "taken"
    with vera.outside.database.as_user(vera.outside.node.host) as session:
        case = files.view(session, vera.number)[1]
    entry = case.timeline[-1]
    assert vera.texts() == ["Mine stopped too"]
    assert entry.author.org == case.participants[vera.listed.participant].org
    assert entry.to == (case.present[0].id,)


@pytest.mark.parametrize("carrier", ["To", "References", "Subject"])
def test_each_carrier_of_the_token_is_enough(vera: Writer, carrier: str) -> None:
    token = vera.letter["Reply-To"].partition("+")[2].partition("@")[0]
    mail = vera.answer(To="node@csirt.example", In_Reply_To="<x@y>", Subject="Hello")
    del mail[carrier]
    mail[carrier] = {
        "To": vera.letter["Reply-To"], "References": vera.letter["Message-ID"],
        "Subject": f"Re: [ref {token}]",
    }[carrier]  # fmt: skip
    assert vera.arrive(mail) == "taken"


def test_the_same_mail_twice_is_one_and_another_under_its_name_is_held(vera: Writer) -> None:
    mail = vera.answer(Message_ID="<once@maker.example>")
    other = vera.answer("something else", Message_ID="<once@maker.example>")
    assert [vera.arrive(one) for one in (mail, mail, other)] == ["taken", "known", "held"]
    assert vera.texts() == ["Mine stopped too"]
    assert vera.reasons() == ["same_id"]


def bomb() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 30_000_000)
    return out.getvalue()


def attached(mail: EmailMessage, name: str, data: bytes) -> EmailMessage:
    mail.add_attachment(data, "application", "octet-stream", filename=name)
    return mail


def html_only(mail: EmailMessage) -> EmailMessage:
    mail.set_content("<p>Stopped</p><img src='http://evil.example/x'><script>1</script>", "html")
    return mail


DOUBTFUL: dict[str, tuple[str, Callable[[Writer], EmailMessage]]] = {
    "another sender": ("sender", lambda v: v.answer(From="mallory@evil.example")),
    "two senders": ("sender", lambda v: v.answer(From="vera@maker.example, m@evil.example")),
    "a name like an address": (
        "sender", lambda v: v.answer(From='"vera@maker.example" <m@evil.example>'),
    ),
    "no sender": ("sender", lambda v: v.answer(From="")),
    "holiday notice": ("loop", lambda v: v.answer(Auto_Submitted="auto-replied")),
    "list": ("loop", lambda v: v.answer(Precedence="bulk")),
    "bounce": ("loop", lambda v: v.answer(Return_Path="<>")),
    "loop": ("loop", lambda v: v.answer(X_Loop="node@csirt.example")),
    "our own": ("loop", lambda v: v.answer(Message_ID=v.letter["Message-ID"])),
    "postmaster": ("loop", lambda v: v.answer(From="MAILER-DAEMON@maker.example")),
    "DMARC failed": (
        "not_authentic",
        lambda v: v.answer(Authentication_Results="mx.example; spf=pass; dmarc=fail (p=reject)"),
    ),
    "zip bomb": ("bomb", lambda v: attached(v.answer(), "logs.zip", bomb())),
    "gzip bomb": (
        "bomb", lambda v: attached(v.answer(), "logs.gz", gzip.compress(b"\0" * 30_000_000)),
    ),
    "HTML alone": ("html_only", lambda v: html_only(v.answer())),
    "nothing": ("empty", lambda v: v.answer("")),
    "encrypted in part": ("mixed", lambda v: v.answer("-----BEGIN PGP MESSAGE-----\nx")),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTFUL)
def test_in_doubt_it_is_held_and_nothing_is_in_the_case(vera: Writer, name: str) -> None:
    reason, made = DOUBTFUL[name]
    assert vera.arrive(made(vera)) == "held"
    assert vera.reasons() == [reason]
    assert vera.texts() == []


def test_what_the_mail_server_did_not_check_is_held_where_it_should(vera: Writer) -> None:
    vera.outside.set(mail__inbound_checked_by="mx.csirt.example")
    forged = vera.answer(Authentication_Results="mx.evil.example; dmarc=pass")
    checked = vera.answer(Authentication_Results="mx.csirt.example; dmarc=pass")
    below = vera.answer(Authentication_Results="mx.csirt.example; dmarc=fail")
    below["Authentication-Results"] = "mx.csirt.example; dmarc=pass"
    none = vera.answer(Authentication_Results="mx.csirt.example; dmarc=none; spf=pass")
    nothing = vera.answer(Authentication_Results="mx.csirt.example; none")
    answers = [vera.arrive(one) for one in (forged, checked, below, none, nothing)]
    assert answers == ["held", "taken", "held", "taken", "held"]
    assert vera.reasons() == ["not_authentic", "not_authentic", "unchecked"]


def test_of_one_removed_it_is_held_and_not_let_in(vera: Writer) -> None:
    node = vera.outside.node
    with vera.outside.database.as_user(node.host) as session:
        left = Left(participant=vera.listed.participant, because="done")
        keeping.act(session, vera.number, left)
    assert vera.arrive(vera.answer()) == "held"
    (held,) = vera.held()
    assert held.reason == "removed"
    with (
        vera.outside.database.as_user(node.host) as session,
        pytest.raises(NotFound),
    ):
        quarantine.release(session, held.id, {"because": "it is fine"})
    assert vera.texts() == []


def test_more_than_so_many_an_hour_are_held(vera: Writer) -> None:
    vera.outside.set(mail__inbound_hourly=2)
    assert [vera.arrive(vera.answer(str(n))) for n in range(4)] == ["taken"] * 2 + ["held"] * 2
    assert vera.reasons() == ["many", "many"]


def test_files_become_documents_programs_are_boxed_and_names_are_made_to_fit(vera: Writer) -> None:
    mail = attached(vera.answer(), "../../etc/pass wd", b"line\n")
    attached(attached(mail, "update.exe", b"MZ\x90"), "run.js", b"alert(1)")
    assert vera.arrive(mail) == "taken"
    with vera.outside.database.as_user(vera.outside.node.host) as session:
        case = files.view(session, vera.number)[1]
    shown = {one.act.name: bool(one.act.sample) for one in documents.shown(case)}
    assert shown == {"_.._etc_pass wd": False, "update.exe.zip": True, "run.js.zip": True}


def test_who_may_not_attach_is_held_with_all_of_it(vera: Writer) -> None:
    vera.outside.invite(vera.number, email="otto@maker.example", role="observer", name="Otto")
    letter = vera.outside.send(vera.number)
    otto = next(one for one in letter if one["To"] == "otto@maker.example")
    writer = Writer(vera.outside, vera.number, vera.listed, otto)
    mail = attached(writer.answer(From="otto@maker.example"), "x.log", b"x")
    assert writer.arrive(mail) == "held"
    assert writer.reasons() == ["role"]
    assert writer.texts() == []


def test_too_large_and_unreadable_are_held_and_no_case_is_named_to_others(vera: Writer) -> None:
    raw = vera.answer("x" * 5000).as_bytes()
    assert vera.arrive(raw[:2000], len(raw)) == "held"
    (held,) = vera.held()
    assert (held.reason, held.is_whole) == ("too_large", False)
    node = vera.outside.node
    with vera.outside.database.as_user(node.host) as session, pytest.raises(Conflict):
        quarantine.release(session, held.id, {"because": "read"})
    assert vera.arrive(b"\x00\xff\xfe no mail " + uuid4().bytes) == "held"
    for who in (node.entity, node.without):
        with vera.outside.database.as_user(who) as session:
            assert quarantine.listed(session) == []
            with pytest.raises(NotFound) as hidden:
                quarantine.show(session, held.id)
            with pytest.raises(NotFound) as absent:
                quarantine.show(session, 10**6)
            assert str(hidden.value) == str(absent.value)


def test_however_much_is_held_that_is_of_others_one_sees_ones_own(
    vera: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MOST", 1)
    node, database = vera.outside.node, vera.outside.database
    with database.as_user(node.entity) as session:
        number = keeping.open_case(session, "incident", "Their own").number
        given = {"email": "wim@maker.example", "name": "Wim", "role": "handler"}
        joining.invite(session, number, given)
    letter = vera.outside.send(number)[0]
    mail = vera.answer(To=letter["Reply-To"], Subject=letter["Subject"], In_Reply_To="<a@b>")
    assert vera.arrive(mail) == "held"
    for _ in range(3):
        assert vera.arrive(b"\xff no mail " + uuid4().bytes) == "held"
    with database.as_user(node.entity) as session:
        assert [(one.case, one.reason) for one in quarantine.listed(session)] == [
            (number, "sender")
        ]
        assert quarantine.waiting(session) == 1
    with database.as_user(node.without) as session:
        assert quarantine.waiting(session) == 0


def test_released_it_is_theirs_and_discarded_it_is_gone(vera: Writer) -> None:
    vera.arrive(html_only(vera.answer()))
    vera.arrive(vera.answer("spam", From="mallory@evil.example"))
    discarded, released = vera.held()
    with vera.outside.database.as_user(vera.outside.node.host) as session:
        opened = quarantine.show(session, released.id)
        assert opened.mail
        assert opened.mail.text == "Stopped"
        for lacking in ({}, {"because": " "}, {"because": "x" * 1001}):
            with pytest.raises(Invalid):
                quarantine.release(session, released.id, lacking)
        quarantine.release(session, released.id, {"because": "her phone does that"})
        quarantine.discard(session, discarded.id, {"because": "not hers"})
        case = files.view(session, vera.number)[1]
    entry = case.timeline[-1]
    assert "Stopped" in entry.act.text  # type: ignore[union-attr]
    assert "1 img, 1 script" in entry.act.text  # type: ignore[union-attr]
    assert entry.act.because == "html_only: her phone does that"
    assert entry.author.org == case.participants[vera.listed.participant].org
    assert vera.held() == []
    with vera.outside.database.system() as session:
        rows = session.all(
            "SELECT state, raw FROM case_mail WHERE id = ANY (%s) ORDER BY id",
            ([released.id, discarded.id],),
        )
        author = session.value("SELECT author_org FROM case_entry ORDER BY number DESC LIMIT 1")
    assert rows == [("released", None), ("discarded", None)]
    assert author is None


def test_what_names_no_case_is_let_in_by_who_leads_one(vera: Writer) -> None:
    node = vera.outside.node
    vera.arrive(vera.answer("lost", To="node@csirt.example", Subject="hm", In_Reply_To="<a@b>"))
    with vera.outside.database.as_user(node.host) as session:
        held = next(one for one in quarantine.listed(session) if one.reason == "unknown")
        with pytest.raises(Invalid):
            quarantine.release(session, held.id, {"because": "hers"})
        into = {"because": "hers", "case": vera.number, "person": "vera@maker.example"}
        with pytest.raises(NotFound):
            quarantine.release(session, held.id, into | {"person": "nobody"})
        quarantine.release(session, held.id, into)
    assert vera.texts() == ["lost"]


def test_a_maildir_is_read_once_each_and_keeps_its_mail(vera: Writer, tmp_path: Path) -> None:
    box = mailbox.Maildir(str(tmp_path / "box"))
    vera.outside.set(mail__inbound_maildir=str(tmp_path / "box"))
    box.add(vera.answer("one").as_bytes())
    box.add(vera.answer("two", From="mallory@evil.example").as_bytes())
    box.add(b"")
    done = fetching.fetch(vera.outside.database)
    assert (done.taken, done.held, done.failed) == (1, 2, 0)
    assert fetching.fetch(vera.outside.database) == fetching.Fetched()
    assert len(list((tmp_path / "box" / "cur").iterdir())) == 3
    assert not list((tmp_path / "box" / "new").iterdir())
    assert vera.texts() == ["one"]


def test_what_cannot_be_stored_stays_new(
    vera: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = mailbox.Maildir(str(tmp_path / "box"))
    vera.outside.set(mail__inbound_maildir=str(tmp_path / "box"))
    box.add(vera.answer("one").as_bytes())

    def broken(*_: object) -> str:
        raise RuntimeError("what a mail says")

    with monkeypatch.context() as patched:
        patched.setattr(arriving, "arrive", broken)
        done = fetching.fetch(vera.outside.database)
    assert done.failed == 1
    assert "what a mail says" not in str(done.problems)
    assert vera.texts() == []
    assert fetching.fetch(vera.outside.database).taken == 1


def test_a_mailbox_that_is_not_there_is_told(vera: Writer, tmp_path: Path) -> None:
    vera.outside.set(mail__inbound_maildir=str(tmp_path / "none"))
    with pytest.raises(BrugError) as refused:
        fetching.fetch(vera.outside.database)
    assert refused.value.code == "mail_not_fetched"


def test_with_a_key_letters_are_encrypted_whatever_the_marking_and_answers_are_signed(
    outside: Outside,
) -> None:
    pair = Tsk.generate("Vera <vera@maker.example>")
    outside.set(mail__inbound="maildir", mail__inbound_checked_by="")
    number = outside.open("red")
    listed = outside.invite(number, gpgkey=str(pair.extract_certificate()))
    assert listed.fingerprint
    invited = outside.send()[-1]
    outside.say(number, "the pump answers again")
    letter = outside.send()[-1]
    for one in (invited, letter):
        assert one.get_content_type() == "multipart/encrypted"
        assert number not in one["Subject"]
    sealed = letter.get_payload(1)
    assert isinstance(sealed, EmailMessage)
    content = sealed.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert b"the pump answers again" in (decrypt(content, pair.decryptor()).bytes or b"")

    vera = Writer(outside, number, listed, letter)
    assert vera.arrive(vera.answer("unsigned")) == "held"
    body = b"Content-Type: text/plain\r\n\r\nsigned"
    signature = sign(pair.signer(), body, mode=SignatureMode.DETACHED)
    head = vera.answer()
    del head["Content-Type"], head["Content-Transfer-Encoding"], head["MIME-Version"]
    head["MIME-Version"] = "1.0"
    head["Content-Type"] = 'multipart/signed; protocol="application/pgp-signature"; boundary="sign"'
    parts = b"--sign\r\n" + body + b"\r\n--sign\r\nContent-Type: application/pgp-signature\r\n\r\n"
    raw = head.as_bytes().partition(b"\n\n")[0] + b"\n\n" + parts + signature + b"\r\n--sign--\r\n"
    assert vera.arrive(raw) == "taken"
    assert vera.texts() == ["the pump answers again", "signed"]
    assert vera.reasons() == ["signature"]
