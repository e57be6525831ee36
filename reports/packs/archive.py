"""A pack as a zip: its files, a README, their hashes, and a manifest.

The files are written one by one in chunks, so that memory stays flat however many there are. When and by whom
it was made stands in the manifest alone: all else is the same bytes for the same record.
"""

import hashlib
import json
import textwrap
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from clinic import version
from clinic.models import Clinic
from reports.packs.kinds import ABOUT, Pack

MANIFEST, README, SUMS = "manifest.json", "README.txt", "SHA256SUMS"
# nobody but its owner reads what is unpacked
MODE = 0o600
UNIX = 3
WIDTH = 96
EARLIEST_OF_A_ZIP = (1980, 1, 1, 0, 0, 0)
CHECK = (
    'python3 -c "import hashlib, json;'
    " differ = [f['name'] for f in json.load(open('manifest.json', encoding='utf-8'))['files']"
    " if hashlib.sha256(open(f['name'], 'rb').read()).hexdigest() != f['sha256']];"
    " print(differ or 'all files agree')\""
)


@dataclass(frozen=True, slots=True)
class Made:
    """Who made a pack, and when."""

    by_name: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class File:
    name: str
    about: str
    size: int
    sha256: str


def write(pack: Pack, *, of: Clinic, made: Made, to: IO[bytes]) -> list[File]:
    """Write the pack; returns its files, without the manifest.

    to: a file that can be sought in.
    """
    with zipfile.ZipFile(to, "w") as archive:
        files = [_put(archive, pack, part.name, part.about, part.chunks) for part in pack.parts]
        readme = _readme(pack, of, files).encode()
        files.append(_put(archive, pack, README, "What this pack is, and how it is checked.", [readme]))
        sums = "".join(f"{file.sha256}  {file.name}\n" for file in files).encode()
        files.append(_put(archive, pack, SUMS, "The hashes, as sha256sum reads them.", [sums]))
        _put(archive, pack, MANIFEST, "", [_manifest(pack, of, made, files)])
    return files


def _put(archive: zipfile.ZipFile, pack: Pack, name: str, about: str, chunks: Iterable[bytes]) -> File:
    """Write one file in chunks, and take its hash on the way."""
    entry = zipfile.ZipInfo(name, max(pack.as_of.astimezone(UTC).timetuple()[:6], EARLIEST_OF_A_ZIP))
    entry.compress_type = zipfile.ZIP_DEFLATED
    # the same wherever it is made
    entry.create_system, entry.external_attr = UNIX, MODE << 16
    found, size = hashlib.sha256(), 0
    with archive.open(entry, "w") as file:
        for chunk in chunks:
            file.write(chunk)
            found.update(chunk)
            size += len(chunk)
    return File(name, about, size, found.hexdigest())


def _manifest(pack: Pack, of: Clinic, made: Made, files: list[File]) -> bytes:
    said = {
        "name": pack.stem,
        "title": ABOUT[pack.kind].title,
        "purpose": ABOUT[pack.kind].purpose,
        "clinic": {"id": of.pk, "name": of.name, "address": premises(of), "time zone": of.time_zone},
        "covers": dict(pack.covers),
        "record as of": pack.as_of.astimezone(UTC).isoformat(),
        "made at": made.at.astimezone(UTC).isoformat(),
        "made by": {"name": made.by_name, "role": made.role},
        "product": {"name": "Vigil", "version": version.served()},
        "counts": dict(pack.counts),
        "files": [
            {"name": one.name, "size": one.size, "sha256": one.sha256, "about": one.about} for one in files
        ],
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def premises(of: Clinic) -> str:
    """The clinic's address in one line; empty when nobody has entered it."""
    town = " ".join(part for part in (of.state, of.zip_code) if part)
    return ", ".join(part for part in (of.address_1, of.address_2, of.city, town) if part)


def _readme(pack: Pack, of: Clinic, files: list[File]) -> str:
    about = ABOUT[pack.kind]
    covers = ", ".join(f"{name} {value}" for name, value in pack.covers.items())
    lines = [
        f"{about.title}: {of.name}",
        covers,
        "",
        _wrapped(about.purpose),
        "",
        "What is in it",
        "",
        *(_wrapped(line, hanging="    ") for line in (*_contents(files), OF_THE_MANIFEST)),
        "",
        *(line for note in (*pack.notes, *GENERAL) for line in (_wrapped(note), "")),
        "How to check that nothing was changed since",
        "",
        "Unpack it, open a terminal in its folder, and run one of these:",
        "",
        f"    sha256sum -c {SUMS}",
        f"    {CHECK}",
        "",
        _wrapped(OF_THE_CHECK),
    ]
    return "\n".join(lines) + "\n"


GENERAL = (
    "Times stand in UTC as ISO 8601, and beside it as the clinic's clocks showed them. In tables, a text that"
    " a spreadsheet would run as a formula has an apostrophe before it; in JSON it stands as it came.",
    "This pack holds patients' data. It is as its clinic's record stood; what is charted later is not in it.",
)

OF_THE_MANIFEST = f"{MANIFEST}: size and SHA-256 of every other file; when and by whom this pack was made."
OF_THE_CHECK = (
    "The first is on every Linux; the second needs Python 3 and nothing else. Whoever can change a file can"
    " change its hash too: keep the hash of the whole pack elsewhere when that matters."
)


def _wrapped(text: str, *, hanging: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=hanging, break_on_hyphens=False)


def _contents(files: list[File]) -> list[str]:
    """A line for each file; those that are the same thing many times have one together."""
    by_words: dict[str, list[str]] = {}
    for file in files:
        by_words.setdefault(file.about, []).append(file.name)
    return [
        f"{names[0]}: {words}" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more: {words}"
        for words, names in by_words.items()
    ]
