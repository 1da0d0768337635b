# SPDX-License-Identifier: EUPL-1.2
"""Furniture: a node's content with something of everything that moves."""

from typing import Any

from tests.api.conftest import World

SAMPLE = b"PK\x03\x04 not really a sample"


def _added(node: World, who: str, event: dict[str, Any]) -> dict[str, Any]:
    reply = node.ask(who, "POST", "/events/add", {"Event": event})
    assert reply.status == 200, reply.body
    return reply.body["Event"]  # type: ignore[no-any-return]


def _done(node: World, who: str, path: str, body: Any = None) -> Any:
    reply = node.ask(who, "POST", path, body)
    assert reply.status == 200, (path, reply.body)
    return reply.body


def furnish(node: World) -> None:
    """Fills a node: a group, tags, events at every level, deleted and attached things."""
    group = _done(
        node, "admin", "/sharing_groups/add",
        {"name": "Energy sector", "releasability": "its members", "description": "d",
         "SharingGroupOrg": [{"org_id": str(org)} for org in node.orgs.values()]},
    )["SharingGroup"]  # fmt: skip
    _done(
        node, "admin", "/tags/add",
        {"name": "noordland:ours", "colour": "#112233", "exportable": False,
         "org_id": str(node.orgs["Noordland Bank"])},
    )  # fmt: skip
    _done(node, "admin", "/tags/add", {"name": "noordland:hidden", "hide_tag": True})
    _done(
        node, "admin", "/admin/roles/add",
        {"name": "Hunter", "perm_add": True, "perm_modify": True, "perm_sighting": True},
    )  # fmt: skip
    _filler(node)
    rich = _added(node, "user", _rich(group["id"]))
    _keep_bytes(node)
    _done(node, "admin", f"/events/addTag/{rich['id']}", {"tag": "noordland:hidden", "local": 1})
    first = rich["Attribute"][0]
    _done(node, "other", f"/sightings/add/{first['id']}", {"source": "honeypot", "type": "1"})
    _done(node, "user", f"/attributes/delete/{rich['Attribute'][1]['id']}")
    _added(node, "other", {"info": "Of the group only", "distribution": 4,
                           "sharing_group_id": group["id"],
                           "Attribute": [
                               {"type": "domain", "value": "energy.example"}]})  # fmt: skip
    _added(node, "otheradmin", {"info": "Ours alone", "distribution": 0})
    _beside(node, rich)


def _beside(node: World, rich: dict[str, Any]) -> None:
    """Proposals, analyst data, records of partners, lists, what users set."""
    first = rich["Attribute"][0]
    _done(node, "other", f"/shadow_attributes/edit/{first['id']}", {"value": "198.51.100.8"})
    settled = _done(
        node, "other", f"/shadow_attributes/add/{rich['id']}",
        {"type": "domain", "category": "Network activity", "value": "more.example"},
    )["ShadowAttribute"]  # fmt: skip
    node.ask("user", "POST", f"/shadow_attributes/discard/{settled['id']}")
    _done(
        node, "other", f"/shadow_attributes/add/{rich['id']}",
        {"type": "attachment", "category": "External analysis", "value": "note.txt",
         "data": "aGVsbG8="},
    )  # fmt: skip
    note = _done(
        node, "other", f"/analyst_data/add/Note/{first['uuid']}/Attribute",
        {"note": "We saw it too.", "distribution": 1},
    )["Note"]  # fmt: skip
    _done(
        node, "user", f"/analyst_data/add/Opinion/{note['uuid']}/Note",
        {"opinion": 80, "comment": "Right.", "distribution": 0},
    )  # fmt: skip
    with node.database.system() as session:
        session.execute(
            "INSERT INTO server (id, name, url, org_id, remote_org_id, push,"
            " pull_rules, push_rules, priority) VALUES"
            " (7, 'Partner', 'https://partner.example', 1, %s, true, '{}', %s, 1)",
            (
                node.orgs["Zuidland Energie"],
                f'{{"tags":{{}},"orgs":{{"NOT":["{node.orgs["Zuidland Energie"]}"]}}}}',
            ),
        )
    _done(
        node, "admin", "/feeds/add",
        {"name": "A feed", "provider": "Noordland", "url": "https://feed.example",
         "source_format": "csv", "input_source": "network", "enabled": True, "distribution": "3"},
    )  # fmt: skip
    _collected(node, rich)
    _done(node, "admin", "/user_settings/setSetting",
        {"setting": "homepage", "value": {"path": "/events/index"}})  # fmt: skip
    _done(node, "admin", "/correlation_exclusions/add", {"value": "198.51.100.7"})
    _done(node, "admin", "/admin/allowedlists/add", {"name": "/^198\\.51\\.100\\./"})
    # What is there already would be kept out if it came in as anything else does.
    for kind in ("domain", "ip-dst"):
        rule = {"regexp": "/^198\\.51\\.100\\.7$|^energy/", "replacement": "", "type": kind}
        _done(node, "admin", "/admin/regexp/add", rule)
    _done(
        node, "admin", "/sharing_group_blueprints/add",
        {"name": "Those of here", "rules": {"OR": {"org_nationality": ["Noordland"]}}},
    )  # fmt: skip
    _done(node, "admin", "/event_blocklists/add",
          {"uuids": ["44444444-4444-4444-8444-444444444444"], "comment": "no"})  # fmt: skip


def _collected(node: World, rich: dict[str, Any]) -> None:
    """What people put together, and lists that keep things out."""
    made = _done(
        node, "admin", "/tag_collections/add",
        {"name": "Usual", "description": "d", "all_orgs": True},
    )["TagCollection"]  # fmt: skip
    for tag in ("noordland:ours", "noordland:hidden"):
        _done(node, "admin", f"/tag_collections/addTag/{made['id']}", {"tag": tag})
    for who in ("admin", "user"):
        board = [{"widget": "WhoamiWidget", "config": {"alias": who}}]
        _done(node, who, "/dashboards/updateSettings", {"value": board})
        kept = {"name": f"Board of {who}", "selectable": 1, "default": 1}
        _done(node, who, "/dashboards/saveTemplate", kept)
    form = _done(
        node, "orgadmin", "/templates/add",
        {"name": "Phishing", "description": "d", "share": True, "tags": ["noordland:ours"]},
    )["Template"]  # fmt: skip
    for kind, said in {
        "text": {"name": "First", "text": "Read this."},
        "attribute": {"name": "From", "type": "CnC", "complex": True, "mandatory": True},
        "file": {"name": "Mail", "malware": True},
    }.items():
        _done(node, "orgadmin", f"/templateElements/add/{kind}/{form['id']}", said)
    _done(
        node, "admin", "/feeds/add",
        {"name": "Marked", "provider": "Noordland", "url": "https://marked.example",
         "source_format": "csv", "tag_collection_id": made["id"]},
    )  # fmt: skip
    held = _done(
        node, "user", "/collections/add",
        {"name": "Campaign", "type": "campaign", "description": "d", "distribution": 0},
    )["Collection"]  # fmt: skip
    _done(
        node, "user", f"/collectionElements/add/{held['id']}",
        {"element_type": "Event", "element_uuid": rich["uuid"], "description": "e"},
    )  # fmt: skip
    _done(node, "user", "/collections/add", {"name": "Open", "distribution": 1})
    parameters = {"lifetime": 30, "decay_speed": 2.3, "threshold": 30, "default_base_score": 80}
    model = _done(
        node, "admin", "/decayingModel/add",
        {"name": "Ours", "description": "d", "parameters": parameters, "enabled": True,
         "attribute_types": ["domain"]},
    )["data"]["DecayingModel"]  # fmt: skip
    _done(node, "admin", f"/decayingModelMapping/linkAttributeTypeToModel/{model['id']}",
          {"attributetypes": ["url"]})  # fmt: skip
    _done(node, "admin", "/decayingModel/enable/1")
    _done(
        node, "admin", "/correlationRules/add",
        {"name": "Quiet", "comment": "c", "selector_type": "orgc_id",
         "selector_list": [str(node.orgs["Zuidland Energie"])]},
    )  # fmt: skip
    _done(node, "admin", "/analyst_data_blocklists/add",
          {"uuids": ["55555555-5555-4555-8555-555555555555"], "comment": "no"})  # fmt: skip
    _done(node, "admin", "/sighting_blocklists/add",
          {"uuids": ["66666666-6666-4666-8666-666666666666"], "comment": "no"})  # fmt: skip
    own = {"namespace": "noordland", "description": "d", "version": 1,
           "predicates": [{"value": "ours", "expanded": "Ours", "colour": "#112233"}]}  # fmt: skip
    taxonomy = _done(node, "admin", "/taxonomies/import", own)["Taxonomy"]
    _done(node, "admin", f"/taxonomies/enable/{taxonomy['id']}")
    _done(node, "admin", "/taxonomies/import", own | {"namespace": "unused"})


def _keep_bytes(node: World) -> None:
    """A sample that its sender packed, and an attachment, as they lie in the database."""
    with node.database.system() as session:
        for kind, data in (("malware-sample", SAMPLE), ("attachment", b"hello")):
            session.execute(
                "INSERT INTO attachment (attribute_id, event_id, audience, data)"
                " SELECT id, event_id, audience, %s FROM attribute WHERE type = %s",
                (data, kind),
            )


def _filler(node: World) -> None:
    """Numbers with holes in them, as a used installation has."""
    for number in range(3):
        made = _added(node, "user", {"info": f"gone {number}", "Attribute": [
            {"type": "ip-dst", "value": f"192.0.2.{number}"}]})  # fmt: skip
        node.ask("user", "POST", f"/events/delete/{made['id']}")


def _rich(group_id: str) -> dict[str, Any]:
    return {
        "info": "Übernahme: an event with everything 🏠", "distribution": 1, "analysis": 2,
        "threat_level_id": 1, "date": "2026-03-04", "published": True,
        "Tag": [{"name": "tlp:amber", "colour": "#ffc000"}, {"name": "noordland:hidden"}],
        "Attribute": [
            {"type": "ip-dst", "value": "198.51.100.7", "to_ids": True, "comment": "c2",
             "first_seen": "2026-01-01T00:00:00.123456+00:00", "Tag": [{"name": "tlp:red"}]},
            {"type": "domain", "value": "deleted.example"},
            {"type": "filename|md5", "value": "a b.exe|" + "d" * 32, "distribution": 0},
            {"type": "url", "value": "https://198.51.100.7/x", "distribution": 4,
             "sharing_group_id": group_id},
            {"type": "malware-sample", "value": "bad.exe|" + "e" * 32},
            {"type": "attachment", "value": "notes.txt",
             "disable_correlation": True},
        ],
        "Object": [
            {"name": "file", "meta-category": "file", "description": "a file",
             "template_uuid": "688c46fb-5edb-40a3-8273-1af7923e2215", "template_version": "24",
             "uuid": "11111111-1111-4111-8111-111111111111", "distribution": 5,
             "ObjectReference": [{"referenced_uuid": "22222222-2222-4222-8222-222222222222",
                                  "relationship_type": "drops", "comment": "seen"}],
             "Attribute": [{"type": "filename", "object_relation": "filename",
                            "value": "dropper.exe"}]},
            {"name": "file", "meta-category": "file", "description": "a file",
             "template_uuid": "688c46fb-5edb-40a3-8273-1af7923e2215", "template_version": "24",
             "uuid": "22222222-2222-4222-8222-222222222222", "distribution": 0,
             "Attribute": [{"type": "sha256", "object_relation": "sha256", "value": "f" * 64}]},
        ],
        "EventReport": [{"name": "What happened", "content": "# Report\n\nwords",
             "distribution": 5}],
    }  # fmt: skip
