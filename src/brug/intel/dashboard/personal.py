# SPDX-License-Identifier: EUPL-1.2
"""What concerns the reader, what came last, and how much there is of what the reader sees."""

from brug.directory import accounts, login_history
from brug.intel import delegating
from brug.intel.counting import community_counts
from brug.intel.dashboard import options
from brug.intel.dashboard.options import Config
from brug.intel.dashboard.shown import Events, Item, Items
from brug.intel.search import listing
from brug.store.session import Session

EVENT_FIELDS = ("id", "orgc", "info", "tags", "threat_level", "analysis", "date")
USUAL_FIELDS = ("id", "orgc", "info")
KINDS = {0: "Sighting", 1: "False positive", 2: "Expiration"}
LAST_SIGN_INS = 5


def status(session: Session, _: Config) -> Items:
    """What changed since the reader was here, and what waits for an answer."""
    row = session.one(
        "SELECT (SELECT count(*) FROM event WHERE timestamp >= a.last_login),"
        " (SELECT count(*) FROM event WHERE published AND publish_timestamp >= a.last_login),"
        " (SELECT count(*) FROM proposal p JOIN event e ON e.id = p.event_id"
        "   WHERE NOT p.deleted AND e.org_id = current_org_id()),"
        " (SELECT count(DISTINCT p.event_id) FROM proposal p JOIN event e ON e.id = p.event_id"
        "   WHERE NOT p.deleted AND e.org_id = current_org_id()), a.last_login"
        " FROM account a WHERE a.id = current_user_id()"
    )
    modified, published, proposals, proposed, last = row or (0, 0, 0, 0, 0)
    items = [
        Item("Events modified", int(modified), f"/events/index/searchtimestamp:{last}"),
        Item("Events published", int(published), "/events/index/searchpublished:1"),
    ]
    if proposals:
        items.append(Item("Pending proposals", int(proposals), "/shadow_attributes/index/all:0"))
        items.append(Item("Events with proposals", int(proposed), "/events/proposalEventIndex"))
    if asked := len(delegating.listed(session, "pending")):
        items.append(Item("Delegation requests", asked, "/event_delegations/index/context:pending"))
    return Items(items)


def usage(session: Session, _: Config) -> Items:
    """Counts of what the reader sees; people and organisations are counted for everybody."""
    there = community_counts.totals(session)
    share = round(100 * there.users_with_key / there.users, 1) if there.users else 0
    return Items(
        [
            Item("Events", there.events),
            Item("Attributes", there.attributes),
            Item("Attributes / event", round(there.attributes / (there.events or 1))),
            Item("Active proposals", there.proposals),
            Item("Users", there.users),
            Item("Users with PGP keys", f"{there.users_with_key} ({share:g}%)"),
            Item("Organisations", there.organisations),
            Item("Local organisations", there.local_organisations),
            Item("Event creator orgs", there.contributors),
            Item("Average users / org", f"{there.users / (there.local_organisations or 1):.1f}"),
        ]
    )


def whoami(session: Session, _: Config) -> Items:
    """Who the reader is here, and when and from where that person signed in."""
    me = session.principal
    sign_ins = login_history.of(session, accounts.view(session, me.user_id))[:LAST_SIGN_INS]
    return Items(
        [
            Item("Email", me.email),
            Item("Role", me.role_name),
            Item("Organisation", me.org_name),
            Item(
                "Last logins",
                [f"{one.at:%Y-%m-%d %H:%M:%S} --- {one.address}" for one in sign_ins],
            ),
        ]
    )


def stream(session: Session, config: Config) -> Events:
    """The newest events, by filters."""
    asked = {
        "limit": options.limit(config, "limit", usual=5), "sort": "id", "direction": "desc",
        "tags": _either(options.texts(config, "tags")),
        "org": _either(options.texts(config, "orgs")),
    }  # fmt: skip
    if options.flag(config, "published"):
        asked["published"] = 1
    found, _ = listing.page(session, listing.read(asked))
    fields = [one for one in options.texts(config, "fields") if one in EVENT_FIELDS]
    return Events(found, fields or list(USUAL_FIELDS))


def _either(names: list[str]) -> dict[str, list[str]] | None:
    """Any of the names, and none of those with a `!` before them."""
    if not names:
        return None
    wanted = [one for one in names if not one.startswith("!")]
    return {"OR": wanted, "NOT": [one[1:] for one in names if one.startswith("!")]}


def recent_sightings(session: Session, config: Config) -> Items:
    """The newest sightings, as far as the node's policy shows them."""
    rows = session.all(
        "SELECT s.type, a.id, a.value1, a.value2, e.id, e.info FROM sighting s"
        " JOIN attribute a ON a.id = s.attribute_id JOIN event e ON e.id = a.event_id"
        " WHERE s.date_sighting >= %s AND NOT a.deleted ORDER BY s.id DESC LIMIT %s",
        (options.since(config, "last", "1d"), options.limit(config, "limit")),
    )
    return Items(
        [
            Item(
                KINDS.get(kind, KINDS[0]),
                f"{first}{'|' + second if second else ''} (id: {attribute}) in {info}"
                f" (id: {event})",
                f"/events/view/{event}",
                int(event),
            )
            for kind, attribute, first, second, event, info in rows
        ]
    )
