# SPDX-License-Identifier: EUPL-1.2
"""Proofs hold without the node, and for nothing but what was recorded."""

from base64 import b64decode, b64encode

import msgspec
import pytest
from tests.bridges.ledger.conftest import Node

from brug.bridges import identity, ledger
from brug.bridges.ledger import checkpoints, erasing, logs, proving, verifying
from brug.formats import ledger_proof
from brug.formats.ledger_proof import BadProof
from brug.formats.signed_note import BadNote
from brug.model.errors import BrugError, Forbidden, Invalid, NotFound


def key_of(node: Node) -> str:
    with node.database.system() as session:
        return checkpoints.own_keys(session, logs.of(session).origin)[0].text


def proof_of(node: Node, text: str = "what happened") -> str:
    (made,) = node.record(text)
    node.record("something else", "and more")
    node.turn()
    with node.database.system() as session:
        return proving.proof(session, made)


def test_a_proof_is_verified_with_a_public_key_alone(node: Node) -> None:
    proof, key = proof_of(node), key_of(node)
    proved = ledger_proof.check(proof, [key])
    assert proved.entry is not None
    assert proved.entry["payload"] == {"text": "what happened"}
    assert proved.entry["kind"] == "test"
    assert [one.text for one in proved.signers] == [key]
    # A key without a name, as the node publishes it, serves as well; in either alphabet.
    with node.database.system() as session:
        public = identity.current(session).public
    for bare in (b64encode(public).decode(), identity.in_text(public)):
        assert ledger_proof.check(proof, [bare]).commitment == proved.commitment


def test_a_proof_of_another_node_or_under_another_key_is_refused(node: Node) -> None:
    proof = proof_of(node)
    other = b64encode(b"\x05" * 32).decode()
    with pytest.raises(BadNote, match="none of the known keys"):
        ledger_proof.check(proof, [other])
    with pytest.raises(BadNote, match="is no key"):
        ledger_proof.check(proof, ["nonsense"])
    with pytest.raises(BadNote, match="none of the known keys"):
        ledger_proof.check(proof, [])


def test_no_changed_byte_of_a_proof_passes(node: Node) -> None:
    """Every byte of the file, and every bit of the entry inside it."""
    proof, key = proof_of(node), key_of(node)
    for place in range(len(proof)):
        changed = chr(ord(proof[place]) ^ 1) if ord(proof[place]) < 128 else "-"
        with pytest.raises(BrugError):
            ledger_proof.check(proof[:place] + changed + proof[place + 1 :], [key])
    head, extra, *rest = proof.split("\n")
    raw = b64decode(extra.removeprefix("extra "))
    for place in range(len(raw)):
        for bit in (1, 4, 32):
            wrong = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]
            text = "\n".join((head, "extra " + b64encode(wrong).decode(), *rest))
            try:
                proved = ledger_proof.check(text, [key])
            except BrugError:
                continue
            # The salt's letters in the other case are the same salt.
            assert proved.commitment == ledger_proof.check(proof, [key]).commitment


@pytest.mark.parametrize(
    "text",
    [
        "", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nextra e30=\nindex -1\n\nx\n\n", "x" * 5_000_000,
        "c2sp.org/tlog-proof@v1\nextra e30=\nindex 00\n\nx\n\n",
        "c2sp.org/tlog-proof@v1\nextra " + b64encode(b"[" * 100_000).decode() + "\nindex 0\n\nx\n",
    ],
)  # fmt: skip
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises((BadProof, BadNote)):
        ledger_proof.check(text, [])


def test_what_is_not_signed_yet_is_recorded_and_not_provable(node: Node) -> None:
    (made,) = node.record("just now")
    with node.database.system() as session:
        placed = proving.entry(session, made)
        assert (placed.position, placed.provable) == (None, False)
        with pytest.raises(proving.NotProvable):
            proving.proof(session, made)
    node.turn()
    with node.database.system() as session:
        assert proving.entry(session, made).provable
        assert proving.listed(session, kind="test")[0].provable


@pytest.mark.parametrize("reference", ["nonsense", "", "7c2b5e0e-54f1-4a57-9a77-0e5d1a3f0000"])
def test_an_entry_that_is_not_there_is_not_found(node: Node, reference: str) -> None:
    with node.database.system() as session, pytest.raises(NotFound):
        proving.entry(session, reference)


# Erasing --------------------------------------------------------------------------


def test_what_an_entry_said_is_erased_and_everything_still_verifies(node: Node) -> None:
    (made,) = node.record("a name that must go")
    node.turn()
    with node.database.system() as session:
        before = proving.proof(session, made)
    with node.database.system() as session:
        erasing.erase(session, made, "article 17", 1)
    node.turn()
    with node.database.system() as session:
        assert session.one("SELECT payload, salt FROM ledger_entry WHERE id = %s", (made,)) == (
            None, None,
        )  # fmt: skip
        found = verifying.verify(node.database, node.folder)
        assert [one.problems for one in found] == [[]]
        assert found[0].erased == 1
        after = proving.proof(session, made)
        (noted,) = session.all("SELECT payload FROM ledger_entry WHERE kind = 'erased'")
    assert noted[0] == {"entry": str(made), "reason": "article 17", "by": 1}
    key = key_of(node)
    proved = ledger_proof.check(after, [key])
    assert proved.entry is None
    assert "name that must go" not in after
    # Whoever holds the old proof can still show what was said.
    assert ledger_proof.check(before, [key]).commitment == proved.commitment


def test_what_has_no_place_yet_or_was_erased_is_not_erased(node: Node) -> None:
    (made,) = node.record("pending")
    with pytest.raises(erasing.NotErasable, match="no place"), node.database.system() as session:
        erasing.erase(session, made, "too early", 1)
    node.turn()
    for reason in ("", " ", "x" * 501):
        with pytest.raises(Invalid, match="reason"), node.database.system() as session:
            erasing.erase(session, made, reason, 1)
    with node.database.system() as session:
        erasing.erase(session, made, "now", 1)
    with pytest.raises(erasing.NotErasable, match="before"), node.database.system() as session:
        erasing.erase(session, made, "again", 1)


def test_a_person_erases_nothing_not_even_a_site_admin(node: Node) -> None:
    (made,) = node.record("stays")
    node.turn()
    with pytest.raises(Forbidden, match="system alone"), node.database.as_user(1) as session:
        erasing.erase(session, made, "I want it gone", 1)
    assert node.value("SELECT count(*) FROM ledger_entry WHERE erased IS NOT NULL") == 0


def test_an_export_holds_all_that_verifying_takes(node: Node) -> None:
    ids = node.record(*(f"{n}" for n in range(5)))
    node.turn()
    with node.database.system() as session:
        erasing.erase(session, ids[2], "gone", 1)
        lines = [msgspec.to_builtins(one) for one in proving.exported(session, logs.of(session))]
    entries = [line for line in lines if "position" in line]
    assert [line["position"] for line in entries] == list(range(len(entries)))
    said = [line["entry"]["payload"].get("text") for line in entries if "entry" in line]
    assert said[-4:] == ["0", "1", "3", "4"]
    assert "checkpoint" in lines[-1]
    assert ledger.record is not None
