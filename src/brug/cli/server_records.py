# SPDX-License-Identifier: EUPL-1.2
"""`brug server add|show|edit|test|remove`: the records of other servers, and how they are reached.

The key that a server gave us is read from standard input, so that it stands in no history of a
shell, and is never shown again.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from brug.bridges.misp import rule_names, rules, standing
from brug.bridges.misp.rules import Rules
from brug.cli import files, route_options
from brug.cli.node import acting
from brug.cli.output import Json, facts, machine, say
from brug.cli.route_options import Ca, Certificate, Key, NoCa, NoCertificate, Proxy, ProxyPassword
from brug.directory import organisations, routes, servers
from brug.directory.routes import Holder
from brug.directory.servers import Server
from brug.edge import partners
from brug.model.errors import BrugError, Invalid
from brug.store.session import Session

SWITCHES = (
    "pull", "push", "push-sightings", "push-galaxy-clusters", "push-analyst-data",
    "pull-galaxy-clusters", "pull-analyst-data", "caching-enabled", "internal", "unpublish-event",
    "publish-without-email",
)  # fmt: skip
OUTCOMES = {
    partners.FINE: "it answers, and its key for us may synchronise",
    partners.UNREACHABLE: "it cannot be reached, or does not say its version",
    partners.FAILED: "it answers with an error",
    partners.REFUSED: "it refuses the key",
    partners.NO_SYNC: "the key works, but its user has no right to synchronise",
}
POSTED = {
    partners.FINE: "arrives as it was sent",
    partners.POST_FAILED: "does not arrive",
    partners.POST_CHANGED: "arrives changed: something on the way alters it",
}

Which = Annotated[str, typer.Argument(help="Id of the server.")]
Org = Annotated[str | None, typer.Option(help="Organisation that runs it: name, UUID or id.")]
AuthKey = Annotated[
    bool, typer.Option("--authkey-stdin", help="Read the key that it gave us from standard input.")
]
On = Annotated[
    list[str] | None, typer.Option("--on", help=f"Switch on, repeated: {', '.join(SWITCHES)}.")
]
Off = Annotated[list[str] | None, typer.Option("--off", help="Switch off; the same names.")]
PullRules = Annotated[
    str | None,
    typer.Option(
        help="Which events are asked for: JSON as MISP keeps it, by the names there, or @FILE."
    ),
]
PushRules = Annotated[
    str | None,
    typer.Option(help="Which events go: JSON as MISP keeps it, by names or numbers, or @FILE."),
]


class NotFit(BrugError):
    """The other side is not one to exchange with as it is."""

    code = "server_test_failed"


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called here.")],
    url: Annotated[str, typer.Argument(help="Its address.")],
    org: Org = None,
    authkey: AuthKey = False,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Add a server; nothing goes either way but what is switched on."""
    given: dict[str, Any] = {"name": name, "url": url} | _key(authkey) | _switched(on, None)
    with acting(context.obj) as session:
        _tell(session, servers.add(session, given | _org(session, org)), as_json=as_json)


def show(context: typer.Context, server: Which, as_json: Json = False) -> None:
    """Show a server's address, how it is reached, and what is switched on."""
    with acting(context.obj) as session:
        _tell(session, servers.view(session, server), as_json=as_json)


def edit(
    context: typer.Context,
    server: Which,
    name: Annotated[str | None, typer.Option(help="What it is called here.")] = None,
    url: Annotated[str | None, typer.Option(help="Its address.")] = None,
    org: Org = None,
    authkey: AuthKey = False,
    on: On = None,
    off: Off = None,
    pull_rules: PullRules = None,
    push_rules: PushRules = None,
    pull_every: Annotated[
        int | None, typer.Option(help="Minutes between pulls; 0: only when somebody asks.")
    ] = None,
    proxy: Proxy = None,
    proxy_password: ProxyPassword = False,
    ca: Ca = None,
    no_ca: NoCa = False,
    certificate: Certificate = None,
    key: Key = None,
    no_certificate: NoCertificate = False,
    as_json: Json = False,
) -> None:
    """Change a server's address and key, how it is reached, what is switched on, and its rules.

    The rules that are given take the place of all that there were for that way.
    """
    if authkey and proxy_password:
        raise Invalid("--authkey-stdin", "it or --proxy-password-stdin, one at a time")
    given: dict[str, Any] = {"name": name, "url": url}
    given = {field: value for field, value in given.items() if value is not None}
    given |= _key(authkey) | _switched(on, off)
    given |= route_options.given(
        proxy, ca, certificate, key, password=proxy_password, no_ca=no_ca,
        no_certificate=no_certificate,
    )  # fmt: skip
    asked, sent = _text("--pull-rules", pull_rules), _text("--push-rules", push_rules)
    given |= {"pull_rules": asked} if asked is not None else {}
    with acting(context.obj) as session:
        if sent is not None:
            given["push_rules"] = rule_names.for_pushing(session, "push_rules", sent)
        changed = servers.edit(session, server, given | _org(session, org))
        if pull_every is not None:
            standing.set_pull_minutes(session, changed.id, pull_every)
        _tell(session, changed, as_json=as_json)


def ask_who(context: typer.Context, server: Which, as_json: Json = False) -> None:
    """Ask a server who it is, and whether what is posted arrives unchanged."""
    with acting(context.obj) as session:
        found = servers.view(session, server)
        outcome = partners.test_connection(session, found)
    fine = outcome["status"] == partners.FINE and outcome.get("post") == partners.FINE
    if as_json:
        machine(outcome)
    else:
        facts(_outcome(outcome))
    if not fine:
        raise NotFit(f"{found.name} is not one to exchange with as it is")


def remove(context: typer.Context, server: Which, as_json: Json = False) -> None:
    """Remove a server; what came from it stays."""
    with acting(context.obj) as session:
        gone = servers.delete(session, server)
    if as_json:
        machine({"id": gone.id, "name": gone.name})
    else:
        say(f"{gone.name} is removed.")


def word(on: bool) -> str:
    return "yes" if on else "no"


def _key(wanted: bool) -> dict[str, str]:
    return {"authkey": sys.stdin.readline().strip()} if wanted else {}


def _text(option: str, given: str | None) -> str | None:
    """What was given, or what the file holds that it names."""
    if given is None or not given.startswith("@"):
        return given
    return files.text(Path(given[1:]), option)


def _org(session: Session, named: str | None) -> dict[str, int]:
    return {} if named is None else {"remote_org_id": organisations.view(session, named).id}


def _switched(on: list[str] | None, off: list[str] | None) -> dict[str, bool]:
    for option, names in (("--on", on), ("--off", off)):
        for name in names or []:
            if name not in SWITCHES:
                raise Invalid(option, f"one of {', '.join(SWITCHES)}", name)
    both = sorted(set(on or []) & set(off or []))
    if both:
        raise Invalid("--off", "none that is switched on as well", both[0])
    asked = dict.fromkeys(on or [], True) | dict.fromkeys(off or [], False)
    return {name.replace("-", "_"): value for name, value in asked.items()}


def _tell(session: Session, server: Server, *, as_json: bool) -> None:
    on = [name for name in SWITCHES if getattr(server, name.replace("-", "_"))]
    told = {
        "id": server.id, "name": server.name, "address": server.url,
        "organisation": organisations.view(session, server.remote_org_id).name,
        "key known": word(server.has_key), "on": on if as_json else ", ".join(on) or "nothing",
        "pulled every": standing.standing(session, server.id).pull_minutes,
        "asks for": _ruled(rules.read(server.pull_rules), as_json=as_json),
        "sends": _ruled(
            rule_names.named(session, rules.read(server.push_rules)), as_json=as_json
        ),
    } | route_options.shown(routes.kept(session, Holder("server", server.id)))  # fmt: skip
    if as_json:
        machine({name.replace(" ", "_"): value for name, value in told.items()})
    else:
        facts(told)


def _ruled(found: Rules, *, as_json: bool) -> Any:
    told = rules.told(found)
    return told if told or as_json else "everything"


def _outcome(outcome: dict[str, Any]) -> dict[str, Any]:
    told = {"found": OUTCOMES.get(outcome["status"], OUTCOMES[partners.FAILED])}
    told |= {name: outcome[name] for name in ("reason", "version") if outcome.get(name)}
    if outcome.get("post") in POSTED:
        told["what is posted"] = POSTED[outcome["post"]]
    return told


VERBS: dict[str, Any] = {
    "add": add, "show": show, "edit": edit, "test": ask_who, "remove": remove,
}  # fmt: skip
