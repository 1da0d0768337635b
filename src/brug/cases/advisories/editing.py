# SPDX-License-Identifier: EUPL-1.2
"""Drafts: begun from a disclosure, handed out as a CSAF document, and taken back edited.

The node keeps `tracking`: an edited document carries that of the draft it was made from, so
that nobody writes over what another has changed meanwhile. Each draft is the next version.
"""

from datetime import UTC, datetime

from msgspec import structs

from brug.cases import files
from brug.cases.advisories import drafting, publishing_party, storing
from brug.cases.advisories.storing import Own
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.formats.csaf.document import Tracking
from brug.formats.csaf.reading import read
from brug.formats.csaf.releasing import DRAFT, Step, drafted
from brug.formats.csaf.versions import parsed
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.csaf.writing import to_bytes
from brug.model.errors import Conflict, Invalid
from brug.model.tlp import LABELS
from brug.store.session import Session

_KEPT = ("version", "status", "initial_release_date", "current_release_date", "revision_history")


class Outdated(Conflict):
    """An edited document that is not of the newest draft, or that changed what the node keeps."""

    code = "advisory_outdated"

    def __init__(self, field: str, version: str) -> None:
        self.public = (
            f"/document/tracking/{field}: expected as the node has it (version {version});"
            " begin from the newest draft, and leave what is under tracking to the node"
        )
        self.field = f"document.tracking.{field}"
        super().__init__(self.public)


def begin(session: Session, which: str, tlp: str) -> tuple[Own, Advisory]:
    """A draft of a disclosure. Raises NotFound, Forbidden, NoNamespace, Invalid."""
    storing.require_author(session)
    if tlp not in LABELS:
        raise Invalid("tlp", f"one of {', '.join(LABELS)}", tlp)
    file, case = files.view(session, which)
    if case.kind is not DISCLOSURE:
        raise Invalid("case", "a disclosure", file.number)
    by = publishing_party.publisher(session)
    head = drafting.Head(
        tracking_id=storing.next_id(session), by=by, tlp=tlp, at=datetime.now(UTC),
        lang=publishing_party.language(session),
    )  # fmt: skip
    advisory = drafting.begun(case, head)
    return storing.add(session, file, advisory), advisory


def put(
    session: Session,
    which: str,
    raw: bytes,
    changes: str,
    step: Step | None = None,
    only: str = "",
) -> tuple[Own, Advisory]:
    """Takes an edited document as the next draft, or a new one as the first.

    `only` is the id of the one that is edited, where there is no other to be.
    Raises Unfit, Malformed, Outdated, NameTaken, Invalid.
    """
    storing.require_author(session)
    file, case = files.view(session, which)
    if case.kind is not DISCLOSURE:
        raise Invalid("case", "a disclosure", file.number)
    given = read(raw).advisory
    require_own_publisher(session, given)
    tracking = given.document.tracking
    if only and tracking.id != only:
        raise Invalid("/document/tracking/id", only, tracking.id)
    known = [one for one in storing.listed(session, file.id) if one.tracking_id == tracking.id]
    if not known:
        _require_unreleased(tracking)
        return storing.add(session, file, given), given
    own = storing.lock(session, known[0])
    before = storing.newest(session, own).document.tracking
    for field in _KEPT:
        if getattr(tracking, field) != getattr(before, field):
            raise Outdated(field, before.version)
    advisory = drafted(given, changes, datetime.now(UTC), step)
    storing.keep(session, own, advisory)
    return storing.find(session, own.tracking_id), advisory


def as_file(advisory: Advisory) -> bytes:
    """A draft as it is handed out to be edited."""
    return to_bytes(advisory)


def require_own_publisher(session: Session, advisory: Advisory) -> None:
    """(namespace, id) is what readers know an advisory by. Raises Invalid, NoNamespace."""
    expected, found = publishing_party.publisher(session), advisory.document.publisher
    for field in ("namespace", "category"):
        wanted = getattr(expected, field)
        if getattr(found, field) != wanted:
            pointer = f"/document/publisher/{field}"
            raise Invalid(pointer, f"{wanted} (setting advisories.{field})", getattr(found, field))


def _require_unreleased(tracking: Tracking) -> None:
    version = parsed(tracking.version)
    first = version is not None and (version.major == 0 or version.numbers == (1, 0, 0))
    if tracking.status != DRAFT or not first:
        raise Invalid(
            "/document/tracking",
            "a draft of a first version",
            f"{tracking.version} {tracking.status}",
        )


def first_dated(advisory: Advisory) -> Advisory:
    """A first release, dated as such whatever its draft said."""
    document = advisory.document
    tracking = structs.replace(
        document.tracking, initial_release_date=document.tracking.current_release_date
    )
    return structs.replace(advisory, document=structs.replace(document, tracking=tracking))
