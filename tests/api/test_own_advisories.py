# SPDX-License-Identifier: EUPL-1.2
"""The tree of own advisories over HTTP: walked as a reader's tool does, and by others."""

import csv
import hashlib
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from csaf._distribute import validate_feed
from tests.api.conftest import World
from tests.formats.csaf.opinions import of_csaf, of_secvisogram
from tests.listening import NO_TLS

from brug.cases import keeping
from brug.cases.advisories import editing, releasing, storing
from brug.cases.advisories.releasing import Released
from brug.formats import json_text
from brug.formats.csaf.records import plain
from brug.formats.openpgp_signing import read_signer
from brug.model.errors import BrugError
from brug.store import settings

METADATA = "/.well-known/csaf/provider-metadata.json"
LABELS = {"clear": "white", "green": "green", "amber": "amber", "red": "red"}
FIELDS = {
    "summary": "A packet of 9 bytes stops it.",
    "products": ["pkg:generic/pump@2.1"],
    "cve": ["CVE-2026-0042"],
}


class Tree(World):
    """A served node that publishes: one advisory of each label, one of them twice, and a draft."""

    done: dict[str, Released]
    draft: str


def publish(node: World, tlp: str, title: str) -> Released:
    with node.database.as_user(node.ids["admin"]) as session:
        case = keeping.open_case(session, "disclosure", title, FIELDS)
        own, _ = editing.begin(session, case.uuid, tlp)
        return releasing.release(session, own.tracking_id, "First")


@pytest.fixture(scope="module")
def tree(served_node: World) -> Tree:
    node: Any = served_node
    with node.database.system() as session:
        settings.set_value(session, "node.url", node.url)
        settings.set_value(session, "advisories.namespace", "https://csirt.example")
        settings.set_value(session, "advisories.contact", "mailto:csirt@csirt.example")
    node.done = {tlp: publish(node, tlp, f"Pump stops, {tlp}") for tlp in LABELS}
    publish(node, "clear", "Valve sticks")
    with node.database.as_user(node.ids["admin"]) as session:
        node.done["clear"] = releasing.release(session, node.done["clear"].tracking_id, "Second")
        case = keeping.open_case(session, "disclosure", "A secret valve", FIELDS)
        node.draft = editing.begin(session, case.uuid, "clear")[0].tracking_id
    return node  # type: ignore[no-any-return]


def get(tree: World, path: str, who: str = "", **headers: str) -> httpx.Response:
    if who:
        headers["authorization"] = tree.keys.get(who, who)
    url = path if path.startswith("http") else tree.url + path
    return httpx.get(url, headers=headers, trust_env=False, timeout=30, verify=NO_TLS)


def walked(tree: World, label: str, who: str = "") -> list[dict[str, Any]]:
    """Every entry of a feed, found from the metadata on."""
    metadata = get(tree, METADATA).json()
    feeds = [
        one for each in metadata["distributions"] for one in each.get("rolie", {}).get("feeds", [])
    ]
    (url,) = [one["url"] for one in feeds if one["tlp_label"] == label]
    answer = get(tree, url, who)
    assert answer.headers["content-type"] == "application/json"
    return list(answer.json()["feed"]["entry"])


def links(entry: dict[str, Any], rel: str) -> list[str]:
    return [one["href"] for one in entry["link"] if one["rel"] == rel]


def test_a_reader_walks_from_the_metadata_to_sound_documents(tree: Tree, tmp_path: Path) -> None:
    metadata = get(tree, METADATA).json()
    assert metadata["role"] == "csaf_trusted_provider"
    assert metadata["publisher"]["namespace"] == "https://csirt.example"
    (key,) = metadata["public_openpgp_keys"]
    public = get(tree, key["url"])
    assert read_signer(public.text).fingerprint == key["fingerprint"]
    ring = tmp_path / "gnupg"
    ring.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(ring), "--batch", "--no-autostart", "--status-fd", "1"]
    subprocess.run([*gpg, "--import"], input=public.content, check=True, capture_output=True)
    entries = walked(tree, "WHITE")
    assert [one["title"] for one in entries] == ["Pump stops, clear", "Valve sticks"]
    for entry in entries:
        (url,) = links(entry, "self")
        assert url == entry["content"]["src"]
        raw = get(tree, url).content
        for digest in links(entry, "hash"):
            said = get(tree, digest).text.split()
            algorithm = digest.rpartition(".")[2]
            assert said == [hashlib.new(algorithm, raw).hexdigest(), url.rpartition("/")[2]]
        (signature,) = links(entry, "signature")
        (tmp_path / "x.json").write_bytes(raw)
        (tmp_path / "x.asc").write_bytes(get(tree, signature).content)
        checked = subprocess.run(
            [*gpg, "--verify", str(tmp_path / "x.asc"), str(tmp_path / "x.json")],
            capture_output=True, check=True,
        )  # fmt: skip
        assert b"VALIDSIG " + key["fingerprint"].encode() in checked.stdout, checked.stdout
        (tmp_path / "x.json").write_bytes(raw.replace(b"9 bytes", b"8 bytes"))
        forged = subprocess.run(
            [*gpg, "--verify", str(tmp_path / "x.asc"), str(tmp_path / "x.json")],
            capture_output=True, check=False,
        )  # fmt: skip
        assert forged.returncode != 0
        document = json.loads(raw)
        assert of_secvisogram([document]) == [set()]
        assert of_csaf([document]) == [set()]
        tracking = document["document"]["tracking"]
        assert entry["id"] == tracking["id"]
        assert entry["published"] == tracking["initial_release_date"]
        assert entry["updated"] == tracking["current_release_date"]
        assert document["document"]["references"][0]["url"] == url


def test_the_metadata_fits_the_schema_of_another_reader(tree: Tree, tmp_path: Path) -> None:
    """It has that of 2.1 alone: what 2.1 has renamed, added and moved is put as it wants it."""
    metadata = get(tree, METADATA).json()
    metadata["$schema"] = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/provider.json"
    metadata["metadata_version"] = "2.1"
    for each in metadata["distributions"]:
        for feed in each.get("rolie", {}).get("feeds", []):
            feed["last_updated"] = metadata["last_updated"]
            feed["tlp_label"] = {"WHITE": "CLEAR"}.get(feed["tlp_label"], feed["tlp_label"])
    metadata["distributions"] = [one for one in metadata["distributions"] if "rolie" in one]
    del metadata["publisher"]["contact_details"]
    file = tmp_path / "provider-metadata.json"
    file.write_text(json.dumps(metadata))
    assert "\n".join(validate_feed(str(file), "provider")[1]) == ""


def test_the_folder_says_the_same_as_the_feed(tree: Tree) -> None:
    entries = walked(tree, "WHITE")
    top = f"{tree.url}/csaf/white/"
    index = get(tree, "/csaf/white/index.txt").text.splitlines()
    rows = list(csv.reader(io.StringIO(get(tree, "/csaf/white/changes.csv").text)))
    assert [top + path for path in index] == [one["content"]["src"] for one in entries]
    assert rows == [[one["content"]["src"].removeprefix(top), one["updated"]] for one in entries]
    assert get(tree, "/csaf/white/changes.csv").text.startswith('"20')
    year = index[0].partition("/")[0]
    assert f'href="/csaf/white/{year}/"' in get(tree, "/csaf/white/").text
    assert f'href="/csaf/white/{index[0]}.asc"' in get(tree, f"/csaf/white/{year}/").text
    service = get(tree, "/csaf/service.json").json()
    feeds = [one["href"] for one in service["service"]["workspace"][0]["collection"]]
    assert (
        feeds == [f"{tree.url}/csaf/{one}/csaf-feed-tlp-{one}.json" for one in LABELS.values()][:3]
    )


def test_security_txt_leads_there(tree: Tree) -> None:
    lines = get(tree, "/.well-known/security.txt").text.splitlines()
    assert f"CSAF: {tree.url}{METADATA}" in lines
    assert "Contact: mailto:csirt@csirt.example" in lines


@pytest.mark.parametrize("label", ["green", "amber"])
@pytest.mark.parametrize(
    "name", ["", "index.txt", "changes.csv", "csaf-feed-tlp-{}.json", "{path}"]
)
def test_what_is_for_a_community_needs_a_key(tree: Tree, label: str, name: str) -> None:
    path = (tree.done[label].url or "").partition(f"/csaf/{label}/")[2]
    address = f"/csaf/{label}/{name.format(label, path=path)}"
    closed = get(tree, address)
    assert (closed.status_code, closed.headers["www-authenticate"]) == (401, 'Bearer realm="csaf"')
    assert get(tree, address, "x" * 40).status_code == 403
    for who in ("user", "readonly", "admin", f"Bearer {tree.keys['user']}"):
        opened = get(tree, address, who)
        assert opened.status_code == 200
        assert "private" in opened.headers["cache-control"]
    nothing = f"/csaf/{label}/2026/nothing.json"
    assert get(tree, nothing).content == closed.content  # says nothing of what is there
    assert get(tree, nothing, "user").status_code == 404


def test_a_partners_key_opens_no_label_that_is_not_for_everyone(tree: Tree) -> None:
    address = tree.done["green"].url or ""
    assert get(tree, address, "sync").status_code == 200
    with tree.database.system() as session:
        partner = session.value(
            "INSERT INTO partner (org_id, kind, name) VALUES (%s, 'misp', 'P') RETURNING id",
            (tree.orgs["Noordland Bank"],),
        )
        session.execute(
            "INSERT INTO bridge (partner_id, transport, account_id, state)"
            " VALUES (%s, 'misp', %s, 'open')",
            (partner, tree.ids["sync"]),
        )
    refused = get(tree, address, "sync")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_for_partners")
    assert get(tree, tree.done["clear"].url or "", "sync").status_code == 200


def test_red_is_served_to_nobody(tree: Tree) -> None:
    assert tree.done["red"].url is None
    name = f"{tree.done['red'].tracking_id.lower()}.json"
    for label in LABELS.values():
        for path in (f"/csaf/{label}/2026/{name}", f"/csaf/{label}/2027/{name}"):
            assert get(tree, path, "admin").status_code == 404
        listing = get(tree, f"/csaf/{label}/index.txt", "admin")
        assert name not in listing.text
    assert "RED" not in get(tree, METADATA).text


def test_drafts_and_what_was_replaced_are_nowhere(tree: Tree) -> None:
    name = tree.draft.lower()
    for label in ("white", "green", "amber"):
        for path in ("index.txt", f"csaf-feed-tlp-{label}.json"):
            assert name not in get(tree, f"/csaf/{label}/{path}", "admin").text
        assert get(tree, f"/csaf/{label}/2026/{name}.json", "admin").status_code == 404
    assert (
        get(tree, tree.done["clear"].url or "").json()["document"]["tracking"]["version"] == "2.0.0"
    )


def test_the_database_shows_drafts_to_none_but_the_hosts_case_workers(tree: Tree) -> None:
    for who in ("user", "orgadmin", "other", "sync", "readonly"):
        with tree.database.as_user(tree.ids[who]) as session:
            assert session.all("SELECT id FROM advisory") == []
            rows = session.all("SELECT DISTINCT label, is_current FROM advisory_release")
            assert {label for label, _ in rows} <= {"WHITE", "GREEN", "AMBER"}
            assert all(current for _, current in rows)
            with pytest.raises(BrugError):
                releasing.release(session, tree.draft, "Not mine")
    with tree.database.as_user(tree.ids["admin"]) as session:
        assert session.value("SELECT count(*) FROM advisory") == 6
        draft = session.value("SELECT draft FROM advisory WHERE tracking_id = %s", (tree.draft,))
    assert b"secret valve" not in bytes(draft)


def test_each_release_is_in_the_ledger(tree: Tree) -> None:
    with tree.database.system() as session:
        rows = session.all("SELECT payload FROM ledger_entry WHERE kind = 'advisory-released'")
    told = [(one["advisory"], one["version"], one["sha256"]) for (one,) in rows]
    done = tree.done["clear"]
    assert (done.tracking_id, "2.0.0", done.sha256) in told
    assert len(told) == 6


def test_what_has_not_changed_is_not_sent_again(tree: Tree) -> None:
    for path in (METADATA, "/csaf/white/index.txt", tree.done["clear"].url or ""):
        first = get(tree, path)
        again = get(tree, path, **{"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        head = httpx.head(str(first.url), trust_env=False, verify=NO_TLS)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(first.content))


def test_a_list_follows_the_next_release(tree: Tree) -> None:
    before = get(tree, "/csaf/amber/index.txt", "user").text
    made = publish(tree, "amber", "Another pump")
    after = get(tree, "/csaf/amber/index.txt", "user").text
    assert made.tracking_id.lower() in after.splitlines()[0]
    assert after.endswith(before)


@pytest.mark.parametrize(
    "path",
    [
        "/csaf/white/../amber/index.txt", "/csaf/white/%00", "/csaf/white/%ff", "/csaf/white/2026",
        "/csaf/White/index.txt", "/csaf/white/2026/x.json.md5", "/csaf/openpgp/x.asc", "/csaf/red/",
        "/csaf/white/" + "a" * 5000, "/csaf/white/1999/", "/csaf/white/%2e%2e/%2e%2e/etc/passwd",
    ],
)  # fmt: skip
def test_addresses_of_nothing_are_refused_in_words(tree: Tree, path: str) -> None:
    answer = get(tree, path)
    assert answer.status_code in {200, 401, 404} if path.endswith("2026") else {401, 404}
    assert answer.status_code < 500


def test_nothing_is_changed_there(tree: Tree) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = httpx.request(
            method,
            f"{tree.url}/csaf/white/index.txt",
            content=b"x",
            trust_env=False,
            verify=NO_TLS,
        )
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_feed_that_was_emptied_is_answered_to_those_who_follow_it(tree: Tree) -> None:
    """All of a label go to another, and come back; the metadata names what has something."""
    address = "/csaf/amber/csaf-feed-tlp-amber.json"
    with tree.database.as_user(tree.ids["admin"]) as session:
        several = [one for one in storing.listed(session) if one.label == "AMBER"]

    def release_all(label: str) -> str:
        at = ""
        for one in several:
            with tree.database.as_user(tree.ids["admin"]) as session:
                document = plain(storing.newest(session, storing.find(session, one.tracking_id)))
                document["document"]["distribution"]["tlp"]["label"] = label
                editing.put(session, one.case, json_text.encode(document), "Label")
                done = releasing.release(session, one.tracking_id, "Label")
                raw = storing.released(session, one, done.version)
                at = json.loads(raw)["document"]["tracking"]["current_release_date"]
        return at

    assert several
    left = release_all("RED")
    try:
        answer = get(tree, address, "user")
        assert answer.status_code == 200
        assert get(tree, address).status_code == 401
        feed = answer.json()["feed"]
        assert (feed["entry"], feed["updated"]) == ([], left)
        assert len(get(tree, "/csaf/amber/", "user").text.split(address)) == 2
        assert "AMBER" not in get(tree, METADATA).text
        assert "amber" not in get(tree, "/csaf/service.json").text
        again = get(tree, address, "user", **{"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304
    finally:
        back = release_all("AMBER")
    assert get(tree, address, "user").json()["feed"]["updated"] == back
    assert "AMBER" in get(tree, METADATA).text


def test_without_a_namespace_there_is_nothing(tree: Tree) -> None:
    with tree.database.system() as session:
        settings.set_value(session, "advisories.namespace", "")
    try:
        for path in (METADATA, "/csaf/", "/csaf/white/index.txt", tree.done["clear"].url or ""):
            assert get(tree, path).status_code == 404
        assert get(tree, "/.well-known/security.txt").status_code == 404
    finally:
        with tree.database.system() as session:
            settings.set_value(session, "advisories.namespace", "https://csirt.example")
