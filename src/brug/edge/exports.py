# SPDX-License-Identifier: EUPL-1.2
"""Answers that are too long to hold: prepared whole, on disk and compressed, then sent.

An answer is written while its transaction is open and read after it has ended, so that a
slow reader holds a file and no connection. Short ones never touch the disk. How many are
prepared at a time and how much one may hold are settings (`limits.exports_at_once`,
`limits.export_bytes`); past them the client is told to come back.
"""

import io
import tempfile
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import IO, Any, Self

import zstandard

from brug.model.errors import TooLarge, Unavailable
from brug.store.settings_table import SETTINGS

IN_MEMORY = 2**20
PIECE = 2**18
RETRY_SECONDS = 15
# Prepared ones that wait for their readers, for each that may be prepared at a time.
WAITING = 8


class Busy(Unavailable):
    """As many exports as may be are being prepared or waited for."""

    code = "exports_busy"
    public = (
        "Other exports are being prepared (setting limits.exports_at_once). Try again in a moment."
    )

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.headers = {"Retry-After": str(RETRY_SECONDS)}


def _default(name: str) -> Callable[[], int]:
    value = SETTINGS[name].default
    return lambda: value if isinstance(value, int) else 0


class Exports:
    """The exports of one process; the limits are asked for when they matter."""

    def __init__(
        self, at_once: Callable[[], int] | None = None, most_bytes: Callable[[], int] | None = None
    ) -> None:
        self.at_once = at_once or _default("limits.exports_at_once")
        self.most_bytes = most_bytes or _default("limits.export_bytes")
        self._lock = threading.Lock()
        self._prepared = 0
        self._open = 0

    def enter(self) -> None:
        """One more on disk. Raises Busy."""
        with self._lock:
            most = self.at_once()
            if self._prepared >= most or self._open >= most * WAITING:
                raise Busy(f"{self._prepared} exports in preparation, {self._open} on disk")
            self._prepared += 1
            self._open += 1

    def prepared(self) -> None:
        with self._lock:
            self._prepared -= 1

    def left(self) -> None:
        with self._lock:
            self._open -= 1

    def filled(self, fill: Callable[[IO[bytes]], Any]) -> "bytes | Export":
        """What `fill` writes, a short answer as it is; nothing remains where it fails."""
        made = Export(self)
        try:
            with io.BufferedWriter(_Sink(made), PIECE) as writer:
                fill(writer)
            made.finish()
        except BaseException:
            made.close()
            raise
        short = made.short()
        return made if short is None else short


class Export:
    """Bytes of one answer: written once, read once, then gone."""

    def __init__(self, exports: Exports) -> None:
        self._exports = exports
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._compressor: Any = None
        self._preparing = False
        self.size = 0

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self._file is None:
            self._pieces.append(piece)
            if self.size > IN_MEMORY:
                self._to_disk()
            return
        self._on_disk(self._compressor.compress(piece))

    def _to_disk(self) -> None:
        self._exports.enter()
        self._preparing = True
        self._file = tempfile.TemporaryFile(prefix="brug-export-")  # noqa: SIM115 — closed by close
        self._compressor = zstandard.ZstdCompressor(level=1).compressobj()
        for piece in self._pieces:
            self._on_disk(self._compressor.compress(piece))
        self._pieces = []

    def _on_disk(self, packed: bytes) -> None:
        if self._file is not None and packed:
            self._file.write(packed)
            most = self._exports.most_bytes()
            if self._file.tell() > most:
                raise TooLarge("This export", most, "limits.export_bytes")

    def finish(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._on_disk(self._compressor.flush())
            self._file.seek(0)
        self._done_preparing()

    def _done_preparing(self) -> None:
        if self._preparing:
            self._preparing = False
            self._exports.prepared()

    def short(self) -> bytes | None:
        """The bytes, where they are few enough to be in memory."""
        return b"".join(self._pieces) if self._file is None else None

    def __iter__(self) -> Iterator[bytes]:
        """The bytes in pieces, once."""
        if self._file is None:
            yield from self._pieces
            return
        with zstandard.ZstdDecompressor().stream_reader(self._file, closefd=False) as reader:
            while piece := reader.read(PIECE):
                yield piece

    def close(self) -> None:
        self._done_preparing()
        if self._file is not None:
            self._file.close()
            self._file = None
            self._exports.left()

    def __del__(self) -> None:
        # An answer whose transaction failed after all is never sent.
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()


class _Sink(io.RawIOBase):
    """Lets a buffered writer gather many small writes before they reach an export."""

    def __init__(self, export: Export) -> None:
        self._export = export

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._export.write(bytes(piece))
        return len(piece)
