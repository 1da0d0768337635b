# SPDX-License-Identifier: EUPL-1.2
"""The same fields, of the same kinds, as a MISP 2.5.1 answered (recorded beside the project).

Its vocabularies are of another day, so values differ; names and kinds of fields must not.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.intel.vocabulary.conftest import Node

RECORDED = Path(__file__).parents[4] / "shared/reference/misp-golden/transcripts"
pytestmark = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="the recordings of a MISP are not beside the project"
)
FILE_TEMPLATE = "688c46fb-5edb-40a3-8273-1af7923e2215"


def recorded(area: str, line: int) -> Any:
    text = (RECORDED / f"{area}.jsonl").read_text().splitlines()[line - 1]
    return json.loads(json.loads(text)["response"]["body"])


def kinds(value: Any) -> dict[str, str]:
    return {name: type(held).__name__ for name, held in value.items()}


def test_warninglists(node: Node) -> None:
    theirs = recorded("warninglists", 33)["Warninglists"][0]["Warninglist"]
    ours = node.ask("POST", "/warninglists", {"value": "dns"})[1]["Warninglists"][0]["Warninglist"]
    assert kinds(ours) == kinds(theirs)
    hit = recorded("warninglists", 44)["8.8.8.8"][0]
    assert (
        hit["matched"]
        == (node.ask("POST", "/warninglists/checkValue", ["8.8.8.8"])[1]["8.8.8.8"][0]["matched"])
    )


def test_taxonomies(node: Node) -> None:
    theirs, ours = recorded("taxonomies", 10), node.ask("GET", "/taxonomies/view/tlp")[1]
    assert kinds(ours["Taxonomy"]) == kinds(theirs["Taxonomy"])
    assert [
        {name: held for name, held in entry.items() if name != "existing_tag"}
        for entry in ours["entries"]
    ] == [
        {name: held for name, held in entry.items() if name != "existing_tag"}
        for entry in theirs["entries"]
    ]


def test_taxonomies_with_values(node: Node) -> None:
    theirs = recorded("taxonomies", 65)["entries"][0]
    ours = node.ask("GET", "/taxonomies/view/admiralty-scale")[1]["entries"][0]
    assert kinds(theirs).items() <= kinds(ours).items()


def test_the_exported_taxonomy(node: Node) -> None:
    assert node.ask("GET", "/taxonomies/export/tlp")[1] == recorded("taxonomies", 22)


def test_object_templates(node: Node) -> None:
    theirs = recorded("objects", 3)
    ours = node.ask("GET", f"/objectTemplates/view/{FILE_TEMPLATE}")[1]
    assert kinds(ours["ObjectTemplate"]) == kinds(theirs["ObjectTemplate"])
    assert ours["Organisation"] == theirs["Organisation"]
    unlike = {"id", "object_template_id"}
    known = {one["object_relation"]: one for one in ours["ObjectTemplateElement"]}
    for element in theirs["ObjectTemplateElement"]:
        mine = known[element["object_relation"]]
        assert list(mine) == list(element)
        assert {k: v for k, v in mine.items() if k not in unlike} == {
            k: v for k, v in element.items() if k not in unlike
        }


def test_galaxies_and_clusters(node: Node) -> None:
    galaxies = recorded("galaxies", 7)
    ours = node.ask("GET", "/galaxies/index/value:threat")[1]
    assert kinds(ours[0]["Galaxy"]) == kinds(galaxies[0]["Galaxy"])
    theirs = recorded("galaxies", 41)["GalaxyCluster"]
    mine = node.ask("GET", f"/galaxy_clusters/view/{theirs['uuid']}")[1]["GalaxyCluster"]
    assert set(kinds(theirs)) - set(kinds(mine)) <= {"tag_id"}  # of a tag that was in use there
    shared = kinds(mine).keys() & kinds(theirs).keys()
    assert {n: kinds(mine)[n] for n in shared} == {n: kinds(theirs)[n] for n in shared}
    assert kinds(mine["GalaxyElement"][0]) == kinds(theirs["GalaxyElement"][0])
    assert kinds(mine["GalaxyClusterRelation"][0]) == kinds(theirs["GalaxyClusterRelation"][0])
    assert mine["Org"] == theirs["Org"]
