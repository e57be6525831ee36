"""What people and screens do to a flag: take it, silence it for a while, say that it was drawn."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.refusals import Invalid, NotAllowed, NotFound
from vitals import asking, taking, ticking
from vitals.flag_changes import FlagChange
from vitals.flagstates import TARGET, FlagState, Happening
from vitals.models import Flag
from vitals.panel import Panel, PanelFlag, decode, encode
from vitals.services import flag_rows, storage
from vitals.services.announcing import Announcement, announce
from vitals.services.limit_sets import limit_set
from vitals.services.storage import WatchRow

# an audio pause ends by itself: a typical monitor's lasts two minutes; the longest is the clinic's to set
LONGEST_PAUSE = timedelta(minutes=10)


def acknowledge(*, by: Principal, flag_id: UUID, action: str, at: datetime) -> Flag:
    """Take an open flag; a latched one resolves, a late one is thereby reviewed.

    raises: AccessDenied; NotFound for another clinic's; NotAllowed when it is resolved already, or still
            pending: then the chair is to be measured again.
    """
    check(by, Act.ACKNOWLEDGE)
    with transaction.atomic():
        flag, watch = _locked(by, flag_id)
        if flag.late:
            _review(flag, by, action, at)
        else:
            _change(
                by,
                flag,
                watch,
                Happening.TAKEN,
                at,
                lambda panel, live: taking.take_flag(
                    panel, live, by=by.name, by_id=by.user_id, action=action, at=at
                ),
            )
    flag.refresh_from_db()
    return flag


def pause(*, by: Principal, flag_id: UUID, minutes: int, reason: str, at: datetime) -> Flag:
    """Silence an active flag for some minutes; it stays on every screen, and a higher one is never silenced.

    raises: AccessDenied; NotFound; Invalid for a missing reason or a time out of range; NotAllowed in a state
            that has nothing to silence.
    """
    check(by, Act.PAUSE_FLAG)
    longest = int(LONGEST_PAUSE.total_seconds() // 60)
    if not 1 <= minutes <= longest:
        raise Invalid(f"A pause lasts 1 to {longest} minutes.", field="minutes")
    if not reason.strip():
        raise Invalid("A pause needs a reason.", field="reason")
    until = at + timedelta(minutes=minutes)
    with transaction.atomic():
        flag, watch = _locked(by, flag_id)
        if flag.late:
            raise NotAllowed("A late flag rings nowhere: review it.", missing=["a live flag"])
        _change(
            by,
            flag,
            watch,
            Happening.PAUSED,
            at,
            lambda panel, live: taking.pause_flag(
                live, by=by.name, until=until, reason=reason.strip(), at=at
            ),
        )
    flag.refresh_from_db()
    return flag


def _locked(by: Principal, flag_id: UUID) -> tuple[Flag, WatchRow]:
    """An open flag of the clinic with its session's watch row, locked."""
    flag = Flag.objects.filter(clinic_id=by.clinic_id, id=flag_id).first()
    if flag is None:
        raise NotFound
    watch = storage.lock_watch_rows([flag.session_id])[flag.session_id]
    flag.refresh_from_db()
    if flag.resolved_at is not None:
        raise NotAllowed("The flag is resolved already.", missing=["an open flag"])
    return flag, watch


def _review(flag: Flag, by: Principal, action: str, at: datetime) -> None:
    flag.state, flag.resolved_at, flag.resolved_cause = FlagState.RESOLVED, at, "reviewed"
    flag.acknowledged_at, flag.acknowledged_by, flag.action = at, by.name, action
    flag.first_taken_at = at
    flag.save()
    audit.record(
        [
            audit.Entry(
                by=by,
                act="flag-reviewed",
                subject="flag",
                subject_id=str(flag.id),
                session_id=flag.session_id,
                details={"action": action, "priority": flag.priority},
            )
        ]
    )


def _change(
    by: Principal,
    flag: Flag,
    watch: WatchRow,
    happening: Happening,
    at: datetime,
    do: Callable[[Panel, PanelFlag], FlagChange],
) -> None:
    panel = decode(watch.panel)
    live = next((one for one in panel.flags if one.id == flag.id), None)
    if live is None:
        raise NotAllowed("The flag is resolved already.", missing=["an open flag"])
    if (live.state, happening) not in TARGET:
        allowed = ", ".join(source for source, what in TARGET if what is happening)
        raise NotAllowed(
            f"The flag is {live.state}; only one that is {allowed} can be {happening}.", missing=[allowed]
        )
    change = do(panel, live)
    panel.version += 1
    flag_rows.write_changes({flag.session_id: watch}, {flag.session_id: [change]}, raised_at=at, by=by)
    _write(watch, panel, [change])


def _write(watch: WatchRow, panel: Panel, changes: Iterable[FlagChange]) -> None:
    alert_at = ticking.next_alert_at(panel, limit_set(watch.limit_set_id))
    storage.write_watch_rows([(watch.session_id, alert_at, encode(panel))])
    announce([Announcement(watch.clinic_id, watch.session_id, changes=changes)])


def drawn(*, by: Principal, flag_ids: Iterable[UUID], at: datetime) -> int:
    """A board says that it has drawn these flags. Returns how many it was the first to draw.

    Ids of other clinics, and of flags that are resolved, are passed over: the board is merely behind.
    raises: AccessDenied.
    """
    check(by, Act.REPORT_DRAWN)
    with transaction.atomic():
        rows = Flag.objects.filter(clinic_id=by.clinic_id, id__in=list(flag_ids), resolved_at__isnull=True)
        wanted = dict(rows.filter(late=False).values_list("id", "session_id"))
        watches = storage.lock_watch_rows(set(wanted.values()))
        first: list[UUID] = []
        for watch in watches.values():
            panel = decode(watch.panel)
            new = [flag for flag in panel.flags if flag.id in wanted and asking.drawn(flag, at)]
            if not new:
                continue
            first += [flag.id for flag in new]
            panel.version += 1
            _write(watch, panel, ())
            Flag.objects.filter(pk__in=[flag.id for flag in new]).update(drawn_at=at, undrawn=False)
        if first:
            audit.record(
                audit.Entry(
                    by=by,
                    act=Act.REPORT_DRAWN,
                    subject="flag",
                    subject_id=str(flag_id),
                    session_id=wanted[flag_id],
                )
                for flag_id in first
            )
    return len(first)
