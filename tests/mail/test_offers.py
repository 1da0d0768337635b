# SPDX-License-Identifier: EUPL-1.2
"""Mail when changes are proposed to an event, and when one is offered for taking over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .conftest import Post
from .test_alerts import DOMAIN, event, text, to


@pytest.fixture(autouse=True)
def answering(post: Post) -> None:
    """Those who answer for events; the second one has no right to take an event over."""
    with post.database.system() as session:
        session.execute(
            "UPDATE account SET contactalert = true WHERE id = ANY (%s)",
            ([post.world.ids[who] for who in ("publisher", "user", "readonly", "other")],),
        )


def propose(post: Post, made: int, who: str = "other", value: str = "p.example") -> Any:
    given = {"type": "domain", "category": "Network activity", "value": value}
    said = post.world.ask(who, "POST", f"/shadow_attributes/add/{made}", given)
    assert said.status == 200, said.body
    return said.body["ShadowAttribute"]


def test_the_first_proposal_is_told_to_those_who_answer_and_the_next_after_it_is_settled(
    post: Post,
) -> None:
    made = event(post, Attribute=[DOMAIN])
    first = propose(post, made)
    got = post.send()
    assert to(got) == [f"{who}@people.example" for who in ("publisher", "readonly", "user")]
    assert "Phishing at Noordland" in text(got[0])
    assert "Proposed by: Zuidland Energie" in text(got[0])
    assert "p.example" not in text(got[0])
    propose(post, made, value="second.example")
    assert post.send() == []
    post.world.ask("publisher", "POST", f"/shadow_attributes/discard/{first['id']}")
    propose(post, made, value="third.example")
    assert len(post.send()) == 3


def test_who_proposes_hears_nothing_of_it_and_above_the_ceiling_only_a_link_goes(
    post: Post,
) -> None:
    made = event(post, Tag=[{"name": "tlp:red"}])
    propose(post, made, who="user")
    got = post.send()
    assert to(got) == ["publisher@people.example", "readonly@people.example"]
    assert "Phishing" not in text(got[0])
    assert "Proposed by" not in text(got[0])
    assert f"/events/view/{made}" in text(got[0])


def test_many_proposals_at_once_are_told_once(post: Post) -> None:
    made = event(post)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: propose(post, made, value=f"p{n}.example"), range(8)))
    assert len(post.send()) == 3


def test_proposals_that_a_partner_pushes_are_told_as_well(post: Post) -> None:
    made = event(post)
    uuid = post.world.ask("publisher", "GET", f"/events/view/{made}").body["Event"]["uuid"]
    pushed = {
        "uuid": "77777777-7777-4777-8777-777777777777", "old_id": "0", "type": "domain",
        "category": "Network activity", "value": "pushed.example", "to_ids": True,
        "timestamp": "1700000000", "deleted": False, "comment": "",
        "Org": {"name": "Elsewhere", "uuid": "88888888-8888-4888-8888-888888888888"},
    }  # fmt: skip
    said = post.world.ask("sync", "POST", f"/events/pushProposals/{uuid}", [pushed])
    assert said.status == 200, said.body
    assert len(post.send()) == 3
    post.world.ask("sync", "POST", f"/events/pushProposals/{uuid}", [pushed])
    assert post.send() == []


def test_a_proposal_that_is_settled_before_the_letter_is_made_is_told_to_nobody(
    post: Post,
) -> None:
    made = event(post)
    proposed = propose(post, made)
    post.world.ask("publisher", "POST", f"/shadow_attributes/discard/{proposed['id']}")
    assert post.send() == []
    assert set(post.states().values()) == {"dropped"}


def offer(post: Post, made: int, **more: Any) -> Any:
    body = {"org_id": post.world.orgs["Zuidland Energie"], **more}
    said = post.world.ask("publisher", "POST", f"/event_delegations/delegateEvent/{made}", body)
    assert said.status == 200, said.body
    return said.body


def test_an_offered_event_is_told_to_those_who_are_asked_and_to_nobody_else(post: Post) -> None:
    post.set(events__delegation=True)
    made = event(post, distribution=0)
    offer(post, made, message="Would you?")
    (got,) = post.send()
    assert to([got]) == ["other@people.example"]
    assert "Noordland Bank asks your organisation to take event" in text(got)
    assert "Phishing at Noordland" in text(got)
    assert "Would you?" in text(got)


def test_an_offer_that_was_called_off_is_told_to_nobody(post: Post) -> None:
    post.set(events__delegation=True)
    made = event(post, distribution=0)
    offer(post, made)
    with post.database.system() as session:
        number = session.value("SELECT id FROM event_delegation WHERE event_id = %s", (made,))
    gone = post.world.ask("publisher", "POST", f"/event_delegations/deleteDelegation/{number}")
    assert gone.status == 200, gone.body
    assert post.send() == []
