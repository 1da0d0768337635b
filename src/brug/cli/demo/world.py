# SPDX-License-Identifier: EUPL-1.2
"""What the story works with: the campaign, the node's address, its users and their tools."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from brug.cli.demo.campaign import Campaign, Event
from brug.cli.demo.client import Client
from brug.cli.demo.composing import Templates, events_of, sightings_of, uuid_of
from brug.cli.demo.rule import Stored

PUBLISHER = "Publisher"


class Account(msgspec.Struct, frozen=True):
    """A user of the node with what it takes to be that user."""

    org: str
    organisation: str
    email: str
    role: str
    password: str
    api_key: str
    tries: bool


class World:
    """Fills as the story goes on."""

    def __init__(self, campaign: Campaign, url: str, admin: Account) -> None:
        self.campaign = campaign
        self.url = url
        self.events: list[Event] = events_of(campaign)
        self.accounts = [admin]
        self.sightings = sightings_of(campaign, datetime.now(UTC))
        self.group_id = ""
        self.templates: Templates = {}
        self.stored: dict[str, tuple[Event, list[Stored]]] = {}
        self._keys = {uuid_of(event.key): event.key for event in self.events}
        self._clients: dict[str, Client] = {}

    @property
    def admin(self) -> Client:
        return self._client(self.accounts[0])

    def reader(self, org: str) -> Client:
        """The tool of the analyst whose credentials are told."""
        return self._client(next(a for a in self.accounts if a.org == org and a.tries))

    def publisher(self, org: str) -> Client:
        return self.with_role(org, PUBLISHER)

    def with_role(self, org: str, role: str) -> Client:
        return self._client(next(a for a in self.accounts if a.org == org and a.role == role))

    def view(self, org: str, key: str) -> tuple[int, Any]:
        """An event as an organisation's analyst gets it: the status and the event."""
        status, text = self.reader(org).answer("GET", f"/events/view/{uuid_of(key)}")
        answer = msgspec.json.decode(text)
        return status, answer["Event"] if status == 200 else answer

    def key_of(self, uuid: str) -> str:
        """The campaign's key of an event of this UUID; raises KeyError for others."""
        return self._keys[uuid]

    def everything(self) -> list[Stored]:
        return [item for _, items in self.stored.values() for item in items]

    def published(self, key: str) -> None:
        """The event is no draft any more."""
        event, items = self.stored[key]
        event = replace(event, draft=False)
        self.stored[key] = (event, items)
        self.events = [event if one.key == key else one for one in self.events]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _client(self, account: Account) -> Client:
        if account.email not in self._clients:
            self._clients[account.email] = Client(self.url, account.api_key)
        return self._clients[account.email]
