# SPDX-License-Identifier: EUPL-1.2
"""People of a case without an account, and mail that is held, for whoever leads the case."""

from datetime import datetime

import msgspec

from brug.api.cases.table import Call, route
from brug.cases.persons import joining, quarantine
from brug.model.errors import NotFound

_ONE = "/cases/{case}/persons/{person}"
_MAIL = "/mail/held/{mail}"


class Inviting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who shall take part: a mail with a link goes to `email`.

    `name` is what the others in the case read, `role` one that does not lead. `gpgkey` is an
    OpenPGP public key, armoured: with it letters go encrypted and answers have to be signed.
    """

    email: str
    name: str
    role: str
    organisation: str = ""
    gpgkey: str = ""
    language: str = ""


class Changing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be otherwise; null leaves it. With another address the links end."""

    email: str | None = None
    gpgkey: str | None = None
    language: str | None = None
    mails: bool | None = None


class Person(msgspec.Struct, frozen=True):
    """`links` are those that still lead in; none of them is told."""

    participant: str
    name: str
    role: str
    email: str
    fingerprint: str
    language: str
    mails: bool
    links: int
    expires: datetime | None
    used: datetime | None
    problem: str


class Persons(msgspec.Struct, frozen=True):
    """Those who still take part."""

    persons: list[Person]


class HeldMail(msgspec.Struct, frozen=True):
    """`case` and `person` are what its token names, empty where none; `is_whole`: all is here."""

    id: int
    came: datetime
    reason: str
    case: str
    person: str
    senders: list[str]
    subject: str
    size: int
    is_whole: bool


class HeldMails(msgspec.Struct, frozen=True):
    """What the key's owner may decide on, the newest first."""

    held: list[HeldMail]


class OpenedMail(msgspec.Struct, frozen=True):
    """A mail that is held with its text, the names of its files, and what was left out."""

    held: HeldMail
    text: str
    files: list[str]
    dropped: list[str]


class Releasing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why; for mail that names no case, which one and whose it is."""

    because: str
    case: str = ""
    person: str = ""


class Discarding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is left out."""

    because: str


@route("GET", "/cases/{case}/persons", summary="Who takes part without an account",
       answers=(Persons,))  # fmt: skip
def listed(call: Call) -> Persons:
    found = joining.listed(call.session, call.args["case"])
    return Persons([_person(one) for one in found])


@route(
    "POST", "/cases/{case}/persons", summary="Have somebody take part without an account",
    body=Inviting, answers=(Person,), status=201, changes=True,
)  # fmt: skip
def invited(call: Call) -> Person:
    given = {name: str(value) for name, value in msgspec.to_builtins(call.body).items()}
    return _person(joining.invite(call.session, call.args["case"], given))


@route("PATCH", _ONE, summary="Change how somebody is reached", body=Changing,
       answers=(Person,), changes=True)  # fmt: skip
def changed(call: Call) -> Person:
    asked: Changing = call.body
    given = {
        name: text
        for name, text in (
            ("email", asked.email), ("gpgkey", asked.gpgkey), ("language", asked.language),
        )
        if text is not None
    }  # fmt: skip
    if asked.mails is not None:
        given["mails"] = "1" if asked.mails else "0"
    return _person(joining.change(call.session, call.args["case"], call.args["person"], given))


@route("POST", _ONE + "/link", summary="End somebody's links and send a new one",
       answers=(Person,), changes=True)  # fmt: skip
def renewed(call: Call) -> Person:
    return _person(joining.renew(call.session, call.args["case"], call.args["person"]))


@route("DELETE", _ONE + "/link", summary="End somebody's links", answers=(Person,), changes=True)
def revoked(call: Call) -> Person:
    return _person(joining.revoke(call.session, call.args["case"], call.args["person"]))


def _person(one: joining.Listed) -> Person:
    return Person(**{name: getattr(one, name) for name in Person.__struct_fields__})


@route("GET", "/mail/held", summary="Mail for cases that is held", answers=(HeldMails,))
def held(call: Call) -> HeldMails:
    return HeldMails([_held(one) for one in quarantine.listed(call.session)])


@route("GET", _MAIL, summary="A mail that is held", answers=(OpenedMail,))
def opened(call: Call) -> OpenedMail:
    found = quarantine.show(call.session, _number(call))
    mail = found.mail
    return OpenedMail(
        _held(found.held), mail.text if mail else "",
        [one.name for one in mail.parts] if mail else [], mail.dropped if mail else [],
    )  # fmt: skip


@route("POST", _MAIL + "/release", summary="Let a mail into its case", body=Releasing,
       answers=(HeldMail,), changes=True)  # fmt: skip
def released(call: Call) -> HeldMail:
    given = {name: str(value) for name, value in msgspec.to_builtins(call.body).items()}
    return _held(quarantine.release(call.session, _number(call), given))


@route("POST", _MAIL + "/discard", summary="Leave a mail out for good", body=Discarding,
       answers=(HeldMail,), changes=True)  # fmt: skip
def discarded(call: Call) -> HeldMail:
    given = {"because": call.body.because}
    return _held(quarantine.discard(call.session, _number(call), given))


def _number(call: Call) -> int:
    text = call.args["mail"]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotFound("no such mail is held")
    return int(text)


def _held(one: quarantine.Held) -> HeldMail:
    return HeldMail(**{name: getattr(one, name) for name in HeldMail.__struct_fields__})
