"""What each act changes on a session: one function per act, in one table.

Each takes the locked session and what is being done, changes the row's fields, and gives back the words for
the timeline and the conditions that now hold. Whether the act may be done is decided in ``services.acts``.
"""

from collections.abc import Callable

from sessions.models import Session
from sessions.services.changes import (
    alert,
    dose,
    gate,
    harm,
    leaving,
    nurses,
    postponed,
    rated,
    seat,
    seen,
)
from sessions.services.changes.doing import Change, Doing

CHANGES: dict[str, Callable[[Session, Doing], Change]] = {
    "check-in": seat.check_in,
    "start": dose.start,
    "dose": dose.dose,
    "pause": dose.pause,
    "hold": dose.hold,
    "resume": dose.resume,
    "stop": dose.stop,
    "cancel": leaving.cancel,
    "transfer": leaving.transfer,
    "move-chair": seat.move_chair,
    "note": seen.note,
    "symptom": seen.symptom,
    "resolve-symptom": seen.resolve_symptom,
    "medicine": seen.medicine,
    "scale": rated.scale,
    "review-scale": rated.review_scale,
    "adverse-event": harm.adverse_event,
    "alertness": alert.alertness,
    "oxygen-target": alert.oxygen_target,
    "gate": gate.gate,
    "decide": gate.decide,
    "leaving-check": leaving.leaving_check,
    "readiness": leaving.readiness,
    "wait-escort": leaving.wait_escort,
    "postpone": postponed.postpone,
    "hand-over": nurses.hand_over,
    "cover": nurses.cover,
    "cover-taken": nurses.cover_taken,
    "cover-ended": nurses.cover_ended,
    "release": leaving.release,
    "end-early": leaving.end_early,
    "leave-early": leaving.leave_early,
}
