# SPDX-License-Identifier: EUPL-1.2
"""Protected events over native bridges: their signers come along, and nobody adds to them."""

import base64
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from tests.bridges.crossing.conftest import agree, carry, crossings, new_event
from tests.bridges.crossing.test_lying_partner import code, said_to
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN, Served
from tests.listening import NO_TLS

from brug.bridges import agreements, identity, terms
from brug.bridges.crossing import messages
from brug.bridges.native import handling
from brug.bridges.parties import Party
from brug.directory import account_changes, node_keys, organisations
from brug.formats.openpgp_signing import new_key, sign_detached, verifies, without_whitespace
from brug.intel import protecting
from brug.intel.adding import add
from brug.intel.publishing import publish
from brug.model.errors import Invalid

Two = tuple[Served, Served]
Message = dict[str, Any]
PUBLISHER = 4
SOMEBODY, OTHER = new_key("Somebody <a@partner.example>"), new_key("Other <b@partner.example>")


def own_key(node: Served | Node) -> str:
    with node.database.system() as session:
        return node_keys.own(session).text


def protected_event(node: Served | Node, *keys: str, by: int = ADMIN) -> str:
    """Its UUID; published, with these keys as its signers."""
    new = new_event(("domain", "close.example"))
    new.published = False
    with node.database.as_user(by) as session:
        uuid = add(session, new).uuid
    with node.database.as_user(by) as session:
        protecting.set_protected(session, uuid, on=True)
        for key in keys:
            protecting.add_key(session, uuid, key)
        publish(session, uuid)
    return uuid


def signers(node: Served | Node, uuid: str) -> list[str]:
    """The keys that a node has as an event's signers."""
    with node.database.system() as session:
        event_id = session.value("SELECT id FROM event WHERE uuid = %s", (uuid,))
        return [] if event_id is None else [
            one.key_data for one in protecting.of_event(session, event_id)
        ]  # fmt: skip


def title(node: Served | Node, uuid: str) -> str | None:
    with node.database.system() as session:
        found: str | None = session.value("SELECT info FROM event WHERE uuid = %s", (uuid,))
    return found


def test_the_receiver_passes_a_protected_event_on_over_misp_as_protected(agreed: Two) -> None:
    one, other = agreed
    uuid = protected_event(one, own_key(one), own_key(other))
    carry(one)
    assert signers(other, uuid) == [own_key(one), own_key(other)]
    seen = httpx.get(
        f"{other.url}/events/view/{uuid}",
        headers={"Authorization": other.key, "Accept": "application/json"},
        verify=NO_TLS,
    )
    event = seen.json()["Event"]
    assert event["protected"] is True
    signature = base64.b64decode(seen.headers["x-pgp-signature"])
    assert verifies(own_key(other), without_whitespace(seen.content), signature)


def test_what_is_handed_over_again_is_the_same_message(agreed: Two) -> None:
    one, other = agreed
    uuid = protected_event(one, own_key(one))
    carry(one)
    before = crossings(one, uuid)
    with one.database.system() as session:
        session.execute("SELECT note_change(ARRAY[%s::bigint])", (_number(one, uuid),))
    carry(one)
    assert [c.digest for c in crossings(one, uuid)] == [before[0].digest]
    assert len(crossings(other, uuid)) == 1


def test_who_signs_changes_at_the_partner_when_its_creator_says_so(agreed: Two) -> None:
    one, other = agreed
    uuid = protected_event(one, own_key(one), SOMEBODY[1].text)
    carry(one)
    with one.database.as_user(ADMIN) as session:
        listed = protecting.of_event(session, _number(one, uuid))
        protecting.remove_key(session, str(listed[1].id))
        protecting.add_key(session, uuid, own_key(other))
        publish(session, uuid)
    carry(one)
    assert signers(other, uuid) == [own_key(one), own_key(other)]


def test_a_creator_whose_node_is_no_signer_says_who_is(agreed: Two) -> None:
    one, other = agreed
    uuid = protected_event(one, SOMEBODY[1].text)
    carry(one)
    assert signers(other, uuid) == [SOMEBODY[1].text]


def _number(node: Served | Node, uuid: str) -> int:
    with node.database.system() as session:
        return int(session.value("SELECT id FROM event WHERE uuid = %s", (uuid,)))


def test_who_is_listed_passes_the_signers_on_and_who_is_not_does_not(triangle: Triangle) -> None:
    one, other, third = triangle.three
    with one.database.system() as session:
        session.execute("UPDATE bridge SET state = 'paused' WHERE id = %s", (one.bridge(third).id,))
    listed = protected_event(one, own_key(one), own_key(other))
    unlisted = protected_event(one, own_key(one))
    triangle.work()
    assert signers(other, unlisted) == [own_key(one)]
    assert signers(third, listed) == [own_key(one), own_key(other)]
    assert title(third, unlisted) is not None, "it crosses as any event does"
    assert signers(third, unlisted) == []


# Of organisations that use the partner's node beside its host --------------------------


def neighbour(node: Served | Node) -> tuple[str, int]:
    """Another organisation that uses a node, and a user of it who publishes."""
    name = uuid4().hex[:8]
    with node.database.system() as session:
        org = organisations.add(session, {"name": f"Haven {name}"})
        new = {"email": f"{name}@haven.example", "org_id": org.id, "role_id": PUBLISHER,
               "password": "Correct-horse-battery-1", "change_pw": False}  # fmt: skip
        return org.uuid, account_changes.add(session, new).account.id


def test_signers_change_by_the_word_of_the_node_that_their_creator_uses(connected: Two) -> None:
    one, other = connected
    haven, user = neighbour(one)
    agree(one, other, our_node_users=[haven])
    uuid = protected_event(one, SOMEBODY[1].text, by=user)
    carry(one)
    assert signers(other, uuid) == [SOMEBODY[1].text], "this node is no signer"
    with one.database.as_user(user) as session:
        protecting.add_key(session, uuid, own_key(other))
        publish(session, uuid)
    carry(one)
    assert signers(other, uuid) == [SOMEBODY[1].text, own_key(other)]
    with one.database.as_user(user) as session:
        listed = protecting.of_event(session, _number(one, uuid))
        protecting.remove_key(session, str(listed[0].id))
        publish(session, uuid)
    carry(one)
    assert signers(other, uuid) == [own_key(other)]
    with other.database.system() as session:
        creator = session.value(
            "SELECT o.uuid::text FROM event e JOIN organisation o ON o.id = e.orgc_id"
            " WHERE e.uuid = %s", (uuid,),
        )  # fmt: skip
    assert creator == haven


def test_where_the_agreement_names_nobody_the_event_crosses_without_its_signers(
    agreed: Two,
) -> None:
    one, other = agreed
    _, user = neighbour(one)
    uuid = protected_event(one, SOMEBODY[1].text, by=user)
    carry(one)
    assert title(other, uuid) is not None
    assert signers(other, uuid) == []


def test_a_node_speaks_for_those_that_use_it_and_for_no_others(triangle: Triangle) -> None:
    one, other, third = triangle.three
    haven, westland, key = str(uuid4()), str(uuid4()), SOMEBODY[1].text
    with other.database.system() as session:
        organisations.add(session, {"name": "Haven CSIRT", "uuid": haven})
    triangle.agree(other, one, node_users=(haven,))
    (answer,) = said_to(one, other, mine := message(haven, key))
    assert code(answer) == "added"
    (answer,) = said_to(one, other, newer(mine, OTHER[1].text))
    assert code(answer) == "updated"
    assert signers(one, mine["event_uuid"]) == [OTHER[1].text]
    # Who made an event is what is known of it here, whatever is said with a change.
    theirs = message(westland, key, secret=SOMEBODY[0])
    said_to(one, other, theirs)
    lie = message(haven, OTHER[1].text, uuid=theirs["event_uuid"], version=1795000009)
    for one_lie in (message(westland, key), lie):
        (answer,) = said_to(one, other, one_lie)
        assert code(answer) == "not_signed"
    assert signers(one, theirs["event_uuid"]) == [key]
    # Nor does another partner speak for it.
    (answer,) = said_to(one, third, message(haven, key))
    assert code(answer) == "not_signed"
    # And nobody who came to use this node speaks over that one.
    with one.database.system() as session:
        organisations.edit(session, haven, {"local": True})
    later = message(haven, key, uuid=mine["event_uuid"], version=1795000100)
    (answer,) = said_to(one, other, later)
    assert code(answer) == "not_signed"


def test_nobody_is_named_who_does_not_use_the_node(connected: Two) -> None:
    one, other = connected
    ours, _ = neighbour(one)
    bridge = one.bridge(other.name).id
    agree(one, other)
    with one.database.system() as session:
        organisations.add(session, {"name": "Elsewhere", "local": False})
        before = len(agreements.history(session, bridge))
    for field, named in (
        ("our_node_users", "Elsewhere"), ("our_node_users", "Unheard of"),
        ("their_node_users", ours), ("our_node_users", one.name),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            agree(one, other, **{field: [named]})
        assert refused.value.field in {field, "parties"}
    with one.database.as_user(ADMIN) as session:
        assert len(agreements.history(session, bridge)) == before
    with other.database.system() as session:
        ours_there = {"organisation": ours, "name": "Haven"}
        known = agreements.history(session, other.bridge(one.name).id)[0].terms
        parties = tuple(
            msgspec.convert({**msgspec.to_builtins(p), "node_users": [ours_there]}, Party)
            if p.name == other.name else p
            for p in known.parties
        )  # fmt: skip
        lie = msgspec.structs.replace(known, parties=parties, version=known.version + 1)
        document = terms.document_of(lie)
        by = identity.sign(session, document)
    with one.database.system() as session, pytest.raises(Invalid) as refused:
        agreements.take(session, one.bridge(other.name), document, by.key_id, by.signature)
    assert "node_users" in refused.value.field


# Partners that lie ---------------------------------------------------------------------


def message(creator: str, *keys: str, secret: bytes | None = None, **more: Any) -> Message:
    """An event as a node sends it, signed with a key."""
    uuid = more.pop("uuid", None) or str(uuid4())
    version = more.pop("version", 1795000000)
    event = {
        "uuid": uuid, "info": "held close", "date": "2026-11-20", "distribution": "1",
        "published": True, "timestamp": str(version), "analysis": "0", "threat_level_id": "2",
        "protected": True, "Orgc": {"uuid": creator, "name": "CSIRT Westland"},
        "Attribute": [{
            "uuid": str(uuid4()), "type": "domain", "category": "Network activity",
            "value": "afar.example", "to_ids": True, "timestamp": "1795000000",
            "distribution": "5",
        }],
        "CryptographicKey": [{"type": "pgp", "key_data": key} for key in keys],
    } | more  # fmt: skip
    made = {
        "kind": "event", "event_uuid": uuid, "version": version, "redacted": False,
        "agreement": None, "event": event,
    }  # fmt: skip
    if secret is not None:
        signature = sign_detached(secret, messages.encoded(event))
        made["pgp_signature"] = base64.b64encode(signature).decode()
    return made


def newer(one: Message, *keys: str, secret: bytes | None = None, **more: Any) -> Message:
    event = one["event"]
    return message(
        event["Orgc"]["uuid"], *keys, secret=secret, uuid=one["event_uuid"],
        version=one["version"] + 9, info="taken over", **more,
    )  # fmt: skip


def test_an_event_of_somebody_else_needs_a_signature_by_a_listed_key(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    key, westland = SOMEBODY[1].text, str(uuid4())
    fine = message(westland, key, secret=SOMEBODY[0])
    altered = msgspec.json.decode(msgspec.json.encode(fine))
    altered["event"]["Attribute"][0]["value"] = "near.example"
    revoked = message(westland, secret=None)
    revoked["event"]["CryptographicKey"] = [{"type": "pgp", "key_data": key, "revoked": True}]
    data = messages.encoded(revoked["event"])
    revoked["pgp_signature"] = base64.b64encode(sign_detached(SOMEBODY[0], data)).decode()
    for lie in (
        message(westland, key),
        message(westland, key, secret=OTHER[0]),
        altered,
        revoked,
        message(westland, "no key", secret=SOMEBODY[0]),
    ):
        (answer,) = said_to(one, other, lie)
        assert code(answer) == "not_signed"
        assert title(one, lie["event_uuid"]) is None
    (answer,) = said_to(one, other, fine)
    assert code(answer) == "added"
    assert signers(one, fine["event_uuid"]) == [key]


def test_nobody_adds_signers_to_somebody_elses_event(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    key, own = SOMEBODY[1].text, OTHER[1].text
    first = message(str(uuid4()), key, secret=SOMEBODY[0])
    uuid = first["event_uuid"]
    said_to(one, other, first)
    for lie in (
        newer(first, own, secret=OTHER[0]),
        newer(first, key, own, secret=OTHER[0]),
        newer(first, secret=None),
        newer(first, secret=None, protected=False),
        newer(first, own, secret=OTHER[0], protected=False),
    ):
        (answer,) = said_to(one, other, lie)
        assert code(answer) == "not_signed"
        assert (title(one, uuid), signers(one, uuid)) == ("held close", [key])
    # Who is listed may bring a change, but nobody further who may.
    (answer,) = said_to(one, other, newer(first, key, own, secret=SOMEBODY[0]))
    assert code(answer) == "updated"
    assert (title(one, uuid), signers(one, uuid)) == ("taken over", [key])


def test_an_event_that_came_without_signers_gets_none_from_who_did_not_make_it(
    triangle: Triangle,
) -> None:
    one, other, _ = triangle.three
    first = message(str(uuid4()))
    (answer,) = said_to(one, other, first)
    assert code(answer) == "added"
    (answer,) = said_to(one, other, newer(first, OTHER[1].text, secret=OTHER[0]))
    assert code(answer) == "updated"
    assert signers(one, first["event_uuid"]) == []
    bare = message(str(uuid4()), OTHER[1].text, protected=False)
    said_to(one, other, bare)
    assert signers(one, bare["event_uuid"]) == []


def test_signers_of_an_event_that_another_partner_holds_stay(triangle: Triangle) -> None:
    one, other, third = triangle.three
    key = SOMEBODY[1].text
    first = message(str(uuid4()), key, secret=SOMEBODY[0])
    said_to(one, other, first)
    (answer,) = said_to(one, third, newer(first, OTHER[1].text, secret=OTHER[0]))
    assert code(answer) == "kept"
    uuid = first["event_uuid"]
    assert (title(one, uuid), signers(one, uuid)) == ("held close", [key])
    with one.database.system() as session:
        beside = session.value(
            "SELECT document::text FROM version_beside WHERE event_uuid = %s", (uuid,)
        )
    assert "taken over" in beside
    assert "PGP" not in beside


def test_a_creator_cannot_sign_wrongly(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    lie = message(other.org, SOMEBODY[1].text, secret=OTHER[0])
    (answer,) = said_to(one, other, lie)
    assert code(answer) == "not_signed"
    (answer,) = said_to(one, other, message(other.org, SOMEBODY[1].text))
    assert code(answer) == "added"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"pgp_signature": 1}, "pgp_signature"),
        ({"pgp_signature": "not base64!"}, "pgp_signature"),
        ({"pgp_signature": None, "protected": ["x"]}, "protected"),
        ({"keys": 101}, "CryptographicKey"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    triangle: Triangle, more: dict[str, Any], field: str
) -> None:
    one, other, _ = triangle.three
    lie = message(str(uuid4()), SOMEBODY[1].text)
    lie["pgp_signature"] = more.get("pgp_signature")
    if "protected" in more:
        lie["event"]["protected"] = more["protected"]
    lie["event"]["CryptographicKey"] *= more.get("keys", 1)
    answers = handling.handle(one.database, one.bridge(other), msgspec.json.encode([lie]))
    assert answers[0]["error"]["code"] == "invalid"
    assert field in answers[0]["error"]["message"]
    assert title(one, lie["event_uuid"]) is None


def test_a_message_of_a_node_that_knows_no_signers_is_taken(triangle: Triangle) -> None:
    """Version 1 without the list and the signature, as nodes sent it first."""
    one, other, _ = triangle.three
    old = message(other.org)
    del old["event"]["CryptographicKey"]
    (answer,) = said_to(one, other, old)
    assert code(answer) == "added"
