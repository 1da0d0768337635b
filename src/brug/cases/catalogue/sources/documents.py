# SPDX-License-Identifier: EUPL-1.2
"""One document of a source: fetched, and held against the digests and signature given with it."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from brug.cases.catalogue.sources import provider
from brug.cases.catalogue.sources.asking import Asking, why
from brug.cases.catalogue.sources.provider import Listed
from brug.cases.catalogue.sources.records import Key
from brug.cases.catalogue.taking import Came
from brug.edge.outgoing import NotReached
from brug.formats.csaf.reading import MAX_BYTES
from brug.formats.openpgp_signing import verifies
from brug.model.errors import BrugError

LARGEST_BESIDE = 2**16  # of a digest or a signature


class Wrong(BrugError):
    """A document that could not be had, or is not what its provider says; with its bytes."""

    code = "advisory_not_had"

    def __init__(self, said: str, raw: bytes = b"") -> None:
        super().__init__(said)
        self.public = said
        self.raw = raw


def fetched(by: Asking, one: Listed, keys: Sequence[Key]) -> Came:
    """Digests and signature are looked at before anything is read of it. Raises Wrong."""
    try:
        answer = by.get(one.url, most=MAX_BYTES)
    except NotReached as error:
        raise Wrong(why(one.url, error)) from error
    if answer.status != 200:
        raise Wrong(f"answered with status {answer.status}")
    raw = answer.body
    digests = _digests(by, one, raw)
    signature = by.found(one.signature, LARGEST_BESIDE) if one.signature else None
    if signature is None:
        return Came(one.url, raw, digests)
    if not keys:
        return Came(one.url, raw, digests, "unchecked")
    for key in keys:
        if verifies(key.text, raw, signature):
            return Came(one.url, raw, digests, "verified", key.fingerprint)
    raise Wrong("the signature is wrong: none of the provider's keys made it", raw)


def _digests(by: Asking, one: Listed, raw: bytes) -> Literal["none", "right"]:
    looked: Literal["none", "right"] = "none"
    for place in one.hashes[:4]:
        algorithm = place.rpartition(".")[2].lower()
        if algorithm not in {"sha256", "sha512"}:
            continue
        text = by.found(place, LARGEST_BESIDE)
        if text is None:
            continue
        if provider.digest_of(text) != hashlib.new(algorithm, raw).hexdigest():
            raise Wrong(f"the digest is wrong: {algorithm} of the document is another", raw)
        looked = "right"
    return looked
