# SPDX-License-Identifier: EUPL-1.2
"""Acting in a case: one act, or several of which all are done or none."""

from brug.api.cases import forms
from brug.api.cases.files import signed
from brug.api.cases.table import Call, route
from brug.cases import files, keeping


@route(
    "POST", "/cases/{case}/acts", summary="Act in a case", body=forms.Act | forms.Acts,
    answers=(forms.Signed, forms.Entries), status=201, changes=True,
)  # fmt: skip
def acted(call: Call) -> forms.Signed | forms.Entries:
    """One act answers its entry, a list the entries in its order."""
    several = isinstance(call.body, list)
    doing = [forms.plain(one) for one in (call.body if several else [call.body])]
    done = keeping.act_several(call.session, call.args["case"], doing, several=several)
    written = signed(call.session, files.stored_several(call.session, [one.id for one in done]))
    return forms.Entries(written) if several else written[0]
