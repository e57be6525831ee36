"""How a page is looked at. Each room declares its own beside this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Opener = Callable[[Any], object]


@dataclass(frozen=True)
class Seen:
    """A page that is drawn, by its address with ``{placeholders}``.

    who:    who is signed in: somebody of the demo's staff or "nobody"; "room" for a patient's own screen,
            "wall" for one on the wall.
    ready:  what is there once the page is drawn.
    status: what it answers.
    opens:  what else can be opened on it, and how; the first word is the dialog's class or id. Sheets that
            stand in the page (``popover``) are found by themselves.
    """

    path: str
    who: str = "nurse"
    ready: str = "h1"
    status: int = 200
    opens: Mapping[str, Opener] = field(default_factory=dict)


@dataclass(frozen=True)
class NotDrawn:
    """An address that answers with no page of ours. ``why`` is for the reader; that it holds is tried."""

    path: str
    why: str
    who: str = "nurse"


Look = Seen | NotDrawn
