# SPDX-License-Identifier: EUPL-1.2
"""What is said of a value that does not fit a field."""

from typing import Annotated

import msgspec
import pytest

from brug.api.cases.reading import fitting
from brug.cases.acts import AnyAct
from brug.cases.kind_fields import read_texts
from brug.cases.kinds import KINDS
from brug.cases.listing import Wanted
from brug.model.errors import Invalid


@pytest.mark.parametrize(
    ("kind", "field", "text", "says"),
    [
        ("incident", "suspected_malicious", "maybe", "one of no, unknown, yes"),
        ("incident", "countries", "Belgium", "a text such as NL or BE"),
        ("incident", "bound_as", "king", "one of controller, critical_entity"),
        ("incident", "classification", "ransomware", 'such as rsit:malicious-code="ransomware"'),
        ("incident", "users_affected", "many", "a whole number"),
        ("incident", "users_affected", "-1", "a whole number >= 0"),
        ("incident", "loss_eur", "1e400", "a smaller number"),
        ("incident", "summary", "x" * 20_001, "a text of at most 20000 characters"),
        ("disclosure", "products", "x" * 501, "a text of at most 500 characters"),
        ("disclosure", "cwe", "XSS", "a text such as CWE-79"),
        ("disclosure", "credits", "Anna", "a text such as finder: Anna de Vries"),
    ],
)
def test_an_error_says_what_would_do(kind: str, field: str, text: str, says: str) -> None:
    with pytest.raises(Invalid) as error:
        read_texts(KINDS[kind], {field: [text]})
    assert says in error.value.expected
    assert "null" not in error.value.expected
    assert error.value.field == f"fields.{field}"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([{"what": "fly"}], "one of acknowledged, asked, attached, decided"),
        ([{"what": "said", "text": 3}], "a text"),
        ({"what": "fly"}, "one of acknowledged, asked, attached, decided"),
    ],
)
def test_what_an_act_may_be_is_said(given: object, says: str) -> None:
    with pytest.raises(Invalid) as error:
        fitting(given, list[AnyAct] if isinstance(given, list) else AnyAct | list[AnyAct])
    assert error.value.expected.startswith(says)
    assert error.value.expected.count("said") <= 1


@pytest.mark.parametrize(
    ("given", "says"),
    [([1, 2, 3], "a list of at most 2 items"), ([], "a list of at least 1 items")],
)
def test_how_long_a_list_may_be_is_said_in_items(given: object, says: str) -> None:
    short = Annotated[list[int], msgspec.Meta(min_length=1, max_length=2)]
    with pytest.raises(Invalid) as error:
        fitting(given, short)
    assert error.value.expected == says


def test_what_may_stand_in_a_field_of_a_record_is_said() -> None:
    with pytest.raises(Invalid) as error:
        fitting({"over": False, "order": "size"}, Wanted)
    assert (error.value.field, error.value.expected) == ("order", "one of changed, severity")


def test_examples_are_values_that_do() -> None:
    tried = []
    for kind in KINDS.values():
        schema = msgspec.json.schema(kind.fields)
        for name, field in schema["$defs"]["Fields"]["properties"].items():
            for one in [field, *field.get("anyOf", ())]:
                for text in [*one.get("examples", ()), *one.get("items", {}).get("examples", ())]:
                    assert read_texts(kind, {name: [text]})[name] in (text, [text])
                    tried.append(name)
    assert {"countries", "classification", "cve", "cwe", "credits"} <= set(tried)
