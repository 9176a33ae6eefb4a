"""KPIs of what came out: scrap, rework and yields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from answers import Answer, Definition, Period, Place, Scope, periods, ratio, share
from machine_kpis import cells_of
from shop_floor import Output, ShopFloor

KPIS = frozenset({"scrap_ratio", "rework_ratio"})
NOTHING = Fraction(0)


def total(quantities: list[Fraction | None]) -> Fraction:
    """The sum of what is known."""
    return sum((qty for qty in quantities if qty is not None), NOTHING)


def answers(floor: ShopFloor, catalogue: dict[str, Definition]) -> Iterator[tuple[Place, Answer]]:
    cells: dict[tuple[Scope, Period], list[Output]] = {
        key: cell.outputs for key, cell in cells_of(floor).items()
    }
    items: dict[tuple[Scope, Period], list[Output]] = defaultdict(list)
    for output in floor.outputs:
        if output.item_id is not None:
            for period in periods(output.window.production_date, output.window.shift_id):
                items[Scope("item", output.item_id), period].append(output)
    for (scope, period), outputs in (cells | items).items():
        for kpi_id, answer in of_cell(outputs, catalogue).items():
            known = catalogue[kpi_id]
            if scope.scope_type in known.scope_types and period.period_type in known.period_types:
                yield Place(floor.raw.plant_id, kpi_id, *scope, *period), answer


def of_cell(outputs: list[Output], catalogue: dict[str, Definition]) -> dict[str, Answer]:
    first_passes = [output for output in outputs if output.pass_no == 1]
    produced = total([o.produced for o in first_passes])

    def known(among: list[Output], quantity: str) -> Fraction | None:
        """The share of units for which the quantity is known."""
        told = [o.produced for o in among if getattr(o, quantity) is not None]
        return share(total(told), total([o.produced for o in among]))

    def figure(kpi_id: str, above: Fraction, known_share: Fraction | None) -> Answer:
        return ratio(above, produced, [known_share], catalogue[kpi_id].floor)

    return {
        "scrap_ratio": figure(
            "scrap_ratio", total([o.scrap for o in outputs]), known(outputs, "scrap")
        ),
        "rework_ratio": figure(
            "rework_ratio", total([o.rework for o in first_passes]), known(first_passes, "rework")
        ),
    }
