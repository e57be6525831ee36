"""Tables as CSV files that a spreadsheet opens without running what a cell holds."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from reports.spreadsheets import disarmed


def cell(value: object) -> object:
    """Text that would be taken for a formula is disarmed; numbers stay numbers."""
    return disarmed(value) if isinstance(value, str) else value


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """The table as a file to keep, in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return HttpResponse(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
