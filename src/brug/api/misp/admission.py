# SPDX-License-Identifier: EUPL-1.2
"""Whether a request is let in: by its key, its address, its role, its method, its rate."""

from contextlib import suppress
from ipaddress import ip_address, ip_network

from brug.api.misp import refusals
from brug.api.misp.dispatch import Endpoint, Route
from brug.api.misp.refusals import MispError
from brug.directory import rate_limits
from brug.store.principal import Principal
from brug.store.session import Session


def admit(principal: Principal, address: str) -> None:
    """Raises as for an unknown key, or says that it is not for this address."""
    if principal.is_closed or "auth" not in principal.rights:
        raise MispError(403, refusals.NO_KEY)
    if principal.allowed_ips and not _address_in(address, principal.allowed_ips):
        raise MispError(403, "It is not possible to use this Auth key from your IP address")


def _address_in(address: str, allowed: tuple[str, ...]) -> bool:
    with suppress(ValueError):
        return any(ip_address(address) in ip_network(net, strict=False) for net in allowed)
    return False


def allowed(found: Route, principal: Principal, method: str) -> Endpoint:
    """The endpoint, where this role and key may ask it by this method."""
    endpoint = found.endpoint
    if endpoint is None:
        if principal.is_site_admin:
            raise MispError(404, "Not Found")
        raise MispError(403, refusals.NO_RIGHT)
    if endpoint.right is not None and endpoint.right not in principal.rights:
        raise MispError(403, refusals.NO_RIGHT)
    if endpoint.changes and principal.read_only:
        raise MispError(403, refusals.NO_RIGHT)
    reads = method == "HEAD" and "GET" in endpoint.methods and not endpoint.changes
    if method not in endpoint.methods and not reads:
        raise MispError(405, f"This action answers to {', '.join(endpoint.methods)} only.")
    return endpoint


# What the limit of a role counts, in MISP as well.
_RATED = {("events", "restsearch"), ("attributes", "restsearch")}


def within_rate(session: Session, endpoint: Endpoint) -> dict[str, str]:
    """Headers that say what is left, where the role has a limit."""
    called = (endpoint.controller, endpoint.action.lower())
    if not session.principal.rate_limit or called not in _RATED:
        return {}
    use = rate_limits.count(session)
    headers = {
        "X-Rate-Limit-Limit": str(use.limit),
        "X-Rate-Limit-Remaining": str(use.remaining),
        "X-Rate-Limit-Reset": str(use.reset),
    }
    if not use.allowed:
        raise MispError(429, "Rate limit exceeded.", headers)
    return headers
