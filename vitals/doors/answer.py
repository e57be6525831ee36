"""What a call with readings is answered: the same words from every HTTP door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.access import Principal
from clinic.refusals import Invalid, Refusal
from vitals.doors.parse import ReadingBody, measured
from vitals.services.record import Incoming, Outcome


def incoming(
    bodies: Sequence[ReadingBody | Invalid], *, by: Principal, call: int, received_at: datetime
) -> list[Incoming]:
    """What of a call goes to the corridor; bodies that could not be read stay behind for the answer."""
    return [
        Incoming(
            by=by,
            call=call,
            received_at=received_at,
            measured=measured(body),
            session_id=body.session,
            chair=body.chair,
        )
        for body in bodies
        if isinstance(body, ReadingBody)
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


def answer(bodies: Sequence[ReadingBody | Invalid], outcomes: Sequence[Outcome], *, single: bool) -> Answer:
    """The answer to a call: 201 when anything is stored, now or before; else why not.

    bodies:   as read, in order. outcomes: of those that could be read, in order.
    single:   one reading that is refused gets its bare status; in a batch each has its code in ``rejected``.
    """
    rest = iter(outcomes)
    results = [body if isinstance(body, Invalid) else next(rest) for body in bodies]
    accepted = duplicates = 0
    rejected: list[dict[str, Any]] = []
    readings: list[dict[str, Any]] = []
    first_refusal: Refusal | None = None
    for index, result in enumerate(results):
        refusal = result if isinstance(result, Invalid) else result.refusal
        if isinstance(result, Outcome):
            rejected.extend(
                {"index": index, "field": one.field, "code": one.code, "message": one.message}
                for one in result.rejected
            )
        if refusal is not None:
            first_refusal = first_refusal or refusal
            if not (isinstance(result, Outcome) and result.rejected):
                rejected.append(
                    {
                        "index": index,
                        "field": refusal.field,
                        "code": refusal.code,
                        "message": refusal.message,
                    }
                )
            continue
        assert isinstance(result, Outcome), "what was not refused has an outcome"  # noqa: S101
        duplicates += result.duplicate
        accepted += not result.duplicate
        readings.append({"index": index, "id": result.id, "flags": result.flags})
    body = {"accepted": accepted, "duplicates": duplicates, "rejected": rejected, "readings": readings}
    if readings:
        return Answer(201, body)
    if single and first_refusal is not None and first_refusal.status != Invalid.status:
        whole = refused(first_refusal)
        return Answer(whole.status, {**body, **whole.body})
    message = first_refusal.message if first_refusal else ""
    return Answer(422, {**body, "code": "invalid", "message": message})
