"""Words that came in from outside, made fit for a terminal and for a spreadsheet.

A file name may hold anything: brackets that the terminal library takes for styles, escape
sequences, marks that turn the writing direction round, and a cell's text what a spreadsheet runs.
"""

from __future__ import annotations

import unicodedata

from rich.text import Text

#: Controls, formats (writing direction), broken characters, and separators of lines.
UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: A cell that begins with one of these is a formula to a spreadsheet.
FORMULA_STARTS = "=+-@\t\r"


def plain(value: object) -> str:
    """The value on one line: what cannot be printed stands as its escape, so that it can be told
    from a name that lacks it.
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in UNPRINTABLE
        else character
        for character in str(value)
    )


def text(value: object, style: str = "") -> Text:
    """The value as it stands, never read as markup."""
    return Text(plain(value), style=style)


def lines(value: object) -> Text:
    """The same for several lines."""
    return Text("\n".join(plain(line.expandtabs(4)) for line in str(value).split("\n")))


def unformula(column: str) -> str:
    """SQL: a text column, where a spreadsheet would run it with an apostrophe in front."""
    starts = ", ".join(f"'{start}'" for start in FORMULA_STARTS)
    return (
        f"case when left({column}, 1) in ({starts}) then concat('''', {column}) else {column} end "
        f"as {column}"
    )
