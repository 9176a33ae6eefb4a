"""Every light client reads what DuckDB reads, cannot write, and is not in the publication's way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import pytest
from light_clients import CLIENTS, Row
from season import publish_night
from tiny_warehouse import MANIFEST, make_warehouse

from ingestion.settings import Settings
from orchestration.environment import executable

FIGURES = "select * from kpi_values where scope_type = 'line' order by kpi_values_id"
# Dates, times, truth values, whole and decimal numbers, and all of them unknown somewhere.
FACTS = "select * from fct_production order by production_key"
A_FACT = (
    "select production_date, start_at, is_open, line_no, produced_qty, ideal_s, run_id "
    "from fct_production where order_id is not null order by production_key limit 1"
)

KEPT = (date, datetime, bool, int, Decimal, Decimal, str)
TYPES: dict[str, tuple[type, ...]] = {
    "duckdb": KEPT,
    "polars": KEPT,
    "sqlalchemy": KEPT,
    "adbc": KEPT,
    "polars_over_adbc": KEPT,
    # pandas has no decimals, and times in place of dates.
    "pandas": (pd.Timestamp, pd.Timestamp, bool, int, float, float, str),
    "pandas_over_sqlalchemy": (date, pd.Timestamp, bool, int, float, float, str),
    # JSON has neither dates nor decimals; it keeps every digit in text.
    "cli": (str, str, bool, int, str, str, str),
}

each_client = pytest.mark.parametrize("client", CLIENTS)


@pytest.fixture(scope="module")
def truth(published: Settings) -> dict[str, list[Row]]:
    with duckdb.connect(str(published.warehouse_file), read_only=True) as con:
        con.execute("set search_path = 'marts,core'")
        return {query: con.execute(query).fetchall() for query in (FIGURES, FACTS)}


def says_the_same(shown: Any, true: Any) -> bool:
    """Whether the value that a client shows is the true one, in the client's own type."""
    if true is None or shown is None:
        return shown is true
    if isinstance(true, Decimal):
        return shown == float(true) if isinstance(shown, float) else Decimal(shown) == true
    if isinstance(true, datetime):
        return datetime.fromisoformat(str(shown)) == true
    if isinstance(true, date):
        return str(shown).removesuffix(" 00:00:00") == true.isoformat()
    return bool(shown == true)


@each_client
@pytest.mark.parametrize("query", [FIGURES, FACTS], ids=["figures", "facts"])
def test_reads_every_row(
    published: Settings, truth: dict[str, list[Row]], client: str, query: str
) -> None:
    with CLIENTS[client](published.published_link) as ask:
        rows = ask(query)

    assert len(rows) == len(truth[query]) > 500
    wrong = [
        (shown, true)
        for shown, true in zip(rows, truth[query], strict=True)
        if shown != true and not all(map(says_the_same, shown, true))
    ]
    assert wrong == []


@each_client
def test_shows_dates_times_and_decimals_as_its_page_says(published: Settings, client: str) -> None:
    with CLIENTS[client](published.published_link) as ask:
        (row,) = ask(A_FACT)

    assert tuple(map(type, row)) == TYPES[client]


@each_client
@pytest.mark.parametrize(
    "statement", ["delete from kpi_values", "create table note as select 1 as a"]
)
def test_writing_is_refused(published: Settings, client: str, statement: str) -> None:
    before = published.published_link.read_bytes()

    with (
        CLIENTS[client](published.published_link) as ask,
        pytest.raises(Exception, match="read-only"),
    ):
        ask(statement)

    assert published.published_link.read_bytes() == before


#: What somebody types who does not think of writing; each opens the file to write it.
CARELESS = {
    "duckdb": "import duckdb; duckdb.connect(path)",
    "attached": "import duckdb; duckdb.execute(f\"attach '{path}' as marts\")",
    "adbc": "import adbc_driver_duckdb.dbapi as adbc; adbc.connect(path)",
    "polars": "import polars as pl; "
    "pl.read_database_uri('from publication', f'duckdb:///{path}', engine='adbc')",
    "sqlalchemy": "import sqlalchemy as sa; sa.create_engine(f'duckdb:///{path}').connect()",
}
PYTHON = {
    client: [sys.executable, "-c", f"import sys; path = sys.argv[1]; {typed}"]
    for client, typed in CARELESS.items()
}
# Whoever is root is above the modes of files, unless that one power is given up.
AS_A_PERSON = (
    ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"]
    if os.geteuid() == 0
    else []
)


@pytest.mark.skipif(
    bool(AS_A_PERSON) and shutil.which("setpriv") is None,
    reason="root may write whatever the mode says, and setpriv is not there to give that up",
)
@pytest.mark.parametrize(
    "command", [*PYTHON.values(), [executable("duckdb")]], ids=[*PYTHON, "cli"]
)
def test_opening_to_write_is_refused_and_keeps_nobody_out(
    nights: Settings, command: list[str]
) -> None:
    before = nights.published_link.read_bytes()

    done = subprocess.run(
        [*AS_A_PERSON, *command, str(nights.published_link)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )

    assert done.returncode != 0
    assert "Permission denied" in done.stderr
    assert nights.published_link.read_bytes() == before


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data directory for one publication after another."""
    settings = Settings(tmp_path_factory.mktemp("nights"))
    make_warehouse(settings)
    publish_night(settings, MANIFEST, "the first")
    return settings


@each_client
def test_a_reader_keeps_the_night_it_opened_and_stops_nobody(nights: Settings, client: str) -> None:
    run = "select run_id from publication"
    with CLIENTS[client](nights.published_link) as early:
        before = early(run)

        publish_night(nights, MANIFEST, f"after {client}")

        with CLIENTS[client](nights.published_link) as late:
            assert late(run) == [(f"after {client}",)]
            assert early(run) == before != late(run)
