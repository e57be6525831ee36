"""What people add to a monitoring form: answers, and that they filed it. Each kept for good, with its audit.

Readings and the filled form stand above this app: ``reports.forms`` gathers them and calls down.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.refusals import Invalid, NotAllowed
from sessions.models import FormFiling, Session, SessionEvent
from sessions.monitoring_form import cells, due, fields
from sessions.monitoring_form.cells import Cell
from sessions.monitoring_form.fields import Field, FormVersion
from sessions.services.changes.doing import AHEAD
from sessions.services.entries import keep, keep_again
from sessions.states import State

ANSWER = "form-answer"
CHANNELS = ("portal", "fax")


def answer(
    session: Session,
    *,
    by: Principal,
    version: FormVersion,
    code: str,
    value: str | int | None,
    at: datetime,
    words: str = "",
    digest: str = "",
) -> None:
    """Keep a person's answer to a field, as a new version of an earlier one. On a locked session.

    value:  None takes the last answer back.
    words:  how the value reads, where it is an id.
    digest: of the form that a signature is given to.
    raises: AccessDenied; Invalid for a field that nobody answers, or a value that breaks its rule;
            NotAllowed before check-in and for a cancelled session.
    """
    check(by, Act.ANSWER_FORM)
    field = version.field(code)
    if field is None or not field.is_answered:
        raise Invalid(f"field “{code}” of form {version.code} is not answered by a person.", field="field")
    _check_state(session)
    if value is not None:
        value = _checked(field, value, by)
    said = "taken back" if value is None else words or str(value)
    text = f"Monitoring form, {field.label}: {said}"
    details = {"field": code, "value": value, **({"digest": digest} if digest else {})}
    before = (
        SessionEvent.objects.filter(session=session, kind=ANSWER, details__field=code)
        .order_by("-version")
        .first()
    )
    if before is None:
        keep(session, ANSWER, by=by, at=at, recorded_at=at, text=text, details=details)
    else:
        before.session = session
        keep_again(before, by=by, at=at, text=text, reason="answered anew", details=details)


def _checked(field: Field, value: str | int, by: Principal) -> str | int:
    try:
        return fields.checked_answer(field, value, by_name=by.name)
    except ValueError as error:
        raise Invalid(f"{field.label}: {error}.", field="value") from error


def _check_state(session: Session) -> None:
    if session.state in {State.SCHEDULED, State.CANCELLED}:
        raise NotAllowed(
            f"The session is {session.state}: its form is not answered.", missing=["a session that was begun"]
        )


def file(
    session: Session,
    *,
    by: Principal,
    version: FormVersion,
    filled: tuple[Cell, ...],
    gap_words: Iterable[str],
    with_gaps: bool,
    channel: str,
    confirmation: str,
    filed_at: datetime,
    at: datetime,
) -> FormFiling:
    """Keep that a person filed this form elsewhere, word for word. On a locked session.

    The same again (copy, channel and confirmation as the newest filing) is that filing, not another.
    raises: AccessDenied; Invalid for a time before the session's end or in the future; NotAllowed before
            the end, or naming the gaps, until they are confirmed by ``with_gaps``.
    """
    check(by, Act.FILE_FORM)
    ended_at = session.ended_at
    if ended_at is None or session.dose_started_at is None:
        raise NotAllowed("The form is filed after the session.", missing=["the end of the session"])
    if filed_at > at + AHEAD:
        raise Invalid(f"filed_at {filed_at.isoformat()} is in the future.", field="filed_at")
    if filed_at < ended_at:
        raise Invalid(
            f"filed_at {filed_at.isoformat()} is before the session's end at {ended_at.isoformat()}.",
            field="filed_at",
        )
    missing = list(gap_words)
    if missing and not with_gaps:
        raise NotAllowed("The form has gaps.", missing=missing)
    digest = cells.digest(version.code, filled)
    newest = session.filings.order_by("-recorded_at").first()
    said = (digest, channel, confirmation)
    if newest is not None and (newest.digest, newest.channel, newest.confirmation) == said:
        return newest
    filing = FormFiling.objects.create(
        clinic_id=session.clinic_id,
        session=session,
        form_version=version.code,
        cells=[_as_json(cell) for cell in filled],
        digest=digest,
        channel=channel,
        confirmation=confirmation,
        filed_at=filed_at,
        recorded_at=at,
        by_id=by.actor_id,
        by_name=by.name,
    )
    audit.record(
        [
            audit.Entry(
                by=by,
                act=Act.FILE_FORM,
                subject="form",
                subject_id=str(filing.id),
                session_id=session.id,
                details={
                    "version": version.code,
                    "channel": channel,
                    "filed_at": filed_at.isoformat(),
                    "due_at": due.due_at(ended_at).isoformat(),
                    "gaps": len(missing),
                    "digest": digest,
                },
            )
        ]
    )
    return filing


def _as_json(cell: Cell) -> dict[str, object]:
    """A cell as a filing keeps it: what it said, and where that came from."""
    origins = [
        {**asdict(origin), "at": origin.at.isoformat() if origin.at else None} for origin in cell.origins
    ]
    return {"code": cell.code, "value": cell.value, "words": cell.words, "origins": origins}
