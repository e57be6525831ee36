"""After the session: check-ins are planned at its end, sent as a link, answered once, reviewed by staff.

A link's key is made when it is sent and only its hash is kept. Sending is at least once: a job that dies
between the message and its mark sends again with a fresh key, and the older key is dead.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from clinic import audit
from clinic.access import Act, Principal, Role, check
from clinic.refusals import Invalid, NotAllowed, NotFound
from clinic.tokens import hash_key
from sessions import follow_up, messages
from sessions.models import FollowUp, FollowUpAnswer, FollowUpReview, Session

# A job that claimed a check-in and was not heard of for this long has died: it is offered again.
CLAIM_LASTS = timedelta(minutes=5)

log = logging.getLogger("vigil.follow_ups")


def plan(session: Session, *, by: Principal, known_at: datetime) -> None:
    """Plan the check-ins of a session that has ended, in the caller's transaction. Twice changes nothing."""
    assert session.ended_at is not None, "planned where a session ends"  # noqa: S101
    planned = follow_up.due(session.ended_at, known_at=known_at)
    held = set(FollowUp.objects.filter(session=session).values_list("kind", flat=True))
    made = [
        FollowUp(
            clinic_id=session.clinic_id,
            session=session,
            kind=one.kind,
            due_at=due_at,
            expires_at=due_at + one.link_lives,
        )
        for one, due_at in planned
        if one.kind.value not in held
    ]
    FollowUp.objects.bulk_create(made)
    _audit(by, "plan-follow-up", made)


# --- sending


@dataclass(frozen=True, slots=True)
class Sending:
    """A check-in that one job has claimed, with the key of its new link."""

    follow_up_id: UUID
    claimed_at: datetime
    key: str


def offered(at: datetime) -> list[UUID]:
    """Check-ins that are due, not sent, and held by no living job; the longest due first."""
    return list(_unclaimed(at).filter(due_at__lte=at).order_by("due_at").values_list("id", flat=True))


def _unclaimed(at: datetime) -> QuerySet[FollowUp]:
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=at - CLAIM_LASTS)
    return FollowUp.objects.filter(free, sent_at__isnull=True, answer__isnull=True, expires_at__gt=at)


def claim(follow_up_id: UUID, *, at: datetime) -> Sending | None:
    """Claim one check-in and give it a new key; None when another job has it. The older key is dead."""
    with transaction.atomic():
        # locked before it is looked at again: an update through a subquery would believe the older look
        row = _unclaimed(at).select_for_update(of=("self",)).filter(pk=follow_up_id).first()
        if row is None:
            return None
        key = secrets.token_urlsafe(32)
        row.claimed_at, row.key_hash = at, hash_key(key)
        row.save(update_fields=["claimed_at", "key_hash"])
    return Sending(follow_up_id, at, key)


def sent(sending: Sending, *, channel: str, at: datetime) -> None:
    """Mark a claimed check-in as sent, unless the claim has passed to another job meanwhile."""
    with transaction.atomic():
        row = _held(sending).select_for_update().first()
        if row is not None:
            row.sent_at, row.channel, row.trouble = at, channel, ""
            row.expires_at = at + follow_up.BY_KIND[row.kind].link_lives
            row.save()
            _audit(_the_rules(row.clinic_id), "send-follow-up", [row])


def _failed(sending: Sending, trouble: str) -> None:
    """Say why nothing went out. The claim stays, so the next try comes when it has run out."""
    _held(sending).update(trouble=trouble, key_hash=None)


def _held(sending: Sending) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(
        pk=sending.follow_up_id, claimed_at=sending.claimed_at, sent_at__isnull=True
    )


def send(follow_up_id: UUID, *, at: datetime) -> None:
    """Claim one check-in, send its link, mark it sent. What cannot be sent says why and is tried again."""
    sending = claim(follow_up_id, at=at)
    if sending is None:
        return
    row = FollowUp.objects.select_related("session__patient").get(pk=follow_up_id)
    patient = row.session.patient
    channel = messages.channel_of(patient)
    if not channel:
        _failed(sending, "no address")
        return
    if not settings.PUBLIC_URL:
        _failed(sending, "the public address is not set (PUBLIC_URL)")
        return
    try:
        messages.send(patient, channel, subject=SUBJECT, text=_text(sending.key))
    except Exception as error:
        # a plug-in may raise anything, and the error's own words may hold an address
        log.warning("follow-up %s not sent: %s", follow_up_id, type(error).__name__)
        _failed(sending, f"{channel} could not be sent: {type(error).__name__}")
        return
    sent(sending, channel=channel, at=at)


SUBJECT = "A short check-in"


def _text(key: str) -> str:
    return (
        "Please answer a few short questions:\n\n"
        f"{settings.PUBLIC_URL.rstrip('/')}/check-in/{key}/\n\n"
        "The link works once and for a short time. Nobody reads the answers at once.\n"
        "In an emergency call your local emergency number."
    )


# --- the patient's side


def open_check_in(key: str, *, at: datetime) -> FollowUp:
    """The check-in that a link opens. raises: NotFound, alike for an unknown, a used and an expired one."""
    found = (
        FollowUp.objects.select_related("session__course", "clinic")
        .filter(key_hash=hash_key(key), expires_at__gt=at, answer__isnull=True)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def answer(key: str, answers: Mapping[str, Any], *, at: datetime) -> FollowUpAnswer:
    """Keep what the patient answered, once. raises: NotFound as for the link."""
    with transaction.atomic():
        # two taps at once: the second waits here, and then finds the link used
        FollowUp.objects.select_for_update().filter(key_hash=hash_key(key)).first()
        row = open_check_in(key, at=at)
        kept = FollowUpAnswer.objects.create(
            follow_up=row,
            answered_at=at,
            answers=dict(answers),
            worries=list(follow_up.worries(answers)),
        )
        by = Principal(clinic_id=row.clinic_id, role=Role.SYSTEM, name="Patient, by link")
        _audit(by, "answer-follow-up", [row], worries=len(kept.worries))
    return kept


# --- staff


def review(*, by: Principal, follow_up_id: UUID, text: str, at: datetime) -> FollowUpReview:
    """Keep that somebody looked, and what was done. It closes the check-in until a newer answer comes.

    raises: AccessDenied; NotFound; Invalid without words; NotAllowed while there is nothing to look at.
    """
    check(by, Act.REVIEW_FOLLOW_UP)
    if not text.strip():
        raise Invalid("text is empty: say what was done.", field="text")
    with transaction.atomic():
        row = _locked(by, follow_up_id)
        if row.due_at > at:
            raise NotAllowed(
                "This check-in is not due yet.", missing=["an answer, or a check-in whose time has come"]
            )
        kept = FollowUpReview.objects.create(
            follow_up=row, at=at, by_id=by.actor_id, by_name=by.name, text=text.strip()
        )
        _audit(by, Act.REVIEW_FOLLOW_UP, [row])
    return kept


def resend(*, by: Principal, follow_up_id: UUID, at: datetime) -> FollowUp:
    """Have a new link sent within the minute; the one sent before is dead at once.

    raises: AccessDenied; NotFound; NotAllowed when it is answered, or not due yet.
    """
    check(by, Act.REVIEW_FOLLOW_UP)
    with transaction.atomic():
        row = _locked(by, follow_up_id)
        if FollowUpAnswer.objects.filter(follow_up=row).exists():
            raise NotAllowed("It is answered already.", missing=["a check-in without an answer"])
        if row.due_at > at:
            raise NotAllowed("This check-in is not due yet.", missing=["a check-in whose time has come"])
        row.key_hash = row.sent_at = row.claimed_at = None
        row.channel = row.trouble = ""
        row.expires_at = at + follow_up.BY_KIND[row.kind].link_lives
        row.save()
        _audit(by, "resend-follow-up", [row])
    return row


def _locked(by: Principal, follow_up_id: UUID) -> FollowUp:
    row = FollowUp.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=follow_up_id).first()
    if row is None:
        raise NotFound
    return row


def _the_rules(clinic_id: int) -> Principal:
    """The principal of what no person did."""
    return Principal(clinic_id=clinic_id, role=Role.SYSTEM, name="Vigil")


def _audit(by: Principal, act: str, rows: list[FollowUp], **details: Any) -> None:
    if not rows:
        return
    audit.record(
        audit.Entry(
            by=by,
            act=act,
            subject="follow-up",
            subject_id=str(row.id),
            session_id=row.session_id,
            details={"kind": row.kind, **details},
        )
        for row in rows
    )
