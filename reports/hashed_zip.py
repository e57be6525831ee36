"""A zip whose last file tells size and SHA-256 of every other: written as it comes, never held in memory."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

MANIFEST = "manifest.json"
# quick, and half of what there is to gain
_LEVEL = 1


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


class HashedZip:
    """at: the time that every file in it bears, so that the same content gives the same bytes."""

    def __init__(self, path: Path, *, at: datetime) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._at = at
        self._files: dict[str, Hashed] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @contextmanager
    def file(self, name: str, *, packed: bool = True) -> Iterator[Hashed]:
        """Write a file piece by piece. packed: false for what is compressed already."""
        with self._zip.open(self._info(name, packed=packed), "w", force_zip64=True) as file:
            hashed = Hashed(file)
            yield hashed
        self._files[name] = hashed

    def add(self, name: str, data: bytes) -> None:
        with self.file(name) as file:
            file.write(data)

    def end(self, about: Mapping[str, Any]) -> None:
        """The manifest: ``about``, and each file with its size and hash."""
        files = [
            {"name": name, "bytes": file.size, "sha256": file.sha256.hexdigest()}
            for name, file in self._files.items()
        ]
        text = json.dumps({**about, "files": files}, indent=2, ensure_ascii=False, default=str)
        self._zip.writestr(self._info(MANIFEST), f"{text}\n")

    def _info(self, name: str, *, packed: bool = True) -> zipfile.ZipInfo:
        at = self._at
        info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        return info
