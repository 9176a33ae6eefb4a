"""Where a published column comes from: through the SQL of the models, down to what was exported.

The compiled models say it themselves, so nothing is declared twice. A column comes from every
column that its expression reads, conditions of a `case` and of a window included; what a query
only joins or filters on is not part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.feeds import FEEDS, feed_name
from ingestion.plants import load_plants
from ingestion.settings import Settings
from ingestion.sources import load_source
from ingestion.warehouse import ROW_COLUMNS, SHARED_TABLES, feed_table
from orchestration.board.letters import KPIS
from orchestration.environment import project_dir

Column = tuple[str, str]

#: Stands for the table of a KPI's figures: ("kpi", "oee").
KPI = "kpi"
#: Where people look (exposures of the dbt project): they show figures as they stand in kpi_values.
BOARD, WORKBOOK = "board", "workbook"
KPI_TABLES = ("kpi_values", "kpi_figures")
#: The expressions of a KPI in its part model.
PART_COLUMNS = ("numerator", "denominator", "stated_value")
DIALECT = "duckdb"
#: What a table is by its name, in the order in which data flows backwards.
LAYERS = {
    "marts": re.compile("mart_|kpi_values|kpi_periods"),
    "KPIs": re.compile(f"{KPI}$"),
    "roll-ups": re.compile("part_|rollup_|kpi_figures|kpi_sums_"),
    "facts and dimensions": re.compile("fct_|dim_"),
}


class NoLineage(Exception):
    """The table or column asked for is not there; the message names what is."""


@dataclass(frozen=True)
class Trace:
    """What a column comes from: per layer the columns it passes, and where they were exported."""

    column: Column
    layers: dict[str, list[str]]
    #: Per delivered column, `source table: exported columns` of every plant that delivers it.
    exports: dict[str, list[str]]


class Lineage:
    """Columns of models and what they are made of.

    `models`: name to compiled SQL. `roots`: tables that are delivered and not made, with their
    columns; there the lineage ends.
    """

    def __init__(self, models: Mapping[str, str], roots: Mapping[str, Iterable[str]]) -> None:
        self._models = models
        self._roots = {table: tuple(columns) for table, columns in roots.items()}
        self._queries: dict[str, _Query] = {}

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a model or of a delivered table, in their order."""
        return self._roots.get(table) or self._query(table).columns

    def parents(self, table: str, column: str) -> frozenset[Column]:
        """The columns of other tables that a column reads directly; none of a delivered one."""
        if table in self._roots:
            return frozenset()
        if table == KPI:
            fraction = self._kpi_query(column)
            return frozenset[Column]().union(*map(fraction.reads, PART_COLUMNS))
        query = self._query(table)
        if column not in query.columns:
            raise NoLineage(f"{table} has no column {column!r}; it has {', '.join(query.columns)}")
        return query.reads(column)

    def ancestors(self, table: str, column: str) -> frozenset[Column]:
        """Every column that a column comes from, over all tables in between."""
        seen: set[Column] = set()
        waiting = set(self.parents(table, column))
        while waiting:
            one = waiting.pop()
            seen.add(one)
            waiting |= self.parents(*one) - seen
        return frozenset(seen)

    def origins(self, table: str, column: str) -> frozenset[Column]:
        """The delivered columns that a column comes from in the end."""
        return frozenset(one for one in self.ancestors(table, column) if one[0] in self._roots)

    def _query(self, name: str) -> _Query:
        if name not in self._queries:
            if name not in self._models:
                raise NoLineage(f"no table {name!r}; there are {', '.join(sorted(self._models))}")
            self._queries[name] = _Query(_parsed(self._models[name]), self)
        return self._queries[name]

    def _kpi_query(self, kpi_id: str) -> _Query:
        """The fraction of a KPI: its own branch of the part model that holds it."""
        known = f"{KPI} {kpi_id}"
        if known not in self._queries:
            mark = re.compile(rf"'{re.escape(kpi_id)}'\s+as\s+kpi_id")
            part = next((sql for sql in self._models.values() if mark.search(sql)), None)
            if part is None:
                raise NoLineage(f"no KPI {kpi_id!r}: leankpi kpi list")
            query = _parsed(part)
            with_ = query.args.pop("with_", None)
            branch = next(
                select
                for select in _branches(query)
                if any(e.alias == "kpi_id" and e.this.name == kpi_id for e in select.expressions)
            )
            branch.set("with_", with_)
            self._queries[known] = _Query(branch, self)
        return self._queries[known]


class _Query:
    """One model's SQL, its names resolved against the tables it reads."""

    def __init__(self, parsed: Any, lineage: Lineage) -> None:
        from sqlglot import exp
        from sqlglot.optimizer.qualify import qualify
        from sqlglot.optimizer.scope import build_scope

        self._schema: dict[str, Any] = {}
        # Only tables of the warehouse have a schema; a name without one is part of the query.
        for table in [table for table in parsed.find_all(exp.Table) if table.db]:
            table.set("catalog", None)
            columns = dict.fromkeys(lineage.columns(table.name), "varchar")
            self._schema.setdefault(table.db, {})[table.name] = columns
        self._resolved = qualify(
            parsed,
            dialect=DIALECT,
            schema=self._schema,
            validate_qualify_columns=False,
            identify=False,
        )
        self._scope = build_scope(self._resolved)
        self.columns = tuple(self._resolved.named_selects)
        self._read: dict[str, frozenset[Column]] = {}

    def reads(self, column: str) -> frozenset[Column]:
        """The columns of tables that an output column is computed from."""
        from sqlglot import exp
        from sqlglot.lineage import lineage

        if column in self._read:
            return self._read[column]
        top = lineage(column, self._resolved, self._schema, dialect=DIALECT, scope=self._scope)
        nodes = list(top.walk())
        read = {
            (node.expression.name, node.name.rpartition(".")[2].strip('"'))
            for node in nodes
            if isinstance(node.expression, exp.Table) and node.expression.db
        }
        kpis = {kpi for node in nodes for kpi in _kpis_named(node.expression)}
        if kpis and any(table in KPI_TABLES for table, _ in read):
            read = {one for one in read if one[0] not in KPI_TABLES} | {(KPI, kpi) for kpi in kpis}
        self._read[column] = frozenset(read)
        return self._read[column]


def compiled_models(target_dir: Path) -> dict[str, str]:
    """The SQL of every model that dbt compiled last, by name; NoLineage where it never did."""
    found = {
        path.stem: path.read_text(encoding="utf-8")
        for path in target_dir.glob("compiled/*/models/**/*.sql")
        if path.parent.suffix != ".yml"  # tests stand in a folder of their model's yml
    }
    if not found:
        raise NoLineage(f"nothing was compiled in {target_dir} yet: leankpi nightly")
    return found


def delivered_tables() -> dict[str, tuple[str, ...]]:
    """Tables that no model makes, with their columns."""
    feeds = {name: tuple(feed_table(feed)) for name, feed in FEEDS.items()}
    return feeds | {name: tuple(columns) for name, columns in SHARED_TABLES.items()}


def trace(settings: Settings, name: str) -> Trace:
    """What `table.column`, or a KPI by its id, comes from; NoLineage names what there is.

    `board.oee` and `workbook.oee` are the figures of a KPI there. The models are those of the last
    night in this data directory.
    """
    lineage = Lineage(
        compiled_models(settings.dbt_dir / "target"), delivered_tables() | seed_tables()
    )
    table, _, column = name.rpartition(".")
    if table == BOARD and column not in KPIS:
        raise NoLineage(f"the board shows no {column!r}; it shows {', '.join(KPIS)}")
    start = (KPI if table in ("", BOARD, WORKBOOK) else table, column)
    ancestors = lineage.ancestors(*start)
    layers: dict[str, list[str]] = {}
    if start[0] == KPI:
        layers["shown by"] = [*([BOARD] if column in KPIS else []), WORKBOOK]
    for title, tables in LAYERS.items():
        columns = sorted(
            one[1] if one[0] == KPI else ".".join(one) for one in ancestors if tables.match(one[0])
        )
        if columns:
            layers[title] = columns
    delivered = sorted(one for one in ancestors if one[0] in FEEDS and one[1] not in ROW_COLUMNS)
    exported = _exported(settings)
    exports = {".".join(one): exported.get(one, []) for one in delivered}
    return Trace(start, layers, exports)


def seed_tables() -> dict[str, tuple[str, ...]]:
    """The seeds of the dbt project, with their columns."""
    return {
        path.stem: tuple(path.read_text(encoding="utf-8").partition("\n")[0].strip().split(","))
        for path in (project_dir() / "seeds").glob("*.csv")
    }


def _exported(settings: Settings) -> dict[Column, list[str]]:
    """Per delivered column, the exported ones it is read from, of the plants' sources."""
    found: dict[Column, list[str]] = {}
    names = {f.source for p in load_plants(settings.plants_file).values() for f in p.sources}
    for source in map(load_source, sorted(names)):
        for table in source.tables:
            for mapping in table.feeds:
                for column, word in mapping.columns.items():
                    what = ", ".join(word.exported) or "the same in every row"
                    text = f"{source.name} {table.name}: {what}"
                    found.setdefault((feed_name(mapping.feed), column), []).append(text)
    return found


def _parsed(sql: str) -> Any:
    import sqlglot

    return sqlglot.parse_one(sql, read=DIALECT)


def _branches(query: Any) -> Iterator[Any]:
    from sqlglot import exp

    if isinstance(query, exp.SetOperation):
        yield from _branches(query.left)
        yield from _branches(query.right)
    else:
        yield query


def _kpis_named(expression: Any) -> Iterator[str]:
    """KPIs that an expression picks out of kpi_values: kpi_id = 'oee'."""
    from sqlglot import exp

    for equal in expression.find_all(exp.EQ):
        if equal.left.name == "kpi_id" and isinstance(equal.right, exp.Literal):
            yield equal.right.name
