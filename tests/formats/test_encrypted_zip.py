# SPDX-License-Identifier: EUPL-1.2
"""Packed samples, read by the readers that people have: zipfile and PyMISP."""

import hashlib
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymisp import MISPAttribute

from brug.formats.encrypted_zip import PASSWORD, pack


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_what_was_packed_is_read_with_the_password(data: bytes, name: str) -> None:
    if not name.isprintable():
        name = "a.bin"
    archive, digest = pack(data, name)
    with ZipFile(BytesIO(archive)) as read:
        assert read.read(digest, pwd=PASSWORD) == data
        assert read.read(f"{digest}.filename.txt", pwd=PASSWORD) == name.encode()
    assert digest == hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_without_the_password_nothing_is_read() -> None:
    archive, digest = pack(b"not for running", "a.exe")
    assert b"not for running" not in archive
    with ZipFile(BytesIO(archive)) as read:
        with pytest.raises(RuntimeError, match="password required"):
            read.read(digest)
        with pytest.raises(RuntimeError, match="Bad password"):
            read.read(digest, pwd=b"wrong")


def test_pymisp_unpacks_it() -> None:
    archive, digest = pack(b"MZ sample", "pay.exe")
    sample = MISPAttribute()
    sample.from_dict(type="malware-sample", value=f"pay.exe|{digest}", data=BytesIO(archive))
    assert sample.malware_filename == "pay.exe"
    assert sample.malware_binary is not None
    assert sample.malware_binary.getvalue() == b"MZ sample"
