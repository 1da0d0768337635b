# SPDX-License-Identifier: EUPL-1.2
"""How often users of a role may search, where the role limits it (MISP's `rate_limit_count`)."""

import msgspec

from brug.store import settings
from brug.store.session import Session


class Use(msgspec.Struct, frozen=True):
    """`reset` is in seconds; with `allowed` false the call that was counted is one too many."""

    limit: int
    remaining: int
    reset: int
    allowed: bool


def count(session: Session) -> Use:
    """Counts one call of the principal, in its transaction: a call that fails is none."""
    limit = session.principal.rate_limit
    window = settings.get(session, "security.rate_limit_seconds")
    calls, left = session.one(
        "INSERT INTO rate_use AS u (user_id, calls) VALUES (%(user)s, 1) ON CONFLICT (user_id)"
        " DO UPDATE SET"
        " calls = CASE WHEN u.began > now() - make_interval(secs => %(window)s)"
        " THEN u.calls + 1 ELSE 1 END,"
        " began = CASE WHEN u.began > now() - make_interval(secs => %(window)s)"
        " THEN u.began ELSE now() END"
        " RETURNING calls, ceil(extract(epoch FROM began - now()) + %(window)s)::int",
        {"user": session.principal.user_id, "window": window},
    ) or (1, window)
    return Use(limit, max(0, limit - calls), left, calls <= limit)
