"""The plant itself: lines, machines, items, routings, reasons and how well the machines behave.

Only master data and parameters; what happens to them is in `floor.py` and `stock.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from ingestion.simulator.clock import HOUR_S, Calendar
from ingestion.simulator.sites import Site

WORKS = "1000"  # the ERP's plant number

MAX_ROUTE = 10  # operations of an order

RAW_STORE, FINISHED_STORE, SHIPPING_STORE = "RM01", "FG01", "EXP1"


def stream(seed: int, name: str) -> Random:
    """An independent stream of random numbers, the same on every machine."""
    return Random(f"{seed}/{name}")


@dataclass(frozen=True, slots=True)
class Reason:
    """A stop reason of the MES."""

    number: int
    code: str
    name: str
    oee_type: int  # 1 planned, 2 unplanned, 3 waiting for an order or its material
    is_failure: bool = False

    @property
    def state(self) -> str:
        return {1: "planned_down", 2: "delay", 3: "no_order"}[self.oee_type]


BREAK = Reason(1, "PAUSA", "Descanso planificado", 1)
PREVENTIVE = Reason(2, "MPREV", "Mantenimiento preventivo", 1)
FAILURES = (
    Reason(10, "AVMEC", "Avería mecánica", 2, is_failure=True),
    Reason(11, "AVELE", "Avería eléctrica", 2, is_failure=True),
    Reason(12, "AVHID", "Avería hidráulica", 2, is_failure=True),
)
MICRO_STOP = Reason(20, "MICRO", "Microparada", 2)
JAM = Reason(21, "ATASC", "Atasco de piezas", 2)
ADJUSTMENT = Reason(22, "AJUST", "Ajuste de calidad", 2)
WAITING = Reason(23, "ESPER", "Espera de operario", 2)
NO_MATERIAL = Reason(30, "FMAT", "Falta de material", 3)
STOP_REASONS = (BREAK, PREVENTIVE, *FAILURES, MICRO_STOP, JAM, ADJUSTMENT, WAITING, NO_MATERIAL)

#: Minor stops: reason (None: nobody said why), weight, shortest and longest in seconds.
MINOR_STOPS: tuple[tuple[Reason | None, int, int, int], ...] = (
    (MICRO_STOP, 50, 8, 120),
    (JAM, 20, 30, 280),
    (ADJUSTMENT, 10, 120, 600),
    (WAITING, 10, 180, 900),
    (None, 10, 20, 420),
)


@dataclass(frozen=True, slots=True)
class Defect:
    """A defect code of the MES."""

    number: int
    code: str
    name: str
    weight: int
    is_scrap: bool


DEFECTS = (
    Defect(1, "REB", "Rebaba", 30, is_scrap=False),
    Defect(2, "RAY", "Rayado superficial", 20, is_scrap=False),
    Defect(3, "DIM", "Cota fuera de tolerancia", 25, is_scrap=True),
    Defect(4, "INC", "Pieza incompleta", 15, is_scrap=True),
    Defect(5, "COL", "Color no conforme (año anterior)", 10, is_scrap=True),
)
REWORK_DEFECTS = tuple(d for d in DEFECTS if not d.is_scrap)
SCRAP_DEFECTS = tuple(d for d in DEFECTS if d.is_scrap)


@dataclass(frozen=True, slots=True)
class Cost:
    """A standard price per price unit, valid from a date."""

    valid_from: date
    price: Decimal
    price_unit: int

    @property
    def unit_cost(self) -> Decimal:
        return self.price / self.price_unit


@dataclass(frozen=True, slots=True)
class Item:
    """A material; quantities are kept in thousandths of its unit."""

    item_id: str
    name: str
    kind: str  # raw or finished
    group: str
    uom: str
    number: int  # Id_producto of the MES
    line_no: int | None = None
    bom: tuple[tuple[str, int], ...] = ()  # raw item, thousandths per piece


_RAW = (
    Item("RM-1001", "Granza PP negra", "raw", "PLAST", "KG", 401),
    Item("RM-1002", "Inserto roscado M6 niquelado", "raw", "METAL", "ST", 402),
    Item("RM-1003", "Film de embalaje 23 µm", "raw", "EMBAL", "M", 403),
)
_FINISHED = (
    ("FG-2001", "Carcasa izquierda", 1, 180, 2_000, 400),
    ("FG-2002", "Carcasa derecha", 1, 185, 2_000, 400),
    ("FG-2003", "Tapa de señalización", 1, 95, 4_000, 250),
    ("FG-2004", "Soporte trasero", 2, 240, 3_000, 500),
    ("FG-2005", "Bisagra pequeña", 2, 60, 1_000, 150),
    ("FG-2006", "Marco ancho", 2, 310, 4_000, 600),
)
ITEMS: tuple[Item, ...] = _RAW + tuple(
    Item(
        item_id,
        name,
        "finished",
        f"FAM{line_no}",
        "ST",
        501 + n,
        line_no,
        (("RM-1001", kg), ("RM-1002", inserts), ("RM-1003", film)),
    )
    for n, (item_id, name, line_no, kg, inserts, film) in enumerate(_FINISHED)
)
ITEM = {item.item_id: item for item in ITEMS}

_PRICES = {
    "RM-1001": ("184.00", 100),
    "RM-1002": ("12.50", 100),
    "RM-1003": ("0.42", 1),
    "FG-2001": ("4.85", 1),
    "FG-2002": ("4.95", 1),
    "FG-2003": ("3.20", 1),
    "FG-2004": ("6.10", 1),
    "FG-2005": ("2.35", 1),
    "FG-2006": ("8.40", 1),
}
_NEW_PRICES = {"RM-1001": "192.00", "FG-2001": "5.10"}


@dataclass(frozen=True, slots=True)
class Rate:
    """The standard of one item on one machine while it is valid."""

    valid_from: date
    valid_from_at: int
    cycle_ms: int
    setup_min: int


@dataclass(slots=True)
class MachineSpec:
    """One machine: where it stands and how it behaves."""

    index: int
    line_no: int
    station: int
    slow_factor: float  # mean of true over ideal cycle
    breakdown_mean_s: float  # operating seconds between breakdowns
    repair_median_s: float
    minor_mean_s: float  # operating seconds between minor stops
    scrap_share: float
    rework_share: float

    @property
    def number(self) -> int:
        return self.index + 1

    @property
    def machine_id(self) -> str:
        return f"L{self.line_no}-M{self.station}"

    @property
    def line_id(self) -> str:
        return f"L{self.line_no}"

    @property
    def equipment(self) -> str:
        """The number under which maintenance knows the machine."""
        return str(10_000_401 + self.index)


@dataclass(slots=True)
class Plant:
    """The plant of one simulation."""

    seed: int
    calendar: Calendar
    machines: list[MachineSpec]
    lines: dict[int, list[MachineSpec]]
    rates: dict[tuple[str, int], list[Rate]]  # item, machine index
    costs: dict[str, list[Cost]]
    outages: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    rate_change: date | None = None
    cost_change: date | None = None

    @property
    def site(self) -> Site:
        return self.calendar.site

    def cells(self, line_no: int) -> list[list[MachineSpec]]:
        """A line's stations in the rows that an order passes; long lines are several rows."""
        line = self.lines[line_no]
        return [line[n : n + MAX_ROUTE] for n in range(0, len(line), MAX_ROUTE)]

    def items_of(self, line_no: int) -> list[Item]:
        return [item for item in ITEMS if item.line_no == line_no]

    def rate_at(self, item_id: str, machine: MachineSpec, instant: int) -> Rate:
        """The standard that is valid at an instant."""
        return [r for r in self.rates[item_id, machine.index] if r.valid_from_at <= instant][-1]

    def cost_at(self, item_id: str, day: date) -> Cost:
        """The standard price that is valid on a day."""
        return [c for c in self.costs[item_id] if c.valid_from <= day][-1]


def build_plant(calendar: Calendar, machines: int, seed: int) -> Plant:
    """Lay out a plant with so many machines over two lines."""
    rng = stream(seed, "layout")
    first_line = (machines + 1) // 2
    specs = []
    for index in range(machines):
        line_no = 1 if index < first_line else 2
        station = index + 1 if line_no == 1 else index + 1 - first_line
        specs.append(
            MachineSpec(
                index=index,
                line_no=line_no,
                station=station,
                slow_factor=rng.uniform(1.04, 1.14),
                breakdown_mean_s=rng.uniform(9, 20) * HOUR_S,
                repair_median_s=rng.uniform(15, 35) * 60,
                minor_mean_s=rng.uniform(25, 50) * 60,
                scrap_share=rng.uniform(0.008, 0.02),
                rework_share=rng.uniform(0.008, 0.02),
            )
        )
    lines: dict[int, list[MachineSpec]] = {}
    for spec in specs:
        lines.setdefault(spec.line_no, []).append(spec)

    plant = Plant(seed, calendar, specs, lines, {}, {})
    _add_rates(plant)
    _add_costs(plant)
    _add_outages(plant)
    return plant


def _add_rates(plant: Plant) -> None:
    """Ideal cycles per item and station; one item gets a new standard in the second half."""
    calendar = plant.calendar
    rng = stream(plant.seed, "routing")
    since = date(calendar.start.year - 1, 1, 1)
    since_at = calendar.clock.utc(since)
    plant.rate_change = date.fromordinal(
        calendar.start.toordinal() + max(1, calendar.days * 6 // 10)
    )
    for line_no, specs in plant.lines.items():
        for n, item in enumerate(plant.items_of(line_no)):
            base = rng.uniform(28, 46)
            for spec in specs:
                # Steps of 600 ms, so that minutes per 100 pieces are a whole number and every
                # system can state the same standard without rounding.
                cycle_ms = round(base * rng.uniform(0.85, 1.1) / 0.6) * 600
                setup_min = rng.randrange(14, 38)
                rates = [Rate(since, since_at, cycle_ms, setup_min)]
                if n == 0 and line_no == 1:
                    changed_at = calendar.clock.utc(plant.rate_change)
                    rates.append(Rate(plant.rate_change, changed_at, cycle_ms - 1_200, setup_min))
                plant.rates[item.item_id, spec.index] = rates


def _add_costs(plant: Plant) -> None:
    """Standard costs; two items get a new one on the first day of the next month."""
    start = plant.calendar.start
    since = date(start.year - 1, 1, 1)
    change = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    if change <= plant.calendar.end:
        plant.cost_change = change
    for item_id, (price, unit) in _PRICES.items():
        costs = [Cost(since, Decimal(price), unit)]
        if plant.cost_change and item_id in _NEW_PRICES:
            costs.append(Cost(plant.cost_change, Decimal(_NEW_PRICES[item_id]), unit))
        plant.costs[item_id] = costs


def _add_outages(plant: Plant) -> None:
    """Hours in which the data collector of a machine was down, always inside scheduled time."""
    calendar = plant.calendar
    rng = stream(plant.seed, "outages")
    count = max(1, round(calendar.days * len(plant.machines) / 60))
    days = [
        day
        for day in sorted({shift.production_date for shift in calendar.shifts})
        if calendar.start <= day < calendar.end and day.weekday() < 5
    ]
    taken: set[tuple[int, date]] = set()
    for _ in range(count if days else 0):
        machine, day = rng.randrange(len(plant.machines)), rng.choice(days)
        begin = calendar.clock.utc(day, rng.randrange(8, 18), rng.randrange(60), rng.randrange(60))
        length = rng.randrange(50, 200) * 60
        if (machine, day) in taken or not calendar.is_scheduled(begin, begin + length):
            continue
        taken.add((machine, day))
        plant.outages.setdefault(machine, []).append((begin, begin + length))
    for windows in plant.outages.values():
        windows.sort()
