# SPDX-License-Identifier: EUPL-1.2
"""The gate's rules, each about one thing; all are asked, and all that they say is kept.

Pure: facts, terms and the time are all that they see. A rule that has nothing against an item
says why not.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from brug.bridges.gate.facts import Facts, Part
from brug.bridges.gate.markings import PAP_LABELS
from brug.bridges.gate.personal import personal_data
from brug.bridges.gate.reasons import Outcome, Reason, reason
from brug.bridges.terms import Terms
from brug.model import tlp

Rule = Callable[[Part, Facts, Terms, datetime], tuple[Reason, ...]]
# Who a label reaches beyond its recipient (TLP 2.0, FIRST): a client is of the community too.
_REACH = {"clear": ("client", "community", "public"), "green": ("client", "community"),
          "amber": ("client",), "amber+strict": (), "red": ()}  # fmt: skip


def agreement(part: Part, facts: Facts, terms: Terms, at: datetime) -> tuple[Reason, ...]:
    """In force at that time, for this kind of item and this direction."""
    said = []
    version = str(terms.version)
    if not terms.holds(at):
        said.append(reason("agreement", "refuse", part.what, "not_valid", version=version))
    if facts.sender not in terms.senders or terms.party(facts.receiver) is None:
        said.append(reason("agreement", "refuse", part.what, "other_direction"))
    if part.kind not in terms.kinds:
        said.append(reason("agreement", "refuse", part.what, "kind_not_agreed", kind=part.kind))
    return tuple(said) or (reason("agreement", "pass", part.what, "agreed", version=version),)


def marking(part: Part, facts: Facts, terms: Terms, at: datetime) -> tuple[Reason, ...]:
    """TLP and PAP against the ceiling; what was received also against what its source said."""
    if facts.returning:
        return (reason("marking", "pass", part.what, "back_to_source"),)
    found = part.marking
    held = _of_host(facts)
    if found.unreadable:
        code = "unreadable_own" if facts.own else "unreadable_received"
        return (reason("marking", held, part.what, code, label=found.unreadable.upper()),)
    said: list[Reason] = []
    if found.kept:
        said.append(reason("marking", "refuse", part.what, "kept"))
    label = found.tlp
    if label is None:
        label, of_unmarked = _unmarked(part, facts, terms)
        said += of_unmarked
    if label is not None:
        said += _of_label(label, part, facts, terms, at)
    if found.pap and PAP_LABELS.index(found.pap) > PAP_LABELS.index(terms.ceiling.pap):
        about = {"label": found.pap.upper(), "ceiling": terms.ceiling.pap.upper()}
        said.append(reason("marking", held, part.what, "pap_above_ceiling", **about))
    return tuple(said)


def _of_host(facts: Facts) -> Outcome:
    """A person may release what the host made, and nobody what it received."""
    return "hold" if facts.own else "refuse"


def _unmarked(part: Part, facts: Facts, terms: Terms) -> tuple[str | None, list[Reason]]:
    """The label that counts where there is none, or why none does."""
    if terms.unmarked == "refuse":
        return None, [reason("marking", "refuse", part.what, "unmarked_refused")]
    if facts.relation == "public" and terms.unmarked != "clear":
        return None, [reason("marking", "refuse", part.what, "unmarked_public")]
    if terms.unmarked == "hold":
        outcome = _of_host(facts)
        return None, [reason("marking", outcome, part.what, "unmarked_held")]
    return terms.unmarked, []


def _of_label(label: str, part: Part, facts: Facts, terms: Terms, at: datetime) -> list[Reason]:
    said: list[Reason] = []
    where = part.what
    if not facts.own:
        allowed = _allowed(label, part, facts, at)
        if allowed is not None:
            said.append(reason("marking", "pass", where, "source_allows", label=allowed.upper()))
            label = allowed
        elif facts.relation not in _REACH[label]:
            about = {"label": label.upper(), "relation": facts.relation}
            said.append(reason("marking", "refuse", where, "source_forbids", **about))
    elif facts.relation == "public" and label != "clear":
        said.append(reason("marking", "hold", where, "own_to_public", label=label.upper()))
    if tlp.is_above(label, terms.ceiling.tlp):
        outcome = _of_host(facts)
        about = {"label": label.upper(), "ceiling": terms.ceiling.tlp.upper()}
        said.append(reason("marking", outcome, where, "above_ceiling", **about))
    return said or [reason("marking", "pass", where, "marking_fits", label=label.upper())]


def _allowed(label: str, part: Part, facts: Facts, at: datetime) -> str | None:
    """The label that the source allowed to count instead, if it reaches this partner."""
    counting = []
    for one in part.permissions:
        lapsed = one.valid_until is not None and at >= one.valid_until
        if lapsed or one.audience not in {"", facts.receiver} or one.label not in tlp.LABELS:
            continue
        wider = tlp.LABELS.index(one.label) <= tlp.LABELS.index(label)
        if wider and (one.audience or facts.relation in _REACH[one.label]):
            counting.append(one.label)
    return min(counting, key=tlp.LABELS.index, default=None)


def purpose(part: Part, facts: Facts, terms: Terms, _at: datetime) -> tuple[Reason, ...]:
    """One of the item's purposes is agreed; without any it serves the node's default."""
    serves = part.marking.purposes or (facts.default_purpose,)
    named = ", ".join(serves)
    if set(serves).isdisjoint(terms.purposes):
        return (reason("purpose", "refuse", part.what, "other_purpose", purposes=named),)
    return (reason("purpose", "pass", part.what, "purpose_fits", purposes=named),)


def embargo(part: Part, _facts: Facts, _terms: Terms, at: datetime) -> tuple[Reason, ...]:
    """Until its end; an embargo without a readable one does not end by itself."""
    if not part.marking.embargoes:
        return (reason("embargo", "pass", part.what, "not_embargoed"),)
    return tuple(_embargo(part.what, until, at) for until in part.marking.embargoes)


def _embargo(where: str, until: str, at: datetime) -> Reason:
    if not until:
        return reason("embargo", "refuse", where, "embargoed")
    try:
        end = datetime.fromisoformat(until)
        over = at >= (end if end.tzinfo else end.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return reason("embargo", "refuse", where, "embargo_unreadable", until=until[:40])
    if over:
        return reason("embargo", "pass", where, "embargo_over")
    return reason("embargo", "refuse", where, "embargoed_until", until=until)


def export_control(part: Part, _facts: Facts, _terms: Terms, _at: datetime) -> tuple[Reason, ...]:
    """Controlled technology needs a licence or an exemption, which a tag refers to."""
    if not part.marking.controlled:
        return (reason("export control", "pass", part.what, "not_controlled"),)
    if not part.marking.licence:
        return (reason("export control", "hold", part.what, "controlled"),)
    licence = part.marking.licence[:200]
    return (reason("export control", "pass", part.what, "licensed", licence=licence),)


def quality(part: Part, _facts: Facts, terms: Terms, _at: datetime) -> tuple[Reason, ...]:
    """Known false positives and decayed indicators: a note, or left out where agreed."""
    outcome: Outcome = "redact" if terms.quality == "drop" else "pass"
    said = []
    if part.known_good:
        lists = ", ".join(part.known_good)
        said.append(reason("quality", outcome, part.what, "known_good", lists=lists))
    if part.expired:
        said.append(reason("quality", outcome, part.what, "expired"))
    return tuple(said) or (reason("quality", "pass", part.what, "quality_fits"),)


def person(part: Part, facts: Facts, terms: Terms, _at: datetime) -> tuple[Reason, ...]:
    """Whatever the agreement wants a person to release."""
    label = part.marking.tlp
    personal = part.personal == "high" or bool(part.found) or bool(part.around)
    wanted = {
        "always": "person_always",
        "received": "" if facts.own else "person_received",
        "unmarked": "" if label else "person_unmarked",
        "personal-data": "person_personal" if personal else "",
        "files": "person_files" if part.file else "",
    }
    said = []
    for moment in terms.release.when:
        if moment in tlp.LABELS:
            above = label is not None and tlp.LABELS.index(label) >= tlp.LABELS.index(moment)
            code = "person_label" if above else ""
        else:
            code = wanted[moment]
        if code:
            about = {"label": label.upper()} if code == "person_label" and label else {}
            said.append(reason("person", "hold", part.what, code, **about))
    return tuple(said) or (reason("person", "pass", part.what, "nobody_needed"),)


def encryption(part: Part, facts: Facts, terms: Terms, _at: datetime) -> tuple[Reason, ...]:
    """From the agreed label on nothing goes in the clear; a person's word is no key."""
    if facts.encrypted or terms.encrypt_mail_from == "never":
        return (reason("encryption", "pass", part.what, "no_key_needed"),)
    unmarked = terms.unmarked if terms.unmarked in tlp.LABELS else "green"
    # What nobody can read counts as stricter than any label.
    label = "red" if part.marking.unreadable else part.marking.tlp or unmarked
    if tlp.LABELS.index(label) < tlp.LABELS.index(terms.encrypt_mail_from):
        return (reason("encryption", "pass", part.what, "no_key_needed"),)
    return (reason("encryption", "hold", part.what, "key_needed", label=label.upper()),)


ALL: tuple[Rule, ...] = (
    agreement, marking, purpose, personal_data, embargo, export_control, quality, person,
    encryption,
)  # fmt: skip
