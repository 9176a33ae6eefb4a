"""Faults on purpose: what goes wrong with exports, planted where a ledger remembers it.

No fault changes the truth. A row that is spoilt one night comes right the next; a row that
never happened never comes again. Every planted fault is in the defects ledger with its file,
its line and the rule that has to find it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from ingestion.simulator.clock import HOUR_S
from ingestion.simulator.exports import mapex, records, sap, typed
from ingestion.simulator.exports.files import ExportFile, Row
from ingestion.simulator.ledger import PRODUCTION, PlantedDefect
from ingestion.simulator.plant import Plant, stream

_OK = mapex.HIS_PROD.index("Unidades_ok")
_ACTIVITY = mapex.HIS_PROD.index("Id_actividad")
_MACHINE = mapex.HIS_PROD.index("Id_maquina")
_CYCLE = mapex.HIS_PROD.index("SegCicloNominal")
_NOTE = mapex.HIS_PROD.index("Observaciones")
_CHANGED = mapex.HIS_PROD.index("Last_reg_date")
_STOP_START = mapex.HIS_PROD_PARO.index("Fecha_ini")
_STOP_END = mapex.HIS_PROD_PARO.index("Fecha_fin")
_REPORTED = sap.IW39.index("ERDAT")
_QTY = sap.MB51.index("MENGE")
_ORDERED = typed.SALES_ORDER_LINES.index("ordered_qty")
_PROMISED = typed.PURCHASE_ORDER_LINES.index("promised_date")
_KIND = records.LABOUR_ENTRIES.index("entry_kind")
_LABOUR_START = records.LABOUR_ENTRIES.index("start_at")
_LABOUR_END = records.LABOUR_ENTRIES.index("end_at")
_KWH = records.ENERGY_READINGS.index("energy_kwh")
_MEASURED_AT = records.MEASUREMENTS.index("measured_at")
_LOWER = records.MEASUREMENTS.index("lower_limit")
_UPPER = records.MEASUREMENTS.index("upper_limit")
_ALREADY_LOADED, _CORRECTION = "already_loaded", "correction"


@dataclass(slots=True)
class _Planted:
    """A fault in a row, before its line number is known."""

    file: ExportFile
    row: Row | None
    rule: str
    column_name: str | None
    value: str | None
    what: str
    is_quarantined: bool = True
    repaired_in: str | None = None


#: Plants one kind of fault into the files of a night; nothing if no row is fit for it.
_Fault = Callable[[int, dict[str, ExportFile]], list[_Planted]]


class Dirt:
    """Plants faults into the files of one night after the other."""

    stream_name = "dirt"

    def __init__(self, plant: Plant, exports: sap.SapExports, *, enabled: bool) -> None:
        self.calendar, self.exports = plant.calendar, exports
        self.plant_id = plant.site.plant_id
        self.rng = stream(plant.seed, self.stream_name)
        self.defects: list[PlantedDefect] = []
        self._garbage_id = 99_000_000
        self._carried: dict[tuple[int, str], list[Row]] = {}
        #: Faults that are still to be planted, each not before its night.
        self._todo: list[tuple[int, _Fault]] = []
        last = len(self.calendar.extractions) - 2  # the repair needs a night of its own
        if enabled:
            for _ in range(max(1, self.calendar.days // 30)):
                for plant_fault in self._kinds():
                    night = self.rng.randrange(max(1, last * 2 // 3 + 1))
                    self._todo.append((night, plant_fault))
        self._last = last
        self._resends = [
            self.rng.randrange(max(1, last * 2 // 3 + 1))
            for _ in range(max(1, self.calendar.days // 15) if enabled else 0)
        ]

    def _kinds(self) -> list[_Fault]:
        # The broken last line comes at the end, so that it is the last.
        return [
            self._correction,
            self._dummy_machine,
            self._unknown_activity,
            self._decimal_point,
            self._extra_separator,
            self._stop_ends_before_start,
            self._impossible_date,
            self._english_number,
            self._duplicate_stop,
            self._duplicate_movement,
            self._truncated_line,
        ]

    def night(self, night: int, files: list[ExportFile]) -> list[ExportFile]:
        """Spoil the files of a night; returns them with what is sent a second time."""
        by_table = {file.table: file for file in files}
        for table, file in by_table.items():
            file.rows += self._carried.pop((night, table), [])
        planted: list[_Planted] = []
        remaining = []
        for due, plant_fault in self._todo:
            faults = plant_fault(night, by_table) if due <= night <= self._last else []
            if not faults:
                remaining.append((due, plant_fault))
            planted += faults
        self._todo = remaining
        for file in files:
            planted += [
                _Planted(file, row, "totals_row", None, row.fields[0], "totals row of the list")
                for row in file.footer
            ]
        for fault in planted:
            self._remember(fault)
        return [*files, *self._resend(night, files)]

    def _remember(self, fault: _Planted) -> None:
        self.defects.append(
            PlantedDefect(
                file=f"{self.plant_id}/{fault.file.path}",
                line_no=fault.file.line_no(fault.row) if fault.row else None,
                rule=fault.rule,
                column_name=fault.column_name,
                value=fault.value,
                row_id=fault.row.row_id if fault.row else None,
                what=fault.what,
                is_quarantined=fault.is_quarantined,
                repaired_in=fault.repaired_in,
            )
        )

    # Choosing and repairing

    def _choose(
        self, file: ExportFile | None, fits: Callable[[Row], bool] = lambda row: True
    ) -> Row | None:
        """A row whose story is over, so that nothing but the repair will deliver it again."""
        if file is None:
            return None
        rows = [row for row in file.rows if row.is_final and not row.is_touched and fits(row)]
        return self.rng.choice(rows) if rows else None

    def _repair(self, night: int, file: ExportFile, row: Row) -> str:
        """Deliver the right row the next night; returns the file that will hold it."""
        right = deepcopy(row)
        right.is_touched = True
        self._carried.setdefault((night + 1, file.table), []).append(right)
        row.is_touched = True
        return self._path(file, night + 1)

    def _path(self, file: ExportFile, night: int) -> str:
        stamp = self.calendar.clock.stamp(self.calendar.extractions[night])
        return f"{self.plant_id}/{file.folder}/{file.table}_{stamp}.{file.dialect.extension}"

    def _garbage(self, file: ExportFile, like: Row) -> Row:
        """A row that never happened, somewhere among the others."""
        self._garbage_id += 1
        row = Row([str(self._garbage_id), *like.fields[1:]], str(self._garbage_id), is_touched=True)
        file.rows.insert(self.rng.randrange(len(file.rows) + 1), row)
        return row

    # The faults

    def _correction(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        """Somebody corrects what a machine made in a day, days after it was exported."""
        file = files["his_prod"]
        one = self._choose(file, _has_good_units)
        if one is None:
            return []
        later = min(night + self.rng.randrange(1, 4), self._last + 1)
        changed_at = self.calendar.extractions[later] - HOUR_S
        machine = one.fields[_MACHINE]
        planted = []
        for row in file.rows:
            if not (row.is_final and not row.is_touched and _has_good_units(row)):
                continue
            if row.fields[_MACHINE] != machine:
                continue
            right = deepcopy(row)
            right.is_touched = row.is_touched = True
            right.fields[_CHANGED] = self.calendar.clock.slashed(changed_at)
            self._carried.setdefault((later, file.table), []).append(right)
            row.fields[_OK] = str(int(row.fields[_OK]) + self.rng.randrange(1, 9))
            planted.append(
                _Planted(
                    file,
                    row,
                    _CORRECTION,
                    "Unidades_ok",
                    row.fields[_OK],
                    f"{right.fields[_OK]} good units were made; corrected in a later night",
                    is_quarantined=False,
                    repaired_in=self._path(file, later),
                )
            )
        return planted

    def _dummy_machine(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files["his_prod"]
        like = self._choose(file)
        if like is None:
            return []
        row = self._garbage(file, like)
        row.fields[_MACHINE] = "--"
        return [
            _Planted(file, row, "required_value", "Id_maquina", "--", "row of the dummy machine")
        ]

    def _unknown_activity(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files["his_prod"]
        like = self._choose(file)
        if like is None:
            return []
        row = self._garbage(file, like)
        row.fields[_ACTIVITY] = "9"
        return [
            _Planted(file, row, "unknown_code", "Id_actividad", "9", "activity nobody declared")
        ]

    def _decimal_point(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files["his_prod"]
        row = self._choose(file, lambda r: _is_run(r) and r.fields[_CYCLE] != "")
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        row.fields[_CYCLE] = value = row.fields[_CYCLE].replace(",", ".")
        what = "decimal point in a file with decimal commas"
        return [
            _Planted(
                file, row, "not_a_number", "SegCicloNominal", value, what, repaired_in=repaired_in
            )
        ]

    def _extra_separator(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files["his_prod"]
        row = self._choose(file, lambda r: r.fields[_NOTE] == "")
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        fields = [*row.fields]
        fields[_NOTE] = "Revisado; conforme"
        row.raw = file.dialect.separator.join(fields)
        what = "separator in a text without quotes"
        return [_Planted(file, row, "column_count", None, None, what, repaired_in=repaired_in)]

    def _stop_ends_before_start(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files["his_prod_paro"]
        row = self._choose(file)
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        start, end = row.fields[_STOP_START], row.fields[_STOP_END]
        row.fields[_STOP_START], row.fields[_STOP_END] = end, start
        return [
            _Planted(
                file,
                row,
                "end_after_start",
                "Fecha_fin",
                start,
                "start and end of a stop exchanged",
                repaired_in=repaired_in,
            )
        ]

    def _impossible_date(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files["IW39"]
        row = self._choose(file)
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        row.fields[_REPORTED] = value = "31.02." + row.fields[_REPORTED][-4:]
        what = "a date that no calendar has"
        return [
            _Planted(file, row, "not_a_timestamp", "ERDAT", value, what, repaired_in=repaired_in)
        ]

    def _english_number(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files["MB51"]
        # The repair has to fit the layout of the night that delivers it.
        if self.exports.is_unsigned(night) != self.exports.is_unsigned(night + 1):
            return []
        # Below a thousand it could not be told from a German number a thousand times as high.
        row = self._choose(file, lambda r: "." in r.fields[_QTY])
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        exchanged = str.maketrans(",.", ".,")
        row.fields[_QTY] = value = row.fields[_QTY].translate(exchanged)
        what = "decimal point in a list with decimal commas"
        return [_Planted(file, row, "not_a_number", "MENGE", value, what, repaired_in=repaired_in)]

    def _duplicate_stop(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        return self._duplicate(files["his_prod_paro"])

    def _duplicate_movement(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        return self._duplicate(files["MB51"])

    def _duplicate(self, file: ExportFile) -> list[_Planted]:
        row = self._choose(file)
        if row is None:
            return []
        again = deepcopy(row)
        again.is_touched = row.is_touched = True
        file.rows.insert(
            self.rng.randrange(file.line_no(row) - 1, len(file.rows) + 1),
            again,
        )
        return [
            _Planted(
                file, again, "duplicate", None, None, "the same line twice", is_quarantined=False
            )
        ]

    def _truncated_line(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files["his_prod_defecto"]
        if len(file.rows) < 2 or not file.rows[-1].is_final or file.rows[-1].is_touched:
            return []
        row = file.rows[-1]
        repaired_in = self._repair(night, file, row)
        text = file.text_of(row)
        row.raw = text[: len(text) // 2]
        file.is_truncated = True
        what = "the transfer broke off in the last line"
        return [_Planted(file, row, "truncated_line", None, row.raw, what, repaired_in=repaired_in)]

    def _resend(self, night: int, files: list[ExportFile]) -> list[ExportFile]:
        """The same bytes again, minutes later, under a new name."""
        again: list[ExportFile] = []
        for _ in range(self._resends.count(night)):
            candidates = [f for f in files if f.rows and f.table in ("his_prod_paro", "MB51")]
            if not candidates:
                continue
            file = deepcopy(self.rng.choice(candidates))
            file.at += 7 * 60 + len(again)
            file.stamp = self.calendar.clock.stamp(file.at)
            what = "the same bytes under a new name"
            self._remember(
                _Planted(file, None, _ALREADY_LOADED, None, None, what, is_quarantined=False)
            )
            again.append(file)
        return again


class TypedDirt(Dirt):
    """The same for what the offices type."""

    stream_name = "dirt/typed"

    def _kinds(self) -> list[_Fault]:
        return [self._decimal_comma, self._impossible_promise, self._duplicate_sales_line]

    def _decimal_comma(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files[typed.SALES]
        row = self._choose(file)
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        fields = [*row.fields]
        fields[_ORDERED] += ",0"
        row.raw = file.dialect.separator.join(fields)
        what = "decimal comma between commas"
        return [_Planted(file, row, "column_count", None, None, what, repaired_in=repaired_in)]

    def _impossible_promise(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files[typed.PURCHASES]
        row = self._choose(file, lambda r: r.fields[_PROMISED] != "")
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        row.fields[_PROMISED] = value = row.fields[_PROMISED][:4] + "-02-30"
        what = "a date that no calendar has"
        return [
            _Planted(
                file, row, "not_a_timestamp", "promised_date", value, what, repaired_in=repaired_in
            )
        ]

    def _duplicate_sales_line(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        return self._duplicate(files[typed.SALES])


class RecordDirt(Dirt):
    """The same for what terminals, meters and gauges record."""

    stream_name = "dirt/records"

    def _kinds(self) -> list[_Fault]:
        return [
            self._unknown_entry_kind,
            self._work_ends_before_start,
            self._corrected_reading,
            self._german_reading,
            self._exchanged_limits,
            self._impossible_measuring_day,
            self._duplicate_measurement,
        ]

    def _unknown_entry_kind(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files[records.LABOUR]
        like = self._choose(file)
        if like is None:
            return []
        row = self._garbage(file, like)
        row.fields[_KIND] = "lunch"
        return [_Planted(file, row, "unknown_code", "entry_kind", "lunch", "kind nobody declared")]

    def _work_ends_before_start(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files[records.LABOUR]
        row = self._choose(file)
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        start, end = row.fields[_LABOUR_START], row.fields[_LABOUR_END]
        row.fields[_LABOUR_START], row.fields[_LABOUR_END] = end, start
        return [
            _Planted(
                file,
                row,
                "end_after_start",
                "end_at",
                start,
                "start and end of an entry exchanged",
                repaired_in=repaired_in,
            )
        ]

    def _corrected_reading(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        """Somebody misread a meter, and says so the night after."""
        file = files[records.ENERGY]
        row = self._choose(file)
        if row is None:
            return []
        right = row.fields[_KWH]
        repaired_in = self._repair(night, file, row)
        row.fields[_KWH] = f"1{right}"
        return [
            _Planted(
                file,
                row,
                _CORRECTION,
                "energy_kwh",
                row.fields[_KWH],
                f"{right} kWh were counted; corrected in a later night",
                is_quarantined=False,
                repaired_in=repaired_in,
            )
        ]

    def _german_reading(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files[records.ENERGY]
        row = self._choose(file)
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        row.fields[_KWH] = value = row.fields[_KWH].replace(".", ",")
        what = "decimal comma in a file with decimal points"
        return [
            _Planted(file, row, "not_a_number", "energy_kwh", value, what, repaired_in=repaired_in)
        ]

    def _exchanged_limits(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files[records.MEASURED]
        row = self._choose(file, lambda r: r.fields[_LOWER] != "" and r.fields[_UPPER] != "")
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        lower, upper = row.fields[_LOWER], row.fields[_UPPER]
        row.fields[_LOWER], row.fields[_UPPER] = upper, lower
        what = "lower and upper limit exchanged"
        return [_Planted(file, row, "limits_in_order", None, upper, what, repaired_in=repaired_in)]

    def _impossible_measuring_day(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        file = files[records.MEASURED]
        row = self._choose(file)
        if row is None:
            return []
        repaired_in = self._repair(night, file, row)
        at = row.fields[_MEASURED_AT]
        row.fields[_MEASURED_AT] = value = f"{at[:4]}-02-30{at[10:]}"
        what = "a date that no calendar has"
        return [
            _Planted(
                file, row, "not_a_timestamp", "measured_at", value, what, repaired_in=repaired_in
            )
        ]

    def _duplicate_measurement(self, night: int, files: dict[str, ExportFile]) -> list[_Planted]:
        return self._duplicate(files[records.MEASURED])


def _is_run(row: Row) -> bool:
    return row.fields[_ACTIVITY] == str(PRODUCTION)


def _has_good_units(row: Row) -> bool:
    return _is_run(row) and row.fields[_OK] != "0"
