# SPDX-License-Identifier: EUPL-1.2
"""What can go wrong, said twice.

`str(error)` is for the operator; `public` is what the other side of the wire may
read: fixed per class, or composed only of what that side sent or may know. `code` is for
machines and documentation. One place turns these into HTTP answers
(`brug.edge.answers`) and one into exit codes (`brug.cli.app`).
"""

# Whatever was sent in these is never said again, neither to the sender nor to a log.
SECRET_FIELDS = frozenset({"password", "confirm_password", "current_password", "authkey"})


class BrugError(Exception):
    """The root of all errors that Brug raises on purpose."""

    code = "error"
    public = "Something went wrong. The error number leads the operator to the cause."
    status = 500
    exit_code = 1
    place = ""  # of what it is about, in a list of several

    @property
    def logged(self) -> str:
        """What the log of requests says: without what was sent, which may be of what is sealed."""
        return str(self)


class NotFound(BrugError):
    """Absent, or hidden from this principal: the two are never told apart."""

    code = "not_found"
    public = "There is no such item, or you may not see it."
    status = 404


class Forbidden(BrugError):
    """The principal may see the thing but not do this with it."""

    code = "forbidden"
    public = "You do not have permission to do this."
    status = 403


class Unauthenticated(BrugError):
    """No principal could be made of what the request carried."""

    code = "unauthenticated"
    public = "Sign in, or send a valid key."
    status = 403


class Invalid(BrugError):
    """The input does not fit: names the field and what was expected there."""

    code = "invalid"
    status = 400
    exit_code = 2

    def __init__(self, field: str, expected: str, start: str = "") -> None:
        """`start` is the beginning of what was sent; it is shown back, so only that."""
        shown = f" (got {start[:60]!r})" if start and field not in SECRET_FIELDS else ""
        super().__init__(f"{field}: expected {expected}{shown}")
        self.field = field
        self.expected = expected
        self.public = f"{field}: expected {expected}{shown}"

    @property
    def logged(self) -> str:
        return f"{self.field}: expected {self.expected}"


class Conflict(BrugError):
    """The item changed, or exists already, and both can not hold."""

    code = "conflict"
    public = "This was changed or exists already."
    status = 409


class TooLarge(BrugError):
    """A limit was exceeded; the message names the setting that holds it."""

    code = "too_large"
    status = 413

    def __init__(self, what: str, limit: int, setting: str) -> None:
        self.public = f"{what} is over the limit of {limit} (setting {setting})."
        super().__init__(self.public)


class TooManyRequests(BrugError):
    """Asked too often; try again later."""

    code = "too_many_requests"
    public = "Too many attempts. Wait a minute and try again."
    status = 429


class Unavailable(BrugError):
    """A component that the request needs does not answer now."""

    code = "unavailable"
    public = "This is not available at the moment. Try again later."
    status = 503
