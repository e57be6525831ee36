"""The demo's clock over restarts."""

from dataclasses import replace

from clinic.local.epoch import AHEAD_S, Epoch, end, following, load, tick

NIGHT_S = 8 * 3600


def test_a_first_start_shows_the_time_of_the_wall():
    epoch = following(None, real_s=1000.0, speed=60.0)
    assert epoch.at(1000.0) == 1000.0
    assert epoch.at(1010.0) == 1600.0


def test_a_restart_at_real_speed_shows_the_time_of_the_wall():
    first = Epoch(real0_s=0, simulated0_s=0, speed=1.0, until_s=600)
    assert following(first, real_s=600 + NIGHT_S, speed=1.0).at(600 + NIGHT_S) == 600 + NIGHT_S


def test_a_restart_goes_on_where_a_fast_clock_stopped():
    fast = Epoch(real0_s=0, simulated0_s=0, speed=600.0, until_s=600)
    assert following(fast, real_s=700.0, speed=1.0).at(700.0) == 360_000


def test_the_clock_never_runs_backwards_when_the_wall_is_set_back():
    first = Epoch(real0_s=5000, simulated0_s=5000, speed=1.0, until_s=6000)
    assert following(first, real_s=4000.0, speed=1.0).at(4000.0) == 6000


def test_a_kill_is_counted_as_the_latest_moment_the_clock_may_have_shown(tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 2000.0)
    fast = Epoch(real0_s=1000, simulated0_s=1000, speed=100.0, until_s=1000)
    tick(tmp_path, fast)
    assert load(tmp_path) == replace(fast, until_s=2000 + AHEAD_S)
    end(tmp_path, fast)
    assert load(tmp_path) == replace(fast, until_s=2000)


def test_the_variable_is_read_as_three_exact_numbers():
    epoch = Epoch(real0_s=1.1, simulated0_s=2.2, speed=3.0, until_s=0)
    assert tuple(map(float, epoch.as_variable().split(","))) == (1.1, 2.2, 3.0)
