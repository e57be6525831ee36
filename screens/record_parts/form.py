"""What the record page shows of the monitoring form: how it stands, and its gaps while they can be closed."""

from dataclasses import dataclass
from datetime import datetime

from clinic.access import Principal
from reports import monitoring_form
from screens import form_page
from screens.form_page import Look
from sessions.models import Session
from sessions.monitoring_form import filling


@dataclass(frozen=True, slots=True)
class FormPart:
    """``gaps``: "missing: …", or "" when nothing can be closed by now."""

    look: Look
    gaps: str
    later: int
    warning: str


def part(row: Session, by: Principal, at: datetime) -> FormPart | None:
    """None for a session that has no form."""
    if not monitoring_form.has_form(row):
        return None
    form = monitoring_form.form_of(row, at=at)
    filed = bool(form.filings)
    return FormPart(
        look=form_page.look_of(form.due, filed=filed, differs=bool(form.differs)),
        gaps=filling.gap_words(form.gaps),
        later=sum(1 for gap in form.gaps if not gap.now),
        warning=form.due.warning if form.due and not filed else "",
    )
