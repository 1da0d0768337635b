# SPDX-License-Identifier: EUPL-1.2
"""What `/taxonomies/update` and its like answer.

Vocabularies come with packages that the node's owner installs; a request neither fetches
nor compiles them. It says whether what is installed is what is served.
"""

from brug.api.misp.dispatch import Answer, Call
from brug.api.misp.refusals import SaveFailed, saved
from brug.intel.vocabulary import origins


def answer(call: Call, model: str, plural: str, package: str) -> Answer:
    if package in origins.outdated(call.session):
        errors = f"A newer version of {package} is installed. Run `brug upgrade` on the node."
        raise SaveFailed("update", model, errors, call.path)
    return Answer(saved(f"All {plural} are up to date already.", call.path))
