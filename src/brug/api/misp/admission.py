# SPDX-License-Identifier: EUPL-1.2
"""What whoever is let in (brug.edge.admission) may ask: by role, kind of key, method, rate."""

from brug.api.misp import refusals
from brug.api.misp.dispatch import Endpoint, Route
from brug.api.misp.refusals import MispError
from brug.edge import admission
from brug.store.principal import Principal
from brug.store.session import Session


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
    return admission.within_rate(session) if called in _RATED else {}
