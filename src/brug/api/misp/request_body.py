# SPDX-License-Identifier: EUPL-1.2
"""A request's body: within its limit, decompressed, as JSON or CakePHP's forms."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from brug.api.misp.refusals import MispError
from brug.edge.decoding import unzip
from brug.formats.json_text import decode
from brug.model.errors import Invalid, TooLarge

BAD_JSON = (
    "Invalid JSON input. Make sure that the JSON input is a correctly formatted JSON string."
    " This request has been blocked to avoid an unfiltered request."
)
FORM_DEPTH = 20


def raw(method: str, headers: Mapping[str, str], sent: bytes, limit: int) -> bytes:
    """The body's bytes, decompressed; none for methods that have no body."""
    if method in {"GET", "HEAD"}:
        return b""
    if len(sent) > limit:
        raise TooLarge("The body", limit, "limits.body_bytes")
    if sent and headers.get("content-encoding", "").lower() in {"gzip", "x-gzip"}:
        return unzip(sent, limit)
    return sent


def decoded(headers: Mapping[str, str], raw: bytes) -> Any:
    """What JSON or a form says; nothing for other types, as MISP reads them."""
    if not raw:
        return None
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            return decode(raw)
        except Invalid as error:
            raise MispError(405, f"{BAD_JSON} {error.public}") from error
    if kind == "application/x-www-form-urlencoded":
        return _form(raw)
    return None


def _form(raw: bytes) -> dict[str, Any]:
    """CakePHP's form names: `data[Event][info]=x` is `{"Event": {"info": "x"}}`."""
    form: dict[str, Any] = {}
    for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
        parts = name.replace("]", "").split("[")
        if parts[0] == "data":
            parts = parts[1:]
        if len(parts) > FORM_DEPTH:
            raise Invalid("body", f"at most {FORM_DEPTH} levels within one another")
        place = form
        for part in parts[:-1]:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        if parts:
            place[parts[-1]] = value
    return form
