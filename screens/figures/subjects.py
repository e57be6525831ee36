"""The subjects of the figures, in the order in which they are shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from reports.asked import Asked
from screens.figures import checks, flags, forms, pressure, response, symptoms, times, use
from screens.figures.parts import Page


@dataclass(frozen=True, slots=True)
class Subject:
    """One page of figures. ``make`` sums and says it; ``address`` is where it stands, ``file`` its tables."""

    key: str
    title: str
    make: Callable[[int, Asked, datetime], Page]
    address: str
    file: str


def _subject(key: str, title: str, make: Callable[[int, Asked, datetime], Page]) -> Subject:
    return Subject(key, title, make, f"/figures/{key}/", f"/figures/{key}.csv")


FLAGS = Subject("flags", "Flags", flags.page, "/flag-figures/", "/flag-figures.csv")
SUBJECTS = (
    _subject("use", "Sessions and chairs", use.page),
    _subject("times", "Length of sessions", times.page),
    _subject("pressure", "Blood pressure", pressure.page),
    FLAGS,
    _subject("checks", "Checks on time", checks.page),
    _subject("symptoms", "Symptoms", symptoms.page),
    _subject("response", "Scales over a course", response.page),
    _subject("forms", "Monitoring forms", forms.page),
)
BY_KEY = {subject.key: subject for subject in SUBJECTS if subject is not FLAGS}
