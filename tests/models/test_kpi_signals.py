"""How often the rules of mart_kpi_signals cry wolf: over processes that never change.

The theory is worked out here without the model: from the normal distribution where the limits are
the true ones, and by a simulation of its own where they are estimated from twenty figures.
"""

from __future__ import annotations

from datetime import date, timedelta
from math import comb
from pathlib import Path
from statistics import NormalDist

import duckdb
import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from warehouse import WAREHOUSE, run_dbt

Figures = NDArray[np.float64]

BASELINE = 20
MONITORED = 130
SERIES = 3000
#: The rules look back over at most eight points: from here on they see nothing of the baseline.
SETTLED = BASELINE + 7
FIRST = date(2026, 1, 1)
D2 = 1.128
#: Beyond how many sigmas, how many points of how many.
RULES = {"we1": (3, 1, 1), "we2": (2, 2, 3), "we3": (1, 4, 5), "we4": (0, 8, 8)}
#: Average number of points to the first signal of all four rules together, for a stable process
#: with known limits (Champ and Woodall, Technometrics 29, 1987, table 1).
PUBLISHED_RUN_LENGTH = 91.75


def exact_baseline() -> Figures:
    """Twenty figures with mean 0 and mean moving range 1.128, so that sigma is 1; none on a side
    for long, the last on the centre line."""
    size = D2 * (BASELINE - 1) / (2 * (BASELINE - 2))
    turns = np.tile([size, -size], BASELINE // 2 - 1)
    return np.concatenate([[0.0], turns, [0.0]])


def charts(folder: Path, figures: Figures) -> pl.DataFrame:
    """mart_kpi_signals over these figures: one series a row, one day a column."""
    series, length = figures.shape
    days = [FIRST + timedelta(days=number) for number in range(length)]
    values = pl.DataFrame(
        {
            "scope_id": np.repeat([f"m{number:05}" for number in range(series)], length),
            "period_start_date": pl.Series(days * series),
            "value": figures.ravel(),
        }
    ).with_columns(
        pl.format("{} {}", "scope_id", "period_start_date").alias("kpi_values_id"),
        plant_id=pl.lit("p"),
        kpi_id=pl.lit("oee"),
        scope_type=pl.lit("machine"),
        period_type=pl.lit("day"),
        unit=pl.lit("ratio"),
    )
    periods = values.select("plant_id", "period_type", "period_start_date", is_over=True).unique()
    with duckdb.connect(str(folder / WAREHOUSE)) as con:
        con.execute("create schema marts; create schema intermediate")
        con.register("given_values", values)
        con.register("given_periods", periods)
        con.execute("create table intermediate.kpi_figures as from given_values")
        con.execute("create table marts.kpi_periods as from given_periods")
        con.execute(
            "create table intermediate.kpi_signal_changes as "
            "select *, 1 as digest, true as is_changed from given_periods"
        )
        con.execute(
            "create table marts.kpi_definitions as select 'oee' as kpi_id, 'up' as direction"
        )
        con.execute(
            """
            create table intermediate.int_kpi_baselines__spanned (
                plant_id varchar, kpi_id varchar, scope_type varchar, scope_id varchar,
                period_type varchar, from_date date, until_date date, reason varchar,
                author varchar)
            """
        )
    assert run_dbt(folder, "run", "--select", "mart_kpi_signals") == {"mart_kpi_signals": "success"}
    with duckdb.connect(str(folder / WAREHOUSE), read_only=True) as con:
        return con.execute(
            "select scope_id, point_no, is_we1, is_we2, is_we3, is_we4, raised_rules "
            "from marts.mart_kpi_signals order by scope_id, point_no"
        ).pl()


def rates(found: pl.DataFrame) -> dict[str, tuple[float, float]]:
    """Share of settled points at which each rule holds, and its standard error over the series."""
    return {
        rule: of_series(
            found.filter(pl.col("point_no") > SETTLED)[f"is_{rule}"].to_numpy().reshape(SERIES, -1)
        )
        for rule in RULES
    }


def of_series(holds: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean over all series and its standard error; points of one series are not independent."""
    means = holds.mean(axis=1)
    return float(means.mean()), float(means.std(ddof=1) / np.sqrt(len(means)))


def by_theory(zone: int, needed: int, length: int) -> float:
    """Chance that so many of the last points lie beyond so many sigmas, above or below."""
    beyond = 1 - NormalDist().cdf(zone)
    one_side = sum(
        comb(length, hits) * beyond**hits * (1 - beyond) ** (length - hits)
        for hits in range(needed, length + 1)
    )
    # At most half of the points that are needed can lie on the other side as well.
    assert 2 * needed > length
    return 2 * one_side


def by_simulation(figures: Figures) -> dict[str, tuple[float, float]]:
    """The same rates for limits that each series takes from its first twenty figures."""
    base = figures[:, :BASELINE]
    centre = base.mean(axis=1, keepdims=True)
    sigma = np.abs(np.diff(base, axis=1)).mean(axis=1, keepdims=True) / D2
    scores = (figures - centre) / sigma
    found = {}
    for rule, (zone, needed, length) in RULES.items():
        sides = [
            np.lib.stride_tricks.sliding_window_view(side > zone, length, axis=1).sum(axis=2)
            >= needed
            for side in (scores, -scores)
        ]
        # The window that ends at a point begins so many points before it.
        found[rule] = of_series((sides[0] | sides[1])[:, SETTLED - length + 1 :])
    return found


@pytest.fixture(scope="module")
def stable() -> Figures:
    """Figures of processes that never change."""
    return np.random.default_rng(20260302).normal(size=(SERIES, BASELINE + MONITORED))


@pytest.fixture(scope="module")
def with_true_limits(stable: Figures, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    figures = stable.copy()
    figures[:, :BASELINE] = exact_baseline()
    return charts(tmp_path_factory.mktemp("true_limits"), figures)


def test_with_true_limits_each_rule_is_as_wrong_as_the_normal_distribution_says(
    with_true_limits: pl.DataFrame,
) -> None:
    for rule, (rate, error) in rates(with_true_limits).items():
        theory = by_theory(*RULES[rule])
        assert abs(rate - theory) < 4 * error, (rule, rate, theory, error)
        assert error < theory / 20, "too few series to tell"


def test_with_true_limits_the_first_false_alarm_comes_when_it_is_known_to(
    with_true_limits: pl.DataFrame,
) -> None:
    first = (
        with_true_limits.filter(pl.col("raised_rules").is_not_null())
        .group_by("scope_id")
        .agg(pl.col("point_no").min() - BASELINE)["point_no"]
    )
    # How long a series without an alarm would have gone on nobody knows, so the share of these
    # series is compared: the time to the first alarm is as good as geometrically distributed.
    silent = 1 - first.len() / SERIES
    error = np.sqrt(silent * (1 - silent) / SERIES)
    expected = (1 - 1 / PUBLISHED_RUN_LENGTH) ** MONITORED
    assert abs(silent - expected) < 4 * error, (silent, expected)


def test_with_estimated_limits_each_rule_is_as_wrong_as_an_independent_simulation_says(
    stable: Figures, tmp_path: Path
) -> None:
    other = np.random.default_rng(4).normal(size=(20_000, BASELINE + MONITORED))
    theory = by_simulation(other)
    for rule, (rate, error) in rates(charts(tmp_path, stable)).items():
        known, known_error = theory[rule]
        assert abs(rate - known) < 4 * np.hypot(error, known_error), (rule, rate, known)
        # Estimated limits are wrong more often than true ones, which is why twenty figures make a
        # baseline and twelve only just.
        assert known > by_theory(*RULES[rule])


def test_a_rule_is_raised_once_for_as_long_as_it_holds(with_true_limits: pl.DataFrame) -> None:
    for rule in RULES:
        holds = with_true_limits[f"is_{rule}"].to_numpy().reshape(SERIES, -1)
        begins = holds & ~np.roll(holds, 1, axis=1)
        begins[:, 0] = holds[:, 0]
        raised = (
            with_true_limits["raised_rules"].fill_null("").str.contains(rule.upper()).to_numpy()
        )
        # A rule may begin on one side while it still holds on the other.
        assert not (begins.ravel() & ~raised).any()
        assert raised.sum() < 1.02 * begins.sum()
