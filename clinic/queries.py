"""Reads of the ground; each begins with the clinic."""

import contextlib
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.models import Chair, Credential, Membership, Patient
from clinic.refusals import NotFound


def chairs(clinic_id: int) -> list[Chair]:
    """The clinic's chairs in their fixed order."""
    return list(Chair.objects.filter(clinic_id=clinic_id).order_by("position"))


def chair_named(clinic_id: int, name: str) -> Chair:
    """The chair of that name, or with that id. raises: NotFound."""
    by_name = Q(name=name)
    with contextlib.suppress(ValueError):
        by_name |= Q(id=UUID(name))
    chair = Chair.objects.filter(by_name, clinic_id=clinic_id).first()
    if chair is None:
        raise NotFound
    return chair


def patient(clinic_id: int, patient_id: UUID) -> Patient:
    """One patient of the clinic. raises: NotFound."""
    found = Patient.objects.filter(clinic_id=clinic_id, id=patient_id).first()
    if found is None:
        raise NotFound
    return found


def patients_matching(clinic_id: int, words: str) -> QuerySet[Patient]:
    """Patients whose names or record number contain every word, by family name."""
    found = Patient.objects.filter(clinic_id=clinic_id)
    for word in words.split():
        found = found.filter(
            Q(mrn__icontains=word) | Q(given_name__icontains=word) | Q(family_name__icontains=word)
        )
    return found.order_by("family_name", "given_name", "mrn")


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of a clinic with role and credentials, soonest to run out first."""

    user_id: UUID
    name: str
    role: str
    credentials: tuple[Credential, ...]


def members(clinic_id: int) -> list[MemberView]:
    """Everybody who belongs to the clinic now, by name."""
    rows = Membership.objects.select_related("user").filter(
        clinic_id=clinic_id, ended_at__isnull=True, user__is_active=True
    )
    held: dict[UUID, list[Credential]] = defaultdict(list)
    for credential in Credential.objects.filter(user__memberships__in=rows).order_by("expires_on", "kind"):
        held[credential.user_id].append(credential)
    found = [
        MemberView(row.user_id, row.user.shown_name(), row.get_role_display(), tuple(held[row.user_id]))
        for row in rows
    ]
    return sorted(found, key=lambda member: member.name)


def member(clinic_id: int, user_id: UUID) -> MemberView:
    """One member of the clinic. raises: NotFound."""
    found = next((one for one in members(clinic_id) if one.user_id == user_id), None)
    if found is None:
        raise NotFound
    return found
