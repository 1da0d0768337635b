# SPDX-License-Identifier: EUPL-1.2
"""Clusters, tag collections and notices on pages: made, published, related, attached."""

from __future__ import annotations

import re

import pytest
from tests.web.node import Node, plain, post

from brug.intel.label import taglist

CLUSTER = {"value": "Grey heron", "description": "Wades", "level": "1", "authors": "A, B",
           "elements": "synonyms = Ardea\ncountry = NL"}  # fmt: skip


@pytest.fixture
def cluster(node: Node) -> str:
    with node.browser("analyst") as client:
        made = post(client, f"/intelligence/galaxies/{node.galaxy}/new", CLUSTER)
        assert made.status_code == 303, made.text
    path: str = made.headers["location"]
    return path


def test_a_cluster_is_a_draft_until_it_is_published(node: Node, cluster: str) -> None:
    with node.browser("police") as other, node.browser("analyst") as client:
        assert other.get(cluster).status_code == 404
        shown = client.get(cluster).text
        assert "Draft" in shown
        assert "Ardea" in shown
        post(client, cluster + "/act", {"act": "publish"})
        shown = other.get(cluster).text
        assert "Grey heron" in shown
        assert cluster + "/edit" not in shown
        assert other.get(cluster + "/edit").status_code == 403
        assert post(other, cluster + "/act", {"act": "delete"}).status_code == 403


def test_an_edit_shows_what_was_there_and_keeps_what_was_typed(node: Node, cluster: str) -> None:
    with node.browser("analyst") as client:
        form = client.get(cluster + "/edit").text
        assert "synonyms = Ardea" in form
        again = post(client, cluster + "/edit", CLUSTER | {"elements": "no sign"})
        assert again.status_code == 400
        assert "no sign" in again.text
        saved = post(client, cluster + "/edit", CLUSTER | {"elements": "country = BE"})
        assert saved.status_code == 303
        shown = client.get(cluster).text
        assert "BE" in shown
        assert "Ardea" not in shown


def test_clusters_are_related_and_the_relation_is_taken_away(node: Node, cluster: str) -> None:
    with node.browser("analyst") as client:
        refused = post(client, cluster + "/relations", {"type": "similar", "target": "nothing"})
        assert refused.status_code == 404
        assert "There is no such cluster" in refused.text
        target = str(node.cluster)
        post(client, cluster + "/relations", {"type": "similar", "target": target})
        shown = client.get(cluster).text
        assert f"/intelligence/clusters/{node.cluster}" in shown
        assert "Others relate to it" in client.get(f"/intelligence/clusters/{node.cluster}").text
        (number,) = re.findall(r'name="remove" value="(\d+)"', shown)
        post(client, cluster + "/relations", {"remove": number})
        assert "No relation to another cluster" in client.get(cluster).text


def test_a_cluster_is_found_and_attached_to_an_event_and_to_a_value(
    node: Node, cluster: str
) -> None:
    event = node.add("analyst", plain("Heron seen", 1, "heron.example"))
    with node.database.as_user(node.ids["analyst"]) as session:
        attribute = session.value("SELECT id FROM attribute WHERE event_id = %s", (event,))
    number = cluster.rsplit("/", 1)[-1]
    with node.browser("analyst") as client:
        for path in (f"/intelligence/events/{event}", f"/intelligence/attributes/{attribute}"):
            assert "Grey heron" in client.get(path + "/clusters?text=ardea").text
            done = post(client, path + "/clusters", {"cluster": number})
            assert done.status_code == 303
            assert "Grey heron" in client.get(path).text, "its name, not its UUID"
            (name,) = re.findall(r'name="remove" value="([^"]+)"',
                                 client.get(path + "/clusters").text)  # fmt: skip
            post(client, path + "/clusters", {"remove": name.replace("&#34;", '"')})
            assert "No cluster is attached" in client.get(path + "/clusters").text
        assert post(client, f"/intelligence/events/{event}/clusters",
                    {"cluster": "999999"}).status_code == 404  # fmt: skip


def test_a_tag_collection_is_made_filled_and_attached(node: Node) -> None:
    with node.browser("lead") as client:
        form = {"name": "Herons", "description": "d", "all_orgs": "1"}
        made = post(client, "/administration/tag-collections/new", form)
        path = made.headers["location"]
        assert post(client, path, {"add": "no such tag"}).status_code == 404
        with node.database.as_user(node.ids["lead"]) as session:
            taglist.add(session, {"name": "bird:heron"})
        post(client, path, {"add": "bird:heron"})
        assert "bird:heron" in client.get(path).text
        with node.browser("police") as other:
            assert other.get(path).status_code == 403
        post(client, path, {"act": "delete"})
        assert client.get(path).status_code == 404


def test_an_enabled_noticelist_reminds_and_a_disabled_one_is_silent(node: Node) -> None:
    text = {"text": "203.0.113.9 was seen"}
    with node.browser("analyst") as client, node.browser("admin") as admin:
        path = f"/administration/noticelists/{node.noticelist}"
        found = post(client, "/intelligence/add", text).text
        kinds = set(re.findall(r'name="type" value="([^"]+)"', found))
        assert kinds
        with node.database.system() as session:
            session.execute(
                "UPDATE noticelist_entry SET data = jsonb_set(data::jsonb, '{value}',"
                " to_jsonb(%s::text[]))", (sorted(kinds),)
            )  # fmt: skip
        assert "Mind the law" in post(client, "/intelligence/add", text).text
        post(admin, path, {"enabled": "0"})
        assert "Mind the law" not in post(client, "/intelligence/add", text).text
        post(admin, path, {"enabled": "1"})
        assert post(client, path, {"enabled": "0"}).status_code == 403
