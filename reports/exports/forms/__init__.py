"""The forms of an export, one module each: what was read goes in, one file comes out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reports.exports.asked import FormName
from reports.exports.forms import csv_form
from reports.exports.taking import Taken

# told how many rows more are written; raises when the job is not ours any more
Done = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Form:
    """A form: the end of its file's name, and what writes the file.

    is_plain: written from plain cells and typed by itself; else the cells are the reader's own.
    """

    suffix: str
    write: Callable[[Taken, Path, Done], None]
    is_plain: bool = True


FORMS: dict[FormName, Form] = {
    FormName.CSV: Form("zip", csv_form.write, is_plain=False),
}


def why_not(form: FormName) -> str:
    """Why a form cannot be had here; empty when it can."""
    return "" if form in FORMS else "not a part of this installation"
