"""The forms of an export, one module each: what was read goes in, one file comes out."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from reports.exports.asked import FormName
from reports.exports.forms import csv_form, fhir_form, pdf_form, xlsx_form
from reports.exports.taking import Taken

# told how many rows more are written; raises when the job is not ours any more
Done = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Form:
    """A form: the end of its file's name, and what writes the file.

    is_plain: written from plain cells and typed by itself; else the cells are the reader's own.
    needs:    the optional package without which it cannot be written; empty when there is none.
    of_sessions: written from the record itself, a session at a time: no table is read for it.
    """

    suffix: str
    write: Callable[[Taken, Path, Done], None]
    is_plain: bool = True
    needs: str = ""
    of_sessions: bool = False


def _write_parquet(taken: Taken, out: Path, done: Done) -> None:
    # its library is an extra and is large: only who writes this form loads it
    from reports.exports.forms import parquet_form

    parquet_form.write(taken, out, done)


FORMS: dict[FormName, Form] = {
    FormName.CSV: Form("zip", csv_form.write, is_plain=False),
    FormName.XLSX: Form("xlsx", xlsx_form.write),
    FormName.PARQUET: Form("zip", _write_parquet, needs="pyarrow"),
    FormName.FHIR: Form("zip", fhir_form.write),
    FormName.PDF: Form("zip", pdf_form.write, of_sessions=True),
}


def why_not(name: FormName) -> str:
    """Why a form cannot be had here; empty when it can."""
    needs = FORMS[name].needs
    if needs and find_spec(needs) is None:
        return f"it needs the package {needs} on the server: install the extra “{name}”"
    return ""
