"""XLSX: a workbook with one sheet per table, a sheet about it all, and one that tells what each column is.

Numbers, days and the clinic's own times are typed. Texts are string cells with the format of text, so that no
sheet takes one for a formula, also not after somebody edits it.

The book is xlsxwriter's. The rows of a table are written here, straight from the text that the database wrote
into the sheet's file: ten times as fast as cell by cell, and in flat memory.
"""

import io
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
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
# Excel counts days from here; it takes 1900 for a leap year, so that what lies before March is another count
_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001  # a sheet knows no zones
_FIRST_DAY = date(1900, 3, 1)
_A_DAY = timedelta(days=1)
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
# a cell's address and its text to its XML
Writer = Callable[[str, str], str]


def write(taken: Taken, out: Path, done: Done) -> None:
    """Write the workbook; its sheets lie beside it, unpacked, until it is put together."""
    told = _Told(out, done)
    with io.BufferedWriter(told, _BYTES_AT_A_TIME) as file:
        book = xlsxwriter.Workbook(file, {"tmpdir": str(out.parent), "use_zip64": True})
        try:
            _fill(book, taken, done)
            book.close()
        except BaseException as error:
            # the library lets go of its files where it stood, and writes their ends: of that nothing is told
            told.done = lambda rows: None
            for sheet in book.worksheets():
                if sheet.fh is not None:
                    sheet.fh.close()
            traceback.clear_frames(error.__traceback__)
            raise


class _Told(io.FileIO):
    """The file, telling of each piece: packing a workbook takes long, and no row is written meanwhile."""

    def __init__(self, path: Path, done: Done) -> None:
        super().__init__(path, "wb")
        self.done = done

    def write(self, data: "ReadableBuffer", /) -> int:
        self.done(0)
        return super().write(data)


def _fill(book: Workbook, taken: Taken, done: Done) -> None:
    # the only time in the bytes
    created = taken.plan.taken_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": "Export of the treatment record", "created": created})
    sheets = {table.name: _sheet_names(table, taken.plan.rows[table.name]) for table in taken.tables}
    looks = _Looks(book)
    _write_about(book, taken, {table: ", ".join(names) for table, names in sheets.items()})
    _write_dictionary(book, looks, taken)
    for table in taken.tables:
        rows, left = taken.texts(table), taken.plan.rows[table.name]
        for name in sheets[table.name]:
            sheet = book.add_worksheet(name, _Sheet)
            _lay_out(sheet, taken.cells(table), rows=min(left, MOST_ROWS - 1))
            sheet.lines = _lines(taken.cells(table), rows, looks, done)
            left -= MOST_ROWS - 1


class _Looks:
    """The formats, by the number that a cell's XML names one with."""

    def __init__(self, book: Workbook) -> None:
        self.bold = book.add_format({"bold": True, "bg_color": "#E8EEF2", "bottom": 1})
        self.head: int = self.bold._get_xf_index()
        self.text, self.day, self.moment = (
            book.add_format({"num_format": shape})._get_xf_index()
            for shape in ("@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")
        )


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
            sheet.write_string(number, column, text, *([] if number else [looks.bold]))


# --- the sheets of the tables


class _Sheet(Worksheet):  # type: ignore[misc]  # it has no types
    """A sheet whose rows are given as XML, each once, when the book is put together."""

    lines: Iterator[str]

    def _write_sheet_data(self) -> None:
        self._xml_start_tag("sheetData")
        self.fh.writelines(self.lines)
        self._xml_end_tag("sheetData")


def _lay_out(sheet: _Sheet, cells: Sequence[Cell], *, rows: int) -> None:
    # by these a reader knows how far it goes: head and rows, all columns
    sheet.dim_rowmin, sheet.dim_rowmax, sheet.dim_colmin, sheet.dim_colmax = 0, rows, 0, len(cells) - 1
    sheet.freeze_panes(1, 0)
    for column, cell in enumerate(cells):
        width = 19 if cell.is_local else _WIDTHS[cell.kind]
        sheet.set_column(column, column, max(width, len(cell.head) + 2))


def _lines(cells: Sequence[Cell], rows: Iterator[list[str]], looks: _Looks, done: Done) -> Iterator[str]:
    """A head and as many rows as one sheet takes, each as XML."""
    letters = [xl_col_to_name(column) for column in range(len(cells))]
    writers = [_writer(cell, looks) for cell in cells]
    head = _text_writer(looks.head)
    yield _line(1, [head(f"{letter}1", cell.head) for letter, cell in zip(letters, cells, strict=True)])
    number = told = 1
    for number, row in enumerate(islice(rows, MOST_ROWS - 1), 2):
        yield _line(
            number,
            [
                write(f"{letter}{number}", text)
                for letter, write, text in zip(letters, writers, row, strict=True)
                if text
            ],
        )
        if number - told == _ROWS_AT_A_TIME:
            done(number - told)
            told = number
    done(number - told)


def _line(number: int, cells: Sequence[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _writer(cell: Cell, looks: _Looks) -> Writer:
    text = _text_writer(looks.text)
    if cell.is_local:
        return _moment_writer(looks.moment, text)
    if cell.kind is Kind.DAY:
        return _moment_writer(looks.day, text)
    if cell.kind in {Kind.INTEGER, Kind.NUMBER}:
        return _number_writer(text)
    if cell.kind is Kind.YES_NO:
        return lambda at, value: f'<c r="{at}" t="b"><v>{int(value == "true")}</v></c>'
    return text


def _text_writer(look: int) -> Writer:
    def write_text(at: str, value: str) -> str:
        return (
            f'<c r="{at}" s="{look}" t="inlineStr"><is><t xml:space="preserve">{escaped(fitting(value))}</t>'
            "</is></c>"
        )

    return write_text


def _number_writer(text: Writer) -> Writer:
    def write_number(at: str, value: str) -> str:
        # PostgreSQL's numbers have values that a sheet's have not
        return f'<c r="{at}"><v>{value}</v></c>' if isfinite(float(value)) else text(at, value)

    return write_number


def _moment_writer(look: int, text: Writer) -> Writer:
    def write_moment(at: str, value: str) -> str:
        moment = datetime.fromisoformat(value)
        if moment.date() < _FIRST_DAY:
            return text(at, value)
        return f'<c r="{at}" s="{look}"><v>{(moment - _DAY_0) / _A_DAY:.16G}</v></c>'

    return write_moment


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


# ST_Xstring of ECMA-376: what XML cannot hold is _xHHHH_, and what looks like that has its own _ escaped
_NOT_OF_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_SPECIAL = re.compile("[&<>_\x00-\x08\x0b-\x1f\ufffe\uffff]")


def escaped(text: str) -> str:
    """The text as the XML of a sheet holds it."""
    if not _SPECIAL.search(text):
        return text
    text = _LIKE_AN_ESCAPE.sub("_x005F_", text)
    text = _NOT_OF_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
