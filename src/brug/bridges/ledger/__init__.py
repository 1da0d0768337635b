# SPDX-License-Identifier: EUPL-1.2
"""The ledger: an append-only Merkle log of all crossings and all administrative acts.

`record` writes an entry with the change it is about (`record_several` several); the `Sequencer` gives it its place and
signs. How it works and what it proves: docs/explanation/ledger.md.
"""

from brug.bridges.ledger.entries import record, record_several
from brug.bridges.ledger.sequencer import Sequencer

__all__ = ["Sequencer", "record", "record_several"]
