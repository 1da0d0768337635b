# SPDX-License-Identifier: EUPL-1.2
"""Casework: joint work on a matter, with participants, states, clocks, a timeline.

One engine, kinds as data. A case is a set of immutable entries (`entries`), each one `act` of a
participant; what a page shows is a fold over them (`folding`) whose result depends on the set
alone, so that nodes which got them in another order show the same. A kind (`case.Kind`, `kinds`)
declares fields, roles, states, transitions and facts; `rules` is the one place that says whether
an act may be done, asked before it is written and again when it is folded. `keeping` stores;
`documents` keeps what is attached.
"""
