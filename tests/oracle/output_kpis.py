"""KPIs of what came out: scrap, rework, yields, defects, and what scrap costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cached_property

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share, withheld
from machine_kpis import cells_of
from raw_rows import Row
from shop_floor import Output, ShopFloor, exact

KPIS = frozenset(
    {
        "scrap_ratio",
        "rework_ratio",
        "first_pass_yield",
        "final_yield",
        "rolled_throughput_yield",
        "dpmo",
        "copq_amount",
        "copq_ratio",
    }
)
NOTHING = Fraction(0)
MILLION = 1_000_000


def total(quantities: list[Fraction | None]) -> Fraction:
    """The sum of what is known."""
    return sum((qty for qty in quantities if qty is not None), NOTHING)


def known_share(outputs: list[Output], is_known: Callable[[Output], bool]) -> Fraction | None:
    """The share of units of which something is known."""
    told = total([output.produced for output in outputs if is_known(output)])
    return share(told, total([output.produced for output in outputs]))


def judged_share(outputs: list[Output]) -> Fraction | None:
    """The share of runs that say how many units were good."""
    return share(Fraction(sum(o.good is not None for o in outputs)), Fraction(len(outputs)))


class Quality:
    """What the runs of a plant came to."""

    def __init__(self, floor: ShopFloor, catalogue: dict[str, Definition]) -> None:
        self.floor = floor
        self.raw = floor.raw
        self.catalogue = catalogue
        self.items = {
            self.raw.business_id("item", row, "item_id"): row for row in self.raw.feed("items")
        }

    # --- what is known of an item ------------------------------------------------------------

    def unit_cost(self, output: Output) -> Fraction | None:
        """The standard cost of the item on the day."""
        day = output.window.production_date
        valid = [
            row
            for row in self.raw.feed("item_costs")
            if self.raw.business_id("item", row, "item_id") == output.item_id
            and row["valid_from"] <= day
            and (row["valid_to"] is None or day < row["valid_to"])
        ]
        best = max(valid, key=lambda row: row["valid_from"], default=None)
        return exact(best["unit_cost_amount"]) if best else None

    def scrap_cost(self, output: Output) -> Fraction | None:
        """What a unit has cost at standard that was scrapped there: once the operation is done, as
        far as somebody says so, else the whole item."""
        step, day = self.step(output), output.window.production_date
        valid = [
            row
            for row in self.raw.feed("operation_costs")
            if step is not None
            and self.raw.business_id("item", row, "item_id") == output.item_id
            and row["sequence_no"] == step[1]
            and row["valid_from"] <= day
        ]
        best = max(valid, key=lambda row: row["valid_from"], default=None)
        # A new cost ends the one before it, whether or not that one says when it ends.
        if best is not None and (best["valid_to"] is None or day < best["valid_to"]):
            return exact(best["unit_cost_amount"])
        return self.unit_cost(output)

    def opportunities(self, output: Output) -> Fraction | None:
        return exact(self.items.get(output.item_id, {}).get("defect_opportunities_qty"))

    def has_several_units(self, outputs: list[Output]) -> bool:
        """Pieces and kilograms add up to nothing."""
        units = {self.items.get(o.item_id, {}).get("base_uom") for o in outputs}
        return len(units - {None}) > 1

    # --- routes ------------------------------------------------------------------------------

    @cached_property
    def operations(self) -> dict[tuple[str, str], Row]:
        rows = self.raw.feed("order_operations")
        return {(row["source"], row["operation_id"]): row for row in rows}

    @cached_property
    def routes(self) -> dict[str, set[int]]:
        """The sequence numbers of each order's operations."""
        found: dict[str, set[int]] = defaultdict(set)
        for row in self.operations.values():
            order_id = self.raw.business_id("order", row, "order_id")
            if order_id is not None and row["sequence_no"] is not None:
                found[order_id].add(row["sequence_no"])
        return found

    def step(self, output: Output) -> tuple[str, int] | None:
        """Order and sequence number of the operation that a run served."""
        operation = self.operations.get((output.row["source"], output.row["operation_id"]))
        if operation is None or operation["sequence_no"] is None:
            return None
        return self.raw.business_id("order", operation, "order_id") or "", operation["sequence_no"]

    def is_last(self, output: Output) -> bool:
        """Whether what a run made leaves the route, as all does that has none."""
        step = self.step(output)
        return step is None or step[1] == max(self.routes[step[0]])

    # --- figures -----------------------------------------------------------------------------

    def answers(self) -> Iterator[tuple[Place, Answer]]:
        cells: dict[tuple[Scope, Period], list[Output]] = {
            key: cell.outputs for key, cell in cells_of(self.floor).items()
        }
        items: dict[tuple[Scope, Period], list[Output]] = defaultdict(list)
        for output in self.floor.outputs:
            if output.item_id is not None:
                for period in periods(output.window.production_date, output.window.shift_id):
                    items[Scope("item", output.item_id), period].append(output)
        for (scope, period), outputs in (cells | items).items():
            for kpi_id, answer in self.of_cell(outputs):
                entered = [output for output in outputs if output.pass_no == 1]
                needed = entered if kpi_id == "first_pass_yield" else outputs
                if not needed:
                    continue
                known = self.catalogue[kpi_id]
                if (
                    scope.scope_type in known.scope_types
                    and period.period_type in known.period_types
                ):
                    yield Place(self.raw.plant_id, kpi_id, *scope, *period), answer

    def of_cell(self, outputs: list[Output]) -> Iterator[tuple[str, Answer]]:
        first_passes = [output for output in outputs if output.pass_no == 1]
        good = total([o.good for o in first_passes])
        of_scrap = known_share(outputs, lambda o: o.scrap is not None)
        of_rework = known_share(first_passes, lambda o: o.rework is not None)
        of_good = judged_share(first_passes)
        of_all_good = judged_share(outputs)

        def figure(
            kpi_id: str, above: Fraction, below: Fraction, *shares: Fraction | None
        ) -> tuple[str, Answer]:
            return kpi_id, ratio(above, below, shares, self.catalogue[kpi_id].floor)

        if self.has_several_units(outputs):
            for kpi_id in ("scrap_ratio", "rework_ratio", "first_pass_yield", "final_yield"):
                yield kpi_id, withheld(None, None)
        else:
            # A run that does not say what it made, or what was bad of it, is in neither part.
            for kpi_id, name, among, coverage in (
                ("scrap_ratio", "scrap", outputs, of_scrap),
                ("rework_ratio", "rework", first_passes, of_rework),
            ):
                known = [
                    o for o in among if o.produced is not None and getattr(o, name) is not None
                ]
                made = total([o.produced for o in known if o.pass_no == 1])
                yield figure(kpi_id, total([getattr(o, name) for o in known]), made, coverage)
            all_good = total([o.good for o in outputs])
            judged = total([o.produced for o in first_passes if o.good is not None])
            yield figure("first_pass_yield", good, judged, of_good)
            yield figure("final_yield", all_good, judged, of_all_good)
        if any(self.opportunities(output) for output in outputs):
            yield self.dpmo(first_passes)
        yield from self.cost_of_poor_quality(outputs)
        if any(self.step(output) for output in outputs):
            yield self.rolled_throughput_yield(outputs)

    def dpmo(self, first_passes: list[Output]) -> tuple[str, Answer]:
        judged = [o for o in first_passes if o.good is not None and self.opportunities(o)]
        chances = total([(o.produced or NOTHING) * (self.opportunities(o) or 0) for o in judged])
        return "dpmo", ratio(
            total([(o.produced or NOTHING) - (o.good or NOTHING) for o in judged]),
            chances / MILLION,
            [share(total([o.produced for o in judged]), total([o.produced for o in first_passes]))],
            self.catalogue["dpmo"].floor,
        )

    def cost_of_poor_quality(self, outputs: list[Output]) -> Iterator[tuple[str, Answer]]:
        def at_cost(cost: Fraction | None, quantity: Fraction | None) -> Fraction | None:
            return None if cost is None or quantity is None else quantity * cost

        def valued(
            among: list[Output], name: str, cost: Callable[[Output], Fraction | None]
        ) -> Fraction | None:
            """Of units to be valued, the share that has a cost."""
            told = [o for o in among if cost(o) is not None]
            return share(
                total([getattr(o, name) for o in told]), total([getattr(o, name) for o in among])
            )

        last = [output for output in outputs if self.is_last(output)]
        amount = total([at_cost(self.scrap_cost(o), o.scrap) for o in outputs])
        shares = [
            valued(outputs, "scrap", self.scrap_cost),
            known_share(outputs, lambda output: output.scrap is not None),
        ]
        floor = self.catalogue["copq_amount"].floor
        told = all(known is None or known >= floor for known in shares)
        yield "copq_amount", Answer(amount, None, amount if told else None)
        yield (
            "copq_ratio",
            ratio(
                amount,
                total([at_cost(self.unit_cost(o), o.good) for o in last]),
                [*shares, valued(last, "good", self.unit_cost)],
                self.catalogue["copq_ratio"].floor,
            ),
        )

    def rolled_throughput_yield(self, outputs: list[Output]) -> tuple[str, Answer]:
        by_item: dict[str | None, list[Output]] = defaultdict(list)
        for output in outputs:
            if self.step(output) is not None:
                by_item[output.item_id].append(output)
        passed = entered = needed = NOTHING
        for of_item in by_item.values():
            steps = [self.step(o) for o in of_item]
            route = sorted(set().union(*(self.routes[s[0]] for s in steps if s)))
            through = Fraction(1)
            first = NOTHING
            for sequence_no in route:
                passes = [
                    o
                    for o, s in zip(of_item, steps, strict=True)
                    if s and s[1] == sequence_no and o.pass_no == 1
                ]
                made = total([o.produced for o in passes])
                first = made if sequence_no == route[0] else first
                through = through * total([o.good for o in passes]) / made if made else NOTHING
                if not made:
                    break
            else:
                entered += first
                passed += first * through
            needed += first
        is_known = entered > 0
        return "rolled_throughput_yield", ratio(
            passed if is_known else None,
            entered if is_known else None,
            [share(entered, needed)],
            self.catalogue["rolled_throughput_yield"].floor,
        )


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    """Every figure of output of one plant."""
    yield from Quality(floor, catalogue).answers()
