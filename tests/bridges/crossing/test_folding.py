# SPDX-License-Identifier: EUPL-1.2
"""What is looked at together because it is alike becomes what it becomes one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bridges.gate.test_properties import ENDS, SECRETS, TERMS
from tests.bridges.gate.worlds import CLASSES, HOST, NAMES, NOW, PARTNER, Agreed
from tests.bridges.world import World
from tests.thorough import examples

from brug.bridges import agreements
from brug.bridges.crossing import drafting, folding, messages, reading
from brug.bridges.crossing.drafting import Draft, Now, Subject
from brug.bridges.gate import decide, hop, redacting
from brug.bridges.gate.alike import ALIKE, unfolded
from brug.bridges.gate.collecting import Beside, Ends, collected
from brug.bridges.gate.facts import Permission
from brug.bridges.gate.spreading import settled
from brug.formats.misp.bare import Bare
from brug.formats.misp.shapes import Surroundings
from brug.formats.misp.writing import event_json
from brug.intel.adding import add
from brug.intel.decay import decaying_changes
from brug.intel.vocabulary import warninglists
from brug.intel.vocabulary.warninglists import Draft as ListDraft
from brug.intel.vocabulary.warninglists import Entry
from brug.model.event import Attribute, Event, EventHead, MispObject, OrganisationRef, Tag
from brug.model.new_event import NewAttribute, NewEvent, NewObject, NewProposal, NewSighting, NewTag

Document = dict[str, Any]


def uuid_of(kind: int, number: int) -> str:
    return str(UUID(int=(kind << 96) + (4 << 76) + (8 << 60) + number))


@st.composite
def attributes(draw: st.DrawFn, number: int, object_id: int = 0) -> Attribute:
    value = draw(SECRETS | st.sampled_from(["192.0.2.7", "call 06-12345678", "x|y"]))
    level = draw(st.sampled_from([5, 5, 5, 3, 2, 1, 0, 4]))
    return Attribute(
        id=number, uuid=uuid_of(10, number), event_id=1, object_id=object_id, org_id=1,
        type=draw(st.sampled_from(["domain", "url", "full-name", "ip-src", "text", "odd"])),
        category=draw(st.sampled_from(["Other", "Network activity"])), value1=value,
        value2=draw(st.sampled_from(["", "", "second"])), to_ids=draw(st.booleans()),
        timestamp=draw(st.integers(1, 2)), distribution=level,
        sharing_group_id=7 if level == 4 else None,
        comment=draw(st.sampled_from(["", "", "seen with qxzjvk", "from a@b.example"])),
        deleted=draw(st.booleans()), disable_correlation=draw(st.booleans()),
        first_seen=draw(st.sampled_from([None, 1])), last_seen=None, object_relation=None,
        tags=draw(st.sampled_from([[], [], [], [Tag(1, "tlp:red", "#f00")]])),
    )  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> tuple[Event, Surroundings]:
    some = [draw(attributes(n)) for n in range(1, draw(st.integers(0, 9)) + 1)]
    objects = [
        MispObject(
            o, uuid_of(11, o), 1, 1, "person", "misc", "", uuid_of(12, o), "1", 1, 5, None, "",
            False, None, None, attributes=[draw(attributes(20 + o, o))],
        )
        for o in range(1, draw(st.integers(0, 1)) + 1)
    ]  # fmt: skip
    owner = OrganisationRef(1, "Org", HOST)
    head = EventHead(
        1, uuid_of(9, 1), 1, 1, 1, "2026-11-20", f"About {draw(SECRETS)}", 2, 0, 3, None, True, 1,
        1, 0, None, False, False, False, None, len(some),
    )  # fmt: skip
    tags = [Tag(2, "tlp:green", "#0f0")] * draw(st.integers(0, 1))
    numbers = st.sets(st.integers(1, 9), max_size=2)
    seen = {"uuid": uuid_of(13, 1), "source": "qxzjvk", "type": "0"}
    note = {"uuid": uuid_of(14, 1), "note": "jqzxwv", "authors": "a", "distribution": "3"}
    beside = Surroundings(
        include_related=False,
        sightings={number: [seen] for number in draw(numbers)},
        data=dict.fromkeys(draw(numbers), "eHg="),
        analyst={("Attribute", uuid_of(10, n)): {"Note": [note]} for n in draw(numbers)},
    )
    return Event(head, owner, owner, tags=tags, attributes=some, objects=objects), beside


@st.composite
def besides(draw: st.DrawFn) -> Beside:
    some = st.sets(st.integers(1, 9).map(lambda n: uuid_of(10, n)), max_size=3)
    return Beside(
        tags=dict.fromkeys(draw(some), ("tlp:amber+strict",)),
        known_good=dict.fromkeys(draw(some), ("Top sites",)),
        expired=frozenset(draw(some)),
        permissions=dict.fromkeys(draw(some), (Permission("clear"),)),
        types=CLASSES,
    )


def crossed(document: Document, terms: Any, ends: tuple[str, str], beside: Beside) -> Any:
    """What is decided of a document, and the bytes that cross."""
    lowered = hop.lowered(document, ends[0], PARTNER)
    assert lowered is not None
    facts = collected(lowered, Ends(HOST, PARTNER, *ends), beside)
    decision = decide(facts, Agreed(terms), NOW)
    found = settled(lowered, decision)
    copy = folding.unfold(redacting.copy_of(lowered, found, ends[0], NAMES), lowered)
    message = messages.of_event(copy, redacted=found.decision.outcome == "redact", agreement=1)
    final = found.decision
    return (
        messages.encoded(message), final.outcome, final.reasons, final.digest(), final.counts(),
        final.attributes, final.others, set(facts.combinations),
    )  # fmt: skip


@given(events(), TERMS, ENDS.filter(lambda ends: ends[0] == "native"), besides())
@settings(max_examples=examples(400), deadline=None)
def test_what_is_alike_is_decided_and_sent_as_it_is_one_by_one(
    made: tuple[Event, Surroundings], terms: Any, ends: tuple[str, str], beside: Beside
) -> None:
    event, around = made
    whole: Document = msgspec.to_builtins(event_json(event, around))
    together = folding.fold(event, around)
    folded: Document = msgspec.to_builtins(event_json(event, around))
    folded["Attribute"] += together
    assert len(event.attributes) + sum(len(one[ALIKE]) for one in together) == len(
        whole["Attribute"]
    )
    assert unfolded(folded) == whole
    assert crossed(folded, terms, ends, beside) == crossed(whole, terms, ends, beside)


def test_a_document_that_stands_for_several_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        messages.encoded({"event": {"Attribute": [{"type": "domain", ALIKE: []}]}})


def test_an_attribute_in_a_message_has_the_order_of_all_others() -> None:
    one = Bare([], [], "c", 'é"', False, True, 5, None, "t", None, "1", True, "t", "u", "v")
    assert messages.encoded({"a": one}) == messages.encoded({"a": msgspec.to_builtins(one)})


def new(kind: str, value: str, **more: Any) -> NewAttribute:
    return NewAttribute(None, kind, "Other", True, value, "", **more)


def everything() -> NewEvent:
    """An event with something of every kind on some of its attributes."""
    plain = [new("domain", f"h{n}.example", timestamp=n) for n in range(1, 6)]
    plain += [new("url", f"http://top.example/{n}") for n in range(3)]
    plain += [new("ip-dst", f"192.0.2.{n}", comment="from a@b.example") for n in range(3)]
    plain += [new("full-name", "Jan Qxzjvk"), new("text", "call 06-12345678 now")]
    sighting = NewSighting(None, 1_700_000_000, "scanner", 0)
    more = [
        new("domain", "top.example"),
        new("domain", "tagged.example", tags=(NewTag("tlp:amber"),)),
        new("domain", "local.example", tags=(NewTag("tlp:red", local=True),)),
        new("domain", "seen.example", sightings=(sighting,)),
        new("domain", "own.example", distribution=0),
        new("domain", "gone.example", deleted=True),
        new("attachment", "a.txt", data=b"text"),
        new("domain", "first.example", first_seen=1_700_000_000_000_000),
    ]
    inside = NewObject(None, "file", attributes=[new("filename", "Jan Qxzjvk.exe")])
    return NewEvent(
        None, "Campaign", distribution=3, published=True, attributes=[*plain, *more],
        objects=[inside], proposals=[
            NewProposal(None, None, "domain", "Other", "proposed.example", "", to_ids=True)
        ],
    )  # fmt: skip


def drafted(world: World, event_id: int, *, folded: bool) -> Draft:
    with world.partner() as session:
        read = reading.all_for_partner(session, [event_id], folded=folded)[event_id]
    assert any(ALIKE in one for one in read["Attribute"]) == folded
    lowered = hop.lowered(read, "native", str(world.bridge.org_uuid))
    assert lowered is not None
    with world.database.system() as session:
        at = datetime.now(UTC)
        now = Now(world.bridge, agreements.in_force(session, world.bridge.id, at), at)
        return drafting.of_several(session, now, [Subject(lowered)])[0]


@pytest.mark.parametrize("handling", ["share", "drop", "pseudonymise"])
@pytest.mark.parametrize("knows", ["nothing", "lists", "decay"])
def test_what_is_stored_crosses_the_same_folded_or_not(
    world: World, handling: str, knows: str
) -> None:
    data = {"regime": "gdpr", "handling": handling, "transfer": {"tool": "eea"}}
    world.agree(quality="drop", personal_data=data, kinds=["event", "sighting", "proposal"])
    with world.admin() as session:
        event_id = add(session, everything()).event_id
        if knows == "lists":
            for kind, entry in (("string", "h2.example"), ("cidr", "192.0.2.2/32"),
                                ("hostname", "top.example")):  # fmt: skip
                listed = ListDraft(
                    name=f"Known {kind}", kind=kind, description="", category="false_positive",
                    types=["domain", "ip-dst", "url"], entries=[Entry(entry, None)],
                )  # fmt: skip
                warninglists.set_enabled(session, warninglists.add(session, listed), True)
        if knows == "decay":
            made = decaying_changes.add(session, {
                "name": "Short", "description": "", "attribute_types": ["domain"], "enabled": True,
                "parameters": {"lifetime": 1, "decay_speed": 1, "threshold": 30,
                               "default_base_score": 80, "base_score_config": {}},
            })  # fmt: skip
            decaying_changes.set_enabled(session, made.id, True)
    one, other = (drafted(world, event_id, folded=folded) for folded in (True, False))
    assert messages.encoded(one.message) == messages.encoded(other.message)
    assert (one.decision, one.crosses, one.info) == (other.decision, other.crosses, other.info)
    assert one.decision.counts()["dropped"] > (0 if knows == "nothing" else 3) or (
        handling == "share" and knows == "nothing"
    )
