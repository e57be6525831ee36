"""Rows for every page: the busy clinic's, and what it has no need of in an ordinary hour.

A row is found by its name in an address: ``/limits/{draft}/``.
"""

import json
from datetime import timedelta

from clinic import clock
from clinic.models import Membership
from reports.exports import jobs as export_jobs
from reports.exports.asked import Asked
from reports.models import Export, ExportRun, ExportSchedule
from sessions import known_scales
from sessions.models import Course, FollowUp, Session, SessionEvent, StockItem
from sessions.services import follow_ups
from tests import builders
from tests.journeys.busy_clinic import NOW, BusyClinic
from vitals.models import Flag, LimitReplay, LimitSet, Notification, Watch
from vitals.notices import State
from vitals.services import alerting, hand_over, limit_replays

WEEK = timedelta(days=7)
ESCALATION = {
    "code": "ASK-3",
    "kind": "escalation",
    "priority": "high",
    "after_s": 300,
    "audience": "all supervisors",
    "source": "Dr Reed, medical director",
}
LONG_ADDRESS = "maximiliane.featherstonehaugh-cholmondeley@harbor-infusions.test"


def rows_of(busy: BusyClinic) -> dict[str, str]:
    """A row of the clinic for each placeholder of an address; they are made where it has none."""
    sessions = Session.objects.filter(clinic=busy.clinic)
    over = sessions.filter(outcome="released", protocol__route="nasal").order_by("ended_at")
    builders.limit_change(busy.supervisor, busy.troubled.patient, NOW)
    _notified(busy)
    _handing_over(busy)
    return {
        "session": str(busy.troubled.id),
        "nasal": str(sessions.filter(ended_at=None, protocol__route="nasal", dose_started_at__lt=NOW)[0].id),
        "waiting": str(sessions.get(state="checked_in").id),
        "due": _due_now(busy),
        "late": str(sessions.get(ended_at=None, chair__name="11").id),
        "filed": str(over.filter(filings__isnull=False)[0].id),
        "released": str(over[0].id),
        "entry": str(SessionEvent.objects.filter(session=busy.troubled, kind="start")[0].id),
        "scale": next(code for code, one in known_scales.scales().items() if len(one.items) == 1),
        "patient": str(busy.troubled.patient_id),
        "course": str(Course.objects.filter(clinic=busy.clinic, treatments__in=over)[0].id),
        "item": str(StockItem.objects.filter(clinic=busy.clinic)[0].id),
        "key": _follow_up_key(busy),
        **_limits(busy),
        "export": _exports(busy),
    }


def _due_now(busy: BusyClinic) -> str:
    """A session whose set can be taken now, and so be put off."""
    for row in Watch.objects.filter(clinic=busy.clinic, is_open=True):
        due = json.loads(row.panel)["due"]
        if due and due["opens_at"] <= NOW.isoformat() < due["at"]:
            return str(row.session_id)
    raise AssertionError("the demo has no set that is due at this moment")


def _follow_up_key(busy: BusyClinic) -> str:
    unsent = FollowUp.objects.filter(clinic=busy.clinic, sent_at=None, answer=None, expires_at__gt=NOW)
    sending = follow_ups.claim(unsent.latest("due_at").id, at=NOW)
    assert sending is not None
    follow_ups.sent(sending, channel="e-mail", at=NOW)
    return sending.key


def _notified(busy: BusyClinic) -> None:
    """One notification that waits, and one that was given up; a webhook of the clinic."""
    alerting.add_webhook(by=busy.supervisor, name="Pager gateway", url="http://127.0.0.1:9/flags", at=NOW)
    mail = alerting.keep_email(by=busy.supervisor, address=LONG_ADDRESS, at=NOW)
    alerting.send_test(by=busy.supervisor, target_id=mail.id, at=NOW)
    flag = Flag.objects.filter(clinic=busy.clinic, session=busy.troubled, priority="high").latest("opened_at")
    Notification.objects.create(
        clinic=busy.clinic,
        target=mail,
        flag=flag,
        session=busy.troubled,
        priority=flag.priority,
        step=1,
        attention=flag.opened_at,
        cause="nobody took it",
        at=NOW,
        state=State.DEAD,
        settled_at=NOW,
        attempts=6,
        trouble="answered 503",
    )


def _handing_over(busy: BusyClinic) -> None:
    """The nurse hands her chairs to her colleague, who has accepted one of them."""
    to = Membership.objects.get(clinic=busy.clinic, user__username="nurse-b")
    offer, _ = hand_over.begin(by=busy.nurse, to_id=to.user_id, at=NOW)
    first = offer.chairs.order_by("position")[0]
    hand_over.accept(
        by=busy.person("nurse-b"), hand_over_id=offer.id, session_id=first.session_id, seen=None, at=NOW
    )


def _exports(busy: BusyClinic) -> str:
    """An export in each state, and a schedule that stopped; gives the one that is done."""
    admin = busy.person("admin")
    done, running, failed, _waiting = [export_jobs.ask(by=admin, asked=Asked(), at=NOW) for _ in range(4)]
    while export_jobs.work(done.pk, at=NOW):
        pass
    Export.objects.filter(pk=running.pk).update(
        state="running", rows=40_000, read=40_000, written=12_000, started_at=NOW - timedelta(seconds=50)
    )
    Export.objects.filter(pk=failed.pk).update(
        state="failed", ended_at=NOW, trouble="It failed: OSError. The log of the worker says more."
    )
    schedule = ExportSchedule.objects.create(
        clinic=busy.clinic,
        name="Board of trustees",
        asked=done.asked,
        every="month",
        at_hour=6,
        store="archive",
        owner_id=admin.actor_id,
        made_by=admin.name,
        made_at=NOW - 5 * WEEK,
        last_until=NOW.date(),
        ended_at=NOW,
        stopped=f"{admin.name}, who set it up, may no longer export here.",
    )
    ExportRun.objects.create(
        schedule=schedule, first=NOW - 2 * WEEK, last=NOW - WEEK, made_at=NOW, trouble="No session fits."
    )
    return str(done.pk)


def _limits(busy: BusyClinic) -> dict[str, str]:
    """A draft with every kind of change and its replay; one that cannot be signed, on trial; a signed one."""
    by = busy.supervisor
    draft = builders.draft(
        by,
        NOW,
        change=[{"code": "BP-2", "vital": "systolic", "threshold": 160, "recheck_s": 180}],
        add=[ESCALATION],
        remove=[("T-1", "temperature")],
    )
    faulty = builders.draft(by, NOW, change=[{"code": "BP-2", "vital": "systolic", "threshold": 190}])
    signed = builders.signed_limits(by, NOW, protocol="nasal-esketamine")
    replay = _asked(busy, draft)
    while limit_replays.work(replay.id, at=clock.now()):
        pass
    _asked(busy, faulty)
    return {
        "draft": str(draft.pk),
        "faulty": str(faulty.pk),
        "signed": str(signed.pk),
        "replay": str(replay.id),
    }


def _asked(busy: BusyClinic, limits: LimitSet) -> LimitReplay:
    today = NOW.astimezone(busy.clinic.zone).date()
    return limit_replays.ask(
        by=busy.supervisor, limit_set_id=limits.pk, from_day=today - WEEK, until_day=today, at=NOW
    )
