# SPDX-License-Identifier: EUPL-1.2
"""Acting in a case: one act, or several of which all are done or none."""

from collections.abc import Sequence
from typing import Any

from brug.api.cases import act_forms, forms
from brug.api.cases.files import signed
from brug.api.cases.table import Call, route
from brug.cases import entry_rows, files, keeping
from brug.cases.acts import AnyAct, Embargoed
from brug.cases.embargoes import stating
from brug.cases.entries import Entry
from brug.model.errors import BrugError, Invalid
from brug.store.session import Session


@route(
    "POST", "/cases/{case}/acts", summary="Act in a case", body=act_forms.Act | act_forms.Acts,
    answers=(forms.Signed, forms.Entries), status=201, changes=True,
)  # fmt: skip
def acted(call: Call) -> forms.Signed | forms.Entries:
    """One act answers its entry, a list the entries in its order.

    Where an act ends an embargo, the step that ends its terms is an entry before it.
    """
    several = isinstance(call.body, list)
    given = (
        _plain(call.session, call.body) if several else [act_forms.plain(call.session, call.body)]
    )
    file = files.find(call.session, call.args["case"])
    done = _done(call, given, several=several)
    # Whoever has just left sees nothing of the case any more, and yet has written this.
    with files.whole(call.session, file.id):
        written = signed(
            call.session, entry_rows.stored_several(call.session, [one.id for one in done])
        )
    return forms.Entries(written) if several else written[0]


def _done(
    call: Call, given: Sequence[tuple[AnyAct, Sequence[str]]], *, several: bool
) -> list[Entry]:
    """An embargo ends by what the case is when its turn comes."""
    which = call.args["case"]
    if not any(isinstance(one, Embargoed) for one, _ in given):
        return keeping.act_several(call.session, which, given, several=several)
    done = []
    for number, (one, to) in enumerate(given):
        try:
            done.append(
                stating.say(call.session, which, one)
                if isinstance(one, Embargoed)
                else keeping.act(call.session, which, one, to)
            )
        except BrugError as error:
            error.place = f"[{number}]" if several else ""
            raise
    return done


def _plain(session: Session, several: Sequence[Any]) -> list[tuple[AnyAct, Sequence[str]]]:
    """An error's `place` says which of them it was."""
    found: list[tuple[AnyAct, Sequence[str]]] = []
    for number, one in enumerate(several):
        try:
            found.append(act_forms.plain(session, one))
        except Invalid as error:
            error.place = f"[{number}]"
            raise
    return found
