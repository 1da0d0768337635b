# SPDX-License-Identifier: EUPL-1.2
"""`brug`, but that nodes of a demonstration have no vocabularies, for stories that use none.

To install them takes four fifths of what it takes to make a node. With THOROUGH=1 they are
installed as for anyone; tests/cli/test_demo.py has them always.
"""

import sys

from tests.thorough import IS_THOROUGH

from brug.cli import app, initialising
from brug.cli.demo import running
from brug.store.reaching import Reached

PROGRAM = "from tests.cli.quick import main; main()"
BRUG = [sys.executable, "-c", PROGRAM]


def main() -> None:
    if not IS_THOROUGH:
        initialising._install_vocabularies = nothing
        running._BRUG = PROGRAM
    app.main()


def nothing(found: Reached) -> None:
    """Where vocabularies would be installed."""
    del found
