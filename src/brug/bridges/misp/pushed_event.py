# SPDX-License-Identifier: EUPL-1.2
"""One event to a server: what of it goes, what is asked first, what each answer means.

The answer's body is not looked at beyond being JSON, as a stock client does; "not newer" is
no failure; 404 says that the other of add and edit is the right one.
"""

import base64
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from brug.bridges.gate import hop
from brug.bridges.misp import judging, rules
from brug.bridges.misp.asking import PROTECTED, Link, Remote, Told
from brug.bridges.misp.report import Report
from brug.bridges.misp.state import Push
from brug.directory import node_keys
from brug.directory.servers import Server
from brug.formats.json_text import encode
from brug.formats.openpgp_signing import without_whitespace
from brug.intel.leaving import for_servers
from brug.model.errors import NotFound, Unavailable
from brug.store.session import Session

Json = dict[str, Any]
SIGNATURE = "x-pgp-signature"
NOT_NEWER = "Event in the request not newer than the local copy."
# A stock MISP marks an attribute as deleted where one comes that is marked so, with a newer time;
# what is not in the event that comes it leaves as it is.
STAYS_THERE = (
    "removed here for good or not for the other side any more, after it crossed: it stays there"
    " (only what is marked as deleted here is marked so there)"
)
BY_TAGS = "left out by the rules of tags"
_LOCATION = re.compile(r"/events/(?:view/)?([0-9]{1,18}|[0-9a-fA-F-]{36})/?$")
# Numbers of ours, and whoever made it: nothing that the other side could use.
_OURS = ("id", "org_id", "orgc_id", "user_id", "event_creator_email", "Org", "RelatedEvent",
         "proposal_email_lock")  # fmt: skip


class Outcome(msgspec.Struct, frozen=True):
    """Whether the other side has it now; `stays`: it was not even sent."""

    done: bool
    reason: str = ""
    stays: bool = False


class _Body(msgspec.Struct, frozen=True):
    content: bytes
    headers: dict[str, str]
    uuid: str


def send(push: Push, other: Remote, event_id: int) -> Outcome:
    """Sends an event as the other side's organisation sees it. Raises NotReached."""
    server, report = push.server, push.report
    document = _document(push, event_id)
    if isinstance(document, Outcome):
        return document
    with push.database.system() as session:
        partner = str(
            session.value("SELECT uuid::text FROM organisation WHERE id = %s",
                          (server.remote_org_id,))
        )  # fmt: skip
        lowered = hop.lowered(document, "push", partner, internal=server.internal)
        if lowered is None:
            return Outcome(False, "stays here by its level or its group", stays=True)
        judged = judging.judge(session, push.bridge, event_id, lowered)
        if judged.document is None:
            if judged.held:
                report.count("held")
            return Outcome(False, judged.reason, stays=True)
        if judged.reason:
            report.lose("parts of events", judged.reason, str(document["uuid"]))
        _note_cut(report, document, lowered)
        for gone in judged.gone:
            report.lose("parts of events", STAYS_THERE, gone)
        sent = _as_sent(judged.document, server)
        if sent.get("protected") and not other.reaches(PROTECTED):
            return Outcome(False, f"protected, and {other.text} knows no protected events", True)
        signed = _signed(session, sent)
    if signed is None:
        return Outcome(False, "protected, and no key of this node is among its signers", True)
    if sent.get("EventReport"):
        signed = _with_reports(push, signed, sent)
    outcome = _sent(push.link, signed)
    judging.note_outcome(push.database, judged.crossing, outcome.reason)
    return outcome


def _document(push: Push, event_id: int) -> Json | Outcome:
    """The event without what has a tag that is not wanted there, or why it stays here."""
    try:
        with push.database.as_user(push.account_id) as session:
            whole = for_servers.document(session, event_id)
            kept_back = _kept_back(session, push.server, event_id)
    except NotFound:
        return Outcome(False, "it is not there any more, or not for the other side", stays=True)
    document = rules.without(whole, kept_back)
    if kept_back and not rules.says_something(document):
        return Outcome(False, "the rules of tags leave nothing of it", stays=True)
    push.report.lose("parts of events", BY_TAGS, str(whole["uuid"]), len(kept_back))
    return document


def _kept_back(session: Session, server: Server, event_id: int) -> set[str]:
    """The attributes with a tag that is not wanted there, by UUID."""
    unwanted = rules.tags_kept_back(rules.read(server.push_rules))
    if not unwanted:
        return set()
    found = session.all(
        "SELECT DISTINCT a.uuid::text FROM attribute a JOIN attribute_tag t"
        " ON t.attribute_id = a.id WHERE a.event_id = %s AND t.tag_id = ANY (%s)",
        (event_id, unwanted),
    )
    return {row[0] for row in found}


def _note_cut(report: Report, before: Json, after: Json) -> None:
    gone = len(hop.uuids(before) - hop.uuids(after))
    report.lose("parts of events", "stay here by their level or group", str(before["uuid"]), gone)


def _as_sent(document: Json, server: Server) -> Json:
    made = {name: value for name, value in document.items() if name not in _OURS}
    made |= {"locked": 1, "Galaxy": []}
    for item in _items(made):
        item.pop("id", None)
        item["Galaxy"] = []
    if server.unpublish_event:
        made["published"] = 0
    return made


def _items(document: Json) -> Iterable[Json]:
    yield from hop.rows(document, "Attribute")
    for one in hop.rows(document, "Object"):
        one.pop("id", None)
        yield from hop.rows(one, "Attribute")


def _signed(session: Session, whole: Json) -> _Body | None:
    """The bytes to send; those of a protected event are signed before they are packed."""
    content, uuid = encode({"Event": whole}), str(whole["uuid"])
    if not whole.get("protected"):
        return _Body(content, {}, uuid)
    try:
        own = node_keys.own(session)
        listed = {str(k.get("fingerprint")) for k in hop.rows(whole, "CryptographicKey")}
        if own.fingerprint not in listed:
            return None
        signature = node_keys.sign(session, own, without_whitespace(content))
    except (NotFound, Unavailable):
        return None
    return _Body(content, {SIGNATURE: base64.b64encode(signature).decode()}, uuid)


def _with_reports(push: Push, signed: _Body, whole: Json) -> _Body:
    """Whether the other side takes reports is asked first; if not, the event goes without."""
    if push.link.get("/eventReports/add").is_fine:
        return signed
    push.report.lose("reports", "the other side takes none", signed.uuid)
    with push.database.system() as session:
        return _signed(session, {**whole, "EventReport": []}) or signed


def _sent(link: Link, body: _Body) -> Outcome:
    add = "/events/add/metadata:1"
    edit = f"/events/edit/{body.uuid}/metadata:1"
    there = link.head(f"/events/view/{body.uuid}") == 200
    told = _post(link, edit if there else add, body)
    if told.status == 404:
        other = add if there else _where(told)
        if other:
            told = _post(link, other, body)
    return _judged(told)


def _post(link: Link, path: str, body: _Body) -> Told:
    return link.post_bytes(path, body.content, body.headers)


def _where(told: Told) -> str:
    """Where a known event is edited: its address is in the refusal to add it."""
    found = _LOCATION.search(str(told.headers.get("location", "")))
    return f"/events/edit/{found[1]}/metadata:1" if found else ""


def _judged(told: Told) -> Outcome:
    if told.is_fine:
        return Outcome(True) if told.value is not None else Outcome(False, told.said)
    if told.status == 403 and NOT_NEWER in str(told.value):
        return Outcome(True)
    return Outcome(False, told.said)
