# SPDX-License-Identifier: EUPL-1.2
"""How severe an incident is, and leading a crisis, from the command line."""

import json

from tests.cli.conftest import Verb

from brug.store.home import Home


def test_severity_is_explained_set_and_taken_back(verb: Verb, home: Home) -> None:
    number = str(verb("case", "open", "incident", "Pumps", "--set", "large_scale=yes")["number"])
    said = verb("case", "severity", number)
    assert (said["level"], said["points"]) == ("very_large", 0)
    assert said["reasons"][0]["source"] == "Directive (EU) 2022/2555 art. 6(7)"
    assert said["missing"] == ["functional_impact", "information_impact", "recoverability"]
    assert "because" in verb("case", "severity", number, "--set", "minor", code=2)
    assert "one of none, minor" in verb(
        "case", "severity", number, "--set", "huge", "--because", "x", code=2
    )
    verb("case", "severity", number, "--set", "minor", "--because", "A drill")
    said = verb("case", "severity", number)
    assert (said["level"], said["computed"], said["because"]) == (
        "minor", "very_large", "A drill",
    )  # fmt: skip
    assert [one["number"] for one in verb("case", "list", "--severity", "minor")] == [number]
    verb("case", "severity", number, "--clear", "--set", "large", code=2)
    verb("case", "severity", number, "--clear")
    assert verb("case", "severity", number)["level"] == "very_large"
    (home.config / "severity.toml").write_text('[[rule]]\nid = "ir-loss"\n')
    assert "ir-loss.where" in verb("case", "severity", number, code=2)
    assert verb("case", "fill", number, "summary=goes on"), "the work goes on"
    failed = [one["check"] for one in verb("doctor", code=1) if one["state"] == "failed"]
    assert "severity" in failed
    (home.config / "severity.toml").unlink()
    other = str(verb("case", "open", "assistance", "Help")["number"])
    assert "has a severity" in verb("case", "severity", other, code=2)


def test_a_crisis_is_led_from_escalation_to_a_report_that_is_read(verb: Verb, home: Home) -> None:
    number = str(verb("case", "open", "incident", "The grid")["number"])
    verb("org", "add", "Noordmark")
    verb("case", "join", number, "Noordmark", "--role", "entity")
    assert "to_technical" in verb("case", "escalate", number, "to_war", code=2)
    assert "because" in verb("case", "escalate", number, "to_technical", code=2)
    review = ("--review", "2190-11-28T09:00", "--zone", "Europe/Amsterdam")
    step = ("case", "escalate", number, "to_technical", "--because", "two states")
    past = verb(*step, "--review", "1990-01-01T00:00", code=2)
    assert "review: expected a time to come" in past
    verb(*step, "--informed", "NCSC", *review)
    told = verb("case", "crisis", number)
    assert told["rank"] == 1
    assert told["steps"][0]["record"] == {"bodies_informed": ["NCSC"]}
    assert told["steps"][0]["review"] == "2190-11-28T08:00:00Z"
    assert [one["number"] for one in verb("case", "list", "--crisis")] == [number]

    said = verb("case", "say", number, "We cannot hold")["id"]
    first = verb("case", "decide", number, "Shut?", "No")["id"]
    verb("case", "decide", number, "Shut?", "Yes", "--replaces", first, "--basis", said)
    assert "basis" in verb("case", "decide", number, "x", "y", "--basis", first[:-1], code=2)
    log = verb("case", "decisions", number, "--csv", str(home.path / "log.csv"))["decisions"]
    assert [(one["number"], one["replaced_by"]) for one in log] == [(1, 2), (2, 0)]
    assert "We cannot hold" in (home.path / "log.csv").read_text()

    verb("case", "ask-to-read", number, said)
    assert "nothing that can be read" in verb("case", "ask-to-read", number, "nonsense", code=1)
    (one,) = verb("case", "reading", number)["readings"]
    assert [(row["name"], row["at"]) for row in one["rows"]] == [("Noordmark", "")]

    draft = home.path / "draft.json"
    verb("case", "situation", number, "--from", "2020-01-01T00:00Z", "--out", str(draft))
    changed = json.loads(draft.read_text())
    changed["sections"]["situation"] = "Two states are dark"
    draft.write_text(json.dumps(changed))
    done = verb("case", "release-situation", number, str(draft), "--tlp", "amber", "--ask")
    assert (done["version"], done["asked"]["act"]["entry"]) == (1, done["pdf"]["id"])
    assert len(verb("case", "reading", number)["readings"]) == 2
    assert verb("case", "situation", number)["compared_with"] == done["json"]["act"]["name"]
    draft.write_text("{")
    assert "draft" in verb("case", "release-situation", number, str(draft), code=2)
