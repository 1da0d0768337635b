# SPDX-License-Identifier: EUPL-1.2
"""Fields of a kind as inputs, whatever a kind declares: from its Struct alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, inspect

from brug.cases.case import Kind, Machine
from brug.cases.declaring import Role
from brug.cases.kinds import KINDS
from brug.web.cases import kind_fields
from brug.web.cases.kind_fields import Misfits
from brug.web.fields import Fields

Colour = Annotated[
    Literal["red", "dark_blue", "green"],
    Meta(extra={"titles": {"green": "Like grass", "red": "Like blood"}}),
]


class Declared(msgspec.Struct, kw_only=True):
    name: Annotated[str, Meta(max_length=40, title="Name", description="As people say it.")] | None
    story: Annotated[str, Meta(max_length=4000)] | None = None
    colour: Annotated[Colour, Meta(title="Colour")] | None = None
    colours: Annotated[list[Colour], Meta(title="Colours")] | None = None
    lines: Annotated[list[Annotated[str, Meta(title="A line", max_length=9)]], Meta()] | None = None
    count: Annotated[int, Meta(ge=1, le=9, title="Count")] | None = None
    urgent: Annotated[bool, Meta(title="Urgent")] | None = None
    animal: (
        Annotated[str, Meta(title="Animal", extra={"choices": lambda: ["cat", "dog"]})] | None
    ) = None


KIND = Kind(
    key="thing", title="Thing", prefix="THG", fields=Declared, opener="lead",
    roles=(Role(key="lead", title="Leads", leads=True),),
    machines=(
        Machine(key="m", title="M", states={"a": "A"}, initial="a", final=frozenset(),
                transitions=()),
    ),
)  # fmt: skip
FIELDS = {one.name: one for one in kind_fields.fields_of(KIND)}


def test_each_type_has_its_input_with_title_hint_limits_and_choices() -> None:
    assert {name: one.shape for name, one in FIELDS.items()} == {
        "name": "line", "story": "text", "colour": "choice", "colours": "several",
        "lines": "lines", "count": "number", "urgent": "choice", "animal": "line",
    }  # fmt: skip
    assert (FIELDS["name"].title, FIELDS["name"].explains) == ("Name", "As people say it.")
    assert FIELDS["name"].rest == {"maxlength": 40}
    assert FIELDS["story"].title == "Story"
    assert FIELDS["count"].rest == {"min": 1, "max": 9, "step": 1}
    assert FIELDS["lines"].each == "A line"
    assert FIELDS["animal"].choices == ("cat", "dog")
    titles = {"green": "Like grass", "red": "Like blood", "dark_blue": "Dark blue"}
    for name in ("colour", "colours"):
        assert list(FIELDS[name].titles.items()) == list(titles.items()), "in their order"


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("name", "  Ann ", "Ann"),
        ("name", " ", None),
        ("name", "null", "null"),
        ("story", "one\r\n two", "one\n two"),
        ("colour", "red", "red"),
        ("colour", "", None),
        ("colours", ["red", "green"], ["red", "green"]),
        ("colours", [], None),
        ("lines", "one\r\n\r\n two \r\n", ["one", "two"]),
        ("lines", "", None),
        ("count", " 7 ", 7),
        ("count", "", None),
        ("urgent", "true", True),
        ("urgent", "false", False),
        ("animal", "horse", "horse"),
    ],
)
def test_what_is_typed_becomes_a_value_and_comes_back_as_it_was(
    name: str, typed: Any, value: Any
) -> None:
    field = FIELDS[name]
    sent = typed if isinstance(typed, list) else [typed]
    given = kind_fields.typed([field], Fields([(field.input, one) for one in sent]))
    read = kind_fields.read(KIND, [field], given)
    assert read == {name: value}
    again = kind_fields.read(KIND, [field], {name: kind_fields.shown(field, value)})
    assert again == {name: value}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("name", "x" * 41), ("colour", "pink"), ("colours", ["red", "pink"]),
        ("lines", "short\nmuch too long"), ("count", "10"), ("count", "0"), ("count", "1.5"),
        ("count", "1,000"), ("count", "seven"), ("count", "9" * 30), ("count", "\u0667"),
        ("urgent", "perhaps"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_at_its_input(name: str, typed: Any) -> None:
    field = FIELDS[name]
    with pytest.raises(Misfits) as caught:
        kind_fields.read(KIND, list(FIELDS.values()), {"story": "fine", name: typed})
    assert list(caught.value.errors) == [field.input]


def test_what_was_not_sent_is_not_touched() -> None:
    fields = [FIELDS["name"], FIELDS["count"]]
    given = kind_fields.typed(fields, Fields([("fields.count", "")]))
    assert kind_fields.read(KIND, fields, given) == {"count": None}


def declarations(found: inspect.Type) -> Iterator[tuple[inspect.Type, dict[str, Any], bool]]:
    """Types within a type, with what is said of them and whether they have a title."""
    if isinstance(found, inspect.UnionType):
        for one in found.types:
            yield from declarations(one)
    elif isinstance(found, inspect.ListType):
        yield from declarations(found.item_type)
    elif isinstance(found, inspect.Metadata):
        yield found.type, found.extra or {}, "title" in (found.extra_json_schema or {})
        if isinstance(found.type, inspect.ListType):
            yield from declarations(found.type)
    else:
        yield found, {}, False


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_each_field_of_a_kind_says_how_it_and_its_choices_are_called(kind: Kind) -> None:
    declared = inspect.type_info(kind.fields)
    assert isinstance(declared, inspect.StructType)
    for field in declared.fields:
        found = list(declarations(field.type))
        assert any(has_title for _, _, has_title in found), field.name
        for one, extra, _ in found:
            if isinstance(one, inspect.LiteralType):
                assert set(extra["titles"]) == set(one.values), field.name
