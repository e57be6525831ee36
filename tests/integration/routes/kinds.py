"""How a route is tried by people of another clinic. Each room declares its own beside this."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Foreign:
    """A call that names somebody's rows, in path, query or body, as ``{placeholders}``.

    right:    who of the rows' own clinic succeeds with it.
    state:    what the session named is doing; each try gets a session of its own.
    answered: what an outsider who may do such things in her own clinic is told.
    passed_over: ids of others are no fault of the call: it is answered, alike for both, and does nothing.
    told:     what the right person's answer holds, after all outsiders tried.
    """

    method: str
    path: str
    body: Any = None
    right: str = "nurse"
    state: str = "dosing"
    answered: int = 404
    passed_over: bool = False
    told: str = ""


@dataclass(frozen=True)
class Own:
    """A call that names nothing: everybody sees their own clinic alone. ``shows``: a word that is there."""

    path: str
    shows: str
    right: str = "nurse"


@dataclass(frozen=True)
class Open:
    """An address that says nothing of any clinic and asks for nobody's name."""

    method: str
    path: str
    status: int = 200


def act(name: str, state: str = "dosing", right: str = "nurse", **body: Any) -> Foreign:
    return Foreign("POST", f"/api/v1/sessions/{{session}}/{name}/", body, right, state)


Route = Foreign | Own | Open
