# SPDX-License-Identifier: EUPL-1.2
"""How severe a case is, and why. It is set with the act `filled`."""

from datetime import UTC, datetime

from brug.api.cases.table import Call, route
from brug.cases import files, severity
from brug.cases.severity.telling import Told, told
from brug.model.errors import NotFound


@route("GET", "/cases/{case}/severity", summary="How severe a case is, and why", answers=(Told,))
def shown(call: Call) -> Told:
    case = files.view(call.session, call.args["case"])[1]
    by = severity.scheme_here(call.session)
    found = severity.assess(case, by, datetime.now(UTC).date())
    if found is None:
        raise NotFound("cases of this kind have no severity")
    return told(found, by)
