# SPDX-License-Identifier: EUPL-1.2
"""Releasing: what a draft must be, and all that a release leaves behind, in one transaction.

1. whoever leads the case releases, and nothing of an embargo that holds
2. the life cycle's rules give version, dates and history; the document says its language, and
   where it stands
3. all mandatory tests pass, and the label, publisher and file name are ours
4. the bytes are hashed and signed by the node's key
5. the release is stored, which writes the ledger; the case's timeline says so
"""

import hashlib
from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec import structs

from brug.cases import act_rules, files, keeping, taking_part
from brug.cases.acts import Said
from brug.cases.advisories import editing, embargo, publishing_party, storing
from brug.cases.advisories.shelf import SHELVES
from brug.cases.advisories.storing import Own
from brug.cases.case import Case
from brug.directory import node_keys
from brug.formats import json_text
from brug.formats.csaf import marking
from brug.formats.csaf.checking import check
from brug.formats.csaf.document import Label, Reference, Status
from brug.formats.csaf.finding import Finding
from brug.formats.csaf.moments import moment
from brug.formats.csaf.releasing import Step, released
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.csaf.writing import Written, written
from brug.mail.speaking import say_in
from brug.model.errors import BrugError, Forbidden, Invalid
from brug.model.languages import DEFAULT
from brug.model.words import N_
from brug.store.session import Session


class NotValid(BrugError):
    """A document that fails tests; `findings` are all of them."""

    code = "advisory_not_valid"
    status = 409

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        lines = [f"{one.test} {one.pointer or '/'}: {one.message}" for one in findings]
        self.public = "The advisory is not valid: " + "; ".join(lines)
        super().__init__(self.public)


class Released(msgspec.Struct, frozen=True):
    """What was released, and where it stands; RED stands nowhere."""

    tracking_id: str
    version: str
    status: str
    label: str
    url: str | None
    sha256: str


def address(base: str, label: str, path: str) -> str:
    """Where an advisory is served."""
    return f"{base}/csaf/{label.lower()}/{path}"


def release(
    session: Session, tracking_id: str, changes: str, status: Status = "final",
    step: Step | None = None,
) -> Released:  # fmt: skip
    """Raises NotFound, Forbidden, Blocked, Invalid, NotValid."""
    storing.require_author(session)
    own = storing.lock(session, storing.find(session, tracking_id))
    file, case = files.view(session, str(own.case_id))
    mine = taking_part.parts_of(case, keeping.author(session))
    if not any(case.kind.role(one.role).leads for one in mine):
        raise Forbidden("only who leads the case releases an advisory")
    now = datetime.now(UTC)
    if objection := embargo.objection(case, now):
        raise act_rules.Blocked(objection)
    advisory, file_of, label = prepared(session, own, changes, now, status, step)
    findings = check(json_text.decode(file_of.raw))
    if findings:
        raise NotValid(findings)
    base = publishing_party.base_url(session)
    digest = _store(session, own, advisory, file_of, label)
    storing.keep(session, own, None)
    tracking = advisory.document.tracking
    url = None if label == "RED" else address(base, label, file_of.path)
    said = f"Advisory {own.tracking_id}, version {tracking.version} ({status}), TLP:{label}"
    keeping.act(session, file.uuid, Said(text=f"{said}: {url or 'not served'}\nSHA-256 {digest}"))
    return Released(own.tracking_id, tracking.version, status, label, url, digest)


def prepared(
    session: Session, own: Own, changes: str, now: datetime, status: Status, step: Step | None
) -> tuple[Advisory, Written, Label]:
    """What would be released, as it would be, whether it is valid or not. Raises Invalid."""
    editing_from = storing.newest(session, own)
    editing.require_own_publisher(session, editing_from)
    advisory = released(editing_from, changes, now, status, step)
    if own.version is None:
        advisory = editing.first_dated(advisory)
    advisory = _in_a_language(advisory, publishing_party.language(session))
    label = _label(advisory)
    base = publishing_party.base_url(session)
    file_of = written(advisory)
    if label != "RED":
        advisory = _referring(advisory, address(base, label, file_of.path), base)
        file_of = written(advisory)
    return advisory, file_of, label


class Leaving(msgspec.Struct, frozen=True):
    """The label of the current release and where it is served, until the next has another label."""

    label: str
    becomes: str
    url: str


def leaving(session: Session, own: Own) -> Leaving | None:
    """Whether the next release takes it away from those who have it: none gets its address."""
    tlp = marking.label_of(storing.newest(session, own).document)
    if own.label not in SHELVES or not own.path or tlp is None:
        return None
    before = SHELVES.index(own.label)
    becomes = marking.as_csaf(tlp)
    if becomes in SHELVES[: before + 1]:
        return None
    url = address(publishing_party.base_url(session), own.label, own.path)
    return Leaving(own.label, becomes, url)


class Obstacle(msgspec.Struct, frozen=True):
    """What keeps an advisory from being released: the embargo, or something in the document."""

    kind: Literal["embargo", "document"]
    pointer: str
    message: str


def obstacles(session: Session, own: Own, case: Case, now: datetime) -> list[Obstacle]:
    """All that would be refused, were it released now by whoever leads the case."""
    found: list[Obstacle] = []
    if objection := embargo.objection(case, now):
        found.append(Obstacle("embargo", "", objection))
    try:
        _, file_of, _ = prepared(session, own, "-", now, "final", None)
    except BrugError as error:
        return [*found, Obstacle("document", getattr(error, "field", ""), error.public)]
    return found + [
        Obstacle("document", one.pointer, f"{one.test} {one.title}: {one.message}")
        for one in check(json_text.decode(file_of.raw))
    ]


def _label(advisory: Advisory) -> Label:
    """What is not marked would be served to nobody."""
    distribution = advisory.document.distribution
    if distribution is None or distribution.tlp is None:
        raise Invalid("/document/distribution/tlp/label", "WHITE, GREEN, AMBER or RED")
    return distribution.tlp.label


def _in_a_language(advisory: Advisory, usual: str) -> Advisory:
    """Its own, or the usual one; which may be the one that it was translated from."""
    document = advisory.document
    if document.lang or document.source_lang == usual:
        return advisory
    return structs.replace(advisory, document=structs.replace(document, lang=usual))


def _referring(advisory: Advisory, url: str, base: str) -> Advisory:
    """With where it stands; a reference to where it stood before is taken out."""
    others = [
        one for one in advisory.document.references
        if one.category != "self" or not one.url.startswith(f"{base}/csaf/")
    ]  # fmt: skip
    say = say_in((advisory.document.lang or DEFAULT).partition("-")[0].lower())
    here = Reference(summary=say(N_("This advisory")), url=url, category="self")
    document = structs.replace(advisory.document, references=[here, *others])
    return structs.replace(advisory, document=document)


def _store(session: Session, own: Own, advisory: Advisory, file: Written, label: Label) -> str:
    document, tracking = advisory.document, advisory.document.tracking
    key = node_keys.own(session)
    digest = hashlib.sha256(file.raw).hexdigest()
    session.execute(
        "INSERT INTO advisory_release (advisory_id, tracking_id, version, status, label, path,"
        " title, summary, first_released, released, raw, sha256, sha512, signature, fingerprint)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            own.id, own.tracking_id, tracking.version, tracking.status, label, file.path,
            document.title, tracking.revision_history[-1].summary,
            moment(tracking.initial_release_date), moment(tracking.current_release_date),
            file.raw, digest,
            hashlib.sha512(file.raw).hexdigest(), node_keys.sign_armoured(session, key, file.raw),
            key.fingerprint,
        ),
    )  # fmt: skip
    return digest
