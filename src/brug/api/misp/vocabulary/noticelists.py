# SPDX-License-Identifier: EUPL-1.2
"""`/noticelists`: what the law asks to mind; listed, viewed and switched.

They are this node's own texts; nothing is fetched, and no list is deleted.
"""

from collections.abc import Callable
from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import SaveFailed, saved
from brug.formats.misp import coercion
from brug.intel.vocabulary import noticelists
from brug.intel.vocabulary.noticelists import Entry, Noticelist


def _own(found: Noticelist) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "name": found.name,
        "expanded_name": found.expanded_name,
        "ref": found.ref,
        "geographical_area": found.geographical_area,
        "version": str(found.version),
        "enabled": found.enabled,
    }


def _entry(one: Entry) -> dict[str, Any]:
    return {"id": str(one.id), "noticelist_id": str(one.noticelist_id), "data": one.data}


def _found(call: Call, reference: str | None = None) -> Noticelist:
    with reaching((404, "Invalid Noticelist.")):
        return noticelists.noticelist(call.session, call.arg(0) if reference is None else reference)


@endpoint(
    "noticelists", "index", shows=("vocabulary",),
    probes=(("GET", "/noticelists/index", None),), summary="The noticelists.",
)  # fmt: skip
def index(call: Call) -> Answer:
    wanted = {**call.named, **call.data("Noticelist")}.get("enabled")
    enabled = None if wanted in (None, "") else coercion.flag("enabled", wanted)
    found = noticelists.noticelists(call.session, enabled)
    return Answer([{"Noticelist": _own(one)} for one in found])


@endpoint(
    "noticelists", "view", shows=("vocabulary",),
    probes=(("GET", "/noticelists/view/1", None),), summary="One noticelist with its entries.",
)  # fmt: skip
def view(call: Call) -> Answer:
    found = _found(call)
    inside = [_entry(one) for one in noticelists.entries(call.session, found.id)]
    return Answer({"Noticelist": _own(found) | {"NoticelistEntry": inside}})


@endpoint(
    "noticelists", "preview_entries", shows=("vocabulary",),
    probes=(("GET", "/noticelists/preview_entries/1", None),),
    summary="The entries of a noticelist.",
)  # fmt: skip
def preview(call: Call) -> Answer:
    return Answer([_entry(one) for one in noticelists.entries(call.session, _found(call).id)])


def _switch(call: Call, found: Noticelist, enabled: bool) -> Answer:
    noticelists.set_enabled(call.session, found, enabled)
    word = "enabled" if enabled else "disabled"
    return Answer(saved(f"Noticelist {word}.", call.path, str(found.id)))


@endpoint(
    "noticelists", "toggleEnable", methods=WRITE, right="site_admin", changes=True,
    summary="Switch a noticelist to the other state.", body={"data": "number"},
)  # fmt: skip
def toggle(call: Call) -> Answer:
    reference = call.arg(0) or str(call.data("Noticelist").get("data") or "")
    found = _found(call, reference)
    return _switch(call, found, not found.enabled)


# What each of these routes makes of a list, and what it does in words.
_SWITCHES: tuple[tuple[str, Callable[[Call], bool], str], ...] = (
    ("enable", lambda _: True, "Switch a noticelist on."),
    ("disable", lambda _: False, "Switch a noticelist off."),
)


def _switching(wanted: Callable[[Call], bool]) -> Callable[[Call], Answer]:
    return lambda call: _switch(call, _found(call), wanted(call))


for _action, _wanted, _summary in _SWITCHES:
    endpoint(
        "noticelists", _action, methods=WRITE, right="site_admin", changes=True, summary=_summary
    )(_switching(_wanted))


@endpoint(
    "noticelists", "enableNoticelist", methods=WRITE, right="site_admin", changes=True,
    shows=("vocabulary",),
    summary="Switch a noticelist on, where `true` follows its number, else off; it is shown then.",
)  # fmt: skip
def enable_noticelist(call: Call) -> Answer:
    wanted = call.arg(1) or call.data("Noticelist").get("enabled")
    noticelists.set_enabled(call.session, _found(call), coercion.flag("enabled", wanted))
    # MISP leads on to the list, and scripts follow.
    return view(call)


@endpoint(
    "noticelists", "delete", methods=DELETABLE, right="site_admin", changes=True,
    summary="Refused: a noticelist comes with the node, and can be switched off.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = _found(call)
    text = "A noticelist comes with the node: it can be disabled, not deleted."
    raise SaveFailed("delete", "Noticelist", text, call.path, str(found.id))


@endpoint(
    "noticelists", "update", methods=WRITE, right="site_admin", changes=True,
    summary="Whether the node's noticelists are served: they are, since `brug upgrade`.",
)  # fmt: skip
def update(call: Call) -> Answer:
    return Answer(saved("All noticelists are up to date already.", call.path))
