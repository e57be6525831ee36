"""Tables as CSV files to keep, written by the reports' one writer."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from reports import csv_table


def answer(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """The table as a file to keep, in UTF-8."""
    return HttpResponse(
        b"".join(csv_table.chunks(head, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
