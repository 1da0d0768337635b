# SPDX-License-Identifier: EUPL-1.2
"""The page that compares MISP's routes with the node's leaves nothing out."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pymisp
from tools.compatibility import is_there, noted, table

from brug.api.misp.all import load
from brug.api.misp.dispatch import route

CALLED = re.compile(r"""_prepare_request\(\s*'(\w+)',\s*f?['"]([^'"]+)['"]""")


def test_every_absent_route_has_a_reason() -> None:
    load()
    known = table()
    silent = [
        f"{controller}/{action}"
        for controller, action in known.actions()
        if not is_there(controller, action) and not noted(known.absent, controller, action)
    ]
    assert silent == []


def test_every_remark_is_about_a_route_that_misp_has() -> None:
    known = table()
    names = [f"{controller}/{action}" for controller, action in known.actions()]
    remarks = [*known.absent, *known.without_effect, *known.differs]
    idle = [
        pattern
        for remark in remarks
        for pattern in remark.routes
        if not any(fnmatchcase(name, pattern) for name in names)
    ]
    assert idle == []


def test_what_pymisp_calls_is_there() -> None:
    load()
    source = Path(pymisp.__file__).with_name("api.py").read_text(encoding="utf-8")
    called = {(verb, re.sub(r"\{[^}]*\}", "1", path)) for verb, path in CALLED.findall(source)}
    assert len(called) > 150
    missing = sorted(
        path for verb, path in called if route(verb, "/" + path.lstrip("/")).endpoint is None
    )
    assert missing == []
