# SPDX-License-Identifier: EUPL-1.2
"""Nobody gets a right that was not given: not by a route, a key, nor a sequence of calls."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from tests.security.arena import Arena
from tests.security.asking import Ask
from tests.security.drawing import asks, named
from tests.security.kinds import OURS, THEIRS
from tests.security.order import endpoints
from tests.thorough import share

from brug.api.misp import all as listed
from brug.api.misp.dispatch import ENDPOINTS, KNOWN_RIGHTS, Answer, Endpoint, endpoint
from brug.directory import keys
from brug.web.page import TABLE
from brug.web.pages import MODULES as PAGES

listed.load()

PEOPLE = ("orgadmin", "user", "publisher", "sync", "readonly")
# Rights that MISP does not know.
OWN_RIGHTS = {"bridge_admin", "release", "recall", "case", "case_lead", "custody", "auditor"}
NO_RIGHT = b"You do not have permission to use this functionality."


@pytest.fixture(scope="module")
def rights(module_arena: Arena) -> dict[str, set[str]]:
    """What each person may do by role."""
    with module_arena.database.system() as session:
        return {
            who: set(
                session.value(
                    "SELECT r.rights FROM account a JOIN role r ON r.id = a.role_id"
                    " WHERE a.id = %s",
                    (module_arena.world.ids[who],),
                )
            )
            for who in PEOPLE
        }


@pytest.mark.parametrize("endpoint", [e for e in endpoints() if e.right], ids=named)
def test_a_route_refuses_whoever_lacks_its_right(
    module_arena: Arena, rights: dict[str, set[str]], endpoint: Endpoint
) -> None:
    before = module_arena.rows()
    lacking = [who for who in PEOPLE if endpoint.right not in rights[who]]
    for place, asked in enumerate(asks(endpoint, module_arena.items[OURS], 1)):
        both = list(product(endpoint.methods, lacking))
        for method, who in share(both, named(endpoint), 3, place):
            answered = module_arena.ask(who, replace(asked, method=method))
            assert answered.status == 403, (who, method, asked)
            assert NO_RIGHT in answered.content or method == "HEAD"
    assert module_arena.rows() == before


@pytest.fixture(scope="module")
def read_only(module_arena: Arena) -> str:
    with module_arena.database.as_user(module_arena.world.ids["admin"]) as session:
        return keys.add(session, module_arena.world.ids["admin"], {"read_only": True}).text


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_a_read_only_key_writes_nothing_whatever_the_route_says_of_itself(
    module_arena: Arena, read_only: str, endpoint: Endpoint
) -> None:
    before = module_arena.rows()
    methods = list(dict.fromkeys((*endpoint.methods, "GET", "POST")))
    for place, asked in enumerate(asks(endpoint, module_arena.items[OURS], 2)):
        for method in share(methods, named(endpoint), 2, place):
            answered = module_arena.ask(read_only, replace(asked, method=method))
            if endpoint.changes:
                assert answered.status in {403, 405}, (method, asked)
    assert module_arena.rows() == before


@pytest.mark.parametrize(
    "path",
    ["/events/nosuch", "/users/admin_add", "/admin/events/add", "/users/__init__", "/events/_call",
     "/events/index2", "/events//nosuch/add", "/EVENTS/nosuch/1"],
)  # fmt: skip
def test_what_is_not_listed_is_refused(module_arena: Arena, path: str) -> None:
    before = module_arena.rows()
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "X"):
        assert 400 <= module_arena.ask("user", Ask(method, path, {})).status < 500, method
    assert module_arena.rows() == before


def test_a_misspelt_right_stops_the_node_from_starting() -> None:
    def handler(_: Any) -> Answer:
        raise AssertionError

    before = dict(ENDPOINTS)
    with pytest.raises(ValueError, match="unknown right 'site_admn'"):
        endpoint("events", "nosuch", right="site_admn", summary="x")(handler)
    assert before == ENDPOINTS


def test_every_right_that_is_asked_for_or_given_is_a_right_that_exists(arena: Arena) -> None:
    assert PAGES
    asked = {page.right for page in TABLE if page.right} | {e.right for e in endpoints() if e.right}
    with arena.database.system() as session:
        given_by_roles = {r for (all_of_one,) in session.all("SELECT rights FROM role")
                          for r in all_of_one}  # fmt: skip
    assert asked <= KNOWN_RIGHTS
    assert given_by_roles <= KNOWN_RIGHTS | OWN_RIGHTS


# -- sequences of calls ------------------------------------------------------------------------

_WHO = st.sampled_from(PEOPLE)
_TARGET = st.sampled_from(["orgadmin", "user", "publisher", "admin", "other", "otheradmin"])
_USER_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "role_id": st.integers(1, 7), "org_id": st.integers(1, 4), "disabled": st.booleans(),
        "password": st.just("Correct-horse-9"), "email": st.sampled_from(
            ["admin@csirt.example", "new@people.example", "user@people.example"]),
        "change_pw": st.booleans(), "enable_password": st.booleans(), "authkey": st.just("a" * 40),
        "id": st.integers(1, 12), "rights": st.just(["site_admin"]), "perm_site_admin": st.just(1),
        "Role": st.just({"perm_site_admin": "1", "id": "1"}), "expiration": st.just("2030-01-01"),
    },
)  # fmt: skip
_KEY_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "read_only": st.booleans(), "user_id": st.integers(1, 12), "expiration": st.just(0),
        "allowed_ips": st.sampled_from([[], ["0.0.0.0/0"], None]), "uuid": st.uuids().map(str),
        "authkey": st.just("b" * 40),
    },
)  # fmt: skip
_STEP = st.one_of(
    st.tuples(_WHO, st.sampled_from(["admin_add", "admin_edit", "admin_delete"]), _TARGET,
              _USER_FIELDS),
    st.tuples(_WHO, st.sampled_from(["edit", "change_pw", "resetauthkey"]), _TARGET, _USER_FIELDS),
    st.tuples(_WHO, st.sampled_from(["key_add", "key_edit"]), _TARGET, _KEY_FIELDS),
)  # fmt: skip


def _step(arena: Arena, found_keys: list[str], step: tuple[str, str, str, Any]) -> None:
    who, action, target, given_fields = step
    user = arena.world.ids[target]
    path = {
        "admin_add": "/admin/users/add", "admin_edit": f"/admin/users/edit/{user}",
        "admin_delete": f"/admin/users/delete/{user}", "edit": f"/users/edit/{user}",
        "change_pw": "/users/change_pw", "resetauthkey": f"/users/resetauthkey/{user}",
        "key_add": f"/auth_keys/add/{user}", "key_edit": f"/auth_keys/edit/{user}",
    }[action]  # fmt: skip
    body = dict(given_fields)
    if action == "admin_add":
        body = {"email": f"made{len(found_keys)}@people.example", "role_id": 3} | body
    answered = arena.ask(who, Ask("POST", path, body))
    note(f"{who} {path} {body} -> {answered.status}")
    if answered.status == 200 and action == "key_add":
        found_keys.append(answered.body["AuthKey"]["authkey_raw"])


def _check(arena: Arena, mine: set[str], admins: Any, read_only: set[int]) -> None:
    with arena.database.system() as session:
        everyone = session.all(
            "SELECT a.id, a.org_id, r.rights FROM account a JOIN role r ON r.id = a.role_id"
        )
        assert {i for i, _, r in everyone if "site_admin" in r} == admins
        ours = arena.world.orgs[OURS]
        for user, org, held in everyone:
            if org == ours and user not in admins:
                assert set(held) <= mine, (user, held)
        widened = session.all("SELECT id FROM auth_key WHERE NOT read_only")
        assert not {i for (i,) in widened} & read_only


@given(steps=st.lists(_STEP, min_size=4, max_size=14))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_sequence_of_calls_raises_anybodys_rights(
    fresh_arena: Callable[[], Any], steps: list[tuple[str, str, str, Any]]
) -> None:
    with fresh_arena() as arena:
        with arena.database.system() as session:
            mine = {
                right
                for (held,) in session.all(
                    "SELECT r.rights FROM account a JOIN role r ON r.id = a.role_id"
                    " WHERE a.org_id = %s", (arena.world.orgs[OURS],)
                )
                for right in held
            }  # fmt: skip
        limited = keys_of(arena)
        before = arena.theirs(arena.rows())
        found: list[str] = []
        for step in steps:
            _step(arena, found, step)
        _check(arena, mine, {arena.world.ids["admin"]}, set())
        assert arena.theirs(arena.rows()) == before
        assert limited == keys_of(arena) & limited, "a foreign key is gone"
        for key in found:
            answered = arena.ask(key, Ask("GET", "/users/view/me"))
            if answered.status == 200:
                assert answered.body["User"]["org_id"] == str(arena.world.orgs[OURS])
                assert answered.body["Role"]["perm_site_admin"] is False


def keys_of(arena: Arena) -> set[str]:
    """The digests of keys of people who are none of ours."""
    return {
        row["hash"]
        for (table, _), row in arena.rows().items()
        if table == "auth_key" and row["user_id"] in {1, arena.world.ids["other"]}
    }


def test_a_limited_key_makes_limited_keys_only(arena: Arena) -> None:
    admin = arena.world.ids["orgadmin"]
    with arena.database.as_user(admin) as session:
        narrow = keys.add(session, admin, {"allowed_ips": ["192.0.2.7"], "expiration": "+2 days"})
    widening: list[dict[str, Any]] = [
        {"allowed_ips": []}, {"allowed_ips": ["0.0.0.0/0"]}, {"expiration": 0},
        {"expiration": "+3 years"}, {"allowed_ips": None, "expiration": None},
    ]  # fmt: skip
    for wanted in widening:
        for path in (f"/auth_keys/add/{admin}", f"/auth_keys/edit/{narrow.key.id}",
                     f"/auth_keys/add/{arena.world.ids['user']}"):  # fmt: skip
            arena.ask(narrow.text, Ask("POST", path, wanted))
    rows = [r for (table, _), r in arena.rows().items() if table == "auth_key"]
    made = [r for r in rows if r["id"] >= narrow.key.id]
    assert len(made) > 1
    for row in made:
        assert row["allowed_ips"] == ["192.0.2.7"], row
        assert 0 < row["expiration"] <= narrow.key.expiration, row


def test_another_organisation_is_not_entered_by_editing_oneself(arena: Arena) -> None:
    for who in PEOPLE:
        body = {"org_id": arena.world.orgs[THEIRS], "role_id": 1, "id": 1, "disabled": False}
        for path in ("/users/edit", f"/users/edit/{arena.world.ids[who]}", "/users/edit/1",
                     f"/admin/users/edit/{arena.world.ids[who]}"):  # fmt: skip
            for sent in (body, {"User": body}, {"request": {"User": body}}):
                arena.ask(who, Ask("POST", path, sent))
        me = arena.ask(who, Ask("GET", "/users/view/me")).body
        assert me["User"]["org_id"] == str(arena.world.orgs[OURS])
        assert me["Role"]["perm_site_admin"] is False
