"""The tables of an export: where each column comes from and what it means. Pure; the SQL is constant.

Every table is of the chosen sessions. Times are of the record; the keys join the tables: ``session_id``,
``patient_id``, ``flag_id``, ``entry_id``.
"""

from collections.abc import Iterable

from reports.exports.columns import Column, Discloses, Grows, Kind, Table
from vitals.vital import ABOUT, Vital

CONTENTS = {
    "sessions": "Sessions, their patients, and every entry of the record in every version",
    "readings": "Readings, every version",
    "flags": "Flags, and the findings they gather",
    "doses": "Doses and medicines given",
    "symptoms": "Symptoms and serious adverse events",
    "scales": "Scales taken, item by item, and answers from home",
    "forms": "Monitoring forms as they were filed",
    "audit": "Who looked at or changed these sessions",
}


def _id(name: str, sql: str, means: str) -> Column:
    return Column(name, Kind.ID, sql, means, discloses=Discloses.WHO)


def _when(name: str, sql: str, means: str) -> Column:
    return Column(name, Kind.MOMENT, sql, means, discloses=Discloses.WHEN)


def _name(name: str, sql: str, means: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, kind, sql, means, discloses=Discloses.NAME)


def _staff(name: str, sql: str, means: str) -> Column:
    return Column(name, Kind.TEXT, sql, means, discloses=Discloses.STAFF)


def _code(name: str, sql: str, means: str) -> Column:
    return Column(name, Kind.CODE, sql, means)


def _staff_id(name: str, sql: str, means: str) -> Column:
    return Column(name, Kind.ID, sql, means, discloses=Discloses.STAFF)


def _text(name: str, sql: str, means: str) -> Column:
    return Column(name, Kind.TEXT, sql, means)


def _number(name: str, sql: str, means: str, unit: str = "") -> Column:
    return Column(name, Kind.NUMBER, sql, means, unit)


def _count(name: str, sql: str, means: str, unit: str = "") -> Column:
    return Column(name, Kind.INTEGER, sql, means, unit)


def _yes_no(name: str, sql: str, means: str) -> Column:
    return Column(name, Kind.YES_NO, sql, means)


SESSION_ID = _id("session_id", "c.session_id", "The session")

PATIENTS = Table(
    "patients",
    "sessions",
    "one patient of the chosen sessions",
    (
        _id("patient_id", "p.id", "The patient"),
        _name("mrn", "p.mrn", "Medical record number"),
        _name("given_name", "p.given_name", "Given name"),
        _name("middle_initial", "p.middle_initial", "Middle initial"),
        _name("family_name", "p.family_name", "Family name"),
        _name("birth_date", "p.birth_date", "Date of birth", Kind.DAY),
        _count(
            "age_years",
            "least(90, extract(year FROM age(c.first_at AT TIME ZONE c.zone, p.birth_date)))::int",
            "Age at the first of the chosen sessions; 90 stands for 90 and above",
            "a",
        ),
        _code("sex", "p.sex", "Administrative gender, as in FHIR R4"),
        _name("allergies", "p.allergies", "Allergies, as written"),
        _number("weight_kg", "p.weight_kg", "Weight last charted", "kg"),
        Column("weighed_on", Kind.DAY, "p.weighed_on", "When it was weighed", discloses=Discloses.WHEN),
        _name("address", "p.address", "Address"),
        _name("phone", "p.phone", "Phone"),
        _name("email", "p.email", "E-mail"),
        Column(
            "rems_enrolled_on",
            Kind.DAY,
            "p.rems_enrolled_on",
            "Day of enrolment in the REMS",
            discloses=Discloses.WHEN,
        ),
    ),
    "(SELECT patient_id, days, zone, min(began_at) AS first_at FROM chosen GROUP BY 1, 2, 3) c"
    " JOIN clinic_patient p ON p.id = c.patient_id",
    "p.id",
)

SESSIONS = Table(
    "sessions",
    "sessions",
    "one session",
    (
        SESSION_ID,
        _id("patient_id", "s.patient_id", "Its patient"),
        _id("course_id", "s.course_id", "The course it belongs to"),
        _code("state", "s.state", "Where the session stands: see docs/states.md"),
        _code("protocol", "o.code", "Code of the protocol"),
        _count("protocol_version", "o.version", "Version of the protocol"),
        _code("route", "o.route", "iv or nasal"),
        _code("indication_code", "u.indication", "Indication of the course"),
        _name("indication", "s.indication", "Indication, as written"),
        _code("label_use", "u.label_use", "On or off label"),
        _text("chair", "h.name", "Chair"),
        _staff(
            "nurse", "coalesce(nullif(trim(n.first_name || ' ' || n.last_name), ''), n.username)", "Nurse"
        ),
        _staff_id("nurse_id", "s.nurse_id", "The nurse's key"),
        _when("scheduled_at", "s.scheduled_at", "When it was to begin"),
        _when("checked_in_at", "s.checked_in_at", "When the patient was checked in"),
        _number("weight_kg", "s.weight_kg", "Weight the dose was reckoned with", "kg"),
        _number("dose_mg", "s.dose_mg", "Dose ordered", "mg"),
        _number("concentration_mg_per_ml", "s.concentration_mg_per_ml", "Concentration", "mg/mL"),
        _count("planned_devices", "s.planned_devices", "Nasal devices planned"),
        _count("devices_given", "s.devices_given", "Nasal devices given"),
        _when("dose_started_at", "s.dose_started_at", "When the dose began"),
        _when("dose_ended_at", "s.dose_ended_at", "When the dose had ended"),
        _count("paused_s", "s.paused_s", "How long the infusion was paused", "s"),
        _when("window_ends_at", "s.window_ends_at", "When the least time of observation was over"),
        _when("ready_at", "s.ready_at", "When the patient was assessed as ready to leave"),
        _staff("ready_by", "s.ready_by", "Who assessed it"),
        _when("waiting_for_escort_at", "s.waiting_for_escort_at", "Since when the escort was waited for"),
        _name("escort", "s.escort", "Who took the patient home"),
        _name("escort_phone", "s.escort_phone", "Their phone"),
        _when("ended_at", "s.ended_at", "When the session ended"),
        _text("outcome", "s.outcome", "How it ended"),
        _name("outcome_reason", "s.outcome_reason", "Why, as written"),
        _text("limit_set", "l.name", "Limits the session was watched with"),
        _count("limit_set_version", "l.version", "Their version"),
        _staff("limit_set_reviewed_by", "l.reviewed_by", "Who signed these limits; empty when nobody has"),
    ),
    "chosen c JOIN infusions_session s ON s.id = c.session_id"
    " JOIN infusions_protocol o ON o.id = s.protocol_id"
    " JOIN infusions_course u ON u.id = s.course_id"
    " LEFT JOIN clinic_chair h ON h.id = s.chair_id"
    " LEFT JOIN clinic_user n ON n.id = s.nurse_id"
    " LEFT JOIN vitals_watch w ON w.session_id = s.id"
    " LEFT JOIN vitals_limitset l ON l.id = w.limit_set_id",
    "c.session_id",
)

_EVENTS = (
    "chosen c JOIN infusions_sessionevent e ON e.session_id = c.session_id"
    " LEFT JOIN infusions_sessionevent v ON v.supersedes_id = e.id"
)
_VERSION = (
    _count("version", "e.version", "Its version; the highest counts"),
    _code("status", "e.status", "final, amended or entered-in-error, as in FHIR R4"),
    _yes_no("superseded", "v.id IS NOT NULL", "Whether a later version replaced this one"),
)
_CHARTED = (
    _when("at", "e.at", "When it happened"),
    _when("recorded_at", "e.recorded_at", "When it was charted"),
    _yes_no("late", "e.late", "Whether it was charted late"),
    _staff("by", "e.by_name", "Who charted it"),
    _staff_id("by_id", "e.by_id", "Their key; empty for what the rules charted"),
)


def _detail(name: str, means: str, *, kind: Kind = Kind.TEXT, unit: str = "", **how: Discloses) -> Column:
    sql = f"e.details->>'{name}'"
    if kind in {Kind.NUMBER, Kind.INTEGER}:
        sql = f"({sql})::numeric"
    elif kind is Kind.MOMENT:
        sql = f"nullif({sql}, '')::timestamptz"
    elif kind is Kind.DAY:
        sql = f"nullif({sql}, '')::date"
    elif kind is Kind.YES_NO:
        sql = f"({sql})::boolean"
    return Column(name, kind, sql, means, unit, **how)


def _entries(name: str, content: str, one_row: str, kinds: Iterable[str], columns: Iterable[Column]) -> Table:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return Table(
        name,
        content,
        one_row,
        (
            SESSION_ID,
            _id("entry_id", "e.entry", "The entry, through all its versions"),
            *_VERSION,
            *_CHARTED,
            *columns,
        ),
        _EVENTS + (f" WHERE e.kind IN ({listed})" if listed else ""),
        "c.session_id, e.at, e.recorded_at, e.id",
    )


_KIND = _code("kind", "e.kind", "What was done or seen")
_NAME = Discloses.NAME
_WHEN = Discloses.WHEN

ENTRIES = _entries(
    "entries",
    "sessions",
    "one version of one entry of the record",
    (),
    (
        _KIND,
        _name("text", "e.text", "In words"),
        _name("reason", "e.reason", "Why this version replaced the one before"),
        _name("details", "e.details::text", "All that was charted with it", Kind.JSON),
    ),
)

READINGS = Table(
    "readings",
    "readings",
    "one version of one reading: a set of vitals taken at one moment",
    (
        SESSION_ID,
        _id("reading_id", "r.id", "The reading"),
        _when("measured_at", "r.measured_at", "When it was measured"),
        _when("received_at", "r.received_at", "When it reached us"),
        *(_number(vital.value, f"r.{vital.value}", ABOUT[vital].label, ABOUT[vital].ucum) for vital in Vital),
        _code("source", "CASE WHEN r.device_id IS NULL THEN 'staff' ELSE 'device' END", "device or staff"),
        _staff(
            "recorded_by",
            "coalesce(d.name, nullif(trim(n.first_name || ' ' || n.last_name), ''), n.username, '')",
            "Which device, or who",
        ),
        _staff_id("recorder_id", "coalesce(r.device_id, r.user_id)", "The key of the device or person"),
        _code(
            "late_values",
            "concat_ws(' ', "
            + ", ".join(
                f"CASE WHEN r.late_fields & {1 << bit} > 0 THEN '{name}' END"
                for bit, name in enumerate(Vital)
            )
            + ")",
            "Which values came late",
        ),
        Column(
            "doubtful",
            Kind.JSON,
            "r.doubtful::text",
            "Values that could not be: each as it was received, with the reason",
        ),
        _code(
            "absent_values",
            "(SELECT string_agg(x, ' ' ORDER BY x) FROM jsonb_object_keys(r.absent) x)",
            "Which values could not be measured",
        ),
        _name("absent", "r.absent::text", "Why a value could not be measured, as written", Kind.JSON),
        _count("version", "r.version", "Its version"),
        _id("supersedes", "r.supersedes", "The reading that this one corrects"),
        _yes_no("superseded", "v.supersedes IS NOT NULL", "Whether a later version replaced this one"),
        _name("reason", "r.reason", "Why it was corrected"),
    ),
    "chosen c JOIN vitals_reading r ON r.session_id = c.session_id AND {seen}"
    " LEFT JOIN (SELECT x.supersedes FROM chosen y JOIN vitals_reading x ON x.session_id = y.session_id"
    "            WHERE x.supersedes IS NOT NULL AND {seen_x}) v ON v.supersedes = r.id"
    " LEFT JOIN clinic_device d ON d.id = r.device_id"
    " LEFT JOIN clinic_user n ON n.id = r.user_id",
    "c.session_id, r.measured_at, r.id",
    grows=Grows("vitals_reading", "r", "received_at"),
)

FLAGS = Table(
    "flags",
    "flags",
    "one flag, from its first breach to its end",
    (
        SESSION_ID,
        _id("flag_id", "f.id", "The flag"),
        _code("condition", "f.condition", "What it is about"),
        _code("category", "f.category", "physiological or technical"),
        _code("priority", "f.priority", "Priority, as in IEC 60601-1-8"),
        _code("peak", "f.peak", "The highest priority it reached"),
        _code("state", "f.state", "Where it stands: see docs/states.md"),
        _yes_no("late", "f.late", "Of late readings: rang nothing"),
        _text("text", "f.text", "In words"),
        _text("why", "f.why", "Rule, limit, readings and baseline, in words"),
        _text("rule", "f.rule", "The row of the limit set"),
        _text("vital", "f.vital", "Which value"),
        _code("direction", "f.direction", "high or low"),
        _number("value", "f.value", "The value"),
        _number("threshold", "f.threshold", "The limit"),
        _when("opened_at", "f.opened_at", "First breach"),
        _when("activated_at", "f.activated_at", "When it was more than a re-check; empty when it never was"),
        _when("drawn_at", "f.drawn_at", "When a board had drawn it"),
        _count("escalated", "f.escalated", "Steps of escalation reached when it last asked"),
        _when("first_taken_at", "f.first_taken_at", "When somebody first took it"),
        _when("acknowledged_at", "f.acknowledged_at", "When somebody took it last"),
        _staff("acknowledged_by", "f.acknowledged_by", "Who"),
        _staff_id("acknowledged_by_id", "f.acknowledged_by_id", "Their key"),
        _name("action", "f.action", "What they did, as written"),
        _when("resolved_at", "f.resolved_at", "When it ended"),
    ),
    "chosen c JOIN vitals_flag f ON f.session_id = c.session_id",
    "c.session_id, f.opened_at, f.id",
)

FINDINGS = Table(
    "findings",
    "flags",
    "what one moment's values showed against the limits",
    (
        SESSION_ID,
        _id("flag_id", "f.flag_id", "The flag it belongs to"),
        _id("reading_id", "f.reading_id", "The reading that showed it"),
        _when("measured_at", "f.measured_at", "When it was measured"),
        _code("condition", "f.condition", "What it is about"),
        _code("priority", "f.priority", "medium or high"),
        _text("rule", "f.rule", "The row of the limit set"),
        _text("vital", "f.vital", "Which value"),
        _number("value", "f.value", "The value"),
        _number("threshold", "f.threshold", "The limit"),
    ),
    "chosen c JOIN vitals_finding f ON f.session_id = c.session_id",
    "c.session_id, f.measured_at, f.condition",
)

DOSES = _entries(
    "doses",
    "doses",
    "one version of one entry that moves the dose",
    ("start", "dose", "pause", "resume", "stop", "transfer", "end-early", "leave-early"),
    (
        _KIND,
        _detail("dose_mg", "Dose ordered", kind=Kind.NUMBER, unit="mg"),
        _detail("mg_per_kg", "Dose by weight", kind=Kind.NUMBER, unit="mg/kg"),
        _detail("weight_kg", "Weight it was reckoned with", kind=Kind.NUMBER, unit="kg"),
        _detail("duration_min", "Over how long", kind=Kind.NUMBER, unit="min"),
        _detail("concentration_mg_per_ml", "Concentration", kind=Kind.NUMBER, unit="mg/mL"),
        _detail("bolus_mg", "Bolus", kind=Kind.NUMBER, unit="mg"),
        _detail("rate_ml_per_h", "New rate", kind=Kind.NUMBER, unit="mL/h"),
        _detail("rate_mg_per_h", "New rate", kind=Kind.NUMBER, unit="mg/h"),
        _detail("given_mg", "Given until then", kind=Kind.NUMBER, unit="mg"),
        _detail("device", "Number of the nasal device", kind=Kind.NUMBER),
        _detail("planned_devices", "Nasal devices planned", kind=Kind.NUMBER),
        _detail("lot", "Lot"),
        _detail("expires_on", "Expiry", kind=Kind.DAY),
        _detail("cause", "Why it was stopped"),
        _name("reason", "e.details->>'reason'", "Reason, as written"),
        _name("text", "e.text", "In words"),
    ),
)

MEDICINES = _entries(
    "medicines",
    "doses",
    "one version of one medicine given per order",
    ("medicine",),
    (
        _detail("name", "Name, as written", discloses=_NAME),
        _detail("dose_text", "Dose, as written", discloses=_NAME),
        _detail("route", "Route, as written", discloses=_NAME),
        Column("ordered_by", Kind.TEXT, "e.details->>'ordered_by'", "Who ordered it", "", Discloses.STAFF),
        _detail("indication", "For what", discloses=_NAME),
    ),
)

SYMPTOMS = _entries(
    "symptoms",
    "symptoms",
    "one version of one symptom, or of its end",
    ("symptom", "resolve-symptom"),
    (
        _KIND,
        _detail("code", "Which symptom"),
        _detail("severity", "How severe"),
        _detail("onset_at", "Since when", kind=Kind.MOMENT, discloses=_WHEN),
        _id("of_entry", "nullif(e.details->>'of', '')::uuid", "The symptom that is gone"),
        _detail("action", "What was done, as written", discloses=_NAME),
    ),
)

ADVERSE_EVENTS = _entries(
    "adverse_events",
    "symptoms",
    "one version of one serious adverse event",
    ("adverse-event",),
    (
        _text(
            "criteria",
            "(SELECT string_agg(x, ' ') FROM jsonb_array_elements_text(e.details->'criteria') x)",
            "Why it is serious",
        ),
        _detail("narrative", "What happened, as written", discloses=_NAME),
        _detail("intervention", "What was done, as written", discloses=_NAME),
        _detail("outcome", "How it ended"),
        _detail("suspected", "Whether the drug is suspected"),
        _name("told", "e.details->>'told'", "Who was told, and when", Kind.JSON),
    ),
)

_SCALE = (
    _detail("scale", "Which scale"),
    Column("scale_version", Kind.TEXT, "e.details->>'version'", "Version of its wording"),
)
SCALES = _entries(
    "scales",
    "scales",
    "one version of one scale as it was taken",
    ("scale",),
    (
        *_SCALE,
        _detail("total", "Its total; empty when it is not complete", kind=Kind.NUMBER),
        _detail("band", "Band of the total"),
        Column("band_words", Kind.TEXT, "e.details->>'words'", "The band, in words"),
        _detail("complete", "Whether every item was answered", kind=Kind.YES_NO),
    ),
)
SCALE_ANSWERS = Table(
    "scale_answers",
    "scales",
    "one item of one version of one scale",
    (
        SESSION_ID,
        _id("entry_id", "e.entry", "The scale as it was taken: see scales"),
        _count("version", "e.version", "Its version"),
        *_SCALE,
        _text("item", "a.key", "The item"),
        _count("score", "a.value::int", "Its score"),
    ),
    "chosen c JOIN infusions_sessionevent e ON e.session_id = c.session_id AND e.kind = 'scale'"
    " CROSS JOIN LATERAL jsonb_each_text(coalesce(e.details->'answers', '{{}}')) a",
    "c.session_id, e.at, e.id, a.key",
)
HOME_ANSWERS = Table(
    "home_answers",
    "scales",
    "one check-in after a session, and what the patient answered",
    (
        SESSION_ID,
        _id("follow_up_id", "f.id", "The check-in"),
        _code("kind", "f.kind", "How long after the session"),
        _when("due_at", "f.due_at", "When it was due"),
        _when("sent_at", "f.sent_at", "When the link was sent"),
        _when("answered_at", "a.answered_at", "When it was answered"),
        _name("answers", "a.answers::text", "As it was answered", Kind.JSON),
        _text("worries", "array_to_string(a.worries, '; ')", "What a person should look at"),
    ),
    "chosen c JOIN infusions_followup f ON f.session_id = c.session_id"
    " LEFT JOIN infusions_followupanswer a ON a.follow_up_id = f.id",
    "c.session_id, f.due_at, f.id",
)

FILINGS = Table(
    "filings",
    "forms",
    "one filing of one session's monitoring form",
    (
        SESSION_ID,
        _id("filing_id", "f.id", "The filing"),
        _text("form_version", "f.form_version", "Fields it was filed with"),
        _when("filed_at", "f.filed_at", "When a person filed it"),
        _when("recorded_at", "f.recorded_at", "When that was charted here"),
        _code("channel", "f.channel", "portal or fax"),
        _name("confirmation", "f.confirmation", "Number of the confirmation"),
        _staff("by", "f.by_name", "Who filed it"),
        _name("digest", "f.digest", "SHA-256 of the cells", Kind.CODE),
        _name("cells", "f.cells::text", "Every cell as it was filed", Kind.JSON),
    ),
    "chosen c JOIN infusions_formfiling f ON f.session_id = c.session_id",
    "c.session_id, f.recorded_at, f.id",
)

AUDIT = Table(
    "audit",
    "audit",
    "one act on, or look at, one of these sessions",
    (
        SESSION_ID,
        _name("audit_id", "a.id", "Order in which it was written", Kind.INTEGER),
        _when("at", "a.at", "When"),
        _staff("actor", "a.actor_name", "Who"),
        _staff_id("actor_id", "a.actor_id", "The key of the person or device; empty for the rules"),
        _code("role", "a.role", "In which role"),
        _code("act", "a.act", "What was done"),
        _code("subject", "a.subject", "To what"),
        _name("subject_id", "a.subject_id", "Its key"),
        _name("details", "a.details::text", "Ids, counts and reasons", Kind.JSON),
    ),
    "chosen c JOIN clinic_auditevent a ON a.session_id = c.session_id AND {seen}",
    "c.session_id, a.id",
    grows=Grows("clinic_auditevent", "a", "at"),
)

TABLES: tuple[Table, ...] = (
    PATIENTS,
    SESSIONS,
    ENTRIES,
    READINGS,
    FLAGS,
    FINDINGS,
    DOSES,
    MEDICINES,
    SYMPTOMS,
    ADVERSE_EVENTS,
    SCALES,
    SCALE_ANSWERS,
    HOME_ANSWERS,
    FILINGS,
    AUDIT,
)


def tables_of(contents: Iterable[str]) -> list[Table]:
    """The tables of these contents, in the order in which they are told."""
    wanted = set(contents)
    return [table for table in TABLES if table.content in wanted]
