# SPDX-License-Identifier: EUPL-1.2
"""A contact's key expires or is revoked between two letters: nothing goes in the clear instead."""

from pathlib import Path
from typing import Any

import pytest
from pysequoia import Cert, Tsk
from tests.bridges.mail.conftest import ADMIN, ALICE, Mailed, opened

from brug.bridges.crossing import recalls
from brug.bridges.mail import checking, mailboxes, posting, rounds
from brug.directory.refusals import Refused

EXPIRED = (Path(__file__).parent / "expired.asc").read_text()


def new_pair() -> Tsk:
    return Tsk.generate("Alice <alice@hospital.example>")


def revoked(pair: Tsk) -> str:
    """The certificate as its owner publishes it once the key is lost."""
    cert = pair.extract_certificate()
    return str(Cert.from_bytes(bytes(cert) + bytes(cert.revoke(pair.certifier()))))


def give(mailed: Mailed, key: str, email: str = ALICE) -> None:
    with mailed.database.as_user(ADMIN) as session:
        mailboxes.put_contact(session, mailed.bridge, {"email": email, "gpgkey": key})


def expires(mailed: Mailed) -> None:
    """Time passes; nobody tells the node."""
    with mailed.database.system() as session:
        session.execute("UPDATE mail_contact SET gpgkey = %s", (EXPIRED,))


def why(mailed: Mailed) -> list[str]:
    with mailed.database.system() as session:
        return [problem for problem, _ in checking.problems(session)]


@pytest.fixture
def keyed(mailed: Mailed) -> Mailed:
    mailed.agree()
    pair = new_pair()
    give(mailed, str(pair.extract_certificate()))
    mailed.event("first.example", tag="tlp:amber")
    (got,) = mailed.round()
    assert b"first.example" in opened(got, pair)
    return mailed


ENDED = f"Hospital Zuid: {ALICE}: the key has expired or was revoked"


def test_after_a_key_has_expired_nothing_goes_until_there_is_another(keyed: Mailed) -> None:
    expires(keyed)
    amber = keyed.event("amber.example", tag="tlp:amber")
    green = keyed.event("green.example")
    assert keyed.round() == []
    (held,), (waits,) = keyed.crossings(amber), keyed.crossings(green)
    assert (held.state, held.releasable) == ("held", False)
    assert waits.state == "failed", "what may go in the clear does not do so by itself either"
    assert "a key that has not expired" in waits.problem
    assert why(keyed) == [ENDED]
    keyed.soon()
    assert keyed.round() == []
    pair = new_pair()
    give(keyed, str(pair.extract_certificate()))
    letters = [opened(one, pair) for one in keyed.round()]
    assert sorted(b"amber.example" in one for one in letters) == [False, True]
    assert sorted(b"green.example" in one for one in letters) == [False, True]
    assert keyed.crossings(amber)[0].state == keyed.crossings(green)[0].state == "sent"
    assert why(keyed) == []


def test_a_key_that_expires_while_a_digest_gathers_holds_what_is_in_it(keyed: Mailed) -> None:
    with keyed.database.as_user(ADMIN) as session:
        mailboxes.change(session, keyed.bridge, {"frequency": "monthly"})
    uuid = keyed.event("amber.example", tag="tlp:amber")
    assert keyed.round() == []
    assert keyed.crossings(uuid)[0].state == "waiting"
    expires(keyed)
    rounds.one_bridge(keyed.database, keyed.bridge.id, everything=True)
    assert keyed.round() == []
    assert keyed.crossings(uuid)[0].state == "held"


def test_the_contacts_own_key_may_come_revoked_and_is_used_no_more(mailed: Mailed) -> None:
    mailed.agree()
    pair, other = new_pair(), new_pair()
    give(mailed, str(pair.extract_certificate()))
    first = mailed.event("first.example", tag="tlp:amber")
    assert len(mailed.round()) == 1
    with pytest.raises(Refused, match="revoked"):
        give(mailed, revoked(other))  # another's
    with pytest.raises(Refused, match="revoked"):
        give(mailed, revoked(pair), "bob@hospital.example")  # who never had it
    give(mailed, revoked(pair))
    uuid = mailed.event("amber.example", tag="tlp:amber")
    assert mailed.round() == []
    assert mailed.crossings(uuid)[0].state == "held"
    assert why(mailed) == [ENDED]
    # Neither does what is called back.
    with mailed.database.as_user(ADMIN) as session:
        recalls.ask_all(session, first, "names a victim")
    assert mailed.round() == []
    mailed.soon()
    give(mailed, str(other.extract_certificate()))
    letters = [opened(one, other) for one in mailed.round()]
    assert len(letters) == 2
    assert any(b"amber.example" in one for one in letters)


@pytest.mark.parametrize("change", ["no key any more", "another contact", "another key"])
def test_who_changed_after_it_was_decided_gets_what_is_decided_anew(
    keyed: Mailed, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    done: list[str] = []
    prepared = posting.prepared

    def meanwhile(*args: Any) -> Any:
        if not done:
            done.append(change)
            if change == "another contact":
                give(keyed, "", "bob@hospital.example")
            else:
                key = str(new_pair().extract_certificate()) if change == "another key" else ""
                give(keyed, key)
        return prepared(*args)

    monkeypatch.setattr(posting, "prepared", meanwhile)
    uuid = keyed.event("amber.example", tag="tlp:amber")
    assert keyed.round() == []
    assert "changed meanwhile" in keyed.problem()
    keyed.soon()
    got = keyed.round()
    assert "amber.example" not in "".join(one.as_string() for one in got)
    assert len(got) == (change == "another key")
    assert keyed.crossings(uuid)[0].state == ("sent" if change == "another key" else "held")
