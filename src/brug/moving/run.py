# SPDX-License-Identifier: EUPL-1.2
"""`move`: takes over a running MISP, or says what it would do; the order of its steps.

1. Who is asked, and whether the key may see everything. 2. The directory, since everything
names it; own clusters, lists, settings. 3. Events, one transaction each; proposals and analyst
data, which name them. 4. Verification. Each step can be repeated; what
was done is remembered in the node's database (`brug.moving.numbers`).
"""

from pathlib import Path
from typing import Any

import msgspec

from brug.directory.accounts import acting_for_host
from brug.model.errors import Conflict, Forbidden
from brug.moving import dump
from brug.moving.analyst import take_analyst_data
from brug.moving.client import Misp, Refused
from brug.moving.clusters import take_clusters
from brug.moving.lists import take_lists
from brug.moving.node_settings import take_settings
from brug.moving.numbers import begin, finish, is_empty
from brug.moving.proposals import take_proposals
from brug.moving.report import Report, Told
from brug.moving.survey import people, survey
from brug.moving.taking import Source, take_directory, unwrapped
from brug.moving.taking_events import take_events
from brug.moving.verifying import verify
from brug.store import audit
from brug.store.session import Database


class Wanted(msgspec.Struct, frozen=True):
    """What the operator asks for."""

    dry_run: bool = False
    dump: Path | None = None  # of the database there
    again: bool = False  # ask for events that came along before, too


def move(misp: Misp, database: Database, wanted: Wanted, told: Told) -> Report:
    """Raises Refused, Unreachable, Conflict, Forbidden for what stops the whole move."""
    report = Report(misp.url, dry_run=wanted.dry_run)
    report.version = _version(misp)
    _require_all_seeing(misp)
    there = _settings(misp)
    found = dump.read(wanted.dump) if wanted.dump is not None else None
    if wanted.dry_run:
        with database.system() as session:
            report.keeps_ids = is_empty(session)
            survey(misp, session, report, with_dump=found is not None)
        return report
    source = _begin(misp, database, report, told)
    host = str(there.get("MISP.host_org_id"))
    source.host_org = int(host) if host.isdecimal() else None
    take_directory(source)
    take_clusters(source)
    take_lists(source)
    take_settings(source, there)
    take_events(source, again=wanted.again)
    take_proposals(source)
    take_analyst_data(source)
    verify(source)
    people(misp, report, with_dump=found is not None)
    with database.as_user(source.user_id) as session:
        if found is not None:
            plain = there.get("Security.advanced_authkeys") is False
            dump.carry(session, source.move, found, report, plain=plain)
        _count_kinds(source)
        finish(session, source.move)
        shown = {kind: counted.here for kind, counted in report.kinds.items()}
        audit.record(session, "import", "Node", 0, misp.url, shown)
    return report


def _begin(misp: Misp, database: Database, report: Report, told: Told) -> Source:
    with database.system() as session:
        user_id = acting_for_host(session)
        moving = begin(session, misp.url, report.version)
    report.keeps_ids = moving.keeps_ids
    return Source(misp, database, user_id, moving, report, told)


def _version(misp: Misp) -> str:
    found = misp.get("/servers/getVersion")
    version = str(found.get("version", "")) if isinstance(found, dict) else ""
    if not version.startswith("2."):
        raise Conflict(f"{misp.url} says that it is version {version or '(nothing)'}; MISP 2.5 is")
    return version


def _require_all_seeing(misp: Misp) -> None:
    """Whoever does not see everything would lose the rest without a word."""
    me: Any = misp.get("/users/view/me")
    if not unwrapped(me, "Role").get("perm_site_admin"):
        raise Forbidden("the key has to be a site admin's: others do not see everything")


def _settings(misp: Misp) -> dict[str, Any]:
    """The settings there by MISP's names; none where it does not tell."""
    try:
        answer = misp.get("/servers/serverSettings")
    except Refused:
        return {}
    rows = answer.get("finalSettings") if isinstance(answer, dict) else None
    return {
        str(row["setting"]): row.get("value")
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and "setting" in row
    }


def _count_kinds(source: Source) -> None:
    """Children are counted by the verification; a difference in number is a difference."""
    for kind, counted in source.report.kinds.items():
        if counted.here != counted.there and kind != "key":
            source.report.remarks.append(f"{kind}: {counted.there} there, {counted.here} here")
