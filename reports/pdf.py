"""PDF out of a Typst template and plain data: tagged, and the same bytes for the same data.

Conforms to PDF/A-2a and PDF/UA-1 by Typst's own check, in the typeface that comes with its wheel. A name in a
script which that typeface cannot draw is set in a typeface of the machine, should there be one; such a copy
claims no conformance and says on top that signs may be missing.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import local
from typing import Any

import typst

TEMPLATES = Path(__file__).parent / "templates" / "reports"
# looking up typefaces costs more than most documents, so a thread keeps its compilers
_kept = local()


def compiled(template: str, data: Mapping[str, Any], *, as_of: datetime) -> bytes:
    """The document as PDF.

    template: the name of a file in ``reports/templates/reports``; it reads ``data`` as JSON.
    as_of:    the document's date: when the newest of the data was charted, so that no clock is in the bytes.
    """
    path = str(TEMPLATES / template)
    said = {**data, "as_of": _date(as_of), "may_lack_signs": False}
    try:
        return _compile(path, said, as_of, conforming=True)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return _compile(path, {**said, "may_lack_signs": True}, as_of, conforming=False)


def _compile(path: str, data: dict[str, Any], as_of: datetime, *, conforming: bool) -> bytes:
    made = _compiler(conforming).compile(
        path,
        root=str(TEMPLATES),
        format="pdf",
        sys_inputs={"data": json.dumps(data, sort_keys=True)},
        pdf_standards=["a-2a", "ua-1"] if conforming else [],
        timestamp=as_of.replace(microsecond=0),  # a PDF knows no fractions, and typst refuses them
    )
    assert isinstance(made, bytes), "of one document in one format"  # noqa: S101
    return made


def _compiler(conforming: bool) -> typst.Compiler:
    name = "conforming" if conforming else "with_system_fonts"
    if not hasattr(_kept, name):
        setattr(_kept, name, typst.Compiler(root=str(TEMPLATES), ignore_system_fonts=conforming))
    compiler: typst.Compiler = getattr(_kept, name)
    return compiler


def _date(at: datetime) -> dict[str, int]:
    return {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")}
