"""Every page there is, one table a room. A page of a new room gets a file beside these."""

import importlib
import pkgutil
from collections.abc import Iterator

from django.urls import URLResolver, get_resolver

from tests.journeys.pages.kinds import Look, Seen

_ROOMS = [
    importlib.import_module(f"{__name__}.{found.name}")
    for found in pkgutil.iter_modules(__path__)
    if found.name != "kinds"
]


def table() -> dict[str, list[Look]]:
    """The tables of all rooms, as one: {route: how it is looked at}."""
    whole: dict[str, list[Look]] = {}
    for room in _ROOMS:
        for route, looks in room.TABLE.items():
            whole.setdefault(route, []).extend(looks)
    return whole


def seen() -> list[Seen]:
    """All pages that are drawn."""
    return [look for looks in table().values() for look in looks if isinstance(look, Seen)]


def routes() -> set[str]:
    """Every route of the resolver that may answer a browser with a page."""
    return {route for route in _walk(get_resolver(), "") if not route.startswith("api/")}


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route)
        else:
            yield route
