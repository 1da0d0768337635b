# SPDX-License-Identifier: EUPL-1.2
"""The interface's own description, turned against it: no 500, no trace, whatever is drawn.

`BRUG_FUZZ=200 pytest tests/security/test_fuzz.py` draws so many cases of each operation.
"""

import os
from collections.abc import Iterator
from typing import Any

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


@pytest.fixture(scope="module")
def wire() -> Iterator[requests.Session]:
    """One connection for all, and no look for proxies before each request."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=[f"{method.upper()} {path}" for method, path in OPERATIONS]
)
def test_nothing_that_is_drawn_is_an_error_of_ours(
    method: str, path: str, node: World, wire: requests.Session
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
        answered = case.call(base_url=node.url, headers=headers, session=wire)
        assert answered.status_code < 500, answered.text
        assert "Traceback" not in answered.text
        assert answered.headers["content-type"] or not answered.content

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
