# SPDX-License-Identifier: EUPL-1.2
"""`brug search`, `show` and `export` on a node with two events."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Verb

from brug.cli.app import run
from brug.cli.node import opened
from brug.intel.patterns import allowed
from brug.store.home import Home

EVENTS: list[dict[str, Any]] = [
    {"Event": {
        "uuid": "1f3c0e6e-52a6-4f7f-8d2b-0d1f0a4c9a01", "info": "a campaign", "date": "2024-03-01",
        "distribution": "1", "published": True, "Tag": [{"name": "tlp:green"}],
        "Attribute": [
            {"type": "ip-dst", "value": "198.51.100.7", "to_ids": True, "comment": "c2"},
            {"type": "ip-dst", "value": "198.51.100.0/24", "to_ids": True},
            {"type": "domain", "value": "one.example", "to_ids": True},
            {"type": "text", "value": "=2+2", "comment": "-x"},
            {"type": "sha1", "value": "a" * 40, "to_ids": True},
        ],
    }},
    {"Event": {
        "uuid": "1f3c0e6e-52a6-4f7f-8d2b-0d1f0a4c9a02", "info": "another", "date": "2024-03-02",
        "distribution": "1", "Attribute": [{"type": "ip-src", "value": "198.51.100.7"}],
    }},
]  # fmt: skip


@pytest.fixture(scope="module")
def filled(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    path = tmp_path_factory.mktemp("events") / "events.json"
    path.write_text(json.dumps(EVENTS))
    assert run(["--home", str(home.path), "import", str(path)]) == 0
    return home


def _export(home: Home, capfdbinary: Any, *arguments: str) -> bytes:
    capfdbinary.readouterr()
    assert run(["--home", str(home.path), "export", *arguments]) == 0
    said: bytes = capfdbinary.readouterr().out
    return said


def test_a_value_is_known_with_its_events_and_networks(filled: Home, verb: Verb) -> None:
    (found,) = verb("search", "198.51.100.7")
    assert found["known"]
    assert {hit["event_info"] for hit in found["hits"]} == {"a campaign", "another"}
    assert [hit["value"] for hit in found["networks"]] == ["198.51.100.0/24"]


def test_each_value_is_answered_for_itself(filled: Home, verb: Verb) -> None:
    found = verb("search", "one.EXAMPLE", "unheard.example", "%one.exa%", "198.51.100.0/24")
    assert [one["known"] for one in found] == [True, False, True, True]
    assert {hit["value"] for hit in found[3]["networks"]} == {"198.51.100.7"}


def test_people_read_states_and_events(filled: Home, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    run(["--home", str(filled.path), "search", "198.51.100.7", "unheard.example"])
    said = capsys.readouterr().out
    assert "198.51.100.7: known\n" in said
    assert "unheard.example: unknown\n" in said
    assert "a campaign" in said
    assert "ip-dst 198.51.100.7 (Network activity, for detection): c2" in said


def test_an_event_is_shown_for_people_and_as_its_document(
    filled: Home, verb: Verb, capsys: pytest.CaptureFixture[str]
) -> None:
    uuid = EVENTS[0]["Event"]["uuid"]
    shown = verb("show", uuid)["Event"]
    assert (shown["uuid"], len(shown["Attribute"])) == (uuid, 5)
    capsys.readouterr()
    run(["--home", str(filled.path), "show", str(uuid)])
    said = capsys.readouterr().out
    assert "a campaign" in said
    assert "one.example" in said
    assert "tlp:green" in said


def test_an_unknown_event_is_not_found(filled: Home, verb: Verb) -> None:
    assert "absent or hidden" in verb("show", "999999", code=1)


def test_exported_events_are_what_import_takes(filled: Home, verb: Verb, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    assert verb("export", "--format", "misp", "--output", str(path)) == {
        "exported": 2, "what": "events", "file": str(path),
    }  # fmt: skip
    assert not list(tmp_path.glob("*.unfinished"))
    summary = verb("import", str(path))
    assert summary["events"] == {"added": 0, "updated": 0, "unchanged": 2}


def test_indicators_are_exported_by_filters(filled: Home, capfdbinary: Any) -> None:
    types = ("--type", "domain", "--type", "sha1")
    values = _export(filled, capfdbinary, "--format", "values", *types)
    assert values == b"one.example\n" + b"a" * 40 + b"\n"
    assert _export(filled, capfdbinary, "--format", "hashes") == b"a" * 40 + b"\n"
    rows = list(csv.DictReader(io.StringIO(
        _export(filled, capfdbinary, "--format", "csv", "--eventinfo", "a camp%").decode()
    )))  # fmt: skip
    assert {row["value"] for row in rows} >= {"one.example", "'=2+2"}
    listed = json.loads(_export(filled, capfdbinary, "--format", "json", "--value", "%51.100.7"))
    assert {one["event_info"] for one in listed} == {"a campaign", "another"}


def test_a_filter_that_does_not_act_there_is_refused(
    filled: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--home", str(filled.path), "export", "--format", "csv", "--searchall", "x"]
    assert run(arguments) == 2
    assert "--searchall" in capsys.readouterr().err


def test_who_exports_drafts_to_a_sensor_is_told_why_nothing_comes(
    filled: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    for form, hinted in (("suricata", True), ("hashes", True), ("values", False), ("csv", False)):
        asked = ("--format", form, "--eventinfo", "there is no such event")
        assert run(["--home", str(filled.path), "export", *asked]) == 0
        said = capsys.readouterr().err
        assert "0 attributes exported" in said
        assert ("of published events only" in said) == hinted


# What of the campaign stands in each format.
FILES = {
    "suricata": b"198.51.100.7", "snort": b"198.51.100.7", "zeek": b"one.example\tIntel::DOMAIN",
    "yara": b"hash.sha1", "yara-json": b'"generated":[', "openioc": b"FileItem/Sha1sum",
    "rpz": b"*.one.example CNAME .", "hosts": b"0.0.0.0 one.example",
    "netfilter": b"-s 198.51.100.0/24", "text": b"one.example", "cache": b"\n",
    "xml": b"<info>a campaign</info>", "stix2": b'"type":"bundle"', "stix": b"stix:STIX_Package",
    "stix-json": b'"related_packages"', "attack": b'"techniques":[]', "attack-sightings": b"[]",
    "context": b"tlp:green", "context-markdown": b"# Aggregated context data",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_every_format_of_the_interface_is_exported(
    filled: Home, capfdbinary: Any, name: str
) -> None:
    assert FILES[name] in _export(filled, capfdbinary, "--format", name)


def test_parameters_of_a_format_are_given_by_name(filled: Home, capfdbinary: Any) -> None:
    zone = _export(filled, capfdbinary, "--format", "rpz", "--parameter", "policy=DROP")
    assert b"one.example CNAME rpz-drop." in zone
    base = ["--home", str(filled.path), "export", "--format", "rpz", "--parameter"]
    for wrong in ("policy", "policy=nosuch", "ttl=x", "nosuch=1", "sid=3"):
        assert run([*base, wrong]) == 2


def test_what_is_allowed_is_exported_in_no_format(filled: Home, capfdbinary: Any) -> None:
    forms = ("values", "csv", "json", "text", "suricata", "misp", "xml", "stix2")
    before = {form: _export(filled, capfdbinary, "--format", form) for form in forms}
    with opened(filled) as database, database.as_user(1) as session:
        added = allowed.add(session, "/^ONE\\./i")
    try:
        for form in forms:
            exported = _export(filled, capfdbinary, "--format", form)
            assert b"one.example" in before[form], form
            assert b"one.example" not in exported, form
            assert b"198.51.100.7" in exported, form
    finally:
        with opened(filled) as database, database.as_user(1) as session:
            allowed.remove(session, str(added.id))
    assert _export(filled, capfdbinary, "--format", "values") == before["values"]
