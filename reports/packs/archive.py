"""A pack as a zip: its files, a README, their hashes, and a manifest.

The files are written one by one in chunks, so that memory stays flat however many there are. When and by whom
it was made stands in the manifest alone: all else is the same bytes for the same record.
"""

import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from clinic import version
from clinic.models import Clinic
from reports.hashed_zip import MANIFEST, HashedZip, Held
from reports.packs.kinds import ABOUT, Pack

README, SUMS = "README.txt", "SHA256SUMS"
WIDTH = 96
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


def write(pack: Pack, *, of: Clinic, made: Made, to: IO[bytes]) -> list[Held]:
    """Write the pack; returns its files, without the manifest.

    to: a file that can be sought in.
    """
    with HashedZip(to, at=pack.as_of) as zip_:
        for part in pack.parts:
            zip_.add(part.name, part.chunks, about=part.about)
        zip_.add(
            README, _readme(pack, of, zip_.held).encode(), about="What this pack is, and how it is checked."
        )
        sums = "".join(f"{file.sha256}  {file.name}\n" for file in zip_.held)
        zip_.add(SUMS, sums.encode(), about="The hashes, as sha256sum reads them.")
        zip_.end(_manifest(pack, of, made))
        return zip_.held


def _manifest(pack: Pack, of: Clinic, made: Made) -> dict[str, Any]:
    return {
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
    }


def premises(of: Clinic) -> str:
    """The clinic's address in one line; empty when nobody has entered it."""
    town = " ".join(part for part in (of.state, of.zip_code) if part)
    return ", ".join(part for part in (of.address_1, of.address_2, of.city, town) if part)


def _readme(pack: Pack, of: Clinic, files: list[Held]) -> str:
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


def _contents(files: list[Held]) -> list[str]:
    """A line for each file; those that are the same thing many times have one together."""
    by_words: dict[str, list[str]] = {}
    for file in files:
        by_words.setdefault(file.about, []).append(file.name)
    return [
        f"{names[0]}: {words}" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more: {words}"
        for words, names in by_words.items()
    ]
