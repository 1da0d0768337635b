# SPDX-License-Identifier: EUPL-1.2
"""A person's own board: a user setting, which any client may have written.

What is stored is read leniently: what is no widget of this node is not shown. What is
given is looked at first.
"""

from typing import Any

import msgspec

from brug.directory import user_settings
from brug.formats import json_text
from brug.formats.misp import coercion as c
from brug.intel.dashboard import saved
from brug.intel.dashboard.widgets import WIDGETS, Widget
from brug.model.errors import Invalid, NotFound
from brug.store.session import Session

SETTING = "dashboard"
MOST = 50
COLUMNS = 12


class Placed(msgspec.Struct):
    """A widget on a board; `position` is MISP's, for clients that draw its grid."""

    widget: str
    config: dict[str, Any] = {}
    position: dict[str, Any] = {}

    @property
    def kind(self) -> Widget:
        return WIDGETS[self.widget]

    @property
    def alias(self) -> str:
        """What the person calls it; empty where nothing else than its title."""
        found = self.config.get("alias")
        return found[:255] if isinstance(found, str) else ""


USUAL = ("MispStatusWidget", "TrendingTagsWidget", "EventStreamWidget")


def usual() -> list[Placed]:
    """For who has none, on a node without a default one."""
    return laid_out([Placed(name) for name in USUAL])


def as_stored() -> list[dict[str, Any]]:
    """The usual board as a user setting holds one."""
    return [msgspec.to_builtins(one) for one in usual()]


def own(session: Session) -> list[Placed]:
    """The person's board, else the node's default, else the usual one."""
    stored = setting(session)
    if stored is not None:
        return read(stored.value)
    default = saved.default(session)
    return usual() if default is None else read(default.value)


def setting(session: Session) -> user_settings.UserSetting | None:
    try:
        return user_settings.named(session, session.principal.user_id, SETTING)
    except NotFound:
        return None


def read(value: Any) -> list[Placed]:
    """The widgets of a stored board that there are here."""
    found = []
    for one in value if isinstance(value, list) else []:
        name = one.get("widget") if isinstance(one, dict) else None
        if isinstance(name, str) and name in WIDGETS:
            config, position = _read_config(one.get("config")), one.get("position")
            found.append(Placed(name, config, position if isinstance(position, dict) else {}))
    return found[:MOST]


def _read_config(raw: Any) -> dict[str, Any]:
    """An object, or its JSON text, as MISP's page sends it."""
    if isinstance(raw, str) and raw.strip():
        try:
            raw = json_text.decode(raw.encode())
        except Invalid:
            raw = {}
    return raw if isinstance(raw, dict) else {}


def checked(value: Any) -> list[dict[str, Any]]:
    """A board that somebody sends. Raises Invalid."""
    if isinstance(value, str):
        try:
            value = json_text.decode(value.encode())
        except Invalid as error:
            raise Invalid("value", "a list of widgets, or its JSON", value) from error
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Invalid("value", "a list of widgets")
    if len(value) > MOST:
        raise Invalid("value", f"at most {MOST} widgets")
    for one in value:
        if not c.text("widget", one.get("widget")).strip():
            raise Invalid("widget", "the name of a widget")
    return value


def store(session: Session, value: Any) -> None:
    """Makes it the person's board. Raises Invalid."""
    user_settings.put(session, session.principal.user_id, SETTING, checked(value))


def take_in(session: Session, value: Any) -> list[str]:
    """Makes it the person's board, without widgets that are not here; their names."""
    sent = checked(value)
    known = [one for one in sent if one["widget"] in WIDGETS]
    user_settings.put(session, session.principal.user_id, SETTING, known)
    return sorted({str(one["widget"])[:100] for one in sent if one["widget"] not in WIDGETS})


def arrange(session: Session, placed: list[Placed]) -> None:
    """Makes these, in this order, the person's board. Raises Invalid."""
    store(session, [msgspec.to_builtins(one) for one in laid_out(placed)])


def laid_out(placed: list[Placed]) -> list[Placed]:
    """The same in rows of MISP's grid, so that its order is theirs there as well."""
    x = y = tallest = 0
    for one in placed:
        width, height = one.kind.width, one.kind.height
        if x + width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        one.position = {"x": x, "y": y, "width": width, "height": height}
        x, tallest = x + width, max(tallest, height)
    return placed
