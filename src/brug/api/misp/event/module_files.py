# SPDX-License-Identifier: EUPL-1.2
"""Files through a server of misp-modules: an event to a format it knows, a file to an event.

A stock MISP asks a person to confirm what an import module found; here it is stored, as what
a look-up finds is. What the reader sees of an event is what the server is told of it.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from typing import Any

import msgspec

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError, saved
from brug.edge import modules
from brug.edge.modules import Module, ModuleFailed
from brug.edge.outgoing import NotReached
from brug.formats.misp import coercion
from brug.intel.finding import claim, find
from brug.intel.intake.enriching import take_in
from brug.intel.leaving import whole
from brug.intel.search.filters import Filters
from brug.model.errors import Unavailable

INVALID_EVENT = (404, "Invalid event.")
NO_MODULE = "No module of this name and kind is available."
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_ENDING = re.compile(r"[A-Za-z0-9]{1,10}")


def _module(call: Call, kind: str) -> Module:
    try:
        found = modules.modules(call.session)
    except NotReached as error:
        raise Unavailable(str(error)) from error
    for one in found:
        if one.name == call.arg(0) and kind in one.kinds:
            return one
    raise MispError(404, NO_MODULE)


def _asked(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = modules.query_raw(call.session, query)
    except NotReached as error:
        raise Unavailable(str(error)) from error
    if answer.get("error"):
        raise MispError(502, f"{query['module']}: {str(answer['error'])[:300]}")
    return answer


def _config(call: Call, module: Module, family: str) -> dict[str, Any]:
    """The node's settings for the module, under what the request says."""
    sent = call.data("Event").get("config")
    told = modules.config(call.session, module, family)
    return told | (sent if isinstance(sent, dict) else {})


@endpoint(
    "events", "exportModule",
    shows=("event", "attribute", "object", "tag"),
    summary="An event as a file that an export module makes of it", body={"config": {}},
)  # fmt: skip
def export(call: Call) -> Answer:
    with reaching(INVALID_EVENT):
        event_id = find(call.session, "event", call.arg(1))
    module = _module(call, "export")
    found = [
        msgspec.to_builtins(one) for one in whole.documents(call.session, [event_id], Filters())
    ]
    # Modules read attributes inside of the event, or beside it as MISP's own code has them.
    told = [
        {"Event": one, "Attribute": one.get("Attribute", []), "Object": one.get("Object", [])}
        for one in found
    ]
    query = {"module": module.name, "data": told, "config": _config(call, module, "Export")}
    answer = _asked(call, query)
    try:
        content = b64decode(str(answer.get("data") or ""), validate=True)
    except (BadBase64, ValueError) as error:
        raise ModuleFailed(f"module {module.name}: no Base64") from error
    return _as_file(module, event_id, content)


def _as_file(module: Module, event_id: int, content: bytes) -> Answer:
    said = module.listed.get("mispattributes")
    said = said if isinstance(said, dict) else {}
    media_type, ending = str(said.get("responseType")), str(said.get("outputFileExtension"))
    if not _MEDIA_TYPE.fullmatch(media_type):
        media_type = "application/octet-stream"
    if not _ENDING.fullmatch(ending):
        ending = "txt"
    name = f"misp.{module.name}.export.event{event_id}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(content, headers=headers, media_type=media_type)


@endpoint(
    "events", "importModule",
    methods=WRITE, right="add", changes=True,
    summary="Has an import module read a file, and adds what it finds to an event",
    body={"data": "Base64", "paste": "text, instead of data", "config": {}},
)  # fmt: skip
def take(call: Call) -> Answer:
    sent = call.data("Event")
    content = coercion.base64("data", sent.get("data"))
    if content is None:
        content = coercion.text("paste", sent.get("paste")).encode()
    if not content:
        raise MispError(405, "No file was sent: data takes it in Base64, or paste a text.")
    with reaching(INVALID_EVENT):
        event_id = find(call.session, "event", call.arg(1))
        # Who may not write need not ask. The claim is given back before the module thinks.
        with call.session.connection.transaction(force_rollback=True):
            claim(call.session, event_id)
    module = _module(call, "import")
    answer = _asked(call, {
        "module": module.name, "event_id": str(event_id), "data": b64encode(content).decode(),
        "config": _config(call, module, "Import"),
    })  # fmt: skip
    held = claim(call.session, event_id)
    count = take_in(call.session, held, modules.results(answer.get("results")), module.name)
    url = f"/events/importModule/{module.name}/{event_id}"
    return Answer(saved(f"{count} items added.", url, str(event_id)))
