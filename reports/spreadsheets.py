"""What a spreadsheet would run as a formula, and how a text is disarmed. Pure.

Quoting by the rules of CSV does not help: the sheet reads the cell after it was unquoted.
"""

# full-width signs too: some sheets take them for the plain ones
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
DISARMED_BY = "'"


def disarmed(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would take it for a formula.

    Numbers are not given here: they are written as numbers, so that −5 stays one.
    """
    return f"{DISARMED_BY}{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
