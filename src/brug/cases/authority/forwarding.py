# SPDX-License-Identifier: EUPL-1.2
"""Telling other countries and ENISA (NIS2 art. 23(6)): in a case of its own, with what was chosen.

Who takes part in a case reads all of its fields and who else takes part. So a single point of
contact does not join the case of the entity: it gets another one, with those fields alone that
somebody chose, without the entity. The case of the entity says to all who take part what was
told to whom.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from brug.cases import countries, files, keeping, people
from brug.cases.acts import AnyAct, Decided, Joined, Linked, Marked, Recorded, Said
from brug.cases.authority import parts
from brug.cases.case import Case, Participant
from brug.cases.clocks import facts as moments
from brug.cases.files import File
from brug.cases.reports import filling, given_here, register
from brug.cases.reports.authorities import Contact
from brug.model.errors import Conflict, Invalid, NotFound
from brug.store.session import Session

ENISA = "EU"
# What says nothing of who it was; the rest is shared where somebody chooses it.
USUAL = (
    "classification", "suspected_malicious", "cross_border", "countries", "sector",
    "functional_impact", "information_impact",
)  # fmt: skip
OFFERED = (
    *USUAL, "subsector", "spread", "services", "users_affected", "recoverability", "supply_chain",
    "summary", "root_cause", "measures",
)  # fmt: skip
TIMES = ("detected_at", "started_at", "handled_at")
TITLE = "Incident with impact across borders"
QUESTION = "Told other countries (NIS2 art. 23(6))"


class NamesEntity(Conflict):
    """A text that was chosen names the entity, and nobody said that it may be named."""

    code = "names_entity"

    def __init__(self, where: str) -> None:
        self.field = where
        self.public = f"{where} names the entity: leave it out, or say that it may be named."
        super().__init__(self.public)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """To which countries (EU is ENISA), and what: fields and times by name, words besides."""

    countries: tuple[str, ...]
    fields: tuple[str, ...] = USUAL
    title: str = ""
    text: str = ""
    with_name: bool = False


class Forwarded(msgspec.Struct, frozen=True):
    """The case that the contacts take part in; `otherwise` are those with no bridge to them.

    `left` are countries concerned, and ENISA, that no case of this kind has reached yet.
    """

    file: File
    told: list[Contact]
    otherwise: list[Contact]
    left: list[str]


def contacts_here(session: Session) -> dict[str, Contact]:
    return register.known(session).contacts


def concerned(case: Case, own_country: str = "") -> list[str]:
    """The countries that the case names, without our own; ENISA where there are any."""
    said = [one for one in case.fields.get("countries") or () if one != own_country]
    return [*dict.fromkeys(said), ENISA] if said else []


def forward(session: Session, which: str, wanted: Wanted, *, of: str = "") -> Forwarded:
    """Raises Invalid, NamesEntity, NotYours; then nothing is written."""
    file, case = files.view(session, which)
    mine = parts.mine(session, case)
    entity = filling.entity(case, of)
    told = _contacts(session, wanted.countries)
    shared = _shared(case, wanted, entity)
    made = keeping.open_case(session, "incident", wanted.title.strip() or TITLE, shared)
    joining = [_joining(session, one) for one in told if one.organisation]
    doing: list[tuple[AnyAct, Sequence[str]]] = [(one, ()) for one in joining]
    if case.marking.tlp or case.marking.pap:
        doing.append((Marked(tlp=case.marking.tlp, pap=case.marking.pap), ()))
    doing += [(one, ()) for one in _times(case, wanted, entity)]
    if wanted.with_name:
        doing.append((Said(text=f"{entity.name}"), ()))
    if wanted.text.strip():
        doing.append((Said(text=wanted.text.strip()), ()))
    if doing:
        keeping.act_several(session, made.uuid, doing)
    otherwise = [one for one in told if not one.organisation]
    told = [one for one in told if one.organisation]
    reached = {*(one.country for one in told), *_reached(session, case)}
    own = countries.here(session).of(case, mine)
    wished = dict.fromkeys([*concerned(case, own), *wanted.countries, ENISA])
    done = Forwarded(made, told, otherwise, [one for one in wished if one not in reached])
    _note(session, file, case, mine, done, wanted)
    return done


def _reached(session: Session, case: Case) -> set[str]:
    """Countries whose contacts take part in a case that the entity's led to before."""
    found: set[str] = set()
    for link in case.links.values():
        if (link.kind, link.title, link.is_undone) == ("case", QUESTION, False):
            with suppress(NotFound):
                other = files.view(session, link.uuid)[1]
                found |= {one.org for one in other.present if one.role == "spoc"}
    several = contacts_here(session).values()
    return {one.country for one in several if one.organisation.lower() in found}


def _contacts(session: Session, countries: Sequence[str]) -> list[Contact]:
    known = contacts_here(session)
    if not countries:
        raise Invalid("countries", "at least one country")
    for one in countries:
        if one not in known:
            there = ", ".join(known) or "none"
            raise Invalid("countries", f"one of which this node has a contact: {there}", one)
    return [known[one] for one in dict.fromkeys(countries)]


def _shared(case: Case, wanted: Wanted, entity: Participant) -> dict[str, object]:
    for name in wanted.fields:
        if name not in (*OFFERED, *TIMES):
            raise Invalid("fields", f"one of {', '.join((*OFFERED, *TIMES))}", name)
    found = {
        name: case.fields[name]
        for name in dict.fromkeys(wanted.fields)
        if case.fields.get(name) not in (None, "", [])
    }
    if not wanted.with_name:
        texts = found | {"title": wanted.title, "text": wanted.text}
        for name, value in texts.items():
            if names(value, entity.name):
                raise NamesEntity(name)
    return found


def names(value: object, name: str) -> bool:
    """Whether a text, or one of several, has the name in it, in whatever letters."""
    several = value if isinstance(value, list) else [value]
    wanted = " ".join(name.casefold().split())
    return any(
        wanted in " ".join(one.casefold().split()) for one in several if isinstance(one, str)
    )


def _joining(session: Session, one: Contact) -> Joined:
    return people.joining(session, one.organisation, "spoc", name=one.name)


def _times(case: Case, wanted: Wanted, entity: Participant) -> list[Recorded]:
    known = [case.fact(name, entity.id) for name in TIMES if name in wanted.fields]
    return [Recorded(fact=one.fact, at=one.at, zone=one.zone) for one in known if one is not None]


def _note(
    session: Session, file: File, case: Case, mine: Participant, done: Forwarded,
    wanted: Wanted,
) -> None:  # fmt: skip
    """In the entity's case: who was told, what, and that its name was left out or not. That all
    of them were is a fact once they are; of those without a bridge a person says so.
    """
    now = _now(session)
    doing: list[tuple[AnyAct, Sequence[str]]] = []
    if case.fact("cross_border_established_at", mine.id) is None:
        doing.append((_at("cross_border_established_at", now, mine), ()))
    if not done.left and case.fact("states_informed_at", mine.id) is None:
        doing.append((_at("states_informed_at", now, mine), ()))
    what = ", ".join(dict.fromkeys(wanted.fields)) or "nothing but the words"
    named = "with the entity's name" if wanted.with_name else "without the entity's name"
    words = "; with a message" if wanted.text.strip() else ""
    outcome = f"To {_named(done.told)}: {what}{words}; {named}."
    if done.otherwise:
        outcome += f" To be told otherwise: {_named(done.otherwise)}."
    doing.append((Decided(question=QUESTION, outcome=outcome), ()))
    doing.append((Linked(kind="case", uuid=done.file.uuid, title=QUESTION), (mine.id,)))
    keeping.act_several(session, file.uuid, doing)


def _named(several: Sequence[Contact]) -> str:
    return ", ".join(f"{one.country} ({one.name})" for one in several) or "nobody yet"


def _now(session: Session) -> datetime:
    return given_here(session).now


def _at(fact: str, now: datetime, mine: Participant) -> Recorded:
    at = moments.in_text(moments.moment(now))
    return Recorded(fact=fact, at=at, zone="UTC", of=mine.id)
