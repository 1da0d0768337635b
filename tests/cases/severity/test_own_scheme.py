# SPDX-License-Identifier: EUPL-1.2
"""What a node corrects in the scheme of severity, and what of it is refused by name."""

from datetime import date
from pathlib import Path

import pytest

from brug.cases.severity import UnusableScheme, scheme
from brug.cases.severity.assessing import assess_fields

DAY = date(2026, 11, 27)
OWN = """
[[factor]]
id = "users"
steps = [[0, 0], [50, 20]]
where = "Our procedure, version 3"

[[rule]]
id = "own-hospital"
title = "A hospital is down"
at_least = "large"
when = [{ field = "sector", is = ["health"] }, { field = "functional_impact", is = ["high"] }]
status = "verified"
where = "Our procedure, version 3"
"""


def here(tmp_path: Path, text: str) -> Path:
    (tmp_path / "severity.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_row_of_the_node_changes_or_adds_and_says_so(tmp_path: Path) -> None:
    own = scheme(here(tmp_path, OWN))
    assert [one.id for one in (*own.factors, *own.rules) if one.is_own] == ["users", "own-hospital"]
    many = assess_fields({"users_affected": 60}, own, DAY)
    assert many.level
    assert many.level.id == "very_large"
    down = assess_fields({"sector": "health", "functional_impact": "high"}, own, DAY)
    assert down.level
    assert down.level.id == "large"
    (tmp_path / "severity.toml").unlink()
    assert scheme(tmp_path) == scheme(), "without a restart"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rule]", "severity.toml: expected TOML"),
        ("[colours]\na = 1", "severity.toml: colours: expected one of"),
        ("rule = 3", "severity.toml: rule: expected rows"),
        ('[[level]]\nid = "none"\npoints = 1\nwhere = "x"', "a lowest level that begins at 0"),
        ('[[level]]\nid = "huge"\ntitle = "x"\npoints = 8\nwhere = "x"', "points of their own"),
        ('[[factor]]\nid = "users"\nsteps = [[9, 0], [5, 1]]\nwhere = "x"', "users.steps"),
        ('[[factor]]\nid = "users"\nanswers = { a = 1 }\nwhere = "x"', "either answers or steps"),
        ('[[factor]]\nid = "users"\nsteps = [[0, 0]]', "users.where"),
        ('[[factor]]\nid = "users"\nfield = "shoes"\nwhere = "x"', "users.field"),
        ('[[factor]]\nid = "users"\nsteps = [[0, -1]]\nwhere = "x"', "points from 0"),
        ('[[factor]]\nid = "users"\ncolour = "x"\nwhere = "x"', "no field colour"),
        ('[[rule]]\nid = "ir-loss"\nat_least = "huge"\nwhere = "x"', "ir-loss.at_least"),
        ('[[rule]]\nid = "ir-loss"\nwhen = []\nwhere = "x"', "ir-loss.when"),
        ('[[rule]]\nid = "ir-loss"\nwhen = [{ field = "shoes", said = true }]\nwhere = "x"',
         "ir-loss.when: expected a field"),
        ('[[rule]]\nid = "ir-loss"\nwhen = [{ field = "sector" }]\nwhere = "x"', "one of is, over"),
        ('[[rule]]\nid = "ir-loss"\nis_own = true\nwhere = "x"', "no field is_own"),
        ('[[level]]\nid = "Huge Loss"\ntitle = "x"\npoints = 99\nwhere = "x"', "lower-case words"),
        ('[[rule]]\nid = "ir-loss"\nwhere = "x"\n' * 2, "each once"),
        ('[[rule]]\nid = "ir-loss"\nwhere = "x"\napplies_from = 2027-01-02\nvalid_to = 2027-01-01',
         "a day after applies_from"),
    ],
)  # fmt: skip
def test_what_cannot_be_so_is_refused_with_its_row_and_field(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(UnusableScheme) as error:
        scheme(here(tmp_path, text))
    assert said in str(error.value)
    assert (
        error.value.public
        == "Severity cannot be computed: the node's own table of it has an error."
    )


def test_what_is_no_text_or_too_much_of_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "severity.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UnusableScheme, match="UTF-8"):
        scheme(tmp_path)
    here(tmp_path, "#" * 1_000_001)
    with pytest.raises(UnusableScheme, match="at most"):
        scheme(tmp_path)
