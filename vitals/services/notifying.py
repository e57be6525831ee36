"""The outbox: notifications are rows of the transaction that calls for them; the worker sends what is due.

PostgreSQL is the truth. Nothing is enqueued here, so that ``manage.py watch`` needs no broker: beat has the
due rows offered every few seconds, and what a dead worker held, or a broker forgot, is offered again when its
lease has run out. Sending is at least once; a receiver tells a repetition by its id.

Due times and leases run on the database's clock: tries are made against real servers, and a demo's clock
may be scaled.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings as django_settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from clinic import audit
from clinic.access import Principal, Role
from vitals import alerting, notices
from vitals.limits import Audience, Priority
from vitals.messengers import mail, push, webhook
from vitals.messengers.delivery import Address, Gone, Undelivered
from vitals.models import AlertTarget, Notification
from vitals.notices import Channel, Notice, State

# longer than any messenger may take: a worker that was not heard of for so long has died
LEASE = timedelta(seconds=60)
# A target that failed rests so long at most: it neither holds the worker nor stays silent once it is back.
LONGEST_REST = timedelta(seconds=30)

MESSENGERS: Mapping[Channel, Callable[[Address, Notice], None]] = {
    Channel.EMAIL: mail.send,
    Channel.PUSH: push.send,
    Channel.WEBHOOK: webhook.send,
}

log = logging.getLogger("vigil.notify")


# --- the way in


def notify(
    clinic_id: int,
    *,
    flag_id: UUID,
    session_id: UUID,
    priority: Priority,
    step: int,
    audience: Audience,
    cause: str,
    at: datetime,
    attention: datetime | None = None,
) -> int:
    """Write what is to be sent for one step of a flag, in the caller's transaction. Returns how many rows.

    attention: when the flag last asked for attention; the same step of the same attention is sent once to
               each target, however often this is called. Without it each ``at`` is one of its own.
    Nothing is written while the clinic has switched nothing on, or the session runs on limits nobody signed.
    raises: RuntimeError outside a transaction, for then flag and notification could part.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A notification belongs in the transaction that calls for it.")
    channels = alerting.settings(clinic_id).outside
    if not channels or not alerting.runs_on_signed_limits(session_id):
        return 0
    asked_at = attention or at
    made = Notification.objects.bulk_create(
        (
            Notification(
                clinic_id=clinic_id,
                target=target,
                flag_id=flag_id,
                session_id=session_id,
                priority=priority,
                step=step,
                attention=asked_at,
                cause=cause,
                at=at,
            )
            for target in alerting.targets(
                clinic_id, audience, session_id=session_id, channels=channels, at=at
            )
        ),
        ignore_conflicts=True,
    )
    # asked for again after it was dropped: a pause has ended, or somebody who had it went home
    Notification.objects.filter(flag_id=flag_id, step=step, attention=asked_at, state=State.DROPPED).update(
        state=State.WAITING, due_at=Now(), settled_at=None, trouble="", lease=None, leased_until=None
    )
    return len(made)


def write_test(target: AlertTarget, *, at: datetime) -> Notification:
    """A test to one target, in the caller's transaction. raises: IntegrityError while one is on its way."""
    return Notification.objects.create(
        clinic_id=target.clinic_id, target=target, attention=at, cause=notices.TEST_CAUSE, at=at
    )


# --- the worker's side


@dataclass(frozen=True, slots=True)
class Sending:
    """A notification that one worker holds until its lease runs out."""

    notification_id: UUID
    target_id: UUID
    lease: UUID
    attempts: int
    channel: Channel
    address: Address
    notice: Notice


def offered() -> list[UUID]:
    """Targets for which something is due that no living worker holds. What nobody needs is dropped first."""
    with transaction.atomic():
        # another sweeper's rows are left to it
        rows = _needless().select_for_update(skip_locked=True, of=("self",))
        _drop(_waiting().filter(pk__in=[row.pk for row in rows]), notices.NO_LONGER_NEEDED)
    due = _free().filter(due_at__lte=Now()).exclude(target__rests_until__gt=Now())
    return list(due.order_by("target_id").values_list("target_id", flat=True).distinct())


def send_next(target_id: UUID) -> bool:
    """Send the one that has been due longest. True when it went out: then the next may follow.

    One at a time to each target: one that hangs holds one worker's thread, however much is due there.
    """
    sending = claim(target_id)
    if sending is None:
        return False
    try:
        MESSENGERS[sending.channel](sending.address, sending.notice)
    except Exception as error:
        # a mail backend may raise anything, and the error's own words may hold an address
        words = error.reason if isinstance(error, Undelivered) else type(error).__name__
        log.warning("notification %s, try %d: %s", sending.notification_id, sending.attempts, words)
        failed(sending, words, gone=isinstance(error, Gone))
        return False
    sent(sending)
    return True


def claim(target_id: UUID) -> Sending | None:
    """Hold the target's next notification; None when nothing is due, or another worker is at it."""
    with transaction.atomic():
        target = AlertTarget.objects.select_for_update(skip_locked=True).filter(pk=target_id).first()
        if target is None or _waiting().filter(target=target, leased_until__gt=Now()).exists():
            return None
        while True:
            row = _next(target)
            if row is None:
                return None
            if needless := _why_needless(row, target):
                _drop(_waiting().filter(pk=row.pk), needless)
            elif row.attempts > len(django_settings.NOTIFY_BACKOFF_S):
                # whoever held it last died with it: it is not tried for ever
                _settle(row, State.DEAD, row.trouble or "the worker ended while it was sent")
            else:
                return _held(row, target)


def sent(sending: Sending) -> None:
    """Mark it sent, unless the lease has passed to another worker meanwhile."""
    with transaction.atomic():
        row = _leased(sending)
        if row is not None:
            _settle(row, State.SENT, "")
            AlertTarget.objects.filter(pk=row.target_id).update(rests_until=None)


def failed(sending: Sending, trouble: str, *, gone: bool = False) -> None:
    """Say why it did not go out and when it is tried again; the last try, or a target gone, ends it."""
    with transaction.atomic():
        row = _leased(sending)
        if row is None:
            return
        chance = secrets.randbelow(1000) / 1000
        wait = None if gone else notices.next_try(row.attempts, django_settings.NOTIFY_BACKOFF_S, chance)
        if gone:
            AlertTarget.objects.filter(pk=row.target_id, channel=Channel.PUSH).update(
                ended_at=Now(), ended_because="the browser’s push service no longer knows it"
            )
        if wait is None:
            _settle(row, State.DEAD, trouble)
            return
        Notification.objects.filter(pk=row.pk).update(
            trouble=trouble, due_at=Now() + wait, lease=None, leased_until=None
        )
        AlertTarget.objects.filter(pk=row.target_id).update(rests_until=Now() + min(wait, LONGEST_REST))


# --- rows


def _waiting() -> QuerySet[Notification]:
    return Notification.objects.filter(state=State.WAITING)


def _free() -> QuerySet[Notification]:
    """Waiting, and held by no living worker."""
    return _waiting().filter(Q(leased_until__isnull=True) | Q(leased_until__lte=Now()))


def _needless() -> QuerySet[Notification]:
    """What waits for a flag that somebody has taken, or that has ended."""
    return _free().filter(flag__isnull=False).exclude(flag__state__in=list(notices.NEEDING))


def _next(target: AlertTarget) -> Notification | None:
    rows = _free().filter(target=target, due_at__lte=Now()).exclude(target__rests_until__gt=Now())
    return rows.select_related("flag", "session__chair").order_by("due_at", "id").first()


def _why_needless(row: Notification, target: AlertTarget) -> str:
    """Why it is not sent any more; empty when it is."""
    if target.ended_at is not None:
        return "its address was removed"
    if not alerting.may_be_told(target):
        return "its person no longer gives care here"
    if row.flag is None:
        return ""
    if row.flag.state not in notices.NEEDING:
        return notices.NO_LONGER_NEEDED
    if not alerting.settings(row.clinic_id).allows(Channel(target.channel)):
        return "the channel was switched off"
    return ""


def _held(row: Notification, target: AlertTarget) -> Sending:
    row.lease, row.attempts = uuid4(), row.attempts + 1
    Notification.objects.filter(pk=row.pk).update(
        lease=row.lease, leased_until=Now() + LEASE, attempts=F("attempts") + 1
    )
    return Sending(
        notification_id=row.pk,
        target_id=target.pk,
        lease=row.lease,
        attempts=row.attempts,
        channel=Channel(target.channel),
        address=Address(target.address, target.secret, target.p256dh, target.auth),
        notice=_notice(row),
    )


def _notice(row: Notification) -> Notice:
    session = row.session
    chair = session.chair if session else None
    public = django_settings.PUBLIC_URL.rstrip("/")
    return Notice(
        id=row.pk,
        at=row.at,
        cause=row.cause,
        flag=row.flag_id,
        session=row.session_id,
        chair=chair.pk if chair else None,
        chair_name=chair.name if chair else "",
        priority=row.priority,
        step=row.step,
        url=f"{public}/sessions/{row.session_id}/" if public and session else "",
    )


def _leased(sending: Sending) -> Notification | None:
    """The row, locked, while it is still held under this lease; its target first, as `claim` locks it."""
    AlertTarget.objects.select_for_update().get(pk=sending.target_id)
    held = _waiting().filter(pk=sending.notification_id, lease=sending.lease)
    return held.select_for_update(of=("self",)).select_related("target").first()


def _drop(rows: QuerySet[Notification], why: str) -> None:
    rows.update(state=State.DROPPED, settled_at=Now(), trouble=why, lease=None, leased_until=None)


def _settle(row: Notification, state: State, trouble: str) -> None:
    Notification.objects.filter(pk=row.pk).update(
        state=state, settled_at=Now(), trouble=trouble, lease=None, leased_until=None
    )
    audit.record(
        [
            audit.Entry(
                by=Principal(clinic_id=row.clinic_id, role=Role.SYSTEM, name="Vigil"),
                act="send-notification",
                subject="notification",
                subject_id=str(row.pk),
                session_id=row.session_id,
                details={
                    "state": state,
                    "channel": row.target.channel,
                    "flag": row.flag_id,
                    "step": row.step,
                    "attempts": row.attempts,
                },
            )
        ]
    )
