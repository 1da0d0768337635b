# SPDX-License-Identifier: EUPL-1.2
"""MISP's words for what the directory refuses: (field, reason) -> text."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from brug.api.misp.refusals import MispError, SaveFailed
from brug.directory.refusals import InUse, Refused
from brug.model.errors import Forbidden, Invalid, NotFound

_TEXTS: Mapping[tuple[str, str], str] = {
    ("uuid", "uuid"): "Please provide a valid RFC 4122 UUID",
    ("email", "email"): "Please enter a valid email address.",
    ("email", "taken"): "An account with this email address already exists.",
    ("email", "domain"): "Invalid e-mail domain. Your user is restricted to creating users for"
    " the following domain(s): ",
    ("password", "short"): "Password length requirement not met.",
    ("password", "plain"): "Password complexity requirement not met.",
    ("gpgkey", "gpgkey"): "GnuPG key not valid, please enter a valid key.",
    ("certif_public", "certif_public"): "Certificate not valid, please enter a valid certificate"
    " (x509).",
    ("expiration", "date"): "Expiration must be in YYYY-MM-DD format.",
}
_BY_MODEL: Mapping[tuple[str, str, str], str] = {
    ("Organisation", "name", "taken"): "An organisation with this name already exists.",
    ("Organisation", "uuid", "taken"): "An organisation with this UUID already exists.",
    ("role", "name", "taken"): "A role with this name already exists.",
}


def text_of(model: str, error: Invalid) -> str:
    """What a client reads of one refused field."""
    if not isinstance(error, Refused):
        return error.public
    if (error.field, error.reason) == ("allowed_ips", "network"):
        return f"{error.start} is not valid IP range"
    return _BY_MODEL.get((model, error.field, error.reason)) or _TEXTS.get(
        (error.field, error.reason), error.public
    )


@contextmanager
def saving(verb: str, model: str, url: str, item_id: Any = None) -> Iterator[None]:
    """A refused field becomes MISP's answer to a failed save."""
    try:
        yield
    except Invalid as error:
        errors = {error.field: [text_of(model, error)]}
        raise SaveFailed(verb, model, errors, url, item_id) from error
    except InUse as error:
        raise SaveFailed(verb, model, [], url, item_id) from error


@contextmanager
def finding(status: int, message: str) -> Iterator[None]:
    """What is not there, or not for the principal, in the endpoint's own words."""
    try:
        yield
    except (NotFound, Forbidden) as error:
        raise MispError(status, message) from error
