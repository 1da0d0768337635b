# SPDX-License-Identifier: EUPL-1.2
"""Values that are numbers: checked, never rewritten, so that leading zeros stay."""

import re

from brug.model.attribute_types.letters import upper
from brug.model.attribute_types.record import FORMAT, Unfit

_is_numeric = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fullmatch
_is_integer = re.compile(r"[+-]?[0-9]+").fullmatch
_is_natural = re.compile(r"[0-9]+").fullmatch
_is_hex = re.compile(r"[0-9A-F]+").fullmatch


def numeric(value: str) -> str:
    if _is_numeric(value) is None:
        raise Unfit(FORMAT)
    return value


def integer(value: str) -> str:
    if _is_integer(value) is None:
        raise Unfit("The value has to be an integer value.")
    return value


def natural(value: str) -> str:
    if _is_natural(value) is None:
        raise Unfit("The value has to be a whole number greater or equal 0.")
    return value


def hexadecimal(value: str) -> str:
    value = upper(value)
    if _is_hex(value) is None:
        raise Unfit(FORMAT)
    return value
