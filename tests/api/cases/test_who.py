# SPDX-License-Identifier: EUPL-1.2
"""Everyone not listed is denied, and every endpoint is listed."""

import zipfile
from base64 import b64encode
from io import BytesIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.api.cases.conftest import OPEN_WORD, SECRET, World
from tests.cases.authority.conftest import told
from tests.thorough import paired

from brug.api.cases import serve
from brug.api.cases.table import ROUTES

assert serve.ROUTED

ALL = {
    "lead", "officer", "peer", "former", "never", "site_admin", "trainee", "in_person",
    "read_only", "disabled", "stranger", "nobody",
}  # fmt: skip
KNOWN = ALL - {"disabled", "stranger", "nobody"}
SEES = {"lead", "officer", "peer", "in_person", "read_only"}
ANYONE = dict.fromkeys(KNOWN, 200)
WHO_SEES = dict.fromkeys(SEES, 200) | dict.fromkeys(KNOWN - SEES, 404)
HIDDEN = dict.fromkeys(["former", "never", "site_admin", "trainee"], 404)  # for who writes

# What each may: whoever is not named here gets 403. {case} is the number of the case.
MAY: dict[tuple[str, str], tuple[dict[str, int], Any]] = {
    ("GET", "/brug/v1/kinds"): (ANYONE, None),
    ("GET", "/brug/v1/kinds/{kind}"): (ANYONE, None),
    ("GET", "/brug/v1/openapi.json"): (ANYONE, None),
    ("GET", "/brug/v1/cases"): (ANYONE, None),
    ("POST", "/brug/v1/cases"): (
        dict.fromkeys(["lead", "officer", "peer", "former", "never", "site_admin"], 201),
        {"kind": "assistance", "title": "Help"},
    ),
    ("GET", "/brug/v1/cases/{case}"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/clocks"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/embargo"): (WHO_SEES, None),
    ("POST", "/brug/v1/cases/{case}/embargo"): (
        dict.fromkeys(SEES - {"read_only"}, 400) | HIDDEN,
        {"step": "propose", "until": "2190-01-31T09:00"},
    ),
    ("GET", "/brug/v1/clocks"): (ANYONE, None),
    # Computing changes nothing; no deadline is called so.
    ("POST", "/brug/v1/clocks/{clock}"): (dict.fromkeys(KNOWN, 404), {"facts": {}}),
    ("GET", "/brug/v1/embargo-policies"): (ANYONE, None),
    ("GET", "/brug/v1/break-glass"): (ANYONE, None),
    # There is no such case.
    ("POST", "/brug/v1/break-glass"): (
        {"site_admin": 404},
        {"case": str(uuid4()), "because": "x"},
    ),
    # Nothing says which vector.
    ("GET", "/brug/v1/score"): (dict.fromkeys(KNOWN, 400), None),
    # An incident has none.
    ("POST", "/brug/v1/cases/{case}/score"): (
        dict.fromkeys(SEES - {"read_only"}, 400) | HIDDEN,
        {"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
    ),
    ("GET", "/brug/v1/sources"): ({"site_admin": 200}, None),
    ("POST", "/brug/v1/sources"): ({"site_admin": 400}, {"name": "", "url": "csaf.example"}),
    ("GET", "/brug/v1/sources/{source}"): ({"site_admin": 404}, None),
    ("DELETE", "/brug/v1/sources/{source}"): ({"site_admin": 404}, None),
    ("POST", "/brug/v1/sources/{source}/fetch"): ({"site_admin": 404}, None),
    ("POST", "/brug/v1/sources/{source}/replay"): ({"site_admin": 404}, None),
    ("POST", "/brug/v1/sources/{source}/pause"): ({"site_admin": 404}, None),
    ("POST", "/brug/v1/sources/{source}/resume"): ({"site_admin": 404}, None),
    ("GET", "/brug/v1/source-refusals"): ({"site_admin": 200}, None),
    ("GET", "/brug/v1/source-refusals/{refusal}"): ({"site_admin": 404}, None),
    ("GET", "/brug/v1/authorities"): (ANYONE, None),
    ("POST", "/brug/v1/authorities"): (
        {"site_admin": 200},
        {"what": "authority", "country": "NL", "report": "nis2-*", "name": "CSIRT"},
    ),
    ("DELETE", "/brug/v1/authorities/{row}"): ({"site_admin": 404}, None),
    ("GET", "/brug/v1/cases/{case}/vendors"): (WHO_SEES, None),
    ("GET", "/brug/v1/alarms"): (ANYONE, None),
    ("GET", "/brug/v1/cases/{case}/alarms"): (WHO_SEES, None),
    ("POST", "/brug/v1/cases/{case}/alarms/{alarm}/close"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        {"because": "false"},
    ),
    ("GET", "/brug/v1/cases/{case}/entries"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/duplicates"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/export"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/export/pdf"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/export/archive"): (WHO_SEES, None),
    ("GET", "/brug/v1/calendar"): (ANYONE, None),
    ("GET", "/brug/v1/hooks"): (ANYONE, None),
    ("POST", "/brug/v1/hooks"): (
        dict.fromkeys(KNOWN - {"read_only"}, 201),
        {"url": "https://hooks.example/x"},
    ),
    ("DELETE", "/brug/v1/hooks/{hook}"): (dict.fromkeys(KNOWN - {"read_only"}, 404), None),
    ("POST", "/brug/v1/hooks/{hook}/pause"): (dict.fromkeys(KNOWN - {"read_only"}, 404), None),
    ("POST", "/brug/v1/hooks/{hook}/resume"): (dict.fromkeys(KNOWN - {"read_only"}, 404), None),
    ("POST", "/brug/v1/hooks/{hook}/test"): (dict.fromkeys(KNOWN - {"read_only"}, 404), None),
    ("GET", "/brug/v1/hooks/{hook}/deliveries"): (dict.fromkeys(KNOWN, 404), None),
    ("GET", "/brug/v1/catalogue"): (ANYONE, None),
    ("GET", "/brug/v1/catalogue/{catalogued}"): (dict.fromkeys(KNOWN, 404), None),
    ("GET", "/brug/v1/concerns"): (ANYONE, None),
    ("GET", "/brug/v1/products"): (ANYONE, None),
    ("POST", "/brug/v1/products"): (
        dict.fromkeys(["lead", "officer", "peer", "former", "never", "site_admin"], 201),
        {"purl": "pkg:npm/pump@1.0"},
    ),
    # No bill of materials is one letter long.
    ("POST", "/brug/v1/bills"): (
        dict.fromkeys(KNOWN - {"read_only"}, 400),
        {"name": "x", "data": "eA=="},
    ),
    ("GET", "/brug/v1/bills"): (ANYONE, None),
    ("DELETE", "/brug/v1/bills/{bill}"): (dict.fromkeys(KNOWN - {"read_only"}, 404), None),
    ("GET", "/brug/v1/concerns/letters"): (ANYONE, None),
    ("PUT", "/brug/v1/concerns/letters"): (
        dict.fromkeys(KNOWN - {"read_only"}, 200),
        {"wanted": False},
    ),
    ("DELETE", "/brug/v1/products/{product}"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        None,
    ),
    ("GET", "/brug/v1/calendar/addresses"): (ANYONE, None),
    ("POST", "/brug/v1/calendar/addresses"): (dict.fromkeys(KNOWN - {"read_only"}, 201), {}),
    ("DELETE", "/brug/v1/calendar/addresses/{address}"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        None,
    ),
    ("GET", "/brug/v1/case-templates"): (ANYONE, None),
    ("POST", "/brug/v1/case-templates"): (
        dict.fromkeys(KNOWN - {"read_only"}, 400) | dict.fromkeys(["trainee", "in_person"], 403),
        {"name": "", "kind": "incident", "title": "x"},
    ),
    ("GET", "/brug/v1/case-templates/{template}"): (
        dict.fromkeys(KNOWN, 404) | dict.fromkeys(["lead", "read_only"], 200),
        None,
    ),
    ("PUT", "/brug/v1/case-templates/{template}"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404) | dict.fromkeys(["trainee", "in_person"], 403),
        {"name": "x", "kind": "incident", "title": "x"},
    ),
    ("DELETE", "/brug/v1/case-templates/{template}"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        None,
    ),
    ("POST", "/brug/v1/case-templates/{template}/cases"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        {},
    ),
    ("POST", "/brug/v1/cases/{case}/template"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404)
        | dict.fromkeys(["lead", "officer", "peer"], 400)
        | {"in_person": 403},
        {"name": ""},
    ),
    ("GET", "/brug/v1/case-statistics"): (ANYONE, None),
    ("POST", "/brug/v1/cases/{case}/merge"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        {"merged": str(uuid4())},
    ),
    ("DELETE", "/brug/v1/cases/{case}/merge"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404)
        | dict.fromkeys(["lead", "officer", "peer", "in_person"], 409),
        None,
    ),
    ("POST", "/brug/v1/cases/{case}/split"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404)
        | dict.fromkeys(["lead", "officer", "peer"], 400)
        | {"in_person": 403},
        {"title": "x", "entries": [str(uuid4())]},
    ),
    ("POST", "/brug/v1/bulk"): (
        dict.fromkeys(KNOWN - {"read_only"}, 200),
        {"do": {"what": "said", "text": "heard"}, "cases": [str(uuid4())]},
    ),
    ("GET", "/brug/v1/cve-numbers"): (ANYONE, None),
    # No list of numbers is one letter long.
    ("POST", "/brug/v1/cve-numbers"): ({"site_admin": 400}, {"data": "eA=="}),
    ("GET", "/brug/v1/cases/{case}/cve"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/cve/{cve}"): (
        dict.fromkeys(SEES, 400) | dict.fromkeys(KNOWN - SEES, 404),
        None,
    ),
    ("POST", "/brug/v1/cases/{case}/cve"): (
        dict.fromkeys(SEES - {"read_only"}, 400) | HIDDEN,
        {"number": "CVE-2026-0001"},
    ),
    ("POST", "/brug/v1/cases/{case}/acts"): (
        dict.fromkeys(SEES - {"read_only"}, 201)
        | dict.fromkeys(["former", "never", "site_admin", "trainee"], 404),
        {"what": "said", "text": "heard"},
    ),
    ("GET", "/brug/v1/cases/{case}/severity"): (WHO_SEES, None),
    # No level and no machine is called so.
    ("PUT", "/brug/v1/cases/{case}/severity"): (
        dict.fromkeys(SEES - {"read_only"}, 400) | HIDDEN,
        {"level": "x", "because": "x"},
    ),
    ("POST", "/brug/v1/cases/{case}/crisis"): (
        dict.fromkeys(SEES - {"read_only"}, 400) | HIDDEN,
        {"machine": "x", "trigger": "x", "because": "x"},
    ),
    ("GET", "/brug/v1/cases/{case}/reading"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/crisis"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/decisions"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/situation"): (WHO_SEES, None),
    # Nothing is said in it: whoever could release it is told so.
    ("POST", "/brug/v1/cases/{case}/situation"): (
        dict.fromkeys(SEES - {"read_only"}, 400) | HIDDEN,
        {"sections": {}},
    ),
    # No entry is called so.
    ("POST", "/brug/v1/cases/{case}/entries/{entry}/ask"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        None,
    ),
    ("POST", "/brug/v1/cases/{case}/entries/{entry}/acknowledge"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        None,
    ),
    ("GET", "/brug/v1/cases/{case}/documents"): (WHO_SEES, None),
    ("POST", "/brug/v1/cases/{case}/documents"): (
        dict.fromkeys(SEES - {"read_only"}, 201)
        | dict.fromkeys(["former", "never", "site_admin", "trainee"], 404),
        {"name": "heard.txt", "data": "aGVhcmQ="},
    ),
    ("GET", "/brug/v1/cases/{case}/documents/{document}"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/reports"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/reports/{report}"): (WHO_SEES, None),
    ("GET", "/brug/v1/cases/{case}/reports/{report}/pdf"): (WHO_SEES, None),
    ("POST", "/brug/v1/cases/{case}/reports/{report}/sent"): (
        {"lead": 201, "officer": 201} | HIDDEN,
        {"at": "2026-11-20T08:00", "incomplete": True, "because": "x"},
    ),
    ("GET", "/brug/v1/received"): (ANYONE, None),
    ("POST", "/brug/v1/received"): (
        dict.fromkeys(["lead", "officer", "peer", "former", "never", "site_admin"], 201),
        {"data": b64encode(told()).decode()},
    ),
    ("GET", "/brug/v1/received/summary"): (ANYONE, None),
    ("GET", "/brug/v1/cases/{case}/remarks"): ({"peer": 200} | HIDDEN, None),
    ("POST", "/brug/v1/cases/{case}/acknowledged"): ({"peer": 201} | HIDDEN, {}),
    ("POST", "/brug/v1/cases/{case}/feedback"): ({"peer": 201} | HIDDEN, {"text": "Thanks"}),
    ("POST", "/brug/v1/cases/{case}/asked"): (
        {"peer": 201} | HIDDEN,
        {"until": "2190-01-01T00:00"},
    ),
    # Nobody stands in the node's table of contacts.
    ("POST", "/brug/v1/cases/{case}/forwarded"): ({"peer": 400} | HIDDEN, {"countries": ["BE"]}),
    ("GET", "/brug/v1/advisories"): (ANYONE, None),
    ("GET", "/brug/v1/cases/{case}/advisories"): (WHO_SEES, None),
    # Nobody of the host takes part here; tests/api/cases/test_advisories.py has one who does.
    ("POST", "/brug/v1/cases/{case}/advisories"): (HIDDEN, {"tlp": "green"}),
    ("GET", "/brug/v1/advisories/{advisory}"): (dict.fromkeys(KNOWN, 404), None),
    ("PUT", "/brug/v1/advisories/{advisory}"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        {"document": {}},
    ),
    ("POST", "/brug/v1/advisories/{advisory}/release"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        {"summary": "x"},
    ),
    ("GET", "/brug/v1/cases/{case}/persons"): ({"lead": 200, "read_only": 200} | HIDDEN, None),
    # No mail is set up; nobody takes part so.
    ("POST", "/brug/v1/cases/{case}/persons"): (
        {"lead": 409} | HIDDEN,
        {"email": "vera@maker.example", "name": "Vera", "role": "handler"},
    ),
    ("PATCH", "/brug/v1/cases/{case}/persons/{person}"): ({"lead": 404} | HIDDEN, {"mails": False}),
    ("POST", "/brug/v1/cases/{case}/persons/{person}/link"): ({"lead": 404} | HIDDEN, None),
    ("DELETE", "/brug/v1/cases/{case}/persons/{person}/link"): ({"lead": 404} | HIDDEN, None),
    # The node has no address, and so no key.
    ("GET", "/brug/v1/mail/keys"): ({"site_admin": 200}, None),
    ("POST", "/brug/v1/mail/keys"): ({"site_admin": 409}, None),
    ("DELETE", "/brug/v1/mail/keys/{fingerprint}"): ({"site_admin": 404}, None),
    ("GET", "/brug/v1/mail/held"): (ANYONE, None),
    ("GET", "/brug/v1/mail/held/{mail}"): (dict.fromkeys(KNOWN, 404), None),
    ("POST", "/brug/v1/mail/held/{mail}/release"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        {"because": "x"},
    ),
    ("POST", "/brug/v1/mail/held/{mail}/discard"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        {"because": "x"},
    ),
    ("DELETE", "/brug/v1/cases/{case}/documents/{document}"): (
        dict.fromkeys(KNOWN - {"read_only"}, 404),
        None,
    ),
}


def path_of(template: str, case: str, method: str = "") -> str:
    """Of something that is there, and stays: what is taken back is none."""
    kept = "Known" if method in {"", "GET"} else "absent"
    template = template.replace("{template}", kept)
    document = "absent.txt" if method == "DELETE" else "report.txt"
    filled = template.replace("{case}", case).replace("{kind}", "incident")
    filled = filled.replace("{alarm}", "999999")
    filled = filled.replace("{hook}", "999999")
    filled = filled.replace("{address}", "999999").replace("{mail}", "999999")
    filled = filled.replace("{fingerprint}", "0" * 40)
    filled = filled.replace("{person}", "nobody")
    return (
        filled.replace("{document}", document)
        .replace("{report}", "nis2-early-warning")
        .replace("{advisory}", "ADV-2026-0001")
        .replace("{catalogued}", "999999")
        .replace("{product}", "999999")
    )


def names_of(world: World) -> list[str]:
    return [world.number, world.number.lower(), world.file.uuid, str(world.file.id)]


def test_every_route_is_listed() -> None:
    assert {(one.method, one.path) for one in ROUTES} == set(MAY)


@pytest.mark.parametrize("route", MAY, ids=" ".join)
@pytest.mark.parametrize("who", sorted(ALL))
def test_everyone_not_listed_is_denied(world: World, who: str, route: tuple[str, str]) -> None:
    allowed, body = MAY[route]
    method, template = route
    # Whoever tries so many keys would have to wait.
    ask = world.asked_within if who == "stranger" else world.ask
    names = names_of(world) if "{case}" in template else [""]
    if template.endswith("/archive"):
        world.place()
    # By every name each route, and each by every name.
    asked = paired(sorted(ALL), names, of=f"{method} {template}")
    for name in [name for one, name in asked if one == who]:
        reply = ask(who, method, path_of(template, name, method), body)
        assert reply.status == allowed.get(who, 403), reply.raw[:500]
        if reply.status >= 400:
            assert set(reply.body) == {"code", "message", "field"}


@pytest.mark.parametrize("who", sorted(KNOWN - SEES))
def test_what_is_hidden_is_as_absent(
    world: World, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    execute = psycopg.Connection.execute

    def counted(self: Any, query: Any, *args: Any, **named: Any) -> Any:
        asked.append(str(query))
        return execute(self, query, *args, **named)

    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    for (method, template), (_, body) in MAY.items():
        if "{case}" in template:
            answers = []
            for name in (world.file.uuid, world.file.uuid, str(uuid4())):
                asked.clear()
                reply = world.asked_within(who, method, path_of(template, name, method), body)
                answers.append((reply.status, reply.raw, reply.headers, len(asked)))
            # The first may have been that of a key not seen for a while.
            assert answers[1] == answers[2], template
            assert answers[0][0] == 404
            assert answers[0][3] >= 1


COMPUTES = {("POST", "/brug/v1/clocks/{clock}")}


def test_a_key_that_only_reads_writes_nothing(world: World) -> None:
    with world.database.system() as session:
        before = session.all("SELECT * FROM case_file ORDER BY id")
    for (method, template), (allowed, body) in MAY.items():
        reply = world.ask("read_only", method, path_of(template, world.number, method), body)
        reads = method == "GET" or (method, template) in COMPUTES
        assert reply.status == (allowed.get("read_only", 403) if reads else 403)
    with world.database.system() as session:
        assert session.all("SELECT * FROM case_file ORDER BY id") == before


# What has every message or document that one may have; other routes are about something else.
TOLD = {f"/brug/v1/cases/{{case}}{rest}" for rest in ("", "/entries", "/documents")}


def text_of(raw: bytes) -> str:
    """Of an archive what its files say."""
    if not raw.startswith(b"PK"):
        return raw.decode()
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        names = archive.namelist()
        return " ".join(
            [*names, *(archive.read(name).decode("utf-8", "replace") for name in names)]
        )


def test_a_message_to_one_shows_to_nobody_else_in_any_answer(world: World) -> None:
    entry = world.narrow.id
    for (method, template), (_, body) in MAY.items():
        path = path_of(template, world.number, method)
        for who in ("peer", "in_person"):
            said = text_of(world.ask(who, method, path, body).raw)
            assert SECRET not in said, (who, path)
            assert entry not in said, (who, path)
        if method == "GET" and template in TOLD:
            for who in ("lead", "officer"):
                assert SECRET in world.ask(who, method, path).raw.decode(), (who, path)


@pytest.mark.parametrize(("word", "finds"), [(SECRET, {"lead", "officer", "read_only"}),
                                             (OPEN_WORD, SEES)])  # fmt: skip
def test_a_case_is_found_by_the_words_that_one_may_read(
    world: World, word: str, finds: set[str]
) -> None:
    for who in sorted(KNOWN):
        found = world.ask(who, "GET", f"/brug/v1/cases?text={word}").body
        numbers = [one["number"] for one in found["cases"]]
        assert numbers == ([world.number] if who in finds else []), who
        assert found["total"] == len(numbers)


def test_other_methods_are_refused(world: World) -> None:
    for template in {path for _, path in MAY}:
        there = {method for method, path in MAY if path == template}
        path = path_of(template, world.number)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            if method not in there:
                reply = world.ask("lead", method, path)
                assert reply.status == 405, (method, path)
                assert set(reply.headers["allow"].split(", ")) - {"HEAD"} == there
        head = world.ask("lead", "HEAD", path_of(template, world.number, "GET"))
        allowed = MAY["GET", template][0].get("lead", 403) if "GET" in there else 405
        assert (head.status, head.raw) == (allowed, b"")


@pytest.mark.parametrize(
    "path", ["/brug", "/brug/", "/brug/v1", "/brug/v2/cases", "/brug/v1/cases/", "/brug/v1/Cases"]
)
def test_nothing_is_at_other_addresses(world: World, path: str) -> None:
    assert world.ask("lead", "GET", path).status == 404
    assert world.ask("stranger", "GET", path).status == 403
