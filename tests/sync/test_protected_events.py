# SPDX-License-Identifier: EUPL-1.2
"""Protected events: served with a signature, taken only with one."""

import base64
from typing import Any

import msgspec
import pytest

from brug.formats.openpgp_signing import new_key, sign_detached, verifies, without_whitespace

PROTECTED = "Protected event failed signature validation."
SIGNATURE = "x-pgp-signature"


def protected_event(world: Any, who: str = "publisher") -> dict[str, Any]:
    """A published event of one organisation, protected, signed by this node."""
    new = {"info": "held close", "distribution": 3}
    attribute = {"type": "domain", "value": "close.example"}
    added = world.ask(who, "POST", "/events/add", new | {"Attribute": [attribute]}).body["Event"]
    path = f"/events/protect/{added['id']}"
    assert world.ask(who, "POST", path).body["name"] == "Event switched to protected mode."
    body = {"type": "pgp", "key_data": node_key(world)}
    listed = world.ask(who, "POST", f"/cryptographicKeys/add/Event/{added['id']}", body)
    assert listed.status == 200, listed.body
    assert world.ask(who, "POST", f"/events/publish/{added['id']}").status == 200
    return dict(added)


def node_key(world: Any) -> str:
    return str(world.ask("readonly", "GET", "/users/getGpgPublicKey").raw, "ascii")


class Partner:
    """Another server, with a key of its own."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.secret, self.public = new_key("Partner <misp@partner.example>")

    def event(self, **more: Any) -> dict[str, Any]:
        return {
            "uuid": "2f0a1c5e-0000-4000-8000-000000000001", "info": "from afar",
            "date": "2026-11-20", "distribution": "1", "published": True, "locked": 1,
            "timestamp": "1795000000",
            "protected": True, "analysis": "0", "threat_level_id": "2",
            "Orgc": {"uuid": "2f0a1c5e-0000-4000-8000-00000000000f", "name": "CSIRT Westland"},
            "Attribute": [{
                "uuid": "2f0a1c5e-0000-4000-8000-000000000002", "type": "domain",
                "category": "Network activity", "value": "afar.example", "to_ids": True,
                "timestamp": "1795000000", "distribution": "5",
            }],
            "CryptographicKey": [{"type": "pgp", "key_data": self.public.text}],
        } | more  # fmt: skip

    def push(self, event: dict[str, Any], *, known: bool = False, **how: Any) -> Any:
        """As a stock server pushes; `body` and `signature` may be tampered with."""
        body = msgspec.json.encode({"Event": event})
        secret = how.get("secret", self.secret)
        signature = sign_detached(secret, without_whitespace(body)) if secret else b""
        headers = {SIGNATURE: base64.b64encode(signature).decode()} if secret else {}
        path = f"/events/edit/{event['uuid']}" if known else "/events/add"
        sent = how.get("tamper", lambda raw: raw)(body)
        return self.world.ask("sync", "POST", f"{path}/metadata:1", sent, headers=headers)


def test_a_protected_event_is_served_with_the_nodes_signature(world: Any) -> None:
    event = protected_event(world)
    seen = world.ask("sync", "GET", f"/events/view/{event['uuid']}")
    keys = seen.body["Event"]["CryptographicKey"]
    assert [key["parent_type"] for key in keys] == ["Event"]
    signature = base64.b64decode(seen.headers[SIGNATURE])
    assert verifies(keys[0]["key_data"], without_whitespace(seen.raw), signature)
    assert not verifies(keys[0]["key_data"], without_whitespace(seen.raw + b"x"), signature)


def test_an_event_that_the_node_cannot_sign_is_not_offered(world: Any) -> None:
    event = protected_event(world)
    asked = {"minimal": 1, "published": 1}
    assert len(world.ask("sync", "POST", "/events/index", asked).body) == 1
    keys = world.ask("publisher", "GET", f"/cryptographicKeys/index/Event/{event['id']}").body
    gone = f"/cryptographicKeys/delete/{keys[0]['CryptographicKey']['id']}"
    assert world.ask("publisher", "POST", gone).status == 200
    assert world.ask("publisher", "POST", f"/events/publish/{event['id']}").status == 200
    assert world.ask("sync", "POST", "/events/index", asked).body == []
    assert SIGNATURE not in world.ask("sync", "GET", f"/events/view/{event['id']}").headers


def test_a_signed_push_is_taken_and_its_update_as_well(world: Any) -> None:
    partner = Partner(world)
    assert partner.push(partner.event()).status == 200
    update = partner.event(info="from afar, again", timestamp="1795000001")
    assert partner.push(update, known=True).status == 200
    held = world.ask("sync", "GET", f"/events/view/{update['uuid']}").body["Event"]
    assert (held["info"], held["protected"], held["locked"]) == ("from afar, again", True, True)
    assert held["Orgc"]["name"] == "CSIRT Westland"
    assert held["CryptographicKey"][0]["fingerprint"] == partner.public.fingerprint


@pytest.mark.parametrize(
    "how",
    [
        {"secret": None},
        {"secret": new_key("Somebody else")[0]},
        {"tamper": lambda raw: raw.replace(b"afar.example", b"near.example")},
    ],
    ids=["unsigned", "another's signature", "changed on the way"],
)
def test_what_is_not_signed_by_a_listed_key_is_refused(world: Any, how: dict[str, Any]) -> None:
    partner = Partner(world)
    event = partner.event()
    refused = partner.push(event, **how)
    assert (refused.status, refused.body["message"]) == (405, PROTECTED)
    assert world.ask("sync", "HEAD", f"/events/view/{event['uuid']}").status == 404
    assert partner.push(event).status == 200
    update = partner.event(info="afar.example, new", timestamp="1795000001")
    assert partner.push(update, known=True, **how).status == 405
    held = world.ask("sync", "GET", f"/events/view/{event['uuid']}").body["Event"]
    assert held["info"] == "from afar"


def test_an_update_cannot_bring_its_own_signers_or_strip_the_protection(world: Any) -> None:
    partner, other = Partner(world), Partner(world)
    assert partner.push(partner.event()).status == 200
    newer = {"info": "taken over", "timestamp": "1795000009"}
    assert other.push(other.event(**newer), known=True).status == 405
    bare = other.event(**newer, protected=None, CryptographicKey=[])
    assert other.push(bare, known=True, secret=None).status == 405


def test_only_the_creator_says_who_signs(world: Any) -> None:
    event = protected_event(world)
    body = {"type": "pgp", "key_data": new_key("Other")[1].text}
    listed = world.ask("publisher", "GET", "/cryptographicKeys/index").body[0]["CryptographicKey"]
    for who in ("other", "otheradmin", "readonly"):
        path = f"/cryptographicKeys/add/Event/{event['id']}"
        assert world.ask(who, "POST", path, body).status in {403, 405}, who
        assert world.ask(who, "POST", f"/events/unprotect/{event['id']}").status == 403
        gone = world.ask(who, "POST", f"/cryptographicKeys/delete/{listed['id']}")
        assert gone.status in {403, 404}, who
    path = f"/cryptographicKeys/view/{listed['id']}"
    assert world.ask("user", "GET", path).body["CryptographicKey"] == listed


@pytest.mark.parametrize("text", ["", "x", new_key("Private")[0].hex(), 7, None, ["x"]])
def test_what_is_no_public_key_is_not_listed(world: Any, text: Any) -> None:
    event = protected_event(world)
    path = f"/cryptographicKeys/add/Event/{event['id']}"
    refused = world.ask("publisher", "POST", path, {"type": "pgp", "key_data": text})
    assert (refused.status, list(refused.body["errors"])) == (403, ["key_data"])


def test_the_node_signs_bytes_for_site_admins_alone(world: Any) -> None:
    path = "/cryptographicKeys/serverSign"
    assert world.ask("orgadmin", "POST", path, b"any {bytes").status == 403
    signed = world.ask("admin", "POST", path, b"any {bytes")
    assert signed.raw.startswith(b"-----BEGIN PGP SIGNATURE-----")
    assert verifies(node_key(world), b"any {bytes", signed.raw)
