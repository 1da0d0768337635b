# SPDX-License-Identifier: EUPL-1.2
"""Runs in a process of its own (`printing`): data on standard input, a PDF on standard output.

Imports nothing of ours, sees a folder with nothing but the template as its root, and has
limits on time and memory.
"""

import resource
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import typst

SECONDS = 20
BYTES = 2 * 2**30


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    data = sys.stdin.buffer.read().decode("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        template = root / "form.typ"
        template.write_bytes(Path(__file__).with_name("form.typ").read_bytes())
        pdf = typst.compile(
            template, root=root, sys_inputs={"data": data}, pdf_standards="ua-1",
            timestamp=datetime.fromtimestamp(int(sys.argv[1]), UTC),
        )  # fmt: skip
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
