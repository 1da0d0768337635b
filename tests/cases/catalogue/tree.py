# SPDX-License-Identifier: EUPL-1.2
"""A provider's tree on a web server of its own: metadata, feed, folder, digests, signatures."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from brug.formats.openpgp_signing import Signer, armoured_signature, new_key, sign_detached


class Tree(msgspec.Struct):
    """Files by path, and which were asked for, with the status of the answer."""

    url: str
    secret: bytes
    signer: Signer
    namespace: str
    files: dict[str, bytes] = {}
    asked: list[tuple[str, int]] = []

    def put(self, path: str, raw: bytes, *, signed: bool = True) -> None:
        """A document with what lies beside it."""
        self.files[path] = raw
        if signed:
            self.files[f"{path}.sha512"] = hashlib.sha512(raw).hexdigest().encode() + b"  x.json"
            signature = armoured_signature(sign_detached(self.secret, raw))
            self.files[f"{path}.asc"] = signature.encode()

    def name(self, changed: dict[str, str]) -> None:
        """A feed and a folder's lists of documents under /csaf/."""
        entries = [
            {
                "id": path, "title": path, "updated": at, "published": at,
                "link": [
                    {"rel": "self", "href": f"{self.url}/csaf/{path}"},
                    {"rel": "hash", "href": f"{self.url}/csaf/{path}.sha512"},
                    {"rel": "signature", "href": f"{self.url}/csaf/{path}.asc"},
                ],
                "content": {"type": "application/json", "src": f"{self.url}/csaf/{path}"},
            }
            for path, at in changed.items()
        ]  # fmt: skip
        self.files["/csaf/feed.json"] = msgspec.json.encode(
            {"feed": {"id": "feed", "title": "Feed", "entry": entries}}
        )
        rows = "".join(f'"{path}","{at}"\n' for path, at in changed.items())
        self.files["/csaf/changes.csv"] = rows.encode()
        self.files["/csaf/index.txt"] = "".join(f"{path}\n" for path in changed).encode()

    def describe(self, *, by_feed: bool = True, fingerprint: str = "") -> None:
        self.files["/key.asc"] = self.signer.text.encode()
        feed = {"rolie": {"feeds": [{"url": f"{self.url}/csaf/feed.json", "tlp_label": "WHITE"}]}}
        self.files["/provider-metadata.json"] = msgspec.json.encode({
            "canonical_url": f"{self.url}/provider-metadata.json", "metadata_version": "2.0",
            "role": "csaf_trusted_provider",
            "publisher": {"name": "ACME PSIRT", "namespace": self.namespace},
            "public_openpgp_keys": [
                {
                    "fingerprint": fingerprint or self.signer.fingerprint,
                    "url": f"{self.url}/key.asc",
                }
            ],
            "distributions": [feed if by_feed else {"directory_url": f"{self.url}/csaf"}],
        })  # fmt: skip

    def take_asked(self) -> list[tuple[str, int]]:
        found, self.asked[:] = list(self.asked), []
        return found


@contextmanager
def served(namespace: str) -> Iterator[Tree]:
    secret, signer = new_key("ACME PSIRT")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            raw = tree.files.get(self.path)
            etag = f'"{hashlib.sha256(raw or b"").hexdigest()[:16]}"'
            status = 404 if raw is None else 200
            if raw is not None and self.headers.get("If-None-Match") == etag:
                status = 304
            tree.asked.append((self.path, status))
            body = b"" if status != 200 or raw is None else raw
            self.send_response(status)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tree = Tree(f"http://127.0.0.1:{server.server_port}", secret, signer, namespace)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield tree
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
