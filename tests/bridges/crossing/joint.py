# SPDX-License-Identifier: EUPL-1.2
"""One case of three nodes, and what a partner may bring of it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.bridges.crossing.three_nodes import Node
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN

from brug.bridges.crossing import case_arrivals, case_entries
from brug.cases import files, keeping
from brug.cases.acts import AnyAct, Joined
from brug.cases.case import Case
from brug.cases.entries import Author, Entry, encoded, number_at
from brug.directory import signing
from brug.store import settings


class Joint:
    """One case of three nodes."""

    def __init__(self, triangle: Triangle, kind: str = "incident") -> None:
        self.triangle = triangle
        self.one, self.other, self.third = triangle.three
        with self.one.database.as_user(ADMIN) as session:
            self.uuid = keeping.open_case(session, kind, "Pumps stopped").uuid
        self.parts: dict[str, str] = {}

    def act(self, node: Node, doing: AnyAct, to: tuple[str, ...] = ()) -> Entry:
        with node.database.as_user(ADMIN) as session:
            return keeping.act(session, self.uuid, doing, to)

    def join(self, node: Node, role: str) -> str:
        part = str(uuid4())
        self.act(self.one, Joined(participant=part, org=node.org, name=node.name, role=role))
        return part

    def seen(self, node: Node) -> Case:
        with node.database.as_user(ADMIN) as session:
            return files.view(session, self.uuid)[1]

    def everywhere(self) -> list[object]:
        """What each node shows, which is the same."""
        return [shown(self.seen(node)) for node in self.triangle.three]


def shown(case: Case) -> object:
    positions = {key: one.state for key, one in case.positions.items()}
    return case.fields, positions, case.participants, [one.id for one in case.timeline]


def forged(
    joint: Joint, node: Node, author: Author, doing: AnyAct, number: int = 0
) -> dict[str, Any]:
    """A message of an entry as a node that wants to deceive writes one."""
    entry = Entry(
        id=str(uuid4()), case=joint.uuid, author=author, at="2026-11-27T08:00:00Z",
        knows={author.node: number or number_at(datetime.now(UTC))}, act=doing,
    )  # fmt: skip
    data = encoded(entry)
    with node.database.system() as session:
        signed = signing.sign(session, data)
        public = signing.signing_key(session).public
    return {
        "kind": "case",
        "event_uuid": entry.id,
        "version": 0,
        "entry": data.decode(),
        "key_id": signed.key_id,
        "public": public.hex(),
        "signature": signed.signature.hex(),
    }


def author_of(node: Node) -> Author:
    with node.database.system() as session:
        return Author(str(settings.get(session, "node.uuid")), node.org, ADMIN)


def taken(joint: Joint, by: Node, sender: Node, message: dict[str, Any]) -> str:
    """What a node does with a message of a partner."""
    with by.database.system() as session:
        bridge = by.bridge(sender)
        agreement = by.in_force(sender)
        assert agreement is not None
    with by.database.as_user(bridge.account_id) as session:
        return case_arrivals.take(session, bridge, message, agreement.terms)


def brought(joint: Joint, by: Node, sender: Node, entry: Entry, author: Node) -> str:
    """What a node does with an entry of another that a partner passes on."""
    with author.database.system() as session:
        message = case_entries.message_of_uuid(session, entry.id)
    return taken(joint, by, sender, message)
