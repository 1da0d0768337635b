# SPDX-License-Identifier: EUPL-1.2
"""The test vectors of the native protocol, as docs/reference/native-protocol.md shows them.

    python tools/native_vectors.py

prints them. Everything in them is fixed: the keys are those of RFC 8032 (7.1, tests 1 and
2), the times and nonces are written down here.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from brug.bridges import identity, statements
from brug.bridges.connecting import saying
from brug.bridges.identity import PublicKey
from brug.bridges.native import signing
from brug.bridges.native.signing import Answer, Request
from brug.formats.canonical import canonical

SEEDS = {
    "inviter": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "acceptor": "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
}
MADE = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
BRIDGE = "5f0c1d9e-7c2b-4d0e-9b6a-2f3e4d5c6b7a"
URL = "https://noord.example/native/v1"
# A body as it travels; any bytes would do here.
PACKED = bytes.fromhex(
    "28b52ffd201ef100007b226b696e64223a2270696e67222c2276657273696f6e73223a5b315d7d"
)


def key_of(who: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SEEDS[who]))


def public_of(who: str) -> PublicKey:
    public = key_of(who).public_key().public_bytes_raw()
    return PublicKey(identity.id_of(public), public, MADE)


def described(who: str) -> dict[str, Any]:
    number = "1" if who == "inviter" else "2"
    return {
        "node": f"00000000-0000-4000-8000-00000000000{number}",
        "name": f"Node {number}",
        "url": "https://noord.example" if who == "inviter" else "https://zuid.example",
        "organisation": {
            "uuid": f"10000000-0000-4000-8000-00000000000{number}",
            "name": f"CSIRT {number}", "nationality": "", "sector": "", "contacts": "",
        },
        "keys": [identity.as_document(public_of(who))],
        "transports": ["native"],
        "native": {"versions": [1]},
        "software": "Brug",
    }  # fmt: skip


def signed(who: str, said: dict[str, Any]) -> dict[str, Any]:
    signature = key_of(who).sign(canonical(said))
    return {
        "signed": said,
        "key_id": public_of(who).key_id,
        "signature": identity.in_text(signature),
    }


def vectors() -> dict[str, Any]:
    """All of them, by what they are vectors of."""
    nonce = "bm9uY2Utb2YtaW52aXRlcg"
    invitation = signed("inviter", {
        "statement": saying.INVITATION, "bridge": BRIDGE,
        "token": "dG9rZW4tb2YtdGhlLWludml0YXRpb24tMzItYnl0ZXM",
        "commitment": saying.commitment_to(nonce),
        "expires": "2026-01-08T00:00:00Z", "node": described("inviter"),
    })  # fmt: skip
    acceptance = signed("acceptor", {
        "statement": saying.ACCEPTANCE, "bridge": BRIDGE,
        "token": invitation["signed"]["token"],
        "invitation": statements.digest(invitation["signed"]),
        "nonce": "bm9uY2Utb2YtYWNjZXB0b3I", "node": described("acceptor"),
    })  # fmt: skip
    accepted = signed("inviter", {
        "statement": saying.ACCEPTED, "bridge": BRIDGE,
        "acceptance": statements.digest(acceptance["signed"]), "nonce": nonce,
    })  # fmt: skip
    shown = saying.authentication_string(
        statements.of_value(invitation, saying.INVITATION),
        statements.of_value(acceptance, saying.ACCEPTANCE),
        nonce,
    )
    new = public_of("acceptor")
    return {
        "keys": {
            who: {"seed": seed, "public": public_of(who).public.hex(), **_key(who)}
            for who, seed in SEEDS.items()
        },
        "introduction of acceptor's key by inviter's": {
            "bytes": identity.introducing(new).decode(),
            "signature": identity.in_text(key_of("inviter").sign(identity.introducing(new))),
        },
        "invitation": invitation,
        "acceptance": acceptance,
        "accepted": accepted,
        "authentication string": shown,
        "request": _request(),
        "answer": _answer(),
    }  # fmt: skip


def _key(who: str) -> dict[str, str]:
    return {"key_id": public_of(who).key_id}


def _posted() -> Request:
    request = Request(
        "POST", f"{URL}/messages",
        {"Brug-Bridge": BRIDGE, "Content-Type": "application/json", "Content-Encoding": "zstd"},
    )  # fmt: skip
    key = key_of("acceptor")
    nonce = "cmVxdWVzdC1ub25jZS1vbmUh"
    signing.sign_request(request, PACKED, public_of("acceptor").key_id, key.sign, AT, nonce)
    return request


def _request() -> dict[str, Any]:
    request = _posted()
    return {
        "method": request.method, "url": request.url, "body": PACKED.hex(),
        "headers": request.headers,
    }  # fmt: skip


def _answer() -> dict[str, Any]:
    answer = Answer(
        200,
        {"Brug-Bridge": BRIDGE, "Content-Type": "application/json", "Content-Encoding": "zstd"},
        _posted(),
    )
    signing.sign_answer(answer, PACKED, public_of("inviter").key_id, key_of("inviter").sign, AT)
    return {
        "to": "request", "status": 200, "body": PACKED.hex(),
        "body's SHA-256": sha256(PACKED).hexdigest(), "headers": answer.headers,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(vectors(), indent=2, ensure_ascii=False))
