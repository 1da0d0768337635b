# SPDX-License-Identifier: EUPL-1.2
"""Texts of templates in one language, put in when a template is compiled.

A catalogue changes with a release only, and each language has templates of its own: what
`_("…")` says is known before any page is asked for. What it says with names, `%(who)s`, becomes
its pieces with their expressions between, escaped as everywhere. Texts that a page looks up itself
(`_(title)`), and those that differ by a number, are left until it is rendered: a title may be one
that somebody wrote for this node, so it is escaped, and a sign of percent in it is one.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from brug.web.compiling import Compiled, escaped, safe

Say = Callable[[str], str]
_NAMES = frozenset({"_", "gettext"})
_MARK = re.compile(r"%(?:(%)|\((\w+)\)s)")


class Translated(Compiled):
    """Its templates say what `say` gives for their texts."""

    say: Say

    def looked_up(self, text: Any, /, **given: Any) -> Markup:
        """What `_(title)` says; with names in it where some are given."""
        said = safe(escaped(self.say(text)))  # noqa: S704 — escaped
        return said % given if given else said

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        texts = _Texts(self, self.say)
        return super()._generate(texts.visit(source), name, filename, defer_init)


class _Texts(NodeTransformer):
    def __init__(self, environment: Environment, say: Say) -> None:
        self._environment = environment
        self._say = say

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802 — Jinja's name
        node.nodes = [piece for one in node.nodes for piece in self._pieces(one) or [one]]
        self.generic_visit(node)
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802
        pieces = self._pieces(node)
        made: nodes.Expr = node
        if pieces is not None:
            made = pieces[0] if len(pieces) == 1 else nodes.Concat(pieces)
            made.set_environment(self._environment)
            made.set_lineno(node.lineno)
        elif isinstance(node.node, nodes.Name) and node.node.name == "_" and _text_of(node):
            node.node.name = "gettext"  # and so an error, where something is not given
        self.generic_visit(made)
        return made

    def _pieces(self, node: nodes.Expr) -> list[nodes.Expr] | None:
        """What a text that stands in the template says, safe text first; None of all else."""
        if not isinstance(node, nodes.Call) or node.dyn_args or node.dyn_kwargs:
            return None
        if not isinstance(node.node, nodes.Name) or node.node.name not in _NAMES:
            return None
        given = {one.key: one.value for one in node.kwargs}
        return _divided(self._say(text), given) if (text := _text_of(node)) else None


def _text_of(node: nodes.Call) -> str:
    """The text that stands in the template, if one does."""
    match node.args:
        case [nodes.Const(value=str(text))]:
            return text
    return ""


def _divided(text: str, given: Mapping[str, nodes.Expr]) -> list[nodes.Expr] | None:
    """Safe text and expressions by turns; None where a mark has no expression."""
    made: list[nodes.Expr] = []
    before, *rest = _MARK.split(text)
    plain = before
    for percent, name, after in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if percent:
            plain += percent + after
        elif name in given:
            made += [nodes.TemplateData(plain), given[name]]
            plain = after
        else:
            return None
    if any("%" in one for one in (before, *rest[2::3])):
        return None
    return [*made, nodes.TemplateData(plain)] if plain or not made else made
