# SPDX-License-Identifier: EUPL-1.2
"""The interface as its page tries it: one call as whoever reads the page."""

from brug.api.misp.serve import Incoming, within
from brug.edge.exports import Export
from brug.edge.node import Node
from brug.store.session import Session

SHOWN = 200_000  # bytes of an answer that a page shows


def tried(
    node: Node, session: Session, method: str, path: str, body: str
) -> tuple[int, dict[str, str], bytes, bool]:
    """Status, headers, the answer's first bytes, and whether there were more."""
    path, _, query = path.partition("?")
    status, headers, content = within(
        session,
        Incoming(
            method=method,
            path=path,
            query=query,
            headers={"accept": "application/json", "content-type": "application/json"},
            body=body.encode("utf-8", "replace"),
            address="",
            base_url=node.setting("node.url"),
            body_limit=node.setting("limits.body_bytes"),
            opened=node.opened,
        ),
    )
    if not isinstance(content, Export):
        return status, headers, content[:SHOWN], len(content) > SHOWN
    with content:
        found, size = b"", content.size
        for piece in content:
            found += piece
            if len(found) >= SHOWN:
                break
        return status, headers, found[:SHOWN], size > SHOWN
