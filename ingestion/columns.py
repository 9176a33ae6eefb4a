"""The words of a source module: how an exported column becomes a canonical one.

Each function returns a Column: a polars expression over the exported text, and a second one
that names the rule a value breaks, so that a value that cannot be read is quarantined and
never turned into null in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, reduce
from typing import Any

import polars as pl

from ingestion.dialects import Dialect, Notation
from ingestion.plants import Plant, to_utc
from ingestion.times import EXCEL, examples, is_null_date, moments, says_a_clock

EXACT = pl.Decimal(18, 6)
NO_FAULT = pl.lit(None, pl.String)
FIRST_INSTANT = datetime(2000, 1, 1)


@dataclass(frozen=True)
class Context:
    """Whose export is being read, and how it is written."""

    dialect: Dialect
    plant: Plant
    extracted_at: datetime
    file_name: str = ""


@dataclass(frozen=True)
class Column:
    """A canonical column: its value, the rule its exported value breaks, and where it came from."""

    value: Callable[[Context], pl.Expr]
    fault: Callable[[Context], pl.Expr]
    exported: tuple[str, ...] = ()
    #: What value and fault share, by name and in order; computed once per table, over all rows.
    parts: Callable[[Context], dict[str, pl.Expr]] = lambda ctx: {}
    #: What its exported value may be: words of a closed list, or a moment in each of its formats.
    expected: tuple[str, ...] = ()


def cell(name: str, ctx: Context) -> pl.Expr:
    """The exported text without outer blanks; null where the dialect says so."""
    return _cell(name, ctx.dialect.nulls)


# Expressions are the same for every file of a table, and making them is what small files cost most.
@cache
def _cell(name: str, nulls: tuple[str, ...]) -> pl.Expr:
    stripped = pl.col(name).str.strip_chars()
    return pl.when(~stripped.is_in(list(nulls))).then(stripped)


def _fault(name: str, value: pl.Expr, rule: str, ctx: Context) -> pl.Expr:
    given = cell(name, ctx).is_not_null()
    return pl.when(given & value.is_null()).then(pl.lit(rule))


def text(name: str, *, cut: str | None = None, required: bool = False) -> Column:
    """The text as it stands, without what `cut` (a regular expression) matches.

    `required` where this system must give what the feed allows to be missing.

    For ids that a spreadsheet or an export program has dressed up: leading zeros, a decimal tail.
    """

    def value(ctx: Context) -> pl.Expr:
        raw = cell(name, ctx)
        return raw if cut is None else raw.str.replace(cut, "")

    def fault(ctx: Context) -> pl.Expr:
        if not required:
            return NO_FAULT
        return pl.when(cell(name, ctx).is_null()).then(pl.lit("required_value"))

    return Column(value, fault, (name,))


def constant(value: Any) -> Column:
    """The same value in every row."""
    return Column(lambda ctx: pl.lit(value), lambda ctx: NO_FAULT)


def from_file_name(pattern: str) -> Column:
    """What the group of a regular expression finds in the file's name; null where it finds none.

    For exports of one machine each, whose rows do not say which.
    """

    def value(ctx: Context) -> pl.Expr:
        found = re.search(pattern, ctx.file_name)
        return pl.lit(found.group(1) if found else None, pl.String)

    return Column(value, lambda ctx: NO_FAULT)


def prefixed(first: Column, *names: str, by: str = "-") -> Column:
    """Another column and exported ones as one id, for exports that do not say whose row it is."""

    def value(ctx: Context) -> pl.Expr:
        return pl.concat_str(first.value(ctx), *[cell(name, ctx) for name in names], separator=by)

    return Column(value, lambda ctx: NO_FAULT, (*first.exported, *names), first.parts)


def joined(
    *names: str, by: str = "-", optional: Sequence[str] = (), cut: str | None = None
) -> Column:
    """Several exported columns as one id; null if any but the optional ones is.

    An optional column that is null is left out of the id, with its separator. `cut` is taken off
    each part, as `text` does.
    """

    def value(ctx: Context) -> pl.Expr:
        cells = {name: text(name, cut=cut).value(ctx) for name in names}
        needed = [expr.is_not_null() for name, expr in cells.items() if name not in optional]
        parts = pl.concat_str(list(cells.values()), separator=by, ignore_nulls=True)
        return pl.when(pl.all_horizontal(needed)).then(parts)

    return Column(value, lambda ctx: NO_FAULT, names)


def computed(expr: pl.Expr, *names: str) -> Column:
    """An expression over the exported text as it stands, for what no other word can say.

    It sees blanks and null words, and what it makes null is no fault.
    """
    return Column(lambda ctx: expr, lambda ctx: NO_FAULT, names)


#: A blank that groups thousands is often one that does not break, and an apostrophe a curly one.
THOUSANDS = {" ": "[ \u00a0\u202f]", "'": "['\u2019]", ".": r"\."}


@cache
def number_pattern(notation: Notation) -> str:
    """What a number looks like in a notation; a typographic minus is one, too."""
    mark = re.escape(notation.decimal)
    whole = r"\d+"
    if notation.thousands:
        group = THOUSANDS.get(notation.thousands, re.escape(notation.thousands))
        whole = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)"
    digits = rf"(?:{whole}(?:{mark}\d*)?|{mark}\d+)"
    if notation.currency:
        digits = (
            rf"(?:{re.escape(notation.currency)} ?)?{digits}(?: ?{re.escape(notation.currency)})?"
        )
    written = [rf"[+\-\u2212]?{digits}"]
    if notation.trailing_minus:
        written.append(rf"{digits} ?[+\-]")
    if notation.bracket_minus:
        written.append(rf"\({digits}\)")
    if notation.credit_marks:
        written.append(rf"{digits} ?(?i:CR|DR)")
    return f"^(?:{'|'.join(written)})$"


def _number(name: str, ctx: Context) -> pl.Expr:
    return _number_in(name, ctx.dialect.notation)


@cache
def _number_in(name: str, notation: Notation) -> pl.Expr:
    raw = _cell(name, notation.nulls)
    plain = raw.str.replace("\u2212", "-", literal=True)
    if notation.currency:
        plain = plain.str.replace_all(rf" ?{re.escape(notation.currency)} ?", "")
    if notation.thousands:
        group = THOUSANDS.get(notation.thousands, re.escape(notation.thousands))
        plain = plain.str.replace_all(group, "")
    if notation.decimal != ".":
        plain = plain.str.replace(notation.decimal, ".", literal=True)
    if notation.trailing_minus:
        plain = plain.str.replace(r"^([0-9.]+) ?-$", "-$1").str.replace(r" ?\+$", "")
    if notation.bracket_minus:
        plain = plain.str.replace(r"^\((.+)\)$", "-$1")
    if notation.credit_marks:
        plain = plain.str.replace(r"(?i)^(.+?) ?CR$", "-$1").str.replace(r"(?i) ?DR$", "")
    return (
        pl.when(raw.str.contains(number_pattern(notation)))
        .then(plain.str.strip_chars_start("+").str.strip_chars_end("."))
        .cast(EXACT, strict=False)
    )


def _number_fault(name: str, ctx: Context) -> pl.Expr:
    """No number, or one with more digits than the warehouse has room for."""
    return _number_fault_in(name, ctx.dialect.notation)


@cache
def _number_fault_in(name: str, notation: Notation) -> pl.Expr:
    raw = _cell(name, notation.nulls)
    is_unread = raw.is_not_null() & _number_in(name, notation).is_null()
    return (
        pl.when(is_unread & raw.str.contains(number_pattern(notation)))
        .then(pl.lit("above_maximum"))
        .when(is_unread)
        .then(pl.lit("not_a_number"))
    )


def number(name: str, *, times: str | int = 1) -> Column:
    """An exact number in the dialect's notation, times a unit conversion."""
    return _numeric(name, lambda expr, ctx: _times(expr, times))


def duration(name: str) -> Column:
    """A written length of time in seconds: `h:mm`, `h:mm:ss`, also of more than a day, or `1h 30m`.

    `1:30` is an hour and a half. Plain numbers are none: of them only the source knows the unit,
    and says it with `number(name, times=60)`.
    """

    def value(ctx: Context) -> pl.Expr:
        raw = cell(name, ctx)
        clock = raw.str.extract_groups(r"^(\d{1,6}):([0-5]?\d)(?::([0-5]?\d(?:\.\d{1,6})?))?$")
        words = raw.str.extract_groups(
            r"(?i)^(?:(\d{1,6}) ?h[a-z]*)? ?(?:(\d{1,6}) ?m[a-z]*)? ?(?:(\d{1,6}) ?s[a-z]*)?$"
        )
        found = pl.coalesce(
            *(
                pl.when(pl.any_horizontal(parts.struct.field(n).is_not_null() for n in "123")).then(
                    pl.sum_horizontal(
                        parts.struct.field(n).cast(EXACT, strict=False).fill_null(0)
                        * pl.lit(Decimal(seconds)).cast(EXACT)
                        for n, seconds in (("1", 3600), ("2", 60), ("3", 1))
                    )
                )
                for parts in (clock, words)
            )
        )
        return found.cast(EXACT, strict=False)

    return Column(value, lambda ctx: _fault(name, value(ctx), "not_a_duration", ctx), (name,))


def in_unit(quantity: Column, unit: str, factors: Mapping[str, int]) -> Column:
    """A number whose unit another exported column names: times the unit's factor.

    A unit that is not in the map is a fault where there is a number; 0 needs none.
    """

    def value(ctx: Context) -> pl.Expr:
        factor = cell(unit, ctx).replace_strict(
            list(factors), list(factors.values()), default=None, return_dtype=pl.Int64
        )
        plain = quantity.value(ctx)
        # Decimals times decimals: a factor of its own kind would turn them into floats.
        return (
            pl.when(plain == 0)
            .then(plain)
            .otherwise((plain * factor.cast(EXACT)).cast(EXACT, strict=False))
        )

    def fault(ctx: Context) -> pl.Expr:
        unread = quantity.value(ctx).is_not_null() & value(ctx).is_null()
        known = cell(unit, ctx).is_in(list(factors)).fill_null(False)
        return pl.coalesce(
            quantity.fault(ctx),
            pl.when(unread & ~known).then(pl.lit("unknown_code")),
            pl.when(unread).then(pl.lit("above_maximum")),
        )

    return Column(value, fault, (*quantity.exported, unit), quantity.parts)


def _times(expr: pl.Expr, factor: str | int) -> pl.Expr:
    if Decimal(factor) == 1:
        return expr
    return (expr * pl.lit(Decimal(factor)).cast(EXACT)).cast(EXACT, strict=False)


def _numeric(name: str, change: Callable[[pl.Expr, Context], pl.Expr]) -> Column:
    return Column(
        lambda ctx: change(_number(name, ctx), ctx),
        # A unit conversion may need more room than the exported number.
        lambda ctx: pl.coalesce(
            _number_fault(name, ctx),
            _fault(name, change(_number(name, ctx), ctx), "above_maximum", ctx),
        ),
        (name,),
    )


def ratio_of(quantity: str | Column, divisor: str) -> Column:
    """A number per so many units of another exported column (a price unit, a base quantity)."""
    numerator = number(quantity) if isinstance(quantity, str) else quantity
    return Column(
        lambda ctx: (
            (numerator.value(ctx).cast(pl.Float64) / _number(divisor, ctx).cast(pl.Float64))
            .round(6)
            .cast(EXACT, strict=False)
        ),
        lambda ctx: pl.coalesce(numerator.fault(ctx), _number_fault(divisor, ctx)),
        (*numerator.exported, divisor),
        numerator.parts,
    )


def signed(name: str, by: str, minus: Sequence[str]) -> Column:
    """A number that is negative where another column holds one of these marks.

    Exports write the number without a sign, or with the sign the mark means; a minus beside a
    mark for plus is a fault.
    """

    def is_minus(ctx: Context) -> pl.Expr:
        return cell(by, ctx).is_in(list(minus))

    def value(ctx: Context) -> pl.Expr:
        plain = _number(name, ctx)
        return pl.when(is_minus(ctx)).then(-plain.abs()).otherwise(plain)

    def fault(ctx: Context) -> pl.Expr:
        plain = _number(name, ctx)
        contradicts = ~is_minus(ctx) & (plain < 0)
        return pl.coalesce(
            _number_fault(name, ctx),
            pl.when(contradicts).then(pl.lit("sign_contradicts_mark")),
        )

    return Column(value, fault, (name, by))


def sum_of(*names: str) -> Column:
    """The sum of several exported numbers."""

    def value(ctx: Context) -> pl.Expr:
        total = reduce(lambda a, b: a + b, (_number(name, ctx) for name in names))
        # Too large a sum is no reason to lose the file; one of its parts is too large then.
        return total.cast(EXACT, strict=False)

    def fault(ctx: Context) -> pl.Expr:
        return pl.coalesce([_number_fault(name, ctx) for name in names])

    return Column(value, fault, names)


def whole(name: str) -> Column:
    """A whole number in the dialect's notation; spreadsheets may have given it a decimal tail."""

    def value(ctx: Context) -> pl.Expr:
        plain = cell(name, ctx).cast(pl.Int64, strict=False)
        written = _number(name, ctx)
        return plain.fill_null(pl.when(written == written.floor()).then(written).cast(pl.Int64))

    return Column(value, lambda ctx: _fault(name, value(ctx), "not_a_whole_number", ctx), (name,))


def code(
    name: str,
    meanings: Mapping[str, Any],
    *,
    blank: Any = None,
    required: bool = False,
    any_case: bool = False,
) -> Column:
    """A code translated by a map; a code outside the map is a fault. `blank` stands for none.

    `required` where this system must give what the feed allows to be missing. `any_case` where
    people type it.
    """
    words = {word.lower(): meaning for word, meaning in meanings.items()} if any_case else meanings

    def value(ctx: Context) -> pl.Expr:
        values = list(words.values())
        kind = pl.Boolean if isinstance(values[0], bool) else pl.String
        given = cell(name, ctx)
        translated = (given.str.to_lowercase() if any_case else given).replace_strict(
            list(words), values, default=None, return_dtype=kind
        )
        if blank is None:
            return translated
        return pl.when(cell(name, ctx).is_null()).then(pl.lit(blank)).otherwise(translated)

    def fault(ctx: Context) -> pl.Expr:
        unknown = _fault(name, value(ctx), "unknown_code", ctx)
        if not required:
            return unknown
        return pl.when(cell(name, ctx).is_null()).then(pl.lit("required_value")).otherwise(unknown)

    return Column(value, fault, (name,), expected=tuple(meanings))


def either(given: str, then: Column, otherwise: Column) -> Column:
    """One column where another exported column holds a value, else a second one."""

    def choose(part: str) -> Callable[[Context], pl.Expr]:
        return lambda ctx: (
            pl.when(cell(given, ctx).is_not_null())
            .then(getattr(then, part)(ctx))
            .otherwise(getattr(otherwise, part)(ctx))
        )

    exported = tuple(dict.fromkeys((*then.exported, *otherwise.exported, given)))
    return Column(
        choose("value"),
        choose("fault"),
        exported,
        lambda ctx: then.parts(ctx) | otherwise.parts(ctx),
    )


def plant_code(name: str, code_map: str) -> Column:
    """A code translated by the plant's own map in plants.toml (code_maps.<code_map>)."""

    def value(ctx: Context) -> pl.Expr:
        meanings = ctx.plant.code_maps.get(code_map, {})
        return cell(name, ctx).replace_strict(
            list(meanings), list(meanings.values()), default=None, return_dtype=pl.String
        )

    return Column(value, lambda ctx: _fault(name, value(ctx), "unknown_code", ctx), (name,))


def _written_time(names: tuple[str, ...], ctx: Context) -> pl.Expr:
    """The text of a time, its parts joined by a blank; null where it is a date of zeros."""
    raw = pl.concat_str([cell(name, ctx) for name in names], separator=" ")
    return pl.when(~is_null_date(raw)).then(raw)


def _time_is_given(names: tuple[str, ...], ctx: Context) -> pl.Expr:
    first = cell(names[0], ctx)
    return first.is_not_null() & ~is_null_date(first)


def day(name: str, *formats: str, future: bool = False, language: str | None = None) -> Column:
    """A calendar date of the plant, in one of the declared formats (see `ingestion.times`).

    `language` (`de`, `es`, ...) where names of months are written in it.
    """

    def value(ctx: Context) -> pl.Expr:
        return moments(_written_time((name,), ctx), formats, language).dt.date()

    def fault(ctx: Context) -> pl.Expr:
        late = pl.lit(ctx.extracted_at).dt.date().dt.offset_by("1d")
        out = (value(ctx) < FIRST_INSTANT.date()) | (pl.lit(False) if future else value(ctx) > late)
        unread = _time_is_given((name,), ctx) & value(ctx).is_null()
        return (
            pl.when(unread)
            .then(pl.lit("not_a_timestamp"))
            .when(out)
            .then(pl.lit("timestamp_out_of_range"))
        )

    return Column(value, fault, (name,), expected=examples(formats))


def utc_time(
    *names: str, format: str | tuple[str, ...], future: bool = False, language: str | None = None
) -> Column:
    """A moment that is written with its offset, or in UTC without one."""
    formats = (format,) if isinstance(format, str) else format
    utc = f"moment of {'+'.join((*names, *formats))}"

    def fault(ctx: Context) -> pl.Expr:
        return _time_fault(names, pl.col(utc), pl.col(utc), future=future, ctx=ctx)

    return Column(
        lambda ctx: pl.col(utc),
        fault,
        names,
        lambda ctx: {utc: moments(_written_time(names, ctx), formats, language)},
        examples(formats),
    )


def _time_fault(
    names: tuple[str, ...], written: pl.Expr, utc: pl.Expr, *, future: bool, ctx: Context
) -> pl.Expr:
    """A time that cannot be read, or lies where none can."""
    out = utc < FIRST_INSTANT
    if not future:
        out |= utc > pl.lit(ctx.extracted_at) + pl.duration(days=1)
    return (
        pl.when(_time_is_given(names, ctx) & written.is_null())
        .then(pl.lit("not_a_timestamp"))
        .when(out)
        .then(pl.lit("timestamp_out_of_range"))
    )


def local_time(
    *names: str,
    format: str | tuple[str, ...],
    sequence: tuple[str, ...] = (),
    future: bool = False,
    informative: bool = False,
    language: str | None = None,
) -> Column:
    """A wall-clock time of the plant, converted to UTC once and for all.

    `names` are joined by a blank before they are read with `format` (see `ingestion.times`). In
    the autumn hour that exists twice, `sequence` (group columns, then a running number last) tells
    which is meant: where the clock steps back between two rows of a group, the rows before it are
    the first pass. Without such a step the time is a fault. `future` allows dates after the
    extraction (due dates). `informative` is a time that no figure rests on: where it cannot be told
    it stays empty, and costs no row. `language` (`de`, `es`, ...) where names of months are written
    in it.
    """
    formats = (format,) if isinstance(format, str) else format

    local, first, second, utc = (
        f"{kind} of {'+'.join((*names, *formats, *sequence))}"
        for kind in ("local time", "first pass", "second pass", "instant")
    )
    twice = pl.col(first) != pl.col(second)

    dates = tuple(fmt for fmt in formats if fmt != EXCEL and not says_a_clock(fmt))

    def in_utc(ctx: Context, which: str) -> pl.Expr:
        moment = (
            pl.col(local)
            .dt.replace_time_zone(ctx.plant.time_zone, ambiguous=pl.lit(which), non_existent="null")
            .dt.convert_time_zone("UTC")
            .dt.replace_time_zone(None)
        )
        if not dates:
            return moment
        # A date means the day's first instant, also where the clocks skip or repeat midnight.
        is_date = moments(_written_time(names, ctx), dates, language).is_not_null()
        return pl.when(is_date).then(to_utc(pl.col(local), ctx.plant.time_zone)).otherwise(moment)

    def instant(ctx: Context) -> pl.Expr:
        if not sequence:
            return pl.when(~twice).then(pl.col(first))
        *group, running = sequence
        return pl.struct(
            pl.col(local).alias("local"),
            pl.col(first).alias("first"),
            pl.col(second).alias("second"),
            cell(running, ctx).cast(pl.Int64, strict=False).alias("running"),
            *[pl.col(name).alias(f"group {name}") for name in group],
        ).map_batches(by_sequence, return_dtype=pl.Datetime("us"))

    def parts(ctx: Context) -> dict[str, pl.Expr]:
        return {
            local: moments(_written_time(names, ctx), formats, language),
            first: in_utc(ctx, "earliest"),
            second: in_utc(ctx, "latest"),
            utc: instant(ctx),
        }

    def fault(ctx: Context) -> pl.Expr:
        given = _time_is_given(names, ctx)
        if informative:
            return pl.when(given & pl.col(local).is_null()).then(pl.lit("not_a_timestamp"))
        read = pl.col(local).is_not_null()
        return (
            pl.when(read & pl.col(first).is_null())
            .then(pl.lit("nonexistent_local_time"))
            .when(read & pl.col(utc).is_null())
            .then(pl.lit("ambiguous_local_time"))
            .otherwise(_time_fault(names, pl.col(local), pl.col(utc), future=future, ctx=ctx))
        )

    return Column(lambda ctx: pl.col(utc), fault, names, parts, examples(formats))


def by_sequence(times: pl.Series) -> pl.Series:
    """The instants of local times, those of the doubled autumn hour told by their sequence.

    `times`: struct of local, first and second candidate, running number and group columns.
    Almost no file holds such an hour, so the sorting is done only where there is one.
    """
    frame = times.struct.unnest()
    twice = frame["first"] != frame["second"]
    if not twice.any():
        return frame["first"]
    date_and_group = [pl.col("local").dt.date(), pl.col("^group .*$")]
    in_hour = pl.when(pl.col("first") != pl.col("second")).then(pl.col("local"))
    latest_before = in_hour.cum_max().forward_fill().shift(1)
    stepped_back = (in_hour < latest_before).fill_null(False).cast(pl.Int8)
    return frame.select(
        pl.when(pl.col("first") == pl.col("second"))
        .then(pl.col("first"))
        .when(stepped_back.cum_max().over(date_and_group, order_by="running") == 1)
        .then(pl.col("second"))
        .when(stepped_back.max().over(date_and_group, order_by="running") == 1)
        .then(pl.col("first"))
    ).to_series()


def moved(moment: Column, by: str | Column, *, unit_s: int = 1, back: bool = False) -> Column:
    """A moment later, or earlier, by the number in another exported column, or by a duration.

    For systems that keep one clock time and a duration instead of a start and an end.
    """
    length = number(by, times=unit_s) if isinstance(by, str) else by

    def value(ctx: Context) -> pl.Expr:
        span = pl.duration(microseconds=(length.value(ctx) * 1_000_000).cast(pl.Int64))
        start = moment.value(ctx)
        return start - span if back else start + span

    def fault(ctx: Context) -> pl.Expr:
        return pl.coalesce(moment.fault(ctx), length.fault(ctx))

    return Column(value, fault, (*moment.exported, *length.exported), moment.parts)


def just_before(moment: Column) -> Column:
    """The start of the millisecond that ends at a moment, for what was counted then and no longer
    interval is known of.
    """
    return Column(
        lambda ctx: moment.value(ctx) - pl.duration(milliseconds=1),
        moment.fault,
        moment.exported,
        moment.parts,
    )


def on_clocks(moment: Column, of: Callable[[pl.Expr, Plant], pl.Expr]) -> Column:
    """What is `of` a moment as the plant's clocks show it."""

    def value(ctx: Context) -> pl.Expr:
        in_utc = moment.value(ctx).dt.replace_time_zone("UTC")
        local = in_utc.dt.convert_time_zone(ctx.plant.time_zone).dt.replace_time_zone(None)
        return of(local, ctx.plant)

    return Column(value, moment.fault, moment.exported, moment.parts)


def day_of(moment: Column) -> Column:
    """The plant's date of a moment, for systems that keep a moment where the feed counts days."""
    return on_clocks(moment, lambda local, plant: local.dt.date())


def utc_now() -> datetime:
    """Now, in UTC, without a zone, as the warehouse stores it."""
    return datetime.now(UTC).replace(tzinfo=None)
