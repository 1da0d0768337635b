# SPDX-License-Identifier: EUPL-1.2
"""How MISP says no: three shapes, so that clients which look inside find what they expect.

(a) `{"name", "message", "url"}` for whatever stops a request; (b) the same with
`"saved": false` and `errors` by field for a failed save; (c) 200 with
`{"saved": false, "errors": ...}` from the endpoints that its pages call.
"""

from typing import Any

from brug.formats.json_text import encode
from brug.model.errors import BrugError

NO_RIGHT = "You do not have permission to use this functionality."


class MispError(BrugError):
    """Shape (a): stops the request with a status and one of MISP's texts."""

    code = "misp"

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.public = message
        self.headers = headers or {}


class SaveFailed(BrugError):
    """Shape (b): an item was refused; `errors` is a text or names the fields."""

    code = "not_saved"
    status = 403

    def __init__(self, verb: str, model: str, errors: Any, url: str, item_id: Any = None) -> None:
        super().__init__(f"Could not {verb} {model}: {errors}")
        self.public = f"Could not {verb} {model}"
        self.errors = errors
        self.url = url
        self.item_id = item_id


def body_of(error: BrugError, path: str) -> bytes:
    """The JSON that a stock client reads of an error."""
    if isinstance(error, SaveFailed):
        answer: dict[str, Any] = {
            "saved": False,
            "name": error.public,
            "message": error.public,
            "url": error.url,
            "errors": error.errors,
        }
        if error.item_id is not None:
            answer["id"] = str(error.item_id)
        return encode(answer)
    answer = {"name": error.public, "message": error.public, "url": path}
    # Exceptions escape their slashes in MISP; some clients compare the text.
    return encode(answer).replace(b"/", b"\\/")


def saved(message: str, url: str, item_id: Any = None, **more: Any) -> dict[str, Any]:
    """MISP's answer to a change that has no item to show."""
    answer: dict[str, Any] = {
        "saved": True,
        "success": True,
        "name": message,
        "message": message,
        "url": url,
    }
    if item_id is not None:
        answer["id"] = item_id
    return answer | more
