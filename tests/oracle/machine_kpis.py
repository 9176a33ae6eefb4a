"""KPIs of machine time: the OEE family, ISO 22400-2's shares of time, failures, scrap, rework."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share, withheld
from shop_floor import Output, Segment, ShopFloor

KPIS = frozenset(
    {
        "availability",
        "effectiveness",
        "quality_ratio",
        "oee",
        "allocation_efficiency",
        "utilization_efficiency",
        "setup_ratio",
        "technical_efficiency",
        "mtbf_h",
        "mttf_h",
        "observed_time_ratio",
        "labelled_stop_ratio",
        "rated_output_ratio",
        "nee",
        "oee_vorne",
        "ooe",
        "teep",
        "utilization_ratio",
        "effectiveness_current_standard",
        "oee_current_standard",
    }
)
HOUR = 3600
#: Time element of ISO 22400-2 that a state is, in planned time.
ELEMENTS = {
    "producing": "APT",
    "setup": "AUST",
    "delay": "ADET",
    "rework": "rework",
    "no_order": "ADOT",
    "planned_down": "PDOT",
    None: "not_observed",
}
#: What is work even in a planned stop.
WORK = ("producing", "setup", "rework")
#: A machine in one of these operates.
OPERATING = ("producing", "setup", "rework")
#: In these it stops, under any schedule.
STOPPED = ("delay", "planned_down", "no_order")
#: AUBT: busy with an order.
BUSY = ("APT", "AUST", "ADET", "rework")


@dataclass
class Cell:
    """What is known of some machines in some period."""

    #: Machines that count what they make: one without a run in a period made nothing in it.
    counting: frozenset[str]
    segments: list[Segment] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)

    def element(self, *names: str, of_unknown_plan: bool = False) -> Fraction:
        """Seconds in these elements of planned time; perhaps also where the plan is unknown."""
        total = Fraction(0)
        for segment in self.segments:
            schedule = segment.window.schedule
            if schedule == "planned_stop" and segment.state not in WORK:
                element = "PDOT"
            elif schedule in ("planned_stop", "scheduled") or (
                of_unknown_plan and schedule == "unknown"
            ):
                element = ELEMENTS[segment.state]
            else:
                continue
            if element in names:
                total += segment.seconds
        return total

    def seconds(self, *states: str) -> Fraction:
        """Seconds in these states, whether planned or not."""
        return sum((s.seconds for s in self.segments if s.state in states), Fraction(0))

    @property
    def calendar_time(self) -> Fraction:
        return sum((s.seconds for s in self.segments), Fraction(0))

    @property
    def failures(self) -> Fraction:
        return Fraction(sum(s.failures for s in self.segments))

    @property
    def operated_machines(self) -> int:
        return len({s.machine_id for s in self.segments if s.state in OPERATING})

    @property
    def labelled_stop_time(self) -> Fraction:
        """Seconds of stops whose reason is known."""
        stops = [s for s in self.segments if s.state in STOPPED and s.has_reason]
        return sum((stop.seconds for stop in stops), Fraction(0))

    @property
    def first_passes(self) -> list[Output]:
        return [o for o in self.outputs if o.pass_no == 1]

    @property
    def is_plan_unknown(self) -> bool:
        return any(s.window.schedule == "unknown" for s in self.segments)

    @property
    def is_output_unknown(self) -> bool:
        """Something was produced, and nobody counted what."""
        return self.element("APT", of_unknown_plan=True) > 0 and self.counted_share == 0

    def ideal_time(self, quantity: str, cycle: str = "ideal_cycle_s") -> Fraction | None:
        """Of all first-pass units; unknown is not zero.

        It is unknown where nobody counted what was made, and where nothing of it has a standard or
        was judged good or bad.
        """
        made = [o for o in self.first_passes if o.produced]
        if self.is_output_unknown or (made and all(getattr(o, cycle) is None for o in made)):
            return None
        if made and all(getattr(o, quantity) is None for o in made):
            return None
        pairs = [(getattr(o, quantity), getattr(o, cycle)) for o in self.first_passes]
        return sum((qty * pri for qty, pri in pairs if qty and pri), Fraction(0))

    @property
    def pbt(self) -> Fraction:
        return self.element(*BUSY, "ADOT")

    @property
    def unobserved(self) -> Fraction:
        """Time that was planned, or may have been, and of which nobody delivered anything."""
        return self.element("not_observed", of_unknown_plan=True)

    def observed_share(self, *, of_unknown_plan: bool = False) -> Fraction | None:
        """Of planned busy time, the share somebody delivered."""
        observed = self.element(*BUSY, "ADOT", of_unknown_plan=of_unknown_plan)
        missing = self.element("not_observed", of_unknown_plan=of_unknown_plan)
        return share(observed, observed + missing)

    def observed_share_of_pot(self, *, of_unknown_plan: bool = False) -> Fraction | None:
        """Of planned time with its planned stops, the share somebody delivered."""
        observed = self.element(*BUSY, "ADOT", "PDOT", of_unknown_plan=of_unknown_plan)
        missing = self.element("not_observed", of_unknown_plan=of_unknown_plan)
        return share(observed, observed + missing)

    @property
    def counted_share(self) -> Fraction | None:
        """Of the time spent producing, the share of machines that count what they make."""
        producing = [s for s in self.segments if s.state == "producing"]
        return share(
            sum((s.seconds for s in producing if s.machine_id in self.counting), Fraction(0)),
            sum((s.seconds for s in producing), Fraction(0)),
        )

    def standard_share(self, cycle: str = "ideal_cycle_s") -> Fraction | None:
        """Of first-pass units, the share whose ideal cycle is known."""
        units = [(o.produced or Fraction(0), getattr(o, cycle)) for o in self.first_passes]
        return share(
            sum((u for u, pri in units if pri), Fraction(0)),
            sum((u for u, _ in units), Fraction(0)),
        )

    def rated_output(self) -> tuple[Fraction, Fraction]:
        """First-pass units with an ideal cycle, and all of them."""
        units = [(o.produced or Fraction(0), o.ideal_cycle_s) for o in self.first_passes]
        rated = sum((u for u, pri in units if pri), Fraction(0))
        return rated, sum((u for u, _ in units), Fraction(0))

    @property
    def judged_share(self) -> Fraction | None:
        """Of first-pass units, the share of which somebody says how many were good."""
        units = [(o.produced or Fraction(0), o.good) for o in self.first_passes]
        return share(
            sum((u for u, good in units if good is not None), Fraction(0)),
            sum((u for u, _ in units), Fraction(0)),
        )


def cells_of(floor: ShopFloor) -> dict[tuple[Scope, Period], Cell]:
    """What is known of each machine, each line and the plant, in each period."""
    counting = frozenset(output.machine_id for output in floor.outputs)
    cells: dict[tuple[Scope, Period], Cell] = defaultdict(lambda: Cell(counting))
    for segment in floor.segments:
        for key in keys(floor, segment):
            cells[key].segments.append(segment)
    for output in floor.outputs:
        for key in keys(floor, output):
            cells[key].outputs.append(output)
    return cells


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    """Every figure of machine time of one plant."""
    for (scope, period), cell in cells_of(floor).items():
        for kpi_id, answer in of_cell(cell, catalogue).items():
            known = catalogue[kpi_id]
            if scope.scope_type in known.scope_types and period.period_type in known.period_types:
                yield Place(floor.raw.plant_id, kpi_id, *scope, *period), answer


def keys(floor: ShopFloor, piece: Segment | Output) -> Iterator[tuple[Scope, Period]]:
    """Where a piece of time or output counts."""
    scopes = [Scope("plant", floor.raw.plant_id), Scope("machine", piece.machine_id)]
    if line_id := floor.lines.get(piece.machine_id):
        scopes.append(Scope("line", line_id))
    for scope in scopes:
        for period in periods(piece.window.production_date, piece.window.shift_id):
            yield scope, period


def of_cell(cell: Cell, catalogue: dict[str, Definition]) -> dict[str, Answer]:
    """All KPIs of one scope and period."""
    apt, pbt, aubt = cell.element("APT"), cell.pbt, cell.element(*BUSY)
    pot = pbt + cell.element("PDOT")
    calendar_time = cell.calendar_time - cell.unobserved
    # What needs no plan is also known where nobody says what was planned.
    worked = {name: cell.element(name, of_unknown_plan=True) for name in BUSY}
    ideal, good_ideal = cell.ideal_time("produced"), cell.ideal_time("good")
    counted = (cell.counted_share, cell.standard_share())
    judged = (*counted, cell.judged_share)
    today = "current_cycle_s"
    counted_today = (cell.counted_share, cell.standard_share(today))
    observed, observed_of_pot = cell.observed_share(), cell.observed_share_of_pot()
    of_all = cell.observed_share_of_pot(of_unknown_plan=True)
    of_worked = cell.observed_share(of_unknown_plan=True)

    def figure(
        kpi_id: str, above: Fraction | None, below: Fraction | None, *shares: Fraction | None
    ) -> tuple[str, Answer]:
        return kpi_id, ratio(above, below, shares, catalogue[kpi_id].floor)

    figures = dict(
        [
            figure("availability", apt, pbt, observed),
            figure("effectiveness", ideal, apt, observed, *counted),
            figure("quality_ratio", good_ideal, ideal, observed, *judged),
            figure("oee", good_ideal, pbt, observed, *judged),
            figure(
                "effectiveness_current_standard",
                cell.ideal_time("produced", today),
                apt,
                observed,
                *counted_today,
            ),
            figure(
                "oee_current_standard",
                cell.ideal_time("good", today),
                pbt,
                observed,
                *counted_today,
                cell.judged_share,
            ),
            figure("oee_vorne", good_ideal, aubt, observed, *judged),
            figure("ooe", good_ideal, pot, observed_of_pot, *judged),
            # The only one that work outside of planned time is part of.
            figure(
                "teep",
                None if cell.counted_share == 0 else good_ideal,
                calendar_time,
                of_all,
                *judged,
            ),
            figure(
                "utilization_ratio",
                None if cell.is_plan_unknown else aubt,
                calendar_time,
                of_all,
            ),
            figure("allocation_efficiency", aubt, pbt, observed),
            figure("utilization_efficiency", worked["APT"], sum(worked.values()), of_worked),
            figure("setup_ratio", worked["AUST"], worked["AUST"] + worked["APT"], of_worked),
            figure(
                "technical_efficiency", worked["APT"], worked["APT"] + worked["ADET"], of_worked
            ),
            figure(
                "mtbf_h",
                cell.seconds(*OPERATING) / HOUR,
                cell.failures,
                of_all,
            ),
            # Every failure ends a stretch of operation, and each machine has one that goes on.
            figure(
                "mttf_h",
                cell.seconds(*OPERATING) / HOUR,
                cell.failures + cell.operated_machines,
                of_all,
            ),
            # Figures about the data are never withheld for lack of it.
            figure("observed_time_ratio", pot, pot + cell.element("not_observed")),
            figure("labelled_stop_ratio", cell.labelled_stop_time, cell.seconds(*STOPPED)),
            figure("rated_output_ratio", *cell.rated_output()),
        ]
    )
    figures["nee"] = nee(figures["oee"], apt, cell.element("AUST"), pbt)
    return figures


def nee(oee: Answer, apt: Fraction, aust: Fraction, pbt: Fraction) -> Answer:
    """OEE with setup not counted as a loss; stated, with no numerator to add up."""
    if oee.value is None or apt == 0:
        return withheld(None, pbt)
    return Answer(None, pbt, oee.value * (apt + aust) / apt)
