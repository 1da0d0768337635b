# SPDX-License-Identifier: EUPL-1.2
"""Whoever a request, job or command acts for."""

import time

import msgspec

# The use of a key or a web session is noted again after this long.
NOTED_SECONDS = 60


class Principal(msgspec.Struct, frozen=True):
    """A user of this node, as the database knows it when the session begins.

    `rights` are MISP's permission flags without their prefix (`site_admin`, `add`,
    `modify_org`, `publish`, `sync`, ...) and Brug's own. `key_id` is set where an API key
    carried the request, `csrf` where a web session did. Times are seconds since 1970; a
    key's expiration of 0 is never. `rate_limit` is how many searches the role allows in
    `security.rate_limit_seconds` (0: any number); of whom is `monitored`, each request is
    put on record. `former_orgs` are the UUIDs of organisations that became part of theirs.
    `misp_bridge` is the bridge to a MISP server that the account is bound to.
    """

    user_id: int
    email: str
    org_id: int
    org_uuid: str
    org_name: str
    org_local: bool
    role_id: int
    role_name: str
    rights: frozenset[str]
    language: str = "en"
    theme: str = "auto"
    timezone: str | None = None
    disabled: bool = False
    expiration: float | None = None
    change_pw: bool = False
    monitored: bool = False
    rate_limit: int = 0
    host_org_id: int | None = None
    csrf: str | None = None
    key_id: int | None = None
    read_only: bool = False
    allowed_ips: tuple[str, ...] | None = None
    key_expiration: int = 0
    key_last_used: int = 0
    host_org_name: str | None = None
    former_orgs: tuple[str, ...] = ()
    session_seen: float = 0
    misp_bridge: int | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the account, or the key that was used, holds no longer."""
        ends = (self.expiration, self.key_expiration or None)
        return self.disabled or any(end is not None and end < time.time() for end in ends)

    @property
    def key_stale(self) -> bool:
        """Whether it is time to note again that the key was used."""
        return self.key_id is not None and self.key_last_used < time.time() - NOTED_SECONDS

    @property
    def session_stale(self) -> bool:
        """Whether it is time to count the idle time of the web session anew."""
        return self.session_seen < time.time() - NOTED_SECONDS

    def may(self, right: str) -> bool:
        """Whether the role carries a right, and the key does not take it away."""
        return right in self.rights and not (self.read_only and right in CHANGING)

    @property
    def is_site_admin(self) -> bool:
        return "site_admin" in self.rights

    @property
    def is_host(self) -> bool:
        """Whether it belongs to the organisation that runs this node."""
        return self.org_id == self.host_org_id


# What a read-only key never may, whatever its user's role.
CHANGING = frozenset(
    {
        "add", "modify", "modify_org", "publish", "admin", "tagger", "tag_editor", "sighting",
        "sharing_group", "delegate", "galaxy_editor", "object_template", "analyst_data", "sync",
        "regexp_access", "template", "decaying", "warninglist",
    }
)  # fmt: skip
