# SPDX-License-Identifier: EUPL-1.2
"""The story of the bridges: three nodes, the steps in order, and what is told at the end."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from brug.cli.demo.bridges import connecting, crossing, recalling, waiting, working
from brug.cli.demo.bridges.data import load
from brug.cli.demo.bridges.nodes import World, fresh
from brug.cli.demo.bridges.showing import Screen, Step, Told
from brug.cli.demo.running import Wanted, initialise, ports, served
from brug.store.home import Home


class Chapter(NamedTuple):
    """`title` names organisations and events by their keys in the story's data."""

    title: str
    happens: Callable[[World, Step], None]


CHAPTERS = (
    Chapter(
        "Three bridges: invited, accepted, twelve digits compared, agreements signed by both sides",
        connecting.connect,
    ),
    Chapter("{noord} publishes “{told}”. To {zuid}: whole", crossing.whole),
    Chapter("The same event to {oost}: people as pseudonyms", crossing.pseudonyms),
    Chapter("{zuid} would pass it on to {oost}: held, until a person releases it", crossing.held),
    Chapter("{oost} saw it too: a sighting comes back to {noord}", crossing.sighting),
    Chapter("{noord} recalls it: both partners delete it and confirm", recalling.recall),
    Chapter(
        "{noord} opens a case with {zuid} and {oost}: one timeline at all three", working.together
    ),
    Chapter("Left for you. {zuid} publishes “{waiting}”", waiting.leave),
)


class Telling:
    """One telling of it."""

    def __init__(self, *, silent: bool) -> None:
        self._story = load()
        self._screen = Screen(silent=silent)
        self.say = self._screen.say

    @property
    def steps(self) -> list[Told]:
        return self._screen.steps

    def perform(self, folder: Path, port: int, running: ExitStack) -> dict[str, object]:
        self._world = self._begun(folder, port, running)
        names = self._names()
        for title, happens in CHAPTERS:
            with self._screen.step(title.format_map(names)) as step:
                happens(self._world, step)
        return {
            "outcome": "ok",
            "nodes": [
                {"organisation": node.name, "uuid": node.uuid, "url": node.url}
                for node in self._world.nodes.values()
            ],
            "waiting": self._world.waiting,
            "steps": self._screen.steps,
            "credentials": self._world.accounts,
        }

    def _names(self) -> dict[str, str]:
        names = {one.key: one.nationality for one in self._story.organisations}
        course = self._story.course
        told, left = (self._story.event(key).info for key in (course.told, course.waiting))
        return names | {"told": told, "waiting": left}

    def _begun(self, folder: Path, port: int, running: ExitStack) -> World:
        """Three nodes from nothing, which answer until `running` ends."""
        several = self._story.organisations
        numbers = ports(port, len(several))
        fresh(folder)
        wanted = [
            Wanted(Home(folder / one.key), one.name, one.duty, number)
            for one, number in zip(several, numbers, strict=True)
        ]
        title = "Three nodes of three organisations in three countries, all of them fictional"
        with self._screen.step(title) as step:
            step.working_on("brug init, three times: database, tables, vocabularies")
            made = initialise(wanted)
            step.working_on("brug serve, three times")
            running.enter_context(served(wanted))
            world = World(self._story, folder, running)
            world.take(wanted, made)
            for node in world.nodes.values():
                one = node.organisation
                step.say(node.url, f"{one.name} ({one.nationality})")
        return world

    def conclude(self, *, stays: bool) -> None:
        """Who can sign in where, and what is left to do."""
        if not stays:
            return
        screen, world = self._screen, self._world
        screen.say("\nSign in, and look at Bridges", style="bold")
        screen.table([(a.url, a.email, a.password) for a in world.accounts])
        node = world.nodes[self._story.event(self._story.course.waiting).org]
        screen.say("Release what waits", style="bold")
        screen.say(f"   {world.waiting} as {node.organisation.duty}")
        proof = self.steps[-1].proofs[-1]
        screen.say("Verify a proof, with its file and the public key alone", style="bold")
        screen.say(f"   {_program()} ledger check {proof.file} --key={proof.key}")


def _program() -> str:
    """How this program was called."""
    return sys.argv[0] if Path(sys.argv[0]).name == "brug" else "brug"
