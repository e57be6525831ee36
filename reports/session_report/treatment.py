"""The report's parts on the treatment: who, dose, checklists, what was seen and given, signatures, end."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from reports import monitoring_form
from reports.session_report.facts import ReportFacts
from reports.session_report.value import Column, Fact, Part, Row, Table
from sessions import (
    adverse_events,
    checklist,
    follow_up,
    gate,
    known_scales,
    leaving,
    ledger,
    medicines,
    record,
    scales,
    states,
    symptoms,
)
from sessions.checklist import Answer, Given, Item, ItemState, Kind, Phase
from sessions.indications import LabelUse
from sessions.models import SessionEvent, Status
from sessions.monitoring_form import filling
from sessions.protocol import Route, Seen
from sessions.record import Entry
from sessions.services.changes.leaving import leaving_states
from sessions.services.monitoring_form import ANSWER
from vitals.vital import ABOUT, Vital, shown

ANSWERS = {Answer.YES: "yes", Answer.NO: "no", Answer.NOT_ASSESSED: "not assessed"}
# entries that have a table of their own, so that the list of acts has them only where they were corrected
ELSEWHERE = frozenset(
    {
        "symptom", "resolve-symptom", "medicine", "scale", "review-scale", "adverse-event", "gate",
        "leaving-check", "alertness", ANSWER,
    }
)  # fmt: skip
# what a signature says, where its entry does not say it itself
MEANINGS: Mapping[str, str] = {
    "decide": "prescriber's decision before the dose",
    "oxygen-target": "SpO₂ scale of NEWS2",
    "review-scale": "review of a scale",
    "readiness": "assessed ready to leave",
    "release": "release",
    "end-early": "release before the window's end",
    "leave-early": "left before the minimum",
    "transfer": "transfer to other care",
}
# acts that the service takes only from a prescriber whose credential is in date on that day
BY_PRESCRIBERS = frozenset({"decide", "oxygen-target", "review-scale", "end-early"})


def _last(entries: Iterable[Entry], *kinds: str) -> Entry | None:
    return next(iter(reversed(record.of_kind(entries, *kinds))), None)


# --- who, and what must be read first


def header_part(facts: ReportFacts) -> Part:
    session = facts.session
    patient, clinic, course = session.patient, session.clinic, session.course
    planned = f" of {course.planned_sessions} planned" if course.planned_sessions else ""
    address = ", ".join(
        part
        for part in (
            clinic.address_1,
            clinic.address_2,
            clinic.city,
            f"{clinic.state} {clinic.zip_code}".strip(),
        )
        if part
    )
    label = "on label" if course.label_use == LabelUse.ON_LABEL else "off label"
    facts_ = [
        ("Born", f"{patient.birth_date:%-d %b %Y}"),
        ("Record number", patient.mrn),
        ("Sex", patient.get_sex_display()),
        ("Allergies", patient.allergies or "none charted"),
        ("Date", f"{facts.begun.astimezone(clinic.zone):%A, %-d %B %Y}"),
        ("Protocol", f"{session.protocol.name}, version {session.protocol.version}"),
        ("Indication", f"{session.indication}, {label}"),
        ("Course", f"session {facts.number}{planned}, {course.phase}"),
        ("Chair", session.chair.name if session.chair else "none"),
        ("Nurse", session.nurse.shown_name() if session.nurse else "none"),
        ("Checked in", facts.clock(session.checked_in_at) if session.checked_in_at else "not checked in"),
        ("Times", f"clinic's clock, {clinic.time_zone}"),
        ("Clinic", ", ".join(part for part in (clinic.name, address) if part)),
    ]
    return Part("session", "Session", tuple(Fact(label, words) for label, words in facts_))


def full_name(facts: ReportFacts) -> str:
    patient = facts.session.patient
    middle = f" {patient.middle_initial}." if patient.middle_initial else ""
    return f"{patient.given_name}{middle} {patient.family_name}"


def standing_words(facts: ReportFacts) -> str:
    """How the session ended, or that it has not."""
    session = facts.session
    if session.ended_at is None:
        return f"Not finished: {session.state.replace('_', ' ')}"
    words = f"{session.outcome.capitalize()} {facts.clock(session.ended_at)}"
    return f"{words}: {session.outcome_reason}" if session.outcome_reason else words


def warnings(facts: ReportFacts) -> tuple[str, ...]:
    """What must be read first: an open session, deviations, gaps of the watch, serious adverse events."""
    found = []
    if not facts.finished:
        found.append(
            f"This session is not finished: the report says what was charted by"
            f" {facts.day_and_clock(facts.as_of)}."
        )
    found += [
        f"Serious adverse event, {facts.clock(one.at)}: {'; '.join(one.criteria).lower()}"
        for one in adverse_events.adverse_events(facts.entries)
    ]
    found += [f"Deviation: {words}" for words in deviations(facts)]
    found += [
        f"Not watched: {facts.clock(entry.at)}, {entry.text}"
        for entry in record.of_kind(facts.entries, "gap")
    ]
    return tuple(dict.fromkeys(found))


def deviations(facts: ReportFacts) -> tuple[str, ...]:
    """Where the session departs from its protocol, as its entries say it."""
    session = facts.session
    said = monitoring_form.facts_of(session, facts.entries, facts.views, earlier_session="")
    found = list(filling.deviations(said))
    for start in record.of_kind(facts.entries, "start"):
        if words := str(start.details.get("gate_words", "")).lstrip(". "):
            found.append(words)
    for entry in record.of_kind(facts.entries, "start", "dose"):
        if entry.details.get("unusual"):
            found.append(f"{facts.clock(entry.at)} {without_the_gate(entry)}")
    ready = _last(facts.entries, "readiness")
    if ready is not None and ready.details.get("open"):
        found.append(f"Readiness with open items: {ready.text}")
    return tuple(found)


def without_the_gate(entry: Entry) -> str:
    """A start's words without what was open before it: that stands among the warnings."""
    return entry.text.removesuffix(str(entry.details.get("gate_words", "")))


# --- the dose


def dose_part(facts: ReportFacts) -> Part:
    dose = facts.dose
    start = _last(facts.entries, "start")
    if dose.started_at is None or start is None:
        return Part("dose", "Dose", sentences=("No dose was charted.",))
    at = dose.ended_at or facts.as_of
    told: list[tuple[str, str]] = [("Ordered", _mg(dose.ordered_mg))]
    mg_per_kg = start.details.get("mg_per_kg")
    if mg_per_kg is not None:
        told.append(("Ordered per kg", f"{float(mg_per_kg):g} mg/kg"))
    if dose.weight_kg is not None:
        told.append(("Weight", f"{shown(dose.weight_kg)} kg"))
    if dose.concentration_mg_per_ml is not None and dose.ordered_mg is not None:
        told.append(("Concentration", f"{shown(dose.concentration_mg_per_ml)} mg/mL"))
        told.append(("Volume", f"{round(dose.ordered_mg / dose.concentration_mg_per_ml, 2):g} mL"))
    if dose.flows:
        told.append(("First rate", f"{round(dose.flows[0].mg_per_h, 1):g} mg/h"))
    if dose.planned_devices is not None:
        used = f"{len(dose.devices)} of {dose.planned_devices}, {dose.device_mg} mg each"
        told.append(("Devices", used))
    told.append(("Started", facts.clock(dose.started_at)))
    told.append(_end_of_dose(facts))
    if dose.paused_s:
        told.append(("Paused", f"{round(dose.paused_s / 60)} min in all"))
    given = "Given" if dose.route is Route.NASAL else "Given, calculated"
    told.append((given, _mg(round(dose.given_mg(at), 1))))
    told.append(("Not given" if dose.ended_at else "Remaining", _mg(round(dose.remaining_mg(at), 1))))
    tables = [*_dose_tables(facts), *_drug_tables(facts)]
    arithmetic = tuple(str(line) for line in start.details.get("arithmetic", ()))
    about = ("Vigil charts the dose and drives no pump.",) if dose.route is Route.IV else ()
    return Part(
        "dose",
        "Dose",
        tuple(Fact(label, words) for label, words in told),
        (*((f"Worked out: {'; '.join(arithmetic)}.",) if arithmetic else ()), *about),
        tuple(tables),
    )


def _mg(value: float | None) -> str:
    return "–" if value is None else f"{shown(value)} mg"


def _end_of_dose(facts: ReportFacts) -> tuple[str, str]:
    if facts.dose.ended_at is not None:
        return "Ended", facts.clock(facts.dose.ended_at)
    assert facts.dose.planned_end_at is not None, "of a dose that began"  # noqa: S101
    return "Planned end", facts.clock(facts.dose.planned_end_at)


def _dose_tables(facts: ReportFacts) -> list[Table]:
    dose = facts.dose
    found = []
    if dose.devices:
        rows = tuple(
            Row(
                (
                    f"{one.number} of {dose.planned_devices}",
                    facts.clock(one.at),
                    one.lot or "not charted",
                    f"{one.expires_on:%-d %b %Y}" if one.expires_on else "not charted",
                    facts.clock(one.rest_until),
                )
            )
            for one in dose.devices
        )
        columns = _columns(device="Device", at="Given", lot="Lot", expires="Expires", rest="Rest until")
        found.append(Table("devices", "Devices", columns, rows))
    if len(dose.flows) > 1 or dose.boluses:
        flows = [
            (
                one.from_at,
                facts.clock(one.until_at) if one.until_at else "runs",
                f"{round(one.mg_per_h, 1):g} mg/h",
            )
            for one in dose.flows
        ]
        flows += [(one.at, "bolus", _mg(one.mg)) for one in dose.boluses]
        rows = tuple(Row((facts.clock(at), until, rate)) for at, until, rate in sorted(flows))
        found.append(
            Table(
                "rates", "Rates and boluses", _columns(at="From", until="Until", rate="Rate or amount"), rows
            )
        )
    return found


def _drug_tables(facts: ReportFacts) -> list[Table]:
    """Each vial or kit as the controlled-drug ledger has it, and who witnessed what was wasted."""
    if not facts.accounts:
        return []
    rows = []
    for one in facts.accounts:
        wastes = [
            movement
            for movement in ledger.newest(facts.movements)
            if movement.item == one.item.id and movement.kind is ledger.Kind.WASTE and movement.counts
        ]
        seen = "; ".join(_waste_words(facts, movement, one.item.unit) for movement in wastes)
        rows.append(
            Row(
                (
                    f"{one.product.name} {one.item.label}",
                    one.item.lot,
                    ledger.in_words(one.account),
                    ", ".join(one.gave) or "nobody charted it",
                    seen or "nothing",
                )
            )
        )
    columns = _columns(item="Vial or kit", lot="Lot", account="Account", gave="Given by", wasted="Wasted")
    return [Table("drug", "Controlled drug, by the ledger", columns, tuple(rows))]


def _waste_words(facts: ReportFacts, movement: ledger.Movement, unit: str) -> str:
    words = f"{ledger.shown(movement.quantity)} {unit} {facts.clock(movement.at)} by {movement.by_name}"
    if movement.witness is not None:
        return f"{words}, witnessed by {movement.witness.by_name} {facts.clock(movement.witness.at)}"
    return f"{words}, no witness: {movement.unwitnessed or 'waits for one'}"


# --- checklists


def before_part(facts: ReportFacts) -> Part:
    """The gate as it stood at the start: what was on record is told from the start itself, which kept it."""
    start = _last(facts.entries, "start")
    seen = _before_dose(facts)
    pressure = gate.pressure_in(seen)
    told = [Fact("Pressure before the dose", f"{pressure.words} mmHg" if pressure else "none")]
    dose = facts.rules.dose
    told.append(
        Fact("A prescriber decides above", f"{dose.decide_above_systolic}/{dose.decide_above_diastolic} mmHg")
    )
    for entry in record.of_kind(facts.entries, "decide"):
        choice = gate.CHOICE_WORDS[gate.Choice(entry.details["decision"])]
        reason = entry.details.get("reason", "")
        told.append(Fact(f"Decision {facts.clock(entry.at)}", f"{choice}: {reason}, {entry.by_name}"))
    given = checklist.answers(record.of_kind(facts.entries, "gate"), "answers")
    items = checklist.asked(facts.rules.items, Phase.BEFORE_DOSE)
    rows = [*_on_record(items, start), *_answered(facts, items, given)]
    columns = _columns(item="Item", answer="Answer", by="By")
    table = Table("before", "Checklist before the dose", columns, tuple(rows))
    return Part("before", "Before the dose", tuple(told), (), (table,))


def _before_dose(facts: ReportFacts) -> dict[str, Seen]:
    """The newest value of each vital before the dose, as the gate reads it."""
    until = facts.session.dose_started_at
    found: dict[str, Seen] = {}
    for view in facts.views:
        if view.superseded_by is None and (until is None or view.measured_at <= until):
            found |= {name: Seen(value, view.measured_at) for name, value in view.values.items()}
    return found


def _on_record(items: Iterable[Item], start: Entry | None) -> list[Row]:
    known = [item for item in items if item.kind is Kind.ON_RECORD]
    if start is None or "gate_open" not in start.details:
        return [_item_row([item.text for item in known], "looked up at the start", "")] if known else []
    still = set(start.details["gate_open"])
    met = [item.text for item in known if item.code not in still]
    missing = [item.text for item in known if item.code in still]
    rows = [_item_row(met, "on record at the start", "")] if met else []
    return rows + ([_item_row(missing, "not on record at the start", "")] if missing else [])


def _item_row(texts: Sequence[str], answer: str, by: str, *, strong: bool = False) -> Row:
    return Row(("; ".join(texts), answer, by), strong=strong)


def _answered(facts: ReportFacts, items: Iterable[Item], given: Mapping[str, Given]) -> list[Row]:
    """The rows that people answer; those answered alike at once share a row.

    An answer that does not let the session go on stands strong.
    """
    asked = [ItemState(item, given.get(item.code)) for item in items if item.kind is not Kind.ON_RECORD]
    together: dict[tuple[str, str, bool], list[str]] = {}
    for one in asked:
        answer, by = "not answered", ""
        if one.given is not None:
            note = f": {one.given.note}" if one.given.note else ""
            late = ", late" if one.given.late else ""
            answer = f"{ANSWERS[one.given.answer]}{note}"
            by = f"{one.given.by_name} {facts.clock(one.given.at)}{late}"
        strong = one.given is not None and one.is_open
        together.setdefault((answer, by, strong), []).append(one.item.text)
    return [_item_row(texts, answer, by, strong=strong) for (answer, by, strong), texts in together.items()]


def leaving_part(facts: ReportFacts) -> Part:
    session, entries = facts.session, facts.entries
    told = []
    if session.window_ends_at is not None:
        told.append(Fact("Earliest release", facts.clock(session.window_ends_at)))
    if session.ended_at is not None:
        told.append(Fact("Ended", standing_words(facts)))
        if session.dose_ended_at is not None:
            minutes = round((session.ended_at - session.dose_ended_at).total_seconds() / 60)
            told.append(Fact("After the end of the dose", f"{minutes} min"))
    escort = leaving.escort_of(entries)
    words = ", ".join(part for part in (escort.name, escort.relation, escort.phone) if part)
    told.append(Fact("Goes home with", words or "nobody named"))
    ready = _last(entries, "readiness")
    if ready is not None and ready.details.get("seen"):
        told.append(Fact("Values at the assessment", _seen_words(facts, ready.details["seen"])))
    if session.dose_started_at is None:
        return Part("leaving", "Leaving", tuple(told))
    states_ = leaving_states(session, entries)
    rows = _answered(facts, [one.item for one in states_], {
        one.item.code: one.given for one in states_ if one.given is not None
    })  # fmt: skip
    table = Table(
        "leaving",
        "Checklist before leaving",
        _columns(item="Item", answer="Answer", by="By"),
        tuple(rows),
    )
    return Part("leaving", "Leaving", tuple(told), (), (table,))


def _seen_words(facts: ReportFacts, seen: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{ABOUT[Vital(name)].short} {shown(one['value'])} ({facts.clock(datetime.fromisoformat(one['at']))})"
        for name, one in seen.items()
    )


# --- what was seen and given


def symptoms_part(facts: ReportFacts) -> Part:
    none_at = symptoms.none_charted_at(facts.entries)
    sentences = []
    if none_at:
        sentences.append(f"No symptoms charted at {', '.join(facts.clock(at) for at in none_at)}.")
    rows = tuple(
        Row(
            (
                facts.clock(one.onset_at),
                symptoms.words_of(one.code, facts.chips),
                _severity(one),
                "; ".join(one.actions),
                _gone(facts, one),
                f"{one.by_name}, late" if one.late else one.by_name,
            )
        )
        for one in symptoms.episodes(facts.entries)
    )
    if not rows and not none_at:
        sentences.append("No symptom was charted.")
    columns = _columns(
        at="Onset", what="Symptom", severity="Severity", done="What was done", gone="Gone", by="By"
    )
    tables = [Table("symptoms", "Symptoms by onset", columns, rows)] if rows else []
    events = adverse_events.adverse_events(facts.entries)
    if events:
        tables.append(_harm_table(facts, events))
    return Part("symptoms", "Symptoms and adverse events", (), tuple(sentences), tuple(tables))


def _severity(one: symptoms.Episode) -> str:
    if one.worst and one.worst != one.severity:
        return f"{one.severity}, worst {one.worst}"
    return one.severity or "not said"


def _gone(facts: ReportFacts, one: symptoms.Episode) -> str:
    if one.gone_at is None:
        return "goes on"
    return f"by {facts.clock(one.gone_at)}" if one.gone_by_none else facts.clock(one.gone_at)


def _harm_table(facts: ReportFacts, events: Iterable[adverse_events.AdverseEvent]) -> Table:
    rows = []
    for one in events:
        told = ", ".join(f"{who.who} {facts.clock(who.at)}" if who.at else who.who for who in one.told)
        suspected = f"; drug suspected: {one.suspected.lower()}" if one.suspected else ""
        rows.append(
            Row(
                (
                    facts.clock(one.at),
                    "; ".join(one.criteria),
                    f"{one.narrative}{f' Done: {one.intervention}' if one.intervention else ''}",
                    f"{one.outcome}{suspected}",
                    f"{told}; charted by {one.by_name}",
                ),
                strong=True,
            )
        )
    columns = _columns(at="Time", why="Serious", what="What happened", outcome="Outcome", told="Told")
    return Table("adverse-events", "Serious adverse events", columns, tuple(rows))


def medicines_part(facts: ReportFacts) -> Part:
    rows = tuple(
        Row(
            (
                facts.clock(one.at),
                one.name,
                one.dose_text,
                one.route,
                one.indication,
                one.ordered_by,
                f"{one.by_name}, late" if one.late else one.by_name,
            )
        )
        for one in medicines.given(facts.entries)
    )
    if not rows:
        return Part("medicines", "Medicines given", sentences=("None was charted.",))
    columns = _columns(
        at="Time", name="Medicine", dose="Dose", route="Route", why="For", ordered="Ordered by", by="Given by"
    )
    return Part("medicines", "Medicines given", tables=(Table("medicines", "Medicines", columns, rows),))


def scales_part(facts: ReportFacts) -> Part:
    rows = []
    for one in scales.taken(facts.entries, known_scales.scales()):
        reviews = "; ".join(
            f"{review.by_name} {facts.clock(review.at)}: {review.text}" for review in one.reviews
        )
        waits = "; ".join(one.asks) if one.awaits_review else ""
        remarks = [word for word, holds in (("late", one.late), ("corrected", one.corrected)) if holds]
        rows.append(
            Row(
                (
                    facts.clock(one.at),
                    f"{one.name}, version {one.version}",
                    one.shown,
                    one.words if one.complete else "not complete",
                    ", ".join((one.by_name, *remarks)),
                    reviews or (f"waits for a prescriber: {waits}" if waits else ""),
                ),
                strong=one.awaits_review,
            )
        )
    if not rows:
        return Part("scales", "Scales", sentences=("None was taken.",))
    columns = (
        Column("at", "Time"),
        Column("scale", "Scale"),
        Column("total", "Result", is_number=True),
        Column("words", "In words"),
        Column("by", "By"),
        Column("review", "Review"),
    )
    return Part("scales", "Scales", tables=(Table("scales", "Scales by time", columns, tuple(rows)),))


# --- acts, corrections, signatures, what came after


def acts_part(facts: ReportFacts) -> Part:
    """What was done in order, and every version of what was corrected, the old ones struck."""
    corrected = {event.entry for event in facts.events if event.version > 1}
    in_order = sorted(facts.events, key=lambda event: event.version)
    newest = {event.entry: event for event in in_order}
    charted = {event.entry: event.recorded_at for event in reversed(in_order)}
    chosen = [event for event in facts.events if event.kind not in ELSEWHERE or event.entry in corrected]
    chosen.sort(
        key=lambda event: (newest[event.entry].at, charted[event.entry], event.entry.hex, event.version)
    )
    rows = tuple(_act_row(facts, event) for event in chosen)
    columns = _columns(at="Time", what="What", by="By", remarks="Remarks")
    if not rows:
        return Part("acts", "Acts and corrections", sentences=("Nothing was charted.",))
    caption = "Acts by time, and all versions of what was corrected; what was replaced stands struck"
    return Part("acts", "Acts and corrections", tables=(Table("acts", caption, columns, rows),))


def _act_row(facts: ReportFacts, event: SessionEvent) -> Row:
    in_error = event.status == Status.ENTERED_IN_ERROR
    remarks = [f"late, entered {facts.clock(event.recorded_at)}"] if event.late else []
    if event.version > 1:
        how = "entered in error" if in_error else "corrected"
        remarks.append(f"{how} {facts.clock(event.recorded_at)}: {event.reason}")
    kind = states.WORDS.get(event.kind, event.kind.replace("-", " ").capitalize())
    return Row(
        (facts.clock(event.at), f"{kind}: {event.text}", event.by_name, "; ".join(remarks)),
        struck=in_error or hasattr(event, "superseded_by"),
    )


def signatures_part(facts: ReportFacts) -> Part:
    """Who signed what, in which role, when, and what the signature meant (21 CFR 11.50)."""
    signed = [entry for entry in facts.entries if entry.kind in MEANINGS or _is_form_signature(entry)]
    rows = [(entry.at, _signed_row(facts, entry)) for entry in signed]
    for movement in ledger.newest(facts.movements):
        if movement.witness is not None and movement.counts:
            quantity = f"{ledger.shown(movement.quantity)} wasted by {movement.by_name}"
            at = movement.witness.at
            cells = ("witness of a waste", movement.witness.by_name, "", facts.day_and_clock(at), quantity)
            rows.append((at, Row(cells)))
    if not rows:
        return Part("signatures", "Signatures", sentences=("Nothing was signed yet.",))
    rows.sort(key=lambda pair: pair[0])
    columns = _columns(meaning="Meaning", by="Signed by", role="Role", at="When", words="What was signed")
    table = Table("signatures", "Signatures by time", columns, tuple(row for _, row in rows))
    return Part("signatures", "Signatures", tables=(table,))


def _signed_row(facts: ReportFacts, entry: Entry) -> Row:
    at = facts.day_and_clock(entry.at)
    return Row((_meaning(entry), entry.by_name, _role(facts, entry), at, entry.text))


def _is_form_signature(entry: Entry) -> bool:
    return (
        entry.kind == ANSWER and bool(entry.details.get("digest")) and entry.details.get("value") is not None
    )


def _meaning(entry: Entry) -> str:
    if entry.kind == ANSWER:
        return "signature of the monitoring form"
    return MEANINGS[entry.kind]


def _role(facts: ReportFacts, entry: Entry) -> str:
    role = facts.roles.get((str(entry.entry), entry.version), "")
    return f"{role}, prescriber".lstrip(", ") if entry.kind in BY_PRESCRIBERS else role


def follow_ups_part(facts: ReportFacts) -> Part | None:
    """What was asked and answered at home; None before anything is due."""
    if not facts.follow_ups:
        return None
    rows = []
    for row in facts.follow_ups:
        answer = getattr(row, "answer", None)
        reviews = sorted(row.reviews.all(), key=lambda review: review.at)
        rows.append(
            Row(
                (
                    follow_up.BY_KIND[row.kind].words,
                    facts.day_and_clock(row.due_at),
                    facts.day_and_clock(answer.answered_at) if answer else "no answer",
                    "; ".join(f"{asked}: {said}" for asked, said in follow_up.in_words(answer.answers))
                    if answer
                    else row.trouble,
                    "; ".join(f"{one.by_name} {facts.day_and_clock(one.at)}: {one.text}" for one in reviews),
                ),
                strong=bool(answer and answer.worries),
            )
        )
    columns = _columns(kind="Check-in", due="Due", answered="Answered", answers="Answers", review="Reviewed")
    table = Table("follow-ups", "Check-ins at home", columns, tuple(rows))
    return Part("follow-ups", "Follow-up", tables=(table,))


def _columns(**labels: str) -> tuple[Column, ...]:
    return tuple(Column(code, label) for code, label in labels.items())
