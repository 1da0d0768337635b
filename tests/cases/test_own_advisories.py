# SPDX-License-Identifier: EUPL-1.2
"""Who drafts, sees and releases own advisories; what a draft takes from its case."""

import json
from typing import Any, LiteralString

import pytest
from msgspec import structs
from tests.cases.conftest import Node
from tests.formats.csaf import opinions

from brug.cases import files, keeping
from brug.cases.acts import Joined, Recorded
from brug.cases.advisories import editing, releasing, sheet, storing
from brug.cases.files import File
from brug.directory import keys, node_keys
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.csaf.writing import to_bytes
from brug.model.errors import BrugError, Forbidden, Invalid, NotFound
from brug.store import settings

FIELDS = {
    "summary": "A packet of 9 bytes stops it.", "products": ["Pump 3"], "cve": ["CVE-2026-0042"],
}  # fmt: skip
OFFICER = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def publishing(node: Node) -> Node:
    with node.database.system() as session:
        node_keys.make(session, "CSIRT Noordland")
        host = session.value(
            "SELECT id FROM organisation WHERE uuid::text = %s", (node.orgs["host"],)
        )
        settings.set_value(session, "node.host_org_id", host)
        settings.set_value(session, "node.url", "https://csirt.example")
        settings.set_value(session, "advisories.namespace", "https://csirt.example")
    return node


def opened(node: Node, who: int, **fields: Any) -> File:
    with node.database.as_user(who) as session:
        return keeping.open_case(session, "disclosure", "Pump stops", FIELDS | fields)


def begun(node: Node, which: str, tlp: str = "clear") -> tuple[str, Advisory]:
    with node.database.as_user(node.host) as session:
        own, advisory = editing.begin(session, which, tlp)
        return own.tracking_id, advisory


def test_a_participant_of_another_organisation_sees_no_draft(publishing: Node) -> None:
    node = publishing
    case = opened(node, node.host)
    joining = Joined(
        participant=OFFICER, org=node.orgs["entity"], name="Zuidmark", role="coordinator"
    )
    with node.database.as_user(node.host) as session:
        keeping.act(session, case.uuid, joining)
    tracking_id, _ = begun(node, case.uuid)
    with node.database.as_user(node.entity) as session:
        assert files.find(session, case.uuid).uuid == case.uuid  # the case itself is theirs to see
        assert storing.listed(session) == []
        with pytest.raises(NotFound):
            storing.find(session, tracking_id)
        for doing in (
            lambda: editing.begin(session, case.uuid, "clear"),
            lambda: releasing.release(session, tracking_id, "First"),
        ):
            with pytest.raises(Forbidden):
                doing()


def test_people_of_the_host_without_the_right_see_no_draft(publishing: Node) -> None:
    begun(publishing, opened(publishing, publishing.host).uuid)
    with publishing.database.as_user(publishing.without) as session:
        assert session.all("SELECT id FROM advisory") == []
        assert session.all("SELECT number FROM advisory_release") == []


def test_a_case_that_the_host_takes_no_part_in_gives_no_advisory(publishing: Node) -> None:
    case = opened(publishing, publishing.entity)
    with publishing.database.as_user(publishing.host) as session, pytest.raises(NotFound):
        editing.begin(session, case.uuid, "clear")


def test_who_does_not_lead_the_case_drafts_and_does_not_release(publishing: Node) -> None:
    node = publishing
    case = opened(node, node.entity)
    joining = Joined(participant=OFFICER, org=node.orgs["host"], name="CSIRT", role="vendor")
    with node.database.as_user(node.entity) as session:
        keeping.act(session, case.uuid, joining)
    tracking_id, _ = begun(node, case.uuid)
    with node.database.as_user(node.host) as session, pytest.raises(Forbidden):
        releasing.release(session, tracking_id, "First")
    with node.database.system() as session:
        assert session.value("SELECT count(*) FROM advisory_release") == 0


def test_a_key_that_only_reads_writes_none(publishing: Node) -> None:
    case = opened(publishing, publishing.host)
    with publishing.database.system() as session:
        key = keys.add(session, publishing.host, {"read_only": True}).text
    with publishing.database.as_key(key) as session, pytest.raises(Forbidden):
        editing.begin(session, case.uuid, "clear")


def test_an_incident_gives_no_advisory(publishing: Node) -> None:
    with publishing.database.as_user(publishing.host) as session:
        case = keeping.open_case(session, "incident", "Pumps stopped")
        with pytest.raises(Invalid, match="case: expected a disclosure"):
            editing.begin(session, case.uuid, "clear")


def test_what_is_not_marked_is_not_released(publishing: Node) -> None:
    case = opened(publishing, publishing.host)
    tracking_id, advisory = begun(publishing, case.uuid)
    advisory.document.distribution = None
    with publishing.database.as_user(publishing.host) as session:
        editing.put(session, case.uuid, to_bytes(advisory), "No label")
    with (
        publishing.database.as_user(publishing.host) as session,
        pytest.raises(Invalid, match="/document/distribution/tlp/label"),
    ):
        releasing.release(session, tracking_id, "First")


def test_a_release_is_whole_or_nothing(publishing: Node) -> None:
    case = opened(publishing, publishing.host)
    tracking_id, _ = begun(publishing, case.uuid)
    with publishing.database.system() as session:
        before = session.value("SELECT count(*) FROM ledger_entry")
    with publishing.database.system() as session:
        session.execute("UPDATE identity_key SET sealed = ''")  # the timeline cannot be signed
    with pytest.raises(BrugError), publishing.database.as_user(publishing.host) as session:
        releasing.release(session, tracking_id, "First")
    with publishing.database.system() as session:
        assert session.value("SELECT count(*) FROM ledger_entry") == before
        assert session.value("SELECT count(*) FROM advisory_release") == 0
        assert session.value("SELECT draft IS NOT NULL FROM advisory")


def test_without_the_finders_wish_nobody_is_named(publishing: Node) -> None:
    _, silent = begun(publishing, opened(publishing, publishing.host).uuid)
    assert silent.document.acknowledgments == []
    _, named = begun(publishing, opened(publishing, publishing.host, credit="Anna").uuid)
    assert [one.names for one in named.document.acknowledgments] == [["Anna"]]


def released(node: Node, *cases: File, **head: str) -> list[dict[str, Any]]:
    """One of each case; with `head` in its document, put in by a file."""
    found = []
    for case in cases:
        tracking_id, advisory = begun(node, case.uuid)
        with node.database.as_user(node.host) as session:
            if head:
                document = structs.replace(advisory.document, **head)
                changed = to_bytes(structs.replace(advisory, document=document))
                editing.put(session, case.uuid, changed, "By hand")
            releasing.release(session, tracking_id, "First")
            query = "SELECT raw FROM advisory_release WHERE tracking_id = %s"
            found.append(json.loads(bytes(session.value(query, (tracking_id,)))))
    return found


def test_a_release_passes_the_optional_tests_as_far_as_its_case_says_what_they_ask_for(
    publishing: Node,
) -> None:
    cases = [
        opened(publishing, publishing.host, products=["pkg:generic/pump@2.1"], cwe=["CWE-787"],
               cvss_31="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", **more)
        for more in ({"fixed_versions": ["pkg:generic/pump@2.2"]}, {"credit": "Anna"})
    ]  # fmt: skip
    documents = released(publishing, *cases, opened(publishing, publishing.host))
    # Of a fix, a score, a label, an own address, a language, and identifiers of products; a score
    # and identifiers are not made up.
    asked = ("6.2.2", "6.2.3", "6.2.10", "6.2.11", "6.2.12", "6.2.16")
    found = opinions.optional_of_secvisogram(documents, *asked)
    assert found == [set(), set(), {"6.2.3", "6.2.16"}]
    for one in documents:
        head = one["document"]
        assert head["lang"] == "en"
        (reference,) = [each for each in head["references"] if each["category"] == "self"]
        name = head["tracking"]["id"].lower()
        assert reference["url"].startswith("https://csirt.example/csaf/white/20")
        assert reference["url"].endswith(f"/{name}.json")
    remedies = [one["vulnerabilities"][0]["remediations"] for one in documents]
    assert [each["category"] for (each,) in remedies] == [
        "vendor_fix", "none_available", "none_available",
    ]  # fmt: skip


def test_a_cpe_name_is_said_in_words_and_stands_beside_the_product(publishing: Node) -> None:
    names = [
        r"cpe:2.3:o:acme_works:pump_\(small\):1.0:rc_1:*:*:*:*:*:*",
        "cpe:/o:acme_works:pump_%28small%29:2.0",
        "cpe:2.3:a:acme_works:console:3.*:*:*:*:*:*:*:*",
        "cpe:2.3:*:*:*:*:*:*:*:*:*:*:*",
        "Pump 3",
    ]
    case = opened(publishing, publishing.host, products=names, fixed_versions=[
        "cpe:2.3:o:acme_works:pump_\\(small\\):1.1:*:*:*:*:*:*:*",
    ])  # fmt: skip
    _, advisory = begun(publishing, case.uuid)
    rows = sheet.products_of(advisory.product_tree)
    assert not any(one.is_locked for one in rows)
    found = {one.key: (one.vendor, one.product, one.version, one.name, one.cpe) for one in rows}
    small, maker = "pump (small)", "acme works"
    assert found == {
        "CSAFPID-0001": (maker, small, "1.0 rc 1", "acme works pump (small) 1.0 rc 1", names[0]),
        "CSAFPID-0002": (maker, small, "2.0", "acme works pump (small) 2.0", names[1]),
        "CSAFPID-0003": (maker, "console", "", "acme works console", names[2]),
        "CSAFPID-0004": ("", "", "", names[3], names[3]),
        "CSAFPID-0005": ("", "", "", "Pump 3", ""),
        "CSAFPID-0006": (maker, small, "1.1", "acme works pump (small) 1.1",
                         "cpe:2.3:o:acme_works:pump_\\(small\\):1.1:*:*:*:*:*:*:*"),
    }  # fmt: skip
    (flaw,) = advisory.vulnerabilities
    assert flaw.remediations[0].details == "Install acme works pump (small) 1.1."
    (document,) = released(publishing, case)  # it passes all that is asked of a release
    assert [one["name"] for one in document["product_tree"]["branches"]] == [maker]


def test_a_fixed_version_alone_is_named_with_its_product(publishing: Node) -> None:
    found = []
    for products in (["Pump 3"], ["cpe:2.3:a:acme_works:pump:3:*:*:*:*:*:*:*", "pump 3"],
                     ["Pump 3", "Valve 1"]):  # fmt: skip
        case = opened(publishing, publishing.host, products=products, fixed_versions=["3.1"])
        _, advisory = begun(publishing, case.uuid)
        row = max(sheet.products_of(advisory.product_tree), key=lambda one: one.key)
        found.append((row.full_name, row.vendor, row.version, row.cpe))
        (flaw,) = advisory.vulnerabilities
        assert flaw.remediations[0].details == f"Install {row.full_name}."
    assert found == [
        ("Pump 3.1", "", "", ""),
        ("acme works pump 3.1", "acme works", "3.1", "cpe:2.3:a:acme_works:pump:3.1:*:*:*:*:*:*:*"),
        ("3.1", "", "", ""),
    ]


def test_a_document_is_in_the_language_of_the_setting_where_it_says_none(publishing: Node) -> None:
    with publishing.database.system() as session:
        with pytest.raises(Invalid):
            settings.set_value(session, "advisories.language", "klingon!")
        settings.set_value(session, "advisories.language", "nl-BE")
    case = opened(publishing, publishing.host)
    (one,) = released(publishing, case)
    assert one["document"]["lang"] == "nl-BE"
    assert one["document"]["notes"][0]["title"] == "Samenvatting"
    assert one["document"]["references"][0]["summary"] == "Dit beveiligingsadvies"
    assert (
        one["vulnerabilities"][0]["remediations"][0]["details"]
        == "Er is nog geen oplossing bekend."
    )
    (other,) = released(publishing, case, lang="de", source_lang="en")
    assert (other["document"]["lang"], other["document"]["source_lang"]) == ("de", "en")
    (none,) = released(publishing, case, lang=None)  # type: ignore[arg-type]
    assert none["document"]["lang"] == "nl-BE"


def test_a_fix_that_is_ready_is_said_where_no_version_is(publishing: Node) -> None:
    case = opened(publishing, publishing.host)
    with publishing.database.as_user(publishing.host) as session:
        at = "2026-11-01T08:00:00Z"
        keeping.act(session, case.uuid, Recorded(fact="fix_available_at", at=at, zone="UTC"))
    _, advisory = begun(publishing, case.uuid)
    (remedy,) = advisory.vulnerabilities[0].remediations
    assert remedy.category == "vendor_fix"


def test_what_was_released_is_never_changed(publishing: Node) -> None:
    tracking_id, _ = begun(publishing, opened(publishing, publishing.host).uuid)
    with publishing.database.as_user(publishing.host) as session:
        releasing.release(session, tracking_id, "First")
    statements: tuple[LiteralString, ...] = (
        "UPDATE advisory_release SET raw = ''",
        "DELETE FROM advisory_release",
    )
    for statement in statements:
        with (
            pytest.raises(Exception, match="permission denied"),
            publishing.database.as_user(publishing.host) as session,
        ):
            session.execute(statement)
        with (
            pytest.raises(Exception, match="permission denied"),
            publishing.database.system() as session,
        ):
            session.execute(statement)


def test_ids_count_up_within_the_year(publishing: Node) -> None:
    first, _ = begun(publishing, opened(publishing, publishing.host).uuid)
    second, _ = begun(publishing, opened(publishing, publishing.host).uuid)
    assert first.startswith("ADV-20")
    assert int(second.rpartition("-")[2]) == int(first.rpartition("-")[2]) + 1
