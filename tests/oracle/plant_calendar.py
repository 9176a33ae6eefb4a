"""When a machine was planned to work, and for which production day a moment counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from raw_rows import RawPlant, Row

Schedule = Literal["scheduled", "planned_stop", "not_scheduled", "unknown"]


@dataclass(frozen=True)
class Window:
    """What the calendar says of a moment."""

    production_date: date
    schedule: Schedule
    #: None outside shifts.
    shift_id: str | None


class Calendar:
    """The shifts and days of one plant."""

    def __init__(self, raw: RawPlant) -> None:
        self.raw = raw
        self.days = sorted(raw.of_plant("plant_days"), key=lambda row: row["plant_date"])

    @cached_property
    def delivered(self) -> list[Row]:
        """The delivered calendar; a shift's id is its own system's."""
        return [
            row
            | {
                "shift_id": f"{row['source']}:{row['shift_id']}",
                "machine_id": self.raw.business_id("machine", row, "machine_id"),
            }
            for row in self.raw.feed("shift_calendar")
        ]

    @cached_property
    def pattern(self) -> list[Row]:
        return [
            row | {"line_id": None, "machine_id": None} for row in self.raw.of_plant("plant_shifts")
        ]

    @cached_property
    def delivered_dates(self) -> tuple[date, date] | None:
        """First and last production day of the delivered calendar."""
        dates = [row["production_date"] for row in self.delivered]
        return (min(dates), max(dates)) if dates else None

    @cached_property
    def all_entries(self) -> list[Row]:
        """The delivered calendar, and the pattern in front of it and after it."""
        if self.delivered_dates is None:
            return self.pattern
        first, last = self.delivered_dates
        around = [row for row in self.pattern if not first <= row["production_date"] <= last]
        return self.delivered + around

    def is_planned(self, production_date: date) -> bool:
        """Whether anybody says when the plant works on the day."""
        if self.pattern:
            return True
        if self.delivered_dates is None:
            return False
        return self.delivered_dates[0] <= production_date <= self.delivered_dates[1]

    def entries(self, machine_id: str, line_id: str | None) -> list[Row]:
        """Shifts and planned stops of a machine, the ones for it alone last."""
        rows = [
            row
            for row in self.all_entries
            if row["machine_id"] == machine_id
            or (row["machine_id"] is None and row["line_id"] in (None, line_id))
        ]
        return sorted(
            rows,
            key=lambda row: (
                row["machine_id"] is not None,
                row["line_id"] is not None,
                row["start_at"],
            ),
        )

    def production_date(self, moment: datetime) -> date:
        """The production day that holds the moment."""
        for day in self.days:
            if day["production_start_at"] <= moment < day["production_end_at"]:
                found: date = day["plant_date"]
                return found
        raise LookupError(f"{self.raw.plant_id}: no production day holds {moment}")

    def day_start(self, production_date: date) -> datetime:
        (start,) = (
            day["production_start_at"] for day in self.days if day["plant_date"] == production_date
        )
        moment: datetime = start
        return moment

    @cached_property
    def zone(self) -> ZoneInfo:
        (plant,) = self.raw.of_plant("plants")
        return ZoneInfo(plant["time_zone"])

    def local_date(self, moment: datetime) -> date:
        """The plant's calendar date of a moment."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """When a calendar date begins."""
        clock = datetime.combine(day, time(0), self.zone)
        return clock.astimezone(UTC).replace(tzinfo=None)

    def window(self, entries: list[Row], moment: datetime) -> Window:
        """What a machine's entries say of a moment."""
        holding = [row for row in entries if row["start_at"] <= moment < row["end_at"]]
        shifts = [row for row in holding if row["planned_stop"] is None]
        if shifts:
            stopped = any(row["planned_stop"] is not None for row in holding)
            return Window(
                shifts[-1]["production_date"],
                "planned_stop" if stopped else "scheduled",
                shifts[-1]["shift_id"],
            )
        production_date = self.production_date(moment)
        is_planned = self.is_planned(production_date)
        return Window(production_date, "not_scheduled" if is_planned else "unknown", None)

    def is_over(self, day: date, moment: datetime) -> bool:
        """Whether the plant's day had ended by then."""
        return self.midnight(day + timedelta(days=1)) <= moment

    def covers(self, shifts: list[Row], start_at: datetime, end_at: datetime) -> bool:
        """Whether the production days of these shifts reach over a stretch of time."""
        worked = {row["production_date"] for row in shifts}
        days = [day for day in self.days if min(worked) <= day["plant_date"] <= max(worked)]
        if not days:
            return False
        first, last = days[0]["production_start_at"], days[-1]["production_end_at"]
        return bool(first <= start_at and end_at <= last)
