# SPDX-License-Identifier: EUPL-1.2
"""Passwords of tests: argon2 still, at the least it can cost, since thousands are hashed."""

from argon2 import PasswordHasher

from brug.directory import passwords

# What nodes have; this module is loaded before anything is made cheaper.
REAL = passwords._hasher


def use(hasher: PasswordHasher) -> None:
    """From now on in this process, also to compare with nobody's password."""
    passwords._hasher = hasher
    passwords._NOBODYS = passwords._nobodys()


def cheapen() -> None:
    use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
