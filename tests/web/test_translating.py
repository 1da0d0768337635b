# SPDX-License-Identifier: EUPL-1.2
"""Texts that are put into templates when they are compiled say what they said at each rendering."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jinja2 import Environment, UndefinedError
from markupsafe import Markup

from brug.web import rendering
from brug.web.languages import catalogue

GIVEN: dict[str, Any] = {"who": "<i>&", "none": None, "safe": Markup("<b>"), "word": "Search"}
TEMPLATES = [
    "{{ _('Search') }}",
    "{% set said = _('Search') %}{{ said }} {{ said ~ who }} {{ [said] | join(who) }}",
    "<{{ _('a <b> & 100%% of %(who)s, %(none)s, %(safe)s', who=who, none=none, safe=safe) }}>",
    "{{ _('Only for %(names)s', names=who) }}",
    "{% set said = _('Only for %(names)s', names=who) %}{{ said }}{{ said ~ who }}",
    "{{ _('Only for %(names)s', names=_('Search')) | upper }}",
    "{{ _('%(names)s', names=who) }}{{ _('%(names)s', names=who) ~ who }}",
    "{{ _(word) }}",
    "{{ ngettext('%(num)s takes part', '%(num)s take part', 2) }}",
    "{% trans names=who %}Only for {{ names }}{% endtrans %} {% trans %}5% of it{% endtrans %}",
    "{{ _('Search') if none is none else who }} {{ {'a': _('Search')}.a }}",
    "{% macro m(x=_('Search')) %}{{ x }}{% endmacro %}{{ m() }}{{ m(_('Say')) }}",
]


def plain(language: str) -> Environment:
    """An environment as Jinja has it, which looks texts up when it renders."""
    made = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    made.policies["ext.i18n.trimmed"] = True
    words = catalogue(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    return made


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_text_says_what_it_says_when_it_is_looked_up_late(language: str, template: str) -> None:
    found = rendering.environment(language).from_string(template)
    late = plain(language).from_string(template)
    assert found.render(GIVEN) == late.render(GIVEN)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_text_with_a_name_for_which_nothing_is_given_is_an_error(language: str) -> None:
    for source in ("{{ _('of %(who)s, %(none)s', who='I') }}", "{{ _('of %(who)s') }}"):
        with pytest.raises(KeyError):
            rendering.environment(language).from_string(source).render(GIVEN)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_text_that_is_looked_up_is_escaped_and_its_percents_stand(language: str) -> None:
    made = rendering.environment(language)
    given = {"title": "5% of <b>", "named": "of %(who)s & <b>"}
    assert made.from_string("{{ _(title) }}").render(given) == "5% of &lt;b&gt;"
    source = "{{ _(named, who=title) ~ title }}"
    said = "of 5% of &lt;b&gt; &amp; &lt;b&gt;5% of &lt;b&gt;"
    assert made.from_string(source).render(given) == said


def test_a_language_has_its_own_words_and_they_are_in_what_is_compiled() -> None:
    source = "<p>{{ _('Search') }}</p>"
    assert rendering.environment("en").from_string(source).render() == "<p>Search</p>"
    made = rendering.environment("nl")
    assert made.from_string(source).render() == "<p>Zoeken</p>"
    assert "Zoeken" in str(made.compile(source, raw=True))


def test_what_is_missing_is_still_an_error() -> None:
    with pytest.raises(UndefinedError):
        rendering.environment("en").from_string("{{ _('for %(who)s', who=nobody) }}").render()


@pytest.mark.parametrize(
    ("value", "chosen"), [("b", ["b"]), (3, ["3"]), ("3", ["3"]), (None, []), ("", [""])]
)
def test_of_what_is_to_choose_from_one_is_chosen(value: object, chosen: list[str]) -> None:
    made = rendering.choices([("", "-"), ("b", "<b>"), (3, Markup("<i>"))], value)
    assert [one.partition('"')[0] for one in made.split('value="')[1:] if " selected>" in one] == (
        chosen
    )
    assert "&lt;b&gt;" in made
    assert "<i>" in made


def test_what_stands_in_a_text_is_given_to_it_and_not_put_in_behind() -> None:
    """Looking a text up already puts in what it is given: where that is nothing, it is an error."""
    places = rendering.HERE / "templates"
    late = re.compile(r"""\b_\((?:[^()"']|"[^"]*"|'[^']*')*\) *% *[\[{(]""")
    assert late.search("{{ _(states[it.state]) % {'name': it.name} }}")
    several = [file for file in places.rglob("*.html") if late.search(file.read_text("utf-8"))]
    assert several == []
