# SPDX-License-Identifier: EUPL-1.2
"""OpenPGP messages that no honest program writes, packet by packet (RFC 9580, 5)."""

import hashlib
import os
import zlib
from itertools import pairwise

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from pysequoia import ArmorKind, CipherSuite, Tsk, armor
from pysequoia.packet import PacketPile, Tag

_RSA, _AES256 = 1, 9
_BLOCK = 16


class Forger:
    """Encrypts to an RSA key by hand, and so knows the session key."""

    def __init__(self) -> None:
        self.pair = Tsk.generate("node <node@csirt.example>", cipher_suite=CipherSuite.RSA2k)
        packets = list(PacketPile.from_bytes(bytes(self.pair.extract_certificate())))
        (key,) = [
            one
            for one, binding in pairwise(packets)
            if one.tag == Tag.PublicSubkey
            and binding.key_flags is not None
            and binding.key_flags.transport_encryption
        ]
        modulus, rest = _number(key.body[6:])
        exponent, _ = _number(rest)
        self._public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        self._id = bytes.fromhex(key.key_id or "")
        self._session = os.urandom(32)

    @property
    def session_key(self) -> bytes:
        """Encrypted to the key (5.1)."""
        said = bytes([_AES256]) + self._session + (sum(self._session) % 65536).to_bytes(2, "big")
        sealed = int.from_bytes(self._public.encrypt(said, padding.PKCS1v15()), "big")
        length = (sealed.bit_length() + 7) // 8
        number = sealed.bit_length().to_bytes(2, "big") + sealed.to_bytes(length, "big")
        return packet(1, bytes([3]) + self._id + bytes([_RSA]) + number)

    def protected(self, content: bytes) -> bytes:
        """With a modification detection code (5.13.1)."""
        return self.session_key + packet(
            18, b"\1" + self._cfb(bytes(_BLOCK), self._checked(content))
        )

    def downgraded(self, content: bytes) -> bytes:
        """The same ciphertext, said to be without the code."""
        return self.session_key + packet(9, self._cfb(bytes(_BLOCK), self._checked(content)))

    def unprotected(self, content: bytes) -> bytes:
        """Without one (5.7), as programs wrote it twenty years ago."""
        head = self._cfb(bytes(_BLOCK), self._start())
        return self.session_key + packet(9, head + self._cfb(head[2:], content))

    def _checked(self, content: bytes) -> bytes:
        said = self._start() + content + b"\xd3\x14"
        return said + hashlib.sha1(said, usedforsecurity=False).digest()

    def _start(self) -> bytes:
        said = os.urandom(_BLOCK)
        return said + said[-2:]

    def _cfb(self, vector: bytes, content: bytes) -> bytes:
        return Cipher(AES256(self._session), CFB(vector)).encryptor().update(content)


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body


def literal(content: bytes) -> bytes:
    return packet(11, b"b\0" + bytes(4) + content)


def compressed(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packet(8, b"\1" + packer.compress(content) + packer.flush())


def armoured(message: bytes) -> str:
    return armor(message, ArmorKind.Message)


def _number(said: bytes) -> tuple[int, bytes]:
    length = (int.from_bytes(said[:2], "big") + 7) // 8
    return int.from_bytes(said[2 : 2 + length], "big"), said[2 + length :]
