"""How long a hand-over may stay open and a cover may wait: the clinic's to set, an example until then."""

from datetime import datetime

from django.db import transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.refusals import Invalid
from vitals.hand_over import (
    EXAMPLE_TIMES,
    LONGEST_COVER_MIN,
    LONGEST_HAND_OVER_MIN,
    SHORTEST_MIN,
    Times,
)
from vitals.models import ShiftTimes


def times_of(clinic_id: int) -> Times:
    """The clinic's times; the example while nobody has set any."""
    row = ShiftTimes.objects.filter(clinic_id=clinic_id).order_by("-id").first()
    return Times(row.hand_over_min, row.cover_min, row.by_name, row.at) if row else EXAMPLE_TIMES


def set_times(*, by: Principal, hand_over_min: int, cover_min: int, at: datetime) -> Times:
    """Set the clinic's times for what begins from now on. raises: AccessDenied; Invalid naming the bound."""
    check(by, Act.MANAGE_ALERTING)
    for name, value, most in (
        ("hand_over_min", hand_over_min, LONGEST_HAND_OVER_MIN),
        ("cover_min", cover_min, LONGEST_COVER_MIN),
    ):
        if not SHORTEST_MIN <= value <= most:
            raise Invalid(f"{name} {value} is not within {SHORTEST_MIN} and {most} minutes.", field=name)
    with transaction.atomic():
        row = ShiftTimes.objects.create(
            clinic_id=by.clinic_id,
            hand_over_min=hand_over_min,
            cover_min=cover_min,
            at=at,
            by_id=by.actor_id,
            by_name=by.name,
        )
        audit.record(
            [
                audit.Entry(
                    by=by,
                    act=Act.MANAGE_ALERTING,
                    subject="shift-times",
                    subject_id=str(row.pk),
                    details={"hand_over_min": hand_over_min, "cover_min": cover_min},
                )
            ]
        )
    return times_of(by.clinic_id)
