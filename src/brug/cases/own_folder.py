# SPDX-License-Identifier: EUPL-1.2
"""Where a node has tables of its own: deadlines, authorities, schemes that are corrected here."""

from pathlib import Path

from brug.store import sealing
from brug.store.home import Home
from brug.store.session import Session


def config_of(session: Session) -> Path | None:
    """The folder `config` of the node that the session is of, if it is a node's."""
    keys = session.seal.folder or sealing.of_environment()
    return Home(Path(keys).parent).config if keys else None
