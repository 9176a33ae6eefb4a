"""What exports cannot tell about the time that autumn repeats, and the truth without it.

Systems write wall-clock times. In the repeated hour a time means one of two instants; where the
sequence of rows does not tell which, the row is quarantined. That is a loss, it is named, and
everything else still has to be right: the marts are then held to what could be known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from expectations import Expectation, Key
from oracle_floor import Window, window_of, windows
from oracle_kpis import (
    OPERATION_KPIS,
    Cell,
    Kpis,
    all_kpis,
    cells,
    machine_scopes,
    order_scopes,
)
from plant_truth import PlantTruth
from simulated_night import Night, lines_of, read_catalogue

RULE = "ambiguous_local_time"
TYPED = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
WRITTEN = re.compile(r"(\d\d)[./](\d\d)[./](\d{4})[ \t]+(\d\d:\d\d:\d\d)")
SEPARATORS = {"mapex": ";", "typed_csv": ","}
HALF_AN_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class DoubledTime:
    """The local times of a plant that mean two instants."""

    local_from: datetime
    local_until: datetime
    #: From here on (UTC) a local time means one instant again.
    over_at: datetime

    @property
    def length(self) -> timedelta:
        return self.local_until - self.local_from

    def is_in(self, line: str) -> bool:
        """True where a line of a list holds such a time."""
        texts = [f"{y}-{m}-{day} {clock}" for day, m, y, clock in WRITTEN.findall(line)]
        texts += TYPED.findall(line)
        return any(
            self.local_from <= datetime.fromisoformat(text) < self.local_until for text in texts
        )


def doubled_time(truth: PlantTruth) -> DoubledTime | None:
    """The one time that comes twice between the first and the last extraction, if there is one."""

    def local(instant: datetime) -> datetime:
        return instant.replace(tzinfo=UTC).astimezone(truth.zone).replace(tzinfo=None)

    found = []
    at = truth.starts_at.replace(minute=0)
    while at < truth.known_until:
        # Clocks change on the half hour, anywhere in the world.
        back = local(at) + HALF_AN_HOUR - local(at + HALF_AN_HOUR)
        if back > timedelta(0):
            change_at = at + HALF_AN_HOUR
            begins = local(change_at)
            found.append(DoubledTime(begins, begins + back, change_at + back))
        at += HALF_AN_HOUR
    assert len(found) <= 1, "the clocks of no plant go back twice within a season"
    return found[0] if found else None


@dataclass(frozen=True)
class Line:
    """One line of a delivered list."""

    file: str
    line_no: int
    fields: list[str]


def delivered(night: Night, table: str) -> Iterator[Line]:
    """Every line of an exported table, in the order in which it was exported."""
    landing = night.settings.landing_dir
    for path in sorted(landing.glob(f"{night.plant_id}/*/{table}_2*")):
        file = path.relative_to(landing).as_posix()
        separator = SEPARATORS.get(path.parent.name, "\t")
        for line_no, text in enumerate(lines_of(landing, file)[1:], start=2):
            yield Line(file, line_no, text.split(separator))


@dataclass
class Knowledge:
    """What could be known of a plant, and of which machines and times a line was put aside."""

    night: Night
    doubled: DoubledTime | None

    # What was put aside

    @cached_property
    def lost_lines(self) -> set[tuple[str, int]]:
        """Lines that were put aside because their time exists twice."""
        rows = self.night.con.execute(
            "select file_path, line_no from raw.quarantine where rule = ?", [RULE]
        ).fetchall()
        return set(rows)

    def versions(self, table: str, parts: tuple[int, ...] = (0,)) -> dict[str, list[Line | None]]:
        """Of every record with a line put aside its versions, one put aside being nothing; the
        fields in `parts` are its id."""
        found: dict[str, list[Line | None]] = defaultdict(list)
        for line in delivered(self.night, table):
            record = "-".join(line.fields[part] for part in parts)
            found[record].append(None if (line.file, line.line_no) in self.lost_lines else line)
        return {record: lines for record, lines in found.items() if None in lines}

    def lost_ids(self, table: str, parts: tuple[int, ...] = (0,)) -> set[str]:
        """Records whose latest version was put aside."""
        return {r for r, lines in self.versions(table, parts).items() if lines[-1] is None}

    def last_known(self, table: str) -> dict[str, Line | None]:
        """Of every record with a line put aside the last that was not; nothing where all were."""
        return {
            record: next((line for line in reversed(lines) if line is not None), None)
            for record, lines in self.versions(table).items()
        }

    @cached_property
    def machine_of_run(self) -> dict[str, str]:
        """The machine of every run, as the delivered lists say."""
        names = {line.fields[0]: line.fields[1] for line in delivered(self.night, "cfg_maquina")}
        return {
            line.fields[0]: names.get(line.fields[1], line.fields[1])
            for line in delivered(self.night, "his_prod")
        }

    # What is unknown therefore

    @cached_property
    def long_night(self) -> Window:
        """The window in which the clocks go back."""
        assert self.doubled is not None
        return window_of(windows(self.night.truth), self.doubled.over_at - HALF_AN_HOUR)

    def _begun_later(self, table: str, run: int, start: int) -> dict[str, list[datetime]]:
        """When each machine is known to have begun something after that time; the fields hold the
        run and the start. A stop names only its run: where that was put aside, it has no machine.
        """
        assert self.doubled is not None
        nowhere = {r for r, line in self.last_known("his_prod").items() if line is None}
        begun: dict[str, list[datetime]] = defaultdict(list)
        for line in delivered(self.night, table):
            written = WRITTEN.fullmatch(line.fields[start])
            if written is None or (line.file, line.line_no) in self.lost_lines:
                continue
            day, month, year, clock = written.groups()
            local = datetime.fromisoformat(f"{year}-{month}-{day} {clock}")
            if local < self.doubled.local_until or line.fields[run] in nowhere:
                continue
            in_utc = local.replace(tzinfo=self.night.truth.zone).astimezone(UTC)
            begun[self.machine_of_run[line.fields[run]]].append(in_utc.replace(tzinfo=None))
        return begun

    @cached_property
    def windows(self) -> set[tuple[str, Window]]:
        """Machines and windows of which a run or a stop was put aside.

        One whose end was put aside may have lasted until the machine began the next; nothing
        delivered says more, and nobody may assume that it lasted longer. What began with a shift
        may have gone on from the one before.
        """
        if self.doubled is None:
            return set()
        unknown: set[tuple[str, Window]] = set()
        tiles = windows(self.night.truth)
        for table, run, start in (("his_prod", 0, 7), ("his_prod_paro", 1, 3)):
            begun = self._begun_later(table, run, start)
            for line in delivered(self.night, table):
                if (line.file, line.line_no) not in self.lost_lines:
                    continue
                machine_id = self.machine_of_run[line.fields[run]]
                until = min(begun[machine_id], default=tiles[-1].end_at)
                unknown |= {
                    (machine_id, tile)
                    for tile in tiles
                    if tile.start_at <= until and tile.end_at > self.long_night.start_at
                }
        return unknown

    @cached_property
    def orders(self) -> set[str]:
        """Orders that a machine served while a run or a stop of it was put aside."""
        return {
            activity.order_id
            for machine_id, tile in self.windows
            for activity in self.night.truth.activities
            if activity.machine_id == machine_id
            and activity.start_at < tile.end_at
            and activity.end_at > tile.start_at
        }

    @cached_property
    def runs(self) -> set[str]:
        """Runs that were put aside, or whose rejections were."""
        return self.lost_ids("his_prod") | {
            line.fields[1]
            for line in delivered(self.night, "his_prod_defecto")
            if (line.file, line.line_no) in self.lost_lines
        }

    # What is known

    @cached_property
    def truth(self) -> PlantTruth:
        """The truth as far as the office's systems could say it: a record whose last version was
        put aside is known as it was before."""
        truth = self.night.truth
        if self.doubled is None:
            return truth
        runs, orders, repairs = map(self.last_known, ("his_prod", "COOIS", "IW39"))
        moves = self.lost_ids("MB51", (1, 0, 2))
        labour, readings, measured = map(
            self.lost_ids, ("labour_entries", "energy_readings", "measurements")
        )
        known_orders = []
        for order in truth.orders:
            if order.order_id in orders:
                line = orders[order.order_id]
                assert line is not None, "other systems may know the order: choose another seed"
                released, completed = line.fields[7] != "", line.fields[10] != ""
                order = replace(
                    order,
                    released_at=order.released_at if released else None,
                    completed_at=order.completed_at if completed else None,
                    completed_qty=order.completed_qty * completed,
                )
            known_orders.append(order)
        known_repairs = []
        for repair in truth.repairs:
            if repair.order_id in repairs:
                line = repairs[repair.order_id]
                if line is None:
                    continue
                started, finished = (line.fields[n] != "00.00.0000" for n in (7, 9))
                repair = replace(
                    repair,
                    started_at=repair.started_at if started else None,
                    finished_at=repair.finished_at if finished else None,
                )
            known_repairs.append(repair)
        return replace(
            truth,
            runs=[run for run in truth.runs if runs.get(run.run_id, ...) is not None],
            orders=known_orders,
            repairs=known_repairs,
            moves=[move for move in truth.moves if move.movement_id not in moves],
            # A list taken later has what a lost movement moved; the ledger of movements has not.
            later_counts={} if moves else truth.later_counts,
            labour=[entry for entry in truth.labour if entry.entry_id not in labour],
            energy=[reading for reading in truth.energy if reading.reading_id not in readings],
            measurements=[m for m in truth.measurements if m.measurement_id not in measured],
        )

    @cached_property
    def kpis(self) -> Kpis:
        """Every KPI of what could be known."""
        return all_kpis(self.truth, read_catalogue(self.night))

    # What can be compared

    @cached_property
    def dark_cells(self) -> set[Cell]:
        """Scopes and periods with a machine of which something is unknown."""
        return {
            cell
            for machine_id, tile in self.windows
            for cell in cells(
                machine_scopes(self.truth, machine_id), tile.production_date, tile.shift_code
            )
        }

    @cached_property
    def dark_periods(self) -> set[tuple[str, object, str | None]]:
        """Periods in which some machine is in the dark; items are made on any machine."""
        return {(c.period_type, c.period_start_date, c.shift_code) for c in self.dark_cells}

    @cached_property
    def dark_order_cells(self) -> set[Cell]:
        """What was put aside is missing on the route of its order, whenever that was completed."""
        return {
            cell
            for order in self.truth.orders
            if order.order_id in self.orders and order.completed_at is not None
            for cell in cells(
                order_scopes(self.truth, order.item_id), self.truth.local_date(order.completed_at)
            )
        }

    @cached_property
    def dark_repair_cells(self) -> set[Cell]:
        """A breakdown reported in the dark has lost its stop, whenever it was repaired."""
        return {
            cell
            for machine_id, tile in self.windows
            for repair in self.truth.repairs_of[machine_id]
            if repair.finished_at and tile.start_at <= repair.reported_at < tile.end_at
            for cell in cells(
                machine_scopes(self.truth, machine_id), self.truth.local_date(repair.finished_at)
            )
        }

    def hold(self, expectation: Expectation) -> None:
        """Hold a fact or mart to its expectation, wherever it could be known."""
        expectation.hold(self.night.con, lambda key: self._is_known(expectation.table, key))

    def _is_known(self, table: str, key: Key) -> bool:
        if not self.windows:
            return True
        match table:
            case "fct_machine_time":
                return (key[0], key[3]) not in self._window_starts
            case "fct_production" | "fct_scrap":
                return key[0] is not None and key[0] not in self.runs
            case "kpi_values":
                return self._is_figure_known(key[0], Cell(*key[1:]))
            case "mart_oee_shift":
                return key not in self._shifts
            case "mart_coverage":
                return Cell(*key) not in self.dark_cells
            case "mart_oee_bridge":
                *scope, period_type, before, after = key
                both = {Cell(*scope, period_type, day) for day in (before, after)}
                return not both & self.dark_cells
            case "mart_maintenance_monthly":
                return Cell("machine", key[0], "month", key[1]) not in self.dark_cells
            case "mart_stop_reconciliation":
                return self._is_pair_known(*key)
            case "mart_reconciliation_production":
                return key[0] not in self.orders
            case "mart_reconciliation_scrap":
                return ("month", key[1], None) not in self.dark_periods
            case "mart_scrap_pareto":
                # What was rejected of a run that was put aside belongs to no machine.
                return key[0] is not None and (key[0], key[3]) not in self._days
            case table if table in OF_THE_OFFICE:
                return True
            case _:
                return key[:2] not in self._days

    @cached_property
    def _window_starts(self) -> set[tuple[str, datetime]]:
        return {(machine_id, tile.start_at) for machine_id, tile in self.windows}

    @cached_property
    def _shifts(self) -> set[Key]:
        return {(machine_id, t.production_date, t.shift_code) for machine_id, t in self.windows}

    @cached_property
    def _days(self) -> set[Key]:
        return {(machine_id, tile.production_date) for machine_id, tile in self.windows}

    def _is_figure_known(self, kpi: str, cell: Cell) -> bool:
        if kpi in OFFICE_KPIS:
            return True
        if kpi in OPERATION_KPIS:
            return cell not in self.dark_order_cells
        if kpi == "time_to_detect_h" and cell in self.dark_repair_cells:
            return False
        if cell.scope_type == "item":
            period = (cell.period_type, cell.period_start_date, cell.shift_code)
            return period not in self.dark_periods
        return cell not in self.dark_cells

    def _is_pair_known(
        self, machine_id: str, stop_start_at: datetime | None, order_id: str | None
    ) -> bool:
        reported_at = next(
            (r.reported_at for r in self.truth.repairs_of[machine_id] if r.order_id == order_id),
            stop_start_at,
        )
        return not any(
            dark == machine_id and tile.start_at <= at < tile.end_at
            for dark, tile in self.windows
            for at in (stop_start_at, reported_at)
            if at is not None
        )


#: Facts and marts that stand on no machine's time.
OF_THE_OFFICE = (
    "fct_order_lines",
    *("fct_order_lead_time", "fct_stock_movement", "fct_inventory_daily", "fct_maintenance_order"),
    *("fct_labour_time", "fct_energy", "fct_measurement_subgroup"),
    *("mart_lead_time_weekly", "mart_wip_daily", "mart_inventory_turns_monthly"),
)
#: And KPIs.
OFFICE_KPIS = (
    *("otif_ratio", "otd_ratio", "in_full_ratio", "perfect_order_ratio"),
    *("order_fulfilment_cycle_time_h", "supplier_otd_ratio", "supplier_lead_time_h"),
    *("takt_time_s", "epei_planned_days"),
    *("lead_time_median_h", "lead_time_mean_h", "lead_time_p85_h", "lead_time_p95_h"),
    *("lead_time_working_h", "lead_time_by_release_median_h", "lead_time_restricted_mean_h"),
    *("wip_orders_mean", "littles_law_residual", "inventory_turns", "days_on_hand"),
    *("inventory_turns_by_quantity", "average_stock_amount"),
    *("worker_efficiency", "machine_capability_cm", "machine_capability_cmk"),
    *("process_capability_cp", "process_capability_cpk"),
    *("mttr_h", "corrective_maintenance_ratio", "time_to_respond_h", "pm_compliance_ratio"),
)
