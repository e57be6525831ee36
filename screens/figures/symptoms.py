"""Symptoms as a page: how often each was charted, by number in the course, by dose."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from reports import small_counts
from reports.asked import Asked
from reports.figures import symptoms as sums
from reports.figures.symptoms import DOSE_STEP_MG_PER_KG, LAST_NUMBER, Dose, Figures, Told
from reports.small_counts import Said
from screens.charts import by_month
from screens.figures.parts import Headline, Page, Part, Row, nothing, numbered, series
from sessions.protocol import Route
from sessions.services import wording
from sessions.symptoms import words_of

BARS_SHOWN = 12
COLUMNS_SHOWN = 5
DASHES = ("solid", "dot", "dash", "dashdot")
# the symptoms charted, by code, with their words; the most common first
Common = Mapping[str, str]


def page(clinic_id: int, asked: Asked, at: datetime) -> Page:
    found = sums.figures(clinic_id, asked, at=at)
    whole = found.whole
    if not whole.sessions:
        return nothing(asked, "No session with a dose")
    common = _common(whole, clinic_id)
    first = list(common.items())[:3]
    often = ", ".join(f"{words.lower()} in {_share(whole, code).words}" for code, words in first)
    says = (
        f"A symptom was charted in {_any(whole).words} of"
        f" {numbered(small_counts.count(whole.sessions), 'session')} with a dose"
        f"{'; most often ' if often else ''}{often}."
    )
    return Page(
        says,
        (
            Headline(_any(whole).words, "of sessions with any symptom charted"),
            *(Headline(_share(whole, code).words, f"of sessions: {words.lower()}") for code, words in first),
        ),
        (
            _by_symptom(whole, common, says),
            _by_number(found, common),
            *(_by_dose(found, route, common) for route in Route if _of_route(found, route)),
        ),
    )


def _common(told: Told, clinic_id: int) -> Common:
    ordered = sorted(told.by_code, key=lambda code: (-told.by_code[code], code))
    chips = wording.chips(clinic_id)
    return {code: words_of(code, chips) for code in ordered}


def _share(told: Told, code: str) -> Said:
    return small_counts.share(told.by_code.get(code, 0), told.sessions, of="sessions")


def _any(told: Told) -> Said:
    return small_counts.share(told.with_any, told.sessions, of="sessions")


def _by_symptom(whole: Told, common: Common, says: str) -> Part:
    drawn = [code for code in common if _share(whole, code).value is not None][:BARS_SHOWN]
    return Part(
        key="symptoms",
        title="Symptoms charted",
        says=says,
        figure=by_month.bars(
            [common[code] for code in drawn],
            [_share(whole, code).value for code in drawn],
            unit="% of sessions with a dose",
        )
        if drawn
        else None,
        head=("Symptom", "Sessions", "Share"),
        rows=(
            *(
                Row(
                    words,
                    (small_counts.count_of(whole.by_code[code], whole.sessions), _share(whole, code)),
                )
                for code, words in common.items()
            ),
            Row(
                "Any of them",
                (small_counts.count_of(whole.with_any, whole.sessions), _any(whole)),
                is_sum=True,
            ),
        ),
        note="A session counts once for a symptom, however often it was charted."
        " What nobody charted counts as absent.",
    )


def _by_number(found: Figures, common: Common) -> Part:
    names = {
        number: f"{number} and later" if number == LAST_NUMBER else f"{number}" for number in found.by_number
    }
    told = list(found.by_number.values())
    drawn = [series("Any symptom", [_any(one) for one in told])]
    drawn += [
        series(words, [_share(one, code) for one in told], dash=dash)
        for (code, words), dash in zip(common.items(), DASHES[1:], strict=False)
    ]
    return Part(
        key="numbers",
        title="By number of the session in its course",
        says=_from_to([(names[number], _any(one)) for number, one in found.by_number.items()], "session"),
        figure=by_month.lines([*names.values()], drawn, unit="% of sessions"),
        head=("Session", *_head(common)),
        rows=_rows({names[number]: one for number, one in found.by_number.items()}, common),
        note="Counted from the first dose of the course, whenever that was.",
    )


def _of_route(found: Figures, route: Route) -> dict[Dose, Told]:
    return {dose: told for dose, told in found.by_dose.items() if dose.route == route}


def _by_dose(found: Figures, route: Route, common: Common) -> Part:
    doses = {_dose_words(dose): told for dose, told in _of_route(found, route).items()}
    what = "mg/kg" if route is Route.IV else "devices"
    note = "Doses are counted by what was given."
    if route is Route.IV:
        note += f" The steps of {DOSE_STEP_MG_PER_KG} mg/kg are there to count by and mean nothing else."
        if found.unknown_dose:
            note += f" Without dose or weight: {numbered(small_counts.count(found.unknown_dose), 'session')}."
    return Part(
        key=f"dose-{route.value}",
        title=f"By dose, {'IV' if route is Route.IV else 'nasal'}",
        says=_from_to([(name, _any(one)) for name, one in doses.items()], what),
        figure=by_month.columns(
            [*doses], [series("Any symptom", [_any(one) for one in doses.values()])], unit="% of sessions"
        ),
        head=("Dose", *_head(common)),
        rows=_rows(doses, common),
        note=note,
    )


def _dose_words(dose: Dose) -> str:
    if dose.route == Route.IV:
        return f"{dose.step:.1f} to <{dose.step + DOSE_STEP_MG_PER_KG:.1f} mg/kg"
    return f"{dose.step:.0f} device{'' if dose.step == 1 else 's'}"


def _from_to(told: Iterable[tuple[str, Said]], what: str) -> str:
    """What the first and the last of them say that can be told."""
    known = [(name, said) for name, said in told if said.value is not None]
    if not known:
        return "No step has enough sessions to be told."
    first, last = known[0], known[-1]
    lead = f"{what.capitalize()} " if what == "session" else ""
    words = f"{lead}{first[0]}: any symptom in {first[1].words} of sessions"
    return f"{words}." if first == last else f"{words}; {last[0]}: {last[1].words}."


def _head(common: Common) -> tuple[str, ...]:
    return ("Sessions", "Any symptom", *list(common.values())[:COLUMNS_SHOWN])


def _rows(told: Mapping[str, Told], common: Common) -> tuple[Row, ...]:
    counts = small_counts.line([one.sessions for one in told.values()])
    return tuple(
        Row(
            name,
            (
                count,
                *(
                    share if count.value is not None else count
                    for share in (_any(one), *(_share(one, code) for code in list(common)[:COLUMNS_SHOWN]))
                ),
            ),
        )
        for (name, one), count in zip(told.items(), counts, strict=False)
    )
