# SPDX-License-Identifier: EUPL-1.2
"""Choosing on pages which mail one gets, and administrators for their people."""

import re

from tests.web.node import Node, post

from brug.directory import mail_choices

MINE, OURS = "/account/mail", "/administration/mail"


def test_people_choose_of_which_events_they_hear(node: Node) -> None:
    given = {"notification_daily": "1", "tags": "ransomware\n!test\n", "threat_level": "2",
             "tlp": "amber"}  # fmt: skip
    with node.browser("police") as client:
        assert post(client, MINE, given, MINE).status_code == 303
        shown = client.get(MINE).text
        assert "ransomware\n!test" in shown
        assert re.search(r'value="amber" selected', shown)
    with node.database.system() as session:
        found = mail_choices.of_user(session, node.ids["police"])
    assert found.filters == {"tags": ["ransomware", "!test"], "threat_level": 2, "tlp": "amber"}


def test_a_filter_that_does_not_fit_is_marked_and_nothing_is_stored(node: Node) -> None:
    with node.browser("lead") as client:
        for field, value in (("tlp", "white"), ("threat_level", "9"), ("tags", "!")):
            given = {"autoalert": "1", field: value}
            answered = post(client, MINE, given, MINE)
            assert answered.status_code == 400
            assert re.search(rf'name="{field}"[^>]*aria-invalid', answered.text)
        for value, said in (
            ("!", "Fill this in."),
            ("x" * 256, "This is too long."),
            ("\n".join("x" * 101), "These are too many."),
        ):
            assert said in post(client, MINE, {"tags": value}, MINE).text
        assert "Give types of attributes" in post(client, MINE, {"types": "domian"}, MINE).text
    with node.database.system() as session:
        assert mail_choices.of_user(session, node.ids["lead"]).filters == {}
        assert not session.value("SELECT autoalert FROM account WHERE id = %s", (node.ids["lead"],))


def test_an_administrator_chooses_for_the_own_people_and_a_site_admin_for_any(node: Node) -> None:
    with node.database.system() as session:
        uuid, org_id = session.one(  # type: ignore[misc]
            "SELECT o.uuid::text, o.id FROM organisation o JOIN account a ON a.org_id = o.id"
            " WHERE a.id = %s", (node.ids["police"],)
        )  # fmt: skip
    given = {"organisation": uuid, "frequencies": ["daily", "weekly"], "orgs": "!Nobody"}
    with node.browser("admin") as client:
        sent = post(client, OURS, given, OURS)
        assert sent.status_code == 303, sent.text
        shown = client.get(f"{OURS}?organisation={uuid}").text
        assert "!Nobody" in shown
        checked = re.findall(r'name="frequencies" value="(\w+)" checked', shown)
        assert checked == ["daily", "weekly"]
        wrong = post(client, OURS, given | {"frequencies": "hourly"}, OURS)
        assert wrong.status_code == 400
        # Who may hear nothing is shown so, and is not let hear of all by the next saving.
        assert post(client, OURS, given | {"frequencies": []}, OURS).status_code == 303
        shown = client.get(f"{OURS}?organisation={uuid}").text
        assert re.findall(r'name="frequencies" value="(\w+)" checked', shown) == []
        assert post(client, OURS, given, OURS).status_code == 303
    with node.database.system() as session:
        found = mail_choices.of_organisation(session, org_id)
    assert (found.filters, found.frequencies) == ({"orgs": ["!Nobody"]}, ["daily", "weekly"])
    with node.browser("police") as client:
        assert client.get(OURS).status_code == 403
        assert "Your organisation narrows this" in client.get(MINE).text
