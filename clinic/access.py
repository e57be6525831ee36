"""Who may do what: one table, read by screens, API and tests alike.

A role that is not named for an act may not do it. Devices are principals of their own: they may send
readings and nothing else.
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
    READINESS = "readiness"
    WAIT_ESCORT = "wait-escort"
    RELEASE = "release"
    END_EARLY = "end-early"


_CARE = frozenset({Role.NURSE, Role.SUPERVISOR})
_STAFF = frozenset({Role.NURSE, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})

MAY: dict[Act, frozenset[Role]] = {
    Act.SEE_BOARD: _STAFF,
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
    Act.READINESS: _CARE,
    Act.WAIT_ESCORT: _CARE,
    Act.RELEASE: _CARE,
    # an end before the window's end is also signed by a prescriber: see sessions.protocol
    Act.END_EARLY: _CARE,
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
