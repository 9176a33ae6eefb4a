"""Where the simulated plants stand: their clocks, their shifts, and the day a night counts for.

The first is the plant of the demo. The others are chosen to hurt: one whose clocks change at
midnight and in the other half of the year, one half an hour off everybody else whose clocks
change by half an hour.
"""

from __future__ import annotations

from dataclasses import dataclass

SYSTEMS = ("mapex", "sap_pm", "sap_mm", "sap_pp")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Site:
    """One plant's place in the world and in the week; hours are on its own wall clock."""

    plant_id: str
    name: str
    time_zone: str
    currency: str
    #: The hour at which a production day begins.
    day_start: int
    #: Code, start and end; a shift that ends at or before its start ends on the next day.
    shifts: tuple[tuple[str, int, int], ...]
    #: Days on which shifts start, Monday being 0.
    days: tuple[int, ...]
    minor_stop_limit_s: int
    #: Whether its offices type sales and purchase lines.
    has_offices: bool
    #: Systems whose exports the plant sends, and what is typed; targets are, everywhere.
    sources: tuple[str, ...] = (*SYSTEMS, "typed_csv")

    @property
    def scheduled_h_per_week(self) -> int:
        return len(self.days) * sum((end - start) % 24 for _, start, end in self.shifts)


#: A night begins and ends within the production day on which it starts.
VALENCIA = Site(
    plant_id="vlc",
    name="Valencia (simulated)",
    time_zone="Europe/Madrid",
    currency="EUR",
    day_start=6,
    shifts=(("M", 6, 14), ("T", 14, 22), ("N", 22, 6)),
    days=(0, 1, 2, 3, 4, 5),
    minor_stop_limit_s=300,
    has_offices=False,
)
#: The production day is the calendar day; a night counts whole for the day on which it starts.
#: The clocks change at midnight. Nobody works in the afternoon.
SANTIAGO = Site(
    plant_id="scl",
    name="Santiago (simulated)",
    time_zone="America/Santiago",
    currency="USD",
    day_start=0,
    shifts=(("D", 6, 14), ("N", 22, 6)),
    days=(0, 1, 2, 3, 4, 5),
    minor_stop_limit_s=240,
    has_offices=True,
)
#: The late night counts for the day before. It starts at 02:00, which the clocks skip in spring;
#: the plant never closes.
LORD_HOWE = Site(
    plant_id="ldh",
    name="Lord Howe (simulated)",
    time_zone="Australia/Lord_Howe",
    currency="AUD",
    day_start=10,
    shifts=(("Z", 2, 10), ("A", 10, 18), ("B", 18, 2)),
    days=(0, 1, 2, 3, 4, 5, 6),
    minor_stop_limit_s=420,
    has_offices=True,
)
SITES = (VALENCIA, SANTIAGO, LORD_HOWE)
