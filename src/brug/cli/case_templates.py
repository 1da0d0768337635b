# SPDX-License-Identifier: EUPL-1.2
"""`brug case template ...`: what an organisation's new cases begin with."""

from pathlib import Path
from typing import Annotated

import typer

from brug.cases import templates, templating
from brug.cases.templates import Kept
from brug.cli.case_group import As, Which, acting_as, group, pairs
from brug.cli.files import content
from brug.cli.output import Json, facts, machine, raw, table

template_group = typer.Typer(
    help="Templates: what your organisation's new cases begin with.", no_args_is_help=True
)
group.add_typer(template_group, name="template")

Name = Annotated[str, typer.Argument(help="Number of the template, or its name.")]


def _told(kept: Kept, *, as_json: bool) -> None:
    if as_json:
        machine(kept)
    else:
        one = kept.template
        facts({"number": kept.id, "name": one.name, "kind": one.kind, "title": one.title})


@template_group.command("list")
def list_(context: typer.Context, who: As = None, as_json: Json = False) -> None:
    """List the templates of your organisation."""
    with acting_as(context, who) as session:
        found = templates.listed(session)
    if as_json:
        machine(found)
        return
    rows = ((k.id, k.template.name, k.template.kind, k.template.title) for k in found)
    table(("number", "name", "kind", "title"), rows)


@template_group.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A template as JSON; - reads standard input.")],
    replace: Annotated[bool, typer.Option(help="Replace the one that is called the same.")] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Take a template from a file."""
    given = templates.of_file(content(file, "file"))
    with acting_as(context, who) as session:
        known = {one.template.name: one.id for one in templates.listed(session)}
        if replace and given.name in known:
            made = templates.save(session, str(known[given.name]), given)
        else:
            made = templates.add(session, given)
    _told(made, as_json=as_json)


@template_group.command("export")
def export(context: typer.Context, which: Name, who: As = None, as_json: Json = False) -> None:
    """Write a template to standard output, for another node or organisation."""
    del as_json  # it is JSON anyway
    with acting_as(context, who) as session:
        found = templates.find(session, which)
    raw(templates.to_file(found.template))


@template_group.command("make")
def make(
    context: typer.Context,
    which: Which,
    name: Annotated[str, typer.Argument(help="What the template is called.")],
    who: As = None,
    as_json: Json = False,
) -> None:
    """Use a case as a template, with what your organisation said in it and nothing of others."""
    with acting_as(context, who) as session:
        made = templates.add(session, templating.of_case(session, which, name))
    _told(made, as_json=as_json)


@template_group.command("open")
def open_(
    context: typer.Context,
    which: Name,
    words: Annotated[
        list[str] | None, typer.Option("--word", help="BLANK=WORDS for a blank of the title.")
    ] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Open a case that begins with what a template says."""
    said = {name: values[-1] for name, values in pairs(words).items()}
    with acting_as(context, who) as session:
        file = templating.open_case(session, templates.find(session, which).template, said)
    if as_json:
        machine(file)
    else:
        facts({"number": file.number, "title": file.title, "state": file.state})


@template_group.command("delete")
def delete(context: typer.Context, which: Name, who: As = None, as_json: Json = False) -> None:
    """Delete a template; cases that were opened from it stay."""
    with acting_as(context, who) as session:
        found = templates.find(session, which)
        templates.delete(session, str(found.id))
    _told(found, as_json=as_json)
