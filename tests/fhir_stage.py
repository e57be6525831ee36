"""What tests of FHIR share: an export read back, the validators, sessions that hold everything there is."""

import hashlib
import json
import shutil
import subprocess
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic.models import Clinic, Patient
from reports.filing import file
from sessions.models import FollowUp, FollowUpAnswer, SessionEvent
from sessions.shipped_scales import PHQ_9
from tests import builders, form_stage
from tests.export_stage import exported, unzipped
from vitals.services import acts

VALIDATORS = Path(__file__).parent / "fhir"
# what the record may hold, and no resource may break on: markup, formulas, other white space, controls
HOSTILE = "=1+1 <script>alert('x')</script> & \"quoted\" \\ \u202f\u2028\x0b\x07 O’Brien 漢字 🜲 \ufffe|~"
WELL = {"mood": 7, "drove": False, "slept": True, "symptoms": ["nausea"], "harm": False}


class Fhir:
    """An export in form fhir: ``newest`` and ``older`` resources by type, and its manifest."""

    def __init__(self, zip_):
        self.newest: dict[str, list[Any]] = defaultdict(list)
        self.older: dict[str, list[Any]] = defaultdict(list)
        self.names = zip_.namelist()
        self.manifest = json.loads(zip_.read("manifest.json"))
        self.readme = zip_.read("README.txt").decode()
        self.raw = {name: zip_.read(name) for name in self.names}
        for name, data in self.raw.items():
            if name.endswith(".ndjson"):
                held = self.older if name.startswith("history/") else self.newest
                held[Path(name).stem] = [json.loads(line) for line in data.splitlines()]

    @property
    def everything(self):
        return [one for held in (self.newest, self.older) for rows in held.values() for one in rows]

    def one(self, type_, id_):
        [found] = [row for row in self.newest[type_] if row["id"] == str(id_)]
        return found

    def observations(self, suffix):
        return [row for row in self.newest["Observation"] if row["id"].endswith(f"-{suffix}")]


def taken(cast, at, **asked):
    zip_ = unzipped(cast, exported(cast, at, form="fhir", **asked), at)
    assert zip_.testzip() is None
    return Fhir(zip_)


# --- the validators


def problems(fhir, folder):
    """What the two validators of ``tests/fhir`` find wrong; skips, saying so, without node and npm."""
    _install()
    paths = []
    for name, data in fhir.raw.items():
        if name.endswith(".ndjson") and data:
            paths.append(folder / name.replace("/", "-"))
            paths[-1].write_bytes(data)
    done = subprocess.run(
        ["node", "check.mjs", *paths], cwd=VALIDATORS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["resources"] == len(fhir.everything)
    return told["problems"]


def _install():
    """Put the validators into ``tests/fhir/node_modules``, unless those of the lock file are there."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not here: the FHIR validators need them")
    lock = (VALIDATORS / "package-lock.json").read_bytes()
    stamp = VALIDATORS / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=VALIDATORS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    stamp.write_text(wanted)


# --- sessions that hold everything


def minutes(count):
    return timedelta(minutes=count)


def entry_of(session, kind):
    return SessionEvent.objects.filter(session=session, kind=kind).earliest("recorded_at").entry


def correct(by, session, kind, recorded_at, *, in_error=False, reason="Typed wrong", **details):
    return acts.correct_entry(
        by=by,
        session_id=session.id,
        entry=entry_of(session, kind),
        new_at=None,
        details=details,
        in_error=in_error,
        reason=reason,
        recorded_at=recorded_at,
    )


def infusion(cast, at, *, chair="1", words=HOSTILE, medicine=HOSTILE):
    """An infusion with a new rate, a bolus, a pause and an early stop; readings of every kind; a symptom and
    its end, a medicine, a serious event, scales, alertness, corrections, flags. ``words`` stand in all texts.
    """
    session = builders.dosing(cast.nurse, cast.clinic, at, chair=chair)
    Patient.objects.filter(pk=session.patient_id).update(
        given_name="Zoë",
        family_name=f"N{words[:60]}",
        middle_initial="Q",
        address=words[:150],
        phone="617 555 0123",
        email="zoe@example.org",
        weighed_on=at.date(),
    )
    Clinic.objects.filter(pk=cast.clinic.pk).update(address_1="1 Harbor Street", phone="617 555 0199")

    def chart(minute, by=cast.nurse, **values):
        [told] = builders.record(builders.incoming(by, session, at + minutes(minute), **values))
        return told.id

    def act(minute, kind, /, **details):
        builders.act(cast.nurse, session, kind, at + minutes(minute), **details)

    chart(
        5,
        systolic=142,
        diastolic=88,
        mean=106,
        heart_rate=92,
        respiratory_rate=14,
        spo2=97,
        temperature=36.8,
        etco2=38,
        sedation=4,
    )
    # a monitor: a zero that means the sensor, a value that cannot be
    chart(6, cast.monitor, spo2=0, heart_rate=88, temperature=98.6)
    # one pressure in two halves, and two halves that contradict each other
    chart(7, cast.monitor, systolic=151)
    chart(7, cast.monitor, diastolic=91)
    chart(8, cast.monitor, systolic=90)
    chart(8, cast.monitor, diastolic=95)
    # a lonely half; what could not be measured
    chart(9, systolic=139)
    chart(10, spo2=95, absent={"systolic": words[:100], "temperature": "patient declined"})
    mistyped = chart(12, systolic=241, diastolic=90, spo2=96)
    builders.correct(cast.nurse, mistyped, at + minutes(13), reason=words[:200], systolic=141)
    withdrawn = chart(14, heart_rate=60, spo2=98)
    builders.correct(cast.nurse, withdrawn, at + minutes(15), reason="Wrong patient", heart_rate=None)
    for minute in (16, 17, 18):
        chart(minute, cast.monitor, spo2=84)
    act(8, "dose", rate_mg_per_h=40)
    act(9, "dose", bolus_mg=5)
    act(11, "pause", reason=f"Dizzy {words[:100]}")
    act(13, "resume", reason="Better")
    act(
        12,
        "symptom",
        code="nausea",
        severity="moderate",
        onset_at=(at + minutes(10)).isoformat(),
        action=words[:150],
    )
    act(19, "resolve-symptom", of=str(entry_of(session, "symptom")))
    act(
        13,
        "medicine",
        name=medicine[:70],
        dose_text="4 mg",
        route="iv",
        ordered_by="Dr A",
        indication="Nausea",
    )
    act(
        14,
        "adverse-event",
        criteria=["hospitalisation", "important-medical-event"],
        narrative=words,
        intervention=words,
        outcome="resolved-with-sequelae",
        suspected="yes",
        told=[{"who": "Prescriber", "at": (at + minutes(15)).isoformat()}, {"who": words[:80]}],
    )
    act(4, "scale", scale="phq-9", answers=dict.fromkeys(phq_items(), 1))
    act(20, "scale", scale="pain-nrs", answers={"pain": 3})
    act(20, "scale", scale="cadss-6", answers={"item-1": 3})
    act(15, "alertness", consciousness="D", oxygen_l_min=2)
    correct(
        cast.nurse, session, "scale", at + minutes(21), answers={**dict.fromkeys(phq_items(), 1), "mood": 2}
    )
    correct(cast.nurse, session, "alertness", at + minutes(22), oxygen_l_min=4)
    act(25, "stop", reason="Symptom", cause="symptom")
    return session


def phq_items():
    return [item.code for item in PHQ_9.items]


def nasal(cast, at, *, chair="2"):
    """A nasal session with lots, released, its form filed twice, its first check-in answered."""
    form_stage.complete_data(cast)
    session = form_stage.released(cast, at, chair=chair)
    filed_at = at + timedelta(hours=3)
    for number in (1, 2):
        file(
            by=cast.nurse,
            session_id=session.id,
            channel="portal",
            confirmation=f"PMF-{number}",
            filed_at=filed_at,
            with_gaps=True,
            at=filed_at + minutes(number),
        )
        form_stage.chart(session, cast.nurse, 41, received_at=filed_at, systolic=150, diastolic=94)
    first = FollowUp.objects.get(session=session, kind="24h")
    FollowUpAnswer.objects.create(
        follow_up=first, answers=WELL, worries=["still there: feeling sick"], answered_at=first.due_at
    )
    return session
