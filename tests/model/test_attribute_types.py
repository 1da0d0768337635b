# SPDX-License-Identifier: EUPL-1.2
"""What each family of attribute types makes of a value, without any outside recording."""

import subprocess
import sys

import pytest

from brug.model.attribute_types import (
    CATEGORIES,
    CATEGORIES_OF,
    COMPOSITES,
    MAX_BYTES,
    TYPES,
    Checked,
    Refused,
    cast_scalar,
    check,
    correlates,
    correlating_parts,
    defaults,
    describe_types,
    joined,
    rewrite,
)
from brug.model.errors import Invalid

MD5 = "0123456789abcdef" * 2
SHA1 = MD5 + "01234567"
SHA256 = MD5 * 2
CHECKSUM = (
    "Checksum has an invalid length or format (expected: {}). "
    'Please double check the value or select type "other".'
)
FORMAT = 'Value not in the right type/format. Please double check the value or select type "other".'
COMPOSITE = "Composite type found but the value not in the composite (value1|value2) format."
SERVICE = (
    "Invalid format. Only values shorter than 256 characters that don't include any "
    "forward or backward slashes are allowed."
)
UNKNOWN_CATEGORY = (
    "Options : Payload delivery, Antivirus detection, Payload installation, Files dropped ..."
)
TOO_LONG = (
    "The entered string is too long and would get truncated. "
    "Please consider adding the data as an attachment instead"
)
PORT = "Port numbers have to be integers between 1 and 65535."
ADDRESS = "IP address has an invalid format."

TAKEN = [
    ("md5", f" {MD5.upper()}\n", MD5),
    ("git-commit-id", SHA1.upper(), SHA1.upper()),
    ("x509-fingerprint-md5", ":".join(["AB"] * 16), "ab" * 16),
    ("telfhash", "T1" + "A" * 70, "t1" + "a" * 70),
    ("tlsh", "T1" + "A" * 70, "t1" + "a" * 70),
    ("ssdeep", "96:AbC/+:xyz", "96:AbC/+:xyz"),
    ("vhash", "0AB3Z", "0ab3z"),
    ("ip-src", "198.51.100.7/32", "198.51.100.7"),
    ("ip-dst", "198[.]51[.]100.7", "198.51.100.7"),
    ("ip-dst", "198.51.100.7/24", "198.51.100.7/24"),
    ("ip-dst", "2001:DB8:0:0::A/128", "2001:db8::a"),
    ("ip-dst", "::FFFF:198.51.100.7", "::ffff:198.51.100.7"),
    ("ip-dst", "0:0:0:0:0:ffff:c633:6407", "::ffff:198.51.100.7"),
    ("domain", "WWW.Example[.]Org.", "www.example.org"),
    ("domain", "b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example", "xn--bcher-kva.example"),
    ("domain", "xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("hostname", "mail_1.example.org", "mail_1.example.org"),
    ("url", "hXXps[:]//evil[.]example/a|b", "https://evil.example/a|b"),
    ("url", "http://evil[[.]]example/", "http://evil.example/"),
    ("email", "jan[[@]]example.org", "jan@example.org"),
    ("url", "not a url at all", "not a url at all"),
    ("link", "https://user@www.example.org:8443/a?b#c", "https://user@www.example.org:8443/a?b#c"),
    ("link", "mailto:csirt@example.org", "mailto:csirt@example.org"),
    ("email-src", "Jan[@]Example[.]ORG", "jan@example.org"),
    ("target-email", "Jan@Example.ORG", "jan@example.org"),
    ("eppn", "Jan@Example.ORG", "Jan@Example.ORG"),
    ("phone-number", "0031 (0)20-555 0100", "+31205550100"),
    ("iban", "nl00 test-0123 4567 89", "NL00TEST0123456789"),
    ("cc-number", "4000-0000 0000", "400000000000"),
    ("AS", "as1.1", "65537"),
    ("AS", 64511, "64511"),
    ("mac-address", "AABB.CCDD.EEFF", "aa:bb:cc:dd:ee:ff"),
    ("mac-eui-64", "AA-BB-CC-DD-EE-FF-00-11", "aa:bb:cc:dd:ee:ff:00:11"),
    ("vulnerability", "cve\N{EN DASH}2030-12345", "CVE-2030-12345"),
    ("weakness", "cwe-89", "CWE-89"),
    ("http-method", " propfind", "PROPFIND"),
    ("hex", "c0ffee", "C0FFEE"),
    ("uuid", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    ("ssh-fingerprint", "SHA256:" + "A" * 43, "SHA256:" + "A" * 43),
    ("onion-address", "A" * 56 + ".onion", "a" * 56 + ".onion"),
    ("cortex", '{"a": [1, 2]}', '{"a": [1, 2]}'),
    ("integer", "-042", "-042"),
    ("float", ".5e-3", ".5e-3"),
    ("boolean", None, "0"),
    ("boolean", "no", "1"),
    ("port", "0443", "0443"),
    ("text", "one\r\ntwo \N{GRINNING FACE}", "one\r\ntwo \N{GRINNING FACE}"),
    ("text", "a|b", "a|b"),
    ("filename", r"c:\windows\temp\a.exe", r"%WINDIR%\temp\a.exe"),
    ("comment", True, "1"),
]

SPLIT = [
    ("filename|sha256", f"A b.exe|{SHA256.upper()}", "A b.exe", SHA256),
    ("filename|impfuzzy", "a.exe|3:aB:cD", "a.exe", "3:aB:cD"),
    ("ip-dst|port", "203.0.113.9:443", "203.0.113.9", "443"),
    ("ip-dst|port", "[2001:db8::9]:443", "2001:db8::9", "443"),
    ("ip-src|port", "2001:db8::9 port 443", "2001:db8::9", "443"),
    ("ip-src|port", "203.0.113.9|443|tcp", "203.0.113.9", "443"),
    ("hostname|port", "WWW.example.org:80", "www.example.org", "80"),
    ("domain|ip", "Example.org.|2001:DB8::1", "example.org", "2001:db8::1"),
    ("malware-sample", "a.exe|Any", "a.exe", "Any"),
    ("regkey|value", r"\Registry\Machine\Run|x", r"HKLM\Run", "x"),
    ("regkey|value", r"HKCU\Run|", r"HKCU\Run", ""),
]

MOMENTS = [
    ("2030-04-05", "2030-04-05T00:00:00.000000+0000"),
    ("2030-04-05T06:07:08.5+02:00", "2030-04-05T06:07:08.500000+0200"),
    ("2030-04-05t06:07:08z", "2030-04-05T06:07:08.000000+0000"),
    ("20300405T060708Z", "2030-04-05T06:07:08.000000+0000"),
    ("04/05/2030 06:07", "2030-04-05T06:07:00.000000+0000"),
    ("5.4.2030", "2030-04-05T00:00:00.000000+0000"),
    ("99-12-31", "1999-12-31T00:00:00.000000+0000"),
    ("2030-02-31", "2030-03-03T00:00:00.000000+0000"),
    ("2030-W01", "2029-12-31T00:00:00.000000+0000"),
    ("Fri, 05 Apr 2030 06:07:08 -0330", "2030-04-05T06:07:08.000000-0330"),
    ("@-1.25", "1969-12-31T23:59:59.250000+0000"),
    ("0001-01-01", "0001-01-01T00:00:00.000000+0000"),
    ("9999-12-31T24:00", None),
    ("0000-01-01", None),
    ("10000-01-01", None),
    ("2030-13-01", None),
    ("2030-01-32", None),
    ("2030-01-01T25:00", None),
    ("2030-W54", None),
    ("tomorrow", None),
    ("1900000000", None),
    ("@" + "9" * 12, None),
    ("never, ever", None),
]

REFUSED = [
    ("md5", SHA1, CHECKSUM.format("32 hexadecimal characters")),
    ("filename|md5", f"|{MD5}", CHECKSUM.format("filename|32 hexadecimal characters")),
    ("filename|md5", f"a|b|{MD5}", COMPOSITE),
    ("ip-dst", "198.51.100.007", ADDRESS),
    ("ip-dst", "fe80::1%eth0", ADDRESS),
    (
        "ip-dst",
        "198.51.100.0/33",
        "Invalid CIDR notation value found, for IPv4 must be lower or equal 32.",
    ),
    (
        "ip-dst",
        "2001:db8::/129",
        "Invalid CIDR notation value found, for IPv6 must be lower or equal 128.",
    ),
    ("ip-dst", "198.51.100.0/24/24", "Invalid CIDR notation value found."),
    ("ip-dst|port", "198.51.100.0/24|80", ADDRESS),
    ("ip-dst|port", "198.51.100.1|70000", PORT),
    ("ip-dst|port", "2001:db8::1", COMPOSITE),
    ("hostname|port", "localhost|80", "Hostname has an invalid format."),
    ("domain|ip", "|198.51.100.1", "Domain has an invalid format."),
    ("domain|ip", "example.org|198.51.100.0/24", ADDRESS),
    ("port", "\N{ARABIC-INDIC DIGIT EIGHT}0", PORT),
    ("link", "http://exa mple.org", FORMAT),
    ("link", "javascript:alert(1)", FORMAT),
    ("hex", "0xff", FORMAT),
    ("cortex", "[" * 60_000, FORMAT),
    ("http-method", "FETCH", "Unknown HTTP method."),
    ("user-agent", "a\nb", "Value must not contain new line character."),
    (
        "windows-service-name",
        "a/b",
        SERVICE,
    ),
    ("bin", "none", "Value cannot be empty."),
    ("text", "\0 \t", "Value cannot be empty."),
    ("text", None, "Value cannot be empty."),
    ("text", False, "Value cannot be empty."),
    ("text", ["a"], "Value is an array."),
    ("text", {"a": 1}, "Value is an array."),
    ("text", "a\0b", "Value must not contain NUL characters."),
    ("text", "a\ud800", "Value must be valid Unicode: it contains half of a surrogate pair."),
    (
        "domain",
        "\udfff.example",
        "Value must be valid Unicode: it contains half of a surrogate pair.",
    ),
]


def refusal(type_: str, value: object, category: str | None = None) -> dict[str, list[str]]:
    with pytest.raises(Refused) as caught:
        check(type_, value, category)
    return caught.value.errors


@pytest.mark.parametrize(("type_", "value", "stored"), TAKEN)
def test_a_fitting_value_is_stored_in_its_normal_form(
    type_: str, value: object, stored: str
) -> None:
    preset = defaults(type_)
    expected = Checked(type_, preset.category, preset.to_ids, stored, "")
    assert check(type_, value) == expected
    assert check(type_, stored) == expected


@pytest.mark.parametrize(("type_", "value", "first", "second"), SPLIT)
def test_a_composite_is_stored_as_two_normal_parts(
    type_: str, value: str, first: str, second: str
) -> None:
    checked = check(type_, value)
    assert (checked.value1, checked.value2) == (first, second)
    assert check(type_, joined(checked)) == checked


@pytest.mark.parametrize(("written", "stored"), MOMENTS)
def test_a_moment_is_stored_with_its_offset_or_refused(written: str, stored: str | None) -> None:
    if stored is None:
        text = "Datetime has to be in the ISO 8601 format."
        assert refusal("datetime", written) == {"value": [text]}
    else:
        assert check("datetime", written).value1 == stored


@pytest.mark.parametrize(("type_", "value", "text"), REFUSED)
def test_a_value_that_does_not_fit_is_refused_in_misps_words(
    type_: str, value: object, text: str
) -> None:
    assert refusal(type_, value) == {"value": [text]}


def test_types_and_categories_are_the_published_ones() -> None:
    published = describe_types()
    assert list(TYPES) == published["types"]
    assert list(CATEGORIES) == published["categories"]
    assert all(CATEGORIES_OF[of] for of in TYPES)
    assert all(defaults(of).category in CATEGORIES_OF[of] for of in TYPES)


def test_every_published_composite_is_split() -> None:
    assert {of for of in TYPES if "|" in of} | {"malware-sample"} == COMPOSITES


def test_the_types_are_read_without_running_pymisp() -> None:
    code = "import sys, brug.model.attribute_types; print('pymisp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_type_that_does_not_exist_is_named_as_such() -> None:
    assert refusal("no-such", "x") == {"type": ["Invalid type."]}
    assert refusal("", "x") == {"type": ["No type set."]}


def test_a_category_must_be_one_of_the_types_own() -> None:
    wrong = {"type": ["Options depend on the selected category."]}
    unknown = {"category": [UNKNOWN_CATEGORY]}
    assert check("ip-dst", "192.0.2.1", "External analysis").category == "External analysis"
    assert refusal("ip-dst", "192.0.2.1", "Person") == wrong
    assert refusal("ip-dst", "192.0.2.1", "person") == unknown | wrong
    assert refusal("ip-dst", "x", "Person") == wrong | {"value": [ADDRESS]}


def test_a_refusal_is_an_invalid_input_that_says_why() -> None:
    with pytest.raises(Invalid) as caught:
        check("port", "0", "Person")
    assert caught.value.field == "type"
    assert PORT in caught.value.public
    assert PORT in str(caught.value)


@pytest.mark.parametrize(
    ("given", "flag"),
    [(None, True), (True, True), (False, False), ("0", False), (1, True), ("false", True)],
)
def test_to_ids_is_read_as_php_reads_it(given: object, flag: bool) -> None:
    assert check("ip-dst", "192.0.2.1", to_ids=given).to_ids is flag


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "1"),
        (False, ""),
        (None, ""),
        (0, "0"),
        (-7, "-7"),
        (4.5, "4.5"),
        (2.0, "2"),
        (1e25, "1.0E+25"),
        (1.5e-7, "1.5E-7"),
        ("true", "true"),
    ],
)
def test_scalars_become_text_as_php_casts_them(value: object, text: str) -> None:
    assert cast_scalar(value) == text


def test_a_value_may_be_as_long_as_misps_column_and_no_longer() -> None:
    too_long = {"value": [TOO_LONG]}
    assert check("text", "a" * MAX_BYTES).value1 == "a" * MAX_BYTES
    assert refusal("text", "a" * (MAX_BYTES + 1)) == too_long
    assert refusal("text", "\N{EURO SIGN}" * (MAX_BYTES // 3 + 1)) == too_long
    assert refusal("regkey|value", "a" * (MAX_BYTES - 1) + "|b") == too_long
    assert refusal("integer", 10**5000) == too_long
    assert check("boolean", "a" * (MAX_BYTES + 1)).value1 == "1"


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("email", "@" * 3_000_000),
        ("url", "[" * 1_000_000 + "." + "]" * 1_000_000),
        ("domain", "\N{GREEK SMALL LETTER OMEGA}" * 1_000_000 + ".example"),
        ("domain", "a." * 1_000_000 + "!"),
        ("link", "http://" + "a-" * 1_000_000),
        ("ip-dst", ":" * 1_000_000),
        ("float", "1" * 1_000_000 + "e"),
        ("datetime", "2030-01-01" + " " * 1_000_000),
        ("ssdeep", "3:" * 1_000_000),
        ("AS", "0" * 1_000_000),
    ],
)
def test_a_value_made_to_cost_time_is_refused(type_: str, value: str) -> None:
    assert "value" in refusal(type_, value + "\N{BLACK SQUARE}")


def test_only_the_start_of_a_value_is_rewritten() -> None:
    assert rewrite(r"D:\WINDOWS\x") == r"%WINDIR%\x"
    assert rewrite(r"cmd /c C:\Windows\x") == r"cmd /c C:\Windows\x"
    assert rewrite(r"HKEY_LOCAL_MACHINE\x") == r"HKEY_LOCAL_MACHINE\x"


def test_composites_correlate_by_each_part_and_ports_never() -> None:
    assert correlating_parts("domain|ip") == (True, True)
    assert correlating_parts("regkey|value") == (True, True)
    assert correlating_parts("ip-dst|port") == (True, False)
    assert correlating_parts("hostname|port") == (True, False)
    assert correlating_parts("md5") == (True, False)
    assert not correlates("port")
    assert not correlates("comment")
