"""What the chart is told of a correction."""

from datetime import UTC, datetime
from uuid import uuid4

from screens.chart_inputs import correction_marks
from vitals.queries import ReadingView

AT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


def view(values, *, supersedes=None, reason=""):
    return ReadingView(
        id=uuid4(),
        measured_at=AT,
        received_at=AT,
        values=values,
        late_fields=(),
        doubtful={},
        absent={},
        version=1,
        supersedes=supersedes,
        superseded_by=None,
        recorded_by="Nurse",
        source="staff",
        reason=reason,
    )


def test_a_correction_is_marked_on_each_value_it_changed_gave_or_took_away():
    old = view({"systolic": 158, "diastolic": 94, "heart_rate": 96})
    new = view({"systolic": 138, "diastolic": 94, "spo2": 97}, supersedes=old.id, reason="Typed wrong")
    marks = correction_marks([old, new])
    assert [mark.vital for mark in marks] == ["heart_rate", "spo2", "systolic"]
    assert {mark.text for mark in marks} == {"corrected: Typed wrong"}
