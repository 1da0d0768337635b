# SPDX-License-Identifier: EUPL-1.2
"""A node's own rows beside those that are shipped: whatever is wrong with the file is said so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from brug.cases import clocks, severity
from brug.cases.crisis import remarks
from brug.model.errors import Unavailable
from brug.store.home import CRISIS, OWN_TABLE, SEVERITY

TABLES = pytest.mark.parametrize(
    ("name", "read", "unusable"),
    [
        (OWN_TABLE, clocks.table, clocks.UnusableTable),
        (SEVERITY, severity.scheme, severity.UnusableScheme),
        (CRISIS, remarks.remarks, remarks.UnusableRemarks),
    ],
)  # fmt: skip


@TABLES
def test_a_file_that_cannot_be_opened_is_no_table(
    tmp_path: Path, name: str, read: Callable[[Path], object], unusable: type[Unavailable]
) -> None:
    (tmp_path / name).symlink_to(name)
    with pytest.raises(unusable, match=name):
        read(tmp_path)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(unusable, match=name):
        read(tmp_path)


@TABLES
def test_without_a_file_the_shipped_one_holds(
    tmp_path: Path, name: str, read: Callable[[Path | None], object], unusable: type[Unavailable]
) -> None:
    before = read(None)
    assert before == read(tmp_path)
    (tmp_path / name).write_text("[[", encoding="utf-8")
    with pytest.raises(unusable):
        read(tmp_path)
    (tmp_path / name).unlink()
    assert read(tmp_path) == before
