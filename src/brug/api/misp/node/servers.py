# SPDX-License-Identifier: EUPL-1.2
"""`/servers`: what the node is, as partners and clients ask before anything else."""

from brug import __version__
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.store import settings


@endpoint(
    "servers", "getVersion", summary="Which interface this is, and what one may",
)  # fmt: skip
def version(call: Call) -> Answer:
    misp = settings.get(call.session, "node.misp_version")
    mine = call.principal
    return Answer(
        {
            "version": misp,
            "pymisp_recommended_version": misp,
            "perm_sync": "sync" in mine.rights,
            "perm_sighting": "sighting" in mine.rights,
            "perm_galaxy_editor": "galaxy_editor" in mine.rights,
            "perm_analyst_data": "analyst_data" in mine.rights,
            "uuid": uuid_for(call),
            "request_encoding": ["gzip"],
            "filter_sightings": True,
            "brug_version": __version__,
        }
    )


def uuid_for(call: Call) -> str:
    """The node's UUID, for those who synchronise with it."""
    known = "sync" in call.principal.rights
    return str(settings.get(call.session, "node.uuid")) if known else "-"


@endpoint(
    "servers", "getPyMISPVersion", summary="Which PyMISP suits this interface",
)  # fmt: skip
def pymisp_version(call: Call) -> Answer:
    return Answer({"version": settings.get(call.session, "node.misp_version")})


@endpoint(
    "servers", "getInstanceUUID", right="sync", summary="The node's UUID",
)  # fmt: skip
def instance_uuid(call: Call) -> Answer:
    return Answer({"uuid": settings.get(call.session, "node.uuid")})


@endpoint(
    "servers", "postTest", methods=WRITE, summary="Says what of a request arrived",
)  # fmt: skip
def post_test(call: Call) -> Answer:
    headers = {"Content-type": call.headers.get("content-type", ""), "Accept": call.accept}
    return Answer({"body": call.body, "headers": headers | {"Authorization": "OK"}})
