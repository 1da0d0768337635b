# SPDX-License-Identifier: EUPL-1.2
"""`brug serve` where it cannot."""

import socket

import pytest

from brug.cli.app import run
from brug.store.home import Home


def test_a_port_that_somebody_listens_on_is_refused_by_name(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["--home", str(home.path), "serve", "--port", str(port)]) == 1
    assert f"port {port}" in capsys.readouterr().err
