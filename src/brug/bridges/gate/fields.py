# SPDX-License-Identifier: EUPL-1.2
"""The fields of MISP's core format that may cross a bridge; any other stays here."""

IDS = frozenset({"id", "event_id", "object_id", "sharing_group_id", "org_id", "orgc_id"})
EVENT = frozenset({
    "uuid", "date", "threat_level_id", "info", "published", "analysis", "timestamp",
    "distribution", "publish_timestamp", "disable_correlation", "extends_uuid", "protected",
    "locked", "Orgc", "SharingGroup", "CryptographicKey",
})  # fmt: skip
ATTRIBUTE = frozenset({
    "uuid", "type", "category", "to_ids", "distribution", "timestamp", "comment", "deleted",
    "disable_correlation", "object_relation", "first_seen", "last_seen", "value", "data",
    "SharingGroup",
})  # fmt: skip
OBJECT = frozenset({
    "uuid", "name", "meta-category", "description", "template_uuid", "template_version",
    "timestamp", "distribution", "comment", "deleted", "first_seen", "last_seen", "SharingGroup",
})  # fmt: skip
REPORT = frozenset({
    "uuid", "name", "content", "distribution", "timestamp", "deleted", "SharingGroup",
})  # fmt: skip
PROPOSAL = frozenset({
    "uuid", "type", "category", "to_ids", "event_uuid", "comment", "proposal_to_delete",
    "timestamp", "first_seen", "last_seen", "value", "Org", "data", "org_uuid", "deleted",
})  # fmt: skip
SIGHTING = frozenset({
    "uuid", "date_sighting", "source", "type", "attribute_uuid", "event_uuid", "Organisation",
})  # fmt: skip
NOTE = frozenset({
    "uuid", "object_uuid", "object_type", "authors", "org_uuid", "orgc_uuid", "created",
    "modified", "distribution", "locked", "note", "language", "opinion", "comment",
    "related_object_uuid", "related_object_type", "relationship_type", "note_type",
    "note_type_name", "Org", "Orgc", "SharingGroup", "deleted",
})  # fmt: skip
REFERENCE = frozenset({
    "uuid", "timestamp", "referenced_uuid", "referenced_type", "relationship_type", "comment",
    "deleted", "source_uuid", "object_uuid",
})  # fmt: skip
TAG = frozenset({
    "name", "colour", "exportable", "hide_tag", "numerical_value", "is_galaxy",
    "is_custom_galaxy", "local_only", "local", "relationship_type",
})  # fmt: skip
# Whose strings are codes of ours and of MISP, never something that somebody wrote; or, as
# values, are decided on themselves.
CODES = frozenset({
    "uuid", "date", "timestamp", "publish_timestamp", "type", "category", "object_relation",
    "template_uuid", "Orgc", "Org", "Organisation", "SharingGroup", "CryptographicKey", "colour",
    "distribution", "threat_level_id", "analysis", "extends_uuid", "first_seen", "last_seen",
    "date_sighting", "attribute_uuid", "event_uuid", "object_uuid", "object_type", "org_uuid",
    "orgc_uuid", "created", "modified", "related_object_uuid", "related_object_type",
    "referenced_uuid", "referenced_type", "source_uuid", "meta-category", "template_version",
    "data", "value", "tag_name", "collection_uuid", "referenced_galaxy_cluster_uuid",
    "galaxy_cluster_uuid", *IDS,
})  # fmt: skip
