"""The session report on paper: the same value as on the screen, tagged, its hash among the PDF's keywords."""

import re
from typing import Any

import msgspec

from reports import pdf
from reports.session_report import chart
from reports.session_report.value import SessionReport, how_to_verify

HASH_WORD, SESSION_WORD, AS_OF_WORD = "vigil-report-sha256", "vigil-session", "vigil-as-of"
_KEYWORD = re.compile(rf"({HASH_WORD}|{SESSION_WORD}|{AS_OF_WORD})=([0-9A-Za-z:+.-]+)")


def session_report_pdf(report: SessionReport) -> bytes:
    """The report as PDF; the same bytes as long as the record is the same."""
    return pdf.compiled("session_report.typ", data_of(report), as_of=report.as_of)


def data_of(report: SessionReport) -> dict[str, Any]:
    """What the template reads: words, tables, and the chart as SVG."""
    parts: list[dict[str, Any]] = msgspec.to_builtins(report.parts)
    return {
        "title": "Session report",
        "patient": report.patient,
        "clinic": report.clinic,
        "standing": report.standing,
        "finished": report.finished,
        "warnings": list(report.warnings),
        "parts": parts,
        "chart": chart.svg(report.chart) if report.chart else "",
        "alt": report.chart.alt if report.chart else "",
        "footer": f"{report.identity} · session {report.session} · record as of {report.as_of_words}",
        "hash": report.content_hash,
        "verify": how_to_verify(report),
        "keywords": keywords(report),
    }


def keywords(report: SessionReport) -> list[str]:
    """What ``manage.py verify_report`` reads off the file."""
    return [
        f"{HASH_WORD}={report.content_hash}",
        f"{SESSION_WORD}={report.session}",
        f"{AS_OF_WORD}={report.as_of.isoformat()}",
    ]


def told_by(file: bytes) -> dict[str, str]:
    """The keywords of a PDF of ours by name; those of another file give none.

    PDF/A keeps them readable in the file, so that no reader of PDFs is needed.
    """
    return dict(_KEYWORD.findall(file.decode("latin-1")))
