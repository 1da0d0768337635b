# SPDX-License-Identifier: EUPL-1.2
"""Templates of pages, kept as they were compiled: that takes longer than to load all else.

Jinja keeps the name of a template and looks at its text; what else makes a template what it is goes
into the name of the file.
"""

from hashlib import sha256
from pathlib import Path

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache

from brug.web import compiling, languages, rendering, translating

_MAKING = compiling, languages, rendering, translating
KEPT = Path(__file__).parents[1] / ".pytest_cache" / "templates"


def environment(language: str) -> Environment:
    """That of pages in a language; from now on it takes from there what it finds there."""
    made = rendering.environment(language)
    KEPT.mkdir(parents=True, exist_ok=True)
    made.bytecode_cache = FileSystemBytecodeCache(str(KEPT), f"%s.{language}.{_version(language)}")
    return made


def _version(language: str) -> str:
    catalogue = rendering.HERE / "locale" / language / "LC_MESSAGES" / "brug.mo"
    files = (catalogue, *(Path(str(one.__file__)) for one in _MAKING))
    parts = [file.read_bytes() for file in files if file.exists()]
    return sha256(b"".join(parts) + jinja2.__version__.encode()).hexdigest()[:16]
