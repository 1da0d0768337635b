# SPDX-License-Identifier: EUPL-1.2
"""What is published by whoever leads a case is no leak; what others publish is."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.cases import test_own_advisories
from tests.cases.conftest import Node
from tests.cases.test_own_advisories import begun, opened

from brug.cases import files, keeping
from brug.cases.acts import Embargoed, Moved, Recorded, Said
from brug.cases.advisories import releasing
from brug.cases.embargoes import alarms, watching
from brug.cases.files import File

publishing = test_own_advisories.publishing
UNTIL = "2190-01-31T09:00:00Z"


def under_embargo(node: Node) -> File:
    file = opened(node, node.host)
    with node.database.as_user(node.host) as session:
        for doing in (
            Recorded(fact="public_disclosure_at", at="2026-01-01T00:00:00Z", zone="UTC"),
            Embargoed(until=UNTIL, zone="UTC"),
            Moved(machine="embargo", trigger="propose", leaves="none"),
            Moved(machine="embargo", trigger="accept_embargo", leaves="proposed"),
        ):
            keeping.act(session, file.uuid, doing)
    return file


def do(node: Node, file: File, doing: Moved | Said) -> None:
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.uuid, doing)


def become_public(node: Node, file: File) -> None:
    do(node, file, Moved(machine="exposure", trigger="be_public", leaves="pxa"))


def release(node: Node, tracking_id: str) -> None:
    with node.database.as_user(node.host) as session:
        releasing.release(session, tracking_id, "First")


def waiting(node: Node, file: File, later: timedelta = timedelta(0)) -> list[str]:
    """What waits for an answer once it was looked at."""
    with node.database.system() as session:
        watching.look(session, files.find(session, file.uuid).id, datetime.now(UTC) + later)
    with node.database.as_user(node.host) as session:
        return [one.kind for one in alarms.open_ones(session)]


@pytest.mark.parametrize("order", ["ended first", "public first", "released at last"])
def test_publishing_an_own_advisory_raises_no_alarm(publishing: Node, order: str) -> None:
    node = publishing
    file = under_embargo(node)
    tracking_id, _ = begun(node, file.uuid)
    if order == "ended first":
        end = Moved(machine="embargo", trigger="terminate", leaves="active", because="It is fixed")
        do(node, file, end)
        release(node, tracking_id)
        become_public(node, file)
    else:
        become_public(node, file)
        if order == "released at last":
            assert waiting(node, file) == [], "whoever has a draft is about to publish"
            assert waiting(node, file, timedelta(minutes=16)) == ["known"]
        release(node, tracking_id)
    assert waiting(node, file) == []
    assert waiting(node, file, timedelta(days=1)) == []


def test_what_becomes_public_without_an_own_advisory_is_raised(publishing: Node) -> None:
    file = under_embargo(publishing)
    do(publishing, file, Said(text="Advisory ADV-1, version 1 (final), TLP:AMBER: for a few"))
    become_public(publishing, file)
    assert waiting(publishing, file) == ["known"]


def test_a_draft_alone_keeps_no_alarm_back_for_long(publishing: Node) -> None:
    file = under_embargo(publishing)
    begun(publishing, file.uuid)
    become_public(publishing, file)
    assert waiting(publishing, file) == []
    assert waiting(publishing, file, timedelta(minutes=16)) == ["known"]


def test_attacks_under_an_embargo_are_raised_at_once(publishing: Node) -> None:
    file = under_embargo(publishing)
    begun(publishing, file.uuid)
    with publishing.database.as_user(publishing.host) as session:
        at = "2026-01-01T00:00:00Z"
        seen = Recorded(fact="exploited_in_the_wild_at", at=at, zone="UTC")
        keeping.act(session, file.uuid, seen)
    do(publishing, file, Moved(machine="exposure", trigger="attack", leaves="pxa"))
    assert waiting(publishing, file) == ["known"]
