# SPDX-License-Identifier: EUPL-1.2
"""Making an object of an event's values on the pages."""

from __future__ import annotations

import re

from psycopg.types.json import Jsonb
from tests.web.node import CANARY, Node, plain, post

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def learn(node: Node) -> int:
    """A template for files with a name that stands once."""
    with node.database.system() as session:
        template = session.value(
            "INSERT INTO object_template (uuid, name, meta_category, description, version,"
            " requirements, fixed, active, definition, is_default)"
            " VALUES (gen_random_uuid(), 'small file', 'file', %s, 1, %s, true, true, '{}', true)"
            " RETURNING id",
            (CANARY, Jsonb({"required": ["name"]})),
        )
        for relation, kind, multiple in (
            ("path", "filename", False), ("name", "filename", False), ("digest", "md5", True),
        ):  # fmt: skip
            session.execute(
                "INSERT INTO object_template_element (object_template_id, object_relation, type,"
                " multiple) VALUES (%s, %s, %s, %s)",
                (template, relation, kind, multiple),
            )
        return int(template)


def test_values_become_an_object_in_three_steps(node: Node) -> None:
    template = learn(node)
    event = node.add("lead", plain("Grouping", 0, "first.example"))
    path = f"/intelligence/events/{event}"
    with node.browser("lead") as client:
        values = {"values": f"a.exe\nC:\\x\\a.exe\n{CANARY}.exe", "type": "filename"}
        post(client, path + "/values", values)
        post(client, path + "/values", {"values": MD5, "type": "md5"})
        assert f'href="{path}/group"' in client.get(path).text
        page = client.get(path + "/group").text
        assert "<script>window.hit" not in page
        ids = dict(re.findall(r'value="(\d+)"><label[^>]*><span class="value">([^<]+)<', page))
        by_value = {value: number for number, value in ids.items()}
        assert {"a.exe", MD5, "first.example"} <= set(by_value)
        only = client.get(path + "/group", params={"text": "A.EXE"}).text
        assert "first.example" not in only
        assert "Choose at least one value." in client.get(path + "/group?next=1").text
        chosen = [by_value["a.exe"], by_value[MD5]]
        offered = client.get(path + "/group", params={"value": chosen}).text
        assert f'<option value="{template}"' in offered
        assert "<script>window.hit" not in offered
        none = client.get(path + "/group", params={"value": [by_value["first.example"]]}).text
        assert f'<option value="{template}"' not in none
        asked = {"value": chosen, "template": str(template)}
        form = client.get(path + "/group", params=asked).text
        assert f'name="relation-{chosen[0]}"' in form
        assert '<option value="name" selected>' in form
        wrong = {f"relation-{chosen[0]}": "path", f"relation-{chosen[1]}": "digest"}
        refused = post(client, path + "/group", {**asked, **wrong})
        assert refused.status_code == 400
        assert "make no whole object" in refused.text
        assert '<option value="path" selected>' in refused.text
        right = {f"relation-{chosen[0]}": "name", f"relation-{chosen[1]}": "digest"}
        done = post(client, path + "/group", {**asked, **right, "comment": "one file"})
        assert done.status_code == 303
        page = client.get(path).text
        assert "The values are an object now: small file." in page
        assert "one file" in page
        again = client.get(path + "/group").text
        assert MD5 not in again
        # What is in an object, of another event or nothing is not chosen.
        gone = client.get(path + "/group", params={"value": [*chosen, "x", "99999999"]})
        assert 'name="next"' in gone.text
        nothing = post(client, path + "/group", {"value": chosen, "template": "99999999"})
        assert nothing.headers["location"].endswith("/group")


def test_only_whoever_may_change_the_event_groups_its_values(node: Node) -> None:
    event = node.add("lead", plain("Not theirs", 1, "third.example"))
    hidden = node.add("lead", plain("Hidden", 0, "fourth.example"))
    with node.browser("police") as client:
        for number, status in ((event, 403), (hidden, 404)):
            path = f"/intelligence/events/{number}/group"
            assert client.get(path).status_code == status
            assert post(client, path, {"value": "1", "template": "1"}).status_code == status
