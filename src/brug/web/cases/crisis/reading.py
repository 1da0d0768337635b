# SPDX-License-Identifier: EUPL-1.2
"""Who has read what: of messages, decisions and documents that ask for it, by what people say.

Beside it stands when the node of each said that the entry arrived, of what the reader's own
organisation wrote: the receipt of the crossing.
"""

from typing import Any

from brug.cases.crisis import receipts
from brug.cases.crisis.receipts import Reading
from brug.store import settings
from brug.web.cases import marks
from brug.web.cases.crisis.severity import about
from brug.web.cases.room import ONE
from brug.web.cases.telling import TITLES, briefly
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit


@page(ONE + "/reading", shows=("own",), probe="/cases/{case}/reading")
def show(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    mine = marks.Marks(view)
    arrived = receipts.arrivals(visit.session, view.file.id)
    here = str(settings.get(visit.session, "node.uuid"))
    return visit.show(
        "cases/reading.html",
        **about(visit, view),
        marks=mine,
        owed=[(one, title_of(visit, one), briefly(one.act)) for one in mine.owed],
        tables=[
            _table(visit, one, arrived, here)
            for one in mine.readings.values()
            if mine.may_look(one)
        ],
    )


def title_of(visit: Visit, entry: Any) -> str:
    return visit.gettext(TITLES[str(entry.act.__struct_config__.tag)])


def _table(
    visit: Visit, one: Reading, arrived: dict[tuple[str, str], object], here: str
) -> dict[str, Any]:
    return {
        "reading": one,
        "title": title_of(visit, one.entry),
        "says": briefly(one.entry.act),
        "rows": [
            (part, said, arrived.get((one.entry.id, part.org)), part.node in {"", here})
            for part, said in one.rows
        ],
    }
