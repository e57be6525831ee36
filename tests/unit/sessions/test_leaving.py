"""Who takes the patient home: each part as last told."""

from sessions.leaving import Escort, escort_of
from tests.unit.sessions.test_checklist import entry


def test_each_part_is_as_last_told():
    told = (
        entry(0, {"escort": "A. Friend", "escort_phone": "555 0100"}, kind="readiness"),
        entry(5, {"escort": "Sister", "escort_phone": ""}, kind="wait-escort"),
        entry(9, {"escort_relation": "sister", "escort": " "}, kind="release"),
    )
    assert escort_of(told) == Escort("Sister", "555 0100", "sister")


def test_the_number_to_call_while_waiting_counts_too():
    assert escort_of((entry(0, {"escort_phone": "555 0111"}, kind="wait-escort"),)).phone == "555 0111"


def test_nobody_was_named():
    assert escort_of((entry(0, {"escort": "A. Friend"}, kind="note"),)) == Escort()
