# SPDX-License-Identifier: EUPL-1.2
"""What a version alone is a version of, by the products that stand beside it.

CSAF 2.0, 3.1.3.3: a product is named in full, and "2.2" names none. Where several products stand
there nobody knows which one is meant, and nothing is made up.
"""

import re
from collections.abc import Sequence
from contextlib import suppress

from packageurl import PackageURL

from brug.formats.products import cpe, purl
from brug.model.errors import Invalid

_VERSION = re.compile(
    r"(?:v|versions? |versies? )?(?P<said>[0-9]+(?:[._][0-9]+)*(?:[-_.+~ ]?"
    r"(?:alpha|beta|rc|pl?|sp|patch|hotfix|build|update|lts|[a-z])[-. ]?[0-9]*)?)",
    re.IGNORECASE,
)
# Where the versions begin in a name that has them: a sign, a word, a number with a dot in it; or
# the numbers at its end.
_BEGINS = re.compile(
    r"[\s,(]+(?:[<>=\u2264\u2265]|vers:|(?:versions?|versies?|before|prior|through|until|up to|all"
    r"|v\u00f3\u00f3r|tot|t/m|alle)\b|v?[0-9]+\.[0-9x*]).*$",
    re.IGNORECASE,
)
_NUMBER = r"v?[0-9][\w.+~-]*"
_ENDS = re.compile(
    rf"[\s,]+{_NUMBER}(?:(?:\s*[,&\u2013-]\s*|\s+(?:and|or|to|en|of)\s+){_NUMBER})*$"
)


def in_full(versions: Sequence[str], products: Sequence[str]) -> list[str]:
    """Names, CPE names or package URLs; each version alone as one of the only product, if so.

    A product that one names as a CPE name and another in words is the same by its own name.
    """
    named: dict[str, str] = {}
    vendors: set[str] = set()
    for line in filter(None, map(str.strip, products)):
        vendor, name, made = _of(line)
        vendors |= {vendor} - {""}
        if name.casefold() not in named or vendor:
            named[name.casefold()] = made
    if len(named) != 1 or "" in named or len(vendors) > 1:
        return list(versions)
    (template,) = named.values()
    return [_with(template, one) for one in versions]


def _of(line: str) -> tuple[str, str, str]:
    """Vendor and name of a product, "" where they are not known; the line for another version."""
    with suppress(Invalid):
        found = cpe.read(line)
        return found.words[0], found.words[1], found.text
    with suppress(Invalid):
        return "", purl.read(line).name, line
    name = _BEGINS.sub("", line)
    name = (_ENDS.sub("", line) if name == line else name).strip(" ,(")
    return "", "" if _VERSION.fullmatch(name) else name, name


def _with(template: str, line: str) -> str:
    version = _VERSION.fullmatch(line.strip())
    if version is None:
        return line
    said = version["said"]
    with suppress(Invalid):
        found = cpe.read(template)
        marked = re.sub(r"([^\w.-])", r"\\\1", said.lower().replace(" ", "_"))
        return cpe.Cpe((*found.values[:3], marked, cpe.ANY, *found.values[5:])).text
    with suppress(Invalid):
        purl.read(template)
        package = PackageURL.from_string(template)
        return package._replace(version=said).to_string()
    return f"{template} {said}"
