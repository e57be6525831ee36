"""Tables as CSV: the one writer, for files that people keep and that spreadsheets open.

Every table has a fixed order of columns. A time stands twice: ISO 8601 in UTC, and beside it as the clinic's
clocks showed it, for the hour that an autumn night has twice is told apart only by the first.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from reports.spreadsheets import disarmed

# some spreadsheets take a file for UTF-8 only when it begins with this
BYTE_ORDER_MARK = "\ufeff".encode()
ROWS_AT_A_TIME = 500


def moment(name: str) -> tuple[str, str]:
    """The two columns of a time."""
    return name, f"{name}, local"


def times(at: datetime | None, zone: ZoneInfo) -> tuple[str, str]:
    """The two cells of a time; both empty for none."""
    if at is None:
        return "", ""
    return at.astimezone(UTC).isoformat(), f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def cell(value: object) -> object:
    """A value as it is written: text disarmed, numbers as numbers, what holds more than one as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return disarmed(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
    return disarmed(value) if isinstance(value, str) else value


def chunks(head: Sequence[str], rows: Iterable[Sequence[object]], *, bom: bool = False) -> Iterator[bytes]:
    """The table in UTF-8, some rows at a time, so that a long one is never whole in memory."""
    if bom:
        yield BYTE_ORDER_MARK
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if number % ROWS_AT_A_TIME == 0:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    """What was written so far; the buffer is empty after."""
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written
