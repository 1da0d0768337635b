# SPDX-License-Identifier: EUPL-1.2
"""What `/taxonomies/update` and its like answer.

Vocabularies come with packages that the node's owner installs; a request neither fetches
nor compiles them. It says whether what is installed is what is served.
"""

from brug.api.misp.dispatch import Answer, Call
from brug.api.misp.refusals import SaveFailed, saved
from brug.intel.vocabulary import origins


def refuse_outdated(call: Call, model: str, package: str) -> None:
    """Raises SaveFailed where what is installed is not what is served."""
    if package in origins.outdated(call.session):
        errors = f"A newer version of {package} is installed. Run `brug upgrade` on the node."
        raise SaveFailed("update", model, errors, call.path)


def answer(call: Call, model: str, package: str, text: str) -> Answer:
    """The text that MISP has for a vocabulary in which nothing is to be updated."""
    refuse_outdated(call, model, package)
    return Answer(saved(text, call.path))
