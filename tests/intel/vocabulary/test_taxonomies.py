# SPDX-License-Identifier: EUPL-1.2
"""Taxonomies: their tags, colours, and what excludes what."""

import pytest
from tests.intel.vocabulary.conftest import Node

from brug.intel.vocabulary.taxonomies import colours, exclusive_conflict, tags_of, taxonomy
from brug.store.session import Session


@pytest.mark.parametrize(
    ("existing", "new", "conflict"),
    [
        (["tlp:red"], "tlp:green", "tlp:red"),
        (["TLP:RED"], "tlp:green", "TLP:RED"),
        (["tlp:red"], "tlp:red", None),
        (["tlp:red"], "TLP:Red", None),
        (["PAP:RED"], "tlp:green", None),
        ([], "tlp:green", None),
        (["tlp:red"], "not-in-any-taxonomy:x", None),
        (["tlp:red"], "no colon", None),
        (['admiralty-scale:source-reliability="a"'],
         'admiralty-scale:source-reliability="b"',
         'admiralty-scale:source-reliability="a"'),
        (['admiralty-scale:source-reliability="a"'],
         'admiralty-scale:information-credibility="1"', None),
        (['misp-galaxy:threat-actor="APT1"'], 'misp-galaxy:threat-actor="APT28"', None),
    ],
)  # fmt: skip
def test_an_exclusive_taxonomy_or_predicate_allows_one_tag(
    session: Session, existing: list[str], new: str, conflict: str | None
) -> None:
    assert exclusive_conflict(session, existing, new) == conflict


def test_exclusivity_holds_while_the_taxonomy_is_off(fresh_node: Node) -> None:
    tlp = fresh_node.ask("GET", "/taxonomies/view/tlp")[1]["Taxonomy"]["id"]
    assert fresh_node.ask("POST", f"/taxonomies/disable/{tlp}")[0] == 200
    with fresh_node.database.as_user(fresh_node.user_id) as session:
        assert not taxonomy(session, "tlp").enabled
        assert exclusive_conflict(session, ["tlp:red"], "tlp:green") == "tlp:red"


def test_colours_are_those_that_were_published_and_no_others(session: Session) -> None:
    assert colours(session, ["tlp:red", "TLP:GREEN", "tlp:nosuch", "x", ":", ""]) == {
        "tlp:red": "#FF2B2B",
        "TLP:GREEN": "#33FF00",
    }


def test_a_tag_with_a_value_tells_predicate_and_value_in_words(session: Session) -> None:
    tags = {tag.tag: tag for tag in tags_of(session, taxonomy(session, "admiralty-scale").id)}
    reliable = tags['admiralty-scale:source-reliability="a"']
    assert reliable.expanded == "Source Reliability: Completely reliable"
    assert reliable.numerical_value == 100
    assert reliable.exclusive_predicate is True
