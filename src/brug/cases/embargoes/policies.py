# SPDX-License-Identifier: EUPL-1.2
"""How long embargoes last by which policy, and until when one would, from the facts of a case.

The table is data, with its sources; a node corrects it in `disclosure.toml` of its config folder,
where an organisation may also have a policy of its own.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from brug.cases import keeping, own_folder
from brug.cases.case import Case
from brug.cases.forms import instant
from brug.model.errors import Unavailable
from brug.model.languages import DEFAULT
from brug.store import settings
from brug.store.session import Session

NAME = "disclosure.toml"
_LARGEST = 200_000


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`starts` is the fact that it counts from; `exploited`: for what is attacked already.
    `where` it was read, and `checked` when, where `is_verified`. `lang` is that of title and notes.
    """

    key: str
    title: str
    days: int
    starts: str
    source: str
    exploited: bool = False
    is_verified: bool = False
    where: str = ""
    checked: date | None = None
    notes: str = ""
    lang: str = DEFAULT


class _Row(Policy, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With title and notes by language."""

    title_in: dict[str, str] = {}
    notes_in: dict[str, str] = {}

    def told(self, language: str) -> Policy:
        """In a language, or else as it stands."""
        said = {name: getattr(self, name) for name in Policy.__struct_fields__}
        if language in self.title_in:
            notes = self.notes_in.get(language, "") if self.notes else ""
            said |= {"title": self.title_in[language], "notes": notes, "lang": language}
        return Policy(**said)


class Proposal(msgspec.Struct, frozen=True):
    """Until when a policy would have it; nothing where its fact is not recorded."""

    policy: Policy
    until: datetime | None
    is_ours: bool


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    policy: list[_Row] = []
    organisations: dict[str, str] = {}


class UnusablePolicies(Unavailable):
    """The node's own table does not fit."""

    code = "unusable_policies"
    public = "The node's own table of embargo policies has an error."


@cache
def shipped() -> tuple[_Row, ...]:
    raw = (files("brug.cases.embargoes") / "policies.toml").read_text("utf-8")
    return tuple(msgspec.convert(tomllib.loads(raw), _Table).policy)


def table(
    config: Path | None, language: str = DEFAULT
) -> tuple[Mapping[str, Policy], Mapping[str, str]]:
    """Policies by key, and which one an organisation has. Raises UnusablePolicies."""
    rows, organisations = _rows(config)
    return {one.key: one.told(language) for one in rows}, organisations


def _rows(config: Path | None) -> tuple[Sequence[_Row], Mapping[str, str]]:
    path = config / NAME if config else None
    if path is None or not path.exists():
        return shipped(), {}
    try:
        raw = path.read_bytes()[: _LARGEST + 1]
        own = msgspec.convert(tomllib.loads(raw.decode()), _Table)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise UnusablePolicies(f"{NAME}: {error}") from error
    every = {one.key: one for one in (*shipped(), *own.policy)}
    return list(every.values()), own.organisations


def config(session: Session) -> Path | None:
    """The folder with the node's own tables."""
    return own_folder.config_of(session)


def proposals(session: Session, case: Case, language: str = DEFAULT) -> list[Proposal]:
    """What each policy would set; that of the reader's organisation, or of the node, is ours."""
    found, own = table(config(session), language)
    me = keeping.author(session)
    mine = (own[org] for org in (me.org, *me.also) if org in own)
    ours = next(mine, str(settings.get(session, "disclosure.policy")))
    return of(case, found, ours)


def of(case: Case, found: Mapping[str, Policy], ours: str) -> list[Proposal]:
    several = [Proposal(one, _until(case, one), one.key == ours) for one in found.values()]
    return sorted(several, key=lambda one: (not one.is_ours, one.policy.days))


def _until(case: Case, policy: Policy) -> datetime | None:
    fact: Any = case.fact(policy.starts) or case.fact("report_received_at")
    return instant("at", fact.at) + timedelta(days=policy.days) if fact else None


def is_past(at: datetime | None) -> bool:
    return at is not None and at <= datetime.now(UTC)
