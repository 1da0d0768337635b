# SPDX-License-Identifier: EUPL-1.2
"""What an authority has, for machines."""

from typing import Any

import msgspec

from brug.cases.authority.forwarding import Forwarded
from brug.cases.authority.received import Received
from brug.cases.authority.remarks import Remark
from brug.cases.entries import Entry


def row(one: Received) -> dict[str, Any]:
    clock = one.feedback
    return {
        "number": one.file.number,
        "uuid": one.file.uuid,
        "title": one.case.title,
        "is_over": one.file.is_over,
        "entity": {"participant": one.entity.id, "name": one.entity.name, "is_gone": one.is_gone},
        "since": one.since,
        "is_acknowledged": one.is_acknowledged,
        "feedback": None
        if clock is None
        else {"status": clock.status, "strict": clock.strict, "legal": clock.legal},
        "reports": [
            {
                "report": each.report.key,
                "versions": [
                    {"document": doc.act.document, "sha256": doc.act.sha256, "at": doc.at}
                    for doc in each.documents
                ],
                "missing": each.missing,
            }
            for each in one.reports
        ],
        "late": one.late,
    }


def remark(one: Remark) -> dict[str, Any]:
    return dict(msgspec.to_builtins(one))


def entry(one: Entry) -> dict[str, Any]:
    return dict(msgspec.to_builtins(one))


def forwarded(one: Forwarded) -> dict[str, Any]:
    """The new case, who takes part in it, and who has to be told otherwise."""
    return {
        "number": one.file.number,
        "uuid": one.file.uuid,
        "told": [msgspec.to_builtins(each) for each in one.told],
        "otherwise": [msgspec.to_builtins(each) for each in one.otherwise],
    }
