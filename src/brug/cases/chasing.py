# SPDX-License-Identifier: EUPL-1.2
"""Vendors that do not answer: when somebody last wrote, when they last did, and what is due. Pure.

After `days` without an answer the vendor is written to again, after twice as long counts as
silent, after four times as long another way is looked for: another contact, the CSIRT of its
country, or publishing without it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from brug.cases import taking_part
from brug.cases.acts import Moved, Said
from brug.cases.case import Case, Participant
from brug.cases.entries import Author, Entry
from brug.cases.forms import instant
from brug.model.words import N_

VENDOR = "vendor"
# Multiples of the days of the policy, and what is due by then.
STAGES = (
    (1, N_("Write to the vendor again")),
    (2, N_("The vendor is silent: write by another way")),
    (4, N_("Ask the CSIRT of the vendor's country, or decide whether to publish without it")),
)


class Contact(msgspec.Struct, frozen=True):
    """One vendor; `written` and `answered` are the last times, where there was one."""

    participant: Participant
    state: str
    written: datetime | None
    answered: datetime | None
    stage: int
    next: datetime | None

    @property
    def waits_since(self) -> datetime | None:
        """Since when an answer is owed."""
        if self.written is None or (self.answered and self.answered >= self.written):
            return None
        return self.written


def contacts(case: Case, now: datetime, days: int) -> list[Contact]:
    """Of all vendors that take part; nothing is due in a case that is over."""
    found = [_contact(case, one, now, days) for one in case.present if one.role == VENDOR]
    return sorted(found, key=lambda one: (-one.stage, one.participant.name))


def seen_by(case: Case, author: Author, found: Sequence[Contact]) -> list[Contact]:
    """Who leads sees all; a vendor itself alone: it is not told whether another one answers."""
    if taking_part.leads(case, author):
        return list(found)
    ids = {one.id for one in taking_part.parts_of(case, author)}
    return [one for one in found if one.participant.id in ids]


def _contact(case: Case, one: Participant, now: datetime, days: int) -> Contact:
    state = case.positions["contact", one.id].state
    written: datetime | None = None
    answered: datetime | None = None
    fact = case.fact("first_vendor_contact_attempt_at", one.id)
    if fact is not None:
        written = instant("at", fact.at)
    leads = {each.org for each in taking_part.leading(case)}
    for entry in case.timeline:
        at = instant("at", entry.at)
        if _is_theirs(entry, one, leads=one.org in leads):
            answered = max(answered or at, at)
        elif _is_to(case, entry, one):
            written = at if written is None else max(written, at)
    contact = Contact(one, state, written, answered, 0, None)
    since = contact.waits_since
    if since is None or case.is_over or days <= 0:
        return contact
    ends = [since + timedelta(days=days * times) for times, _ in STAGES]
    stage = sum(end <= now for end in ends)
    coming = next((end for end in ends if end > now), None)
    return msgspec.structs.replace(contact, stage=stage, next=coming)


def _is_theirs(entry: Entry, one: Participant, *, leads: bool) -> bool:
    """What the vendor does itself, or is said to have answered.

    By nobody's account writes whoever has none; and a node, in the name of those who lead.
    """
    act = entry.act
    if isinstance(act, Moved) and act.of == one.id and act.trigger == "answer":
        return True
    own = entry.author.org == one.org and (one.user is None or entry.author.user == one.user)
    return own and (entry.author.user != 0 or not leads)


def _is_to(case: Case, entry: Entry, one: Participant) -> bool:
    """A message that the vendor reads of somebody who leads, or a step that says so."""
    act = entry.act
    if isinstance(act, Moved):
        return act.of == one.id and act.trigger in {"write", "chase"}
    leads = {each.org for each in taking_part.leading(case)}
    return isinstance(act, Said) and entry.author.org in leads and one.id in entry.to
