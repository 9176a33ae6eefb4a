"""Plant time: UTC seconds inside the simulation, local wall clock where a system writes one.

Every instant of the simulation is a whole UTC second (Unix time). Only this module knows the
zone; nothing else adds or subtracts hours to get a local time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ingestion.simulator.sites import Site

DAY_S = 86_400
HOUR_S = 3_600
MINUTE_S = 60
_EPOCH = date(1970, 1, 1)


class Clock:
    """Converts between UTC seconds and the wall clock of one zone, fast enough for every row."""

    def __init__(self, time_zone: str, first: date, last: date) -> None:
        self.zone = ZoneInfo(time_zone)
        # Offsets change twice a year; looking them up half hour by half hour once is cheaper than
        # asking the zone for each of a million timestamps.
        self._from: list[int] = []
        self._offset: list[int] = []
        instant = (first - _EPOCH).days * DAY_S - DAY_S
        end = (last - _EPOCH).days * DAY_S + DAY_S
        while instant <= end:
            local = datetime.fromtimestamp(instant, self.zone)
            delta = local.utcoffset()
            offset = int(delta.total_seconds()) if delta else 0
            if not self._offset or self._offset[-1] != offset:
                self._from.append(instant)
                self._offset.append(offset)
            instant += HOUR_S // 2
        self._dates: dict[int, tuple[date, str, str]] = {}

    def utc(self, day: date, hour: int = 0, minute: int = 0, second: int = 0) -> int:
        """The instant at which the wall clock shows this time; a time that the spring change
        skips means the same moment after it, a time that autumn repeats means its first pass."""
        local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=self.zone)
        return int(local.timestamp())

    def _split(self, instant: int) -> tuple[tuple[date, str, str], int]:
        local = instant + self._offset[bisect_right(self._from, instant) - 1]
        days, seconds = divmod(local, DAY_S)
        known = self._dates.get(days)
        if known is None:
            day = _EPOCH + timedelta(days=days)
            known = (day, f"{day:%d/%m/%Y}", f"{day:%d.%m.%Y}")
            self._dates[days] = known
        return known, seconds

    def date(self, instant: int) -> date:
        """Local calendar date."""
        return self._split(instant)[0][0]

    def slashed(self, instant: int) -> str:
        """dd/mm/yyyy HH:MM:SS."""
        known, seconds = self._split(instant)
        return f"{known[1]} {_time(seconds)}"

    def dotted_date(self, instant: int) -> str:
        """DD.MM.YYYY."""
        return self._split(instant)[0][2]

    def time(self, instant: int) -> str:
        """HH:MM:SS."""
        return _time(self._split(instant)[1])

    def typed(self, instant: int) -> str:
        """YYYY-MM-DD HH:MM:SS."""
        known, seconds = self._split(instant)
        return f"{known[0].isoformat()} {_time(seconds)}"

    def stamp(self, instant: int) -> str:
        """YYYYMMDD_HHMMSS, as in file names."""
        known, seconds = self._split(instant)
        return f"{known[0]:%Y%m%d}_{_time(seconds).replace(':', '')}"


def _time(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}"


def naive_utc(instant: int) -> datetime:
    """The instant as a UTC datetime without a zone, as the warehouse writes it."""
    return datetime.fromtimestamp(instant, UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift instance."""

    production_date: date
    code: str
    number: int  # Id_turno of the MES
    start_at: int
    end_at: int


BREAK_AFTER_S = 3 * HOUR_S + 50 * MINUTE_S
BREAK_S = 20 * MINUTE_S
LINE_BREAK_OFFSET_S = 30 * MINUTE_S
SUNDAY = 6


class Calendar:
    """Shifts, breaks and nightly extractions of one simulation."""

    def __init__(self, site: Site, start: date, days: int) -> None:
        self.site, self.start, self.days = site, start, days
        self.end = start + timedelta(days=days)
        margin = timedelta(days=60)
        self.clock = Clock(site.time_zone, start - margin, self.end + margin)
        self.start_at = self.clock.utc(start, site.day_start)
        #: The last instant any system knows: an hour into the day after the last simulated one.
        self.end_at = self.clock.utc(self.end, site.day_start + 1)
        #: With those before the first day, when the first orders were released already.
        self.known_shifts = self._pattern(-7, days + 1)
        self.shifts = [s for s in self.known_shifts if s.end_at > self.start_at]
        self._starts = [shift.start_at for shift in self.shifts]
        self.changes = sorted({s.start_at for s in self.shifts} | {s.end_at for s in self.shifts})
        nights = [self.clock.utc(start + timedelta(days=n), 2) for n in range(1, days + 1)]
        self.extractions = [*(at for at in nights if at < self.end_at), self.end_at]

    def _pattern(self, first: int, last: int) -> list[Shift]:
        """Shifts that start on these days, counted from the first day, in the order of time."""
        shifts = []
        for n in range(first, last + 1):
            day = self.start + timedelta(days=n)
            if day.weekday() not in self.site.days:
                continue
            for number, (code, begin, end) in enumerate(self.site.shifts, start=1):
                end_day = day if end > begin else day + timedelta(days=1)
                # What starts before the production day does counts for the day before.
                counts_for = day - timedelta(days=begin < self.site.day_start)
                start_at, end_at = self.clock.utc(day, begin), self.clock.utc(end_day, end)
                shifts.append(Shift(counts_for, code, number, start_at, end_at))
        return sorted(shifts, key=lambda shift: shift.start_at)

    def shift_at(self, instant: int) -> Shift | None:
        """The shift that holds an instant, if the plant is scheduled then."""
        index = bisect_right(self._starts, instant) - 1
        if index < 0 or self.shifts[index].end_at <= instant:
            return None
        return self.shifts[index]

    def is_scheduled(self, begin: int, end: int) -> bool:
        """Whether one shift follows the other from an instant to another."""
        while begin < end:
            shift = self.shift_at(begin)
            if shift is None:
                return False
            begin = shift.end_at
        return True

    def production_date(self, instant: int) -> date:
        """The production day, also where no shift is scheduled."""
        shift = self.shift_at(instant)
        if shift:
            return shift.production_date
        day = self.clock.date(instant)
        begins_at = self.clock.utc(day, self.site.day_start)
        return day if instant >= begins_at else day - timedelta(days=1)

    def breaks(self, line_no: int) -> list[tuple[int, int]]:
        """The planned breaks of a line. They count elapsed time from the shift's start, so on
        the spring night one of them runs over the hour that the clocks skip."""
        late = BREAK_AFTER_S + (line_no - 1) * LINE_BREAK_OFFSET_S
        return [(s.start_at + late, s.start_at + late + BREAK_S) for s in self.shifts]
