# SPDX-License-Identifier: EUPL-1.2
"""A partner that has a bridge and an agreement, and lies: of cases, documents, recalls, receipts.

What it sends is signed as it should be, and comes where any message comes.
"""

import errno
from base64 import b64encode
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.bridges.crossing.conftest import added, new_event
from tests.bridges.crossing.joint import Joint, author_of, forged
from tests.bridges.crossing.test_documents_cross import attach, fetched
from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN

from brug.bridges import identity
from brug.bridges.afterwards import tracing
from brug.bridges.afterwards.telling import WHAT
from brug.bridges.crossing import collecting, messages, recalls, receipts
from brug.bridges.native import handling
from brug.cases.acts import Opened, Said
from brug.cases.entries import Author
from brug.formats.canonical import canonical
from brug.intel.publishing import publish
from brug.store import durable, pieces
from brug.store.failing import NoRoom


@pytest.fixture
def joint(triangle: Triangle) -> Joint:
    """A case of the first two; the third takes no part in it, and lies."""
    made = Joint(triangle)
    made.join(made.other, "handler")
    triangle.work()
    return made


def said_to(node: Node, partner: Node, *several: dict[str, Any]) -> list[dict[str, Any]]:
    """What a node answers to a batch of its partner's."""
    content = msgspec.json.encode(list(several))
    answers: list[dict[str, Any]] = handling.handle(node.database, node.bridge(partner), content)
    return answers


def code(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return str(answer["error"]["code"])
    return str(answer["receipt"]["statement"]["outcome"])


def counted(node: Node, *tables: str) -> list[int]:
    queries = {one: b"SELECT count(*) FROM " + one.encode() for one in tables}
    with node.database.system() as session:
        return [int(session.connection.execute(q).fetchall()[0][0]) for q in queries.values()]


def elsewhere(joint: Joint) -> Joint:
    """A case that there is nowhere."""
    made = object.__new__(Joint)
    made.triangle, made.uuid = joint.triangle, str(uuid4())
    return made


CASES = ("case_entry", "case_node_key", "case_file")


@pytest.mark.parametrize("whose", ["own", "invented", "other"])
def test_who_takes_no_part_in_a_case_brings_nothing_into_it_and_does_not_learn_of_it(
    joint: Joint, whose: str
) -> None:
    one, other, third = joint.triangle.three
    author = {
        "own": author_of(third), "other": author_of(other),
        "invented": Author(str(uuid4()), str(uuid4()), 1),
    }[whose]  # fmt: skip
    before = counted(one, *CASES)
    assert before[0] > 1, "there is something to hide"
    opened = Opened("incident", "x", "INC-1", str(uuid4()), third.name)
    for doing in (Said(text="let me in"), opened):
        there, nowhere = (
            said_to(one, third, forged(case, third, author, doing))[0]
            for case in (joint, elsewhere(joint))
        )
        assert code(there) == code(nowhere), "absent and hidden are one answer"
        assert "error" in there
    assert counted(one, *CASES) == before


def test_a_signed_entry_that_leaked_is_no_key_to_its_case(joint: Joint) -> None:
    one, other, third = joint.triangle.three
    message = forged(joint, other, author_of(other), Said(text="between us"))
    said_to(one, other, message)
    lost = forged(elsewhere(joint), other, author_of(other), Said(text="between us"))
    before = counted(one, "crossing")
    answers = said_to(one, third, message, lost)
    assert code(answers[0]) == code(answers[1])
    assert counted(one, "crossing") == before


def test_pieces_of_documents_of_others_are_not_taken(joint: Joint) -> None:
    one, _, third = joint.triangle.three
    entry = attach(joint, one, b"ours")
    for uuid in (entry.id, str(uuid4())):
        (answer,) = said_to(one, third, {
            "kind": "document", "event_uuid": uuid, "version": 0,
            "data": b64encode(b"ours").decode(),
        })  # fmt: skip
        assert code(answer) == "unknown_entry"


def test_what_a_partner_never_sent_it_cannot_recall_or_take_back(triangle: Triangle) -> None:
    one, other, third = triangle.three
    uuid = added(other, new_event(("domain", "brought.example")))
    mine = added(one, new_event(("domain", "own.example")))
    triangle.work()
    for event in (uuid, mine, str(uuid4())):
        answers = said_to(
            one, third, messages.of_recall(event, 2**40, "gone"),
            messages.of_withdrawal(event, 2**40),
        )  # fmt: skip
        assert [code(one_) for one_ in answers] == ["unknown", "unknown"]
    assert one.copy(uuid)
    assert one.copy(mine)
    with one.database.as_user(ADMIN) as session:
        assert recalls.asked(session) == []


def test_an_old_withdrawal_takes_back_no_newer_version(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    uuid = added(one, new_event(("domain", "again.example")))
    triangle.work()
    (crossing,) = [c for c in one.crossings(event_uuid=uuid) if c.partner == other.name]
    late = messages.of_withdrawal(uuid, crossing.version)
    one.edit(uuid, info="More of it", published=True)
    triangle.work()
    said_to(other, one, late)
    there = other.copy(uuid)
    assert there
    assert there.info == "More of it"


def test_an_answer_to_a_recall_that_nobody_asked_for_confirms_nothing(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    uuid = added(one, new_event(("domain", "kept.example")))
    triangle.work()
    for outcome in ("recalled", "kept"):
        said_to(one, other, messages.of_recall_followed(uuid, outcome))
    with one.database.as_user(ADMIN) as session:
        (trace,) = tracing.of_event(session, uuid, one.bridge(other).id)
    assert (trace.recalled, trace.recall, trace.recall_confirmed) == (None, None, None)
    assert trace.state == "received"


def told(node: Node, to: Node, kind: str, uuid: str, version: int, **said: Any) -> dict[str, Any]:
    """A statement about an event, signed by a node."""
    statement = {
        "what": WHAT, "bridge": str(node.bridge(to).uuid), "event": uuid, "version": version,
        "on": "2026-11-27", **said,
    }  # fmt: skip
    with node.database.system() as session:
        signed = identity.sign(session, canonical(statement))
    signature = b64encode(signed.signature).decode()
    receipt = {"statement": statement, "key": signed.key_id, "signature": signature}
    return {"kind": kind, "event_uuid": uuid, "version": version, "receipt": receipt}


def test_nothing_is_told_of_what_was_never_sent_or_of_another_version(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    uuid = added(one, new_event(("domain", "told.example")))
    hidden = added(one, new_event(("domain", "hidden.example"), level=0))
    triangle.work()
    (sent,) = [c for c in one.crossings(event_uuid=uuid) if c.partner == other.name]
    digest = sent.digest.hex()
    answers = said_to(
        one, other,
        told(other, one, "ended", uuid, sent.version + 10**6, digest=digest, ended="deleted"),
        told(other, one, "ended", uuid, sent.version, digest="00" * 32, ended="deleted"),
        told(other, one, "ended", hidden, 1, digest=digest, ended="deleted"),
        told(other, one, "ended", uuid, sent.version, digest=digest, ended="deleted")
        | {"version": sent.version + 1},
    )  # fmt: skip
    assert [code(answer) for answer in answers] == ["unknown"] * 3 + ["invalid"]
    assert counted(one, "kept_there") == [0]
    one.edit(uuid, info="More of it", published=True)
    triangle.work()
    there = other.copy(uuid)
    assert there
    assert there.info == "More of it"


def test_receipts_of_what_was_never_sent_change_nothing(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    held = added(one, new_event(("domain", "held.example"), tag="tlp:red"))
    triangle.work()
    bridge = one.bridge(other)
    (waits,) = [c for c in one.crossings(event_uuid=held) if c.partner == other.name]
    answers = []
    for digest in (waits.digest, bytes(32)):
        with other.database.system() as session:
            signer = identity.signer(session)
            made = receipts.made(
                signer, other.bridge(one),
                {"kind": "event", "event_uuid": held, "version": waits.version}, digest, "added",
                waits.decided,
            )  # fmt: skip
        answers.append({"receipt": made})
    collecting.hand_out(one.database, bridge, {"kind": "changes", "answers": answers})
    (still,) = [c for c in one.crossings(event_uuid=held) if c.partner == other.name]
    assert (still.state, still.receipt) == ("held", None)
    assert other.copy(held) is None


def test_parts_of_other_events_are_not_taken_back(triangle: Triangle) -> None:
    one, other, third = triangle.three
    uuid = added(third, new_event(("domain", "theirs.example")))
    mine = added(one, new_event(("domain", "mine.example")))
    others = added(other, new_event(("domain", "others.example")))
    triangle.work()
    victims = [key for event in (mine, others) for key in (one.copy(event) or _none()).items]
    with third.database.as_user(ADMIN) as session:
        publish(session, uuid)
    sent = next(c for c in third.crossings(event_uuid=uuid) if c.partner == one.name)
    message = {
        "kind": "event", "event_uuid": uuid, "version": sent.version + 5, "redacted": False,
        "agreement": sent.agreement_version,
        "gone": {"turn": 1, "Attribute": victims, "Tag": [{"on": mine, "name": "tlp:green"}]},
        "event": {
            "uuid": uuid, "info": "x", "distribution": "1", "published": True,
            "timestamp": str(sent.version + 5), "Orgc": {"uuid": third.org, "name": third.name},
            "Attribute": [{"type": "domain", "value": "theirs.example"}],
        },
    }  # fmt: skip
    said_to(one, third, message)
    for event in (mine, others):
        copy = one.copy(event)
        assert copy
        assert not any(item.deleted for item in copy.items.values())
        assert copy.tags == {"tlp:green"}


def _none() -> Any:
    raise AssertionError("it is not held")


def test_a_disk_that_fills_while_a_document_comes_is_told_and_loses_nothing(
    joint: Joint, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = joint.triangle.three
    full = {"now": True}
    write = durable.write_durably

    def writing(path: Any, content: bytes) -> None:
        if full["now"] and path.parent.name.startswith("."):  # where it is gathered
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)

    entry = attach(joint, one, bytes(3 * 2**18) + b"the end")
    uuid = added(one, new_event(("domain", "beside.example")))
    monkeypatch.setattr(pieces, "write_durably", writing)
    for _ in range(3):
        one.work(joint.triangle.wire, [other])
    sent = [c for c in one.crossings() if c.kind == "document"]
    assert sent
    assert not any(c.state == "received" for c in sent)
    with one.database.system() as session:
        problem = session.value(
            "SELECT problem FROM bridge_progress WHERE bridge_id = %s", (one.bridge(other).id,)
        )
    assert NoRoom.public in f"{problem} {[c.problem for c in sent]}"
    full["now"] = False
    joint.triangle.work()
    assert fetched(joint, other, entry) == bytes(3 * 2**18) + b"the end"
    assert other.copy(uuid)
    assert all(c.state == "received" for c in one.crossings() if c.kind == "document")


def lies_about(of: str, attribute: str, theirs: str) -> list[dict[str, Any]]:
    """Sightings of an attribute in the name of one organisation, and of another."""
    sighted = {"attribute_uuid": attribute, "type": "0", "date_sighting": "1795000000"}
    return [
        sighted | {"uuid": str(uuid4()), "Organisation": {"uuid": org, "name": "x"}}
        for org in (of, of.upper(), theirs)
    ]


def test_a_node_saw_nothing_that_a_partner_says_it_saw(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    ours = added(one, new_event(("domain", "seen.example")))
    triangle.work()
    with one.database.system() as session:
        seen = session.value("SELECT uuid::text FROM attribute")
    below = {"uuid": seen, "Sighting": lies_about(one.org, seen, other.org)}
    said_to(one, other, {
        "kind": "reactions", "event_uuid": ours, "version": 1795000000, "agreement": None,
        "said": {"uuid": ours, "Attribute": [below]},
    })  # fmt: skip
    fresh = []
    for _ in range(3):  # two together, and one by itself
        uuid, inside = str(uuid4()), str(uuid4())
        item = {
            "uuid": inside, "type": "domain", "category": "Network activity",
            "value": f"{uuid[:8]}.example", "timestamp": "1795000000", "distribution": "5",
            "Sighting": lies_about(one.org, inside, other.org),
        }  # fmt: skip
        event = {
            "uuid": uuid, "info": "theirs", "date": "2026-11-20", "distribution": "3",
            "published": True, "timestamp": "1795000000", "analysis": "0", "threat_level_id": "2",
            "Orgc": {"uuid": other.org, "name": "y"}, "Attribute": [item],
        }  # fmt: skip
        fresh.append({"kind": "event", "event_uuid": uuid, "version": 1795000000,
                      "redacted": False, "agreement": None, "event": event})  # fmt: skip
    answers = [*said_to(one, other, *fresh[:2]), *said_to(one, other, fresh[2])]
    assert [code(one_answer) for one_answer in answers] == ["added"] * 3
    with one.database.system() as session:
        by = session.all(
            "SELECT o.uuid::text FROM sighting s JOIN organisation o ON o.id = s.org_id"
        )
    assert [row[0] for row in by] == [other.org] * 4
