# SPDX-License-Identifier: EUPL-1.2
"""A file as an event knows it: packed, with its digests, as an object of the template `file`.

The bytes are packed before they are kept (`brug.formats.encrypted_zip`) and looked into for
nothing but their digests and their size.
"""

import hashlib

import msgspec

from brug.intel.extending import add_object
from brug.intel.finding import Claim
from brug.intel.vocabulary.templates import find_template
from brug.model.attribute_types import check
from brug.model.new_event import NewAttribute, NewObject
from brug.store.session import Session

# Of the project `misp-objects`: the template that every tool knows for files.
FILE = "688c46fb-5edb-40a3-8273-1af7923e2215"


class Sample(msgspec.Struct, frozen=True):
    """A file as it was sent."""

    filename: str
    data: bytes


class Told(msgspec.Struct, frozen=True):
    """What its sender says about files."""

    category: str = "Payload delivery"
    to_ids: bool = True
    comment: str = ""
    distribution: int | None = None


def add_sample(session: Session, held: Claim, sample: Sample, told: Told) -> int:
    """Adds a file to a claimed event; the object's id. Raises Refused, ObjectRefused."""
    template = find_template(session, FILE)
    known = template.elements if template else {}
    data = sample.data
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    rows = (
        ("malware-sample", f"{sample.filename}|{md5}", told.to_ids),
        ("filename", sample.filename, False),
        ("md5", md5, told.to_ids),
        ("sha1", hashlib.sha1(data, usedforsecurity=False).hexdigest(), told.to_ids),
        ("sha256", hashlib.sha256(data).hexdigest(), told.to_ids),
        ("size-in-bytes", str(len(data)), False),
    )
    new = NewObject(None, "file", "file", "A file with its digests", FILE)
    new.distribution, new.comment = told.distribution, told.comment
    for relation, value, to_ids in rows:
        category = "Other" if relation == "size-in-bytes" else told.category
        checked = check(relation, value, category, to_ids)
        one = NewAttribute(
            None, relation, checked.category, to_ids, checked.value1, checked.value2,
            distribution=told.distribution, object_relation=relation,
        )  # fmt: skip
        element = known.get(relation)
        one.disable_correlation = bool(element and element.disable_correlation)
        new.attributes.append(one)
    new.attributes[0].data, new.attributes[0].encrypt = data, True
    return add_object(session, held, new, template)
