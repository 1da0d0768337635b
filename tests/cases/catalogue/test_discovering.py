# SPDX-License-Identifier: EUPL-1.2
"""Providers are looked for in the standard's order, and lists are read as far as they are ones."""

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.cases.catalogue.sources import discovering, provider
from brug.cases.catalogue.sources.discovering import NoProvider, discovered
from brug.model.errors import Invalid

DOMAIN = "vendor.example"
WELL_KNOWN = "https://vendor.example/.well-known/csaf/provider-metadata.json"
SECURITY = "https://vendor.example/.well-known/security.txt"
OLD_SECURITY = "https://vendor.example/security.txt"
ELSEWHERE = "https://csaf.vendor.example/provider-metadata.json"
DNS = "https://csaf.data.security.vendor.example/"


def metadata(namespace: str = "https://vendor.example", **more: object) -> bytes:
    value = {
        "canonical_url": WELL_KNOWN, "role": "csaf_provider",
        "publisher": {"name": "V", "namespace": namespace}, **more,
    }  # fmt: skip
    return msgspec.json.encode(value)


@pytest.mark.parametrize(
    ("there", "found", "asked"),
    [
        ({WELL_KNOWN: metadata()}, WELL_KNOWN, [WELL_KNOWN, SECURITY, OLD_SECURITY]),
        (
            {SECURITY: f"Contact: x\ncsaf:  {ELSEWHERE} \n".encode(), ELSEWHERE: metadata()},
            ELSEWHERE, [WELL_KNOWN, SECURITY, ELSEWHERE],
        ),
        (
            {OLD_SECURITY: f"CSAF: {ELSEWHERE}".encode(), ELSEWHERE: metadata()}, ELSEWHERE,
            [WELL_KNOWN, SECURITY, OLD_SECURITY, ELSEWHERE],
        ),
        ({DNS: metadata()}, DNS, [WELL_KNOWN, SECURITY, OLD_SECURITY, DNS]),
        ({WELL_KNOWN: b"<html>", DNS: metadata()}, DNS, [WELL_KNOWN, SECURITY, OLD_SECURITY, DNS]),
        (
            {SECURITY: b"CSAF: http://vendor.example/plain.json", DNS: metadata()}, DNS,
            [WELL_KNOWN, SECURITY, DNS],
        ),
    ],
)  # fmt: skip
def test_the_dns_path_is_looked_at_where_the_others_lead_nowhere(
    there: dict[str, bytes], found: str, asked: list[str]
) -> None:
    tried: list[str] = []

    def get(url: str) -> bytes | None:
        tried.append(url)
        return there.get(url)

    assert discovered(DOMAIN, get)[0] == found
    assert tried == asked


def test_a_domain_without_a_provider_says_where_it_was_looked_for() -> None:
    with pytest.raises(NoProvider) as refused:
        discovered(DOMAIN, lambda _: None)
    assert refused.value.tried == [WELL_KNOWN, SECURITY, OLD_SECURITY, DNS]


def test_metadata_names_feeds_folders_and_keys() -> None:
    raw = metadata(
        role="csaf_trusted_provider",
        distributions=[
            {"rolie": {"feeds": [{"url": "https://v.example/a.json"}, {"url": 3}]}},
            {"directory_url": "https://v.example/csaf"}, "rubbish",
        ],
        public_openpgp_keys=[{"fingerprint": "ab cd", "url": "https://v.example/k"}],
    )  # fmt: skip
    found = provider.read(raw)
    assert found.feeds == ["https://v.example/a.json"]
    assert found.directories == ["https://v.example/csaf/"]
    assert found.keys[0].fingerprint == "ABCD"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", metadata(role="admin"), metadata(publisher=[])])
def test_what_is_no_metadata_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        provider.read(raw)


def test_paths_out_of_the_folder_are_left_out() -> None:
    raw = (
        b'"2026/a.json","2026-01-01"\n"../b.json","x"\n"/c.json","x"\n"https://e.example/d.json"'
        b',"x"\n"2026/../../e.json","x"\n"f.txt","x"\n"g.json"\n"h\\i.json","x"\n'
    )
    found = provider.changes(raw, "https://v.example/csaf/", signed=True)
    assert [one.url for one in found] == [
        "https://v.example/csaf/2026/a.json",
    ]  # fmt: skip
    assert found[0].signature == "https://v.example/csaf/2026/a.json.asc"
    lines = provider.index(b"a.json\n\n../b.json\r\nc/d.json \n", "https://v/", signed=False)
    assert [one.url for one in lines] == ["https://v/a.json", "https://v/c/d.json"]


def test_a_feed_by_https_names_nothing_by_http() -> None:
    entries = [
        {"link": [{"rel": "self", "href": href}], "updated": "x"}
        for href in ("http://v.example/a.json", "b.json", "file:///etc/passwd", "")
    ]
    raw = msgspec.json.encode({"feed": {"id": "f", "entry": entries, "link": [
        {"rel": "next", "href": "page2.json"}]}})  # fmt: skip
    found, following = provider.feed(raw, "https://v.example/csaf/feed.json")
    assert [one.url for one in found] == ["https://v.example/csaf/b.json"]
    assert following == "https://v.example/csaf/page2.json"


@given(st.binary(max_size=300))
def test_lists_of_rubbish_are_read_or_refused(raw: bytes) -> None:
    for read in (
        lambda: provider.read(raw),
        lambda: provider.feed(raw, "https://v.example/"),
        lambda: provider.changes(raw, "https://v.example/", signed=True),
        lambda: provider.index(raw, "https://v.example/", signed=True),
        lambda: discovering.csaf_fields(raw),
        lambda: provider.digest_of(raw),
    ):
        with suppress(Invalid):
            assert read() is not None
