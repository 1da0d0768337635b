# SPDX-License-Identifier: EUPL-1.2
"""The steps of the story, in order: what is told, why it matters, and who does it."""

from collections.abc import Callable
from typing import NamedTuple

from brug.cli.demo import acting, people, recording, searching, seeing
from brug.cli.demo.telling import Step, Teller
from brug.cli.demo.world import World


class Chapter(NamedTuple):
    title: str
    why: str
    happens: Callable[[World, Step], None]


CHAPTERS = (
    Chapter(
        "Three organisations, two countries",
        "Each has users with the roles that MISP knows, and its own keys for its own tools.",
        people.organisations_and_users,
    ),
    Chapter(
        "A sharing group",
        "Some things are for a few: a group names them, across borders.",
        people.sharing_group,
    ),
    Chapter(
        "What each of them knows",
        "Events with attributes, objects, tags and reports, sent over MISP's interface with the "
        "sender's own key.",
        recording.events,
    ),
    Chapter(
        "Who sees what",
        "Each organisation asks for every event. The database itself decides; what is hidden "
        "is answered as what does not exist.",
        seeing.shares,
    ),
    Chapter(
        "What belongs together",
        "Events that share a value are related, found when somebody looks, and only among "
        "what the reader sees.",
        seeing.relations,
    ),
    Chapter(
        "Is this value known?",
        "The first question of every analyst with a log in hand.",
        searching.a_value,
    ),
    Chapter(
        "Nothing hidden leaks into search",
        "Each organisation asks for exactly what is hidden from it, and for a part of a word.",
        searching.nothing_leaks,
    ),
    Chapter(
        "Known false positives",
        "A public resolver or the hash of an empty file is in many reports and harms nobody; "
        "warninglists know them.",
        searching.false_positives,
    ),
    Chapter(
        "A draft is published",
        "Until then a draft is for those who write it; whoever publishes needs the right to.",
        acting.publishing,
    ),
    Chapter(
        "Indicators taken out",
        "Values for sensors and a table for a spreadsheet, each as far as the reader sees, "
        "without the known false positives.",
        acting.taking_out,
    ),
    Chapter(
        "Reported back",
        "Who saw what, where it was a false alarm, what is over: for the owner of the event.",
        acting.reporting_back,
    ),
)


def tell(teller: Teller, world: World) -> None:
    """Every chapter; raises at the first thing that is not as it should be."""
    for title, why, happens in CHAPTERS:
        with teller.step(title, why) as step:
            happens(world, step)
