# SPDX-License-Identifier: EUPL-1.2
"""A forward proxy on loopback: CONNECT, and requests whose address is whole (RFC 9110, 9.3.6).

It knows names that nobody else does, asks for a login where a test wants it to, and
remembers what it was asked for.
"""

import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.certified import relay


class Proxy:
    """`asked` holds the first line of each request without its version."""

    def __init__(self, names: Mapping[str, str], login: str, tls: ssl.SSLContext | None) -> None:
        self.names = names
        self.login = login
        self.tls = tls
        self.port = 0
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.denied: set[str] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self, plain: socket.socket) -> None:
        plain.settimeout(30)
        client = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                got = client.recv(65536)
                if not got:
                    return
                head += got
            head, _, rest = head.partition(b"\r\n\r\n")
            self._answer(client, head.decode("latin-1").split("\r\n"), rest)

    def _answer(self, client: socket.socket, lines: list[str], rest: bytes) -> None:
        method, target, _ = lines[0].split(" ", 2)
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }
        self.asked.append(f"{method} {target}")
        self.headers.append(headers)
        if self.login and headers.get("proxy-authorization") != self._wanted():
            client.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nConnection: close\r\n"
                b"Content-Length: 0\r\n\r\n"
            )
            return
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        host, port = parts.hostname or "", parts.port or 80
        if host in self.denied:
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        try:
            there = socket.create_connection((self.names.get(host, host), port), 10)
        except OSError:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with there:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                there.sendall(rest)
            else:
                path = parts.path or "/"
                path += f"?{parts.query}" if parts.query else ""
                own = [
                    one for one in lines[1:] if not one.lower().startswith(("proxy-", "connect"))
                ]
                head = [f"{method} {path} HTTP/1.1", *own, "Connection: close"]
                there.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + rest)
            relay(client, there)

    def _wanted(self) -> str:
        return f"Basic {b64encode(self.login.encode()).decode()}"


@contextmanager
def proxy(
    names: Mapping[str, str] | None = None, login: str = "", tls: ssl.SSLContext | None = None
) -> Iterator[Proxy]:
    """Serves until the block ends; `login` is user:password."""
    made = Proxy(names or {}, login, tls)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made.port = listening.getsockname()[1]

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client = listening.accept()[0]
                    threading.Thread(target=answer, args=(client,), daemon=True).start()

        def answer(client: socket.socket) -> None:
            with suppress(OSError):
                made.serve(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)
