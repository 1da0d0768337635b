# SPDX-License-Identifier: EUPL-1.2
"""What a stock MISP has and this node has none of: answered as there being none.

Clients read these lists at their start and stop where they are refused.
"""

from collections.abc import Callable

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, SaveFailed

NO_JOBS = "Background jobs are not enabled on this instance."

# controller -> (right, what there is none of)
_EMPTY = {
    "communities": ("site_admin", "Communities that one may ask to join"),
    "cerebrates": ("site_admin", "Cerebrate servers"),
    "taxii_servers": ("site_admin", "TAXII servers that are pushed to"),
    "sightingdb": ("site_admin", "Outside databases of sightings"),
    "benchmarks": ("site_admin", "Measured times of calls"),
    "userLoginProfiles": (None, "Browsers that one signed in with"),
}


def _nothing(_call: Call) -> Answer:
    return Answer([])


for _controller, (_right, _what) in _EMPTY.items():
    endpoint(_controller, "index", right=_right, summary=f"{_what}: none on this node")(_nothing)


def _absent(text: str) -> Callable[[Call], Answer]:
    def refuse(_call: Call) -> Answer:
        raise MispError(404, text)

    return refuse


endpoint(
    "communities", "view", right="site_admin",
    summary="One community: the node lists none",
)(_absent("Community not found."))  # fmt: skip
endpoint(
    "communities", "requestAccess", methods=("GET", *WRITE), right="site_admin",
    summary="Asks to join a community: the node lists none",
)(_absent("Community not found."))  # fmt: skip
endpoint(
    "jobs", "index", right="site_admin",
    summary="Background jobs: what is asked for is done when it is answered",
)(_absent(NO_JOBS))  # fmt: skip
endpoint(
    "tasks", "index", right="site_admin", summary="Scheduled tasks: none",
)(_absent(NO_JOBS))  # fmt: skip
endpoint(
    "jobs", "getGenerateCorrelationProgress", right="site_admin",
    summary="How far correlating is: it is never behind",
)(_absent("No jobs found"))  # fmt: skip


@endpoint(
    "servers", "getWorkers", right="site_admin",
    summary="Workers of background jobs: none, what is asked for is done when it is answered",
)  # fmt: skip
def workers(_call: Call) -> Answer:
    return Answer(["Background jobs not enabled"])


def _worker_action(action: str) -> Callable[[Call], Answer]:
    def refuse(call: Call) -> Answer:
        raise SaveFailed(action, "Server", NO_JOBS, f"/servers/{action}", call.arg(0) or None)

    return refuse


for _action in (
    "startWorker", "stopWorker", "restartWorkers", "restartDeadWorkers", "killAllWorkers",
):  # fmt: skip
    endpoint(
        "servers", _action, methods=WRITE, right="site_admin", changes=True,
        summary="Workers of background jobs: none to start or stop",
    )(_worker_action(_action))  # fmt: skip


@endpoint(
    "servers", "update", methods=WRITE, right="site_admin", changes=True,
    summary="Updates the program: not from here",
)  # fmt: skip
def update(_call: Call) -> Answer:
    text = "A node is updated with its package and `brug upgrade`; nothing was changed."
    raise SaveFailed("update", "Server", text, "/servers/update")


@endpoint(
    "events", "pushEventToZMQ", methods=WRITE, right="publish_zmq", changes=True,
    summary="Sends an event to ZeroMQ: the node has none",
)  # fmt: skip
def push_to_zmq(call: Call) -> Answer:
    text = "This node has no ZeroMQ: nothing was sent."
    url = "/events/pushEventToZMQ"
    raise SaveFailed("pushEventToZMQ", "Event", text, url, call.arg(0) or None)
