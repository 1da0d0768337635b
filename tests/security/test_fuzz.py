# SPDX-License-Identifier: EUPL-1.2
"""The interface's own description, turned against it: no 500, no trace, whatever is drawn.

`BRUG_FUZZ=200 pytest tests/security/test_fuzz.py` draws so many cases of each operation.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
from tests.api.conftest import World, serving
from tests.security.arena import Arena
from tests.thorough import share

from brug.api.misp import all as listed
from brug.api.misp.dispatch import ENDPOINTS, plain
from brug.api.misp.openapi import document

listed.load()

DOCUMENT = document("http://node.example")
PATHS = {path: [*all_of] for path, all_of in DOCUMENT["paths"].items()}
# A route does the same by each of its methods: one that takes a body, and of the others some.
USUAL = [("post" if "post" in several else several[0], path) for path, several in PATHS.items()]
OTHERS = [(method, path) for (usual, path) in USUAL for method in PATHS[path] if method != usual]
OPERATIONS = [*USUAL, *share(OTHERS, "methods", 6)]
UNEXPECTED = ("get", "put", "post", "delete", "options", "patch", "trace")
EXAMPLES = int(os.environ.get("BRUG_FUZZ", "2"))
schema = schemathesis.openapi.from_dict(DOCUMENT)
feedback = FeedbackSources(constants_value_source=make_constants_value_source(schema))


@pytest.fixture(scope="module")
def node(module_arena: Arena) -> Iterator[World]:
    world = module_arena.world
    world.dsn = module_arena.app_dsn
    with serving(world):
        yield world


class Wire:
    """One connection for all: what sessions of `requests` and their pools do beside sending takes
    several times as long as to send."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = HTTPConnection(str(urlsplit(url).netloc), timeout=30)

    def send(self, case: Any, headers: dict[str, str]) -> tuple[int, Message, bytes]:
        """Status, headers and content of what is answered."""
        drawn = requests.Request(**case.as_transport_kwargs(self.url, headers)).prepare()
        try:
            return self._sent(drawn)
        except (ConnectionError, HTTPException):  # the server ends one after what it cannot read
            self._connection.close()
            return self._sent(drawn)

    def _sent(self, drawn: requests.PreparedRequest) -> tuple[int, Message, bytes]:
        body = drawn.body.encode() if isinstance(drawn.body, str) else drawn.body
        assert body is None or isinstance(body, bytes)
        self._connection.request(str(drawn.method), drawn.path_url, body, drawn.headers)
        answered = self._connection.getresponse()
        return answered.status, answered.headers, answered.read()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def wire(node: World) -> Iterator[Wire]:
    with closing(Wire(node.url)) as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=[f"{method.upper()} {path}" for method, path in OPERATIONS]
)
def test_nothing_that_is_drawn_is_an_error_of_ours(
    method: str, path: str, node: World, wire: Wire
) -> None:
    headers = {"Authorization": node.keys["publisher"], "Accept": "application/json"}
    if path.startswith(("/users/change_pw", "/users/resetauthkey")):
        headers["Authorization"] = node.keys["user2"]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        status, told, content = wire.send(case, headers)
        assert status < 500, content
        assert b"Traceback" not in content
        assert "content-type" in told
        assert told["content-type"] or not content

    schema.config.phases.coverage.unexpected_methods = {*share(UNEXPECTED, path, 3)}
    # What `schema.parametrize()` does with all operations before the first of any test runs.
    build_operation_test(
        config=schema.config,
        operation=schema[path][method],
        test_func=ask,
        given_kwargs={},
        feedback=feedback,
    )()


def test_the_description_names_every_route_once_and_is_whole() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    described = {
        operation["operationId"]
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
    }
    assert len(described) == sum(len(path) for path in DOCUMENT["paths"].values())
    for endpoint in ENDPOINTS.values():
        if set(endpoint.methods) != {"HEAD"}:
            name = f"_{endpoint.controller}_{endpoint.action}"
            assert any(plain(one).endswith(plain(name)) for one in described), name
    for path, operations in DOCUMENT["paths"].items():
        named = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for operation in operations.values():
            given = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
            assert named == given
            assert operation["summary"]
            body = operation.get("requestBody", {"content": {}})
            for media in body["content"].values():
                Draft202012Validator.check_schema(media["schema"])
