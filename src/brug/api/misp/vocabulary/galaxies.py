# SPDX-License-Identifier: EUPL-1.2
"""`/galaxies`: list, view, search, switch; and galaxies of a node's own.

As in MISP, indexes answer whole: `limit` and `page` act on restSearch alone.
"""

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.vocabulary import vocabulary_update
from brug.formats.misp import coercion
from brug.intel.vocabulary import clusters, galaxies, galaxy_changes
from brug.intel.vocabulary import clusters_as_misp as as_misp
from brug.intel.vocabulary.galaxies import Galaxy
from brug.model.errors import Forbidden, Invalid, NotFound


def named_galaxy(call: Call, place: int = 0) -> Galaxy:
    """The galaxy that the path names; raises MispError."""
    try:
        return galaxies.galaxy(call.session, call.arg(place))
    except NotFound as error:
        raise MispError(404, "Invalid Galaxy.") from error


def asked(call: Call, *names: str) -> str | None:
    """A search text from the body or the path's named parameters."""
    given = {**call.named, **call.data("Galaxy", "GalaxyCluster")}
    for name in names:
        text = coercion.text(name, given.get(name))
        if text:
            return text
    return None


@endpoint(
    "galaxies",
    "index",
    shows=("vocabulary",),
    probes=(("GET", "/galaxies/index", None),),
    summary="List galaxies; `value` finds part of a name, type or description.",
    body={"value": "text"},
)
def index(call: Call) -> Answer:
    found = galaxies.galaxies(call.session, asked(call, "value", "searchall"))
    return Answer([{"Galaxy": as_misp.galaxy_json(one)} for one in found])


@endpoint(
    "galaxies",
    "view",
    shows=("vocabulary",),
    probes=(("GET", "/galaxies/view/tea-matrix", None),),
    summary="One galaxy by id or UUID, with all its clusters and their elements.",
)
def view(call: Call) -> Answer:
    found = named_galaxy(call)
    inside = clusters.clusters(call.session, found.id)
    clusters.complete(call.session, inside)
    return Answer(
        {
            "Galaxy": as_misp.galaxy_json(found),
            "GalaxyCluster": [
                as_misp.cluster_json(one) | {"GalaxyElement": as_misp.elements_json(one)}
                for one in inside
            ],
        }
    )


def _switch(call: Call, enabled: bool) -> Answer:
    galaxies.set_enabled(call.session, named_galaxy(call).id, enabled)
    return Answer(saved(f"Galaxy {'enabled' if enabled else 'disabled'}", "/galaxies/toggle"))


@endpoint(
    "galaxies", "enable", methods=WRITE, right="site_admin", changes=True,
    summary="Switch a galaxy on.",
)  # fmt: skip
def enable(call: Call) -> Answer:
    return _switch(call, True)


@endpoint(
    "galaxies", "disable", methods=WRITE, right="site_admin", changes=True,
    summary="Switch a galaxy off.",
)  # fmt: skip
def disable(call: Call) -> Answer:
    return _switch(call, False)


@endpoint(
    "galaxies", "toggle", methods=WRITE, right="site_admin", changes=True,
    summary="Switch a galaxy to the other state, or, where the path says `enabled`, on.",
)  # fmt: skip
def toggle(call: Call) -> Answer:
    wanted = {"enabled": True, "disabled": False}.get(call.arg(1))
    return _switch(call, not named_galaxy(call).enabled if wanted is None else wanted)


@endpoint(
    "galaxies", "add", methods=WRITE, right="site_admin", changes=True, shows=("vocabulary",),
    summary="Make a galaxy of this node's own.",
    body={"name": "text", "type": "text", "description": "text", "namespace": "text"},
)  # fmt: skip
def add(call: Call) -> Answer:
    try:
        made = galaxy_changes.add(call.session, galaxy_changes.drafted(call.data("Galaxy")))
    except Invalid as error:
        raise SaveFailed("add", "Galaxy", error.public, "/galaxies/add") from error
    return Answer({"Galaxy": as_misp.galaxy_json(made)})


@endpoint(
    "galaxies", "edit", methods=WRITE, right="site_admin", changes=True, shows=("vocabulary",),
    summary="Change a galaxy of this node's own.",
    body={"name": "text", "description": "text", "namespace": "text"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    found = named_galaxy(call)
    try:
        draft = galaxy_changes.drafted(call.data("Galaxy"))
        made = galaxy_changes.edit(call.session, found, draft)
    except (Invalid, Forbidden) as error:
        raise SaveFailed("edit", "Galaxy", error.public, call.path, found.id) from error
    return Answer({"Galaxy": as_misp.galaxy_json(made)})


@endpoint(
    "galaxies", "delete", methods=("POST", "PUT", "DELETE"), right="site_admin", changes=True,
    summary="Delete a galaxy of this node's own, with its clusters.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = named_galaxy(call)
    try:
        galaxy_changes.delete(call.session, found)
    except Forbidden as error:
        raise MispError(405, error.public) from error
    return Answer(saved("Galaxy deleted", call.path, str(found.id)))


@endpoint(
    "galaxies", "update", methods=WRITE, right="site_admin", changes=True,
    summary="Whether the galaxies of the installed package are served.",
)  # fmt: skip
def update(call: Call) -> Answer:
    return vocabulary_update.answer(call, "Galaxy", "pymispgalaxies", "Galaxies updated.")
