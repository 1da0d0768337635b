# SPDX-License-Identifier: EUPL-1.2
"""Whatever is done in a case, by whom and in which order: each reader has what the rule says.

Whoever takes part, as an organisation whose people work on cases or as a person, has what is for
all, for them, or by them; whoever leads, each step of contact with somebody, also from before they
did. Whoever does not take part, or no longer, has nothing: no row, no count, no word that finds it.
"""

from collections.abc import Iterator, Sequence
from uuid import uuid4

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.cases.conftest import Node, made
from tests.oracle.thoroughness import many

from brug.cases import files, keeping, listing, rules, telling
from brug.cases.acts import (
    AnyAct,
    Decided,
    Joined,
    Left,
    Linked,
    Marked,
    Moved,
    Planned,
    Recorded,
    Said,
)
from brug.cases.entries import Entry
from brug.cases.kinds import KINDS
from brug.cases.listing import Wanted
from brug.model.errors import BrugError, NotFound
from brug.store.session import Database

READERS = ("host", "entity", "other", "without")
STEPS = ("join", "join", "join", "leave", "say", "say", "say", "plan", "link", "decide", "mark",
         "move", "move")  # fmt: skip
# Of which kind and machine the steps are for those who lead, and as what one leads.
DISCREET = ("disclosure", "contact")
LEADS = "coordinator"


@pytest.fixture(scope="module")
def node(module_database_url: str) -> Iterator[Node]:
    with Database(module_database_url, 4) as database:
        yield made(database)


class Known(msgspec.Struct):
    """What the test itself notes of a case; participants by id: organisation, person, present,
    and their roles.
    """

    number: str
    kind: str
    taking_part: dict[str, tuple[str, int | None, bool]]
    roles: dict[str, str]
    entries: list[tuple[Entry, str]]  # with the word that is in each


class Reader(msgspec.Struct, frozen=True):
    name: str
    user: int
    org: str
    works_on_cases: bool


def readers(node: Node) -> list[Reader]:
    orgs = {"host": "host", "entity": "entity", "other": "other", "without": "host"}
    return [
        Reader(name, getattr(node, name), node.orgs[orgs[name]], name != "without")
        for name in READERS
    ]


def parts(known: Known, reader: Reader) -> set[str]:
    """With which of its participants a reader takes part."""
    return {
        participant
        for participant, (org, user, present) in known.taking_part.items()
        if present
        and org == reader.org
        and (user == reader.user or (user is None and reader.works_on_cases))
    }


def has(known: Known, reader: Reader, entry: Entry) -> bool:
    """The rule, in plain words."""
    mine = parts(known, reader)
    if not mine or not entry.to:
        return bool(mine)
    as_person = {p for p in mine if known.taking_part[p][1] is not None}
    by_own_org = entry.author.org == reader.org and bool(mine - as_person)
    by_oneself = entry.author.user == reader.user and bool(as_person)
    is_discreet = isinstance(entry.act, Moved) and (known.kind, entry.act.machine) == DISCREET
    leads = is_discreet and any(known.roles[one] == LEADS for one in mine)
    return bool(mine & set(entry.to)) or by_own_org or by_oneself or leads


@settings(max_examples=many(60), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_each_reader_has_what_the_rule_says(node: Node, data: st.DataObject) -> None:
    everyone = readers(node)
    known = opened(node, data.draw(st.sampled_from(sorted(KINDS))))
    for _ in range(data.draw(st.integers(3, 12))):
        step(node, data, everyone, known)
    for reader in everyone:
        check(node, known, reader)


@settings(max_examples=many(8), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_whoever_leads_has_each_step_of_contact_also_from_before_they_did(
    node: Node, data: st.DataObject
) -> None:
    everyone = readers(node)
    known, vendor = opened(node, DISCREET[0]), str(uuid4())
    who, lead = data.draw(st.sampled_from(everyone[1:3])), everyone[0]
    tried = {"at": "2026-11-20T08:00:00Z", "zone": "UTC", "because": word_of(known)}
    take(node, known, lead, Recorded(fact="first_vendor_contact_attempt_at", **tried))
    name = word_of(known)
    take(node, known, lead, Joined(participant=vendor, org=who.org, name=name, role="vendor"))
    steps = iter([("write", "unwritten"), ("answer", "written"), ("fall_silent", "answering"),
                  ("chase", "silent"), ("answer", "written")])  # fmt: skip
    led: list[str] = []
    joining = iter(data.draw(st.permutations(everyone[1:])))
    for what in data.draw(st.permutations(["step"] * 4 + ["lead"] * 2 + ["observer", "leave"])):
        if what == "step":
            trigger, leaves = next(steps)
            doing: AnyAct = Moved(machine=DISCREET[1], trigger=trigger, leaves=leaves, of=vendor,
                                  because=word_of(known))  # fmt: skip
            take(node, known, who if trigger == "answer" else lead, doing)
        elif what == "leave":
            if led:
                take(node, known, lead, Left(participant=led.pop(), because=word_of(known)))
        else:
            one, part = next(joining), str(uuid4())
            take(node, known, lead, Joined(
                participant=part, org=one.org, name=word_of(known),
                role=LEADS if what == "lead" else what,
                user=None if one.works_on_cases else one.user,
            ))  # fmt: skip
            led += [part] if what == "lead" else []
    for reader in everyone:
        check(node, known, reader)


def opened(node: Node, kind: str) -> Known:
    word = f"w{uuid4().hex}"
    with node.database.as_user(node.host) as session:
        file = keeping.open_case(session, kind, f"Pumps {word}")
        case = files.view(session, file.number)[1]
    (lead,) = case.participants
    known = Known(
        file.number, kind, {lead: (node.orgs["host"], None, True)}, {lead: KINDS[kind].opener}, []
    )
    known.entries.append((case.timeline[0], word))
    return known


def step(node: Node, data: st.DataObject, everyone: list[Reader], known: Known) -> None:
    """One act by somebody, if the rules let them."""
    by = data.draw(st.sampled_from(everyone))
    word = word_of(known)
    doing = drawn(node, data, everyone, known, by, word)
    if doing is None:
        return
    to: list[str] = []
    if isinstance(doing, keeping.NARROW) and known.taking_part:
        to = data.draw(st.lists(st.sampled_from(sorted(known.taking_part)), unique=True))
    try:
        take(node, known, by, doing, to)
    except BrugError:
        return


def word_of(known: Known) -> str:
    """By which the next entry is found."""
    return f"{known.entries[0][1]}x{len(known.entries)}x"


def take(node: Node, known: Known, by: Reader, doing: AnyAct, to: Sequence[str] = ()) -> None:
    """An act that has the word, of which the test notes what it has to know."""
    word = word_of(known)
    with node.database.as_user(by.user) as session:
        entry = keeping.act(session, known.number, doing, to)
    known.entries.append((entry, word))
    if isinstance(doing, Joined):
        known.taking_part[doing.participant] = (doing.org, doing.user, True)
        known.roles[doing.participant] = doing.role
    if isinstance(doing, Left):
        org, user, _ = known.taking_part[doing.participant]
        known.taking_part[doing.participant] = (org, user, False)


def drawn(
    node: Node, data: st.DataObject, everyone: list[Reader], known: Known, by: Reader, word: str
) -> AnyAct | None:
    match data.draw(st.sampled_from(STEPS)):
        case "join":
            who = data.draw(st.sampled_from(everyone))
            role = data.draw(st.sampled_from([one.key for one in KINDS[known.kind].roles]))
            person = who.user if not who.works_on_cases or data.draw(st.booleans()) else None
            return Joined(participant=str(uuid4()), org=who.org, name=word, role=role, user=person)
        case "leave":
            who_leaves = data.draw(st.sampled_from(sorted(known.taking_part)))
            return Left(participant=who_leaves, because=word)
        case "say":
            return Said(text=f"Look at {word}")
        case "plan":
            return Planned(task=str(uuid4()), title=f"Call {word}")
        case "link":
            return Linked(kind="event", uuid=str(uuid4()), title=word)
        case "decide":
            return Decided(question=f"Whether {word}", outcome="yes")
        case "mark":
            tlp = data.draw(st.sampled_from(["green", "amber", "red"]))
            return Marked(tlp=tlp, because=word)
        case _:
            return moved(node, data, known, by, word)


def moved(node: Node, data: st.DataObject, known: Known, by: Reader, word: str) -> Moved | None:
    try:
        with node.database.as_user(by.user) as session:
            case = files.view(session, known.number)[1]
            able = rules.possible(case, keeping.author(session))
    except NotFound:
        return None
    if not able:
        return None
    machine, of, transition = data.draw(st.sampled_from(able))
    leaves = case.positions[machine.key, of].state
    return Moved(
        machine=machine.key, trigger=transition.trigger, leaves=leaves, of=of, because=word
    )


def check(node: Node, known: Known, reader: Reader) -> None:
    expected = [(entry, word) for entry, word in known.entries if has(known, reader, entry)]
    with node.database.as_user(reader.user) as session:
        if not parts(known, reader):
            with pytest.raises(NotFound):
                files.find(session, known.number)
            assert sum(one.cases for one in listing.counted(session, all_of(known))) == 0
        else:
            file, case = files.view(session, known.number)
            found = {one.id for one in files.entries_of(session, file)}
            assert found == {entry.id for entry, _ in expected}, reader.name
            shown = msgspec.json.encode(telling.document(file, case)).decode()
            words = {word for _, word in known.entries if word in shown}
            assert words == {word for _, word in expected}, reader.name
        for entry, word in known.entries:
            listed, total = listing.listed(session, Wanted(text=word))
            is_found = has(known, reader, entry)
            assert (len(listed), total) == ((1, 1) if is_found else (0, 0)), (reader.name, entry)


def all_of(known: Known) -> Wanted:
    return Wanted(text=known.entries[0][1])
