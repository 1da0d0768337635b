# SPDX-License-Identifier: EUPL-1.2
"""The dry run: what there is, and what will not carry over. Reads there, writes nowhere."""

from collections.abc import Mapping
from typing import Any, LiteralString

from brug.model.analyst import KIND_NAMES
from brug.model.attribute_types import TYPES
from brug.moving import clusters, lists, proposals
from brug.moving.client import PAGE, Misp, Refused, listed
from brug.moving.left_behind import left_behind
from brug.moving.report import Lost, Person, Report
from brug.moving.taking import unwrapped
from brug.store.session import Session

# What comes along: kind -> its list there.
KINDS: Mapping[str, str] = {
    "organisation": "/organisations/index/scope:all",
    "role": "/roles/index",
    "account": "/admin/users/index",
    "sharing_group": "/sharing_groups/index",
    "tag": "/tags/index",
}


KEYS = "make a new key for each on the user's page, or give the database's dump with --database"


def survey(misp: Misp, session: Session, report: Report, *, with_dump: bool) -> None:
    """Fills a report with counts and losses."""
    for kind, path in KINDS.items():
        report.count(kind, there=_count(misp, path))
    report.count("event", there=_events(misp))
    _types(misp, report)
    _beside(misp, report)
    people(misp, report, with_dump=with_dump)
    report.lost += left_behind(misp, session)
    _clashes(session, report)


def _beside(misp: Misp, report: Report) -> None:
    """What comes along beside events and the directory; a list that is not given is told of."""
    for kind in lists.KINDS:
        if not kind.is_switch:
            _count_if_given(misp, report, kind.name, kind.path)
    _proposals(misp, report)
    for name in KIND_NAMES:
        _count_if_given(misp, report, name.lower(), f"/analyst_data/index/{name}")
    try:
        own = listed(misp.post("/galaxy_clusters/restSearch", clusters.WANTED))
    except Refused as error:
        report.remarks.append(f"own clusters: not asked for ({error})")
    else:
        report.count("own cluster", there=len(own))


def _proposals(misp: Misp, report: Report) -> None:
    """Their list tells everything but the bytes of what is proposed as a file."""
    try:
        types = [
            unwrapped(item, "ShadowAttribute").get("type")
            for page in misp.pages(proposals.LIST)
            for item in page
        ]
    except Refused as error:
        report.remarks.append(f"proposal: not asked for ({error})")
        return
    report.count("proposal", there=len(types))
    files = sum(kind in {"attachment", "malware-sample"} for kind in types)
    if files:
        advice = "accept or discard them there first; the proposals come along without"
        report.lost.append(Lost("bytes of proposed files", files, advice))


def _count_if_given(misp: Misp, report: Report, kind: str, path: str) -> None:
    try:
        report.count(kind, there=_count(misp, path))
    except Refused as error:
        report.remarks.append(f"{kind}: not asked for ({error})")


def _count(misp: Misp, path: str) -> int:
    return sum(len(page) for page in misp.pages(path))


def _events(misp: Misp) -> int:
    """How many events there are: what the list says of itself, or all its pages."""
    misp.result_count = 0
    misp.get("/events/index/limit:1/page:1")
    return misp.result_count or _count(misp, "/events/index/sort:id/direction:asc")


def _types(misp: Misp, report: Report) -> None:
    try:
        counts = misp.get("/attributes/attributeStatistics/type")
    except Refused:
        return
    if not isinstance(counts, dict):
        return
    numbers = {str(k): int(v) for k, v in counts.items() if str(v).isdecimal()}
    report.count("attribute", there=sum(numbers.values()))
    unknown = {kind: count for kind, count in numbers.items() if kind not in TYPES}
    for kind, count in sorted(unknown.items()):
        advice = "they are kept and shown, but not validated when edited"
        report.lost.append(Lost(f"meaning of attributes of type {kind!r}", count, advice))


def people(misp: Misp, report: Report, *, with_dump: bool) -> None:
    """Who needs a new key or password, since no interface tells them."""
    keys: dict[str, int] = {}
    try:
        for page in misp.pages("/auth_keys/index", PAGE):
            for item in page:
                email = str(unwrapped(item, "User").get("email", ""))
                keys[email] = keys.get(email, 0) + 1
    except Refused as error:
        report.remarks.append(f"the keys could not be counted: {error}")
    report.count("key", there=sum(keys.values()))
    users = [unwrapped(u, "User") for page in misp.pages("/admin/users/index") for u in page]
    for user in users:
        email = str(user.get("email", ""))
        report.people.append(Person(email, keys.get(email, 0), password=True))
    if not with_dump:
        report.lost.append(Lost("passwords", len(users), "users set a new one by a reset"))
        report.lost.append(Lost("API keys", sum(keys.values()), KEYS))


_CLASHES: Mapping[str, LiteralString] = {
    "events": "SELECT count(*) FROM event",
    "sharing groups": "SELECT count(*) FROM sharing_group",
}


def _clashes(session: Session, report: Report) -> None:
    """What is here already, so that numbers cannot be kept."""
    here: dict[str, Any] = {what: session.value(query) for what, query in _CLASHES.items()}
    if not report.keeps_ids:
        said = ", ".join(f"{count} {what}" for what, count in here.items() if count)
        report.remarks.append(
            f"this node is not empty ({said or 'more than one user or organisation'}):"
            " everything gets new numbers, and links and scripts that use numbers break"
        )
