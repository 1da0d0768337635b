# SPDX-License-Identifier: EUPL-1.2
"""Taking documents in: what is newer replaces what is older, and never the other way round.

1. what is not valid is kept with its reason (`refusing`), and costs the others nothing
2. a source that speaks for a publisher brings none of another's
3. whose signature was verified is replaced by no other than a verified one
4. an older version, or another document under the same one, replaces nothing

Everything runs in the system's session: what may be read of it the database decides.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal

import msgspec
import zstandard

from brug.cases.catalogue import refusing
from brug.cases.catalogue.entry import Entry, of_bytes
from brug.formats.csaf.versions import Order, parsed
from brug.model.errors import BrugError, NotFound
from brug.store.session import Session

Outcome = Literal["added", "replaced", "unchanged", "older", "refused"]
Signature = Literal["none", "unchecked", "verified"]
MOST_AT_ONCE = 200
BYTES_AT_ONCE = 8 * 2**20  # beside the last one, which may be as large as any


class Origin(msgspec.Struct, frozen=True):
    """Whose it is here and who may see it; `namespace`: the only publisher it speaks for."""

    org_id: int
    distribution: int = 1
    sharing_group_id: int | None = None
    source_id: int | None = None
    namespace: str = ""


class Came(msgspec.Struct, frozen=True):
    """A document as it came, and what was checked of it on the way."""

    place: str
    raw: bytes
    digests: Literal["none", "right"] = "none"
    signature: Signature = "none"
    fingerprint: str = ""


class Taken(msgspec.Struct, frozen=True):
    """What became of one."""

    place: str
    outcome: Outcome
    tracking_id: str = ""
    version: str = ""
    reason: str = ""


class _Held(msgspec.Struct):
    version: str
    sha256: str
    verified: bool

    @property
    def order(self) -> Order:
        found = parsed(self.version)
        assert found is not None  # noqa: S101 — only valid ones are stored
        return found.order


class _Read(msgspec.Struct):
    came: Came
    entry: Entry
    audience: int
    sha256: str

    @property
    def key(self) -> tuple[str, str, int]:
        return self.entry.namespace, self.entry.tracking_id, self.audience


def take(session: Session, several: Sequence[Came], origin: Origin) -> list[Taken]:
    """All of them, in their order; at most `MOST_AT_ONCE`, and as few as `BYTES_AT_ONCE` asks for:
    they are in memory at once.
    """
    told: list[Taken] = []
    read: list[_Read] = []
    audiences: dict[str, int] = {}
    for came in several:
        try:
            entry = of_bytes(came.raw)
        except BrugError as error:
            told.append(Taken(came.place, "refused", reason=error.public))
            continue
        if entry.tlp not in audiences:
            audiences[entry.tlp] = _audience(session, origin, entry.tlp)
        sha256 = hashlib.sha256(came.raw).hexdigest()
        read.append(_Read(came, entry, audiences[entry.tlp], sha256))
    held = _held(session, read)
    chosen: dict[tuple[str, str, int], _Read] = {}
    for one in read:
        outcome, reason = _judged(one, held.get(one.key), origin)
        told.append(_told(one, outcome, reason))
        if outcome in {"added", "replaced"}:
            chosen[one.key] = one
            is_verified = one.came.signature == "verified"
            held[one.key] = _Held(one.entry.version, one.sha256, is_verified)
    if chosen:
        _store(session, list(chosen.values()), origin)
    order = {came.place: number for number, came in enumerate(several)}
    told.sort(key=lambda one: order[one.place])
    raws = {came.place: came.raw for came in several}
    refusing.keep(
        session,
        [(one.place, one.reason, raws[one.place]) for one in told if one.outcome == "refused"],
        origin.source_id, origin.org_id, origin.distribution, origin.sharing_group_id,
    )  # fmt: skip
    refusing.settle(session, origin.source_id, [
        one.place for one in told if one.outcome != "refused"
    ])  # fmt: skip
    return told


def _told(one: _Read, outcome: Outcome, reason: str) -> Taken:
    return Taken(one.came.place, outcome, one.entry.tracking_id, one.entry.version, reason)


def _audience(session: Session, origin: Origin, tlp: str) -> int:
    return int(
        session.value(
            "SELECT catalogue_audience(%s, %s, %s, %s)",
            (origin.org_id, origin.distribution, origin.sharing_group_id, tlp),
        )
    )


def _held(session: Session, read: Sequence[_Read]) -> dict[tuple[str, str, int], _Held]:
    """What the catalogue has of these, once nobody else brings one of them at this moment.

    In the same order whoever does, so that nobody waits for who waits for them.
    """
    for named in sorted({(one.entry.namespace, one.entry.tracking_id) for one in read}):
        session.execute("SELECT bring_advisory(%s, %s)", named)
    rows = session.all(
        "SELECT namespace, tracking_id, audience, version, sha256, signature = 'verified'"
        " FROM catalogue_advisory WHERE (namespace, tracking_id) IN"
        " (SELECT * FROM unnest(%s::text[], %s::text[]))",
        ([one.entry.namespace for one in read], [one.entry.tracking_id for one in read]),
    )
    return {(row[0], row[1], row[2]): _Held(*row[3:]) for row in rows}


def _judged(one: _Read, held: _Held | None, origin: Origin) -> tuple[Outcome, str]:
    entry = one.entry
    if origin.namespace and entry.namespace != origin.namespace:
        return "refused", (
            f"this source speaks for {origin.namespace}, and not for {entry.namespace[:200]}"
        )
    if held is None:
        return "added", ""
    verified = one.came.signature == "verified"
    if held.sha256 == one.sha256:
        return ("replaced" if verified and not held.verified else "unchanged"), ""
    if held.verified and not verified:
        if entry.order <= held.order:
            return "older", ""
        return "refused", (
            f"version {held.version} is held with a signature that was verified, and this one"
            " has none that was"
        )
    if entry.order < held.order:
        return "older", ""
    if entry.order == held.order and not (verified and not held.verified):
        return "refused", f"another document is held as version {held.version} already"
    return "replaced", ""


_COLUMNS = (
    "namespace", "tracking_id", "version", "org_id", "distribution", "sharing_group_id", "tlp",
    "title", "publisher", "category", "status", "withdrawn", "first_released", "released", "score",
    "severity", "cves", "products", "purls", "cpes", "folded", "raw", "size", "sha256", "digests",
    "signature", "fingerprint", "source_id", "url", "audience",
)  # fmt: skip


def _store(session: Session, read: Sequence[_Read], origin: Origin) -> None:
    packer = zstandard.ZstdCompressor(level=6)
    rows = [_row(one, origin, packer) for one in read]
    ids: list[int] = []
    with session.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO catalogue_advisory (namespace, tracking_id, version, org_id, distribution,"
            " sharing_group_id, tlp, title, publisher, category, status, withdrawn, first_released,"
            " released, score, severity, cves, products, purls, cpes, folded, raw, size, sha256,"
            " digests, signature, fingerprint, source_id, url, audience) VALUES (%s, %s, %s, %s,"
            " %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
            " %s, %s, %s, %s, %s) ON CONFLICT (namespace, tracking_id, audience) DO UPDATE SET"
            " version = excluded.version, org_id = excluded.org_id,"
            " distribution = excluded.distribution, sharing_group_id = excluded.sharing_group_id,"
            " tlp = excluded.tlp, title = excluded.title, publisher = excluded.publisher,"
            " category = excluded.category, status = excluded.status,"
            " withdrawn = excluded.withdrawn, first_released = excluded.first_released,"
            " released = excluded.released, score = excluded.score, severity = excluded.severity,"
            " cves = excluded.cves, products = excluded.products, purls = excluded.purls,"
            " cpes = excluded.cpes, folded = excluded.folded, raw = excluded.raw,"
            " size = excluded.size, sha256 = excluded.sha256, digests = excluded.digests,"
            " signature = excluded.signature, fingerprint = excluded.fingerprint,"
            " source_id = excluded.source_id, url = excluded.url, gone = NULL, changed = now(),"
            " pending = true RETURNING id",
            rows,
            returning=True,
        )
        while True:
            found = cursor.fetchone()
            assert found is not None  # noqa: S101
            ids.append(int(found[0]))
            if not cursor.nextset():
                break
    session.execute("DELETE FROM catalogue_key WHERE advisory_id = ANY (%s)", (ids,))
    keyed = [
        (key, number, msgspec.msgpack.encode(statements))
        for number, one in zip(ids, read, strict=True)
        for key, statements in one.entry.keys.items()
    ]
    session.execute(
        "INSERT INTO catalogue_key (key, advisory_id, said)"
        " SELECT * FROM unnest(%s::text[], %s::int[], %s::bytea[])",
        tuple(list(column) for column in zip(*keyed, strict=True)) if keyed else ([], [], []),
    )
    _forget_narrower(session, ids)


def _row(one: _Read, origin: Origin, packer: zstandard.ZstdCompressor) -> tuple[object, ...]:
    entry, came = one.entry, one.came
    said = msgspec.structs.asdict(entry) | msgspec.structs.asdict(origin)
    said["namespace"] = entry.namespace
    said |= {
        "raw": packer.compress(came.raw), "size": len(came.raw), "sha256": one.sha256,
        "digests": came.digests, "signature": came.signature, "fingerprint": came.fingerprint,
        # Of a file its name alone: where it lies is its operator's business.
        "url": came.place if "://" in came.place else came.place.rpartition("/")[2],
        "audience": one.audience,
    }  # fmt: skip
    return tuple(said[name] for name in _COLUMNS)


def _forget_narrower(session: Session, ids: list[int]) -> None:
    """What was for some while it was not for everyone, now that everyone has one as new."""
    session.execute(
        "DELETE FROM catalogue_advisory o USING catalogue_advisory n, audience a"
        " WHERE n.id = ANY (%s) AND a.id = n.audience AND a.everyone AND o.id <> n.id"
        " AND o.namespace = n.namespace AND o.tracking_id = n.tracking_id"
        " AND o.released <= n.released AND o.source_id IS NOT DISTINCT FROM n.source_id",
        (ids,),
    )


def document(session: Session, number: int) -> bytes:
    """A document as it came. Raises NotFound."""
    raw = session.value("SELECT raw FROM catalogue_advisory WHERE id = %s", (number,))
    if raw is None:
        raise NotFound(f"no advisory {number}")
    return zstandard.ZstdDecompressor().decompress(bytes(raw))
