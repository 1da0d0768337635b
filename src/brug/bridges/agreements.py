# SPDX-License-Identifier: EUPL-1.2
"""Agreements of bridges: proposed, accepted by both sides, and never changed afterwards.

A version is the canonical bytes of its terms. Each side signs the version that it accepts; a
partner without a node accepts on paper, which a person records. What is in force at a time is
the highest version that both accepted and whose terms are valid then; a version that nobody
has accepted yet changes nothing. Whoever wants to end one early pauses or closes the bridge.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from brug.bridges import drafting_parties, identity, ledger, node_users, terms
from brug.bridges.identity import Signature
from brug.bridges.partners import BridgeRow, keys_of, require_admin
from brug.bridges.partners import view as bridge_of
from brug.bridges.terms import Terms
from brug.directory import audit, organisations
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.store import settings
from brug.store.session import Session

Signer = Callable[[Session, bytes], Signature]


class Agreement(msgspec.Struct, frozen=True):
    """One version. `ours` and `theirs` say when each side accepted it."""

    id: int
    bridge_id: int
    version: int
    digest: bytes
    document: bytes
    proposed_here: bool
    proposed: datetime
    ours: datetime | None
    theirs: datetime | None
    reference: str
    terms: Terms

    @property
    def accepted(self) -> bool:
        return self.ours is not None and self.theirs is not None


class AlreadyAccepted(Conflict):
    """A side accepts a version once."""

    code = "agreement_accepted"
    public = "This version has been accepted already."


_SELECT = (
    "SELECT a.id, a.bridge_id, a.version, a.digest, a.document, a.ours, a.proposed,"
    " o.accepted, t.accepted, coalesce(t.reference, '') FROM agreement a"
    " LEFT JOIN agreement_acceptance o ON o.agreement_id = a.id AND o.side = 'ours'"
    " LEFT JOIN agreement_acceptance t ON t.agreement_id = a.id AND t.side = 'theirs'"
)


def history(session: Session, bridge_id: int) -> list[Agreement]:
    """All versions, the newest first."""
    rows = session.all(
        _SELECT + " WHERE a.bridge_id = %s ORDER BY a.version DESC, a.digest", (bridge_id,)
    )
    return [_agreement(row) for row in rows]


def in_force(session: Session, bridge_id: int, at: datetime) -> Agreement | None:
    """What both sides accepted and is valid at that time; the highest version of those.

    A later version that is accepted but not valid yet does not end the one before it. Of an
    organisation that became part of another here, the terms hold for that one.
    """
    rows = session.all(
        _SELECT + " WHERE a.bridge_id = %s AND o.accepted <= %s AND t.accepted <= %s"
        " ORDER BY a.version DESC, a.digest",
        (bridge_id, at, at),
    )
    for row in rows:
        found = _agreement(row)
        if found.terms.holds(at):
            return _as_of_now(session, found)
    return None


def _as_of_now(session: Session, found: Agreement) -> Agreement:
    """With the organisations that its parties are by now; what was signed stays as it is."""
    named = [uuid for party in found.terms.parties for uuid in party.organisations]
    rows = session.all(
        "SELECT m.uuid::text, o.uuid::text FROM organisation_merged m"
        " JOIN organisation o ON o.id = m.org_id WHERE m.uuid = ANY (%s::uuid[])",
        (named,),
    )
    return msgspec.structs.replace(found, terms=found.terms.named(dict(rows))) if rows else found


def view(session: Session, bridge_id: int, version: int, digest: str = "") -> Agreement:
    """One version; of two with one number, the one whose digest begins so. Raises NotFound."""
    found = [
        one for one in history(session, bridge_id)
        if one.version == version and one.digest.hex().startswith(digest.lower())
    ]  # fmt: skip
    if not found:
        raise NotFound(f"no version {version} of the agreement of bridge {bridge_id}")
    if len(found) > 1:
        digests = ", ".join(one.digest.hex()[:12] for one in found)
        raise Conflict(f"there are several proposals of version {version}: {digests}")
    return found[0]


def draft(session: Session, bridge: BridgeRow, given: Mapping[str, Any]) -> Terms:
    """The terms of the next version: the parties of the bridge, and what was given.

    `our_country`, `their_node_users` and so on are of one party. Raises Invalid, naming the field.
    """
    known = history(session, bridge.id)
    own = host(session)
    both = drafting_parties.of_sides(
        session, own, (str(bridge.org_uuid), bridge.org_name), given, [one.terms for one in known]
    )
    fixed: dict[str, Any] = {
        "form": terms.FORM,
        "bridge": str(bridge.uuid),
        "version": max((one.version for one in known), default=0) + 1,
        "parties": both,
    }
    rest = {k: v for k, v in given.items() if k not in drafting_parties.FIELDS}
    several = {
        name: sorted(set(rest[name])) for name in ("senders", "purposes", "kinds")
        if isinstance(rest.get(name), list) and all(isinstance(v, str) for v in rest[name])
    }  # fmt: skip
    try:
        made = terms.read(fixed | rest | several)
        _check_parties(session, bridge, made)
    except Invalid as error:
        raise drafting_parties.as_typed(error, both, own[0]) from error
    return made


def propose(
    session: Session, bridge: BridgeRow, wanted: Terms, sign: Signer = identity.sign
) -> Agreement:
    """Stores a version that this side signs, and so accepts; the partner has to as well."""
    require_admin(session)
    _check_parties(session, bridge, wanted)
    made = _store(session, bridge, wanted, ours=True)
    _accept(session, made, "ours", sign(session, made.document))
    return view(session, bridge.id, wanted.version, made.digest.hex())


def accept(session: Session, agreement: Agreement, sign: Signer = identity.sign) -> Agreement:
    """This side accepts what the partner proposed. Raises AlreadyAccepted."""
    require_admin(session)
    if agreement.ours is not None:
        raise AlreadyAccepted(f"version {agreement.version} was accepted at {agreement.ours}")
    _accept(session, agreement, "ours", sign(session, agreement.document))
    return view(session, agreement.bridge_id, agreement.version, agreement.digest.hex())


def accept_on_paper(session: Session, agreement: Agreement, reference: str) -> Agreement:
    """A person records that a partner without a node accepted, and where that is written."""
    require_admin(session)
    bridge = bridge_of(session, agreement.bridge_id)
    if bridge.kind == "brug":
        raise Invalid("reference", "nothing, as a node of Brug accepts by its signature")
    if not reference.strip() or len(reference) > 2000 or "\0" in reference:
        raise Invalid("reference", "where the partner's acceptance is written", reference)
    if agreement.theirs is not None:
        raise AlreadyAccepted(f"version {agreement.version} was accepted at {agreement.theirs}")
    _accept(session, agreement, "theirs", None, reference.strip())
    return view(session, agreement.bridge_id, agreement.version, agreement.digest.hex())


def take(
    session: Session, bridge: BridgeRow, document: bytes, key_id: str, signature: bytes
) -> Agreement:
    """What the partner proposes, or its acceptance of what we proposed: its signed bytes.

    Doing it again changes nothing. Raises Invalid, and Forbidden for a signature that is not
    one of the partner's valid keys.
    """
    wanted = terms.of_document(document)
    if not _is_signed(session, bridge, document, key_id, signature):
        raise Forbidden(f"no valid key of {bridge.partner} signed this agreement")
    _check_parties(session, bridge, wanted)
    made = _store(session, bridge, wanted, ours=False)
    if made.theirs is None:
        _accept(session, made, "theirs", Signature(key_id, signature))
    return view(session, bridge.id, wanted.version, made.digest.hex())


def signature_of(session: Session, agreement: Agreement, side: str = "ours") -> Signature | None:
    """By which a side accepted, to be sent or checked."""
    row = session.one(
        "SELECT key_id, signature FROM agreement_acceptance WHERE agreement_id = %s AND side = %s"
        " AND key_id IS NOT NULL",
        (agreement.id, side),
    )
    return Signature(*row) if row else None


def _is_signed(
    session: Session, bridge: BridgeRow, document: bytes, key_id: str, signature: bytes
) -> bool:
    now: datetime = session.value("SELECT now()")
    return any(
        key.key_id == key_id
        and key.is_valid(now)
        and identity.verify(key.public, signature, document)
        for key in keys_of(session, bridge.partner_id)
    )


def _check_parties(session: Session, bridge: BridgeRow, wanted: Terms) -> None:
    if wanted.bridge != str(bridge.uuid):
        raise Invalid("bridge", f"the UUID of this bridge, {bridge.uuid}", wanted.bridge)
    own = host(session)[0]
    if {party.organisation for party in wanted.parties} != {own, str(bridge.org_uuid)}:
        raise Invalid("parties", "the two organisations of this bridge")
    node_users.require(session, wanted, own)


def _store(session: Session, bridge: BridgeRow, wanted: Terms, *, ours: bool) -> Agreement:
    document = terms.document_of(wanted)
    digest = hashlib.sha256(document).digest()
    known = [one for one in history(session, bridge.id) if one.digest == digest]
    if known:
        return known[0]
    last = max((one.version for one in history(session, bridge.id) if one.accepted), default=0)
    if wanted.version <= last:
        raise Invalid("version", f"a number above {last}, which is accepted", str(wanted.version))
    session.execute(
        "INSERT INTO agreement (bridge_id, version, digest, document, ours, proposed_by)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (bridge.id, wanted.version, digest, document, ours, session.principal.user_id),
    )
    made = view(session, bridge.id, wanted.version, digest.hex())
    change = {"version": wanted.version, "digest": digest.hex(), "proposed": _side(ours)}
    audit.record(session, "add", "Agreement", made.id, bridge.partner, change)
    _ledger(session, made, {"act": "proposed", "by": _side(ours)})
    return made


def _accept(
    session: Session, agreement: Agreement, side: str, by: Signature | None, reference: str = ""
) -> None:
    session.execute(
        "INSERT INTO agreement_acceptance (agreement_id, side, key_id, signature, reference,"
        " accepted_by) VALUES (%s, %s, %s, %s, %s, %s)",
        (
            agreement.id, side, by and by.key_id, by and by.signature, reference,
            session.principal.user_id,
        ),
    )  # fmt: skip
    change = {"version": agreement.version, "side": side, "signed_with": by.key_id if by else ""}
    audit.record(session, "accept", "Agreement", agreement.id, reference[:200], change)
    said = {"signed_with": by.key_id} if by else {"reference": reference}
    _ledger(session, agreement, {"act": "accepted", "by": side, **said})


def _side(ours: bool) -> str:
    return "ours" if ours else "theirs"


def _ledger(session: Session, agreement: Agreement, said: dict[str, str]) -> None:
    payload = {"version": agreement.version, "digest": agreement.digest.hex(), **said}
    ledger.record(session, "agreement", payload, bridge_id=agreement.bridge_id)


def host(session: Session) -> tuple[str, str]:
    host = organisations.view(session, settings.get(session, "node.host_org_id"))
    return host.uuid, host.name


def _agreement(row: tuple[Any, ...]) -> Agreement:
    return Agreement(*(*row, terms.of_document(row[4])))
