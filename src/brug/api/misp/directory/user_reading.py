# SPDX-License-Identifier: EUPL-1.2
"""Small things that people and their pages ask about users: signed in, keys, summaries."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from brug.api.misp.directory.directory_refusals import finding
from brug.api.misp.directory.user_statistics import PAGES
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, saved
from brug.directory import accounts, password_links
from brug.directory.accounts import Account
from brug.edge.admission import NoKey
from brug.formats import openpgp
from brug.formats.misp import coercion
from brug.intel.counting import summaries
from brug.model.errors import Invalid
from brug.store import audit

NO_TERMS = "MISP Terms and Conditions are not defined"
NO_RESET = "Password reset has been disabled on this instance."


@endpoint("users", "checkIfLoggedIn", summary="OK for who is signed in")
def check_if_logged_in(_call: Call) -> Answer:
    return Answer(b"OK", media_type="text/html; charset=UTF-8")


@endpoint(
    "users", "histogram", shows=("directory", "attribute"),
    probes=(("GET", "/users/histogram", None),), summary="Attributes by organisation and type",
)  # fmt: skip
def histogram(call: Call) -> Answer:
    return Answer(PAGES["attributehistogram"](call.session))


@endpoint(
    "users", "tagStatisticsGraph", shows=("tag",),
    probes=(("GET", "/users/tagStatisticsGraph", None),), summary="How often tags are used",
)  # fmt: skip
def tag_statistics(call: Call) -> Answer:
    return Answer(PAGES["tags"](call.session))


@endpoint("users", "terms", "downloadTerms", summary="This node has no terms to show")
def terms(_call: Call) -> Answer:
    raise MispError(404, NO_TERMS)


@endpoint(
    "users", "updateLoginTime", methods=WRITE, changes=True, shows=("own",),
    summary="Notes that one is here",
)  # fmt: skip
def update_login_time(call: Call) -> Answer:
    accounts.note_presence(call.session)
    return Answer(saved("Login time updated.", "/users/updateLoginTime"))


def _keys(call: Call, email: str = "") -> Iterator[tuple[str, Account]]:
    """The fingerprints of usable keys of users that one sees; nothing is asked elsewhere."""
    for one in accounts.listed(call.session):
        if one.gpgkey and email in one.email.lower():
            with suppress(Invalid):
                yield openpgp.read(one.gpgkey).fingerprint.upper(), one


@endpoint(
    "users", "searchGpgKey", shows=("directory",),
    summary="OpenPGP keys of the users that one sees, by e-mail address",
)  # fmt: skip
def search_key(call: Call) -> Answer:
    asked: dict[str, Any] = {**call.query, **call.named, **call.data("User")}
    wanted = (call.arg(0) or coercion.text("email", asked.get("email"))).lower()
    if not wanted:
        raise MispError(404, "No email provided.")
    rows = [
        {"fingerprint": fingerprint, "key_id": fingerprint[-16:], "address": one.email,
         "uri": f"/users/fetchGpgKey/{fingerprint}"}
        for fingerprint, one in _keys(call, wanted)
    ]  # fmt: skip
    if not rows:
        raise MispError(404, "No keys found for given email at keyserver.")
    return Answer(rows)


@endpoint(
    "users", "fetchGpgKey", shows=("directory",),
    summary="An OpenPGP key of a user that one sees, by fingerprint",
)  # fmt: skip
def fetch_key(call: Call) -> Answer:
    if not call.arg(0):
        raise MispError(404, "No fingerprint provided.")
    wanted = call.arg(0).upper()
    found = next((one for fingerprint, one in _keys(call) if fingerprint == wanted), None)
    if found is None:
        raise MispError(404, "No key with given fingerprint found.")
    return Answer(found.gpgkey.encode(), media_type="text/plain; charset=UTF-8")


@endpoint(
    "users", "viewPeriodicSummary", shows=("event", "tag"),
    probes=(("GET", "/users/viewPeriodicSummary/monthly", None),),
    summary="What was published in a period (daily, weekly, monthly), as far as one sees it",
)  # fmt: skip
def view_summary(call: Call) -> Answer:
    with finding(404, "Invalid period."):
        found = summaries.of(call.session, call.arg(0, "daily"))
    return Answer(
        {
            "period": found.period,
            "since": str(found.since),
            "until": str(found.until),
            "event_count": str(found.event_count),
            "attribute_count": str(found.attribute_count),
            "tags": [{"name": name, "count": str(count)} for name, count in found.tags],
            "events": [
                {
                    "id": str(one.head.id), "uuid": one.head.uuid, "info": one.head.info,
                    "date": one.head.date, "orgc": one.orgc.name,
                    "publish_timestamp": str(one.head.publish_timestamp),
                    "Tag": [{"name": tag.name} for tag in one.tags],
                }
                for one in found.events
            ],
        }
    )  # fmt: skip


@endpoint(
    "users", "forgot", methods=("GET", *WRITE), changes=True, anonymous=True,
    summary="For who holds no key: sends a link for a new password, if the address has an account",
    body={"email": "text"},
)  # fmt: skip
def forgot(call: Call) -> Answer:
    stranger = call.principal.key_id is None
    if not password_links.are_sent(call.session):
        raise MispError(403, NoKey.public if stranger else NO_RESET)
    if not stranger or call.method == "GET":
        raise MispError(405, "Ask without a key, by POST.")
    email = coercion.text("email", call.data("User").get("email"))
    password_links.ask(call.session, email, audit.address(call.session))
    text = "If this address has an account, a link is on its way to it."
    return Answer(saved(text, "/users/forgot"))
