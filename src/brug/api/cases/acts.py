# SPDX-License-Identifier: EUPL-1.2
"""Acting in a case: one act, or several of which all are done or none."""

from collections.abc import Sequence
from typing import Any

from brug.api.cases import forms
from brug.api.cases.files import signed
from brug.api.cases.table import Call, route
from brug.cases import files, keeping
from brug.cases.acts import AnyAct
from brug.model.errors import Invalid


@route(
    "POST", "/cases/{case}/acts", summary="Act in a case", body=forms.Act | forms.Acts,
    answers=(forms.Signed, forms.Entries), status=201, changes=True,
)  # fmt: skip
def acted(call: Call) -> forms.Signed | forms.Entries:
    """One act answers its entry, a list the entries in its order."""
    several = isinstance(call.body, list)
    doing = _plain(call.body) if several else [forms.plain(call.body)]
    done = keeping.act_several(call.session, call.args["case"], doing, several=several)
    written = signed(call.session, files.stored_several(call.session, [one.id for one in done]))
    return forms.Entries(written) if several else written[0]


def _plain(several: Sequence[Any]) -> list[tuple[AnyAct, Sequence[str]]]:
    """An error's `place` says which of them it was."""
    found: list[tuple[AnyAct, Sequence[str]]] = []
    for number, one in enumerate(several):
        try:
            found.append(forms.plain(one))
        except Invalid as error:
            error.place = f"[{number}]"
            raise
    return found
