# SPDX-License-Identifier: EUPL-1.2
"""The ledger: an append-only Merkle log of all crossings and all administrative acts.

`record` and `record_several` write entries with the change that they are about; the `Sequencer`
gives them their places and signs. How it works and what it proves: docs/explanation/ledger.md.
"""

from brug.bridges.ledger.entries import record, record_several
from brug.bridges.ledger.sequencer import Sequencer

__all__ = ["Sequencer", "record", "record_several"]
