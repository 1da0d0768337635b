# SPDX-License-Identifier: EUPL-1.2
"""Merging a case into another, and splitting one."""

import msgspec

from brug.api.cases import many_forms as forms
from brug.api.cases.files import row_of
from brug.api.cases.forms import Row
from brug.api.cases.table import VERSION, Call, route
from brug.cases import merging, splitting
from brug.cases.merging import Take
from brug.cases.splitting import Cut


@route(
    "POST", "/cases/{case}/merge", summary="Merge another case into this one", body=forms.Merging,
    answers=(forms.Merged,), changes=True,
)  # fmt: skip
def merged(call: Call) -> forms.Merged:
    """`merged` is over then, and goes on in the case of the address."""
    asked: forms.Merging = call.body
    take = Take(**{name: getattr(asked, name) for name in Take.__struct_fields__})
    done = merging.merge(call.session, call.args["case"], asked.merged, take)
    told = msgspec.structs.asdict(done) | {"into": row_of(done.into), "merged": row_of(done.merged)}
    return forms.Merged(**told)


@route("DELETE", "/cases/{case}/merge", summary="Take a merge back", answers=(Row,), changes=True)
def unmerged(call: Call) -> Row:
    """The case goes on by itself again; what the other one got of it stays there."""
    return row_of(merging.undo(call.session, call.args["case"]))


@route(
    "POST", "/cases/{case}/split", summary="Begin a case with entries of this one", body=Cut,
    answers=(Row,), status=201, changes=True,
)  # fmt: skip
def split(call: Call) -> Row:
    made = splitting.split(call.session, call.args["case"], call.body)
    call.headers["Location"] = f"{call.base_url}{VERSION}/cases/{made.number}"
    return row_of(made)
