"""Pages of long lists: where the next one begins is a moment and an id, so rows that come meanwhile move
nothing.
"""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from rest_framework.request import Request

from clinic.refusals import Invalid
from vitals.api import words

PAGE = 500


def after(text: str | None) -> tuple[datetime, UUID] | None:
    """The last row of the page before, as ``next`` names it. raises: Invalid."""
    if not text:
        return None
    at, _, id_ = text.partition("|")
    moment = words.moment(at, "after")
    try:
        return (moment, UUID(id_)) if moment else None
    except ValueError as error:
        raise Invalid(f"after “{text}” is not of this list.", field="after") from error


def next_page(request: Request, at: datetime, id_: UUID) -> str:
    asked = request.query_params.dict() | {"after": f"{at.isoformat()}|{id_}"}
    return f"{request.build_absolute_uri(request.path)}?{urlencode(asked)}"
