# SPDX-License-Identifier: EUPL-1.2
"""Sources bring what is new, checked; what is wrong is kept out, with its reason."""

import json
from collections.abc import Iterator, Sequence

import msgspec
import pytest
from tests.cases.catalogue import made
from tests.cases.catalogue.conftest import World
from tests.cases.catalogue.tree import Tree, served

from brug.cases.catalogue import finding, refusing, taking
from brug.cases.catalogue.finding import Wanted
from brug.cases.catalogue.sources import documents, provider, records, working
from brug.cases.catalogue.sources.fetching import Outcome
from brug.cases.catalogue.sources.records import Given
from brug.cases.catalogue.taking import Came, Origin, Taken
from brug.edge.outgoing import NotReached
from brug.model.errors import Conflict, Invalid
from brug.store import settings
from brug.store.session import Session


@pytest.fixture
def tree(world: World) -> Iterator[Tree]:
    with world.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
    with served(made.NAMESPACE) as tree:
        for number in (1, 2):
            tree.put(f"/csaf/2026/adv-{number}.json", made.raw(f"ADV-{number}"))
        tree.name({
            "2026/adv-1.json": "2026-01-01T00:00:00Z", "2026/adv-2.json": "2026-01-02T00:00:00Z",
        })  # fmt: skip
        tree.describe()
        yield tree


def add(world: World, url: str, kind: str = "provider", **more: object) -> None:
    with world.database.system() as session:
        records.add(session, Given(name="ACME", url=url, kind=kind, **more))  # type: ignore[arg-type]


def fetch(world: World) -> Outcome:
    with world.database.system() as session:
        source = records.find(session, "ACME")
    return working.run_now(world.database, source)


def held(world: World) -> dict[str, tuple[str, str, str]]:
    with world.database.as_user(world.energy) as session:
        rows, _ = finding.listed(session, Wanted())
    return {one.tracking_id: (one.version, one.digests, one.signature) for one in rows}


VERIFIED = ("1", "right", "verified")


@pytest.mark.parametrize("by_feed", [True, False])
def test_a_trusted_provider_is_walked_from_its_metadata(
    world: World, tree: Tree, *, by_feed: bool
) -> None:
    tree.describe(by_feed=by_feed)
    add(world, f"{tree.url}/provider-metadata.json")
    done = fetch(world)
    assert (done.added, done.refused, done.verified, done.problems) == (2, 0, 2, [])
    assert held(world) == {"ADV-1": VERIFIED, "ADV-2": VERIFIED}
    with world.database.system() as session:
        source = records.find(session, "acme")
        assert (source.publisher, source.namespace) == ("ACME PSIRT", made.NAMESPACE)
        assert source.succeeded
        assert source.due is not None


def test_only_what_changed_is_asked_for_again(world: World, tree: Tree) -> None:
    add(world, f"{tree.url}/csaf", "directory")
    fetch(world)
    tree.take_asked()
    assert fetch(world).added == 0
    assert tree.take_asked() == [("/csaf/changes.csv", 304)]
    tree.put("/csaf/2026/adv-2.json", made.raw("ADV-2", "2"))
    tree.name({
        "2026/adv-2.json": "2026-01-03T00:00:00Z", "2026/adv-1.json": "2026-01-01T00:00:00Z",
    })  # fmt: skip
    assert fetch(world).replaced == 1
    asked = [path for path, _ in tree.take_asked()]
    assert asked[:2] == ["/csaf/changes.csv", "/csaf/2026/adv-2.json"]
    assert not any("adv-1" in path for path in asked)
    # No key is known of a folder alone.
    assert held(world)["ADV-2"] == ("2", "right", "unchecked")


def test_a_folder_without_changes_is_read_by_its_index(world: World, tree: Tree) -> None:
    del tree.files["/csaf/changes.csv"]
    add(world, f"{tree.url}/csaf/", "directory")
    assert fetch(world).added == 2
    tree.take_asked()
    assert fetch(world).added == 0
    assert [status for _, status in tree.take_asked()] == [404, 304]


def test_wrong_digests_and_signatures_keep_documents_out(world: World, tree: Tree) -> None:
    tree.files["/csaf/2026/adv-1.json.sha512"] = b"0" * 128
    tree.files["/csaf/2026/adv-2.json.asc"] = tree.files["/csaf/2026/adv-1.json.asc"]
    add(world, f"{tree.url}/provider-metadata.json")
    done = fetch(world)
    assert (done.added, done.refused) == (0, 2)
    assert held(world) == {}
    with world.database.system() as session:
        kept = {one.place.rpartition("/")[2]: one.reason for one in refusing.listed(session)}
    assert "digest is wrong" in kept["adv-1.json"]
    assert "signature is wrong" in kept["adv-2.json"]
    tree.put("/csaf/2026/adv-1.json", made.raw("ADV-1"))
    tree.put("/csaf/2026/adv-2.json", made.raw("ADV-2"))
    with world.database.system() as session:
        records.forget_copies(session, records.find(session, "ACME"))
    assert fetch(world).added == 2
    with world.database.system() as session:
        assert refusing.listed(session) == []


def test_a_key_that_is_not_the_one_named_verifies_nothing(world: World, tree: Tree) -> None:
    tree.describe(fingerprint="0" * 40)
    add(world, f"{tree.url}/provider-metadata.json")
    done = fetch(world)
    assert "not the one named" in done.problems[0]
    assert held(world)["ADV-1"] == ("1", "right", "unchecked")


def test_of_another_publisher_nothing_is_taken(world: World, tree: Tree) -> None:
    tree.put("/csaf/2026/adv-2.json", made.raw("ADV-2", namespace="https://other.example"))
    add(world, f"{tree.url}/provider-metadata.json")
    done = fetch(world)
    assert (done.added, done.refused) == (1, 1)


def test_what_is_refused_costs_the_rest_nothing_and_is_not_asked_for_again(
    world: World, tree: Tree
) -> None:
    tree.put("/csaf/2026/adv-1.json", b'{"document": 1}')
    add(world, f"{tree.url}/csaf/feed.json", "rolie")
    done = fetch(world)
    assert (done.added, done.refused) == (1, 1)
    tree.take_asked()
    fetch(world)
    assert tree.take_asked() == [("/csaf/feed.json", 304)]


def test_a_missing_document_is_asked_for_the_next_time(world: World, tree: Tree) -> None:
    del tree.files["/csaf/2026/adv-1.json"]
    add(world, f"{tree.url}/csaf/feed.json", "rolie")
    assert fetch(world).added == 1
    tree.put("/csaf/2026/adv-1.json", made.raw("ADV-1"))
    assert fetch(world).added == 1


def test_what_a_list_names_no_more_says_so(world: World, tree: Tree) -> None:
    add(world, f"{tree.url}/csaf/feed.json", "rolie")
    fetch(world)
    tree.name({"2026/adv-1.json": "2026-01-01T00:00:00Z"})
    fetch(world)
    with world.database.as_user(world.energy) as session:
        assert finding.view(session, "ADV-2").gone is not None
        assert finding.view(session, "ADV-1").gone is None


def test_large_documents_are_taken_in_a_few_at_a_time(
    world: World, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"2026/adv-{number}.json" for number in range(1, 8)]
    for number, name in enumerate(names, 1):
        padded = made.raw(f"ADV-{number}") + b" " * (30_000 if number > 4 else 0)
        tree.put(f"/csaf/{name}", padded)
    tree.put(f"/csaf/{names[6]}", b"{" + b" " * 30_000)
    tree.files[f"/csaf/{names[5]}.sha512"] = b"0" * 128
    tree.name({name: f"2026-01-0{number}T00:00:00Z" for number, name in enumerate(names, 1)})
    sizes: list[list[int]] = []
    whole = taking.take

    def take(session: Session, several: Sequence[Came], origin: Origin) -> list[Taken]:
        sizes.append([len(one.raw) for one in several])
        return whole(session, several, origin)

    monkeypatch.setattr(taking, "take", take)
    monkeypatch.setattr(taking, "BYTES_AT_ONCE", 40_000)
    add(world, f"{tree.url}/csaf", "directory")
    done = fetch(world)
    assert (done.added, done.refused, done.unfinished) == (5, 2, False)
    # Small ones together; a large one ends it, also one that is refused for its digest.
    assert [len(one) for one in sizes] == [5, 1]
    assert all(sum(one) < 40_000 + 31_000 for one in sizes)
    assert len(held(world)) == 5


def test_a_document_that_is_too_large_is_not_read_to_its_end(
    world: World, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 20_000)
    tree.put("/csaf/2026/adv-2.json", made.raw("ADV-2") + b" " * 20_000)
    add(world, f"{tree.url}/csaf", "directory")
    done = fetch(world)
    assert (done.added, done.refused) == (1, 1)
    place = f"{tree.url}/csaf/2026/adv-2.json"
    assert done.problems == [f"{place}: the answer is longer than 20000 bytes"]
    with world.database.system() as session:
        kept = [(one.place, one.reason) for one in refusing.listed(session)]
    assert kept == [(place, "the answer is longer than 20000 bytes")]


def test_an_address_that_fails_is_named_once(world: World, tree: Tree) -> None:
    """Of documents nobody answers for the one; of lists, for the one, and another is not there."""
    silent, absent = "http://127.0.0.1:1/adv-3.json", f"{tree.url}/feed.json"
    feed = json.loads(tree.files["/csaf/feed.json"])
    feed["feed"]["entry"][0]["content"]["src"] = silent
    feed["feed"]["entry"][0]["link"] = [{"rel": "self", "href": silent}]
    tree.files["/csaf/feed.json"] = json.dumps(feed).encode()
    metadata = json.loads(tree.files["/provider-metadata.json"])
    feeds = metadata["distributions"][0]["rolie"]["feeds"]
    feeds += [{"url": url, "tlp_label": "GREEN"} for url in (f"{silent}?feed", absent)]
    tree.files["/provider-metadata.json"] = json.dumps(metadata).encode()
    add(world, f"{tree.url}/provider-metadata.json")
    problems = fetch(world).problems
    begin = [f"{silent}: ConnectError", f"{silent}?feed: ConnectError", f"{absent}: answered with"]
    assert [said[: len(start)] for said, start in zip(problems, begin, strict=True)] == begin
    with world.database.system() as session:
        (kept,) = refusing.listed(session)
    assert (kept.place, kept.reason.partition(":")[0]) == (silent, "ConnectError")


def test_a_source_that_cannot_be_reached_says_why_and_waits_longer(
    world: World, tree: Tree
) -> None:
    add(world, f"{tree.url}/nothing/provider-metadata.json")
    for failures in (1, 2):
        with pytest.raises(NotReached):
            fetch(world)
        with world.database.system() as session:
            source = records.find(session, "ACME")
        assert source.failures == failures
        assert "404" in source.reason
        assert source.due is not None
        assert 50 * failures < (source.due - source.now).total_seconds() < 70 * failures


def test_private_addresses_are_not_asked(world: World, tree: Tree) -> None:
    with world.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", [])
    add(world, f"{tree.url}/csaf/feed.json", "rolie")
    with pytest.raises(NotReached):
        fetch(world)
    assert tree.take_asked() == []


def test_headers_go_to_the_sources_own_host_alone(world: World, tree: Tree) -> None:
    add(world, f"{tree.url}/csaf/feed.json", "rolie", headers="Authorization: Bearer secret")
    with world.database.system() as session:
        source = records.find(session, "ACME")
        assert source.has_headers
        assert records.headers_of(session, source) == {"Authorization": "Bearer secret"}
        raw = session.value("SELECT sealed_headers FROM catalogue_source")
    assert b"secret" not in bytes(raw)


def test_workers_fetch_what_is_due_and_leave_the_paused(world: World, tree: Tree) -> None:
    add(world, f"{tree.url}/csaf/feed.json", "rolie")
    with world.database.system() as session:
        records.pause(session, records.find(session, "ACME"), paused=True)
    assert working.run_once(world.database) == 0
    with world.database.system() as session:
        records.pause(session, records.find(session, "ACME"), paused=False)
    assert working.run_once(world.database) == 1
    assert working.run_once(world.database) == 0
    assert set(held(world)) == {"ADV-1", "ADV-2"}
    with world.database.system() as session:
        records.remove(session, records.find(session, "ACME"))
    assert set(held(world)) == {"ADV-1", "ADV-2"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "ftp://a.example/"}, "url"), ({"url": "no domain"}, "url"),
        ({"url": "https://u:p@a.example/"}, "url"), ({"kind": "mail"}, "kind"),
        ({"name": " "}, "name"), ({"name": "12"}, "name"), ({"audience": "all"}, "audience"),
        ({"audience": "group", "group": "none"}, "group"), ({"every_minutes": -1}, "every_minutes"),
    ],
)  # fmt: skip
def test_a_source_that_is_none_is_refused_by_its_field(
    world: World, given: dict[str, object], field: str
) -> None:
    with world.database.system() as session, pytest.raises(Invalid) as refused:
        records.add(session, Given(**({"name": "X", "url": "a.example"} | given)))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_two_sources_have_two_names(world: World) -> None:
    add(world, "vendor.example")
    with pytest.raises(Conflict):
        add(world, "other.example")
    with world.database.system() as session, pytest.raises(Conflict):  # found by name, it is one
        records.add(session, Given(name="Acme", url="other.example", kind="provider"))


def turned(tree: Tree, page: str, following: str) -> None:
    """A page of a feed, as the feed is now, that names another one as the next."""
    feed = msgspec.json.decode(tree.files["/csaf/feed.json"])
    feed["feed"]["link"] = [{"rel": "next", "href": f"{tree.url}{following}"}]
    tree.files[page] = msgspec.json.encode(feed)


def test_a_feed_whose_pages_go_round_is_read_once(world: World, tree: Tree) -> None:
    turned(tree, "/csaf/feed.json", "/csaf/two.json")
    turned(tree, "/csaf/two.json", "/csaf/feed.json")
    add(world, f"{tree.url}/csaf/feed.json", "rolie")
    tree.take_asked()
    assert fetch(world).added == 2
    pages = [path for path, _ in tree.take_asked() if path in {"/csaf/feed.json", "/csaf/two.json"}]
    assert sorted(pages) == ["/csaf/feed.json", "/csaf/two.json"]


def test_a_later_page_is_read_though_the_first_is_as_before(world: World, tree: Tree) -> None:
    turned(tree, "/csaf/two.json", "/csaf/two.json")
    feed = msgspec.json.decode(tree.files["/csaf/two.json"])
    whole = feed["feed"]["entry"]
    for path, shown in (("/csaf/feed.json", whole[:1]), ("/csaf/two.json", [])):
        feed["feed"] |= {"entry": shown}
        tree.files[path] = msgspec.json.encode(feed)
    add(world, f"{tree.url}/csaf/feed.json", "rolie")
    assert fetch(world).added == 1
    feed["feed"]["entry"] = whole[1:]
    tree.files["/csaf/two.json"] = msgspec.json.encode(feed)
    assert fetch(world).added == 1
    assert set(held(world)) == {"ADV-1", "ADV-2"}


def test_what_a_list_is_too_long_to_name_is_not_gone(
    world: World, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(world, f"{tree.url}/csaf/feed.json", "rolie")
    fetch(world)
    monkeypatch.setattr(provider, "MOST_ENTRIES", 1)
    told = tree.files["/csaf/feed.json"]
    tree.files["/csaf/feed.json"] = told + b" "
    assert "names too much" in fetch(world).problems[0]
    with world.database.as_user(world.energy) as session:
        assert all(finding.view(session, one).gone is None for one in ("ADV-1", "ADV-2"))
