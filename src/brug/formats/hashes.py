# SPDX-License-Identifier: EUPL-1.2
"""Which attribute types hold a file's hash, and in which part of their value."""

from brug.model.attribute_types import TYPES

# The first part of the value is the hash.
PLAIN = tuple(
    name
    for name in (
        "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512/224", "sha512/256",
        "sha3-224", "sha3-256", "sha3-384", "sha3-512",
    )
    if name in TYPES
)  # fmt: skip
# The second part is.
BEHIND_A_NAME = tuple(f"filename|{name}" for name in PLAIN if f"filename|{name}" in TYPES)
