# SPDX-License-Identifier: EUPL-1.2
"""`/restClientHistory/*`: what the asker tried on the page of the interface."""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import saved
from brug.directory import rest_history
from brug.directory.rest_history import Tried
from brug.model.naming import number_in


def _json(tried: Tried, user_id: int, org_id: int) -> dict[str, Any]:
    return {
        "RestClientHistory": {
            "id": str(tried.id), "org_id": str(org_id), "user_id": str(user_id),
            "headers": "", "body": tried.body, "url": tried.path, "http_method": tried.method,
            "timestamp": str(int(tried.at.timestamp())), "use_full_path": False,
            "show_result": True, "skip_ssl": False, "outcome": str(tried.status), "bookmark": False,
            "bookmark_name": "",
        }
    }  # fmt: skip


@endpoint(
    "restClientHistory", "index", right="auth", shows=("own",),
    summary="Lists the calls that the asker tried on their page",
)  # fmt: skip
def index(call: Call) -> Answer:
    me = call.principal
    return Answer([_json(one, me.user_id, me.org_id) for one in rest_history.listed(call.session)])


@endpoint(
    "restClientHistory", "delete", methods=DELETABLE, right="auth", changes=True,
    summary="Forgets one of these calls",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching((404, "Invalid entry.")):
        rest_history.delete(call.session, number_in(call.arg(0)) or 0)
    return Answer(saved("Entry removed.", call.path))
