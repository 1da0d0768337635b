# SPDX-License-Identifier: EUPL-1.2
"""MISP's routes to vocabularies: shapes, rights, bad input; and as a MISP was recorded."""

from typing import Any

import pytest
from tests.intel.vocabulary.conftest import MODULES, Node
from tests.thorough import paired

from brug.api.misp.dispatch import ENDPOINTS

FILE_TEMPLATE = "688c46fb-5edb-40a3-8273-1af7923e2215"
OURS = {module.__name__ for module in MODULES}


def list_id(node: Node, name: str) -> str:
    _, found = node.ask("POST", "/warninglists", {"value": name})
    return str(found["Warninglists"][0]["Warninglist"]["id"])


def test_values_are_checked_in_every_form_that_clients_send(node: Node) -> None:
    for body in (["8.8.8.8"], "8.8.8.8", {"[]": ["8.8.8.8", "x"]}, {"value": "8.8.8.8"}):
        status, found = node.ask_as_user("POST", "/warninglists/checkValue", body)
        assert status == 200
        assert [hit["matched"] for hit in found["8.8.8.8"]] == ["8.8.8.8/32"]
        assert set(found["8.8.8.8"][0]) == {"id", "name", "matched"}
    assert node.ask_as_user("POST", "/warninglists/checkValue", ["192.0.2.1"]) == (200, [])
    assert node.ask_as_user("POST", "/warninglists/checkValue")[0] == 404
    assert node.ask_as_user("GET", "/warninglists/checkValue")[1]["mandatory_fields"] == ["[]"]


def test_warninglists_are_switched_by_id_and_by_name_with_wildcards(fresh_node: Node) -> None:
    zscaler = list_id(fresh_node, "zscaler")
    toggle = "/warninglists/toggleEnable"
    for body, said in (
        ({"id": zscaler, "enabled": 1}, "1 warninglist(s) enabled"),
        ({"id": [zscaler], "enabled": False}, "1 warninglist(s) disabled"),
        ({"name": ["%Zscaler%"], "enabled": 1}, "1 warninglist(s) enabled"),
        ({"name": "%zscaler%"}, "1 warninglist(s) toggled"),
    ):
        assert fresh_node.ask("POST", toggle, body) == (200, {"saved": True, "success": said})
    assert fresh_node.ask("POST", toggle, {"id": 999999})[1]["errors"] == (
        "Warninglist(s) not found."
    )
    assert fresh_node.ask("POST", toggle)[1]["errors"] == "Warninglist not found."
    assert fresh_node.ask_as_user("POST", toggle, {"id": zscaler})[0] == 403


def test_a_list_of_ones_own_is_added_edited_exported_and_deleted(fresh_node: Node) -> None:
    status, added = fresh_node.ask(
        "POST",
        "/warninglists/add",
        {
            "name": "ours",
            "description": "d",
            "type": "string",
            "category": "false_positive",
            "entries": "a.example#why\nb.example",
            "matching_attributes": ["domain"],
        },
    )
    assert status == 200
    assert added["Warninglist"] | {"id": ""} == {
        "id": "", "name": "ours", "type": "string", "description": "d", "version": "1",
        "enabled": False, "default": False, "category": "false_positive",
    }  # fmt: skip
    number = added["Warninglist"]["id"]
    shown = fresh_node.ask("GET", f"/warninglists/view/{number}")[1]["Warninglist"]
    assert [(one["value"], one["comment"]) for one in shown["WarninglistEntry"]] == [
        ("a.example", "why"),
        ("b.example", None),
    ]
    edited = fresh_node.ask("POST", f"/warninglists/edit/{number}", {"entries": "c.example"})[1]
    assert edited["WarninglistEntry"] == [{"value": "c.example", "comment": None}]
    assert edited["Warninglist"]["name"] == "ours"
    assert fresh_node.ask("GET", f"/warninglists/export/{number}")[1] == {
        "name": "ours",
        "type": "string",
        "version": "2",
        "description": "d",
        "matching_attributes": ["domain"],
        "list": ["c.example"],
    }
    assert fresh_node.ask("POST", f"/warninglists/delete/{number}")[0] == 200
    assert fresh_node.ask("GET", f"/warninglists/view/{number}")[0] == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x", "type": "nosuch", "entries": "x"}, "type"),
        ({"name": "x", "type": "string", "entries": ""}, "entries"),
        ({"name": "x", "type": "string", "entries": {"a": 1}}, "entries"),
        ({"name": "x", "type": "regex", "entries": "/bad("}, "entries"),
        ({"name": "x", "type": "cidr", "entries": "not.an.address"}, "entries"),
        ({"name": "x\0", "type": "string", "entries": "x"}, "name"),
        ({"name": ["x"], "type": "string", "entries": "x"}, "name"),
        ({"name": "x", "type": "string", "list": ["a\nb"]}, "entries"),
    ],
)
def test_a_list_that_does_not_hold_together_is_refused_by_field(
    node: Node, body: dict[str, Any], field: str
) -> None:
    status, said = node.ask("POST", "/warninglists/add", body)
    assert status == 403
    assert said["saved"] is False
    assert list(said["errors"]) == [field]


def test_a_published_list_is_switched_but_never_edited(node: Node) -> None:
    number = list_id(node, "zscaler")
    status, said = node.ask("POST", f"/warninglists/edit/{number}", {"entries": "192.0.2.0/24"})
    assert status == 403
    assert "only be switched" in said["errors"]["id"][0]


def test_a_taxonomy_is_switched_by_id_and_refused_by_name(fresh_node: Node) -> None:
    number = fresh_node.ask("GET", "/taxonomies/view/tlp")[1]["Taxonomy"]["id"]
    assert fresh_node.ask("POST", f"/taxonomies/disable/{number}")[1] == {
        "saved": True, "success": True, "name": "Taxonomy disabled",
        "message": "Taxonomy disabled", "url": f"/taxonomies/disable/{number}", "id": number,
    }  # fmt: skip
    assert fresh_node.ask("POST", "/taxonomies/enable/tlp")[1]["errors"] == "Invalid taxonomy."
    assert fresh_node.ask_as_user("POST", f"/taxonomies/enable/{number}")[0] == 403
    assert fresh_node.ask("GET", f"/taxonomies/enable/{number}")[0] == 405


def test_a_taxonomys_tags_are_made_hidden_and_shown(fresh_node: Node) -> None:
    number = fresh_node.ask("GET", "/taxonomies/view/tlp")[1]["Taxonomy"]["id"]
    assert all(
        entry["existing_tag"] is False
        for entry in fresh_node.ask("GET", "/taxonomies/view/tlp")[1]["entries"]
    )
    assert fresh_node.ask("POST", f"/taxonomies/addTag/{number}")[0] == 200
    entries = fresh_node.ask("GET", "/taxonomies/view/tlp")[1]["entries"]
    red = next(entry for entry in entries if entry["tag"] == "tlp:red")
    assert red["existing_tag"]["Tag"]["colour"] == "#FF2B2B"
    assert red["existing_tag"]["Tag"]["hide_tag"] is False
    index = fresh_node.ask("GET", "/taxonomies")[1]
    tlp = next(one for one in index if one["Taxonomy"]["namespace"] == "tlp")
    assert tlp["current_count"] == tlp["total_count"] == len(entries)
    assert fresh_node.ask("POST", f"/taxonomies/disableTag/{number}")[0] == 200
    uses = fresh_node.ask("GET", f"/taxonomies/taxonomy_tags/{number}")[1]["entries"]
    assert all(entry["existing_tag"]["Tag"]["hide_tag"] for entry in uses)
    assert all((entry["events"], entry["attributes"]) == (0, 0) for entry in uses)


def test_an_exported_taxonomy_is_the_published_one(node: Node) -> None:
    shown = node.ask("GET", "/taxonomies/export/tlp")[1]
    assert shown["namespace"] == "tlp"
    assert shown["exclusive"] is True
    assert shown["predicates"][0]["value"] == "red"
    assert node.ask("GET", "/taxonomies/export/admiralty-scale")[1]["values"][0]["entry"]


def test_a_template_is_shown_with_its_elements_and_raw_as_it_was_published(node: Node) -> None:
    shown = node.ask("GET", f"/objectTemplates/view/{FILE_TEMPLATE}")[1]
    assert shown["ObjectTemplate"]["name"] == "file"
    elements = {one["object_relation"]: one for one in shown["ObjectTemplateElement"]}
    assert elements["entropy"]["disable_correlation"] is True
    assert elements["md5"]["disable_correlation"] is None
    raw = node.ask("GET", "/objectTemplates/getRaw/file")[1]
    assert raw == node.ask("GET", f"/object_templates/getRaw/{FILE_TEMPLATE}")[1]
    assert set(raw["attributes"]) == set(elements)


def test_a_cluster_is_found_by_text_in_its_elements(node: Node) -> None:
    number = node.ask("GET", "/galaxies/view/698774c7-8022-42c4-917f-8d6e4f06ada3")[1]
    found = node.ask(
        "POST",
        f"/galaxy_clusters/index/{number['Galaxy']['id']}",
        {"context": "all", "searchall": "Fancy Bear"},
    )[1]
    assert "APT28" in [one["GalaxyCluster"]["value"] for one in found]
    whole = node.ask("GET", f"/galaxy_clusters/view/{found[0]['GalaxyCluster']['id']}")[1]
    assert whole["GalaxyCluster"]["Galaxy"]["type"] == "threat-actor"
    assert whole["GalaxyCluster"]["Org"]["name"] == "MISP"


def test_a_galaxy_is_switched_by_site_admins_alone(fresh_node: Node) -> None:
    assert fresh_node.ask("POST", "/galaxies/disable/1")[1]["message"] == "Galaxy disabled"
    assert fresh_node.ask("GET", "/galaxies/view/1")[1]["Galaxy"]["enabled"] is False
    assert fresh_node.ask_as_user("POST", "/galaxies/enable/1")[0] == 403


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/taxonomies/view/999999", "Taxonomy not found."),
        ("/taxonomies/view/nosuch", "Taxonomy not found."),
        ("/taxonomies/view/%00", "Taxonomy not found."),
        ("/warninglists/view/999999", "Warninglist not found."),
        ("/warninglists/view/99999999999999999999", "Warninglist not found."),
        ("/warninglists/view/abc", "Invalid ID."),
        ("/galaxies/view/999999", "Invalid Galaxy."),
        ("/galaxies/view/abc", "Invalid Galaxy."),
        ("/galaxy_clusters/view/abc", "Invalid galaxy cluster"),
        ("/galaxy_clusters/index/999999", "Invalid Galaxy."),
        ("/objectTemplates/view/999999", "Invalid object template"),
        ("/objectTemplates/view/abc", "Invalid object template id."),
    ],
)
def test_what_does_not_exist_is_refused_with_misps_words(node: Node, path: str, text: str) -> None:
    status, said = node.ask_as_user("GET", path)
    assert (status, said["message"]) == (404, text)


@pytest.mark.parametrize(
    ("plural", "text"),
    [
        ("taxonomies", "All taxonomy libraries are up to date already."),
        ("galaxies", "Galaxies updated."),
        ("warninglists", "All warninglists are up to date already."),
    ],
)
def test_an_update_over_the_interface_says_what_is_served(
    node: Node, plural: str, text: str
) -> None:
    status, said = node.ask("POST", f"/{plural}/update")
    assert (status, said["saved"], said["message"]) == (200, True, text)
    assert node.ask_as_user("POST", f"/{plural}/update")[0] == 403


def test_an_update_of_templates_lists_what_was_updated(node: Node) -> None:
    assert node.ask("POST", "/objectTemplates/update") == (200, [])
    assert node.ask_as_user("POST", "/objectTemplates/update")[0] == 403


def test_an_update_asks_for_an_upgrade_where_the_package_is_newer(fresh_node: Node) -> None:
    with fresh_node.database.system() as session:
        session.execute("UPDATE vocabulary_origin SET version = '0'")
    status, said = fresh_node.ask("POST", "/warninglists/update")
    assert status == 403
    assert "brug upgrade" in said["errors"]


ODD: list[Any] = [
    None, [], {}, "x", 7, True, {"id": [{}]}, {"id": [[1]]}, {"name": [{}]}, {"value": {"a": 1}},
    {"enabled": []}, {"enabled": {}}, {"searchall": ["x"]}, {"context": 5}, {"value": "a\0b"},
    {"value": 10**30}, {"Tag": {"name": 1, "taxonomy_id": [1]}}, {"required": "maybe"},
    {"id": -1}, {"id": 10**20}, {"name": "%" * 500 + "nosuch"}, {"entries": [None, 1, True]},
    [None], [[1]],
    {"Warninglist": []}, {"matching_attributes": 3, "name": "n", "entries": "e"},
    {"version": "x", "name": "n", "entries": "e"},
]  # fmt: skip
ARGUMENTS = ("/1", "/0", "/-1", "/x", "/%00", "/99999999999", "/value:%00")


@pytest.mark.parametrize(
    "path",
    sorted(
        f"/{e.controller}/{e.action}" for e in ENDPOINTS.values() if e.handler.__module__ in OURS
    ),
)
def test_odd_bodies_and_ids_never_break_a_route(spoilt_node: Node, path: str) -> None:
    bodies = [(body, "") for body in ODD]
    for body, argument in (*bodies, *paired(ODD, ARGUMENTS, path)):
        status, _ = spoilt_node.ask("POST", f"{path}{argument}", body)
        assert status < 500, (body, argument)
