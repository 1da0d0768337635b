# SPDX-License-Identifier: EUPL-1.2
"""Reading and changing the node's settings; `settings_table` says which there are.

A session reads them once, all together, when it first asks for one, unless they came along
with who asks. Only a site admin or the system changes one; what follows from the change
happens in the same transaction.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from brug.model.errors import Forbidden, Invalid, NotFound
from brug.store import audit
from brug.store.session import Session
from brug.store.setting import SET
from brug.store.settings_table import BY_MISP_NAME, SETTINGS, Setting, Value

__all__ = ["SETTINGS", "Setting", "all_settings", "checked", "get", "named", "secret", "set_value"]


def named(name: str) -> Setting:
    """The setting by its name or one of MISP's; raises NotFound."""
    found = SETTINGS.get(name) or BY_MISP_NAME.get(name)
    if found is None:
        raise NotFound(f"no setting {name}")
    return found


def get(session: Session, name: str) -> Any:
    """The value that holds, of the kind that the table says."""
    setting = named(name)
    return _shown(setting, _stored(session).get(setting.name, setting.default))


def all_settings(session: Session) -> Mapping[str, Any]:
    """Every setting's value."""
    stored = _stored(session)
    return {
        name: _shown(setting, stored.get(name, setting.default))
        for name, setting in SETTINGS.items()
    }


def _stored(session: Session) -> Mapping[str, Any]:
    """What was set, read once in a transaction."""
    if session.settings is None:
        session.settings = dict(session.all("SELECT name, value FROM setting"))
    return session.settings


def _shown(setting: Setting, stored: Value) -> Value:
    """A secret says that it is there and no more, whoever asks."""
    if setting.kind != "secret":
        return stored
    return SET if stored else ""


def secret(session: Session, name: str) -> str:
    """A secret setting's text, for the one place that uses it; "" where none is set."""
    setting = named(name)
    stored = session.value("SELECT value #>> '{}' FROM setting WHERE name = %s", (setting.name,))
    return session.seal.open(b64decode(stored), setting.name) if stored else ""


def _sealed(session: Session, setting: Setting, text: Value) -> Value:
    if not text:
        return text
    return b64encode(session.seal.close(str(text), setting.name)).decode()


def _drafts_changed(session: Session) -> None:
    session.execute("SELECT reaudience_drafts()")


# What else must hold as soon as a setting does.
_CONSEQUENCES: Mapping[str, Callable[[Session], None]] = {
    "events.drafts_private": _drafts_changed,
}


def set_value(session: Session, name: str, value: Any) -> Value:
    """Checks and stores; answers what was stored. `value` may be text for any kind."""
    setting = named(name)
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change {setting.name}")
    before = get(session, setting.name)
    stored = _checked(setting, value)
    if setting.name == "events.drafts_private":
        # Writers of drafts finish with the old rule or begin with the new one.
        session.execute("SELECT lock_drafts()")
    hidden = setting.kind == "secret"
    row = _sealed(session, setting, stored) if hidden else stored
    session.execute(
        "INSERT INTO setting (name, value) VALUES (%s, %s) ON CONFLICT (name)"
        " DO UPDATE SET value = excluded.value, changed_at = now()",
        (setting.name, Jsonb(row)),
    )
    session.forget_settings()
    stored = _shown(setting, stored)
    if stored != before or hidden:
        if setting.name in _CONSEQUENCES:
            _CONSEQUENCES[setting.name](session)
        audit.record(session, "edit", "Setting", 0, setting.name, {setting.name: [before, stored]})
    return stored


def checked(name: str, value: Any) -> Value:
    """What would be stored of a value; raises Invalid, asks no database."""
    return _checked(named(name), value)


_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


def _checked(setting: Setting, value: Any) -> Value:
    if value is None or (value == "" and setting.default is None):
        return setting.default
    return _KINDS[setting.kind](setting, value)


def _flag(setting: Setting, value: Any) -> bool:
    found = _FLAGS.get(str(value).strip().lower())
    if found is None:
        raise Invalid(setting.name, "true or false", str(value))
    return found


def _number(setting: Setting, value: Any) -> int:
    text = str(int(value) if isinstance(value, bool) else value).strip()
    if setting.name == "events.default_attribute_distribution" and text == "event":
        text = "5"  # MISP's word for it
    digits = text.isascii() and text.isdigit() and len(text) < 12
    if not digits or not setting.low <= int(text) <= setting.high:
        raise Invalid(setting.name, f"a number from {setting.low} to {setting.high}", text)
    return int(text)


def _text(setting: Setting, value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Invalid(setting.name, "a text", str(value))
    text = str(value).strip()
    if "\x00" in text or len(text) > 1000:
        raise Invalid(setting.name, "at most 1000 characters, none of them NUL", text)
    if setting.choices and text not in setting.choices:
        raise Invalid(setting.name, f"one of {', '.join(setting.choices)}", text)
    return _passing(setting, text)


def _secret(setting: Setting, value: Any) -> str:
    fine = isinstance(value, str) and "\x00" not in value and len(value) <= 1000
    if not fine:
        raise Invalid(setting.name, "at most 1000 characters, none of them NUL")
    return str(value)


def _list(setting: Setting, value: Any) -> list[str]:
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Invalid(setting.name, "a list of texts", str(value))
    return [_passing(setting, item) for item in value]


def _passing(setting: Setting, text: str) -> str:
    expected = setting.check(text) if setting.check else None
    if expected:
        raise Invalid(setting.name, expected, text)
    return text


_KINDS: Mapping[str, Callable[[Setting, Any], Value]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "list": _list,
    "secret": _secret,
}
