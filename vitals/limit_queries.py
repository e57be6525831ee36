"""Reads of limits: a clinic's versions, who has which, and what was changed for one patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic.models import Patient
from clinic.refusals import NotFound
from sessions import queries as treatments
from vitals import models
from vitals.limit_checks import Fault
from vitals.limit_differences import RowChange
from vitals.limits import LEVELS, Kind, LimitRule, LimitSet
from vitals.panel import Panel
from vitals.services import limit_drafts
from vitals.services.limit_sets import current_limit_set_id, limit_set, read_limit_set
from vitals.services.patient_limits import holds_in

UNREVIEWED = "Example limits, reviewed by nobody yet"


class Standing(StrEnum):
    """How a version stands: what new sessions begin with, a draft, or one that another has followed."""

    IN_USE = "in use"
    DRAFT = "draft"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session under way and the version it keeps."""

    id: UUID
    chair: str
    initials: str
    version: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version as lists show it. ``sessions``: those under way that keep it."""

    row: models.LimitSet
    protocol: str
    standing: Standing
    sessions: Sequence[OpenSession] = ()

    @property
    def whose(self) -> str:
        """Whose limits these are, in words that stand wherever they are shown."""
        if self.row.reviewed_on is not None:
            return f"Reviewed by {self.row.reviewed_by} on {self.row.reviewed_on:%-d %b %Y}"
        return UNREVIEWED if self.row.version == 1 else "Reviewed by nobody yet"


@dataclass(frozen=True, slots=True)
class VersionDetail:
    """One version in full.

    changes: how it differs from the version in use; empty for that one itself.
    faults:  what stands in the way of its signature; a draft's only.
    """

    view: VersionView
    limits: LimitSet
    in_use: LimitSet
    changes: Sequence[RowChange]
    faults: Sequence[Fault]
    not_watched: Mapping[str, str]


def require_version(clinic_id: int, limit_set_id: int) -> None:
    """raises: NotFound unless the version is the clinic's."""
    if not models.LimitSet.objects.filter(clinic_id=clinic_id, pk=limit_set_id).exists():
        raise NotFound


def versions(clinic_id: int) -> list[VersionView]:
    """Every version of the clinic's limits, by protocol and then the newest first."""
    names = {one.code: one.name for one in treatments.current_protocols(clinic_id)}
    rows = models.LimitSet.objects.filter(clinic_id=clinic_id).select_related("based_on")
    in_use = {code: current_limit_set_id(clinic_id, code) for code in names}
    kept = open_sessions(clinic_id)
    views = [
        VersionView(
            row,
            names.get(row.protocol_code, row.protocol_code),
            _standing(row, in_use.get(row.protocol_code)),
            kept.get(row.pk, ()),
        )
        for row in rows
    ]
    return sorted(views, key=lambda view: (view.protocol, -view.row.version))


def _standing(row: models.LimitSet, in_use: int | None) -> Standing:
    if row.pk == in_use:
        return Standing.IN_USE
    return Standing.DRAFT if limit_drafts.is_draft(row) else Standing.PAST


def version(clinic_id: int, limit_set_id: int) -> VersionDetail:
    """One version in full. raises: NotFound."""
    view = next((one for one in versions(clinic_id) if one.row.pk == limit_set_id), None)
    if view is None:
        raise NotFound
    own = read_limit_set(limit_set_id)
    in_use = limit_set(current_limit_set_id(clinic_id, view.row.protocol_code))
    draft = view.standing is Standing.DRAFT
    return VersionDetail(
        view=view,
        limits=own,
        in_use=in_use,
        changes=limit_drafts.changes_of(clinic_id, view.row.protocol_code, own),
        faults=limit_drafts.faults_of(clinic_id, own, view.row.not_watched) if draft else (),
        not_watched=view.row.not_watched,
    )


def open_sessions(clinic_id: int) -> dict[int, list[OpenSession]]:
    """The sessions under way by the version they keep, in the order of their chairs."""
    rows = (
        models.Watch.objects.filter(clinic_id=clinic_id, is_open=True)
        .select_related("session__patient", "session__chair", "limit_set")
        .order_by("session__chair__position")
    )
    kept: dict[int, list[OpenSession]] = {}
    for row in rows:
        chair = row.session.chair
        one = OpenSession(
            row.session_id, chair.name if chair else "", row.session.patient.initials, row.limit_set.version
        )
        kept.setdefault(row.limit_set_id, []).append(one)
    return kept


# --- changed for one patient


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change for one patient. ``before`` is the row as the clinic has it, ``after`` None when it is off.

    holds: it holds now; lapsed: it would, but the version in use has another row there.
    """

    row: models.LimitChange
    before: LimitRule
    after: LimitRule | None
    holds: bool
    lapsed: bool

    @property
    def words(self) -> str:
        """ "SBP ≥ 175, clinic's limit 165" or "SBP ≥ 165 switched off"."""
        if self.after is None:
            return f"{self.before.words()} switched off"
        return f"{self.after.words()}, instead of {self.before.words()}"

    @property
    def over_at(self) -> datetime:
        return self.row.ended_at or self.row.until_at


def patient_changes(clinic_id: int, patient_id: UUID, *, at: datetime) -> list[ChangeView]:
    """All changes ever made for a patient of the clinic, what holds now first. raises: NotFound."""
    if not Patient.objects.filter(clinic_id=clinic_id, pk=patient_id).exists():
        raise NotFound
    rows = models.LimitChange.objects.filter(patient_id=patient_id).select_related("limit_set")
    views = [_change(row, at) for row in rows]
    return sorted(views, key=lambda view: (not view.holds, -view.row.from_at.timestamp()))


def patient_change(clinic_id: int, change_id: UUID, *, at: datetime) -> ChangeView:
    """One change. raises: NotFound."""
    row = models.LimitChange.objects.select_related("limit_set").filter(clinic_id=clinic_id, pk=change_id)
    found = row.first()
    if found is None:
        raise NotFound
    return _change(found, at)


def _change(row: models.LimitChange, at: datetime) -> ChangeView:
    made_for = limit_set(row.limit_set_id)
    before = made_for.named[row.code, row.vital]
    current = limit_set(current_limit_set_id(row.clinic_id, row.limit_set.protocol_code))
    lasts = row.ended_at is None and row.from_at <= at < row.until_at
    return ChangeView(
        row=row,
        before=before,
        after=changed_row(before, row),
        holds=lasts,
        lapsed=lasts and not holds_in(row, current),
    )


def held_in(panel: Panel, at: datetime) -> list[ChangeView]:
    """The changes that hold in a session at a moment, in the order they were made."""
    held = {one.id for one in panel.patient_limits if one.from_at <= at < one.until_at}
    if not held:
        return []
    rows = models.LimitChange.objects.select_related("limit_set").filter(pk__in=held)
    return [_change(row, at) for row in rows.order_by("from_at")]


def changed_row(before: LimitRule, row: models.LimitChange) -> LimitRule | None:
    """The row as it holds for the patient; None when it is off."""
    if row.threshold is None and row.baseline_by is None:
        return None
    return replace(
        before,
        threshold=None if row.threshold is None else float(row.threshold),
        baseline_by=None if row.baseline_by is None else float(row.baseline_by),
    )


def changeable(rows: LimitSet) -> list[LimitRule]:
    """The rows that can be changed for one patient: of values, and raising a flag."""
    return [rule for rule in rows.of_kind[Kind.VALUE] if rule.priority in LEVELS]


def limits_of_patient(clinic_id: int, patient_id: UUID) -> LimitSet | None:
    """The limits a change for this patient would be made to.

    Those of the open session, else of the newest course; None when there is neither.
    """
    watch = models.Watch.objects.filter(
        clinic_id=clinic_id, is_open=True, session__patient_id=patient_id
    ).first()
    if watch is not None:
        return limit_set(watch.limit_set_id)
    course = next(iter(treatments.courses(clinic_id, patient_id)), None)
    return limit_set(current_limit_set_id(clinic_id, course.protocol_code)) if course else None
