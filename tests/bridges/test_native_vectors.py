# SPDX-License-Identifier: EUPL-1.2
"""The vectors of docs/reference/native-protocol.md: the code makes them, and they are right.

The second half is computed here by hand, from the text of the specification alone.
"""

import json
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from tools import native_vectors

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "native-protocol-vectors.json"


@pytest.fixture(scope="module")
def given() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PAGE.read_text())
    return found


def test_the_code_makes_what_the_page_shows(given: dict[str, Any]) -> None:
    assert native_vectors.vectors() == given


def data(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_of(given: dict[str, Any], who: str) -> Ed25519PublicKey:
    seed = bytes.fromhex(given["keys"][who]["seed"])
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    assert key.public_bytes_raw().hex() == given["keys"][who]["public"]
    assert data(given["keys"][who]["key_id"]) == sha256(key.public_bytes_raw()).digest()
    return key


def test_rfc_8032_gives_the_public_keys(given: dict[str, Any]) -> None:
    assert given["keys"]["inviter"]["public"] == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    assert given["keys"]["acceptor"]["public"] == (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    )


@pytest.mark.parametrize(
    ("name", "who"),
    [("invitation", "inviter"), ("acceptance", "acceptor"), ("accepted", "inviter")],
)
def test_statements_are_signed_over_their_canonical_bytes(
    given: dict[str, Any], name: str, who: str
) -> None:
    said = given[name]
    key_of(given, who).verify(data(said["signature"]), rfc8785.dumps(said["signed"]))


def test_the_authentication_string_follows_from_both_statements(given: dict[str, Any]) -> None:
    def digest(name: str) -> str:
        return digest_of(given[name]["signed"])

    def digest_of(value: Any) -> str:
        return urlsafe_b64encode(sha256(rfc8785.dumps(value)).digest()).decode().rstrip("=")

    nonce = given["accepted"]["signed"]["nonce"]
    committed = given["invitation"]["signed"]["commitment"]
    assert data(committed) == sha256(b"brug-commitment/1\n" + nonce.encode()).digest()
    assert given["acceptance"]["signed"]["invitation"] == digest("invitation")
    assert given["accepted"]["signed"]["acceptance"] == digest("acceptance")
    whole = sha256(
        rfc8785.dumps({
            "statement": "brug-authentication/1", "invitation": digest("invitation"),
            "acceptance": digest("acceptance"), "nonce": nonce,
        })
    ).digest()  # fmt: skip
    number = f"{int.from_bytes(whole[:16]) % 10**12:012}"
    assert given["authentication string"].replace(" ", "") == number


def test_an_introduction_is_signed_by_the_older_key(given: dict[str, Any]) -> None:
    made = given["introduction of acceptor's key by inviter's"]
    told = json.loads(made["bytes"])
    assert data(told["public"]) == key_of(given, "acceptor").public_bytes_raw()
    key_of(given, "inviter").verify(data(made["signature"]), made["bytes"].encode())


def base64(header: str) -> bytes:
    return b64decode(header.split(":")[1])


def test_requests_are_signed_over_the_base_of_rfc_9421(given: dict[str, Any]) -> None:
    made = given["request"]
    headers = made["headers"]
    body = bytes.fromhex(made["body"])
    assert base64(headers["Content-Digest"]) == sha256(body).digest()
    lines = [
        f'"@method": {made["method"]}',
        f'"@target-uri": {made["url"]}',
        f'"brug-bridge": {headers["Brug-Bridge"]}',
        f'"content-digest": {headers["Content-Digest"]}',
        '"content-type": application/json',
        '"content-encoding": zstd',
    ]
    lines.append(f'"@signature-params": {headers["Signature-Input"].removeprefix("brug=")}')
    key_of(given, "acceptor").verify(base64(headers["Signature"]), "\n".join(lines).encode())


def test_an_answer_is_signed_over_the_signature_of_its_request(given: dict[str, Any]) -> None:
    made = given["answer"]
    headers, asked = made["headers"], given[made["to"]]
    signature = asked["headers"]["Signature"].removeprefix("brug=")
    lines = [
        f'"@status": {made["status"]}',
        f'"brug-bridge": {headers["Brug-Bridge"]}',
        f'"content-digest": {headers["Content-Digest"]}',
        '"content-type": application/json',
        '"content-encoding": zstd',
        f'"@method";req: {asked["method"]}',
        f'"@target-uri";req: {asked["url"]}',
        f'"signature";req;key="brug": {signature}',
        f'"@signature-params": {headers["Signature-Input"].removeprefix("brug=")}',
    ]
    key_of(given, "inviter").verify(base64(headers["Signature"]), "\n".join(lines).encode())
    assert base64(headers["Content-Digest"]) == sha256(bytes.fromhex(made["body"])).digest()
