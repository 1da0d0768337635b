# SPDX-License-Identifier: EUPL-1.2
"""Others' advisories from the command line: imported, found, shown, held against products."""

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest
from tests.cases.catalogue import made
from tests.cli.conftest import Verb

from brug.formats.openpgp_signing import armoured_signature, new_key, sign_detached

pytestmark = pytest.mark.usefixtures("as_before")
REAL = Path(os.environ.get("BRUG_CSAF_DOCUMENTS", Path(__file__).parents[3] / "shared/data/csaf"))


def test_from_files_to_whom_they_concern(verb: Verb, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(made.raw("ADV-1"))
    (tmp_path / "bad.json").write_bytes(b'{"document": {}}')
    (tmp_path / "provider-metadata.json").write_bytes(b'{"canonical_url": "x"}')
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("in/b.json", made.raw("ADV-2", title="Valves"))
    told = verb("advisory", "import", str(tmp_path), code=1)
    assert sorted((one["outcome"], one["tracking_id"]) for one in told) == [
        ("added", "ADV-1"), ("added", "ADV-2"), ("refused", ""),
    ]  # fmt: skip
    assert [one["source"] for one in verb("advisory", "source", "refusals")] == [""]
    assert verb("advisory", "source", "replay", code=1) == {"tried": 1, "left": 1}

    found = verb("advisory", "catalogue", "valves", "cve-2026")
    assert [one["tracking_id"] for one in found["advisories"]] == ["ADV-2"]
    product = verb("advisory", "product", "add", "--purl", "pkg:npm/pump@1.0")
    assert verb("advisory", "concerns")["total"] == 2
    shown = verb("advisory", "show", "ADV-1")
    assert shown["document"]["id"] == "ADV-1"
    assert "(affected, sure)" in shown["catalogue"]["concerns"][0]
    # Where a file lies is its operator's business.
    assert shown["catalogue"]["from"] == "a.json"
    verb("advisory", "show", "nobody", code=1)
    assert verb("advisory", "product", "list")["products"][0]["concerned"] == 2
    bill = tmp_path / "sbom.json"
    listed = [{"name": "x", "purl": "pkg:npm/x"}]
    bill.write_text(json.dumps({"bomFormat": "CycloneDX", "components": listed}))
    assert verb("advisory", "product", "sbom", str(bill), "--name", "Hall")["products"] == 1
    bill.write_text("{}")
    assert "sbom: expected" in verb("advisory", "product", "sbom", str(bill), code=2)
    assert product["id"]


def test_what_lies_beside_a_file_is_checked(verb: Verb, tmp_path: Path) -> None:
    secret, signer = new_key("ACME")
    key = tmp_path / "key.asc"
    key.write_text(signer.text)
    for name in ("good", "digest", "signature"):
        raw = made.raw(f"BESIDE-{name}")
        file = tmp_path / f"{name}.json"
        file.write_bytes(raw)
        digest = hashlib.sha256(b"other" if name == "digest" else raw).hexdigest()
        (tmp_path / f"{name}.json.sha256").write_text(f"{digest}  {name}.json\n")
        signed = sign_detached(secret, b"other" if name == "signature" else raw)
        (tmp_path / f"{name}.json.asc").write_text(armoured_signature(signed))
    told = verb("advisory", "import", str(tmp_path), "--key", str(key), code=1)
    assert {Path(one["place"]).stem: one["outcome"] for one in told} == {
        "good": "added", "digest": "refused", "signature": "refused",
    }  # fmt: skip
    shown = verb("advisory", "show", "BESIDE-good")["catalogue"]
    assert shown["digests"] == "right"
    assert shown["signature"] == f"verified {signer.fingerprint}"


def test_sources_are_added_paused_and_removed(verb: Verb) -> None:
    added = verb("advisory", "source", "add", "ACME", "vendor.invalid", "--for", "own")
    assert (added["kind"], added["audience"]) == ("provider", "own")
    assert "url: expected" in verb("advisory", "source", "add", "X", "ftp://x", code=2)
    assert "already" in verb("advisory", "source", "add", "ACME", "b.example", code=1)
    (failed,) = verb("advisory", "source", "fetch", "ACME", code=1)
    assert "csaf.data.security.vendor.invalid" in failed["failed"]
    (one,) = verb("advisory", "source", "list")
    assert one["failures"] == 1


@pytest.mark.skipif(not REAL.is_dir(), reason="no documents of others are at hand")
def test_real_documents_are_taken_in_and_found(verb: Verb) -> None:
    told = verb("advisory", "import", str(REAL))
    assert {one["outcome"] for one in told} == {"added"}
    verb(
        "advisory", "product", "add", "--vendor", "Rockwell Automation", "--name",
        "ThinManager ThinServer", "--version", "11.1.3",
    )  # fmt: skip
    found = [one for one in verb("advisory", "concerns")["concerns"] if one["by_what"] == "name"]
    assert [(one["tracking_id"], one["why"]) for one in found] == [("ICSA-24-242-01", "range")]
