# SPDX-License-Identifier: EUPL-1.2
"""Where the publishers' files lie, and the bytes in them.

The packages are found, not imported: importing them loads hundreds of megabytes. A file
that does not decode stops the installation with its name, before anything is written.
"""

import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import msgspec

from brug.model.errors import Invalid, NotFound

T = TypeVar("T")

FOLDERS = {
    "object_templates": ("pymisp", "data/misp-objects/objects"),
    "relationships": ("pymisp", "data/misp-objects/relationships"),
    "galaxies": ("pymispgalaxies", "data/misp-galaxy/galaxies"),
    "clusters": ("pymispgalaxies", "data/misp-galaxy/clusters"),
    "taxonomies": ("pytaxonomies", "data/misp-taxonomies"),
    "warninglists": ("pymispwarninglists", "data/misp-warninglists/lists"),
}


class SourceFile(msgspec.Struct, frozen=True):
    """One published file; `slug` is the name of its folder, or its own without the ending."""

    slug: str
    path: Path
    raw: bytes
    digest: bytes

    def decode(self, decoder: msgspec.json.Decoder[T]) -> T:
        try:
            return decoder.decode(self.raw)
        except msgspec.DecodeError as error:
            raise Invalid(self.path.name, f"a published vocabulary file ({error})") from error


def folder(vocabulary: str) -> Path:
    package, inside = FOLDERS[vocabulary]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise NotFound(f"the package {package} is not installed")
    return Path(spec.origin).parent / inside


def read(vocabulary: str, pattern: str) -> Iterator[SourceFile]:
    """The files in the order of their names, case ignored, as their publishers' tools read them."""
    found = folder(vocabulary).glob(pattern)
    for path in sorted(found, key=lambda path: (str(path).lower(), str(path))):
        raw = path.read_bytes()
        slug = path.stem if "/" not in pattern else path.parent.name
        yield SourceFile(slug, path, raw, hashlib.blake2b(raw, digest_size=16).digest())
