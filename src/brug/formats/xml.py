# SPDX-License-Identifier: EUPL-1.2
"""JSON values as the XML that MISP makes of them: a list repeats its element, flags are 0/1.

What XML cannot hold (most control characters) becomes U+FFFD.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<response>'
TAIL = "</response>"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
# Most texts are plain: nothing in them needs a look at each character.
_PLAIN = re.compile(r"[A-Za-z0-9 _.:,;/@#+=()|\[\]{}*?!%$~'\-]*")


def element(name: str, value: Any) -> str:
    """One element, or one for each item of a list; names that XML has not are left out."""
    pieces: list[str] = []
    _add(pieces.append, name, value)
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _tags(name: str) -> tuple[str, str, str] | None:
    """How an element begins, ends and stands empty."""
    if not _NAME.fullmatch(name):
        return None
    return f"<{name}>", f"</{name}>", f"<{name}/>"


def _add(add: Callable[[str], None], name: str, value: Any) -> None:
    if (tags := _tags(name)) is None:
        return
    begin, end, empty = tags
    if isinstance(value, list | tuple) and value:
        for item in value:
            _add(add, name, item)
    elif isinstance(value, dict) and value:
        add(begin)
        for inner, one in value.items():
            _add(add, str(inner), one)
        add(end)
    elif value is None or value == "" or value in ([], {}, ()):
        add(empty)
    else:
        text = str(int(value)) if isinstance(value, bool) else escaped(str(value))
        add(f"{begin}{text}{end}")


def escaped(text: str) -> str:
    """A text as it stands in an element or between double quotes."""
    if _PLAIN.fullmatch(text):
        return text
    return _FORBIDDEN.sub("\ufffd", text).translate(_ESCAPED)
