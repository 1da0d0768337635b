# SPDX-License-Identifier: EUPL-1.2
"""Documents of a case as JSON: what they hold goes in and comes out in base64, to be kept."""

from base64 import b64encode
from io import BytesIO

import msgspec

from brug.api.cases import forms
from brug.api.cases.files import signed
from brug.api.cases.reading import from_base64
from brug.api.cases.table import Call, route
from brug.cases import documents, entry_rows, files
from brug.cases.case import Document
from brug.cases.documents import Told
from brug.cases.entries import Entry

_ONE = "/cases/{case}/documents/{document}"


class Attaching(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document for all, or for the participants in `to`; `data` is its content in base64.

    `is_malware` has it boxed (ZIP, password `infected`). `sealed_for` names those for whom it was
    encrypted with age before it came here.
    """

    name: str
    data: str
    media_type: str = ""
    is_malware: bool = False
    sealed_for: tuple[str, ...] = ()
    because: str = ""
    to: tuple[str, ...] = ()


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A document without its content; `sample` is the SHA-256 of what is boxed in it.

    `media_type` is what its first bytes say, `said_type` what its sender says. `is_here`: this
    node has the content.
    """

    document: str
    name: str
    size: int
    sha256: str
    media_type: str
    said_type: str
    sealed_for: list[str]
    sample: str
    because: str
    to: list[str]
    org: str
    at: str
    entry: str
    is_here: bool


class Documents(msgspec.Struct, frozen=True):
    """Those that the key's owner may have and nobody took back."""

    documents: list[Described]


class Content(msgspec.Struct, frozen=True):
    """What a document holds, in base64, checked against the SHA-256 that was signed."""

    document: str
    name: str
    sha256: str
    data: str


@route("GET", "/cases/{case}/documents", summary="The documents of a case", answers=(Documents,))
def listed(call: Call) -> Documents:
    file, case = files.view(call.session, call.args["case"])
    return Documents([_described(call, file, one) for one in documents.shown(case)])


def _described(call: Call, file: files.File, one: Document) -> Described:
    act = one.act
    return Described(
        document=act.document, name=act.name, size=act.size, sha256=act.sha256,
        media_type=act.media_type, said_type=act.said_type, sealed_for=list(act.sealed_for),
        sample=act.sample, because=act.because, to=list(one.to), org=one.author.org, at=one.at,
        entry=one.entry, is_here=documents.is_here(call.session, file, one),
    )  # fmt: skip


@route(
    "POST", "/cases/{case}/documents", summary="Attach a document", body=Attaching,
    answers=(forms.Signed,), status=201, changes=True,
)  # fmt: skip
def attached(call: Call) -> forms.Signed:
    asked: Attaching = call.body
    content = from_base64(asked.data)
    told = Told(
        name=asked.name, media_type=asked.media_type, sealed_for=asked.sealed_for,
        is_malware=asked.is_malware, because=asked.because,
    )  # fmt: skip
    source = BytesIO(content)
    return _signed(call, documents.attach(call.session, call.args["case"], source, told, asked.to))


@route("GET", _ONE, summary="What a document holds", answers=(Content,))
def fetched(call: Call) -> Content:
    file, case = files.view(call.session, call.args["case"])
    one = documents.find(case, call.args["document"])
    content = b"".join(documents.content(call.session, file, one))
    act = one.act
    return Content(act.document, act.name, act.sha256, b64encode(content).decode())


@route("DELETE", _ONE, summary="Take a document back", answers=(forms.Signed,), changes=True)
def taken_back(call: Call) -> forms.Signed:
    """It is served no more; that it was there stays."""
    case, document = call.args["case"], call.args["document"]
    return _signed(call, documents.take_back(call.session, case, document))


def _signed(call: Call, entry: Entry) -> forms.Signed:
    return signed(call.session, entry_rows.stored_several(call.session, [entry.id]))[0]
