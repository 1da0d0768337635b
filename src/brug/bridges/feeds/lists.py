# SPDX-License-Identifier: EUPL-1.2
"""The lines of a list feed, read as the feed's settings say."""

from collections.abc import Callable, Iterator
from itertools import islice

from brug.formats.feed_lines import cells_of, columns_of, lines_of, without
from brug.intel.feed import recognising
from brug.intel.feed.feeds import Feed
from brug.intel.feed.filling import AT_ONCE, ListSettings, settings_of
from brug.intel.feed.recognising import Line
from brug.intel.patterns.expressions import compiled
from brug.model.attribute_types import Refused

_FIELD = "settings.common.excluderegex"


def lines(feed: Feed, content: bytes) -> Iterator[Line]:
    """What each cell or line says. Raises Invalid and Refused for settings that say nothing."""
    said = settings_of(feed)
    is_excluded = excluding(said.excluded)
    if feed.source_format == "csv":
        cells = cells_of(content, columns_of(said.value, said.delimiter))
        return recognising.cells(without(cells, is_excluded))
    return recognising.texts(without(lines_of(content), is_excluded))


def check(said: ListSettings, source_format: str) -> None:
    """Raises Invalid and Refused where a list could not be read by these."""
    excluding(said.excluded)
    if source_format == "csv":
        columns_of(said.value, said.delimiter)


def excluding(expression: str) -> Callable[[str], bool] | None:
    """Whether an expression hits, run by RE2; between delimiters, as PHP has them, or bare."""
    if not expression:
        return None
    try:
        found = compiled(expression, _FIELD)
    except Refused:
        if not expression[0].isalnum() and expression[0] not in "^(.[\\":
            raise
        found = compiled(f"\x01{expression}\x01", _FIELD)
    return lambda text: found.search(text) is not None


def batches(several: Iterator[Line]) -> Iterator[list[Line]]:
    """Some at a time."""
    while some := list(islice(several, AT_ONCE)):
        yield some
