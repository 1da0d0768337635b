# SPDX-License-Identifier: EUPL-1.2
"""What an authority has, for machines."""

from typing import Any

import msgspec

from brug.cases.authority.forwarding import Forwarded
from brug.cases.authority.received import Queued
from brug.cases.authority.remarks import Remark
from brug.cases.entries import Entry


def row(one: Queued) -> dict[str, Any]:
    said = one.notice
    return {
        "number": one.number,
        "uuid": one.uuid,
        "title": one.title,
        "is_over": one.is_over,
        "entity": {"participant": said.entity, "name": said.name, "is_gone": said.is_gone},
        "since": said.since,
        "is_acknowledged": said.is_acknowledged,
        "feedback": said.feedback,
        "reports": said.reports,
        "late": said.late,
    }


def remark(one: Remark) -> dict[str, Any]:
    return dict(msgspec.to_builtins(one))


def entry(one: Entry) -> dict[str, Any]:
    return dict(msgspec.to_builtins(one))


def forwarded(one: Forwarded) -> dict[str, Any]:
    """The new case, who takes part in it, who has to be told otherwise, and which countries
    concerned (EU for ENISA) nobody was told in yet.
    """
    return {
        "number": one.file.number,
        "uuid": one.file.uuid,
        "told": [msgspec.to_builtins(each) for each in one.told],
        "otherwise": [msgspec.to_builtins(each) for each in one.otherwise],
        "left": one.left,
    }
