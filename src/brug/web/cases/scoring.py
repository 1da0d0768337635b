# SPDX-License-Identifier: EUPL-1.2
"""Calculators: CVSS 3.1 and 4.0, and decisions by SSVC; alone, or of a case.

What is chosen stands in the address, so that a score can be shown to others. All points and
outcomes come from `formats.scoring`; the pages only ask and show.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from brug.cases import keeping, scoring
from brug.cases.scoring import fields_taken
from brug.formats.scoring import choosing, cvss
from brug.formats.scoring.cvss import Scored
from brug.formats.scoring.ssvc import Decision, decide
from brug.formats.scoring.ssvc_tables import TABLES
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.web.cases import room, sentences, ssvc_words
from brug.web.cases import scoring_words as words
from brug.web.cases.acting import Meanwhile
from brug.web.cases.room import BASE, ONE
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.rendering import address
from brug.web.visit import Reply, Visit

ALONE = BASE + "/score"
OF_CASE = ONE + "/score"


class Question(msgspec.Struct, frozen=True):
    """One metric or point, with what was chosen."""

    key: str
    title: str
    asks: str
    answers: list[tuple[str, str]]
    chosen: str
    is_optional: bool


class Result(msgspec.Struct):
    """What follows of what was chosen: a score or a decision, what is lacking, or an error."""

    vector: str = ""
    scored: Scored | None = None
    decision: Decision | None = None
    lacking: list[str] = []
    error: str = ""


class Chosen(msgspec.Struct):
    scheme: str
    values: dict[str, str]
    error: str = ""


@page(ALONE, shows=(), probe=None)
def alone(visit: Visit) -> Reply:
    room.require_reader(visit)
    return _shown(visit, None)


@page(OF_CASE, probe=None)
def of_case(visit: Visit) -> Reply:
    return _shown(visit, View(visit, visit.args["key"]))


@page(OF_CASE, "POST")
def take_over(visit: Visit) -> Reply:
    """The vector or decision becomes what the case says."""
    view = View(visit, visit.args["key"], writes=True)
    form = visit.form
    try:
        taken = scoring.taken(view.case, form.text("vector"))
        for name in fields_taken(taken):
            if form.get(f"seen.{name}") != view.case.filled.get(name, ""):
                raise Meanwhile(f"{name} changed")
        with visit.session.connection.transaction():
            keeping.act(visit.session, view.file.uuid, taken)
    except (Invalid, Conflict, Forbidden) as error:
        return _shown(visit, View(visit, view.file.uuid), error)
    return visit.redirect(f"{view.place}#fields", visit.gettext("The case says so now."))


def _shown(visit: Visit, view: View | None, error: BrugError | None = None) -> Reply:
    chosen = _chosen(visit, view, visit.form.text("vector") if error else "")
    result = _result(visit, chosen)
    place = f"{view.place}/score" if view else ALONE
    target = _target(view, result)
    return visit.show(
        "cases/_score.html" if visit.wants("score") else "cases/score.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        it=view,
        place=place,
        scheme=chosen.scheme,
        schemes=[
            (key, visit.gettext(title), address(place, {"scheme": key}))
            for key, title in words.SCHEMES.items()
        ],
        groups=_groups(visit, chosen),
        result=result,
        target=target,
        seen={name: view.case.filled.get(name, "") for name in target} if view else {},
        words=words,
        ssvc=ssvc_words,
        pasted=visit.query.text("vector"),
        refused=sentences.sentence(visit, error) if error else "",
    )


def _target(view: View | None, result: Result) -> list[str]:
    """The fields of the case that would be filled, where the reader may."""
    if view is None or not view.may("filled") or not (result.scored or result.decision):
        return []
    try:
        return list(fields_taken(scoring.taken(view.case, result.vector)))
    except Invalid:
        return []


# -- what was chosen -----------------------------------------------------------------------


def _chosen(visit: Visit, view: View | None, given: str) -> Chosen:
    """By a vector that was pasted, by what was ticked, or else by what the case says."""
    query = visit.query
    scheme = query.text("scheme")
    if scheme not in words.SCHEMES:
        scheme = ""
    if pasted := given or query.text("vector"):
        return _pasted(visit, pasted, scheme)
    scheme = scheme or "cvss-4.0"
    values = {
        name.removeprefix("m."): value for name, value in query.pairs if name.startswith("m.")
    }
    if not values and view is not None and (said := scoring.said(view.case, scheme)):
        read = _pasted(visit, said, scheme)
        return read if read.scheme == scheme else Chosen(scheme, {})
    return Chosen(scheme, values)


def _pasted(visit: Visit, text: str, scheme: str) -> Chosen:
    try:
        if text.startswith("SSVC"):
            table, points = choosing.ssvc_points(text, scheme)
            return Chosen(table if table in words.SCHEMES else "supplier", points)
        read = cvss.score(text)
    except Invalid as error:
        return Chosen(scheme or "cvss-4.0", {}, visit.sentence(error))
    if read.version not in choosing.VERSIONS:
        said = visit.gettext("Version %(version)s: %(score)s %(severity)s. Choose it anew below.")
        parts = {"version": read.version, "score": read.score, "severity": read.severity}
        return Chosen("cvss-3.1", {}, said % parts)
    return Chosen(f"cvss-{read.version}", dict(read.metrics))


def _result(visit: Visit, chosen: Chosen) -> Result:
    if chosen.error:
        return Result(error=chosen.error)
    try:
        if chosen.scheme.startswith("cvss-"):
            return _scored(visit, chosen)
        return _decided(visit, chosen)
    except Invalid as error:
        return Result(error=visit.sentence(error))


def _scored(visit: Visit, chosen: Chosen) -> Result:
    version = chosen.scheme.removeprefix("cvss-")
    if lacking := choosing.lacking(version, chosen.values):
        titles = [visit.gettext(words.asked(version, one.key).title) for one in lacking]
        return Result(lacking=titles)
    found = cvss.score(choosing.vector_of(version, chosen.values))
    return Result(found.vector, scored=found)


def _decided(visit: Visit, chosen: Chosen) -> Result:
    asked = scoring.points_asked(chosen.scheme)
    given = {name: value for name, value in chosen.values.items() if name in asked and value}
    if lacking := [one for one in asked if one not in given]:
        return Result(lacking=[visit.gettext(ssvc_words.POINTS[one].title) for one in lacking])
    found = decide(chosen.scheme, given)
    return Result(found.vector(), decision=found)


# -- what is asked -------------------------------------------------------------------------


def _groups(visit: Visit, chosen: Chosen) -> list[tuple[str, str, bool, list[Question]]]:
    """Key, title, whether something of it is chosen or has to be, and the questions."""
    say = visit.gettext
    if not chosen.scheme.startswith("cvss-"):
        asked = [
            _question(say, name, ssvc_words.POINTS[name], chosen.values)
            for name in scoring.points_asked(chosen.scheme)
        ]
        return [("base", say(TABLE_TITLES.get(chosen.scheme, "")), True, asked)]
    version = chosen.scheme.removeprefix("cvss-")
    return [
        (
            group,
            say(words.GROUPS[group]),
            group == choosing.BASE
            or any(chosen.values.get(one.key, "X") != "X" for one in several),
            [
                _question(
                    say, one.key, words.asked(version, one.key), chosen.values,
                    is_optional=group != choosing.BASE,
                )
                for one in several
            ],
        )
        for group, several in choosing.groups(version).items()
    ]  # fmt: skip


TABLE_TITLES = {key: words.SCHEMES[key] for key in TABLES if key in words.SCHEMES}


def _question(
    say: Any, key: str, asked: words.Asked, chosen: Mapping[str, str], *, is_optional: bool = False
) -> Question:
    answers = [(value, say(text)) for value, text in asked.answers.items()]
    value = chosen.get(key, "")
    known = value if value in asked.answers else ""
    return Question(key, say(asked.title), say(asked.asks), answers, known, is_optional)
