# SPDX-License-Identifier: EUPL-1.2
"""Hashes and fingerprints: length and alphabet are checked, letters become lower case.

Composites with a file name check the same hash behind the bar.
"""

import re
from collections.abc import Callable

from brug.model.attribute_types.letters import lower
from brug.model.attribute_types.record import COMPOSITE, FORMAT, OTHER, Unfit

LENGTHS = {
    "md5": 32,
    "imphash": 32,
    "ja3-fingerprint-md5": 32,
    "hassh-md5": 32,
    "hasshserver-md5": 32,
    "dom-hash": 32,
    "x509-fingerprint-md5": 32,
    "sha1": 40,
    "x509-fingerprint-sha1": 40,
    "sha224": 56,
    "sha512/224": 56,
    "sha3-224": 56,
    "jarm-fingerprint": 62,
    "sha256": 64,
    "authentihash": 64,
    "sha512/256": 64,
    "sha3-256": 64,
    "x509-fingerprint-sha256": 64,
    "sha384": 96,
    "sha3-384": 96,
    "sha512": 128,
    "sha3-512": 128,
}

_PEHASH = (
    "The input doesn't match the expected {} format (expected: {}40 hexadecimal characters). "
    "Keep in mind that MISP currently only supports SHA1 for PEhashes, if you would like to get "
    "the support extended to other hash types, make sure to create a github ticket about it at "
    "https://github.com/MISP/MISP!"
)
_LONG_TLSH = (
    "at least 35 hexadecimal characters, optionally starting with t1 instead of hexadecimal "
    f"characters). {OTHER}"
)
_FUZZY = "[0-9]+:[0-9A-Za-z/+]*:[0-9A-Za-z/+]*"
_TLSH = "t?[0-9a-f]{36,}"


def _checksum(expected: str) -> str:
    return f"Checksum has an invalid length or format (expected: {expected}). {OTHER}"


def _characters(length: int) -> str:
    return f"{length} hexadecimal characters"


def _lowered(pattern: str, text: str) -> Callable[[str], str]:
    fits = re.compile(pattern).fullmatch

    def fit(value: str) -> str:
        value = lower(value)
        if fits(value) is None:
            raise Unfit(text)
        return value

    return fit


def _kept(pattern: str, text: str) -> Callable[[str], str]:
    fits = re.compile(pattern).fullmatch

    def fit(value: str) -> str:
        if fits(value) is None:
            raise Unfit(text)
        return value

    return fit


def _without_colons(fit: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: fit(value.replace(":", ""))


def _named(
    fit: Callable[[str], str], text: str, *, nameless: bool = False
) -> Callable[[str], tuple[str, str]]:
    """A file name, a bar, a hash; the name may be empty only where MISP lets it."""

    def split(value: str) -> tuple[str, str]:
        name, bar, hashed = value.partition("|")
        if not bar or "|" in hashed:
            raise Unfit(COMPOSITE)
        if "\n" in name or not (name or nameless):
            raise Unfit(text)
        return name, fit(hashed)

    return split


def _simple() -> dict[str, Callable[[str], str]]:
    fits = {
        of: _lowered(f"[0-9a-f]{{{length}}}", _checksum(_characters(length)))
        for of, length in LENGTHS.items()
    }
    for of in ("x509-fingerprint-md5", "x509-fingerprint-sha1", "x509-fingerprint-sha256"):
        fits[of] = _without_colons(fits[of])
    return fits | {
        "git-commit-id": _kept("[0-9A-Fa-f]{40}", _checksum(_characters(40))),
        "pehash": _lowered("[0-9a-f]{40}", _PEHASH.format("sha1", "")),
        "cdhash": _lowered(
            "[0-9a-f]{40,}",
            "The input doesn't match the expected format "
            "(expected: 40 or more hexadecimal characters)",
        ),
        "telfhash": _lowered(
            "(?:t1)?[0-9a-f]{70}|[0-9a-f]{72}", _checksum("70 or 72 hexadecimal characters")
        ),
        "tlsh": _lowered(
            _TLSH, f"Checksum has an invalid length or format (expected: {_LONG_TLSH}"
        ),
        "ssdeep": _kept(_FUZZY, "Invalid SSDeep hash. The format has to be blocksize:hash:hash"),
        "impfuzzy": _kept(
            _FUZZY, "Invalid impfuzzy format. The format has to be imports:hash:hash"
        ),
        "vhash": _lowered(".+", FORMAT),
    }


def _composite() -> dict[str, Callable[[str], tuple[str, str]]]:
    splits = {}
    for of, length in LENGTHS.items():
        text = _checksum(f"filename|{_characters(length)}")
        splits[f"filename|{of}"] = _named(_lowered(f"[0-9a-f]{{{length}}}", text), text)
    pehash = _PEHASH.format("filename|sha1", "filename|")
    ssdeep = "Invalid ssdeep hash (expected: blocksize:hash:hash)."
    impfuzzy = "Invalid impfuzzy format (expected: imports:hash:hash)."
    vhash = _checksum("filename|string characters")
    tlsh = f"TLSH hash has an invalid length or format (expected: filename|{_LONG_TLSH}"
    return splits | {
        "filename|pehash": _named(_lowered("[0-9a-f]{40}", pehash), pehash),
        "filename|ssdeep": _named(_kept(_FUZZY, ssdeep), ssdeep, nameless=True),
        "filename|impfuzzy": _named(_kept(_FUZZY, impfuzzy), impfuzzy, nameless=True),
        "filename|vhash": _named(_lowered(".+", vhash), vhash),
        "filename|tlsh": _named(_lowered(_TLSH, tlsh), tlsh, nameless=True),
    }


SIMPLE = _simple()
COMPOSITE_HASHES = _composite()
