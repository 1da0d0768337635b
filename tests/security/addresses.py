# SPDX-License-Identifier: EUPL-1.2
"""What stands behind an endpoint's name in its address: which items, which words.

Most endpoints take one item of their controller's kind. `{kind}` stands for an item's
number, `{kind.uuid}` for its UUID or another field, `{other_kind}` for a second item of a
kind; names are written without case and underscores.
"""

from collections.abc import Mapping, Sequence

ITEM_OF = {
    "events": "event", "attributes": "attribute", "objects": "object", "tags": "tag",
    "sharinggroups": "sharing_group", "users": "user", "authkeys": "key",
    "usersettings": "setting", "organisations": "organisation", "sightings": "attribute",
    "roles": "role", "eventreports": "report", "objectreferences": "reference",
    "shadowattributes": "proposal", "eventdelegations": "delegation", "bookmarks": "bookmark",
    "collections": "collection", "collectionelements": "element", "correlationrules": "rule",
    "correlationexclusions": "exclusion", "cryptographickeys": "signer",
    "allowedlists": "allowed", "regexp": "import_rule",
    "decayingmodel": "model", "decayingmodelmapping": "model", "eventgraph": "graph",
    "eventblocklists": "blocked_event", "orgblocklists": "blocked_organisation",
    "galaxyclusterblocklists": "blocked_cluster", "sightingblocklists": "blocked_sighting",
    "analystdatablocklists": "blocked_analyst_data", "feeds": "feed", "servers": "server",
    "galaxies": "galaxy", "galaxyclusters": "cluster", "galaxyelements": "cluster",
    "galaxyclusterrelations": "cluster_relation", "noticelists": "noticelist",
    "objecttemplates": "template", "objecttemplateelements": "template",
    "restclienthistory": "history", "sharinggroupblueprints": "blueprint",
    "tagcollections": "tag_collection", "taxonomies": "taxonomy", "warninglists": "warninglist",
    "templates": "event_template", "templateelements": "event_template_element",
    "dashboards": "dashboard",
}  # fmt: skip

# Actions that name another kind than their controller's.
PARENT_OF = {
    ("attributes", "add"): "event", ("objects", "add"): "event", ("eventreports", "add"): "event",
    ("attributes", "addattachment"): "event", ("attributes", "editselected"): "event",
    ("attributes", "addthreatconnect"): "event",
    ("attributes", "deleteselected"): "event", ("auditlogs", "eventindex"): "event",
    ("logs", "eventindex"): "event",
    ("authkeys", "add"): "user", ("objectreferences", "add"): "object",
    ("shadowattributes", "addattachment"): "event",
    ("shadowattributes", "add"): "event", ("shadowattributes", "index"): "event",
    ("shadowattributes", "edit"): "attribute", ("shadowattributes", "delete"): "attribute",
    ("eventdelegations", "delegateevent"): "event", ("eventgraph", "add"): "event",
    ("eventgraph", "view"): "event", ("eventreports", "importreportfromurl"): "event",
    ("eventreports", "reportfromevent"): "event",
    ("sightings", "index"): "event", ("sightings", "delete"): "sighting",
    ("sightings", "view"): "sighting", ("sightings", "quickdelete"): "sighting",
    ("sightings", "bulksavesightings"): "event",
    ("sightings", "filtersightinguuidsforpush"): "event",
    ("events", "queryenrichment"): "attribute",
    ("collectionelements", "add"): "collection", ("collectionelements", "index"): "collection",
    ("galaxyclusters", "add"): "galaxy", ("galaxyclusters", "index"): "galaxy",
    ("servers", "idtranslator"): "event", ("users", "acceptregistrations"): "registration",
    ("templateelements", "index"): "event_template", ("templates", "templatechoices"): "event",
    ("users", "discardregistrations"): "registration",
}  # fmt: skip

_SAID = ("Note/{note}", "Opinion/{opinion}", "Relationship/{relationship}", "all/{note.uuid}")
_CARRIED = ("{event}/event", "{attribute}/attribute")
_DOWNLOADS = ("download", "download/{event}")

# Addresses of another form than one item, or an item and a tag or organisation.
ADDRESSES: Mapping[tuple[str, str], Sequence[str]] = {
    ("analystdata", "add"): (
        "Note/{event.uuid}/Event", "Opinion/{attribute.uuid}/Attribute",
        "Relationship/{object.uuid}/Object", "Note/{report.uuid}/EventReport",
        "Opinion/{note.uuid}/Note", "Note/{cluster.uuid}/GalaxyCluster",
        "Note/{sharing_group.uuid}/SharingGroup", "Note/{attribute}/Attribute",
    ),
    ("analystdata", "edit"): _SAID,
    ("analystdata", "delete"): _SAID,
    ("analystdata", "view"): _SAID,
    ("analystdata", "getchildren"): _SAID,
    ("analystdata", "getrelatedelement"): (
        "Event/{event.uuid}", "Attribute/{attribute.uuid}", "Object/{object.uuid}",
        "EventReport/{report.uuid}", "GalaxyCluster/{cluster.uuid}", "Note/{note.uuid}",
        "Opinion/{opinion.uuid}", "Relationship/{relationship.uuid}",
        "SharingGroup/{sharing_group.uuid}",
    ),
    ("auditlogs", "fullchange"): ("{audit}",),
    ("objects", "proposeobjectsfromattributes"): ("{event}/[{attribute}]",),
    ("objects", "groupattributesintoobject"): ("{event}/{other_template}",),
    ("objects", "createfromfreetext"): ("{event}",),
    ("objectreferences", "bulkadd"): ("{event}/[{attribute}]",),
    ("attributes", "attributereplace"): ("{event}",),
    ("events", "checklocks"): ("{event}/1", "{event.uuid}/1"),
    ("events", "removeeventlock"): ("{event}/{lock}",),
    ("events", "exportmodule"): ("lines/{event}",),
    ("events", "importmodule"): ("table/{event}",),
    ("attributes", "bro"): ("download", "download/all/null/{event}"),
    ("attributes", "editfield"): ("{attribute}",),
    ("attributes", "returnattributes"): ("xml/{event}",),
    ("attributes", "rpz"): ("download", "download/null/{event}"),
    ("attributes", "text"): ("download", "download/all/null/{event}"),
    ("collectionelements", "addelementtocollection"): (
        "Event/{event.uuid}", "GalaxyCluster/{cluster.uuid}",
    ),
    ("cryptographickeys", "add"): ("Event/{event}",),
    ("cryptographickeys", "index"): ("Event/{event}",),
    ("dashboards", "getform"): ("add", "edit"),
    ("dashboards", "getemptywidget"): ("WhoamiWidget",),
    ("dashboards", "renderwidget"): ("1",),
    ("events", "csv"): _DOWNLOADS,
    ("events", "hids"): ("md5/download",),
    ("events", "json"): _DOWNLOADS,
    ("events", "merge"): ("{event}", "{event}/{other_event.uuid}"),
    ("events", "nids"): tuple(f"suricata/{one}" for one in _DOWNLOADS),
    ("events", "openioc"): _DOWNLOADS,
    ("events", "stix"): _DOWNLOADS,
    ("events", "stix2"): _DOWNLOADS,
    ("events", "uploadstix"): ("2",),
    ("events", "xml"): _DOWNLOADS,
    ("galaxies", "attachcluster"): (*_CARRIED, "{tag_collection}/tag_collection"),
    ("galaxies", "attachmultipleclusters"): (*_CARRIED, "{tag_collection}/tag_collection"),
    ("galaxies", "export"): ("{galaxy}",),
    ("galaxyclusters", "add"): ("{galaxy}", "{galaxy}/forkUUID:{cluster.uuid}"),
    ("galaxyclusters", "detach"): tuple(f"{one}/{{cluster_tag}}" for one in _CARRIED),
    ("galaxyclusters", "restore"): ("{deleted_cluster}", "{cluster}"),
    ("noticelists", "enablenoticelist"): ("{noticelist}/true",),
    ("shadowattributes", "acceptselected"): (),
    ("shadowattributes", "discardselected"): (),
    ("servers", "changepriority"): ("{server}/up", "{server}/down"),
    ("servers", "getsetting"): ("MISP.baseurl",),
    ("servers", "serversettingsedit"): ("MISP.welcome_text_top",),
    ("sharinggroups", "addorg"): ("{sharing_group}/{organisation}",),
    ("sharinggroups", "removeorg"): ("{sharing_group}/{organisation}",),
    ("sharinggroups", "addserver"): ("{sharing_group}/0",),
    ("sharinggroups", "removeserver"): ("{sharing_group}/0",),
    ("sightings", "restsearch"): ("event", "attribute"),
    ("sightings", "listsightings"): ("{attribute}/attribute", "{event}/event"),
    ("sightings", "viewsightings"): ("{attribute}/attribute", "{event}/event"),
    ("sightings", "advanced"): ("{attribute}/attribute", "{event}/event"),
    ("tags", "attachtagtoobject"): ("{event.uuid}/{tag}",),
    ("tags", "removetagfromobject"): ("{event.uuid}/{tag}",),
    ("tags", "modifytagrelationship"): ("event/{event_tag}", "attribute/{attribute_tag}"),
    ("templateelements", "add"): tuple(
        f"{kind}/{{event_template}}" for kind in ("attribute", "file", "text")
    ),
    ("templateelements", "edit"): ("attribute/{event_template_element}",),
    ("templates", "populateeventfromtemplate"): ("{event_template}/{event}",),
    ("templates", "saveelementsorting"): ("{event_template}",),
    ("users", "adminadd"): (),
    ("users", "changepw"): (),
    ("users", "adminmasstogglefield"): ("autoalert/1",),
    ("users", "fetchgpgkey"): ("{signer.fingerprint}",),
    ("users", "searchgpgkey"): ("people.example", "{user.email}"),
    ("usersettings", "getsetting"): ("{user}/homepage", "me/homepage"),
    ("usersettings", "setsetting"): ("{user}/homepage",),
    ("usersettings", "delete"): ("{setting}", "{user}/homepage"),
    ("warninglists", "enablewarninglist"): ("{warninglist}/true",),
}  # fmt: skip
# Whatever else is asked: its item, alone and with a second argument.
USUAL = ("{item}", "{item}/{tag}", "{item}/{organisation}")
