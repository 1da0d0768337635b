# SPDX-License-Identifier: EUPL-1.2
"""How compiled templates escape what they show and call what they name, a thousand times a page.

It comes to what Jinja and MarkupSafe do. They ask of every text whether it knows its own HTML, and
of everything that is called whether it wants to know from where; here that is asked of what is
neither a text nor safe already, and of what says that it does.
"""

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, nodes, runtime
from markupsafe import Markup, escape


def safe(html: str) -> Markup:
    """A text that is HTML, and is not asked whether it was."""
    return str.__new__(Markup, html)


def escaped(value: Any) -> str:
    """The HTML of a value, which does not say of itself that it is safe."""
    kind = type(value)
    if kind is str:
        text: str = value.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")
        return text.replace("'", "&#39;").replace('"', "&#34;")
    return value if kind is Markup else escape(value)


class _Context(runtime.Context):
    def call(
        self,
        called: Any,
        /,
        *args: Any,
        _loop_vars: Any = None,
        _block_vars: Any = None,
        **more: Any,
    ) -> Any:
        """Macros escape, as all templates do, without being told so by their caller."""
        if hasattr(called, "jinja_pass_arg"):
            more |= {"_loop_vars": _loop_vars, "_block_vars": _block_vars}
            return super().call(called, *args, **more)
        return called(*args, **more)


class _Macro(runtime.Macro):
    def _invoke(self, arguments: Sequence[Any], autoescape: bool) -> Markup:  # noqa: ARG002
        return safe(self._func(*arguments))  # noqa: S704 — its template escapes


class Compiled(Environment):
    """One that escapes in all its templates."""

    context_class = _Context

    def __init__(self, **settings: Any) -> None:
        super().__init__(autoescape=True, **settings)

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        """What is imported last is what the template's functions find under these names."""
        made = super()._generate(source, name, filename, defer_init)
        return f"{made}\nfrom {__name__} import _Macro as Macro, escaped as escape\n"
