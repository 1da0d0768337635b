# SPDX-License-Identifier: EUPL-1.2
"""The log of decisions: what rests on what, which replaced which, and what may be named."""

import csv
import io
from uuid import uuid4

import msgspec
import pytest
from tests.cases.conftest import Node
from tests.cases.test_keeping import joined, opened, seen

from brug.cases import keeping
from brug.cases.acts import AnyAct, Decided, Recorded, Said
from brug.cases.crisis import decisions
from brug.cases.crisis.telling import decisions_of
from brug.cases.entries import encoded
from brug.cases.files import File
from brug.model.errors import Invalid


def act(node: Node, file: File, doing: AnyAct, *to: str) -> str:
    with node.database.as_user(node.host) as session:
        return keeping.act(session, file.number, doing, to).id


def test_a_later_decision_replaces_an_earlier_and_both_stay(node: Node) -> None:
    file = opened(node)
    fact = Recorded(fact="detected_at", at="2026-11-27T08:00:00Z", zone="UTC")
    found, said = act(node, file, fact), act(node, file, Said(text="We cannot hold"))
    first = act(node, file, Decided(question="Shut?", outcome="No", because="supply"))
    act(node, file, Decided(question="Shut?", outcome="Yes", replaces=first, basis=(found, said)))
    act(node, file, Decided(question="Press?", outcome="Later"))
    case = seen(node, node.host, file)
    told = [(one.number, one.holds, one.replaces, one.replaced_by) for one in decisions.log(case)]
    assert told == [(1, False, 0, 2), (2, True, 1, 0), (3, True, 0, 0)]
    second = decisions_of(case).decisions[1]
    assert [one["says"] for one in second.basis] == [
        "detected_at 2026-11-27T08:00:00Z", "We cannot hold",
    ]  # fmt: skip
    assert second.by == "CSIRT Noordland"


def test_what_is_named_is_there_for_all(node: Node) -> None:
    file = opened(node)
    entity = joined(node, file, "entity", "entity")
    quiet = act(node, file, Said(text="between us"), entity)
    open_ = act(node, file, Said(text="to all"))
    before = len(seen(node, node.host, file).timeline)
    for wrong in (
        Decided(question="x", outcome="y", basis=(quiet,)),
        Decided(question="x", outcome="y", basis=(str(uuid4()),)),
        Decided(question="x", outcome="y", basis=()),
        Decided(question="x", outcome="y", basis=(open_, open_)),
        Decided(question="x", outcome="y", basis=("nonsense",)),
        Decided(question="x", outcome="y", replaces=open_),
        Decided(question="x", outcome="y", replaces=str(uuid4())),
        Decided(question="x", outcome="y", replaces=""),
    ):
        with pytest.raises(Invalid):
            act(node, file, wrong)
    case = seen(node, node.host, file)
    assert len(case.timeline) == before
    assert quiet not in {one.id for one in decisions.can_be_basis(case)}
    assert open_ in {one.id for one in decisions.can_be_basis(case)}


def test_a_decision_without_them_is_signed_as_older_nodes_know_it(node: Node) -> None:
    file = opened(node)
    act(node, file, Decided(question="x", outcome="y"))
    entry = seen(node, node.host, file).decisions[0]
    plain = msgspec.json.decode(encoded(entry))["act"]
    assert plain == {"what": "decided", "question": "x", "outcome": "y", "because": ""}


def test_in_a_spreadsheet_no_cell_is_a_formula(node: Node) -> None:
    file = opened(node)
    act(node, file, Decided(question="=cmd()", outcome='-1, "so"\nand on', because="@x"))
    case = seen(node, node.host, file)
    data = decisions.as_csv(decisions.log(case), lambda _: "+org", lambda _: "")
    head, row = csv.reader(io.StringIO(data.decode()))
    assert tuple(head) == decisions.COLUMNS
    assert row[2:6] == ["'+org", "'=cmd()", '\'-1, "so"\nand on', "'@x"]
