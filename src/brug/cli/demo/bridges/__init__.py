# SPDX-License-Identifier: EUPL-1.2
"""Three nodes of three organisations in three countries, and what crosses between them.

Who takes part, what they agree on and what they know is data (`story.toml`). `nodes` are
used as people and tools use them: with the verbs of the command line in each node's folder,
and over MISP's interface with a user's own key. `connecting`, `crossing`, `recalling` and
`waiting` are the steps; nothing is told that a node was not asked for.
"""
