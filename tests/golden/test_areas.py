# SPDX-License-Identifier: EUPL-1.2
"""Every recorded exchange of an area, in order: answered as the stock MISP did, or meant."""

from collections.abc import Callable

import msgspec
import pytest
from tests.golden.meant import judge
from tests.golden.replaying import Replayed

AREAS = (
    "setup", "events", "attributes", "objects", "references", "tags", "sightings", "reports",
    "users", "logs", "authkeys", "organisations", "roles", "sharing_groups_admin", "taxonomies",
    "warninglists", "noticelists", "galaxies", "event-index", "restsearch-attributes",
    "restsearch-events",
    "restsearch-objects", "restsearch-formats", "usersettings", "servers",
    "feeds", "communities", "jobs", "pymisp",
    "proposals", "delegation", "analystdata",
    "blocklists", "collections", "bookmarks",
    "decaying", "correlations", "dashboards", "templates",
)  # fmt: skip


@pytest.mark.parametrize("area", AREAS)
def test_an_area_is_answered_as_recorded_or_differs_for_a_reason(
    area: str, replayed: list[Replayed], record_property: Callable[[str, object], None]
) -> None:
    judged = judge(area, replayed)
    record_property("golden", {"area": area, **msgspec.structs.asdict(judged)})
    assert not judged.unexplained, "\n".join(["", *judged.unexplained])
    assert not judged.no_longer, "no longer needed in exceptions.toml: " + ", ".join(
        judged.no_longer
    )
