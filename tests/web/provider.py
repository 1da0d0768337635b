# SPDX-License-Identifier: EUPL-1.2
"""A small OpenID provider on this machine: real HTTP, real signatures, one person at a time.

`spoil` changes the ID token's claims before they are signed, or the signature's key.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "brug-node", "s3cret-of-the-client"


class Provider:
    """Its people, keys and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.person: dict[str, Any] = {
            "sub": "p-1", "email": "new@people.example", "email_verified": True,
            "groups": ["analysts"],
        }  # fmt: skip
        self.spoil: Callable[[dict[str, Any]], object] = dict.copy
        self.signing = self.key
        self.asked: dict[str, dict[str, str]] = {}
        self.issuer = url

    def answer_for(self, query: dict[str, str]) -> str:
        """What a browser that has signed in there goes back with."""
        code = f"code-{len(self.asked)}"
        self.asked[code] = query
        return f"{query['redirect_uri']}?" + urlencode({"code": code, "state": query["state"]})

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self.asked.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or authorization != f"Basic {basic}":
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked["code_challenge_method"] != "S256" or asked["code_challenge"] != challenge:
            return None
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], **self.person,
        }  # fmt: skip
        self.spoil(claims)
        id_token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signing)
        return {"access_token": "x", "token_type": "Bearer", "id_token": id_token}


def _handler(holder: list[Provider]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _send(self, status: int, value: Any) -> None:
            body = msgspec.json.encode(value)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            one = holder[0]
            if self.path == "/.well-known/openid-configuration":
                places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token",
                          "jwks_uri": "/keys"}  # fmt: skip
                found = {name: one.url + path for name, path in places.items()}
                self._send(200, found | {"issuer": one.issuer})
            elif self.path == "/keys":
                self._send(200, {"keys": [one.key.as_dict(private=False)]})
            else:
                self._send(404, {})

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            form = {k: v[0] for k, v in parse_qs(self.rfile.read(size).decode()).items()}
            made = holder[0].token(form, self.headers.get("Authorization", ""))
            self._send(200 if made else 400, made or {"error": "invalid_grant"})

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


@contextmanager
def provider() -> Iterator[Provider]:
    holder: list[Provider] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(holder))
    holder.append(Provider(f"http://127.0.0.1:{server.server_address[1]}"))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
