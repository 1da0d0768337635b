# SPDX-License-Identifier: EUPL-1.2
"""What people do with cases on pages or by verbs, scripts can do: each action has its route."""

from typing import Any

from typer.main import get_command

from brug.api.cases import serve
from brug.api.cases.table import ROUTES, VERSION
from brug.cli.app import application
from brug.web.page import TABLE
from brug.web.pages import PROBES

assert serve.ROUTED
assert PROBES

ACTS = "POST /cases/{case}/acts"
EXPORTS = [f"GET /cases/{{case}}/export{form}" for form in ("", "/pdf", "/archive")]
# Each page that does something, by its path without /cases: the routes that do the same.
PAGES = {
    "/new": ["POST /cases"],
    "/{key:str}/acts/{what:str}": [
        ACTS, "POST /cases/{case}/documents", "DELETE /cases/{case}/documents/{document}",
        "POST /cases/{case}/entries/{entry}/ask",
        "POST /cases/{case}/entries/{entry}/acknowledge",
    ],
    "/{key:str}/edit": [ACTS],
    "/{key:str}/score": ["POST /cases/{case}/score"],
    "/{key:str}/severity": ["PUT /cases/{case}/severity"],
    "/{key:str}/crisis": ["POST /cases/{case}/crisis"],
    "/{key:str}/decisions": [ACTS],
    "/{key:str}/situation": ["POST /cases/{case}/situation"],
    "/{key:str}/embargo": [
        "POST /cases/{case}/embargo", "POST /cases/{case}/alarms/{alarm}/close",
    ],
    "/{key:str}/cve": ["POST /cases/{case}/cve", "POST /cve-numbers"],
    "/{key:str}/received": [
        "POST /cases/{case}/acknowledged", "POST /cases/{case}/feedback",
        "POST /cases/{case}/asked", "POST /cases/{case}/forwarded",
    ],
    "/{key:str}/persons": ["POST /cases/{case}/persons"],
    "/{key:str}/persons/{participant:str}/{what:str}": [
        "PATCH /cases/{case}/persons/{person}", "POST /cases/{case}/persons/{person}/link",
        "DELETE /cases/{case}/persons/{person}/link",
    ],
    "/{key:str}/reports/{report:str}": ["POST /cases/{case}/reports/{report}/sent"],
    "/{key:str}/merge": ["POST /cases/{case}/merge"],
    "/{key:str}/unmerge": ["DELETE /cases/{case}/merge"],
    "/{key:str}/split": ["POST /cases/{case}/split"],
    "/{key:str}/template": ["POST /cases/{case}/template"],
    "/{key:str}/export": EXPORTS,
    "/{key:str}/advisory": ["POST /cases/{case}/advisories"],
    "/{key:str}/advisory/{number:int}": ["PUT /advisories/{advisory}"],
    "/{key:str}/advisory/{number:int}/release": ["POST /advisories/{advisory}/release"],
    "/templates": ["POST /case-templates"],
    "/templates/new": ["POST /case-templates"],
    "/templates/{kept:int}": ["PUT /case-templates/{template}"],
    "/templates/{kept:int}/delete": ["DELETE /case-templates/{template}"],
    "/templates/{kept:int}/open": ["POST /case-templates/{template}/cases"],
    "/bulk": ["POST /bulk"],
    "/hooks": [
        "POST /hooks", "DELETE /hooks/{hook}", "POST /hooks/{hook}/pause",
        "POST /hooks/{hook}/resume", "POST /hooks/{hook}/test",
    ],
    "/calendar/addresses": [
        "POST /calendar/addresses", "DELETE /calendar/addresses/{address}",
    ],
    "/quarantine/{mail:int}/release": ["POST /mail/held/{mail}/release"],
    "/quarantine/{mail:int}/discard": ["POST /mail/held/{mail}/discard"],
    "/received/new": ["POST /received"],
    "/authorities": ["POST /authorities", "DELETE /authorities/{row}"],
    "/advisories/products/add": ["POST /products"],
    "/advisories/products/sbom": ["POST /bills"],
    "/advisories/products/{number:int}/remove": ["DELETE /products/{product}"],
    "/advisories/products/bills/{number:int}/remove": ["DELETE /bills/{bill}"],
    "/advisories/concerns/letters": ["PUT /concerns/letters"],
    "/advisories/sources": ["POST /sources"],
    "/advisories/sources/{number:int}/{act:str}": [
        "DELETE /sources/{source}", "POST /sources/{source}/fetch",
        "POST /sources/{source}/pause", "POST /sources/{source}/resume",
        "POST /sources/{source}/replay",
    ],
}  # fmt: skip
GLASS = "/administration/break-glass"
# Of `brug clocks`.
DEADLINES = {"": ["GET /clocks"], "compute": ["POST /clocks/{clock}"]}
READS = "GET /cases/{case}"
# Each verb of `brug case`; none: it asks no node.
VERBS: dict[str, list[str]] = {
    "open": ["POST /cases"], "list": ["GET /cases"], "show": [READS], "kinds": ["GET /kinds"],
    "clocks": ["GET /cases/{case}/clocks"],
    "fill": [ACTS], "record": [ACTS], "move": [ACTS], "say": [ACTS], "join": [ACTS],
    "leave": [ACTS], "rename": [ACTS], "mark": [ACTS], "embargo": [ACTS], "decide": [ACTS],
    "plan": [ACTS], "link": [ACTS],
    "break-glass": ["POST /break-glass"], "glass": ["GET /break-glass"],
    "authorities": ["GET /authorities"], "authority-put": ["POST /authorities"],
    "authority-remove": ["DELETE /authorities/{row}"],
    "receive": ["POST /received"], "received": ["GET /received"],
    "summary": ["GET /received/summary"], "remarks": ["GET /cases/{case}/remarks"],
    "acknowledge": ["POST /cases/{case}/acknowledged"],
    "feedback": ["POST /cases/{case}/feedback"], "ask": ["POST /cases/{case}/asked"],
    "forward": ["POST /cases/{case}/forwarded"],
    "calendar": ["GET /calendar"], "calendar-addresses": ["GET /calendar/addresses"],
    "calendar-address": ["POST /calendar/addresses"],
    "calendar-revoke": ["DELETE /calendar/addresses/{address}"],
    "severity": ["GET /cases/{case}/severity", "PUT /cases/{case}/severity"],
    "reading": ["GET /cases/{case}/reading"],
    "ask-to-read": ["POST /cases/{case}/entries/{entry}/ask"],
    "have-read": ["POST /cases/{case}/entries/{entry}/acknowledge"],
    "crisis": ["GET /cases/{case}/crisis"], "escalate": ["POST /cases/{case}/crisis"],
    "decisions": ["GET /cases/{case}/decisions"], "situation": ["GET /cases/{case}/situation"],
    "release-situation": ["POST /cases/{case}/situation"],
    "cve": ["GET /cases/{case}/cve/{cve}"], "cve-numbers": ["GET /cases/{case}/cve"],
    "cve-set": ["POST /cases/{case}/cve"], "cve-take": ["POST /cases/{case}/cve"],
    "cve-import": ["POST /cve-numbers"],
    "attach": ["POST /cases/{case}/documents"], "documents": ["GET /cases/{case}/documents"],
    "fetch": ["GET /cases/{case}/documents/{document}"],
    "detach": ["DELETE /cases/{case}/documents/{document}"],
    "embargo-policies": ["GET /embargo-policies"],
    "embargo-terms": ["GET /cases/{case}/embargo"], "negotiate": ["POST /cases/{case}/embargo"],
    "alarms": [
        "GET /alarms", "GET /cases/{case}/alarms", "POST /cases/{case}/alarms/{alarm}/close",
    ],
    "vendors": ["GET /cases/{case}/vendors"],
    "export": EXPORTS, "verify": [],
    "hooks": ["GET /hooks"], "hook-add": ["POST /hooks"], "hook-remove": ["DELETE /hooks/{hook}"],
    "hook-pause": ["POST /hooks/{hook}/pause"], "hook-resume": ["POST /hooks/{hook}/resume"],
    "hook-test": ["POST /hooks/{hook}/test"], "hook-log": ["GET /hooks/{hook}/deliveries"],
    "merge": ["POST /cases/{case}/merge"], "unmerge": ["DELETE /cases/{case}/merge"],
    "split": ["POST /cases/{case}/split"], "duplicates": ["GET /cases/{case}/duplicates"],
    "statistics": ["GET /case-statistics"], "bulk plan": ["POST /bulk"],
    "bulk move": ["POST /bulk"], "bulk say": ["POST /bulk"], "bulk mark": ["POST /bulk"],
    "bulk link": ["POST /bulk"], "bulk join": ["POST /bulk"],
    "reports": ["GET /cases/{case}/reports"],
    "report": [
        "GET /cases/{case}/reports/{report}", "GET /cases/{case}/reports/{report}/pdf",
    ],
    "sent": ["POST /cases/{case}/reports/{report}/sent"],
    "score": ["POST /cases/{case}/score"],
    "template list": ["GET /case-templates"],
    "template import": ["POST /case-templates", "PUT /case-templates/{template}"],
    "template export": ["GET /case-templates/{template}"],
    "template make": ["POST /cases/{case}/template"],
    "template open": ["POST /case-templates/{template}/cases"],
    "template delete": ["DELETE /case-templates/{template}"],
    "person list": ["GET /cases/{case}/persons"], "person add": ["POST /cases/{case}/persons"],
    "person link": ["POST /cases/{case}/persons/{person}/link"],
    "person revoke": ["DELETE /cases/{case}/persons/{person}/link"],
    "person change": ["PATCH /cases/{case}/persons/{person}"],
    "quarantine list": ["GET /mail/held"], "quarantine show": ["GET /mail/held/{mail}"],
    "quarantine release": ["POST /mail/held/{mail}/release"],
    "quarantine discard": ["POST /mail/held/{mail}/discard"],
}  # fmt: skip


def test_whatever_a_page_of_cases_does_has_a_route() -> None:
    there = {f"{one.method} {one.path.removeprefix(VERSION)}" for one in ROUTES}
    doing = {one.path for one in TABLE if "POST" in one.methods and not one.anonymous}
    of_cases = {path.removeprefix("/cases") for path in doing if path.startswith("/cases")}
    assert of_cases == set(PAGES)
    assert GLASS in doing
    for path, routes in PAGES.items():
        assert routes, path
        assert set(routes) <= there, path


def test_whatever_a_verb_of_cases_does_has_a_route() -> None:
    there = {f"{one.method} {one.path.removeprefix(VERSION)}" for one in ROUTES}
    assert set(_verbs()) == set(VERBS)
    for verb, routes in VERBS.items():
        assert set(routes) <= there, verb
    assert {"", *_commands("clocks")} == set(DEADLINES)
    assert {route for several in DEADLINES.values() for route in several} <= there


def _commands(group: str) -> dict[str, Any]:
    whole: Any = get_command(application())
    return dict(whole.commands[group].commands)


def _verbs() -> list[str]:
    found = []
    for name, command in _commands("case").items():
        inside = getattr(command, "commands", None)
        found += [f"{name} {one}" for one in inside] if inside else [name]
    return found
