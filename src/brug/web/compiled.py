# SPDX-License-Identifier: EUPL-1.2
"""Templates kept as they were compiled, beside their texts, as Python keeps its modules.

A large page takes half a second to compile, and every process would do so in every language. Jinja
looks at a template's text to tell whether what was kept is still it; what else makes it what it is
(the catalogue of a language, this code) counts as part of the text here.
"""

import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

import jinja2
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

HERE = Path(__file__).parent
FOLDER = HERE / "templates" / "__pycache__"
_MODULES = "compiled.py", "compiling.py", "languages.py", "rendering.py", "translating.py"


class Kept(FileSystemBytecodeCache):
    """In one language. Where nobody may write, nothing is kept."""

    def __init__(self, language: str, folder: Path = FOLDER) -> None:
        super().__init__(str(folder), f"%s.{language}.cache")
        self._made_by = _version(language)

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(self._made_by + source)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


@cache
def _version(language: str) -> str:
    catalogue = HERE / "locale" / language / "LC_MESSAGES" / "brug.mo"
    files = [catalogue, *(HERE / name for name in _MODULES)]
    parts = [file.read_bytes() for file in files if file.exists()]
    return sha256(b"".join(parts) + jinja2.__version__.encode()).hexdigest()
