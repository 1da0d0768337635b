# SPDX-License-Identifier: EUPL-1.2
"""How the documentation is built. Warnings are errors (`make docs`); nothing is fetched."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
_VERSION = re.search(r'__version__ = "(.+)"', (ROOT / "src/brug/__init__.py").read_text())

project = "Brug"
author = "The Brug authors"
project_copyright = "The Brug authors, EUPL-1.2"
version = release = _VERSION[1] if _VERSION else ""

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = "Brug"
html_logo = str(ROOT / "src/brug/web/static/logo.svg")
html_favicon = str(ROOT / "src/brug/web/static/favicon.svg")
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b5c8a",
        "color-brand-content": "#0b5c8a",
        "color-foreground-primary": "#12202b",
        "color-background-primary": "#fbfaf7",
        "color-background-secondary": "#f3f1ea",
        "font-stack": "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
    },
    "dark_css_variables": {
        "color-brand-primary": "#6fb7e0",
        "color-brand-content": "#6fb7e0",
        "color-foreground-primary": "#e8ecef",
        "color-background-primary": "#10171d",
        "color-background-secondary": "#0c1217",
    },
}
