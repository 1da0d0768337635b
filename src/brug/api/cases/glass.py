# SPDX-License-Identifier: EUPL-1.2
"""Breaking the glass: a site admin reads a case of others for some hours, as all of them see."""

from datetime import datetime

import msgspec

from brug.api.cases.table import Call, route
from brug.cases import breaking
from brug.cases.acts import Joined
from brug.cases.files import File

_GLASS = "/break-glass"


class Breaking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case by its number or UUID, and the reason, which all who take part read."""

    case: str
    because: str


class Broken(msgspec.Struct, frozen=True):
    """A case that is read so, as which of its participants, and until when."""

    number: str
    uuid: str
    participant: str
    until: datetime


class Held(msgspec.Struct, frozen=True):
    """Those of the key's owner. To leave one earlier is the act `left`."""

    cases: list[Broken]


@route("GET", _GLASS, summary="Cases of others that one reads now", answers=(Held,))
def held(call: Call) -> Held:
    return Held(
        [_told(one.file, one.participant, one.until) for one in breaking.mine(call.session)]
    )


@route(
    "POST", _GLASS, summary="Read a case of others, as they all see", body=Breaking,
    answers=(Broken,), status=201, changes=True,
)  # fmt: skip
def broken(call: Call) -> Broken:
    file, entry = breaking.break_glass(call.session, call.body.case, call.body.because)
    joined = entry.act
    assert isinstance(joined, Joined)  # noqa: S101 — what breaking the glass is
    return _told(file, joined.participant, breaking.until(call.session, entry))


def _told(file: File, participant: str, until: datetime) -> Broken:
    return Broken(file.number, file.uuid, participant, until)
