# SPDX-License-Identifier: EUPL-1.2
"""JSON that stands as a text in a field of JSON: what is none is refused, and nothing is stored."""

from collections.abc import Callable
from typing import Any

import pytest

RUBBISH = {
    "nested": "[" * 20_000,
    "no number": '{"a": NaN, "lifetime": NaN}',
    "half a pair": '{"a": "\\ud800"}',
    "a NUL": '{"a": "\\u0000"}',
    "cut off": '{"a": ',
    "thousands of digits": "9" * 5_000,
}
FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "/sharingGroupBlueprints/add": ("orgadmin", lambda text: {"name": "n", "rules": text}),
    "/decayingModel/add": ("admin", lambda text: {"name": "n", "parameters": text}),
    "/feeds/add": (
        "admin",
        lambda text: {"name": "n", "provider": "p", "url": "https://f.example", "rules": text},
    ),
    "/servers/add": (
        "admin",
        lambda text: {"name": "n", "url": "https://s.example", "remote_org_id": 1,
                      "authkey": "k" * 40, "push_rules": text},
    ),
    "/user_settings/setSetting/me/dashboard": ("user", lambda text: {"value": text}),
    "/galaxy_clusters/add/1": (
        "orgadmin", lambda text: {"value": "n", "description": "d", "elements": text}
    ),
}  # fmt: skip


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_as_json_is_refused(world: Any, path: str, rubbish: str) -> None:
    who, body = FIELDS[path]
    said = world.ask(who, "POST", path, body(RUBBISH[rubbish]))
    assert 400 <= said.status < 500 or "errors" in said.body, said.body


def test_a_text_is_json_for_a_setting_but_no_object_for_others(world: Any) -> None:
    for path, (who, body) in FIELDS.items():
        said = world.ask(who, "POST", path, body('"text"'))
        fine = path.startswith("/user_settings")
        assert (said.status == 200 and "errors" not in said.body) == fine, (path, said.body)


def test_a_backslash_before_u0000_is_no_nul(world: Any) -> None:
    path = "/user_settings/setSetting/me/dashboard"
    said = world.ask("user", "POST", path, {"value": '{"a": "\\\\u0000"}'})
    assert said.body["UserSetting"]["value"] == {"a": "\\u0000"}
