# SPDX-License-Identifier: EUPL-1.2
"""Acting in a case from its page: each form one entry, refusals that keep what was typed."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.thorough import share
from tests.web import casework
from tests.web.casework import do, join, opened, org_uuid, seen, send, text_of
from tests.web.node import CANARY, Node, post, token_in

from brug.cases.acts import Embargoed, Marked, Said
from brug.web.cases import acting


@pytest.fixture(scope="module")
def node(node: Node) -> Node:
    casework.hire(node)
    return node


def last(node: Node, number: str, who: str = "handler") -> Any:
    return seen(node, number, who).timeline[-1].act


ZONE = "Europe/Amsterdam"
DONE: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("renamed", {"title": " Other title "}, {"title": "Other title"}, "Other title"),
    (
        "recorded",
        {"fact": "aware_at", "at": "2026-07-01T14:20", "zone": ZONE, "source": "the CISO"},
        {"fact": "aware_at", "at": "2026-07-01T12:20:00Z", "zone": ZONE, "source": "the CISO"},
        "Became aware 2026-07-01 12:20 UTC",
    ),
    ("said", {"text": "line one\r\nline two"}, {"text": "line one\nline two"}, "line one line two"),
    (
        "decided",
        {"question": "Pay?", "outcome": "No", "because": "never"},
        {"question": "Pay?", "outcome": "No", "because": "never"},
        "Pay? No Because: never",
    ),
    (
        "planned",
        {"title": "Back up", "due": "2026-12-24T09:00", "zone": ZONE},
        {"title": "Back up", "due": "2026-12-24T08:00:00Z", "is_done": False},
        "Back up",
    ),
    ("planned", {"title": "Sleep", "is_done": "1"}, {"is_done": True}, "Task done: Sleep"),
    (
        "linked",
        {"kind": "event", "reference": "1aff62fb-c50a-444b-9109-31c6666ec734", "title": "theirs"},
        {"uuid": "1aff62fb-c50a-444b-9109-31c6666ec734", "title": "theirs"},
        "Not on this node, or not for you to see. theirs",
    ),
    ("marked", {"tlp": "amber+strict", "pap": ""}, {"tlp": "amber+strict"}, "TLP:AMBER+STRICT"),
    (
        "embargoed",
        {"until": "2026-12-01T09:00", "zone": ZONE, "because": "a patch"},
        {"until": "2026-12-01T08:00:00Z", "because": "a patch"},
        "Under embargo: nothing of it may be published before 2026-12-01 08:00 UTC — a patch",
    ),
    (
        "moved",
        {"machine": "phase", "trigger": "dismiss", "leaves": "detection", "because": "spam"},
        {"trigger": "dismiss", "because": "spam"},
        "Phase: No incident (Detection → Closed) Because: spam",
    ),
]


@pytest.mark.parametrize(
    ("what", "fields", "written", "shown"), DONE, ids=lambda one: str(one)[:20]
)
def test_a_form_writes_one_entry_and_the_page_shows_it(
    node: Node, what: str, fields: dict[str, Any], written: dict[str, Any], shown: str
) -> None:
    number = opened(node)
    with node.browser("handler") as client:
        done = send(client, number, what, **fields)
        assert done.status_code == 303, text_of(done)
        assert done.headers["location"].startswith(f"/cases/{number}#")
        assert shown in text_of(client.get(f"/cases/{number}"))
    case = seen(node, number)
    assert len(case.timeline) == 2
    act = case.timeline[-1].act
    assert {name: getattr(act, name) for name in written} == written


def test_an_embargo_is_ended_where_there_is_one(node: Node) -> None:
    number = opened(node)
    end = {"end": "1", "because": "fixed"}
    with node.browser("handler") as client:
        refused = send(client, number, "embargoed", **end)
        assert refused.status_code == 409
        assert f"{number} is under no embargo." in text_of(refused)
        send(client, number, "embargoed", until="2190-12-01T09:00", zone=ZONE, because="a patch")
        assert send(client, number, "embargoed", **end).status_code == 303
        assert "Ended the embargo" in text_of(client.get(f"/cases/{number}"))
    assert seen(node, number).timeline[-1].act == Embargoed(until="", zone="UTC", because="fixed")


WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("renamed", {"title": "x" * 301}, "title", "Give a title of at most 300 characters."),
    ("recorded", {"fact": "born", "at": "2026-07-01T14:20", "zone": "UTC"}, "fact",
     "Choose one of the list."),
    ("recorded", {"fact": "aware_at", "at": "yesterday", "zone": "UTC"}, "at",
     "Give a day and time such as 2026-11-27T14:20."),
    ("recorded", {"fact": "aware_at", "at": "0001-01-01T00:00", "zone": "UTC"}, "at",
     "Give a day and time such as 2026-11-27T14:20."),
    ("recorded", {"fact": "aware_at", "at": "2026-03-29T02:30", "zone": ZONE}, "at",
     "The clocks of that zone skip this time on that day. Give another."),
    ("recorded", {"fact": "aware_at", "at": "2026-07-01T14:20", "zone": "Mars/Base"}, "zone",
     "Give a time zone such as Europe/Amsterdam."),
    ("said", {"text": " "}, "text", "Write something, of at most 50,000 characters."),
    ("decided", {"question": "", "outcome": "No"}, "question",
     "Say what it was about, in at most 300 characters."),
    ("decided", {"question": "Pay?", "outcome": ""}, "outcome",
     "Say what was decided, in at most 50,000 characters."),
    ("planned", {"title": ""}, "title", "Give a title of at most 300 characters."),
    ("planned", {"title": "x", "assignee": str(uuid4())}, "assignee",
     "Choose somebody who takes part."),
    ("planned", {"title": "x", "due": "soon", "zone": "UTC"}, "due",
     "Give a day and time such as 2026-11-27T14:20."),
    ("linked", {"kind": "event", "reference": "no such"}, "reference",
     "Give something that you may see, by number, UUID or address; or a UUID."),
    ("linked", {"kind": "person", "reference": "1"}, "kind", "Choose one of the list."),
    ("marked", {"tlp": "pink"}, "tlp", "Choose one of the list."),
    ("embargoed", {"until": "later", "zone": "UTC"}, "until",
     "Give a day and time such as 2026-11-27T14:20."),
    ("embargoed", {"until": "", "zone": "UTC", "because": "left empty"}, "until",
     "Give a day and time such as 2026-11-27T14:20."),
    ("embargoed", {"end": "1", "because": " "}, "because",
     "Say why, in at most 50,000 characters."),
    ("joined", {"organisation": "Nobody", "role": "csirt"}, "organisation",
     "Give an organisation that this node knows, or the UUID of another."),
    ("joined", {"organisation": str(uuid4()), "role": "csirt"}, "name",
     "Give the name of the organisation, which this node does not know."),
    ("joined", {"organisation": "Zuidmark Police", "role": "king"}, "role",
     "Choose one of the list."),
    ("joined",
     {"organisation": "Zuidmark Police", "role": "csirt", "person": "lead@people.example"},
     "person", "This organisation has nobody with that e-mail address here."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "fields", "field", "said"), WRONG)
def test_what_does_not_fit_is_marked_and_kept_and_writes_nothing(
    node: Node, what: str, fields: dict[str, Any], field: str, said: str
) -> None:
    number = opened(node)
    with node.browser("handler") as client:
        answered = send(client, number, what, **fields)
    assert answered.status_code == 400
    assert f'id="f-{what}.{field}-error">{said}' in answered.text
    assert f'id="form-{what}" open>' in answered.text
    assert "Nothing was written." in answered.text
    for name, value in fields.items():
        if name not in {"kind", "fact", "role", "assignee", "tlp"} and value.strip():
            assert value in answered.text, name
    assert len(seen(node, number).timeline) == 1


def test_a_step_that_asks_for_a_reason_has_the_field(node: Node) -> None:
    number = opened(node)
    form = "moved.phase..dismiss"
    fields = {"machine": "phase", "trigger": "dismiss", "leaves": "detection", "form": form}
    with node.browser("handler") as client:
        assert f'<textarea id="f-{form}.because" name="because" required' in client.get(
            f"/cases/{number}"
        ).text.replace(' rows="2"', "")
        answered = send(client, number, "moved", **fields, because=" ")
        assert answered.status_code == 400
        assert f'id="f-{form}.because-error">Say why' in answered.text
        blocked = send(
            client, number, "moved", machine="phase", trigger="contain", leaves="detection"
        )
        assert blocked.status_code == 409
        assert "This is not possible yet." in blocked.text
    assert len(seen(node, number).timeline) == 1


def test_of_two_who_leave_a_state_at_once_the_second_is_told_what_it_is_now(node: Node) -> None:
    number = opened(node)
    step = {"machine": "phase", "trigger": "dismiss", "leaves": "detection", "because": "spam"}
    with node.browser("handler") as first, node.browser("colleague") as second:
        page = second.get(f"/cases/{number}").text
        assert 'name="leaves" value="detection"' in page
        assert send(first, number, "moved", **step).status_code == 303
        late = send(second, number, "moved", **step, form="moved.phase..dismiss")
        assert late.status_code == 409
        said = "“Phase” is now “Closed” and no longer “Detection”. Nothing was changed."
        assert said in text_of(late)
        assert 'name="leaves" value="closed"' in late.text, "what is possible from there"
    assert len(seen(node, number).timeline) == 2


def seen_of(client: httpx.Client, number: str, what: str) -> dict[str, str]:
    """What the form of an act carries of what it replaces."""
    page = client.get(f"/cases/{number}?open={what}").text
    form = page[page.index(f'id="form-{what}" open') :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'name="(seen[^"]*|task)" value="([^"]*)"', form))


@pytest.mark.parametrize(
    ("what", "first", "second"),
    [
        ("marked", {"tlp": "red"}, {"tlp": "green"}),
        ("renamed", {"title": "One"}, {"title": "Two"}),
        (
            "embargoed",
            {"until": "2027-01-01T00:00", "zone": "UTC"},
            {"end": "1", "because": "fixed"},
        ),
        (
            "recorded",
            {"fact": "aware_at", "at": "2026-07-01T14:20", "zone": "UTC"},
            {"fact": "aware_at", "at": "2026-07-01T15:20", "zone": "UTC"},
        ),
    ],
)
def test_who_replaces_what_somebody_else_just_replaced_is_told(
    node: Node, what: str, first: dict[str, str], second: dict[str, str]
) -> None:
    number = opened(node)
    with node.browser("handler") as one, node.browser("colleague") as other:
        carried = seen_of(other, number, what)
        assert send(one, number, what, **first).status_code == 303
        late = send(other, number, what, **(second | carried))
        assert late.status_code == 409
        assert "Somebody else changed this meanwhile." in late.text
        assert len(seen(node, number).timeline) == 2
        again = seen_of(other, number, what)
        assert again != carried
        assert send(other, number, what, **(second | again)).status_code == 303
    assert len(seen(node, number).timeline) == 3


def test_only_what_was_changed_is_written_and_nobody_is_overwritten_unseen(node: Node) -> None:
    number = opened(node, summary="as it was", contact="desk")
    place = f"/cases/{number}/edit"

    def form_of(client: httpx.Client) -> dict[str, str]:
        page = client.get(place).text
        form = dict(re.findall(r'name="(seen\.[^"]+)" value="([^"]*)"', page))
        return form | {"fields.summary": "as it was", "fields.contact": "desk"}

    with node.browser("handler") as first, node.browser("colleague") as second:
        one, other = form_of(first), form_of(second)
        one["fields.summary"] = "as the first says"
        assert post(first, place, one, place).status_code == 303
        assert last(node, number).fields == {"summary": "as the first says"}
        assert post(second, place, other | {"fields.contact": "me"}, place).status_code == 303
        assert last(node, number).fields == {"contact": "me"}
        late = post(second, place, other | {"fields.summary": "as the second says"}, place)
        assert late.status_code == 409
        said = "(Bank ISAC) changed this meanwhile to: as the first says."
        assert said in text_of(late)
        assert "as the second says</textarea>" in late.text
        assert seen(node, number).fields["summary"] == "as the first says"
        again = dict(re.findall(r'name="(seen\.[^"]+)" value="([^"]*)"', late.text))
        again["fields.summary"] = "as the second says"
        assert post(second, place, again, place).status_code == 303
        assert seen(node, number).fields["summary"] == "as the second says"
        nothing = post(second, place, form_of(second) | {
            "fields.summary": "as the second says", "fields.contact": "me"}, place)  # fmt: skip
        assert nothing.status_code == 303
        entries = len(seen(node, number).timeline)
        emptied = form_of(second) | {"fields.summary": "", "fields.contact": "me"}
        assert post(second, place, emptied, place).status_code == 303
    case = seen(node, number)
    assert len(case.timeline) == entries + 1
    assert case.fields["summary"] is None


def test_a_time_may_be_so_of_one_who_takes_part_alone(node: Node) -> None:
    number = opened(node)
    police = join(node, number, "Zuidmark Police", "entity")
    other = join(node, number, "CSIRT Noordland", "entity")
    at = {"fact": "aware_at", "at": "2026-07-01T14:20", "zone": "UTC"}
    with node.browser("officer") as client:
        page = client.get(f"/cases/{number}").text
        page = page[page.index('id="form-recorded"') :].partition("</form>")[0]
        assert f'<option value="{police}"' in page
        assert f'<option value="{other}">CSIRT Noordland · Entity' not in page
        step = {"machine": "nis2", "trigger": "assess", "leaves": "detected", "of": police}
        assert send(client, number, "moved", **step).status_code == 303
        where = f"/cases/{number}?open=recorded&amp;fact=aware_at&amp;of={police}#recorded"
        assert where in client.get(f"/cases/{number}").text
        assert send(client, number, "recorded", **at, of=police).status_code == 303
        assert send(client, number, "recorded", **at, of=other).status_code == 403
        assert send(client, number, "recorded", **at, of=str(uuid4())).status_code == 400
        page = text_of(client.get(f"/cases/{number}"))
        assert "Became aware Zuidmark Police 2026-07-01 14:20 UTC" in page
        assert "Became aware · Zuidmark Police: 2026-07-01 14:20 UTC" in page
        assert "This needs first: Why it is significant, or not" in page
        corrected = at | {"at": "2026-07-01T13:00", "of": police}
        assert send(client, number, "recorded", **corrected).status_code == 303
        assert "1 correction" in text_of(client.get(f"/cases/{number}"))
        undone = {"fact": "aware_at", "of": police, "is_undone": "1"}
        assert send(client, number, "recorded", **undone).status_code == 400  # the reason
        done = send(client, number, "recorded", **undone, because="It was a test")
        assert done.status_code == 303
        page = text_of(client.get(f"/cases/{number}"))
        assert "Became aware · Zuidmark Police: taken back" in page
        assert send(client, number, "recorded", **undone, because="again").status_code == 400
    case = seen(node, number)
    assert case.facts == {}
    assert list(case.own_facts) == [("aware_at", police)]
    assert case.fact("aware_at", police) is None


def test_an_organisation_a_person_and_one_of_another_node_take_part(node: Node) -> None:
    number = opened(node)
    elsewhere = str(uuid4())
    person = node.email(casework.TRAINEE)
    with node.browser("handler") as client:
        for fields in (
            {"organisation": "Zuidmark Police", "role": "csirt"},
            {"organisation": elsewhere.upper(), "role": "authority", "name": "Ministry of Water"},
            {"organisation": "Zuidmark Police", "role": "observer", "person": person.upper()},
        ):
            done = send(client, number, "joined", **fields)
            assert done.status_code == 303, text_of(done)
        twice = send(client, number, "joined", organisation="Zuidmark Police", role="csirt")
        assert twice.status_code == 409
        page = text_of(client.get(f"/cases/{number}"))
        for said in ("Ministry of Water", f"{person} (Zuidmark Police)", "4 take part"):
            assert said in page, said
    joined = {(one.org, one.user, one.role) for one in seen(node, number).present}
    police = org_uuid(node, "Zuidmark Police")
    assert joined == {
        (org_uuid(node, "Bank ISAC"), None, "lead"), (police, None, "csirt"),
        (elsewhere, None, "authority"), (police, node.ids[casework.TRAINEE], "observer"),
    }  # fmt: skip


def test_one_leaves_with_a_reason_and_the_last_who_leads_stays(node: Node) -> None:
    number = opened(node)
    police = join(node, number, "Zuidmark Police", "csirt")
    with node.browser("officer") as client:
        assert "Have somebody take part" not in client.get(f"/cases/{number}").text
        theirs = next(one.id for one in seen(node, number).present if one.role == "lead")
        unsaid = send(client, number, "left", participant=theirs, form=f"left.{theirs}")
        assert unsaid.status_code == 400
        refused = send(client, number, "left", participant=theirs, because="they are slow")
        assert refused.status_code == 403
        gone = send(client, number, "left", participant=police, because="not ours")
        assert gone.status_code == 303
        assert gone.headers["location"] == "/cases"
        assert client.get(f"/cases/{number}").status_code == 404
    with node.browser("handler") as client:
        assert "not ours" in client.get(f"/cases/{number}").text
        stays = send(client, number, "left", participant=theirs)
        assert stays.status_code == 409
        assert "Somebody else has to lead the case first." in stays.text


def test_a_message_to_some_is_for_them_alone_and_a_task_for_some_stays_so(node: Node) -> None:
    number = opened(node)
    police = join(node, number, "Zuidmark Police", "csirt")
    join(node, number, "CSIRT Noordland", "handler")
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}").text
        assert "With nobody chosen, all who take part read it" in page
        assert send(client, number, "said", text="to the police", to=[police]).status_code == 303
        assert send(client, number, "planned", title="Quietly", to=[police]).status_code == 303
        stranger = send(client, number, "said", text="x", to=[str(uuid4())])
        assert stranger.status_code == 400
        assert "Choose those whom it is for" in stranger.text
    with node.browser("officer") as client:
        page = text_of(client.get(f"/cases/{number}"))
        assert "to the police" in page
        assert "Only for Zuidmark Police" in page
        (task,) = seen(node, number, "officer").tasks.values()
        done = send(client, number, "planned", task=task.task, title=task.title, is_done="1")
        assert done.status_code == 303
    with node.browser("admin") as client:
        page = client.get(f"/cases/{number}").text
        assert "to the police" not in page
        assert "Quietly" not in page
    assert next(iter(seen(node, number).tasks.values())).is_done


def test_who_looks_on_gets_the_forms_of_looking_on_alone(node: Node) -> None:
    number = opened(node)
    do(node, number, Said(text="hello"))
    join(node, number, "Zuidmark Police", "observer")
    with node.browser("officer") as client:
        page = client.get(f"/cases/{number}").text
        offered = set(re.findall(r'/cases/[^"]+(?:/acts/|[?]open=)([a-z]+)', page))
        assert offered == {"said", "left"}
        assert "/edit" not in page
        assert client.get(f"/cases/{number}/edit").status_code == 403
        for what, fields in (
            ("marked", {"tlp": "red"}), ("decided", {"question": "x", "outcome": "y"}),
            ("renamed", {"title": "mine"}),
        ):  # fmt: skip
            refused = send(client, number, what, **fields)
            assert refused.status_code == 403, what
            assert "Your part in this case does not include this." in refused.text
        refused = post(client, f"/cases/{number}/edit", {"fields.summary": "mine"})
        assert refused.status_code == 403
        assert send(client, number, "said", text="I read it").status_code == 303


# What finds the most goes to every act, the rest each to some.
FIRST_RUBBISH = ("", "\0", CANARY)
RUBBISH = (*FIRST_RUBBISH, "\ufffd", "x" * 60_000, "9999-99-99T99:99", "-1", "é\n" * 9, "😀",
           "1aff62fb-c50a-444b-9109-31c6666ec734", "../../etc", "2026-07-01T14:20")  # fmt: skip
NAMES = ("title", "fact", "at", "zone", "source", "because", "organisation", "name", "person",
         "role", "participant", "machine", "trigger", "leaves", "of", "text", "to", "question",
         "outcome", "task", "assignee", "due", "kind", "reference", "tlp", "pap", "until", "seen",
         "form", "is_done")  # fmt: skip


@pytest.mark.parametrize("what", [*sorted(acting.READ), "filled", "nothing"])
def test_rubbish_in_every_field_is_refused_as_a_page(node: Node, what: str) -> None:
    number = opened(node, summary="whole")
    with node.browser("handler") as client:
        page = client.get(f"/cases/{number}").text

        def sent(**fields: str) -> httpx.Response:
            form = {"form": what} | fields | {"_csrf_token": token_in(page)}
            return client.post(f"/cases/{number}/acts/{what}", data=form)

        for rubbish in (*FIRST_RUBBISH, *share(RUBBISH[len(FIRST_RUBBISH) :], what, 3)):
            answered = sent(**dict.fromkeys(NAMES, rubbish))
            assert answered.status_code in {303, 400, 404, 409}, (rubbish, answered.text[-2000:])
            assert "window.hit=1</script>" not in answered.text
        good = next((fields for act, fields, *_ in DONE if act == what), {})
        for name in good:
            for rubbish in share(RUBBISH, f"{what} {name}", 4):
                answered = sent(**(good | {name: rubbish}))
                assert answered.status_code in {303, 400, 404, 409}, (name, rubbish)
        place = f"/cases/{number}/edit"
        for rubbish in RUBBISH if what == "filled" else ():
            names = re.findall(r'name="((?:fields|seen)\.[^"]+)"', client.get(place).text)
            answered = post(client, place, dict.fromkeys(names, rubbish), place)
            assert answered.status_code in {303, 400, 409}, rubbish
        shown = client.get(f"/cases/{number}")
        assert shown.status_code == 200
        assert "window.hit=1</script>" not in shown.text
    assert seen(node, number).ignored == []


@pytest.mark.parametrize(
    "key", ["%00", "INC-2026-%00", "9" * 400, "..", "INC-2026-0001%ff", "x" * 99]
)
def test_no_name_of_a_case_makes_the_node_fail(node: Node, key: str) -> None:
    with node.browser("handler") as client:
        for path in (f"/cases/{key}", f"/cases/{key}/edit", f"/cases?text={key}&page=9999999",
                     f"/cases?kind={key}", f"/cases/board?kind={key}", f"/cases?state={key}",
                     f"/cases/new?kind={key}"):  # fmt: skip
            assert client.get(path).status_code in {200, 303, 400, 404}, path


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("moved", {"machine": "phase", "trigger": "dismiss", "leaves": "detection",
                   "because": "spam"}),
        ("marked", {"tlp": "red"}),
    ],
)  # fmt: skip
def test_of_many_who_send_the_same_form_at_once_one_is_heard(
    node: Node, what: str, fields: dict[str, Any]
) -> None:
    number = opened(node)
    do(node, number, Marked(tlp="green"))
    with node.browser("handler") as client:
        carried = seen_of(client, number, "marked") if what == "marked" else {}
        token = token_in(client.get(f"/cases/{number}").text)
        form = fields | carried | {"form": what, "_csrf_token": token}

        def press(_: int) -> int:
            return client.post(f"/cases/{number}/acts/{what}", data=form).status_code

        with ThreadPoolExecutor(6) as pool:
            answers = sorted(pool.map(press, range(6)))
    assert answers == [303, 409, 409, 409, 409, 409]
    assert len(seen(node, number).timeline) == 3
