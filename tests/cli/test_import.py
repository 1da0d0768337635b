# SPDX-License-Identifier: EUPL-1.2
"""`brug import`: what it takes, what it refuses and where, and that nothing is lost on the way."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Verb

from brug.api.misp import all as listed
from brug.api.misp.serve import Incoming, answer
from brug.cli.sources import count, sources
from brug.store.home import Home
from brug.store.server import EmbeddedServer
from brug.store.session import Database, hash_of_key

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "misp-events"
KEY = "k" * 40
listed.load()


def an_event(number: int, **more: Any) -> dict[str, Any]:
    """An event with everything that an import must keep."""
    uuid = f"00000000-0000-4000-8000-{number:012d}"
    return {
        "uuid": uuid,
        "info": f"Spear phishing at the harbour {number}",
        "date": "2026-03-01",
        "threat_level_id": "2",
        "analysis": "1",
        "distribution": "3",
        "published": True,
        "timestamp": "1772323200",
        "publish_timestamp": "1772323300",
        "extends_uuid": "",
        "Orgc": {"uuid": "10000000-0000-4000-8000-000000000001", "name": "CERT Zuidland"},
        "Tag": [{"name": "tlp:green", "colour": "#33FF00"}, {"name": 'zuid:kind="mail"'}],
        "Attribute": [
            {
                "uuid": f"20000000-0000-4000-8000-{number:012d}",
                "type": "ip-dst|port",
                "category": "Network activity",
                "value": "192.0.2.1|8443",
                "to_ids": True,
                "comment": "second stage\nseen twice",
                "distribution": "5",
                "timestamp": "1772323200",
                "first_seen": "2026-02-27T10:00:00.123456+00:00",
                "last_seen": "2026-02-28T10:00:00.000000+00:00",
                "deleted": False,
                "disable_correlation": True,
                "Tag": [{"name": 'zuid:stage="2"'}],
            }
        ],
        "Object": [
            {
                "uuid": f"30000000-0000-4000-8000-{number:012d}",
                "name": "file",
                "meta-category": "file",
                "description": "A file",
                "template_uuid": "688c46fb-5edb-40a3-8273-1af7923e2215",
                "template_version": "24",
                "timestamp": "1772323200",
                "distribution": "5",
                "comment": "dropper",
                "deleted": False,
                "first_seen": "2026-02-27T10:00:00.000000+00:00",
                "ObjectReference": [
                    {
                        "uuid": f"40000000-0000-4000-8000-{number:012d}",
                        "referenced_uuid": f"20000000-0000-4000-8000-{number:012d}",
                        "relationship_type": "connects-to",
                        "comment": "on start",
                        "timestamp": "1772323200",
                        "deleted": False,
                    }
                ],
                "Attribute": [
                    {
                        "uuid": f"50000000-0000-4000-8000-{number:012d}",
                        "type": "filename",
                        "category": "Payload delivery",
                        "object_relation": "filename",
                        "value": "rekening.exe",
                        "to_ids": False,
                        "distribution": "5",
                        "timestamp": "1772323200",
                        "comment": "",
                    }
                ],
            }
        ],
        "EventReport": [
            {
                "uuid": f"60000000-0000-4000-8000-{number:012d}",
                "name": "What happened",
                "content": "# A mail\n\nwith a *file*",
                "distribution": "5",
                "timestamp": "1772323200",
                "deleted": False,
            }
        ],
        **more,
    }  # fmt: skip


# What a node gives its own numbers to, or derives from what it holds itself.
OWN = frozenset(
    {"id", "event_id", "org_id", "orgc_id", "object_id", "tag_id", "galaxy_id", "user_id",
     "sharing_group_id", "referenced_id", "attribute_count", "RelatedEvent", "Galaxy", "Org",
     "event_creator_email", "proposal_email_lock", "object_uuid", "local", "validationIssue"}
)  # fmt: skip


def lost(sent: Any, given: Any, place: str = "") -> list[str]:
    """Where what is given back lacks something of, or differs from, what was sent."""
    if isinstance(sent, dict) and isinstance(given, dict):
        found = []
        for name in sent.keys() - OWN:
            if name not in given:
                if sent[name] not in (None, "", [], {}):
                    found.append(f"{place}.{name} is missing")
            else:
                found += lost(sent[name], given[name], f"{place}.{name}")
        return found
    if isinstance(sent, list) and isinstance(given, list):
        there = {_name(item): item for item in given}
        return [
            line
            for item in sent
            for line in (
                lost(item, there[_name(item)], f"{place}[]")
                if _name(item) in there
                else [f"{place}[] lacks {_name(item)}"]
            )
        ]
    return [] if sent == given else [f"{place}: {sent!r} became {given!r}"]


def _name(item: Any) -> str:
    return str(item.get("uuid") or item.get("name")) if isinstance(item, dict) else str(item)


@pytest.fixture(scope="module")
def database(home: Home) -> Any:
    with Database(EmbeddedServer(home).dsn(), size=1) as database:
        with database.system() as session:
            session.execute(
                "INSERT INTO auth_key (hash, authkey_start, authkey_end, user_id)"
                " VALUES (%s, '', '', 1)",
                (hash_of_key(KEY),),
            )
        yield database


def view(database: Database, uuid: str) -> Any:
    incoming = Incoming("GET", f"/events/view/{uuid}", "", {"authorization": KEY}, b"", "", "", 1)
    status, _, content = answer(database, incoming)
    assert status == 200
    assert isinstance(content, bytes)
    return json.loads(content)["Event"]


def test_an_event_keeps_every_field(verb: Verb, database: Database, tmp_path: Path) -> None:
    event = an_event(1)
    (tmp_path / "e.json").write_text(json.dumps({"Event": event}))
    done = verb("import", str(tmp_path))
    assert done["events"] == {"added": 1, "updated": 0, "unchanged": 0}
    assert (done["attributes"], done["objects"], done["refused"]) == (2, 1, [])
    given = view(database, event["uuid"])
    assert lost(event, given) == []
    assert given["Orgc"]["name"] == "CERT Zuidland"


def test_importing_again_changes_nothing_and_a_newer_one_updates(
    verb: Verb, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "e.json"
    file.write_text(json.dumps(an_event(2)))
    verb("import", str(file))
    before = view(database, an_event(2)["uuid"])
    assert verb("import", str(file))["events"] == {"added": 0, "updated": 0, "unchanged": 1}
    assert view(database, an_event(2)["uuid"]) == before
    file.write_text(json.dumps(an_event(2, info="Corrected", timestamp="1772409600")))
    assert verb("import", str(file))["events"]["updated"] == 1
    after = view(database, an_event(2)["uuid"])
    assert (after["info"], after["timestamp"], after["published"]) == (
        "Corrected", "1772409600", True,
    )  # fmt: skip


def test_the_importer_may_say_otherwise(verb: Verb, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    file.write_text(json.dumps(an_event(3)))
    verb("import", str(file), "--distribution", "0", "--unpublished", "--tag", "noord:checked")
    given = view(database, an_event(3)["uuid"])
    assert (given["distribution"], given["published"]) == ("0", False)
    assert "noord:checked" in {tag["name"] for tag in given["Tag"]}


def test_broken_files_are_named_with_line_and_column_and_the_others_go_on(
    verb: Verb, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text('{"Event":\n  {"info": "cut')
    (tmp_path / "b.json").write_bytes(b'{"info": "\xff"}')
    (tmp_path / "c.json").write_text('{"neither": 1}')
    (tmp_path / "d.json").write_text(json.dumps(an_event(4)))
    (tmp_path / "e.json.gz").write_bytes(gzip.compress(b"{}")[:-4])
    done = verb("import", str(tmp_path), code=1)
    assert done["events"]["added"] == 1
    places = {(Path(r["file"]).name, r["line"], r["column"]) for r in done["refused"]}
    assert places >= {("a.json", 2, 12), ("b.json", 1, 11), ("c.json", 1, 1)}
    assert all(r["reason"] for r in done["refused"])
    assert len(done["refused"]) == 4


def test_one_bad_attribute_costs_itself_alone_and_is_placed(
    verb: Verb, database: Database, tmp_path: Path
) -> None:
    event = an_event(5)
    event["Attribute"].append({"type": "md5", "value": "short"})
    file = tmp_path / "e.json"
    file.write_text(json.dumps(event, indent=1))
    done = verb("import", str(file), code=1)
    (refused,) = done["refused"]
    assert refused["item"].endswith("Attribute[1]")
    assert "Checksum" in refused["reason"]
    assert file.read_text().splitlines()[refused["line"] - 1].strip() == '"value": "short"'
    assert len(view(database, event["uuid"])["Attribute"]) == 1


@pytest.mark.parametrize("wrap", ["zip", "gz", "response", "list"])
def test_wrappings_and_archives(wrap: str, verb: Verb, tmp_path: Path) -> None:
    number = {"zip": 11, "gz": 12, "response": 13, "list": 14}[wrap]
    event = an_event(number)
    text = json.dumps({"response": [{"Event": event}]} if wrap == "response" else event)
    if wrap == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("../../feed/manifest.json", "{}")
            archive.writestr("../../feed/e.json", text)
        (tmp_path / "feed.zip").write_bytes(out.getvalue())
    elif wrap == "gz":
        (tmp_path / "e.json.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (tmp_path / "e.json").write_text(f"[{text}]" if wrap == "list" else text)
    assert verb("import", str(tmp_path))["events"]["added"] == 1
    assert sorted(p.name for p in tmp_path.rglob("*")) == [next(tmp_path.iterdir()).name]


def test_what_cannot_be_read_at_all_is_told_as_any_other(tmp_path: Path) -> None:
    odd = tmp_path / "odd.zip"
    with zipfile.ZipFile(odd, "w") as archive:
        archive.writestr("a.json", "{}")
    packed = bytearray(odd.read_bytes())
    packed[8] = packed[packed.index(b"PK\1\2") + 10] = 99  # a way to pack that nobody knows
    odd.write_bytes(packed)
    failures = [one.failure for one in sources([str(odd), "x" * 300], 10**6)]
    assert all(failures)
    assert len(failures) == count([str(odd), "x" * 300]) == 2


def test_csv_and_texts_become_events_once(verb: Verb, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "value,type,comment\n192.0.2.7,ip-src,scanner\nevil.example.net,,\nwhat is this,,\n"
    )
    (tmp_path / "b.txt").write_text("They came from hxxp://evil[.]example[.]com/x and 192.0.2[.]8")
    done = verb("import", str(tmp_path), "--info", "Notes", code=1)
    assert done["events"]["added"] == 2
    assert done["attributes"] == 4
    (refused,) = done["refused"]
    assert (Path(refused["file"]).name, refused["line"]) == ("a.csv", 4)
    assert verb("import", str(tmp_path), code=1)["events"]["unchanged"] == 2


def test_a_cluster_that_no_galaxy_holds_is_kept(
    verb: Verb, database: Database, tmp_path: Path
) -> None:
    name = 'misp-galaxy:zuid-actor="Grey Heron"'
    event = an_event(20, Tag=[{"name": name}])
    event["Galaxy"] = [
        {
            "uuid": "70000000-0000-4000-8000-000000000001",
            "name": "Actors of the south",
            "type": "zuid-actor",
            "description": "Names in use at CERT Zuidland",
            "version": "3",
            "GalaxyCluster": [
                {
                    "uuid": "70000000-0000-4000-8000-000000000002",
                    "type": "zuid-actor",
                    "value": "Grey Heron",
                    "tag_name": name,
                    "description": "Waits long",
                    "authors": ["CERT Zuidland"],
                    "version": "2",
                    "meta": {"synonyms": ["Heron", "Grijze Reiger"]},
                }
            ],
        },
        {"GalaxyCluster": [{"tag_name": 'misp-galaxy:x="y"', "uuid": 7}, 3]},
    ]
    (tmp_path / "e.json").write_text(json.dumps(event))
    verb("import", str(tmp_path))
    (galaxy,) = view(database, event["uuid"])["Galaxy"]
    (cluster,) = galaxy["GalaxyCluster"]
    assert lost(event["Galaxy"][0], galaxy) == []
    assert cluster["meta"]["synonyms"] == ["Heron", "Grijze Reiger"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real events are not beside the project")
def test_real_events_of_a_vendor_lose_nothing(verb: Verb, database: Database) -> None:
    files = sorted(SHARED.glob("*.json"))
    done = verb("import", str(SHARED))
    assert done["refused"] == []
    assert done["events"]["added"] == len(files)
    for file in files:
        document = json.loads(file.read_bytes())
        for wrapped in document.get("response", [document]):
            assert lost(wrapped["Event"], view(database, wrapped["Event"]["uuid"])) == [], file
