# SPDX-License-Identifier: EUPL-1.2
"""Forms that may be refused: the field is marked, what was typed is kept, nothing is stored."""

from collections.abc import Callable

from brug.model.errors import Invalid
from brug.web.visit import Reply, Visit

Save = Callable[[], Reply]
Again = Callable[[dict[str, str]], Reply]


def saved(visit: Visit, save: Save, again: Again) -> Reply:
    """The reply of `save`; where a field was refused, the form once more with its error.

    What `save` did before it was refused is taken back.
    """
    try:
        with visit.session.connection.transaction():
            return save()
    except Invalid as error:
        return again({error.field: visit.beside(error)})
