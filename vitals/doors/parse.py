"""The body of ``POST /api/v1/readings/``, read strictly: no unknown field, no NaN, no time without zone.

One reading that cannot be read never fails another of the same call.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from clinic.refusals import Invalid, Refusal
from vitals.measured import Measured
from vitals.vital import ABOUT, FIELDS, Vital, tidy

MOST_READINGS = 1000
NUL = "\x00"  # PostgreSQL stores no text that holds it
LARGEST_BODY_BYTES = 1_048_576


class TooLarge(Refusal):
    """More than one call takes."""

    status = 413
    code = "too_large"


class NotJson(Refusal):
    """The body is not JSON."""

    status = 415
    code = "not_json"


class Malformed(Refusal):
    """The body is JSON in name only."""

    status = 400
    code = "malformed"


class ReadingBody(msgspec.Struct, forbid_unknown_fields=True):
    """One reading as senders write it: see the API's documentation."""

    measured_at: Annotated[datetime, msgspec.Meta(tz=True)]
    id: UUID | None = None
    session: UUID | None = None
    chair: Annotated[str, msgspec.Meta(max_length=64)] | None = None  # its name or its id
    systolic: float | None = None
    diastolic: float | None = None
    mean: float | None = None
    heart_rate: float | None = None
    respiratory_rate: float | None = None
    spo2: float | None = None
    temperature: float | None = None
    etco2: float | None = None
    sedation: float | None = None
    absent: dict[str, Annotated[str, msgspec.Meta(min_length=1, max_length=120)]] | None = None


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    readings: list[msgspec.Raw]


_one = msgspec.json.Decoder(ReadingBody)
_many = msgspec.json.Decoder(Envelope)
# what the decoder raises on bytes that are no JSON; the last on brackets nested by the thousand
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def check_head(content_type: str, length: int) -> None:
    """Refuse by the head of the call alone. raises: NotJson, TooLarge."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise NotJson(f"Content-Type “{content_type}” is not application/json.")
    if length > LARGEST_BODY_BYTES:
        raise TooLarge(f"The body of {length} bytes is larger than {LARGEST_BODY_BYTES}.")


@dataclass(frozen=True, slots=True)
class Unread:
    """A body, or one reading of it, that could not be read: why, and the bytes as they came."""

    refusal: Refusal
    raw: bytes


def read(body: bytes) -> tuple[list[ReadingBody | Unread], bool]:
    """The readings of a body, each read or refused by itself, and whether it was a single one.

    raises: TooLarge above 1000 readings.
    """
    try:
        if not body.lstrip().startswith(b'{"readings"') and not _is_envelope(body):
            return [_read_one(body)], True
        raws = _readings_of(body)
    except Malformed as refusal:
        return [Unread(refusal, body)], True
    return [_read_one(bytes(raw)) for raw in raws], False


def _is_envelope(body: bytes) -> bool:
    """True for an object with ``readings``, however it is spaced. raises: Malformed when it is no object."""
    try:
        whole = msgspec.json.decode(body)
    except _UNREADABLE as error:
        raise Malformed(f"The body is not JSON: {error}") from error
    if not isinstance(whole, dict):
        raise Malformed("The body is not an object: send one reading, or {“readings”: […]}.")
    return "readings" in whole


def _readings_of(body: bytes) -> list[msgspec.Raw]:
    """The readings of an envelope, unread. raises: Malformed, TooLarge."""
    try:
        raws = _many.decode(body).readings
    except _UNREADABLE as error:
        raise Malformed(f"The body cannot be read: {error}") from error
    if len(raws) > MOST_READINGS:
        raise TooLarge(f"{len(raws)} readings are more than {MOST_READINGS} in one call.")
    if not raws:
        raise Malformed("readings is empty: at least one is needed.")
    return raws


def _read_one(raw: bytes) -> ReadingBody | Unread:
    try:
        body = _one.decode(raw)
    except _UNREADABLE as error:
        return Unread(_explained(raw, str(error)), raw)
    refusal = _refusal_of(body)
    return body if refusal is None else Unread(refusal, raw)


def _refusal_of(body: ReadingBody) -> Invalid | None:
    """What the types cannot say of a reading; None when nothing is wrong."""
    if NUL in (body.chair or ""):
        return Invalid("chair holds a NUL character, which no text may.", field="chair")
    for name, reason in (body.absent or {}).items():
        if name not in FIELDS:
            return Invalid(f"absent names “{name}”, which is not a vital.", field="absent")
        if NUL in reason:
            return Invalid(f"absent: the reason for {name} holds a NUL character.", field="absent")
    if not body.absent and all(getattr(body, name) is None for name in FIELDS):
        return Invalid(f"At least one vital is needed: {', '.join(FIELDS)}.", field="readings")
    return None


_PATH = re.compile(r"`\$\.?([a-z0-9_]+)")
_UNKNOWN = re.compile(r"unknown field `([^`]{1,80})`")
_REQUIRED = re.compile(r"missing required field `([^`]{1,80})`")


def _explained(raw: bytes, words: str) -> Invalid:
    """A parser's error as field, value and rule."""
    if unknown := _UNKNOWN.search(words):
        return Invalid(f"There is no field “{unknown[1]}” in a reading.", field=unknown[1])
    if required := _REQUIRED.search(words):
        return Invalid(f"{required[1]} is needed.", field=required[1])
    path = _PATH.search(words)
    if path is None:
        return Invalid(f"The reading cannot be read: {words}")
    name = path[1]
    value = _value_at(raw, name)
    if name == "measured_at":
        rule = "is not a time with a zone, such as 2026-11-23T10:40:00-05:00"
    elif name in {"id", "session"}:
        rule = "is not a UUID"
    elif name in FIELDS:
        return Invalid(f"{ABOUT[Vital(name)].label} {value!r} is not a number.", field=name)
    else:
        rule = f"is not as it should be: {words}"
    return Invalid(f"{name} {value!r} {rule}.", field=name)


def _value_at(raw: bytes, name: str) -> Any:
    try:
        return msgspec.json.decode(raw).get(name)
    except (*_UNREADABLE, AttributeError):
        return None


def measured(body: ReadingBody) -> Measured:
    """The reading a body describes, its values as they will be stored."""
    values = {name: tidy(value) for name in FIELDS if (value := getattr(body, name)) is not None}
    return Measured(body.id, body.measured_at, values, body.absent or {})
