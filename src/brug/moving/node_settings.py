# SPDX-License-Identifier: EUPL-1.2
"""Settings of the other side that mean something here, by MISP's names.

A node in use keeps its own. Passwords stay on: who signs in through a provider there can do
so here only after its secret, which does not come along, has been entered.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from brug.model.errors import Invalid, NotFound
from brug.moving.taking import Source, guarded
from brug.store import settings
from brug.store.session import Session
from brug.store.settings_table import BY_MISP_NAME

# What an installation is called and where, is its own; secrets do not come through.
_NOT_MOVED = frozenset({"node.url", "node.uuid", "node.host_org_id", "sign_in.passwords"})


def take_settings(source: Source, there: Mapping[str, Any]) -> None:
    """Those of `there` that have a value."""
    if not source.move.keeps_ids:
        return
    with source.database.as_user(source.user_id) as session:
        for name, value in sorted(there.items()):
            meant = BY_MISP_NAME.get(name)
            if meant is None or meant.name in _NOT_MOVED or meant.kind == "secret":
                continue
            if value is None or value == "":
                continue
            source.report.count("setting", there=1)
            act = partial(_set, session, meant.name, value)
            if guarded(source.report, session, f"setting {name}", act):
                source.report.count("setting", here=1)


def _set(session: Session, name: str, value: Any) -> None:
    try:
        settings.set_value(session, name, value)
    except NotFound as error:
        raise Invalid(name, "a setting of this node") from error
