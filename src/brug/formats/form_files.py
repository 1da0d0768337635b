# SPDX-License-Identifier: EUPL-1.2
"""`multipart/form-data` (RFC 7578) -> fields and files. Takes the names of files, not paths."""

import re
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import HTTP

import msgspec

from brug.model.errors import Invalid

MOST_PARTS = 200
FORM = "multipart/form-data"


class File(msgspec.Struct, frozen=True):
    """A file as a form sends it; `field` is the form's name for it."""

    name: str
    data: bytes
    field: str = ""


class _Part(EmailMessage):
    """A part of a form: a mail or an archive of mails in it is bytes, and not looked into."""

    def get_content_type(self) -> str:
        kind = super().get_content_type()
        return kind if kind == FORM else "application/octet-stream"


def base_name(name: str) -> str:
    """The last part of what a client says a file is called, whatever it calls a path."""
    return re.sub(r"[\x00-\x1f\x7f]", "", name).replace("\\", "/").rpartition("/")[2].strip()


def read_form(content_type: str, body: bytes) -> tuple[dict[str, str], list[File]]:
    """The fields by name, and the files. Raises Invalid for what is no such form."""
    if "\r" in content_type or "\n" in content_type:
        raise Invalid("body", "multipart/form-data")
    # With this policy header values are never folded or decoded into anything but text.
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    whole: Message = BytesParser(_Part, policy=HTTP).parsebytes(head + body)
    if whole.get_content_type() != FORM or not whole.is_multipart():
        raise Invalid("body", "multipart/form-data")
    parts = whole.get_payload()
    if not isinstance(parts, list) or len(parts) > MOST_PARTS:
        raise Invalid("body", f"a form of at most {MOST_PARTS} parts")
    fields: dict[str, str] = {}
    files: list[File] = []
    for part in parts:
        if not isinstance(part, Message) or part.is_multipart():
            continue
        data = part.get_payload(decode=True)
        data = data if isinstance(data, bytes) else b""
        filename = part.get_filename()
        field = str(part.get_param("name", "", "content-disposition"))
        if filename is None:
            fields[field] = data.decode("utf-8", "replace")
        elif base_name(filename):
            files.append(File(base_name(filename), data, field))
    return fields, files
