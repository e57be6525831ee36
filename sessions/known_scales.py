"""All scales this installation has: those that ship, and those that plug-ins bring.

A plug-in is an entry point of the group ``vigil.scales`` that names a ``Scale`` or several. A row that cannot
be used, or takes the code of another, stops the start and is named: a scale is never half there.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import entry_points
from types import MappingProxyType

from sessions.scales import Scale, faults
from sessions.shipped_scales import SCALES

GROUP = "vigil.scales"


class ScaleRefused(Exception):
    """A plug-in's row cannot be used; the message names plug-in, scale and what is wrong."""


@lru_cache(maxsize=1)
def scales() -> Mapping[str, Scale]:
    """Every scale by its code, those that ship first. raises: ScaleRefused."""
    known = {scale.code: scale for scale in SCALES}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        for scale in _rows(point.name, point.load()):
            if scale.code in known:
                raise ScaleRefused(f"Plug-in “{point.name}”: the code “{scale.code}” is taken.")
            known[scale.code] = scale
    return MappingProxyType(known)


def _rows(name: str, brought: Scale | Iterable[Scale]) -> tuple[Scale, ...]:
    rows = (brought,) if isinstance(brought, Scale) else tuple(brought)
    for row in rows:
        if not isinstance(row, Scale):
            raise ScaleRefused(f"Plug-in “{name}” brings {type(row).__name__}, which is no Scale.")
        if wrong := faults(row):
            raise ScaleRefused(f"Plug-in “{name}”, scale “{row.code}”: {'; '.join(wrong)}.")
    return rows
