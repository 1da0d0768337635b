# SPDX-License-Identifier: EUPL-1.2
"""A proof of an entry in a node's ledger, made and verified as anybody would.

`brug ledger prove` writes the file, `brug ledger check` verifies it with the key that the node
publishes at its well-known address: it opens no folder and asks no database.
"""

import urllib.request
from pathlib import Path

import msgspec

from brug.cli.demo.bridges.nodes import Node, World
from brug.cli.demo.running import NodeFailed

WELL_KNOWN = "/.well-known/brug"


class Proof(msgspec.Struct, frozen=True):
    """What the verifier said of a proof, and the file with the key to verify it again."""

    of: str
    entry: str
    kind: str
    position: int
    size: int
    file: str
    key: str


def prove(world: World, node: Node, entry: str) -> Proof:
    """Raises NodeFailed where the proof does not hold, or is of something else."""
    file = _folder(world) / f"{entry}.tlog-proof"
    if not file.exists():
        node.text("ledger", "prove", entry, "--out", str(file))
    key = published_key(node)
    found = node.verb("ledger", "check", str(file), "--key", key)
    said = found["entry"]
    if said["id"] != entry:
        raise NodeFailed(f"the proof of {entry} is one of {said['id']}")
    return Proof(
        node.name, entry, said["kind"], found["position"] + 1, found["entries"], str(file), key
    )


def _folder(world: World) -> Path:
    folder = world.folder / "proofs"
    folder.mkdir(exist_ok=True)
    return folder


def published_key(node: Node) -> str:
    """The newest public key in what the node says of itself to everybody."""
    with urllib.request.urlopen(node.url + WELL_KNOWN, timeout=30) as answer:  # noqa: S310 - ours
        keys = msgspec.json.decode(answer.read())["signed"]["keys"]
    newest: str = max(keys, key=lambda one: one["valid_from"])["public"]
    return newest
