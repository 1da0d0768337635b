# SPDX-License-Identifier: EUPL-1.2
"""An advisory as its readers see it, and its release, which shows first what it will do."""

from datetime import UTC, datetime

from brug.cases.advisories import publishing_party, releasing
from brug.cases.advisories.releasing import NotValid
from brug.formats.csaf.products import products, status_of
from brug.formats.csaf.vulnerability import Advisory, Vulnerability
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.web.cases import sentences
from brug.web.cases.advisories import ADVISORY, Desk
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

_CONFIRM = N_("Confirm that it is to be released: a release is never taken back.")
_CHANGES = N_("Say what changed, for readers, in at most 1,000 characters.")


@page(ADVISORY + "/preview", probe=None)
def preview(visit: Visit) -> Reply:
    desk = Desk(visit)
    return visit.show("cases/advisory_preview.html", **desk.context(**told(desk.advisory)))


def told(advisory: Advisory) -> dict[str, object]:
    """What the template of an advisory needs of one."""
    known = products(advisory.product_tree)

    def by_status(one: Vulnerability) -> list[tuple[str, list[str]]]:
        found: dict[str, list[str]] = {}
        for product, several in status_of(one).items():
            for status in several:
                name = known[product].name if product in known else product
                found.setdefault(status, []).append(name)
        return list(found.items())

    def names(ids: list[str]) -> list[str]:
        return [known[one].name if one in known else one for one in ids]

    return {"document": advisory.document, "by_status": by_status, "names_of": names}


@page(ADVISORY + "/release", probe=None)
def ask(visit: Visit) -> Reply:
    return _form(Desk(visit))


@page(ADVISORY + "/release", "POST")
def release(visit: Visit) -> Reply:
    desk, form = Desk(visit, writes=True), visit.form
    changes, status, step = form.text("changes"), form.text("status"), form.text("step")
    if not changes or len(changes) > 1000:
        return _form(desk, {"changes": visit.gettext(_CHANGES)})
    if not form.flag("sure"):
        return _form(desk, {"sure": visit.gettext(_CONFIRM)})
    if form.text("version") != desk.advisory.document.tracking.version:
        said = visit.gettext("Somebody else changed this draft meanwhile. Look at it again.")
        return _form(desk, {"": said}, 409)
    try:
        _require("status", status, ("interim", "final"))
        _require("step", step, ("", "major", "minor", "patch"))
        with visit.session.connection.transaction():
            done = releasing.release(
                visit.session, desk.own.tracking_id, changes, status, step or None,  # type: ignore[arg-type]
            )  # fmt: skip
    except NotValid:
        said = visit.gettext("It was not released: the document does not pass all tests.")
        return _form(desk, {"": said}, 409)
    except (Invalid, Conflict, Forbidden) as error:
        return _form(desk, {"": _said(visit, error)}, error.status)
    said = visit.gettext("Version %(version)s is released.") % {"version": done.version}
    return visit.redirect(desk.at, said)


def _require(field: str, given: str, choices: tuple[str, ...]) -> None:
    if given not in choices:
        raise Invalid(field, f"one of {', '.join(choices)}", given)


def _said(visit: Visit, error: BrugError) -> str:
    if isinstance(error, Invalid):
        return error.public
    return sentences.sentence(visit, error)


def _form(desk: Desk, errors: dict[str, str] | None = None, status: int = 400) -> Reply:
    visit = desk.visit
    found = releasing.obstacles(visit.session, desk.own, desk.case, datetime.now(UTC))
    form = visit.form
    typed = {name: form.text(name) for name in ("changes", "status", "step")}
    typed["sure"] = "1" if form.flag("sure") else ""
    return visit.show(
        "cases/advisory_release.html",
        status if errors else 200,
        **desk.context(
            errors=errors or {},
            obstacles=found,
            leaving=releasing.leaving(visit.session, desk.own),
            typed=typed,
            is_first=desk.own.version is None,
            is_publishing=publishing_party.is_publishing(visit.session),
        ),
    )
