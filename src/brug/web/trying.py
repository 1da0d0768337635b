# SPDX-License-Identifier: EUPL-1.2
"""A page to try calls of the machine interface, as oneself, with snippets to take along."""

import json
import shlex
from contextlib import suppress
from typing import Any

import msgspec

from brug.directory import rest_history
from brug.formats import json_text
from brug.model.errors import Invalid
from brug.web import navigation
from brug.web.page import page
from brug.web.visit import Reply, Visit

METHODS = ("GET", "POST", "PUT", "DELETE")
LONGEST_PATH = 2000
EXAMPLES = (
    ("POST", "/attributes/restSearch", '{"value": "192.0.2.1"}'),
    ("POST", "/events/index", '{"limit": 20}'),
    ("GET", "/users/view/me", ""),
)


class Tried(msgspec.Struct):
    """What is in the form."""

    method: str = "GET"
    path: str = "/users/view/me"
    body: str = ""


@page("/interface/try", right="auth", shows=("own",), probe="/interface/try")
def form(visit: Visit) -> Reply:
    again = visit.query.number("again", 0)
    if again:
        old = rest_history.found(visit.session, again)
        return _shown(visit, Tried(old.method, old.path, old.body))
    asked = Tried(
        _method(visit.query.text("method")),
        visit.query.text("path")[:LONGEST_PATH] or "/users/view/me",
        visit.query.get("body"),
    )
    return _shown(visit, asked)


@page("/interface/try", "POST", right="auth")
def perform(visit: Visit) -> Reply:
    path = "/" + visit.form.text("path")[:LONGEST_PATH].lstrip("/")
    asked = Tried(_method(visit.form.text("method")), path, visit.form.get("body"))
    if asked.body.strip():
        try:
            _read(asked.body)
        except Invalid as error:
            said = visit.gettext("This is not JSON: %(reason)s") % {"reason": error.expected}
            return _shown(visit, asked, errors={"body": said}, status=400)
    status, headers, content, more = visit.site.tried(
        visit.node, visit.session, asked.method, path, asked.body
    )
    rest_history.note(visit.session, asked.method, path, asked.body, status)
    answer = {
        "status": status, "headers": headers, "more": more, "size": len(content),
        "text": _pretty(content, more),
    }  # fmt: skip
    return _shown(visit, asked, answer=answer)


@page("/interface/try/forget", "POST", right="auth")
def forget(visit: Visit) -> Reply:
    rest_history.delete(visit.session, visit.form.number("id", 0))
    return visit.redirect("/interface/try")


def _method(text: str) -> str:
    return text if text in METHODS else "GET"


def _pretty(content: bytes, more: bool) -> str:
    text = content.decode("utf-8", "replace")
    if more:
        return text
    try:
        return json.dumps(json_text.decode(content), indent=2, ensure_ascii=False)
    except json_text.Malformed:
        return text


def _shown(
    visit: Visit,
    asked: Tried,
    *,
    answer: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Reply:
    url = str(visit.node.setting("node.url")).rstrip("/")
    return visit.show(
        "interface_try.html",
        status,
        asked=asked,
        answer=answer,
        errors=errors or {},
        methods=METHODS,
        examples=EXAMPLES,
        snippets=[("curl", curl(url, asked)), ("PyMISP", pymisp(url, asked))],
        history=rest_history.listed(visit.session)[:20],
        tabs=navigation.tabs(navigation.INTERFACE, visit.principal, visit.path, visit.gettext),
    )


def curl(url: str, asked: Tried) -> str:
    """The call for a shell; what was typed is one word there, whatever is in it."""
    lines = [f"curl -X {asked.method} {shlex.quote(url + asked.path)}"]
    lines += ['-H "Authorization: $KEY"', '-H "Accept: application/json"']
    if asked.body.strip():
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(asked.body)}"]
    return " \\\n     ".join(lines)


def pymisp(url: str, asked: Tried) -> str:
    """The call for Python, by PyMISP's door to any address."""
    data = ""
    if asked.body.strip():
        with suppress(Invalid):
            data = f", data={_read(asked.body)!r}"
    return (
        "from pymisp import PyMISP\n\n"
        f"misp = PyMISP({url!r}, KEY)\n"
        f"print(misp.direct_call({asked.path.lstrip('/')!r}{data}))"
    )


def _read(text: str) -> Any:
    """Raises Invalid for what is no JSON, or too deep."""
    return json_text.decode(text.encode("utf-8", "replace"))
