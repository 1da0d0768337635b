# SPDX-License-Identifier: EUPL-1.2
"""The three configuration files of the embedded server, as text.

They lie outside the data folder and belong to the account that runs Brug: the server reads
them and cannot change who may enter. Nobody enters by network, and nobody without being,
by the kernel's word, the account that runs Brug or the server. An operator's own settings
go into `local.conf` beside them.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from brug.store.server_user import ServerUser, account_name

MIB = 1024 * 1024
# Below this, parallel queries run out of /dev/shm (containers give 64 MiB) and fail.
_ENOUGH_SHARED_MEMORY = 256 * MIB

_HBA = "local all all peer map=brug\n"

_FIXED = {
    "listen_addresses": "",
    "unix_socket_permissions": "0600",
    "max_connections": "60",
    "superuser_reserved_connections": "3",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "ISO, YMD",
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "default_text_search_config": "pg_catalog.simple",
    "password_encryption": "scram-sha-256",
    # Idle memory: processes that a single node has no use for.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_replication_slots": "0",
    "max_prepared_transactions": "0",
    "io_method": "sync",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "autovacuum_max_workers": "2",
    "autovacuum_worker_slots": "2",
    "jit": "off",
    # Bulk loads without a checkpoint every few seconds.
    "max_wal_size": "2GB",
    "min_wal_size": "80MB",
    "wal_buffers": "16MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    # Errors are logged without the statement and without the row that caused them.
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_startup_progress_interval": "1s",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


def memory_settings(total: int) -> dict[str, str]:
    """Buffers by the size of the machine in bytes.

    Small on purpose: the operating system caches the files as well, and node and database
    together stay under 300 MB when idle.
    """
    buffers = min(max(total // 128, 32 * MIB), 128 * MIB)
    cache = max(total // 2, 64 * MIB)
    return {
        "shared_buffers": f"{buffers // MIB}MB",
        "effective_cache_size": f"{cache // MIB}MB",
    }


def shared_memory_setting(free: int | None) -> dict[str, str]:
    """Files in the data folder where /dev/shm is absent (None) or too small to rely on."""
    enough = free is not None and free >= _ENOUGH_SHARED_MEMORY
    return {"dynamic_shared_memory_type": "posix" if enough else "mmap"}


def machine_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def free_shared_memory(folder: Path = Path("/dev/shm")) -> int | None:  # noqa: S108
    """Bytes left in /dev/shm, or None where it cannot be used."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def postgresql_conf(
    config: Path, data: Path, sockets: Path, settings: Mapping[str, str] | None = None
) -> str:
    """The server's settings; `settings` has the last word over ours."""
    chosen = (
        _places(config, data, sockets)
        | _FIXED
        | memory_settings(machine_memory())
        | shared_memory_setting(free_shared_memory())
        | dict(settings or {})
    )
    heading = "# Written by Brug at every start; your own settings go into local.conf.\n"
    local = f"include_if_exists {_quoted(str(config / 'local.conf'))}\n"
    return heading + _lines(chosen) + local


def bare_conf(config: Path, data: Path, sockets: Path) -> str:
    """Where things are and who may enter, and nothing that an older version may not know."""
    walls = {name: _FIXED[name] for name in ("listen_addresses", "unix_socket_permissions")}
    return _lines(_places(config, data, sockets) | walls)


def _places(config: Path, data: Path, sockets: Path) -> dict[str, str]:
    return {
        "data_directory": str(data),
        "hba_file": str(config / "pg_hba.conf"),
        "ident_file": str(config / "pg_ident.conf"),
        "unix_socket_directories": _listed(str(sockets)),
    }


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def pg_hba_conf() -> str:
    """Who may enter: whom the kernel names, as the map allows."""
    return _HBA


def pg_ident_conf(user: ServerUser) -> str:
    """The map: the account that runs Brug and the one that runs the server, as any role."""
    names = {account_name(os.geteuid()), account_name(user.uid)} - {None}
    return "".join(f'brug "{name}" all\n' for name in sorted(map(str, names)))


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _listed(path: str) -> str:
    """A path as the only member of a list of folders."""
    return '"' + path.replace('"', '""') + '"'
