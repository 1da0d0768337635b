# SPDX-License-Identifier: EUPL-1.2
"""The parties of an agreement, and the organisations that use a party's node beside its host.

Such an organisation speaks through that node alone: what changes only by its creator's word (who
signs a protected event) changes by the word of the node that both sides said it uses.
"""

import re
from collections.abc import Mapping
from itertools import combinations

import msgspec

from brug.model.errors import Invalid
from brug.model.naming import is_uuid

MOST_USERS = 200
NAME = 255


class NodeUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An organisation that uses a party's node, and is not its host."""

    organisation: str
    name: str


class Party(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """`country` by ISO 3166-1, or the name of an international organisation.

    `node_users` stands there where there are any.
    """

    organisation: str
    name: str
    country: str
    node_users: tuple[NodeUser, ...] = ()

    @property
    def organisations(self) -> list[str]:
        """Its own, and those that use its node."""
        return [self.organisation, *(one.organisation for one in self.node_users)]

    def speaks_for(self, organisation: str) -> bool:
        """Whether an organisation is the party, or uses its node."""
        return organisation in self.organisations

    def named(self, now: Mapping[str, str]) -> "Party":
        """With other UUIDs of the organisations, where they have others now."""
        own = now.get(self.organisation, self.organisation)
        users = {
            uuid: NodeUser(organisation=uuid, name=one.name)
            for one in self.node_users
            if (uuid := now.get(one.organisation, one.organisation)) != own
        }
        return msgspec.structs.replace(
            self, organisation=own, node_users=tuple(users[uuid] for uuid in sorted(users))
        )


def check(parties: tuple[Party, Party]) -> None:
    """Raises Invalid, naming the field."""
    for place, party in enumerate(parties):
        field = f"parties[{place}]"
        _uuid(f"{field}.organisation", party.organisation)
        _text(f"{field}.name", party.name, 2000)
        if not re.fullmatch(r"[A-Z]{2,3}", party.country):
            raise Invalid(f"{field}.country", "a country's two letters, such as NL", party.country)
        _check_users(f"{field}.node_users", party.node_users)
    both = [party.organisation for party in parties]
    if both[0] >= both[1]:
        raise Invalid("parties", "two different organisations, in the order of their UUIDs")
    every = [set(both), *({user.organisation for user in party.node_users} for party in parties)]
    for some, others in combinations(every, 2):
        if twice := some & others:
            raise Invalid("parties", "each organisation at one place", min(twice))


def _check_users(field: str, users: tuple[NodeUser, ...]) -> None:
    if len(users) > MOST_USERS:
        raise Invalid(field, f"at most {MOST_USERS} organisations", str(len(users)))
    for place, user in enumerate(users):
        _uuid(f"{field}[{place}].organisation", user.organisation)
        _text(f"{field}[{place}].name", user.name, NAME)
    uuids = [user.organisation for user in users]
    if uuids != sorted(set(uuids)):
        raise Invalid(field, "each once, in the order of their UUIDs")


def _uuid(field: str, text: str) -> None:
    if not is_uuid(text) or text != text.lower():
        raise Invalid(field, "a UUID in lower case", text)


def _text(field: str, text: str, most: int) -> None:
    if not text.strip() or len(text) > most or "\0" in text:
        raise Invalid(field, f"a text of at most {most} characters", text)
