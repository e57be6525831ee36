"""What each act on a session may be told: one body per act, in one table."""

from decimal import Decimal

from rest_framework import serializers

from clinic.api import StrictSerializer, ZonedTime


def _mg(most: int) -> serializers.DecimalField:
    return serializers.DecimalField(6, 1, min_value=Decimal("0.1"), max_value=Decimal(most), required=False)


class At(StrictSerializer):
    at = ZonedTime(required=False, help_text="default now; in the past, a late entry")


class _Start(At):
    dose_mg = _mg(1000)
    duration_min = serializers.IntegerField(min_value=1, max_value=480, required=False)
    concentration_mg_per_ml = _mg(100)
    planned_devices = serializers.IntegerField(min_value=1, max_value=3, required=False)
    lot = serializers.CharField(max_length=40, required=False, allow_blank=True)


class _Dose(At):
    bolus_mg = _mg(500)
    device = serializers.IntegerField(min_value=1, max_value=3, required=False)
    lot = serializers.CharField(max_length=40, required=False, allow_blank=True)


class WithReason(At):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


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
    "stop": WithReason,
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
