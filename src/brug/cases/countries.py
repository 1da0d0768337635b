# SPDX-License-Identifier: EUPL-1.2
"""Of which country the authority is that somebody reports to: its time zone and holidays count.

Where the case says in which country the entity has its main establishment, it is that one. Else
an authority that takes part is of the country that the register has for its organisation
(`reports.register`); one that is not there is of the node's, as the setting
`cases.authority_country` says. Where several take part that are of different countries, it is the
node's if one of them is, else that of the first. Where none does it is the node's.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Literal

import msgspec

from brug.cases import own_folder
from brug.cases.case import Case, Participant
from brug.cases.notified import ROLES
from brug.store import settings
from brug.store.home import AUTHORITIES
from brug.store.session import Session

SETTING = "cases.authority_country"
FIELD = "main_establishment"  # of kinds of cases in which a person says it
_ANSWER = (*ROLES, "spoc")  # whose own clocks go by their own country
By = Literal["case", "authority", "node"]
Named = Mapping[str, str]
"""Countries by the UUIDs of authorities' organisations."""


def _none() -> Named:
    return {}


class Countries(msgspec.Struct, frozen=True):
    """`default` is the node's; `named` is asked only where an authority takes part."""

    default: str = ""
    named: Callable[[], Named] = _none

    def of_organisation(self, uuid: str) -> str:
        return self.named().get(uuid.lower(), self.default)

    def of(self, case: Case, one: Participant) -> str:
        """Of an authority its own; of anybody else where the case says it, or else that of the
        authority that takes part.
        """
        return self.found(case, one)[0]

    def found(self, case: Case, one: Participant) -> tuple[str, By]:
        """The same, and by what it was found."""
        if one.role in _ANSWER:
            return self.of_organisation(one.org), "authority"
        if said := case.fields.get(FIELD):
            return str(said), "case"
        there = [self.of_organisation(each.org) for each in case.present if each.role in ROLES]
        if not there:
            return self.default, "node"
        return self.default if self.default in there else there[0], "authority"


def here(session: Session) -> Countries:
    """Those of the node that the session is of, to be asked while it lasts."""
    return Countries(str(settings.get(session, SETTING)), cache(partial(named, session)))


class _Row(msgspec.Struct, frozen=True):
    """What is read of a row here; what else is wrong with it is for who names authorities."""

    country: str
    organisation: str = ""


class _Rows(msgspec.Struct, frozen=True):
    authority: list[_Row] = []
    contact: list[_Row] = []


def named(session: Session) -> Named:
    """By the node's file, and before it by what was put in here; authorities before contacts."""
    put = session.all(
        "SELECT what, country, said->>'organisation' FROM case_authority"
        " WHERE coalesce(said->>'organisation', '') <> '' ORDER BY id"
    )
    file = _of_file(session)
    contacts = [_Row(country, org) for what, country, org in put if what == "contact"]
    authorities = [_Row(country, org) for what, country, org in put if what == "authority"]
    return {
        one.organisation.lower(): one.country
        for one in _with_organisation([*file.contact, *contacts, *file.authority, *authorities])
    }


def _with_organisation(rows: Iterable[_Row]) -> Iterable[_Row]:
    return (one for one in rows if one.organisation)


def _of_file(session: Session) -> _Rows:
    """Nothing where it cannot be read: whoever names authorities says so, and clocks go on."""
    folder = own_folder.config_of(session)
    if folder is None or not (folder / AUTHORITIES).exists():
        return _Rows()
    try:
        text = (folder / AUTHORITIES).read_text("utf-8")
        return msgspec.convert(tomllib.loads(text), _Rows)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError):
        return _Rows()
