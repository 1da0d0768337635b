# SPDX-License-Identifier: EUPL-1.2
"""Identifiers of people in free text: e-mail addresses, phone numbers, IBAN, cards, BSN.

Each has a shape and, where its scheme has one, a check: IBAN mod 97 (ISO 13616), card numbers
Luhn (ISO/IEC 7812-1), the Dutch BSN the 11-test (weights 9..2 and -1). Names of people are
not found: no dictionary does that without finding half the world.

Of any nine digits one in eleven passes the 11-test. So a number is no BSN where the text itself
says that it is something else: a size, a counter, a day, a part of a longer number. Where it says
BSN it is one, and where it says nothing too: what is missed cannot be taken back.
"""

import re
from collections.abc import Callable, Iterator
from string import ascii_uppercase
from typing import Literal

Found = Literal["e-mail address", "phone number", "IBAN", "card number", "BSN"]

# Most texts hold no number that could be one of them, which is seen by how each of them begins:
# seven digits with at most two characters between them, or an IBAN's first twelve. An N may stand
# before digits, as in BSN123456782.
_BEGINS = re.compile(
    r"(?<![A-MO-Za-mo-z0-9])(?:(?:\+[1-9]|[0-9]{2})(?:[ .()-]{0,2}[0-9]){6}"
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
# In threes, as tax letters have it (1234.56.789), or without anything between.
_BSN = re.compile(
    r"(?:(?<![\w.+-])|(?<=(?<![A-Za-z0-9])[Bb][Ss][Nn])|(?<=[Bb][Ss][Nn][._-]))"
    r"(?:[0-9]{3}([ .]?)[0-9]{2,3}[ .]?[0-9]{3}|[0-9]{4}\.[0-9]{2}\.[0-9]{3})(?![\w]|\.[0-9])"
)
# What a text says right before a number, and right behind it.
_SAYS_BSN = re.compile(
    r"(?:bsn|burgerservice|burger service|sofi-?nummer|citizen service|persoonsnummer)"
    r"[^0-9\n]{0,40}$",
    re.IGNORECASE,
)
_SAYS_OTHER_BEFORE = re.compile(
    r"(?:(?<![^\W_])(?:(?-i:AS)|asn|ports?|poort|(?:file|content)?[ _-]?(?:size|length)|len|grootte"
    r"|lengte|bytes|offset|count(?:er)?|total|totaal|aantal|sum|[pt]id|ppid|sid|rid"
    r"|event[ _-]?id|attribute[ _-]?id|ticket|case|zaak|incident|rule|regel|signature|build"
    r"|version|versie|rev(?:ision)?|commit|bug|issue|kb|time(?:stamp)?|epoch|ts|seq(?:uence)?"
    r"|serial|crc(?:32)?|checksum|block|height|nonce|inode|eur|usd)|[$\u20ac\u00a3])"
    r"(?:[ _-]?(?:no|nr|number|nummer)\b\.?)?[ \t\"'=:#(\[]{0,4}$",
    re.IGNORECASE,
)
_SAYS_OTHER_BEHIND = re.compile(
    r"[ \t]{0,2}(?:bytes?|octets?|[kmgt]i?b|bits?|[m\u00b5\u03bcn]s|sec(?:ond(?:s|en))?"
    r"|[kmg]?hz|packets?|pakketten|requests?|verzoeken|times|keer|hits|records?|rows?|rijen"
    r"|regels|lines?|events?|files?|bestanden|euros?|eur|usd|btc|sats|satoshis?|g?wei|blocks?)"
    r"(?![\w])",
    re.IGNORECASE,
)
_NETWORK = re.compile(r"/[0-9]{1,2}(?![\w])")  # behind three numbers with dots between them
_A_DAY = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}"
)
_LOOKED_AT = 64  # characters around a number
_NO_DIGITS = re.compile(r"[^0-9]")
_IBAN_LENGTHS = range(15, 35)
_NUMBERS_OF_LETTERS = {ord(letter): str(n) for n, letter in enumerate(ascii_uppercase, 10)}


def is_iban(text: str) -> bool:
    """Letters count from A = 10; the first four characters go to the end (mod 97 is 1)."""
    plain = text.replace(" ", "").upper()
    if len(plain) not in _IBAN_LENGTHS or not plain.isascii() or not plain.isalnum():
        return False
    if not (plain[:2].isalpha() and plain[2:4].isdecimal()):
        return False
    return int((plain[4:] + plain[:4]).translate(_NUMBERS_OF_LETTERS)) % 97 == 1


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


def _is_meant(text: str, number: re.Match[str]) -> bool:
    """Whether a number that passes the 11-test is a BSN by what the text around it says."""
    start, end = number.span()
    before = text[max(0, start - _LOOKED_AT) : start]
    if _SAYS_BSN.search(before):
        return True
    behind = text[end : end + _LOOKED_AT]
    between = number[1]
    if between and (
        (behind[:1] == between and behind[1:2].isdecimal())
        or (before[-1:] == between and before[-2:-1].isdecimal())
        or (between == "." and _NETWORK.match(behind))
    ):
        return False  # a part of a longer number in groups
    return not (
        _A_DAY.fullmatch(number[0])
        or _SAYS_OTHER_BEFORE.search(before)
        or _SAYS_OTHER_BEHIND.match(behind)
    )


def _anything(_: str) -> bool:
    return True


# In this order: what one has found the next does not look at again.
_Detector = tuple[Found, re.Pattern[str], Callable[[str], bool]]
_ADDRESSES: tuple[_Detector, ...] = (("e-mail address", _EMAIL, _anything),)
_NUMBERS: tuple[_Detector, ...] = (
    ("IBAN", _IBAN, is_iban),
    ("card number", _CARD, is_card),
    ("phone number", _PHONE, _anything),
    ("BSN", _BSN, is_bsn),
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
            if (
                check(match[0])
                and all(end <= a or start >= b for a, b in taken)
                and (shape is not _BSN or _is_meant(text, match))
            ):
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
