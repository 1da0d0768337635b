# SPDX-License-Identifier: EUPL-1.2
"""Sources and how each stands: schedule, pause, the last success, what it fails by.

A source is a job of its own: leased by one worker at a time, put off ever longer after
failures. Site admins look after sources; workers run in the system's session.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, LiteralString, get_args
from urllib.parse import urlsplit

import msgspec
from psycopg.types.json import Jsonb

from brug.cases.catalogue import levels
from brug.cases.refusing import Refused
from brug.model.errors import Invalid, NotFound
from brug.model.words import N_
from brug.store import audit
from brug.store.session import Session

Kind = Literal["provider", "rolie", "directory"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LEASE_SECONDS = 900
FIRST_PAUSE, LONGEST_PAUSE = 60, 6 * 3600
LONGEST_HEADERS = 10_000
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+", re.IGNORECASE)
_PURPOSE = "catalogue source "


class Key(msgspec.Struct, frozen=True):
    """A provider's key, by fingerprint and armour."""

    fingerprint: str
    text: str


class Source(msgspec.Struct, frozen=True):
    """One, with what became of the last runs."""

    id: int
    name: str
    kind: Kind
    url: str
    has_headers: bool
    org_id: int
    distribution: int
    sharing_group_id: int | None
    enabled: bool
    every_minutes: int
    due: datetime | None
    leased_until: datetime | None
    failures: int
    started: datetime | None
    succeeded: datetime | None
    failed: datetime | None
    reason: str
    outcome: dict[str, Any]
    publisher: str
    namespace: str
    role: str
    keys: list[dict[str, str]]
    now: datetime

    @property
    def is_failing(self) -> bool:
        return self.failures > 0

    @property
    def is_running(self) -> bool:
        return self.leased_until is not None and self.leased_until > self.now

    @property
    def audience(self) -> str:
        return levels.said(self.distribution)

    def signers(self) -> list[Key]:
        return [Key(one["fingerprint"], one["text"]) for one in self.keys]


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source as somebody states it. `headers` are lines that are sent to its own host."""

    name: str
    url: str
    kind: str = "provider"
    audience: str = "community"
    group: str = ""
    every_minutes: int = 60
    headers: str = ""


_SELECT: LiteralString = (
    "SELECT id, name, kind, url, sealed_headers <> '', org_id, distribution, sharing_group_id,"
    " enabled, every_minutes, due, leased_until, failures, started, succeeded, failed, reason,"
    " outcome, publisher, namespace, role, keys, now() FROM catalogue_source "
)


def listed(session: Session) -> list[Source]:
    return [Source(*row) for row in session.all(_SELECT + "ORDER BY lower(name), id")]


def find(session: Session, which: str | int) -> Source:
    """By id or name. Raises NotFound."""
    row = session.one(
        _SELECT + "WHERE id::text = %(it)s OR lower(name) = lower(%(it)s)"
        " ORDER BY id::text = %(it)s DESC LIMIT 1",
        {"it": str(which).strip()},
    )
    if row is None:
        raise NotFound(f"no source of advisories {str(which)[:60]!r}")
    return Source(*row)


def add(session: Session, given: Given) -> Source:
    """Due at once. Raises Invalid, Conflict."""
    name = " ".join(given.name.split())
    if not 0 < len(name) <= 100 or not name.isprintable() or name.isdecimal():
        raise Invalid("name", "a name of at most 100 characters, not a number", name)
    if given.kind not in KINDS:
        raise Invalid("kind", f"one of {', '.join(KINDS)}", given.kind)
    url = checked_url(given.kind, given.url)
    if not 0 <= given.every_minutes <= 525_600:
        raise Invalid("every_minutes", "0 to 525600 minutes", str(given.every_minutes))
    if len(given.headers) > LONGEST_HEADERS:
        raise Invalid("headers", f"at most {LONGEST_HEADERS} characters")
    level, group = levels.read(session, given.audience, given.group)
    if session.value("SELECT true FROM catalogue_source WHERE lower(name) = lower(%s)", (name,)):
        raise Refused(N_("There is a source “%(name)s” already."), name=name)
    lines = given.headers.strip()
    sealed = session.seal.close(lines, _PURPOSE + name) if lines else b""
    number = session.value(
        "INSERT INTO catalogue_source (name, kind, url, sealed_headers, org_id, distribution,"
        " sharing_group_id, every_minutes, due) VALUES (%s, %s, %s, %s, %s, %s, %s, %s,"
        " CASE WHEN %s > 0 THEN now() END) ON CONFLICT (name) DO NOTHING RETURNING id",
        (
            name, given.kind, url, sealed, levels.host(session), level, group, given.every_minutes,
            given.every_minutes,
        ),
    )  # fmt: skip
    if number is None:
        raise Refused(N_("There is a source “%(name)s” already."), name=name)
    audit.record(session, "add", "AdvisorySource", number, name, {"url": url})
    return find(session, number)


def checked_url(kind: str, url: str) -> str:
    """An address; of a provider a domain, too. Raises Invalid."""
    url = url.strip()
    if kind == "provider" and _DOMAIN.fullmatch(url):
        return url.lower()
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
        _ = parts.port
    except ValueError:
        fine = False
    if not fine or not url.isprintable() or len(url) > 1000 or " " in url:
        words = "an https address" if kind != "provider" else "a domain, or an https address"
        raise Invalid("url", words, url)
    return url if kind != "directory" or url.endswith("/") else f"{url}/"


def headers_of(session: Session, source: Source) -> dict[str, str]:
    """What goes along to the source's own host."""
    sealed = session.value(
        "SELECT sealed_headers FROM catalogue_source WHERE id = %s", (source.id,)
    )
    if not sealed:
        return {}
    found = {}
    for line in session.seal.open(bytes(sealed), _PURPOSE + source.name).splitlines():
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        fine = name.isascii() and name.replace("-", "").isalnum() and value.isprintable()
        if colon and fine and value.isascii() and name.lower() not in _OF_THE_CONNECTION:
            found[name] = value
    return found


_OF_THE_CONNECTION = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def pause(session: Session, source: Source, *, paused: bool) -> None:
    """A paused one is fetched only when somebody asks; what it brought stays."""
    session.execute(
        "UPDATE catalogue_source SET enabled = %(on)s, due = CASE WHEN %(on)s AND every_minutes > 0"
        " THEN now() END WHERE id = %(id)s",
        {"on": not paused, "id": source.id},
    )
    action = "pause" if paused else "resume"
    audit.record(session, action, "AdvisorySource", source.id, source.name, {})


def ask(session: Session, source: Source) -> None:
    """Makes it due now."""
    session.execute("UPDATE catalogue_source SET due = now() WHERE id = %s", (source.id,))


def remove(session: Session, source: Source) -> None:
    """With its refusals; its advisories stay, as if they had been imported from files."""
    session.execute("DELETE FROM catalogue_source WHERE id = %s", (source.id,))
    audit.record(session, "delete", "AdvisorySource", source.id, source.name, {})


def forget_copies(session: Session, source: Source) -> None:
    """Lists, and what of them was refused, are asked for again as if for the first time."""
    session.execute(
        "DELETE FROM catalogue_copy c WHERE source_id = %(id)s AND (said = '' OR EXISTS"
        " (SELECT 1 FROM catalogue_refusal r WHERE r.source_id = %(id)s AND r.place = c.url))",
        {"id": source.id},
    )


def lease_one(session: Session) -> Source | None:
    """One that is due, for this worker alone until the lease ends."""
    number = session.value(
        "WITH next AS (SELECT id FROM catalogue_source WHERE due <= now()"
        " AND coalesce(leased_until < now(), true) ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " UPDATE catalogue_source s SET leased_until = now() + make_interval(secs => %s),"
        " started = now() FROM next n WHERE s.id = n.id RETURNING s.id",
        (LEASE_SECONDS,),
    )
    return None if number is None else find(session, int(number))


def lease(session: Session, source: Source) -> bool:
    """Takes one that somebody asks for by name; False where another has it."""
    return (
        session.value(
            "UPDATE catalogue_source SET leased_until = now() + make_interval(secs => %s),"
            " started = now() WHERE id = %s AND coalesce(leased_until < now(), true) RETURNING 1",
            (LEASE_SECONDS, source.id),
        )
        is not None
    )


def renew(session: Session, source: Source) -> None:
    session.execute(
        "UPDATE catalogue_source SET leased_until = now() + make_interval(secs => %s)"
        " WHERE id = %s",
        (LEASE_SECONDS, source.id),
    )


def succeed(
    session: Session, source: Source, outcome: Mapping[str, Any], *, unfinished: bool
) -> None:
    """What a run did, and when the next is due; one that had no more time goes on at once."""
    session.execute(
        "UPDATE catalogue_source SET leased_until = NULL, failures = 0, reason = '',"
        " succeeded = now(), outcome = %s, due = CASE WHEN %s THEN now()"
        " WHEN enabled AND every_minutes > 0 THEN now() + every_minutes * interval '1 minute' END"
        " WHERE id = %s",
        (Jsonb(dict(outcome)), unfinished, source.id),
    )


def fail(session: Session, source: Source, reason: str) -> None:
    session.execute(
        "UPDATE catalogue_source SET leased_until = NULL, failures = failures + 1, failed = now(),"
        " reason = %(reason)s, due = CASE WHEN enabled AND every_minutes > 0 THEN now()"
        " + make_interval(secs => least(%(longest)s, %(first)s * 2 ^ least(failures, 16))) END"
        " WHERE id = %(id)s",
        {
            "reason": reason[:1000], "id": source.id, "first": FIRST_PAUSE,
            "longest": LONGEST_PAUSE,
        },
    )  # fmt: skip


def note_provider(
    session: Session, source: Source, publisher: str, namespace: str, role: str, keys: list[Key]
) -> None:
    """What the provider says of itself."""
    session.execute(
        "UPDATE catalogue_source SET publisher = %s, namespace = %s, role = %s, keys = %s"
        " WHERE id = %s",
        (publisher, namespace, role, Jsonb(msgspec.to_builtins(keys)), source.id),
    )
