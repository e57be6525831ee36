"""Pages of docs/ that are drawn from the tables themselves, so that they cannot say anything else."""

from collections.abc import Callable

from clinic.access import MAY, Role
from reports.exports import about, aggregates
from reports.exports.rendering import PLAIN, Disclosure, cells_of
from reports.exports.tables import TABLES
from sessions import shipped
from sessions.indications import WORDS as INDICATION_WORDS
from sessions.monitoring_form import shipped as forms
from sessions.scales import spoken
from sessions.shipped_scales import PACKS, SCALES
from sessions.states import ENDS, TRANSITIONS, WORDS, State, When
from vitals import flagstates, plausible
from vitals.limits import EXAMPLE_RULES
from vitals.vital import ABOUT, Vital, shown

HEAD = "<!-- Made by `python manage.py generate_docs` from the tables in the code. Edit those. -->\n\n"


def states() -> str:
    """The states of a session and of a flag, as diagrams and tables."""
    lines = ["# States of a session", "", "```mermaid", "stateDiagram-v2", "    [*] --> scheduled"]
    lines += [
        f"    {row.source} --> {row.target}: {row.act}{_when(row.when)}"
        for row in TRANSITIONS
        if row.source != row.target
    ]
    lines += [f"    {state} --> [*]" for state in State if state in ENDS]
    lines += ["```", "", "| act | from | to | when |", "|---|---|---|---|"]
    lines += [
        f"| {WORDS[row.act]} (`{row.act}`) | {row.source} | {row.target} | {row.when} |"
        for row in TRANSITIONS
    ]
    lines += ["", "# States of a flag", "", "Words after IEC 60601-1-8.", "", "```mermaid", "stateDiagram-v2"]
    lines += [
        f"    {row.source} --> {row.target}: {row.happening}"
        for row in flagstates.TRANSITIONS
        if row.source != row.target
    ]
    lines += ["```", "", "| state | what happens | next state |", "|---|---|---|"]
    lines += [f"| {row.source} | {row.happening} | {row.target} |" for row in flagstates.TRANSITIONS]
    return "\n".join(lines) + "\n"


def _when(when: When) -> str:
    return "" if when is When.ALWAYS else f" ({when})"


def limits() -> str:
    """The example limits, what can be at all, and the protocols a clinic begins with."""
    lines = [
        "# Example limits",
        "",
        "An **example**: reviewed by nobody until a clinic's reviewer has signed a version of its own.",
        "A row asks for all it names; one that asks for two readings waits for the next distinct",
        "measurement, at least 60 s and at most 20 min later, and flags without it when nobody measured",
        "again.",
        "",
        "| rule | what | priority | flags | re-check due | source |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {rule.code} | {rule.words()} | {rule.priority} | {rule.confirm_words()}"
        f" | {f'{rule.recheck_s // 60} min' if rule.readings > 1 else ''} | {rule.source} |"
        for rule in EXAMPLE_RULES
    ]
    lines += [
        "",
        "# What a field takes",
        "",
        "A value outside is kept with its reason and never judged.",
        "",
        "| vital | lowest | highest | unit (UCUM) | LOINC |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {about.label} | {shown(low)} | {shown(high)} | `{about.ucum}` | {about.loinc or 'none'} |"
        for vital, about in ABOUT.items()
        for low, high in [plausible.RANGES[Vital(vital)]]
    ]
    lines += [
        "",
        f"Systolic lies at least {plausible.PULSE_PRESSURE_AT_LEAST} mmHg above diastolic, the mean between"
        " them.",
        "",
        "# Shipped protocols",
        "",
        "Version 1 of each; every figure is the clinic's to set with a new version.",
    ]
    for rules in shipped.PROTOCOLS:
        lines += [
            "",
            f"## {shipped.NAMES[rules.code]} (`{rules.code}`)",
            "",
            f"Window: the later of {rules.total_min} min after the dose begins and {rules.post_min} min after"
            " it ends.",
            "",
            "| set | first | every | needs | window |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {row.label} | {row.anchor} + {row.first_min} min | {row.every_min or 'once'}"
            f"{f' until {row.until}' if row.until else ''} | {', '.join(row.needs)} |"
            f" −{row.opens_min} … +{row.closes_min} min |"
            for row in rules.steps
        ]
    return "\n".join(lines) + "\n"


def access() -> str:
    """Who may do what."""
    roles = [role for role in Role if role is not Role.SYSTEM]
    lines = [
        "# Who may do what",
        "",
        "| act | " + " | ".join(roles) + " |",
        "|---|" + "---|" * len(roles),
    ]
    lines += [
        f"| {act} | " + " | ".join("yes" if role in allowed else "" for role in roles) + " |"
        for act, allowed in MAY.items()
    ]
    return "\n".join(lines) + "\n"


def monitoring_form() -> str:
    """The versions of the monitoring form, for whoever checks them against the current one."""
    lines = [
        "# The monitoring form",
        "",
        "No version was seen in full: check every field before the first use.",
    ]
    for version in forms.VERSIONS:
        lines += [
            "",
            f"## Version {version.code}, in force from {version.effective_from:%Y-%m-%d}",
            "",
            "| section | field | kind | required | filled by | asked when | known |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {row.section} | {row.label} (`{row.code}`) | {row.kind} | {'yes' if row.required else ''} |"
            f" {row.filled_by} | {f'`{row.asked_when}` is yes' if row.asked_when else ''} |"
            f" {row.certainty}: {row.source} |"
            for row in version.fields
        ]
    return "\n".join(lines) + "\n"


def scales() -> str:
    """The scales that ship, with bands, sources and licences; and each indication's measures."""
    lines = [
        "# Scales",
        "",
        "What ships. Plug-ins may bring more; a clinic adds its wording where that is the clinic's.",
        "",
        "| scale | code | version | items | range | wording | source | licence |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {scale.name} | `{scale.code}` | {scale.version} | {len(scale.items)}"
        f" | {spoken(scale.lowest)} to {spoken(scale.highest)} | {scale.wording} | {scale.source}"
        f" | {scale.licence} |"
        for scale in SCALES
    ]
    lines += ["", "# Bands", "", "| scale | from | to | in words |", "|---|---|---|---|"]
    lines += [
        f"| {scale.name} | {band.lowest} | {band.highest} | {band.words} |"
        for scale in SCALES
        for band in scale.bands
    ]
    lines += ["", "# What asks for a review before release", ""]
    lines += [f"- {item.review}" for scale in SCALES for item in scale.items if item.review]
    lines += [
        "",
        "# Measures of an indication",
        "",
        "| indication | before the dose | before leaving | at follow-up |",
        "|---|---|---|---|",
    ]
    names = {scale.code: scale.name for scale in SCALES}
    lines += [
        f"| {INDICATION_WORDS[indication]} | "
        + " | ".join(
            ", ".join(names[code] for code in codes) or "none"
            for codes in (pack.before_dose, pack.at_leaving, pack.at_follow_up)
        )
        + " |"
        for indication, pack in PACKS.items()
    ]
    return "\n".join(lines) + "\n"


def export_tables() -> str:
    """Every table of an export, and what each of its columns is."""
    lines = [
        "# The tables of an export",
        "",
        "What an export holds, column by column; the same list lies in every export.",
        "See [exports](exports.md).",
        "",
        "In an aggregate export the last tables stand alone.",
    ]
    for table in (*TABLES, *aggregates.TABLES):
        lines += [
            "",
            f"## {table.name}",
            "",
            f"One row: {table.one_row}. Content: {table.content}.",
            "",
            "| column | kind | unit | meaning | in a limited export |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| `{head}` | {kind} | {unit and f'`{unit}`'} | {means} | {limited} |"
            for _, head, kind, unit, means, limited in about.described(
                table, cells_of(table, PLAIN, Disclosure.IDENTIFIED)
            )
        ]
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "states.md": states,
    "limits.md": limits,
    "access.md": access,
    "monitoring-form.md": monitoring_form,
    "scales.md": scales,
    "export-tables.md": export_tables,
}
