# SPDX-License-Identifier: EUPL-1.2
"""Looking values up through a server that speaks misp-modules' protocol, on loopback."""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pymisp import MISPEvent, PyMISP
from tests.api.conftest import World

LISTED = [
    {
        "name": "names", "type": "expansion",
        "mispattributes": {"input": ["ip-dst"], "output": ["hostname"]},
        "meta": {"module-type": ["expansion", "hover"], "config": ["apikey"]},
    },
    {
        "name": "files", "type": "expansion",
        "mispattributes": {"input": ["md5"], "format": "misp_standard"},
        "meta": {"module-type": ["expansion"]},
    },
    {
        "name": "broken", "type": "expansion", "mispattributes": {"input": ["ip-dst"]},
        "meta": {"module-type": ["expansion"]},
    },
    {
        "name": "lines", "type": "export",
        "mispattributes": {"responseType": "application/txt", "outputFileExtension": "cef"},
        "meta": {"module-type": ["export"], "config": ["vendor"]},
    },
    {
        "name": "page", "type": "export",
        "mispattributes": {"responseType": "text/html\r\nX-Evil: 1", "outputFileExtension": "../x"},
        "meta": {"module-type": ["export"]},
    },
    {"name": "table", "type": "import", "mispattributes": {}, "meta": {"module-type": ["import"]}},
]  # fmt: skip
FILE = {
    "name": "file", "meta-category": "file", "description": "A file",
    "template_uuid": "688c46fb-5edb-40a3-8273-1af7923e2215", "template_version": "24",
    "Attribute": [{"type": "filename", "object_relation": "filename", "value": "pay.exe"}],
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "names": {"results": [{"types": ["hostname"], "values": ["one.example", "two.example"]}]},
    "files": {"results": {"Object": [FILE], "Attribute": [{"type": "nonsense", "value": "x"}]}},
    "broken": {"error": "no credits left"},
    "lines": {"response": [], "data": b64encode(b"one line\n").decode()},
    "page": {"data": "no base64"},
    "table": {
        "results": [
            {"types": "ip-src", "values": "203.0.113.9"},
            {"types": "nonsense", "values": "x"},
        ]
    },
}


class Modules(BaseHTTPRequestHandler):
    """What a server of misp-modules answers."""

    asked: list[dict[str, Any]] = []  # noqa: RUF012 — one server, one list

    def do_GET(self) -> None:
        self._answer(LISTED)

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(query)
        self._answer(ANSWERS[query["module"]])

    def _answer(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def modules(served_node: World) -> Iterator[World]:
    """The node, set up with a server of modules."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Modules)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    admin: Any = PyMISP(served_node.url, served_node.keys["admin"], ssl=False)
    admin.set_server_setting("Plugin.Enrichment_services_port", server.server_port)
    admin.set_server_setting("Plugin.Enrichment_services_enable", True)
    admin.set_server_setting("Plugin.Enrichment_names_apikey", "not-a-secret")
    admin.set_server_setting("Plugin.Export_lines_vendor", "Noordland")
    yield served_node
    admin.set_server_setting("Plugin.Enrichment_services_enable", False)
    server.shutdown()
    server.server_close()


@pytest.fixture
def bank(modules: World) -> Any:
    return PyMISP(modules.url, modules.keys["orgadmin"], ssl=False)


@pytest.fixture
def event(bank: Any) -> Any:
    made: Any = MISPEvent()
    made.info, made.distribution = "Looked up", 1
    made.add_attribute("ip-dst", "192.0.2.8")
    made.add_attribute("md5", "a" * 32)
    return bank.add_event(made, pythonify=True)


def test_what_a_module_finds_about_an_attribute_is_added(bank: Any, event: Any) -> None:
    said = bank.enrich_attribute(event.attributes[0], "names")
    assert said["success"], said
    after = bank.get_event(event, pythonify=True)
    assert {a.value for a in after.attributes} >= {"one.example", "two.example"}
    assert Modules.asked[-1]["ip-dst"] == "192.0.2.8"
    assert Modules.asked[-1]["config"] == {"apikey": "not-a-secret"}
    count = len(after.attributes)
    bank.enrich_attribute(event.attributes[0], "names")
    assert len(bank.get_event(event, pythonify=True).attributes) == count, "not twice"


def test_an_event_is_looked_up_in_several_modules_and_failures_are_named(
    bank: Any, event: Any
) -> None:
    said = bank.enrich_event(event, ["names", "files", "broken"])
    assert said["success"], said
    assert said["errors"] == ["broken: module broken: no credits left"]
    after = bank.get_event(event, pythonify=True)
    assert [one.name for one in after.objects] == ["file"]


def test_who_may_not_change_an_event_has_nothing_looked_up(
    modules: World, event: Any, bank: Any
) -> None:
    other: Any = PyMISP(modules.url, modules.keys["other"], ssl=False)
    asked = len(Modules.asked)
    assert other.enrich_event(event, "names")["errors"][0] in {403, 404}
    assert len(Modules.asked) == asked
    assert bank.enrich_event(event, "no-such-module")["errors"][0] == 404


def test_an_export_module_makes_a_file_of_what_the_reader_sees(modules: World, event: Any) -> None:
    made = modules.ask("user", "GET", f"/events/exportModule/lines/{event.id}")
    assert (made.status, made.raw) == (200, b"one line\n")
    assert made.headers["Content-Type"] == "application/txt"
    assert f'"misp.lines.export.event{event.id}.cef"' in made.headers["Content-Disposition"]
    told = Modules.asked[-1]
    assert told["config"] == {"vendor": "Noordland"}
    assert {a["value"] for a in told["data"][0]["Attribute"]} == {"192.0.2.8", "a" * 32}
    assert told["data"][0]["Event"]["info"] == "Looked up"
    asked = len(Modules.asked)
    assert modules.ask("user", "GET", f"/events/exportModule/names/{event.id}").status == 404
    assert modules.ask("user", "GET", "/events/exportModule/lines/999999").status == 404
    assert len(Modules.asked) == asked
    failed = modules.ask("user", "GET", f"/events/exportModule/page/{event.id}")
    assert failed.status == 502
    assert "X-Evil" not in str(failed.headers)


def test_an_import_module_reads_a_file_into_an_event(modules: World, event: Any) -> None:
    path = f"/events/importModule/table/{event.id}"
    body = {"data": b64encode(b"203.0.113.9;x").decode(), "config": {"header": "ip-src"}}
    said = modules.ask("orgadmin", "POST", path, body)
    assert said.body["message"] == "1 items added."
    told = Modules.asked[-1]
    assert b64decode(told["data"]) == b"203.0.113.9;x"
    assert told["config"] == {"header": "ip-src"}
    seen = modules.ask("orgadmin", "GET", f"/events/view/{event.id}").body["Event"]["Attribute"]
    assert "203.0.113.9" in {a["value"] for a in seen}
    assert modules.ask("orgadmin", "POST", path, {"paste": "x"}).body["message"] == "0 items added."
    assert modules.ask("orgadmin", "POST", path, {}).status == 405
    assert modules.ask("orgadmin", "POST", path, {"data": "%%"}).status in {400, 403, 405}
    assert modules.ask("orgadmin", "GET", path).status == 405
    asked = len(Modules.asked)
    assert modules.ask("other", "POST", path, body).status in {403, 404}
    assert modules.ask("readonly", "POST", path, body).status == 403
    assert len(Modules.asked) == asked


def test_a_module_is_asked_about_an_attribute_and_nothing_is_stored(
    modules: World, event: Any
) -> None:
    (address,) = [a for a in event.attributes if a.type == "ip-dst"]
    path = f"/events/queryEnrichment/{address.id}"
    listed = modules.ask("orgadmin", "GET", path).body
    assert [one["name"] for one in listed] == ["names", "broken"]
    found = modules.ask("orgadmin", "GET", f"{path}/names").body
    assert [one["value"] for one in found["Attribute"]] == ["one.example", "two.example"]
    assert modules.ask("orgadmin", "GET", f"{path}/files").status == 404
    assert modules.ask("orgadmin", "GET", f"{path}/broken").status == 502
    seen = modules.ask("orgadmin", "GET", f"/events/view/{event.id}").body["Event"]["Attribute"]
    assert len(seen) == 2
