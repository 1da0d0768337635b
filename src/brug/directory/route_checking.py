# SPDX-License-Identifier: EUPL-1.2
"""What is wrong, or soon will be, with how partners are reached; nobody is asked for it."""

from datetime import UTC, datetime

from brug.directory import routes
from brug.directory.routes import Holder, Kept
from brug.formats import certificates
from brug.formats.certificates import Trouble
from brug.model.errors import BrugError
from brug.store.session import Session

_TROUBLES: dict[Trouble, tuple[str, str]] = {
    "expired": ("has expired", "have a new one issued"),
    "early": ("is not valid yet", "wait, or check the clock"),
    "soon": ("expires on {until}", "have a new one issued"),
    "purpose": ("is not one for clients", "ask the issuer for one that is"),
}


def problems(session: Session, holder: Holder, url: str) -> list[tuple[str, str]]:
    """Of each: what is wrong, and what to do."""
    stored = routes.kept(session, holder)
    found = [*_certificate(session, holder, stored), *_authorities(stored)]
    try:
        routes.route(session, holder, url)
    except BrugError as error:
        found.append((str(error), "bring back `keys/` from a backup, or give it anew"))
    return found


def _certificate(session: Session, holder: Holder, stored: Kept) -> list[tuple[str, str]]:
    told = stored.shown
    if told is None:
        return []
    found = []
    if (trouble := told.trouble()) is not None:
        text, advice = _TROUBLES[trouble]
        text = text.format(until=f"{told.valid_until:%Y-%m-%d}")
        found.append((f"the certificate that we show, {told.subject}, {text}", advice))
    try:
        key = certificates.read_key(routes.client_key(session, holder))
        fits = certificates.chain_of(certificates.read(stored.certificate), key) is not None
    except certificates.Unreadable:
        fits = False
    except BrugError:
        return found  # said by whoever opens the whole of it
    if not fits:
        found.append(("the key does not fit the certificate that we show", "give both anew"))
    return found


def _authorities(stored: Kept) -> list[tuple[str, str]]:
    """A partner whose authorities have all ended is not believed any more."""
    if not stored.ca_pem:
        return []
    several = [certificates.described(one) for one in certificates.read(stored.ca_pem)]
    now = datetime.now(UTC)
    advice = "get its new certificate, and give it with --ca"
    if all(one.valid_until < now for one in several):
        return [("what its certificate is checked against has expired", advice)]
    if all(one.valid_until < now + certificates.SOON for one in several):
        return [("what its certificate is checked against expires soon", advice)]
    return []
