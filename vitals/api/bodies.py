"""What each act on a session may be told: one body per act, in one table."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from clinic.api import StrictSerializer, ZonedTime
from sessions.adverse_events import Criterion, Outcome, Suspected
from sessions.alertness import LOW_TARGET_SCALE, MOST_OXYGEN_L_MIN, USUAL_SCALE, Consciousness
from sessions.alertness import WORDS as CONSCIOUSNESS_WORDS
from sessions.checklist import Answer, answer_of
from sessions.gate import Choice
from sessions.symptoms import Severity


def _amount(digits: int, places: int, label: str, *, least: str, most: int) -> serializers.DecimalField:
    return serializers.DecimalField(
        digits, places, min_value=Decimal(least), max_value=Decimal(most), required=False, label=label
    )


def _mg(label: str, most: int) -> serializers.DecimalField:
    return _amount(6, 1, label, least="0.1", most=most)


def _count(label: str, most: int, *, least: int = 1) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=least, max_value=most, required=False, label=label)


def _words(label: str, most: int) -> serializers.CharField:
    return serializers.CharField(max_length=most, required=False, allow_blank=True, label=label)


class At(StrictSerializer):
    at = ZonedTime(required=False, help_text="default now; in the past, a late entry")


class WithReason(At):
    reason = _words("Reason", 300)


class OfDevice(WithReason):
    """What is written of one nasal device."""

    lot = _words("Lot", 40)
    expires_on = serializers.DateField(required=False, label="Expires on")
    second_spray_at = ZonedTime(required=False, label="Second spray at")
    dots_before = _count("Dots before", 2, least=0)
    dots_after = _count("Dots after", 2, least=0)
    observed_by = _words("Observed by", 120)
    remark = _words("Remark", 200)


class Infusion(WithReason):
    """What is written of the start of an infusion."""

    weight_kg = _amount(4, 1, "Weight, kg", least="25", most=350)
    mg_per_kg = _amount(5, 3, "Dose, mg per kg", least="0.001", most=10)
    dose_mg = _mg("Dose, mg", 1000)
    duration_min = _count("Duration, minutes", 480)
    concentration_mg_per_ml = _mg("Concentration, mg/mL", 100)
    diluted = serializers.BooleanField(required=False, label="The stock was diluted")


class Devices(OfDevice):
    """What is written of the first nasal device."""

    planned_devices = _count("Devices planned", 3)


class Start(Infusion, Devices):
    """Either route; the protocol says which fields count."""


class InfusionChange(WithReason):
    """A bolus, a new rate, or a check of the line."""

    bolus_mg = _mg("Bolus, mg", 500)
    rate_ml_per_h = _amount(6, 1, "Rate, mL/h", least="0.1", most=2000)
    rate_mg_per_h = _amount(6, 1, "Rate, mg/h", least="0.1", most=2000)
    check = serializers.ChoiceField(["line-check", "flush"], required=False, label="Check")


class NextDevice(OfDevice):
    device = _count("Device number", 3)


class Dose(InfusionChange, NextDevice):
    """Either route; the protocol says which fields count."""


class _Stop(WithReason):
    cause = serializers.ChoiceField(
        ["planned", "symptom", "patient-wish", "other"], required=False, label="Cause"
    )


class _MoveChair(At):
    chair = serializers.CharField(max_length=64)


class _Symptom(At):
    code = serializers.SlugField(max_length=40)
    severity = serializers.ChoiceField([one.value for one in Severity], required=False)
    onset_at = ZonedTime(required=False, help_text="default when it was charted")
    action = serializers.CharField(max_length=200, required=False, allow_blank=True)


class _ResolveSymptom(At):
    of = serializers.UUIDField(help_text="the symptom's entry")
    action = serializers.CharField(max_length=200, required=False, allow_blank=True)


class _Medicine(At):
    """As it was ordered and given, in the words of whoever charts it."""

    name = serializers.CharField(max_length=80)
    dose_text = serializers.CharField(max_length=60)
    route = serializers.CharField(max_length=40)
    ordered_by = serializers.CharField(max_length=80)
    indication = serializers.CharField(max_length=120, required=False, allow_blank=True)


class _Scale(At):
    scale = serializers.SlugField(max_length=40)
    answers = serializers.DictField(child=serializers.IntegerField(), help_text="item → score")


class _ReviewScale(At):
    of = serializers.UUIDField(help_text="the scale's entry")
    text = serializers.CharField(max_length=300)


class _Told(StrictSerializer):
    who = serializers.CharField(max_length=120)
    at = ZonedTime(required=False)


class _AdverseEvent(At):
    criteria = serializers.ListField(
        child=serializers.ChoiceField([one.value for one in Criterion]), allow_empty=False
    )
    narrative = serializers.CharField(max_length=4000)
    intervention = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    outcome = serializers.ChoiceField([one.value for one in Outcome])
    suspected = serializers.ChoiceField([one.value for one in Suspected], required=False)
    told = serializers.ListField(child=_Told(), allow_empty=False, max_length=10)


class _Alertness(At):
    """One look: ACVPU, with D for dissociated as expected, and what the patient breathes."""

    consciousness = serializers.ChoiceField(
        [(one.value, CONSCIOUSNESS_WORDS[one]) for one in Consciousness], label="Consciousness"
    )
    oxygen_l_min = serializers.DecimalField(
        max_digits=3,
        decimal_places=1,
        min_value=Decimal(0),
        max_value=Decimal(MOST_OXYGEN_L_MIN),
        label="Oxygen, L/min",
        help_text="0 is room air",
    )


class _OxygenTarget(At):
    spo2_scale = serializers.ChoiceField([USUAL_SCALE, LOW_TARGET_SCALE], help_text="2 for 88 to 92 %")
    reason = serializers.CharField(max_length=300)


class _Note(At):
    text = serializers.CharField(max_length=500)


class AnswerField(serializers.ChoiceField):
    """yes, no or not-assessed; true, false and null say the same."""

    def __init__(self, **how: Any) -> None:
        super().__init__([answer.value for answer in Answer], allow_null=True, **how)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is None or isinstance(data, bool):
            return answer_of(data).value
        return super().run_validation(data)


def _answers() -> serializers.DictField:
    return serializers.DictField(child=AnswerField(), required=False, help_text="item code → answer")


def _notes() -> serializers.DictField:
    return serializers.DictField(
        child=serializers.CharField(max_length=200), required=False, help_text="item code → words"
    )


class _Gate(At):
    answers = _answers()
    notes = _notes()


class _Decide(WithReason):
    decision = serializers.ChoiceField([choice.value for choice in Choice])
    signature = serializers.CharField(max_length=160, required=False, allow_blank=True)


class _Escort(WithReason):
    """Who takes the patient home, and how to reach them."""

    escort = _words("Who takes the patient home", 120)
    escort_phone = serializers.RegexField(
        r"^[0-9+()\-./ ]*$",
        max_length=32,
        required=False,
        allow_blank=True,
        label="Phone of the escort",
        help_text="digits, spaces and + ( ) - . /",
        error_messages={"invalid": "A phone number holds digits, spaces and + ( ) - . / only."},
    )
    escort_relation = _words("Relation", 60)
    signature = _words("Signature", 160)


class _Postpone(WithReason):
    minutes = serializers.IntegerField(min_value=1, max_value=15, required=False, help_text="default 5")
    # DRF takes declared fields off the class, so this one hides nothing of the serializer's own
    label = serializers.CharField(  # type: ignore[assignment]  # see above
        max_length=60, required=False, help_text="with due_at, the set you saw as due: another one is refused"
    )
    due_at = ZonedTime(required=False)


class _LeavingCheck(At):
    items = _answers()
    notes = _notes()


class _Readiness(_Escort):
    items = _answers()
    notes = _notes()


class _Release(_Escort):
    no_driving_advised = serializers.BooleanField(required=False)


BODIES: dict[str, type[At]] = {
    "check-in": At,
    "start": Start,
    "dose": Dose,
    "pause": WithReason,
    "resume": At,
    "stop": _Stop,
    "hold": WithReason,
    "cancel": WithReason,
    "transfer": WithReason,
    "move-chair": _MoveChair,
    "symptom": _Symptom,
    "resolve-symptom": _ResolveSymptom,
    "medicine": _Medicine,
    "scale": _Scale,
    "review-scale": _ReviewScale,
    "adverse-event": _AdverseEvent,
    "alertness": _Alertness,
    "oxygen-target": _OxygenTarget,
    "note": _Note,
    "gate": _Gate,
    "decide": _Decide,
    "leaving-check": _LeavingCheck,
    "readiness": _Readiness,
    "wait-escort": _Escort,
    "postpone": _Postpone,
    "cover": WithReason,
    "cover-taken": At,
    "cover-ended": At,
    "release": _Release,
}

# what of an act's body is written on one route, where it differs; for the forms that people see
BY_ROUTE: dict[tuple[str, str], type[At]] = {
    ("start", "iv"): Infusion,
    ("start", "nasal"): Devices,
    ("dose", "iv"): InfusionChange,
    ("dose", "nasal"): NextDevice,
}
