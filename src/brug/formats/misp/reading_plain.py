# SPDX-License-Identifier: EUPL-1.2
"""Attributes as nodes and servers write most of them: every field there, each in its usual form.

Of 100,000 that cross a bridge nearly all are so. What is not is read by `read_attribute`, which
gives the same for these (tests/formats/test_reading_plain.py) and takes half as long again.
"""

from operator import itemgetter
from typing import Any

from brug.formats.misp import coercion as c
from brug.model.attribute_types import check
from brug.model.new_event import NewAttribute

_FIELDS = (
    "type", "value", "category", "to_ids", "uuid", "timestamp", "distribution", "comment",
    "deleted", "disable_correlation", "object_relation", "first_seen", "last_seen",
)  # fmt: skip
_in_order = itemgetter(*_FIELDS)
# Of which nothing is read here, as it is empty where nothing hangs on the attribute.
_BESIDE = frozenset({"Galaxy", "ShadowAttribute"})
_NAMES = _BESIDE.union(_FIELDS)
_LEVELS = frozenset({0, 1, 2, 3, 5})  # a sharing group is named beside


def read_plain(raw: Any) -> NewAttribute | None:
    """The attribute, or None where it is to be read with care. Raises Refused."""
    if type(raw) is not dict or raw.keys() != _NAMES:
        return None
    (
        kind, value, category, to_ids, uuid, timestamp, level, comment,
        deleted, uncorrelated, relation, first, last,
    ) = _in_order(raw)  # fmt: skip
    if (
        type(kind) is not str
        or type(value) is not str
        or type(category) is not str
        or not category
        or type(to_ids) is not bool
        or type(uuid) is not str
        or not c.is_uuid(uuid)
        or not c.is_epoch(timestamp)
        or type(level) is not int
        or level not in _LEVELS
        or type(comment) is not str
        or not comment.isascii()
        or "\0" in comment
        or deleted is not False
        or uncorrelated is not False
        or relation is not None
        or first is not None
        or last is not None
    ):
        return None
    checked = check(kind, value, category, to_ids)
    return NewAttribute(
        uuid.lower(), kind, checked.category, checked.to_ids, checked.value1, checked.value2,
        int(timestamp), level, None, comment,
    )  # fmt: skip
