"""XLSX: a workbook with one sheet per table, a sheet about it all, and one that tells what each column is.

Numbers, days and the clinic's own times are typed. Texts are string cells with the format of text, so that no
sheet takes one for a formula, also not after somebody edits it. Written row by row: memory stays flat.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.exports import about
from reports.exports.columns import Kind, Table
from reports.exports.rendering import Cell
from reports.exports.taking import Taken

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# of one sheet, its head included; and of one cell, in units of UTF-16: Excel's own bounds
MOST_ROWS = 1_048_576
MOST_OF_A_TEXT = 32_767
CUT = " [cut]"
# Excel knows no day before it
_FIRST_DAY = date(1900, 1, 1)
# the lease is renewed so often, some seconds apart
_ROWS_AT_A_TIME = 10_000
_BYTES_AT_A_TIME = 1 << 20
_NOTES = (
    "The sheet Dictionary tells what each column is.",
    "UTC times are text in ISO 8601, the clinic's own are dates of Excel. Texts are cells of text, so that"
    " none is run as a formula.",
    f"A text too long for a cell ({MOST_OF_A_TEXT} characters) is cut and ends in “{CUT.strip()}”; CSV and"
    " Parquet have it whole.",
)
_WIDTHS = {
    Kind.TEXT: 30,
    Kind.CODE: 16,
    Kind.ID: 37,
    Kind.INTEGER: 10,
    Kind.NUMBER: 10,
    Kind.YES_NO: 10,
    Kind.DAY: 11,
    Kind.MOMENT: 27,
    Kind.JSON: 40,
}

Done = Callable[[int], None]


def write(taken: Taken, out: Path, done: Done) -> None:
    """Write the workbook."""
    with io.BufferedWriter(_Told(out, done), _BYTES_AT_A_TIME) as file:
        book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "tmpdir": str(out.parent),
                "use_zip64": True,
                # only ``write`` would guess, and nothing here calls it; these say so to the next hand
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        try:
            _fill(book, taken, done)
            book.close()
        except BaseException:
            # what is written so far goes with the folder; its files must be closed
            for sheet in book.worksheets():
                sheet._opt_close()
            raise


def _fill(book: Workbook, taken: Taken, done: Done) -> None:
    # the only time in the bytes
    created = taken.plan.taken_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": "Export of the treatment record", "created": created})
    sheets = {table.name: _sheet_names(table, taken.plan.rows[table.name]) for table in taken.tables}
    looks = _Looks(book)
    _write_about(book, taken, {table: ", ".join(names) for table, names in sheets.items()})
    _write_dictionary(book, looks, taken)
    for table in taken.tables:
        rows = taken.texts(table)
        for name in sheets[table.name]:
            sheet = book.add_worksheet(name, _Sheet)
            sheet.done = done
            _write_sheet(sheet, looks, taken.cells(table), rows, done)


class _Told(io.FileIO):
    """The file, telling of each piece: packing a workbook takes long, and no row is written meanwhile."""

    def __init__(self, path: Path, done: Done) -> None:
        super().__init__(path, "wb")
        self._done = done

    def write(self, data: "ReadableBuffer", /) -> int:
        self._done(0)
        return super().write(data)


class _Sheet(Worksheet):  # type: ignore[misc]  # it has no types
    """A sheet, telling before it is put together, which is some seconds' copying."""

    done: Done

    def _assemble_xml_file(self) -> None:
        self.done(0)
        super()._assemble_xml_file()


class _Looks:
    def __init__(self, book: Workbook) -> None:
        self.head: Format = book.add_format({"bold": True, "bg_color": "#E8EEF2", "bottom": 1})
        self.text: Format = book.add_format({"num_format": "@"})
        self.day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})


def _sheet_names(table: Table, rows: int) -> list[str]:
    sheets = max(1, -(-rows // (MOST_ROWS - 1)))
    return [table.name] if sheets == 1 else [f"{table.name} {number}" for number in range(1, sheets + 1)]


def _write_about(book: Workbook, taken: Taken, names: dict[str, str]) -> None:
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 120, book.add_format({"text_wrap": True, "valign": "top"}))
    title = book.add_format({"bold": True, "font_size": 14})
    for number, line in enumerate(about.readme(taken, names, _NOTES).splitlines()):
        if line:
            sheet.write_string(number, 0, line, *([] if number else [title]))


def _write_dictionary(book: Workbook, looks: _Looks, taken: Taken) -> None:
    sheet = book.add_worksheet("Dictionary")
    sheet.freeze_panes(1, 0)
    for column, width in enumerate((20, 26, 36, 10, 70, 42)):
        sheet.set_column(column, column, width)
    for number, row in enumerate(about.dictionary(taken)):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text, *([] if number else [looks.head]))


def _write_sheet(
    sheet: Worksheet, looks: _Looks, cells: Sequence[Cell], rows: Iterator[list[str]], done: Done
) -> None:
    """Write a head and as many rows as the sheet takes."""
    sheet.freeze_panes(1, 0)
    writers = [_writer(sheet, looks, cell) for cell in cells]
    for column, cell in enumerate(cells):
        width = 19 if cell.is_local else _WIDTHS[cell.kind]
        sheet.set_column(column, column, max(width, len(cell.head) + 2))
        sheet.write_string(0, column, cell.head, looks.head)
    number = written = 0
    for number, row in enumerate(islice(rows, MOST_ROWS - 1), 1):
        for column, text in enumerate(row):
            if text:
                writers[column](number, column, text)
        if number - written == _ROWS_AT_A_TIME:
            done(_ROWS_AT_A_TIME)
            written = number
    done(number - written)


def _writer(sheet: Worksheet, looks: _Looks, cell: Cell) -> Callable[[int, int, str], object]:
    """What writes one cell of this column."""

    def text(row: int, column: int, value: str) -> None:
        value = fitting(value)
        if value.startswith("<r>") and value.endswith("</r>"):
            # xlsxwriter takes such a text for its own markup, and puts it into the sheet as it is
            sheet.write_rich_string(row, column, value[:1], value[1:-1], value[-1:], looks.text)
        else:
            sheet.write_string(row, column, value, looks.text)

    def number(row: int, column: int, value: str) -> None:
        sheet.write_number(row, column, float(value))

    def yes_no(row: int, column: int, value: str) -> None:
        sheet.write_boolean(row, column, value == "true")

    def day(row: int, column: int, value: str) -> None:
        of_day = date.fromisoformat(value)
        if of_day < _FIRST_DAY:
            text(row, column, value)
        else:
            sheet.write_datetime(row, column, datetime.combine(of_day, datetime.min.time()), looks.day)

    def moment(row: int, column: int, value: str) -> None:
        sheet.write_datetime(row, column, datetime.fromisoformat(value), looks.moment)

    if cell.is_local:
        return moment
    return {Kind.INTEGER: number, Kind.NUMBER: number, Kind.YES_NO: yes_no, Kind.DAY: day}.get(
        cell.kind, text
    )


def fitting(text: str) -> str:
    """The text, cut when a cell could not hold it."""
    if len(text) <= MOST_OF_A_TEXT // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) // 2 <= MOST_OF_A_TEXT:
        return text
    # half a pair of units at the cut goes
    kept = units[: (MOST_OF_A_TEXT - len(CUT)) * 2].decode("utf-16-le", errors="ignore")
    return f"{kept}{CUT}"
