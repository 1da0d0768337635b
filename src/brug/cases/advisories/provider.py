# SPDX-License-Identifier: EUPL-1.2
"""The documents by which a trusted provider's tree is walked (CSAF 2.0, 7.1, requirements 7-17).

Values in, bytes out. `index.txt` and `changes.csv` speak of paths below their folder, the ROLIE
feed and the metadata of addresses. Metadata and service name the feeds in which something is; one
that was emptied goes on to be answered, with no entry, for those who follow it.
"""

import csv
import html
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from brug.cases.advisories.shelf import Shelved
from brug.formats.csaf.document import Label, Publisher
from brug.formats.csaf.moments import written
from brug.formats.csaf.records import plain

METADATA_PATH = "/.well-known/csaf/provider-metadata.json"
_SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
_NO_ENTRIES = b'"entry": []'
_CATEGORY = {"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}


class Key(msgspec.Struct, frozen=True):
    """The key that signs, by its fingerprint."""

    fingerprint: str


def folder(base: str, label: Label) -> str:
    """The address of a label's folder."""
    return f"{base}/csaf/{label.lower()}/"


def feed_name(label: Label) -> str:
    return f"csaf-feed-tlp-{label.lower()}.json"


def feed_address(base: str, label: Label) -> str:
    return folder(base, label) + feed_name(label)


def service_address(base: str) -> str:
    return f"{base}/csaf/service.json"


def key_address(base: str, fingerprint: str) -> str:
    return f"{base}/csaf/openpgp/{fingerprint}.asc"


def index(shelved: Sequence[Shelved]) -> bytes:
    """`index.txt`: one path a line (12)."""
    return "".join(f"{one.path}\n" for one in shelved).encode()


def changes(shelved: Sequence[Shelved]) -> bytes:
    """`changes.csv`: path and current release date, quoted, newest first, no heading (13)."""
    told = io.StringIO()
    rows = csv.writer(told, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerows((one.path, written(one.released)) for one in shelved)
    return told.getvalue().encode()


class Pieces:
    """The ROLIE feed of a label (15, RFC 8322); what is said of an advisory is written once.

    One more release costs its own entry, and joining the others.
    """

    def __init__(self, base: str, label: Label, publisher: str) -> None:
        self._base, self._label, self._publisher = base, label, publisher
        self._written: dict[Shelved, bytes] = {}

    def feed(self, shelved: Sequence[Shelved], changed: datetime) -> bytes:
        """Of these, of which the last was released, or left where there are none, then."""
        known, folder_of = self._written, folder(self._base, self._label)
        self._written = {
            one: known.get(one) or msgspec.json.encode(_entry(one, folder_of)) for one in shelved
        }
        head = _json({"feed": self._head(changed)})
        before, _, after = head.rpartition(_NO_ENTRIES)
        return b"".join((before, b'"entry": [\n', b",\n".join(self._written.values()), b"]", after))

    def _head(self, updated: datetime) -> dict[str, Any]:
        return {
            "id": feed_name(self._label).removesuffix(".json"),
            "title": f"Security advisories of {self._publisher} (TLP:{self._label})",
            "link": [
                {"rel": "self", "href": feed_address(self._base, self._label)},
                {"rel": "service", "href": service_address(self._base)},
            ],
            "category": [_CATEGORY],
            "updated": written(updated),
            "entry": [],
        }


def _entry(one: Shelved, base: str) -> dict[str, Any]:
    url = base + one.path
    return {
        "id": one.tracking_id,
        "title": one.title,
        "link": [
            {"rel": "self", "href": url},
            {"rel": "hash", "href": f"{url}.sha512"},
            {"rel": "hash", "href": f"{url}.sha256"},
            {"rel": "signature", "href": f"{url}.asc"},
        ],
        "published": written(one.first_released),
        "updated": written(one.released),
        "summary": {"content": one.summary},
        "content": {"type": "application/json", "src": url},
        "format": {"schema": _SCHEMA, "version": "2.0"},
    }


def service(base: str, labels: Sequence[Label]) -> bytes:
    """The ROLIE service document (16)."""
    collections = [
        {
            "title": f"Security advisories, TLP:{label}",
            "href": feed_address(base, label),
            "categories": {"category": [_CATEGORY]},
        }
        for label in labels
    ]
    return _json({
        "service": {"workspace": [{"title": "Security advisories", "collection": collections}]}
    })  # fmt: skip


def metadata(
    by: Publisher, base: str, labels: Sequence[Label], key: Key, at: datetime, *, listed: bool
) -> bytes:
    """`provider-metadata.json` (7): who publishes, where, and with which key."""
    told: dict[str, Any] = {
        "canonical_url": base + METADATA_PATH,
        "last_updated": written(at),
        "list_on_CSAF_aggregators": listed,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": listed,
        "public_openpgp_keys": [
            {"fingerprint": key.fingerprint, "url": key_address(base, key.fingerprint)}
        ],
        "publisher": plain(by),
        "role": "csaf_trusted_provider",
    }
    if labels:
        feeds = [
            {
                "summary": f"Security advisories, TLP:{label}",
                "tlp_label": label,
                "url": feed_address(base, label),
            }
            for label in labels
        ]
        told["distributions"] = [
            {"rolie": {"feeds": feeds, "services": [service_address(base)]}},
            *({"directory_url": folder(base, label)} for label in labels),
        ]
    return _json(told)


def listing(title: str, names: Sequence[str]) -> bytes:
    """A folder, for people and whoever follows links (14); names are below the folder."""
    lines = "".join(
        f'<li><a href="{html.escape(name)}">{html.escape(name.rstrip("/").rpartition("/")[2])}'
        f"{'/' * name.endswith('/')}</a></li>\n"
        for name in names
    )
    head = f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{html.escape(title)}'
    return f"{head}</title>\n<h1>{html.escape(title)}</h1>\n<ul>\n{lines}</ul>\n</html>\n".encode()


def _json(told: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(told)) + b"\n"
