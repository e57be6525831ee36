"""Refusals: every way this product says no, each with the HTTP status it becomes at a door.

A service raises one of these; doors translate. Nothing is refused in silence.
"""

from collections.abc import Sequence


class Refusal(Exception):
    """A request that is understood and not done. ``code`` is for machines, ``message`` for people."""

    status = 400
    code = "refused"

    def __init__(self, message: str, *, field: str | None = None, missing: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.missing = tuple(missing)


class Invalid(Refusal):
    """A value breaks a rule; the message names field, value and rule."""

    status = 422
    code = "invalid"


class AccessDenied(Refusal):
    """The caller's role may not do this in its own clinic."""

    status = 403
    code = "forbidden"


class NotFound(Refusal):
    """No such thing in the caller's clinic: another clinic's id and an unknown one answer alike."""

    status = 404
    code = "not_found"

    def __init__(self, message: str = "Not found.") -> None:
        super().__init__(message)


class NotAllowed(Refusal):
    """The state does not allow the act; ``missing`` names what would."""

    status = 409
    code = "not_allowed"


class Conflict(Refusal):
    """The same id with another body, or a chair already taken."""

    status = 409
    code = "conflict"


class TryLater(Refusal):
    """Nothing was stored; the same call may be sent again."""

    status = 503
    code = "try_later"
