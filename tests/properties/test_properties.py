"""Properties of every figure, over random plants and their twins."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import duckdb
import pytest
from drawing import drawn
from pipeline import built_plants
from random_plant import TWINS, plants

#: Plants that book runs at their end, and plants that spread them over their run time.
PLANT_QTY = 9
SPREAD_PLANT_QTY = 3


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of every plant, p<n> or spread<n>, and its twins <plant>_<twin>."""
    vectors = []
    found = {f"p{n}": plant for n, plant in enumerate(drawn(plants(), PLANT_QTY))}
    spread_plants = drawn(plants("run_time"), SPREAD_PLANT_QTY)
    found |= {f"spread{n}": plant for n, plant in enumerate(spread_plants)}
    for number, (plant_id, plant) in enumerate(found.items()):
        vectors.append(plant.vector(plant_id))
        for name, twin in TWINS.items():
            vectors.append(twin(plant, random.Random(number)).vector(f"{plant_id}_{name}"))
    with built_plants(vectors, tmp_path_factory.mktemp("properties")) as con:
        yield con


def test_the_plants_say_something(marts: duckdb.DuckDBPyConnection) -> None:
    figures = marts.execute(
        "select kpi_id, count(distinct value) from kpi_values "
        "where value is not null and plant_id not like '%~_%' escape '~' group by 1"
    ).fetchall()
    telling = {kpi_id for kpi_id, values in figures if values > 10}
    assert telling >= {
        "availability",
        "effectiveness",
        "quality_ratio",
        "oee",
        "nee",
        "teep",
        "setup_ratio",
        "scrap_ratio",
        "mtbf_h",
    }


@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_has_the_same_figures(
    marts: duckdb.DuckDBPyConnection, twin: str, record_property: Callable[[str, object], None]
) -> None:
    # A plant's own scope is named after it.
    side = """
        select
            split_part(plant_id, '_', 1) as plant_id,
            kpi_id, scope_type, period_type, period_start_date, shift_id,
            case when scope_type <> 'plant' then scope_id else '' end as scope_id,
            value, coverage_ratio, withheld_reason
        from kpi_values
    """
    differences = marts.execute(
        f"""
        with
            plants as ({side} where plant_id not like '%~_%' escape '~'),
            twins as ({side} where plant_id like '%~_{twin}' escape '~'),
            -- Pieces of a run are rounded to a millionth of a unit, in a twin to that of its own.
            tolerances as (
                select
                    plant_id,
                    case when plant_id like 'spread%' then 2e-6 else 1e-9 end as tolerance
                from plants
                group by plant_id
            )
        select *
        from plants
        left join tolerances on tolerances.plant_id = plants.plant_id
        full join twins
            on twins.plant_id = plants.plant_id
            and twins.kpi_id = plants.kpi_id
            and twins.scope_type = plants.scope_type
            and twins.scope_id = plants.scope_id
            and twins.period_type = plants.period_type
            and twins.period_start_date = plants.period_start_date
            and twins.shift_id is not distinct from plants.shift_id
        where
            plants.kpi_id is null
            or twins.kpi_id is null
            or plants.withheld_reason is distinct from twins.withheld_reason
            or (plants.value is null) <> (twins.value is null)
            or abs(plants.value - twins.value) > tolerance * greatest(1, abs(plants.value))
            or abs(plants.coverage_ratio - twins.coverage_ratio) > tolerance
        limit 5
        """
    ).fetchall()
    assert differences == []
    for (kpi_id,) in marts.execute(
        "select distinct kpi_id from kpi_values where value > 0 and plant_id like '%~_%' escape '~'"
    ).fetchall():
        record_property("proof", f"{kpi_id}:twins")


def test_no_grain_changes_a_sum(marts: duckdb.DuckDBPyConnection) -> None:
    # Every day is in one week and one month, every machine on one line of the one plant. Each
    # period of a machine has a stretch of operation that has not ended, so those of mttf_h do not
    # add up.
    sums = marts.execute(
        """
        select plant_id, kpi_id, sum(figures.numerator), sum(figures.denominator)
        from kpi_values as figures
        inner join kpi_definitions using (kpi_id)
        where scope_type in ('machine', 'line', 'plant') and period_type <> 'shift'
            and kpi_id <> 'mttf_h'
            and kpi_definitions.scope_types like '%machine%'
            and kpi_definitions.period_types like '%day%'
        group by plant_id, kpi_id, scope_type, period_type
        """
    ).fetchall()
    by_kpi: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for plant_id, kpi_id, numerator, denominator in sums:
        by_kpi.setdefault((plant_id, kpi_id), []).append((numerator or 0, denominator or 0))
    assert len(by_kpi) > 500
    for key, parts in by_kpi.items():
        for numerator, denominator in parts:
            assert numerator == pytest.approx(parts[0][0], rel=1e-9, abs=1e-9), key
            assert denominator == pytest.approx(parts[0][1], rel=1e-9, abs=1e-9), key


def test_a_figure_is_its_numerator_over_its_denominator(marts: duckdb.DuckDBPyConnection) -> None:
    wrong = marts.execute(
        "select * from kpi_values where value is not null and numerator is not null "
        "and abs(value - numerator / denominator) > 1e-9 * greatest(1, abs(value)) limit 5"
    ).fetchall()
    assert wrong == []


def test_relations_between_figures_hold_at_every_grain(marts: duckdb.DuckDBPyConnection) -> None:
    names = (
        "availability",
        "effectiveness",
        "quality_ratio",
        "oee",
        "nee",
        "oee_vorne",
        "ooe",
        "teep",
        "allocation_efficiency",
        "utilization_efficiency",
    )
    columns = ", ".join(f"any_value(value) filter (kpi_id = '{name}')" for name in names)
    rows = marts.execute(
        f"select {columns} from kpi_values group by plant_id, "
        "scope_type, scope_id, period_type, period_start_date, shift_id"
    ).fetchall()
    compared = 0
    for row in rows:
        kpi = dict(zip(names, row, strict=True))

        def known(*wanted: str, kpi: dict[str, float | None] = kpi) -> list[float] | None:
            values = [kpi[name] for name in wanted]
            return None if None in values else values  # type: ignore[return-value]

        if values := known("availability", "effectiveness", "quality_ratio", "oee"):
            compared += 1
            a, e, q, whole = values
            assert a * e * q == pytest.approx(whole, rel=1e-9, abs=1e-12)
        if values := known("nee", "oee"):
            assert values[0] >= values[1] - 1e-12
        if values := known("teep", "ooe", "oee_vorne"):
            assert values[0] <= values[1] + 1e-12
            assert values[1] <= values[2] + 1e-12
        if values := known("allocation_efficiency", "utilization_efficiency", "availability"):
            assert values[0] * values[1] == pytest.approx(values[2], rel=1e-9, abs=1e-12)
    assert compared > 300


def test_losses_tile_the_calendar(marts: duckdb.DuckDBPyConnection) -> None:
    # The last day ends with the last thing that was delivered.
    wrong = marts.execute(
        """
        with
            days as (
                select plant_id, machine_id, production_date, sum(duration_s) as day_s
                from mart_time_losses
                group by all
            )
        select *
        from days
        qualify
            day_s <> 86400
            and production_date < max(production_date) over (partition by plant_id, machine_id)
        limit 5
        """
    ).fetchall()
    assert wrong == []
