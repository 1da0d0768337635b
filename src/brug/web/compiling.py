# SPDX-License-Identifier: EUPL-1.2
"""How compiled templates escape what they show, look up and call what they name, a thousand times
a page.

It comes to what Jinja and MarkupSafe do. They ask of every text whether it knows its own HTML, and
of everything that is called whether it wants to know from where; here that is asked of what is
neither a text nor safe already, and of what says that it does. What has an attribute is asked for
it where the template stands, not by way of the environment.
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


def found(environment: Environment, it: Any, name: str) -> Any:
    """What a template means by `it.name`, of something without such an attribute."""
    return it[name] if type(it) is dict and name in it else environment.getattr(it, name)


class Macro(runtime.Macro):
    """One whose text is safe, as that of all is here."""

    def _invoke(self, arguments: list[Any], autoescape: bool) -> str:  # noqa: ARG002
        return safe(self._func(*arguments))  # noqa: S704 — escaped as it was made


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
        """What is imported last is what the functions of the template find under these names."""
        super().visit_Template(node, frame)
        self.writeline(f"from {__name__} import Macro, escaped as escape, found")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """Names of a template's own begin with `l_` or `t_`: none is `it` or `has`."""
        self.write("(has if (has := getattr((it := ")
        self.visit(node.node, frame)
        self.write(f"), {node.attr!r}, missing)) is not missing")
        self.write(f" else found(environment, it, {node.attr!r}))")


class Compiled(Environment):
    """One that escapes in all its templates."""

    code_generator_class = _Generator
    context_class = _Context

    def __init__(self, **settings: Any) -> None:
        super().__init__(autoescape=True, **settings)
