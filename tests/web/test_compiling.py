# SPDX-License-Identifier: EUPL-1.2
"""Templates escape and call as those of Jinja do, whatever they are given."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError, pass_context, pass_environment
from jinja2.runtime import Context
from markupsafe import Markup

from brug.web.compiling import Compiled, escaped, safe

SIGNS = '<i>&amp; "it" isn\'t</i>'
HTML = Markup("<i>&amp;</i>")


class Word(StrEnum):
    HOSTILE = "<b>"


class Typed(str):
    __slots__ = ()


class Own:
    """Something that knows its own HTML, and something that is called."""

    word, empty = Word.HOSTILE, None

    @property
    def inner(self) -> Own:
        return self

    def __html__(self) -> str:
        return "<hr>"

    def __call__(self, *args: Any, **named: Any) -> str:
        return f"{args}{named}"

    def method(self, *args: Any, **named: Any) -> str:
        return self(*args, **named)

    @pass_context
    def looks_up(self, context: Context, name: str) -> Any:
        return context[name]


@pass_context
def found(context: Context, name: str) -> Any:
    return context[name]


@pass_environment
def escapes(environment: Environment) -> str:
    return f"<{environment.autoescape}>"


GIVEN: dict[str, Any] = {
    "text": SIGNS, "html": HTML, "none": None, "number": 7, "word": Word.HOSTILE,
    "typed": Typed("<b>"), "own": Own(), "many": ["<", HTML], "found": found,
    "escapes": escapes, "pairs": {"items": "<", "of": {1: 2}},
    "nested": [{"word": "<1>", "inside": [{"word": "<2>", "inside": []}]}],
}  # fmt: skip
MACROS = (
    "{% macro one(a, b='<') %}[{{ a }}{{ b }}]{% endmacro %}"
    "{% macro around(a) %}({{ a }}{{ caller(text) }}){% endmacro %}"
    "{% macro all() %}{{ varargs | join }}{{ kwargs | dictsort | join }}{% endmacro %}"
)
TEMPLATES = [
    "{{ text }}{{ html }}{{ none }}{{ number }}{{ word }}{{ typed }}{{ own }}{{ many }}",
    "{{ text | e }}{{ text | safe }}{{ text | upper }}{{ html | upper }}{{ text ~ html ~ number }}",
    "{% set kept %}<p>{{ text }}</p>{% endset %}{{ kept }}{{ kept ~ text }}{{ kept | length }}",
    "{% filter upper %}<p>{{ text }}</p>{% endfilter %}{{ many | join(text) }}",
    "{{ own('<', b=html) }}{{ own.method(text, c=1) }}{{ own.looks_up('text') }}{{ text.upper() }}",
    "{{ found('text') }}{% for x in [1] %}{% set text = 2 %}{{ found('text') }}{% endfor %}",
    "{{ escapes() }}{{ dict(a=text).a }}{{ range(3) | list }}{{ cycler('<', 'b').next() }}",
    MACROS + "{{ one(text) }}{{ one(html, text) }}{{ one(b=1, a=one(text)) }}{{ one(1) ~ text }}",
    MACROS + "{% call(x) around(text) %}{{ x }}<{{ own.method(x) }}>{% endcall %}{{ all(1, b=1) }}",
    "{% for one in nested recursive %}{{ one.word }}{{ loop(one.inside) }}{% endfor %}",
    "{{ own.inner.inner.word.value }}{{ nested[0].inside[0].word }}{{ nested[0].inside | length }}",
    "{{ pairs.items }}{{ pairs.of.items().__len__() }}{{ own.empty }}{{ own.empty is none }}",
    MACROS + "{{ one(own.word, b=own.inner.word.value).upper() }}{{ own.absent is defined }}",
    "{% for one in nested if one.inside %}{% set own = one %}{{ own.word }}{% endfor %}",
    "{{ nested | map(attribute='word') | join }}{{ own.inner.absent | default(own.word.name) }}",
    "{% block a %}{{ text }}{% endblock %}{{ self.a() }}{{ self.a() | length }}",
]  # fmt: skip


@pytest.mark.parametrize("source", TEMPLATES)
def test_a_template_says_what_jinja_says(source: str) -> None:
    ours = Compiled(undefined=StrictUndefined).from_string(source)
    jinjas = Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
    assert ours.render(GIVEN) == jinjas.render(GIVEN)


@pytest.mark.parametrize(
    "source",
    [
        "{{ absent }}",
        "{{ absent() }}",
        "{{ own.absent }}",
        "{{ own.inner.absent.word }}",
        "{{ pairs.absent }}",
        "{{ nested[0].absent }}",
        "{{ none.absent }}",
        "{{ own.absent() }}",
        "{{ text.absent() }}",
    ],
)
def test_what_is_missing_is_an_error(source: str) -> None:
    with pytest.raises(UndefinedError):
        Compiled(undefined=StrictUndefined).from_string(source).render(GIVEN)


@pytest.mark.parametrize("arguments", ["1, 2, 3", "c=1", "1, a=2"])
def test_a_macro_that_is_given_what_it_does_not_take_is_an_error(arguments: str) -> None:
    with pytest.raises(TypeError):
        Compiled().from_string(MACROS + "{{ one(" + arguments + ") }}").render(GIVEN)


def test_a_macro_and_what_is_called_safe_are_not_escaped_again() -> None:
    module = Compiled().from_string(MACROS).make_module(GIVEN)
    assert isinstance(module.one("<"), Markup)  # type: ignore[attr-defined]
    assert safe("<b>") + "<" == Markup("<b>&lt;")
    assert escaped(safe("<b>")) == "<b>"
    assert escaped(SIGNS) == str(Markup.escape(SIGNS))
