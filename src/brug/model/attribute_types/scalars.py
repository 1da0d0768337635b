# SPDX-License-Identifier: EUPL-1.2
"""JSON scalars become text as PHP casts them, since MISP's clients rely on it.

`true` is "1", `false` and `null` are empty, numbers are their digits. Lists and objects
are no scalars and are refused.
"""

from brug.model.attribute_types.record import ARRAY, TOO_LONG, Unfit

# What PHP's trim() cuts; other Unicode white space belongs to the value.
BLANK = " \t\n\r\0\x0b"

# Beyond this an integer is longer than any value may be; Python refuses to print it anyway.
_LONGEST_INTEGER_BITS = 8192


def cast_scalar(value: object) -> str:
    """Raises Unfit for what is not a scalar."""
    if isinstance(value, str):
        return value
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, int):
        if value.bit_length() > _LONGEST_INTEGER_BITS:
            raise Unfit(TOO_LONG)
        return str(value)
    if isinstance(value, float):
        return _float_text(value)
    raise Unfit(ARRAY)


def _float_text(value: float) -> str:
    """`2.0` is "2", `1e25` is "1.0E+25": PHP's spelling with Python's shortest digits."""
    mantissa, exponent_mark, exponent = repr(value).partition("e")
    if not exponent_mark:
        return mantissa.removesuffix(".0") if mantissa not in {"inf", "nan"} else mantissa.upper()
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}E{int(exponent):+d}"
