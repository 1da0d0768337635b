# SPDX-License-Identifier: EUPL-1.2
"""What exports leave out and what becomes of values on their way in, on the pages."""

from __future__ import annotations

import re

from tests.web.node import CANARY, Node, post

PAGE = "/administration/regular-expressions"


def number_of(page: str, part: str, pattern: str) -> str:
    """The number of the row that shows a pattern."""
    rows = re.findall(
        rf'{part}".*?name="remove" value="(\d+)".*?hidden"> ([^<]*)<', page, re.DOTALL
    )
    return next(str(number) for number, shown in rows if shown == pattern)


def test_an_administrator_adds_and_removes_what_exports_leave_out(node: Node) -> None:
    with node.browser("admin") as client:
        assert "Exports hold everything" in client.get(PAGE).text
        wrong = post(client, f"{PAGE}/left-out", {"name": "/(?=x)/"})
        assert wrong.status_code == 400
        assert 'aria-invalid="true"' in wrong.text
        assert "/(?=x)/" in wrong.text
        assert "This cannot be used: invalid perl operator" in wrong.text
        assert post(client, f"{PAGE}/left-out", {"name": f"#{CANARY}#"}).status_code == 303
        assert post(client, f"{PAGE}/left-out", {"name": "/^left$/"}).status_code == 303
        page = client.get(PAGE).text
        assert "<script>window.hit" not in page
        number = number_of(page, "left-out", "/^left$/")
        assert post(client, f"{PAGE}/left-out", {"remove": number}).status_code == 303
        assert "/^left$/" not in client.get(PAGE).text
        assert post(client, f"{PAGE}/left-out", {"remove": number}).status_code == 404
    with node.browser("analyst") as client:
        assert client.get(PAGE).status_code == 403
        assert post(client, f"{PAGE}/left-out", {"name": "/x/"}).status_code == 403
        assert post(client, f"{PAGE}/rules", {"regexp": "/x/", "type": "ALL"}).status_code == 403
        assert post(client, f"{PAGE}/clean", {"sure": "1"}).status_code == 403
    with node.database.system() as session:
        session.execute("DELETE FROM allowed_pattern")


def test_an_administrator_edits_what_exports_leave_out(node: Node) -> None:
    with node.browser("admin") as client:
        for pattern in ("/^one$/", "/^two$/"):
            post(client, f"{PAGE}/left-out", {"name": pattern})
        number = number_of(client.get(PAGE).text, "left-out", "/^one$/")
        path = f"{PAGE}/left-out/{number}"
        assert f'href="{path}"' in client.get(PAGE).text
        assert 'value="/^one$/"' in client.get(path).text
        for wrong, said in (("/(?=x)/", "invalid perl operator"), ("/^two$/", "on the list")):
            back = post(client, path, {"name": wrong})
            assert (back.status_code, said in back.text) == (400, True)
            assert f'value="{wrong}"' in back.text
        assert post(client, path, {"name": "/^three$/i"}).status_code == 303
        page = client.get(PAGE).text
        assert "/^three$/i" in page
        assert "/^one$/" not in page
        assert client.get(f"{PAGE}/left-out/987654321").status_code == 404
        assert post(client, f"{PAGE}/left-out/987654321", {"name": "/x/"}).status_code == 404
    with node.browser("analyst") as client:
        assert client.get(path).status_code == 403
        assert post(client, path, {"name": "/x/"}).status_code == 403
    with node.database.system() as session:
        session.execute("DELETE FROM allowed_pattern")


def test_an_administrator_edits_a_rule_for_all_of_its_types(node: Node) -> None:
    with node.browser("admin") as client:
        first = {"regexp": "/victim/", "replacement": "", "type": "domain, hostname"}
        post(client, f"{PAGE}/rules", first)
        post(client, f"{PAGE}/rules", {"regexp": "/last/", "replacement": "", "type": "ALL"})
        path = f"{PAGE}/rules/{number_of(client.get(PAGE).text, 'rules', '/victim/')}"
        form = client.get(path).text
        assert 'value="/victim/"' in form
        assert 'value="domain, hostname"' in form
        changed = {"regexp": "/(victim)s?/i", "replacement": " $1", "type": "hostname,url"}
        for field, wrong in (("replacement", "$2"), ("type", "fish"), ("regexp", "victim")):
            back = post(client, path, changed | {field: wrong})
            assert back.status_code == 400
            assert f'id="f-{field}-error"' in back.text
            assert "/(victim)s?/i" in back.text or field == "regexp"
        assert post(client, path, changed).status_code == 303
        assert client.get(path).status_code == 404, "the type domain lost the rule"
    with node.database.system() as session:
        assert session.all("SELECT pattern, replacement, type FROM import_rule ORDER BY id") == [
            ("/(victim)s?/i", " $1", "hostname"), ("/last/", "", "ALL"),
            ("/(victim)s?/i", " $1", "url"),
        ]  # fmt: skip
        session.execute("DELETE FROM import_rule")
    with node.browser("analyst") as client:
        assert client.get(path).status_code == 403
        assert post(client, path, changed).status_code == 403


def test_rules_act_on_what_people_add_and_say_so(node: Node) -> None:
    with node.browser("admin") as client:
        blocking = {"regexp": "/victim/", "replacement": "", "type": "domain, hostname"}
        assert post(client, f"{PAGE}/rules", blocking).status_code == 303
        changing = {"regexp": "/^www\\./", "replacement": " ", "type": "ALL"}
        assert post(client, f"{PAGE}/rules", changing | {"type": "fish"}).status_code == 400
        assert post(client, f"{PAGE}/rules", changing | {"replacement": "$4"}).status_code == 400
        changed = changing | {"replacement": "web."}
        assert post(client, f"{PAGE}/rules", changed).status_code == 303
        page = client.get(PAGE).text
        assert page.count("kept out") >= 2
        assert "web." in page
    with node.browser("analyst") as client:
        made = post(client, "/intelligence/new", {
            "info": "Rules at work", "date": "2026-01-02", "level": "0", "threat": "4",
            "analysis": "0",
        })  # fmt: skip
        assert made.status_code == 303, made.text
        event = made.headers["location"]
        values = "www.noordland.example\nmail.victim.example\n198.51.100.77"
        added = post(client, f"{event}/values", {"values": values, "type": ""})
        assert added.status_code == 303
        shown = client.get(added.headers["location"]).text
        assert "2 values added. 1 was kept out by an import rule." in shown
        assert "web.noordland.example" in shown
        assert "victim" not in shown
    with node.browser("admin") as client:
        page = client.get(PAGE).text
        number = number_of(page, "rules", "/^www\\./")
        assert post(client, f"{PAGE}/rules", {"remove": number}).status_code == 303
        more = {"regexp": "/^web\\./", "replacement": "www.", "type": "ALL"}
        assert post(client, f"{PAGE}/rules", more).status_code == 303
        assert post(client, f"{PAGE}/clean", {}).status_code == 400
        cleaned = post(client, f"{PAGE}/clean", {"sure": "1"})
        assert cleaned.status_code == 303
        assert "1 changed, 0 deleted, 0 left" in client.get(cleaned.headers["location"]).text
        assert "www.noordland.example" in client.get(event).text
    with node.database.system() as session:
        session.execute("DELETE FROM import_rule")
