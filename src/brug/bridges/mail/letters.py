# SPDX-License-Identifier: EUPL-1.2
"""Letters to partners: what crosses, in words, and whole in MISP's format beside them.

A letter is made of messages that the gate let pass, and of nothing else: the copy without what
was left out. What it says stands in no table; it is made when it is sent.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec

from brug.bridges.crossing import reading
from brug.bridges.crossing.messages import Message
from brug.bridges.mail import enclosing, words
from brug.bridges.mail.enclosing import Form
from brug.bridges.mail.mailboxes import Contact
from brug.formats.letter import Attachment, unbroken
from brug.mail import telling
from brug.mail.telling import Say, Told

RULE = "-" * 72
MOST_NAMED = 20
LONGEST_NAME = 100
_ATTACHED: dict[Form, str] = {
    "whole": "attached", "packed": "packed", "no_files": "packed", "bare": "not_attached",
}  # fmt: skip


class Sent(msgspec.Struct, frozen=True):
    """One crossing of a letter; `again` where the partner had an earlier version."""

    message: Message
    again: bool = False


class Frame(msgspec.Struct, frozen=True):
    """What is the same for all letters of a round: between whom, under what."""

    node: str
    host: str
    partner: str
    version: int
    document: str
    retention_days: int | None
    at: datetime
    in_the_clear: bool = False  # what nobody marked may go without encryption


class Written(msgspec.Struct, frozen=True):
    """A letter to one contact."""

    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()


def write(frame: Frame, contact: Contact, several: Sequence[Sent], form: Form = "whole") -> Written:
    """One message makes a letter of its own, several a digest."""
    say: Say = partial(words.say, contact.language)
    events = [one.message["event"] for one in several if one.message["kind"] == "event"]
    if len(several) == 1:
        subject = _subject(say, several[0])
    else:
        subject = _marked(_label(events), say("digest_subject", count=len(several)))
    lines = _head(frame, say, several)
    for place, one in enumerate(several):
        lines += ["", RULE, ""] if place else [""]
        lines += _body(frame, contact, say, one)
    inside = enclosing.enclosed(events, form)
    lines += ["", *(_about(frame, say, form, inside.without) if events else [])]
    lines += ["-- ", say("foot", node=frame.node, host=frame.host)]
    return Written(subject, "\n".join(lines) + "\n", inside.attachments)


def _label(events: Sequence[Message]) -> str:
    """The strictest of several."""
    named = [f"tlp:{label}" for one in events if (label := telling.of_document(one).label)]
    return telling.strictest(named)


def _marked(label: str, subject: str) -> str:
    return f"TLP:{label.upper()} {subject}" if label else subject


def _subject(say: Say, one: Sent) -> str:
    kind = str(one.message["kind"])
    if kind == "event":
        event = one.message["event"]
        return _marked(_label([event]), str(event["info"]))
    # An event is named by its UUID alone where no gate looked at what it says.
    return say(f"{kind}_subject", uuid=one.message["event_uuid"])


def _head(frame: Frame, say: Say, several: Sequence[Sent]) -> list[str]:
    kinds = {one.message["kind"] for one in several}
    if not kinds & {"event", "reactions"}:
        return []
    parts = {
        "host": frame.host, "partner": frame.partner, "version": frame.version,
        "document": frame.document,
    }  # fmt: skip
    label = _label([one.message["event"] for one in several if one.message["kind"] == "event"])
    marked = [f"TLP:{label.upper()}", ""] if label else []
    return [*marked, say("digest_head" if len(several) > 1 else "head", **parts)]


def _body(frame: Frame, contact: Contact, say: Say, one: Sent) -> list[str]:
    kind = one.message["kind"]
    if kind == "event":
        return _event(say, one)
    named = [f"{say('uuid')}: {one.message['event_uuid']}"]
    between = {"host": frame.host, "partner": frame.partner}
    if kind == "withdrawal":
        return [say("withdrawal", **between), "", *named]
    if kind == "recall":
        if contact.gpgkey or frame.in_the_clear:
            named.append(f"{say('because')}: {unbroken(str(one.message['because']))}")
        return [say("recall", **between), "", *named, "", say("recall_limits")]
    return [say("reactions"), "", *named, *_said(say, one.message["said"])]


def _event(say: Say, one: Sent) -> list[str]:
    told: Told = telling.of_document(one.message["event"])
    lines = [f"{say('uuid')}: {told.uuid}"]
    # Everything in the copy may be said: its marking was decided on by the gate.
    lines += telling.lines(told, say, "red", comments=True)
    if told.reports:
        lines += ["", f"{say('reports')}: {', '.join(told.reports)}"]
    if one.message["redacted"]:
        lines += ["", say("redacted")]
    if one.again:
        lines += ["", say("again")]
    return lines


def _said(say: Say, said: Message) -> list[str]:
    every = reading.all_said(said)
    counts = {
        "sightings": len(every["Sighting"]), "proposals": len(every["ShadowAttribute"]),
        "notes": sum(len(every[name]) for name in ("Note", "Opinion", "Relationship")),
    }  # fmt: skip
    lines = [f"- {say(name, count=count)}" for name, count in counts.items() if count]
    wrote = [f"{p.get('type')}: {p.get('value')}" for p in every["ShadowAttribute"]]
    wrote += [str(n.get("note") or n.get("comment") or "") for n in every["Note"]]
    return lines + [f"- {unbroken(one)}" for one in wrote]


def _about(frame: Frame, say: Say, form: Form, without: Sequence[str]) -> list[str]:
    """What of the events is in the attachment, how to have the rest, and how long to keep it."""
    lines = [say(_ATTACHED[form])]
    if without:
        named = ", ".join(name[:LONGEST_NAME] for name in without[:MOST_NAMED])
        more = ", ..." if len(without) > MOST_NAMED else ""
        lines.append(say("no_files", count=len(without), names=named + more))
    if form in enclosing.LEFT_OUT:
        lines.append(say("have_the_rest", host=frame.host))
    if frame.retention_days is not None:
        lines.append(say("retention", days=frame.retention_days))
    return [*lines, ""]
