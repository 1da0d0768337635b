# SPDX-License-Identifier: EUPL-1.2
"""A partner's redacted copy becomes fuller once more may cross, though the event is as it was."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import Served

from brug.bridges.crossing.fuller import is_fuller
from brug.bridges.gate.keeping_out import LEFT_OUT
from brug.bridges.native import keeping_up
from brug.model.new_event import NewAttribute, NewObject, NewReport, NewTag

Two = tuple[Served, Served]
MAIL = "j.jansen@bank.example"
HANDLED = {"regime": "gdpr", "handling": "pseudonymise", "transfer": {"tool": "eea"}}
DROPPED = HANDLED | {"handling": "drop"}
REMOVED = "[removed: e-mail address]"


def mixed_event(*, red: bool = True) -> Any:
    """People in a value, in an object, in a comment, a report and the title; and a RED value."""
    new = new_event(("domain", "seen.example"), ("target-user", "jan.jansen"))
    new.info = f"Letters of {MAIL}"
    new.attributes[0].comment = f"found by {MAIL} on Monday"
    new.attributes[1].to_ids = False
    if red:
        new.attributes.append(
            NewAttribute(None, "domain", "Network activity", True, "red.example", "",
                         tags=(NewTag("tlp:red"),))
        )  # fmt: skip
    inside = [
        NewAttribute(None, "target-user", "Targeting data", False, "piet", ""),
        NewAttribute(None, "text", "Other", False, "a note", ""),
    ]
    new.objects.append(NewObject(None, "account", attributes=inside, distribution=5))
    new.reports.append(NewReport(None, "Who", f"Call {MAIL}", distribution=5))
    return new


def carry_anew(node: Served, partner: Served) -> None:
    """As once another agreement came into force."""
    with node.database.system() as session:
        assert keeping_up.notice_agreement(session, node.bridge(partner.name), datetime.now(UTC))
    carry(node)


def texts(node: Served, uuid: str) -> list[str]:
    with node.database.system() as session:
        return [
            str(row[0])
            for row in session.all(
                "SELECT a.comment FROM attribute a JOIN event e ON e.id = a.event_id"
                " WHERE e.uuid = %(event)s AND a.comment <> '' UNION ALL SELECT r.content"
                " FROM event_report r JOIN event e ON e.id = r.event_id WHERE e.uuid = %(event)s",
                {"event": uuid},
            )
        ]


@pytest.mark.parametrize("before", [HANDLED, DROPPED])
@pytest.mark.parametrize("red", [True, False])
def test_what_may_cross_now_is_added_and_takes_the_place_of_what_stood_in(
    agreed: Two, before: dict[str, Any], red: bool
) -> None:
    one, other = agreed
    agree(one, other, personal_data=before)
    uuid = added(one, mixed_event(red=red))
    carry(one)
    first = stored(other, uuid)
    assert first
    assert "jan.jansen" not in str(first)
    assert "piet" not in str(first)
    assert first["info"] == f"Letters of {REMOVED}"
    stand_ins = [value for _, value in first["values"] if value.startswith("pseudonym:")]
    assert len(stand_ins) == (2 if before is HANDLED else 0)
    assert sorted(texts(other, uuid)) == [f"Call {REMOVED}", f"found by {REMOVED} on Monday"]
    agree(one, other)
    carry_anew(one, other)
    after = stored(other, uuid)
    assert after
    assert sorted(value for _, value in after["values"]) == [
        "a note", "jan.jansen", "piet", "seen.example",
    ]  # fmt: skip
    assert after["info"] == f"Letters of {MAIL}"
    assert sorted(texts(other, uuid)) == [f"Call {MAIL}", f"found by {MAIL} on Monday"]
    assert (after["timestamp"], after["id"]) == (first["timestamp"], first["id"])
    assert crossings(one, uuid)[0].outcome == ("redact" if red else "pass")
    # And the other way round nothing goes: what crossed once stays, as it was.
    agree(one, other, personal_data=before)
    carry_anew(one, other)
    left = stored(other, uuid)
    assert left
    assert {"jan.jansen", "piet"} <= {value for _, value in left["values"]}
    assert left["info"] == f"Letters of {MAIL}"
    assert sorted(texts(other, uuid)) == [f"Call {MAIL}", f"found by {MAIL} on Monday"]


@given(st.lists(st.text("ab .[]", max_size=5), min_size=2, max_size=5), st.text("abc", max_size=4))
def test_a_text_is_fuller_than_itself_with_something_left_out(parts: list[str], put: str) -> None:
    stored_text, text = LEFT_OUT.join(parts), put.join(parts)
    assert is_fuller(text, stored_text) or text == stored_text
    assert not is_fuller(stored_text, text)


@pytest.mark.parametrize(
    ("text", "stored_text"),
    [
        ("ab", "a"), ("a", f"a{LEFT_OUT}b"), ("xb", f"a{LEFT_OUT}b"), ("ax", f"a{LEFT_OUT}b"),
        ("aba", f"ab{LEFT_OUT}ba"), (f"a{LEFT_OUT}", f"a{LEFT_OUT}"),
        ("ac", f"a{LEFT_OUT}b{LEFT_OUT}c"),
    ],
)  # fmt: skip
def test_another_text_is_not_fuller(text: str, stored_text: str) -> None:
    assert not is_fuller(text, stored_text)
