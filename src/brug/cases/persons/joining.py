# SPDX-License-Identifier: EUPL-1.2
"""Having a person take part who has no account; and what whoever leads the case sees of the way in.

Only who leads the case asks, and only of that case: no list of persons goes beyond it.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

import msgspec

from brug.cases import files, keeping, taking_part
from brug.cases.acts import Joined
from brug.cases.case import Case
from brug.cases.files import File
from brug.cases.persons import links
from brug.cases.persons.outside import (
    COLUMNS,
    Person,
    Reached,
    read_row,
    sealed,
    sealed_reply,
)  # fmt: skip
from brug.cases.refusing import Refused
from brug.cases.taking_part import NotYours
from brug.directory import fields
from brug.directory.account_fields import gpgkey as checked_key
from brug.formats import openpgp
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.words import N_
from brug.store import audit, outbox, settings
from brug.store.session import Session

LANGUAGES = ("en", "nl")
MOST = 100  # of a case
_TOKEN_BYTES = 16


class Listed(msgspec.Struct, frozen=True):
    """A person as whoever leads the case sees it: never the link."""

    participant: str
    name: str
    role: str
    email: str
    fingerprint: str
    language: str
    mails: bool
    links: int  # that still lead in
    expires: datetime | None
    used: datetime | None
    problem: str


def led(session: Session, which: str) -> tuple[File, Case]:
    """A case that the principal leads. Raises NotFound, NotYours."""
    file, case = files.view(session, which)
    if not taking_part.may(case, keeping.author(session), "joined"):
        raise NotYours(f"{session.principal.email} does not lead {file.number}")
    return file, case


def invite(session: Session, which: str, given: Mapping[str, str]) -> Listed:
    """Somebody takes part, and is written to: `email`, `name` and `role`; `organisation`,
    `gpgkey` and `language` as far as given.

    Raises Invalid, naming the field; NotYours, Conflict.
    """
    if session.principal.read_only:
        raise Forbidden("the key reads only")
    file, case = led(session, which)
    email = _email(given.get("email", ""))
    key = _key(given.get("gpgkey", ""))
    language = _language(given.get("language", "") or settings.get(session, "node.language"))
    name = given.get("name", "").strip()
    if not name:
        raise Invalid("name", "what the others in the case read")
    if org := given.get("organisation", "").strip():
        name = f"{name} ({org})"
    role = given.get("role", "")
    if case.kind.role(role).leads:
        raise Invalid("role", "one that does not lead: that takes an account", role)
    if not outbox.is_set_up(session):
        raise Refused(N_("No mail is set up (mail.host, mail.from): nobody could be written to."))
    with session.as_system():
        known = persons_of(session, file, case)
    if len(known) >= MOST:
        raise Refused(N_("At most %(most)s persons take part in a case."), most=MOST)
    if any(p.email.lower() == email.lower() and case.participants[p.participant].role == role
           for p in known):  # fmt: skip
        raise Refused(N_("This address takes part in this role already."))
    participant, node = str(uuid4()), str(settings.get(session, "node.uuid"))
    doing = Joined(participant=participant, org=str(uuid4()), name=name, role=role, node=node)
    keeping.act(session, file.uuid, doing)
    with session.as_system():
        number = store(session, file, participant, Reached(email, key), language)
        write_link(session, number)
    # Who reads the audit may not know of the case.
    audit.record(session, "add", "CasePerson", number)
    return find(session, which, participant)


def store(session: Session, file: File, participant: str, reached: Reached, language: str) -> int:
    """In a system session: how somebody is reached who takes part; their number."""
    token = secrets.token_hex(_TOKEN_BYTES)
    return int(
        session.value(
            "INSERT INTO case_person (case_id, participant, address, language, reply,"
            " reply_digest, told) VALUES (%(case)s, %(who)s, %(address)s, %(language)s, %(reply)s,"
            " %(digest)s, (SELECT coalesce(max(number), 0) FROM case_entry"
            " WHERE case_id = %(case)s)) RETURNING id",
            {
                "case": file.id, "who": participant, "language": language,
                "address": sealed(session, participant, reached),
                "reply": sealed_reply(session, participant, token),
                "digest": reply_digest(token),
            },
        )
    )  # fmt: skip


def reply_digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def write_link(session: Session, person_id: int) -> None:
    """In a system session: a letter with a fresh link is due."""
    session.execute("INSERT INTO case_letter (person_id, kind) VALUES (%s, 'link')", (person_id,))


def persons_of(session: Session, file: File, case: Case) -> list[Person]:
    """In a system session: those who still take part."""
    present = {one.id for one in case.present}
    rows = session.all(
        "SELECT " + COLUMNS + " FROM case_person p WHERE p.case_id = %s ORDER BY p.id", (file.id,)
    )
    return [read_row(session, row) for row in rows if row[2] in present]


def listed(session: Session, which: str) -> list[Listed]:
    """Those of a case. Raises NotFound, NotYours."""
    file, case = led(session, which)
    with session.as_system():
        return [_listed(session, case, one) for one in persons_of(session, file, case)]


def _listed(session: Session, case: Case, one: Person) -> Listed:
    told = links.told(session, one.id)
    me = case.participants[one.participant]
    return Listed(
        one.participant, me.name, me.role, one.email,
        _fingerprint(one.gpgkey), one.language, one.mails,
        told.open, told.expires, told.used, one.problem,
    )  # fmt: skip


def _fingerprint(key: str) -> str:
    """Of a key that can be used; one that cannot any more says so."""
    try:
        return openpgp.read(key).fingerprint if key else ""
    except Invalid as error:
        return f"unusable: {error.expected}"


def person(session: Session, which: str, participant: str) -> tuple[File, Case, Person]:
    """By UUID, or by the name or address that one alone has. Raises NotFound, NotYours, Invalid."""
    file, case = led(session, which)
    wanted = participant.strip().casefold()
    with session.as_system():
        every = persons_of(session, file, case)
    found = [one for one in every if one.participant == wanted] or [
        one
        for one in every
        if wanted in {one.email.casefold(), case.participants[one.participant].name.casefold()}
    ]
    if not found:
        raise NotFound("no such person takes part without an account")
    if len(found) > 1:
        uuids = ", ".join(one.participant for one in found)
        raise Invalid("person", f"one of {uuids}, who are called so", participant)
    return file, case, found[0]


def find(session: Session, which: str, participant: str) -> Listed:
    """By UUID, name or address. Raises NotFound, NotYours."""
    _, case, one = person(session, which, participant)
    with session.as_system():
        return _listed(session, case, one)


def renew(session: Session, which: str, participant: str) -> Listed:
    """The links that there are end, and a letter with a new one goes. Raises NotFound."""
    one = _written(session, which, participant, "renew")
    with session.as_system():
        links.revoke(session, one.id)
        write_link(session, one.id)
    return find(session, which, one.participant)


def revoke(session: Session, which: str, participant: str) -> Listed:
    """No link leads in any more, who is in by one is out, and letters bring none until one is
    sent anew. Raises NotFound.
    """
    one = _written(session, which, participant, "revoke")
    with session.as_system():
        links.revoke(session, one.id, shuts=True)
    return find(session, which, one.participant)


def change(session: Session, which: str, participant: str, given: Mapping[str, str]) -> Listed:
    """`email`, `gpgkey`, `language`, `mails` ("1" or "0"), as far as given.

    With another address the links end: they went to the old one. Raises NotFound, Invalid.
    """
    one = _written(session, which, participant, "edit")
    email = _email(given["email"]) if "email" in given else one.email
    key = _key(given["gpgkey"]) if "gpgkey" in given else one.gpgkey
    language = _language(given.get("language", one.language))
    mails = given["mails"] == "1" if "mails" in given else one.mails
    with session.as_system():
        session.execute(
            "UPDATE case_person SET address = %s, language = %s, mails = %s, problem = ''"
            " WHERE id = %s",
            (sealed(session, one.participant, Reached(email, key)), language, mails, one.id),
        )
        if email.lower() != one.email.lower():
            links.revoke(session, one.id)
            write_link(session, one.id)
    return find(session, which, one.participant)


def _written(session: Session, which: str, participant: str, action: str) -> Person:
    if session.principal.read_only:
        raise Forbidden("the key reads only")
    one = person(session, which, participant)[2]
    audit.record(session, "edit", "CasePerson", one.id, change={"done": action})
    return one


def _email(given: str) -> str:
    return str(fields.mail_address("email", given.strip()))


def _key(given: str) -> str:
    return str(checked_key("gpgkey", given)) if given.strip() else ""


def _language(given: object) -> str:
    if given not in LANGUAGES:
        raise Invalid("language", f"one of {', '.join(LANGUAGES)}", str(given))
    return str(given)
