"""The demo's monitoring forms: those of earlier sessions were answered, signed and filed in time."""

from datetime import datetime, timedelta

from clinic.access import Principal
from clinic.models import Clinic
from reports import filing, monitoring_form
from sessions import queries as treatments
from sessions.models import FormFiling, Session
from sessions.monitoring_form.due import DUE_AFTER
from sessions.monitoring_form.fields import NO, YES
from sessions.protocol import Route
from vitals.demo import charting

ANSWERED_AFTER = timedelta(minutes=15)
FILED_AFTER = timedelta(days=1)
SIGNATURE = "signature"
# the demo's patients are calm, and nothing serious happens to them
ANSWERS = {
    "first-treatment": YES,
    "acceptable-before": YES,
    "acceptable-completion": YES,
    "respiratory-depression": NO,
    "serious-event": NO,
}


def file_forms(clinic: Clinic, at: datetime) -> None:
    """File the forms whose time was over when the demo began. Once: later ones are for whoever tries it."""
    if FormFiling.objects.filter(clinic=clinic).exists():
        return
    rows = Session.objects.select_related("nurse").filter(
        clinic=clinic, protocol__route=Route.NASAL, outcome="released", ended_at__lte=at - DUE_AFTER
    )
    for number, row in enumerate(rows.order_by("ended_at"), start=1):
        assert row.nurse is not None, "checked in by a nurse"  # noqa: S101
        _file(charting.principal(clinic, row.nurse.username), row, f"DEMO-{number:04d}")


def _file(by: Principal, row: Session, confirmation: str) -> None:
    assert row.ended_at is not None, "chosen by it"  # noqa: S101
    answered_at, filed_at = row.ended_at + ANSWERED_AFTER, row.ended_at + FILED_AFTER
    session = treatments.session(by.clinic_id, row.id)
    for gap in monitoring_form.form_of(session, at=answered_at).gaps:
        if gap.code in ANSWERS:
            filing.answer(by=by, session_id=row.id, code=gap.code, value=ANSWERS[gap.code], at=answered_at)
    filing.answer(by=by, session_id=row.id, code=SIGNATURE, value=by.name, at=answered_at)
    filing.file(
        by=by,
        session_id=row.id,
        channel="portal",
        confirmation=confirmation,
        filed_at=filed_at,
        with_gaps=False,
        at=filed_at,
    )
