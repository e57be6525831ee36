"""One correction of the dose's real start, and everything that hangs on it moves in one step."""

from datetime import timedelta

from reports import monitoring_form
from sessions import queries as treatments
from sessions.models import SessionEvent
from tests import builders, form_stage
from vitals import queries
from vitals.models import Watch
from vitals.panel import decode
from vitals.services import acts

SEVEN = timedelta(minutes=7)


def minutes(count):
    return timedelta(minutes=count)


def stands(cast, session, at):
    """Where everything stands: record, watch, board, plan, form."""
    row = treatments.session(cast.clinic.pk, session.id)
    watch = Watch.objects.get(pk=session.id)
    panel = decode(watch.panel)
    form = monitoring_form.form_of(row, at=at)
    cells = {cell.code: cell for cell in form.cells}
    [board] = [decode(text) for text in queries.board(cast.clinic.pk).panels]
    return {
        "forecast of release": row.window_ends_at,
        "start in the record": row.dose_started_at,
        "next due": panel.due and panel.due.at,
        "watch rings": watch.alert_at,
        "start on the board": board.dose_started_at,
        "forecast on the board": board.window_ends_at,
        "40-minute BP due": next(
            step.step.due_at
            for step in queries.steps(row, panel, queries.readings(row.id), at)
            if step.step.label == "40-minute BP"
        ),
        "form": cells,
    }


def test_the_start_moved_by_seven_minutes_moves_due_times_form_board_and_forecast(cast, morning):
    session = form_stage.dosed(cast, morning)
    form_stage.chart(session, cast.nurse, -8, **form_stage.SETS[-8])
    form_stage.chart(session, cast.nurse, 15, spo2=97, sedation=4)
    at_34 = form_stage.chart(session, cast.nurse, 34, systolic=144, diastolic=90)
    at_46 = form_stage.chart(session, cast.nurse, 46, systolic=151, diastolic=93, heart_rate=80)
    form_stage.chart(session, cast.nurse, 46, spo2=97, sedation=5)
    now = morning + minutes(47)
    before = stands(cast, session, now)
    assert before["form"]["bp-40"].value == "151/93"

    # both devices were charted seven minutes early
    device = SessionEvent.objects.get(session=session, kind="dose").entry
    correct(cast, session, device, morning + minutes(12), now)
    start = SessionEvent.objects.get(session=session, kind="start").entry
    correct(cast, session, start, morning + SEVEN, now)
    after = stands(cast, session, now)

    for name in (
        "forecast of release",
        "start in the record",
        "start on the board",
        "forecast on the board",
        "next due",
        "watch rings",
        "40-minute BP due",
    ):
        assert after[name] - before[name] == SEVEN, name
    # minute 46 is now minute 39: nearer to forty than it was, and the only one in the window
    assert after["form"]["bp-40"].value == "151/93"
    assert {origin.id for origin in after["form"]["bp-40"].origins} == {str(at_46)}
    assert str(at_34) not in str(after["form"]["bp-40"].origins)
    onsets = [stand["form"]["sedation-onset"].value for stand in (before, after)]
    assert onsets == [15, 8]


def correct(cast, session, entry, new_at, now):
    acts.correct_entry(
        by=cast.nurse,
        session_id=session.id,
        entry=entry,
        new_at=new_at,
        details={},
        in_error=False,
        reason="Clock read wrong",
        recorded_at=now,
    )


def test_a_start_moved_back_lets_another_pressure_be_the_forty_minute_one(cast, morning):
    session = form_stage.dosed(cast, morning)
    early = form_stage.chart(session, cast.nurse, 34, systolic=144, diastolic=90)
    late = form_stage.chart(session, cast.nurse, 44, systolic=151, diastolic=93)
    now = morning + minutes(46)

    def at_40():
        return {cell.code: cell for cell in monitoring_form.form_of(row(), at=now).cells}["bp-40"]

    def row():
        return treatments.session(cast.clinic.pk, session.id)

    assert {origin.id for origin in at_40().origins} == {str(late)}
    start = SessionEvent.objects.get(session=session, kind="start").entry
    correct(cast, session, start, morning - SEVEN, now)
    assert row().dose_started_at == morning - SEVEN
    assert {origin.id for origin in at_40().origins} == {str(early)}
    assert at_40().value == "144/90"
    builders.act(cast.nurse, session, "note", now, text="Start corrected")
