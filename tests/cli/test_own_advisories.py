# SPDX-License-Identifier: EUPL-1.2
"""Own advisories from the command line: from a disclosure to a release, and what stops one."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Verb
from tests.formats.csaf.opinions import of_csaf, of_secvisogram

from brug.cli.app import run
from brug.store.home import Home

FIELDS = (
    "summary=A packet of 9 bytes stops it.", "products=pkg:generic/pump@2.1",
    "products=Pump 3", "fixed_versions=Pump 3.1", "cve=CVE-2026-0042", "cwe=CWE-79",
    "cwe=CWE-89", "cvss_31=CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "cvss_40=CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    "credit=Anna de Vries", "reproduction=SECRET-POC", "others_told=SECRET-ORG",
)  # fmt: skip


@pytest.fixture
def number(verb: Verb) -> str:
    """A case of one's own."""
    return opened(verb)


def opened(verb: Verb) -> str:
    verb("settings", "set", "advisories.namespace", "https://csirt.example")
    made = verb("case", "open", "disclosure", "Pump stops")
    number = str(made["number"])
    verb("case", "fill", number, *FIELDS)
    return number


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    return {}


@pytest.fixture
def refusing(verb: Verb, kept: dict[str, str]) -> str:
    """A case for all who are refused whatever they bring: it stays as it was."""
    if "number" not in kept:
        kept["number"] = opened(verb)
    return kept["number"]


def drafted(home: Home, folder: Path, number: str, *more: str, code: int = 0) -> Any:
    """The document that is to be edited."""
    file = folder / "draft.json"
    arguments = ["--home", str(home.path), "advisory", "draft", number, "--out", str(file), *more]
    assert run(arguments) == code
    return json.loads(file.read_bytes()) if code == 0 else None


def put(verb: Verb, folder: Path, number: str, document: Any, code: int = 0) -> Any:
    file = folder / "edited.json"
    file.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return verb("advisory", "put", str(file), "--case", number, code=code)


def test_a_draft_is_one_of_its_case(
    verb: Verb, home: Home, tmp_path: Path, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = str(verb("case", "open", "disclosure", "Another")["number"])
    theirs = drafted(home, tmp_path, other)["document"]["tracking"]["id"]
    drafted(home, tmp_path, number, "--id", theirs, code=2)
    assert "--id: expected none: the case has no advisory" in capsys.readouterr().err
    mine = drafted(home, tmp_path, number)["document"]["tracking"]["id"]
    drafted(home, tmp_path, number, "--id", theirs, code=2)
    assert f"--id: expected one of {mine} (got" in capsys.readouterr().err


def test_from_a_disclosure_to_an_interim_and_a_final_release(
    verb: Verb, home: Home, tmp_path: Path, number: str
) -> None:
    document = drafted(home, tmp_path, number)
    text = json.dumps(document)
    assert "SECRET" not in text
    assert document["document"]["acknowledgments"] == [{"names": ["Anna de Vries"]}]
    assert of_secvisogram([document]) == [set()]
    assert of_csaf([document]) == [set()]
    document["document"]["title"] = "Pumps stop"
    told = put(verb, tmp_path, number, document)
    assert (told["version"], told["findings"]) == ("0.2.0", [])
    assert "expected as the node has it" in put(verb, tmp_path, number, document, code=1)
    first = verb("advisory", "release", told["id"], "--summary", "First", "--interim")
    assert (first["version"], first["status"], first["label"]) == ("1.0.0", "interim", "WHITE")
    second = verb("advisory", "release", told["id"], "--summary", "No more to come")
    assert (second["version"], second["status"]) == ("2.0.0", "final")
    served = drafted(home, tmp_path, number)
    tracking = served["document"]["tracking"]
    assert [one["number"] for one in tracking["revision_history"]] == ["1.0.0", "2.0.0"]
    assert tracking["initial_release_date"] == tracking["revision_history"][0]["date"]
    assert tracking["current_release_date"] == tracking["revision_history"][1]["date"]
    assert of_secvisogram([served]) == [set()]
    assert of_csaf([served]) == [set()]
    said = [one["act"]["text"] for one in verb("case", "show", number)["timeline"][-2:]]
    assert said[0].startswith(f"Advisory {told['id']}, version 1.0.0 (interim), TLP:WHITE: http")
    assert second["sha256"] in said[1]
    mine = [one for one in verb("advisory", "list") if one["tracking_id"] == told["id"]]
    assert [(one["version"], one["has_draft"], one["case"]) for one in mine] == [
        ("2.0.0", False, number)
    ]


def test_what_leaves_the_tree_is_said_before(
    verb: Verb, home: Home, tmp_path: Path, number: str
) -> None:
    mine = drafted(home, tmp_path, number)["document"]["tracking"]["id"]
    first = verb("advisory", "release", mine, "--summary", "First")
    for label, leaves in (("GREEN", "WHITE"), ("WHITE", ""), ("RED", "WHITE")):
        document = drafted(home, tmp_path, number)
        document["document"]["distribution"]["tlp"]["label"] = label
        put(verb, tmp_path, number, document)
        if leaves:
            said = verb("advisory", "release", mine, "--summary", "Back", code=2)
            assert (
                f"It was released as TLP:{leaves}. As TLP:{label} it leaves {first['url']}" in said
            )
            assert "--yes: expected it" in said
        more = ["--yes"] if leaves else []
        done = verb("advisory", "release", mine, "--summary", "Back", *more)
        assert done["label"] == label


def test_what_fails_a_test_is_not_released(
    verb: Verb, home: Home, tmp_path: Path, number: str
) -> None:
    document = drafted(home, tmp_path, number)
    document["vulnerabilities"][0]["cwe"]["name"] = "No such weakness"
    told = put(verb, tmp_path, number, document)
    assert told["findings"][0].startswith("6.1.11 ")
    said = verb("advisory", "release", told["id"], "--summary", "First", code=1)
    assert "6.1.11" in said
    assert "was not released" in said
    (mine,) = [one for one in verb("advisory", "list") if one["tracking_id"] == told["id"]]
    assert (mine["version"], mine["has_draft"]) == (None, True)
    assert all(one["act"]["what"] != "said" for one in verb("case", "show", number)["timeline"])


def test_an_embargo_holds_a_release_until_it_ends(
    verb: Verb, home: Home, tmp_path: Path, number: str
) -> None:
    advisory = drafted(home, tmp_path, number)["document"]["tracking"]["id"]
    verb("case", "embargo", number, "2099-12-24T09:00")
    said = verb("advisory", "release", advisory, "--summary", "First", code=1)
    assert "the end of the embargo (2099-12-24" in said
    verb("case", "move", number, "propose")
    verb("case", "move", number, "accept_embargo")
    said = verb("advisory", "release", advisory, "--summary", "First", code=1)
    assert "the end of the embargo" in said
    verb("case", "move", number, "terminate", "--because", "The fix is out")
    assert verb("advisory", "release", advisory, "--summary", "First")["version"] == "1.0.0"


def test_what_is_public_is_under_no_embargo(
    verb: Verb, home: Home, tmp_path: Path, number: str
) -> None:
    advisory = drafted(home, tmp_path, number)["document"]["tracking"]["id"]
    verb("case", "embargo", number, "2099-12-24T09:00")
    verb("case", "record", number, "public_disclosure_at", "2026-11-20T08:00")
    verb("case", "move", number, "be_public")
    assert verb("advisory", "release", advisory, "--summary", "First")["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["publisher"].update(namespace="https://evil.example"), "publisher/namespace"),
        (lambda d: d["tracking"].update(status="final"), "tracking/status: expected as the node"),
        (lambda d: d["tracking"].update(version="7"), "tracking/version: expected as the node"),
        (lambda d: d["tracking"]["revision_history"].clear(), "/revision_history"),
        (lambda d: d["tracking"].update(id="Elsewhere-1", status="final"), "a draft of a first"),
        (lambda d: d.pop("title"), "/document"),
    ],
)
def test_what_is_not_ours_to_take_is_refused_by_its_pointer(
    verb: Verb, home: Home, tmp_path: Path, refusing: str, change: Any, said: str
) -> None:
    document = drafted(home, tmp_path, refusing)
    change(document["document"])
    code = 1 if "as the node" in said else 2
    assert said in put(verb, tmp_path, refusing, document, code=code)
    assert drafted(home, tmp_path, refusing)["document"]["tracking"]["version"] == "0.1.0"


@pytest.mark.parametrize("rubbish", [b"", b"[]", b"{", b"\xff\xfe", b'{"a":1,"a":2}', b"{}" * 2])
def test_rubbish_is_refused(verb: Verb, tmp_path: Path, refusing: str, rubbish: bytes) -> None:
    assert put(verb, tmp_path, refusing, rubbish, code=2).startswith("brug: ")


def test_two_ids_that_make_one_file_name_are_refused(
    verb: Verb, home: Home, tmp_path: Path, refusing: str
) -> None:
    document = drafted(home, tmp_path, refusing)
    tracking = document["document"]["tracking"]
    tracking["id"] = tracking["id"].replace("-", "-").lower()
    assert "another advisory has" in put(verb, tmp_path, refusing, document, code=1)


def test_nobody_else_drafts_lists_or_releases(
    verb: Verb, home: Home, tmp_path: Path, number: str
) -> None:
    advisory = drafted(home, tmp_path, number)["document"]["tracking"]["id"]
    verb("org", "add", f"Org of {number}")
    email = f"{number.lower()}@oostmeer.example"
    verb("user", "add", email, "--org", f"Org of {number}", "--role", "User")
    for arguments in (("list",), ("release", advisory, "--summary", "x")):
        assert "may not write advisories" in verb("advisory", *arguments, "--as", email, code=1)


def test_without_a_namespace_nothing_is_drafted(verb: Verb, home: Home, tmp_path: Path) -> None:
    verb("settings", "set", "advisories.namespace", "")
    made = verb("case", "open", "disclosure", "Pump stops")
    drafted(home, tmp_path, made["number"], code=1)
    assert verb("advisory", "list") is not None
    verb("settings", "set", "advisories.namespace", "https://csirt.example")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("namespace", "http://csirt.example", "an https address"),
        ("namespace", "csirt", "an https address"),
        ("namespace", "https://csirt example", "an https address"),
        ("namespace", "https://csirt.example/\nx", "an https address"),
        ("contact", "csirt@csirt.example", "a mailto, https or tel address"),
        ("contact", "mailto:a@b.example\nCSAF: https://evil.example", "a mailto, https or tel"),
        ("prefix", "../x", "letters and digits"),
        ("category", "translator", "coordinator"),
    ],
)
def test_settings_that_would_make_unsound_documents_are_refused(
    verb: Verb, name: str, value: str, said: str
) -> None:
    assert said in verb("settings", "set", f"advisories.{name}", value, code=2)
