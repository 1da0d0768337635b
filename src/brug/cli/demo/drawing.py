# SPDX-License-Identifier: EUPL-1.2
"""Drawn values in texts: `{kind:seed}` is the same value wherever the same seed stands.

Everything follows from a digest of the seed, so that each run tells the same story. A seed
that begins with `~` counts within one event. Addresses are documentation's, domains end in
`.example`.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

_WORDS = (
    "account", "billing", "client", "connect", "delta", "direct", "energy", "grid", "harbour",
    "invoice", "login", "member", "meter", "mobile", "north", "office", "online", "portal",
    "refund", "safe", "secure", "service", "supply", "update", "verify", "web",
)  # fmt: skip
_FAMILY = ("Alder", "Brandt", "Cordes", "Dekker", "Ekholm", "Faber", "Groen", "Holt")


def _digest(seed: str) -> bytes:
    return hashlib.sha256(seed.encode()).digest()


def _hash(name: str) -> Callable[[str], str]:
    return lambda seed: hashlib.new(name, seed.encode(), usedforsecurity=False).hexdigest()


def _domain(seed: str) -> str:
    drawn = _digest(seed)
    first, second = _WORDS[drawn[0] % len(_WORDS)], _WORDS[drawn[1] % len(_WORDS)]
    return f"{first}-{second}-{drawn[2] % 90 + 10}.example"


def _name(seed: str) -> str:
    drawn = _digest(seed)
    return f"{chr(65 + drawn[0] % 26)}. {_FAMILY[drawn[1] % len(_FAMILY)]}"


def _digits(seed: str, count: int) -> str:
    return "".join(str(byte % 10) for byte in _digest(seed))[:count]


_KINDS: Mapping[str, Callable[[str], str]] = {
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "domain": _domain,
    "name": _name,
    # The campaign's own addresses are in the other two documentation networks.
    "ip": lambda seed: f"192.0.2.{_digest(seed)[0] % 254 + 1}",
    "ip6": lambda seed: (
        f"2001:db8:{_digest(seed)[:2].hex().lstrip('0') or '1'}::{_digest(seed)[2] + 1:x}"
    ),
    "iban": lambda seed: f"XN{_digits(seed, 2)}EXMP{_digits(seed + ' account', 10)}",
    "port": lambda seed: str(20_000 + int.from_bytes(_digest(seed)[:2], "big") % 30_000),
    "number": lambda seed: str(20 + int.from_bytes(_digest(seed)[:2], "big") % 900),
    "size": lambda seed: str(40_000 + int.from_bytes(_digest(seed)[:3], "big") % 900_000),
    "token": lambda seed: _digest(seed)[:4].hex(),
}
_PLACE = re.compile(r"\{(at|" + "|".join(_KINDS) + r"):([^{}]+)\}")


class Drawing:
    """Fills texts of one event (`scope`) of a day."""

    def __init__(self, scope: str, day: datetime) -> None:
        self._scope = scope
        self._day = day

    def fill(self, text: str) -> str:
        """Replaces what is drawn; `{at:+2 09:30}` is a time so many days from the event's."""

        def drawn(found: re.Match[str]) -> str:
            kind, seed = found.groups()
            if kind == "at":
                return self.moment(seed).strftime("%Y-%m-%dT%H:%M:%S+00:00")
            return _KINDS[kind](f"{self._scope} {seed}" if seed.startswith("~") else seed)

        return _PLACE.sub(drawn, text)

    def moment(self, text: str) -> datetime:
        """`+2 09:30`: two days after the event's day, at half past nine UTC."""
        days, _, clock = text.rpartition(" ")
        hours, minutes = map(int, clock.split(":"))
        start = self._day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
        return start + timedelta(days=int(days or 0), hours=hours, minutes=minutes)
