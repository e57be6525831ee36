"""Switching channels, and where notifications go: each change with who and when, audited with its row."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from clinic import audit
from clinic.access import Act, Principal, check, may
from clinic.refusals import Conflict, Invalid, NotAllowed, NotFound
from vitals import alerting, notices
from vitals.devices.network import AddressRefused
from vitals.messengers import posting, push
from vitals.models import AlertingSwitch, AlertTarget, Notification
from vitals.notices import Channel, State
from vitals.services import notifying


def switch(*, by: Principal, channel: Channel, on: bool, warning: str, at: datetime) -> AlertingSwitch:
    """Switch a channel of the clinic. On only with its warning, which is kept word for word.

    raises: AccessDenied; NotAllowed naming each limit set in use that nobody has signed; Invalid for another
            warning than the one that is shown now.
    """
    check(by, Act.MANAGE_ALERTING)
    if on:
        unsigned = alerting.unsigned(by.clinic_id)
        if unsigned:
            raise NotAllowed(
                f"{channel.words} stays off until the clinic’s limits are signed.", missing=unsigned
            )
        if warning != notices.WARNINGS[channel]:
            raise Invalid(
                "warning is not the text that is shown now: read it and accept it.", field="warning"
            )
    with transaction.atomic():
        row = AlertingSwitch.objects.create(
            clinic_id=by.clinic_id,
            channel=channel,
            is_on=on,
            at=at,
            by_id=by.actor_id,
            by_name=by.name,
            warning=warning if on else "",
        )
        _audit(by, Act.MANAGE_ALERTING, "alerting", str(row.pk), channel=channel, on=on)
    return row


# --- where to


def keep_email(*, by: Principal, address: str, at: datetime) -> AlertTarget:
    """Have one's own notifications by e-mail, here in place of an address before. raises: AccessDenied."""
    check(by, Act.SUBSCRIBE_PUSH)
    with transaction.atomic():
        mine = _live(by).filter(channel=Channel.EMAIL, user=by.user_id).select_for_update()
        held = mine.filter(address=address).first()
        if held is not None:
            return held
        _end(mine, by, "another address took its place", at)
        return _add(by, at, channel=Channel.EMAIL, user_id=by.user_id, address=address)


def keep_browser(
    *, by: Principal, endpoint: str, p256dh: str, auth: str, name: str, at: datetime
) -> AlertTarget:
    """Have one's own notifications pushed to the browser that gave these. Again changes nothing.

    raises: AccessDenied; Invalid for keys that are none, or a push service where nothing may be sent.
    """
    check(by, Act.SUBSCRIBE_PUSH)
    fault = push.fault_in(p256dh, auth)
    if fault:
        raise Invalid(f"The keys of this browser cannot be used: {fault}.", field="keys")
    _check_reachable(endpoint, field="endpoint")
    with transaction.atomic():
        here = _live(by).filter(channel=Channel.PUSH, address=endpoint).select_for_update()
        held = here.filter(user=by.user_id, p256dh=p256dh, auth=auth).first()
        if held is not None:
            return held
        _end(here, by, "this browser was set up anew", at)
        return _add(
            by,
            at,
            channel=Channel.PUSH,
            user_id=by.user_id,
            name=name,
            address=endpoint,
            p256dh=p256dh,
            auth=auth,
        )


def add_webhook(*, by: Principal, name: str, url: str, at: datetime) -> AlertTarget:
    """Add a webhook; its ``secret`` is to be shown this one time.

    raises: AccessDenied; Invalid for an address that is none, or lies where nothing may be sent.
    """
    check(by, Act.MANAGE_ALERTING)
    _check_reachable(url, field="url")
    with transaction.atomic():
        return _add(by, at, channel=Channel.WEBHOOK, name=name, address=url, secret=secrets.token_urlsafe(32))


def end_target(*, by: Principal, target_id: UUID, at: datetime) -> AlertTarget:
    """Send nothing there any more: one's own, or as a manager of alerting any of the clinic's.

    raises: NotFound; AccessDenied.
    """
    with transaction.atomic():
        target = _locked(by, target_id)
        _end([target], by, f"removed by {by.name}"[:80], at)
    return target


def send_test(*, by: Principal, target_id: UUID, at: datetime) -> Notification:
    """Send a test, as a flag would be sent, also while the channel is off. It names nothing of any session.

    raises: NotFound; AccessDenied; Conflict while one is on its way.
    """
    try:
        with transaction.atomic():
            target = _locked(by, target_id)
            row = notifying.write_test(target, at=at)
            _audit(by, "test-notification", "notification", str(row.pk), channel=target.channel)
    except IntegrityError as error:
        if "notification_one_test" in str(error):
            raise Conflict("A test is on its way there already.") from error
        raise
    return row


def send_again(*, by: Principal, notification_id: UUID, at: datetime) -> Notification:
    """Begin the tries of a dead notification anew. Another clinic's is not found, whoever asks.

    raises: NotFound; AccessDenied; NotAllowed when it is not dead, its address was removed, or nobody needs
            it any more.
    """
    with transaction.atomic():
        row = (
            Notification.objects.select_for_update(of=("self",))
            .select_related("target", "flag")
            .filter(clinic_id=by.clinic_id, pk=notification_id)
            .first()
        )
        if row is None:
            raise NotFound
        check(by, Act.MANAGE_ALERTING)
        if row.state != State.DEAD:
            raise NotAllowed(f"It is {row.state}, not dead.", missing=["a dead notification"])
        if row.target.ended_at is not None:
            raise NotAllowed("Its address was removed.", missing=["an address"])
        if row.flag is not None and row.flag.state not in notices.NEEDING:
            raise NotAllowed("Nobody needs it any more: somebody has the flag, or it ended.")
        Notification.objects.filter(pk=row.pk).update(
            state=State.WAITING, due_at=Now(), attempts=0, settled_at=None, trouble=""
        )
        AlertTarget.objects.filter(pk=row.target_id).update(rests_until=None)
        _audit(by, "resend-notification", "notification", str(row.pk), channel=row.target.channel)
    row.refresh_from_db()
    return row


# --- rows


def _live(by: Principal) -> QuerySet[AlertTarget]:
    return AlertTarget.objects.filter(clinic_id=by.clinic_id, ended_at__isnull=True)


def _locked(by: Principal, target_id: UUID) -> AlertTarget:
    """The clinic's target, for who may. Another clinic's is not found, whoever asks."""
    target = AlertTarget.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=target_id).first()
    if target is None or target.ended_at is not None:
        raise NotFound
    own = target.user_id is not None and target.user_id == by.user_id
    check(by, Act.SUBSCRIBE_PUSH if own and not may(by, Act.MANAGE_ALERTING) else Act.MANAGE_ALERTING)
    return target


def _check_reachable(url: str, *, field: str) -> None:
    try:
        posting.endpoint(url)
    except AddressRefused as refusal:
        raise Invalid(f"{field} cannot be called: {refusal.reason}.", field=field) from refusal


def _add(by: Principal, at: datetime, **columns: Any) -> AlertTarget:
    target = AlertTarget.objects.create(clinic_id=by.clinic_id, added_at=at, added_by=by.name, **columns)
    details: dict[str, Any] = {"channel": target.channel}
    if target.channel == Channel.WEBHOOK:
        details["host"] = urlsplit(target.address).hostname
    _audit(by, "add-alert-target", "alert-target", str(target.pk), **details)
    return target


def _end(targets: Iterable[AlertTarget], by: Principal, why: str, at: datetime) -> None:
    for target in targets:
        target.ended_at, target.ended_because = at, why
        target.save(update_fields=["ended_at", "ended_because"])
        _audit(by, "end-alert-target", "alert-target", str(target.pk), channel=target.channel)


def _audit(by: Principal, act: str, subject: str, subject_id: str, **details: Any) -> None:
    audit.record([audit.Entry(by=by, act=act, subject=subject, subject_id=subject_id, details=details)])
