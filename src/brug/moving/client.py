# SPDX-License-Identifier: EUPL-1.2
"""A client of MISP's REST interface, for reading and filling one installation.

It says that it is a MISP, since stock servers answer others at greater length. It follows
no redirect (the key would travel), reads no proxy from the environment, keeps to a size,
and waits where the other side asks for it. What the other side answers is hostile.
"""

import ssl
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec

from brug.model.errors import BrugError, Invalid

USER_AGENT = "MISP 2.5.1"
LARGEST = 512 * 2**20  # bytes of one answer, decompressed
PAGE = 500
TRIES = 6
LONGEST_WAIT = 120.0
_AGAIN = frozenset({429, 502, 503, 504})
Wait = Callable[[float], None]


class Unreachable(BrugError):
    """The other side does not answer, or not as a MISP."""

    code = "misp_unreachable"
    public = "The MISP does not answer."


class Refused(BrugError):
    """The other side answered, and said no."""

    code = "misp_refused"
    public = "The MISP refused the request."

    def __init__(self, what: str, status: int, said: str) -> None:
        super().__init__(f"{what}: the MISP answered {status}{f' ({said})' if said else ''}")
        self.status = status


class Access(msgspec.Struct, frozen=True):
    """How to reach a MISP."""

    url: str
    key: str
    authorities: Path | None = None  # PEM of certification authorities to trust instead
    certificate: Path | None = None  # PEM of a client certificate with its key
    verify: bool = True
    proxy: str | None = None
    option: str = "--from-misp"  # by which the address was given


class Misp:
    """One installation; use it as a context manager."""

    def __init__(self, access: Access, wait: Wait = time.sleep) -> None:
        self.url = checked_url(access.url, access.option)
        self._wait = wait
        self.result_count = 0  # of the last list that said how long it is
        self._http = httpx.Client(
            base_url=self.url,
            verify=_trust(access),
            proxy=access.proxy,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(30, read=600),
            headers={
                "Authorization": access.key,
                "Accept": "application/json",
                "Content-Type": "application/json",
                "User-Agent": USER_AGENT,
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        """The decoded answer; raises Refused or Unreachable."""
        return self._asked("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        return self._asked("POST", path, body)

    def exists(self, path: str) -> bool:
        """Whether a HEAD is answered with success; raises for all but 404."""
        status, content = self._sent("HEAD", path, None)
        if status in {404, 403, 405}:
            return False
        _require_success(path, status, content)
        return True

    def pages(self, path: str, size: int = PAGE) -> Iterator[list[Any]]:
        """The pages of a list; one that knows no pages comes whole."""
        seen: set[str] = set()
        number = 1
        while True:
            page = listed(self.get(f"{path}/limit:{size}/page:{number}"))
            fresh = []
            for item in page:
                if (name := _name(item)) not in seen:
                    seen.add(name)
                    fresh.append(item)
            if fresh:
                yield fresh
            if len(page) != size or not fresh:
                return
            number += 1

    def _asked(self, method: str, path: str, body: Any) -> Any:
        status, content = self._sent(method, path, body)
        _require_success(path, status, content)
        try:
            return msgspec.json.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreachable(f"{path}: the answer is not JSON ({error})") from error

    def _sent(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        content = None if body is None else msgspec.json.encode(body)
        for attempt in range(1, TRIES + 1):
            try:
                status, answer, after = self._once(method, path, content)
            except httpx.TransportError as error:
                if attempt == TRIES or _is_for_good(error):
                    raise Unreachable(f"{self.url}{path}: {_why(error)}") from error
                after = None
            else:
                if status not in _AGAIN or attempt == TRIES:
                    return status, answer
            self._wait(after if after is not None else min(2.0 ** (attempt - 1), LONGEST_WAIT))
        raise AssertionError  # the last attempt returns or raises

    def _once(
        self, method: str, path: str, content: bytes | None
    ) -> tuple[int, bytes, float | None]:
        with self._http.stream(method, path, content=content) as response:
            parts, size = [], 0
            for part in response.iter_bytes():
                size += len(part)
                if size > LARGEST:
                    raise Refused(path, response.status_code, f"more than {LARGEST} bytes")
                parts.append(part)
            self._note_count(response.headers.get("X-Result-Count"))
            after = _after(response.headers.get("Retry-After"))
            return response.status_code, b"".join(parts), after

    def _note_count(self, said: str | None) -> None:
        if said and said.isascii() and said.isdecimal() and len(said) < 12:
            self.result_count = int(said)


def checked_url(url: str, option: str) -> str:
    """The address without a path's end; raises Invalid for one that carries credentials."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Invalid(option, "an address like https://misp.example", url) from error
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo:
        raise Invalid(option, "an address like https://misp.example, without a password")
    return url.rstrip("/")


def _trust(access: Access) -> ssl.SSLContext | bool:
    if not access.url.startswith("https"):
        return True
    try:
        context = ssl.create_default_context(cafile=access.authorities)
    except (OSError, ssl.SSLError) as error:
        raise Invalid("--ca", f"a readable file of certificates in PEM ({error})") from error
    try:
        if access.certificate is not None:
            context.load_cert_chain(access.certificate)
    except (OSError, ssl.SSLError) as error:
        expected = f"a readable file with a certificate and its key in PEM ({error})"
        raise Invalid("--certificate", expected) from error
    if not access.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _why(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__


def _is_for_good(error: BaseException | None) -> bool:
    """Whether one side does not trust the other, which waiting does not change."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        if isinstance(error, ssl.SSLError) and "ALERT" in str(error.reason):
            return True
        error = error.__cause__ or error.__context__
    return False


def _after(said: str | None) -> float | None:
    """What Retry-After asks for, in seconds."""
    if not said:
        return None
    try:
        wanted = (
            float(said)
            if said.strip().isdigit()
            else (parsedate_to_datetime(said).timestamp() - time.time())
        )
    except (ValueError, TypeError):
        return None
    return max(0.0, min(wanted, LONGEST_WAIT))


def _require_success(path: str, status: int, content: bytes) -> None:
    if 300 <= status < 400:
        raise Refused(path, status, "a redirect; give the address that it leads to")
    if status >= 400:
        raise Refused(path, status, _said(content))


def _said(content: bytes) -> str:
    """What an error's body says, short enough for a line."""
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    said = body.get("errors") or body.get("message") or body.get("name") or ""
    return (said if isinstance(said, str) else msgspec.json.encode(said).decode())[:300]


def listed(body: Any) -> list[Any]:
    """The list in an answer, however it is wrapped."""
    if isinstance(body, list):
        return body
    if isinstance(body, dict):
        for inner in body.values():
            if isinstance(inner, list):
                return inner
    return []


def _name(item: Any) -> str:
    """What tells items of a list apart: the number, in whichever wrapping."""
    if isinstance(item, dict):
        if "id" in item:
            return str(item["id"])
        for inner in item.values():
            if isinstance(inner, dict) and "id" in inner:
                return str(inner["id"])
    return str(item)
