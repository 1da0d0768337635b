# SPDX-License-Identifier: EUPL-1.2
"""The story of the campaign: three organisations on one node, and who sees what of it."""

from contextlib import ExitStack
from pathlib import Path

from brug.cli.demo.campaign import load
from brug.cli.demo.running import Wanted, initialise, ports, served
from brug.cli.demo.story import tell
from brug.cli.demo.telling import Teller, Told
from brug.cli.demo.world import Account, World
from brug.store.home import Home

SITE_ADMIN = "admin"


class Telling:
    """Of Brug's own campaign, or of the one in a folder. Raises Invalid for one that is none."""

    def __init__(self, campaign: Path | None, *, silent: bool) -> None:
        self._campaign = load(campaign)
        self._teller = Teller(silent=silent)
        self.say = self._teller.say

    @property
    def steps(self) -> list[Told]:
        return self._teller.steps

    def perform(self, folder: Path, port: int, running: ExitStack) -> dict[str, object]:
        self._world = self._begun(folder, port, running)
        running.callback(self._world.close)
        tell(self._teller, self._world)
        return {
            "outcome": "ok",
            "url": self._world.url,
            "checks": self._teller.checks,
            "steps": self._teller.steps,
            "credentials": self._world.accounts,
        }

    def _begun(self, folder: Path, port: int, running: ExitStack) -> World:
        """Makes the node and has it serve until `running` ends."""
        host = self._campaign.organisations[0]
        email = f"{SITE_ADMIN}@{host.people[0].email.partition('@')[2]}"
        wanted = Wanted(Home(folder), host.name, email, ports(port, 1)[0])
        with self._teller.step(
            "A node from nothing",
            "One folder with a PostgreSQL of its own, and the vocabularies that the field shares.",
        ) as step:
            step.working_on("brug init: database, tables, vocabularies")
            (made,) = initialise([wanted])
            step.working_on("brug serve")
            running.enter_context(served([wanted]))
            step.say(f"It belongs to {host.name} and answers on {wanted.url}.")
        admin = Account(
            host.key, host.name, made.email, SITE_ADMIN, made.password, made.api_key, False
        )
        return World(self._campaign, wanted.url, admin)

    def conclude(self, *, stays: bool) -> None:
        teller, world = self._teller, self._world
        teller.say()
        teller.say(f"All {teller.checks} checks hold.", style="bold green")
        if not stays:
            return
        teller.say(f"\nPages and interface: {world.url}", style="bold")
        first = sorted(world.accounts, key=lambda account: not account.tries)
        teller.table(("User", "Role", "Password"), [(a.email, a.role, a.password) for a in first])
        teller.say("\nKeys for tools", style="bold")
        for account in first:
            if account.tries:
                teller.say(f"  {account.api_key}  {account.email}")
