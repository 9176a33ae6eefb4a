"""The draft of a source module: what was found stands in it as code, what was not as comments."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from textwrap import wrap
from typing import Any

import dataframely as dy

from ingestion.dialects import Delimited, Workbook
from ingestion.errors import ConfigError
from ingestion.feeds import FEEDS
from ingestion.feeds.base import feed_columns
from ingestion.proposals.guess import DRAFTED, USUAL, Guess, code_of, guesses
from ingestion.proposals.profile import ColumnProfile, ExportProfile, profile_export
from ingestion.sources import module_file, source_names

NAME = re.compile(r"[a-z][a-z0-9_]{1,60}")
YES = (
    "1",
    "X",
    "x",
    "Y",
    "y",
    "J",
    "j",
    "S",
    "s",
    "true",
    "TRUE",
    "True",
    "yes",
    "Yes",
    "ja",
    "si",
)
NO = ("0", "N", "n", "false", "FALSE", "False", "no", "No", "nein")
#: Units of canonical columns to what else an export may hold.
UNITS = {
    "_s": "seconds; times=60 where the export has minutes, times=3600 where it has hours",
    "_h": "hours",
    "_kwh": "kilowatt-hours",
    "_amount": "in the plant's currency",
}
#: Words of `ingestion.columns` that a draft may use.
COLUMN_WORDS = (
    "code",
    "constant",
    "day",
    "duration",
    "joined",
    "local_time",
    "number",
    "text",
    "utc_time",
    "whole",
)
WIDTH = 100
#: In front of the lines of a mapping.
PAD = " " * 16
#: How much of a name or a value a comment shows.
MAX_SHOWN = 40


@dataclass(frozen=True)
class Draft:
    """The module that was written, and what it was drawn from."""

    module: Path
    profile: ExportProfile
    guesses: list[Guess]


def new_source(name: str, export: Path, feed: str | None = None, sheet: str | None = None) -> Draft:
    """Write the first draft of the module of a source, drawn from an export of it.

    `feed` where it is known, `sheet` of a workbook where it is not the fullest one. Raises
    ConfigError where the name is no module's or is taken, the feed is none, or the export cannot be
    read.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(f"{name!r} is no name of a module: small letters, digits and _")
    if name in source_names():
        raise ConfigError(f"there is a source {name} already: {module_file(name)}")
    if feed is not None and feed not in FEEDS:
        raise ConfigError(f"no feed {feed!r}; there are {', '.join(FEEDS)}")
    profile = profile_export(export, sheet)
    found = guesses(profile, feed)
    if not found:
        names = ", ".join(column.name for column in profile.columns)[:300]
        raise ConfigError(
            f"{export.name} ({profile.verdict}; {names}) "
            f"looks like no feed: say what its rows are with --feed, one of {', '.join(FEEDS)}"
        )
    module = module_file(name)
    # Exclusively, so that no module is ever written over.
    with module.open("x", encoding="utf-8") as stream:
        stream.write(source_code(name, profile, found))
    return Draft(module, profile, found)


def source_code(name: str, profile: ExportProfile, found: list[Guess]) -> str:
    """The text of the module."""
    best = found[0]
    body = list(_mapping(best, profile))
    words = sorted(
        word
        for word in COLUMN_WORDS
        if any(re.search(rf"^ *\"\w+\": {word}\(", line) for line in body)
    )
    kind = type(profile.dialect).__name__
    imports = [f"from ingestion.columns import {', '.join(words)}"] if words else []
    imports.append(f"from ingestion.feeds import {best.feed.__name__}")
    if isinstance(profile.dialect, Workbook):
        imports.append("from ingestion.readers import headed")
    imports.append(f"from ingestion.source import {kind}, FeedMapping, Source, Table")
    others = ", ".join(str(guess) for guess in found[1:4] if guess.matches)
    sampled = "all" if profile.is_whole else "the first"
    lines = [
        f'"""{_comment(name)}: {DRAFTED}.',
        "",
        "What stands here rests on names and values of columns: look at every line, then ask",
        "`leankpi sources check` what would become of a file.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        *imports,
        "",
        *_remark(f"The file looks like: {profile.verdict}.", ""),
        *_doubt(profile),
        f"EXPORT = {_dialect(profile)}",
        "",
        f"# What {sampled} {profile.row_qty:,} rows hold:",
        *_columns(profile),
        "#",
        *_remark(f"It looks like the feed {best}" + (f"; then {others}." if others else "."), ""),
        "# What its columns mean, their units and rules: dbt_project/docs/feeds.md.",
        "",
        "TABLE = Table(",
        f"    name={_quoted(profile.path.name.split('.')[0].rstrip('0123456789_-') or name)},",
        f"    pattern={_quoted(profile.pattern)},",
        "    dialect=EXPORT,",
        "    # A file without one of these is rejected as a whole.",
        "    columns=(",
        *(f"        {_quoted(column)}," for column in _insisted(best)),
        "    ),",
        "    feeds=(",
        "        FeedMapping(",
        f"            {best.feed.__name__},",
        "            {",
        *body,
        "            },",
        "        ),",
        "    ),",
        *_stamp(profile),
        "    # Settle this: True where a row is exported again whenever it changed, so that what",
        "    # was open and does not come again still is; False where it is exported once.",
        "    resends_changes=False,",
        ")",
        "",
        "SOURCE = Source(",
        f"    name={_quoted(name)},",
        f"    title={_quoted(name.replace('_', ' '))},",
        "    # mes, cmms, erp, hr or other",
        '    system="other",',
        "    tables=(TABLE,),",
        ")",
        "",
    ]
    return "\n".join(lines)


def _dialect(profile: ExportProfile) -> str:
    """The dialect as code: what differs from the usual."""
    dialect = profile.dialect
    if isinstance(dialect, Workbook):
        more = f", header_row={profile.header_row}" if profile.header_row else ""
        others = ", ".join(map(_comment, profile.other_sheets))
        return (
            f"Workbook(\n    sheet={_quoted(dialect.sheet)},\n"
            + (f"    # other sheets: {others}\n" if others else "")
            + f"    prepare=lambda sheets: headed(sheets[{_quoted(dialect.sheet)}]{more}),\n"
            + ("" if dialect.member == "*" else f"    member={_quoted(dialect.member)},\n")
            + ")"
        )
    said = [
        f"{field.name}={_literal(getattr(dialect, field.name))}"
        for field in fields(dialect)
        if field.name == "record" or getattr(dialect, field.name) != field.default
    ]
    in_a_line = f"{type(dialect).__name__}({', '.join(said)})"
    if len(in_a_line) < WIDTH - len("EXPORT = "):
        return in_a_line
    return "\n".join([f"{type(dialect).__name__}(", *(f"    {one}," for one in said), ")"])


def _doubt(profile: ExportProfile) -> Iterator[str]:
    """What the file does not tell of how it is written."""
    if profile.heading is not None:
        how = "in `prepare`, as ignition_oee.py does"
        if isinstance(profile.dialect, Delimited):
            how = "with `sections` in the dialect"
        yield from _remark(
            f"Between the rows stand lines like {profile.heading[:MAX_SHOWN]!r}: where they say "
            f"something of the rows below, make a column of it {how}.",
            "",
        )
    if profile.doubtful_number is not None:
        yield from _remark(
            f"No number says which mark its decimals have: {profile.doubtful_number!r} can mean "
            "either. Say it here (decimal, thousands).",
            "",
        )


def _columns(profile: ExportProfile) -> Iterator[str]:
    """A line of comment per exported column."""
    width = min(max(len(_comment(column.name)) for column in profile.columns), MAX_SHOWN)
    for column in profile.columns:
        shown = ", ".join(_comment(value)[:20] for value in column.values[:4])
        yield (
            f"#   {_comment(column.name):<{width}}  {column.kind:<6} "
            f"{column.filled_ratio:4.0%}  {shown}"
        ).rstrip()[:WIDTH]


def _insisted(guess: Guess) -> list[str]:
    """Exported columns that the export is nothing without."""
    required = [name for name in guess.required if name in guess.matches]
    return list(dict.fromkeys(guess.matches[name].column.name for name in required))


def _mapping(guess: Guess, profile: ExportProfile) -> Iterator[str]:
    """The lines of the mapping: found columns as code, the others as comments."""
    absent = []
    for canonical, column in feed_columns(guess.feed).items():
        match = guess.matches.get(canonical)
        means = f"{canonical}: {_comment(column.description or '')}"
        code = _word(column, match.column, profile) if match else None
        if match and code:
            if match.score < 1:
                yield from _remark(f"A guess: {match.why}. {means}")
            for note in _notes(canonical, column, match.column):
                yield from _remark(note)
            yield from _entry(canonical, code)
        elif match:
            yield from _remark(f"Say what the values of {match.column.name!r} mean. {means}")
            yield from _unknown_code(canonical, column, match.column)
        elif canonical == guess.row_id:
            names = ", ".join(_quoted(guess.matches[name].column.name) for name in guess.told_by)
            yield from _remark(f"No column looks like a row's number: is it told by these? {means}")
            yield from _entry(canonical, f"joined({names}),")
        elif canonical in USUAL and not column.nullable:
            yield from _remark(f"Mostly so. {means}")
            yield from _entry(canonical, f"constant({USUAL[canonical]}),")
        elif canonical in guess.required:
            yield from _remark(f"REQUIRED, and nothing looks like it. {means}")
            yield from _remark(f'"{canonical}": {_example(column)},')
        else:
            absent.append(canonical)
    if absent:
        yield from _remark(f"Nothing looks like: {', '.join(absent)}.")


def _entry(canonical: str, code: str) -> Iterator[str]:
    """A line of the mapping, or several."""
    first, *rest = code.split("\n")
    yield f'{PAD}"{canonical}": {first}'
    yield from (PAD + line for line in rest)


def _remark(words: str, pad: str = PAD) -> Iterator[str]:
    """A comment in lines that are not too long."""
    yield from wrap(_comment(words), WIDTH, initial_indent=f"{pad}# ", subsequent_indent=f"{pad}# ")


def _word(column: Any, exported: ColumnProfile, profile: ExportProfile) -> str | None:
    """The word of `ingestion.columns` that reads it; None where its values say nothing to us."""
    name = _quoted(exported.name)
    match column:
        case dy.Datetime() | dy.Date():
            future = "" if (column.metadata or {}).get("event") else ", future=True"
            formats = exported.formats[:1]
            if isinstance(column, dy.Date) and exported.kind == "day":
                return f"day({name}, {_quoted(formats[0])}{future}),"
            if exported.is_utc:
                return f"utc_time({name}, format={_quoted(formats[0])}{future}),"
            clock = _clock_beside(exported, profile)
            if clock:
                written = f"{formats[0]} {_clock_format(clock)}"
                return (
                    f"local_time({name}, {_quoted(clock.name)}, format={_quoted(written)}{future}),"
                )
            return f"local_time({name}, format={_quoted(formats[0])}{future}),"
        case dy.Decimal():
            return f"duration({name})," if exported.kind == "duration" else f"number({name}),"
        case dy.Int64():
            return f"whole({name}),"
        case dy.Bool():
            answers = {value: value in YES for value in exported.values if value in (*YES, *NO)}
            if len(answers) < len(exported.values):
                return None
            return f"code({name}, {_mapped(answers)}),"
        case dy.Enum():
            meant = {
                value: word
                for value in exported.values[:100]
                if (word := code_of(value, list(column.categories)))
            }
            if not meant:
                return None
            unknown = [value for value in exported.values[:100] if value not in meant]
            rows = [f"    {_quoted(value)}: {_quoted(word)}," for value, word in meant.items()]
            rows += [f"    # {_comment(value)}: ?" for value in unknown]
            return "\n".join(
                ["code(", f"    {name},", "    {", *(f"    {r}" for r in rows), "    },", "),"]
            )
    return f"text({name}),"


def _unknown_code(canonical: str, column: Any, exported: ColumnProfile) -> Iterator[str]:
    """What a person has to fill in: every value that was seen, and the words there are."""
    words = column.categories if isinstance(column, dy.Enum) else ["True", "False"]
    yield from _remark(f"One of {', '.join(words)} for each:")
    values = ", ".join(f"{_quoted(_comment(value))}: ..." for value in exported.values[:20])
    yield from _remark(f'"{canonical}": code({_quoted(exported.name)}, {{{values}}}),')


def _notes(canonical: str, column: Any, exported: ColumnProfile) -> Iterator[str]:
    """What a person should look at in a line that was found."""
    if len(exported.formats) > 1:
        also = ", ".join(exported.formats[1:3])
        yield f"Every value can also be read as {also}: which is it?"
    if isinstance(column, (dy.Decimal, dy.Int64)) and exported.kind != "duration":
        for unit, note in UNITS.items():
            if canonical.endswith(unit):
                yield note[0].upper() + note[1:] + "."
    if 0 < exported.filled_ratio < 1 and not column.nullable:
        yield f"Empty in {1 - exported.filled_ratio:.1%} of the rows, which will be put aside."


def _clock_beside(exported: ColumnProfile, profile: ExportProfile) -> ColumnProfile | None:
    """The time of day in the next column, where this one only holds the date."""
    if exported.kind != "day":
        return None
    place = profile.columns.index(exported)
    after = profile.columns[place + 1 : place + 2]
    return after[0] if after and after[0].kind == "clock" else None


def _clock_format(clock: ColumnProfile) -> str:
    colons = clock.values[0].count(":")
    return ("%H%M%S", "%H:%M", "%H:%M:%S")[colons]


def _stamp(profile: ExportProfile) -> Iterator[str]:
    """Where the file's name says when it was drawn, if other than usual."""
    stamp = profile.stamp
    if stamp is None:
        yield "    # The name does not say when the file was drawn: its modification time counts."
        yield "    stamp=None,"
    elif stamp[1] != "%Y%m%d_%H%M%S":
        yield "    # When the file was drawn, as its name says it."
        yield f'    stamp=(r"{stamp[0]}", {_quoted(stamp[1])}),'


def _example(column: Any) -> str:
    if isinstance(column, dy.Enum):
        return " or ".join(f"constant({_quoted(word)})" for word in column.categories)
    if isinstance(column, (dy.Datetime, dy.Date)):
        return 'local_time("...", format="%Y-%m-%d %H:%M:%S")'
    if isinstance(column, (dy.Decimal, dy.Int64)):
        return 'number("...")' if isinstance(column, dy.Decimal) else 'whole("...")'
    return 'text("...")'


def _mapped(meanings: dict[str, bool]) -> str:
    return "{" + ", ".join(f"{_quoted(value)}: {word}" for value, word in meanings.items()) + "}"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, tuple):
        items = ", ".join(_quoted(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def _quoted(text: str) -> str:
    """A string of Python, whatever the export holds."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _comment(text: object) -> str:
    """What may stand in a comment or a docstring: one printable line, no quotes that end one."""
    plain = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return plain.replace('"""', "'''").replace("\\", "/")[:300]
