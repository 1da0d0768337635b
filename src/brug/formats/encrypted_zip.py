# SPDX-License-Identifier: EUPL-1.2
"""Samples as their field hands them round: a ZIP archive, encrypted, password `infected`.

The encryption is the archive format's first one (PKWARE APPNOTE 6.3.10, section 6.1), which
every tool reads and nobody should trust: it keeps a sample from being run or deleted by
mistake, and hides nothing from anyone. As MISP does, an archive holds the sample under its
MD5 and the name that it had in a file beside it. Nothing here runs what it packs, and
nothing unpacks.
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Callable

PASSWORD = b"infected"
_TABLE = tuple(zlib.crc32(bytes([n ^ 0xFF])) ^ 0xFF000000 for n in range(256))
_DEFLATED, _ENCRYPTED, _VERSION = 8, 1, 20
_DATE = (46 << 9) | (1 << 5) | 1  # 2026-01-01: an archive of the same sample is the same


def pack(data: bytes, name: str) -> tuple[bytes, str]:
    """The archive of a sample and the sample's MD5."""
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    members = ((digest, data), (f"{digest}.filename.txt", name.encode()))
    body, directory = bytearray(), bytearray()
    for member, content in members:
        local, central = _member(member.encode(), content, len(body))
        body += local
        directory += central
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, len(members), len(members), len(directory), len(body), 0
    )
    return bytes(body + directory + end), digest


def _member(name: bytes, content: bytes, offset: int) -> tuple[bytes, bytes]:
    """A file's record with its content, and its entry in the directory (4.3.7, 4.3.12)."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(content) + deflate.flush()
    check = zlib.crc32(content)
    # The last byte of the header tells a reader whether the password is right (6.1.6).
    header = os.urandom(11) + bytes([check >> 24])
    sealed = _cipher(PASSWORD)(header + packed)
    common = struct.pack(
        "<5H3L2H", _VERSION, _ENCRYPTED, _DEFLATED, 0, _DATE, check, len(sealed), len(content),
        len(name), 0,
    )  # fmt: skip
    local = b"PK\3\4" + common + name + sealed
    central = b"PK\1\2" + struct.pack("<H", _VERSION) + common
    return local, central + struct.pack("<3H2L", 0, 0, 0, 0, offset) + name


def _cipher(password: bytes) -> Callable[[bytes], bytes]:
    """Encrypts once, in one call (6.1.5); written out, since each byte goes through it."""
    table = _TABLE
    a, b, c = 0x12345678, 0x23456789, 0x34567890
    for byte in password:
        a = table[(a ^ byte) & 0xFF] ^ (a >> 8)
        b = ((b + (a & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        c = table[(c ^ (b >> 24)) & 0xFF] ^ (c >> 8)

    def encrypt(plain: bytes) -> bytes:
        k0, k1, k2 = a, b, c
        out = bytearray(len(plain))
        for place, byte in enumerate(plain):
            k = k2 | 2
            out[place] = byte ^ (((k * (k ^ 1)) >> 8) & 0xFF)
            k0 = table[(k0 ^ byte) & 0xFF] ^ (k0 >> 8)
            k1 = ((k1 + (k0 & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
            k2 = table[(k2 ^ (k1 >> 24)) & 0xFF] ^ (k2 >> 8)
        return bytes(out)

    return encrypt
