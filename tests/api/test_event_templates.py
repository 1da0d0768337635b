# SPDX-License-Identifier: EUPL-1.2
"""Event templates over MISP's interface: keeping them, and filling events from them."""

from base64 import b64encode
from typing import Any

import pytest
from tests.api.conftest import World
from tests.api.event_world import attribute, event, is_refused, viewed

FILL = "/templates/populateEventFromTemplate"


def template(world: World, who: str = "orgadmin", **fields: Any) -> dict[str, Any]:
    body = {"Template": {"name": "Phishing", "description": "A mail", "share": False, **fields}}
    reply = world.ask(who, "POST", "/templates/add", body)
    assert reply.status == 200, reply.body
    return dict(reply.body)


def element(world: World, number: str, kind: str, who: str = "orgadmin", **fields: Any) -> str:
    path = f"/templateElements/add/{kind}/{number}"
    reply = world.ask(who, "POST", path, {"name": f"The {kind}", **fields})
    assert reply.status == 200, reply.body
    return str(reply.body["id"])


def phishing(world: World, **fields: Any) -> tuple[str, dict[str, str]]:
    """A template with an element of each kind; the elements' numbers."""
    number = template(world, **fields)["Template"]["id"]
    return number, {
        "text": element(world, number, "text", text="Fill this in **soon**."),
        "sender": element(
            world, number, "attribute", name="Sender", type="email-src", mandatory=True,
            category="Payload delivery", to_ids=True,
        ),
        "hosts": element(
            world, number, "attribute", name="Hosts", type="CnC", complex=True, batch=True,
            category="Network activity", to_ids=True,
        ),
        "mail": element(world, number, "file", name="Mail", category="Payload delivery"),
    }  # fmt: skip


def test_a_template_is_kept_with_its_elements_and_tags(world: World) -> None:
    world.ask("orgadmin", "POST", "/tags/add", {"name": "phish:kind"})
    number, parts = phishing(world, tags=["phish:kind"])
    shown = world.ask("user", "GET", f"/templates/view/{number}").body
    assert shown["Template"] == {
        "id": number, "name": "Phishing", "description": "A mail", "org": "Noordland Bank",
        "org_id": str(world.orgs["Noordland Bank"]), "share": False,
    }  # fmt: skip
    assert [one["Tag"]["name"] for one in shown["TemplateTag"]] == ["phish:kind"]
    heads = [(one["id"], one["element_definition"], one["position"])
             for one in shown["TemplateElement"]]  # fmt: skip
    assert heads == [(parts["text"], "text", "1"), (parts["sender"], "attribute", "2"),
                     (parts["hosts"], "attribute", "3"), (parts["mail"], "file", "4")]  # fmt: skip
    (text,) = shown["TemplateElement"][0]["TemplateElementText"]
    assert text["text"] == "Fill this in **soon**."
    (sender,) = shown["TemplateElement"][1]["TemplateElementAttribute"]
    assert (sender["type"], sender["to_ids"], sender["mandatory"]) == ("email-src", True, True)
    listed = world.ask("user", "GET", f"/template_elements/index/{number}").body
    assert [one["TemplateElement"]["id"] for one in listed] == list(parts.values())
    (line,) = world.ask("user", "GET", "/templates").body
    assert line["Template"]["name"] == "Phishing"


def test_an_event_is_filled_from_a_template(world: World) -> None:
    world.ask("orgadmin", "POST", "/tags/add", {"name": "phish:kind"})
    number, parts = phishing(world, tags='["phish:kind"]')
    made = event(world, "user")
    mail = {"element_id": parts["mail"], "filename": "in/a.eml", "data": b64encode(b"x").decode()}
    body = {"Template": {
        f"value_{parts['sender']}": "Eve@Evil.example",
        f"value_{parts['hosts']}": "evil.example.com\n\n198.51.100.7\nhxxp://evil[.]example/x\n",
        "fileArray": [mail],
    }}  # fmt: skip
    reply = world.ask("user", "POST", f"{FILL}/{number}/{made['id']}", body)
    assert reply.status == 200, reply.body
    assert reply.body["message"] == "Event populated, 5 attributes successfully created."
    shown = viewed(world, made["id"], "user")
    assert {(a["type"], a["value"], a["category"], a["to_ids"], a["comment"])
            for a in shown["Attribute"]} == {
        ("email-src", "eve@evil.example", "Payload delivery", True, "Sender"),
        ("hostname", "evil.example.com", "Network activity", True, "Hosts"),
        ("ip-dst", "198.51.100.7", "Network activity", True, "Hosts"),
        ("url", "http://evil.example/x", "Network activity", True, "Hosts"),
        ("attachment", "a.eml", "Payload delivery", False, "Mail"),
    }  # fmt: skip
    assert [tag["name"] for tag in shown["Tag"]] == ["phish:kind"]
    kept = next(a for a in shown["Attribute"] if a["type"] == "attachment")
    data = world.ask("user", "GET", f"/attributes/view/{kept['id']}").body["Attribute"]["data"]
    assert data == mail["data"]


def test_malware_is_packed_with_its_digests(world: World) -> None:
    number = template(world)["Template"]["id"]
    part = element(world, number, "file", malware=True, batch=True, category="Payload delivery")
    made = event(world)
    files = [{"element_id": part, "filename": name, "data": b64encode(b"x" * n).decode()}
             for n, name in enumerate(("one.exe", "two.exe"), 1)]  # fmt: skip
    body = {"fileArray": files}
    reply = world.ask("orgadmin", "POST", f"{FILL}/{number}/{made['id']}", body)
    assert reply.body["Sample"] == 2
    shown = viewed(world, made["id"])
    assert [one["name"] for one in shown["Object"]] == ["file", "file"]
    assert {"malware-sample", "sha256"} <= {a["type"] for a in shown["Object"][0]["Attribute"]}


def test_what_does_not_fit_stops_all_of_it_and_names_the_field(world: World) -> None:
    number, parts = phishing(world)
    made = event(world, "user")
    path = f"{FILL}/{number}/{made['id']}"
    hosts, sender = f"value_{parts['hosts']}", f"value_{parts['sender']}"
    reply = world.ask("user", "POST", path, {hosts: "evil.example.com\nnothing of the kind"})
    assert reply.status == 403
    assert reply.body["errors"] == {
        sender: ["This field is mandatory."],
        hosts: ["Nothing in 'nothing of the kind' is of a type that fits."],
    }
    reply = world.ask("user", "POST", path, {sender: "no address"})
    assert list(reply.body["errors"]) == [sender]
    two = [{"element_id": parts["mail"], "filename": "a", "data": "eA=="}] * 2
    reply = world.ask("user", "POST", path, {sender: "a@b.example", "fileArray": two})
    assert reply.body["errors"] == {f"file_{parts['mail']}": ["This field takes one file."]}
    reply = world.ask("user", "POST", path, {sender: "a@b.example", "fileArray": [{"data": "?"}]})
    assert reply.status == 403
    assert list(reply.body["errors"]) == ["data"]
    assert viewed(world, made["id"], "user")["Attribute"] == []


def test_a_form_that_says_nothing_is_refused(world: World) -> None:
    number = template(world)["Template"]["id"]
    element(world, number, "attribute", type="domain", category="Network activity")
    made = event(world)
    reply = world.ask("orgadmin", "POST", f"{FILL}/{number}/{made['id']}", {"value_999": "x"})
    assert reply.status == 403
    assert "at least one field" in str(reply.body["errors"])


def test_a_value_that_is_there_costs_nothing_else(world: World) -> None:
    number, parts = phishing(world)
    made = event(world, "user")
    sender, hosts = f"value_{parts['sender']}", f"value_{parts['hosts']}"
    path = f"{FILL}/{number}/{made['id']}"
    body = {sender: "a@b.example"}
    assert world.ask("user", "POST", path, body).status == 200
    again = world.ask("user", "POST", path, body | {hosts: "192.0.2.4"})
    assert again.status == 200
    assert [a["value"] for a in again.body["Attribute"]] == ["192.0.2.4"]
    assert list(again.body["errors"]) == ["attribute_0"]
    assert world.ask("user", "POST", path, body).status == 403


def test_a_filled_event_is_a_draft_again(world: World) -> None:
    number, parts = phishing(world)
    made = event(world)
    attribute(world, made["id"])
    world.ask("orgadmin", "POST", f"/events/publish/{made['id']}")
    body = {f"value_{parts['sender']}": "a@b.example"}
    world.ask("orgadmin", "POST", f"{FILL}/{number}/{made['id']}", body)
    assert viewed(world, made["id"])["published"] is False


def test_others_see_and_use_what_is_shared_and_change_none_of_it(world: World) -> None:
    number, parts = phishing(world)
    path = f"/templates/view/{number}"
    no = "No template with the provided ID exists"
    assert is_refused(world.ask("other", "GET", path), 405, no)
    assert is_refused(world.ask("other", "GET", "/templates/view/99999"), 405, no)
    assert world.ask("other", "GET", "/templates/index").body == []
    theirs = event(world, "other")
    body = {f"value_{parts['sender']}": "a@b.example"}
    fill = f"{FILL}/{number}/{theirs['id']}"
    assert is_refused(world.ask("other", "POST", fill, body), 405, "Template not found")

    world.ask("orgadmin", "POST", f"/templates/edit/{number}", {"share": 1})
    assert world.ask("other", "GET", path).status == 200
    assert world.ask("other", "POST", fill, body).status == 200
    sort = [parts["mail"], *[parts[one] for one in ("text", "sender", "hosts")]]
    for where, what in (
        (f"/templates/edit/{number}", {"name": "x"}),
        (f"/templates/delete/{number}", None),
        (f"/templateElements/add/text/{number}", {"name": "x", "text": "x"}),
        (f"/templateElements/edit/text/{parts['text']}", {"name": "x"}),
        (f"/templateElements/delete/{parts['text']}", None),
        ("/templates/saveElementSorting", sort),
    ):
        assert is_refused(world.ask("otheradmin", "POST", where, what), 405, no), where
        assert world.ask("user", "POST", where, what).status == 403, where
    assert world.ask("orgadmin", "GET", path).body["Template"]["name"] == "Phishing"


def test_nobody_fills_an_event_that_is_not_theirs_to_change(world: World) -> None:
    number, parts = phishing(world, share=True)
    made = event(world, distribution=1)
    attribute(world, made["id"])
    world.ask("orgadmin", "POST", f"/events/publish/{made['id']}")
    body = {f"value_{parts['sender']}": "a@b.example"}
    hidden = event(world)
    for who, number_of in (("other", made["id"]), ("other", hidden["id"]), ("other", "99999")):
        reply = world.ask(who, "POST", f"{FILL}/{number}/{number_of}", body)
        assert is_refused(reply, 405, "Event not found or you are not authorised"), number_of
    assert world.ask("readonly", "POST", f"{FILL}/{number}/{made['id']}", body).status == 403


def test_elements_are_changed_sorted_and_taken_out(world: World) -> None:
    number, parts = phishing(world)
    edit = f"/templateElements/edit/attribute/{parts['sender']}"
    body = {"TemplateElementAttribute": {"name": "From", "mandatory": 0}}
    changed = world.ask("orgadmin", "POST", edit, body).body["TemplateElementAttribute"][0]
    assert (changed["name"], changed["type"], changed["mandatory"]) == ("From", "email-src", False)
    order = [parts[one] for one in ("mail", "hosts", "sender", "text")]
    sort = "/templates/saveElementSorting"
    assert world.ask("orgadmin", "POST", sort, [f"id_{one}" for one in order]).status == 200
    assert world.ask("orgadmin", "POST", sort, order[:2]).status == 403
    assert world.ask("orgadmin", "POST", f"/templateElements/delete/{parts['hosts']}").status == 200
    listed = world.ask("user", "GET", f"/template_elements/index/{number}").body
    got = [(one["TemplateElement"]["id"], one["TemplateElement"]["position"]) for one in listed]
    assert got == [(parts["mail"], "1"), (parts["sender"], "2"), (parts["text"], "3")]


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("attribute", {"name": "", "type": "domain"}, "name"),
        ("attribute", {"type": "no-type"}, "type"),
        ("attribute", {"type": "malware-sample"}, "type"),
        ("attribute", {"type": "domain", "category": "Person"}, "category"),
        ("attribute", {"type": "domain", "category": "x"}, "category"),
        ("attribute", {"type": "domain", "complex": 1}, "type"),
        ("attribute", {"type": "CnC", "complex": 1, "category": "Other"}, "category"),
        ("attribute", {"type": "domain", "to_ids": "maybe"}, "to_ids"),
        ("file", {"category": "Person"}, "category"),
        ("text", {"text": " "}, "text"),
        ("picture", {}, "type"),
    ],
)
def test_an_element_that_does_not_fit_is_refused(
    world: World, kind: str, fields: dict[str, Any], field: str
) -> None:
    number = template(world)["Template"]["id"]
    body = {"name": "One", **fields}
    reply = world.ask("orgadmin", "POST", f"/templateElements/add/{kind}/{number}", body)
    assert reply.status == 403
    assert list(reply.body["errors"]) == [field]
    assert world.ask("orgadmin", "GET", f"/template_elements/index/{number}").body == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": " "}, "name"), ({"name": "x" * 256}, "name"), ({"name": "x", "share": "?"}, "share"),
     ({"name": "x", "tags": ["no such tag"]}, "tags"), ({"name": "x", "tags": '["'}, "tags"),
     ({"name": ["x"]}, "name")],
)  # fmt: skip
def test_a_template_that_does_not_fit_is_refused(
    world: World, fields: dict[str, Any], field: str
) -> None:
    reply = world.ask("orgadmin", "POST", "/templates/add", fields)
    assert reply.status == 403
    assert list(reply.body["errors"]) == [field]
    assert world.ask("orgadmin", "GET", "/templates").body == []


def test_choices_are_for_events_of_ones_own(world: World) -> None:
    template(world, share=True)
    made = event(world, distribution=1)
    path = f"/templates/templateChoices/{made['id']}"
    (choice,) = world.ask("user", "GET", path).body
    assert choice["Template"]["name"] == "Phishing"
    assert is_refused(world.ask("other", "GET", path), 404, "Event not found")


def test_a_template_is_deleted_and_what_was_done_is_on_record(world: World) -> None:
    number, parts = phishing(world)
    made = event(world)
    body = {f"value_{parts['sender']}": "a@b.example"}
    world.ask("orgadmin", "POST", f"{FILL}/{number}/{made['id']}", body)
    world.ask("orgadmin", "POST", f"/templates/edit/{number}", {"name": "Other"})
    assert world.ask("orgadmin", "DELETE", f"/templates/delete/{number}").status == 200
    assert world.ask("orgadmin", "GET", f"/templates/view/{number}").status == 405
    assert len(viewed(world, made["id"])["Attribute"]) == 1
    with world.database.system() as session:
        done = session.all(
            "SELECT action, model, title FROM audit WHERE model LIKE 'Template%%'"
            " OR (model = 'Event' AND title = 'Phishing') ORDER BY id"
        )
    assert done == [
        ("add", "Template", "Phishing"), ("add", "TemplateElement", "The text"),
        ("add", "TemplateElement", "Sender"), ("add", "TemplateElement", "Hosts"),
        ("add", "TemplateElement", "Mail"), ("edit", "Event", "Phishing"),
        ("edit", "Template", "Phishing"), ("delete", "Template", "Other"),
    ]  # fmt: skip
