# SPDX-License-Identifier: EUPL-1.2
"""What holds of the gate for any document: total, pure, monotone, and nothing leaks."""

from __future__ import annotations

import copy
import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bridges.gate.worlds import (
    HOST,
    NAMES,
    NOW,
    OTHER,
    PARTNER,
    Agreed,
    attribute,
    decided,
    event,
    facts,
    made,
    tagged,
)  # fmt: skip
from tests.thorough import IS_THOROUGH

from brug.bridges.gate import decide, hop
from brug.bridges.gate.reasons import STRICTNESS
from brug.bridges.gate.redacting import redacted
from brug.bridges.gate.spreading import spread

Document = dict[str, Any]

HUNDRED = 100 if IS_THOROUGH else 40

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**40) | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["uuid", "name", "value", "Tag", "Attribute"]), inner),
    max_leaves=6,
)  # fmt: skip
LEVELS = st.sampled_from(["0", "1", "2", "3", "4", "5"])
TAGS = st.sampled_from([
    "tlp:clear", "tlp:white", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red", "tlp:odd",
    "PAP:RED", "PAP:GREEN", 'brug:purpose="research"', "brug:embargo", "brug:export-control",
    'brug:export-licence="L1"', "brug:pseudonym", 'brug:subject="threat-actor"', "other:tag",
])  # fmt: skip
TYPES = st.sampled_from(["domain", "url", "full-name", "ip-src", "text", "iban", "md5", "odd"])
# Values that are in nothing else: six letters that no field of the format has.
SECRETS = st.sampled_from(["qxzjvk", "wqxyzk", "jqzxwv", "Jan Qxzjvk", "qxzjvk@wqxyzk.example"])


@st.composite
def messy(draw: st.DrawFn) -> Document:
    """A document with any JSON in any place that the gate looks at."""
    names = [
        "uuid", "info", "distribution", "published", "Tag", "Attribute", "Object", "Orgc",
        "EventReport", "Note", "Galaxy", "Sighting", "ShadowAttribute", "SharingGroup", "timestamp",
    ]  # fmt: skip
    return draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON)))


@st.composite
def items(draw: st.DrawFn) -> Document:
    number = draw(st.integers(1, 12))
    value, beside = draw(SECRETS), draw(st.sampled_from(["", "seen with {}", "{}"]))
    one = attribute(
        number, value, draw(TYPES), distribution=draw(LEVELS), to_ids=draw(st.booleans()),
        comment=beside.format(draw(SECRETS)),
    )  # fmt: skip
    tags = draw(st.lists(TAGS, max_size=2))
    return {**one, "Tag": tagged(*tags)} if tags else one


@st.composite
def events(draw: st.DrawFn) -> Document:
    """Well-formed events in which the same few values stand everywhere."""
    attributes = draw(st.lists(items(), max_size=5))
    uuid = "cccccccc-0000-4000-8000-00000000000{}"
    objects = [
        {
            "uuid": uuid.format(n), "name": "person", "comment": draw(SECRETS), "distribution": "5",
            "description": f"about {draw(SECRETS)}",
            "Attribute": draw(st.lists(items(), max_size=2)),
            "ObjectReference": [
                {"referenced_uuid": a["uuid"], "comment": draw(SECRETS), "Attribute": a}
                for a in attributes
            ],
        }
        for n in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    reports = [
        {"uuid": "bbbbbbbb-0000-4000-8000-000000000001", "name": draw(SECRETS), "distribution": "5",
         "content": f"# {draw(SECRETS)}\nand {draw(SECRETS)}"}
    ] * draw(st.integers(0, 1))  # fmt: skip
    note = {"uuid": "ffffffff-0000-4000-8000-000000000001", "note": draw(SECRETS),
            "authors": draw(SECRETS), "distribution": "3"}  # fmt: skip
    proposal = {
        "uuid": "dddddddd-0000-4000-8000-000000000001",
        "type": "text",
        "value": draw(SECRETS),
    }
    return event(
        *attributes, tags=tuple(draw(st.lists(TAGS, max_size=2))), Object=objects,
        EventReport=reports, info=f"About {draw(SECRETS)}", Note=[note],
        ShadowAttribute=[proposal] * draw(st.integers(0, 1)),
        RelatedEvent=[{"Event": {"info": draw(SECRETS)}}], event_creator_email="qxzjvk@x.example",
        Orgc={"uuid": draw(st.sampled_from([HOST, OTHER])), "name": "Org"},
    )  # fmt: skip


TERMS = st.builds(
    lambda tlp, handling, unmarked, quality, when, kinds: made(
        ceiling__tlp=tlp,
        unmarked=unmarked,
        quality=quality,
        release__when=when,
        kinds=kinds,
        personal_data={"regime": "gdpr", "handling": handling, "transfer": {"tool": "eea"}},
    ),
    st.sampled_from(["clear", "green", "amber", "red"]),
    st.sampled_from(["drop", "pseudonymise", "share"]),
    st.sampled_from(["green", "clear", "refuse", "hold"]),
    st.sampled_from(["note", "drop"]),
    st.sampled_from([[], ["always"], ["amber"], ["files", "personal-data"]]),
    st.sampled_from([["event"], ["event", "note", "proposal", "report"]]),
)
ENDS = st.sampled_from([
    (t, r) for t in ("native", "misp", "feed") for r in ("client", "community", "public")
])  # fmt: skip


@given(messy(), TERMS, ENDS)
@settings(max_examples=4 * HUNDRED, deadline=None)
def test_any_document_gets_a_decision_a_copy_and_no_exception(
    document: Document, wanted: Any, ends: tuple[str, str]
) -> None:
    for way in ("native", "served", "pull", "taken"):
        hop.lowered(document, way, PARTNER)
    found = decided(document, wanted, transport=ends[0], relation=ends[1])
    assert found.outcome in STRICTNESS
    copied = redacted(document, found, ends[0], NAMES)
    msgspec.json.encode(copied)
    assert len(found.digest()) == 32


@given(events(), TERMS, ENDS)
@settings(max_examples=2 * HUNDRED, deadline=None)
def test_the_same_facts_give_the_same_decision_and_nothing_given_is_changed(
    document: Document, wanted: Any, ends: tuple[str, str]
) -> None:
    before = copy.deepcopy(document)
    found = facts(document, *ends)
    one, two = (decide(found, Agreed(wanted), NOW) for _ in range(2))
    assert one == two
    assert one.digest() == two.digest()
    assert redacted(document, one, ends[0], NAMES) == redacted(document, two, ends[0], NAMES)
    assert document == before


@given(events(), TERMS, ENDS, st.randoms(use_true_random=False))
@settings(max_examples=2 * HUNDRED, deadline=None)
def test_the_order_of_attributes_does_not_matter(
    document: Document, wanted: Any, ends: tuple[str, str], dice: random.Random
) -> None:
    shuffled = {**document, "Attribute": list(document["Attribute"])}
    dice.shuffle(shuffled["Attribute"])
    one, two = (
        spread(d, decided(d, wanted, transport=ends[0], relation=ends[1]))
        for d in (document, shuffled)
    )
    assert one.outcome == two.outcome
    assert one.digest() == two.digest()


STRICTER = ["tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red"]


@given(events(), TERMS, ENDS, st.sampled_from(STRICTER), st.sampled_from(STRICTER))
@settings(max_examples=3 * HUNDRED, deadline=None)
def test_a_stricter_marking_never_widens(
    document: Document, wanted: Any, ends: tuple[str, str], one: str, two: str
) -> None:
    looser, stricter = sorted((one, two), key=STRICTER.index)
    marked = {**document, "Tag": [*document["Tag"], *tagged(looser)]}
    more = {**marked, "Tag": [*marked["Tag"], *tagged(stricter)]}
    before, after = (
        decided(d, wanted, transport=ends[0], relation=ends[1]) for d in (marked, more)
    )
    assert STRICTNESS[after.outcome] >= STRICTNESS[before.outcome]
    for uuid, verdict in before.attributes.items():
        assert STRICTNESS[after.attributes[uuid].outcome] >= STRICTNESS[verdict.outcome]


@given(events(), TERMS, ENDS)
@settings(max_examples=4 * HUNDRED, deadline=None)
def test_nothing_of_what_does_not_cross_is_in_the_bytes_that_leave(
    document: Document, wanted: Any, ends: tuple[str, str]
) -> None:
    transport, relation = ends
    lowered = hop.lowered(document, transport, PARTNER)
    if lowered is None:
        return
    found = decided(lowered, wanted, transport=transport, relation=relation)
    sent = msgspec.json.encode(redacted(lowered, found, transport, NAMES)).decode().casefold()
    final = spread(lowered, found)
    inside = [*lowered["Attribute"], *(a for o in lowered["Object"] for a in o["Attribute"])]
    for one in inside:
        verdict = final.attributes[one["uuid"]]
        if verdict.becomes in {"nothing", "pseudonym"}:
            assert one["value"].casefold() not in sent
            assert one["uuid"] not in sent
    for one in lowered["ShadowAttribute"]:
        if final.others["proposal:" + one["uuid"]].becomes == "nothing":
            assert one["value"].casefold() not in sent
    assert "relatedevent" not in sent
    assert "event_creator_email" not in sent


@given(events(), TERMS, ENDS)
@settings(max_examples=2 * HUNDRED, deadline=None)
def test_redacting_twice_is_redacting_once(
    document: Document, wanted: Any, ends: tuple[str, str]
) -> None:
    found = decided(document, wanted, transport=ends[0], relation=ends[1])
    once = redacted(document, found, ends[0], NAMES)
    assert redacted(once, found, ends[0], NAMES) == once
