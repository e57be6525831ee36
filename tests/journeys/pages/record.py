"""The record of a session, its form, the desk, the ledger and what patients answer."""

from tests.journeys.pages.kinds import NotDrawn, Seen

TABLE = {
    "sessions/<uuid:session_id>/record/": [
        Seen("/sessions/{session}/record/"),
        Seen("/sessions/{nasal}/record/", "supervisor"),
        Seen("/sessions/{waiting}/record/"),
    ],
    "entries/<uuid:entry>/correct/": [Seen("/entries/{entry}/correct/")],
    "sessions/<uuid:session_id>/form/": [
        Seen("/sessions/{nasal}/form/"),
        Seen("/sessions/{filed}/form/"),
        Seen("/sessions/{session}/form/"),
    ],
    "sessions/<uuid:session_id>/form/copy/": [Seen("/sessions/{nasal}/form/copy/")],
    "sessions/<uuid:session_id>/form.pdf": [NotDrawn("/sessions/{nasal}/form.pdf", "a PDF")],
    "forms/": [Seen("/forms/", "supervisor")],
    "sessions/<uuid:session_id>/scales/<slug:code>/": [
        Seen("/sessions/{session}/scales/phq-9/"),
        Seen("/sessions/{session}/scales/{scale}/"),
    ],
    "sessions/<uuid:session_id>/adverse-event/": [Seen("/sessions/{session}/adverse-event/")],
    "sessions/<uuid:session_id>/after-care/": [Seen("/sessions/{released}/after-care/")],
    "scales/": [Seen("/scales/", "supervisor")],
    "symptoms/": [Seen("/symptoms/", "supervisor")],
    "patients/": [Seen("/patients/"), Seen("/patients/?q=a")],
    "patients/<uuid:patient_id>/": [Seen("/patients/{patient}/", "supervisor")],
    "courses/<uuid:course_id>/": [Seen("/courses/{course}/", "supervisor")],
    "staff/": [Seen("/staff/", "supervisor"), Seen("/staff/", "nurse")],
    "clinic/": [Seen("/clinic/", "admin")],
    "ledger/": [Seen("/ledger/", "supervisor")],
    "ledger/count/": [Seen("/ledger/count/")],
    "ledger/items/<uuid:item_id>/": [Seen("/ledger/items/{item}/", "supervisor")],
    "ledger/reconciliation/": [Seen("/ledger/reconciliation/", "supervisor")],
    "ledger/reconciliation.csv": [NotDrawn("/ledger/reconciliation.csv", "a file", "supervisor")],
    "follow-ups/": [Seen("/follow-ups/", "supervisor")],
    "check-in/<str:key>/": [
        Seen("/check-in/{key}/", "nobody"),
        Seen("/check-in/no-such-key/", "nobody", status=404),
    ],
}
