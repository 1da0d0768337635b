# SPDX-License-Identifier: EUPL-1.2
"""Fetch the validator that the tests hold advisories against, into `build/second-opinion`.

It is the one of Secvisogram, whose authors take part in writing CSAF; its lock file fixes each
package by digest. `--lock` writes that file anew.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools import assets

WANTED = assets.ROOT / "tests/formats/csaf/second_opinion"
PLACE = assets.ROOT / "build/second-opinion"


def install() -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    for path in WANTED.iterdir():
        shutil.copy(path, PLACE)
    assets.npm("ci", PLACE)


def main() -> None:
    if sys.argv[1:] == ["--lock"]:
        with tempfile.TemporaryDirectory(prefix="brug-second-opinion-") as scratch:
            assets.lock(Path(scratch), WANTED)
    else:
        install()


if __name__ == "__main__":
    main()
