# SPDX-License-Identifier: EUPL-1.2
"""What this node tells of itself, and the keys by which partners know it."""

from datetime import UTC, datetime

import msgspec

from brug.bridges import description, identity, partners
from brug.bridges.native import client
from brug.model.errors import BrugError
from brug.store import settings
from brug.store.session import Database
from brug.web.bridges.room import require_reader, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/this-node"


@page(BASE, shows=("directory",), probe=BASE)
def show(visit: Visit) -> Reply:
    """A preview of the well-known address, whether it is published or not."""
    require_reader(visit)
    try:
        told = description.of_this_node(visit.session)
        text = msgspec.json.format(msgspec.json.encode(told)).decode()
    except description.NotDescribed as error:
        text = error.public
    now = datetime.now(UTC)
    return visit.show(
        "bridges/this_node.html",
        tabs=tabs_of(visit),
        keys=[(key, key.is_valid(now)) for key in identity.public_keys(visit.session)],
        text=text,
        published=settings.get(visit.session, "bridges.published"),
        may_change=visit.principal.is_site_admin,
    )


@page(BASE + "/rotate", "POST", right="site_admin")
def rotate(visit: Visit) -> Reply:
    new = identity.rotate(visit.session)
    visit.session.after_commit.append(lambda: _tell(visit.node.database))
    said = visit.gettext("From now on the node signs with %(key)s. Partners are being told.")
    return visit.redirect(BASE, said % {"key": new.key_id})


@page(BASE + "/revoke", "POST", right="site_admin")
def revoke(visit: Visit) -> Reply:
    gone = identity.revoke(visit.session, visit.form.text("key"))
    visit.session.after_commit.append(lambda: _tell(visit.node.database))
    said = visit.gettext("The key %(key)s is revoked. Partners are being told.")
    return visit.redirect(BASE, said % {"key": gone.key_id}, "warn")


def _tell(database: Database) -> None:
    """Who does not answer now is told before the next message."""
    with database.system() as session:
        found = [
            one
            for one in partners.listed(session)
            if one.transport == "native" and one.state in {"open", "paused"}
        ]
    for bridge in found:
        try:
            client.tell_keys(database, bridge)
        except BrugError:
            continue
