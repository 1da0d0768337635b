# SPDX-License-Identifier: EUPL-1.2
"""Merkle trees: published vectors, and every property against a tree that is plainly computed."""

import itertools
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.thorough import examples

from brug.formats import merkle
from brug.formats.merkle import EMPTY, Edge, Node, leaf_hash, node_hash

# The reference tree of Certificate Transparency: github.com/google/certificate-transparency,
# cpp/merkletree/merkle_tree_test.cc (kInputs, kSHA256Roots, kSHA256Paths, kSHA256Proofs).
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
# (leaf, size, path); the source counts leaves from one.
PATHS = [
    (0, 1, []),
    (0, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (5, 8, [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (1, 5, [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]),
]  # fmt: skip
PROOFS = [
    (1, 1, []),
    (1, 8, PATHS[1][2]),
    (6, 8, [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 5, [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]),
]  # fmt: skip

# A leaf of a log in use: the same project's python/ct/crypto/merkle_test.py
# (sha256_audit_path; leaf_hash, leaf_index, tree_size, expected_root_hash).
REAL_PATH = [
    "1a208aeebcd1b39fe2de247ee8db9454e1e93a312d206b87f6ca9cc6ec6f1ddd",
    "0a1b78b383f580856f433c01a5741e160d451c185910027f6cc9f828687a40c4",
    "3d1745789bc63f2da15850de1c12a5bf46ed81e1cc90f086148b1662e79aab3d",
    "9095b61e14d8990acf390905621e62b1714fb8e399fbb71de5510e0aef45affe",
    "0a332b91b8fab564e6afd1dd452449e04619b18accc0ff9aa8393cd4928451f2",
    "2336f0181d264aed6d8f3a6507ca14a8d3b3c3a23791ac263e845d208c1ee330",
    "b4ce56e300590500360c146c6452edbede25d4ed83919278749ee5dbe178e048",
    "933f6ddc848ea562e4f9c5cfb5f176941301dad0c6fdb9d1fbbe34fac1be6966",
    "b95a6222958a86f74c030be27c44f57dbe313e5e7c7f4ffb98bcbd3a03bb52f2",
    "daeeb3ce5923defd0faeb8e0c210b753b85b809445d7d3d3cd537a9aabaa9c45",
    "7fadd0a13e9138a2aa6c3fdec4e2275af233b94812784f66bcca9aa8e989f2bc",
    "1864e6ba3e32878610546539734fb5eeae2529991f130c575c73a7e25a2a7c56",
    "12842d1202b1dc6828a17ab253c02e7ce9409b5192430feba44189f39cc02d66",
    "29af64b16fa3053c13d02ac63aa75b23aa468506e44c3a2315edc85d2dc22b11",
    "b527b99934a0bd9edd154e449b0502e2c499bba783f3bc3dfe23364b6b532009",
    "4584db8ae8e351ace08e01f306378a92bfd43611714814f3d834a2842d69faa8",
    "86a9a41573b0d6e4292f01e93243d6cc65b30f06606fc6fa57390e7e90ed580f",
    "a88b98fbe84d4c6aae8db9d1605dfac059d9f03fe0fcb0d5dff1295dacba09e6",
    "06326dc617a6d1f7021dc536026dbfd5fffc6f7c5531d48ef6ccd1ed1569f2a1",
    "f41fe8fdc3a2e4e8345e30216e7ebecffee26ff266eeced208a6c2a3cf08f960",
    "40cf5bde8abb76983f3e98ba97aa36240402975674e120f234b3448911090f8d",
    "b3222dc8658538079883d980d7fdc2bef9285344ea34338968f736b04aeb387a",
]
REAL_LEAF = "7a395c866d5ecdb0cccb623e011dbc392cd348d1d1d72776174e127a24b09c78"
REAL_ROOT = "78316a05c9bcf14a3a4548f5b854a9adfcd46a4c034401b3ce7eb7ac2f1d0ecb"
REAL_INDEX, REAL_SIZE = 848049, 3630887


def in_bytes(texts: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


# The plain tree: MTH of RFC 6962, 2.1, computed anew from its definition.


def mth(leaves: Sequence[bytes]) -> bytes:
    """Over the data of leaves, without a word of the module that is tested."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


class Kept:
    """All complete subtrees of a tree, as a node stores them."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.edge, self.nodes = Edge(), dict[Node, bytes]()
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        self.nodes.update(self.edge.append(leaf_hash(leaf)))

    def fetch(self, nodes: Sequence[Node]) -> list[bytes]:
        return [self.nodes[node] for node in nodes]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return merkle.inclusion_proof(index, size, self.fetch)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency_proof(old, new, self.fetch)


def test_the_published_roots_come_out() -> None:
    assert Edge().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    kept = Kept()
    for data, root in zip(INPUTS, ROOTS, strict=True):
        kept.append(data)
        assert kept.edge.root() == root


def test_the_published_hashes_of_leaf_and_node_come_out() -> None:
    leaf = bytes.fromhex("101112131415161718191a1b1c1d1e1f")
    expected = "3bfb960453ebaebf33727da7a1f4db38acc051d381b6da20d6d4e88f0eabfd7a"
    assert leaf_hash(leaf).hex() == expected
    assert node_hash(bytes(range(32)), bytes(range(32, 64))).hex() == (
        "1a378704c17da31e2d05b6d121c2bb2c7d76f6ee6fa8f983e596c2d034963c57"
    )


@pytest.mark.parametrize(("leaf", "size", "path"), PATHS)
def test_the_published_paths_come_out_and_lead_to_the_root(
    leaf: int, size: int, path: list[str]
) -> None:
    proof = Kept(INPUTS).inclusion(leaf, size)
    assert proof == in_bytes(path)
    assert merkle.is_included(leaf_hash(INPUTS[leaf]), leaf, size, proof, ROOTS[size - 1])


@pytest.mark.parametrize(("old", "new", "path"), PROOFS)
def test_the_published_proofs_of_consistency_come_out_and_hold(
    old: int, new: int, path: list[str]
) -> None:
    proof = Kept(INPUTS).consistency(old, new)
    assert proof == in_bytes(path)
    assert merkle.is_consistent(old, new, ROOTS[old - 1], ROOTS[new - 1], proof)


def test_a_leaf_of_a_log_in_use_is_found_in_it() -> None:
    leaf, root, path = bytes.fromhex(REAL_LEAF), bytes.fromhex(REAL_ROOT), in_bytes(REAL_PATH)
    assert merkle.is_included(leaf, REAL_INDEX, REAL_SIZE, path, root)
    assert not merkle.is_included(leaf, REAL_INDEX + 1, REAL_SIZE, path, root)
    assert not merkle.is_included(leaf, REAL_INDEX, REAL_SIZE, path[::-1], root)


LEAVES = [bytes([number]) for number in range(70)]


def test_every_small_tree_proves_every_leaf_and_every_older_tree() -> None:
    kept = Kept(LEAVES)
    roots = [mth(LEAVES[:size]) for size in range(len(LEAVES) + 1)]
    for size in range(1, len(LEAVES) + 1):
        for index in range(size):
            proof = kept.inclusion(index, size)
            assert merkle.is_included(leaf_hash(LEAVES[index]), index, size, proof, roots[size])
        for old in range(size + 1):
            proof = kept.consistency(old, size)
            assert merkle.is_consistent(old, size, roots[old], roots[size], proof)


def test_what_a_proof_is_made_of_is_what_is_stored() -> None:
    """Complete subtrees alone, few of them, and none outside of the tree."""
    for size in range(1, 70):
        for index in range(size):
            for start, end in merkle.inclusion_ranges(index, size):
                nodes = merkle.covering(start, end)
                assert nodes[0].place << nodes[0].level == start
                assert sum(1 << node.level for node in nodes) == end - start
                assert len(nodes) <= size.bit_length()


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3), (4, 3)])
def test_no_proof_is_made_of_a_leaf_outside_of_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        Kept(LEAVES).inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3), (1, 0)])
def test_no_proof_is_made_of_a_tree_that_shrinks(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no tree of"):
        Kept(LEAVES).consistency(old, new)


# What must not hold --------------------------------------------------------------


def mangled(proof: Sequence[bytes]) -> list[list[bytes]]:
    """Every proof with a piece less, a piece more, a changed piece, a shorter piece."""
    other = sha256(b"other").digest()
    made = [[*proof, other], [other, *proof], [*proof, b""], [b"", *proof]]
    for place in range(len(proof)):
        made.append([*proof[:place], *proof[place + 1 :]])
        made.append([*proof[:place], other, *proof[place + 1 :]])
        made.append([*proof[:place], proof[place][:-1], *proof[place + 1 :]])
        made.append([*proof[:place], proof[place], proof[place], *proof[place + 1 :]])
    return made


@settings(max_examples=examples(300), deadline=None)
@given(st.integers(1, 70), st.data())
def test_a_proof_of_inclusion_holds_for_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    kept, root = Kept(LEAVES), mth(LEAVES[:size])
    leaf, proof = leaf_hash(LEAVES[index]), kept.inclusion(index, size)
    for wrong in mangled(proof):
        assert not merkle.is_included(leaf, index, size, wrong, root)
    for place in range(-1, size + 2):
        if place != index:
            assert not merkle.is_included(leaf, place, size, proof, root)
    assert not merkle.is_included(leaf_hash(b"another"), index, size, proof, root)
    assert not merkle.is_included(leaf, index, size, proof, mth(LEAVES[: size - 1]))
    assert not merkle.is_included(leaf, index, size, proof, root[:-1])
    assert not merkle.is_included(leaf[:-1], index, size, proof, root)


@settings(max_examples=examples(300), deadline=None)
@given(st.integers(1, 70), st.data())
def test_a_proof_of_consistency_holds_for_nothing_else(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, new))
    kept, first, second = Kept(LEAVES), mth(LEAVES[:old]), mth(LEAVES[:new])
    proof, other = kept.consistency(old, new), sha256(b"other").digest()
    for wrong in mangled(proof):
        assert not merkle.is_consistent(old, new, first, second, wrong)
    if old:
        assert not merkle.is_consistent(old, new, first, other, proof)
    assert not merkle.is_consistent(old, new, other, second, proof)
    assert not merkle.is_consistent(new + 1, new, first, second, proof)
    assert not merkle.is_consistent(-1, new, first, second, proof)
    forked = [*LEAVES[: old - 1], b"changed", *LEAVES[old:new]]
    if old:
        assert not merkle.is_consistent(
            old, new, first, mth(forked), Kept(forked).consistency(old, new)
        )
    for size in (old - 1, old + 1):
        if 0 < size <= new and 0 < old < new:
            assert not merkle.is_consistent(size, new, first, second, proof)


def test_every_tree_goes_on_from_nothing_and_from_itself_without_a_proof() -> None:
    root, piece = mth(LEAVES[:5]), sha256(b"piece").digest()
    assert merkle.is_consistent(0, 0, EMPTY, EMPTY, [])
    assert merkle.is_consistent(0, 5, EMPTY, root, [])
    assert merkle.is_consistent(5, 5, root, root, [])
    assert not merkle.is_consistent(0, 5, EMPTY, root, [piece])
    assert not merkle.is_consistent(0, 5, root, root, [])
    assert not merkle.is_consistent(5, 5, root, root, [piece])
    assert not merkle.is_consistent(5, 5, root, piece, [])
    assert not merkle.is_consistent(3, 5, mth(LEAVES[:3]), root, [])
    assert not merkle.is_consistent(4, 5, mth(LEAVES[:4]), root, [])


def test_a_leaf_is_never_taken_for_a_subtree() -> None:
    """Whoever logs the two hashes of a subtree as data has not logged that subtree."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    root = mth([b"a", b"b"])
    assert not merkle.is_included(leaf_hash(left + right), 0, 1, [], root)


def test_what_is_left_over_of_a_proof_makes_it_wrong() -> None:
    """Even where the root was made so that all of it leads there: the tree is not so high."""
    leaf, more = leaf_hash(LEAVES[0]), sha256(b"more").digest()
    assert not merkle.is_included(leaf, 0, 1, [more], node_hash(more, leaf))
    assert not merkle.is_included(leaf, 0, 1, [more], node_hash(leaf, more))
    third, fourth, left = Kept(LEAVES).consistency(3, 4)
    old, new = node_hash(left, third), node_hash(left, node_hash(third, fourth))
    assert merkle.is_consistent(3, 4, old, new, [third, fourth, left])
    higher = [third, fourth, left, more]
    assert not merkle.is_consistent(3, 4, node_hash(more, old), node_hash(more, new), higher)


@settings(max_examples=examples(200), deadline=None)
@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_range_is_covered_without_gap_and_with_as_few_subtrees_as_there_can_be(
    one: int, other: int
) -> None:
    start, end = sorted((one, other))
    nodes = merkle.covering(start, end)
    place = start
    for node in nodes:
        assert node.place << node.level == place
        place += 1 << node.level
    assert place == end
    pairs = itertools.pairwise(nodes)
    # Two neighbours that together are one complete subtree would have been that one.
    assert not any(a.level == b.level and a.place % 2 == 0 for a, b in pairs)


# A log as it lives ---------------------------------------------------------------


class Log(RuleBasedStateMachine):
    """Appends, proves and forks at random; beside it a list of leaves that is always right."""

    def __init__(self) -> None:
        super().__init__()
        self.kept, self.leaves = Kept(), list[bytes]()

    @rule(more=st.lists(st.binary(max_size=4), min_size=1, max_size=40))
    def append(self, more: list[bytes]) -> None:
        for leaf in more:
            self.kept.append(leaf)
            self.leaves.append(leaf)

    @rule()
    def start_again_from_what_is_stored(self) -> None:
        size = len(self.leaves)
        self.kept.edge = Edge(size, self.kept.fetch(merkle.covering(0, size)))

    @precondition(lambda self: self.leaves)
    @rule(data=st.data())
    def prove_a_leaf(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(1, len(self.leaves)))
        index = data.draw(st.integers(0, size - 1))
        proof, root = self.kept.inclusion(index, size), mth(self.leaves[:size])
        assert merkle.is_included(leaf_hash(self.leaves[index]), index, size, proof, root)
        other = data.draw(st.binary(max_size=4).filter(lambda leaf: leaf != self.leaves[index]))
        assert not merkle.is_included(leaf_hash(other), index, size, proof, root)

    @rule(data=st.data())
    def prove_that_it_goes_on(self, data: st.DataObject) -> None:
        new = data.draw(st.integers(0, len(self.leaves)))
        old = data.draw(st.integers(0, new))
        proof = self.kept.consistency(old, new)
        first, second = mth(self.leaves[:old]), mth(self.leaves[:new])
        assert merkle.is_consistent(old, new, first, second, proof)

    @precondition(lambda self: self.leaves)
    @rule(data=st.data())
    def a_log_that_was_changed_goes_on_from_nothing_it_was(self, data: st.DataObject) -> None:
        size = len(self.leaves)
        place = data.draw(st.integers(0, size - 1))
        old = data.draw(st.integers(place + 1, size))
        changed = [*self.leaves]
        changed[place] = changed[place] + b"!"
        proof = Kept(changed).consistency(old, size)
        first, second = mth(self.leaves[:old]), mth(changed)
        assert not merkle.is_consistent(old, size, first, second, proof)

    @invariant()
    def the_root_is_the_plain_one(self) -> None:
        assert self.kept.edge.size == len(self.leaves)
        assert self.kept.edge.root() == mth(self.leaves)
        assert len(self.kept.nodes) == sum(
            len(self.leaves) >> level for level in range(len(self.leaves).bit_length())
        )


TestLog = Log.TestCase
TestLog.settings = settings(max_examples=examples(40), stateful_step_count=20, deadline=None)
