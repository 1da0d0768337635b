# SPDX-License-Identifier: EUPL-1.2
"""Proposing a file: as an attachment, or as a sample, which is packed and told by its digests.

A proposal is one attribute, so that a sample becomes three: the sample under its MD5, and
the name with SHA-1 and with SHA-256 (MISP 2.5).
"""

import hashlib

from brug.intel import attachments
from brug.intel.finding import find
from brug.intel.proposal import proposing
from brug.intel.samples import Sample
from brug.model.attribute_types import check
from brug.model.new_event import NewAttribute
from brug.store.session import Session


def propose_file(
    session: Session, event_key: str | int, one: Sample, category: str, comment: str
) -> list[int]:
    """Proposes an attachment of an event. Raises NotFound, Refused, TooLarge, Forbidden."""
    event_id = find(session, "event", event_key)
    new = _checked("attachment", one.filename, category, comment, to_ids=False)
    new.data = one.data
    return [proposing.store(session, event_id, None, new)]


def propose_sample(
    session: Session, event_key: str | int, one: Sample, category: str, comment: str
) -> list[int]:
    """Proposes a sample of an event; the ids in order. Raises the same."""
    event_id = find(session, "event", event_key)
    md5 = hashlib.md5(one.data, usedforsecurity=False).hexdigest()
    sha1 = hashlib.sha1(one.data, usedforsecurity=False).hexdigest()
    several = [
        _checked(kind, f"{one.filename}|{digest}", category, comment, to_ids=True)
        for kind, digest in (
            ("malware-sample", md5),
            ("filename|sha1", sha1),
            ("filename|sha256", hashlib.sha256(one.data).hexdigest()),
        )
    ]
    several[0].data, several[0].encrypt = one.data, True
    attachments.prepare(session, several[0])
    return [proposing.store(session, event_id, None, new) for new in several]


def _checked(kind: str, value: str, category: str, comment: str, *, to_ids: bool) -> NewAttribute:
    c = check(kind, value, category, to_ids)
    new = NewAttribute(None, c.type, c.category, c.to_ids, c.value1, c.value2)
    new.comment = comment
    return new
