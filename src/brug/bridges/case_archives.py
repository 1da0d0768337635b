# SPDX-License-Identifier: EUPL-1.2
"""A case as an archive, with its documents and the ledger's proofs, for whoever asks over HTTP.

Made on the disk and read from there, whatever its size, within the limits of the node: it is
finished while the transaction is open, and sent after that.
"""

import shutil
import tempfile
from typing import IO, BinaryIO, cast

from brug.bridges import case_proofs
from brug.cases.exporting import leaving
from brug.cases.exporting.document import Given
from brug.cases.exporting.sentences import Say
from brug.edge.exports import Export, Exports
from brug.store.session import Session

MEDIA_TYPE = "application/zip"
# Of whatever leaves as a file: a browser is to keep it, and to make nothing of it.
KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
_IN_MEMORY = 32 * 2**20


def made(session: Session, exports: Exports, of: Given, say: Say, language: str) -> bytes | Export:
    """Raises NotPrinted, Busy, TooLarge."""

    def fill(sink: IO[bytes]) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="brug-case-") as archive:
            leaving.as_zip(
                session, of, cast("BinaryIO", archive),
                lambda entries: case_proofs.proofs(session, entries, wait=True),
                say, language,
            )  # fmt: skip
            archive.seek(0)
            shutil.copyfileobj(archive, sink)

    return exports.filled(fill)
