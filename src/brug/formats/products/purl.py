# SPDX-License-Identifier: EUPL-1.2
"""Package URLs (purl): what one names, and whether two name the same package.

Specification: ECMA-427. Qualifiers that say where a file is fetched or what it weighs do not
tell packages apart; others (`arch`, `distro`) do where both say them.
"""

from functools import lru_cache

import msgspec
from packageurl import PackageURL

from brug.model.errors import Invalid

LONGEST = 2000
_EXPECTED = "a package URL, as in pkg:npm/left-pad@1.3.0"
_OF_THE_FILE = frozenset(
    {"checksum", "checksums", "download_url", "file_name", "repository_url", "vcs_url"}
)
# What packages are built from has the version of what is built of it.
_SOURCES = frozenset({"src", "source"})


class Purl(msgspec.Struct, frozen=True):
    """A package, in the spelling of its type's rules."""

    type: str
    namespace: str
    name: str
    version: str
    qualifiers: tuple[tuple[str, str], ...]

    @property
    def package(self) -> str:
        """The package, whatever its version."""
        return "/".join(part for part in (self.type, self.namespace, self.name) if part)


@lru_cache(maxsize=20_000)
def read(text: str) -> Purl:
    """Raises Invalid."""
    if len(text) > LONGEST:
        raise Invalid("purl", _EXPECTED, text)
    try:
        found = PackageURL.from_string(text.strip())
    except ValueError as error:
        raise Invalid("purl", _EXPECTED, text) from error
    given = found.qualifiers
    qualifiers = given if isinstance(given, dict) else {}
    return Purl(
        found.type,
        found.namespace or "",
        found.name,
        found.version or "",
        tuple(sorted((name, str(value)) for name, value in qualifiers.items())),
    )


def same_package(one: Purl, other: Purl) -> bool:
    """Whether both name one package, their versions aside."""
    return one.package == other.package and _agree(dict(one.qualifiers), dict(other.qualifiers))


def _agree(one: dict[str, str], other: dict[str, str]) -> bool:
    return all(
        one[name] == other[name] or (name == "arch" and {one[name], other[name]} & _SOURCES)
        for name in one.keys() & other.keys() - _OF_THE_FILE
    )
