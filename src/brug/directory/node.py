# SPDX-License-Identifier: EUPL-1.2
"""The first act of a node: its host organisation, its first user, what it is called."""

import uuid

import msgspec

from brug.directory import (
    account_changes,
    audit,
    fields,
    identity_keys,
    keys,
    node_keys,
    organisations,
    passwords,
)
from brug.model.errors import Conflict
from brug.store import settings
from brug.store.session import Session

SITE_ADMIN_ROLE = 1  # store/schema/50_defaults.sql


class NewNode(msgspec.Struct, frozen=True):
    """What is told once, when a node is made."""

    url: str
    email: str
    password: str
    api_key: str
    organisation: str
    organisation_uuid: str


class AlreadyMade(Conflict):
    """The database holds a node."""

    code = "node_exists"
    public = "This node exists already."


def require_new(session: Session) -> None:
    """Raises AlreadyMade where the database holds a node."""
    if session.value("SELECT EXISTS (SELECT 1 FROM account)"):
        raise AlreadyMade("the database holds a node already")


def check(organisation: str, email: str, url: str) -> None:
    """Raises Invalid where the node could not be made of these; asks no database."""
    fields.text(255, empty=False)("organisation", organisation)
    fields.email("email", email)
    settings.checked("node.url", url)


def create_node(
    session: Session, organisation: str, email: str, url: str, *, drafts_private: bool = False
) -> NewNode:
    """Makes host organisation, first site admin with a key, and the first settings."""
    session.execute("LOCK TABLE organisation IN SHARE ROW EXCLUSIVE MODE")
    require_new(session)
    host = organisations.add(session, {"name": organisation, "local": True})
    settings.set_value(session, "node.host_org_id", host.id)
    settings.set_value(session, "node.uuid", str(uuid.uuid4()))
    settings.set_value(session, "node.url", url)
    settings.set_value(session, "events.drafts_private", drafts_private)
    node_keys.make(session, f"{host.name} ({url})")
    identity_keys.make(session)
    password = passwords.generated()
    admin = account_changes.add(
        session,
        {"email": email, "org_id": host.id, "role_id": SITE_ADMIN_ROLE, "password": password},
    ).account
    key = keys.add(session, admin.id, {"comment": "made with the node"})
    audit.record(session, "create", "Node", 0, url)
    return NewNode(url, admin.email, password, key.text, host.name, host.uuid)
