"""The report's hash: of all that it says, and nothing else; to be made anew with the standard library."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

from reports.session_report.value import Column, Fact, Part, Row, SessionReport, Table

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)


def report(**columns) -> SessionReport:
    table = Table("vitals", "Vital signs", (Column("bp", "BP"),), (Row(("148/92",)),))
    return SessionReport(
        **{
            "format": 1,
            "session": "s",
            "clinic": "Häfen 診療所",
            "patient": "Ada Lindqvist",
            "identity": "Lindqvist, Ada",
            "standing": "Released 12:00",
            "finished": True,
            "warnings": (),
            "parts": (Part("dose", "Dose", (Fact("Ordered", "35 mg"),), tables=(table,)),),
            "chart": None,
            "as_of": AT,
            "as_of_words": "23 Nov 2026 10:00",
            **columns,
        }
    )


def test_the_hash_is_of_the_content_as_plain_json():
    one = report()
    said = json.dumps(one.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert one.content_hash == hashlib.sha256(said.encode()).hexdigest()


def test_the_same_content_has_the_same_hash_and_any_other_another():
    one = report()
    assert report().content_hash == one.content_hash
    struck = replace(one.parts[0].tables[0], rows=(Row(("148/92",), struck=True),))
    others = [
        report(patient="Ada Lindquist"),
        report(as_of=AT.replace(second=1)),
        report(parts=(replace(one.parts[0], tables=(struck,)),)),
    ]
    assert len({one.content_hash, *(other.content_hash for other in others)}) == 4


def test_a_part_is_found_by_its_code():
    dose = report().part("dose")
    assert dose is not None
    assert dose.title == "Dose"
    assert report().part("chart") is None
