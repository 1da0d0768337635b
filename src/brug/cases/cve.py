# SPDX-License-Identifier: EUPL-1.2
"""CVE in a disclosure: numbers with the state of their reservation, and records of them.

Numbers that a CNA reserved ahead lie in a pool of the node, from which a case takes the next.
What a record says comes from the case, and of an own advisory on it where there is one: that
names vendors and versions.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.cases import files, keeping
from brug.cases.acts import Filled
from brug.cases.advisories import publishing_party, releasing, storing
from brug.cases.case import Case
from brug.cases.crediting import credits_of
from brug.cases.entries import Entry
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.formats.csaf.products import AFFECTED, FIXED, Product, products, status_of
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.cve import ids, record
from brug.formats.cve.ids import Reserved
from brug.formats.cve.record import Affected, Credit, Lack, Source, Version
from brug.formats.products import cpe, naming, purl
from brug.model.errors import Conflict, Invalid, NotFound
from brug.store import settings
from brug.store.session import Session

_FIELD = "cve_reservations"
_FINDER = "finder"


class Made(msgspec.Struct, frozen=True):
    """A record, and what it lacks."""

    number: str
    state: str
    record: dict[str, Any]
    lacking: list[Lack]


def year() -> int:
    return datetime.now(UTC).year


# -- numbers -------------------------------------------------------------------------------


def numbers(case: Case) -> list[Reserved]:
    """All of a case: with the state of their reservation, and those of which none is said."""
    known = ids.all_of(case.fields.get(_FIELD) or [])
    return [
        *known.values(),
        *(Reserved(one, "reserved") for one in case.fields.get("cve") or [] if one not in known),
    ]


def keep(session: Session, which: str, number: str, state: str, cna: str = "") -> Entry:
    """A number in its next state, in the case. Raises Invalid, WrongStep."""
    # All numbers are one field: whoever keeps another one at this moment comes after this.
    case = files.view(session, keeping.held(session, which).uuid)[1]
    _require_disclosure(case)
    given = ids.require_id(number, year())
    lines = case.fields.get(_FIELD) or []
    if given in (case.fields.get("cve") or []) and given not in ids.all_of(lines):
        lines = [*lines, Reserved(given, "reserved").line]
    fields: dict[str, Any] = {_FIELD: ids.changed(lines, given, state, cna)}
    known = case.fields.get("cve") or []
    if state == "rejected":
        fields["cve"] = [one for one in known if one != given] or None
    elif given not in known:
        fields["cve"] = [*known, given]
    return keeping.act(session, which, Filled(fields=fields))


def _require_disclosure(case: Case) -> None:
    if case.kind is not DISCLOSURE:
        raise Invalid("case", "a disclosure", case.number)


class NoneFree(Conflict):
    """The pool is empty."""

    code = "no_cve_free"
    public = "No reserved CVE number is free here: import a list of them, or give one."


def fill_pool(session: Session, raw: bytes, cna: str = "") -> int:
    """Takes reserved numbers in; how many are new. Raises Forbidden, Invalid."""
    storing.require_author(session)
    if len(cna) > 200 or not cna.isprintable():
        raise Invalid("cna", "a name of at most 200 characters", cna)
    found = ids.read_list(raw, year())
    row = session.value(
        "WITH new AS (INSERT INTO cve_pool (number, cna)"
        " SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING RETURNING 1)"
        " SELECT count(*) FROM new",
        ([one.id for one in found], [one.cna[:200] or cna for one in found]),
    )
    return int(row)


def free(session: Session) -> int:
    """How many numbers of the pool are free; none for whoever writes no advisories of the host."""
    return int(session.value("SELECT count(*) FROM cve_pool WHERE taken IS NULL"))


def take(session: Session, which: str) -> str:
    """The next free number, into a case. Raises NoneFree."""
    storing.require_author(session)
    file, case = files.view(session, which)
    _require_disclosure(case)
    row = session.one(
        "UPDATE cve_pool SET taken = now() WHERE number = (SELECT number FROM cve_pool"
        " WHERE taken IS NULL ORDER BY split_part(number, '-', 2)::int,"
        "   length(number), number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING number, cna"
    )
    if row is None:
        raise NoneFree("the pool is empty")
    keep(session, file.uuid, row[0], "reserved", row[1])
    return str(row[0])


# -- records -------------------------------------------------------------------------------


def made(session: Session, which: str, number: str = "", rejected: str = "") -> Made:
    """The record of a number of a case; if none is given, of the only one that is in use.

    Raises Invalid.
    """
    case = files.view(session, which)[1]
    _require_disclosure(case)
    known = {one.id: one for one in numbers(case)}
    used = [one.id for one in known.values() if one.state != "rejected"] or list(known)
    wanted = number.strip().upper() or (used[0] if len(used) == 1 else "")
    if wanted not in known:
        raise Invalid("cve", f"one of {', '.join(known) or 'none: the case has no number'}", number)
    if known[wanted].state == "rejected" and not rejected:
        rejected = "This number was not used."
    advisory, url = _own_advisory(session, case)
    said = source(
        case,
        wanted,
        advisory,
        url,
        org_id=str(settings.get(session, "cve.org_id")),
        short_name=str(settings.get(session, "cve.short_name")),
        rejected=rejected,
    )
    return Made(wanted, known[wanted].state, record.record(said), record.lacking(said))


def _own_advisory(session: Session, case: Case) -> tuple[Advisory | None, str]:
    """The newest of the case that the reader may see, and where everyone finds it."""
    try:
        file_id = files.find(session, case.id).id
    except NotFound:
        return None, ""
    for own in storing.listed(session, file_id):
        url = ""
        if own.path and own.label == "WHITE":
            url = releasing.address(publishing_party.base_url(session), own.label, own.path)
        return storing.newest(session, own), url
    return None, ""


def source(
    case: Case,
    number: str,
    advisory: Advisory | None,
    url: str,
    *,
    org_id: str,
    short_name: str = "",
    rejected: str = "",
) -> Source:
    """What is known for a record. Only what is meant for readers: as an advisory has it."""
    fields = case.fields
    public = case.fact("public_disclosure_at")
    external = [
        one.url
        for one in (advisory.document.references if advisory else [])
        if one.category != "self" and one.url.startswith(("https://", "http://"))
    ]
    references = [url] if url else []
    references += [*(fields.get("references") or []), *external]
    vectors = (fields.get("cvss_40"), fields.get("cvss_31"))
    return Source(
        number=number,
        org_id=org_id,
        short_name=short_name,
        title=case.title,
        description=str(fields.get("summary") or ""),
        affected=_affected(case, number, advisory),
        weaknesses=tuple(fields.get("cwe") or ()),
        references=tuple(references),
        vectors=tuple(one for one in vectors if one),
        credits=tuple(Credit(one.kind, one.name) for one in credits_of(case)),
        date_public=public.at if public else "",
        advisory=advisory.document.tracking.id if advisory and url else "",
        is_found_outside=any(one.role == _FINDER for one in case.participants.values()),
        rejected=rejected,
    )


def _affected(case: Case, number: str, advisory: Advisory | None) -> tuple[Affected, ...]:
    if advisory is not None:
        found = _of_advisory(number, advisory)
        if found:
            return found
    named = case.fields.get("products") or []
    fixed = naming.in_full(case.fields.get("fixed_versions") or [], named)
    lines = [(one, "affected") for one in named] + [(one, "unaffected") for one in fixed]
    return _joined([_of_line(line, status) for line, status in lines])


def _of_advisory(number: str, advisory: Advisory) -> tuple[Affected, ...]:
    known = products(advisory.product_tree)
    every: list[Affected] = []
    for one in advisory.vulnerabilities:
        if one.cve not in {None, number}:
            continue
        for product, several in status_of(one).items():
            here = known.get(product)
            if here is None:
                continue
            every.append(_of_product(here, _status(set(several))))
    return _joined(every)


def _of_product(here: Product, status: record.Status) -> Affected:
    """As the tree names it; what it leaves open, as the CPE name or purl beside it says."""
    line = here.cpe or here.purl or ""
    said = _of_line(line, status)
    version = here.named("product_version_range") or here.named("product_version")
    return Affected(
        here.named("vendor") or said.vendor,
        here.named("product_name") or (said.product if here.name == line else here.name),
        (Version(version, status),) if version else said.versions,
        (here.cpe,) if here.cpe and here.cpe.startswith("cpe:2.3:") else (),
        status,
    )


_WORST: tuple[record.Status, ...] = ("affected", "unknown", "unaffected")


def _status(several: set[str]) -> record.Status:
    if several & AFFECTED:
        return "affected"
    return "unaffected" if several & (FIXED | {"known_not_affected"}) else "unknown"


def _of_line(line: str, status: Any) -> Affected:
    """A purl or CPE says vendor, product and version; a name is a name."""
    with suppress(Invalid):
        name = cpe.read(line)
        vendor, product, release = name.words
        named = (Version(release, status),) if release else ()
        return Affected(vendor, product or line, named, (name.text,), status)
    with suppress(Invalid):
        package = purl.read(line)
        version = (Version(package.version, status),) if package.version else ()
        return Affected(package.namespace, package.name, version, (), status)
    return Affected("", line, (), (), status)


def _joined(every: Sequence[Affected]) -> tuple[Affected, ...]:
    """Versions of the same product together; the worst that is said of it without one."""
    found: dict[tuple[str, str], Affected] = {}
    for one in every:
        key = (one.vendor, one.product)
        known = found.get(key, Affected(*key, status=one.status))
        worst = min(known.status, one.status, key=_WORST.index)
        found[key] = Affected(*key, known.versions + one.versions, known.cpes + one.cpes, worst)
    return tuple(found.values())
