# SPDX-License-Identifier: EUPL-1.2
"""The tool that the demonstration uses."""

import socket
import threading

import pytest

from brug.cli.demo import client


def test_a_connection_that_the_server_gave_up_is_opened_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A story that takes its time between two requests goes on."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for _ in range(2):
            taken, _ = server.accept()
            with taken:
                taken.recv(65536)
                taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    monkeypatch.setattr(client, "IDLE_SECONDS", 0)
    tool = client.Client(f"http://127.0.0.1:{server.getsockname()[1]}", "key")
    try:
        assert [tool.get("/a"), tool.post("/b", {"x": 1})] == [{}, {}]
    finally:
        tool.close()
        server.close()
    thread.join(5)
