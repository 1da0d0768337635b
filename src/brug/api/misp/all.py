# SPDX-License-Identifier: EUPL-1.2
"""Every module of the interface, so that the table of endpoints is whole."""

from importlib import import_module
from pkgutil import walk_packages

import brug.api.misp as interface


def load() -> None:
    """Imports them; each lists its endpoints in `dispatch.ENDPOINTS` as it is imported."""
    for module in walk_packages(interface.__path__, f"{interface.__name__}."):
        import_module(module.name)
