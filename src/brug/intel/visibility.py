# SPDX-License-Identifier: EUPL-1.2
"""Who sees an item and why, rule by rule, in words that people can check.

The database decides; this explains. `Explanation.sees` is the database's own answer about
the item's audience, the rules are recomputed from the fields, and the tests hold the two
together. The whole list is for the owner and for site admins; others learn a number, and
why their own organisation sees what it sees. The rules: docs/explanation/sharing-rule.md.
"""

from collections.abc import Sequence
from typing import Literal, LiteralString

import msgspec

from brug.directory import organisations
from brug.directory.organisations import Organisation
from brug.intel.finding import find
from brug.model.errors import Forbidden, NotFound
from brug.model.event import ALL, INHERIT, OWN_ORGANISATION, SHARING_GROUP, EventHead
from brug.store import settings
from brug.store.session import Session

Kind = Literal["event", "object", "attribute", "event_report"]
KINDS: tuple[Kind, ...] = ("event", "attribute", "object", "event_report")
Outcome = Literal["sees", "hides", "passes", "notes"]


class Rule(msgspec.Struct, frozen=True):
    """One rule's outcome: it shows the item, hides it, lets the next one decide, or remarks.

    `code` with `about` is what pages translate; `text` is the sentence in English.
    """

    code: str
    outcome: Outcome
    text: str
    about: dict[str, str] = {}


class Item(msgspec.Struct, frozen=True):
    """What the rules look at."""

    kind: Kind
    id: int
    uuid: str
    event_id: int
    object_id: int
    org_id: int
    level: int
    group_id: int | None
    audience: int
    published: bool = True


class Explanation(msgspec.Struct, frozen=True):
    kind: Kind
    id: int
    uuid: str
    organisation: str
    sees: bool
    rules: list[Rule]


class Recipient(msgspec.Struct, frozen=True):
    """An organisation that sees an event; `reason` is a rule's code."""

    id: int
    uuid: str
    name: str
    local: bool
    reason: str


_ITEMS: dict[Kind, LiteralString] = {
    "event": "SELECT id, uuid::text, id, 0, org_id, distribution, sharing_group_id, audience,"
    " published FROM event WHERE id = %s",
    "object": "SELECT id, uuid::text, event_id, 0, org_id, distribution, sharing_group_id,"
    " audience, true FROM object WHERE id = %s",
    "attribute": "SELECT id, uuid::text, event_id, object_id, org_id, distribution,"
    " sharing_group_id, audience, true FROM attribute WHERE id = %s",
    "event_report": "SELECT id, uuid::text, event_id, 0, org_id, distribution, sharing_group_id,"
    " audience, true FROM event_report WHERE id = %s",
}


def item(session: Session, kind: Kind, item_id: int) -> Item:
    row = session.one(_ITEMS[kind], (item_id,))
    if row is None:
        raise NotFound(f"{kind} {item_id} is absent or hidden")
    return Item(kind, *row)


def named_item(session: Session, name: str) -> Item:
    """By UUID of any kind, a number (an event), or `attribute:12`; raises NotFound."""
    kind, colon, key = name.strip().partition(":")
    if colon and kind in KINDS:
        return item(session, kind, find(session, kind, key))
    for each in KINDS if not name.strip().isdecimal() else KINDS[:1]:
        try:
            return item(session, each, find(session, each, name))
        except NotFound:
            continue
    raise NotFound(f"no item {name[:60]!r}")


def may_know_recipients(session: Session, head: EventHead) -> bool:
    """Whoever holds or created the event, and site admins."""
    mine = session.principal
    return mine.is_site_admin or mine.org_id in {head.org_id, head.orgc_id}


def count_recipients(session: Session, event_id: int) -> int:
    """How many organisations see an event: of this node, and members of its group."""
    return int(
        session.value(
            "SELECT count(*) FROM event e, organisations_in(e.audience) WHERE e.id = %s",
            (event_id,),
        )
    )


def recipients(session: Session, event_id: int) -> list[Recipient]:
    """Which organisations these are, each with its reason. Raises Forbidden."""
    found = item(session, "event", event_id)
    creator = session.value("SELECT orgc_id FROM event WHERE id = %s", (event_id,))
    mine = session.principal
    if not mine.is_site_admin and mine.org_id not in {found.org_id, creator}:
        raise Forbidden(f"{mine.email} may not list who sees event {event_id}")
    rows = session.all(
        "SELECT o.id, o.uuid::text, o.name, o.local, membership(coalesce(%(group)s, 0), o.id)"
        " FROM organisations_in(%(audience)s) s JOIN organisation o ON o.id = s.org_id"
        " ORDER BY o.id <> %(holder)s, lower(o.name)",
        {"group": found.group_id, "audience": found.audience, "holder": found.org_id},
    )
    return [
        Recipient(i, uuid, name, local, _reason(found, i, member))
        for i, uuid, name, local, member in rows
    ]


def _reason(found: Item, org_id: int, member: str) -> str:
    if org_id == found.org_id:
        return "holder"
    if found.level == SHARING_GROUP:
        return "member_of_node" if member == "node" else "member"
    if found.level == OWN_ORGANISATION:
        return "delegate"
    return "level_open"


def explain(session: Session, asked: Item, organisation: Organisation) -> Explanation:
    """Why an organisation sees an item, or does not. Raises Forbidden, NotFound.

    About one's own organisation anyone may ask who sees the item; about others, those who
    may know the event's recipients.
    """
    event = item(session, "event", asked.event_id)
    _require(session, event, organisation)
    chain: list[Item] = [event]
    if asked.object_id:
        chain.append(item(session, "object", asked.object_id))
    if asked.kind != "event":
        chain.append(asked)
    rules = _rules(session, chain, organisation)
    sees = bool(session.value("SELECT is_in_audience(%s, %s)", (asked.audience, organisation.id)))
    return Explanation(asked.kind, asked.id, asked.uuid, organisation.name, sees, rules)


def _require(session: Session, event: Item, organisation: Organisation) -> None:
    mine = session.principal
    creator = session.value("SELECT orgc_id FROM event WHERE id = %s", (event.id,))
    if mine.is_site_admin or mine.org_id in {event.org_id, creator, organisation.id}:
        return
    raise Forbidden(f"{mine.email} may not ask who sees event {event.id}")


def _rules(session: Session, chain: Sequence[Item], organisation: Organisation) -> list[Rule]:
    """The holder's rule first, which ends it; then each level from the event down."""
    event = chain[0]
    rules: list[Rule] = []
    name = organisation.name
    if event.org_id == organisation.id:
        text = f"{name} holds the event, and sees everything in it."
        return [Rule("holder", "sees", text, {"org": name})]
    rules.append(Rule("not_holder", "passes", f"{name} does not hold the event.", {"org": name}))
    if _is_delegate(session, event, organisation):
        text = f"{name} is asked to take the event over, and sees it until that is settled."
        rules.append(Rule("delegate", "sees", text, {"org": name}))
        chain = chain[1:]
    else:
        rules.append(_draft_rule(session, event))
    rules.extend(_level_rule(session, link, organisation) for link in chain)
    hidden = any(rule.outcome == "hides" for rule in rules)
    rules += _notes(session, organisation, hidden=hidden)
    return rules


def _is_delegate(session: Session, event: Item, organisation: Organisation) -> bool:
    """Whether the event is shown to an organisation for being offered to it."""
    if event.level != OWN_ORGANISATION:
        return False
    asked = session.value("SELECT delegate_of(%s)", (event.id,))
    return asked is not None and int(asked) == organisation.id


def _draft_rule(session: Session, event: Item) -> Rule:
    private = bool(settings.get(session, "events.drafts_private"))
    if event.published:
        return Rule("published", "passes", "The event is published; the rule for drafts is silent.")
    if private:
        text = "The event is a draft, and this node keeps drafts to their holder."
        return Rule("draft_private", "hides", text)
    return Rule(
        "draft_shared", "passes", "The event is a draft; this node treats drafts as published."
    )


_NAMES: dict[Kind, str] = {
    "event": "event", "object": "object", "attribute": "attribute", "event_report": "report",
}  # fmt: skip


def _level_rule(session: Session, link: Item, organisation: Organisation) -> Rule:
    kind, org = _NAMES[link.kind], organisation.name
    about = {"kind": link.kind, "org": org, "level": str(link.level)}
    if link.level == OWN_ORGANISATION:
        return Rule(
            "level_own", "hides", f"The {kind} is for the organisation that holds it.", about
        )
    if link.level == SHARING_GROUP:
        return _group_rule(session, link, organisation, about)
    if link.level == INHERIT:
        return Rule("level_inherit", "passes", f"The {kind} takes the level above it.", about)
    if link.level <= ALL:
        text = f"The {kind} is for everyone on this node (level {link.level})."
        return Rule("level_open", "sees", text, about)
    return Rule("level_unknown", "hides", f"The {kind} has no level that is known.", about)


def _group_rule(
    session: Session, link: Item, organisation: Organisation, about: dict[str, str]
) -> Rule:
    kind, org = _NAMES[link.kind], organisation.name
    row = session.one("SELECT name FROM sharing_group WHERE id = %s", (link.group_id,))
    group = str(row[0]) if row else f"#{link.group_id}"
    about = about | {"group": group}
    how = session.value("SELECT membership(%s, %s)", (link.group_id, organisation.id))
    texts: dict[str, tuple[str, Outcome, str]] = {
        "named": ("member", "sees", f"The {kind} is for group {group}, which names {org}."),
        "node": (
            "member_of_node", "sees",
            f"The {kind} is for group {group}, which holds all who use this node.",
        ),
        "": ("not_member", "hides", f"The {kind} is for group {group}; {org} is not in it."),
    }  # fmt: skip
    code, outcome, text = texts[str(how)]
    return Rule(code, outcome, text, about)


def _notes(session: Session, organisation: Organisation, *, hidden: bool) -> list[Rule]:
    notes = []
    about = {"org": organisation.name}
    if not organisation.local:
        text = f"{organisation.name} does not use this node; it sees what is sent to it."
        notes.append(Rule("not_local", "notes", text, about))
    if hidden and session.value("SELECT has_site_admin(%s)", (organisation.id,)):
        text = f"A site admin of {organisation.name} sees every event of the node all the same."
        notes.append(Rule("site_admin", "notes", text, about))
    return notes


def explain_named(session: Session, name: str, for_organisation: str) -> Explanation:
    """By what people type: an item's UUID or number, an organisation's name, UUID or number."""
    organisation = organisations.view(session, for_organisation)
    return explain(session, named_item(session, name), organisation)
