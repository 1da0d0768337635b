# SPDX-License-Identifier: EUPL-1.2
"""What the code records or refuses has a word on the pages, and not its bare name."""

from __future__ import annotations

import ast
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import brug.bridges
from brug.model.errors import BrugError, Invalid
from brug.web import expected_words, languages
from brug.web.visit import Visit
from brug.web.words import ACTS, ERRORS, REFUSALS

SOURCE = Path(__file__).parents[2] / "src" / "brug"
# What nodes say to each other, and what only the command line or the operator's log meets.
AMONG_NODES = {
    "bad_bundle", "bad_signature", "downgrade", "key_not_valid", "letter_too_large",
    "missing_pieces", "no_common_version", "no_receipt", "pull_technique", "push_technique",
    "replayed", "run_lost", "unknown_case", "unknown_entry", "unknown_key",
}  # fmt: skip
# Refusals that only programs and the command line meet, or that say more themselves.
SAID_IN_FULL = {"absent", "deep", "twice", "url"}


def calls(*rooms: str) -> Iterator[tuple[str, list[ast.expr]]]:
    for room in rooms:
        for file in sorted((SOURCE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call):
                    yield ast.unparse(node.func), node.args


def texts(expression: ast.expr) -> set[str]:
    """The texts that an expression can be."""
    several = (
        [expression.body, expression.orelse] if isinstance(expression, ast.IfExp) else [expression]
    )
    return {
        one.value for one in several if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def test_every_act_on_record_has_a_word() -> None:
    recorded = set[str]()
    for name, arguments in calls("directory", "intel", "store", "api", "edge", "web"):
        if name == "audit.record" and len(arguments) > 2:
            recorded |= texts(arguments[1])
    assert len(recorded) > 20
    assert recorded - ACTS.keys() == set()


def test_every_reason_for_refusing_a_field_has_a_sentence() -> None:
    reasons = set[str]()
    for name, arguments in calls("directory", "intel"):
        if name == "Refused" and len(arguments) > 2:
            reasons |= texts(arguments[1])
    assert len(reasons) > 20
    assert reasons - REFUSALS.keys() - SAID_IN_FULL == set()


def below(kind: type[BrugError]) -> Iterator[type[BrugError]]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def test_what_bridges_refuse_is_said_in_the_readers_language() -> None:
    for found in pkgutil.walk_packages(brug.bridges.__path__, "brug.bridges."):
        import_module(found.name)
    codes = {one.code for one in below(BrugError) if one.__module__.startswith("brug.bridges.")}
    assert len(codes) > 30
    assert codes - ERRORS.keys() - AMONG_NODES == set()
    assert AMONG_NODES - codes == set()


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("a day such as 2026-01-31", "Geef een dag zoals 2026-01-31."),
        ("a text of 1 to 300 characters", "Geef een tekst van hoogstens 300 tekens."),
        ("a line of at most 300 characters", "Geef een tekst van hoogstens 300 tekens."),
        ("JSON: Expecting value", "Dit is niet als JSON te lezen."),
        ("what nobody has words for", ""),
    ],
)
def test_what_a_field_would_have_taken_is_said_in_the_readers_language(
    expected: str, said: str
) -> None:
    assert expected_words.sentence(languages.catalogue("nl").gettext, expected) == said


def test_each_text_that_has_a_sentence_is_one_that_the_engine_says() -> None:
    """One that is worded anew there would be said in the engine's words again, in no language."""
    source = "\n".join(
        path.read_text("utf-8")
        for path in Path(brug.__path__[0]).rglob("*.py")
        if path.name != "expected_words.py"
    )
    composed = {
        "a text such as NL or BE": 'a text such as " + " or ".join(examples)',
        "a document, or an address with /native/v1/invitations#token": (
            "a document, or an address with {INVITATIONS}#token"
        ),
    }
    for expected in expected_words.SENTENCES:
        assert composed.get(expected, expected) in source, expected


def test_a_sentence_names_its_field_where_it_does_not_stand_beside_it() -> None:
    visit = Visit.__new__(Visit)
    visit.reader, visit._anonymous_language = None, "nl"
    error = Invalid("valid_until", "a day such as 2026-01-31", "soon")
    assert visit.beside(error) == "Geef een dag zoals 2026-01-31."
    assert visit.sentence(error) == "valid_until: Geef een dag zoals 2026-01-31."
    other = Invalid("kind", "one of incident", "x")
    assert (
        visit.sentence(other) == visit.beside(other) == "kind past niet. Verwacht: one of incident."
    )
