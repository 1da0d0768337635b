# SPDX-License-Identifier: EUPL-1.2
"""What is the host's: vocabularies for all, and what only its site admins see.

Of what is the host's alone there is some with the mark, so that it shows where it comes out.
"""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
from tests.security.asking import Ask
from tests.security.kinds import MARK
from tests.security.samples import PARTNER_KEY

from brug.directory import registrations
from brug.intel.vocabulary import origins
from brug.intel.vocabulary.sources import notices

if TYPE_CHECKING:
    from tests.security.arena import Arena

LISTS = ("event", "org", "galaxy_cluster", "analyst_data", "sighting")
MANY = 3


def furnish(arena: "Arena") -> None:
    for mark in ("ours", MARK):
        for number in range(MANY):
            _administered(arena, f"{mark}{number}", mark)
    for number in range(MANY):
        _for_all(arena, number)
    with psycopg.connect(arena.owner_dsn) as owner:
        owner.execute("SET search_path = brug")
        notices.install(owner)
        origins.note(owner)
        for number in range(MANY):
            _template(owner, number)


def _made(arena: "Arena", path: str, body: Any) -> Any:
    answered = arena.ask("admin", Ask("POST", path, body))
    assert answered.did, (path, body, answered)
    return answered.body


def _administered(arena: "Arena", name: str, mark: str) -> None:
    """One of each that only site admins see."""
    _made(arena, "/servers/add", {
        "name": f"{name} server", "url": f"https://127.0.0.1/{name}", "remote_org_id": 1,
        "authkey": PARTNER_KEY, "pull": True, "push": True,
    })  # fmt: skip
    _made(arena, "/feeds/add", {
        "name": f"{name} feed", "provider": mark, "url": f"https://{name}.example/feed",
        "source_format": "misp", "lookup_visible": False,
    })  # fmt: skip
    for kind in LISTS:
        body = {"uuids": [str(uuid4())], "comment": f"{mark} comment"}
        _made(arena, f"/{kind}_blocklists/add", body)
    excluded = {"value": f"{name}.excluded.example", "comment": mark}
    _made(arena, "/correlation_exclusions/add", excluded)
    _made(arena, "/correlation_rules/add", {
        "name": f"{name} rule", "selector_type": "event_info", "selector_list": [f"no {mark}"],
    })  # fmt: skip
    with arena.database.system() as session:
        asked = {"email": f"{name}@registered.example", "message": f"{mark} message"}
        registrations.ask(session, asked, f"{name}", "")


def _for_all(arena: "Arena", number: int) -> None:
    """One of each that everybody reads."""
    _made(arena, "/admin/organisations/add", {"name": f"Empty {number}"})
    _made(arena, "/admin/roles/add", {"name": f"Spare {number}", "permission": 2})
    _made(arena, "/galaxies/add", {
        "name": f"Galaxy {number}", "type": f"galaxy-{number}", "description": "text",
        "namespace": "arena",
    })  # fmt: skip
    _made(arena, "/taxonomies/import", {
        "namespace": f"arena-{number}", "description": "text", "version": 1,
        "predicates": [{"value": "one", "expanded": "One"}],
    })  # fmt: skip
    _made(arena, "/warninglists/add", {
        "name": f"Warnings {number}", "type": "string", "description": "text",
        "category": "false_positive", "entries": f"warned{number}.example.org",
        "matching_attributes": ["domain"],
    })  # fmt: skip
    _made(arena, "/admin/allowedlists/add", {"name": f"/^allowed{number}$/"})
    rule = {"regexp": f"/^ruled{number}$/", "replacement": "text", "type": "text"}
    _made(arena, "/admin/regexp/add", rule)


def _template(owner: "psycopg.Connection[Any]", number: int) -> None:
    """An object template of the node's own: nothing on the interface makes one."""
    template = owner.execute(
        "INSERT INTO object_template (uuid, name, meta_category, version, requirements,"
        " definition) VALUES (gen_random_uuid(), %s, 'misc', 1,"
        ' \'{"requiredOneOf": ["text", "domain"]}\', %s) RETURNING id',
        (f"arena-{number}", f'{{"name": "arena-{number}"}}'),
    ).fetchone()
    assert template is not None
    owner.execute(
        "INSERT INTO object_template_element (object_template_id, object_relation, type)"
        " SELECT %s, kind, kind FROM unnest('{text,domain}'::text[]) AS n (kind)",
        template,
    )
