"""Taking a flag: "I'm on it", on every screen at once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.refusals import NotAllowed, NotFound
from vitals import judging
from vitals.flagstates import FlagState
from vitals.models import Flag
from vitals.panel import decode, encode
from vitals.services import flag_rows, storage
from vitals.services.announcing import Announcement, announce


def acknowledge(*, by: Principal, flag_id: UUID, action: str, at: datetime) -> Flag:
    """Take an open flag; a latched one resolves, a late one is thereby reviewed.

    raises: AccessDenied; NotFound for another clinic's; NotAllowed when it is resolved already.
    """
    check(by, Act.ACKNOWLEDGE)
    with transaction.atomic():
        flag = Flag.objects.filter(clinic_id=by.clinic_id, id=flag_id).first()
        if flag is None:
            raise NotFound
        watch = storage.lock_watch_rows([flag.session_id])[flag.session_id]
        flag.refresh_from_db()
        if flag.resolved_at is not None:
            raise NotAllowed("The flag is resolved already.", missing=["an open flag"])
        if flag.late:
            _review(flag, by, action, at)
        else:
            _take(flag, by, action, at, watch)
        audit.record(
            [
                audit.Entry(
                    by=by,
                    act=Act.ACKNOWLEDGE,
                    subject="flag",
                    subject_id=str(flag.id),
                    session_id=flag.session_id,
                    details={"action": action, "priority": flag.priority},
                )
            ]
        )
    flag.refresh_from_db()
    return flag


def _review(flag: Flag, by: Principal, action: str, at: datetime) -> None:
    flag.state, flag.resolved_at, flag.resolved_cause = FlagState.RESOLVED, at, "reviewed"
    flag.acknowledged_at, flag.acknowledged_by, flag.action = at, by.name, action
    flag.save()


def _take(flag: Flag, by: Principal, action: str, at: datetime, watch: storage.WatchRow) -> None:
    panel = decode(watch.panel)
    live = next((one for one in panel.flags if one.id == flag.id), None)
    if live is None:
        raise NotAllowed("The flag is resolved already.", missing=["an open flag"])
    change = judging.take_flag(panel, live, by=by.name, action=action, at=at)
    live.acknowledged_by_id = by.user_id
    panel.version += 1
    flag_rows.write_changes({flag.session_id: watch}, {flag.session_id: [change]}, raised_at=at)
    storage.write_watch_rows([(flag.session_id, judging.next_alert_at(panel), encode(panel))])
    announce([Announcement(watch.clinic_id, flag.session_id, changes=[change])])
