# SPDX-License-Identifier: EUPL-1.2
"""Signed notes, checkpoints and cosignatures: published vectors, and what must be refused."""

from base64 import b64decode, b64encode
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import examples

from brug.formats import signed_note
from brug.formats.signed_note import COSIGNATURE, ED25519, BadNote, Checkpoint, Key

# golang.org/x/mod/sumdb/note, the example of its documentation. Ed25519 is deterministic, so
# that making the note again must give the same bytes.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETERS_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETERS_NOTE = (
    PETERS_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX"
    "gKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# golang.org/x/mod/sumdb/note, note_test.go; github.com/transparency-dev/formats,
# note/note_cosigv1_test.go (the second plus is part of the key's base64).
VKEYS = [
    PETER,
    "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
    "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
]
# The example of c2sp.org/tlog-cosignature.
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv"
    "2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
    "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


class Signer:
    """A key with its private half."""

    def __init__(self, name: str, seed: bytes = b"\1" * 32, kind: int = ED25519) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = Key(name, self._private.public_key().public_bytes_raw(), kind)
        self.sign: Callable[[bytes], bytes] = self._private.sign


LOG, WITNESS = Signer("node.example/ledger"), Signer("partner.example", b"\2" * 32, COSIGNATURE)
POINT = Checkpoint("node.example/ledger", 7, bytes(range(32)))


def checkpoint_note() -> signed_note.Note:
    return signed_note.make(POINT.text, LOG.key, LOG.sign)


@pytest.mark.parametrize("text", VKEYS)
def test_published_keys_are_read_and_written_the_same(text: str) -> None:
    assert signed_note.read_key(text).text == text


def test_the_published_note_is_verified_and_comes_out_the_same() -> None:
    key = signed_note.read_key(PETER)
    note = signed_note.parse(PETERS_NOTE)
    assert note.body == PETERS_TEXT
    assert note.text == PETERS_NOTE
    assert signed_note.signers(note, [key]) == [key]
    signer = Signer("PeterNeumann", PETERS_SEED)
    assert signer.key == key
    assert signed_note.make(PETERS_TEXT, key, signer.sign).text == PETERS_NOTE


def test_the_published_checkpoint_is_read_with_its_cosignature() -> None:
    note = signed_note.parse(SOFA)
    assert note.text == SOFA
    found = signed_note.read_checkpoint(note.body)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.text == note.body
    assert [line.name for line in note.lines] == [found.origin, "witness.example.com/w1"]
    assert signed_note.cosigned_at(note.lines[1]) == 1679315147


def test_the_published_time_of_a_cosignature_is_read() -> None:
    """transparency-dev/formats, TestCoSigV1Timestamp."""
    line = signed_note.read_line(
        "— a ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDc"
        "FiEBYJXORmnFBOBA==\n"
    )
    assert signed_note.cosigned_at(line) == 1727964367


def test_a_cosignature_stands_for_text_and_time_and_nothing_else() -> None:
    note = checkpoint_note()
    line = signed_note.cosign(note, WITNESS.key, 1_700_000_000, WITNESS.sign)
    both = note.with_lines([line, line])
    assert len(both.lines) == 2
    assert signed_note.signers(both, [LOG.key, WITNESS.key]) == [LOG.key, WITNESS.key]
    assert signed_note.parse(both.text) == both
    moved = (line.signature[:7] + bytes([line.signature[7] ^ 1])) + line.signature[8:]
    wrong = note.with_lines([signed_note.Line(line.name, line.key_id, moved)])
    with pytest.raises(BadNote, match="is wrong"):
        signed_note.signers(wrong, [LOG.key, WITNESS.key])
    plain = Key(WITNESS.key.name, WITNESS.key.public)
    with pytest.raises(BadNote, match="none of the known keys"):
        signed_note.signers(both, [plain])


def test_what_a_cosigner_signs_is_as_the_specification_writes_it() -> None:
    signed: list[bytes] = []

    def sign(data: bytes) -> bytes:
        signed.append(data)
        return WITNESS.sign(data)

    signed_note.cosign(signed_note.parse(SOFA), WITNESS.key, 1679315147, sign)
    expected = (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    assert signed == [expected]


def test_lines_of_unknown_keys_are_kept_and_mean_nothing() -> None:
    note = checkpoint_note()
    stranger = signed_note.Line("stranger.example", b"\0\0\0\0", b"x" * 64)
    namesake = signed_note.Line(LOG.key.name, b"\0\0\0\0", b"x" * 64)
    same_id = signed_note.Line("stranger.example", LOG.key.id, b"x" * 64)
    many = note.with_lines([stranger, namesake, same_id])
    assert signed_note.signers(signed_note.parse(many.text), [LOG.key]) == [LOG.key]
    with pytest.raises(BadNote, match="none of the known"):
        signed_note.signers(signed_note.Note(note.body, (stranger, namesake, same_id)), [LOG.key])


def test_a_wrong_line_of_a_known_key_spoils_the_note_beside_a_right_one() -> None:
    note = checkpoint_note()
    wrong = signed_note.Line(LOG.key.name, LOG.key.id, b"x" * 64)
    with pytest.raises(BadNote, match="is wrong"):
        signed_note.signers(note.with_lines([wrong]), [LOG.key])


@settings(max_examples=examples(400), deadline=None)
@given(st.data())
def test_no_changed_letter_of_a_note_passes(data: st.DataObject) -> None:
    text = checkpoint_note().text
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(exclude_categories=["Cs"]))
    changed = text[:place] + letter + text[place + 1 :]
    if changed == text:
        return
    with pytest.raises(BadNote):
        signed_note.signers(signed_note.parse(changed), [LOG.key])


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80))
def test_whatever_comes_is_a_note_or_is_refused(text: str | bytes) -> None:
    try:
        note = signed_note.parse(text)
    except BadNote:
        return
    raw = text if isinstance(text, bytes) else text.encode()
    assert note.text.encode() == raw


hashes = st.binary(min_size=32, max_size=32)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@settings(max_examples=examples(200), deadline=None)
@given(lines, st.integers(0, 10**17), hashes, st.lists(lines, max_size=2))
def test_a_checkpoint_comes_back_as_it_was(
    origin: str, size: int, root: bytes, extensions: list[str]
) -> None:
    point = Checkpoint(origin, size, root, tuple(extensions))
    assert signed_note.read_checkpoint(point.text) == point


ROOT = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "body",
    [
        "", "o\n", "o\n1\n", f"o\n1\n{ROOT}", f"\n1\n{ROOT}\n", f"o\n01\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n", f"o\n-1\n{ROOT}\n", f"o\n1_0\n{ROOT}\n", f"o\n٣\n{ROOT}\n",
        f"o\n{'9' * 5000}\n{ROOT}\n", f"o\n1\n{ROOT[:-4]}\n", f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n {ROOT}\n", f"o\n1\n{ROOT[:-2]}B=\n", f"o\n1\n{ROOT}\n\n", f"o\n1\n{ROOT}\n\nx\n",
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(body: str) -> None:
    with pytest.raises(BadNote):
        signed_note.read_checkpoint(body)


@pytest.mark.parametrize(
    "text",
    [
        "", "PeterNeumann", PETER.replace("c74f20a3", "c74f20a4"), PETER.replace("Peter", "Petra"),
        PETER[:-1], PETER + "=", PETER.replace("+ARpc", "+AxpC"), "+" + PETER.split("+", 1)[1],
        PETER.replace("PeterNeumann", "Peter Neumann"), PETER.replace("PeterNeumann", "Peter\tN"),
        PETER.replace("+c74f", "+C74F"), PETER.replace("PeterNeumann", "\ud800"),
        # Of a kind or a length that is not known, under the ID that it would have.
        Key("PeterNeumann", bytes(32), 2).text, Key("PeterNeumann", bytes(31)).text,
    ],
)  # fmt: skip
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        signed_note.read_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "text\n", "text\n\n", "text\n\n— a\n", "text\n\n- a AAAAAAAA\n", "text\n\n— a AAAAAA==\n",
        "text\n\n— a AAAAAAAA", "text\n\n— a b AAAAAAAA\n", "te\rxt\n\n— a AAAAAAAA\n",
        "text\n\n— a AAAAAAAA\nmore\n", "text\n— a AAAAAAAA\n", "text\n\n— a+b AAAAAAAA\n",
        "t\n\n" + "— a AAAAAAAA\n" * 101, "x" * 70_000 + "\n\n— a AAAAAAAA\n",
        b"\xff\n\n\xe2\x80\x94 a AAAAAAAA\n",
        "t\ud800\n\n— a AAAAAAAA\n",
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(text: str | bytes) -> None:
    with pytest.raises(BadNote):
        signed_note.parse(text)


def test_the_largest_note_is_taken_and_none_that_is_larger_in_bytes() -> None:
    line = "— a AAAAAAAA\n"
    for text in "t\n\n" + line * signed_note.MOST_SIGNATURES, _long("x"), _long("é"):
        assert signed_note.parse(text).text == text
    with pytest.raises(BadNote, match="at most"):
        signed_note.parse("t\n\n" + line * (signed_note.MOST_SIGNATURES + 1))
    for letter in "x", "é":
        with pytest.raises(BadNote, match="at most"):
            signed_note.parse("x" + _long(letter))


def _long(letter: str) -> str:
    """The largest note whose text is of one letter, and of one more where it fills no pair."""
    end = "\n\n— a AAAAAAAA\n"
    room = signed_note.LARGEST_NOTE - len(end.encode())
    return "x" * (room % len(letter.encode())) + letter * (room // len(letter.encode())) + end


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_no_key_and_no_signature_of_another_length_is_right(length: int) -> None:
    right = LOG.sign(b"data")
    assert signed_note.is_signed(LOG.key.public, right, b"data")
    assert not signed_note.is_signed(LOG.key.public, (right * 2)[:length], b"data")
    assert not signed_note.is_signed((LOG.key.public * 3)[:length], right, b"data")


def test_sixteen_signatures_are_taken() -> None:
    many = [Signer(f"w{n}.example", bytes([n]) * 32) for n in range(1, 17)]
    lines = [signed_note.make(POINT.text, one.key, one.sign).lines[0] for one in many]
    note = signed_note.parse(signed_note.Note(POINT.text, tuple(lines)).text)
    assert len(signed_note.signers(note, [one.key for one in many])) == 16


@pytest.mark.parametrize("body", ["", "no newline", "tab\there\n", "nul\0\n"])
def test_no_note_is_made_of_a_text_that_could_not_be_read_again(body: str) -> None:
    with pytest.raises(BadNote):
        signed_note.make(body, LOG.key, LOG.sign)


def test_a_cosigner_signs_checkpoints_alone_and_with_a_key_for_it() -> None:
    plain = signed_note.make("no checkpoint\n", LOG.key, LOG.sign)
    with pytest.raises(BadNote, match="three lines"):
        signed_note.cosign(plain, WITNESS.key, 1, WITNESS.sign)
    with pytest.raises(BadNote, match="a key for it"):
        signed_note.cosign(checkpoint_note(), LOG.key, 1, LOG.sign)
    for at in -1, 2**63:
        with pytest.raises(BadNote, match="a key for it"):
            signed_note.cosign(checkpoint_note(), WITNESS.key, at, WITNESS.sign)
    for at in 0, 2**63 - 1:
        line = signed_note.cosign(checkpoint_note(), WITNESS.key, at, WITNESS.sign)
        assert signed_note.cosigned_at(line) == at
    with pytest.raises(BadNote, match="no cosignature"):
        signed_note.cosigned_at(checkpoint_note().lines[0])
