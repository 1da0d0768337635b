# SPDX-License-Identifier: EUPL-1.2
"""Whoever a request, job or command acts for."""

import msgspec


class Principal(msgspec.Struct, frozen=True):
    """A user of this node, as the database knows it at the start of the transaction.

    `rights` are MISP's permission flags without their prefix (`site_admin`, `add`,
    `modify_org`, `publish`, `sync`, ...) and Brug's own. `key_id` is set where an API key
    carried the request, `csrf` where a web session did.
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
    language: str
    theme: str
    timezone: str | None
    disabled: bool
    expired: bool
    key_id: int | None
    read_only: bool
    allowed_ips: tuple[str, ...] | None
    key_expiration: int
    csrf: str | None
    change_pw: bool
    host_org_id: int | None
    # Whether it is time to note again when the key was used.
    key_stale: bool = False
    # How many searches the role allows in `security.rate_limit_seconds`; 0: any number.
    rate_limit: int = 0
    # Whether each request is put on record.
    monitored: bool = False

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
