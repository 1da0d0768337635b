# SPDX-License-Identifier: EUPL-1.2
"""Merkle trees over a log, their inclusion and consistency proofs: RFC 6962, section 2.1.

Pure: what a proof needs is named as complete subtrees, whoever stores those hands over their
hashes. Proofs are made by the recursive definitions of RFC 6962 and verified by the loops of
RFC 9162 (2.1.3.2, 2.1.4.2), so that one does not repeat a mistake of the other.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
EMPTY = sha256(b"").digest()  # the root of a tree without leaves


class Node(NamedTuple):
    """A complete subtree: the 2**level leaves from place * 2**level on."""

    level: int
    place: int


Range = tuple[int, int]  # leaves from the first up to, and without, the second
Fetch = Callable[[Sequence[Node]], Sequence[bytes]]


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf; its prefix keeps it from ever being taken for a subtree's."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a subtree, of those of its two halves."""
    return sha256(b"\x01" + left + right).digest()


def covering(start: int, end: int) -> list[Node]:
    """The fewest complete subtrees that hold a range of leaves, from left to right."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return nodes


def folded(hashes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring complete subtrees, none smaller than the one to its right."""
    if not hashes:
        return EMPTY
    *rest, found = hashes
    for left in reversed(rest):
        found = node_hash(left, found)
    return found


class Edge:
    """The right edge of a growing tree: all that appending and the root need."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """`hashes` are those of `covering(0, size)`."""
        self.size = size
        self._hashes = list(hashes)

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Takes the hash of the next leaf; the subtrees that it completes, itself first."""
        node, found = Node(0, self.size), leaf
        completed = [(node, found)]
        while node.place & 1:  # the left half of the next larger subtree is there
            found = node_hash(self._hashes.pop(), found)
            node = Node(node.level + 1, node.place >> 1)
            completed.append((node, found))
        self._hashes.append(found)
        self.size += 1
        return completed

    def root(self) -> bytes:
        return folded(self._hashes)


def _split(count: int) -> int:
    """The largest power of two that is smaller than a number of leaves (at least two)."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """What the hashes of an inclusion proof stand for: PATH of RFC 6962, 2.1.1."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    start, end, found = 0, size, list[Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The same of a consistency proof: PROOF of RFC 6962, 2.1.2; nothing before the first leaf."""
    if not 0 <= old <= new:
        raise ValueError(f"no tree of {new} leaves goes on from {old}")
    if old == 0:
        return []
    start, end, found = 0, new, list[Range]()
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    if start:  # otherwise it is the old tree, whose root the verifier has
        found.append((start, end))
    return found[::-1]


def _hashes(ranges: Sequence[Range], fetch: Fetch) -> list[bytes]:
    """The hash of each range; the subtrees of all are fetched at once."""
    parts = [covering(start, end) for start, end in ranges]
    hashes = iter(fetch([node for part in parts for node in part]))
    return [folded([next(hashes) for _ in part]) for part in parts]


def inclusion_proof(index: int, size: int, fetch: Fetch) -> list[bytes]:
    """That a leaf stands at its place in a tree of some size; raises ValueError."""
    return _hashes(inclusion_ranges(index, size), fetch)


def consistency_proof(old: int, new: int, fetch: Fetch) -> list[bytes]:
    """That a tree begins with all of a smaller one, unchanged; raises ValueError."""
    return _hashes(consistency_ranges(old, new), fetch)


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof leads from the hash of a leaf to a root: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    place, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(other, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, other)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the larger tree begins with the smaller one: RFC 9162, 2.1.4.2.

    Every tree goes on from the empty one, and from itself, without a proof.
    """
    if not 0 <= old <= new or not _are_hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not path:
        return False
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, other)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _are_hashes(*values: bytes) -> bool:
    """Others would move the border between left and right."""
    return all(len(value) == HASH_BYTES for value in values)
