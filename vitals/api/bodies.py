"""What each act on a session may be told: one body per act, in one table."""

from decimal import Decimal

from rest_framework import serializers

from clinic.api import StrictSerializer, ZonedTime


def _amount(digits: int, places: int, *, least: str, most: int) -> serializers.DecimalField:
    return serializers.DecimalField(
        digits, places, min_value=Decimal(least), max_value=Decimal(most), required=False
    )


def _mg(most: int) -> serializers.DecimalField:
    return _amount(6, 1, least="0.1", most=most)


class At(StrictSerializer):
    at = ZonedTime(required=False, help_text="default now; in the past, a late entry")


class WithReason(At):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class _OfDevice(WithReason):
    """What is written of one nasal device."""

    lot = serializers.CharField(max_length=40, required=False, allow_blank=True)
    expires_on = serializers.DateField(required=False)
    second_spray_at = ZonedTime(required=False)
    dots_before = serializers.IntegerField(min_value=0, max_value=2, required=False)
    dots_after = serializers.IntegerField(min_value=0, max_value=2, required=False)
    observed_by = serializers.CharField(max_length=120, required=False, allow_blank=True)
    remark = serializers.CharField(max_length=200, required=False, allow_blank=True)


class _Start(_OfDevice):
    dose_mg = _mg(1000)
    mg_per_kg = _amount(5, 3, least="0.001", most=10)
    weight_kg = _amount(4, 1, least="25", most=350)
    duration_min = serializers.IntegerField(min_value=1, max_value=480, required=False)
    concentration_mg_per_ml = _mg(100)
    diluted = serializers.BooleanField(required=False)
    planned_devices = serializers.IntegerField(min_value=1, max_value=3, required=False)


class _Dose(_OfDevice):
    bolus_mg = _mg(500)
    rate_ml_per_h = _amount(6, 1, least="0.1", most=2000)
    rate_mg_per_h = _amount(6, 1, least="0.1", most=2000)
    device = serializers.IntegerField(min_value=1, max_value=3, required=False)
    check = serializers.ChoiceField(["line-check", "flush"], required=False)


class _Stop(WithReason):
    cause = serializers.ChoiceField(["planned", "symptom", "patient-wish", "other"], required=False)


class _MoveChair(At):
    chair = serializers.CharField(max_length=64)


class _Symptom(At):
    code = serializers.SlugField(max_length=40)
    severity = serializers.ChoiceField(["mild", "moderate", "severe"], required=False)


class _Note(At):
    text = serializers.CharField(max_length=500)


class _Readiness(At):
    items = serializers.DictField(child=serializers.BooleanField(allow_null=True), required=False)
    escort = serializers.CharField(max_length=120, required=False, allow_blank=True)


class _Release(WithReason):
    signature = serializers.CharField(max_length=160, required=False, allow_blank=True)


BODIES: dict[str, type[At]] = {
    "check-in": At,
    "start": _Start,
    "dose": _Dose,
    "pause": WithReason,
    "resume": At,
    "stop": _Stop,
    "hold": WithReason,
    "cancel": WithReason,
    "transfer": WithReason,
    "move-chair": _MoveChair,
    "symptom": _Symptom,
    "note": _Note,
    "readiness": _Readiness,
    "wait-escort": At,
    "release": _Release,
}
