# SPDX-License-Identifier: EUPL-1.2
"""A new OpenPGP key whose primary key signs: RFC 4880, version 4, Ed25519 (algorithm 22).

Stock MISP servers compare a signature's fingerprint with that of the primary key, so a
signing subkey, which libraries make by default, would be refused by them.
"""

import hashlib
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_EDDSA, _SHA512 = 22, 10
_CURVE = bytes.fromhex("2b06010401da470f01")
_POSITIVE_CERTIFICATION = 0x13
_CERTIFY_AND_SIGN = 0x03


def transferable_secret_key(user_id: str) -> bytes:
    """Secret key, user id and self-signature, as binary packets."""
    made = Ed25519PrivateKey.generate()
    public = made.public_key().public_bytes_raw()
    now = int(time.time()).to_bytes(4, "big")
    body = bytes([4]) + now + bytes([_EDDSA, len(_CURVE)]) + _CURVE + _mpi(b"\x40" + public)
    secret = _mpi(made.private_bytes_raw())
    checksum = (sum(secret) % 65536).to_bytes(2, "big")
    name = user_id.encode()
    signature = _self_signature(made, body, name, now)
    return (
        _packet(5, body + b"\x00" + secret + checksum) + _packet(13, name) + _packet(2, signature)
    )


def _self_signature(made: Ed25519PrivateKey, body: bytes, name: bytes, now: bytes) -> bytes:
    key = b"\x99" + len(body).to_bytes(2, "big") + body
    fingerprint = hashlib.sha1(key, usedforsecurity=False).digest()
    hashed = (
        _subpacket(2, now)
        + _subpacket(27, bytes([_CERTIFY_AND_SIGN]))
        + _subpacket(21, bytes([_SHA512, 8]))
        + _subpacket(25, b"\x01")
        + _subpacket(30, b"\x01")
        + _subpacket(33, b"\x04" + fingerprint)
    )
    head = bytes([4, _POSITIVE_CERTIFICATION, _EDDSA, _SHA512]) + len(hashed).to_bytes(2, "big")
    head += hashed
    user = b"\xb4" + len(name).to_bytes(4, "big") + name
    trailer = b"\x04\xff" + len(head).to_bytes(4, "big")
    digest = hashlib.sha512(key + user + head + trailer).digest()
    signed = made.sign(digest)
    unhashed = _subpacket(16, fingerprint[-8:])
    return (
        head
        + len(unhashed).to_bytes(2, "big")
        + unhashed
        + digest[:2]
        + _mpi(signed[:32])
        + _mpi(signed[32:])
    )


def _mpi(octets: bytes) -> bytes:
    stripped = octets.lstrip(b"\x00")
    bits = int.from_bytes(stripped, "big").bit_length()
    return bits.to_bytes(2, "big") + stripped


def _subpacket(kind: int, content: bytes) -> bytes:
    return bytes([len(content) + 1, kind]) + content


def _packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body
