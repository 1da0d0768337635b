# SPDX-License-Identifier: EUPL-1.2
"""PyMISP, unchanged, against the vocabularies' routes over real HTTP."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymisp import PyMISP
from tests.intel.vocabulary.conftest import Node

from brug.api.misp import all as every_route
from brug.api.misp.serve import Incoming, answer

FILE_TEMPLATE = "688c46fb-5edb-40a3-8273-1af7923e2215"


def _handler(node: Node) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            asked = urlsplit(self.path)
            status, headers, content = answer(
                node.database,
                Incoming(
                    method=self.command,
                    path=asked.path,
                    query=asked.query,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                    address=self.client_address[0],
                    base_url="",
                    body_limit=10_000_000,
                ),
            )
            assert isinstance(content, bytes)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_one  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler


@pytest.fixture(scope="module")
def client(spoilt_node: Node) -> Iterator[PyMISP]:
    every_route.load()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(spoilt_node)) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield PyMISP(f"http://127.0.0.1:{server.server_port}", spoilt_node.admin_key)
        server.shutdown()


def test_object_templates(client: Any) -> None:
    assert len(client.object_templates(pythonify=True)) > 300
    assert client.get_object_template(FILE_TEMPLATE, pythonify=True).name == "file"
    assert client.get_raw_object_template("file")["name"] == "file"
    assert client.update_object_templates() == []  # of those that were updated


def test_taxonomies(client: Any) -> None:
    [scale] = [
        one for one in client.taxonomies(pythonify=True) if one.namespace == "admiralty-scale"
    ]
    assert not scale.enabled
    assert client.enable_taxonomy(scale)["message"] == "Taxonomy enabled"
    assert client.get_taxonomy(scale, pythonify=True).enabled
    assert client.enable_taxonomy_tags(scale)["saved"]
    entries = client.get_taxonomy(scale)["entries"]
    assert all(entry["existing_tag"] for entry in entries)
    assert client.set_taxonomy_required(scale, required=True)["saved"]
    assert client.disable_taxonomy(scale)["message"] == "Taxonomy disabled"
    assert client.update_taxonomies()["saved"]


def test_warninglists(client: Any) -> None:
    [chosen] = [one for one in client.warninglists(pythonify=True) if "dax30" in one.name]
    asked = ["www.bmw.de", "www.bmw.example"]
    assert client.values_in_warninglist(asked) == []
    assert client.enable_warninglist(chosen)["success"] == "1 warninglist(s) enabled"
    assert list(client.values_in_warninglist(asked)) == ["www.bmw.de"]
    assert client.toggle_warninglist(warninglist_name="%dax30%")["saved"]
    assert client.values_in_warninglist(asked) == []
    assert client.disable_warninglist(chosen)["success"] == "1 warninglist(s) disabled"
    shown = client.get_warninglist(chosen, pythonify=True)
    assert ".bmw.de" in [entry["value"] for entry in shown.WarninglistEntry]
    assert client.update_warninglists()["saved"]


def test_galaxies(client: Any) -> None:
    assert len(client.galaxies(pythonify=True)) > 100
    [actors] = [
        one for one in client.search_galaxy("threat actor", pythonify=True)
        if one.type == "threat-actor"
    ]  # fmt: skip
    whole = client.get_galaxy(actors, withCluster=True, pythonify=True)
    assert "APT28" in [one.value for one in whole.clusters]
    [found, *_] = client.search_galaxy_clusters(actors, searchall="Sofacy", pythonify=True)
    read = client.get_galaxy_cluster(found, pythonify=True)
    assert read.value == found.value
    assert read.cluster_elements
    assert client.update_galaxies()["saved"]
