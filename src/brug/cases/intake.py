# SPDX-License-Identifier: EUPL-1.2
"""Reports of vulnerabilities by anyone: without an account, a name or an address.

A report opens a disclosure that the host coordinates; whoever reports is its finder. What comes
back to them is a code, said once, of which the node keeps a digest: with it they read what is
written to them, and answer (`returning`). Neither address nor browser of a finder is stored or
logged.
"""

import secrets
from base64 import b32encode
from collections.abc import Mapping, Sequence
from uuid import uuid4

import msgspec

from brug.cases import projecting, rules, writing
from brug.cases.acts import AnyAct, Filled, Joined, Opened, Recorded
from brug.cases.entries import Author, Entry, case_of
from brug.cases.folding import fold
from brug.cases.kind_fields import read_texts
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.returning import ANONYMOUS, NoIntake, digest
from brug.directory import organisations
from brug.directory.organisations import Organisation
from brug.model.errors import Invalid, TooManyRequests
from brug.store import settings
from brug.store.session import Session

# What a report may say, of the fields of a disclosure.
FIELDS = (
    "products", "summary", "reproduction", "impact", "disclosure_plans", "others_told", "credit",
    "no_credit",
)  # fmt: skip
ANSWER = "an answer"
_CODE_BYTES = 20


class Taken(msgspec.Struct, frozen=True):
    """What the finder is told, once."""

    number: str
    code: str


def is_open(session: Session) -> bool:
    return bool(settings.get(session, "cases.intake"))


def key_address(session: Session) -> str:
    """Where finders get a key to encrypt for; empty if nothing is said."""
    return str(settings.get(session, "cases.intake_key"))


def coordinator(session: Session) -> str:
    """Who takes the reports: the organisation that runs the node. Raises NoIntake."""
    if not is_open(session):
        raise NoIntake("cases.intake is off")
    return _host(session).name


def report(session: Session, given: Mapping[str, Sequence[str]], name: str = "") -> Taken:
    """A new case from a report; the session is the system's.

    Raises NoIntake, Invalid (naming the field), TooManyRequests.
    """
    _require_room(session)
    fields = read_texts(DISCLOSURE, {one: given.get(one, ()) for one in FIELDS})
    fields = {one: value for one, value in fields.items() if value is not None}
    for needed in ("products", "summary"):
        if needed not in fields:
            raise Invalid(f"fields.{needed}", ANSWER)
    host = _host(session)
    node = str(settings.get(session, "node.uuid"))
    us, them = Author(node, host.uuid, 0), Author(node, str(uuid4()), 0)
    ours, mine = str(uuid4()), str(uuid4())
    uuid = case_of(us, DISCLOSURE.key, ours)
    file_id = int(
        session.value(
            "SELECT take_case(%s, %s, %s, %s)",
            (uuid, DISCLOSURE.key, DISCLOSURE.prefix, host.id),
        )
    )
    number = str(session.value("SELECT number FROM case_file WHERE id = %s", (file_id,)))
    said: list[tuple[Author, AnyAct]] = [
        (
            us,
            Opened(
                kind=DISCLOSURE.key, title=str(fields["products"][0])[:300], number=number,
                participant=ours, name=host.name,
            ),
        ),
        (
            us,
            Joined(
                participant=mine, org=them.org, role="finder", node=node,
                name=name.strip()[:300] or f"{ANONYMOUS} ({number})",
            ),
        ),
        (them, Filled(fields=fields)),
    ]  # fmt: skip
    entries: list[Entry] = []
    for by, doing in said:
        rules.require(fold(DISCLOSURE, entries), by, doing)
        entries.append(writing.write(session, (file_id, uuid), entries, by, doing))
    received = Recorded(fact="report_received_at", at=entries[0].at, zone="UTC")
    entries.append(writing.write(session, (file_id, uuid), entries, us, received))
    projecting.project(session, file_id, fold(DISCLOSURE, entries), entries)
    code = b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    session.execute(
        "INSERT INTO case_guest (digest, case_id, participant) VALUES (%s, %s, %s)",
        (digest(code), file_id, mine),
    )
    return Taken(number, "-".join(code[at : at + 4] for at in range(0, len(code), 4)))


def _require_room(session: Session) -> None:
    """Raises NoIntake, TooManyRequests: whoever floods it is not known, so all wait."""
    coordinator(session)
    lately = session.value(
        "SELECT count(DISTINCT digest) FROM case_guest WHERE made > now() - interval '1 hour'"
    )
    if int(lately) >= int(settings.get(session, "cases.intake_hourly")):
        raise TooManyRequests(f"{lately} reports within an hour (cases.intake_hourly)")


def _host(session: Session) -> Organisation:
    return organisations.view(session, settings.get(session, "node.host_org_id"))
