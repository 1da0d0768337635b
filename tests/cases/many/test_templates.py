# SPDX-License-Identifier: EUPL-1.2
"""Templates: an organisation's own, from form, file or case, and cases that begin with one."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.cases.many.conftest import World

from brug.cases import templates, templating
from brug.cases.acts import Filled, Left, Marked, Planned, Said
from brug.cases.templates import Overtaken, Part, Task, Template
from brug.model.errors import Forbidden, Invalid, NotFound


def template(name: str, **more: Any) -> Template:
    return Template(**{"name": name, "kind": "incident", "title": "Phishing at {whom}"} | more)


def add(world: World, given: Template, who: str = "lead") -> templates.Kept:
    with world.database.as_user(world.ids[who]) as session:
        return templates.add(session, given)


def names(world: World, who: str) -> list[str]:
    with world.database.as_user(world.ids[who]) as session:
        return [one.template.name for one in templates.listed(session)]


def test_a_case_begins_with_what_its_template_says(world: World) -> None:
    kept = add(world, template(
        "Phishing", title="{date}: phishing at {whom}, {whom}",
        fields={"summary": "Mail with a link", "sector": "energy"},
        tasks=(
            Task(title="Take the site down", after="PT4H", who="csirt"),
            Task(title="Warn the users", after="P2D", who="lead"), Task(title="Look back"),
        ),
        participants=(Part(org="CSIRT Westland", role="csirt"),
                      Part(org=str(uuid4()), role="observer", name="Elsewhere")),
        tlp="amber",
    ))  # fmt: skip
    with world.database.as_user(world.ids["lead"]) as session:
        file = templating.open_case(session, kept.template, {"whom": "the bank"})
    case = world.seen(file)
    today = datetime.now(UTC)
    assert case.title == f"{today.date().isoformat()}: phishing at the bank, the bank"
    assert case.fields == {"summary": "Mail with a link", "sector": "energy"}
    assert case.marking.tlp == "amber"
    assert [(one.name, one.role) for one in case.present] == [
        ("CSIRT Noordland", "lead"), ("CSIRT Westland", "csirt"), ("Elsewhere", "observer"),
    ]  # fmt: skip
    down, warn, back = case.tasks.values()
    assert [case.participants[one.assignee].role for one in (down, warn)] == ["csirt", "lead"]
    ends = [datetime.fromisoformat(one.due) - today for one in (down, warn)]
    assert [round(end / timedelta(hours=1)) for end in ends] == [4, 48]
    assert (back.due, back.assignee) == ("", "")
    assert case.ignored == []


@pytest.mark.parametrize(
    ("given", "words", "field"),
    [
        (template("a"), {}, "words.whom"),
        (template("b"), {"whom": "x", "who": "y"}, "words.who"),
        (template("c", title="x", participants=(Part(org="Nobody", role="csirt"),)), {}, "org"),
        (template("d", title="x", tasks=(Task(title="x", who="entity"),)), {}, "participant"),
    ],
)
def test_nothing_is_opened_where_something_of_it_does_not_fit(
    world: World, given: Template, words: dict[str, str], field: str
) -> None:
    def count() -> int:
        with world.database.system() as session:
            return int(session.value("SELECT count(*) FROM case_file"))

    before = count()
    with (
        pytest.raises(Invalid, match=field),
        world.database.as_user(world.ids["lead"]) as session,
    ):
        templating.open_case(session, given, words)
    assert count() == before


def test_templates_are_their_organisations_own(world: World) -> None:
    kept = add(world, template("Ours alone"))
    assert "Ours alone" in names(world, "colleague")
    for who in ("officer", "trainee", "admin"):
        assert "Ours alone" not in names(world, who)
        with world.database.as_user(world.ids[who]) as session:
            for which in (str(kept.id), "Ours alone"):
                with pytest.raises(NotFound):
                    templates.find(session, which)
            with pytest.raises((NotFound, Forbidden)):
                templates.save(session, str(kept.id), template("x"))
            with pytest.raises((NotFound, Forbidden)):
                templates.delete(session, str(kept.id))
    with (
        world.database.as_user(world.ids["trainee"]) as session,
        pytest.raises(Forbidden),
    ):
        templates.add(session, template("Nobody's"))
    with world.database.system() as session:
        stored = session.all("SELECT t::text FROM case_template t")
    assert all("Ours" not in row[0] and b"Ours".hex() not in row[0] for row in stored)


def test_who_saves_second_is_told(world: World) -> None:
    kept = add(world, template("Twice"))
    with world.database.as_user(world.ids["lead"]) as session:
        changed = templates.save(session, "Twice", template("Twice", about="a"), kept.version)
    with (
        world.database.as_user(world.ids["colleague"]) as session,
        pytest.raises(Overtaken),
    ):
        templates.save(session, "Twice", template("Twice", about="b"), kept.version)
    with world.database.as_user(world.ids["colleague"]) as session:
        assert templates.find(session, "Twice") == changed
        templates.delete(session, "Twice")
        with pytest.raises(NotFound):
            templates.find(session, "Twice")


def test_a_name_is_given_once(world: World) -> None:
    add(world, template("Once"))
    for who in ("lead", "colleague"):
        with pytest.raises(Invalid, match="name"):
            add(world, template("Once"), who)
    add(world, template("Once"), "officer")


def test_a_template_travels_as_a_file() -> None:
    given = template("File", tasks=(Task(title="x", after="PT4H"),), fields={"sector": "energy"})
    assert templates.of_file(templates.to_file(given)) == given


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (b"", "file"), (b"[]", "file"), (b"\xff", "file"), (b"[" * 100_000, "file"),
        (b"x" * (templates.LARGEST + 1), "file"),
        ({"form": "brug-case-template/2"}, "form"), ({"kind": "lawsuit"}, "kind"),
        ({"name": ""}, "name"), ({"name": "a\0"}, "name"), ({"title": " "}, "title"),
        ({"colour": "red"}, "file"), ({"fields": {"colour": 1}}, "fields.colour"),
        ({"fields": {"sector": "moon"}}, "fields.sector"), ({"tlp": "blue"}, "tlp"),
        ({"pap": 5}, "pap"), ({"tasks": [{"title": ""}]}, r"tasks\[0\].title"),
        ({"tasks": [{"title": "x", "after": "soon"}]}, r"tasks\[0\].after"),
        ({"tasks": [{"title": "x", "after": "P0D"}]}, r"tasks\[0\].after"),
        ({"tasks": [{"title": "x"}] * 101}, "tasks"),
        ({"participants": [{"org": "x", "role": "king"}]}, r"participants\[0\].role"),
        ({"participants": [{"org": "", "role": "csirt"}]}, r"participants\[0\].org"),
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused_by_its_field(
    change: bytes | dict[str, Any], field: str
) -> None:
    data = change
    if isinstance(change, dict):
        data = msgspec.json.encode(msgspec.to_builtins(template("x")) | change)
    assert isinstance(data, bytes)
    with pytest.raises(Invalid, match=field) as refused:
        templates.of_file(data)
    assert "Object" not in refused.value.expected


def test_a_case_used_as_a_template_gives_what_its_own_people_said_in_it(world: World) -> None:
    file = world.open("Ours", summary="of ours")
    part = world.join(file, "peer", "csirt")
    alone = world.join(file, "trainee", "handler", alone=True)
    world.act(file, Marked(tlp="green"))
    due = (datetime.now(UTC) + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for title, who, to in (
        ("Ours to do", "lead", []), ("Theirs", "peer", []), ("Narrow", "lead", [part]),
    ):  # fmt: skip
        task = Planned(task=str(uuid4()), title=title, assignee=part, due=due)
        world.act(file, task, who, to)
    world.act(file, Filled(fields={"root_cause": "of theirs"}), "peer")
    world.act(file, Said(text="a secret"))
    with world.database.as_user(world.ids["lead"]) as session:
        made = templating.of_case(session, file.number, "From a case")
    assert made == template(
        "From a case", title="Ours", fields={"summary": "of ours"}, tlp="green",
        tasks=(Task(title="Ours to do", after="PT5H", who="csirt"),),
        participants=(Part(org=world.orgs["peer"], role="csirt", name="peer"),),
    )  # fmt: skip
    assert alone
    with world.database.system() as session:
        session.execute(
            "INSERT INTO case_guest (digest, case_id, participant) VALUES (%s, %s, %s)",
            (b"x" * 32, file.id, part),
        )
    with world.database.as_user(world.ids["lead"]) as session:
        assert templating.of_case(session, file.number, "Without accounts").participants == ()
    world.act(file, Left(participant=world.join(file, "officer", "entity")))
    with world.database.as_user(world.ids["lead"]) as session:
        assert templating.of_case(session, file.number, "Gone").participants == ()
    with world.database.as_user(world.ids["peer"]) as session:
        theirs = templating.of_case(session, file.number, "x")
    assert (theirs.title, theirs.fields) == ("{title}", {"root_cause": "of theirs"})
    with (
        world.database.as_user(world.ids["never"]) as session,
        pytest.raises(NotFound),
    ):
        templating.of_case(session, file.number, "x")
