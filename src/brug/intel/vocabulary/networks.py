# SPDX-License-Identifier: EUPL-1.2
"""Networks of warninglists, packed; and finding which of them contain an address.

Networks nest or are apart, never overlap otherwise. So the last one that starts at or
before an address either contains it, or one of those that enclose that one does: a binary
search and a walk up, whatever the number of lists.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network
from socket import AF_INET, AF_INET6, inet_pton

# (family, first address, last address)
Range = tuple[int, int, int]

_WIDTH = {4: 4, 6: 16}


def range_of(text: str) -> Range | None:
    """What an address or a network in a value stands for; None if it is neither."""
    address, slash, length = text.partition("/")
    family, size, kind = (6, 128, AF_INET6) if ":" in address else (4, 32, AF_INET)
    try:
        number = int.from_bytes(inet_pton(kind, address))
        if not slash:
            return family, number, number
        if length.isascii() and length.isdigit() and int(length) <= size:
            others = (1 << size - int(length)) - 1
            return family, number & ~others, number | others
    except (ValueError, OSError):
        pass
    return _otherwise_written(text) if slash else None


def _otherwise_written(text: str) -> Range | None:
    """A network with a mask in place of a length, or with a zone."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network.version, int(network.network_address), int(network.broadcast_address)


def pack(entries: Iterable[str]) -> tuple[bytes, bytes]:
    """IPv4 and IPv6 networks among the entries, sorted: first and last address of each.

    One that lies within another is left out; what is not a network too.
    """
    ranges = sorted(
        {found for entry in entries if (found := range_of(entry.strip()))},
        key=lambda found: (found[0], found[1], -found[2]),
    )
    packed = {4: bytearray(), 6: bytearray()}
    covered = {4: -1, 6: -1}
    for family, first, last in ranges:
        if last > covered[family]:
            covered[family] = last
            width = _WIDTH[family]
            packed[family] += first.to_bytes(width) + last.to_bytes(width)
    return bytes(packed[4]), bytes(packed[6])


def unpack(packed: bytes, family: int) -> Iterator[tuple[int, int]]:
    width = _WIDTH[family]
    if family == 4:
        numbers = array("I", packed)
        if sys.byteorder == "little":
            numbers.byteswap()
        yield from zip(numbers[::2], numbers[1::2], strict=True)
        return
    for at in range(0, len(packed), 2 * width):
        yield (
            int.from_bytes(packed[at : at + width]),
            int.from_bytes(packed[at + width : at + 2 * width]),
        )


class Networks:
    """The networks of one family in several lists."""

    def __init__(self, family: int, lists: Iterable[tuple[int, bytes]]) -> None:
        """`lists`: id of a list and its packed networks."""
        rows = sorted(
            (first, -last, owner)
            for owner, packed in lists
            for first, last in unpack(packed, family)
        )
        self._family = family
        # 4-byte machine integers hold a hundred thousand IPv4 networks in a megabyte.
        numbers = (lambda: array("I")) if family == 4 else list[int]
        firsts, lasts = numbers(), numbers()
        owners, enclosing = array("i"), array("i")
        open_ones: list[int] = []
        for index, (first, minus_last, owner) in enumerate(rows):
            while open_ones and lasts[open_ones[-1]] < first:
                open_ones.pop()
            firsts.append(first)
            lasts.append(-minus_last)
            owners.append(owner)
            enclosing.append(open_ones[-1] if open_ones else -1)
            open_ones.append(index)
        self._firsts: Sequence[int] = firsts
        self._lasts: Sequence[int] = lasts
        self._owners = owners
        self._enclosing = enclosing

    def containing(self, first: int, last: int) -> dict[int, str]:
        """By list, the widest network that holds the whole range."""
        found: dict[int, str] = {}
        index = bisect_right(self._firsts, first) - 1
        while index >= 0:
            if self._lasts[index] >= last:
                found[self._owners[index]] = self._text(index)
            index = self._enclosing[index]
        return found

    def _text(self, index: int) -> str:
        size = self._lasts[index] - self._firsts[index]
        length = 8 * _WIDTH[self._family] - size.bit_length()
        address = IPv4Address if self._family == 4 else IPv6Address
        return f"{address(self._firsts[index])}/{length}"
