# SPDX-License-Identifier: EUPL-1.2
"""What pages and verbs of cases do, by script: with the same answers, for the same people."""

from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import msgspec
import pytest
from pypdf import PdfReader
from tests.api.cases.conftest import Reply, World

from brug.cases.acts import Filled


def ask(world: World, who: str, method: str, path: str, body: Any = None) -> Reply:
    return world.asked_within(who, method, f"/brug/v1{path}", body)


def opened(world: World, who: str, kind: str) -> str:
    made = ask(world, who, "POST", "/cases", {"kind": kind, "title": "A pump"})
    assert made.status == 201, made.raw
    return str(made.body["number"])


def test_whom_else_to_tell_is_remarked_for_who_was_notified(world: World) -> None:
    place = f"/cases/{world.number}/remarks"
    world.act("lead", Filled(fields={"personal_data": "yes"}))
    (told,) = ask(world, "peer", "GET", place).body["remarks"]
    assert told["source"] == "Directive (EU) 2022/2555 art. 35(1)"
    assert told["is_verified"] is False
    assert ask(world, "officer", "GET", place).body["code"] == "not_yours"


def test_the_glass_is_broken_for_a_reason_that_all_read(world: World) -> None:
    number = opened(world, "lead", "incident")
    assert ask(world, "site_admin", "GET", f"/cases/{number}").status == 404
    for body, field in (({"case": number, "because": " "}, "because"), ({"case": number}, None)):
        refused = ask(world, "site_admin", "POST", "/break-glass", body)
        assert refused.status == 400
        assert field in {None, refused.body["field"]}
    asked = {"case": number, "because": "The lead is away"}
    broken = ask(world, "site_admin", "POST", "/break-glass", asked)
    assert (broken.status, broken.body["number"]) == (201, number)
    (held,) = ask(world, "site_admin", "GET", "/break-glass").body["cases"]
    assert held == broken.body
    assert ask(world, "lead", "GET", "/break-glass").body == {"cases": []}
    assert ask(world, "site_admin", "GET", f"/cases/{number}").status == 200
    last = ask(world, "lead", "GET", f"/cases/{number}").body["timeline"][-1]["act"]
    assert (last["role"], last["because"]) == ("break_glass", "The lead is away")
    assert ask(world, "site_admin", "POST", "/break-glass", asked).status == 409
    left = {"what": "left", "participant": held["participant"]}
    assert ask(world, "site_admin", "POST", f"/cases/{number}/acts", left).status == 201
    assert ask(world, "site_admin", "GET", "/break-glass").body == {"cases": []}


def test_a_number_that_is_not_used_has_a_record_that_says_why(world: World) -> None:
    number = opened(world, "lead", "disclosure")
    place, cve = f"/cases/{number}/cve", "CVE-2026-4711"
    assert ask(world, "lead", "POST", place, {"number": cve}).status == 201
    made = ask(world, "lead", "GET", f"{place}/{cve}?rejected=Reported%20twice").body
    assert made["record"]["cveMetadata"]["state"] == "REJECTED"
    (reason,) = made["record"]["containers"]["cna"]["rejectedReasons"]
    assert reason["value"] == "Reported twice"
    assert made["state"] == "reserved"  # the record was asked for, and nothing was said
    kept = ask(world, "lead", "POST", place, {"number": cve, "state": "rejected"})
    assert [one["state"] for one in kept.body["numbers"]] == ["rejected"]
    made = ask(world, "lead", "GET", f"{place}/{cve}").body
    assert (made["state"], made["record"]["cveMetadata"]["state"]) == ("rejected", "REJECTED")
    again = ask(world, "lead", "POST", place, {"number": cve, "state": "published"})
    assert (again.status, again.body["code"]) == (409, "cve_state")


def test_reserved_numbers_are_taken_in_by_who_writes_for_the_host(world: World) -> None:
    data = b64encode(b"CVE-2026-5001 and CVE-2026-5002").decode()
    came = ask(world, "site_admin", "POST", "/cve-numbers", {"data": data, "cna": "Host"})
    assert (came.status, came.body) == (201, {"free": 2, "new": 2})
    assert ask(world, "site_admin", "POST", "/cve-numbers", {"data": data}).body["new"] == 0
    number = opened(world, "site_admin", "disclosure")
    took = ask(world, "site_admin", "POST", f"/cases/{number}/cve", {}).body["numbers"]
    assert took == [{"id": "CVE-2026-5001", "state": "reserved", "cna": "Host"}]
    assert ask(world, "site_admin", "GET", "/cve-numbers").body["free"] == 1
    assert ask(world, "lead", "GET", "/cve-numbers").body["free"] == 0
    wrong = ask(world, "site_admin", "POST", "/cve-numbers", {"data": "?"})
    assert (wrong.status, wrong.body["field"]) == (400, "data")


def test_a_level_is_set_with_its_reason_and_taken_back(world: World) -> None:
    number = opened(world, "lead", "incident")
    place = f"/cases/{number}/severity"
    lacking = ask(world, "lead", "PUT", place, {"level": "large"})
    assert (lacking.status, lacking.body["field"]) == (400, "because")
    said = ask(world, "lead", "PUT", place, {"level": "large", "because": "The water"}).body
    assert (said["level"], said["set"], said["because"]) == ("large", "large", "The water")
    (row,) = ask(world, "lead", "GET", f"/cases?text={number}").body["cases"]
    assert row["severity"] == "large"
    assert ask(world, "lead", "PUT", place, {}).body["set"] == ""


def test_a_crisis_is_brought_to_another_level_with_its_record(world: World) -> None:
    number = opened(world, "lead", "incident")
    place = f"/cases/{number}/crisis"
    mode = ask(world, "lead", "GET", place).body["modes"][0]
    step = {
        "machine": mode["machine"], "trigger": mode["triggers"][0], "because": "Three countries",
        "decided_by": "The director", "informed": ["CyCLONe"], "review": "2190-01-01T09:00",
        "zone": "Europe/Amsterdam",
    }  # fmt: skip
    for wrong, field in (({"review": "soon"}, "review"), ({"zone": "Mars"}, "zone"),
                         ({"trigger": "x"}, "trigger")):  # fmt: skip
        refused = ask(world, "lead", "POST", place, step | wrong)
        assert (refused.status, refused.body["field"]) == (400, field)
    left = ask(world, "lead", "POST", place, step | {"leaves": "elsewhere"})
    assert (left.status, left.body["code"]) == (409, "out_of_step")
    done = ask(world, "lead", "POST", place, step)
    assert [one["entry"]["act"]["what"] for one in done.body["entries"]] == [
        "filled", "recorded", "moved",
    ]  # fmt: skip
    (taken,) = ask(world, "lead", "GET", place).body["steps"]
    assert (taken["because"], taken["source"]) == ("Three countries", mode["state"])


@pytest.mark.parametrize(
    ("vector", "field", "version"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "cvss_31", "3.1"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "cvss_40", "4.0"),
    ],
)
def test_a_vector_is_scored_and_the_case_says_so(
    world: World, vector: str, field: str, version: str
) -> None:
    scored = ask(world, "trainee", "GET", f"/score?vector={vector}").body
    assert (scored["cvss"]["version"], scored["cvss"]["severity"].lower()) == (version, "critical")
    assert scored["ssvc"] is None
    number = opened(world, "lead", "disclosure")
    body = {"vector": vector, "because": "Seen in the lab"}
    done = ask(world, "lead", "POST", f"/cases/{number}/score", body).body["entry"]["act"]
    assert (done["fields"], done["because"]) == ({field: vector}, "Seen in the lab")
    assert ask(world, "lead", "GET", "/score?vector=CVSS:3.1/AV:X").status == 400


def test_a_decision_fills_what_follows_from_it(world: World) -> None:
    number = opened(world, "lead", "disclosure")
    points = (
        "SSVC/supplier/E:1.1.0:A/A:2.0.0:Y/VD:1.0.0:C/U:1.0.1:S/TI:1.0.0:T/PSI:2.0.1:S/"
        "DSOI:1.0.0:I/"
    )
    found = ask(world, "lead", "GET", f"/score?vector={points}")
    assert found.status == 200, found.raw
    assert (found.body["ssvc"]["table"], found.body["ssvc"]["outcome"]) == ("supplier", "Immediate")
    done = ask(world, "lead", "POST", f"/cases/{number}/score", {"vector": points})
    assert done.body["entry"]["act"]["fields"]["exploitation"] == "active"


def test_policies_say_until_when_for_a_case(world: World) -> None:
    every = ask(world, "lead", "GET", "/embargo-policies").body["policies"]
    assert every
    assert all(one["until"] is None for one in every)
    number = opened(world, "lead", "disclosure")
    fact = {"what": "recorded", "fact": "report_received_at", "at": "2026-11-20T08:00:00Z",
            "zone": "UTC"}  # fmt: skip
    assert ask(world, "lead", "POST", f"/cases/{number}/acts", fact).status == 201
    ours = ask(world, "lead", "GET", f"/embargo-policies?case={number}").body["policies"]
    assert ours[0]["is_ours"]
    assert ours[0]["until"]
    assert ask(world, "never", "GET", f"/embargo-policies?case={number}").status == 404
    for path in ("/embargo-policies", f"/embargo-policies?case={number}"):
        told = world.ask("lead", "GET", f"/brug/v1{path}", **{"accept-language": "nl"})
        assert told.headers["content-language"] == "nl"
        found = {one["policy"]["key"]: one["policy"] for one in told.body["policies"]}
        assert found["certcc"]["title"] == "45 dagen (CERT/CC)"
        assert {one["lang"] for one in found.values()} == {"nl"}
        assert found["zdi"]["notes"].startswith("De 120 dagen staan in de tekst")


def test_bills_are_listed_and_taken_out_and_letters_chosen(world: World) -> None:
    part = {"type": "library", "name": "pump", "version": "1.0", "purl": "pkg:npm/pump@1.0"}
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [part]}
    body = {"name": "plant", "data": b64encode(msgspec.json.encode(bill)).decode()}
    made = ask(world, "officer", "POST", "/bills", body)
    assert made.status == 201, made.raw
    assert ask(world, "officer", "GET", "/bills").body["bills"] == [made.body]
    assert ask(world, "never", "GET", "/bills").body == {"bills": []}
    place = f"/bills/{made.body['id']}"
    assert ask(world, "never", "DELETE", place).status == 404
    assert ask(world, "officer", "DELETE", place).body == {"removed": made.body["id"]}
    assert ask(world, "officer", "GET", "/bills").body == {"bills": []}
    for wanted in (True, False):
        asked = ask(world, "officer", "PUT", "/concerns/letters", {"wanted": wanted})
        assert asked.body == {"wanted": wanted}
        assert ask(world, "officer", "GET", "/concerns/letters").body == {"wanted": wanted}


def test_a_source_is_added_paused_fetched_and_removed(world: World) -> None:
    given = {"name": "Maker", "url": "csaf.example", "headers": "X-Key: heron"}
    made = ask(world, "site_admin", "POST", "/sources", given)
    assert made.status == 201
    assert (made.body["has_headers"], made.body["audience"]) == (True, "community")
    place = f"/sources/{made.body['id']}"
    assert made.headers["Location"].endswith(place)
    assert ask(world, "site_admin", "POST", "/sources", given).status == 409
    assert ask(world, "site_admin", "POST", f"{place}/pause").body["enabled"] is False
    assert ask(world, "site_admin", "POST", f"{place}/fetch").body["due"]
    assert ask(world, "site_admin", "POST", f"{place}/replay").body["due"]
    resumed = ask(world, "site_admin", "POST", "/sources/maker/resume")
    assert resumed.body["enabled"] is True
    listed = ask(world, "site_admin", "GET", "/sources")
    assert [one["name"] for one in listed.body["sources"]] == ["Maker"]
    assert b"heron" not in listed.raw
    found = ask(world, "site_admin", "GET", "/source-refusals?source=Maker").body
    assert found == {"refusals": []}
    assert ask(world, "site_admin", "DELETE", place).body == {"removed": made.body["id"]}
    assert ask(world, "site_admin", "GET", place).status == 404


def test_a_whole_case_is_printed_and_that_is_put_on_record(world: World) -> None:
    number = opened(world, "lead", "incident")
    path = f"/brug/v1/cases/{number}/export/pdf"
    made = world.ask("lead", "GET", path, **{"accept-language": "nl"})
    assert (made.body["name"], made.headers["content-language"]) == (f"{number}.pdf", "nl")
    data = b64decode(made.body["data"])
    assert data.startswith(b"%PDF")
    assert "Tijdlijn" in "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    with world.database.system() as session:
        assert session.value(
            "SELECT payload ->> 'form' FROM ledger_entry WHERE kind = 'case-export'"
            " ORDER BY id DESC LIMIT 1"
        ) == "pdf"  # fmt: skip


def test_who_joins_is_named_as_people_name_them(world: World) -> None:
    number = opened(world, "lead", "incident")
    place = f"/cases/{number}/acts"
    joined = {"what": "joined", "org": "Zuidmark Waterworks", "role": "entity"}
    done = ask(world, "lead", "POST", place, joined).body["entry"]["act"]
    assert (done["org"], done["name"]) == (world.orgs["officer"], "Zuidmark Waterworks")
    assert ask(world, "officer", "GET", f"/cases/{number}").status == 200
    person = joined | {"org": "University of Heide", "role": "handler",
                       "email": "IN_PERSON@people.example"}  # fmt: skip
    done = ask(world, "lead", "POST", place, person).body["entry"]["act"]
    assert done["user"] == world.ids["in_person"]
    assert ask(world, "in_person", "GET", f"/cases/{number}").status == 200
    for wrong, field in (
        ({"email": "nobody@people.example"}, "user"), ({"org": "Nobody"}, "org"),
        ({"user": 1, "email": "in_person@people.example"}, "email"),
    ):  # fmt: skip
        refused = ask(world, "lead", "POST", place, person | wrong)
        assert (refused.status, refused.body["field"]) == (400, field)


def test_deadlines_are_listed_and_computed(world: World) -> None:
    every = ask(world, "lead", "GET", "/clocks").body["clocks"]
    for query in ("role=manufacturer", "unverified=true"):
        some = ask(world, "lead", "GET", f"/clocks?{query}").body["clocks"]
        assert 0 < len(some) < len(every)
    assert {one["status"] for one in some} == {"memory", "proposal"}
    place = "/clocks/nis2-early-warning"
    body = {"facts": {"aware_at": "2026-11-27T14:20"}, "zone": "Europe/Amsterdam",
            "authority": "NL", "now": "2026-11-28T10:00"}  # fmt: skip
    done = ask(world, "trainee", "POST", place, body)
    assert done.status == 200, done.raw
    assert (done.body["status"], done.body["strict"]) == ("due_soon", "2026-11-28T13:20:00Z")
    assert done.body["row"]["instrument"] == "Directive (EU) 2022/2555 (NIS2)"
    for wrong, field in (
        ({"zone": "Mars"}, "zone"), ({"facts": {"born": "2026-11-27T14:20"}}, "facts"),
        ({"roles": ["king"]}, "roles"), ({"authority": "XX"}, "authority"), ({"now": "x"}, "now"),
        ({"circumstances": ["x"]}, "circumstances"), ({"authority_zone": "x"}, "authority_zone"),
    ):  # fmt: skip
        refused = ask(world, "lead", "POST", place, body | wrong)
        assert (refused.status, refused.body["field"]) == (400, field)
    idle = ask(world, "lead", "POST", place, body | {"facts": {}})
    assert (idle.status, idle.body["code"]) == (409, "clock_not_started")
    got = world.ask("lead", "GET", "/brug/v1/clocks?role=x", None)
    assert got.body["field"] == "role"


def test_one_asks_to_be_told_when_it_is_read_with_a_reason_or_without(world: World) -> None:
    number = opened(world, "lead", "incident")
    for body, because in (({"because": "Before noon"}, "Before noon"), (None, "")):
        said = ask(world, "lead", "POST", f"/cases/{number}/acts", {"what": "said", "text": "Go"})
        place = f"/cases/{number}/entries/{said.body['entry']['id']}/ask"
        done = ask(world, "lead", "POST", place, body)
        assert done.status == 201, done.raw
        assert done.body["entry"]["act"].get("because", "") == because
    refused = ask(world, "lead", "POST", place, {"why": "x"})
    assert (refused.status, refused.body["field"]) == (400, "why")
