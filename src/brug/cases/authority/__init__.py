# SPDX-License-Identifier: EUPL-1.2
"""What an authority does with what it is notified of (NIS2 art. 23(5) to (9)).

    receiving.take(session, notification, ...)    one that came as a file, or by telephone
    received.listed(session)                      what was received, with what is due
    answering.acknowledge, feedback, ask          to the entity
    forwarding.forward(session, ...)              to the single points of contact of other countries
    summary.summed(...)                           the anonymous totals for ENISA

An authority is a participant in the role `authority` or `csirt`; all of it follows from the entries
of cases, and what queue and summary show is kept with them (`brug.cases.views`).
"""
