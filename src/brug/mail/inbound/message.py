# SPDX-License-Identifier: EUPL-1.2
"""A mail that came in, taken apart (RFC 5322, MIME): its text, its files, who says to have sent it.

Nothing is rendered, run or unpacked. Of HTML only the text is kept, and it is said what was
dropped. What cannot be read, or is made to exhaust its reader, raises Unreadable.
"""

import re
from collections import Counter
from email import message_from_bytes
from email.errors import ObsoleteHeaderDefect
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from hashlib import sha256

import msgspec

from brug.formats.page_text import text_of
from brug.model.errors import BrugError

MOST_PARTS = 200
MOST_DEPTH = 20
MOST_HEADERS = 500
LONGEST_NAME = 150
_TOLD_OF_HTML = re.compile(r"<(img|script|style|form|iframe|object|embed|a|link)\b", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[/\\<>:"|?*\x00-\x1f]')
_ENCRYPTED, _PGP = "multipart/encrypted", "application/pgp-encrypted"
_BEGINS, _ENDS = "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"
# What the library raises on mail that nobody foresaw, besides its own errors.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)


class Unreadable(BrugError):
    """This is no mail that can be read."""

    code = "unreadable_mail"


class Part(msgspec.Struct, frozen=True):
    """A file that came along; `name` fits every system."""

    name: str
    type: str
    content: bytes


class Incoming(msgspec.Struct, frozen=True):
    """What is known of a mail. `senders` are the addresses of From; `recipients` all it went to.

    `dropped` says what of it is in neither text nor files; `is_html_only` that the text was
    taken out of HTML. `signed` are the bytes under an OpenPGP signature, and the signature.
    `sealed` is the OpenPGP message that all of it is; nothing where only some of it is encrypted.
    """

    message_id: str
    senders: list[str]
    recipients: list[str]
    references: list[str]
    subject: str
    text: str
    parts: list[Part]
    dropped: list[str]
    is_html_only: bool
    is_encrypted: bool
    signed: tuple[bytes, bytes] | None
    headers: list[tuple[str, str]]  # names in lower case, the topmost first
    kind: str  # its content type
    sealed: bytes = b""

    def all(self, name: str) -> list[str]:
        return [text for known, text in self.headers if known == name]

    def digests(self) -> tuple[bytes, bytes]:
        """Of its Message-ID, and of what it says and who says it."""
        said = [
            *self.senders, self.subject, self.text,
            *(f"{one.name} {sha256(one.content).hexdigest()}" for one in self.parts),
        ]  # fmt: skip
        content = sha256("\0".join(said).encode("utf-8", "surrogatepass")).digest()
        named = self.message_id.encode("utf-8", "surrogatepass")
        return (sha256(named).digest() if named else content), content


def read(raw: bytes) -> Incoming:
    """Raises Unreadable."""
    try:
        message = message_from_bytes(raw, policy=default)
        if not isinstance(message, EmailMessage):  # pragma: no cover — the policy makes these
            raise Unreadable("no mail")
        return _read(message, raw)
    except _BROKEN as error:
        raise Unreadable(f"{type(error).__name__}") from error


def unsealed(mail: Incoming, content: bytes) -> Incoming:
    """A mail with what came out of its encryption, and nothing of what stood around that.

    Who sent it, to whom and about what is said outside alone: headers inside are not looked at.
    Raises Unreadable.
    """
    if mail.kind == _ENCRYPTED:
        inside = read(content)
    else:
        inside = read(b"Content-Type: text/plain; charset=utf-8\n\n")
        text = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\0", "\ufffd")
        is_again = _BEGINS in text
        inside = msgspec.structs.replace(inside, text=text.strip(), is_encrypted=is_again)
    return msgspec.structs.replace(
        mail, text=inside.text, parts=inside.parts, dropped=inside.dropped,
        is_html_only=inside.is_html_only, is_encrypted=inside.is_encrypted, signed=inside.signed,
        sealed=b"",
    )  # fmt: skip


def _read(message: EmailMessage, raw: bytes) -> Incoming:
    headers = [(name.lower(), _plain(text)) for name, text in message.items()]
    if not headers or len(headers) > MOST_HEADERS:
        raise Unreadable("headers: none, or too many")
    signed = _signed(message, raw)
    body: EmailMessage = message
    if signed is not None:
        first = message.get_payload(0)
        assert isinstance(first, EmailMessage)  # noqa: S101 — as its parser made it
        body = first
    leaves = _leaves(body)
    text, files, dropped, is_html_only = _said(leaves)
    kinds = {one.get_content_type() for one in (message, *leaves)}
    is_encrypted = _BEGINS in text or bool(kinds & {_ENCRYPTED, _PGP})
    sent_to = [text for name, text in headers
               if name in {"to", "cc", "delivered-to", "x-original-to", "envelope-to"}]  # fmt: skip
    return Incoming(
        message_id=_one(headers, "message-id"),
        senders=_senders(message),
        recipients=[address for _, address in getaddresses(sent_to) if address],
        references=[*_all(headers, "in-reply-to"), *_all(headers, "references")],
        subject=_one(headers, "subject")[:1000],
        text=text,
        parts=files,
        dropped=dropped,
        is_html_only=is_html_only,
        is_encrypted=is_encrypted,
        signed=signed,
        headers=headers,
        kind=message.get_content_type(),
        sealed=_sealed(message, leaves, text) if is_encrypted else b"",
    )


def _sealed(message: EmailMessage, leaves: list[EmailMessage], text: str) -> bytes:
    """The OpenPGP message that a mail is and nothing besides: RFC 3156 (4), or text alone.

    Beside other parts, or within them, it is not opened: what stands around it could carry it off.
    """
    if message.get_content_type() == _ENCRYPTED:
        kinds = [one.get_content_type() for one in leaves]
        if kinds != [_PGP, "application/octet-stream"]:
            return b""
        found = leaves[1].get_payload(decode=True)
        return found if isinstance(found, bytes) else b""
    is_alone = [one.get_content_type() for one in leaves] == ["text/plain"]
    if not is_alone or not (text.startswith(_BEGINS) and text.endswith(_ENDS)):
        return b""
    return text.encode() if text.count(_BEGINS) == text.count(_ENDS) == 1 else b""


def _senders(message: EmailMessage) -> list[str]:
    """Addresses of From as they were written, before anything of it is decoded.

    What an encoded word hides may look like an address, or like the end of one. Where the header
    is not written as it should be there is no telling whom a mail server read in it: nobody.
    """
    found: list[str] = []
    for header in message.get_all("from", []):
        faults = [one for one in header.defects if not isinstance(one, ObsoleteHeaderDefect)]
        if faults or not isinstance(header, AddressHeader):
            return []
        found += [one.addr_spec for one in header.addresses]
    return found


def _plain(value: object) -> str:
    text = str(value).encode("utf-8", "replace").decode()
    return " ".join(text.replace("\0", "\ufffd").split())


def _all(headers: list[tuple[str, str]], name: str) -> list[str]:
    return [text for known, text in headers if known == name]


def _one(headers: list[tuple[str, str]], name: str) -> str:
    found = _all(headers, name)
    return found[0].strip() if found else ""


def _leaves(message: EmailMessage, depth: int = 0) -> list[EmailMessage]:
    """Parts that hold something, an enclosed mail as a whole. Raises Unreadable."""
    if depth > MOST_DEPTH:
        raise Unreadable(f"more than {MOST_DEPTH} parts within each other")
    if not message.is_multipart() or message.get_content_type() == "message/rfc822":
        return [message]
    found: list[EmailMessage] = []
    for one in message.iter_parts():
        assert isinstance(one, EmailMessage)  # noqa: S101 — as its parser made it
        found += _leaves(one, depth + 1)
        if len(found) > MOST_PARTS:
            raise Unreadable(f"more than {MOST_PARTS} parts")
    return found


def _said(leaves: list[EmailMessage]) -> tuple[str, list[Part], list[str], bool]:
    """Text, files, what was dropped, and whether the text was taken out of HTML."""
    plain = [one for one in leaves if _is_text(one, "text/plain")]
    pages = [one for one in leaves if _is_text(one, "text/html")]
    dropped: list[str] = []
    if plain or not pages:
        text = "\n\n".join(_text(one) for one in plain)
        dropped += ["the HTML version"] * bool(pages)
    else:
        sources = [_text(one) for one in pages]
        text = "\n\n".join(text_of(one) for one in sources)
        tags = Counter(tag.lower() for one in sources for tag in _TOLD_OF_HTML.findall(one))
        dropped.append("HTML" + "".join(f", {count} {tag}" for tag, count in sorted(tags.items())))
    kept = [one for one in leaves if one not in plain and one not in pages]
    files = [_file(one, number) for number, one in enumerate(kept, 1) if _is_kept(one)]
    return text.strip(), files, dropped, bool(pages) and not plain


def _is_text(part: EmailMessage, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment"


def _is_kept(part: EmailMessage) -> bool:
    return part.get_content_type() != "application/pgp-signature"


def _text(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        text = data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\0", "\ufffd")
    return text.encode("utf-8", "replace").decode()


def _file(part: EmailMessage, number: int) -> Part:
    if part.get_content_type() == "message/rfc822":
        enclosed = part.get_payload(0)
        data = enclosed.as_bytes() if isinstance(enclosed, EmailMessage) else b""
        return Part(file_name(part.get_filename() or f"mail-{number}.eml"), "message/rfc822", data)
    found = part.get_payload(decode=True)
    data = found if isinstance(found, bytes) else b""
    return Part(file_name(part.get_filename() or f"file-{number}"), part.get_content_type(), data)


def file_name(given: str) -> str:
    """One that is a file's name on every system, and hidden on none."""
    text = "".join(one if one.isprintable() else "_" for one in _plain(given))
    text = _NOT_IN_NAMES.sub("_", text).strip(" .")
    while len(text.encode()) > LONGEST_NAME:
        stem, dot, ending = text.rpartition(".")
        text = f"{stem[:-1]}{dot}{ending}" if dot and len(ending) < 10 and stem else text[:-1]
    return text.strip(" .") or "file"


def _signed(message: EmailMessage, raw: bytes) -> tuple[bytes, bytes] | None:
    """RFC 3156, 5: the first part as it was written, with CRLF, and the signature over it."""
    if message.get_content_type() != "multipart/signed":
        return None
    parts = message.get_payload()
    boundary = message.get_boundary()
    if not isinstance(parts, list) or len(parts) != 2 or not boundary:
        raise Unreadable("a signature over something else than one part")
    if not isinstance(parts[0], EmailMessage) or not isinstance(parts[1], EmailMessage):
        raise Unreadable("a signature over nothing")  # pragma: no cover
    if parts[1].get_content_type() != "application/pgp-signature":
        return None  # S/MIME: as if it were not signed
    lines = re.sub(rb"\r?\n", b"\r\n", raw)
    pieces = lines.split(b"\r\n--" + boundary.encode("utf-8", "surrogateescape"))
    if len(pieces) < 3:
        raise Unreadable("a signed mail without its parts")
    under = pieces[1].partition(b"\r\n")[2]
    signature = parts[1].get_payload(decode=True)
    return under, signature if isinstance(signature, bytes) else b""
