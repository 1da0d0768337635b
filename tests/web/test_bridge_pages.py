# SPDX-License-Identifier: EUPL-1.2
"""The pages of bridges: two nodes are connected by people who click."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import httpx
import pytest
from tests.bridges.conftest import noordland, zuidmark
from tests.bridges.served import Served
from tests.bridges.stranger import Stranger
from tests.listening import NO_TLS
from tests.web.node import PASSWORD, post, sign_in

from brug.directory import account_changes

__all__ = ["noordland", "zuidmark"]


@pytest.fixture(scope="module")
def people(noordland: Served, zuidmark: Served) -> tuple[Served, Served]:
    """Both site admins have a password; Noordland has an ordinary user, too."""
    for one in (noordland, zuidmark):
        with one.database.system() as session:
            account_changes.edit(session, 1, {"password": PASSWORD, "change_pw": False})
    with noordland.database.system() as session:
        account_changes.add(
            session,
            {"email": "user@noordland.example", "org_id": 1, "role_id": 3, "password": PASSWORD,
             "change_pw": False},
        )  # fmt: skip
    return noordland, zuidmark


@contextmanager
def browser(served: Served, email: str = "") -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, trust_env=False, verify=NO_TLS, timeout=60) as client:
        email = email or f"admin@{served.name.split()[-1].lower()}.example"
        assert sign_in(client, email).status_code == 303
        yield client


def value(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*value="([^"]*)"[^>]*name="{name}"', page)
    assert found, page
    return unescape(found.group(1))


def digits(page: str) -> str:
    found = re.search(r"\b\d{4} \d{4} \d{4}\b", page)
    assert found, page
    return found.group()


def test_two_nodes_are_connected_by_people_who_compare(people: tuple[Served, Served]) -> None:
    one, other = people
    with browser(one) as here, browser(other) as there:
        made = post(here, "/bridges/invite", {"partner": "Zuid", "days": "7"}, "/bridges/invite")
        assert made.status_code == 200
        url = value(made.text, "url")
        assert "Zuid" in here.get("/bridges").text
        accepted = post(
            there, "/bridges/accept", {"invitation": url, "partner": "Noord"}, "/bridges/accept"
        )
        assert accepted.status_code == 303
        theirs = there.get(accepted.headers["location"])
        (bridge,) = re.findall(r"/bridges/partners/\d+", here.get("/bridges").text)
        ours = here.get(bridge)
        assert digits(ours.text) == digits(theirs.text)
        wrong = post(here, bridge + "/confirm", {"string": "0000 0000 0000"}, bridge)
        assert wrong.status_code == 400
        assert "Somebody may be in between" in wrong.text
        shown = {"string": digits(theirs.text).replace(" ", "")}
        assert post(here, bridge + "/confirm", shown, bridge).status_code == 303
        # The other side has not compared yet: it answers, and refuses.
        asked = post(here, bridge + "/ping", {}, bridge)
        assert "does not answer as it should" in here.get(asked.headers["location"]).text
        at = accepted.headers["location"]
        assert post(there, at + "/confirm", shown, at).status_code == 303
        asked = post(here, bridge + "/ping", {}, bridge)
        assert "Zuid answers." in here.get(asked.headers["location"]).text
        for act, state in (("pause", "Paused"), ("resume", "Open"), ("close", "Closed")):
            assert post(here, f"{bridge}/{act}", {}, bridge).status_code == 303
            assert state in here.get(bridge).text
        refused = post(there, at + "/ping", {}, at)
        assert "does not answer" in there.get(refused.headers["location"]).text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"partner": "", "days": "7"}, "f-partner-error"),
        ({"partner": "P", "days": "0"}, "f-days-error"),
    ],
)
def test_a_bad_invitation_names_the_field(
    people: tuple[Served, Served], given: dict[str, Any], said: str
) -> None:
    with browser(people[0]) as here:
        answer = post(here, "/bridges/invite", given, "/bridges/invite")
    assert answer.status_code == 400
    assert said in answer.text


@pytest.mark.parametrize(
    "invitation",
    ["", "no invitation", "{}", '{"signed": 1}', "http://127.0.0.1:1/native/v1/invitations#abc"],
)
def test_what_is_no_invitation_is_refused_and_kept(
    people: tuple[Served, Served], invitation: str
) -> None:
    with browser(people[0]) as here:
        given = {"invitation": invitation, "partner": "Kept"}
        answer = post(here, "/bridges/accept", given, "/bridges/accept")
    assert answer.status_code == 400
    assert "f-invitation-error" in answer.text
    assert "Kept" in answer.text


def test_a_partner_is_renamed_and_said_to_be_a_client(people: tuple[Served, Served]) -> None:
    one = people[0]
    with one.database.system() as session:
        bridge, _ = Stranger("Oost").connected(session, "Oost")
    page = f"/bridges/partners/{bridge.id}"
    good = {"name": "Oost!", "relation": "client", "url": "https://new.example/", "ca_pem": ""}
    with browser(one) as here:
        for field, bad in (
            ("name", ""), ("relation", "friend"), ("url", "x"), ("ca_pem", "no certificate"),
        ):  # fmt: skip
            refused = post(here, page + "/edit", good | {field: bad}, page)
            assert refused.status_code == 400
            assert f"f-{field}-error" in refused.text
        assert post(here, page + "/edit", good, page).status_code == 303
        shown = here.get(page).text
    assert "Oost!" in shown
    changed = one.bridge("Oost!")
    assert (changed.relation, changed.url) == ("client", "https://new.example")


def test_an_invitation_can_be_withdrawn(people: tuple[Served, Served]) -> None:
    with browser(people[1]) as here:
        given = {"partner": "Too early", "days": "1"}
        assert post(here, "/bridges/invite", given, "/bridges/invite").status_code == 200
        listed = here.get("/bridges").text
        (path,) = re.findall(r"/bridges/invitations/[0-9a-f-]+/withdraw", listed)
        assert post(here, path, {}, "/bridges").status_code == 303
        assert "Too early" not in here.get("/bridges").text
        assert post(here, path, {}, "/bridges").status_code == 404


def test_the_page_of_this_node_shows_what_is_published_and_replaces_the_key(
    people: tuple[Served, Served],
) -> None:
    with browser(people[0]) as here:
        page = "/bridges/this-node"
        shown = here.get(page).text
        assert "CSIRT Noordland" in shown
        before = set(re.findall(r"[\w-]{43}", shown))
        assert post(here, page + "/rotate", {}, page).status_code == 303
        after = here.get(page).text
        assert len(set(re.findall(r"[\w-]{43}", after)) - before) >= 1


def test_somebody_without_a_right_for_bridges_sees_none_of_it(
    people: tuple[Served, Served],
) -> None:
    with browser(people[0], "user@noordland.example") as here:
        for path in ("/bridges", "/bridges/this-node", "/bridges/invite", "/bridges/accept"):
            assert here.get(path).status_code == 403
        assert 'href="/bridges"' not in here.get("/").text
        assert here.get("/bridges/partners/1").status_code in {403, 404}
        assert post(here, "/bridges/invite", {"partner": "P"}, "/").status_code == 403


@pytest.mark.parametrize("days", ["0", "-3", "91", "soon", "9" * 40, "²"])
def test_an_invitation_holds_for_as_many_days_as_was_said_or_is_none(
    noordland: Served, days: str
) -> None:
    with browser(noordland) as here:
        given = {"partner": "Not yet", "days": days}
        refused = post(here, "/bridges/invite", given, "/bridges/invite")
        assert refused.status_code == 400
        assert 'aria-invalid="true"' in refused.text
        assert "Not yet" not in here.get("/bridges").text
