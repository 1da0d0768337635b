# SPDX-License-Identifier: EUPL-1.2
"""Make the list of weaknesses that advisories are checked against, from what is installed.

It is MITRE's Common Weakness Enumeration with all names that each weakness has had, as the `csaf`
package carries it: number -> names, oldest first. Like the browser's scripts it is made when Brug
is built, is part of the wheel, and is never kept in the repository.
"""

from __future__ import annotations

import json
from importlib.metadata import files
from pathlib import Path

LIST = Path(__file__).resolve().parent.parent / "src/brug/formats/csaf/weaknesses.json"
SOURCE = "csaf/csaf/v21/cwe/catalog.json"


def weaknesses() -> dict[str, list[str]]:
    """Each weakness by its number, with its names."""
    found = next(path for path in files("csaf") or [] if path.as_posix() == SOURCE)
    listed = json.loads(found.read_text("utf-8"))["weaknesses"]
    return {
        number: list(dict.fromkeys(name for _, name in one["history"] if name))
        for number, one in listed.items()
    }


def main() -> None:
    LIST.write_text(json.dumps(weaknesses(), separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
