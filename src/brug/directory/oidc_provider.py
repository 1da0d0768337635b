# SPDX-License-Identifier: EUPL-1.2
"""Asking an OpenID provider: its addresses, keys and tokens (Discovery 1.0; Core 1.0, 3.1).

What does not answer as the specification says is refused: another issuer, another audience,
an algorithm without a key pair, a token without the nonce. No redirect is followed and no
proxy of the environment is asked.
"""

from typing import Any
from urllib.parse import quote

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from brug.model.errors import Unauthenticated, Unavailable

SECONDS = 10
LARGEST = 2**20
LEEWAY = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]


class Provider(msgspec.Struct, frozen=True):
    """What this node knows of it; `back_to` is where browsers come back."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str
    back_to: str
    proxy: str = ""  # that the node's settings name, with its login

    def __repr__(self) -> str:
        """Without its secrets."""
        return f"Provider({self.issuer!r})"

    def address_for(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent (RFC 7636, 4.3: with the challenge of its verifier)."""
        with _client(self) as client:
            found = _discovered(client, self.issuer)
        return str(
            prepare_grant_uri(
                found["authorization_endpoint"], self.client_id, "code",
                redirect_uri=self.back_to, scope=self.scopes, state=state, nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
            )
        )  # fmt: skip


def _client(provider: Provider) -> httpx.Client:
    return httpx.Client(
        timeout=SECONDS, trust_env=False, follow_redirects=False, proxy=provider.proxy or None
    )


class BadProvider(Unavailable):
    """It does not answer, or not as the specification says."""

    code = "bad_provider"
    public = "The provider that you sign in with does not answer as it should."


class BadToken(Unauthenticated):
    """What came with the person does not hold."""

    code = "bad_token"
    public = "The provider's word for who you are does not hold."


def _json(client: httpx.Client, method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Status and object that an address answers."""
    try:
        with client.stream(method, url, **more) as response:
            content = b""
            for part in response.iter_bytes():
                content += part
                if len(content) > LARGEST:
                    raise BadProvider(f"{url} answers without end")
        found = msgspec.json.decode(content)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as error:
        raise BadProvider(f"{url}: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise BadProvider(f"{url} answers no object")
    return response.status_code, found


def _got(client: httpx.Client, url: str) -> dict[str, Any]:
    status, found = _json(client, "GET", url)
    if status != 200:
        raise BadProvider(f"{url} answers {status}")
    return found


def _discovered(client: httpx.Client, issuer: str) -> dict[str, Any]:
    found = _got(client, issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise BadProvider("the provider calls itself otherwise than the setting")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise BadProvider(f"the provider names no {name}")
    return found


def claims_of(provider: Provider, code: str, verifier: str, nonce: str) -> dict[str, Any]:
    """Who a code stands for. Raises BadToken, BadProvider."""
    form = prepare_token_request(
        "authorization_code", redirect_uri=provider.back_to, code=code, code_verifier=verifier
    )
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    who = (quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    with _client(provider) as client:
        found = _discovered(client, provider.issuer)
        status, tokens = _json(
            client, "POST", found["token_endpoint"], content=form, headers=headers, auth=who
        )
        if status != 200:
            raise BadToken(f"the provider refuses the code: {str(tokens.get('error'))[:100]}")
        keys = _got(client, found["jwks_uri"])
    return _checked(provider, str(tokens.get("id_token", "")), keys, nonce)


def _checked(provider: Provider, id_token: str, keys: dict[str, Any], nonce: str) -> dict[str, Any]:
    """Core 1.0, 3.1.3.7."""
    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        rules.validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise BadToken(f"the ID token does not hold: {type(error).__name__}") from error
    claims: dict[str, Any] = dict(token.claims)
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", provider.client_id) != provider.client_id or (
        several and "azp" not in claims
    ):
        raise BadToken("the ID token was made for another client")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise BadToken("the ID token names nobody")
    return claims
