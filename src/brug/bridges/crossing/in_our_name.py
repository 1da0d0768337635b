# SPDX-License-Identifier: EUPL-1.2
"""What comes in the name of this node's own organisation: that says itself what it has to say.

A partner leaves out what the receiver saw and noted itself. Whoever sends such would have this
node count and pass on what nobody here ever saw or said. Of a proposal the creator's node does
not know that it came from here, so those that this node sent are let in, and no others. Clusters
that its organisation made come along with events that use them: they are here, or were removed,
and are not taken. What a node lost that was restored from a backup it asks for itself
(`own_words`).
"""

from brug.bridges.crossing import clusters, reading, said
from brug.bridges.crossing.reading import Document
from brug.bridges.gate.hop import NOTES, org_in, rows
from brug.store.session import Session


def strip(session: Session, document: Document, bearers: Document, host: str) -> None:
    """Takes it out of an event, or of what is said of one.

    `bearers` is the same with only those of its attributes on which something hangs.
    """
    reading.leave_out_what_was_said_by(bearers, host)
    _strip_proposals(session, bearers, host)
    clusters.leave_out(bearers, host)
    for name in ("Sighting", "ShadowAttribute", *NOTES):  # of the event itself
        if name in bearers:
            document[name] = bearers[name]
        else:
            document.pop(name, None)


def _strip_proposals(session: Session, bearers: Document, host: str) -> None:
    ours = [
        (bearer, one, said.proposals(place, bearer, [one | {"deleted": False}]))
        for place, bearer in said.bearers(bearers)
        for one in rows(bearer, "ShadowAttribute")
        if org_in(one, "Org") == host
    ]
    sent = _sent(session, bearers) if ours else set()
    for bearer, one, named in ours:
        if not sent.intersection(named):
            several = rows(bearer, "ShadowAttribute")
            bearer["ShadowAttribute"] = [other for other in several if other is not one]


def _sent(session: Session, event: Document) -> set[str]:
    """The proposals on an event that crossed from here, over any bridge."""
    with session.as_system():
        found = session.all(
            "SELECT encode(proposals, 'hex') FROM crossing_had"
            " WHERE bridge_id IN (SELECT id FROM bridge) AND event_uuid = %s",
            (str(event["uuid"]).lower(),),
        )
    return {one for row in found for one in said.proposals_in(row[0])}
