# SPDX-License-Identifier: EUPL-1.2
"""Galaxies of a node's own: made, changed and deleted by site admins.

A published galaxy belongs to its vocabulary: it can be switched off, and nothing else, since
the next update would bring back whatever else was done to it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from brug.formats.misp import coercion as c
from brug.intel.vocabulary.galaxies import Galaxy, galaxy
from brug.model.errors import Forbidden, Invalid
from brug.store.audit import record
from brug.store.session import Session

TEXTS = ("name", "type", "description", "icon", "namespace")
LONGEST = 10_000


class Published(Forbidden):
    """The galaxy comes with a vocabulary."""

    code = "galaxy_published"
    public = "A published galaxy can be disabled, not changed or deleted."


def drafted(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a galaxy. Raises Invalid."""
    said: dict[str, Any] = {
        name: c.text(name, raw[name])[:LONGEST] for name in TEXTS if raw.get(name) is not None
    }
    for name in ("enabled", "local_only"):
        if raw.get(name) is not None:
            said[name] = c.flag(name, raw[name])
    if raw.get("uuid"):
        said["uuid"] = c.uuid("uuid", raw["uuid"])
    version = c.integer("version", raw.get("version"))
    return said if version is None else said | {"version": version}


def add(session: Session, said: Mapping[str, Any]) -> Galaxy:
    """Raises Invalid."""
    name, kind = said.get("name", "").strip(), said.get("type", "").strip()
    if not name or not kind:
        raise Invalid("name" if not name else "type", "a text")
    if '"' in kind or "=" in kind:
        raise Invalid("type", "no quotation mark and no equals sign")
    uuid = said.get("uuid") or str(uuid4())
    if session.value("SELECT 1 FROM galaxy WHERE uuid = %s OR type = %s", (uuid, kind)):
        raise Invalid("type", "a type and a UUID that no galaxy has")
    made = session.value(
        "INSERT INTO galaxy (uuid, name, type, description, version, icon, namespace, enabled,"
        " local_only, org_id, orgc_id) VALUES (%(uuid)s, %(name)s, %(type)s, %(description)s,"
        " %(version)s, %(icon)s, %(namespace)s, %(enabled)s, %(local_only)s, %(org)s, %(org)s)"
        " RETURNING id",
        {
            "description": "", "version": 1, "icon": "", "namespace": "", "enabled": True,
            "local_only": False, **said, "uuid": uuid, "name": name, "type": kind,
            "org": session.principal.org_id,
        },
    )  # fmt: skip
    record(session, "add", "Galaxy", int(made), name)
    return galaxy(session, int(made))


def edit(session: Session, found: Galaxy, said: Mapping[str, Any]) -> Galaxy:
    """Changes what is said but the type, which tags are made of. Raises Forbidden."""
    _require_own(session, found)
    session.execute(
        "UPDATE galaxy SET name = coalesce(nullif(%(name)s, ''), name),"
        " description = coalesce(%(description)s, description),"
        " version = coalesce(%(version)s, version), icon = coalesce(%(icon)s, icon),"
        " namespace = coalesce(%(namespace)s, namespace), enabled = coalesce(%(enabled)s, enabled),"
        " local_only = coalesce(%(local_only)s, local_only), modified = now() WHERE id = %(id)s",
        dict.fromkeys(
            ("name", "description", "version", "icon", "namespace", "enabled", "local_only")
        )
        | dict(said)
        | {"id": found.id},
    )
    record(session, "edit", "Galaxy", found.id, found.name, {"fields": sorted(said)})
    return galaxy(session, found.id)


def delete(session: Session, found: Galaxy) -> None:
    """With all its clusters. Raises Forbidden."""
    _require_own(session, found)
    session.execute("DELETE FROM galaxy WHERE id = %s", (found.id,))
    record(session, "delete", "Galaxy", found.id, found.name)


def _require_own(session: Session, found: Galaxy) -> None:
    if session.value("SELECT is_default FROM galaxy WHERE id = %s", (found.id,)):
        raise Published(f"galaxy {found.id} is published")
