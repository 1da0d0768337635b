# SPDX-License-Identifier: EUPL-1.2
"""Settings of feeds: what is fetched, how much of it, and how fresh what is published is."""

from pathlib import PurePosixPath

from brug.store.setting import Setting

_MEBIBYTE = 2**20


def _folder(text: str) -> str | None:
    path = PurePosixPath(text)
    fine = path.is_absolute() and ".." not in path.parts and len(path.parts) > 1
    return None if fine else "a folder by its whole path, such as /srv/feeds"


FEEDS = (
    Setting(
        "feeds.local_folders", "list", [],
        "Folders of this machine that feeds may be read from; none: no feed is a local file.",
        check=_folder,
    ),
    Setting(
        "feeds.document_bytes", "number", 64 * _MEBIBYTE,
        "Most that one document of a feed may hold, decompressed.",
        low=1024, high=1024 * _MEBIBYTE,
    ),
    Setting(
        "feeds.seconds", "number", 40,
        "Longest that one document of a feed may take to arrive.", low=1, high=55,
    ),
    Setting(
        "feeds.values", "number", 100_000,
        "Most values that one event takes in from a list; what comes after them is refused.",
        low=1,
    ),
    Setting(
        "feeds.refusals", "number", 10_000,
        "Most refused lines and items that are kept for one feed.", low=1, high=1_000_000,
    ),
    Setting(
        "feeds.published_seconds", "number", 10,
        "How old a published feed may be before a reader has it looked at again; what is taken "
        "back leaves it within that time.", high=3600,
    ),
)  # fmt: skip
