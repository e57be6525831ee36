"""How each field that the record fills is found in the facts: one function per field, in one table. Pure."""

from collections.abc import Callable
from datetime import date

from sessions.monitoring_form import effects, pressures
from sessions.monitoring_form.cells import Cell, Origin, day_words, of
from sessions.monitoring_form.effects import Course
from sessions.monitoring_form.facts import DeviceGiven, FormFacts, Pressure
from sessions.monitoring_form.fields import NO, YES

Filler = Callable[[FormFacts], Cell]
UNKNOWN_SEX = "unknown"


def _patient(code: str, name: str, missing: str) -> Filler:
    def filler(facts: FormFacts) -> Cell:
        held = getattr(facts.patient, name)
        shown = day_words(held) if isinstance(held, date) else held
        return of(code, shown, missing, Origin("patient", facts.patient.id))

    return filler


def _provider(code: str, name: str, missing: str) -> Filler:
    def filler(facts: FormFacts) -> Cell:
        if facts.provider is None:
            return Cell(code, missing=missing)
        return of(code, getattr(facts.provider, name), missing, Origin("staff", facts.provider.id))

    return filler


def _setting(code: str, name: str, missing: str) -> Filler:
    def filler(facts: FormFacts) -> Cell:
        return of(code, getattr(facts.setting, name), missing, Origin("clinic", facts.setting.id))

    return filler


def _medicine(code: str, item: str, missing: str) -> Filler:
    """Reads one answer of the pre-dose checklist; "not assessed" is no answer."""

    def filler(facts: FormFacts) -> Cell:
        said = facts.medicines.get(item)
        if said is None or said.value not in {YES, NO}:
            return Cell(code, missing=missing)
        origin = Origin("entry", said.entry, said.at, f"pre-dose checklist, {said.by_name}")
        return of(code, said.value, missing, origin)

    return filler


def _sex(facts: FormFacts) -> Cell:
    known = facts.patient.sex if facts.patient.sex != UNKNOWN_SEX else ""
    return of("patient-sex", known, "sex", Origin("patient", facts.patient.id))


def _first_treatment(facts: FormFacts) -> Cell:
    """An earlier session here says no. That none is known here says nothing, for there are other clinics."""
    if facts.earlier_session:
        return of("first-treatment", NO, "", Origin("session", facts.earlier_session))
    return Cell("first-treatment", missing="first treatment (no earlier session is on record here)")


def _enrolled(facts: FormFacts) -> Cell:
    enrolled, started = facts.patient.rems_enrolled_on, facts.started_at
    origin = Origin("patient", facts.patient.id)
    if enrolled is None or started is None:
        return Cell("enrolled", missing="date of enrolment in the REMS", origins=(origin,))
    value = YES if enrolled <= facts.day(started) else NO
    return of("enrolled", value, "", origin, words=f"{value}, on {day_words(enrolled)}")


def _treatment_date(facts: FormFacts) -> Cell:
    if facts.started_at is None:
        return Cell("treatment-date", missing="treatment date (no device is charted)")
    origin = Origin("session", facts.session, facts.started_at, "first device")
    return of("treatment-date", day_words(facts.day(facts.started_at)), "", origin)


def _given(device: DeviceGiven) -> Origin:
    return Origin("entry", device.entry, device.at, f"device {device.number}")


def _dose(facts: FormFacts) -> Cell:
    value = facts.device_mg * len(facts.devices) or None
    words = f"{value} mg, {len(facts.devices)} × {facts.device_mg} mg"
    return of("dose-mg", value, "dose (no device is charted)", *map(_given, facts.devices), words=words)


def _lots(facts: FormFacts) -> Cell:
    """The lots, each named once; one device without its lot leaves the cell incomplete."""
    origins = tuple(map(_given, facts.devices))
    lacking = [str(device.number) for device in facts.devices if not device.lot]
    if not facts.devices:
        return Cell("lot-numbers", missing="lot numbers (no device is charted)")
    if lacking:
        return Cell("lot-numbers", missing=f"lot number of device {' and '.join(lacking)}", origins=origins)
    lots = dict.fromkeys(device.lot for device in facts.devices)
    words = "; ".join(f"device {device.number}: {device.lot}" for device in facts.devices)
    return of("lot-numbers", ", ".join(lots), "", *origins, words=words)


def _total_minutes(facts: FormFacts) -> Cell:
    if facts.started_at is None or facts.ended_at is None:
        return Cell("total-minutes", missing="total minutes (the session has not ended)")
    return of(
        "total-minutes",
        facts.minute(facts.ended_at),
        "",
        Origin("session", facts.session, facts.started_at, "first device"),
        Origin("session", facts.session, facts.ended_at, "end"),
        words=f"{facts.minute(facts.ended_at)} min, {facts.clock(facts.started_at)}"
        f" to {facts.clock(facts.ended_at)}",
    )


def _pressure(code: str, found: Pressure | None, facts: FormFacts, missing: str) -> Cell:
    if found is None:
        return Cell(code, missing=missing)
    words = f"{found.words} mmHg at {facts.clock(found.at)}"
    if facts.is_after_dose(found.at):
        words += f", minute {facts.minute(found.at)}"
    return of(code, found.words, missing, Origin("reading", found.ids[0], found.at), words=words)


def _bp_before(facts: FormFacts) -> Cell:
    return _pressure("bp-before", pressures.before(facts), facts, "BP before the dose")


def _bp_40(facts: FormFacts) -> Cell:
    missing = "40-minute BP"
    if span := pressures.window(facts):
        missing += f" (none from {facts.clock(span[0])} to {facts.clock(span[1])})"
    return _pressure("bp-40", pressures.at_forty(facts), facts, missing)


def _bp_completion(facts: FormFacts) -> Cell:
    missing = "BP before completion (none after the 40-minute one)"
    return _pressure("bp-completion", pressures.at_completion(facts), facts, missing)


def _oximetry(facts: FormFacts) -> Cell:
    """How often oxygen saturation was charted from the first device on, with the lowest and the last."""
    checks = [one for one in facts.saturations if facts.is_after_dose(one.at)]
    if not checks:
        return Cell("oximetry-checks", missing="pulse oximetry (none since the first device)")
    lowest, last = min(checks, key=lambda one: (one.value, one.at)), checks[-1]
    words = (
        f"{len(checks)}; lowest {lowest.value:g} % at {facts.clock(lowest.at)},"
        f" last {last.value:g} % at {facts.clock(last.at)}"
    )
    ends = dict.fromkeys((lowest, last))
    origins = (Origin("reading", one.id, one.at, f"SpO₂ {one.value:g} %") for one in ends)
    return of("oximetry-checks", len(checks), "", *origins, words=words)


Find = Callable[[FormFacts], Course]


def _experienced(code: str, find: Find, missing: str) -> Filler:
    def filler(facts: FormFacts) -> Cell:
        course = find(facts)
        if course.onset is not None:
            return of(code, YES, "", course.onset)
        return of(code, NO, "", course.looked) if course.looked else Cell(code, missing=missing)

    return filler


def _onset(code: str, find: Find, missing: str) -> Filler:
    def filler(facts: FormFacts) -> Cell:
        course = find(facts)
        if course.onset is None or course.onset_at is None:
            return Cell(code, missing=missing)
        return of(code, max(0, facts.minute(course.onset_at)), "", course.onset)

    return filler


def _resolved(code: str, find: Find, missing: str) -> Filler:
    """Resolved before leaving: no only when the patient left and no resolution is charted."""

    def filler(facts: FormFacts) -> Cell:
        course = find(facts)
        left = facts.ended_at
        if course.resolution is not None and course.resolved_at is not None:
            in_time = left is None or course.resolved_at <= left
            return of(code, YES if in_time else NO, "", course.resolution)
        if left is not None and course.onset is not None:
            return of(code, NO, "", course.onset, words="no, no resolution is charted")
        return Cell(code, missing=missing)

    return filler


def _resolution(code: str, find: Find, missing: str) -> Filler:
    def filler(facts: FormFacts) -> Cell:
        course = find(facts)
        if course.resolution is None or course.resolved_at is None:
            return Cell(code, missing=missing)
        return of(code, max(0, facts.minute(course.resolved_at)), "", course.resolution)

    return filler


def _effect(name: str, find: Find) -> dict[str, Filler]:
    """The four fields of one effect."""
    return {
        name: _experienced(name, find, f"{name} experienced"),
        f"{name}-onset": _onset(f"{name}-onset", find, f"onset of {name}, minutes"),
        f"{name}-resolved": _resolved(f"{name}-resolved", find, f"{name} resolved before leaving"),
        f"{name}-resolution": _resolution(f"{name}-resolution", find, f"resolution of {name}, minutes"),
    }


def _events(facts: FormFacts) -> tuple[Origin, ...]:
    return tuple(Origin("entry", one.entry, one.at, "serious adverse event") for one in facts.adverse_events)


def _serious(facts: FormFacts) -> Cell:
    """Yes when one is charted. That none is charted is no answer: a person gives it."""
    value = YES if facts.adverse_events else None
    return of("serious-event", value, "serious adverse event", *_events(facts))


def _serious_description(facts: FormFacts) -> Cell:
    text = "; ".join(one.narrative for one in facts.adverse_events if one.narrative)
    return of("serious-event-description", text, "description of the serious adverse event", *_events(facts))


def _serious_category(facts: FormFacts) -> Cell:
    named = dict.fromkeys(name for one in facts.adverse_events for name in one.criteria)
    missing = "category of the serious adverse event"
    return of("serious-event-category", ", ".join(named), missing, *_events(facts))


FROM_RECORD: dict[str, Filler] = {
    "patient-first-name": _patient("patient-first-name", "given_name", "first name"),
    "patient-middle-initial": _patient("patient-middle-initial", "middle_initial", ""),
    "patient-last-name": _patient("patient-last-name", "family_name", "last name"),
    "patient-birth-date": _patient("patient-birth-date", "birth_date", "birth date"),
    "patient-sex": _sex,
    "first-treatment": _first_treatment,
    "enrolled": _enrolled,
    "benzodiazepines": _medicine("benzodiazepines", "benzodiazepines", "benzodiazepines"),
    "sedative-hypnotics": _medicine("sedative-hypnotics", "sedative-hypnotics", "sedative hypnotics"),
    "psychostimulants": _medicine("psychostimulants", "psychostimulants", "psychostimulants"),
    "maois": _medicine("maois", "maois", "MAO inhibitors"),
    "opioids": _medicine("opioids", "opioids", "opioids"),
    "provider-first-name": _provider("provider-first-name", "given_name", "provider's first name"),
    "provider-last-name": _provider("provider-last-name", "family_name", "provider's last name"),
    "provider-telephone": _provider("provider-telephone", "phone", "provider's telephone"),
    "provider-email": _provider("provider-email", "email", "provider's e-mail"),
    "setting-name": _setting("setting-name", "name", "clinic's name"),
    "setting-address-1": _setting("setting-address-1", "address_1", "clinic's address"),
    "setting-address-2": _setting("setting-address-2", "address_2", ""),
    "setting-city": _setting("setting-city", "city", "clinic's city"),
    "setting-state": _setting("setting-state", "state", "clinic's state"),
    "setting-zip": _setting("setting-zip", "zip_code", "clinic's ZIP code"),
    "treatment-date": _treatment_date,
    "dose-mg": _dose,
    "lot-numbers": _lots,
    "total-minutes": _total_minutes,
    "bp-before": _bp_before,
    "bp-40": _bp_40,
    "bp-completion": _bp_completion,
    "oximetry-checks": _oximetry,
    **_effect("sedation", effects.sedation),
    **_effect("dissociation", effects.dissociation),
    "serious-event": _serious,
    "serious-event-description": _serious_description,
    "serious-event-category": _serious_category,
}
