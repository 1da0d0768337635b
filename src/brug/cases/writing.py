# SPDX-License-Identifier: EUPL-1.2
"""Writing one entry: made, signed by the node, stored. Whether it may be is asked before."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import uuid4

from brug.cases import files
from brug.cases.acts import AnyAct
from brug.cases.entries import Author, Entry, encoded, is_for_all, next_of
from brug.directory import signing
from brug.store.session import Session


def write(
    session: Session,
    file: tuple[int, str],
    before: Sequence[Entry],
    by: Author,
    doing: AnyAct,
    to: Sequence[str] = (),
    may_name: Callable[[Entry], bool] = is_for_all,
) -> Entry:
    """Within `files.whole`. `file` is the id and UUID of the case, `before` all that it has;
    `may_name` says what of it those whom this is for have as well (`narrowing.had_by_all`).
    """
    now = datetime.now(UTC)
    entry = Entry(
        id=str(uuid4()),
        case=file[1],
        author=by,
        at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        knows=dict(next_of(by.node, before, now, may_name)),
        to=tuple(sorted(set(to))),
        act=doing,
    )
    data = encoded(entry)
    signed = signing.sign(session, data)
    files.store_entry(
        session, file[0], entry, data, sha256(data).digest(), (signed.key_id, signed.signature)
    )
    return entry
