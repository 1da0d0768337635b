# SPDX-License-Identifier: EUPL-1.2
"""The widgets that there are, under the names of MISP's classes: one table.

What MISP has and is not here would say nothing true on this node (its workers, its mail
log), fetches from elsewhere, or draws a map.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from brug.intel.dashboard import organisations, personal, trends
from brug.intel.dashboard.options import Config
from brug.intel.dashboard.shown import Shown
from brug.model.errors import Invalid, NotFound
from brug.store.briefly import briefly
from brug.store.session import Session

# A page of counts is not worth more time.
SECONDS = 3.0
Kind = Literal["window", "number", "texts", "flag", "text"]


class Param(msgspec.Struct, frozen=True):
    """An option: what it says, and of which kind it is on a form; "" has no field there."""

    description: str
    kind: Kind | Literal[""] = ""
    usual: str = ""


class Widget(msgspec.Struct, frozen=True):
    """`render` is how MISP draws it; width and height are in cells of its grid."""

    title: str
    description: str
    render: str
    show: Callable[[Session, Config], Shown]
    params: Mapping[str, Param] = {}
    width: int = 3
    height: int = 4


_WINDOW = Param("How far back: 7d, 12h, seconds; -1 for all time", "window", "7d")
_THRESHOLD = Param("How many at most", "number", "10")
_LIMIT = Param("How many at most", "number", "10")
_ORGANISATIONS = Param(
    "By organisation: lists by nationality, sector, type, name, uuid, local; ! excludes"
)
_DAYS = Param("How many days back", "number")
_PERIOD = {
    "days": _DAYS,
    "month": Param("This month"),
    "previous_month": Param("The month before"),
    "year": Param("This year"),
    "first_half_year": Param("January to June"),
    "second_half_year": Param("July to December"),
    "start_date": Param("The first day, YYYY-MM-DD"),
    "end_date": Param("The last day, YYYY-MM-DD"),
}
_OVER_TIME = {
    "filter": _ORGANISATIONS,
    "start_date": Param("The first month, YYYY-MM-DD"),
    "cumulative": Param("Summed up", "flag", "1"),
}

WIDGETS: dict[str, Widget] = {
    "EventEvolutionLineWidget": Widget(
        "Evolution of published event count (filterable)",
        "How many published events there were, by month.",
        "MultiLineChart", organisations.events_over_time, _OVER_TIME, 7, 6,
    ),
    "EventStreamWidget": Widget(
        "Event Stream", "The newest events, by your own filters.",
        "Index", personal.stream,
        {
            "tags": Param("Tags that they carry; ! excludes", "texts"),
            "orgs": Param("Who created them; ! excludes", "texts"),
            "published": Param("Published ones only", "flag"),
            "limit": Param("How many at most", "number", "5"),
            "fields": Param(f"Columns: {', '.join(personal.EVENT_FIELDS)}", "texts"),
        },
        4, 2,
    ),
    "MispStatusWidget": Widget(
        "MISP Status", "What changed since you were here, and what waits for you.",
        "SimpleList", personal.status, {}, 2, 2,
    ),
    "NewOrgsWidget": Widget(
        "New organisations", "The organisations that came last.",
        "Index", organisations.newest,
        {
            "limit": _LIMIT, **_PERIOD, "filter": _ORGANISATIONS,
            "local": Param("Those that use this node (1), others (0), or both ([0, 1])"),
            "fields": Param(f"Columns: {', '.join(organisations.FIELDS)}", "texts"),
        },
        7, 6,
    ),
    "OrgContributionToplistWidget": Widget(
        "Contributor Top List (Orgs)", "Who created most of the events that you see.",
        "BarChart", organisations.contributors,
        {"limit": _LIMIT, **_PERIOD, "filter": _ORGANISATIONS},
    ),
    "OrgEvolutionLineWidget": Widget(
        "Evolution of organisation count (filterable)",
        "How many organisations there were, by month.",
        "MultiLineChart", organisations.organisations_over_time, _OVER_TIME, 7, 6,
    ),
    "OrganisationListWidget": Widget(
        "Organisation list", "The countries of the organisations on this node.",
        "BarChart", organisations.by_country, {"limit": _LIMIT, "filter": _ORGANISATIONS},
    ),
    "RecentSightingsWidget": Widget(
        "Recent Sightings", "The newest sightings that you see.",
        "SimpleList", personal.recent_sightings,
        {"limit": _LIMIT, "last": Param("How far back: 1d, 12h", "window", "1d")}, 8, 6,
    ),
    "TrendingAttributesWidget": Widget(
        "Trending Attribute values", "The values that occur most.",
        "BarChart", trends.values,
        {
            "time_window": _WINDOW, "threshold": _THRESHOLD,
            "exclude": Param("Values to leave out", "texts"),
            "type": Param("Types", "texts"), "category": Param("Categories", "texts"),
            "to_ids": Param("For detection (1), not (0), or both ([0, 1])"),
            "org_filter": _ORGANISATIONS,
        },
    ),
    "TrendingTagsWidget": Widget(
        "Trending Tags", "The tags that are on most events.",
        "BarChart", trends.tags,
        {
            "time_window": _WINDOW, "threshold": _THRESHOLD,
            "include": Param("Parts of names to take alone", "texts"),
            "exclude": Param("Parts of names to leave out", "texts"),
            "filter_event_tags": Param("Only on events with one of these tags", "texts"),
            "over_time": Param("Day by day", "flag"),
        },
    ),
    "UsageDataWidget": Widget(
        "Usage data", "How much there is that you see.", "SimpleList", personal.usage, {}, 2, 5,
    ),
    "WhoamiWidget": Widget(
        "Whoami", "Who you are here, and when you signed in.",
        "SimpleList", personal.whoami, {}, 2, 2,
    ),
}  # fmt: skip


def find(name: Any) -> Widget:
    """Raises NotFound."""
    found = WIDGETS.get(name) if isinstance(name, str) else None
    if found is None:
        raise NotFound(f"no widget {str(name)[:60]!r}")
    return found


def show(session: Session, name: Any, config: Any) -> Shown:
    """What a widget shows. Raises NotFound, Invalid with the option's name, TooSlow."""
    widget = find(name)
    if config in (None, "", []):
        config = {}
    if not isinstance(config, dict):
        raise Invalid("config", "an object of options")
    with briefly(session, SECONDS):
        return widget.show(session, config)


def render_of(name: str, config: Any) -> str:
    """How MISP draws it; tags over time are drawn as lines."""
    over_time = (
        name == "TrendingTagsWidget" and isinstance(config, dict) and config.get("over_time")
    )
    return "MultiLineChart" if over_time else find(name).render
