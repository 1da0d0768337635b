# SPDX-License-Identifier: EUPL-1.2
"""Working on cases by the interface, as a script does, and what comes back."""

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import rfc8785
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jsonschema import Draft202012Validator
from structlog.testing import capture_logs
from tests.api.cases.conftest import World

from brug.api.cases.openapi import document
from brug.cases.kinds import KINDS

AT = {"at": "2026-11-20T08:00:00Z", "zone": "Europe/Amsterdam"}


def opened(world: World, **fields: Any) -> str:
    body = {"kind": "incident", "title": "Mail server taken over", "fields": fields}
    reply = world.ask("lead", "POST", "/brug/v1/cases", body)
    assert reply.status == 201, reply.raw
    assert reply.headers["location"].endswith(f"/brug/v1/cases/{reply.body['number']}")
    return str(reply.body["number"])


def acted(world: World, number: str, *acts: dict[str, Any], status: int = 201) -> Any:
    sent = acts[0] if len(acts) == 1 else list(acts)
    reply = world.ask("lead", "POST", f"/brug/v1/cases/{number}/acts", sent)
    assert reply.status == status, reply.raw
    return reply.body


def case_of(world: World, number: str) -> Any:
    return world.ask("lead", "GET", f"/brug/v1/cases/{number}").body


def test_a_case_is_opened_and_worked_on_to_its_next_state(world: World) -> None:
    number = opened(world, summary="Web shell on the mail server")
    before = case_of(world, number)
    assert before["fields"] == {"summary": "Web shell on the mail server"}
    step = next(one for one in before["next"] if one["trigger"] == "contain")
    assert step["missing"] == ["detected_at"]
    move = {name: step[name] for name in ("machine", "trigger", "leaves")} | {"what": "moved"}
    refused = acted(world, number, move, status=409)
    assert (refused["code"], refused["field"]) == ("blocked", None)
    written = acted(world, number, {"what": "recorded", "fact": "detected_at", **AT}, move)
    assert [one["entry"]["act"]["what"] for one in written["entries"]] == ["recorded", "moved"]
    assert case_of(world, number)["state"] == "containment"
    found = world.ask("lead", "GET", "/brug/v1/cases?kind=incident&state=containment").body
    assert [one["number"] for one in found["cases"]] == [number]


def test_deadlines_follow_from_what_is_recorded(world: World) -> None:
    number = opened(world)
    part = str(uuid4())
    joined = {"what": "joined", "participant": part, "org": world.orgs["officer"],
              "name": "Zuidmark", "role": "entity"}  # fmt: skip
    acted(world, number, joined, {"what": "recorded", "fact": "aware_at", "of": part, **AT})
    clocks = world.ask("lead", "GET", f"/brug/v1/cases/{number}/clocks").body["clocks"]
    warning = next(one for one in clocks if one["rule"] == "nis2-early-warning")
    assert (warning["of"], warning["strict"]) == (part, "2026-11-21T08:00:00Z")
    assert "2022/2555" in warning["source"] or "NIS2" in warning["source"]
    assert warning["title"] == "Early warning"
    for path in (f"/brug/v1/cases/{number}/clocks", "/brug/v1/kinds/incident"):
        told = world.ask("lead", "GET", path, **{"accept-language": "nl-NL, en;q=0.5"})
        assert "Vroegtijdige waarschuwing" in {one["title"] for one in told.body["clocks"]}
        softs = {one["soft"] for one in told.body["clocks"] if "soft" in one}
        assert ("zonder onnodige vertraging" in softs) == path.endswith("/clocks")
        assert told.headers["content-language"] == "nl"
        assert told.headers["vary"] == "Accept-Language"


def test_what_stands_in_the_way_is_said_in_words_and_by_names(world: World) -> None:
    number = opened(world)
    part = str(uuid4())
    joined = {"what": "joined", "participant": part, "org": world.orgs["officer"],
              "name": "Zuidmark", "role": "observer"}  # fmt: skip
    acted(world, number, joined)
    for again, said in (
        (joined | {"participant": str(uuid4())}, "Zuidmark takes part in this role already."),
        (joined | {"role": "csirt"}, "Zuidmark takes part by this UUID already, or did."),
    ):
        refused = acted(world, number, again, status=409)
        assert (refused["code"], refused["message"]) == ("conflict", said)
    place = f"/brug/v1/cases/{number}/acts"
    refused = world.ask("officer", "POST", place, {"what": "decided", "question": "x",
                                                   "outcome": "y"})  # fmt: skip
    assert (refused.status, refused.body["code"]) == (403, "not_yours")
    assert refused.body["message"] == (
        "Your part in this case (observer) does not include this: decided."
    )


def test_an_embargo_does_not_end_by_a_field_that_is_empty(world: World) -> None:
    number = opened(world)
    until = {"what": "embargoed", "until": "2190-01-01T00:00:00Z"}
    acted(world, number, until)
    for wrong, field in (
        ({"until": ""}, "until"), ({}, "until"), ({"until": "", "because": "x"}, "until"),
        ({"end": True}, "because"), ({"end": True, "because": " "}, "because"),
        (until | {"end": True, "because": "x"}, "until"), ({"end": "yes"}, "end"),
    ):  # fmt: skip
        refused = acted(world, number, {"what": "embargoed"} | wrong, status=400)
        assert refused["field"] == field, wrong
    both = acted(world, number, {"what": "said", "text": "x"}, {"what": "embargoed"}, status=400)
    assert both["field"] == "[1].until"
    assert case_of(world, number)["embargo"]["until"] == until["until"]
    ended = acted(world, number, {"what": "embargoed", "end": True, "because": "It is fixed"})
    assert ended["entry"]["act"] == {
        "what": "embargoed", "until": "", "zone": "UTC", "because": "It is fixed",
    }  # fmt: skip
    assert case_of(world, number)["embargo"] is None


def test_of_several_acts_all_are_done_or_none(world: World) -> None:
    number = opened(world)
    before = len(case_of(world, number)["timeline"])
    refused = acted(
        world,
        number,
        {"what": "said", "text": "one"},
        {"what": "marked", "tlp": "amber"},
        {"what": "decided", "question": "", "outcome": "two"},
        status=400,
    )
    assert refused["field"] == "[2].question"
    after = case_of(world, number)
    assert len(after["timeline"]) == before
    assert after["marking"].get("tlp") is None
    acted(world, number, {"what": "said", "text": "one"}, {"what": "marked", "tlp": "amber"})
    assert case_of(world, number)["marking"]["tlp"] == "amber"


def test_who_has_an_entry_can_verify_it_with_nothing_of_ours(world: World) -> None:
    number = opened(world)
    acted(world, number, {"what": "said", "text": 'Ünicode "quoted" \u20ac 1e30'})
    reply = world.ask("lead", "GET", f"/brug/v1/cases/{number}/entries")
    entries = reply.body["entries"]
    assert len(entries) == 2
    for one in entries:
        data = rfc8785.dumps(one["entry"])
        assert sha256(data).hexdigest() == one["digest"]
        assert data in reply.raw
        key = Ed25519PublicKey.from_public_bytes(b64decode(one["key"]))
        key.verify(b64decode(one["signature"]), data)


def test_messages_go_to_those_who_are_named(world: World) -> None:
    sent = {"what": "said", "text": "only you", "to": [world.parts["peer"]]}
    entry = acted(world, world.number, sent)["entry"]
    assert entry["to"] == [world.parts["peer"]]
    refused = acted(world, world.number, sent | {"to": [str(uuid4())]}, status=400)
    assert refused["field"] == "to"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"what": "said", "text": "x", "colour": "red"}, "colour"),
        ({"what": "said"}, "text"),
        ({"what": "said", "text": 5}, "text"),
        ({"what": "marked", "to": []}, "to"),
        ({"what": "opened", "kind": "incident"}, "what"),
        ({"text": "x"}, "what"),
        ({"what": "moved", "machine": "phase", "trigger": "contain"}, "leaves"),
        ({"what": "filled", "fields": {"colour": "red"}}, "fields.colour"),
        ({"what": "filled", "fields": {"summary": 5}}, "fields.summary"),
        ([], "body"),
        ([{"what": "said", "text": "x"}, {"what": "said", "text": None}], "[1].text"),
        ([{"what": "said", "text": "x"}] * 101, "body"),
        ("said", "body"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(world: World, body: Any, field: str) -> None:
    before = len(case_of(world, world.number)["timeline"])
    reply = world.ask("lead", "POST", f"/brug/v1/cases/{world.number}/acts", body)
    assert (reply.status, reply.body["field"]) == (400, field)
    assert len(case_of(world, world.number)["timeline"]) == before


def test_what_was_refused_is_said_to_whoever_sent_it_and_not_logged(world: World) -> None:
    structlog.reset_defaults()
    sent = {"what": "recorded", "fact": "aware_at", "at": "when Secret-pump failed", "zone": "UTC"}
    with capture_logs() as lines:
        reply = world.asked_within("lead", "POST", f"/brug/v1/cases/{world.number}/acts", sent)
    assert "(got 'when Secret-pump failed')" in reply.body["message"]
    (line,) = [one for one in lines if one["event"] == "refused"]
    assert line["reason"].startswith("at: expected ")
    assert "Secret-pump" not in str(lines)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("colour=red", "colour"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("limit=501", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999999", "offset"),
        ("over=perhaps", "over"),
        ("kind=lawsuit", "kind"),
        ("kind=incident&state=limbo", "state"),
        ("text=a&text=b", "text"),
        ("text=%00", "text"),
    ],
)
def test_a_list_of_nothing_that_there_is_is_refused(world: World, query: str, field: str) -> None:
    reply = world.ask("lead", "GET", f"/brug/v1/cases?{query}")
    assert (reply.status, reply.body["field"]) == (400, field)


def test_a_page_of_a_list_is_cut_and_counted(world: World) -> None:
    for _ in range(3):
        opened(world)
    every = world.ask("lead", "GET", "/brug/v1/cases?limit=500").body
    assert every["total"] == len(every["cases"]) > 2
    second = world.ask("lead", "GET", "/brug/v1/cases?limit=1&offset=1").body
    assert second == {
        "total": every["total"], "total_is_at_least": False, "cases": every["cases"][1:2],
    }  # fmt: skip
    assert all("entries" not in one for one in every["cases"])


SENT: dict[str, Any] = {
    "/brug/v1/cases": {"kind": "incident", "title": "x"},
    "/brug/v1/products": {"purl": "pkg:npm/pump@1.0"},
    "/brug/v1/bills": {
        "name": "x",
        "data": b64encode(
            b'{"bomFormat":"CycloneDX","components":[{"name":"a","purl":"pkg:npm/a@1"}]}'
        ).decode(),
    },
    "/brug/v1/cases/{case}/acts": [{"what": "said", "text": "y"}],
    "/brug/v1/cases/{case}/documents": {"name": "report.txt", "data": "aGVhcmQ="},
}
ORDER = ("post", "put", "patch", "get", "delete")


def test_every_answer_is_as_the_description_says(world: World) -> None:
    described = document("http://node.example")
    registry = {"components": described["components"]}
    refused = described["components"]["responses"]["Refused"]
    number = opened(world, summary="As described")
    operations = [
        (method, template, operation)
        for template, several in described["paths"].items()
        for method, operation in several.items()
    ]
    for method, template, operation in sorted(operations, key=lambda one: ORDER.index(one[0])):
        path = template.replace("{case}", number).replace("{kind}", "disclosure")
        sent = SENT.get(template, {}) if "requestBody" in operation else None
        if template in SENT and method == "post":
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            Draft202012Validator(schema | registry).validate(sent)
        reply = world.ask("lead", method.upper(), path.replace("{document}", "report.txt"), sent)
        told = operation["responses"].get(str(reply.status)) or refused
        assert reply.status >= 400 or told is not refused, (method, template)
        assert template not in SENT or told is not refused, (method, template, reply)
        (kind,) = told["content"]
        assert reply.headers["content-type"].partition(";")[0] == kind, (method, template)
        if kind != "application/json":
            continue
        schema = told["content"][kind]["schema"]
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema | registry).validate(reply.body)
    named = [operation["operationId"] for _, _, operation in operations]
    assert len(named) == len(set(named))


def test_the_description_says_which_parameters_have_to_be_there(world: World) -> None:
    described = document("http://node.example")
    needed = {
        (path, one["name"])
        for path, several in described["paths"].items()
        for operation in several.values()
        for one in operation.get("parameters", ())
        if one["in"] == "query" and one.get("required")
    }
    missing = set()
    for path, several in described["paths"].items():
        if "get" in several and "{" not in path:
            got = world.asked_within("lead", "GET", path).body
            if isinstance(got, dict) and str(got.get("message")).endswith("to be there"):
                missing.add((path, got["field"]))
    assert needed == missing == {("/brug/v1/score", "vector")}


def test_what_the_description_says_of_a_form_is_no_code() -> None:
    forms = document("http://node.example")["components"]["schemas"].values()
    told = [one["description"] for one in forms if "description" in one]
    assert any("\n" in one for one in told)
    assert not [one for one in told if "\n    " in one]


def test_a_node_without_an_address_says_why_it_makes_no_key_for_mail(world: World) -> None:
    reply = world.ask("site_admin", "POST", "/brug/v1/mail/keys")
    assert (reply.status, reply.body["code"]) == (409, "conflict")
    assert "mail.inbound_address" in reply.body["message"]


def test_a_report_is_drafted_of_the_period_that_is_asked_for(world: World) -> None:
    path = f"/brug/v1/cases/{world.number}/situation"
    drafted = world.ask("lead", "GET", f"{path}?from=2026-01-01T00:00Z&until=2026-01-02T00:00Z")
    assert drafted.body["from"] == "2026-01-01T00:00:00+00:00"
    assert drafted.body["until"] == "2026-01-02T00:00:00+00:00"
    assert world.ask("lead", "GET", f"{path}?since=2026-01-01T00:00Z").body["field"] == "since"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_tells_what_can_be_done_in_its_cases(world: World, kind: str) -> None:
    told = world.ask("never", "GET", f"/brug/v1/kinds/{kind}").body
    declared = KINDS[kind]
    assert [one["key"] for one in told["roles"]] == [one.key for one in declared.roles]
    assert {(m["key"], t["trigger"]) for m in told["machines"] for t in m["transitions"]} == {
        (m.key, t.trigger) for m in declared.machines for t in m.transitions
    }
    assert {one["id"] for one in told["clocks"]} == set(declared.clocks)
    Draft202012Validator.check_schema(told["fields"])
    validator = Draft202012Validator(told["fields"])
    names = {one.name for one in msgspec.structs.fields(declared.fields)}
    assert validator.is_valid(dict.fromkeys(names))
    assert not validator.is_valid({next(iter(names)): {"no": "such"}})


def test_a_timeline_and_the_entries_are_read_in_parts(world: World) -> None:
    number = opened(world)
    acted(world, number, *({"what": "said", "text": f"{n}"} for n in range(5)))
    place = f"/brug/v1/cases/{number}"
    whole = world.ask("lead", "GET", place).body
    ids = [one["id"] for one in whole["timeline"]]
    assert whole["earlier"] == 0
    last = world.ask("lead", "GET", f"{place}?latest=2").body
    assert ([one["id"] for one in last["timeline"]], last["earlier"]) == (ids[-2:], len(ids) - 2)
    assert last["title"] == whole["title"]
    before = world.ask("lead", "GET", f"{place}?latest=2&before={ids[-2].upper()}").body
    assert [one["id"] for one in before["timeline"]] == ids[-4:-2]
    every = world.ask("lead", "GET", f"{place}/entries").body
    assert every["more"] is False
    found, after = [], ""
    while True:
        part = world.ask("lead", "GET", f"{place}/entries?limit=2{after}").body
        found += part["entries"]
        after = f"&after={found[-1]['entry']['id']}"
        if not part["more"]:
            break
    assert found == every["entries"]
    assert world.ask("lead", "GET", f"{place}/entries?limit=5{after}").body == {
        "entries": [], "more": False,
    }  # fmt: skip
    for query, field in (
        ("latest=0", "latest"), ("latest=1001", "latest"), ("latest=x", "latest"),
        ("before=%C3%A9", "before"), (f"before={uuid4()}", "before"), ("later=1", "later"),
    ):  # fmt: skip
        refused = world.ask("lead", "GET", f"{place}?{query}")
        assert (refused.status, refused.body["field"]) == (400, field), query
    for query, field in (("limit=0", "limit"), ("after=x", "after"), (f"after={uuid4()}", "after")):
        refused = world.ask("lead", "GET", f"{place}/entries?{query}")
        assert (refused.status, refused.body["field"]) == (400, field), query
