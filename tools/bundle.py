# SPDX-License-Identifier: EUPL-1.2
"""Make the archive from which Brug installs on a machine without a network.

It holds wheels of everything in `requirements/run.txt`, our own wheel, a list of their digests,
and `install.sh`. It fits the kind of machine and the Python version that made it, no other: its
name says which. `dist/` must hold exactly one wheel of ours (`make wheel`).
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
LOCK = ROOT / "requirements" / "run.txt"
INSTALLER = ROOT / "tools" / "install.sh"
DEPLOY = ROOT / "deploy"


def own_wheel() -> Path:
    wheels = list(DIST.glob("brug-*.whl"))
    if len(wheels) != 1:
        sys.exit(f"Expected one wheel of Brug in dist/, found {len(wheels)}. Run: make wheel")
    return wheels[0]


def bundle_name(wheel: Path) -> str:
    version = wheel.name.split("-")[1]
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    platform = re.sub(r"[^a-z0-9]+", "_", sysconfig.get_platform().lower())
    return f"brug-{version}-{python}-{platform}"


def fetch_wheels(folder: Path) -> None:
    """Each file is checked against the lock; what has no wheel is built here, since the machine
    that installs has nothing to build with.
    """
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--require-hashes", "-r", str(LOCK), "-w", str(folder)], check=True
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def requirement(wheel: Path) -> str:
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version} --hash=sha256:{digest(wheel)}\n"


def write_lists(folder: Path) -> None:
    wheels = sorted((folder / "wheels").glob("*.whl"))
    (folder / "requirements.txt").write_text("".join(map(requirement, wheels)))
    sums = [f"{digest(path)}  {path.relative_to(folder)}\n" for path in files_of(folder)]
    (folder / "SHA256SUMS").write_text("".join(sums))


def files_of(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def commit_time() -> int:
    """The age of what is packed, so that the same sources give the same archive."""
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    if stated:
        return int(stated)
    answer = subprocess.run(
        ["git", "log", "-1", "--format=%ct"],  # noqa: S607 -- the builder's own git
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return int(answer.stdout.strip() or 0)


def pack(folder: Path, target: Path) -> None:
    moment = commit_time()
    with tarfile.open(target, "w:gz", compresslevel=6) as archive:
        for path in files_of(folder):
            entry = tarfile.TarInfo(f"{folder.name}/{path.relative_to(folder)}")
            entry.size, entry.mtime = path.stat().st_size, moment
            entry.mode = 0o755 if path.suffix == ".sh" else 0o644
            archive.addfile(entry, io.BytesIO(path.read_bytes()))


def main() -> None:
    wheel = own_wheel()
    name = bundle_name(wheel)
    with tempfile.TemporaryDirectory(prefix="brug-bundle-") as scratch:
        folder = Path(scratch) / name
        (folder / "wheels").mkdir(parents=True)
        fetch_wheels(folder / "wheels")
        (folder / "wheels" / wheel.name).write_bytes(wheel.read_bytes())
        (folder / "install.sh").write_bytes(INSTALLER.read_bytes())
        (folder / "deploy").mkdir()
        for path in files_of(DEPLOY):
            (folder / "deploy" / path.name).write_bytes(path.read_bytes())
        write_lists(folder)
        target = DIST / f"{name}.tar.gz"
        pack(folder, target)
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size / 1e6:.0f} MB  {digest(target)}")


if __name__ == "__main__":
    main()
