# SPDX-License-Identifier: EUPL-1.2
"""One request for own advisories. Read only; bytes as they were signed, known by their digest.

TLP:WHITE is for everyone. GREEN and AMBER need an API key of a user, asked for before anything
is looked up; a partner's key opens neither. RED is at no address.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from urllib.parse import unquote, urlsplit

import msgspec

from brug.cases.advisories import provider, publishing_party, shelf
from brug.cases.advisories.shelf import SHELVES, Content, Shelved
from brug.directory import node_keys
from brug.edge.admission import Knocking, NoKey, admitted
from brug.edge.border import guarded
from brug.edge.exchange import Sent, Wire
from brug.edge.strangers import Strangers
from brug.formats import json_text
from brug.formats.csaf.document import Label
from brug.model.errors import BrugError, Forbidden, NotFound
from brug.store import settings
from brug.store.session import Database, Session

ROOT = "/csaf/"
_BEARER = "bearer "
_LABELS: dict[str, Label] = {label.lower(): label for label in SHELVES}
_TEXT, _CSV, _JSON = "text/plain; charset=utf-8", "text/csv; charset=utf-8", "application/json"
_HTML = "text/html; charset=utf-8"


class NoSuchAdvisory(NotFound):
    """Nothing is there, or the node publishes nothing."""

    code = "no_such_advisory"
    public = "There is no such document."


class NotForPartners(Forbidden):
    """A bridge's key: what a partner gets goes over the bridge."""

    code = "not_for_partners"
    public = "This key belongs to a bridge; advisories are given to people's keys."


class Shelves:
    """What a worker answers with; lists are kept as long as nothing on them changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._strangers = Strangers()
        self._kept: dict[tuple[Label, str], tuple[tuple[int, str, str], bytes]] = {}
        self._known: dict[Label, dict[int, Shelved]] = {}
        self._pieces: dict[tuple[str, Label, str], provider.Pieces] = {}

    def answer(self, sent: Sent) -> Wire:
        """The whole of one request; raises nothing."""
        if sent.method not in {"GET", "HEAD"}:
            status, headers, body = refused_as(405, "no_method", "method: expected GET")
            return status, headers | {"allow": "GET, HEAD"}, body
        return guarded("/csaf", partial(self._found, sent), refused)

    def _found(self, sent: Sent) -> Wire:
        path = unquote(sent.path, errors="replace")
        if "\0" in path:
            raise NoSuchAdvisory("a NUL in the address")
        head, _, rest = path.removeprefix(ROOT).partition("/")
        label = _LABELS.get(head) if path.startswith(ROOT) else None
        if label is None or label == "WHITE":
            with self._database.system() as session:
                _require_publishing(session)
                found = self._shelved(session, label, rest) if label else _public(session, path)
            return _sent(found or self._emptied(label), sent, "public, no-cache")
        key = _key_of(sent)
        if not key:
            return _asks_for_key()
        who = Knocking(key=key, address=sent.address, method=sent.method, path=path)
        with admitted(self._database, self._strangers, who) as session:
            if not session.value("SELECT reads_released_advisories()"):
                raise NotForPartners(f"{session.principal.email} is of a bridge")
            _require_publishing(session)
            found = self._shelved(session, label, rest)
        return _sent(found or self._emptied(label), sent, "private, no-cache")

    def _emptied(self, label: Label | None) -> Content:
        """A feed with no entry: only the node itself has when the last one went."""
        assert label is not None  # noqa: S101 — only a label has a feed
        with self._database.system() as session:
            publisher = publishing_party.publisher(session).name
            pieces = provider.Pieces(publishing_party.base_url(session), label, publisher)
            return Content(_JSON, pieces.feed([], shelf.emptied(session, label)))

    def _shelved(self, session: Session, label: Label, rest: str) -> Content | None:
        """None in place of a feed in which nothing is."""
        base = publishing_party.base_url(session)
        if found := shelf.file(session, label, rest):
            return found
        publisher = publishing_party.publisher(session).name
        lists: dict[str, tuple[str, Callable[[list[Shelved]], bytes]]] = {
            "index.txt": (_TEXT, provider.index),
            "changes.csv": (_CSV, provider.changes),
            provider.feed_name(label): (
                _JSON, lambda these: self._feed(base, label, publisher).feed(
                    these, these[0].released
                ),
            ),
        }  # fmt: skip
        if rest in lists:
            media_type, make = lists[rest]
            now = (shelf.state(session, label), base, publisher)
            if media_type == _JSON and not now[0]:
                return None
            kept = self._kept.get((label, rest))
            if kept is None or kept[0] != now:
                kept = now, make(self._listed(session, label))
                self._kept[label, rest] = kept
            return Content(media_type, kept[1])
        return _folder(session, label, rest.strip("/"), tuple(lists))

    def _listed(self, session: Session, label: Label) -> list[Shelved]:
        """Only what was released since is read; threads each change a copy of their own."""
        known = dict(self._known.get(label, {}))
        these = shelf.listed(session, label, known)
        self._known[label] = known
        return these

    def _feed(self, base: str, label: Label, publisher: str) -> provider.Pieces:
        key = (base, label, publisher)
        if key not in self._pieces:
            self._pieces[key] = provider.Pieces(base, label, publisher)
        return self._pieces[key]


def _folder(session: Session, label: Label, year: str, lists: tuple[str, ...]) -> Content:
    """A label's folder, or a year's in it."""
    these = shelf.listed(session, label)
    top = urlsplit(provider.folder(publishing_party.base_url(session), label)).path
    if year:
        names = [one.path for one in these if one.year == year]
        names = [f"{path}{more}" for path in names for more in ("", ".asc", ".sha256", ".sha512")]
        if not names:
            raise NoSuchAdvisory(f"no year {year[:20]!r} of {label}")
    else:
        names = [f"{one}/" for one in sorted({one.year for one in these}, reverse=True)]
        names += lists
    title = f"TLP:{label}" + (f", {year}" if year else "")
    return Content(_HTML, provider.listing(title, [top + name for name in names]))


def _public(session: Session, path: str) -> Content:
    """What stands beside the folders."""
    base = publishing_party.base_url(session)
    labels = [label for label in SHELVES if shelf.state(session, label)]
    key = node_keys.own(session)
    if path == provider.METADATA_PATH:
        made = provider.metadata(
            publishing_party.publisher(session), base, labels, provider.Key(key.fingerprint),
            shelf.updated(session) or datetime.now(UTC).replace(microsecond=0),
            listed=bool(settings.get(session, "advisories.listed")),
        )  # fmt: skip
        return Content(_JSON, made)
    if labels and path == urlsplit(provider.service_address("")).path:
        return Content(_JSON, provider.service(base, labels))
    if path == provider.key_address("", key.fingerprint):
        return Content("application/pgp-keys", key.text.encode())
    if path in {ROOT, ROOT.rstrip("/")}:
        names = [urlsplit(provider.folder(base, label)).path for label in labels]
        return Content(_HTML, provider.listing("Security advisories", names))
    raise NoSuchAdvisory(f"nothing at {path[:80]!r}")


def _require_publishing(session: Session) -> None:
    if not publishing_party.is_publishing(session):
        raise NoSuchAdvisory("advisories.namespace is empty")


def _key_of(sent: Sent) -> str:
    """A key as it is, or as a bearer token."""
    given = sent.headers.get("authorization", "").strip()
    return given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else given


def _sent(found: Content, sent: Sent, kept: str) -> Wire:
    tag = f'"{sha256(found.raw).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": kept, "content-type": found.media_type}
    if kept.startswith("public"):
        headers["access-control-allow-origin"] = "*"
    asked = sent.headers.get("if-none-match", "")
    known = {one.strip().removeprefix("W/") for one in asked.split(",")}
    if tag in known or asked.strip() == "*":
        return 304, headers, b""
    return 200, headers, found.raw


def _asks_for_key() -> Wire:
    status, headers, body = refused_as(401, NoKey.code, NoKey.public)
    return status, headers | {"www-authenticate": 'Bearer realm="csaf"'}, body


def refused(error: BrugError) -> Wire:
    return refused_as(error.status, error.code, error.public)


def refused_as(status: int, code: str, text: str) -> Wire:
    body = json_text.encode(msgspec.to_builtins({"code": code, "message": text}))
    return status, {"content-type": _JSON, "cache-control": "no-store"}, body
