"""What `simulate` is told: one JSON file, written by the demo's seeding, readable by its owner alone.

{"base_url": "http://127.0.0.1:8000", "api_token": "…", "port": 8100, "token": "…",
 "monitors": [{"key": "chair-1", "chair": "1", "seed": 11,
               "script": [{"kind": "hypertensive", "starts_in_s": 20}]}],
 "charted_chairs": ["1", "2"]}
"""

from pathlib import Path
from typing import Annotated

import msgspec

from clinic.local.state import write_private
from vitals.simulator.population import EventKind

Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Secret = Annotated[str, msgspec.Meta(min_length=16)]
Period = Annotated[float, msgspec.Meta(ge=5, le=3600)]


class ConfigUnreadable(Exception):
    """The file is missing or says what cannot be; the text names the file, the field and the rule."""


# mmHg at a hypertensive scene's full strength, whoever sits there: a script for a demo, no part of the
# population
HYPERTENSIVE_SCENE_SYSTOLIC = 208.0


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scripted event, and cuff cycles that show it: as if a nurse had set the monitor to measure at once.

    starts_in_s: simulated seconds from the start of `simulate`; full strength `ramp_s` later.
    size:        as `population.EventRow.size`; None takes the middle of that row; for a hypertensive
                 scene, what lifts this patient to HYPERTENSIVE_SCENE_SYSTOLIC.
    """

    kind: EventKind
    starts_in_s: Annotated[float, msgspec.Meta(ge=0)]
    ramp_s: Annotated[float, msgspec.Meta(ge=0)] = 20.0
    lasts_s: Annotated[float, msgspec.Meta(gt=0)] = 900.0
    size: float | None = None
    vital: str = ""


class MonitorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One monitor and the patients that sit at it; periods in simulated seconds.

    key:   its place in the URL, /monitors/<key>/latest.
    chair: the chair's name on the board.
    seed:  with the session's id, decides the patient.
    """

    key: Key
    chair: str
    seed: int
    cuff_every_s: Period = 300.0
    stream_every_s: Period = 15.0
    temperature_every_s: Period = 1800.0
    session_number: Annotated[int, msgspec.Meta(ge=1)] = 1
    script: tuple[Scene, ...] = ()


class SimulateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file.

    base_url, api_token: where and as whom to read the board and to chart.
    port, token:         where the monitors answer, on loopback, and what they want to be shown.
    charted_chairs:      names of chairs whose sets the demo's nurse charts; the others are the visitor's.
    """

    base_url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^/]+$")]
    api_token: Secret
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)]
    token: Secret
    monitors: tuple[MonitorConfig, ...] = ()
    charted_chairs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what, names in (
            ("key", [m.key for m in self.monitors]),
            ("chair", [m.chair for m in self.monitors]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"two monitors have the {what} {twice[0]!r}")


def load(path: Path) -> SimulateConfig:
    """Read the file.

    raises: ConfigUnreadable.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=SimulateConfig)
    except OSError as error:
        raise ConfigUnreadable(f"{path}: {error.strerror}; the demo's seeding writes this file") from error
    except msgspec.DecodeError as error:
        raise ConfigUnreadable(f"{path}: {error}") from error


def save(config: SimulateConfig, path: Path) -> None:
    """Write the file, mode 0600: it holds tokens."""
    write_private(path, msgspec.json.format(msgspec.json.encode(config)).decode())
