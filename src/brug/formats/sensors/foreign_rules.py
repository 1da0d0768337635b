# SPDX-License-Identifier: EUPL-1.2
"""A rule that somebody wrote (attribute type `snort`), made one of ours.

It keeps what it matches. Its message, id and references become ours, its action becomes
`alert` (a stranger's `pass` would silence other rules). A rule that is not plainly one rule,
or that names a keyword which runs code or touches files, is left out.
"""

import re
from collections.abc import Iterator

from brug.formats.sensors.indicator import Indicator
from brug.formats.sensors.rule_text import Rules

LONGEST = 8_192
_PLACE = r"[A-Za-z0-9_$!.,:/\[\]-]{1,500}"
_RULE = re.compile(
    rf"(?:alert|log|drop|reject|sdrop|block)\s+([a-z][a-z0-9-]{{1,15}})\s+({_PLACE})\s+({_PLACE})"
    rf"\s+(->|<>)\s+({_PLACE})\s+({_PLACE})\s*\(([ -~]*)\)\s*",
    re.ASCII,
)
# One option: a name, perhaps a value of quoted texts and of characters that end nothing.
_OPTION = re.compile(
    r"""\s*([a-z][a-z0-9_.-]{0,40})\s*(?::((?:"(?:[^"\\;]|\\[ -~])*"|[^";\\]|\\[ -~])*))?;""",
    re.ASCII,
)
OURS = frozenset({"msg", "sid", "rev", "gid", "reference", "classtype", "priority", "metadata"})
REFUSED = frozenset(
    {"lua", "luajit", "dataset", "datarep", "filestore", "logto", "activates", "activated_by",
     "replace", "react", "resp", "bypass", "config", "iprep", "include"}
)  # fmt: skip


def adopted(rules: Rules, i: Indicator, value: str) -> str:
    """The rule, or "" where it is none that can be taken."""
    text = value.strip()
    if len(text) > LONGEST:
        return ""
    found = _RULE.fullmatch(text)
    if found is None:
        return ""
    options = list(_options(found[7]))
    if not options or any(name in REFUSED for name, _ in options):
        return ""
    kept = "".join(
        f"{name}:{inner.strip()}; " if inner is not None else f"{name}; "
        for name, inner in options
        if name not in OURS
    )
    said = next((inner for name, inner in options if name == "msg" and inner), "snort-rule")
    head = f"alert {found[1]} {found[2]} {found[3]} {found[4]} {found[5]} {found[6]}"
    said = said.strip(' "')
    return rules.rule(i, 0, head, f"snort-rule | {said}", kept)


def _options(text: str) -> Iterator[tuple[str, str | None]]:
    """Name and value of each; nothing at all where the text is not made of options."""
    at, found = 0, []
    while text[at:].strip():
        option = _OPTION.match(text, at)
        if option is None:
            return
        found.append((option[1], option[2]))
        at = option.end()
    yield from found
