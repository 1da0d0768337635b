# SPDX-License-Identifier: EUPL-1.2
"""Reports to authorities from the command line."""

import pytest
from tests.cli.conftest import Verb

from brug.cli.app import run
from brug.store.home import Home


def struck(verb: Verb, name: str, *more: str) -> str:
    number = str(verb("case", "open", "incident", "Pumps stopped", *more)["number"])
    verb("org", "add", name)
    verb("case", "join", number, name, "--role", "entity")
    verb("case", "record", number, "aware_at", "2026-03-28T12:00", "--of", "entity")
    return number


def test_an_early_warning_from_the_form_to_its_sending(verb: Verb, home: Home) -> None:
    number = struck(verb, "Zuidmark", "--set", "suspected_malicious=unknown")
    told = verb("case", "report", number, "nis2-early-warning")
    assert [one["name"] for one in told["missing"]] == ["contact", "cross_border"]
    assert told["clock"]["legal"].startswith("2026-03-29T13:00")
    assert told["authority"] is None
    verb("case", "report", number, "nis2-early-warning", "--pdf", str(home.path / "form.pdf"))
    assert (home.path / "form.pdf").read_bytes().startswith(b"%PDF-")
    verb("case", "fill", number, "contact=+31 20 000 0000", "cross_border=no")
    sending = ("case", "sent", number, "nis2-early-warning", "--at", "2026-03-28T20:00")
    done = verb(*sending, "--of", "Zuidmark")
    assert done["version"] == 1
    assert done["fact"]["fact"] == "warning_submitted_at"
    (one,) = verb("case", "documents", number)
    assert one["sha256"] == done["document"]["sha256"]
    listed = {one["report"]: one for one in verb("case", "reports", number)}
    assert listed["nis2-early-warning"]["clock"]["status"] == "met"
    assert len(listed) == 15


def test_refusals_say_what_would_do(verb: Verb) -> None:
    number = struck(verb, "Oostmeer")
    nowhere = verb("case", "report", number, "gdpr-33", "--pdf", "/nowhere/x.pdf", code=2)
    assert "pdf: expected a file that can be written (No such file or directory)" in nowhere
    sending = ("case", "sent", number, "nis2-notification", "--at", "2026-03-28T20:00")
    assert "Still missing" in verb(*sending, code=1)
    assert "because" in verb(*sending, "--incomplete", code=2)
    assert "nis2-final" in verb("case", "report", number, "nis3", code=1)
    assert "Oostmeer" in verb("case", "report", number, "gdpr-33", "--of", "nobody", code=2)
    assert verb("case", "documents", number) == []


def test_the_authority_is_the_one_that_the_node_names(
    verb: Verb, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    number = struck(verb, "Noordwijk")
    verb("settings", "set", "cases.authority_country", "NL")
    table = home.config / "authorities.toml"
    table.write_text('[[authority]]\ncountry = "NL"\nreport = "gdpr-33"\nname = "AP"\n')
    assert verb("case", "report", number, "gdpr-33")["authority"]["name"] == "AP"
    assert verb("case", "report", number, "nis2-final")["authority"] is None
    put = verb("case", "authority-put", "authority", "country=NL", "report=gdpr-*", "name=Ours")
    assert verb("case", "report", number, "gdpr-33")["authority"]["name"] == "AP"
    mine = verb("case", "authority-put", "authority", "country=NL", "report=gdpr-33", "name=Mine")
    told = verb("case", "report", number, "gdpr-33")
    assert told["authority"]["name"] == "Mine"
    assert told["chosen_by"] == {
        "country": "NL", "sector": "", "report": "gdpr-33", "from": "register",
    }  # fmt: skip
    listed = verb("case", "authorities")
    assert [(one["name"], one["from"], one["is_replaced"]) for one in listed] == [
        ("Ours", "register", False), ("Mine", "register", False), ("AP", "file", True),
    ]  # fmt: skip
    assert run(["--home", str(home.path), "case", "authorities"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line.rpartition("  ")[2] for line in lines[-3:]] == [
        "register", "register", "file, replaced",
    ]  # fmt: skip
    for one in (put, mine):
        verb("case", "authority-remove", str(one["id"]))
    assert "NUMBER" in verb("case", "authority-remove", "0", code=2)
    assert "report" in verb("case", "authority-put", "authority", "country=NL", "name=x", code=2)
    table.write_text('[[authority]]\ncountry = "NL"\nreport = "gdpr"\nname = "AP"\n')
    assert "row 1.report" in verb("case", "report", number, "gdpr-33", code=2)
    table.unlink()
