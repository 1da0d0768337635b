# SPDX-License-Identifier: EUPL-1.2
"""`/servers/*` for administrators: the database, updates, who came from where."""

from ipaddress import ip_address
from typing import Any

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError
from brug.api.misp.several import texts
from brug.directory import keys, servers
from brug.intel.finding import find, uuid_of
from brug.store.revision import wanted_revision

_TUNING = (
    "shared_buffers", "work_mem", "maintenance_work_mem", "effective_cache_size",
    "max_connections", "max_wal_size", "checkpoint_timeout", "random_page_cost",
)  # fmt: skip


@endpoint(
    "servers", "dbSchemaDiagnostic", right="site_admin",
    summary="Whether the database has the schema of this version",
)  # fmt: skip
def schema(call: Call) -> Answer:
    """The tables are none that a client of MISP's knows; what can be wrong is the revision."""
    actual, wanted = call.session.value("SELECT schema_revision()"), wanted_revision()
    return Answer(
        {
            "dataSource": "Database/Postgres",
            "actual_db_version": actual,
            "checked_table_column": [],
            "diagnostic": {} if actual == wanted else {"brug": [_behind(actual, wanted)]},
            "diagnostic_index": {},
            "expected_db_version": wanted,
            "error": "",
            "update_locked": False,
            "remaining_lock_time": 0,
            "update_fail_number_reached": False,
            "indexes": {},
            "columnPerTable": {},
        }
    )


def _behind(actual: str | None, wanted: str) -> dict[str, Any]:
    return {
        "description": f"The schema is of revision {actual}, this version wants {wanted}:"
        " run `brug upgrade`.",
        "error_type": "revision", "is_critical": True,
    }  # fmt: skip


@endpoint(
    "servers", "dbConfiguration", right="site_admin",
    summary="Settings of the database server that decide how fast it is",
)  # fmt: skip
def configuration(call: Call) -> Answer:
    rows = call.session.all(
        "SELECT name, current_setting(name), boot_val, short_desc FROM pg_settings"
        " WHERE name = ANY (%s) ORDER BY name",
        (list(_TUNING),),
    )
    names = ("name", "value", "default", "explanation")
    return Answer([dict(zip(names, row, strict=True)) | {"recommended": ""} for row in rows])


@endpoint(
    "servers", "updateProgress", right="site_admin",
    summary="How far an update of the database is: done, or the node would not answer",
)  # fmt: skip
def update_progress(_call: Call) -> Answer:
    return Answer(
        {
            "commands": [],
            "results": [],
            "time": {"started": [], "elapsed": []},
            "current": "0",
            "total": "0",
            "failed_num": [],
            "toward_db_version": wanted_revision(),
            "preTestSuccess": True,
            "db_version": wanted_revision(),
            "complete_update_remaining": "0",
            "update_locked": False,
            "lock_remaining_time": "0",
            "update_fail_number_reached": False,
            "process_list": {},
        }
    )


@endpoint(
    "servers", "removeOrphanedCorrelations", right="site_admin",
    summary="Nothing to remove: correlations are found when somebody looks, not stored",
)  # fmt: skip
def orphaned_correlations(_call: Call) -> Answer:
    return Answer({"message": "0 orphaned correlation removed"})


@endpoint(
    "servers", "ipUser", right="site_admin",
    summary="Whose keys were used from an address", body={"ip": "192.0.2.1"},
)  # fmt: skip
def ip_user(call: Call) -> Answer:
    try:
        addresses = [str(ip_address(one)) for one in texts("ip", call.data("Server").get("ip"))]
    except ValueError as error:
        raise MispError(405, "Invalid IP.") from error
    found = keys.used_from(call.session, addresses)
    return Answer([{"ip": ip, "id": str(user), "email": email} for ip, user, email in found])


@endpoint(
    "servers", "idTranslator", right="site_admin", shows=("event",),
    probes=(("GET", "/servers/idTranslator/{event}", None),),
    summary="An event's id and UUID here; other servers are not asked",
    body={"uuid": "UUID or number"},
)  # fmt: skip
def translate(call: Call) -> Answer:
    body = call.data("Event")
    key = call.arg(0) or body.get("uuid") or body.get("id") or ""
    with reaching((404, "Invalid event.")):
        event_id = find(call.session, "event", str(key))
    uuid = uuid_of(call.session, "event", event_id)
    known = [{"id": str(one.id), "name": one.name} for one in servers.listed(call.session)]
    return Answer({"local_id": str(event_id), "uuid": uuid, "remote_ids": [], "not_asked": known})
