# SPDX-License-Identifier: EUPL-1.2
"""JSON values as the XML that MISP makes of them: a list repeats its element, flags are 0/1.

What XML cannot hold (most control characters) becomes U+FFFD.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<response>'
TAIL = "</response>"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def element(name: str, value: Any) -> str:
    """One element, or one for each item of a list; names that XML has not are left out."""
    return "".join(_element(name, value)) if _NAME.fullmatch(name) else ""


def _element(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple) and value:
        for item in value:
            yield from _element(name, item)
    elif value is None or value == "" or value in ([], {}, ()):
        yield f"<{name}/>"
    else:
        yield f"<{name}>{_inner(value)}</{name}>"


def _inner(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(element(str(name), inner) for name, inner in value.items())
    if isinstance(value, bool):
        return str(int(value))
    return escaped(str(value))


def escaped(text: str) -> str:
    """A text as it stands in an element or between double quotes."""
    return _FORBIDDEN.sub("\ufffd", text).translate(_ESCAPED)
