# SPDX-License-Identifier: EUPL-1.2
"""How compiled templates escape what they show and call what they name, a thousand times a page.

It comes to what Jinja and MarkupSafe do. They ask of every text whether it knows its own HTML, and
of everything that is called whether it wants to know from where; here that is asked of what is
neither a text nor safe already, and of what says that it does.
"""

from typing import Any

from jinja2 import Environment, nodes, runtime
from jinja2.compiler import CodeGenerator, Frame
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


class _Generator(CodeGenerator):
    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """What is imported last is what the functions of the template find under this name."""
        super().visit_Template(node, frame)
        self.writeline(f"from {__name__} import escaped as escape")


class Compiled(Environment):
    """One that escapes in all its templates."""

    code_generator_class = _Generator
    context_class = _Context

    def __init__(self, **settings: Any) -> None:
        super().__init__(autoescape=True, **settings)
