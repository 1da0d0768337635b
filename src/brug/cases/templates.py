# SPDX-License-Identifier: EUPL-1.2
"""What an organisation's new cases begin with: title, fields, tasks, who takes part, marking.

A template is its organisation's own, sealed like the cases that come of it, and a file by which
another one can have it. Opening from it is opening a case and acting in it, by whoever opens it:
what the template says and its opener may not do is not done, and then no case is opened.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

import msgspec

from brug.cases import act_rules, forms
from brug.cases.acts import (
    LONGEST_TEXT,
    LONGEST_TITLE,
)  # fmt: skip
from brug.cases.case import Kind
from brug.cases.clocks import periods
from brug.cases.kind_fields import read_fields
from brug.cases.kinds import named
from brug.cases.refusing import Refused
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.tlp import LABELS
from brug.model.words import N_
from brug.store.session import Session

LARGEST = 512 * 1024  # of a file
MOST, MOST_TASKS, MOST_PARTS = 500, 100, 50
DATE = "date"  # the blank that is filled by itself
_PURPOSE = "case template "
BLANK = re.compile(r"\{([a-z_]{1,30})\}")


class Overtaken(Conflict):
    """Somebody else saved it since it was read."""

    code = "meanwhile"
    public = "Somebody else changed this template meanwhile: look at it again."


class Task(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task; `after` is the time from the opening to when it is due, like PT4H, P2D, P1W.

    `who` does it: a role, or the name of somebody who takes part.
    """

    title: str
    after: str = ""
    who: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation that takes part from the beginning; `org` is its name or UUID."""

    org: str
    role: str
    name: str = ""  # of one that the node does not know


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`title` may hold blanks: {date} becomes the day, others are asked for at the opening."""

    form: Literal["brug-case-template/1"] = "brug-case-template/1"
    name: str
    kind: str
    title: str
    about: str = ""
    fields: dict[str, Any] = {}
    tasks: tuple[Task, ...] = ()
    participants: tuple[Part, ...] = ()
    tlp: str = ""
    pap: str = ""

    @property
    def blanks(self) -> list[str]:
        """What is asked for, each once."""
        found = dict.fromkeys(BLANK.findall(self.title))
        return [one for one in found if one != DATE]


class Kept(msgspec.Struct, frozen=True):
    """A template as it is stored; `version` tells whether somebody saved it meanwhile."""

    id: int
    uuid: str
    version: int
    changed: datetime
    template: Template


def listed(session: Session) -> list[Kept]:
    """The own organisation's, by name."""
    rows = session.all(_ROWS + " ORDER BY id LIMIT %s", (MOST,))
    return sorted((_read(session, row) for row in rows), key=lambda one: one.template.name)


def find(session: Session, which: str) -> Kept:
    """By number, or by name. Raises NotFound."""
    if which.isascii() and which.isdecimal() and len(which) < 10:
        row = session.one(_ROWS + " WHERE id = %s", (int(which),))
        if row is not None:
            return _read(session, row)
    found = [one for one in listed(session) if one.template.name == which]
    if not found:
        raise NotFound(f"no template {which[:60]}")
    return found[0]


def add(session: Session, given: Template) -> Kept:
    """Raises Invalid, Forbidden, Conflict."""
    _require_writer(session)
    template = checked(given)
    others = listed(session)
    if len(others) >= MOST:
        raise Refused(N_("An organisation has at most %(most)s templates."), most=MOST)
    if template.name in {one.template.name for one in others}:
        raise Invalid("name", "a name that no other template has", template.name)
    uuid = str(uuid4())
    number = session.value(
        "INSERT INTO case_template (uuid, org_id, kind, sealed) VALUES (%s, %s, %s, %s)"
        " RETURNING id",
        (uuid, session.principal.org_id, template.kind, _sealed(session, uuid, template)),
    )
    return find(session, str(number))


def save(session: Session, which: str, given: Template, version: int | None = None) -> Kept:
    """Replaces one; with `version` only if it is still that.

    Raises NotFound, Overtaken, and what `add` does.
    """
    _require_writer(session)
    known = find(session, which)
    template = checked(given)
    others = {one.template.name for one in listed(session) if one.id != known.id}
    if template.name in others:
        raise Invalid("name", "a name that no other template has", template.name)
    changed = session.execute(
        "UPDATE case_template SET kind = %s, sealed = %s, version = version + 1, changed = now()"
        " WHERE id = %s AND version = %s",
        (
            template.kind,
            _sealed(session, known.uuid, template),
            known.id,
            known.version if version is None else version,
        ),
    ).rowcount
    if not changed:
        raise Overtaken(f"template {known.id} is at version {known.version}")
    return find(session, str(known.id))


def delete(session: Session, which: str) -> None:
    """Raises NotFound, Forbidden. Cases that were opened from it stay."""
    _require_writer(session)
    session.execute("DELETE FROM case_template WHERE id = %s", (find(session, which).id,))


def checked(given: Template) -> Template:
    """With fields as the kind has them. Raises Invalid, naming the field."""
    kind = named(given.kind)
    forms.text("name", given.name, LONGEST_TITLE)
    forms.text("title", given.title, LONGEST_TITLE)
    forms.text("about", given.about, LONGEST_TEXT, empty=True)
    forms.one_of("tlp", given.tlp, LABELS)
    forms.one_of("pap", given.pap, act_rules.PAP)
    _require_few("tasks", given.tasks, MOST_TASKS)
    _require_few("participants", given.participants, MOST_PARTS)
    for number, task in enumerate(given.tasks):
        forms.text(f"tasks[{number}].title", task.title, LONGEST_TITLE)
        forms.text(f"tasks[{number}].who", task.who, LONGEST_TITLE, empty=True)
        if task.after:
            period(f"tasks[{number}].after", task.after)
    for number, part in enumerate(given.participants):
        forms.text(f"participants[{number}].org", part.org, LONGEST_TITLE)
        forms.text(f"participants[{number}].name", part.name, LONGEST_TITLE, empty=True)
        require_role(f"participants[{number}].role", kind, part.role)
    fields = {k: v for k, v in read_fields(kind, given.fields).items() if v is not None}
    return msgspec.structs.replace(given, fields=fields)


def to_file(template: Template) -> bytes:
    """The file by which others have it."""
    return msgspec.json.format(msgspec.json.encode(template)) + b"\n"


def of_file(data: bytes) -> Template:
    """Raises Invalid, naming what does not fit."""
    if len(data) > LARGEST:
        raise Invalid("file", f"at most {LARGEST} bytes")
    try:
        found = msgspec.json.decode(data, type=Template)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at ")
        said = said.removeprefix("Expected ").replace("`", "")
        if said.startswith("Object "):  # which properties it has, or has not
            said = f"a template as it is exported ({said[0].lower()}{said[1:]})"
        raise Invalid(where.strip("`$.") or "file", said) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("file", "a template as JSON") from error
    return checked(found)


_ROWS = "SELECT id, uuid::text, version, changed, sealed FROM case_template"


def _read(session: Session, row: Sequence[Any]) -> Kept:
    number, uuid, version, changed, sealed = row
    text = session.seal.open(sealed, _PURPOSE + uuid)
    return Kept(number, uuid, version, changed, msgspec.json.decode(text, type=Template))


def _sealed(session: Session, uuid: str, template: Template) -> bytes:
    text = msgspec.json.encode(template).decode()
    return session.seal.close(text, _PURPOSE + uuid)


def _require_writer(session: Session) -> None:
    me = session.principal
    if not me.may("case") or me.read_only:
        raise Forbidden(f"{me.email} may not keep templates")


def _require_few(field: str, several: Sequence[Any], most: int) -> None:
    if len(several) > most:
        raise Invalid(field, f"at most {most}", str(len(several)))


def require_role(field: str, kind: Kind, role: str) -> None:
    if role not in {one.key for one in kind.roles}:
        raise Invalid(field, f"one of {', '.join(one.key for one in kind.roles)}", role)


def period(field: str, text: str) -> periods.Period:
    try:
        return periods.read(text)
    except ValueError as error:
        raise Invalid(field, "a time such as PT4H, P2D or P1W", text) from error
