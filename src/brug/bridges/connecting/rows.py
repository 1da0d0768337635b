# SPDX-License-Identifier: EUPL-1.2
"""What becomes of two nodes that accepted each other: partner, keys, bridge, its account.

Made as the system, since neither side has anybody there yet who could.
"""

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from brug.bridges import channel, identity, partners
from brug.bridges.connecting.saying import CLOCK
from brug.bridges.description import Described
from brug.bridges.identity import PublicKey
from brug.bridges.native import versions
from brug.bridges.partners import BridgeRow
from brug.directory import audit, fields, organisations, roles
from brug.directory.organisations import Organisation
from brug.directory.refusals import Refused
from brug.model.errors import Conflict, Invalid, NotFound
from brug.store import settings
from brug.store.session import Session


class LocalOrganisation(Conflict):
    """A partner says that it is an organisation which uses this node itself."""

    code = "local_organisation"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is an organisation that uses this node, which no partner can be;"
            f" if nobody of it does: `brug org edit {shlex.quote(name)} --external`"
        )
        self.public = (
            f"{name[:100]} is an organisation that uses this node itself; a partner cannot be it."
            " A site admin there can say that it does not."
        )


def check_partner(session: Session, them: Described) -> None:
    """Nobody becomes a partner as an organisation of this node, or as this node."""
    if str(them.node) == settings.get(session, "node.uuid"):
        raise Conflict(f"{them.name} is this node")
    versions.agree(versions.SPOKEN, them.versions)
    try:
        org = organisations.view(session, str(them.org_uuid))
    except NotFound:
        return
    check_organisation(session, org)


def check_organisation(session: Session, org: Organisation) -> None:
    """Raises LocalOrganisation for one of this node, and for its host, whatever its record says."""
    if org.local or org.id == settings.get(session, "node.host_org_id"):
        raise LocalOrganisation(org.name)


def connect(
    session: Session,
    bridge: UUID,
    name: str,
    org_id: int | None,
    them: Described,
    shown: str,
    ca_pem: str,
) -> BridgeRow:
    """Partner, keys, bridge, account and channel; of a partner that is known, new keys."""
    check_partner(session, them)
    org = _organisation(session, them)
    if org_id is not None and org.id != org_id:
        raise Invalid("organisation", "the one that was invited", them.org_name)
    named = [key for key in them.keys if key.is_valid(datetime.now(UTC) + CLOCK)]
    found = session.one("SELECT id, org_id FROM partner WHERE node_uuid = %s", (them.node,))
    if found is not None and found[1] != org.id:
        raise Invalid("organisation", "the one that the node belonged to before", them.org_name)
    if found is None:
        if session.one("SELECT 1 FROM partner WHERE lower(name) = lower(%s)", (name,)):
            raise Invalid("partner", "a name that no other partner has", name)
        partner_id = session.value(
            "INSERT INTO partner (org_id, kind, name, url, node_uuid)"
            " VALUES (%s, 'brug', %s, %s, %s) RETURNING id",
            (org.id, name, them.url, them.node),
        )
    else:
        partner_id = found[0]
        session.execute("UPDATE partner SET url = %s WHERE id = %s", (them.url, partner_id))
        _end_keys(session, partner_id, named)
    for key in named:
        partners.hold_key(session, partner_id, key)
    bridge_id = _bridge(session, bridge, partner_id, org)
    session.execute(
        "INSERT INTO channel (bridge_id, authentication_string, version, told_key, told, ca_pem)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (bridge_id) DO UPDATE SET"
        " authentication_string = excluded.authentication_string, confirmed = NULL,"
        " confirmed_by = NULL, version = excluded.version, told_key = excluded.told_key,"
        " told = excluded.told, ca_pem = coalesce(nullif(excluded.ca_pem, ''), channel.ca_pem)",
        (bridge_id, shown, versions.agree(versions.SPOKEN, them.versions),
         identity.current(session).key_id, channel.what_is_told(session), ca_pem),
    )  # fmt: skip
    audit.record(
        session, "connect", "Bridge", bridge_id, name,
        {"node": str(them.node), "organisation": str(them.org_uuid),
         "keys": [key.key_id for key in them.keys]},
    )  # fmt: skip
    return partners.view(session, bridge_id)


def _end_keys(session: Session, partner_id: int, named: Sequence[PublicKey]) -> None:
    """Of the partner's keys only those that it names now are good; the others stay for what they
    signed, as receipts have to be proved for years.
    """
    session.execute(
        "DELETE FROM partner_key WHERE partner_id = %s AND (key_id = ANY (%s) OR valid_from > now()"
        "   OR coalesce(valid_until < valid_from, false))",
        (partner_id, [key.key_id for key in named]),
    )
    session.execute(
        "UPDATE partner_key SET valid_until = greatest(valid_from, least(valid_until, now()))"
        " WHERE partner_id = %s",
        (partner_id,),
    )


def _organisation(session: Session, them: Described) -> Organisation:
    """The partner's, which may be new here, and whose name another may have taken."""
    try:
        return organisations.view(session, str(them.org_uuid))
    except NotFound:
        pass
    given = {
        "name": them.org_name, "uuid": str(them.org_uuid), "nationality": them.nationality,
        "sector": them.sector, "contacts": them.contacts, "local": False,
    }  # fmt: skip
    try:
        return organisations.add(session, given)
    except Refused as error:
        if error.field != "name":
            raise
    return organisations.add(
        session, given | {"name": f"{them.org_name[:200]} ({str(them.org_uuid)[:8]})"}
    )


def _bridge(session: Session, bridge: UUID, partner_id: int, org: Organisation) -> int:
    found = session.one(
        "SELECT id, account_id FROM bridge WHERE partner_id = %s AND transport = 'native'",
        (partner_id,),
    )
    if found is not None:
        session.execute(
            "UPDATE bridge SET uuid = %s, state = 'invited' WHERE id = %s", (bridge, found[0])
        )
        session.execute("UPDATE account SET disabled = false WHERE id = %s", (found[1],))
        return int(found[0])
    if session.one("SELECT 1 FROM bridge WHERE uuid = %s", (bridge,)):
        raise Conflict(f"another partner has the bridge {bridge}")
    account = fields.insert(
        session,
        "account",
        {
            "email": f"bridge-{bridge}@bridges.invalid",
            "org_id": org.id,
            "role_id": _role(session),
            "language": settings.get(session, "node.language"),
        },
    )
    return int(
        session.value(
            "INSERT INTO bridge (uuid, partner_id, transport, account_id)"
            " VALUES (%s, %s, 'native', %s) RETURNING id",
            (bridge, partner_id, account),
        )
    )


def _role(session: Session) -> int:
    """MISP's role for those who synchronise, or one that may do as much and no more."""
    fit = [
        role
        for role in roles.listed(session)
        if "sync" in role.rights and not role.rights & {"site_admin", "admin", "bridge_admin"}
    ]
    for role in sorted(fit, key=lambda one: (one.name != "Sync user", one.id)):
        return role.id
    raise Conflict("no role may synchronise without administering, too")
