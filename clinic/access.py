"""Who may do what: one table, read by screens, API and tests alike.

A role that is not named for an act may not do it. Devices and the screens in patients' rooms are principals
of their own: the ones may send readings, the others call a nurse, and nothing else.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from rest_framework.permissions import BasePermission

from clinic.refusals import AccessDenied


class Role(StrEnum):
    NURSE = "nurse"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"
    DEVICE = "device"
    ROOM = "room"  # the screen in a patient's room
    WALL = "wall"  # a screen on the wall: it reads the board and says what it has drawn
    SYSTEM = "system"  # the rules themselves: they act by code, so no row of the table names them


class Act(StrEnum):
    SEE_BOARD = "see-board"
    SEE_SESSION = "see-session"
    SEE_PATIENTS = "see-patients"
    SEE_STATUS = "see-status"
    SEE_QUARANTINE = "see-quarantine"
    REGISTER_PATIENT = "register-patient"
    SCHEDULE = "schedule"
    SEND_READINGS = "send-readings"
    CORRECT_READING = "correct-reading"
    ACKNOWLEDGE = "acknowledge"
    CHECK_IN = "check-in"
    START = "start"
    DOSE = "dose"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    HOLD = "hold"
    CANCEL = "cancel"
    TRANSFER = "transfer"
    MOVE_CHAIR = "move-chair"
    SYMPTOM = "symptom"
    NOTE = "note"
    LEAVING_CHECK = "leaving-check"
    READINESS = "readiness"
    WAIT_ESCORT = "wait-escort"
    RELEASE = "release"
    END_EARLY = "end-early"
    GATE = "gate"
    DECIDE = "decide"
    MEDICINE = "medicine"
    RESOLVE_SYMPTOM = "resolve-symptom"
    ADVERSE_EVENT = "adverse-event"
    SCALE = "scale"
    REVIEW_SCALE = "review-scale"
    POSTPONE = "postpone"
    CORRECT_ENTRY = "correct-entry"
    CHANGE_PATIENT = "change-patient"
    MANAGE_COURSE = "manage-course"
    MANAGE_STAFF = "manage-staff"
    SEE_STAFF = "see-staff"
    MANAGE_WORDING = "manage-wording"
    SEE_LEDGER = "see-ledger"
    RECEIVE_STOCK = "receive-stock"
    CHART_LEDGER = "chart-ledger"
    WITNESS = "witness"
    ADJUST_LEDGER = "adjust-ledger"
    SEE_FORMS = "see-forms"
    ANSWER_FORM = "answer-form"
    FILE_FORM = "file-form"
    SEE_FOLLOW_UPS = "see-follow-ups"
    REVIEW_FOLLOW_UP = "review-follow-up"
    OPEN_DAY = "open-day"
    ENROL_ROOM = "enrol-room"
    SEE_ROOM = "see-room"
    CALL_NURSE = "call-nurse"
    PAUSE_FLAG = "pause-flag"
    REPORT_DRAWN = "report-drawn"
    HAND_OVER = "hand-over"
    COVER = "cover"
    COVER_TAKEN = "cover-taken"
    COVER_ENDED = "cover-ended"
    ENROL_WALL = "enrol-wall"
    SEE_LIMITS = "see-limits"
    DRAFT_LIMITS = "draft-limits"
    SIGN_LIMITS = "sign-limits"
    CHANGE_PATIENT_LIMITS = "change-patient-limits"
    REPLAY_LIMITS = "replay-limits"
    SEE_ALERTING = "see-alerting"
    MANAGE_ALERTING = "manage-alerting"
    SUBSCRIBE_PUSH = "subscribe-push"
    SEE_FIGURES = "see-figures"
    SEE_REPORT = "see-report"
    TAKE_PACK = "take-pack"
    SEE_EXPORTS = "see-exports"
    EXPORT = "export"
    SCHEDULE_EXPORT = "schedule-export"
    ALERTNESS = "alertness"
    OXYGEN_TARGET = "oxygen-target"
    MANAGE_SCORING = "manage-scoring"


_CARE = frozenset({Role.NURSE, Role.SUPERVISOR})
_STAFF = frozenset({Role.NURSE, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})

MAY: dict[Act, frozenset[Role]] = {
    Act.SEE_BOARD: _STAFF | {Role.WALL},
    Act.SEE_SESSION: _STAFF,
    Act.SEE_PATIENTS: _STAFF,
    Act.SEE_STATUS: _STAFF,
    Act.SEE_QUARANTINE: frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR}),
    Act.REGISTER_PATIENT: frozenset({Role.NURSE, Role.SUPERVISOR, Role.ADMIN}),
    Act.SCHEDULE: frozenset({Role.NURSE, Role.SUPERVISOR, Role.ADMIN}),
    Act.SEND_READINGS: _CARE | {Role.DEVICE},
    Act.CORRECT_READING: _CARE,
    Act.ACKNOWLEDGE: _CARE,
    Act.CHECK_IN: _CARE,
    Act.START: _CARE,
    Act.DOSE: _CARE,
    Act.PAUSE: _CARE,
    Act.RESUME: _CARE,
    Act.STOP: _CARE,
    Act.HOLD: _CARE,
    Act.CANCEL: frozenset({Role.NURSE, Role.SUPERVISOR, Role.ADMIN}),
    Act.TRANSFER: _CARE,
    Act.MOVE_CHAIR: _CARE,
    Act.SYMPTOM: _CARE,
    Act.NOTE: _CARE,
    Act.LEAVING_CHECK: _CARE,
    Act.READINESS: _CARE,
    Act.WAIT_ESCORT: _CARE,
    Act.RELEASE: _CARE,
    # an end before the window's end is also signed by a prescriber: see sessions.protocol
    Act.END_EARLY: _CARE,
    Act.GATE: _CARE,
    # also asks for a prescriber's credential that is in date
    Act.DECIDE: _CARE,
    Act.MEDICINE: _CARE,
    Act.RESOLVE_SYMPTOM: _CARE,
    Act.ADVERSE_EVENT: _CARE,
    Act.SCALE: _CARE,
    # also asks for a credential: see sessions.services.scales
    Act.REVIEW_SCALE: _CARE,
    Act.POSTPONE: _CARE,
    Act.CORRECT_ENTRY: _CARE,
    Act.CHANGE_PATIENT: frozenset({Role.NURSE, Role.SUPERVISOR, Role.ADMIN}),
    Act.MANAGE_COURSE: frozenset({Role.NURSE, Role.SUPERVISOR, Role.ADMIN}),
    Act.MANAGE_STAFF: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Act.SEE_STAFF: _STAFF,
    Act.MANAGE_WORDING: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Act.SEE_LEDGER: _STAFF,
    Act.RECEIVE_STOCK: _CARE,
    Act.CHART_LEDGER: _CARE,
    # never one's own entry: see sessions.services.ledger
    Act.WITNESS: _CARE,
    Act.ADJUST_LEDGER: frozenset({Role.SUPERVISOR}),
    Act.SEE_FORMS: _STAFF,
    Act.ANSWER_FORM: _CARE,
    Act.FILE_FORM: frozenset({Role.NURSE, Role.SUPERVISOR, Role.ADMIN}),
    Act.SEE_FOLLOW_UPS: _STAFF,
    Act.REVIEW_FOLLOW_UP: _CARE,
    Act.OPEN_DAY: _CARE,
    Act.ENROL_ROOM: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Act.SEE_ROOM: frozenset({Role.ROOM}),
    Act.CALL_NURSE: frozenset({Role.ROOM}),
    Act.PAUSE_FLAG: _CARE,
    Act.REPORT_DRAWN: _CARE | {Role.ADMIN, Role.WALL},
    Act.HAND_OVER: _CARE,
    Act.COVER: _CARE,
    Act.COVER_TAKEN: _CARE,
    Act.COVER_ENDED: _CARE,
    Act.ENROL_WALL: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Act.SEE_LIMITS: _STAFF,
    Act.DRAFT_LIMITS: frozenset({Role.SUPERVISOR}),
    Act.SIGN_LIMITS: frozenset({Role.SUPERVISOR}),
    Act.CHANGE_PATIENT_LIMITS: frozenset({Role.SUPERVISOR}),
    Act.REPLAY_LIMITS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Act.SEE_ALERTING: _STAFF,
    Act.MANAGE_ALERTING: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Act.SUBSCRIBE_PUSH: _CARE,
    Act.SEE_FIGURES: frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR}),
    Act.SEE_REPORT: _STAFF,
    Act.TAKE_PACK: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    # that there was one, by whom and of what; its file is for who may export
    Act.SEE_EXPORTS: frozenset({Role.ADMIN, Role.AUDITOR}),
    Act.EXPORT: frozenset({Role.ADMIN}),
    Act.SCHEDULE_EXPORT: frozenset({Role.ADMIN}),
    Act.ALERTNESS: _CARE,
    # also asks for a prescriber's credential that is in date
    Act.OXYGEN_TARGET: _CARE,
    Act.MANAGE_SCORING: frozenset({Role.SUPERVISOR}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts: one person or device in one clinic. Every service is told, none looks it up."""

    clinic_id: int
    role: Role
    name: str
    user_id: UUID | None = None
    device_id: UUID | None = None
    chair_id: UUID | None = None
    simulated: bool = False
    # the browser or token that speaks for them: a witness signs at another one than the one who acted
    station: str = ""

    @property
    def is_authenticated(self) -> bool:
        """Django REST framework asks this of whatever a token stands for."""
        return True

    @property
    def is_device(self) -> bool:
        return self.role is Role.DEVICE

    @property
    def actor_id(self) -> UUID:
        """The person's or the device's id, for audit rows and for who recorded a value."""
        actor = self.device_id or self.user_id
        assert actor is not None, "a principal is a person or a device"  # noqa: S101  built only by clinic.tokens and the middleware
        return actor


def may(by: Principal, act: Act) -> bool:
    """True when the principal's role is named for the act."""
    return by.role in MAY[act]


def check(by: Principal, act: Act) -> None:
    """Raise ``AccessDenied`` with the reason unless the role is named for the act."""
    if not may(by, act):
        allowed = ", ".join(sorted(MAY[act]))
        raise AccessDenied(f"A {by.role} may not do “{act}” here; it is open to: {allowed}.")


def acts_of(by: Principal) -> frozenset[str]:
    """All acts the principal's role is named for, for screens that show only what can be done."""
    return frozenset(act.value for act, roles in MAY.items() if by.role in roles)


def principal_of(request: Any) -> Principal | None:
    """The principal behind a Django or DRF request; None when nobody is signed in."""
    user = getattr(request, "user", None)
    if isinstance(user, Principal):
        return user
    inner = getattr(request, "_request", request)
    return getattr(inner, "principal", None)


class IsMember(BasePermission):
    """Every API view needs a principal; the view's service then checks the act."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return principal_of(request) is not None
