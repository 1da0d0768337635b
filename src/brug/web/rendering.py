# SPDX-License-Identifier: EUPL-1.2
"""Templates -> bytes: everything escaped, in the reader's language and zone.

What is missing in a template's context is an error, never an empty place. Addresses of
files carry a digest of their content, so that browsers keep them for as long as they hold.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from brug.formats import turning
from brug.web import words
from brug.web.compiled import Kept
from brug.web.compiling import escaped, safe
from brug.web.languages import catalogue
from brug.web.prose import prose
from brug.web.translating import Translated

HERE = Path(__file__).parent
STATIC = HERE / "static"


@cache
def asset(name: str) -> str:
    """The address of a file under static/."""
    file = STATIC / name
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "absent"
    return f"/static/{quote(name)}?v={digest}"


def moment(seconds: float | datetime | None) -> datetime | None:
    """Seconds since 1970 as a time in UTC; 0 and what no calendar has are none."""
    if isinstance(seconds, datetime):
        return seconds.astimezone(UTC)
    if not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def micro(microseconds: int | None) -> datetime | None:
    return moment(microseconds / 1_000_000) if microseconds else None


@cache
def zone(name: str | None) -> ZoneInfo | None:
    """The zone that a reader chose."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def time_element(
    at: datetime, where: ZoneInfo | None, *, precise: bool = False, focus: bool = False
) -> Markup:
    """A time in UTC as pages show it: macros.html, `time`, says how."""
    unit = "seconds" if precise else "minutes"
    plain = at.replace(tzinfo=None)
    utc = plain.isoformat(" ", unit) + " UTC"
    shown = at.astimezone(where).replace(tzinfo=None).isoformat(" ", unit) if where else utc
    flags = (" data-precise", precise), (' tabindex="0"', focus), (" data-local", where)
    more = "".join(attribute for attribute, is_so in flags if is_so)
    return safe(  # noqa: S704 — digits
        f'<time datetime="{plain.isoformat("T", "seconds")}Z" title="{utc}"{more}>{shown}</time>'
    )


def choices(options: Iterable[tuple[Any, Any]], value: Any) -> Markup:
    """What a select offers, as pairs of value and label; the one with `value` is chosen."""
    chosen = str(value)
    made = [
        f'<option value="{escaped(code)}"{" selected" if str(code) == chosen else ""}>'
        f"{escaped(label)}</option>"
        for code, label in options
    ]
    return safe("".join(made))  # noqa: S704 — escaped above


def hidden(name: str, value: Any) -> Markup:
    """A field of a form that nobody sees."""
    return safe(  # noqa: S704 — escaped
        f'<input type="hidden" name="{escaped(name)}" value="{escaped(value)}">'
    )


def address(path: str, query: Mapping[str, Any]) -> str:
    """A path with those parts of a query that say something."""
    kept = [(name, value) for name, value in query.items() if value not in ("", None, False)]
    encoded = urlencode(kept, doseq=True)
    return f"{path}?{encoded}" if encoded else path


@cache
def environment(language: str) -> Environment:
    """One per language."""
    made = Translated(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        auto_reload=False,
        bytecode_cache=Kept(language),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    translations = catalogue(language)
    made.say = translations.gettext
    made.install_gettext_callables(  # type: ignore[attr-defined]
        translations.gettext, translations.ngettext, newstyle=True
    )
    made.globals["_"] = made.looked_up
    made.globals.update(
        asset=asset, moment=moment, micro=micro, address=address, words=words, prose=prose,
        time_element=time_element, choices=choices, hidden=hidden,
    )  # fmt: skip
    made.filters["number"] = lambda value: f"{value:,}".replace(",", "\u202f")
    return made


def render(template: str, language: str, context: Mapping[str, Any]) -> bytes:
    """A page."""
    page = environment(language).get_template(template).render(context)
    return turning.shown_in_page(page).encode()
