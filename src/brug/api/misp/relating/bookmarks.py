# SPDX-License-Identifier: EUPL-1.2
"""`/bookmarks/*`: links that a user keeps, or shows to the organisation."""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import SaveFailed, saved
from brug.directory import bookmarks
from brug.directory.bookmarks import Bookmark
from brug.model.errors import Invalid

NOT_YOURS = (405, "Invalid Bookmark or insuficient privileges")
BAD_URL = "Invalid baseurl, please make sure that the protocol is set."


def _shown(found: Bookmark) -> dict[str, Any]:
    return {
        "Bookmark": {
            "id": str(found.id),
            "user_id": str(found.user_id),
            "org_id": str(found.org_id),
            "name": found.name,
            "url": found.url,
            "comment": found.comment,
            "exposed_to_org": found.exposed_to_org,
        }
    }


def _failed(verb: str, error: Invalid, key: str = "") -> SaveFailed:
    text = BAD_URL if error.field == "url" else error.public
    url = f"/bookmarks/{verb}/{key}".rstrip("/")
    return SaveFailed(verb, "bookmark", {error.field: [text]}, url, key or None)


@endpoint(
    "bookmarks", "index",
    shows=("own",),
    probes=(("GET", "/bookmarks/index", None),),
    summary="One's bookmarks, and those that others of the organisation show",
)  # fmt: skip
def index(call: Call) -> Answer:
    return Answer([_shown(one) for one in bookmarks.listed(call.session)])


@endpoint(
    "bookmarks", "view",
    shows=("own",),
    summary="One bookmark",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(NOT_YOURS, NOT_YOURS):
        return Answer(_shown(bookmarks.find(call.session, call.arg(0))))


@endpoint(
    "bookmarks", "add",
    methods=WRITE,
    changes=True,
    summary="Keeps a link",
    body={"name": "text", "url": "https://node.example/", "exposed_to_org": False},
)  # fmt: skip
def add(call: Call) -> Answer:
    try:
        return Answer(_shown(bookmarks.add(call.session, call.data("Bookmark"))))
    except Invalid as error:
        raise _failed("add", error) from error


@endpoint(
    "bookmarks", "edit",
    methods=WRITE,
    changes=True,
    summary="Changes a link of one's own",
    body={"name": "text", "url": "https://node.example/", "exposed_to_org": False},
)  # fmt: skip
def edit(call: Call) -> Answer:
    with reaching(NOT_YOURS, NOT_YOURS):
        try:
            changed = bookmarks.edit(call.session, call.arg(0), call.data("Bookmark"))
        except Invalid as error:
            raise _failed("edit", error, call.arg(0)) from error
    return Answer(_shown(changed))


@endpoint(
    "bookmarks", "delete",
    methods=DELETABLE,
    changes=True,
    summary="Removes a link of one's own",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(NOT_YOURS, NOT_YOURS):
        gone = bookmarks.delete(call.session, call.arg(0))
    return Answer(saved("Bookmark deleted.", f"/bookmarks/delete/{gone.id}", gone.id))
