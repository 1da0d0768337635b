# SPDX-License-Identifier: EUPL-1.2
"""Terms as a form shows them, and what a form says as terms."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges.terms import Terms
from brug.model.errors import Invalid
from brug.web.fields import Fields

_SEVERAL = ("senders", "purposes", "kinds")
_OURS, _THEIRS = "our_node_users", "their_node_users"


def of_terms(terms: Terms, ours: str) -> dict[str, Any]:
    """The fields of a form that starts from a version; names are those of the terms."""
    flat: dict[str, Any] = {}
    _flatten(msgspec.to_builtins(terms), "", flat)
    for party in terms.parties:
        is_ours = party.organisation == ours
        flat["our_country" if is_ours else "their_country"] = party.country
        users = party.node_users
        if is_ours:
            flat[_OURS] = [one.organisation for one in users]
        else:
            flat[_THEIRS] = "\n".join(one.name for one in users)
    flat["valid_from"], flat["valid_until"] = _day(datetime.now(UTC)), _day(terms.valid_until)
    transfer = terms.personal_data.transfer
    flat["personal_data.transfer.valid_until"] = _day(transfer.valid_until if transfer else None)
    return flat


def fresh(both: list[str]) -> dict[str, Any]:
    """The fields of a first version."""
    return {
        "senders": both, "purposes": ["cyber-defence"],
        "kinds": ["case", "cluster", "event", "note", "proposal", "report", "sighting"],
        "ceiling.tlp": "amber", "ceiling.pap": "red", "unmarked": "green",
        "encrypt_mail_from": "amber",
        "personal_data.regime": "gdpr", "personal_data.handling": "drop",
        "personal_data.transfer.tool": "eea", "quality": "note", "release.when": [],
        "recall.by": "person", "recall.most_an_hour": 10, "after_retention": "delete",
        "valid_from": _day(datetime.now(UTC)),
    }  # fmt: skip


def _flatten(given: dict[str, Any], before: str, into: dict[str, Any]) -> None:
    for name, value in given.items():
        if isinstance(value, dict):
            _flatten(value, f"{before}{name}.", into)
        else:
            into[before + name] = value


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def given(form: Fields) -> dict[str, Any]:
    """What was typed, in the fields' names, to be shown again where it does not fit."""
    found: dict[str, Any] = {name: form.text(name) for name, _ in form.pairs}
    found |= {_THEIRS: form.get(_THEIRS)}
    return found | {name: form.all(name) for name in (*_SEVERAL, "release.when", _OURS)}


def terms_of(form: Fields) -> dict[str, Any]:
    """What a form says, for `agreements.draft`. Raises Invalid for what is no number or day."""
    said: dict[str, Any] = {name: sorted(set(form.all(name))) for name in _SEVERAL}
    for name in (
        "our_country", "their_country", "legal_basis", "document", "unmarked", "quality",
        "encrypt_mail_from",
    ):  # fmt: skip
        said[name] = form.text(name)
    said |= {_OURS: form.all(_OURS), _THEIRS: form.get(_THEIRS).splitlines()}
    said["our_country"] = said["our_country"].upper()
    said["their_country"] = said["their_country"].upper()
    said["valid_from"] = _moment("valid_from", form.text("valid_from"))
    if form.text("valid_until"):
        said["valid_until"] = _moment("valid_until", form.text("valid_until"))
    said["after_retention"] = form.text("after_retention") or "delete"
    if form.text("retention_days"):
        said["retention_days"] = _number("retention_days", form.text("retention_days"))
    said["ceiling"] = {name: form.text(f"ceiling.{name}") for name in ("tlp", "pap")}
    said["personal_data"] = _personal_data(form)
    said["release"] = {
        "when": sorted(set(form.all("release.when"))), "by": form.text("release.by"),
        "four_eyes": form.flag("release.four_eyes"),
    }  # fmt: skip
    most = _number("recall.most_an_hour", form.text("recall.most_an_hour"))
    said["recall"] = {"by": form.text("recall.by"), "most_an_hour": most}
    said["tells"] = {name: form.flag(f"tells.{name}") for name in ("opened", "used")}
    return said


def _personal_data(form: Fields) -> dict[str, Any]:
    place = "personal_data.transfer"
    tool = form.text(f"{place}.tool")
    regime = form.text("personal_data.regime")
    transfer: dict[str, Any] | None = None
    if tool and regime != "none":
        transfer = {name: form.text(f"{place}.{name}") for name in ("scope", "document")}
        transfer["tool"] = tool
        if form.text(f"{place}.valid_until"):
            until = form.text(f"{place}.valid_until")
            transfer["valid_until"] = _moment(f"{place}.valid_until", until)
    return {
        "regime": regime, "handling": form.text("personal_data.handling"), "transfer": transfer,
        "crossing": form.text("personal_data.crossing"),
    }  # fmt: skip


def _moment(field: str, text: str) -> str:
    """The first moment of a day, in UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).isoformat()
    except ValueError as error:
        raise Invalid(field, "a day such as 2026-01-31", text) from error


def _number(field: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid(field, "a number", text)
    return int(text)
