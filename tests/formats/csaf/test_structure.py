# SPDX-License-Identifier: EUPL-1.2
"""The structure that is checked is that of the committee's JSON schema, property by property."""

import json
from collections.abc import Iterator
from copy import deepcopy
from importlib.metadata import files
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT7
from tests.formats.csaf import opinions
from tests.formats.csaf.documents import VALID, Json, advisory
from tests.thorough import examples

from brug.formats.csaf.cvss import CvssV2, CvssV3
from brug.formats.csaf.document import Label
from brug.formats.csaf.moments import is_uri, moment
from brug.formats.csaf.records import made, plain
from brug.formats.csaf.structure import structural
from brug.formats.csaf.vulnerability import Advisory

PLACE = "csaf/csaf/v20/schema/"


def _schema(name: str) -> Json:
    found = next(path for path in files("csaf") or [] if path.as_posix() == PLACE + name)
    read: Json = json.loads(found.read_text("utf-8"))
    return read


CSAF = _schema("csaf.json")
CVSS = {version: _schema(f"referenced/cvss-v{version}.json") for version in ("2.0", "3.0", "3.1")}


def _resolved(schema: Json, whole: Json) -> Json:
    reference = schema.get("$ref", "")
    if not reference.startswith("#/"):
        return schema
    found = whole
    for step in reference[2:].split("/"):
        found = found[step]
    return _resolved(found, whole)


def _differences(  # noqa: C901 - a case for each kind of JSON
    kind: Any, schema: Json, whole: Json, at: str
) -> Iterator[str]:
    """Where a record's type says something else than the schema."""
    schema = _resolved(schema, whole)
    extra: dict[str, Any] = {}
    while True:
        if isinstance(kind, inspect.Metadata):
            kind, extra = kind.type, extra | (kind.extra or {})
        elif isinstance(kind, inspect.UnionType):
            kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        else:
            break
    match kind:
        case inspect.StructType():
            if issubclass(kind.cls, CvssV2 | CvssV3):
                return  # another schema: below
            yield from _record_differences(kind, schema, whole, at)
        case inspect.ListType():
            if schema["type"] != "array" or kind.min_length != schema.get("minItems"):
                yield f"{at}: minItems"
            if extra.get("distinct", False) != schema.get("uniqueItems", False):
                yield f"{at}: uniqueItems"
            yield from _differences(kind.item_type, schema["items"], whole, f"{at}[]")
        case inspect.LiteralType():
            if set(kind.values) != set(schema["enum"]):
                yield f"{at}: enum"
        case inspect.FloatType():
            if (kind.ge, kind.le) != (schema["minimum"], schema["maximum"]):
                yield f"{at}: range"
        case inspect.StrType():
            if (kind.min_length or 0) != schema.get("minLength", 0):
                yield f"{at}: minLength"
            if kind.pattern != schema.get("pattern") and at not in SAME_WORDS:
                yield f"{at}: pattern"
            if extra.get("form") != schema.get("format"):
                yield f"{at}: format"
        case _:
            yield f"{at}: {kind}"


SAME_WORDS = {"/vectorString"}
"""Whose pattern is that of two schemas in one; what it takes is compared below."""


def _record_differences(kind: Any, schema: Json, whole: Json, at: str) -> Iterator[str]:
    fields = {field.encode_name: field for field in kind.fields if field.name != "extra"}
    if fields.keys() != schema["properties"].keys():
        yield f"{at}: {fields.keys() ^ schema['properties'].keys()}"
    if {name for name, one in fields.items() if one.required} != set(schema.get("required", ())):
        yield f"{at}: required"
    if kind.cls.least != schema.get("minProperties", 0):
        yield f"{at}: minProperties"
    if kind.cls.most != schema.get("maxProperties"):
        yield f"{at}: maxProperties"
    for name, field in fields.items():
        inner = f"{at}/{name}"
        if inner.count("/branches") < 2:
            yield from _differences(field.type, schema["properties"][name], whole, inner)


def test_every_record_says_what_the_schema_says() -> None:
    assert list(_differences(inspect.type_info(Advisory), CSAF, CSAF, "")) == []


@pytest.mark.parametrize(("kind", "version"), [(CvssV2, "2.0"), (CvssV3, "3.0"), (CvssV3, "3.1")])
def test_every_score_says_what_first_says(kind: type, version: str) -> None:
    schema = CVSS[version]
    schema["properties"]["version"]["enum"] = ["2.0"] if version == "2.0" else ["3.0", "3.1"]
    found = list(_record_differences(inspect.type_info(kind), schema, schema, ""))
    assert found == []


def _validator() -> jsonschema.Draft202012Validator:
    registry: Registry[Any] = Registry()
    for version, draft in (("2.0", DRAFT4), ("3.0", DRAFT4), ("3.1", DRAFT7)):
        schema = _schema(f"referenced/cvss-v{version}.json")
        uri = f"https://www.first.org/cvss/cvss-v{version}.json"
        registry = registry.with_resource(
            uri, Resource.from_contents(schema, default_specification=draft)
        )
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("uri")(lambda value: not isinstance(value, str) or is_uri(value))
    formats.checks("date-time")(
        lambda value: not isinstance(value, str) or moment(value) is not None
    )
    return jsonschema.Draft202012Validator(CSAF, registry=registry, format_checker=formats)


VALIDATOR = _validator()
KINDS: list[Any] = [
    None, True, 0, 3.5, 11, "", "x", "x ", " x\n", "2.0", "WHITE", [], ["x", "x"], {}, {"x": 1},
]  # fmt: skip


@st.composite
def shaken(draw: st.DrawFn) -> Json:
    """A sound document with a few of its parts replaced, dropped or doubled."""
    document = VALID[draw(st.sampled_from(sorted(VALID)))]()
    for _ in range(draw(st.integers(0, 3))):
        value: Any = document
        while True:
            steps = list(value) if isinstance(value, dict) else list(range(len(value)))
            if not steps:
                break
            step = draw(st.sampled_from(steps))
            if isinstance(value[step], dict | list) and value[step] and draw(st.integers(0, 4)):
                value = value[step]
                continue
            match draw(st.sampled_from(["replace", "drop", "double"])):
                case "replace":
                    value[step] = deepcopy(draw(st.sampled_from(KINDS)))
                case "drop":
                    del value[step]
                case "double" if isinstance(value, list):
                    value.append(value[step])
            break
    return document


@given(shaken())
@settings(max_examples=examples(300), deadline=None)
def test_a_shaken_document_is_sound_to_us_if_it_is_to_the_schema(document: Json) -> None:
    """Times and addresses are told by the same functions here; they are compared below."""
    ours = structural(document)
    theirs = list(VALIDATOR.iter_errors(document))
    assert bool(ours) == bool(theirs), (ours, theirs)
    if not ours:
        assert plain(made(Advisory, document)) == document


TIMES = {
    "2026-11-27T09:00:00Z": True, "2026-11-27t09:00:00.123456789z": True,
    "2026-11-27T09:00:00+05:30": True, "2016-12-31T23:59:60Z": True,
    "2017-01-01T00:59:60+01:00": True, "2026-11-27T09:00:60Z": False,
    "2026-11-27T09:00:00": False, "2026-11-27 09:00:00Z": False, "2026-11-27": False,
    "2026-02-30T09:00:00Z": False, "2026-11-27T24:00:00Z": False,
    "2026-11-27T09:00:00+25:00": False, "٢٠٢٦-11-27T09:00:00Z": False,
    "2026-11-27T09:00:00Z\n": False,
}  # fmt: skip
ADDRESSES = {
    "https://dijk.example/a?b=c#d": True, "urn:isbn:0451450523": True,
    "http://[2001:db8::1]:8080/x": True, "mailto:psirt@dijk.example": True,
    "https://dijk.example/%41": True, "https://user@dijk.example:80/'(x)!*": True, "a:b": True,
    "dijk.example": False, "/a": False, "": False, "https:": False,
    "https://dijk.example/a b": False, "https://dijk.example/%4": False,
    "https://dijk.example/\u00e9": False, "https://dijk.example/a#b#c": False,
    "https://dijk.example/\n": False, "https://dijk.example/[x]": False,
    "http://[::zz]/": False, "https://dijk.example/a|b": False, "https://d.example/?a[]=1": False,
}  # fmt: skip
# The library that Secvisogram uses takes a space for the T; RFC 3339 leaves that to people.
LENIENT = {"2026-11-27 09:00:00Z"}


@pytest.mark.parametrize(("text", "sound"), TIMES.items())
def test_a_time_is_one_of_rfc_3339(text: str, sound: bool) -> None:
    assert (moment(text) is not None) == sound


@pytest.mark.parametrize(("text", "sound"), ADDRESSES.items())
def test_an_address_is_one_of_rfc_3986(text: str, sound: bool) -> None:
    assert is_uri(text) == sound


def test_secvisogram_takes_the_same_times_and_addresses() -> None:
    documents = []
    for text in TIMES:
        document = advisory()
        document["vulnerabilities"][0]["discovery_date"] = text
        documents.append(document)
    for text in ADDRESSES:
        document = advisory()
        document["document"]["publisher"]["namespace"] = text
        documents.append(document)
    said = opinions.of_secvisogram(documents)
    for (text, sound), theirs in zip([*TIMES.items(), *ADDRESSES.items()], said, strict=True):
        assert sound == (not theirs) or text in LENIENT, text


def test_a_time_that_no_calendar_here_holds_is_none() -> None:
    assert moment("0001-01-01T00:00:00+23:59") is None


def test_a_score_of_one_version_has_no_vector_of_another() -> None:
    document = advisory()
    document["vulnerabilities"][0]["scores"][0]["cvss_v3"]["version"] = "3.0"
    (found,) = structural(document)
    assert found.test == "6.1.8"
    assert found.pointer.endswith("/cvss_v3/vectorString")


def test_a_fault_says_where_it_is_what_is_expected_and_how_it_begins() -> None:
    document = advisory()
    document["document"]["tracking"]["status"] = "finished long ago" * 20
    document["document"]["a/b~c"] = 1  # what nobody knows is no fault
    (found,) = structural(document)
    assert found.pointer == "/document/tracking/status"
    assert found.message.startswith("expected draft or final or interim (got 'finished long ago")
    assert len(found.message) < 120


def test_the_labels_are_those_of_tlp_1() -> None:
    assert set(get_args(Label)) == {"WHITE", "GREEN", "AMBER", "RED"}
