# SPDX-License-Identifier: EUPL-1.2
"""Make the list of weaknesses that advisories are checked against, from what is installed.

It is MITRE's Common Weakness Enumeration with all names that each weakness has had, as the `csaf`
package carries it: number -> names, oldest first. Like the browser's scripts it is made when Brug
is built, is part of the wheel, and is never kept in the repository. MITRE's notice travels with it.
"""

from __future__ import annotations

import json
from importlib.metadata import files
from pathlib import Path

LIST = Path(__file__).resolve().parent.parent / "src/brug/formats/csaf/weaknesses.json"
LICENCE = LIST.with_suffix(".LICENSE.txt")
SOURCE = "csaf/csaf/v21/cwe/"


def _carried(name: str) -> str:
    found = next(path for path in files("csaf") or [] if path.as_posix() == SOURCE + name)
    return found.read_text("utf-8")


def weaknesses() -> dict[str, list[str]]:
    """Each weakness by its number, with its names."""
    listed = json.loads(_carried("catalog.json"))["weaknesses"]
    return {
        number: list(dict.fromkeys(name for _, name in one["history"] if name))
        for number, one in listed.items()
    }


def main() -> None:
    LICENCE.write_text(_carried("LICENSE"), "utf-8")
    LIST.write_text(json.dumps(weaknesses(), separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
