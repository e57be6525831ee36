"""The pack of one session in which something serious happened: all that is known of it, as it was kept."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from clinic.models import AuditEvent, Clinic, Device
from reports import ledger_tables
from reports.csv_table import moment, times
from reports.packs import parts
from reports.packs.kinds import Kind, Pack, Part
from reports.packs.newest import newest_charted
from reports.session_report import report_of
from reports.session_report_pdf import session_report_pdf
from sessions import ledger_queries, record
from sessions import queries as treatments
from sessions.models import Occupancy, Session, SessionEvent
from vitals import limit_queries
from vitals import queries as readings
from vitals.api import limit_words
from vitals.models import Finding, Flag, Notification, Quarantine, Watch
from vitals.queries import ReadingView
from vitals.rules import LATE_AFTER
from vitals.services.limit_sets import read_limit_set
from vitals.vital import FIELDS

READING_HEAD = (
    "reading",
    *moment("measured at"),
    *moment("received at"),
    *FIELDS,
    "doubtful",
    "could not be measured",
    "late",
    "version",
    "supersedes",
    "superseded by",
    "by",
    "source",
    "reason",
)
ENTRY_HEAD = (
    "entry",
    "version",
    "status",
    "kind",
    *moment("at"),
    *moment("recorded at"),
    "by",
    "late",
    "words",
    "reason",
    "particulars",
    "superseded by",
    "id",
)
FLAG_HEAD = (
    "flag",
    "condition",
    "rule",
    "category",
    "priority",
    "highest priority",
    "state",
    "late",
    "words",
    "why",
    "vital",
    "direction",
    "value",
    "limit",
    *moment("opened at"),
    *moment("raised at"),
    *moment("active at"),
    *moment("first drawn at"),
    "no board drew it in time",
    "steps taken up",
    *moment("first taken at"),
    *moment("taken at"),
    "taken by",
    "action",
    "sound paused by",
    *moment("sound paused until"),
    "why paused",
    *moment("ended at"),
    "why ended",
)
FINDING_HEAD = (
    "flag",
    *moment("measured at"),
    "condition",
    "rule",
    "priority",
    "vital",
    "value",
    "limit",
    "reading",
)
NOTIFICATION_HEAD = (
    "notification",
    "flag",
    "channel",
    "to",
    "priority",
    "step",
    "why",
    *moment("of"),
    *moment("made at"),
    "state",
    "attempts",
    *moment("settled at"),
    "trouble",
)
AUDIT_HEAD = (
    "number",
    *moment("at"),
    "by",
    "role",
    "act",
    "about",
    "its id",
    "particulars",
    "actor id",
)
GAP_HEAD = (*moment("from"), *moment("until"), "seconds", "words")

FILES = {
    "report": "The session report.",
    "session": "The session and its patient, as they stood.",
    "entries": "Every entry of the record in every version; what replaced a version stands beside it.",
    "readings": "Every reading, superseded and doubtful ones too. Empty: not measured, or doubtful.",
    "flags": "The flags as they stand; why each is there, who took it, how it ended.",
    "flag-life": "What became of each flag, step by step, out of the audit.",
    "findings": "What each moment's values showed against the limits.",
    "notifications": "What was sent to people for these flags, and whether it arrived.",
    "raw-messages": (
        "Messages that could not be taken, word for word as they came: those that name the session or its"
        " chair, or came from a device that stood there, with why each is here."
    ),
    "limits": "The limits that this session had, row by row with their source, and changes for the patient.",
    "ledger": "The session's controlled drugs: each movement in every version, with its witness.",
    "gaps": "When nobody watched.",
    "audit": "Who did and saw what in this session. Who took packs stands in the clinic's own audit.",
}
OF_OTHERS = (
    "A refused message may hold values of another patient, when a device serves several chairs: look before"
    " it is handed on."
)


def pack(clinic: Clinic, session_id: UUID, *, bom: bool) -> Pack:
    """raises: NotFound."""
    session = treatments.session(clinic.pk, session_id)
    as_of = newest_charted([session.id], session.scheduled_at)
    return Pack(
        kind=Kind.INCIDENT,
        stem=f"incident-{session.id}",
        covers={"session": str(session.id), "time zone": clinic.time_zone},
        as_of=as_of,
        parts=_parts(clinic, session, bom),
        counts={
            "readings": len(readings.readings(session.id)),
            "entries": SessionEvent.objects.filter(session=session).count(),
            "flags": Flag.objects.filter(session=session).count(),
            "messages": raw_messages(session).count(),
            "audit": audit_of(session).count(),
        },
        notes=(OF_OTHERS,),
    )


def _parts(clinic: Clinic, session: Session, bom: bool) -> Iterator[Part]:
    yield Part("report.pdf", FILES["report"], [session_report_pdf(report_of(session))])
    yield parts.one_json("session", FILES["session"], _session(session))
    yield from _record(clinic, session, bom)


def _record(clinic: Clinic, session: Session, bom: bool) -> Iterator[Part]:
    """All that is kept of the session, table by table."""
    zone = clinic.zone
    tables: dict[str, tuple[tuple[str, ...], Iterator[list[object]]]] = {
        "entries": (ENTRY_HEAD, (_entry_cells(row, clinic) for row in _entries(session))),
        "readings": (
            READING_HEAD,
            (_reading_cells(view, clinic) for view in readings.readings(session.id)),
        ),
        "flags": (FLAG_HEAD, (_flag_cells(row, clinic) for row in _flags(session))),
        "flag-life": (
            AUDIT_HEAD,
            (_audit_cells(row, clinic) for row in audit_of(session).filter(subject="flag")),
        ),
        "findings": (FINDING_HEAD, (_finding_cells(row, clinic) for row in _findings(session))),
        "notifications": (
            NOTIFICATION_HEAD,
            (_notification_cells(row, clinic) for row in _notifications(session)),
        ),
        "ledger": (ledger_tables.REGISTER_HEAD, _ledger_rows(clinic, session)),
        "gaps": (GAP_HEAD, _gap_rows(clinic, session)),
        "audit": (AUDIT_HEAD, (_audit_cells(row, clinic) for row in audit_of(session).iterator())),
    }
    for name, (head, rows) in tables.items():
        yield parts.table(name, FILES[name], head, rows, bom=bom)
    yield parts.rows_json("raw-messages", FILES["raw-messages"], _messages(session))
    yield parts.one_json("limits", FILES["limits"], limits_of(session, zone_name=zone.key))


def _session(session: Session) -> dict[str, Any]:
    patient = session.patient
    return {
        "id": session.id,
        "patient": {
            "id": patient.id,
            "mrn": patient.mrn,
            "given name": patient.given_name,
            "family name": patient.family_name,
            "born": patient.birth_date,
            "sex": patient.sex,
            "allergies": patient.allergies,
        },
        "protocol": {
            "code": session.protocol.code,
            "version": session.protocol.version,
            "name": session.protocol.name,
            "route": session.protocol.route,
        },
        "indication": session.indication,
        "nurse": session.nurse.shown_name() if session.nurse else None,
        "chair": session.chair.name if session.chair else None,
        "sat in": [
            {"chair": row.chair.name, "from": row.from_at, "until": row.to_at}
            for row in _seats(session).select_related("chair")
        ],
        "state": session.state,
        "scheduled at": session.scheduled_at,
        "checked in at": session.checked_in_at,
        "dose started at": session.dose_started_at,
        "dose ended at": session.dose_ended_at,
        "window ends at": session.window_ends_at,
        "ended at": session.ended_at,
        "outcome": session.outcome,
        "outcome reason": session.outcome_reason,
        "weight kg": session.weight_kg,
        "dose mg": session.dose_mg,
        "devices given": session.devices_given,
    }


def _seats(session: Session) -> Any:
    return Occupancy.objects.filter(session=session).order_by("from_at", "pk")


def _entries(session: Session) -> Any:
    rows = SessionEvent.objects.filter(session=session).select_related("superseded_by")
    return rows.order_by("recorded_at", "entry", "version").iterator()


def _entry_cells(row: SessionEvent, clinic: Clinic) -> list[object]:
    return [
        row.entry,
        row.version,
        row.status,
        row.kind,
        *times(row.at, clinic.zone),
        *times(row.recorded_at, clinic.zone),
        row.by_name,
        row.late,
        row.text,
        row.reason,
        row.details,
        row.superseded_by.id if treatments.is_superseded(row) else "",
        row.id,
    ]


def _reading_cells(view: ReadingView, clinic: Clinic) -> list[object]:
    return [
        view.id,
        *times(view.measured_at, clinic.zone),
        *times(view.received_at, clinic.zone),
        *(view.values.get(name) for name in FIELDS),
        dict(view.doubtful) or "",
        dict(view.absent) or "",
        ", ".join(view.late_fields),
        view.version,
        view.supersedes,
        view.superseded_by,
        view.recorded_by,
        view.source,
        view.reason,
    ]


def _flags(session: Session) -> Any:
    return Flag.objects.filter(session=session).order_by("opened_at", "id")


def _flag_cells(row: Flag, clinic: Clinic) -> list[object]:
    zone = clinic.zone
    return [
        row.id,
        row.condition,
        row.rule,
        row.category,
        row.priority,
        row.peak,
        row.state,
        row.late,
        row.text,
        row.why,
        row.vital,
        row.direction,
        row.value,
        row.threshold,
        *times(row.opened_at, zone),
        *times(row.raised_at, zone),
        *times(row.activated_at, zone),
        *times(row.drawn_at, zone),
        row.undrawn,
        row.escalated,
        *times(row.first_taken_at, zone),
        *times(row.acknowledged_at, zone),
        row.acknowledged_by,
        row.action,
        row.paused_by,
        *times(row.paused_until, zone),
        row.pause_reason,
        *times(row.resolved_at, zone),
        row.resolved_cause,
    ]


def _findings(session: Session) -> Any:
    return Finding.objects.filter(session=session).order_by("measured_at", "condition").iterator()


def _finding_cells(row: Finding, clinic: Clinic) -> list[object]:
    return [
        row.flag_id,
        *times(row.measured_at, clinic.zone),
        row.condition,
        row.rule,
        row.priority,
        row.vital,
        row.value,
        row.threshold,
        row.reading_id,
    ]


def _notifications(session: Session) -> Any:
    rows = Notification.objects.filter(session=session).select_related("target__user")
    return rows.order_by("at", "step", "id").iterator()


def _notification_cells(row: Notification, clinic: Clinic) -> list[object]:
    target, zone = row.target, clinic.zone
    return [
        row.id,
        row.flag_id,
        target.channel,
        # a person by name and a webhook by its own: addresses may hold keys
        target.user.shown_name() if target.user else target.name,
        row.priority,
        row.step,
        row.cause,
        *times(row.at, zone),
        *times(row.made_at, zone),
        row.state,
        row.attempts,
        *times(row.settled_at, zone),
        row.trouble,
    ]


def _ledger_rows(clinic: Clinic, session: Session) -> Iterator[list[object]]:
    """Out of the registers of what the session had, so that each balance is the register's own."""
    touched = dict.fromkeys(one.item for one in ledger_queries.movements(clinic.pk, session_id=session.id))
    registers = ledger_queries.registers(clinic.pk, touched)
    for item_id, lines in registers.items():
        item = ledger_queries.item(clinic.pk, item_id)
        for line in lines:
            if line.movement.session == session.id:
                yield from ledger_tables.register_cells(item, line, clinic.zone)


def _gap_rows(clinic: Clinic, session: Session) -> Iterator[list[object]]:
    for entry in record.of_kind(treatments.entries(session.id), "gap"):
        from_at, until_at = (datetime.fromisoformat(entry.details[name]) for name in ("from", "until"))
        seconds = round((until_at - from_at).total_seconds())
        yield [*times(from_at, clinic.zone), *times(until_at, clinic.zone), seconds, entry.text]


def audit_of(session: Session) -> Any:
    """Every audit row of the session, in the order they were written.

    That a pack was taken is no row of the session, or taking one would change what the next one holds.
    """
    return AuditEvent.objects.filter(clinic_id=session.clinic_id, session_id=session.id).order_by("id")


def _audit_cells(row: AuditEvent, clinic: Clinic) -> list[object]:
    return [
        row.pk,
        *times(row.at, clinic.zone),
        row.actor_name,
        row.role,
        row.act,
        row.subject,
        row.subject_id,
        row.details,
        row.actor_id,
    ]


# --- refused messages


def raw_messages(session: Session) -> Any:
    """The refused messages that touch the session, in the order they came.

    Those that name its id; and of its time in the chair, half an hour (the time after which a reading counts
    as late) to both sides, those that name a chair it sat in and those of devices that are bound to one or
    sent readings of this session.
    """
    rows = Quarantine.objects.filter(clinic_id=session.clinic_id)
    touching = Q(body__contains=str(session.id))
    for seat in _seats(session):
        until = {"received_at__lte": seat.to_at + LATE_AFTER} if seat.to_at else {}
        in_time = Q(received_at__gte=seat.from_at - LATE_AFTER, **until)
        touching |= in_time & Q(body__contains=str(seat.chair_id))
        touching |= in_time & Q(device__chair_id=seat.chair_id)
        touching |= in_time & Q(device_id__in=_senders(session))
    return rows.filter(touching).order_by("id")


def _senders(session: Session) -> list[UUID]:
    """The devices that sent readings of the session."""
    names = {view.recorded_by for view in readings.readings(session.id) if view.source == "device"}
    rows = Device.objects.filter(clinic_id=session.clinic_id, name__in=names).order_by("name")
    return list(rows.values_list("id", flat=True))


def _messages(session: Session) -> Iterator[Mapping[str, Any]]:
    chairs = {str(seat.chair_id) for seat in _seats(session)}
    for row in raw_messages(session).select_related("device").iterator():
        if str(session.id) in row.body:
            why = "names the session"
        elif any(chair in row.body for chair in chairs):
            why = "names a chair of the session, in its time"
        else:
            why = "from a device of the session, in its time"
        yield {
            "number": row.pk,
            "received at": row.received_at,
            "sender": row.sender,
            "device": row.device_id,
            "code": row.code,
            "reason": row.reason,
            "why it is here": why,
            "body": row.body,
        }


# --- limits


def limits_of(session: Session, *, zone_name: str) -> dict[str, Any] | None:
    """The limit set that the session kept and what was changed for its patient; None before check-in."""
    watch = Watch.objects.filter(pk=session.id).first()
    if watch is None:
        return None
    rows = read_limit_set(watch.limit_set_id)
    until = session.ended_at
    changes = limit_queries.patient_changes(
        session.clinic_id, session.patient_id, at=until or session.scheduled_at
    )
    touching = [
        one for one in changes if one.over_at > watch.from_at and (until is None or one.row.from_at <= until)
    ]
    return {
        "name": rows.name,
        "version": rows.version,
        "whose": limit_words.whose(rows),
        "time zone": zone_name,
        "rules": [limit_words.rule(one) for one in rows.rules],
        "changed for the patient": [
            limit_words.change(one)
            for one in sorted(touching, key=lambda one: (one.row.from_at, str(one.row.pk)))
        ],
    }
