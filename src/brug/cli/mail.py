# SPDX-License-Identifier: EUPL-1.2
"""`brug mail`: who hears of which events by mail, and how often; mail for cases, and its keys."""

from typing import Annotated, Any

import typer

from brug.cases.persons import fetching
from brug.cli import mail_keys
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine
from brug.directory import account_changes, accounts, mail_choices, organisations
from brug.directory.mail_choices import FREQUENCIES, Choice
from brug.model.errors import Invalid
from brug.store.session import Session

group = typer.Typer(
    help="Mail: what users hear of, how often; answers to cases, and keys for them.",
    no_args_is_help=True,
)
group.add_typer(mail_keys.keys, name="key")
_FLAGS = {
    "immediately": "autoalert", "daily": "notification_daily", "weekly": "notification_weekly",
    "monthly": "notification_monthly",
}  # fmt: skip


@group.command("wanted")
def wanted(
    context: typer.Context,
    user: Annotated[str | None, typer.Option(help="Of a user: e-mail address or id.")] = None,
    organisation: Annotated[
        str | None, typer.Option(help="For the people of an organisation: name, UUID or id.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Tag that is wanted; !TAG is not.")] = None,
    org: Annotated[
        list[str] | None, typer.Option(help="Creator that is wanted; !NAME is not.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--type", help="Attribute type; !TYPE is not wanted.")
    ] = None,
    threat_level: Annotated[
        int | None, typer.Option(help="At least so high: 1 (high), 2 (medium) or 3 (low).")
    ] = None,
    tlp: Annotated[str | None, typer.Option(help="Strictest TLP that is wanted.")] = None,
    frequency: Annotated[
        list[str] | None,
        typer.Option(help="immediately, daily, weekly, monthly or never; repeat it. Of an"
                     " organisation: what its people may have."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="All events are wanted.")] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Show or set which events somebody, or everybody of an organisation, hears of by mail.

    The filters that are given take the place of all that there were.
    """
    if (user is None) == (organisation is None):
        raise Invalid("--user", "either it or --organisation")
    named = {"tags": tag, "orgs": org, "types": kind, "threat_level": threat_level, "tlp": tlp}
    given = {name: value for name, value in named.items() if value is not None}
    if clear and given:
        raise Invalid("--clear", "no filters beside it")
    often = _often(frequency)
    sets = bool(given) or clear
    with acting(context.obj) as session:
        if user is not None:
            found = _of_user(session, user, given if sets else None, often)
        else:
            found = _of_organisation(session, str(organisation), given if sets else None, often)
    if as_json:
        machine(found)
        return
    filters = found["filters"] or {"filters": "none: all events are wanted"}
    facts(filters | {"frequencies": ", ".join(found["frequencies"]) or "never"})


def _often(given: list[str] | None) -> list[str] | None:
    if given is None:
        return None
    wrong = sorted(set(given) - {*FREQUENCIES, "never"})
    if wrong or ("never" in given and len(given) > 1):
        raise Invalid("--frequency", f"never alone, or some of {', '.join(FREQUENCIES)}",
                      ", ".join(given))  # fmt: skip
    return [one for one in FREQUENCIES if one in given]


def _of_user(
    session: Session, who: str, given: dict[str, Any] | None, often: list[str] | None
) -> dict[str, Any]:
    account = accounts.view(session, who)
    if given is not None:
        mail_choices.set_for_user(session, account.id, given)
    if often is not None:
        flags = {flag: name in often for name, flag in _FLAGS.items()}
        account = account_changes.edit(session, account.id, flags)
    chosen = [name for name, flag in _FLAGS.items() if getattr(account, flag)]
    filters = mail_choices.of_user(session, account.id).filters
    return {"filters": filters, "frequencies": chosen}


def _of_organisation(
    session: Session, which: str, given: dict[str, Any] | None, often: list[str] | None
) -> dict[str, Any]:
    found = organisations.view(session, which)
    known: Choice = mail_choices.of_organisation(session, found.id)
    if given is not None or often is not None:
        filters = known.filters if given is None else given
        allowed = known.frequencies if often is None else often
        known = mail_choices.set_for_organisation(session, found.id, filters, allowed)
    allowed = list(FREQUENCIES) if known.frequencies is None else known.frequencies
    return {"filters": known.filters, "frequencies": allowed}


@group.command("fetch")
def fetch(context: typer.Context, as_json: Json = False) -> None:
    """Fetch mail for cases now from the mailbox that mail.inbound names; the node does it too."""
    with opened(context.obj) as database:
        done = fetching.fetch(database)
    if as_json:
        machine(done)
    else:
        facts({name: getattr(done, name) for name in done.__struct_fields__})
