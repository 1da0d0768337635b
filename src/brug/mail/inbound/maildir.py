# SPDX-License-Identifier: EUPL-1.2
"""Mail in a maildir: what is new is read, and moved to `cur` as seen once it is stored.

Nothing is deleted here: the mailbox keeps what came until its owner clears it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from brug.mail.inbound.judging import NotFetched


class Waiting(msgspec.Struct, frozen=True):
    """A mail that waits: `read` gives all of it, or its beginning where it is larger."""

    path: Path
    size: int

    def read(self, limit: int) -> bytes:
        with self.path.open("rb") as file:
            return file.read(limit)

    def done(self) -> None:
        """It is stored: it is not new any more."""
        # As maildir(5) has it; `mailbox` would write the whole mail anew.
        with suppress(FileNotFoundError):  # somebody else has moved it
            self.path.rename(self.path.parent.parent / "cur" / f"{self.path.name}:2,S")


@contextmanager
def opened(folder: str) -> Iterator[Iterator[Waiting]]:
    """What is new in it, the oldest first. Raises NotFetched."""
    root = Path(folder)
    if not folder or not all((root / one).is_dir() for one in ("new", "cur", "tmp")):
        raise NotFetched("mail.inbound_maildir: expected a folder with new, cur and tmp")
    try:
        yield _waiting(root / "new")
    except OSError as error:
        raise NotFetched(f"the maildir cannot be read: {error.strerror}") from error


def _waiting(new: Path) -> Iterator[Waiting]:
    files = [one for one in new.iterdir() if one.is_file() and not one.name.startswith(".")]
    for path in sorted(files, key=lambda one: (one.stat().st_mtime, one.name)):
        yield Waiting(path, path.stat().st_size)
