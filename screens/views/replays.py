"""The page on which a supervisor tries limits on past sessions, and its file."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal, check
from clinic.models import Clinic
from clinic.refusals import NotFound
from screens import csv_file
from screens.replay_page import beside_words, is_going_on, replay_page
from screens.views.staff import for_staff
from sessions import queries as treatments
from vitals.models import LimitReplay, LimitSet
from vitals.services import limit_replays
from vitals.services.limit_replays import MOST_SESSIONS

EARLIER_SHOWN = 5
# what the form offers: the last four weeks
OFFERED = timedelta(days=28)


@for_staff(Act.SEE_LIMITS)
def page(request: HttpRequest, by: Principal, limit_set_id: int) -> HttpResponse:
    """Ask for a replay, watch it run, read what it came to: the newest one, or the one that is named."""
    limit_set = _limit_set(by, limit_set_id)
    replays = list(
        limit_set.replays.select_related("limit_set", "beside").order_by("-asked_at")[:EARLIER_SHOWN]
    )
    replay = _named(by, limit_set, request.GET.get("replay", "")) or (replays[0] if replays else None)
    names = {one.code: one.name for one in treatments.current_protocols(by.clinic_id)}
    today = clock.now().astimezone(Clinic.objects.get(pk=by.clinic_id).zone).date()
    audit.record_look(by, "limit-replay", str(replay.id if replay else limit_set.pk))
    context = {
        "screen": "limits",
        "limit_set": limit_set,
        "protocol": names.get(limit_set.protocol_code, limit_set.protocol_code),
        "replay": replay,
        "beside": beside_words(replay) if replay else "",
        "going_on": replay is not None and is_going_on(replay),
        "busy": any(is_going_on(one) for one in replays),
        "found": replay_page(limit_replays.ran(replay)) if replay and replay.done else None,
        "earlier": [one for one in replays if one != replay],
        "first": replay.from_day if replay else today - OFFERED,
        "last": replay.until_day if replay else today,
        "most": MOST_SESSIONS,
    }
    return render(request, "screens/replay.html", context)


def _limit_set(by: Principal, limit_set_id: int) -> LimitSet:
    row = LimitSet.objects.filter(clinic_id=by.clinic_id, pk=limit_set_id).first()
    if row is None:
        raise NotFound
    check(by, Act.REPLAY_LIMITS)
    return row


def _named(by: Principal, limit_set: LimitSet, text: str) -> LimitReplay | None:
    """The replay that is asked for, where it is one of these limits. raises: NotFound."""
    if not text:
        return None
    try:
        replay = limit_replays.replay_of(by, UUID(text))
    except ValueError as error:
        raise NotFound from error
    if replay.limit_set_id != limit_set.pk:
        raise NotFound
    return replay


HEAD = (
    "session",
    "checked in",
    "watched hours",
    "flags beside",
    "flags tried",
    "high beside",
    "high tried",
    "re-checks beside",
    "re-checks tried",
    "known events",
    "missed beside",
    "missed tried",
    "what is missed",
    "added",
    "dropped",
    "could not be replayed",
)


@for_staff(Act.SEE_LIMITS)
def csv(request: HttpRequest, by: Principal, limit_set_id: int, replay_id: UUID) -> HttpResponse:
    """A replay as a file, a session on each line."""
    replay = limit_replays.replay_of(by, replay_id)
    if replay.limit_set_id != limit_set_id:
        raise NotFound
    audit.record_look(by, "limit-replay", str(replay.id))
    zone = Clinic.objects.get(pk=by.clinic_id).zone
    rows = []
    for line in replay_page(limit_replays.ran(replay)).lines:
        one, checked_in_at = line.compared, line.session.checked_in_at
        assert checked_in_at is not None, "chosen by it"  # noqa: S101
        rows.append(
            [
                str(line.session.id),
                checked_in_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
                round(one.watched_s / 3600, 2),
                line.beside,
                line.tried,
                sum(flag.priority == "high" for flag in one.beside.flags),
                sum(flag.priority == "high" for flag in one.tried.flags),
                one.beside.rechecks,
                one.tried.rechecks,
                len(one.known),
                sum(not seen.beside for seen in one.known),
                len(line.missed),
                "; ".join(f"{seen.known.kind}: {seen.known.words}" for seen in line.missed),
                "; ".join(f"{flag.rule} {flag.text}" for flag in one.added),
                "; ".join(f"{flag.rule} {flag.text}" for flag in one.dropped),
                one.failure,
            ]
        )
    name = f"limits-version-{replay.limit_set.version}-tried-{replay.from_day}-{replay.until_day}.csv"
    return csv_file.answer(name, HEAD, rows)
