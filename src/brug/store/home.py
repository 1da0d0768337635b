# SPDX-License-Identifier: EUPL-1.2
"""The one folder that is a node, and what lies where in it.

Refuses a folder of someone else, a folder that others can write to, and a folder that
holds something which is not a node. Never changes the mode or owner of anything above it.

    node.json     what must be known before the database answers       0600
    postgresql/   the programs that wrote `data`, one folder a major version
    config/       postgresql.conf, pg_hba.conf, pg_ident.conf: ours, the server only reads;
                  deadlines.toml: what this node corrects in the table of deadlines;
                  authorities.toml: where its reports go
    data/         PostgreSQL's data folder: of the account that runs the server   0700
    run/          its socket                                            0700
    log/          its log
    files/        documents of cases, sealed under a key of `keys`       0700
    keys/         keys of the node                                      0700
    ledger/       the newest checkpoint that was signed; in no backup   0700
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec
import platformdirs

from brug.store.durable import write_durably
from brug.store.server_errors import NotInitialised, UnsafeFolder

PRIVATE = 0o700
OWN_TABLE = "deadlines.toml"  # in `config`; an administrator writes it, backups hold it
AUTHORITIES = "authorities.toml"  # the same
SEVERITY = "severity.toml"  # the same
CRISIS = "crisis.toml"  # the same


class NodeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a node must know before its database answers."""

    # The account that PostgreSQL runs under when Brug is started as root: a name,
    # "uid" or "uid:gid". The owner of `data` counts once that exists.
    server_user: str = "nobody"


def default_home(environ: Mapping[str, str] = os.environ) -> Path:
    """`$BRUG_HOME`, or the platform's folder for a user's data, or /var/lib/brug for root.

    Root's own folder would not do: the account that runs the database cannot enter it.
    """
    if named := environ.get("BRUG_HOME"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/lib/brug")
    return Path(platformdirs.user_data_dir("brug", appauthor=False))


class Home:
    """A node's folder; making the object touches nothing."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser().absolute()
        self.node_file = self.path / "node.json"
        self.programs = self.path / "postgresql"
        self.config = self.path / "config"
        self.data = self.path / "data"
        self.upgraded = self.path / "data.upgraded"  # exists only while an upgrade runs
        self.run = self.path / "run"
        self.log = self.path / "log"
        self.files = self.path / "files"
        self.keys = self.path / "keys"

    def exists(self) -> bool:
        """Whether this folder holds a node."""
        return self.node_file.is_file()

    def create(self, node: NodeFile | None = None) -> None:
        """Make the folder and what it always holds, or check what is there already."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.path.mkdir(mode=PRIVATE)
        except FileExistsError:
            self._take_over()
        for folder in (self.programs, self.config, self.log, self.files, self.keys):
            folder.mkdir(mode=PRIVATE, exist_ok=True)
        if not self.exists():
            self.write(node or NodeFile())

    def _take_over(self) -> None:
        if not self.path.is_dir():
            raise UnsafeFolder(f"{self.path} is not a folder")
        if self.exists():
            self.check()
            return
        if any(self.path.iterdir()):
            raise UnsafeFolder(f"{self.path} holds other things; a node wants an empty folder")
        _require_own(self.path)
        self.path.chmod(PRIVATE)

    def check(self) -> None:
        """Raise unless this is a node of ours that nobody else can change."""
        if not self.exists():
            raise NotInitialised(self._missing())
        _require_own(self.path)
        _require_own(self.node_file)

    def _missing(self) -> str:
        if not os.path.lexists(self.path):
            return f"there is no folder {self.path}; `brug init` makes a node there"
        if self.data.exists():
            return (
                f"{self.node_file} is gone, and {self.data} is still there: the folder was deleted"
                " in part; bring node.json back, or the node from a backup"
            )
        return f"{self.path} holds no node; `brug init` makes one"

    def node(self) -> NodeFile:
        """What node.json says."""
        self.check()
        try:
            return msgspec.json.decode(self.node_file.read_bytes(), type=NodeFile)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnsafeFolder(f"{self.node_file} cannot be read: {error}") from error

    def write(self, node: NodeFile) -> None:
        """Replace node.json durably."""
        content = msgspec.json.format(msgspec.json.encode(node)) + b"\n"
        write_durably(self.node_file, content)


def _require_own(path: Path) -> None:
    """Refuse what another account owns, or what others may write to."""
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise UnsafeFolder(f"{path} belongs to account {found.st_uid}, not to {os.geteuid()}")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnsafeFolder(f"{path} can be written by others: chmod go-w {path}")
