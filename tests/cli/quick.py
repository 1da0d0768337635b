# SPDX-License-Identifier: EUPL-1.2
"""`brug`, but that nodes of a demonstration have no vocabularies, for stories that use none; or the
few that one uses.

To install them all takes four fifths of what it takes to make a node. With THOROUGH=1 they are
installed as for anyone; tests/intel/vocabulary has them always.
"""

import sys
from collections.abc import Iterator

from tests.thorough import IS_THOROUGH

from brug.cli import app, initialising
from brug.cli.demo import running
from brug.intel.vocabulary.sources import files
from brug.intel.vocabulary.sources.warninglist_choice import ENABLED_AT_FIRST
from brug.store.reaching import Reached

PROGRAM = "from tests.cli.quick import main; main()"
WITH_FEW = "from tests.cli.quick import main_with_few; main_with_few()"
BRUG = [sys.executable, "-c", PROGRAM]
# Of the large ones, what events of the campaign are tagged with and what is on in a new node.
FEW = {"clusters": {"mitre-attack-pattern", "sector"}, "warninglists": set(ENABLED_AT_FIRST)}
_read = files.read


def main() -> None:
    if not IS_THOROUGH:
        initialising._install_vocabularies = nothing
        running._BRUG = PROGRAM
    app.main()


def main_with_few() -> None:
    if not IS_THOROUGH:
        files.read = few
        running._BRUG = WITH_FEW
    app.main()


def nothing(found: Reached) -> None:
    """Where vocabularies would be installed."""
    del found


def few(vocabulary: str, pattern: str) -> Iterator[files.SourceFile]:
    """In place of `files.read`."""
    for file in _read(vocabulary, pattern):
        if file.slug in FEW.get(vocabulary, {file.slug}):
            yield file
