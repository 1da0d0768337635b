# SPDX-License-Identifier: EUPL-1.2
"""What a provider's lists say: provider-metadata.json, ROLIE feeds, changes.csv, index.txt. Pure.

Specification: CSAF 2.0, section 7.1; RFC 8322. An entry names a document by its address, when it
changed, and where its digests and signature are; an entry that cannot be read is left out.
"""

import csv
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec

from brug.formats.json_text import decode
from brug.model.errors import Invalid

MOST_ENTRIES = 200_000
ROLES = ("csaf_publisher", "csaf_provider", "csaf_trusted_provider")
_PATH = re.compile(r"(?!/)(?!.*(?:^|/)\.\.?(?:/|$))[^\\\0?#:]{1,1000}\.json", re.IGNORECASE)


class PublicKey(msgspec.Struct, frozen=True):
    fingerprint: str
    url: str


class Metadata(msgspec.Struct, frozen=True):
    """Who publishes, and where: feeds by address, folders by theirs."""

    publisher: str
    namespace: str
    role: str
    feeds: list[str]
    directories: list[str]
    keys: list[PublicKey]
    canonical_url: str


class Listed(msgspec.Struct, frozen=True):
    """A document as a list names it; `said` is when the list says that it changed, or ""."""

    url: str
    said: str
    hashes: list[str] = []
    signature: str = ""


def read(raw: bytes) -> Metadata:
    """Provider metadata. Raises Invalid."""
    value = _json(raw, "provider-metadata.json")
    by = _object(value.get("publisher"))
    namespace, role = _text(by, "namespace"), _text(value, "role")
    if not namespace or role not in ROLES:
        raise Invalid("provider-metadata.json", f"a publisher's namespace, and a role: {ROLES}")
    feeds, directories = [], []
    for one in _objects(value.get("distributions")):
        rolie = _object(one.get("rolie"))
        feeds += [_text(feed, "url") for feed in _objects(rolie.get("feeds"))]
        directories.append(_text(one, "directory_url"))
    return Metadata(
        _text(by, "name"),
        namespace,
        role,
        [one for one in dict.fromkeys(feeds) if one],
        [f"{one.rstrip('/')}/" for one in dict.fromkeys(directories) if one],
        [
            PublicKey(re.sub(r"\s", "", _text(one, "fingerprint")).upper(), _text(one, "url"))
            for one in _objects(value.get("public_openpgp_keys"))
        ],
        _text(value, "canonical_url"),
    )


def feed(raw: bytes, url: str) -> tuple[list[Listed], str]:
    """The entries of a ROLIE feed, and the address of its next page. Raises Invalid."""
    value = _object(_json(raw, "ROLIE feed").get("feed"))
    if "entry" not in value and "id" not in value:
        raise Invalid("ROLIE feed", "a feed with entries (RFC 8322, JSON)")
    found = []
    for one in _objects(value.get("entry"))[:MOST_ENTRIES]:
        links = _objects(one.get("link"))
        place = next((_text(each, "href") for each in links if each.get("rel") == "self"), "")
        place = place or _text(_object(one.get("content")), "src")
        address = _joined(url, place)
        if not address:
            continue
        found.append(
            Listed(
                address,
                _text(one, "updated"),
                [
                    hashed
                    for each in links
                    if each.get("rel") == "hash" and (hashed := _joined(url, _text(each, "href")))
                ],
                next(
                    (
                        _joined(url, _text(each, "href"))
                        for each in links
                        if each.get("rel") == "signature"
                    ),
                    "",
                ),
            )
        )
    following = next(
        (_text(e, "href") for e in _objects(value.get("link")) if e.get("rel") == "next"), ""
    )
    return found, _joined(url, following) if following else ""


def changes(raw: bytes, base: str, *, signed: bool) -> list[Listed]:
    """The rows of changes.csv (requirement 13). Raises Invalid."""
    try:
        rows = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("changes.csv", f"CSV in UTF-8 ({error})") from error
    return [
        _in_folder(base, row[0], row[1].strip(), signed=signed)
        for row in rows[:MOST_ENTRIES]
        if len(row) >= 2 and _PATH.fullmatch(row[0].strip())
    ]


def index(raw: bytes, base: str, *, signed: bool) -> list[Listed]:
    """The lines of index.txt (requirement 12), which say no time."""
    lines = raw.decode("utf-8", "replace").splitlines()[:MOST_ENTRIES]
    return [
        _in_folder(base, line, "", signed=signed) for line in lines if _PATH.fullmatch(line.strip())
    ]


def _in_folder(base: str, path: str, said: str, *, signed: bool) -> Listed:
    url = base + path.strip()
    if not signed:
        return Listed(url, said)
    return Listed(url, said, [f"{url}.sha512", f"{url}.sha256"], f"{url}.asc")


def digest_of(text: bytes) -> str:
    """The digest that a hash file says: what stands before the first space (requirement 18)."""
    found = text[:1000].decode("ascii", "replace").split(maxsplit=1)
    return found[0].lower() if found else ""


def _joined(base: str, place: str) -> str:
    """An address by http or https; never by the weaker one where the list came by the other."""
    try:
        found = urljoin(base, place.strip())
        scheme = urlsplit(found).scheme
    except ValueError:
        return ""
    weaker = scheme == "http" and urlsplit(base).scheme == "https"
    return found if place and scheme in {"http", "https"} and not weaker else ""


def _json(raw: bytes, what: str) -> dict[str, Any]:
    try:
        value = decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except Invalid as error:
        raise Invalid(what, f"JSON ({error.expected})") from error
    if not isinstance(value, dict):
        raise Invalid(what, "a JSON object")
    return value


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found.strip() if isinstance(found, str) and len(found) <= 2000 else ""
