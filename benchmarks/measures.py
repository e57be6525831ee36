"""What is measured: each measure once per round, ours beside its reference, each told if it was disturbed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks import cpu
from benchmarks.copy_reference import Copied, CopyOrder
from benchmarks.frames import Frames, FramesOrder
from benchmarks.load import Order, Sent, percentile
from benchmarks.servers import Field, Server
from benchmarks.visible import ProbeOrder, Seen

# Fixed before any run: a measurement counts while others used no more than this share of the machine.
FOREIGN_AT_MOST = 0.10
TRIES = 2
BACKGROUND_SETS_PER_S = 200
# every chair of the largest wall once a second
WALL_SETS_PER_S = 24.0


class MiscountError(Exception):
    """What is stored is not what was acknowledged: no figure of such a run means anything."""


@dataclass(frozen=True, slots=True)
class Size:
    """How long everything takes; ``--quick`` has a smaller one."""

    load_s: float = 4.0
    copied_rows: int = 100_000
    probes: int = 50
    frames_s: float = 30.0
    patience_s: float = 20.0


QUICK = Size(load_s=2.0, copied_rows=20_000, probes=20, frames_s=8.0, patience_s=3.0)


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: its figures by name, and the share of the machine that others used meanwhile."""

    figures: dict[str, float]
    foreign: float = 0.0
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return self.foreign <= FOREIGN_AT_MOST


def _throughput(up: Field, server: Server, work: Callable[[], tuple[int, float, dict[str, float]]]) -> Run:
    """Rate and CPU per 1000 sets of ``work``, which returns sets acknowledged, seconds, and more figures."""
    stored = up.stored(server)
    before = up.cpu_of(server)
    sets, seconds, more = work()
    used = cpu.used_s(before, up.cpu_of(server))
    stored = up.stored(server) - stored
    if stored != sets:
        raise MiscountError(f"{server.database}: {sets} sets acknowledged, {stored} stored")
    return Run({"rate": sets / seconds, "cpu": used / sets * 1000, **more}, notes={"sets": sets})


def _load(
    up: Field, server: Server, size: Size, *, connections: int, per_call: int = 1, per_session: int = 1
) -> Run:
    def work() -> tuple[int, float, dict[str, float]]:
        sent = up.load.ask(
            Order(
                port=server.port,
                key=server.stage.device_key,
                sessions=server.stage.sessions,
                seconds=size.load_s,
                connections=connections,
                per_call=per_call,
                per_session=per_session,
            ),
            Sent,
        )
        if sent.failed:
            raise MiscountError(f"{sent.failed} calls failed, the first with {sent.first_failure}")
        return sent.sets, sent.seconds, {"call p50": sent.p50_ms, "call p99": sent.p99_ms}

    return _throughput(up, server, work)


def _copy(up: Field, size: Size, per_commit: int) -> Run:
    def work() -> tuple[int, float, dict[str, float]]:
        copied = up.copier.ask(CopyOrder(size.copied_rows, per_commit), Copied)
        return copied.rows, copied.seconds, {}

    return _throughput(up, up.copy, work)


def _idle_plain(up: Field, size: Size) -> Run:
    """Reference F with nothing else to do: from POST to its answer; a reader would find the row then."""
    order = Order(
        port=up.plain.port,
        key=up.plain.stage.device_key,
        sessions=up.plain.stage.sessions,
        seconds=size.probes / 10,
        connections=1,
        rate=10.0,
    )
    sent = up.load.ask(order, Sent)
    return Run({"p50": sent.p50_ms, "p99": sent.p99_ms})


def _probe_order(up: Field, size: Size, *, browser: bool) -> ProbeOrder:
    stage = up.vigil.stage
    return ProbeOrder(
        port=up.vigil.port,
        device_key=stage.device_key,
        staff_key=stage.staff_key,
        session=stage.sessions[0],
        probes=size.probes,
        every_s=0.1 if not browser else 0.25,
        browser=browser,
        username=stage.username,
        password=stage.password,
    )


def _idle_stream(up: Field, size: Size) -> Run:
    """Ours with nothing else to do: from POST to the event on a board's stream."""
    seen = up.visible.ask(_probe_order(up, size, browser=False), Seen)
    _require_all(seen.stream_missed, "stream")
    return Run({"p50": percentile(seen.stream_ms, 0.5), "p99": percentile(seen.stream_ms, 0.99)})


def _browser(up: Field, size: Size) -> Run:
    """From POST to the tile drawn in Chromium, all sessions open on the board, load in the background."""
    order = _probe_order(up, size, browser=True)
    starts_s = 6.0  # the browser's own start and sign-in, over before the probes begin
    background = Order(
        port=up.vigil.port,
        key=up.vigil.stage.device_key,
        sessions=up.vigil.stage.sessions[1:],
        seconds=order.probes * order.every_s + 2 * starts_s,
        connections=20,
        rate=BACKGROUND_SETS_PER_S,
    )
    up.load.begin(background)
    seen = up.visible.ask(order, Seen)
    sent = up.load.answer(Sent)
    _require_all(seen.stream_missed, "stream")
    _require_all(seen.browser_missed, "browser")
    return Run(
        {
            "p50": percentile(seen.browser_ms, 0.5),
            "p99": percentile(seen.browser_ms, 0.99),
            "stream p50": percentile(seen.stream_ms, 0.5),
            "stream p99": percentile(seen.stream_ms, 0.99),
        },
        notes={"background sets/s": sent.per_s},
    )


def _frames(up: Field, size: Size) -> Run:
    """The longest frame of a board of 24 chairs, each with a set every second; beside it, the page alone."""
    wall = up.wall
    load = Order(
        port=up.vigil.port,
        key=wall.device_key,
        sessions=wall.sessions,
        seconds=size.frames_s,
        connections=4,
        rate=WALL_SETS_PER_S,
    )
    seen = up.frames.ask(FramesOrder(load, len(wall.sessions), wall.username, wall.password), Frames)
    _require_all(seen.failed, "calls of the wall's load failed")
    idle, loaded = seen.idle, seen.loaded
    return Run(
        {
            "longest": loaded.longest_ms,
            "p99": loaded.p99_ms,
            "over 100 ms": loaded.over_100_ms,
            "longest idle": idle.longest_ms,
            "busy": loaded.busy,
            "busy idle": idle.busy,
        },
        notes={
            "longest task": loaded.longest_task_ms,
            "longest task idle": idle.longest_task_ms,
            "frames": loaded.frames,
            "sets": seen.sets,
        },
    )


def _require_all(missed: int, where: str) -> None:
    if missed:
        raise MiscountError(f"{missed} readings were never seen: {where}")


Measure = Callable[[Field, Size], Run]

# In the order of a round: ours directly after its reference.
MEASURES: Mapping[str, Measure] = {
    "F, one": lambda up, size: _load(up, up.plain, size, connections=64),
    "ours, one": lambda up, size: _load(up, up.vigil, size, connections=64),
    "COPY, 1000": lambda up, size: _copy(up, size, 1000),
    "ours, 1000": lambda up, size: _load(up, up.vigil, size, connections=4, per_call=1000, per_session=100),
    "COPY, 100": lambda up, size: _copy(up, size, 100),
    "ours, 100": lambda up, size: _load(up, up.vigil, size, connections=4, per_call=100, per_session=10),
    "ours, 100 of 100 sessions": lambda up, size: _load(up, up.vigil, size, connections=1, per_call=100),
    "F, idle": _idle_plain,
    "ours, idle": _idle_stream,
    "ours, browser": _browser,
    "ours, frames": _frames,
}


def measure(name: str, up: Field, size: Size) -> Run:
    """One measurement, begun in quiet; tried again, a few times, when others disturbed it."""
    run = Run({}, foreign=1.0)
    for _ in range(TRIES):
        cpu.wait_for_quiet(up.ours, limit=FOREIGN_AT_MOST, patience_s=size.patience_s)
        meter = cpu.ForeignMeter(up.ours)
        run = MEASURES[name](up, size)
        run = Run(run.figures, foreign=meter.share(), notes=run.notes)
        if run.is_clean:
            break
        time.sleep(1.0)
    return run
