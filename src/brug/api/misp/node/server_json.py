# SPDX-License-Identifier: EUPL-1.2
"""Servers' records <-> MISP's JSON; keys go in and never out."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from brug.api.misp.directory.given import Kind, flag, given, text, untouched
from brug.directory import organisations
from brug.directory.refusals import Refused
from brug.directory.servers import Server
from brug.store.session import Session

_FLAGS = (
    "push", "pull", "push_sightings", "push_galaxy_clusters", "push_analyst_data",
    "pull_galaxy_clusters", "pull_analyst_data", "publish_without_email", "unpublish_event",
    "self_signed", "internal", "skip_proxy", "remove_missing_tags", "caching_enabled",
)  # fmt: skip
_FIELDS: Mapping[str, Kind] = {
    "name": text, "url": text, "authkey": text, "pull_rules": untouched, "push_rules": untouched,
    **dict.fromkeys(_FLAGS, flag),
}  # fmt: skip


def given_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a client says of a server. Raises Invalid."""
    found = given(_FIELDS, body)
    for rules in ("pull_rules", "push_rules"):
        if not found.get(rules):
            found.pop(rules, None)
    if "submitted_cert" in body:
        found["ca_pem"] = _pem("submitted_cert", body["submitted_cert"])
    if body.get("delete_cert"):
        found["ca_pem"] = ""
    # The key comes along in the same text, and is kept sealed.
    if body.get("submitted_client_cert"):
        found["certificate"] = _pem("submitted_client_cert", body["submitted_client_cert"])
    if body.get("delete_client_cert"):
        found["certificate"] = ""
    return found


def _pem(field: str, value: Any) -> str:
    """PEM as it is, or in Base64 as stock clients send it."""
    sent = text(field, value)
    if not sent or "-----BEGIN" in sent:
        return sent
    try:
        return base64.b64decode(sent, validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise Refused(field, "certificate", "a certificate in PEM") from error


def server_json(one: Server) -> dict[str, Any]:
    """One record in MISP's order, without the key."""
    return {
        "id": str(one.id),
        "name": one.name,
        "url": one.url,
        "org_id": str(one.org_id),
        "push": one.push,
        "pull": one.pull,
        "push_sightings": one.push_sightings,
        "push_galaxy_clusters": one.push_galaxy_clusters,
        "push_analyst_data": one.push_analyst_data,
        "pull_analyst_data": one.pull_analyst_data,
        "pull_galaxy_clusters": one.pull_galaxy_clusters,
        "lastpulledid": None if one.lastpulledid is None else str(one.lastpulledid),
        "lastpushedid": None if one.lastpushedid is None else str(one.lastpushedid),
        "organization": None,
        "remote_org_id": str(one.remote_org_id),
        "publish_without_email": one.publish_without_email,
        "unpublish_event": one.unpublish_event,
        "self_signed": one.self_signed,
        "pull_rules": one.pull_rules,
        "push_rules": one.push_rules,
        "cert_file": f"{one.id}.pem" if one.ca_pem else None,
        "client_cert_file": f"{one.id}_client.pem" if one.client_certificate else None,
        "internal": one.internal,
        "skip_proxy": one.skip_proxy,
        "remove_missing_tags": one.remove_missing_tags,
        "caching_enabled": one.caching_enabled,
        "priority": str(one.priority),
    }


def listed_json(session: Session, one: Server) -> dict[str, Any]:
    """The record with both organisations, as lists have it."""
    cached = session.value("SELECT cached_at FROM server_work WHERE server_id = %s", (one.id,))
    since = str(int(cached.timestamp())) if cached is not None else False
    return {
        "Server": server_json(one) | {"cache_timestamp": since},
        "Organisation": _organisation(session, one.org_id),
        "RemoteOrg": _organisation(session, one.remote_org_id),
        "User": [],
    }


def _organisation(session: Session, org_id: int) -> dict[str, Any]:
    found = organisations.view(session, org_id)
    return {
        "id": str(found.id),
        "name": found.name,
        "uuid": found.uuid,
        "nationality": found.nationality,
        "sector": found.sector,
        "type": found.type,
    }
