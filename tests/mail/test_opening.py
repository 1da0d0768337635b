# SPDX-License-Identifier: EUPL-1.2
"""What strangers encrypt to the node: opened whole, checked and small enough, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pysequoia import Tsk, encrypt, sign
from tests.cases.persons.packets import Forger, compressed, literal

from brug.mail.inbound.opening import opened

LIMIT = 100_000
Made = Callable[[Forger], bytes]


@pytest.fixture(scope="module")
def forger() -> Forger:
    return Forger()


def deep(times: int) -> bytes:
    made = literal(b"hello")
    for _ in range(times):
        made = compressed(made)
    return made


# Name -> what comes of it, and the message.
MESSAGES: dict[str, tuple[str, Made]] = {
    "protected": ("", lambda f: f.protected(literal(b"hello"))),
    "compressed": ("", lambda f: f.protected(deep(1))),
    "encrypted twice": ("", lambda f: f.protected(f.protected(literal(b"hello")))),
    "without a modification detection code": ("tampered", lambda f: f.unprotected(literal(b"x"))),
    "downgraded": ("tampered", lambda f: f.downgraded(literal(b"hello"))),
    "a bit turned": ("tampered", lambda f: _turned(f.protected(literal(b"hello" * 100)))),
    "cut off": ("tampered", lambda f: f.protected(literal(b"hello" * 100))[:-40]),
    "something after it": ("tampered", lambda f: f.protected(literal(b"hello")) + literal(b"x")),
    "something before it": ("tampered", lambda f: literal(b"x") + f.protected(literal(b"hello"))),
    "two of them": ("tampered", lambda f: f.protected(literal(b"x")) * 2),
    "two contents": ("tampered", lambda f: f.protected(literal(b"a") + literal(b"b"))),
    "a bomb": ("bomb", lambda f: f.protected(compressed(literal(bytes(12_000_000))))),
    "a bomb in a bomb": (
        "bomb", lambda f: f.protected(compressed(compressed(literal(bytes(12_000_000))))),
    ),
    "too deep": ("tampered", lambda f: f.protected(deep(20))),
    "one byte too many": ("bomb", lambda f: f.protected(literal(bytes(LIMIT + 1)))),
    "not encrypted": ("tampered", lambda _: literal(b"hello")),
    "signed alone": ("tampered", lambda f: bytes(sign(f.pair.signer(), b"hello"))),
    "by a password": ("encrypted", lambda _: bytes(encrypt(b"hello", passwords=["x"]))),
    "a key": ("tampered", lambda f: bytes(f.pair.extract_certificate())),
    "nothing": ("tampered", lambda _: b""),
    "rubbish": ("tampered", lambda _: b"\xff\x00" * 500),
    "armour around nothing": ("tampered", lambda _: b"-----BEGIN PGP MESSAGE-----\n\nx"),
}  # fmt: skip


def _turned(message: bytes) -> bytes:
    return message[:-30] + bytes([message[-30] ^ 1]) + message[-29:]


@pytest.mark.parametrize("name", MESSAGES)
def test_it_opens_whole_and_protected_or_not_at_all(forger: Forger, name: str) -> None:
    doubt, made = MESSAGES[name]
    found = opened(made(forger), [bytes(forger.pair)], "", LIMIT)
    assert (found.doubt, found.content) == (doubt, b"" if doubt else b"hello")


def test_who_signed_it_is_whose_key_is_given_and_nobody_else(forger: Forger) -> None:
    vera, other = Tsk.generate("vera"), Tsk.generate("other")
    cert = forger.pair.extract_certificate()
    secrets = [bytes(other), bytes(forger.pair)]
    signed = bytes(encrypt(b"hello", recipients=[cert], signer=vera.signer()))
    plain = bytes(encrypt(b"hello", recipients=[cert]))

    def told(message: bytes, key: str) -> tuple[bytes, bool, bool]:
        found = opened(message, secrets, key, LIMIT)
        return found.content, found.is_signed, found.is_by_key

    hers, others = str(vera.extract_certificate()), str(other.extract_certificate())
    assert told(signed, hers) == (b"hello", True, True)
    assert told(signed, others) == (b"hello", True, False)
    assert told(signed, "") == (b"hello", True, False)
    assert told(plain, hers) == (b"hello", False, False)
    assert opened(signed, [bytes(other)], hers, LIMIT).doubt == "encrypted"
    assert opened(signed, [], hers, LIMIT).doubt == "encrypted"
