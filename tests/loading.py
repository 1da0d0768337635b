# SPDX-License-Identifier: EUPL-1.2
"""What libraries load at length each time, or for nobody: loaded once, where it is asked for."""

import os
import sys
from functools import cache
from importlib import import_module
from ssl import SSLContext
from types import ModuleType
from typing import Any

import httpx
from httpx._transports import default

GRAMMAR = "rfc3987_syntax"


def late_grammar() -> None:
    """jsonschema has a grammar of internationalised addresses built when it is imported; until a
    schema asks for one, nobody needs it."""
    if GRAMMAR not in sys.modules:
        stand_in = ModuleType(GRAMMAR)
        stand_in.is_valid_syntax = _is_valid_syntax  # type: ignore[attr-defined]
        sys.modules[GRAMMAR] = stand_in


def _is_valid_syntax(term: str, value: str) -> bool:
    return bool(_grammar().is_valid_syntax(term, value))


@cache
def _grammar() -> Any:
    sys.modules.pop(GRAMMAR)
    return import_module(GRAMMAR)


def one_list_of_authorities() -> None:
    """httpx reads whom one may trust for each client, also of a server without TLS."""
    default.create_ssl_context = _context  # type: ignore[attr-defined]


def _context(
    verify: SSLContext | str | bool = True, cert: Any = None, trust_env: bool = True
) -> SSLContext:
    if verify is not True or cert is not None:
        return httpx.create_ssl_context(verify, cert, trust_env)
    named = tuple(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    return _usual(trust_env, named)


@cache
def _usual(trust_env: bool, _: tuple[str | None, ...]) -> SSLContext:
    return httpx.create_ssl_context(trust_env=trust_env)
