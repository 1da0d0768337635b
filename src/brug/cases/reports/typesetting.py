# SPDX-License-Identifier: EUPL-1.2
"""Runs in a process of its own (`printing`): data on standard input, a PDF on standard output.

Imports nothing of ours, sees a folder with nothing but the template as its root, and has
limits on time and memory. Characters that no font at hand has are set as their codes, [U+6F22]:
what would be an empty box is then still said, and a page for all readers (PDF/UA) may not hold one.
"""

import re
import resource
import sys
import tempfile
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import typst

SECONDS = 20
BYTES = 2 * 2**30
MOST_TRIES = 40
_NOT_THERE = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    data = sys.stdin.buffer.read().decode("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        template = root / "form.typ"
        template.write_bytes(Path(sys.argv[2]).read_bytes())
        pdf = set_with_codes(template, data, datetime.fromtimestamp(int(sys.argv[1]), UTC))
    sys.stdout.buffer.write(pdf)


def set_with_codes(template: Path, data: str, at: datetime) -> bytes:
    """One character at first, then all of its script: few tries, whatever stands in it."""
    missing: set[str] = set()
    for _ in range(MOST_TRIES):
        try:
            return typst.compile(
                template, root=template.parent, sys_inputs={"data": data}, pdf_standards="ua-1",
                timestamp=at,
            )  # fmt: skip
        except typst.TypstError as error:
            found = _NOT_THERE.search(str(error))
            if found is None:
                raise
        left = [one for one in found[1] if f"[U+{ord(one):04X}]" not in data or one in data]
        again = {script_of(one) for one in left} & missing
        missing |= {script_of(one) for one in left}
        data = "".join(
            f"[U+{ord(one):04X}]" if one in left or (ord(one) > LATIN and script_of(one) in again)
            else one
            for one in data
        )  # fmt: skip
    raise RuntimeError("too many scripts that no font at hand has")


LATIN = 0x24F


def script_of(one: str) -> str:
    """Signs by their category, letters by the script that begins their name."""
    category = unicodedata.category(one)
    if not category.startswith(("L", "M")):
        return category
    return unicodedata.name(one, category).split(" ")[0]


if __name__ == "__main__":
    main()
