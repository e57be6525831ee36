"""The ward, the monitor and the charting nurse, on times passed in."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import msgspec
import pytest

from vitals import panel
from vitals.simulator import config as simulate_config
from vitals.simulator.bedside import charting
from vitals.simulator.board import Board, BoardChair, DueSet, OpenSession
from vitals.simulator.config import ConfigUnreadable, MonitorConfig, Scene, SimulateConfig
from vitals.simulator.monitor import Monitor, MonitorServer
from vitals.simulator.population import EventKind, Route
from vitals.simulator.ward import Ward, minutes_at, seated

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SESSION = UUID("11111111-2222-4333-8444-555555555555")
OTHER_SESSION = UUID("99999999-2222-4333-8444-555555555555")
TOKEN = "monitor-token-monitor-token"


def after(**span):
    return NOON + timedelta(**span)


def sitting(*, session=SESSION, chair="1", dose_started_at=NOON, due=None):
    return OpenSession(session, BoardChair(chair), Route.IV, dose_started_at, due)


def ward_with(*entries, monitors=(), started_at=NOON):
    ward = Ward(monitors, started_at)
    ward.learn(Board(entries))
    return ward


def monitor_in_chair_1(*, started_at=NOON, entry=None, rate=1.0, **options):
    told = MonitorConfig(key="chair-1", chair="1", seed=11, **options)
    ward = ward_with(entry or sitting(), monitors=(told,), started_at=started_at)
    return Monitor(told, ward, rate), ward


def polled(monitor, *, minutes, every_s=5):
    """Everything the monitor gave in this time, by id; fails when an id ever changes its body."""
    found: dict[str, dict[str, object]] = {}
    for step in range(0, minutes * 60 + 1, every_s):
        for reading in monitor.latest(after(seconds=step)):
            assert found.setdefault(reading["id"], reading) == reading
    return found


def test_the_board_is_read_as_the_product_writes_it():
    due = panel.Due(
        label="10-minute set",
        at=after(minutes=10),
        opens_at=after(minutes=5),
        closes_at=after(minutes=15),
        every_min=10,
        overdue_at=after(minutes=15),
        overdue_medium_at=after(minutes=20),
        missing=["sedation"],
    )
    shown = panel.Panel(
        session=SESSION,
        version=1,
        chair=panel.PanelChair(OTHER_SESSION, "1"),
        initials="J. M.",
        route="iv",
        treatment="IV 41 mg",
        nurse=None,
        state="dosing",
        limit_set="1",
        limit_version=1,
        simulated=True,
        dose_started_at=NOON,
        due=due,
    )
    body = b'{"cursor": "1", "sessions": [' + panel.encode(shown).encode() + b"]}"
    board = msgspec.json.decode(body, type=Board)
    assert board.by_chair() == {"1": sitting(due=DueSet(after(minutes=10), after(minutes=15), ("sedation",)))}


class TestMonitor:
    def test_streams_and_cuffs_each_with_its_own_time(self):
        readings = polled(monitor_in_chair_1()[0], minutes=30).values()
        streamed = [r for r in readings if "heart_rate" in r]
        cuffs = [r for r in readings if "systolic" in r]
        assert 100 <= len(streamed) <= 120
        assert 4 <= len(cuffs) <= 6
        assert all({"systolic", "diastolic", "mean"} <= set(r) and "heart_rate" not in r for r in cuffs)
        cuff_times = [datetime.fromisoformat(r["measured_at"]) for r in cuffs]
        assert {b - a for a, b in pairwise(cuff_times)} <= {
            timedelta(seconds=300),
            timedelta(seconds=600),
        }

    def test_the_cuff_period_is_the_chairs_own(self):
        readings = polled(monitor_in_chair_1(cuff_every_s=60)[0], minutes=30).values()
        assert 25 <= len([r for r in readings if "systolic" in r]) <= 30

    def test_a_missed_poll_loses_nothing(self):
        often = polled(monitor_in_chair_1()[0], minutes=20, every_s=5)
        seldom = polled(monitor_in_chair_1()[0], minutes=20, every_s=120)
        assert seldom == often

    def test_a_restart_continues_the_same_curve(self):
        whole = polled(monitor_in_chair_1()[0], minutes=40)
        restarted, _ = monitor_in_chair_1(started_at=after(minutes=20))
        restarted.latest(after(minutes=20))
        again = {r["id"]: r for r in restarted.latest(after(minutes=23))}
        assert again
        assert again.items() <= whole.items()

    def test_nothing_is_measured_before_it_was_switched_on(self):
        monitor, _ = monitor_in_chair_1(started_at=after(minutes=20))
        assert monitor.latest(after(minutes=20)) == []

    def test_an_empty_chair_has_no_readings(self):
        monitor, ward = monitor_in_chair_1()
        assert polled(monitor, minutes=2)
        ward.learn(Board(()))
        assert monitor.latest(after(minutes=3)) == []

    def test_the_next_patient_sees_nothing_of_the_last(self):
        monitor, ward = monitor_in_chair_1()
        before = polled(monitor, minutes=5)
        ward.learn(Board((sitting(session=OTHER_SESSION, dose_started_at=None),)))
        assert monitor.latest(after(minutes=6)) == []
        later = monitor.latest(after(minutes=8))
        assert later
        assert not {r["id"] for r in later} & set(before)

    def test_before_the_dose_the_patient_is_at_baseline(self):
        monitor, _ = monitor_in_chair_1(entry=sitting(dose_started_at=None), cuff_every_s=60)
        patient = seated(11, SESSION, Route.IV)
        pressures = [r["systolic"] for r in polled(monitor, minutes=40).values() if "systolic" in r]
        assert sum(pressures) / len(pressures) == pytest.approx(patient.systolic_baseline, abs=2)

    def test_the_dose_clock_is_the_boards(self):
        assert minutes_at(after(minutes=12), NOON) == 12
        assert minutes_at(after(minutes=-1), NOON) < -60
        assert minutes_at(after(minutes=12), None) < -60

    def test_a_fast_clock_thins_the_stream(self):
        readings = polled(monitor_in_chair_1(rate=60.0)[0], minutes=60, every_s=60).values()
        assert len([r for r in readings if "heart_rate" in r]) <= 13


class TestScene:
    SCENE = Scene(EventKind.HYPERTENSIVE, starts_in_s=20)

    def test_the_cuff_shows_the_peak_within_a_minute_of_the_start(self):
        for dose_started_at in (NOON - timedelta(minutes=25), NOON - timedelta(minutes=100), None):
            entry = sitting(dose_started_at=dose_started_at)
            plain, _ = monitor_in_chair_1(entry=entry)
            staged, _ = monitor_in_chair_1(entry=entry, script=(self.SCENE,))
            assert not [
                r for r in polled(plain, minutes=1).values() if "systolic" in r and r["systolic"] > 170
            ]
            pressures = [r["systolic"] for r in polled(staged, minutes=1).values() if "systolic" in r]
            assert 199 <= max(pressures) <= 217

    def test_the_cuff_repeats_so_that_a_second_reading_can_confirm(self):
        staged, _ = monitor_in_chair_1(script=(self.SCENE,))
        cuffs = [r for r in polled(staged, minutes=5).values() if "systolic" in r]
        assert len(cuffs) >= 4

    def test_a_scene_stands_in_the_event_log(self):
        _, ward = monitor_in_chair_1(script=(self.SCENE,))
        scripted = [e for e in ward.patient_in("1").events if e.kind is EventKind.HYPERTENSIVE]
        assert [(e.starts_at_min, e.ends_at_min) for e in scripted] == [
            (pytest.approx(1 / 3), pytest.approx(46 / 3))
        ]


class TestMonitorServer:
    @staticmethod
    def get(path, *, token=TOKEN, method="GET"):
        monitor, _ = monitor_in_chair_1()
        monitor.latest(NOON)
        sent = []

        async def receive():
            return {"type": "http.request"}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(b"authorization", f"Bearer {token}".encode())] if token else [],
        }
        server = MonitorServer({"chair-1": monitor}, TOKEN, now=lambda: after(minutes=3))
        asyncio.run(server(scope, receive, send))
        return sent[0]["status"], json.loads(sent[1]["body"])

    def test_gives_the_last_readings(self):
        status, body = self.get("/monitors/chair-1/latest")
        assert status == 200
        assert body["monitor"] == "chair-1"
        assert len(body["readings"]) >= 10
        assert all(UUID(r["id"]) and r["measured_at"].endswith("+00:00") for r in body["readings"])

    @pytest.mark.parametrize(
        ("request_", "status"),
        [(("/monitors/chair-9/latest",), 404), (("/monitors/chair-1",), 404), (("/",), 404)],
    )
    def test_unknown_paths(self, request_, status):
        assert self.get(*request_)[0] == status

    @pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x"])
    def test_wants_its_token(self, token):
        assert self.get("/monitors/chair-1/latest", token=token)[0] == 401

    def test_only_get(self):
        assert self.get("/monitors/chair-1/latest", method="POST")[0] == 405


class TestChartingNurse:
    DUE = DueSet(
        at=after(minutes=10), closes_at=after(minutes=20), missing=("systolic", "diastolic", "sedation")
    )

    def charted(self, *, now, session=SESSION, due=DUE, on_duty_since=NOON):
        entry = sitting(session=session, due=due)
        patient = seated(11, session, Route.IV)
        return charting(entry, patient, on_duty_since=on_duty_since, now=now)

    def test_nothing_is_charted_before_it_is_due(self):
        assert self.charted(now=after(minutes=10)) is None
        assert self.charted(now=after(minutes=30), due=None) is None

    def test_charts_the_sedation_and_what_the_set_lacks(self):
        task = self.charted(now=after(minutes=19, seconds=56))
        assert set(task.values) == {"systolic", "diastolic", "sedation"}
        alone = self.charted(
            now=after(minutes=20), due=msgspec.structs.replace(self.DUE, missing=("sedation",))
        )
        assert set(alone.values) == {"sedation"}

    def test_two_nurses_chart_one_set_once(self):
        first = self.charted(now=after(minutes=19, seconds=56))
        second = self.charted(now=after(minutes=19, seconds=58))
        assert first == second
        assert self.DUE.at < first.measured_at < self.DUE.closes_at

    def test_most_sets_come_within_two_minutes_and_a_few_are_overdue(self):
        delays = []
        for number in range(400):
            task = self.charted(now=after(minutes=20), session=UUID(int=number))
            delays.append(task.measured_at - self.DUE.at)
        late = sum(delay > timedelta(minutes=5) for delay in delays)
        assert 4 <= late <= 32  # 4 % of 400, four standard errors
        assert sum(delay < timedelta(minutes=2) for delay in delays) == 400 - late

    def test_a_set_missed_before_the_nurse_came_is_measured_now(self):
        task = self.charted(now=after(minutes=40), on_duty_since=after(minutes=39))
        assert task.measured_at == after(minutes=40)

    def test_a_chair_without_a_monitor_has_a_patient_too(self):
        assert ward_with(sitting(chair="7")).patient_in("7").vitals_at(10)
        assert ward_with(sitting(chair="7")).patient_in("8") is None


class TestConfig:
    TOLD = {
        "base_url": "http://127.0.0.1:8000",
        "api_token": "a" * 20,
        "port": 8100,
        "token": "m" * 20,
        "monitors": [
            {
                "key": "chair-1",
                "chair": "1",
                "seed": 11,
                "cuff_every_s": 300,
                "script": [{"kind": "hypertensive", "starts_in_s": 20}],
            }
        ],
        "charted_chairs": ["1"],
    }

    def written(self, tmp_path, **changes):
        path = tmp_path / "simulate.json"
        path.write_text(json.dumps({**self.TOLD, **changes}))
        return path

    def test_reads_what_was_saved(self, tmp_path):
        told = simulate_config.load(self.written(tmp_path))
        assert told.monitors[0].script == (Scene(EventKind.HYPERTENSIVE, starts_in_s=20),)
        saved = tmp_path / "saved.json"
        simulate_config.save(told, saved)
        assert simulate_config.load(saved) == told
        assert saved.stat().st_mode & 0o777 == 0o600
        assert isinstance(told, SimulateConfig)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"port": "8100"}, r"\$\.port"),
            ({"prot": 8100}, "prot"),
            ({"token": "short"}, r"\$\.token"),
            ({"base_url": "127.0.0.1:8000"}, r"\$\.base_url"),
            ({"monitors": [{"key": "a/b", "chair": "1", "seed": 1}]}, r"\$\.monitors\[0\]\.key"),
            (
                {"monitors": [{"key": "a", "chair": "1", "seed": 1}, {"key": "a", "chair": "2", "seed": 1}]},
                "two monitors have the key 'a'",
            ),
            (
                {
                    "monitors": [
                        {"key": "a", "chair": "1", "seed": 1, "script": [{"kind": "fire", "starts_in_s": 1}]}
                    ]
                },
                r"script\[0\]\.kind",
            ),
        ],
    )
    def test_a_mistake_is_named(self, tmp_path, changes, reason):
        with pytest.raises(ConfigUnreadable, match=reason):
            simulate_config.load(self.written(tmp_path, **changes))

    def test_a_missing_file_says_who_writes_it(self, tmp_path):
        with pytest.raises(ConfigUnreadable, match="the demo's seeding writes this file"):
            simulate_config.load(tmp_path / "none.json")
