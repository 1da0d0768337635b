# SPDX-License-Identifier: EUPL-1.2
"""`Content-Disposition` (RFC 6266) of what is to be kept, whatever it is called."""

from urllib.parse import quote


def attachment(name: str) -> str:
    """The name in ASCII for whoever reads no more, and whole."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return f"attachment; filename=\"{plain[:200]}\"; filename*=UTF-8''{quote(name[:200], safe='')}"
