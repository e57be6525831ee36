"""The session report: one session on a page or two, gathered once, the same in PDF, HTML and JSON."""

from reports.session_report import treatment as treatment
from reports.session_report import vitals as vitals
from reports.session_report.facts import ReportFacts, gathered
from reports.session_report.value import FORMAT, SessionReport
from sessions.models import Session

__all__ = ["SessionReport", "report_of"]


def report_of(session: Session) -> SessionReport:
    """The report of a session as its record stands; the same for the same record, whenever it is asked for.

    session: as ``sessions.queries.session`` reads it; the caller has checked that it is of the clinic.
    """
    return made(gathered(session))


def made(facts: ReportFacts) -> SessionReport:
    """The report out of what was gathered."""
    session = facts.session
    patient = session.patient
    drawn = vitals.chart_part(facts)
    parts = [
        treatment.header_part(facts),
        treatment.dose_part(facts),
        drawn[0] if drawn else None,
        vitals.vitals_part(facts),
        vitals.flags_part(facts),
        treatment.symptoms_part(facts),
        treatment.medicines_part(facts),
        treatment.scales_part(facts),
        vitals.news_part(facts),
        treatment.before_part(facts),
        treatment.leaving_part(facts),
        vitals.missed_part(facts),
        treatment.acts_part(facts),
        treatment.signatures_part(facts),
        vitals.limits_part(facts),
        treatment.follow_ups_part(facts),
    ]
    return SessionReport(
        format=FORMAT,
        session=str(session.id),
        clinic=session.clinic.name,
        patient=treatment.full_name(facts),
        identity=f"{patient.family_name}, {patient.given_name}, born {patient.birth_date:%-d %b %Y}",
        standing=treatment.standing_words(facts),
        finished=facts.finished,
        warnings=treatment.warnings(facts),
        parts=tuple(part for part in parts if part is not None),
        chart=drawn[1] if drawn else None,
        as_of=facts.as_of,
        as_of_words=facts.day_and_clock(facts.as_of),
    )
