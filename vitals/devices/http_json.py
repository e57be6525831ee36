"""A monitor or gateway that answers GET with its last measurements as JSON.

    {"readings": [{"id": "<uuid>", "measured_at": "2026-11-23T15:40:00Z", "systolic": 142,
                   "temperature": {"value": 36.8, "unit": "Cel"}, …}, …]}

A value is a number in the vital's own unit, or an object that names its unit; null is not measured. What is
not exactly this is refused with its reason: a number misread in silence is worse than one missing.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

import httpx
import msgspec
from django.conf import settings

from vitals.devices.driver import MonitorAddress, MonitorUnreachable, MonitorUnreadable
from vitals.devices.network import AddressRefused, Endpoint, checked
from vitals.measured import Measured
from vitals.vital import ABOUT, FIELDS, Vital, tidy

TIMEOUT_S = 2.0
LARGEST_ANSWER_BYTES = 256 * 1024
MOST_READINGS = 1000
# no vital of any unit comes near it; also stops numbers too long for a float
LARGEST_NUMBER = 1e6

PRESSURE_UNITS = frozenset({"mm[Hg]", "mmHg"})
RATE_UNITS = frozenset({"/min", "{beats}/min", "{breaths}/min", "1/min", "bpm"})
# unit spellings that mean exactly the vital's own unit; nothing is converted
SPELLINGS: dict[str, frozenset[str]] = {
    "mm[Hg]": PRESSURE_UNITS,
    "/min": RATE_UNITS,
    "%": frozenset({"%"}),
    "Cel": frozenset({"Cel", "°C"}),
    "{score}": frozenset({"{score}"}),
}


@dataclass(frozen=True, slots=True)
class FieldMap:
    """How one make of monitor names things.

    vitals:  its name → ours.
    ignored: names that carry no vital and may stand in a reading.
    """

    readings: str = "readings"
    id: str = "id"
    measured_at: str = "measured_at"
    vitals: Mapping[str, str] = field(default_factory=lambda: {name: name for name in FIELDS})
    ignored: frozenset[str] = frozenset()


class _EntryError(Exception):
    """One reading that cannot be read, and why."""


def read(
    address: MonitorAddress, timeout_s: float = TIMEOUT_S, *, field_map: FieldMap | None = None
) -> list[Measured]:
    """Ask the monitor once; see `driver.Driver` for the answer and the refusals."""
    raw = _fetch(address, timeout_s)
    return _parse(raw, field_map or FieldMap())


@cache
def _transport() -> httpx.HTTPTransport:
    """One pool of connections for all monitors of a process.

    The bare transport follows no redirect, keeps no cookie and looks at no proxy variable; and it saves the
    building of a TLS context at every poll.
    """
    return httpx.HTTPTransport(limits=httpx.Limits(max_connections=64, keepalive_expiry=60.0))


def _fetch(address: MonitorAddress, timeout_s: float) -> bytes:
    try:
        endpoint = checked(address.url, settings.MONITOR_NETWORKS)
    except AddressRefused as refusal:
        raise MonitorUnreachable(refusal.reason) from None
    deadline = time.monotonic() + timeout_s
    try:
        response = _transport().handle_request(_request(endpoint, address.token, timeout_s))
        try:
            _check_head(response)
            return _body(response, deadline, timeout_s)
        finally:
            response.close()
    except httpx.TimeoutException:
        raise MonitorUnreachable(f"no answer within {timeout_s:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise MonitorUnreachable(f"no answer: {error or type(error).__name__}") from error


def _request(endpoint: Endpoint, token: str, timeout_s: float) -> httpx.Request:
    # identity: a small compressed answer could unfold to a huge one
    headers = {"Host": endpoint.host_header, "Accept": "application/json", "Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    timeouts = httpx.Timeout(timeout_s).as_dict()
    return httpx.Request(
        "GET",
        endpoint.url,
        headers=headers,
        extensions={"timeout": timeouts, "sni_hostname": endpoint.host},
    )


def _check_head(response: httpx.Response) -> None:
    if response.is_redirect:
        raise MonitorUnreachable(f"answered {response.status_code}, a redirect, which is not followed")
    if response.status_code != httpx.codes.OK:
        raise MonitorUnreachable(f"answered {response.status_code}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise MonitorUnreachable("answered compressed, unasked")


def _body(response: httpx.Response, deadline: float, timeout_s: float) -> bytes:
    """The body, unless it grows too large or trickles past the deadline."""
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            raise MonitorUnreadable(
                f"answer is larger than {LARGEST_ANSWER_BYTES} bytes", bytes(body[:LARGEST_ANSWER_BYTES])
            )
        if time.monotonic() > deadline:
            raise MonitorUnreachable(f"answer not complete within {timeout_s:g} s")
    return bytes(body)


def _parse(raw: bytes, names: FieldMap) -> list[Measured]:
    try:
        # msgspec is strict: NaN and Infinity are no JSON
        answer = msgspec.json.decode(raw, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MonitorUnreadable(f"not a JSON object: {error}", raw) from error
    entries = answer.get(names.readings)
    if not isinstance(entries, list):
        raise MonitorUnreadable(f"{names.readings}: a list is needed", raw)
    if len(entries) > MOST_READINGS:
        raise MonitorUnreadable(f"{names.readings}: more than {MOST_READINGS}", raw)
    readable: list[Measured] = []
    refused: list[str] = []
    for index, entry in enumerate(entries):
        try:
            readable.append(_measured(entry, names))
        except _EntryError as error:
            refused.append(f"reading {index}: {error}")
    if refused:
        raise MonitorUnreadable("; ".join(refused[:10]), raw, readable)
    return readable


def _measured(entry: object, names: FieldMap) -> Measured:
    if not isinstance(entry, dict):
        raise _EntryError("an object is needed")
    known = {names.id, names.measured_at, *names.vitals, *names.ignored}
    unknown = sorted(name for name in entry if name not in known)
    if unknown:
        raise _EntryError(f"unknown field {unknown[0]}")
    values = {
        ours: _value(theirs, Vital(ours), entry[theirs])
        for theirs, ours in names.vitals.items()
        if entry.get(theirs) is not None
    }
    if not values:
        raise _EntryError("no vital in it")
    return Measured(
        id=_id(names.id, entry.get(names.id)),
        measured_at=_moment(names.measured_at, entry.get(names.measured_at)),
        values=values,
    )


def _value(name: str, vital: Vital, given: object) -> float:
    """A number in the vital's unit."""
    if isinstance(given, dict):
        if set(given) != {"value", "unit"}:
            raise _EntryError(f"{name}: value and unit are needed, and no more")
        unit = ABOUT[vital].ucum
        if not isinstance(given["unit"], str) or given["unit"] not in SPELLINGS[unit]:
            raise _EntryError(f"{name}: unit {given['unit']!r} is not {unit}")
        given = given["value"]
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _EntryError(f"{name}: a number is needed")
    if not -LARGEST_NUMBER < given < LARGEST_NUMBER:
        raise _EntryError(f"{name}: not a number that a monitor shows")
    return tidy(float(given))


def _moment(name: str, given: object) -> datetime:
    if not isinstance(given, str):
        raise _EntryError(f"{name}: a time is needed")
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise _EntryError(f"{name}: {given[:40]!r} is not an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise _EntryError(f"{name}: {given[:40]!r} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise _EntryError(f"{name}: {given[:40]!r} is outside the calendar") from None


def _id(name: str, given: object) -> UUID | None:
    if given is None:
        return None
    try:
        return UUID(given if isinstance(given, str) else "")
    except ValueError:
        raise _EntryError(f"{name}: not a UUID") from None
