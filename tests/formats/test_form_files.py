# SPDX-License-Identifier: EUPL-1.2
"""Forms with files, as clients build them."""

import httpx
import pytest

from brug.formats.form_files import File, read_form
from brug.model.errors import Invalid


def sent(**files: tuple[str, bytes]) -> tuple[str, bytes]:
    """A form as a client sends it."""
    request = httpx.Request(
        "POST", "http://node.example", data={"data[Attribute][category]": "x"}, files=files
    )
    return request.headers["content-type"], request.read()


@pytest.mark.parametrize(
    "data", [bytes(range(256)), b"a\r\nb\nc\rd", b"", b"\r\n", b"--\r\n--", b"\n" * 3]
)
def test_every_byte_of_a_file_arrives(data: bytes) -> None:
    fields, files = read_form(*sent(a=("a.bin", data), b=("b.txt", b"second")))
    assert fields == {"data[Attribute][category]": "x"}
    assert files == [File("a.bin", data, "a"), File("b.txt", b"second", "b")]


MAIL = (
    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n1\n--x--\n"
)


@pytest.mark.parametrize("name", ["one.eml", "one.mht", "one.mhtml"])
@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/mixed", "message/delivery-status"])
def test_a_mail_in_a_form_is_a_file_like_any_other(name: str, kind: str) -> None:
    request = httpx.Request("POST", "http://node.example", files={"a": (name, MAIL, kind)})
    _, files = read_form(request.headers["content-type"], request.read())
    assert files == [File(name, MAIL, "a")]


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\\\x\\\\passwd", "/passwd"])
def test_a_path_is_only_a_name(name: str) -> None:
    body = (
        f'--b\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\nx\r\n--b--\r\n'
    )
    _, files = read_form("multipart/form-data; boundary=b", body.encode())
    assert [one.name for one in files] == ["passwd"]


@pytest.mark.parametrize("kind", ["multipart/form-data", "text/plain", "", "multipart/mixed"])
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(Invalid):
        read_form(kind, b"no form at all")
