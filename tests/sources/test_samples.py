"""Every source's sample through the pipeline, held to what a person worked out from its files."""

from __future__ import annotations

import duckdb
import pytest
from samples import HERE, SAMPLES, Sample

from ingestion.sources import load_source, source_names

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.source)


@each_sample
def test_every_table_of_the_source_has_a_file(
    sample: Sample, raw: duckdb.DuckDBPyConnection
) -> None:
    seen = raw.execute(
        "select distinct table_name from raw.deliveries where list_contains(?, plant_id)",
        [sample.plants],
    ).fetchall()
    tables = {table.name for table in load_source(sample.source).tables}
    # A plant of the sample may also type what its system does not say, so that there are figures.
    assert tables <= {name for (name,) in seen}


@each_sample
def test_rows_of_each_file(sample: Sample, raw: duckdb.DuckDBPyConnection) -> None:
    found = raw.execute(
        """
        select file_path, delivered_rows, accepted_rows, quarantined_rows, duplicate_rows
        from raw.deliveries
        where list_contains(?, plant_id)
        """,
        [sample.plants],
    ).fetchall()
    columns = ("delivered", "accepted", "quarantined", "duplicates")
    expected = [
        (row["file"], *(int(row[name]) for name in columns)) for row in sample.table("files.csv")
    ]
    assert sorted(found) == sorted(expected)


@each_sample
def test_planted_defects_are_put_aside(sample: Sample, raw: duckdb.DuckDBPyConnection) -> None:
    found = raw.execute(
        """
        select file_path, cast(line_no as varchar), column_name, nullif(value, ''), rule
        from raw.quarantine
        where list_contains(?, plant_id)
        """,
        [sample.plants],
    ).fetchall()
    expected = [
        tuple(row[name] or None for name in ("file", "line_no", "column", "value", "rule"))
        for row in sample.table("quarantine.csv")
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert expected, "a sample without a defect shows nothing"


@each_sample
def test_rows_of_each_feed(sample: Sample, raw: duckdb.DuckDBPyConnection) -> None:
    fed = raw.execute(
        """
        select distinct f.feed
        from raw.feed_deliveries as f
        inner join raw.deliveries as d on d.delivery_id = f.delivery_id
        where list_contains(?, d.plant_id)
        """,
        [sample.plants],
    ).fetchall()
    assert set(sample.feeds) == {feed for (feed,) in fed}
    for feed, path in sample.feeds.items():
        differences = rows_that_differ(raw, feed, str(path), sample.plants)
        assert differences == [], feed


def rows_that_differ(
    raw: duckdb.DuckDBPyConnection, feed: str, path: str, plants: list[str]
) -> list[tuple[str, str]]:
    """Rows of the feed that only one side has, with its name."""
    given = raw.read_csv(path, all_varchar=True)
    kinds = dict(
        raw.execute(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = 'raw' and table_name = ?",
            [feed],
        ).fetchall()
    )
    assert set(given.columns) <= set(kinds), (feed, set(given.columns) - set(kinds))
    cast = ", ".join(f"cast({name} as {kinds[name]}) as {name}" for name in given.columns)
    names = ", ".join(given.columns)
    return raw.execute(
        f"""
        with found as (select {names} from raw.{feed} where list_contains(?, plant_id)),
        expected as (select {cast} from read_csv(?, all_varchar = true))
        select 'only found' as side, cast(f as varchar) from (
            from found except all from expected
        ) as f
        union all
        select 'only expected' as side, cast(e as varchar) from (
            from expected except all from found
        ) as e
        """,
        [plants, path],
    ).fetchall()


KPIS = [(sample.source, row) for sample in SAMPLES for row in sample.table("kpis.csv")]


@pytest.mark.parametrize(
    "row",
    [row for _, row in KPIS],
    ids=["-".join([row["plant_id"], row["kpi_id"], row["scope_id"]]) for _, row in KPIS],
)
def test_kpi(row: dict[str, str], marts: duckdb.DuckDBPyConnection) -> None:
    keys = ("kpi_id", "plant_id", "scope_type", "scope_id", "period_type", "period_start_date")
    found = marts.execute(
        f"""
        select value
        from marts.kpi_values
        where {" and ".join(f"{key} = ?" for key in keys)}
        """,
        [row[key] for key in keys],
    ).fetchall()
    assert len(found) == 1, f"{len(found)} figures"
    expected = pytest.approx(float(row["value"]), rel=1e-9) if row["value"] else None
    assert found[0][0] == expected, row["worked"]


def test_every_sample_has_a_figure() -> None:
    assert {source for source, _ in KPIS} == {sample.source for sample in SAMPLES}


def test_every_source_is_shown_on_files() -> None:
    """Typed by hand here, or real ones in tests/real, whose plants name their source.

    Plain CSV is what every golden vector is delivered in.
    """
    real = "".join(
        path.read_text(encoding="utf-8")
        for pattern in ("*.py", "*.toml")
        for path in sorted((HERE.parent / "real").rglob(pattern))
    )
    shown = {sample.source for sample in SAMPLES} | {"typed_csv"}
    unshown = [
        name for name in source_names() if name not in shown and f'source = "{name}"' not in real
    ]
    assert unshown == []
