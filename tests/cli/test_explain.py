# SPDX-License-Identifier: EUPL-1.2
"""`brug explain`, on a node with two organisations."""

from tests.cli.conftest import Verb

from brug.store.home import Home

EVENT = "5f1c7a52-3d5b-4a9e-9d0e-0d9a3a1f6c01"


def test_an_item_is_explained_for_an_organisation_rule_by_rule(home: Home, verb: Verb) -> None:
    verb("org", "add", "Bank ISAC")
    folder = home.path.parent
    document = f'{{"Event": {{"uuid": "{EVENT}", "info": "For us", "distribution": "0"}}}}'
    (folder / "event.json").write_text(document)
    verb("import", str(folder / "event.json"))
    found = verb("explain", EVENT, "--for", "Bank ISAC")
    assert found["sees"] is False
    assert [rule["code"] for rule in found["rules"]][-1] == "level_own"
    holder = verb("explain", EVENT, "--for", "CSIRT Noordland")
    assert holder["sees"] is True
    assert [rule["code"] for rule in holder["rules"]] == ["holder"]
    assert "no organisation" in verb("explain", EVENT, "--for", "Nobody", code=1)
    assert "no item" in verb("explain", "attribute", "--for", "Bank ISAC", code=1)
