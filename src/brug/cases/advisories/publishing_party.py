# SPDX-License-Identifier: EUPL-1.2
"""Who publishes: the host, by the settings, as advisories and the provider's metadata say it."""

from brug.formats.csaf.document import Publisher
from brug.model.errors import Conflict
from brug.store import settings
from brug.store.session import Session


class NoNamespace(Conflict):
    """The node publishes no advisories."""

    code = "no_namespace"
    public = (
        "This node publishes no advisories: the setting advisories.namespace says as whom it"
        " would, for ever."
    )


def is_publishing(session: Session) -> bool:
    """Whether the node is a publisher of advisories at all."""
    return bool(settings.get(session, "advisories.namespace"))


def publisher(session: Session) -> Publisher:
    """Raises NoNamespace."""
    namespace = str(settings.get(session, "advisories.namespace"))
    if not namespace:
        raise NoNamespace("advisories.namespace is empty")
    with session.as_system():
        name = session.value(
            "SELECT name FROM organisation WHERE id = %s",
            (settings.get(session, "node.host_org_id"),),
        )
    return Publisher(
        category=settings.get(session, "advisories.category"),
        name=str(name),
        namespace=namespace,
        contact_details=str(settings.get(session, "advisories.contact")) or None,
    )


def language(session: Session) -> str:
    """Of advisories that do not say theirs: by the setting, or else that of the node's pages."""
    return str(
        settings.get(session, "advisories.language") or settings.get(session, "node.language")
    )


def base_url(session: Session) -> str:
    """The node's own address, without a slash at its end."""
    return str(settings.get(session, "node.url")).rstrip("/")
