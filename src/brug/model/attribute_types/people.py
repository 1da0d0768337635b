# SPDX-License-Identifier: EUPL-1.2
"""E-mail addresses, telephone numbers, and the numbers of banks and cards.

No checksum is verified: a wrong IBAN seen in a fraud is still what was seen.
"""

import re

from brug.model.attribute_types import refanging
from brug.model.attribute_types.letters import lower, upper
from brug.model.attribute_types.record import FORMAT, OTHER, Unfit

_MAIL = f"Email address has an invalid format. {OTHER}"
_blank = re.compile(r"[ \t\n\r\f\v]").search

_is_phone = re.compile(r"\+?[0-9]+").fullmatch
_not_phone = re.compile(r"[^+0-9]+")
_not_digit = re.compile(r"[^0-9]+")
_not_letter_or_digit = re.compile(r"[^0-9A-Z]+")


def mail_address(value: str) -> str:
    """The form alone, case kept (`eppn`, `jabber-id`, `dns-soa-email`)."""
    # The first @ after the first character leaves the least before it and the most after it,
    # so it decides; a regular expression would try them all.
    at = value.find("@", 1)
    if at < 0 or "." not in value[at + 1 :] or "\n" in value or _blank(value, 1, at):
        raise Unfit(_MAIL)
    return value


def lower_mail_address(value: str) -> str:
    return mail_address(lower(value))


def refanged_mail_address(value: str) -> str:
    return mail_address(lower(refanging.mail(value)))


def phone_number(value: str) -> str:
    """`+31(0)6-1234` and `0031 6 1234` are both +3161234."""
    value = _not_phone.sub("", value.replace("(0)", ""))
    if value.startswith("00") and len(value) > 2:
        value = f"+{value[2:]}"
    if value and _is_phone(value) is None:
        raise Unfit(FORMAT)
    return value


def digits(value: str) -> str:
    return _not_digit.sub("", value)


def letters_and_digits(value: str) -> str:
    return _not_letter_or_digit.sub("", upper(value))
