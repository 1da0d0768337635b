# SPDX-License-Identifier: EUPL-1.2
"""Bodies that endpoints take: from the example that the table of endpoints gives, else whole.

`{kind}` stands for an item's number and `{kind.field}` for another of its fields, `{number}`
for what makes a name a new one, `{new.uuid}` and `{new.key}` for what nobody has yet.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import uuid4

PARTNER_KEY = "p" * 40
PNG = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(32)).decode()

# What a field of this name takes, wherever it stands.
SAMPLES: Mapping[str, Any] = {
    "distribution": "0", "type": "domain", "category": "Network activity",
    "object_relation": "filename",
    "role_id": 3, "read_only": False, "expiration": "+30 days", "allowed_ips": ["192.0.2.0/24"],
    "password": "Correct-horse-2", "confirm_password": "Correct-horse-2",
    "current_password": "Correct-horse-1", "matching_attributes": ["domain"],
    "timezone": "Europe/Amsterdam", "limit": 10, "page": 1, "returnFormat": "json",
    "path": "/events/index", "setting": "homepage", "server_id": 0, "highlighted": True,
    "required": True, "enabled": True, "to_ids": True, "date": "2026-01-02", "colour": "#00aa00",
    "ip": "192.0.2.7", "recipient": "all", "url": "https://partner.example",
    "authkey": PARTNER_KEY, "local": False, "source_format": "misp",
}  # fmt: skip


class Form(NamedTuple):
    """A body that is no JSON, and what it calls itself."""

    content: str
    content_type: str


_BORDER = "border-of-the-parts"


def _file(field: str, name: str, content: str) -> Form:
    """A form with one file in it."""
    return Form(
        f"--{_BORDER}\r\n"
        f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n{content}\r\n--{_BORDER}--\r\n",
        f"multipart/form-data; boundary={_BORDER}",
    )


_EXPORT = _file(
    "data[Event][submittedfile]", "one.json",
    '{"Event": {"info": "out of a file", "distribution": "0"}}',
)  # fmt: skip
_IOC = Form(
    '<ioc><definition><Indicator operator="OR"><IndicatorItem condition="is">'
    '<Context search="Network/DNS"/><Content>ioc{number}.example.com</Content>'
    "</IndicatorItem></Indicator></definition></ioc>",
    "application/xml",
)
_BUNDLE = Form(
    json.dumps(
        {
            "type": "bundle", "id": "bundle--{new.uuid}",
            "objects": [
                {
                    "type": "indicator", "spec_version": "2.1", "id": "indicator--{new.uuid}",
                    "created": "2026-01-02T03:04:05.000Z", "modified": "2026-01-02T03:04:05.000Z",
                    "pattern": "[domain-name:value = 'stix{number}.example.com']",
                    "pattern_type": "stix", "valid_from": "2026-01-02T03:04:05Z",
                }
            ],
        }
    ),
    "application/json",
)  # fmt: skip
_CLUSTER = {
    "value": "cluster {number}", "description": "text", "source": "text", "authors": ["somebody"],
    "distribution": 0, "GalaxyElement": [{"key": "synonyms", "value": "other {number}"}],
}  # fmt: skip
_RELATION = {
    "galaxy_cluster_uuid": "{cluster.uuid}", "referenced_galaxy_cluster_uuid": "{cluster.uuid}",
    "referenced_galaxy_cluster_type": "similar-to", "distribution": 0, "tags": ["relation:tag"],
}  # fmt: skip
_EXCHANGED = [
    {
        "GalaxyCluster": {
            "uuid": "{new.uuid}", "value": "brought {number}", "version": "3", "distribution": "0",
            "Galaxy": {"uuid": "{galaxy.uuid}", "type": "{galaxy.type}", "name": "a galaxy"},
        }
    }
]  # fmt: skip
_MODEL = {
    "name": "model {number}", "description": "text", "formula": "Polynomial", "all_orgs": False,
    "parameters": {"lifetime": 30, "decay_speed": 2.3, "threshold": 30, "default_base_score": 80,
                   "base_score_config": {}},
}  # fmt: skip
_BOARD = {"value": [{"widget": "WhoamiWidget", "config": {"alias": "mine {number}"}}]}
_TEMPLATE = {
    "name": "Template {number}", "description": "text", "share": False, "tags": ["{tag}"],
}  # fmt: skip
_ELEMENT = {
    "name": "element {number}", "description": "text", "text": "text {number}", "type": "domain",
    "category": "Payload delivery", "to_ids": True, "batch": True,
}  # fmt: skip
_WARNING = {
    "name": "list {number}", "type": "string", "description": "text",
    "category": "false_positive", "entries": "list{number}.example.com",
    "matching_attributes": ["domain"],
}  # fmt: skip

# The whole body, where the example says too little.
BODIES: Mapping[tuple[str, str], Any] = {
    ("analystdata", "add"): {
        "note": "note {number}", "language": "en", "distribution": 0, "opinion": 60,
        "comment": "comment {number}", "relationship_type": "related-to",
        "related_object_uuid": "{attribute.uuid}", "related_object_type": "Attribute",
    },
    ("analystdata", "edit"): {
        "note": "note {number}", "opinion": 40, "comment": "comment {number}",
        "relationship_type": "derived-from", "related_object_uuid": "{event.uuid}",
        "related_object_type": "Event",
    },
    ("analystdatablocklists", "massdelete"): {"ids": ["{blocked_analyst_data}"]},
    ("analystdata", "pushanalystdata"): {
        "Note": {"uuid": "{new.uuid}", "object_uuid": "{event.uuid}", "object_type": "Event",
                 "note": "pushed {number}", "distribution": 0, "modified": "2026-01-02 03:04:05"},
    },
    ("api", "getapiinfo"): {"url": "/attributes/add"},
    ("attributes", "attributereplace"): {
        "type": "text", "category": "Other", "value": "one {number}\ntwo {number}",
    },
    ("allowedlists", "adminadd"): {"name": "/^allowed {number}$/"},
    ("allowedlists", "adminedit"): {"name": "/^allowed too {number}$/"},
    ("attributes", "addattachment"): _file("data[Attribute][values][]", "one.txt", "text"),
    ("attributes", "addthreatconnect"): _file(
        "data[Attribute][value]", "one.csv", "Type,Value\nHost,tc{number}.example.com",
    ),
    ("attributes", "editselected"): {"attribute_ids": ["{attribute}"], "to_ids": 1},
    ("attributes", "deleteselected"): {"id": ["{attribute}"], "allow_hard_delete": False},
    ("collectionelements", "add"): {
        "element_uuid": "{event.uuid}", "element_type": "Event", "description": "text {number}",
    },
    ("collectionelements", "addelementtocollection"): {"collection_id": ["{collection}"]},
    ("correlationrules", "add"): {
        "name": "rule {number}", "selector_type": "event_info", "selector_list": ["nothing"],
        "comment": "text",
    },
    ("cryptographickeys", "add"): {"type": "pgp", "key_data": "{new.key}"},
    ("dashboards", "getform"): {"widget": "TrendingTagsWidget"},
    ("dashboards", "import"): _BOARD,
    ("dashboards", "renderwidget"): {
        "widget": "TrendingAttributesWidget", "config": {"time_window": -1, "threshold": 100},
    },
    ("dashboards", "savetemplate"): {
        "name": "board {number}", "description": "text", "selectable": True,
    },
    ("dashboards", "updatesettings"): _BOARD,
    ("decayingmodel", "add"): _MODEL,
    ("decayingmodel", "import"): _MODEL,
    ("decayingmodel", "edit"): {"name": "model {number}", "parameters": {"threshold": 40}},
    ("decayingmodelmapping", "linkattributetypetomodel"): {"attributetypes": ["domain"]},
    ("eventblocklists", "massdelete"): {"ids": ["{blocked_event}"]},
    ("eventdelegations", "delegateevent"): {
        "org_id": "{organisation}", "distribution": 0, "message": "message {number}",
    },
    ("events", "addmispexport"): _EXPORT,
    ("events", "addioc"): _IOC,
    ("events", "merge"): {"target_id": "{event}", "source_id": "{other_event.uuid}"},
    ("events", "populate"): {
        "json": '{"Event": {"Attribute": [{"type": "text", "value": "populated {number}"}]}}',
    },
    ("events", "pushproposals"): [
        {"uuid": "{new.uuid}", "old_id": "0", "type": "ip-dst", "category": "Network activity",
         "value": "192.0.2.9", "comment": "pushed {number}"},
    ],
    ("events", "uploadsample"): {
        "files": [{"filename": "sample.bin", "data": PNG}], "info": "samples {number}",
        "distribution": 0,
    },
    ("events", "uploadstix"): _BUNDLE,
    ("favouritetags", "toggle"): {"data": "{tag}"},
    ("feeds", "fetchselectedfromfreetextindex"): {
        "data": [{"value": "chosen{number}.example.com", "type": "domain"}],
    },
    ("feeds", "importfeeds"): [
        {"Feed": {"name": "feed {number}", "provider": "somebody", "distribution": 0,
                  "url": "https://feed{number}.example/list", "source_format": "misp"}},
    ],
    ("galaxies", "attachcluster"): {"target_id": "{cluster}"},
    ("galaxies", "attachmultipleclusters"): {"Galaxy": {"target_ids": ["{cluster}"]}},
    ("galaxies", "export"): {"default": True, "custom": True, "format": "misp"},
    ("galaxies", "import"): _EXCHANGED,
    ("galaxies", "pushcluster"): _EXCHANGED,
    ("galaxyclusterblocklists", "massdelete"): {"ids": ["{blocked_cluster}"]},
    ("galaxyclusterrelations", "add"): _RELATION,
    ("galaxyclusterrelations", "edit"): _RELATION,
    ("galaxyclusters", "add"): _CLUSTER,
    ("galaxyclusters", "edit"): _CLUSTER,
    ("galaxyclusters", "index"): {"context": "all"},
    ("galaxyclusters", "restsearch"): {"custom": True, "uuid": ["{cluster.uuid}"]},
    ("galaxyelements", "flattenjson"): {"jsonData": {"a": {"b": "element {number}"}}},
    ("modules", "queryenrichment"): {"module": "dns", "ip-dst": "192.0.2.1"},
    ("objectreferences", "add"): {
        "object_uuid": "{object.uuid}", "referenced_uuid": "{attribute.uuid}",
        "relationship_type": "related-to", "comment": "text",
    },
    ("objects", "add"): {
        "name": "{template.name}", "template_uuid": "{template.uuid}", "template_version": "1",
        "meta-category": "misc", "comment": "text",
        "Attribute": [{"object_relation": "text", "type": "text", "value": "inside {number}"}],
    },
    ("objectreferences", "bulkadd"): {
        "source_uuid": "{object.uuid}", "relationship_type": "related-to", "comment": "text",
    },
    ("objects", "createfromfreetext"): {
        "selectedTemplateId": "{template}", "selectedObjectRelationMapping": ["text"],
        "attributes": [{"type": "text", "value": "found {number}"}], "distribution": 5,
    },
    ("objects", "edit"): {"comment": "comment {number}"},
    ("objects", "groupattributesintoobject"): {
        "selectedObjectRelationMapping": {"{attribute}": "domain"}, "distribution": 5,
    },
    ("objects", "proposeobjectsfromattributes"): {"selectedAttributeIds": ["{attribute}"]},
    ("organisations", "adminmerge"): {"targetOrgId": "{other_organisation}"},
    ("regexp", "adminadd"): {"regexp": "/^rule {number}$/", "replacement": "text", "type": "ALL"},
    ("regexp", "adminedit"): {"regexp": "/^rule too {number}$/", "replacement": ""},
    ("servers", "add"): {
        "name": "server {number}", "url": "https://partner{number}.example",
        "remote_org_id": "{organisation}", "authkey": PARTNER_KEY,
    },
    ("servers", "idtranslator"): {"uuid": "{event.uuid}"},
    ("servers", "import"): {
        "Server": {"url": "https://partner{number}.example", "authkey": PARTNER_KEY,
                   "Organisation": {"uuid": "{new.uuid}", "name": "Partner {number}"}},
    },
    ("servers", "serversettingsedit"): {"value": "welcome {number}"},
    ("shadowattributes", "acceptselected"): {"ids_accept": ["{proposal}"]},
    ("shadowattributes", "addattachment"): _file(
        "data[ShadowAttribute][value]", "one.txt", "text",
    ),
    ("shadowattributes", "discardselected"): {"ids_discard": ["{proposal}"]},
    ("sharinggroupblueprints", "add"): {
        "name": "blueprint {number}", "rules": {"OR": {"org_sector": ["energy"]}},
    },
    ("sightings", "add"): {"id": "{attribute}", "type": 0, "source": "sensor {number}"},
    ("sightings", "bulksavesightings"): [
        {"uuid": "{new.uuid}", "attribute_uuid": "{attribute.uuid}",
         "date_sighting": "1700000000", "type": 0},
    ],
    ("sightings", "filtersightinguuidsforpush"): ["{sighting.uuid}"],
    ("sightings", "restsearch"): {"returnFormat": "json", "id": "{attribute}"},
    ("tagcollections", "add"): {"name": "tags {number}", "description": "text", "all_orgs": False},
    ("tagcollections", "edit"): {"name": "tags {number}", "description": "text"},
    ("tagcollections", "addtag"): {"tag": "{tag}"},
    ("tagcollections", "removetag"): {"tag": "{tag}"},
    ("tagcollections", "import"): [
        {"TagCollection": {"name": "brought {number}"}, "TagCollectionTag": []},
    ],
    ("tags", "attachtagtoobject"): {"uuid": "{event.uuid}", "tag": "{tag}", "local": False},
    ("tags", "removetagfromobject"): {"uuid": "{event.uuid}", "tag": "{tag}"},
    ("taxonomies", "addtag"): {"taxonomy_id": "{taxonomy}"},
    ("taxonomies", "import"): {
        "namespace": "taxonomy-{number}", "description": "text", "version": 1,
        "predicates": [{"value": "one", "expanded": "One"}],
    },
    ("templates", "add"): _TEMPLATE,
    ("templates", "edit"): _TEMPLATE,
    ("templateelements", "add"): _ELEMENT,
    ("templateelements", "edit"): _ELEMENT,
    ("templates", "populateeventfromtemplate"): {
        "value_{event_template_element}": "host{number}.example.com",
    },
    ("templates", "saveelementsorting"): ["{event_template_element}"],
    ("users", "adminmasstogglefield"): {"user_ids": ["{user}"]},
    ("users", "adminquickemail"): {"subject": "text", "body": "text {number}"},
    ("users", "register"): {
        "email": "new{number}@people.example", "org_name": "text", "message": "text",
    },
    ("usersettings", "getsetting"): {"setting": "homepage"},
    ("warninglists", "add"): _WARNING,
    ("warninglists", "edit"): {"entries": "edited{number}.example.com"},
    ("warninglists", "import"): {
        "name": "brought {number}", "type": "string", "description": "text", "version": 1,
        "list": ["brought{number}.example.com"], "matching_attributes": ["domain"],
    },
    ("warninglists", "toggleenable"): {"id": ["{warninglist}"], "enabled": True},
}  # fmt: skip
# What pages send and others do not.
HEADERS: Mapping[tuple[str, str], dict[str, str]] = {
    ("shadowattributes", "acceptselected"): {"x-requested-with": "XMLHttpRequest"},
    ("shadowattributes", "discardselected"): {"x-requested-with": "XMLHttpRequest"},
}


def sample(shape: Any, ids: Mapping[str, list[Any]], number: int, name: str = "") -> Any:
    """A body that an endpoint could take, from the example that its row gives."""
    if name in SAMPLES:
        return SAMPLES[name]
    if isinstance(shape, dict):
        if set(shape) == {"[]"}:
            return ["192.0.2.1"]
        return {key: sample(value, ids, number, key) for key, value in shape.items()}
    if isinstance(shape, list):
        return [sample(value, ids, number, name) for value in shape]
    if name.endswith("_id") or name in {"id", "sg_id"}:
        return _item_named(name, ids, number)
    if name.endswith("uuid"):
        return str(uuid4())
    if name == "email":
        return f"person{number}@people.example"
    if name == "value":
        return f"host{number}.example.com"
    if isinstance(shape, str):
        return f"{name or 'text'} {number}"
    return shape


def _item_named(name: str, ids: Mapping[str, list[Any]], number: int) -> Any:
    kind = {"sg_id": "sharing_group", "org_id": "organisation", "id": "event"}.get(
        name, name.removesuffix("_id")
    )
    found = ids.get(kind) or [number]
    return found[-1]
