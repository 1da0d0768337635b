# SPDX-License-Identifier: EUPL-1.2
"""Small things that people and their pages ask about users: signed in, keys, summaries."""

from typing import Any

from brug.api.misp.directory_refusals import finding
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.user_statistics import PAGES
from brug.directory import accounts
from brug.formats import openpgp
from brug.formats.misp import coercion
from brug.intel import summaries
from brug.model.errors import Invalid
from brug.store import outbox, settings

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
    call.session.execute(
        "UPDATE account SET last_login = extract(epoch FROM now()) WHERE id = current_user_id()"
    )
    return Answer(saved("Login time updated.", "/users/updateLoginTime"))


def _keys(call: Call) -> dict[str, tuple[openpgp.PublicKey, str, str]]:
    """Usable keys of the users that one sees, by fingerprint: nothing is asked elsewhere."""
    found = {}
    for one in accounts.listed(call.session):
        try:
            key = openpgp.read(one.gpgkey) if one.gpgkey else None
        except Invalid:
            continue
        if key is not None:
            found[key.fingerprint.upper()] = (key, one.email, one.gpgkey)
    return found


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
        {"fingerprint": fingerprint, "key_id": fingerprint[-16:], "address": email,
         "uri": f"/users/fetchGpgKey/{fingerprint}"}
        for fingerprint, (_key, email, _text) in _keys(call).items() if wanted in email.lower()
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
    found = _keys(call).get(call.arg(0).upper())
    if found is None:
        raise MispError(404, "No key with given fingerprint found.")
    return Answer(found[2].encode(), media_type="text/plain; charset=UTF-8")


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
    "users", "forgot", methods=("GET", *WRITE), summary="Sends a link for a new password",
    body={"email": "text"},
)  # fmt: skip
def forgot(call: Call) -> Answer:
    """For who holds a key; others ask on the page to sign in."""
    on = settings.get(call.session, "security.password_forgotten")
    if not on or not outbox.is_set_up(call.session):
        raise MispError(403, NO_RESET)
    raise MispError(405, "Ask for a link on the page to sign in.")
