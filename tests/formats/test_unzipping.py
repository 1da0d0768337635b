# SPDX-License-Identifier: EUPL-1.2
"""Gzip bodies, and files in zip archives: all that is in them, nothing beyond the limit,
and never half of it."""

import gzip
import io
import time
import zipfile

import pytest

from brug.edge.decoding import only_file, unzip
from brug.model.errors import Invalid, TooLarge

TEXT = b"".join(b"%d.example\n" % number for number in range(100_000))


def test_all_members_are_read() -> None:
    assert unzip(gzip.compress(TEXT), 10**7) == TEXT
    several = b"".join(gzip.compress(TEXT[at : at + 50_000]) for at in range(0, len(TEXT), 50_000))
    assert unzip(several, 10**7) == TEXT
    assert unzip(b"", 10) == b""
    assert unzip(gzip.compress(b""), 10) == b""


@pytest.mark.parametrize("left", [1, 9, 10, 1000, 100_000, -9, -1])
def test_what_was_cut_off_is_refused(left: int) -> None:
    with pytest.raises(Invalid):
        unzip(gzip.compress(TEXT)[:left], 10**7)
    with pytest.raises(Invalid):
        unzip(gzip.compress(b"x") + gzip.compress(TEXT)[:left], 10**7)


def test_what_follows_is_gzip_too() -> None:
    with pytest.raises(Invalid):
        unzip(gzip.compress(TEXT) + b"and more", 10**7)


def test_the_limit_is_of_all_members_together() -> None:
    assert unzip(gzip.compress(b"x" * 10), 10) == b"x" * 10
    for raw in (gzip.compress(b"x" * 11), gzip.compress(b"x" * 6) * 2):
        with pytest.raises(TooLarge):
            unzip(raw, 10)


def test_members_without_number_are_not_read_forever() -> None:
    began = time.monotonic()
    with pytest.raises(Invalid):
        unzip(gzip.compress(b"") * 1_000_000, 10**7)
    assert time.monotonic() - began < 10


def zipped(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def test_the_one_file_of_a_zip_archive_is_read_up_to_the_limit() -> None:
    raw = zipped(("in/", b""), ("in/list.txt", TEXT))
    assert only_file(raw, len(TEXT)) == TEXT
    for unpack, packed in ((only_file, raw), (unzip, gzip.compress(TEXT))):
        with pytest.raises(TooLarge, match=r"feeds\.document_bytes"):
            unpack(packed, len(TEXT) - 1, "feeds.document_bytes")


@pytest.mark.parametrize(
    "raw",
    [
        zipped(("a.txt", TEXT), ("b.txt", TEXT)),
        zipped(),
        zipped(("a.txt", TEXT))[:-30],
        zipped(("a.txt", b"1.example\n"), how=zipfile.ZIP_STORED).replace(b"1.ex", b"2.ex"),
        b"PK\x03\x04" + TEXT[:100],
    ],
    ids=["two", "none", "half", "changed", "no zip"],
)
def test_a_zip_archive_that_is_not_one_whole_file_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        only_file(raw, 10**7)
