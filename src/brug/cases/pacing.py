# SPDX-License-Identifier: EUPL-1.2
"""How fast somebody without an account may write: no page of theirs is a way to fill a disk."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from brug.cases.entries import Entry
from brug.cases.forms import instant
from brug.model.errors import TooManyRequests
from brug.store import settings
from brug.store.session import Session


class TooFast(TooManyRequests):
    """More was written within the hour than the node takes of one person."""

    code = "too_fast"
    public = "Too much was written within the hour. Wait, and try again."


def require_pace(session: Session, entries: Sequence[Entry], org: str) -> None:
    """`entries` are all of the case, `org` the UUID that stands for the person. Raises TooFast."""
    most = int(settings.get(session, "cases.outside_hourly"))
    since = datetime.now(UTC) - timedelta(hours=1)
    lately = sum(
        one.author.org == org and instant("at", one.at) > since for one in reversed(entries)
    )
    if lately >= most:
        raise TooFast(f"{lately} entries within an hour (cases.outside_hourly)")
