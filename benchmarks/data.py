# SPDX-License-Identifier: EUPL-1.2
"""Events of a realistic mix, made from a seed: addresses, hosts, hashes, links, files."""

import json
import random
from collections.abc import Iterator


def attributes(seed: int, count: int) -> Iterator[dict[str, object]]:
    rng = random.Random(seed)  # noqa: S311 — test data
    for i in range(count):
        kind = i % 5
        if kind == 0:
            value = ".".join(str(rng.randrange(1, 255)) for _ in range(4))
            yield {"type": "ip-dst", "value": value}
        elif kind == 1:
            yield {"type": "domain", "value": f"h{rng.getrandbits(48):x}.example.com"}
        elif kind == 2:
            yield {"type": "sha256", "value": f"{rng.getrandbits(256):064x}", "to_ids": True}
        elif kind == 3:
            path = f"{rng.getrandbits(64):x}"
            yield {
                "type": "url",
                "value": f"http://w{rng.getrandbits(32):x}.example.org/{path}",
                "comment": "second stage",
            }
        else:
            name = f"f{rng.getrandbits(32):x}.exe|{rng.getrandbits(128):032x}"
            yield {"type": "filename|md5", "value": name, "category": "Payload delivery"}


def event(seed: int, count: int) -> bytes:
    """The body of POST /events/add."""
    made = {
        "Event": {
            "info": f"Bench {seed}",
            "distribution": 1,
            "Attribute": list(attributes(seed, count)),
        }
    }
    return json.dumps(made).encode()
