# SPDX-License-Identifier: EUPL-1.2
"""Who is editing an event now, over MISP's interface."""

from typing import Any

from tests.api.conftest import World
from tests.api.event_world import event, is_refused, published, rows

LATER = 4_000_000_000


def lock(world: World, event_id: Any, who: str = "orgadmin") -> int:
    reply = world.ask(who, "POST", f"/events/addEventLock/{event_id}")
    assert reply.status == 200, reply.body
    return int(reply.body["lock_id"])


def asked(world: World, event_id: Any, who: str, since: Any = LATER) -> Any:
    return world.ask(who, "GET", f"/events/checkLocks/{event_id}/{since}")


def test_others_are_told_who_edits_until_the_lock_is_given_back(world: World) -> None:
    added = event(world)
    assert asked(world, added["id"], "user").status == 204
    number = lock(world, added["uuid"])
    told = asked(world, added["id"], "user").body
    assert told["editors"] == ["orgadmin@people.example"]
    assert told["message"] == ("This event is currently being edited by: orgadmin@people.example")
    # Oneself one need not be told of.
    assert asked(world, added["id"], "orgadmin").status == 204
    path = f"/events/removeEventLock/{added['id']}/{number}"
    assert world.ask("publisher", "POST", path).body == {"deleted": False}
    assert world.ask("orgadmin", "POST", path).body == {"deleted": True}
    assert world.ask("orgadmin", "POST", path).body == {"deleted": False}
    assert asked(world, added["id"], "user").status == 204


def test_other_organisations_see_which_one_edits_and_no_address(world: World) -> None:
    added = event(world, distribution="3")
    published(world, added["id"])
    lock(world, added["id"])
    assert asked(world, added["id"], "other").body["editors"] == ["Noordland Bank"]
    assert "@" in asked(world, added["id"], "admin").body["editors"][0]


def test_a_lock_ends_by_itself(world: World) -> None:
    added = event(world)
    number = lock(world, added["id"])
    with world.database.system() as session:
        session.execute(
            "INSERT INTO event_lock (event_id, user_id, org_id, until)"
            " SELECT event_id, user_id, org_id, now() - interval '1 second' FROM event_lock"
        )
        session.execute("DELETE FROM event_lock WHERE id = %s", (number,))
        number += 1
    assert asked(world, added["id"], "user").status == 204
    path = f"/events/removeEventLock/{added['id']}/{number}"
    assert world.ask("orgadmin", "POST", path).body == {"deleted": False}
    lock(world, added["id"])
    lasts = "SELECT round(extract(epoch FROM until - now()) / 60)::int FROM event_lock"
    assert rows(world, lasts) == [(15,)]


def test_a_tool_that_gives_nothing_back_keeps_a_bounded_number(world: World) -> None:
    added = event(world)
    last = [lock(world, added["id"]) for _ in range(25)][-1]
    assert rows(world, "SELECT count(*), max(id) FROM event_lock") == [(20, last)]
    assert len(asked(world, added["id"], "user").body["editors"]) == 1


def test_a_page_learns_that_what_it_shows_is_old(world: World) -> None:
    added = event(world)
    since = int(added["timestamp"])
    assert asked(world, added["id"], "orgadmin", since).status == 204
    told = asked(world, added["id"], "orgadmin", since - 1).body
    assert (told["outdated"], told["editors"]) == (True, [])
    assert told["message"].startswith("Warning: This event view is outdated. Please reload")
    lock(world, added["id"])
    told = asked(world, added["id"], "user", since - 1).body
    assert "outdated, because is currently being edited by: orgadmin@" in told["message"]
    assert world.ask("user", "GET", f"/events/checkLocks/{added['id']}").body["outdated"] is False


def test_only_whoever_may_change_an_event_locks_it(world: World) -> None:
    hidden, shown = event(world, distribution="0"), event(world, distribution="3")
    published(world, shown["id"])
    for who, event_id, status in (
        ("other", hidden["id"], 404), ("other", shown["id"], 403), ("readonly", shown["id"], 403),
        ("orgadmin", "nonsense", 404), ("orgadmin", "", 404),
    ):  # fmt: skip
        assert world.ask(who, "POST", f"/events/addEventLock/{event_id}").status == status
    lock(world, hidden["id"])
    assert asked(world, hidden["id"], "other").status == 204
    assert asked(world, "nonsense", "other").status == 204
    assert asked(world, hidden["id"], "orgadmin", "yesterday").status == 400
    path = f"/events/removeEventLock/{hidden['id']}"
    assert is_refused(world.ask("orgadmin", "POST", path), 400, "lock_id")
    assert is_refused(world.ask("orgadmin", "POST", f"{path}/x"), 400, "lock_id")
    assert world.ask("other", "POST", f"{path}/1").status == 404
    assert world.ask("orgadmin", "POST", f"/events/delete/{hidden['id']}").status == 200
    assert rows(world, "SELECT id FROM event_lock") == []
