# SPDX-License-Identifier: EUPL-1.2
"""What is a web page and what is a list that is called one."""

import pytest

from brug.formats.web_page import is_page, title_of

LIST = b"https://a.example/x\n203.0.113.1\n"


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>",
        b"  \r\n<!doctype HTML PUBLIC '-//W3C//DTD'>",
        b"\xef\xbb\xbf<HTML lang=en>\n<body>",
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">\n<html>',
        b"<!-- made by x\n -->\n<!-- y --><html>",
        b"<head><meta http-equiv=refresh content='0; url=https://login.example/'></head>",
        b"<script>location = 'https://captcha.example/'</script>",
        "<html><body>\u4f60".encode("utf-16"),
    ],
)
def test_what_begins_as_a_page_is_one_whatever_it_is_called(content: bytes) -> None:
    for called in ("", "text/plain", "application/json", "text/html; charset=utf-8"):
        assert is_page(content, called)


@pytest.mark.parametrize(
    "content",
    [
        b"<h1>Blocked</h1> <a href='https://help.example/'>why</a>",
        b"Sorry!\n<body>Too many requests, see https://help.example/</body>",
        b"PHP Warning: x\n<!doctype html><html>",
    ],
)
def test_what_is_called_a_page_and_holds_an_element_of_one_is_one(content: bytes) -> None:
    for called in ("text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"):
        assert is_page(content, called)
    assert not is_page(content, "text/plain")


@pytest.mark.parametrize(
    "content",
    [
        LIST, b"", b"a.example<br />\nb.example<br />\n", b'"a.example","<b>bold</b>"\n',
        b'{"e": {"info": "x"}}', b"headline.example\nhtml.example\n",
    ],
)  # fmt: skip
def test_a_list_is_none_even_where_its_server_calls_all_it_has_a_page(content: bytes) -> None:
    for called in ("", "text/plain", "text/csv", "text/html"):
        assert not is_page(content, called)


def test_a_list_may_say_something_of_pages() -> None:
    for content in (b"# <html> is what this list is about\n" + LIST, b"<redacted>\n" + LIST):
        assert not is_page(content, "text/plain")


def test_its_title_says_which_page_it_is() -> None:
    assert title_of(b"<html><title lang=en>\n Just a\n moment&hellip; </title>") == "Just a moment…"
    assert title_of(b"<html>") == title_of(LIST) == ""
    assert len(title_of(b"<title>" + b"x" * 5000 + b"</title>")) == 100


def test_a_title_is_read_in_the_letters_that_it_is_written_in() -> None:
    page = "<!doctype html><title>Inloggen — café</title>"
    assert title_of(page.encode()) == "Inloggen — café"
    assert title_of(page.encode() + "é".encode() * 40_000) == "Inloggen — café"
    assert title_of(page.replace("—", "-").encode("latin-1")) == "Inloggen - café"
    assert title_of(page.encode("utf-16")) == "Inloggen — café"
