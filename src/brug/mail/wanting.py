# SPDX-License-Identifier: EUPL-1.2
"""Which events a reader wants to hear of: the reader's filters, the organisation's, and MISP's.

Asked in the reader's own session, of events that the reader sees.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from brug.directory import mail_choices, user_settings
from brug.mail.alert_filter import wants
from brug.model import tlp
from brug.model.errors import NotFound
from brug.model.event import Event
from brug.store.session import Session

UNDEFINED = 4  # a threat level that says nothing


def wanted(session: Session, events: Sequence[Event], setting: str) -> set[int]:
    """Ids of those that pass all filters. `setting` is MISP's user setting for the occasion."""
    me = session.principal
    choices = [
        mail_choices.of_user(session, me.user_id).filters,
        mail_choices.of_organisation(session, me.org_id).filters,
    ]
    types: Mapping[int, list[str]] = {}
    if any("types" in one for one in choices):
        types = _types(session, [event.head.id for event in events])
    rule = _rule(session, setting)
    return {
        event.head.id
        for event in events
        if all(_passes(event, types.get(event.head.id, []), one) for one in choices)
        and (rule is None or _fits(event, rule, setting))
    }


def has_filters(session: Session, setting: str) -> bool:
    """Whether anything narrows what the reader hears of."""
    me = session.principal
    return bool(
        mail_choices.of_user(session, me.user_id).filters
        or mail_choices.of_organisation(session, me.org_id).filters
        or _rule(session, setting)
    )


def _types(session: Session, ids: list[int]) -> dict[int, list[str]]:
    rows = session.all(
        "SELECT event_id, array_agg(DISTINCT type) FROM attribute"
        " WHERE event_id = ANY (%s) AND NOT deleted GROUP BY event_id",
        (ids,),
    )
    return {int(row[0]): list(row[1]) for row in rows}


def _passes(event: Event, types: Sequence[str], filters: Mapping[str, Any]) -> bool:
    names = [tag.name for tag in event.tags]
    if not passes(names, filters.get("tags")):
        return False
    if not passes([event.orgc.name, event.orgc.uuid], filters.get("orgs")):
        return False
    # Of its attributes one has to be of a type that is wanted.
    named = filters.get("types")
    if named and not any(passes([one], named) for one in types):
        return False
    level = filters.get("threat_level")
    if level and not 1 <= event.head.threat_level_id <= min(level, UNDEFINED - 1):
        return False
    ceiling = filters.get("tlp")
    return not ceiling or not tlp.is_above(tlp.strictest(names), ceiling)


def passes(found: Iterable[str], names: Sequence[str] | None) -> bool:
    """A name with "!" is not wanted; of those without it, one has to be there."""
    have = {name.lower() for name in found}
    never = {n[1:].strip().lower() for n in names or () if n.startswith("!")}
    some = {n.lower() for n in names or () if not n.startswith("!")}
    return not have & never and (not some or bool(have & some))


def _rule(session: Session, setting: str) -> Any:
    try:
        return user_settings.named(session, session.principal.user_id, setting).value
    except NotFound:
        return None


def _fits(event: Event, rule: Any, setting: str) -> bool:
    if setting == "periodic_notification_filters":
        return _fits_periodic(event, rule)
    names = [tag.name for tag in event.tags]
    facts = {
        "Tag.name": names,
        "Event.tags": names,
        "Tag.id": [str(tag.id) for tag in event.tags],
        "Orgc.name": [event.orgc.name],
        "Orgc.uuid": [event.orgc.uuid],
        "Orgc.id": [str(event.orgc.id)],
    }
    return wants(rule, facts)


def _fits_periodic(event: Event, rule: Any) -> bool:
    """MISP's fields, each one value or several; what is not understood lets it through."""
    if not isinstance(rule, Mapping):
        return True
    head = event.head
    facts = {
        "orgc_id": [str(event.orgc.id), event.orgc.name, event.orgc.uuid],
        "distribution": [str(head.distribution)],
        "sharing_group_id": [str(head.sharing_group_id or 0)],
        "tags": [tag.name for tag in event.tags],
        "event_info": [head.info],
    }
    asked = {name: _several(rule.get(name)) for name in facts}
    asked["event_info"] = [f"%{one}%" for one in asked["event_info"]]
    return all(wants({name: some}, facts) for name, some in asked.items() if some)


def _several(value: Any) -> list[str]:
    several = value if isinstance(value, list) else [value]
    return [str(one) for one in several if one not in (None, "")]
