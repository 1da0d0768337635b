# SPDX-License-Identifier: EUPL-1.2
"""The keys that people encrypt mail to, for site admins. A secret leaves the node by no route."""

from datetime import datetime

import msgspec

from brug.api.cases.table import Call, route
from brug.directory import mail_keys


class MailKey(msgspec.Struct, frozen=True):
    """`is_current`: people shall encrypt to it; `opens`: what is encrypted to it opens here."""

    fingerprint: str
    public: str
    addresses: list[str]
    made: datetime
    expires: datetime
    opens: bool
    is_current: bool


class MailKeys(msgspec.Struct, frozen=True):
    """The newest first."""

    keys: list[MailKey]


@route("GET", "/mail/keys", summary="Keys that mail is encrypted to", answers=(MailKeys,))
def listed(call: Call) -> MailKeys:
    return MailKeys([_key(one) for one in mail_keys.listed(call.session)])


@route("POST", "/mail/keys", summary="Make a new key for mail", answers=(MailKey,), status=201,
       changes=True)  # fmt: skip
def made(call: Call) -> MailKey:
    return _key(mail_keys.replace(call.session))


@route("DELETE", "/mail/keys/{fingerprint}", summary="Destroy the secret of an old key",
       answers=(MailKey,), changes=True)  # fmt: skip
def destroyed(call: Call) -> MailKey:
    return _key(mail_keys.destroy(call.session, call.args["fingerprint"]))


def _key(one: mail_keys.Key) -> MailKey:
    return MailKey(
        one.fingerprint, one.text, one.addresses, one.made, one.expires, one.opens, one.is_current
    )
