"""Plants: the configuration in plants.toml, and the calendar it means in UTC.

A plant says its time zone, when its production day starts, its shift pattern, which source
modules deliver into which folder, and the code maps that differ from plant to plant.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import polars as pl
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from ingestion.errors import ConfigError

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
#: The tables of plants.toml.
TABLES = ("plants", "audiences")
#: Any fortnight will do: the pattern is weekly, and looked at on the plant's own clocks.
SAMPLE_FORTNIGHT = (date(2026, 1, 5), date(2026, 1, 18))


def _no_number(value: Any) -> Any:
    """`day_start = 6` would be six seconds past midnight."""
    if isinstance(value, int | float):
        raise ValueError('must be a time such as "06:00"')
    return value


def _wall_clock(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("must be a local time without a zone: time_zone says which clocks count")
    if value.microsecond:
        raise ValueError("must be a time to the second")
    return value


WallClock = Annotated[time, BeforeValidator(_no_number), AfterValidator(_wall_clock)]


class Strict(BaseModel):
    """A misspelt key is an error, not a silently ignored wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ShiftPattern(Strict):
    """One shift of the week; an end at or before the start lies on the next day."""

    # Without control characters, as every id that keys are built of.
    code: str = Field(min_length=1, max_length=20, pattern=r"^[^[:cntrl:]]*$")
    start: WallClock
    end: WallClock
    days: tuple[Weekday, ...] = WEEKDAYS


class SourceFolder(Strict):
    """Which source module reads which folder under landing/<plant>/, and what lies elsewhere.

    `location` is a further place its files come from: the folder of a mounted share, or object
    storage (`s3://bucket/exports`). `include` are shell patterns of the names that are looked at;
    what else lies there is none of ours.
    """

    source: str
    folder: str
    location: str | None = None
    include: tuple[str, ...] = ("*",)

    @field_validator("folder")
    @classmethod
    def folder_is_a_name(cls, value: str) -> str:
        if not SAFE_NAME.fullmatch(value):
            raise ValueError("must be a plain folder name of letters, digits, - and _")
        return value

    @field_validator("location")
    @classmethod
    def location_is_whole(cls, value: str | None) -> str | None:
        if value is not None and "://" not in value and not Path(value).is_absolute():
            raise ValueError("must be an absolute path, or an address such as s3://bucket/exports")
        return value


class Plant(Strict):
    """One plant of plants.toml."""

    plant_id: str
    name: str
    time_zone: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    day_start: WallClock = time(0)
    minor_stop_limit_s: float = Field(default=300, gt=0, le=86_400, allow_inf_nan=False)
    preventive_tolerance_days: int = Field(default=3, ge=0, le=365)
    #: Where a run's quantities count: whole in the shift of its end, or spread over its run time.
    run_booking: Literal["end", "run_time"] = "end"
    shifts: tuple[ShiftPattern, ...] = ()
    sources: tuple[SourceFolder, ...] = ()
    code_maps: dict[str, dict[str, str]] = {}

    @field_validator("plant_id")
    @classmethod
    def id_is_a_name(cls, value: str) -> str:
        if not SAFE_NAME.fullmatch(value):
            raise ValueError("must consist of letters, digits, - and _")
        return value

    @field_validator("time_zone")
    @classmethod
    def zone_exists(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no IANA time zone such as Europe/Madrid")
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def read_configuration(path: Path) -> dict[str, dict[str, Any]]:
    """The tables of plants.toml as they are written; ConfigError where it cannot be read."""
    if not path.is_file():
        raise ConfigError(
            f"{path}: not found. It says which plants there are and which exports they send: "
            "write one (README, 'Your own plant'), or let `leankpi simulate` write an example."
        )
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    for name, table in tables.items():
        if name not in TABLES:
            raise ConfigError(f"{path}: {name}: there are only {' and '.join(TABLES)}")
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: {name} must be a table; write one [{name}.<id>] for each")
    return tables


def load_plants(path: Path) -> dict[str, Plant]:
    """The plants of plants.toml by id; ConfigError names the key and what is wrong with it."""
    tables = read_configuration(path).get("plants", {})
    plants = {}
    for plant_id, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(f"{path}: plants.{plant_id} must be a table")
        if "plant_id" in table:
            raise ConfigError(
                f"{path}: plants.{plant_id}.plant_id: the table's name is the plant's id; remove it"
            )
        try:
            plants[plant_id] = Plant(plant_id=plant_id, **table)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in ("plants", plant_id, *first["loc"]))
            message = first["msg"].removeprefix("Value error, ")
            raise ConfigError(f"{path}: {where}: {message}") from error
        folders = [source.folder for source in plants[plant_id].sources]
        if len(set(folders)) < len(folders):
            raise ConfigError(f"{path}: plants.{plant_id}.sources names a folder twice")
        if fault := _shift_fault(plants[plant_id]):
            raise ConfigError(f"{path}: plants.{plant_id}.shifts: {fault}")
    if not plants:
        raise ConfigError(f"{path}: names no plant; add a table [plants.<id>]")
    return plants


def plants_table(plants: dict[str, Plant]) -> pl.DataFrame:
    """raw.plants: one row per configured plant."""
    return pl.DataFrame(
        [
            {
                "plant_id": plant.plant_id,
                "plant_name": plant.name,
                "time_zone": plant.time_zone,
                "currency": plant.currency,
                "has_shift_pattern": bool(plant.shifts),
                "minor_stop_limit_s": plant.minor_stop_limit_s,
                "preventive_tolerance_days": plant.preventive_tolerance_days,
                "run_booking": plant.run_booking,
            }
            for plant in plants.values()
        ]
    )


def to_utc(local: pl.Expr, zone: str) -> pl.Expr:
    """A wall-clock time that somebody planned, or the start of a date, in UTC.

    Of the two instants of an autumn hour the first is meant; a time that the spring gap
    skips means the same distance after the gap.
    """

    def convert(expr: pl.Expr) -> pl.Expr:
        return (
            expr.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
            .dt.convert_time_zone("UTC")
            .dt.replace_time_zone(None)
        )

    # By the clocks as they were before the gap, however wide it is.
    before = pl.duration(hours=3)
    return convert(local).fill_null(convert(local - before) + before)


def at(date_column: pl.Expr, clock: time) -> pl.Expr:
    """The wall-clock time on a date."""
    return date_column.cast(pl.Datetime("us")) + pl.duration(
        hours=clock.hour, minutes=clock.minute, seconds=clock.second
    )


def plant_days(plant: Plant, first: date, last: date) -> pl.DataFrame:
    """raw.plant_days: the production day and the calendar day of every date, in UTC."""
    day = pl.col("plant_date")
    zone = plant.time_zone
    return (
        pl.DataFrame({"plant_date": pl.date_range(first, last, eager=True)})
        .with_columns(
            plant_id=pl.lit(plant.plant_id),
            production_start_at=to_utc(at(day, plant.day_start), zone),
            production_end_at=to_utc(at(day.dt.offset_by("1d"), plant.day_start), zone),
            calendar_start_at=to_utc(at(day, time(0)), zone),
            calendar_end_at=to_utc(at(day.dt.offset_by("1d"), time(0)), zone),
        )
        .select(
            "plant_id",
            "plant_date",
            "production_start_at",
            "production_end_at",
            "calendar_start_at",
            "calendar_end_at",
        )
    )


def plant_shifts(plant: Plant, first: date, last: date) -> pl.DataFrame:
    """raw.plant_shifts: the shifts of the pattern that count for these dates, in UTC.

    A shift counts for the day it starts on; one that starts before the production day does
    counts for the day before.
    """
    if not plant.shifts:
        return pl.DataFrame()
    # Times that the spring gap skips lie after it, where another shift may have begun: the shift
    # then ends there, and one that lies in the gap altogether does not take place.
    end_at = pl.min_horizontal("end_at", pl.col("start_at").shift(-1))
    return (
        _expanded(plant, first, last + timedelta(days=1), plant.time_zone)
        .with_columns(end_at=end_at)
        .filter(pl.col("end_at") > pl.col("start_at"))
        .filter(pl.col("production_date").is_between(first, last))
    )


def _expanded(plant: Plant, first: date, last: date, zone: str) -> pl.DataFrame:
    """The shifts that start on these dates, by their start."""
    frames = []
    for shift in plant.shifts:
        day = pl.col("start_date")
        ends_next_day = shift.end <= shift.start
        end_day = day.dt.offset_by("1d") if ends_next_day else day
        before_day_start = shift.start < plant.day_start
        production_date = day.dt.offset_by("-1d") if before_day_start else day
        weekdays = [WEEKDAYS.index(name) + 1 for name in shift.days]
        frames.append(
            pl.DataFrame({"start_date": pl.date_range(first, last, eager=True)})
            .filter(day.dt.weekday().is_in(weekdays))
            .select(
                plant_id=pl.lit(plant.plant_id),
                shift_id=pl.format(
                    "{}-{}", production_date.dt.strftime("%Y%m%d"), pl.lit(shift.code)
                ),
                shift_code=pl.lit(shift.code),
                production_date=production_date,
                start_at=to_utc(at(day, shift.start), zone),
                end_at=to_utc(at(end_day, shift.end), zone),
                planned_stop=pl.lit(None, pl.String),
            )
        )
    return pl.concat(frames).sort("start_at", maintain_order=True)


def _shift_fault(plant: Plant) -> str | None:
    """What is wrong with the pattern as a whole, by what it means for a fortnight.

    On clocks that never change: so a pattern is right or wrong once and for all, and not first in
    the night of a change, when everything is loaded already.
    """
    if not plant.shifts:
        return None
    shifts = _expanded(plant, *SAMPLE_FORTNIGHT, zone="UTC")
    overlapping = shifts.filter(pl.col("start_at") < pl.col("end_at").shift(1))
    if overlapping.height:
        row = overlapping.row(0, named=True)
        return (
            f"shift {row['shift_code']} of {row['production_date']:%A} starts before the shift in "
            "front of it ends"
        )
    repeated = shifts.filter(pl.col("shift_id").is_duplicated())
    if repeated.height:
        row = repeated.row(0, named=True)
        return (
            f"code {row['shift_code']} stands for two shifts of the production day "
            f"{row['production_date']:%A}; give each a code of its own"
        )
    return None


def calendar_range(first: date, last: date) -> tuple[date, date]:
    """The dates the calendar covers for data of these dates, with room for night shifts."""
    return first - timedelta(days=3), last + timedelta(days=3)
