# SPDX-License-Identifier: EUPL-1.2
"""Feeds that a node knows by itself: public ones, each as its provider publishes it.

They are added switched off when somebody asks for them. Addresses are those that the
providers name on their pages.
"""

from typing import Any

_TEXT = {"csv": {"value": "", "delimiter": ""}, "common": {"excluderegex": ""}}


def _misp(name: str, provider: str, url: str) -> dict[str, Any]:
    return {
        "name": name, "provider": provider, "url": url, "source_format": "misp",
        "fixed_event": False, "distribution": 0,
    }  # fmt: skip


def _list(name: str, provider: str, url: str, source_format: str = "freetext") -> dict[str, Any]:
    return {
        "name": name, "provider": provider, "url": url, "source_format": source_format,
        "fixed_event": True, "delta_merge": True, "distribution": 0, "settings": _TEXT,
    }  # fmt: skip


DEFAULTS = (
    _misp("CIRCL OSINT Feed", "CIRCL", "https://www.circl.lu/doc/misp/feed-osint"),
    _misp("The Botvrij.eu Data", "Botvrij.eu", "https://www.botvrij.eu/data/feed-osint"),
    _list("Recent malware addresses", "URLhaus, abuse.ch", "https://urlhaus.abuse.ch/downloads/text_recent/"),
    _list("Botnet controllers", "Feodo Tracker, abuse.ch", "https://feodotracker.abuse.ch/downloads/ipblocklist.txt"),
    _list("Hijacked networks (DROP)", "Spamhaus", "https://www.spamhaus.org/drop/drop.txt"),
)  # fmt: skip
