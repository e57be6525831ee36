"""Answering and filing a session's form: gathered here, then kept by the sessions service."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.access import Act, Principal, check
from clinic.refusals import Invalid
from reports import monitoring_form
from reports.monitoring_form import Form
from sessions.models import FormFiling
from sessions.monitoring_form import filling, pressures
from sessions.monitoring_form.fields import Field, Kind, Override
from sessions.services import acts
from sessions.services import monitoring_form as kept


def answer(*, by: Principal, session_id: UUID, code: str, value: str | int | None, at: datetime) -> None:
    """Keep a person's answer to a field of the session's form; None takes the last one back.

    raises: AccessDenied; NotFound; NotAllowed; Invalid, also for a reading that is not one of this session's
            blood pressures after the first device.
    """
    check(by, Act.ANSWER_FORM)
    with transaction.atomic():
        session = acts.locked(by.clinic_id, session_id)
        form = monitoring_form.form_of(session, at=at)
        field = form.version.field(code)
        words = digest = ""
        if field is not None and value is not None:
            if field.override is Override.READING:
                words = _words_of_reading(form, field, value)
            elif field.kind is Kind.SIGNATURE:
                digest = filling.signed_part(form.version, form.cells)
        kept.answer(
            session,
            by=by,
            version=form.version,
            code=code,
            value=value,
            at=at,
            words=words,
            digest=digest,
        )


def _words_of_reading(form: Form, field: Field, value: str | int) -> str:
    for one in pressures.after_dose(form.facts):
        if value in one.ids:
            return f"{one.words} mmHg at {form.facts.clock(one.at)}"
    raise Invalid(
        f"{field.label}: “{value}” is not a blood pressure of this session after the first device.",
        field="value",
    )


def file(
    *,
    by: Principal,
    session_id: UUID,
    channel: str,
    confirmation: str,
    filed_at: datetime,
    with_gaps: bool,
    at: datetime,
) -> FormFiling:
    """Keep that the form, as it stands now, was filed by a person elsewhere. raises: see the service."""
    check(by, Act.FILE_FORM)
    with transaction.atomic():
        session = acts.locked(by.clinic_id, session_id)
        form = monitoring_form.form_of(session, at=at)
        return kept.file(
            session,
            by=by,
            version=form.version,
            filled=form.cells,
            gap_words=[gap.words for gap in form.gaps],
            with_gaps=with_gaps,
            channel=channel,
            confirmation=confirmation,
            filed_at=filed_at,
            at=at,
        )
