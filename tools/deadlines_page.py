# SPDX-License-Identifier: EUPL-1.2
"""The page of the reference that has every deadline with its source."""

from __future__ import annotations

from brug.cases import clocks
from brug.cases.clocks import Row

HEAD = """# Deadlines

What `brug clocks` lists on a node that corrects nothing, as of {as_of}. The
[rules](../spec/clocks.md) say what each field does to the two ends of a clock;
[a node corrects a row](../how-to/correct-a-deadline.md) without a release. A summary for software,
no legal advice. *From memory* means that nobody checked the row against its source; whoever sees
the clock is told so.
"""
ENDS = {
    "act_by": "by the end",
    "act_at": "at the end, not before",
    "keep_until": "to be kept until the end",
    "lapses": "lapses at the end",
}
READ = {
    "verified": "verified",
    "memory": "from memory",
    "proposal": "a proposal, which never counts",
}


def page() -> str:
    """All rows by instrument, then the names that they use."""
    table = clocks.table()
    parts = [HEAD.format(as_of=table.as_of.isoformat())]
    for instrument in dict.fromkeys(row.instrument for row in table):
        parts.append(f"## {instrument}\n")
        parts.extend(_row(row) for row in table if row.instrument == instrument)
    for title, names in (
        ("Facts", table.known.facts),
        ("Roles", table.known.roles),
        ("Circumstances", table.known.circumstances),
    ):
        parts.append(f"## {title}\n")
        parts.extend(f"`{name}`\n: {meaning}.\n" for name, meaning in names.items())
    return "\n".join(parts)


def _row(row: Row) -> str:
    article = f" Article {row.article}." if row.article[:1].isdigit() else f" {row.article}."
    said = [
        f"{row.title}.{article if row.article else ''}",
        f"Starts with `{row.trigger}`{f', anew with `{row.restarts}`' if row.restarts else ''}.",
        _period(row),
        f"Obliged: {', '.join(row.obliged)}.",
        f"To: {row.to}." if row.to else "",
        f"Content: {row.content}." if row.content else "",
        f"Met by `{row.met_by}`." if row.met_by else "",
        f"Only where: {', '.join(row.when)}." if row.when else "",
        f"Not where: {', '.join(row.unless)}." if row.unless else "",
        f"Replaces `{row.replaces}`." if row.replaces else "",
        f"Follows `{row.follows}`." if row.follows else "",
        f"Applies from {row.applies_from}." if row.applies_from else "",
        f"Until {row.valid_to}." if row.valid_to else "",
        row.notes,
        f"Rule `{row.rule}`; {READ[row.status]}{f' ({row.where})' if row.where else ''}.",
    ]
    return f"`{row.id}`\n: {' '.join(one for one in said if one)}\n"


def _period(row: Row) -> str:
    if row.due:
        return f"Until `{row.due}`."
    if not row.period:
        return f"No period: {row.soft}."
    text = f"`{row.period}`{ENDS[row.end]}{f' ({row.soft})' if row.soft else ''}"
    if row.cap:
        text += f"; at most `{row.cap.period}` from `{row.cap.trigger}`"
    if row.extension:
        text += f"; `{row.extension.period}` more with `{row.extension.fact}`"
    return text + "."
