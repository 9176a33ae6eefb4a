"""The MES exports, shaped like Mapex's tables: `;`, decimal comma, cp1252, local time.

Incremental tables carry what was created or changed since the last night; a row that is still
open has no end and comes again, with the same id, when it has one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import Decimal

from ingestion.simulator.exports.files import MAPEX, ExportFile, Row, columns, comma
from ingestion.simulator.ledger import (
    PRODUCTION,
    REWORK,
    Activity,
    Ledger,
    Order,
    Rejection,
    Stop,
)
from ingestion.simulator.plant import DEFECTS, ITEMS, STOP_REASONS, Plant, stream

FOLDER = "mapex"
HIS_PROD = columns(
    "Id_his_prod Id_maquina Activo Dia_productivo Id_turno Id_his_fase Id_actividad Fecha_ini "
    "Fecha_fin Unidades_ok Unidades_nok Unidades_repro SegCicloNominal Rendimientonominal1 "
    "Factor_multiplicativo Id_operario Observaciones Last_reg_date"
)
HIS_PROD_PARO = columns(
    "Id_his_prod_paro Id_his_prod Id_paro Fecha_ini Fecha_fin Activo Id_operario Last_reg_date"
)
HIS_PROD_DEFECTO = columns(
    "Id_his_prod_defecto Id_his_prod Id_defecto Unidades scrap Activo Last_reg_date"
)
HIS_OF = columns("Id_his_of Cod_of Id_producto Unidades_planning Fecha_ini Fecha_fin Fecha_entrega")
HIS_FASE = columns(
    "Id_his_fase Id_his_of Orden Id_maquina Unidades_planning Seg_Planning_Preparacion "
    "Seg_Planning_Produccion SegCicloNominal"
)
CFG_MAQUINA = columns("Id_maquina Cod_maquina Desc_maquina Linea Area")
CFG_PRODUCTO = columns("Id_producto Cod_producto Desc_producto")
CFG_PARO = columns("Id_paro Cod_paro Desc_paro Id_TipoparoOEE CalculoMtbf")
CFG_DEFECTO = columns("Id_defecto Cod_defecto Desc_defecto esNOK")
CFG_TURNO = columns("Id_turno Cod_turno Ini_turno Fin_turno")

_NOTES = (
    "Atención: vibración en husillo nº 2",
    "Cambio de útil; primera pieza verificada",
    'Pieza "B" revisada según pauta',
    "Operario avisó: ruido; llamar a mantenimiento",
    "Año de lote ilegible",
)


@dataclass(slots=True)
class _Version:
    """A row as it stands at one extraction."""

    activity: Activity
    is_final: bool


@dataclass(slots=True)
class _Ghost:
    """A run that somebody booked on the wrong machine, and deleted the next day."""

    of: Activity
    machine_no: int
    row_id: str


class MapexExports:
    """Writes the MES tables of every night."""

    def __init__(self, plant: Plant, ledger: Ledger) -> None:
        self.plant, self.ledger = plant, ledger
        self.clock = plant.calendar.clock
        self.nights = plant.calendar.extractions
        rng = stream(plant.seed, "mapex")
        count = len(self.nights)

        self._activities: list[list[_Version]] = [[] for _ in range(count)]
        self._notes: dict[str, str] = {}
        self._without_cycle: set[str] = set()
        for activity in ledger.activities:
            if not activity.is_observed:
                continue
            if rng.random() < 0.04:
                self._notes[activity.row_id] = rng.choice(_NOTES)
            if rng.random() < 0.02:
                self._without_cycle.add(activity.row_id)
            opened, closed = self._nights_of(activity.start_at, activity.end_at)
            if opened < closed:
                self._activities[opened].append(_Version(activity, is_final=False))
            if closed < count:
                self._activities[closed].append(_Version(activity, is_final=True))

        self._stops: list[list[tuple[Stop, bool]]] = [[] for _ in range(count)]
        for stop in ledger.stops:
            if not stop.is_observed:
                continue
            opened, closed = self._nights_of(stop.start_at, stop.end_at)
            if opened < closed:
                self._stops[opened].append((stop, False))
            if closed < count:
                self._stops[closed].append((stop, True))

        self._rejections: list[list[Rejection]] = [[] for _ in range(count)]
        for rejection in ledger.rejections:
            if rejection.activity.is_observed:
                self._rejections[bisect_left(self.nights, rejection.at)].append(rejection)

        self._orders: list[list[Order]] = [[] for _ in range(count)]
        for order in ledger.orders:
            changes = (order.released_at, order.started_at, order.completed_at)
            for night in sorted({bisect_left(self.nights, at) for at in changes if at is not None}):
                self._orders[night].append(order)
        self._ghosts = self._plan_ghosts()

    def _nights_of(self, start_at: int, end_at: int | None) -> tuple[int, int]:
        """The first night that sees a row, and the first that sees it ended."""
        opened = bisect_right(self.nights, start_at)
        closed = len(self.nights) if end_at is None else bisect_left(self.nights, end_at)
        return opened, closed

    def _plan_ghosts(self) -> dict[int, list[_Ghost]]:
        rng = stream(self.plant.seed, "mapex/ghosts")
        ghosts: dict[int, list[_Ghost]] = {}
        if len(self.nights) < 2:
            return ghosts
        for n in range(max(1, self.plant.calendar.days // 10)):
            night = rng.randrange(len(self.nights) - 1)
            runs = [
                v.activity
                for v in self._activities[night]
                if v.is_final and v.activity.kind == PRODUCTION
            ]
            if runs:
                of = rng.choice(runs)
                number = rng.randrange(len(self.plant.machines)) + 1
                ghosts.setdefault(night, []).append(_Ghost(of, number, str(4_900_001 + n)))
        return ghosts

    def night(self, night: int) -> list[ExportFile]:
        """All files of one night."""
        at = self.nights[night]
        files = [
            self._file(night, "his_prod", HIS_PROD, self._his_prod(night)),
            self._file(
                night,
                "his_prod_paro",
                HIS_PROD_PARO,
                [self._his_prod_paro(stop, final) for stop, final in self._stops[night]],
            ),
            self._file(
                night,
                "his_prod_defecto",
                HIS_PROD_DEFECTO,
                [self._his_prod_defecto(rejection) for rejection in self._rejections[night]],
            ),
            self._file(
                night, "his_of", HIS_OF, [self._his_of(order, at) for order in self._orders[night]]
            ),
            self._file(night, "his_fase", HIS_FASE, self._his_fase(night)),
        ]
        # Master data comes whole once a week, mostly the same bytes as before.
        if night % 7 == 0:
            files += [
                self._file(night, name, header, [Row(fields, fields[0]) for fields in rows])
                for name, header, rows in self._master_data()
            ]
        return files

    def _file(self, night: int, table: str, header: list[str], rows: list[Row]) -> ExportFile:
        at = self.nights[night]
        return ExportFile(FOLDER, table, self.clock.stamp(at), at, MAPEX, header, rows)

    def _at(self, instant: int | None) -> str:
        return "" if instant is None else self.clock.slashed(instant)

    def _his_prod(self, night: int) -> list[Row]:
        at = self.nights[night]
        rows = [self._activity_row(v.activity, v.is_final, at) for v in self._activities[night]]
        for ghost in self._ghosts.get(night, []):
            rows.append(self._ghost_row(ghost, active=True, changed_at=ghost.of.end_at or at))
        for ghost in self._ghosts.get(night - 1, []):
            changed_at = (self.nights[night - 1] + at) // 2
            rows.append(self._ghost_row(ghost, active=False, changed_at=changed_at))
        return rows

    def _activity_row(self, activity: Activity, is_final: bool, at: int) -> Row:
        good, scrap, rework = activity.counts(at)
        if is_final and activity.end_at is not None:
            changed_at = activity.end_at
        else:
            booked = [b.at for b in activity.bookings if b.at <= at]
            changed_at = max([activity.start_at, *booked])
        cycle = rate = ""
        if activity.kind in (PRODUCTION, REWORK) and activity.cycle_ms:
            rate = comma(Decimal(3_600_000) / activity.cycle_ms, 4)
            if activity.row_id not in self._without_cycle:
                cycle = comma(Decimal(activity.cycle_ms) / 1_000, 1)
        fields = [
            activity.row_id,
            str(activity.machine.number),
            "1",
            f"{activity.production_date:%d/%m/%Y}",
            str(activity.shift.number) if activity.shift else "",
            str(activity.operation.number) if activity.operation else "",
            str(activity.kind),
            self._at(activity.start_at),
            self._at(activity.end_at if is_final else None),
            str(good),
            str(scrap),
            str(rework),
            cycle,
            rate,
            "1",
            str(activity.operator),
            self._notes.get(activity.row_id, ""),
            self._at(changed_at),
        ]
        return Row(fields, activity.row_id, is_final)

    def _ghost_row(self, ghost: _Ghost, *, active: bool, changed_at: int) -> Row:
        row = self._activity_row(ghost.of, True, changed_at)
        fields = row.fields
        fields[0] = ghost.row_id
        fields[1] = str(ghost.machine_no)
        fields[2] = "1" if active else "0"
        fields[9:12] = ["7", "0", "0"]
        fields[16] = "Máquina equivocada" if not active else ""
        fields[17] = self._at(changed_at)
        # Never final for the faults to be planted: its correction is already on its way.
        return Row(fields, ghost.row_id, is_final=False)

    def _his_prod_paro(self, stop: Stop, is_final: bool) -> Row:
        end_at = stop.end_at if is_final else None
        fields = [
            stop.row_id,
            stop.activity.row_id,
            str(stop.reason.number) if stop.reason else "",
            self._at(stop.start_at),
            self._at(end_at),
            "1",
            str(stop.activity.operator),
            self._at(end_at or stop.start_at),
        ]
        return Row(fields, stop.row_id, is_final)

    def _his_prod_defecto(self, rejection: Rejection) -> Row:
        fields = [
            rejection.row_id,
            rejection.activity.row_id,
            str(rejection.defect.number),
            str(rejection.qty),
            "1" if rejection.defect.is_scrap else "0",
            "1",
            self._at(rejection.at),
        ]
        return Row(fields, rejection.row_id)

    def _his_of(self, order: Order, at: int) -> Row:
        started_at = order.started_at if (order.started_at or at + 1) <= at else None
        completed_at = order.completed_at if (order.completed_at or at + 1) <= at else None
        fields = [
            str(order.number),
            order.order_id,
            str(order.item.number),
            str(order.planned_qty),
            self._at(started_at),
            self._at(completed_at),
            f"{order.due_date:%d/%m/%Y} 00:00:00",
        ]
        return Row(fields, order.order_id, is_final=completed_at is not None)

    def _his_fase(self, night: int) -> list[Row]:
        rows = []
        for order in self._orders[night]:
            assert order.released_at is not None
            if bisect_left(self.nights, order.released_at) != night:
                continue
            for operation in order.operations:
                rate = self.plant.rate_at(order.item.item_id, operation.machine, order.released_at)
                planned_ms = rate.cycle_ms * order.planned_qty
                fields = [
                    str(operation.number),
                    str(order.number),
                    str(operation.sequence),
                    str(operation.machine.number),
                    str(order.planned_qty),
                    str(rate.setup_min * 60),
                    comma(Decimal(planned_ms) / 1_000, 1),
                    comma(Decimal(rate.cycle_ms) / 1_000, 1),
                ]
                rows.append(Row(fields, str(operation.number)))
        return rows

    def _master_data(self) -> list[tuple[str, list[str], list[list[str]]]]:
        machines = [
            [str(m.number), m.machine_id, f"Inyectora {m.number}", m.line_id, "Inyección"]
            for m in self.plant.machines
        ]
        products = [
            [str(item.number), item.item_id, item.name] for item in ITEMS if item.kind == "finished"
        ]
        stops = [
            [str(r.number), r.code, r.name, str(r.oee_type), str(int(r.is_failure))]
            for r in STOP_REASONS
        ]
        defects = [[str(d.number), d.code, d.name, str(int(d.is_scrap))] for d in DEFECTS]
        shifts = [
            [str(n), code, f"{start:02d}:00:00", f"{end:02d}:00:00"]
            for n, (code, start, end) in enumerate(self.plant.site.shifts, start=1)
        ]
        return [
            ("cfg_maquina", CFG_MAQUINA, machines),
            ("cfg_producto", CFG_PRODUCTO, products),
            ("cfg_paro", CFG_PARO, stops),
            ("cfg_defecto", CFG_DEFECTO, defects),
            ("cfg_turno", CFG_TURNO, shifts),
        ]
