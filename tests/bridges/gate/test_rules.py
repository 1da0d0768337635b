# SPDX-License-Identifier: EUPL-1.2
"""Every rule of the gate, both ways; and that the strictest outcome wins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.bridges.gate.worlds import (
    HOST,
    NOW,
    OTHER,
    PARTNER,
    Agreed,
    attribute,
    codes,
    decided,
    event,
    facts,
    made,
    outcome,
    tagged,
)  # fmt: skip

from brug.bridges.gate import PASS, decide
from brug.bridges.gate.collecting import Beside
from brug.bridges.gate.deciding import Verdict, as_released
from brug.bridges.gate.facts import Permission

FOREIGN: dict[str, Any] = {"Orgc": {"uuid": OTHER, "name": "Somebody else"}}
FIRST = attribute(1, "x")["uuid"]


def of_first(document: dict[str, Any], *args: Any, **more: Any) -> Verdict:
    return decided(document, *args, **more).attributes[FIRST]


def test_an_own_event_within_the_agreement_passes_whole_with_every_rule_heard() -> None:
    found = decided(event(attribute(1, "evil.example"), tags=("tlp:green",)))
    assert found.outcome == "pass"
    heard = {reason.rule for reason in found.attributes[FIRST].reasons}
    assert heard == {
        "agreement", "marking", "purpose", "personal data", "embargo", "export control", "quality",
        "person", "encryption",
    }  # fmt: skip


def test_without_an_agreement_nothing_crosses() -> None:
    found = decide(facts(event(attribute(1, "evil.example"))), None, NOW)
    assert found.outcome == "refuse"
    first = found.attributes[FIRST]
    assert (first.outcome, first.becomes) == ("refuse", "nothing")
    assert codes(found) == {"no_agreement"}


def test_an_agreement_holds_from_its_first_to_before_its_last_moment() -> None:
    wanted = made()
    before = decided(event(), wanted, at=wanted.valid_from - timedelta(seconds=1))
    assert codes(before, "agreement") == {"not_valid"}
    assert before.outcome == "refuse"
    assert decided(event(), wanted, at=wanted.valid_from).outcome == "pass"
    assert wanted.valid_until is not None
    assert decided(event(), wanted, at=wanted.valid_until).outcome == "refuse"
    last = wanted.valid_until - timedelta(seconds=1)
    assert decided(event(), wanted, at=last).outcome == "pass"


def test_only_whoever_may_send_sends() -> None:
    assert codes(decided(event(), made(senders=[PARTNER])), "agreement") == {"other_direction"}
    assert outcome(event(), made(senders=[HOST])) == "pass"


def test_an_agreement_of_other_parties_covers_nothing() -> None:
    found = msgspec.structs.replace(facts(event()), receiver=OTHER)
    assert decide(found, Agreed(made()), NOW).outcome == "refuse"


def test_kinds_that_were_not_agreed_are_left_out_of_the_event() -> None:
    report = {"uuid": "bbbbbbbb-aaaa-4aaa-8aaa-000000000001", "name": "R", "content": "text"}
    document = event(attribute(1, "evil.example"), EventReport=[report])
    found = decided(document, made(kinds=["event"]))
    assert found.outcome == "redact"
    assert found.others["report:" + report["uuid"]].outcome == "refuse"
    assert decided(document, made(kinds=["event", "report"])).outcome == "pass"
    assert outcome(event(), made(kinds=["report"])) == "refuse"


def test_a_marking_above_the_ceiling_is_held_for_a_person_if_own_and_refused_if_received() -> None:
    own = event(attribute(1, "evil.example"), tags=("tlp:red",))
    assert outcome(own) == "hold"
    assert outcome({**own, **FOREIGN}) == "refuse"
    received = event(attribute(1, "evil.example"), tags=("tlp:amber",), **FOREIGN)
    lower = made(ceiling__tlp="green")
    assert outcome(received, lower, relation="client") == "refuse"
    assert outcome(received, made(), relation="client") == "pass"


def test_pap_has_a_ceiling_of_its_own_and_none_where_there_is_no_pap() -> None:
    wanted = made(ceiling__pap="green")
    assert outcome(event(tags=("tlp:green", "PAP:AMBER")), wanted) == "hold"
    assert outcome(event(tags=("tlp:green", "PAP:GREEN")), wanted) == "pass"
    assert outcome(event(tags=("tlp:green",)), wanted) == "pass"
    assert outcome(event(tags=("tlp:green", "PAP:AMBER"), **FOREIGN), wanted) == "refuse"


def test_one_attribute_with_a_stricter_marking_is_held_and_the_rest_crosses() -> None:
    document = event(
        attribute(1, "evil.example", Tag=tagged("tlp:red")), attribute(2, "bad.example"),
        tags=("tlp:green",),
    )  # fmt: skip
    found = decided(document)
    assert found.outcome == "redact"
    assert found.attributes[FIRST].outcome == "hold"
    assert found.counts() == {"passed": 1, "redacted": 0, "dropped": 1, "held": 1}


def test_a_wider_marking_on_an_attribute_does_not_widen_its_event() -> None:
    document = event(attribute(1, "evil.example", Tag=tagged("tlp:clear")), tags=("tlp:red",))
    assert of_first(document).outcome == "hold"


def test_where_nothing_of_an_event_may_cross_the_event_does_not() -> None:
    document = event(attribute(1, "evil.example", Tag=tagged("tlp:red")), tags=("tlp:green",))
    assert outcome(document) == "hold"
    assert outcome({**document, **FOREIGN}) == "refuse"
    name = attribute(2, "Jan", "first-name")
    assert outcome(event(document["Attribute"][0], name, tags=("tlp:green",))) == "redact"


@pytest.mark.parametrize("label", ["tlp:purple", "tlp:unclear", "TLP:EX:CHR", "pap:blue", "tlp:"])
def test_a_marking_that_nobody_can_read_is_taken_for_the_strictest(label: str) -> None:
    own = decided(event(tags=(label, "tlp:clear")))
    assert (own.outcome, codes(own, "marking")) == ("hold", {"unreadable_own"})
    received = decided(event(tags=(label, "tlp:clear"), **FOREIGN))
    assert (received.outcome, codes(received, "marking")) == ("refuse", {"unreadable_received"})


@pytest.mark.parametrize("label", ["TLP:RED", "tlp:Red", "tlp: red", " tlp:red "])
def test_capitals_and_spaces_do_not_weaken_a_marking(label: str) -> None:
    assert outcome(event(tags=(label,))) == "hold"


def test_white_is_clear() -> None:
    assert (
        outcome(event(tags=("tlp:white",)), made(ceiling__tlp="clear"), relation="public") == "pass"
    )


def test_a_local_tag_of_this_node_marks_what_the_partner_saw_without_it() -> None:
    document = event(attribute(1, "evil.example"), tags=("tlp:green",))
    of_event = Beside(tags={document["uuid"]: ("tlp:red",)})
    assert outcome(document, beside=of_event) == "hold"
    of_attribute = Beside(tags={FIRST: ("tlp:red",)})
    assert of_first(document, beside=of_attribute).outcome == "hold"


def test_unmarked_is_as_the_agreement_says_and_refused_for_the_public() -> None:
    assert outcome(event()) == "pass"
    assert outcome(event(), made(unmarked="refuse")) == "refuse"
    assert outcome(event(), made(unmarked="hold")) == "hold"
    assert outcome(event(), made(unmarked="red")) == "hold"
    assert outcome(event(), relation="public") == "refuse"
    assert outcome(event(), made(unmarked="clear"), relation="public") == "pass"
    assert outcome(event(**FOREIGN), made(unmarked="hold")) == "refuse"
    assert outcome(event(**FOREIGN)) == "pass"


def test_own_green_is_not_for_the_public_without_a_person() -> None:
    assert outcome(event(tags=("tlp:green",)), relation="public") == "hold"
    assert outcome(event(tags=("tlp:clear",)), relation="public") == "pass"


def permitted(*given: Permission) -> Beside:
    return Beside(permissions={event()["uuid"]: given})


def test_a_permission_of_the_source_lets_what_it_is_about_go_as_wide_as_it_says() -> None:
    document = event(attribute(1, "evil.example"), tags=("tlp:amber",), **FOREIGN)
    assert outcome(document) == "refuse"
    assert outcome(document, beside=permitted(Permission("green"))) == "pass"
    assert outcome(document, beside=permitted(Permission("amber", PARTNER))) == "pass"
    assert outcome(document, beside=permitted(Permission("amber", OTHER))) == "refuse"
    assert outcome(document, beside=permitted(Permission("amber+strict"))) == "refuse"
    assert outcome(document, beside=permitted(Permission("amber"))) == "refuse"
    assert outcome(document, beside=permitted(Permission("red", PARTNER))) == "refuse"
    found = decided(document, beside=permitted(Permission("green")), relation="public")
    assert found.outcome == "refuse"
    lapsed = Permission("green", valid_until=NOW)
    assert outcome(document, beside=permitted(lapsed)) == "refuse"
    valid = Permission("green", valid_until=NOW + timedelta(seconds=1))
    assert outcome(document, beside=permitted(valid)) == "pass"
    above = made(ceiling__tlp="clear")
    assert outcome(document, above, beside=permitted(Permission("green"))) == "refuse"


def test_a_permission_for_one_attribute_is_for_that_one() -> None:
    document = event(
        attribute(1, "evil.example", Tag=tagged("tlp:red")),
        attribute(2, "bad.example", Tag=tagged("tlp:red")),
        tags=("tlp:green",), **FOREIGN,
    )  # fmt: skip
    found = decided(document, beside=Beside(permissions={FIRST: (Permission("green"),)}))
    assert [one.outcome for one in found.attributes.values()] == ["pass", "refuse"]


def test_an_event_serves_what_its_tags_say_or_the_default() -> None:
    police = event(tags=('brug:purpose="criminal-investigation"',))
    assert codes(decided(police), "purpose") == {"other_purpose"}
    assert outcome(police) == "refuse"
    agreed = made(purposes=["criminal-investigation", "cyber-defence"])
    assert decided(police, agreed).outcome == "pass"
    assert outcome(event(), made(purposes=["research"])) == "refuse"
    both = event(tags=('brug:purpose="research"', 'brug:purpose="cyber-defence"'))
    assert outcome(both) == "pass"


def test_an_embargo_refuses_until_its_end() -> None:
    assert outcome(event(tags=("brug:embargo",))) == "refuse"
    assert outcome(event(tags=('brug:embargo="2026-11-27T12:00:01Z"',))) == "refuse"
    assert outcome(event(tags=('brug:embargo="2026-11-27T12:00:00Z"',))) == "pass"
    assert outcome(event(tags=('brug:embargo="2026-11-01"',))) == "pass"
    assert outcome(event(tags=('brug:embargo="soon"',))) == "refuse"
    two = event(tags=('brug:embargo="2026-11-01"', 'brug:embargo="2027-11-01"'))
    assert outcome(two) == "refuse"
    one = event(attribute(1, "a.example", Tag=tagged("brug:embargo")), attribute(2, "b.example"))
    assert decided(one).attributes[FIRST].outcome == "refuse"
    assert outcome(one) == "redact"


def test_controlled_technology_waits_for_a_licence_and_no_release_replaces_it() -> None:
    flagged = event(tags=("brug:export-control",))
    assert outcome(flagged) == "hold"
    released = decide(as_released(facts(flagged)), Agreed(made()), NOW)
    assert released.outcome == "hold"
    licensed = ("brug:export-control", 'brug:export-licence="EU001/2026"')
    assert outcome(event(tags=licensed)) == "pass"
    exempt = ("brug:export-control", 'brug:export-exemption="art. 4(2)"')
    assert outcome(event(tags=exempt)) == "pass"
    inside = event(attribute(1, "x.example", Tag=tagged("brug:export-control")), tags=licensed[1:])
    assert of_first(inside).outcome == "hold"


def test_known_false_positives_and_decayed_indicators_are_noted_or_left_out() -> None:
    document = event(attribute(1, "google.com"), attribute(2, "evil.example"))
    for beside, code in (
        (Beside(known_good={FIRST: ("Top sites",)}), "known_good"),
        (Beside(expired=frozenset({FIRST})), "expired"),
    ):
        noted = of_first(document, beside=beside)
        assert noted.outcome == "pass"
        assert code in {reason.code for reason in noted.reasons}
        left_out = of_first(document, made(quality="drop"), beside=beside)
        assert (left_out.outcome, left_out.becomes) == ("redact", "nothing")


@pytest.mark.parametrize(
    ("when", "document", "held"),
    [
        ("always", event(), True),
        ("received", event(), False),
        ("received", event(**FOREIGN), True),
        ("unmarked", event(), True),
        ("unmarked", event(tags=("tlp:green",)), False),
        ("green", event(tags=("tlp:green",)), True),
        ("green", event(tags=("tlp:amber",)), True),
        ("green", event(tags=("tlp:clear",)), False),
        ("personal-data", event(info="Ask jan@victim.example"), True),
        ("personal-data", event(), False),
        ("files", event(attribute(1, "a.exe", "attachment", data="AA==")), True),
        ("files", event(attribute(1, "a.exe", "filename")), False),
    ],
)
def test_a_person_has_to_release_what_the_agreement_says(
    when: str, document: dict[str, Any], held: bool
) -> None:
    assert (outcome(document, made(release__when=[when])) == "hold") is held


def test_a_release_is_for_what_is_held_and_takes_two_where_that_is_agreed() -> None:
    document = event(attribute(1, "evil.example"), tags=("tlp:red",))
    wanted = made(release__four_eyes=True)
    for people, expected in (((), "hold"), ((7,), "hold"), ((7, 7), "hold"), ((7, 8), "pass")):
        found = decide(facts(document, released_by=people), Agreed(wanted), NOW)
        assert found.outcome == expected, people
    assert decide(facts(document, released_by=(7,)), Agreed(made()), NOW).outcome == "pass"


def test_what_is_said_of_an_event_goes_back_where_it_came_from_whatever_its_marking() -> None:
    theirs = event(tags=("tlp:red",), Orgc={"uuid": PARTNER, "name": "Partner"})
    note = {"uuid": "ffffffff-0000-4000-8000-000000000001", "note": "We saw it"}
    back = decided(theirs, said={"Note": [note]})
    assert back.outcome == "pass"
    assert codes(back, "marking") == {"back_to_source"}
    assert decided({**theirs, **FOREIGN}, said={"Note": [note]}).outcome == "pass"
    assert decided({**theirs, **FOREIGN}).outcome == "refuse"
    unwanted = decided(theirs, made(kinds=["event"]), said={"Note": [note]})
    assert unwanted.others["note:" + note["uuid"]].outcome == "refuse"


@pytest.mark.parametrize(
    ("tags", "start", "held"),
    [
        (("tlp:amber",), "amber", True), (("tlp:green",), "amber", False),
        (("tlp:green",), "clear", True), (("tlp:red",), "never", False),
        ((), "amber", False), ((), "green", True), (("tlp:slip",), "amber", True),
    ],
)  # fmt: skip
def test_from_the_agreed_label_on_nothing_goes_in_the_clear(
    tags: tuple[str, ...], start: str, held: bool
) -> None:
    wanted = made(encrypt_mail_from=start, ceiling__tlp="red")
    document = event(attribute(1, "evil.example"), tags=tags)
    open_ = msgspec.structs.replace(facts(document, "mail"), encrypted=False)
    assert ("key_needed" in codes(decide(open_, Agreed(wanted), NOW))) is held
    assert "key_needed" not in codes(decide(facts(document, "mail"), Agreed(wanted), NOW))
    # No person's word stands for a key.
    released = decide(as_released(open_), Agreed(wanted), NOW)
    assert released.outcome == ("hold" if held else "pass")


def test_an_attribute_that_has_to_be_encrypted_is_left_out_of_what_goes_in_the_clear() -> None:
    document = event(
        attribute(1, "evil.example", Tag=tagged("tlp:amber")), attribute(2, "bad.example"),
        tags=("tlp:green",),
    )  # fmt: skip
    open_ = msgspec.structs.replace(facts(document, "mail"), encrypted=False)
    found = decide(open_, Agreed(made()), NOW)
    assert (found.outcome, found.attributes[FIRST].becomes) == ("redact", "nothing")


def test_nobody_releases_what_is_refused() -> None:
    document = event(attribute(1, "evil.example"), tags=("tlp:red",), **FOREIGN)
    assert decide(facts(document, released_by=(7, 8)), Agreed(made()), NOW).outcome == "refuse"


def test_the_strictest_outcome_wins_and_every_reason_is_kept() -> None:
    found = decided(event(tags=("tlp:red", "brug:embargo", "brug:export-control")))
    assert found.outcome == "refuse"
    assert {"above_ceiling", "embargoed", "controlled"} <= codes(found)
    assert all(reason.text and "%(" not in reason.text for reason in found.reasons)


def test_of_two_attributes_with_one_uuid_the_stricter_decision_holds() -> None:
    red = attribute(1, "evil.example", Tag=tagged("tlp:red"))
    for several in ((red, attribute(1, "b.example")), (attribute(1, "b.example"), red)):
        found = decided(event(*several, attribute(2, "c.example"), tags=("tlp:green",)))
        assert found.attributes[FIRST].outcome == "hold"


def test_counts_and_digest_tell_decisions_apart() -> None:
    plain = [attribute(n, f"{n}.example") for n in (1, 2, 3)]
    whole = decided(event(*plain))
    assert whole.counts() == {"passed": 3, "redacted": 0, "dropped": 0, "held": 0}
    red = {**plain[0], "Tag": tagged("tlp:red")}
    held = decided(event(red, *plain[1:]))
    assert held.counts() == {"passed": 2, "redacted": 0, "dropped": 1, "held": 1}
    other = decided(event(plain[0], {**plain[1], "Tag": tagged("tlp:red")}, plain[2]))
    pap = decided(
        event({**plain[0], "Tag": tagged("pap:red")}, *plain[1:]), made(ceiling__pap="green")
    )
    digests = {one.digest() for one in (whole, held, other, pap, decided(event(*plain[:2])))}
    assert len(digests) == 5
    assert whole.digest() == decided(event(*plain[::-1])).digest()
    assert (PASS.outcome, PASS.attributes) == ("pass", {})
