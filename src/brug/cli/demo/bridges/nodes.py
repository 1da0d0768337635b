# SPDX-License-Identifier: EUPL-1.2
"""A node of the story as its people and tools use it, and the story's world of three."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from brug.cli.demo.bridges.data import Organisation, Story
from brug.cli.demo.client import Client
from brug.cli.demo.composing import Composer, uuid_of
from brug.cli.demo.people import new_password
from brug.cli.demo.running import NewNode, NodeFailed, Wanted, told
from brug.store.server_errors import UnsafeFolder

PATIENCE_SECONDS = 40.0
PAUSE_SECONDS = 0.2
T = TypeVar("T")


class Account(msgspec.Struct, frozen=True):
    """Somebody who signs in at a node."""

    organisation: str
    url: str
    email: str
    role: str
    password: str
    api_key: str


class Node:
    """One organisation's node: its folder's verbs, and its interface over HTTP."""

    def __init__(self, organisation: Organisation, wanted: Wanted, made: NewNode) -> None:
        self.organisation = organisation
        self.home = wanted.home
        self.url = made.url
        self.uuid = made.organisation_uuid
        self.accounts = [self._account(made.email, "admin", made.password, made.api_key)]
        self.duty = Client(made.url, made.api_key)
        self.analyst = self._prepared()

    @property
    def name(self) -> str:
        return self.organisation.name

    def verb(self, *arguments: str) -> Any:
        """What a verb of the command line answers to a machine."""
        return msgspec.json.decode(told(self.home, *arguments, "--json"))

    def text(self, *arguments: str) -> str:
        """What a verb answers to a person."""
        return told(self.home, *arguments)

    def view(self, key: str) -> dict[str, Any] | None:
        """An event of the story as the node's analyst gets it; None where there is none."""
        status, text = self.analyst.answer("GET", f"/events/view/{uuid_of(key)}")
        return msgspec.json.decode(text)["Event"] if status == 200 else None

    def close(self) -> None:
        self.duty.close()
        self.analyst.close()

    def _account(self, email: str, role: str, password: str, api_key: str) -> Account:
        return Account(self.name, self.url, email, role, password, api_key)

    def _prepared(self) -> Client:
        """The node says who runs it, may ask its neighbours, and has an analyst."""
        self.verb("settings", "set", "outgoing.private_networks", "127.0.0.0/8")
        one = self.organisation
        me = self.duty.get("/users/view/me")["User"]
        described = {"type": one.type, "sector": one.sector, "nationality": one.nationality,
                     "description": one.description}  # fmt: skip
        self.duty.post(f"/admin/organisations/edit/{me['org_id']}", described)
        password = new_password()
        made = self.duty.post("/admin/users/add", {
            "email": one.analyst, "org_id": me["org_id"], "role_id": _role(self.duty, "User"),
            "password": password, "change_pw": False, "termsaccepted": True,
        })["User"]  # fmt: skip
        self.accounts.append(self._account(one.analyst, "User", password, made["authkey"]))
        return Client(self.url, made["authkey"])


def _role(client: Client, name: str) -> str:
    return next(
        str(one["Role"]["id"]) for one in client.get("/roles") if one["Role"]["name"] == name
    )


class World:
    """The three nodes; `folder` takes what is made on the way, such as proofs."""

    def __init__(self, story: Story, folder: Path, running: ExitStack) -> None:
        self.story = story
        self.course = story.course
        self.folder = folder
        self.nodes: dict[str, Node] = {}
        self.waiting = ""  # address of the page of what is left to be released
        self._running = running
        self._composer = Composer({}, "", datetime.now(UTC))

    def take(self, wanted: Sequence[Wanted], made: Sequence[NewNode]) -> None:
        """The nodes, in the order of the story's organisations."""
        for organisation, one, new in zip(self.story.organisations, wanted, made, strict=True):
            node = Node(organisation, one, new)
            self._running.callback(node.close)
            self.nodes[organisation.key] = node

    @property
    def accounts(self) -> list[Account]:
        return [account for node in self.nodes.values() for account in node.accounts]

    def write_and_publish(self, key: str) -> dict[str, Any]:
        """An analyst writes an event, and whoever is on duty publishes it; the event."""
        event = self.story.event(key)
        node = self.nodes[event.org]
        sent = self._composer.compose(event)
        stored: dict[str, Any] = node.analyst.post("/events/add", {"Event": sent})["Event"]
        node.duty.post(f"/events/publish/{uuid_of(key)}")
        return stored


def fresh(folder: Path) -> None:
    """Makes the folder of the nodes, or takes an empty one. Raises UnsafeFolder."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UnsafeFolder(f"{folder} holds other things; the demonstration wants an empty folder")


def until(what: str, ask: Callable[[], T | None], instead: Callable[[], str] = str) -> T:
    """The answer once there is one; raises NodeFailed where none comes, with what there is."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = ask()
        if found:
            return found
        time.sleep(PAUSE_SECONDS)
    raise NodeFailed(f"{what}: not after {PATIENCE_SECONDS:.0f} s {instead()}".rstrip())
