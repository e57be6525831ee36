"""The monitoring form on paper: the same cells as on the screen, in the form's order."""

from datetime import datetime
from itertools import groupby
from typing import Any

from reports import pdf
from reports.monitoring_form import Form
from reports.words import NEVER_SUBMITTED
from sessions.models import FormFiling
from sessions.monitoring_form.cells import Cell, Origin
from sessions.monitoring_form.fields import Certainty

CERTAINTY = (
    "No version of the form was seen in full: every field is to be checked against the current form. Those"
    " marked “to be checked” were in no copy that we read."
)
KINDS = {
    "patient": "patient's data",
    "clinic": "clinic's data",
    "staff": "staff's data",
    "session": "session",
    "entry": "record",
    "reading": "reading",
    "answer": "answer",
}


def form_pdf(form: Form) -> bytes:
    """The form as PDF; the same bytes as long as the record is the same."""
    return pdf.compiled("monitoring_form.typ", data_of(form), as_of=form.as_of)


def data_of(form: Form) -> dict[str, Any]:
    """What the template reads: sections of rows (label, value, origin, missing), all of them words."""
    cells = {cell.code: cell for cell in form.cells}
    sections = [
        {
            "title": title,
            "rows": [
                {
                    "label": field.label
                    + (" (to be checked)" if field.certainty is Certainty.NOT_SEEN else ""),
                    "value": value_words(cells[field.code]),
                    "missing": cells[field.code].missing,
                    "origin": origin_words(form, cells[field.code]),
                }
                for field in fields
            ],
        }
        for title, fields in groupby(form.version.fields, key=lambda field: field.section)
    ]
    labels = {field.code: field.label for field in form.version.fields}
    return {
        "title": "REMS patient monitoring form: values to copy",
        "subtitle": f"Fields of version {form.version.code}. {NEVER_SUBMITTED}",
        "footer": f"{_identity(form)} · session {form.session.id} · record as of {_local(form, form.as_of)}",
        "deviations": list(form.deviations),
        "gaps": [gap.words for gap in form.gaps],
        "sections": sections,
        "filings": [filing_words(form, one) for one in form.filings],
        "differs": [
            f"{labels[one.code]}: filed {_shown(one.filed)}, now {_shown(one.now)}" for one in form.differs
        ],
        "note": NEVER_SUBMITTED,
        "certainty": CERTAINTY,
    }


def _identity(form: Form) -> str:
    """Whose form it is, for every page: sheets come apart."""
    patient = form.session.patient
    return f"{patient.family_name}, {patient.given_name}, born {patient.birth_date:%-d %b %Y}"


def value_words(cell: Cell) -> str:
    """A cell as it is read; what a person put in the place of the record says so."""
    instead = f" (the record says: {cell.instead_of})" if cell.instead_of else ""
    return f"{cell.words}{instead}"


def origin_words(form: Form, cell: Cell) -> str:
    return "; ".join(dict.fromkeys(_origin(form, origin) for origin in cell.origins))


def _origin(form: Form, origin: Origin) -> str:
    words = origin.words or KINDS[origin.kind]
    return f"{words}, {form.facts.clock(origin.at)}" if origin.at is not None else words


def filing_words(form: Form, filing: FormFiling) -> str:
    number = f", confirmation {filing.confirmation}" if filing.confirmation else ""
    return f"By {filing.channel}, {_local(form, filing.filed_at)}, {filing.by_name}{number}"


def _shown(value: str | int | None) -> str:
    return "empty" if value is None else str(value)


def _local(form: Form, at: datetime) -> str:
    return f"{at.astimezone(form.facts.zone):%-d %b %Y %H:%M}"
