# SPDX-License-Identifier: EUPL-1.2
"""The options of verbs that say how a partner is reached, and what they ask for."""

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from brug.directory.routes import Kept
from brug.formats.certificates import Trouble
from brug.model.errors import Invalid

Proxy = Annotated[
    str | None,
    typer.Option(
        help="Proxy to reach it through, such as http://user@proxy.example:3128; `none` for"
        " none at all, `node` for the one that the node's settings name."
    ),
]
ProxyPassword = Annotated[
    bool,
    typer.Option(
        "--proxy-password-stdin", help="Read the password at the proxy from standard input."
    ),
]
Ca = Annotated[
    Path | None,
    typer.Option("--ca", help="Certificates (PEM) to trust at its address; only those."),
]
NoCa = Annotated[bool, typer.Option("--no-ca", help="Trust whom the system trusts again.")]
Certificate = Annotated[
    Path | None,
    typer.Option(help="Client certificate (PEM) that it asks for, with its chain."),
]
Key = Annotated[
    Path | None,
    typer.Option(help="Private key (PEM) of that certificate; kept sealed, never shown."),
]
NoCertificate = Annotated[
    bool, typer.Option("--no-certificate", help="Forget the client certificate and its key.")
]

TROUBLES: dict[Trouble, str] = {
    "expired": "has expired",
    "early": "is not valid yet",
    "soon": "expires soon",
    "purpose": "is not one for clients",
}


def given(
    proxy: str | None = None,
    ca: Path | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
    *,
    password: bool = False,
    no_ca: bool = False,
    no_certificate: bool = False,
) -> dict[str, Any]:
    """The fields of `directory.route_changes` that were asked for. Raises Invalid."""
    found: dict[str, Any] = {}
    if ca is not None and no_ca:
        raise Invalid("--no-ca", "either it or --ca")
    if no_certificate and (certificate or key):
        raise Invalid("--no-certificate", "either it or --certificate and --key")
    if proxy in {"none", "node"}:
        found |= {"proxy": "", "skip_proxy": proxy == "none"}
    elif proxy is not None:
        found |= {"proxy": proxy, "skip_proxy": False}
    if password:
        found["proxy"] = _with_password(proxy or "")
    for name, path, cleared in (
        ("ca_pem", ca, no_ca), ("certificate", certificate, no_certificate), ("key", key, False),
    ):  # fmt: skip
        if path is not None:
            found[name] = text_of(path)
        elif cleared:
            found[name] = ""
    return found


def _with_password(proxy: str) -> str:
    scheme, slashes, rest = proxy.partition("://")
    user, at, place = rest.rpartition("@")
    if not slashes or not at or not user or ":" in user:
        raise Invalid("--proxy-password-stdin", "a user and no password in --proxy")
    password = sys.stdin.readline().rstrip("\r\n")
    return f"{scheme}://{user}:{quote(password, safe='')}@{place}"


def text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Invalid("file", f"one that can be read ({error.strerror})", str(path)) from error
    return content.decode("utf-8", "replace").replace("\x00", "\ufffd")


def shown(kept: Kept) -> dict[str, Any]:
    """How a partner is reached, for people and machines; nothing of what is sealed."""
    proxy = "none" if kept.skip_proxy else kept.proxy or "node"
    found: dict[str, Any] = {
        "proxy": proxy + (" (with a password)" if kept.has_password else ""),
        "trust": "its own certificates" if kept.ca_pem else "system",
        "certificate": None, "certificate until": None,
    }  # fmt: skip
    if (told := kept.shown) is not None:
        trouble = told.trouble()
        found["certificate"] = told.subject + (f" ({TROUBLES[trouble]})" if trouble else "")
        found["certificate until"] = told.valid_until
    return found
