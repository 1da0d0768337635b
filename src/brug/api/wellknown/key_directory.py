# SPDX-License-Identifier: EUPL-1.2
"""The node's key for mail in a Web Key Directory (draft-koch-openpgp-webkey-service, 3.1).

By both ways to ask, of the domain itself or of its `openpgpkey` name. Whoever asks for another
address, or of a node that takes no mail, learns only that nothing is here.
"""

from urllib.parse import parse_qs

from brug.cases.persons.letters import KEY_PAGE
from brug.directory import mail_keys
from brug.formats import openpgp_mail
from brug.model.errors import NotFound
from brug.store.session import Session

FOLDER = "/.well-known/openpgpkey/"
_BINARY, _ARMOURED = "application/octet-stream", "application/pgp-keys"


class NoKeyHere(NotFound):
    """There is no key at this address."""

    code = "no_key"
    public = "There is no key at this address."


def served(session: Session, path: str, query: str) -> tuple[str, bytes]:
    """The media type, and what is there; in a system session. Raises NoKeyHere."""
    key = mail_keys.current(session)
    if key is None:
        raise NoKeyHere(path[:80])
    if path == KEY_PAGE:
        return _ARMOURED, key.text.encode()
    domains = {one.rpartition("@")[2].lower() for one in key.addresses}
    parts = path.removeprefix(FOLDER).split("/")
    domain = parts.pop(0).lower() if parts[0].lower() in domains else ""
    if parts == ["policy"]:
        return "text/plain", b""
    if len(parts) != 2 or parts[0] != "hu":
        raise NoKeyHere(path[:80])
    named = parse_qs(query[:400]).get("l", [""])[0].lower()
    for address in key.addresses:
        name, _, at = address.rpartition("@")
        fits = parts[1] == openpgp_mail.directory_name(name) and named in {"", name.lower()}
        if fits and domain in {"", at.lower()}:
            return _BINARY, openpgp_mail.binary(key.text)
    raise NoKeyHere(path[:80])
