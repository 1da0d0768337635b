# SPDX-License-Identifier: EUPL-1.2
"""Partners without a node, from the command line."""

from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from pysequoia import Tsk
from tests.cli.conftest import Verb
from tests.mail.conftest import Box, free_port

from brug.cli.app import run
from brug.store.home import Home

TERMS = """\
our_country = "NL"
their_country = "BE"
senders = ["{host}"]
purposes = ["cyber-defence"]
legal_basis = "GDPR art. 6(1)(e)"
kinds = ["event", "report"]
valid_from = 2026-01-01T00:00:00Z
document = "Letter 2026-12"
"""


def test_a_partner_gets_letters_from_the_shell(verb: Verb, home: Home, tmp_path: Path) -> None:
    verb("org", "add", "Hospital Zuid", "--external")
    made = verb("bridge", "mail", "add", "Hospital Zuid", "--to", "alice@hospital.example",
                "--since", "2020-01-01", "--frequency", "weekly")  # fmt: skip
    assert (made["partner"], made["frequency"]) == ("Hospital Zuid", "weekly")
    assert made["contacts"] == [
        {"email": "alice@hospital.example", "key": False, "language": "en", "problem": ""}
    ]
    assert "there is a bridge by mail" in verb("bridge", "mail", "add", "Hospital Zuid", code=1)
    host = verb("org", "list")[0]["uuid"]
    terms = tmp_path / "terms.toml"
    terms.write_text(TERMS.format(host=host))
    verb("bridge", "agreement", "propose", "Hospital Zuid", str(terms))
    verb("bridge", "agreement", "accept", "Hospital Zuid", "1", "--reference", "Letter of 2 March")
    event = tmp_path / "event.json"
    event.write_text(
        '{"Event": {"info": "Campaign", "distribution": "3", "published": true, "Attribute":'
        ' [{"type": "domain", "category": "Network activity", "value": "evil.example"}]}}'
    )
    verb("import", "--share", str(event))
    seen = verb("bridge", "mail", "preview", "Hospital Zuid", "1")
    assert seen["outcome"] == "pass"
    assert "evil.example" in seen["text"]
    assert "no mail is set up" in verb("bridge", "mail", "send", "Hospital Zuid", code=1)
    box, port = Box(), free_port()
    controller = Controller(box, "127.0.0.1", port)
    controller.start()
    try:
        for name, value in (("host", "127.0.0.1"), ("port", str(port)), ("security", "none"),
                            ("from", "node@csirt.example")):  # fmt: skip
            verb("settings", "set", f"mail.{name}", value)
        box.answers.append("451 come back later")
        said = verb("bridge", "mail", "send", "Hospital Zuid", code=1)
        assert "1 could not be sent, and will be tried again" in said
        assert "451" in said
        assert run(["--home", str(home.path), "bridge", "retry", "Hospital Zuid"]) == 0
        verb("bridge", "mail", "send", "Hospital Zuid")
    finally:
        controller.stop()
    assert [one["To"] for one in box.messages] == ["alice@hospital.example"]
    (out,) = verb("bridge", "crossings", "--bridge", "Hospital Zuid")
    assert (out["state"], out["outcome"]) == ("sent", "pass")


def test_contacts_have_keys_and_lose_them(verb: Verb, tmp_path: Path) -> None:
    verb("org", "add", "Harbour", "--external")
    verb("bridge", "mail", "add", "Harbour")
    key = tmp_path / "key.asc"
    pair = Tsk.generate("Alice <alice@harbour.example>")
    key.write_text(str(pair.extract_certificate()))
    command = ("bridge", "mail", "contact", "Harbour", "alice@harbour.example")
    found = verb(*command, "--key", str(key), "--language", "nl")
    assert [(c["key"], c["language"]) for c in found["contacts"]] == [(True, "nl")]
    found = verb(*command, "--no-key")
    assert [(c["key"], c["language"]) for c in found["contacts"]] == [(False, "nl")]
    assert "either" in verb(*command, "--no-key", "--key", str(key), code=2)
    key.write_text(str(pair))
    assert "public key" in verb(*command, "--key", str(key), code=2)
    assert "no contact" in verb("bridge", "mail", "drop", "Harbour", "bob@x.example", code=1)
    assert verb("bridge", "mail", "drop", "Harbour", "Alice@harbour.example")["contacts"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "CSIRT Noordland"), "another organisation than the host"),
        (("add", "Nobody"), "no organisation"),
        (("add", "Port", "--to", "no address"), "e-mail address"),
        (("add", "Port", "--to", "jos\u00e9@port.example"), "letters can go to"),
        (("add", "Port", "--to", "a..b@port.example"), "letters can go to"),
        (("add", "Port", "--frequency", "hourly"), "immediately, daily, weekly, monthly"),
        (("add", "Port", "--since", "yesterday"), "a day such as"),
        (("add", "Port", "--relation", "friend"), "client, community, public"),
        (("add", "Port", "--key", "x"), "--to"),
        (("show", "Port"), "no bridge"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_made(
    verb: Verb, arguments: tuple[str, ...], said: str
) -> None:
    if not any(one["name"] == "Port" for one in verb("org", "list")):
        verb("org", "add", "Port", "--external")
    before = verb("bridge", "list")
    code = 1 if said.startswith("no ") else 2
    assert said in verb("bridge", "mail", *arguments, code=code)
    assert verb("bridge", "list") == before


def test_who_hears_of_what_is_chosen_from_the_shell(verb: Verb) -> None:
    admin, own = "admin@csirt.example", "CSIRT Noordland"
    found = verb("mail", "wanted", "--user", admin)
    assert found == {"filters": {}, "frequencies": []}
    found = verb(
        "mail",
        "wanted",
        "--user",
        admin,
        "--tag",
        "ransomware",
        "--tag",
        "!test",
        "--threat-level",
        "2",
        "--frequency",
        "daily",
        "--frequency",
        "immediately",
    )
    assert found == {"filters": {"tags": ["ransomware", "!test"], "threat_level": 2},
                     "frequencies": ["immediately", "daily"]}  # fmt: skip
    found = verb("mail", "wanted", "--user", admin, "--clear", "--frequency", "never")
    assert found == {"filters": {}, "frequencies": []}
    found = verb("mail", "wanted", "--organisation", own, "--tlp", "green")
    assert found["filters"] == {"tlp": "green"}
    found = verb("mail", "wanted", "--organisation", own, "--frequency", "weekly")
    assert found == {"filters": {"tlp": "green"}, "frequencies": ["weekly"]}
    for wrong, said in (
        (("--user", admin, "--organisation", own), "either"),
        (("--user", admin, "--frequency", "hourly"), "immediately"),
        (("--user", admin, "--frequency", "never", "--frequency", "daily"), "never alone"),
        (("--user", admin, "--tlp", "white"), "tlp"),
        (("--user", admin, "--threat-level", "9"), "threat_level"),
        (("--user", admin, "--type", "domian"), "types of attributes"),
        (("--user", admin, "--tag", ""), "1 to 255 characters"),
        (("--user", admin, "--tag", "x", "--clear"), "no filters beside it"),
    ):
        assert said in verb("mail", "wanted", *wrong, code=2)


def test_filters_of_a_bridge_are_all_given_at_once_or_refused(verb: Verb) -> None:
    verb("org", "add", "Filtered", "--external")
    verb("bridge", "mail", "add", "Filtered")
    command = ("bridge", "filters", "Filtered")
    wanted = verb(*command, "--tag", "sector:health", "--days", "90")
    assert wanted == {"tags": ["sector:health"], "days": 90}
    assert verb(*command) == wanted
    for wrong, said in (
        (("--days", "0"), "from 1 to 36500"),
        (("--days", "-3"), "from 1 to 36500"),
        (("--tag", ""), "filters.tags"),
        (("--type", "domian"), "types of attributes"),
        (("--clear", "--days", "3"), "no filters beside it"),
    ):
        assert said in verb(*command, *wrong, code=2)
        assert verb(*command) == wanted
    assert verb(*command, "--type", "!domain") == {"types": ["!domain"]}
    assert verb(*command, "--clear") == {}
