# SPDX-License-Identifier: EUPL-1.2
"""What a check gives, and how it refuses.

The texts are those of MISP 2.5, word for word: clients and their users know them, and
some compare them.
"""

import msgspec

from brug.model.errors import Invalid


class Checked(msgspec.Struct, frozen=True, gc=False):
    """An attribute's type, category and normalised value; `value2` only for composites."""

    type: str
    category: str
    to_ids: bool
    value1: str
    value2: str


class Refused(Invalid):
    """The attribute does not fit; `errors` names each field with MISP's own texts."""

    code = "attribute_refused"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        field = next(iter(errors))
        super().__init__(field, errors[field][0])
        self.errors = errors
        self.public = " ".join(text for texts in errors.values() for text in texts)
        self.args = (self.public,)


class Unfit(Exception):
    """The value does not fit its type; the message is the text for the field. Stays in here."""


EMPTY = "Value cannot be empty."
ARRAY = "Value is an array."
NEW_LINE = "Value must not contain new line character."
NUL = "Value must not contain NUL characters."
SURROGATE = "Value must be valid Unicode: it contains half of a surrogate pair."
TOO_LONG = (
    "The entered string is too long and would get truncated. "
    "Please consider adding the data as an attachment instead"
)
FORMAT = 'Value not in the right type/format. Please double check the value or select type "other".'
COMPOSITE = "Composite type found but the value not in the composite (value1|value2) format."
OTHER = 'Please double check the value or select type "other".'
ADDRESS = "IP address has an invalid format."
CIDR = "Invalid CIDR notation value found."
CIDR_4 = "Invalid CIDR notation value found, for IPv4 must be lower or equal 32."
CIDR_6 = "Invalid CIDR notation value found, for IPv6 must be lower or equal 128."
PORT = "Port numbers have to be integers between 1 and 65535."
NO_TYPE = "No type set."
UNKNOWN_TYPE = "Invalid type."
WRONG_CATEGORY = "Options depend on the selected category."
UNKNOWN_CATEGORY = (
    "Options : Payload delivery, Antivirus detection, Payload installation, Files dropped ..."
)
