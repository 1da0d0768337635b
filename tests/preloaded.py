# SPDX-License-Identifier: EUPL-1.2
"""What the process whose forks are web servers loads, once: the node, built and thrown away."""

import os

import granian.cli
from tests import hashing

from brug import app

hashing.cheapen()
os.environ["BRUG_DSN"] = "host=/nowhere"  # each fork gets its own before it builds
app.create()

__all__ = ["granian"]
