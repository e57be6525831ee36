"""The small parts of which resources are made, and what every resource has. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

# a row of a table by column name; a column that a limited export leaves out is missing
Row = Mapping[str, Any]
Json = dict[str, Any]

# what is called by a name alone gets its id of the name
_NAMED = uuid5(NAMESPACE_URL, "vigil/fhir")
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
UCUM = "http://unitsofmeasure.org"
ABSENT_EXTENSION = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

# R4 takes a space, tab and line ends, but no other white space, and no control characters
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_WHITE = re.compile(r"[^\S \t\r\n]")


class Told(NamedTuple):
    """One version of one resource; ``newest`` is the one that counts."""

    resource: Json
    newest: bool = True


def resource(
    type_: str, id_: object, *, at: datetime | None = None, version: int = 1, **elements: Any
) -> Json:
    """A resource without the elements that are empty.

    at: when this version of it came to be, where the record says so.
    """
    meta = {"versionId": str(version), **_kept({"lastUpdated": instant(at)}), **elements.pop("meta", {})}
    return {"resourceType": type_, "id": str(id_), "meta": meta, **_kept(elements)}


def _kept(elements: Mapping[str, Any]) -> Json:
    return {
        # ``class`` is no name in Python
        name.rstrip("_"): value
        for name, value in elements.items()
        if value is not None and value != [] and value != {}
    }


def parts(**elements: Any) -> Json:
    """An element without its empty parts."""
    return _kept(elements)


def text(words: object) -> str | None:
    """Words as FHIR can carry them; None when nothing is left. Other white space becomes a space."""
    if words is None:
        return None
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _WHITE.sub(" ", str(words))).strip() or None


def instant(at: datetime | None) -> str | None:
    """A moment with its zone."""
    return None if at is None else at.isoformat()


def day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def period(start: datetime, end: datetime | None) -> Json:
    """An end before the start, as late readings leave one, cannot be told in FHIR and is left out."""
    return parts(start=instant(start), end=None if end is None or end < start else instant(end))


def reference(type_: str, id_: object, display: object = None) -> Json:
    return parts(reference=f"{type_}/{id_}", display=text(display))


def quantity(value: float, ucum: str, unit: str = "") -> Json:
    return {"value": value, "unit": unit or ucum, "system": UCUM, "code": ucum}


def coding(system: str, code: str, display: str | None = None) -> Json:
    return parts(system=system, code=code, display=display)


def concept(words: object = None, *codings: Json) -> Json:
    return parts(coding=list(codings), text=text(words))


def note(words: object, at: datetime | None = None) -> list[Json]:
    """An annotation in a list, or an empty list."""
    said = text(words)
    return [parts(time=instant(at), text=said)] if said else []


def named(kind: str, name: str) -> UUID:
    """The id of what is known by its name alone: the same in every export."""
    return uuid5(_NAMED, f"{kind}:{name}")


def key(id_: object) -> list[Json]:
    """The key that the record and the other forms of an export know it by."""
    return [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{id_}"}]


def absent(reason: str) -> list[Json]:
    """The extension that says why an element has no value. reason: a code of data-absent-reason."""
    return [{"url": ABSENT_EXTENSION, "valueCode": reason}]
