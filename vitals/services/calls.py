"""The patient's call: a flag on every board, by the same road as any other, with nothing but the database."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.access import Act, Principal, check
from clinic.refusals import NotAllowed
from vitals import taking, ticking
from vitals.models import Watch
from vitals.panel import decode, encode
from vitals.services import flag_rows, storage
from vitals.services.announcing import Announcement, announce
from vitals.services.limit_sets import limit_set


def call(*, by: Principal, at: datetime) -> UUID:
    """Call a nurse to the principal's chair. Calling while a call is open changes nothing.

    returns: the session that calls.
    raises:  AccessDenied; NotAllowed while nobody who is watched sits in the chair.
    """
    check(by, Act.CALL_NURSE)
    with transaction.atomic():
        session_id = _watched_in(by)
        watch = storage.lock_watch_rows([session_id])[session_id]
        panel = decode(watch.panel)
        if not watch.is_open or panel.chair is None or panel.chair.id != by.chair_id:
            raise _nobody()
        change = taking.call_nurse(panel, at)
        if change is None:
            return session_id
        panel.version += 1
        flag_rows.write_changes({session_id: watch}, {session_id: [change]}, raised_at=at, by=by)
        storage.write_watch_rows(
            [(session_id, ticking.next_alert_at(panel, limit_set(watch.limit_set_id)), encode(panel))]
        )
        announce([Announcement(watch.clinic_id, session_id, changes=[change])])
    return session_id


def _watched_in(by: Principal) -> UUID:
    assert by.chair_id is not None, "a room is a chair's"  # noqa: S101
    found = Watch.objects.filter(clinic_id=by.clinic_id, chair_id=by.chair_id, is_open=True).first()
    if found is None:
        raise _nobody()
    return found.session_id


def _nobody() -> NotAllowed:
    return NotAllowed("Nobody in this chair is watched: call out.", missing=["a session in this chair"])
