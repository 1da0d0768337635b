# SPDX-License-Identifier: EUPL-1.2
"""Identifiers of people in free text: e-mail addresses, phone numbers, IBAN, cards, BSN.

Each has a shape and, where its scheme has one, a check: IBAN mod 97 (ISO 13616), card numbers
Luhn (ISO/IEC 7812-1), the Dutch BSN the 11-test (weights 9..2 and -1). Names of people are
not found: no dictionary does that without finding half the world.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal

Found = Literal["e-mail address", "phone number", "IBAN", "card number", "BSN"]

# Most texts hold no number that could be one of them, which is seen by how each of them begins:
# seven digits with at most two characters between them, or an IBAN's first twelve.
_BEGINS = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:\+[1-9]|[0-9]{2})(?:[ .()-]{0,2}[0-9]){6}"
    r"|[^\W\d_]{2}[0-9]{2}(?: ?[^\W_]{4}){2})"
)
_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_](?:[\w-]{0,61}\w)",
)
# ISO 13616 has two check digits and at most 30 characters after them, often written in fours.
_IBAN = re.compile(
    r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])",
    re.IGNORECASE,
)
# In addresses of web.archive.org a time of 14 digits stands there.
_CARD = re.compile(
    r"(?<![\w.-])(?<!archive\.org/web/)[2-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}(?![\w])"
)
# E.164 as people write it: a plus and 8 to 15 digits; or Dutch numbers with a zero before.
_PHONE = re.compile(
    r"(?<![\w.+])(?:\+[1-9][0-9]{0,2}[ .-]?(?:\(0\))?[ .-]?[0-9](?:[ .()-]{0,2}[0-9]){6,12}"
    r"|0[1-9](?:[ -]?[0-9]){8})(?![\w])"
)
_BSN = re.compile(r"(?<![\w.+-])[0-9]{3}[ .]?[0-9]{2,3}[ .]?[0-9]{3}(?![\w]|\.[0-9])")
_NO_DIGITS = re.compile(r"[^0-9]")
_IBAN_LENGTHS = range(15, 35)


def is_iban(text: str) -> bool:
    """Letters count from A = 10; the first four characters go to the end (mod 97 is 1)."""
    plain = text.replace(" ", "").upper()
    if len(plain) not in _IBAN_LENGTHS or not plain.isascii() or not plain.isalnum():
        return False
    if not (plain[:2].isalpha() and plain[2:4].isdecimal()):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_card(text: str) -> bool:
    """Luhn: every second digit from the right doubled, the sum of all digits ends in 0."""
    digits = [int(c) for c in _NO_DIGITS.sub("", text)]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_bsn(text: str) -> bool:
    """9 digits (or 8, with a zero before), weighed 9, 8, ... 2 and -1, divisible by 11."""
    digits = _NO_DIGITS.sub("", text).zfill(9)
    if len(digits) != 9 or not int(digits):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 == 0


def _anything(_: str) -> bool:
    return True


# In this order: what one has found the next does not look at again.
_Detector = tuple[Found, re.Pattern[str], Callable[[str], bool]]
_ADDRESSES: tuple[_Detector, ...] = (("e-mail address", _EMAIL, _anything),)
_NUMBERS: tuple[_Detector, ...] = (
    ("IBAN", _IBAN, is_iban),
    ("card number", _CARD, is_card),
    ("BSN", _BSN, is_bsn),
    ("phone number", _PHONE, _anything),
)


def _worth_trying(text: str) -> tuple[_Detector, ...]:
    numbers = _NUMBERS if _BEGINS.search(text) else ()
    return _ADDRESSES + numbers if "@" in text else numbers


def spans(text: str) -> Iterator[tuple[int, int, Found]]:
    """Where which identifiers stand, none within another; not in order."""
    taken: list[tuple[int, int]] = []
    for name, shape, check in _worth_trying(text):
        for match in shape.finditer(text):
            start, end = match.span()
            if check(match[0]) and all(end <= a or start >= b for a, b in taken):
                taken.append((start, end))
                yield start, end, name


def found_in(text: str) -> tuple[Found, ...]:
    """Which kinds of identifier a text holds, by name."""
    if "@" not in text and not _BEGINS.search(text):
        return ()
    return tuple(sorted({name for _, _, name in spans(text)}))


def without(text: str, kept: frozenset[str] = frozenset()) -> str:
    """The text with each identifier replaced by what it was, but for those that are kept.

    `kept` is folded.
    """
    gone = sorted(s for s in spans(text) if text[s[0] : s[1]].casefold() not in kept)
    for start, end, name in reversed(gone):
        text = f"{text[:start]}[removed: {name}]{text[end:]}"
    return text
