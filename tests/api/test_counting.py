# SPDX-License-Identifier: EUPL-1.2
"""How many attributes an event counts, kept while it changes, is what counting all of them says.

On `narrowed` hangs that nobody is told of attributes that are hidden from them: where it is
zero, the event's own number is shown to everyone.
"""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from tests.api.conftest import World
from tests.api.event_world import an_object, event, rows

from brug.store import settings

COUNTED = "SELECT attribute_count, narrowed FROM event WHERE id = %s"
COUNTING = (
    "SELECT count(a.id)::int, count(a.id) FILTER (WHERE a.audience <> e.audience)::int"
    " FROM event e LEFT JOIN attribute a ON a.event_id = e.id AND NOT a.deleted WHERE e.id = %s"
)


class Changes:
    """An event, and what can be done to it, each time to something else of it."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, Random(seed)  # noqa: S311 — which change comes next
        self.event = event(world, distribution=1)["id"]
        group = world.ask("orgadmin", "POST", "/sharing_groups/add", {"name": "Few"}).body
        self.group = group["SharingGroup"]["id"]
        self.number = 0

    def ask(self, path: str, body: Any = None) -> None:
        reply = self.world.ask("orgadmin", "POST", path, body)
        assert reply.status in {200, 404, 405}, reply.body

    def one(self, table: str, *, deleted: bool = False) -> Any:
        query = f"SELECT id FROM {table} WHERE event_id = %s AND (%s OR NOT deleted)"
        found = [row[0] for row in rows(self.world, query, self.event, deleted)]
        return self.random.choice(found) if found else 0

    def level(self) -> dict[str, Any]:
        level = self.random.choice([0, 1, 4, 5])
        return {"distribution": level} | ({"sharing_group_id": self.group} if level == 4 else {})

    def new(self, **more: Any) -> dict[str, Any]:
        self.number += 1
        return {"type": "domain", "value": f"h{self.number}.example", **self.level(), **more}

    def object(self) -> dict[str, Any]:
        inside = [
            self.new(type="filename", object_relation="filename"),
            self.new(type="text", object_relation="state", deleted=self.random.random() < 0.3),
        ]
        return an_object(Attribute=inside, **self.level())

    def add(self) -> None:
        some = [self.new(), self.new(), self.new(deleted=True), self.new(value="bad", type="md5")]
        self.ask(f"/attributes/add/{self.event}", some)

    def add_object(self) -> None:
        self.ask(f"/objects/add/{self.event}", {"Object": self.object()})

    def edit(self) -> None:
        body = self.random.choice([{"comment": "c"}, self.level(), self.level() | {"deleted": 1}])
        self.ask(f"/attributes/edit/{self.one('attribute')}", body)

    def edit_object(self) -> None:
        self.ask(f"/objects/edit/{self.one('object')}", {"Object": self.object()})

    def delete(self) -> None:
        hard = self.random.choice(["", "/1"])
        self.ask(f"/attributes/delete/{self.one('attribute', deleted=True)}{hard}")

    def delete_several(self) -> None:
        ids = [str(self.one("attribute", deleted=True)) for _ in range(3)]
        body = {"id": ids, "allow_hard_delete": self.random.random() < 0.5}
        self.ask(f"/attributes/deleteSelected/{self.event}", body)

    def restore(self) -> None:
        self.ask(f"/attributes/restore/{self.one('attribute', deleted=True)}")

    def delete_object(self) -> None:
        hard = self.random.choice(["", "/1"])
        self.ask(f"/objects/delete/{self.one('object', deleted=True)}{hard}")

    def uuid(self, table: str) -> list[str]:
        number = self.one(table, deleted=table == "attribute")
        query = f"SELECT uuid::text FROM {table} WHERE id = %s"
        return [row[0] for row in rows(self.world, query, number)]

    def edit_event(self) -> None:
        """New ones, ones that change, and one that comes twice: first new, then deleted."""
        known = [
            {"uuid": uuid, "deleted": self.random.random() < 0.5} for uuid in self.uuid("attribute")
        ]
        twice = f"00000000-0000-4000-8000-{int(self.event):06}{self.number:06}"
        again = [{"uuid": twice, "deleted": True}]
        holders = self.uuid("object")
        body = {
            "Attribute": [self.new(), *known, self.new(uuid=twice)],
            "Object": [*({"uuid": one, "Attribute": again} for one in holders), self.object()],
        }
        self.ask(f"/events/edit/{self.event}", body)
        found = rows(self.world, "SELECT deleted FROM attribute WHERE uuid = %s", twice)
        assert found == [(bool(holders),)]

    def relevel_event(self) -> None:
        self.ask(f"/events/edit/{self.event}", self.level() | {"distribution": 1})
        self.ask(f"/events/edit/{self.event}", {"distribution": self.random.choice([0, 1, 3])})

    def publish(self) -> None:
        self.ask(f"/events/{self.random.choice(['publish', 'unpublish'])}/{self.event}")

    def merge(self) -> None:
        other = event(
            self.world, "orgadmin", Attribute=[self.new()], Object=[self.object()], distribution=1
        )["id"]
        self.ask(f"/events/merge/{self.event}/{other}")

    def tag(self) -> None:
        self.ask("/tags/add", {"name": "bank:one"})
        self.ask(f"/attributes/addTag/{self.one('attribute')}", {"tag": "bank:one"})

    def every(self) -> list[Callable[[], None]]:
        return [
            self.add, self.add_object, self.edit, self.edit, self.edit_object, self.delete,
            self.delete_several, self.restore, self.delete_object, self.edit_event,
            self.relevel_event, self.publish, self.merge, self.tag,
        ]  # fmt: skip


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_an_event_counts_what_it_holds_whatever_is_done_to_it(
    world: World, seed: int, private: bool
) -> None:
    with world.database.system() as session:
        settings.set_value(session, "events.drafts_private", private)
    changes = Changes(world, seed)
    done: list[str] = []
    for _ in range(5):
        for change in changes.random.sample(changes.every(), len(changes.every())):
            change()
            done.append(change.__name__)
            kept = rows(world, COUNTED, changes.event)
            assert kept == rows(world, COUNTING, changes.event), done


def test_what_goes_away_with_its_event_counts_nowhere(world: World) -> None:
    kept = event(world, Attribute=[{"type": "domain", "value": "kept.example"}])
    gone = event(world, Attribute=[{"type": "domain", "value": "gone.example"}])
    assert world.ask("orgadmin", "POST", f"/events/delete/{gone['id']}").status == 200
    assert rows(world, COUNTED, kept["id"]) == [(1, 0)]


def test_all_attributes_of_an_event_are_deleted_in_one_go_and_counted_out(world: World) -> None:
    items = [
        {"type": "domain", "value": f"h{i}.example", "distribution": i % 2} for i in range(900)
    ]
    added = event(world, Attribute=items, distribution=1)
    assert rows(world, COUNTED, added["id"]) == [(900, 450)]
    path = f"/attributes/deleteSelected/{added['id']}"
    assert world.ask("orgadmin", "POST", path, {"id": "all"}).status == 200
    assert rows(world, COUNTED, added["id"]) == [(0, 0)]
