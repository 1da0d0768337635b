# SPDX-License-Identifier: EUPL-1.2
"""What can stand between a node and its own database, each with what to do about it."""

from brug.model.errors import BrugError, Conflict, Unavailable


class UnsafeFolder(BrugError):
    """A folder that we would use belongs to someone else, or others can write to it."""

    code = "unsafe_folder"


class Unreachable(BrugError):
    """The account that runs the database cannot enter the node's folder."""

    code = "folder_unreachable"


class UnknownAccount(BrugError):
    """The account named for the database does not exist, or is root."""

    code = "unknown_account"


class NotInitialised(BrugError):
    """The folder holds no node, or no database yet."""

    code = "not_initialised"


class ServerFailed(Unavailable):
    """PostgreSQL ended instead of answering; the message carries its own last words."""

    code = "database_failed"


class WrongMajor(Unavailable):
    """The data was written by another major version of PostgreSQL; `brug upgrade` converts it."""

    code = "database_version"


class AlreadySupervised(Conflict):
    """Another process serves this node."""

    code = "already_served"


class DumpFailed(BrugError):
    """PostgreSQL's own dump or load program ended badly; the message carries its words."""

    code = "dump_failed"


class BadBackup(BrugError):
    """The file is no whole, well-formed backup, or not readable with these keys."""

    code = "bad_backup"
    exit_code = 2


class NotEmpty(Conflict):
    """What would be written over something must be written to an empty place."""

    code = "not_empty"
