# SPDX-License-Identifier: EUPL-1.2
"""The kinds of item that a request may name, where their rows are, and whose a row is.

A new table with items of its own gets a line in KINDS, and one in PARENTS where its rows
belong to whoever what they hang on belongs to.
"""

from collections.abc import Callable, Mapping
from typing import Any

MARK = "zuidgeheim"
OURS, THEIRS = "Noordland Bank", "Zuidland Energie"
HOST = 1

Row = Mapping[str, Any]

# What an item hangs on stands before it.
KINDS = {
    "organisation": "organisation", "user": "account", "key": "auth_key",
    "setting": "user_setting", "role": "role", "tag": "tag", "cluster_tag": "tag",
    "sharing_group": "sharing_group",
    "event": "event", "attribute": "attribute", "object": "object", "report": "event_report",
    "reference": "object_reference", "sighting": "sighting", "event_tag": "event_tag",
    "attribute_tag": "attribute_tag", "proposal": "proposal", "delegation": "event_delegation",
    "signer": "cryptographic_key", "graph": "event_graph",
    "lock": "event_lock",
    "note": "analyst_data", "opinion": "analyst_data", "relationship": "analyst_data",
    "collection": "collection", "element": "collection_element", "bookmark": "bookmark",
    "blueprint": "sharing_group_blueprint", "tag_collection": "tag_collection",
    "galaxy": "galaxy", "cluster": "galaxy_cluster", "deleted_cluster": "galaxy_cluster",
    "cluster_relation": "galaxy_cluster_relation", "model": "decaying_model",
    "history": "rest_history", "audit": "audit",
    "registration": "registration", "server": "server", "feed": "feed",
    "blocked_event": "blocked", "blocked_organisation": "blocked", "blocked_cluster": "blocked",
    "blocked_analyst_data": "blocked", "blocked_sighting": "blocked",
    "exclusion": "correlation_exclusion", "rule": "correlation_rule",
    "allowed": "allowed_pattern", "import_rule": "import_rule",
    "noticelist": "noticelist", "taxonomy": "taxonomy", "warninglist": "warninglist",
    "template": "object_template", "event_template": "event_template",
    "event_template_element": "event_template_element", "dashboard": "dashboard",
}  # fmt: skip
TABLES = tuple(dict.fromkeys(KINDS.values()))
# Tables whose rows are of several kinds.
SPLIT: Mapping[str, Callable[[Row], str]] = {
    "analyst_data": lambda row: ("note", "opinion", "relationship")[row["kind"]],
    "blocked": lambda row: f"blocked_{row['list']}",
    "galaxy_cluster": lambda row: "deleted_cluster" if row["deleted"] else "cluster",
    "tag": lambda row: "cluster_tag" if row["is_custom_galaxy"] else "tag",
}
_ONE = {table: kind for kind, table in KINDS.items() if table not in SPLIT}
# Numbers that start anew for the tables whose ids are no identity of their own.
SEQUENCES = ("analyst_note_id", "analyst_opinion_id", "analyst_relationship_id")

# Columns that say whose a row is, and those that say what it hangs on.
OWNERS = ("org_id", "orgc_id", "holder_id", "requester_org_id")
PARENTS = {
    "event_id": "event", "sharing_group_id": "sharing_group", "collection_id": "collection",
    "tag_collection_id": "tag_collection", "galaxy_cluster_id": "cluster", "model_id": "model",
    "event_template_id": "event_template",
}  # fmt: skip
# What has no owner says whose it is in one of these.
TEXTS = ("name", "info", "email", "comment", "value", "message")
# What every node has from its start is nobody's.
EVERY_NODES = {"role", "decaying_model"}
FIRST_ID = 100_000


def kind_of(table: str, row: Row) -> str | None:
    """The kind of item that a row is; None for what no request names."""
    if "id" not in row or (table in EVERY_NODES and row["id"] < FIRST_ID):
        return None
    return SPLIT[table](row) if table in SPLIT else _ONE.get(table)


def is_marked(row: Row) -> bool:
    return any(MARK in str(row.get(name, "")) for name in TEXTS)
