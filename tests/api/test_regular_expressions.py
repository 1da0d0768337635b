# SPDX-License-Identifier: EUPL-1.2
"""What exports leave out, and what becomes of values on their way in, by administrators' rules."""

import time
from typing import Any

import pytest
from tests.api.conftest import World

BLOCKED = ["This value is blocked by a regular expression in the import filters."]
ALLOWED, RULES = "/admin/allowedlists", "/admin/regexp"


def did(world: World, who: str, path: str, body: Any = None) -> Any:
    reply = world.ask(who, "POST", path, body)
    assert reply.status == 200, (path, reply.body)
    return reply.body


def event_with(world: World, *items: Any, who: str = "orgadmin", **fields: Any) -> Any:
    sent = [{"type": kind, "value": value, "to_ids": True} for kind, value in items]
    body = {"info": "t", "distribution": 1, "published": True, "Attribute": sent} | fields
    return did(world, who, "/events/add", {"Event": body})["Event"]


def values_of(world: World, event_id: str) -> list[str]:
    seen = world.ask("admin", "GET", f"/events/view/{event_id}").body["Event"]
    inside = [a for one in seen["Object"] for a in one["Attribute"]]
    return [a["value"] for a in [*seen["Attribute"], *inside]]


# The list of what exports leave out ---------------------------------------------------


def test_the_list_is_read_by_all_and_changed_by_whom_the_role_lets(world: World) -> None:
    made = did(world, "admin", f"{ALLOWED}/add", {"Allowedlist": {"name": "/8\\.8\\.8\\.8/"}})
    assert made["Allowedlist"]["name"] == "/8\\.8\\.8\\.8/"
    number = made["Allowedlist"]["id"]
    assert did(world, "user", "/allowedlists/index") == [made]
    assert did(world, "admin", f"{ALLOWED}/index") == [made]
    for path in ("add", "index", f"edit/{number}", f"delete/{number}"):
        assert world.ask("orgadmin", "POST", f"{ALLOWED}/{path}", {"name": "/x/"}).status == 403
    again = world.ask("admin", "POST", f"{ALLOWED}/add", {"name": "/8\\.8\\.8\\.8/"})
    assert (again.status, again.body["errors"]) == (
        403,
        {"name": ["A similar name already exists."]},
    )
    changed = did(world, "admin", f"{ALLOWED}/edit/{number}", {"name": "#^9#"})
    assert changed["Allowedlist"] == {"id": number, "name": "#^9#"}
    assert world.ask("admin", "GET", f"{ALLOWED}/delete/{number}").status == 405
    assert did(world, "admin", f"{ALLOWED}/delete/{number}")["saved"]
    assert world.ask("admin", "POST", f"{ALLOWED}/delete/{number}").status == 404
    assert world.ask("admin", "POST", f"{ALLOWED}/edit/{number}", {"name": "/a/"}).status == 404
    with world.database.system() as session:
        noted = session.all("SELECT action FROM audit WHERE model = 'Allowedlist' ORDER BY id")
    assert [row[0] for row in noted] == ["add", "edit", "delete"]


@pytest.mark.parametrize(
    "pattern",
    ["", "8.8.8.8", "/open", "/a/b/", "//", "/(/", "/(?=a)b/", "/(a)\\1/", "/a++/", "/a/e", "/a/x",
     "/" + "a" * 2000 + "/", "/((a{500}){500}){500}/", "a.a", " a ", ["/a/"], {}, 7],
)  # fmt: skip
def test_what_is_no_expression_that_can_be_run_is_refused_by_name(
    world: World, pattern: Any
) -> None:
    for path, field in ((ALLOWED, "name"), (RULES, "regexp")):
        body = world.ask("admin", "POST", f"{path}/add", {field: pattern, "replacement": "x"})
        assert body.status in {400, 403}, body.body
        assert field in body.body["errors"] or field in body.body["message"]
    with world.database.system() as session:
        assert session.value("SELECT count(*) FROM import_rule") == 0
        assert session.one("SELECT allowed, imports FROM pattern_state") == (None, None)


LEFT = {"domain": "public.noordland.example", "ip-dst": "198.51.100.53"}
KEPT = {"domain": "bad.noordland.example", "ip-dst": "198.51.100.66"}


@pytest.mark.parametrize(
    "form", ["json", "xml", "csv", "text", "values", "suricata", "snort", "rpz", "bro", "stix2",
             "openioc", "cache", "zeek"],
)  # fmt: skip
def test_what_is_allowed_leaves_in_no_format_of_attributes(world: World, form: str) -> None:
    event_with(world, *LEFT.items(), *KEPT.items())
    body = {"returnFormat": form}
    before = world.ask("orgadmin", "POST", "/attributes/restSearch", body)
    if before.status != 200:
        pytest.skip(f"no format {form}")
    did(world, "admin", f"{ALLOWED}/add", {"name": "/^PUBLIC\\./i"})
    did(world, "admin", f"{ALLOWED}/add", {"name": "/^198\\.51\\.100\\.53$/"})
    turned = form in {"cache", "rpz"}  # holds digests, or addresses back to front
    after = world.ask("orgadmin", "POST", "/attributes/restSearch", body)
    assert after.status == 200
    assert after.raw != before.raw
    for value in LEFT.values():
        assert value.encode() not in after.raw
        assert turned or value.encode() in before.raw
    for value in KEPT.values():
        assert turned or value.encode() in after.raw
    assert did(world, "orgadmin", "/attributes/restSearch", {"returnFormat": "count"}) == 2


@pytest.mark.parametrize("form", ["json", "xml", "csv", "text", "suricata", "stix2", "stix"])
def test_what_is_allowed_leaves_in_no_format_of_events(world: World, form: str) -> None:
    inside = {
        "name": "domain-ip", "meta-category": "network", "description": "d",
        "template_uuid": "43b3b146-77eb-4931-b4cc-b66c60f28734", "template_version": "11",
        "Attribute": [
            {"object_relation": "domain", "type": "domain", "value": LEFT["domain"]},
            {"object_relation": "ip", "type": "ip-dst", "value": KEPT["ip-dst"]},
        ],
    }  # fmt: skip
    made = event_with(
        world, ("ip-dst", LEFT["ip-dst"]), ("domain", KEPT["domain"]), Object=[inside]
    )
    did(world, "admin", f"{ALLOWED}/add", {"name": "/(public|\\.53$)/"})
    answered = world.ask("orgadmin", "POST", "/events/restSearch", {"returnFormat": form})
    assert answered.status == 200
    for value in LEFT.values():
        assert value.encode() not in answered.raw
    for value in KEPT.values():
        assert value.encode() in answered.raw
    assert set(values_of(world, made["id"])) == {*LEFT.values(), *KEPT.values()}
    found = did(world, "orgadmin", "/objects/restSearch", {"returnFormat": "json"})
    assert LEFT["domain"] not in str(found)
    assert KEPT["ip-dst"] in str(found)


def test_the_old_exports_leave_it_out_too(world: World) -> None:
    made = event_with(world, *LEFT.items(), *KEPT.items())
    did(world, "admin", f"{ALLOWED}/add", {"name": "/(public|\\.53$)/"})
    for path in (
        "/attributes/text/download/all", "/attributes/rpz/download", "/events/csv/download/all",
        f"/events/nids/suricata/download/{made['id']}",
    ):  # fmt: skip
        answered = world.ask("orgadmin", "GET", path)
        assert answered.status == 200, path
        assert KEPT["domain"].encode() in answered.raw, path
        assert LEFT["domain"].encode() not in answered.raw, path


# Rules for values on their way in -----------------------------------------------------


def test_rules_are_rows_by_type_and_are_changed_together(world: World) -> None:
    one = did(world, "admin", f"{RULES}/add", {"regexp": "/tr-x/", "replacement": "y"})
    assert one["Regexp"]["type"] == "ALL"
    body = {"Regexp": {"regexp": "/a/", "replacement": "", "type": ["ip-src", "ip-dst"]}}
    two = did(world, "admin", f"{RULES}/add", body)
    assert [row["Regexp"]["type"] for row in two] == ["ip-src", "ip-dst"]
    assert did(world, "user", "/regexp/index") == [one, *two]
    assert did(world, "admin", f"{RULES}/index") == [one, *two]
    first = two[0]["Regexp"]["id"]
    changed = did(world, "admin", f"{RULES}/edit/{first}", {"replacement": "b"})
    assert {row["Regexp"]["replacement"] for row in changed} == {"b"}
    changed = did(world, "admin", f"{RULES}/edit/{first}", {"type": "ip-dst, domain"})
    assert [row["Regexp"]["type"] for row in changed] == ["ip-dst", "domain"]
    assert world.ask("admin", "POST", f"{RULES}/edit/{first}", {"all": 1}).status == 404
    kept = changed[0]["Regexp"]["id"]
    assert did(world, "admin", f"{RULES}/edit/{kept}", {"all": 1})["Regexp"]["type"] == "ALL"
    again = world.ask("admin", "POST", f"{RULES}/add", {"regexp": "/tr-x/", "replacement": "y"})
    assert again.body["errors"] == {"regexp": ["This rule exists already."]}
    for path in ("add", "index", "clean", f"edit/{kept}", f"delete/{kept}"):
        assert world.ask("orgadmin", "POST", f"{RULES}/{path}", {"regexp": "/q/"}).status == 403
    for number in [row["Regexp"]["id"] for row in did(world, "admin", "/regexp/index")]:
        assert did(world, "admin", f"{RULES}/delete/{number}")["saved"]
    assert did(world, "admin", "/regexp/index") == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "no-such-type"}, "type"), ({"type": []}, "type"), ({"type": {"a": 1}}, "type"),
        ({"replacement": "$1"}, "replacement"), ({"replacement": "x" * 2000}, "replacement"),
        ({"replacement": ["x"]}, "replacement"), ({"all": "perhaps"}, "all"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_act_is_refused_by_its_field(
    world: World, given: Any, field: str
) -> None:
    body = {"regexp": "/a/", "replacement": "b"} | given
    answered = world.ask("admin", "POST", f"{RULES}/add", body)
    assert answered.status == 403
    assert list(answered.body["errors"]) == [field]


@pytest.mark.parametrize(
    ("rule", "kind", "value", "stored"),
    [
        (("/^C:\\\\Users\\\\[^\\\\]+/i", "%USERPROFILE%"), "filename", r"c:\users\jan\a.exe",
         r"%USERPROFILE%\a.exe"),
        (("/(\\w+)-(\\w+)/", "$2_${1}\\0"), "text", "one-two", "two_oneone-two"),
        (("#^http://([^/]+)/.*$#s", "http://$1/"), "url", "http://bad.example/victim@x",
         "http://bad.example/"),
        (("/a/", "b"), "sigma", "a", "a"),
        (("/(a+?)(b)?/", "<$1$2>"), "text", "aab", "<a><ab>"),
        (("/x/", "\\$1"), "text", "x", "$1"),
        (("/é/u", "e"), "text", "café", "cafe"),
        (("/\\|bad$/", "|80"), "ip-dst|port", "198.51.100.7|443", "198.51.100.7|443"),
        (("/\\|443$/", "|80"), "ip-dst|port", "198.51.100.7|443", "198.51.100.7|80"),
        (("/UPPER/", "Host.Noordland.EXAMPLE"), "domain", "x.example", "x.example"),
        (("/^x\\./", "Y."), "domain", "x.example", "y.example"),
    ],
)  # fmt: skip
def test_a_rule_changes_what_comes_in_as_it_does_in_misp(
    world: World, rule: tuple[str, str], kind: str, value: str, stored: str
) -> None:
    did(world, "admin", f"{RULES}/add", {"regexp": rule[0], "replacement": rule[1]})
    made = event_with(world, (kind, value))
    assert values_of(world, made["id"]) == [stored]


def _every_way_in(world: World, event_id: str, value: str) -> dict[str, Any]:
    """One answer for each way in which a value reaches an event."""
    ask = world.ask
    item = {"type": "domain", "value": value}
    wrapped = {
        "name": "domain-ip", "meta-category": "network", "description": "d",
        "template_uuid": "43b3b146-77eb-4931-b4cc-b66c60f28734", "template_version": "11",
        "Attribute": [item | {"object_relation": "domain"}],
    }  # fmt: skip
    other = event_with(world, ("ip-dst", "198.51.100.1"))
    first = other["Attribute"][0]
    return {
        "add": ask("orgadmin", "POST", f"/attributes/add/{event_id}", item),
        "object": ask("orgadmin", "POST", f"/objects/add/{event_id}", wrapped),
        "edit": ask("orgadmin", "POST", f"/attributes/edit/{first['id']}", item),
        "event edit": ask("orgadmin", "POST", f"/events/edit/{event_id}", {
            "timestamp": int(time.time()) + 60, "Attribute": [item | {"category": "Other"}]}),
        "event": ask("orgadmin", "POST", "/events/add", {
            "info": "e", "Attribute": [item], "Object": [wrapped]}),
        "text": ask("orgadmin", "POST", f"/events/freeTextImport/{event_id}", {
            "value": f"seen {value} there"}),
        "proposal": ask("other", "POST", f"/shadow_attributes/add/{event_id}", item),
        "change": ask("other", "POST", f"/shadow_attributes/edit/{first['id']}", item),
        "pushed": ask("sync", "POST", f"/events/pushProposals/{other['uuid']}", [item]),
    }  # fmt: skip


def test_a_value_that_is_kept_out_comes_in_by_no_way(world: World) -> None:
    made = event_with(world, ("ip-dst", "198.51.100.9"))
    did(world, "admin", f"{RULES}/add", {"regexp": "/victim/", "type": "domain"})
    ways = _every_way_in(world, made["id"], "victim.example")
    assert ways["add"].body["errors"]["value"] == BLOCKED
    assert ways["edit"].body["errors"]["value"] == BLOCKED
    assert "blocked by a regular expression" in str(ways["object"].body)
    assert "blocked by a regular expression" in str(ways["proposal"].body)
    assert "blocked by a regular expression" in str(ways["change"].body)
    assert "blocked by a regular expression" in str(ways["event"].body)
    with world.database.system() as session:
        assert session.value("SELECT count(*) FROM attribute WHERE value1 ~ 'victim'") == 0
        assert session.value("SELECT count(*) FROM proposal WHERE value1 ~ 'victim'") == 0
        assert session.value("SELECT count(*) FROM refusal WHERE reason ~ 'import filters'") > 0


def test_a_value_is_changed_once_on_every_way(world: World) -> None:
    made = event_with(world, ("ip-dst", "198.51.100.9"))
    did(world, "admin", f"{RULES}/add", {"regexp": "/^x/", "replacement": "xx"})
    for way, answered in _every_way_in(world, made["id"], "x.example").items():
        assert answered.status == 200, (way, answered.body)
    with world.database.system() as session:
        stored = session.all("SELECT value1 FROM attribute WHERE type = 'domain'")
        proposed = session.all("SELECT value1 FROM proposal")
    assert {row[0] for row in stored} == {"xx.example"}
    assert len(stored) >= 5
    assert {row[0] for row in proposed} == {"xx.example"}


def test_what_rules_make_alike_is_there_once(world: World) -> None:
    made = event_with(world, ("domain", "x.example"))
    did(world, "admin", f"{RULES}/add", {"regexp": "/^[a-z]+\\./", "replacement": "x."})
    answered = world.ask(
        "orgadmin",
        "POST",
        f"/attributes/add/{made['id']}",
        {"type": "domain", "value": "y.example"},
    )
    assert answered.status == 403
    assert "similar attribute" in str(answered.body)
    assert values_of(world, made["id"]) == ["x.example"]


def test_a_value_that_a_rule_spoils_is_refused_and_an_edit_leaves_what_it_does_not_name(
    world: World,
) -> None:
    made = event_with(world, ("ip-dst", "198.51.100.9"))
    did(world, "admin", f"{RULES}/add", {"regexp": "/198/", "replacement": "999"})
    sent = {"type": "ip-dst", "value": "198.51.100.10"}
    answered = world.ask("orgadmin", "POST", f"/attributes/add/{made['id']}", sent)
    assert answered.body["errors"]["value"] == ["IP address has an invalid format."]
    number = made["Attribute"][0]["id"]
    edited = did(world, "orgadmin", f"/attributes/edit/{number}", {"comment": "seen"})
    assert edited["Attribute"]["value"] == "198.51.100.9"


def test_rules_chain_in_their_order_and_cannot_swell_a_value(world: World) -> None:
    for pattern, instead in (("/a/", "b"), ("/b/", "c")):
        did(world, "admin", f"{RULES}/add", {"regexp": pattern, "replacement": instead})
    assert values_of(world, event_with(world, ("text", "ab"))["id"]) == ["cc"]
    for power in range(12):
        body = {"regexp": f"/^(c.*){'$' if power % 2 else ''}/s", "replacement": "$1$1$1$1$1$1"}
        did(world, "admin", f"{RULES}/add", body | {"regexp": body["regexp"] + "m" * (power > 1)})
        if power > 1:
            break
    big = "c" * 60_000
    made = did(world, "orgadmin", "/events/add", {
        "info": "t", "Attribute": [{"type": "text", "value": big}]})  # fmt: skip
    assert "too long" in str(made)


def test_a_pattern_that_sends_other_engines_into_the_woods_takes_no_time(world: World) -> None:
    for pattern in ("/^(a+)+$/", "/(a|aa)+$/", "/(.*)*x(.*)*y$/", "/(a?){50}a{50}$/"):
        did(world, "admin", f"{ALLOWED}/add", {"name": pattern})
        did(world, "admin", f"{RULES}/add", {"regexp": pattern, "replacement": "gone"})
    began = time.monotonic()
    event_with(world, *[("text", "a" * 30_000 + f"!{n}") for n in range(3)])
    world.ask("orgadmin", "POST", "/attributes/restSearch", {"returnFormat": "text"})
    assert time.monotonic() - began < 5


def test_cleaning_changes_and_deletes_what_is_stored(world: World) -> None:
    made = event_with(
        world, ("domain", "mail.victim.example"), ("domain", "x.example"), ("domain", "y.example"),
        ("ip-dst", "198.51.100.9"),
    )  # fmt: skip
    other = event_with(world, ("domain", "x.other.example"), who="other")
    assert did(world, "admin", f"{RULES}/clean")["changed"] == 0
    did(world, "admin", f"{RULES}/add", {"regexp": "/victim/", "type": "domain"})
    did(world, "admin", f"{RULES}/add", {"regexp": "/^x\\./", "replacement": "y."})
    did(world, "admin", f"{RULES}/add", {"regexp": "/^198/", "replacement": "999"})
    assert world.ask("admin", "GET", f"{RULES}/clean").status == 405
    done = did(world, "admin", f"{RULES}/clean")
    assert done["message"] == "All done! Number of changed attributes: 1 Number of deletions: 1"
    assert (done["changed"], done["deleted"], done["left"]) == (1, 1, 2)
    assert values_of(world, made["id"]) == ["x.example", "y.example", "198.51.100.9"]
    assert values_of(world, other["id"]) == ["y.other.example"]
    seen = world.ask("admin", "GET", f"/events/view/{other['id']}").body["Event"]
    assert seen["published"] is False
    found = did(world, "other", "/attributes/restSearch", {"value": "y.other.example"})
    assert len(found["response"]["Attribute"]) == 1


def test_a_rule_of_another_worker_acts_at_once_and_ends_at_once(world: World) -> None:
    assert values_of(world, event_with(world, ("text", "a"))["id"]) == ["a"]
    with world.database.system() as session:
        session.execute(
            "INSERT INTO import_rule (pattern, replacement, type) VALUES ('/a/', 'b', 'ALL')"
        )
    assert values_of(world, event_with(world, ("text", "a"))["id"]) == ["b"]
    with world.database.system() as session:
        session.execute("DELETE FROM import_rule")
    assert values_of(world, event_with(world, ("text", "a"))["id"]) == ["a"]
