# SPDX-License-Identifier: EUPL-1.2
"""An advisory -> the files that are published of it (7.1, requirements 2 and 18).

One advisory is always the same bytes: properties sorted, two spaces, UTF-8, a line feed at the
end. What others published is passed on as it came (`reading.Received.raw`), never written anew.
"""

import hashlib

import msgspec

from brug.formats.csaf.names import file_name, path
from brug.formats.csaf.records import plain
from brug.formats.csaf.vulnerability import Advisory


class Written(msgspec.Struct, frozen=True):
    """A file to publish, and where: the year's folder, then the name."""

    name: str
    path: str
    raw: bytes

    def hash_files(self) -> dict[str, bytes]:
        """The files beside it that hold its digests, by name."""
        return {
            f"{self.name}.{algorithm}": hash_line(algorithm, self.raw, self.name)
            for algorithm in ("sha256", "sha512")
        }


def written(advisory: Advisory) -> Written:
    """An advisory as it is published; not before it was checked."""
    tracking = advisory.document.tracking
    return Written(file_name(tracking.id), path(tracking), to_bytes(advisory))


def to_bytes(advisory: Advisory) -> bytes:
    """The bytes of an advisory, with what it carries that nobody here knows."""
    return msgspec.json.format(msgspec.json.encode(plain(advisory), order="sorted")) + b"\n"


def hash_line(algorithm: str, raw: bytes, name: str) -> bytes:
    """What a hash file says: the digest in hex, then the name, as sha256sum writes and reads."""
    return f"{hashlib.new(algorithm, raw).hexdigest()}  {name}\n".encode()
