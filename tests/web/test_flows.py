# SPDX-License-Identifier: EUPL-1.2
"""What people do on the pages, from the first form to what others then see."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from babel.messages.pofile import read_po
from tests.web.node import CANARY, Node, plain, post

from brug.directory import account_changes, organisations
from brug.store.settings_table import SETTINGS
from brug.web.setting_words import MEANINGS

TEXT = """Subject: Wave of mails to customers

The mails link to hxxps://pay[.]deltareeds[.]example/now and come from billing@deltareeds.example.
The host 203.0.113.9 serves a file with MD5 d41d8cd98f00b204e9800998ecf8427e.
"""


def event_of(location: str) -> int:
    return int(location.rsplit("/", 1)[-1])


def test_a_pasted_text_becomes_a_draft_with_what_the_user_kept(node: Node) -> None:
    with node.browser("analyst") as client:
        found = post(client, "/intelligence/add", {"text": TEXT})
        assert found.status_code == 200
        values = re.findall(r'name="value" value="([^"]+)"', found.text)
        assert {"https://pay.deltareeds.example/now", "billing@deltareeds.example",
                "203.0.113.9", "d41d8cd98f00b204e9800998ecf8427e"} <= set(values)  # fmt: skip
        assert 'value="Wave of mails to customers"' in found.text
        form = {
            "info": "Wave of mails", "date": "2026-03-01", "level": "1", "threat": "2",
            "marking": "tlp:green", "text": TEXT, "keep": "1", "take": ["0", "1"], "ids": ["1"],
            "value": ["203.0.113.9", "not an address", "left.example"],
            "type": ["ip-dst", "ip-dst", "domain"], "lists": ["", "", ""],
        }  # fmt: skip
        again = post(client, "/intelligence/add/save", form)
        assert again.status_code == 400
        assert "This does not fit its type" in again.text
        assert "not an address" in again.text
        form["type"] = ["ip-src", "text", "domain"]
        kept = post(client, "/intelligence/add/save", form)
        page = client.get(kept.headers["location"]).text
    assert "Draft" in page
    assert "TLP:GREEN" in page
    assert "ip-src" in page
    assert "not an address" in page
    assert "left.example" not in page
    assert "The text it came from" in page
    assert "hxxps://pay[.]deltareeds" in page


def test_publishing_shows_who_will_see_it_and_then_they_do(node: Node) -> None:
    with node.browser("publisher") as client:
        form = {"info": "New " + CANARY, "date": "2026-03-01", "level": "1", "threat": "4"}
        made = post(client, "/intelligence/new", form)
        path = made.headers["location"]
        asked = client.get(path + "/publish").text
        assert "3 organisations see it" in asked
        assert "It carries no TLP marking" in asked
        assert post(client, path + "/publish", {}).headers["location"] == path
        assert "Published" in client.get(path).text
        with node.browser("police") as other:
            assert other.get(path).status_code == 200
            assert post(other, path + "/unpublish", {}).status_code == 403
            assert other.get(path + "/delete").status_code == 403
        post(client, path + "/unpublish", {})
        assert "Draft" in client.get(path).text
        assert "This cannot be undone" in client.get(path + "/delete").text
        post(client, path + "/delete", {})
        assert client.get(path).status_code == 404


def test_a_form_that_does_not_fit_comes_back_with_what_was_typed(node: Node) -> None:
    with node.browser("analyst") as client:
        form = {"info": "", "date": "31 March", "level": "4", "group": "", "marking": "tlp:x"}
        back = post(client, "/intelligence/new", form)
        assert back.status_code == 400
        for field in ("info", "date", "marking"):
            assert f'id="f-{field}-error"' in back.text
        form |= {"info": "x", "date": "2026-01-01", "marking": "", "group": "99999"}
        assert post(client, "/intelligence/new", form).status_code in {400, 405}


def test_tags_are_added_and_taken_off_and_exclude_each_other(node: Node) -> None:
    event = node.add("lead", plain("To be tagged", 1, "tagged.example"))
    path = f"/intelligence/events/{event}/tags"
    with node.browser("lead") as client:
        assert post(client, path, {"tag": "no such tag"}).status_code == 404
        assert post(client, path, {"tag": "tlp:amber"}).status_code == 303
        assert post(client, path, {"tag": "tlp:amber"}).status_code == 409
        assert "TLP:AMBER" in client.get(f"/intelligence/events/{event}").text
        assert "tlp:amber" in client.get("/intelligence/events?tag=tlp:amber").text.lower()
        post(client, path, {"remove": "tlp:amber"})
        assert "This event carries no tags" in client.get(path).text


def test_a_sighting_is_counted_for_those_whom_the_policy_shows_it(node: Node) -> None:
    event = node.add("police", plain("Sighted", 1, "sighted.example"))
    with node.database.system() as session:
        item = session.value("SELECT id FROM attribute WHERE event_id = %s", (event,))
    path = f"/intelligence/attributes/{item}"
    with node.browser("analyst") as client:
        sent = post(client, path + "/sightings", {"type": "1", "source": CANARY})
        assert sent.status_code == 303
    for who, seen in (("police", True), ("analyst", True)):
        with node.browser(who) as client:
            text = client.get(path).text
            assert ("False positive" in text) is seen
            assert "<script>window" not in text
    with node.browser("police") as client:
        assert "sighted.example" in client.get("/").text


def test_a_sharing_group_lets_in_at_once_and_out_at_once(node: Node) -> None:
    base = f"/administration/sharing-groups/{node.group}"
    event = f"/intelligence/events/{node.events['group']}"
    police = str(node.orgs["Zuidmark Police"])
    with node.browser("lead") as lead, node.browser("police") as other:
        assert other.get(event).status_code == 404
        assert post(lead, base + "/members", {"add": police}).status_code == 303
        assert other.get(event).status_code == 200
        assert post(lead, base + "/members", {"add": police}).status_code == 409
        assert post(other, base + "/members", {"add": "1"}).status_code == 403
        post(lead, base + "/members", {"remove": police})
        assert other.get(event).status_code == 404
        assert post(lead, base + "/delete", {}).status_code == 409


def test_an_organisation_is_merged_after_a_page_has_said_what_that_does(node: Node) -> None:
    with node.database.system() as session:
        gone = organisations.add(session, {"name": "Old bank"}).id
        given = {"email": "old@people.example", "org_id": gone, "role_id": 3}
        user = account_changes.add(session, given).account.id
    stays, page = node.orgs["Zuidmark Police"], f"/directory/organisations/{gone}"
    with node.browser("lead") as client:
        assert page + "/merge" not in client.get(page).text
        assert client.get(page + "/merge").status_code == 403
    with node.browser("admin") as client:
        assert page + "/merge" in client.get(page).text
        asked = client.get(page + "/merge").text
        assert "1 user becomes" in asked
        assert "cannot be undone" in asked
        itself = post(client, page + "/merge", {"into": str(gone)})
        assert (itself.status_code, "Choose another than itself" in itself.text) == (400, True)
        assert post(client, page + "/merge", {"into": ""}).status_code == 400
        done = post(client, page + "/merge", {"into": str(stays)})
        assert done.headers["location"] == f"/directory/organisations/{stays}"
        assert (
            "Old bank is part of this organisation now" in client.get(done.headers["location"]).text
        )
        assert client.get(page).status_code == 404
    with node.database.system() as session:
        assert session.value("SELECT org_id FROM account WHERE id = %s", (user,)) == stays
        account_changes.delete(session, user)


def test_who_sees_it_is_a_list_with_reasons_for_the_owner_and_a_number_for_others(
    node: Node,
) -> None:
    path = f"/intelligence/events/{node.events['open']}"
    with node.browser("lead") as client:
        assert "Seen by 3 organisations" in client.get(path).text
        owner = client.get(path + f"/audience?for={node.orgs['Zuidmark Police']}").text
    assert "Holds the event" in owner
    assert "for everyone on this node" in owner
    with node.browser("police") as client:
        shown = client.get(path)
        assert "Seen by 3 organisations" in shown.text
        assert path + "/audience" not in shown.text
        other = client.get(path + f"/audience?for={node.orgs['Bank ISAC']}").text
    assert "Holds the event" not in other
    assert "does not hold the event" in other


def test_administrators_add_users_of_their_own_organisation_and_no_higher_role(
    node: Node,
) -> None:
    with node.browser("lead") as client:
        asked = client.get("/administration/users/new").text
        assert ">admin<" not in asked
        form = {"email": "colleague@people.example", "role_id": "3"}
        told = post(client, "/administration/users/new", form)
        assert told.status_code == 200
        assert 'class="secret"' in told.text
        higher = form | {"email": "higher@people.example", "role_id": "1"}
        assert post(client, "/administration/users/new", higher).status_code == 400
        taken = post(client, "/administration/users/new", form)
        assert taken.status_code == 400
        assert 'value="colleague@people.example"' in taken.text
        listed = client.get("/administration/users").text
        assert "colleague@people.example" in listed
        assert "police@people.example" not in listed
        assert client.get(f"/administration/users/{node.ids['police']}").status_code == 404
        assert client.get("/administration/settings").status_code == 403


def test_a_key_is_told_once_and_opens_the_interface_until_it_is_deleted(node: Node) -> None:
    with node.browser("analyst") as client:
        told = post(client, "/account/keys", {"comment": CANARY, "read_only": "1"})
        key = re.search(r'class="secret">(\w{40})<', told.text)
        assert key
        assert key[1] not in client.get("/account").text
        headers = {"Authorization": key[1], "Accept": "application/json"}
        assert client.get("/users/view/me", headers=headers).status_code == 200
        gone = re.search(r'action="(/account/keys/\d+/delete)"', client.get("/account").text)
        assert gone
        post(client, gone[1], {})
        assert client.get("/users/view/me", headers=headers).status_code == 403


def test_a_setting_is_changed_checked_and_on_record(node: Node) -> None:
    with node.browser("admin") as client:
        wrong = post(client, "/administration/settings", {"name": "sightings.policy", "value": "9"})
        assert wrong.status_code == 400
        assert 'aria-invalid="true"' in wrong.text
        fixed = {"name": "node.uuid", "value": "x"}
        assert post(client, "/administration/settings", fixed).status_code == 403
        post(client, "/administration/settings", {"name": "node.title", "value": CANARY[:60]})
        record = client.get("/administration/audit?model=Setting").text
        assert "node.title" in record
        assert "<script>window" not in record
        post(client, "/administration/settings", {"name": "node.title", "reset": "1"})


def test_language_zone_and_theme_are_kept_with_the_account(node: Node) -> None:
    with node.browser("publisher") as client:
        form = {"language": "nl", "theme": "dark", "timezone": "Asia/Tokyo"}
        post(client, "/account", form)
    with node.browser("publisher") as client:
        page = client.get(f"/intelligence/attributes/{attribute_of(node)}").text
        assert '<html lang="nl" data-theme="dark"' in page
        assert "2023-11-15 07:13" in page
        assert 'title="2023-11-14 22:13 UTC"' in page
        assert post(client, "/account", form | {"timezone": "Mars/Base"}).status_code == 400


def attribute_of(node: Node) -> int:
    with node.database.system() as session:
        return int(session.value("SELECT attribute_id FROM sighting ORDER BY id LIMIT 1"))


def test_ten_thousand_values_come_in_windows_and_are_filtered_by_the_server(node: Node) -> None:
    names = [f"host{n:05d}.example" for n in range(10_000)]
    event = node.add("lead", plain("Very large", 1, *names))
    path = f"/intelligence/events/{event}"
    with node.browser("police") as client:
        page = client.get(path).text
        assert page.count('data-label="Type"') == 100
        assert "1 to 100 of 10000" in page
        assert "Show related events" in page
        found = client.get(path + "?text=host09999").text
        assert "host09999.example" in found
        assert "host00001.example" not in found
        part = client.get(path + "?page=3", headers={"HX-Request": "true",
                                                     "HX-Target": "attributes"})  # fmt: skip
        assert part.text.lstrip().startswith('<div id="attributes"')
        assert "host00200.example" in part.text


def test_lists_are_exported_as_shown_and_no_cell_is_a_formula(node: Node) -> None:
    node.add("lead", plain("=cmd|' /C calc'!A0", 1, "formula.example"))
    with node.browser("police") as client:
        table = client.get("/intelligence/events?as=csv&text=calc")
        assert "'=cmd" in table.text
        assert table.headers["content-disposition"] == 'attachment; filename="events.csv"'
        listed = msgspec.json.decode(client.get("/intelligence/events?as=json&text=calc").content)
        assert [row["info"] for row in listed] == ["=cmd|' /C calc'!A0"]


def test_one_event_is_downloaded_as_misp_writes_it(node: Node) -> None:
    with node.browser("police") as client:
        sent = client.get(f"/intelligence/events/{node.events['open']}/export")
    event = msgspec.json.decode(sent.content)["Event"]
    assert event["info"] == "Open " + CANARY
    assert {item["value"] for item in event["Attribute"]} >= {"shared.example", CANARY}


def test_the_interface_is_documented_from_its_own_table(node: Node) -> None:
    with node.browser("reader") as client:
        document = client.get("/openapi.json").json()
        page = client.get("/interface").text
    assert document["openapi"] == "3.1.0"
    assert "/events/view/{id}" in document["paths"]
    for path in document["paths"]:
        assert path in page


def test_dutch_is_complete_and_keeps_every_placeholder() -> None:
    folder = Path(__file__).parents[2] / "src/brug/web/locale"
    with (folder / "nl/LC_MESSAGES/brug.po").open("rb") as file:
        known = [one for one in read_po(file) if one.id]
    every = [(forms_of(one.id), forms_of(one.string or "")) for one in known]
    assert [ids for ids, texts in every if not all(texts)] == []
    for ids, texts in every:
        wanted = set(re.findall(r"%\(\w+\)s", ids[-1]))
        assert all(set(re.findall(r"%\(\w+\)s", text)) == wanted for text in texts), ids


def forms_of(text: object) -> tuple[str, ...]:
    """Singular and plural, or the one text."""
    return (text,) if isinstance(text, str) else tuple(map(str, text))  # type: ignore[call-overload]


def test_every_setting_is_explained_in_the_words_of_the_registry() -> None:
    assert {row.name: row.meaning for row in SETTINGS.values()} == MEANINGS


def test_an_event_is_edited_filled_and_emptied_by_hand(node: Node) -> None:
    event = node.add("lead", plain("Before", 0, "first.example"))
    path = f"/intelligence/events/{event}"
    with node.browser("lead") as client:
        form = {"info": "After", "date": "2026-05-01", "level": "1", "threat": "1", "analysis": "2"}
        assert post(client, path + "/edit", form).status_code == 303
        page = client.get(path).text
        assert "After" in page
        assert "2026-05-01" in page
        assert "Draft" in page
        values = {"values": "second.example\n203.0.113.200\n\nwords", "ids": "1"}
        post(client, path + "/values", values)
        page = client.get(path).text
        for value in ("first.example", "second.example", "203.0.113.200", "words"):
            assert value in page
        wrong = post(client, path + "/values", {"values": "a b\nc", "type": "ip-dst"})
        assert wrong.status_code == 400
        assert "“a b” does not fit" in wrong.text
        item = re.search(r'/intelligence/attributes/(\d+)">second\.example', page)
        assert item
        post(client, f"/intelligence/attributes/{item[1]}/delete", {})
        assert "second.example" not in client.get(path).text.replace("value is deleted", "")
    with node.browser("police") as client:
        assert client.get(path).status_code == 200
        assert post(client, path + "/edit", form).status_code == 403
        assert post(client, path + "/values", values).status_code == 403
