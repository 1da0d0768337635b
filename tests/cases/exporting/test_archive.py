# SPDX-License-Identifier: EUPL-1.2
"""The archive of a case: what is in it for whom, and that nothing of it can be changed unseen."""

import io
import zipfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cases.exporting.conftest import AGE, LOG, Archived
from tests.thorough import examples

from brug.cases import keeping
from brug.cases.acts import Said
from brug.cases.exporting import leaving, manifest, packing, verifying
from brug.cases.exporting.verifying import NoArchive, Verdict
from brug.model.errors import Invalid, NotFound
from brug.store.pieces import Pieces


def verdict(data: bytes, tmp_path: Path, *keys: str) -> Verdict:
    path = tmp_path / "case.zip"
    path.write_bytes(data)
    return verifying.verify(path, keys)


def states(found: Verdict) -> dict[str, str]:
    return {one.question: one.state for one in found.checks}


def holds(data: bytes, folder: Path, key: str) -> bool:
    try:
        return verdict(data, folder, key).holds
    except NoArchive:
        return False


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rebuilt(content: dict[str, bytes], comment: bytes = b"", how: int = 0) -> bytes:
    """An archive of these files as anybody can make it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
        archive.comment = comment
    return out.getvalue()


# What is in it -------------------------------------------------------------------------


def test_all_of_it_holds_with_the_key_in_any_of_its_forms(
    archived: Archived, tmp_path: Path
) -> None:
    public = msgspec.json.decode(members(archived.data)["manifest.json"])["keys"][0]["public"]
    for key in (archived.key, public, public.rstrip("="), archived.key + "="):
        found = verdict(archived.data, tmp_path, "x" * 43, key)
        assert set(states(found).values()) == {"holds"}, found.checks
    assert (found.number, found.documents) == (archived.number, 4)
    assert found.entries == len(found.checks) + 5


def test_documents_are_in_it_as_they_were_attached(archived: Archived) -> None:
    inside = members(archived.data)
    told = msgspec.json.decode(inside["case.json"])
    named = {one["name"]: inside[one["file"]] for one in told["documents"]}
    assert named["pump log.txt"] == LOG
    assert named["plan.age"] == AGE  # as ciphertext
    box = zipfile.ZipFile(io.BytesIO(named["dropper.exe.zip"]))
    assert all(one.flag_bits & 1 for one in box.infolist())  # boxed
    assert all(manifest.NAME.fullmatch(name) for name in inside)
    assert told["case"]["title"] == "Pumps stopped"
    assert told["clocks"]
    assert b"amber" in inside["case.json"]
    assert b"TLP:AMBER" in inside["README.txt"]


def test_the_pages_say_what_the_case_says(archived: Archived) -> None:
    pages = pypdf.PdfReader(io.BytesIO(members(archived.data)["case.pdf"])).pages
    texts = [page.extract_text() for page in pages]
    whole = "".join("".join(texts).split())
    assert all("TLP:AMBER" in text for text in texts)
    for said in ("Pumpsstopped", "Ελληνικά,кириллица", "Twopumps", "Tellthepress?", "Imagethe"):
        assert said in whole
    assert archived.number in whole


def test_characters_that_no_font_has_are_told_by_their_codes(archived: Archived) -> None:
    with archived.node.database.as_user(archived.node.host) as session:
        of = leaving.given(session, archived.number)
        of.case.title = "水 Łódź 🦀 漢字 کتاب"
        data = leaving.as_pdf(session, of)
    said = "".join(pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text().split())
    assert "Łódź" in said
    assert "水" in said or "[U+6C34]" in said
    assert "漢" in said or "[U+6F22]" in said


def test_it_holds_what_its_exporter_has_and_no_more(archived: Archived, tmp_path: Path) -> None:
    alone = b"For the entity alone"
    node = archived.node
    assert alone in members(archived.data)["case.json"]
    data = archived.export(node.entity)
    assert alone in members(data)["case.json"]
    assert verdict(data, tmp_path, archived.key).holds
    with pytest.raises(NotFound):
        archived.export(node.other)
    with pytest.raises(NotFound):
        archived.export(node.without)


def test_who_exported_is_on_record(archived: Archived) -> None:
    database = archived.node.database
    before = _records(archived)
    archived.export(archived.node.entity)
    after = _records(archived)
    assert len(after) == len(before) + 1
    with database.system() as session:
        payload = session.value(
            "SELECT payload FROM ledger_entry WHERE kind = 'case-export' ORDER BY number DESC"
            " LIMIT 1"
        )
    assert payload["form"] == "zip"
    assert set(payload) == {"case", "form", "digest"}


def _records(archived: Archived) -> list[Any]:
    with archived.node.database.system() as session:
        return session.all("SELECT email FROM audit WHERE action = 'export' AND model = 'Case'")


def test_what_no_checkpoint_covers_yet_is_said(archived: Archived, tmp_path: Path) -> None:
    with archived.node.database.as_user(archived.node.host) as session:
        keeping.act(session, archived.number, Said(text="just now"))
    found = verdict(archived.export(archived.node.host, catch_up=False), tmp_path, archived.key)
    assert states(found)["ledger"] == "open"
    assert found.holds


def test_a_document_that_is_damaged_or_not_here_is_told_and_the_rest_exported(
    archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pieces, "exists", lambda _: False)
    found = verdict(archived.export(archived.node.host), tmp_path, archived.key)
    assert states(found)["documents"] == "open"
    assert found.holds
    assert all("not_here" in one for one in found.checks[-2].about)


# Tampering -----------------------------------------------------------------------------


@given(data=st.data())
@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_byte_that_was_changed_is_found_wherever_it_is(
    archived: Archived, tmp_path: Path, data: st.DataObject
) -> None:
    whole = bytearray(archived.data)
    place = data.draw(
        st.integers(0, len(whole) - 1) | st.integers(len(whole) - 3000, len(whole) - 1)
    )
    whole[place] ^= data.draw(st.integers(1, 255))
    assert not holds(bytes(whole), tmp_path, archived.key)


@given(data=st.data())
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_was_cut_doubled_or_put_in_is_found(
    archived: Archived, tmp_path: Path, data: st.DataObject
) -> None:
    whole = archived.data
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 2000)))
    put = data.draw(st.binary(max_size=20))
    changed = whole[:start] + put + whole[end:]
    assert changed == whole or not holds(changed, tmp_path, archived.key)


def _of_case(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    def do(inside: dict[str, bytes]) -> None:
        told = msgspec.json.decode(inside["case.json"])
        change(told)
        inside["case.json"] = msgspec.json.encode(told)

    return do


def _retitle(told: dict[str, Any]) -> None:
    told["case"]["title"] = "Nothing happened"


def _rewrite(told: dict[str, Any]) -> None:
    told["entries"][0]["entry"] = told["entries"][0]["entry"].replace("Pumps", "Bumps")


def _drop(told: dict[str, Any]) -> None:
    del told["entries"][3]


def _swap_key(told: dict[str, Any]) -> None:
    told["keys"][0]["public"] = b64encode(bytes(32)).decode()


def _point_elsewhere(told: dict[str, Any]) -> None:
    first, second = told["documents"][:2]
    first["file"], second["file"] = second["file"], first["file"]


def _other_document(inside: dict[str, bytes]) -> None:
    name = next(one for one in inside if one.startswith("documents/"))
    inside[name] = b"other content"


def _without_proof(inside: dict[str, bytes]) -> None:
    del inside[next(one for one in inside if one.startswith("ledger/"))]


def _swapped_proofs(inside: dict[str, bytes]) -> None:
    first, second = [one for one in inside if one.startswith("ledger/")][:2]
    inside[first], inside[second] = inside[second], inside[first]


def _one_more(inside: dict[str, bytes]) -> None:
    inside["documents/9999_more.txt"] = b"more"


CHANGES: dict[str, tuple[Callable[[dict[str, bytes]], None], set[str]]] = {
    "title": (_of_case(_retitle), {"files", "fold"}),
    "entry": (_of_case(_rewrite), {"files", "entries", "fold", "ledger"}),
    "entry gone": (_of_case(_drop), {"files", "fold"}),
    "key": (_of_case(_swap_key), {"files", "entries"}),
    "documents swapped": (_of_case(_point_elsewhere), {"files", "documents"}),
    "document": (_other_document, {"files", "documents"}),
    "proof gone": (_without_proof, {"files", "ledger"}),
    "proofs swapped": (_swapped_proofs, {"files", "ledger"}),
    "file more": (_one_more, {"files"}),
    "nothing": (lambda _: None, set()),
}


@pytest.mark.parametrize("name", CHANGES)
def test_it_says_what_does_not_hold(archived: Archived, tmp_path: Path, name: str) -> None:
    """Also where somebody packs it anew; only the seal can tell that nothing else was done."""
    change, fails = CHANGES[name]
    inside = members(archived.data)
    change(inside)
    found = verdict(rebuilt(inside), tmp_path, archived.key)
    assert {q for q, state in states(found).items() if state == "fails"} == fails | {"seal"}
    assert not found.holds


def test_whoever_signs_all_of_it_anew_is_not_who_the_reader_trusts(
    archived: Archived, tmp_path: Path
) -> None:
    found = verdict(archived.data, tmp_path, b64encode(b"\1" * 32).decode())
    assert states(found)["signature"] == "fails"
    assert states(found)["seal"] == "fails"
    assert states(found)["ledger"] == "fails"
    assert [one.about for one in found.checks if one.question == "ledger"] == [
        ("no key of the node is among those given",)
    ]
    assert states(found)["fold"] == "holds"


@pytest.mark.parametrize("key", ["", "abc", "null", "x" * 42, "x" * 44, "é" * 43])
def test_what_can_be_no_key_is_refused(archived: Archived, tmp_path: Path, key: str) -> None:
    with pytest.raises(Invalid, match="key: expected the public key"):
        verdict(archived.data, tmp_path, key)


# Rubbish -------------------------------------------------------------------------------


def bomb() -> bytes:
    return rebuilt({"manifest.json": bytes(50_000_000)}, how=zipfile.ZIP_DEFLATED)


RUBBISH = {
    "nothing": b"",
    "text": b"no archive",
    "empty archive": rebuilt({}),
    "no list": rebuilt({"case.json": b"{}"}),
    "bomb": bomb(),
    "path": rebuilt({"manifest.json": b"{}", "../../etc/passwd": b"x"}),
    "absolute": rebuilt({"manifest.json": b"{}", "/etc/passwd": b"x"}),
    "backslash": rebuilt({"manifest.json": b"{}", "documents\\..\\x": b"x"}),
    "folder of folders": rebuilt({"manifest.json": b"{}", "a/b/c": b"x"}),
    "list is no JSON": rebuilt({"manifest.json": b"\xff"}),
    "list is deep": rebuilt({"manifest.json": b"[" * 100_000}),
    "list is another": rebuilt({"manifest.json": b'{"form": "x"}'}),
    "ends early": rebuilt({"manifest.json": b"{}"})[:-10],
}


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_told_to_be_no_archive(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoArchive) as found:
        verdict(RUBBISH[name], tmp_path, "x" * 43)
    assert found.value.exit_code == 2
    assert not list(tmp_path.parent.glob("**/passwd"))


@pytest.mark.parametrize("name", ["..", "CON", "a/b", "ü" * 90, "x" * 200, "---", "Ω.pdf"])
def test_names_are_safe_on_every_system(name: str) -> None:
    made = f"documents/0001_{packing.safe_name(name)}"
    assert manifest.NAME.fullmatch(made)
    assert len(made) < 120
