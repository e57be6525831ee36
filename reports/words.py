"""Forms as the API's words."""

from typing import Any

from reports.form_board import Line
from reports.monitoring_form import Form
from sessions.models import FormFiling
from sessions.monitoring_form import pressures
from sessions.monitoring_form.due import Due

NEVER_SUBMITTED = "Vigil never submits this form: copy it in order into the portal, or fax it."


def form(row: Form) -> dict[str, Any]:
    """One session's form in full, in the form's order."""
    by_code = {cell.code: cell for cell in row.cells}
    return {
        "session": row.session.id,
        "version": row.version.code,
        "effective_from": row.version.effective_from,
        "note": NEVER_SUBMITTED,
        "due": due(row.due),
        "cells": [
            {
                "field": field.code,
                "section": field.section,
                "label": field.label,
                "kind": field.kind,
                "required": field.required,
                "filled_by": field.filled_by,
                "answered_by_people": field.is_answered,
                "certainty": field.certainty,
                "source": field.source,
                "asked": by_code[field.code].asked,
                "value": by_code[field.code].value,
                "words": by_code[field.code].words,
                "missing": by_code[field.code].missing or None,
                "instead_of": by_code[field.code].instead_of or None,
                "origins": [
                    {"kind": one.kind, "id": one.id, "at": one.at, "words": one.words}
                    for one in by_code[field.code].origins
                ],
            }
            for field in row.version.fields
        ],
        "gaps": [{"field": gap.code, "words": gap.words, "now": gap.now} for gap in row.gaps],
        "deviations": list(row.deviations),
        "pressures_after_dose": [
            {"id": one.ids[0], "at": one.at, "words": one.words} for one in pressures.after_dose(row.facts)
        ],
        "filings": [filing(one) for one in row.filings],
        "differs": differs(row),
    }


def differs(row: Form) -> list[dict[str, Any]]:
    """Which cells no longer hold what was filed."""
    labels = {field.code: field.label for field in row.version.fields}
    return [
        {"field": one.code, "label": labels[one.code], "filed": one.filed, "now": one.now}
        for one in row.differs
    ]


def due(row: Due | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "at": row.at,
        "urgency": row.urgency.name.lower(),
        "words": row.words,
        "warning": row.warning or None,
        "overdue": row.overdue,
    }


def filing(row: FormFiling) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.form_version,
        "channel": row.channel,
        "confirmation": row.confirmation or None,
        "filed_at": row.filed_at,
        "recorded_at": row.recorded_at,
        "by": row.by_name,
        "digest": row.digest,
    }


def line(row: Line) -> dict[str, Any]:
    """One session on the board of forms."""
    session, patient = row.session, row.session.patient
    return {
        "session": session.id,
        "state": row.standing,
        "patient": {
            "id": patient.id,
            "mrn": patient.mrn,
            "given_name": patient.given_name,
            "family_name": patient.family_name,
        },
        "dose_started_at": session.dose_started_at,
        "ended_at": session.ended_at,
        "due": due(row.form.due) if row.form and not row.filed else None,
        "gaps": [gap.words for gap in row.form.gaps if gap.now] if row.form and not row.filed else [],
        "filed": filing(row.filed) if row.filed else None,
        "differs": differs(row.form) if row.form else [],
    }
