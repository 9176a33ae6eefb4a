"""How each light client opens the published file, as the pages in `bi/` say, and asks it.

A client is a context manager that opens a file read-only and gives a function from SQL to rows of
plain Python values; what the client itself makes of a type is `TYPES`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import adbc_driver_duckdb
import adbc_driver_manager.dbapi as adbc
import duckdb
import pandas as pd
import polars as pl
import sqlalchemy as sa

from orchestration.environment import executable

Row = tuple[Any, ...]
Ask = Callable[[str], list[Row]]


@contextmanager
def by_duckdb(path: Path) -> Iterator[Ask]:
    with duckdb.connect(str(path), read_only=True) as con:
        yield lambda sql: con.execute(sql).fetchall()


@contextmanager
def by_pandas(path: Path) -> Iterator[Ask]:
    with duckdb.connect(str(path), read_only=True) as con:
        yield lambda sql: rows_of_pandas(con.sql(sql).df())


@contextmanager
def by_polars(path: Path) -> Iterator[Ask]:
    with duckdb.connect(str(path), read_only=True) as con:
        yield lambda sql: pl.read_database(sql, con).rows()


@contextmanager
def by_sqlalchemy(path: Path) -> Iterator[Ask]:
    engine = sa.create_engine(f"duckdb:///{path}", connect_args={"read_only": True})
    with engine.connect() as con:
        yield lambda sql: [tuple(row) for row in con.execute(sa.text(sql))]
    engine.dispose()


@contextmanager
def by_pandas_over_sqlalchemy(path: Path) -> Iterator[Ask]:
    engine = sa.create_engine(f"duckdb:///{path}", connect_args={"read_only": True})
    with engine.connect() as con:
        yield lambda sql: rows_of_pandas(pd.read_sql(sa.text(sql), con))
    engine.dispose()


@contextmanager
def adbc_connection(path: Path) -> Iterator[adbc.Connection]:
    """`adbc_driver_duckdb.dbapi.connect` cannot open read-only, so the driver is named itself."""
    with adbc.connect(
        driver=adbc_driver_duckdb.driver_path(),
        entrypoint="duckdb_adbc_init",
        db_kwargs={"path": str(path), "access_mode": "READ_ONLY"},
    ) as con:
        yield con


@contextmanager
def by_adbc(path: Path) -> Iterator[Ask]:
    with adbc_connection(path) as con, con.cursor() as cursor:

        def ask(sql: str) -> list[Row]:
            cursor.execute(sql)
            return cursor.fetchall()

        yield ask


@contextmanager
def by_polars_over_adbc(path: Path) -> Iterator[Ask]:
    with adbc_connection(path) as con:
        yield lambda sql: pl.read_database(sql, con).rows()


@contextmanager
def by_cli(path: Path) -> Iterator[Ask]:
    """One shell that stays open, asked line by line."""
    command = [executable("duckdb"), "-readonly", "-json", str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as shell:
        assert shell.stdin is not None and shell.stdout is not None
        questions, answers = shell.stdin, shell.stdout

        def ask(sql: str) -> list[Row]:
            questions.write(f"{sql};\n.print end of the answer\n")
            questions.flush()
            text = "".join(iter(answers.readline, "end of the answer\n"))
            if not text.startswith("["):
                raise RuntimeError(text)
            return [tuple(row.values()) for row in json.loads(text)]

        yield ask
        questions.close()


def rows_of_pandas(frame: pd.DataFrame) -> list[Row]:
    """What pandas shows, with None for all the ways in which it says nothing."""
    known = frame.astype(object).where(frame.notna(), None)
    return list(known.itertuples(index=False, name=None))


CLIENTS: dict[str, Callable[[Path], Any]] = {
    "duckdb": by_duckdb,
    "pandas": by_pandas,
    "polars": by_polars,
    "sqlalchemy": by_sqlalchemy,
    "pandas_over_sqlalchemy": by_pandas_over_sqlalchemy,
    "adbc": by_adbc,
    "polars_over_adbc": by_polars_over_adbc,
    "cli": by_cli,
}
