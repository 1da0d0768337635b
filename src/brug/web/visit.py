# SPDX-License-Identifier: EUPL-1.2
"""One request to a page, and what goes back."""

import base64
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from brug import __version__
from brug.cases.refusing import Refused
from brug.edge.node import Node
from brug.model.errors import BrugError, Invalid, Unauthenticated
from brug.model.event import Event
from brug.store.principal import Principal
from brug.store.session import Session
from brug.web import expected_words, languages, navigation, rendering, words
from brug.web.fields import Fields

HTML = "text/html; charset=utf-8"


class Reply(msgspec.Struct):
    """`cookies` maps names to values, "" taking one away. `pieces` are a body too long to hold."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    cookies: dict[str, str] = msgspec.field(default_factory=dict)
    media_type: str = HTML
    pieces: Iterable[bytes] | None = None


class Site(msgspec.Struct, frozen=True):
    """What the pages stand on, and what the machine interface makes that they hand on:
    its OpenAPI document for an address, an event as it writes events, a call tried. Rooms
    beside each other never call each other; whoever builds the application gives them these.
    """

    node: Node
    interface: Callable[[str], Any]
    event_json: Callable[[Session, Event], Any]
    tried: Callable[[Node, Session, str, str, str], tuple[int, dict[str, str], bytes, bool]]


class Visit:
    """What a handler gets: who asks, for what, in which language."""

    def __init__(
        self,
        site: Site,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        cookies: Mapping[str, str],
        args: Mapping[str, str],
        address: str,
        secure: bool,
    ) -> None:
        self.site = site
        self.node = site.node
        self.method = method
        self.path = path
        self.query = Fields.read(query)
        self.query_string = query
        self.headers = headers
        self.cookies = cookies
        self.form = Fields()
        self.args = args
        self.address = address
        self.secure = secure
        self.open_session: Session | None = None
        self.reader: Principal | None = None
        self.form_token = ""
        self.title = "Brug"
        self.host = ""
        self.takes_part = False  # in a case, or may
        self._flashes: list[dict[str, str]] | None = None
        self._anonymous_language = languages.chosen(
            cookies.get("brug-language", ""), headers.get("accept-language", "")
        )

    @property
    def session(self) -> Session:
        if self.open_session is None:
            raise Unauthenticated(f"{self.path} needs someone who has signed in")
        return self.open_session

    @property
    def principal(self) -> Principal:
        return self.session.principal

    @property
    def language(self) -> str:
        found = self.reader.language if self.reader else self._anonymous_language
        return found if found in languages.LANGUAGES else languages.DEFAULT

    @property
    def theme(self) -> str:
        return self.reader.theme if self.reader else self.cookies.get("brug-theme", "auto")

    @property
    def partial(self) -> bool:
        """Whether htmx asks for a piece of the page."""
        return self.headers.get("hx-request") == "true"

    def wants(self, target: str) -> bool:
        """Whether it asks for the piece with this id."""
        return self.partial and self.headers.get("hx-target") == target

    @property
    def here(self) -> str:
        """This address, to come back to."""
        return self.path + (f"?{self.query_string}" if self.query_string else "")

    def gettext(self, text: str) -> str:
        return languages.catalogue(self.language).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return languages.catalogue(self.language).ngettext(one, many, count)

    def sentence(self, error: BrugError) -> str:
        """What an error says to the reader, wherever it stands."""
        said = self.beside(error)
        if isinstance(error, Invalid) and said == expected_words.sentence(
            self.gettext, error.expected
        ):
            return f"{error.field}: {said}"
        return said

    def beside(self, error: BrugError) -> str:
        """The same where it stands beside its field, which then need not be named."""
        if isinstance(error, Refused):
            return self.gettext(error.says) % error.about
        reason = words.REFUSALS.get(getattr(error, "reason", ""))
        text = reason or words.ERRORS.get(error.code)
        if text is None and isinstance(error, Invalid):
            if asked := expected_words.sentence(self.gettext, error.expected):
                return asked
            said = self.gettext("%(field)s does not fit. Expected: %(expected)s.")
            return said % {"field": error.field, "expected": error.expected}
        return self.gettext(text) if text else error.public

    def show(
        self,
        template: str,
        status: int = 200,
        cookies: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Reply:
        """A page."""
        flashes = self._take_flashes()
        body = rendering.render(template, self.language, self.context() | more)
        gone = {"brug-flash": ""} if flashes else {}
        return Reply(body, status, cookies=gone | dict(cookies or {}))

    def context(self) -> dict[str, Any]:
        """What every template has (`base.html` says what for)."""
        reader = self.reader
        return {
            "language": self.language,
            "languages": languages.LANGUAGES,
            "theme": self.theme,
            "zone": rendering.zone(reader.timezone) if reader else None,
            "csrf_token": self.form_token,
            "path": self.here,
            "node": {"name": self.host or self.title, "version": __version__},
            "navigation": self._rooms(reader) if reader else [],
            "reader": reader
            and {
                "name": reader.email.partition("@")[0],
                "email": reader.email,
                "organisation": reader.org_name,
            },
            "me": reader,
            "flashes": self._take_flashes(),
            "query": "",
            "facts": "",
        }

    def _rooms(self, reader: Principal) -> list[navigation.Link]:
        also = frozenset({"/cases"} if self.takes_part else ())
        return navigation.rooms(reader, self.path, self.gettext, also)

    def redirect(self, path: str, said: str = "", kind: str = "good") -> Reply:
        """To another page, where `said` is shown once."""
        cookies = {"brug-flash": _packed(kind, said)} if said else {}
        if self.partial:
            return Reply(b"", 200, {"HX-Redirect": path}, cookies)
        return Reply(b"", 303, {"Location": path}, cookies)

    def _take_flashes(self) -> list[dict[str, str]]:
        if self._flashes is None:
            self._flashes = _unpacked(self.cookies.get("brug-flash", ""))
        return self._flashes


def _packed(kind: str, said: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([kind, said[:600]])).decode().rstrip("=")


def _unpacked(text: str) -> list[dict[str, str]]:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        kind, said = msgspec.json.decode(raw, type=tuple[str, str])
    except (ValueError, msgspec.DecodeError):
        return []
    return [{"kind": kind if kind in {"good", "warn", "bad", "info"} else "info", "text": said}]


def local(path: str, default: str = "/") -> str:
    """An address on this node, or the default: what `next` may lead to."""
    fine = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if fine and path.isprintable() and len(path) < 2000 else default
