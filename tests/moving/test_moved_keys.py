# SPDX-License-Identifier: EUPL-1.2
"""Keys that came along in a dump, used against a served node as scripts use them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest
from pymisp import PyMISP
from tests.api.conftest import World, serving
from tests.conftest import copied
from tests.listening import NO_TLS
from tests.moving.conftest import moved

from brug.directory import moved_secrets
from brug.directory.node import create_node
from brug.store.server import EmbeddedServer
from brug.store.session import Database

# What tells each from the others: (read only, ended, from where).
KEYS = {
    "open": (0, 0, "NULL"), "read": (1, 0, "NULL"), "past": (0, 1, "NULL"),
    "afar": (0, 0, "'[\\\"192.0.2.7\\\"]'"),
}  # fmt: skip


def key(name: str) -> str:
    return f"{name}{'k' * 32}{name}"


def _dump(user_id: int) -> str:
    rows = []
    for number, (name, (read_only, ended, allowed)) in enumerate(KEYS.items(), start=1):
        # As dear as MISP makes it, so that those who come at once do meet.
        digest = bcrypt.hashpw(key(name).encode(), bcrypt.gensalt(10)).decode()
        rows.append(
            f"({number},'{number:08}-3333-4333-8333-333333333333','{digest}','{name}','{name}',1,"
            f"{ended},{read_only},{user_id},'',{allowed})"
        )
    columns = "id uuid authkey authkey_start authkey_end created expiration read_only user_id"
    listed = [*columns.split(), "comment", "allowed_ips"]
    made = ",\n".join(f"  `{name}` text" for name in listed)
    return (
        "CREATE TABLE `users` (\n  `id` int,\n  `email` text,\n  `password` text\n);\n"
        f"INSERT INTO `users` VALUES ({user_id},'user@people.example','');\n"
        f"CREATE TABLE `auth_keys` (\n{made}\n);\n"
        f"INSERT INTO `auth_keys` VALUES {','.join(rows)};\n"
    )


@pytest.fixture
def here(embedded: EmbeddedServer, template: str, old: World, tmp_path: Path) -> Iterator[World]:
    """The node that was moved into, served."""
    path = tmp_path / "misp.sql"
    path.write_text(_dump(old.ids["user"]))
    with copied(embedded, template) as url, Database(url, size=4) as database:
        with database.system() as session:
            create_node(session, "CSIRT Noordland", "admin@csirt.example", "http://new.example")
        assert moved(old, database, dump=path).refused == []
        with serving(old.on(database, url)) as node:
            yield node


def asked(node: World, text: str, method: str = "GET", path: str = "/users/view/me") -> Any:
    headers = {"Authorization": text, "Accept": "application/json"}
    with httpx.Client(base_url=node.url, headers=headers, trust_env=False, verify=NO_TLS) as client:
        return client.request(method, path, json=None if method == "GET" else {})


def waiting(node: World) -> int:
    with node.database.system() as session:
        return int(session.value("SELECT count(*) FROM moved_key"))


def test_a_stock_client_goes_on_with_the_key_that_it_had(here: World) -> None:
    for number in range(2):
        client: Any = PyMISP(here.url, key("open"))
        assert client.get_user("me")["User"]["email"] == "user@people.example"
        assert waiting(here) == len(KEYS) - 1, number
    assert client.add_event({"info": "written with the old key"})["Event"]["id"]


def test_what_limits_a_key_limits_it_from_its_first_use(here: World) -> None:
    assert asked(here, key("read"), "POST", "/events/add").status_code == 403
    assert asked(here, key("read")).status_code == 200
    assert asked(here, key("past")).status_code == 403
    assert asked(here, key("afar")).status_code == 403
    with here.database.system() as session:
        stored = session.all("SELECT authkey_start, allowed_ips, expiration FROM auth_key"
                             " WHERE authkey_start IN ('past', 'afar') ORDER BY 1")  # fmt: skip
    assert stored == [("afar", ["192.0.2.7"], 0), ("past", None, 1)]


def test_a_script_with_many_connections_gets_in_with_all_of_them(here: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: asked(here, key("open")).status_code, range(16)))
    assert codes == [200] * 16
    assert waiting(here) == len(KEYS) - 1


def test_who_guesses_between_the_ends_is_compared_a_few_times_and_never_let_in(
    here: World,
) -> None:
    wrong = f"open{'x' * 32}open"
    codes = [asked(here, wrong).status_code for _ in range(moved_secrets.TRIES + 2)]
    assert set(codes) == {403}
    with here.database.system() as session:
        tries = session.value("SELECT tries FROM moved_key WHERE authkey_start = 'open'")
    assert tries == moved_secrets.TRIES
    assert waiting(here) == len(KEYS)
