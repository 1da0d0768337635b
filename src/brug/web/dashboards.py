# SPDX-License-Identifier: EUPL-1.2
"""A person's dashboard: widgets in an order of one's own, each of what one sees."""

import time
from contextlib import suppress
from typing import Any

from brug.intel.dashboard import boards, saved, widgets
from brug.intel.dashboard.boards import Placed
from brug.intel.dashboard.shown import Bars, Events, Items, Lines, Organisations, Shown
from brug.intel.dashboard.widgets import WIDGETS
from brug.model.errors import Invalid, NotFound
from brug.store.failing import TooSlow
from brug.web import dashboard_words, forms
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/insight/dashboard"
ARRANGE = BASE + "/arrange"
# For all widgets of a page together; one alone gets what it needs.
SECONDS = 6.0
SPARK_WIDTH, SPARK_HEIGHT = 100, 24


@page(BASE, shows=("event", "tag", "sighting", "directory"), probe=BASE)
def dashboard(visit: Visit) -> Reply:
    placed = list(enumerate(boards.own(visit.session)))
    only = visit.query.number("only", -1, low=-1)
    chosen = [(place, one) for place, one in placed if only in (-1, place)]
    until = time.monotonic() + SECONDS
    return visit.show(
        "dashboards/board.html",
        shown=[_rendered(visit, place, one, until) for place, one in chosen],
        only=only >= 0,
        said=dashboard_words,
    )


def _rendered(visit: Visit, place: int, one: Placed, until: float) -> dict[str, Any]:
    found: dict[str, Any] = {
        "place": place, "kind": "late", "what": None, "problem": "",
        "title": one.alias or visit.gettext(dashboard_words.TITLES[one.widget]),
    }  # fmt: skip
    if time.monotonic() > until:
        return found
    try:
        what = widgets.show(visit.session, one.widget, one.config)
    except (Invalid, TooSlow) as error:
        return found | {"kind": "problem", "problem": visit.sentence(error)}
    return found | _drawn(what)


def _drawn(what: Shown) -> dict[str, Any]:
    """How it is drawn, with what the drawing needs."""
    match what:
        case Items():
            return {"kind": "items", "what": what.items}
        case Bars():
            most = max(what.counts.values(), default=1) or 1
            rows = [(name, n, max(1, round(100 * n / most))) for name, n in what.counts.items()]
            return {"kind": "bars", "what": rows, "are_tags": what.colours is not None}
        case Lines():
            series = [[counts[i] for _, counts in what.points] for i in range(len(what.names))]
            named = zip(what.names, series, strict=True)
            drawn = [(name, counts[-1], spark(counts)) for name, counts in named if counts]
            return {"kind": "lines", "what": drawn, "lines": what}
        case Events():
            return {"kind": "events", "what": what.found, "fields": what.fields}
        case Organisations():
            return {"kind": "organisations", "what": what.found, "fields": what.fields}


def spark(counts: list[int]) -> str:
    """The points of a line through the counts, from 0 at the bottom to the largest."""
    counts = counts if len(counts) > 1 else counts * 2
    most = max(counts) or 1
    step = SPARK_WIDTH / (len(counts) - 1)
    return " ".join(
        f"{i * step:.1f},{SPARK_HEIGHT - 1 - (SPARK_HEIGHT - 2) * n / most:.1f}"
        for i, n in enumerate(counts)
    )


@page(ARRANGE, shows=("own",), probe=ARRANGE)
def ask_arrange(visit: Visit) -> Reply:
    return _arrange_form(visit)


def _arrange_form(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    return visit.show(
        "dashboards/arrange.html",
        400 if errors else 200,
        placed=list(enumerate(boards.own(visit.session))),
        choices=sorted(WIDGETS),
        kept=saved.listed(visit.session),
        errors=errors or {},
        given=visit.form,
        said=dashboard_words,
    )


@page(ARRANGE, "POST")
def arrange(visit: Visit) -> Reply:
    """Moves a widget, takes it off, puts one on; takes a kept board, or keeps this one."""
    form, session = visit.form, visit.session
    if "keep" in form:
        return forms.saved(visit, lambda: _keep(visit), lambda e: _arrange_form(visit, e))
    if "forget" in form:
        saved.delete(session, saved.editable(session, form.text("forget")))
        return visit.redirect(ARRANGE, visit.gettext("The kept board is gone."))
    if "use" in form:
        placed = boards.read(saved.view(session, form.text("use")).value)
    else:
        placed = _changed(visit, boards.own(session))
    boards.arrange(session, placed)
    return visit.redirect(ARRANGE)


def _keep(visit: Visit) -> Reply:
    form = visit.form
    given = {"name": form.text("name"), "selectable": form.flag("selectable")}
    said = saved.drafted(visit.session, given)
    own = boards.setting(visit.session)
    saved.add(visit.session, said, boards.as_stored() if own is None else own.value)
    return visit.redirect(ARRANGE, visit.gettext("Kept."))


def _changed(visit: Visit, placed: list[Placed]) -> list[Placed]:
    """Raises NotFound for a widget that is not there, Invalid for one too many."""
    form = visit.form
    if "add" in form:
        widgets.find(form.text("add"))
        return [*placed, Placed(form.text("add"))]
    act, _, number = form.text("act").partition(":")
    place = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else -1
    if not 0 <= place < len(placed):
        raise NotFound(f"no widget at {number[:20]!r}")
    one = placed.pop(place)
    if act in {"up", "down"}:
        placed.insert(max(0, place - 1) if act == "up" else place + 1, one)
    return placed


@page(BASE + "/{place:int}")
def ask_set(visit: Visit) -> Reply:
    one = _placed(visit)
    return _options_form(visit, one, one.config)


def _placed(visit: Visit) -> Placed:
    placed, place = boards.own(visit.session), int(visit.args["place"])
    if not 0 <= place < len(placed):
        raise NotFound(f"no widget at {place}")
    return placed[place]


@page(BASE + "/{place:int}", "POST")
def set_options(visit: Visit) -> Reply:
    """What has no field on the form stays as it was."""
    one, form = _placed(visit), visit.form
    config = dict(one.config) | {"alias": form.text("alias")[:255]}
    for name, param in one.kind.params.items():
        if param.kind == "texts":
            config[name] = [line.strip() for line in form.get(name).splitlines() if line.strip()]
        elif param.kind == "flag":
            config[name] = form.flag(name)
        elif param.kind:
            config[name] = form.text(name)
    config = {name: value for name, value in config.items() if value not in ("", [])}

    def save() -> Reply:
        placed = boards.own(visit.session)
        placed[int(visit.args["place"])].config = config
        with suppress(TooSlow):  # what fits may take too long; the board says so
            widgets.show(visit.session, one.widget, config)
        boards.arrange(visit.session, placed)
        return visit.redirect(BASE, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _options_form(visit, one, config, errors))


def _options_form(
    visit: Visit, one: Placed, config: dict[str, Any], errors: dict[str, str] | None = None
) -> Reply:
    return visit.show(
        "dashboards/options.html",
        400 if errors else 200,
        one=one,
        config=config,
        params={name: p for name, p in one.kind.params.items() if p.kind},
        errors=errors or {},
        said=dashboard_words,
    )
