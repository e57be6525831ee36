"""A zip whose last file tells size and SHA-256 of every other: written as it comes, never held in memory."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

MANIFEST = "manifest.json"
# quick, and half of what there is to gain
_LEVEL = 1
# nobody but its owner reads what is unpacked
_MODE, _UNIX = 0o600, 3
# a zip knows no earlier one
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class Hashed:
    """A file of a zip that is being written, hashed as it goes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return self._file.write(data)


@dataclass(frozen=True, slots=True)
class Held:
    """One file of a zip. about: what it is, in words; empty where its name says so."""

    name: str
    size: int
    sha256: str
    about: str = ""


class HashedZip:
    """The same content gives the same bytes, wherever it is made.

    to: a path, or a file that can be sought in.
    at: the time that every file in it bears.
    """

    def __init__(self, to: Path | IO[bytes], *, at: datetime) -> None:
        self._zip = zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._time = max(at.astimezone(UTC).timetuple()[:6], _EARLIEST)
        self.held: list[Held] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @contextmanager
    def file(self, name: str, *, about: str = "", packed: bool = True) -> Iterator[Hashed]:
        """Write a file piece by piece. packed: false for what is compressed already."""
        with self._zip.open(self._info(name, packed=packed), "w", force_zip64=True) as file:
            hashed = Hashed(file)
            yield hashed
        self.held.append(Held(name, hashed.size, hashed.sha256.hexdigest(), about))

    def add(self, name: str, data: bytes | Iterable[bytes], *, about: str = "") -> None:
        """Write a file, whole or in pieces."""
        with self.file(name, about=about) as file:
            for piece in (data,) if isinstance(data, bytes) else data:
                file.write(piece)

    def end(self, about: Mapping[str, Any]) -> None:
        """The manifest: ``about``, and each file with its size and hash."""
        files = [{name: value for name, value in asdict(one).items() if value != ""} for one in self.held]
        text = json.dumps({**about, "files": files}, indent=2, ensure_ascii=False, default=str)
        self._zip.writestr(self._info(MANIFEST), f"{text}\n")

    def _info(self, name: str, *, packed: bool = True) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._time)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.create_system, info.external_attr = _UNIX, _MODE << 16
        return info
