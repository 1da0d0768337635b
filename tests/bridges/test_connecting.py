# SPDX-License-Identifier: EUPL-1.2
"""Two nodes come to know each other, and nobody comes in between."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.bridges.served import ADMIN, Served
from tests.bridges.stranger import Stranger
from tests.listening import NO_TLS

from brug.bridges import channel, connecting, identity, partners, statements
from brug.bridges.connecting.saying import ACCEPTED, INVITATION, digits_of
from brug.bridges.native import client
from brug.bridges.partners import BridgeRow, NotInState
from brug.directory import organisations
from brug.edge.outgoing import NotReached
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.store import settings


def test_both_sides_show_the_same_string_and_a_bridge_opens_when_people_confirm(
    connected: tuple[Served, Served],
) -> None:
    one, other = connected
    assert one.string(other.name) == other.string(one.name)
    for here, there in ((one, other), (other, one)):
        bridge = here.bridge(there.name)
        assert bridge.state == "open"
        reply = client.ping(here.database, bridge)
        assert reply.document == {"kind": "ping", "versions": [1], "state": "open"}


def test_the_partner_acts_as_a_sync_user_of_its_organisation(
    connected: tuple[Served, Served],
) -> None:
    one, other = connected
    bridge = one.bridge(other.name)
    with one.database.as_user(bridge.account_id) as session:
        me = session.principal
        assert (me.role_name, me.org_name) == ("Sync user", other.name)
        assert str(me.org_uuid) == str(bridge.org_uuid)
        assert me.may("sync")
        assert not me.may("admin")
        assert [one.id for one in partners.listed(session)] in ([], [bridge.id])


def test_whoever_sits_in_between_is_seen_in_the_string(noordland: Served, zuidmark: Served) -> None:
    """Mallory passes the invitation on with keys of his own, and accepts the true one himself."""
    mallory = Stranger("CSIRT Noordland", noordland.url)
    with noordland.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, "Between")
    found = statements.read(invited.document, INVITATION)
    # He writes another acceptance in Zuidmark's name, and so what Noordland shows is his.
    for_noordland = mallory.acceptance(invited.document)
    taken = httpx.post(
        noordland.url + connecting.ACCEPTANCES,
        content=for_noordland,
        trust_env=False,
        verify=NO_TLS,
    )
    assert taken.status_code == 200
    # And another invitation in Noordland's name, which he answers himself.
    forged = mallory.signed(found.said | {"node": mallory.described(url=zuidmark.url)})
    with pytest.raises((Invalid, connecting.NotReadable)):
        # Zuidmark asks the address that the invitation names: his, where nobody has its token.
        connecting.accept(zuidmark.database, ADMIN, forged, "Between")
    shown_here = noordland.string("Between")
    with zuidmark.database.system() as session:
        acceptance = session.value(
            "SELECT acceptance FROM invitation WHERE bridge_uuid = %s", (invited.bridge,)
        )
    shown_there = connecting.saying.authentication_string(
        statements.read(forged, INVITATION),
        statements.read(acceptance, connecting.saying.ACCEPTANCE),
        json.loads(taken.content)["signed"]["nonce"],
    )
    assert shown_here != shown_there
    with noordland.database.as_user(ADMIN) as session:
        bridge = partners.view(session, "Between")
        with pytest.raises(connecting.OtherString):
            connecting.confirm(session, bridge, shown_there)
        assert partners.view(session, bridge.id).state == "invited"


def test_an_invitation_counts_once_and_the_same_acceptance_gets_the_same_answer(
    noordland: Served,
) -> None:
    with noordland.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, "Once")
    first = Stranger("First")
    sent = first.acceptance(invited.document)
    url = noordland.url + connecting.ACCEPTANCES
    answers = [httpx.post(url, content=sent, trust_env=False, verify=NO_TLS) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    again = httpx.post(
        url,
        content=Stranger("Second").acceptance(invited.document),
        trust_env=False,
        verify=NO_TLS,
    )
    assert again.status_code == 404
    assert again.json()["code"] == "no_invitation"
    with noordland.database.system() as session:
        assert partners.view(session, "Once").org_name == "First"


def test_no_token_leads_to_nothing_however_it_is_wrong(noordland: Served) -> None:
    url = noordland.url + connecting.INVITATIONS
    with noordland.database.as_user(ADMIN) as session:
        late = connecting.invite(session, "Late")
        gone = connecting.invite(session, "Gone")
        connecting.withdraw(session, gone.bridge)
    with noordland.database.system() as session:
        session.execute(
            "UPDATE invitation SET expires = now() - interval '1 s' WHERE bridge_uuid = %s",
            (late.bridge,),
        )
    tokens = ["x" * 43, late.url.partition("#")[2], gone.url.partition("#")[2]]
    answers = [
        httpx.post(url, json={"token": token}, trust_env=False, verify=NO_TLS) for token in tokens
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    bad: Any
    for bad in ({}, {"token": 7}, {"token": "short"}, [], "x", {"token": "é" * 40}):
        refused = httpx.post(url, json=bad, trust_env=False, verify=NO_TLS)
        assert refused.status_code == 400
        assert "token" in refused.json()["message"]
    assert httpx.post(url, content=b"{", trust_env=False, verify=NO_TLS).status_code == 400


BAD: dict[str, Any] = {
    "bridge": str(uuid4()), "invitation": "A" * 43, "nonce": 7, "node": {}, "token": None,
}  # fmt: skip


@pytest.mark.parametrize("field", BAD)
def test_a_bad_acceptance_names_its_field_and_makes_nothing(noordland: Served, field: str) -> None:
    name = f"Bad {field}"
    with noordland.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, name)
    sent = Stranger("Bad").acceptance(invited.document, **{field: BAD[field]})
    answer = httpx.post(
        noordland.url + connecting.ACCEPTANCES, content=sent, trust_env=False, verify=NO_TLS
    )
    assert answer.status_code in {400, 404}
    assert field in answer.json()["message"]
    with noordland.database.system() as session, pytest.raises(NotFound):
        partners.view(session, name)


def test_an_acceptance_under_a_key_that_it_does_not_name_is_refused(noordland: Served) -> None:
    with noordland.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, "Other key")
    honest, other = Stranger("Honest"), Stranger("Other")
    answers = []
    # By a key that is not in the description; and by one that is, over something else.
    answers.append(other.acceptance(invited.document, node=honest.described()))
    said = json.loads(honest.acceptance(invited.document))
    said["signed"]["nonce"] = "m" * 22
    answers.append(json.dumps(said).encode())
    expired = Stranger("Expired")
    expired.made = datetime.now(UTC) + timedelta(days=1)
    answers.append(expired.acceptance(invited.document))
    for sent in answers:
        refused = httpx.post(
            noordland.url + connecting.ACCEPTANCES, content=sent, trust_env=False, verify=NO_TLS
        )
        assert refused.status_code == 400
        assert "key" in refused.json()["message"]


def test_nobody_becomes_a_partner_as_an_organisation_of_this_node(noordland: Served) -> None:
    liar = Stranger("CSIRT Noordland")
    with noordland.database.as_user(ADMIN) as session:
        liar.org = session.principal.org_uuid
        invited = connecting.invite(session, "Liar")
        node_uuid = settings.get(session, "node.uuid")
    sent = liar.acceptance(invited.document)
    answer = httpx.post(
        noordland.url + connecting.ACCEPTANCES, content=sent, trust_env=False, verify=NO_TLS
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "local_organisation")
    liar.org, liar.node = str(uuid4()), node_uuid
    answer = httpx.post(
        noordland.url + connecting.ACCEPTANCES,
        content=liar.acceptance(invited.document), trust_env=False,
        verify=NO_TLS,
    )  # fmt: skip
    assert answer.status_code == 409


def test_an_invitation_that_could_not_be_accepted_is_not_made(noordland: Served) -> None:
    with noordland.database.system() as session:
        org = organisations.add(session, {"name": "In & out", "local": True})
        session.execute(
            "INSERT INTO partner (org_id, kind, name) VALUES (%s, 'misp', 'By MISP')", (org.id,)
        )
    with noordland.database.as_user(ADMIN) as session:
        with pytest.raises(Invalid, match="no other partner"):
            connecting.invite(session, "by misp")
        with pytest.raises(Conflict, match="brug org edit 'In & out' --external"):
            connecting.invite(session, "In and out", org="In & out")
        organisations.edit(session, "In & out", {"local": False})
        assert connecting.invite(session, "In and out", org="In & out").name == "In and out"


def test_an_invitation_for_one_organisation_is_accepted_by_no_other(noordland: Served) -> None:
    wanted = Stranger("Wanted")
    with noordland.database.as_user(ADMIN) as session:
        session.execute(
            "INSERT INTO organisation (uuid, name, local) VALUES (%s, 'Wanted', false)",
            (wanted.org,),
        )
        invited = connecting.invite(session, "For one", org="Wanted")
    url = noordland.url + connecting.ACCEPTANCES
    wrong = httpx.post(
        url,
        content=Stranger("Unwanted").acceptance(invited.document),
        trust_env=False,
        verify=NO_TLS,
    )
    assert wrong.status_code == 400
    assert "organisation" in wrong.json()["message"]
    right = httpx.post(
        url, content=wanted.acceptance(invited.document), trust_env=False, verify=NO_TLS
    )
    assert right.status_code == 200


def test_one_s_own_invitation_is_not_accepted(noordland: Served) -> None:
    with noordland.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, "Self")
    with pytest.raises(Conflict):
        connecting.accept(noordland.database, ADMIN, invited.document)


def test_what_is_no_invitation_is_refused(noordland: Served, zuidmark: Served) -> None:
    with noordland.database.as_user(ADMIN) as session:
        good = json.loads(connecting.invite(session, "Spoilt").document)
    for change in (
        {"expires": "2020-01-01T00:00:00Z"}, {"bridge": "x"}, {"token": ""}, {"commitment": 1},
        {"node": None}, {"statement": "brug-node/1"}, {"expires": "soon"},
    ):  # fmt: skip
        bad = json.dumps(good | {"signed": good["signed"] | change}).encode()
        with pytest.raises(Invalid):
            connecting.accept(zuidmark.database, ADMIN, bad)
    for bad in (b"", b"{}", b"[]", b"\xff", b'{"signed":[]}'):
        with pytest.raises(Invalid):
            connecting.accept(zuidmark.database, ADMIN, bad)
    with pytest.raises(NotReached):
        connecting.accept(
            zuidmark.database, ADMIN, "http://127.0.0.1:9/native/v1/invitations#" + "x" * 43
        )
    with pytest.raises(connecting.NotReadable):
        connecting.accept(
            zuidmark.database, ADMIN, f"{noordland.url}{connecting.INVITATIONS}#" + "x" * 43
        )


def test_only_who_looks_after_bridges_connects(noordland: Served) -> None:
    with noordland.database.system() as session:
        session.execute(
            "INSERT INTO account (email, org_id, role_id) VALUES ('u@noordland.example', 1, 3)"
            " ON CONFLICT DO NOTHING"
        )
        user = session.value("SELECT id FROM account WHERE email = 'u@noordland.example'")
    with noordland.database.as_user(user) as session, pytest.raises(Forbidden):
        connecting.invite(session, "By a user")
    with pytest.raises(Forbidden):
        connecting.accept(noordland.database, user, b"{}")


def test_what_is_not_the_number_of_digits_is_no_difference(noordland: Served) -> None:
    """Somebody mistyped, and nobody is in between."""
    with noordland.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, "Mistyped")
    sent = Stranger("Mistyped").acceptance(invited.document)
    httpx.post(noordland.url + connecting.ACCEPTANCES, content=sent, trust_env=False, verify=NO_TLS)
    with noordland.database.as_user(ADMIN) as session:
        bridge = partners.view(session, "Mistyped")
        for typed in ("", "hello", "1234 5678 901"):
            with pytest.raises(Invalid, match="12 digits"):
                connecting.confirm(session, bridge, typed)


def test_the_states_of_a_bridge_follow_each_other_as_they_may(noordland: Served) -> None:
    allowed = {
        ("open", "pause"): "paused", ("paused", "resume"): "open", ("open", "close"): "closed",
        ("paused", "close"): "closed", ("invited", "close"): "closed",
    }  # fmt: skip
    acts = {"pause": partners.pause, "resume": partners.resume, "close": partners.close}
    with noordland.database.system() as session:
        bridge, shown = Stranger().connected(session, "States")
        for state in ("invited", "open", "paused", "closed"):
            for name, act in acts.items():
                bridge = _in_state(session, bridge, state)
                if (state, name) in allowed:
                    assert act(session, bridge).state == allowed[state, name]
                else:
                    with pytest.raises(NotInState):
                        act(session, bridge)
            bridge = _in_state(session, bridge, state)
            if state == "invited":
                assert connecting.confirm(session, bridge, digits_of(shown)).state == "open"
            else:
                with pytest.raises(NotInState):
                    connecting.confirm(session, bridge, shown)


def _in_state(session: Any, bridge: BridgeRow, state: str) -> BridgeRow:
    session.execute("UPDATE bridge SET state = %s WHERE id = %s", (state, bridge.id))
    return partners.view(session, bridge.id)


def test_what_the_node_says_of_itself_is_signed_and_kept_by_its_tag(noordland: Served) -> None:
    url = noordland.url + "/.well-known/brug"
    answer = httpx.get(url, trust_env=False, verify=NO_TLS)
    assert answer.status_code == 200
    said = statements.read(answer.content, "brug-node/1")
    with noordland.database.system() as session:
        said.verified_by(identity.current(session))
    assert said.said["organisation"]["name"] == "CSIRT Noordland"
    assert said.said["native"] == {"versions": [1]}
    tag = answer.headers["etag"]
    for asked in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = httpx.get(url, headers={"If-None-Match": asked}, trust_env=False, verify=NO_TLS)
        assert (again.status_code, again.content) == (304, b"")
    assert httpx.head(url, trust_env=False, verify=NO_TLS).headers["etag"] == tag
    assert httpx.post(url, trust_env=False, verify=NO_TLS).status_code == 405


def test_an_answer_that_is_not_what_was_committed_to_makes_no_bridge(
    zuidmark: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Stranger("Bad committer")
    said = {
        "statement": INVITATION, "bridge": str(uuid4()), "token": "t" * 43,
        "commitment": "A" * 43, "expires": identity.moment(datetime.now(UTC) + timedelta(days=1)),
        "node": other.described(),
    }  # fmt: skip

    def answered(_: str, body: bytes, *__: Any) -> bytes:
        acceptance = statements.read(body, connecting.saying.ACCEPTANCE)
        return other.signed(
            {
                "statement": ACCEPTED, "bridge": said["bridge"], "nonce": "n" * 22,
                "acceptance": acceptance.digest,
            }
        )  # fmt: skip

    monkeypatch.setattr(connecting.accepting, "_posted", answered)
    with pytest.raises(Invalid, match="nonce"):
        connecting.accept(zuidmark.database, ADMIN, other.signed(said), "Bad committer")
    with zuidmark.database.system() as session, pytest.raises(BrugError):
        partners.view(session, "Bad committer")


def test_connecting_anew_replaces_the_keys_and_asks_people_again(noordland: Served) -> None:
    other = Stranger("Renewed")
    with noordland.database.system() as session:
        before, shown = other.connected(session, "Renewed")
        first = other.public.key_id
        other.key = Stranger().key
        invited = connecting.invite(session, "Renewed")
        assert invited.bridge == before.uuid
        connecting.accepted(session, other.acceptance(invited.document))
        after = partners.view(session, "Renewed")
        assert (after.id, after.account_id, after.state) == (
            before.id,
            before.account_id,
            "invited",
        )
        now = datetime.now(UTC)
        keys = {key.key_id: key for key in partners.keys_of(session, after.partner_id)}
        assert keys.keys() == {other.public.key_id, first}
        assert keys[other.public.key_id].is_valid(now)
        assert not keys[first].is_valid(now), "it stays for what it signed, and signs nothing more"
        assert channel.of(session, after.id).authentication_string != shown
