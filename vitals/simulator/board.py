"""What the simulator learns of the clinic: the public board, over HTTP, and no more than it needs."""

from datetime import datetime
from uuid import UUID

import httpx
import msgspec

from vitals.simulator.population import Route

PATH = "/api/v1/board/"


class BoardChair(msgspec.Struct, frozen=True):
    name: str


class DueSet(msgspec.Struct, frozen=True):
    """The next set: when it is due and which vitals it still lacks."""

    at: datetime
    closes_at: datetime
    missing: tuple[str, ...] = ()


class OpenSession(msgspec.Struct, frozen=True):
    """One session under way."""

    session: UUID
    chair: BoardChair | None
    route: Route
    dose_started_at: datetime | None = None
    due: DueSet | None = None


class Board(msgspec.Struct, frozen=True):
    sessions: tuple[OpenSession, ...]

    def by_chair(self) -> dict[str, OpenSession]:
        """The open session of each taken chair, by the chair's name."""
        return {entry.chair.name: entry for entry in self.sessions if entry.chair is not None}


class BoardUnavailable(Exception):
    """The board could not be read now; the text says why."""


async def fetch(client: httpx.AsyncClient) -> Board:
    """Read the board once. `client` carries the base URL and the token.

    raises: BoardUnavailable.
    """
    try:
        response = await client.get(PATH)
        response.raise_for_status()
        return msgspec.json.decode(response.content, type=Board)
    except (httpx.HTTPError, msgspec.DecodeError) as error:
        raise BoardUnavailable(str(error) or type(error).__name__) from error
