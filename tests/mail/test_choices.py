# SPDX-License-Identifier: EUPL-1.2
"""Filters of people and organisations, and how often an organisation's people hear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brug.directory import mail_choices
from brug.directory.refusals import Refused
from brug.mail.sender import cause_summaries
from brug.mail.wanting import passes
from brug.model.errors import Forbidden

from .conftest import Post
from .test_alerts import DOMAIN, alert, event, text, to, wanting

HASH = {"type": "md5", "category": "Payload delivery", "value": "0" * 32}


def choose(post: Post, who: str, **filters: Any) -> None:
    with post.database.as_user(post.world.ids[who]) as session:
        mail_choices.set_own(session, filters)


def choose_for_bank(post: Post, frequencies: list[str] | None = None, **filters: Any) -> None:
    with post.database.as_user(post.world.ids["orgadmin"]) as session:
        org = post.world.orgs["Noordland Bank"]
        mail_choices.set_for_organisation(session, org, filters, frequencies)


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({}, True),
        ({"tags": ["ransomware", "tlp:green"]}, True),
        ({"tags": ["phishing"]}, False),
        ({"tags": ["!RANSOMWARE"]}, False),
        ({"orgs": ["Noordland Bank"]}, True),
        ({"orgs": ["!noordland bank"]}, False),
        ({"types": ["domain"]}, True),
        ({"types": ["ip-dst"]}, False),
        ({"types": ["!domain"]}, True),  # the hash is left
        ({"types": ["!domain", "!md5"]}, False),
        ({"threat_level": 2}, True),
        ({"threat_level": 1}, False),
        ({"tlp": "green"}, True),
        ({"tlp": "clear"}, False),
    ],
)
def test_filters_narrow_what_somebody_hears_of(
    post: Post, filters: dict[str, Any], fits: bool
) -> None:
    wanting(post, "user", "user2")
    choose(post, "user", **filters)
    got = alert(post, event(
        post, threat_level_id=2, Tag=[{"name": "ransomware"}, {"name": "tlp:green"}],
        Attribute=[DOMAIN, HASH],
    ))  # fmt: skip
    assert ("user@people.example" in to(got)) is fits
    assert "user2@people.example" in to(got)


def test_what_a_reader_may_not_see_does_not_fit_a_filter(post: Post) -> None:
    wanting(post, "user", "other")
    for who in ("user", "other"):
        choose(post, who, types=["domain"])
    hidden = {**DOMAIN, "distribution": 0}
    assert to(alert(post, event(post, Attribute=[hidden, HASH]))) == ["user@people.example"]


def test_an_organisation_narrows_for_all_its_people_and_nobody_else(post: Post) -> None:
    wanting(post, "user", "user2", "other")
    choose_for_bank(post, tags=["ransomware"])
    assert to(alert(post, event(post))) == ["other@people.example"]
    choose(post, "user", tags=["phishing"])
    got = alert(post, event(post, Tag=[{"name": "ransomware"}]))
    assert to(got) == ["other@people.example", "user2@people.example"]


def test_who_may_hear_less_often_gets_no_alerts(post: Post) -> None:
    wanting(post, "user", "other")
    choose_for_bank(post, ["weekly"])
    with post.database.system() as session:
        session.execute("UPDATE account SET notification_daily = true, notification_weekly = true")
    made = event(post)
    assert to(alert(post, made)) == ["other@people.example"]
    monday = datetime(2030, 1, 7, tzinfo=UTC)
    with post.database.system() as session:
        stamp = int((monday - timedelta(hours=3)).timestamp())
        session.execute("UPDATE event SET publish_timestamp = %s", (stamp,))
    cause_summaries(post.database, monday)
    got = [(str(one["To"]), str(one["Subject"])) for one in post.send()]
    of_user = [subject for address, subject in got if address == "user@people.example"]
    assert of_user == ["[Noordland node] Your summary: the last week"]
    assert len([one for one in got if one[0] == "other@people.example"]) == 2


def test_a_summary_counts_and_names_what_is_wanted_alone(post: Post) -> None:
    with post.database.system() as session:
        session.execute("UPDATE account SET notification_daily = true WHERE id = %s",
                        (post.world.ids["user"],))  # fmt: skip
    choose(post, "user", tags=["ransomware"])
    for info, tags in (("Wanted", [{"name": "ransomware"}]), ("Unwanted", [])):
        made = event(post, info=info, Tag=tags)
        post.world.ask("publisher", "POST", f"/events/publish/{made}")
    cause_summaries(post.database, datetime.now(UTC) + timedelta(days=1))
    (got,) = post.send()
    assert "Events: 1. Attributes: 0." in text(got)
    assert "Wanted" in text(got)
    assert "Unwanted" not in text(got)


def test_misps_own_filter_of_summaries_is_obeyed(post: Post) -> None:
    with post.database.system() as session:
        session.execute("UPDATE account SET notification_daily = true WHERE id = %s",
                        (post.world.ids["user"],))  # fmt: skip
    value = {"orgc_id": [post.world.orgs["Noordland Bank"]], "tags": ["ransom%"],
             "event_info": "harbour"}  # fmt: skip
    body = {"setting": "periodic_notification_filters", "value": value}
    assert post.world.ask("user", "POST", "/user_settings/setSetting", body).status == 200
    ransom = [{"name": "ransomware"}]
    for info, tags in (("The Harbour", ransom), ("Elsewhere", ransom), ("harbour too", [])):
        made = event(post, info=info, Tag=tags)
        post.world.ask("publisher", "POST", f"/events/publish/{made}")
    cause_summaries(post.database, datetime.now(UTC) + timedelta(days=1))
    (got,) = post.send()
    assert "The Harbour" in text(got)
    assert "Elsewhere" not in text(got)
    assert "harbour too" not in text(got)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"tag": ["x"]}, "tag"),
        ({"tags": "x"}, "tags"),
        ({"tags": [" ! "]}, "tags"),
        ({"orgs": [1]}, "orgs"),
        ({"types": ["x" * 256]}, "types"),
        ({"types": ["a\0b"]}, "types"),
        ({"types": ["!domian"]}, "types"),
        ({"tags": ["x"] * 101}, "tags"),
        ({"threat_level": 4}, "threat_level"),
        ({"threat_level": True}, "threat_level"),
        ({"threat_level": [1]}, "threat_level"),
        ({"tlp": ["green"]}, "tlp"),
        ({"tlp": "white"}, "tlp"),
    ],
)
def test_filters_that_do_not_fit_are_refused_by_name(
    post: Post, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        choose(post, "user", **given)
    assert refused.value.field == field


def test_nobody_chooses_for_others(post: Post) -> None:
    ids, org = post.world.ids, post.world.orgs["Noordland Bank"]
    for who in ("user", "otheradmin"):
        with post.database.as_user(ids[who]) as session, pytest.raises(Forbidden):
            mail_choices.set_for_organisation(session, org, {}, None)
    choose(post, "user", tags=["secret-interest"])
    with post.database.as_user(ids["other"]) as session:
        assert session.all("SELECT * FROM mail_choice") == []
    with post.database.as_user(ids["orgadmin"]) as session, pytest.raises(Forbidden):
        mail_choices.set_for_user(session, ids["user"], {})
    with post.database.as_user(ids["orgadmin"]) as session, pytest.raises(Refused):
        mail_choices.set_for_organisation(session, org, {}, ["hourly"])


def test_names_with_a_mark_are_not_wanted() -> None:
    assert passes([], None)
    assert passes(["A"], ["a", "b"])
    assert not passes(["A"], ["b"])
    assert not passes(["A", "B"], ["a", "!b"])
    assert passes(["C"], ["!b"])
