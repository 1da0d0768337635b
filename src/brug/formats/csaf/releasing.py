# SPDX-License-Identifier: EUPL-1.2
"""The life of an advisory: what a draft or a release does to its tracking (3.1.11, 3.2.1.12).

draft -> interim or final; final -> final is an update, final -> interim says that changes come
fast again, and interim becomes final once they do not. Nothing that was released becomes
unreleased. Each release raises the version, adds one revision, and leaves the date of the first
release as it is. Versions 0, 0.y.z and those with a pre-release part are drafts.
"""

from datetime import datetime
from typing import Literal

from msgspec import structs

from brug.formats.csaf.document import Revision, Status, Tracking
from brug.formats.csaf.moments import moment, written
from brug.formats.csaf.versions import Version, parsed
from brug.formats.csaf.vulnerability import Advisory
from brug.model.errors import Invalid

DRAFT = "draft"
Step = Literal["major", "minor", "patch"]
"""Of a semantic version. Major: who is affected changes, or what the reader must do."""


def released(
    advisory: Advisory, changes: str, at: datetime, status: Status, step: Step | None = None
) -> Advisory:
    """The advisory as it is released at a time. Raises Invalid, naming what does not fit.

    `changes` is what the revision says; `step` counts where versions are semantic. Without one a
    draft becomes the version that it was to become, and what was released raises the major one.
    """
    if status == DRAFT:
        raise Invalid("status", "interim or final: a release is no draft", status)
    tracking = advisory.document.tracking
    _refuse_unfit(tracking, changes, at)
    version = _version(tracking)
    first = tracking.status == DRAFT and version.major == 0
    if first:
        number, before = ("1.0.0" if version.semantic else "1"), []
    elif tracking.status == DRAFT:
        before = _without(tracking, version)
        number = _aimed(version, before, step)
    else:
        number, before = _raised(version, step or "major"), tracking.revision_history
    said = Revision(date=written(at), number=number, summary=changes)
    return _tracked(
        advisory,
        structs.replace(
            tracking,
            status=status,
            version=number,
            revision_history=[*before, said],
            current_release_date=said.date,
            initial_release_date=said.date if first else tracking.initial_release_date,
        ),
    )


def drafted(advisory: Advisory, changes: str, at: datetime, step: Step | None = None) -> Advisory:
    """The next draft: of what was never released, or of what comes after a release.

    A draft is listed in the history as the version that it is to become, once. It stays that
    without a `step`; the first draft after a release is to become the next major one.
    """
    tracking = advisory.document.tracking
    _refuse_unfit(tracking, changes, at)
    version = _version(tracking)
    if tracking.status != DRAFT:
        coming = _raised(version, step or "major")
        number, text = coming, f"{coming}-1" if version.semantic else coming
        before = tracking.revision_history
    elif version.major == 0 and version.semantic:
        number = text = f"0.{version.numbers[1] + 1}.0"
        before = tracking.revision_history
    else:
        before = _without(tracking, version)
        number = _aimed(version, before, step)
        text = f"{number}-{_counted(version)}" if version.pre_release else number
    said = Revision(date=written(at), number=number, summary=changes)
    return _tracked(
        advisory,
        structs.replace(
            tracking,
            status=DRAFT,
            version=text,
            revision_history=[*before, said],
            current_release_date=said.date,
        ),
    )


def _refuse_unfit(tracking: Tracking, changes: str, at: datetime) -> None:
    if not changes.strip():
        raise Invalid("changes", "what changed, in words for readers", changes)
    if at.tzinfo is None:
        raise Invalid("at", "a time with its zone", at.isoformat())
    dates = [date for one in tracking.revision_history if (date := moment(one.date)) is not None]
    if dates and moment(written(at)) <= max(dates):  # type: ignore[operator]
        raise Invalid(
            "at", f"a time after the last revision ({max(dates).isoformat()})", written(at)
        )


def _version(tracking: Tracking) -> Version:
    version = parsed(tracking.version)
    if version is None:
        raise Invalid("version", "an integer, or semantic as in 1.0.0", tracking.version)
    return version


def _bare(version: Version) -> str:
    return ".".join(map(str, version.numbers))


def _raised(version: Version, step: Step) -> str:
    """The version after a released one."""
    if not version.semantic:
        return str(version.major + 1)
    major, minor, patch = version.numbers
    return {
        "major": f"{major + 1}.0.0",
        "minor": f"{major}.{minor + 1}.0",
        "patch": f"{major}.{minor}.{patch + 1}",
    }[step]


def _aimed(version: Version, before: list[Revision], step: Step | None) -> str:
    """What a draft is to become: by a step from the last release, where one is said."""
    released = [one for each in before if (one := parsed(each.number)) and one.major > 0]
    if step is None or not version.semantic or not released:
        return _bare(version)
    return _raised(max(released, key=lambda one: one.order), step)


def _counted(version: Version) -> int:
    """The number of the draft after this one."""
    last = version.pre_release.rpartition(".")[2]
    return int(last) + 1 if last.isdecimal() else 1


def _without(tracking: Tracking, version: Version) -> list[Revision]:
    """The history without the draft's own revision, which was of no release."""
    return [
        one
        for one in tracking.revision_history
        if (number := parsed(one.number)) is None or number.numbers != version.numbers
    ]


def _tracked(advisory: Advisory, tracking: Tracking) -> Advisory:
    document = structs.replace(advisory.document, tracking=tracking)
    return structs.replace(advisory, document=document)
