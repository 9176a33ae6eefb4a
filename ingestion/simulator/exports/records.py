"""What terminals, meters and gauges hand over: plain CSV files named after their feed.

Every night carries what was finished since the night before; the last also what still goes on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal

from ingestion.simulator.exports.files import TYPED, ExportFile, Row, columns
from ingestion.simulator.exports.typed import FOLDER
from ingestion.simulator.plant import Plant
from ingestion.simulator.records import LabourEntry, Measurement, Reading, Records

LABOUR, ENERGY, MEASURED = "labour_entries", "energy_readings", "measurements"
LABOUR_ENTRIES = columns("entry_id worker_id entry_kind machine_id start_at end_at")
ENERGY_READINGS = columns(
    "reading_id meter_id energy_carrier machine_id line_id start_at end_at energy_kwh"
)
MEASUREMENTS = columns(
    "measurement_id characteristic_id machine_id item_id subgroup_id measured_at measured_value "
    "lower_limit upper_limit uom"
)


class RecordExports:
    """Writes the records of every night."""

    def __init__(self, plant: Plant, records: Records) -> None:
        self.clock, self.nights = plant.calendar.clock, plant.calendar.extractions
        self._tables = {
            LABOUR: (
                LABOUR_ENTRIES,
                self._by_night((e.end_at, self._labour(e)) for e in records.labour),
            ),
            ENERGY: (
                ENERGY_READINGS,
                self._by_night((r.end_at, self._energy(r)) for r in records.energy),
            ),
            MEASURED: (
                MEASUREMENTS,
                self._by_night((m.measured_at, self._measured(m)) for m in records.measurements),
            ),
        }

    def _by_night(self, rows: Iterable[tuple[int, Row]]) -> list[list[Row]]:
        """The rows that each night delivers, by the instant at which they were finished."""
        found: list[list[Row]] = [[] for _ in self.nights]
        for at, row in rows:
            found[min(bisect_left(self.nights, at), len(found) - 1)].append(row)
        return found

    def night(self, night: int) -> list[ExportFile]:
        """All files of one night."""
        at = self.nights[night]
        stamp = self.clock.stamp(at)
        return [
            ExportFile(FOLDER, table, stamp, at, TYPED, header, by_night[night])
            for table, (header, by_night) in self._tables.items()
        ]

    def _labour(self, entry: LabourEntry) -> Row:
        is_over = entry.end_at <= self.nights[-1]
        return Row(
            [
                entry.entry_id,
                entry.worker_id,
                entry.kind,
                entry.machine_id or "",
                self.clock.typed(entry.start_at),
                self.clock.typed(entry.end_at) if is_over else "",
            ],
            entry.entry_id,
            is_final=is_over,
        )

    def _energy(self, reading: Reading) -> Row:
        return Row(
            [
                reading.reading_id,
                reading.meter_id,
                reading.carrier,
                reading.machine_id or "",
                reading.line_id or "",
                self.clock.typed(reading.start_at),
                self.clock.typed(reading.end_at),
                str(reading.energy_kwh),
            ],
            reading.reading_id,
        )

    def _measured(self, measurement: Measurement) -> Row:
        return Row(
            [
                measurement.measurement_id,
                measurement.characteristic_id,
                measurement.machine_id,
                measurement.item_id or "",
                measurement.subgroup_id or "",
                self.clock.typed(measurement.measured_at),
                str(measurement.value),
                _number(measurement.lower_limit),
                _number(measurement.upper_limit),
                measurement.uom,
            ],
            measurement.measurement_id,
        )


def _number(value: Decimal | None) -> str:
    return "" if value is None else str(value)
