"""What a call with readings is answered: the same words from every HTTP door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.access import Principal
from clinic.refusals import Invalid, Refusal
from vitals.doors.parse import ReadingBody, Unread, measured
from vitals.services.arrivals import Incoming, Outcome, Unreadable


def incoming(
    bodies: Sequence[ReadingBody | Unread], *, by: Principal, call: int, received_at: datetime
) -> list[Incoming | Unreadable]:
    """What a call brings to the corridor, in order; what could not be read goes along, to be kept."""
    return [
        Unreadable(by, body.refusal, body.raw)
        if isinstance(body, Unread)
        else Incoming(
            by=by,
            call=call,
            received_at=received_at,
            measured=measured(body),
            session_id=body.session,
            chair=body.chair,
        )
        for body in bodies
    ]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]


def refused(refusal: Refusal) -> Answer:
    """A call that was refused as a whole."""
    body: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.field:
        body["field"] = refusal.field
    if refusal.missing:
        body["missing"] = list(refusal.missing)
    return Answer(refusal.status, body)


def answer(outcomes: Sequence[Outcome], *, single: bool) -> Answer:
    """The answer to a call: 201 when anything is stored, now or before; else why not.

    outcomes: of the call's readings, in order.
    single:   one reading that is refused gets its bare status; in a batch each has its code in ``rejected``.
    """
    accepted = duplicates = 0
    rejected: list[dict[str, Any]] = []
    readings: list[dict[str, Any]] = []
    first_refusal: Refusal | None = None
    for index, outcome in enumerate(outcomes):
        rejected.extend({"index": index, **words} for words in _rejections(outcome))
        if outcome.refusal is not None:
            first_refusal = first_refusal or outcome.refusal
            continue
        duplicates += outcome.duplicate
        accepted += not outcome.duplicate
        readings.append({"index": index, "id": outcome.id, "flags": outcome.flags})
    body = {"accepted": accepted, "duplicates": duplicates, "rejected": rejected, "readings": readings}
    if first_refusal is None or readings:
        return Answer(201, body)
    if single and first_refusal.status != Invalid.status:
        whole = refused(first_refusal)
        return Answer(whole.status, {**body, **whole.body})
    return Answer(Invalid.status, {**body, "code": Invalid.code, "message": first_refusal.message})


def _rejections(outcome: Outcome) -> list[dict[str, Any]]:
    """The fields that were not taken, or the one reason why nothing was."""
    if outcome.rejected:
        return [{"field": one.field, "code": one.code, "message": one.message} for one in outcome.rejected]
    refusal = outcome.refusal
    if refusal is None:
        return []
    return [{"field": refusal.field, "code": refusal.code, "message": refusal.message}]
