# SPDX-License-Identifier: EUPL-1.2
"""What a browser sent: the query string, a form, cookies. Bounded, and without NUL.

PostgreSQL stores no NUL, and nothing that people type holds one: it becomes U+FFFD here,
once, so that no page meets it. Browsers send the ends of lines as CR LF, whatever was typed (HTML,
"form submission"): here they become what they are everywhere else.
"""

from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Self
from urllib.parse import parse_qsl

from brug.formats.form_files import File, read_form
from brug.model.errors import Invalid

MOST_FIELDS = 40_000
LARGEST_FORM = 8 * 2**20


class Fields:
    """Names with their values, in the order in which they were sent; and files."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = (), files: Sequence[File] = ()) -> None:
        self.pairs = [(name, value.replace("\r\n", "\n")) for name, value in pairs]
        self.files = files
        self._values: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._values.setdefault(name, []).append(value)

    @classmethod
    def read(cls, text: str) -> Self:
        """From `application/x-www-form-urlencoded`."""
        try:
            pairs = parse_qsl(
                text.replace("%00", "%EF%BF%BD").replace("\x00", "\ufffd"),
                keep_blank_values=True,
                max_num_fields=MOST_FIELDS,
                encoding="utf-8",
                errors="replace",
            )
        except ValueError as error:
            raise Invalid("form", f"at most {MOST_FIELDS} fields") from error
        return cls(pairs)

    @classmethod
    def read_parts(cls, kind: str, body: bytes) -> Self:
        """From `multipart/form-data`, as forms with files are sent. Raises Invalid."""
        fields, files = read_form(kind, body)
        return cls([(name, text.replace("\0", "\ufffd")) for name, text in fields.items()], files)

    def get(self, name: str, default: str = "") -> str:
        return self._values.get(name, [default])[0]

    def text(self, name: str) -> str:
        """One line of text, without space around it."""
        return self.get(name).strip()

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def flag(self, name: str) -> bool:
        return self.get(name) not in {"", "0"}

    def number(self, name: str, default: int, low: int = 0, high: int = 10**9) -> int:
        """Within its bounds; what is no number is the default."""
        text = self.get(name).strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 12):
            return default
        return min(max(int(text), low), high)

    def __contains__(self, name: str) -> bool:
        return name in self._values


def read_cookies(header: str) -> Mapping[str, str]:
    """The cookies of a request; a header that is none of ours is read as empty."""
    jar = SimpleCookie()
    try:
        jar.load(header[:8192])
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
