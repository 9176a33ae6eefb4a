"""Writes the semantic layer, dbt_project/models/semantic/kpi_metrics.yml: a metric for every KPI
that sums give at whatever grain is asked for. And where each figure is found:
seeds/kpi_metrics.csv, and docs/metrics.md for people.

    python -m tests.semantic_layer

The formula of a KPI stands in its part model, and the sums it needs in the roll-up that the part
model reads. Both are read from there: what a roll-up adds up becomes a measure over the rows that
it adds up (`kpi_sums_*`), and the expressions of the part model become the metric over them. So a
metric withholds what kpi_values withholds.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlglot
import yaml
from sqlglot import exp

from tests.feed_reference import PROJECT, compiled_sql

FOLDER = PROJECT / "models" / "semantic"
METRICS = FOLDER / "kpi_metrics.yml"
SEED = PROJECT / "seeds" / "kpi_metrics.csv"
PAGE = PROJECT / "docs" / "metrics.md"
DIALECT = "duckdb"
NOTE = "# Written by `make docs` from the SQL of the KPIs and the catalogue: change it there.\n"


@dataclass(frozen=True)
class Sums:
    """Rows that a roll-up adds up, published as the table `model`."""

    model: str
    rollup: str
    #: The date that decides on the period.
    date: str
    #: What to group by, with the column that holds its key.
    entities: Mapping[str, str]
    #: The scopes of kpi_values that the sums give, and what to group by for each.
    scopes: Mapping[str, str]
    #: Which of the rows, where only some speak of these scopes.
    only: str = ""
    #: The metric's name and label, from those of the KPI.
    metric: str = "{}"
    label: str = "{}"


PLANT = {"plant": "plant_id"}
ITEM = {**PLANT, "item": "item_key"}
MACHINE = {**PLANT, "machine": "machine_key"}
BY_PLANT = {"plant": ""}
BY_ITEM = {**BY_PLANT, "item": "item__item_id"}
BY_MACHINE = {**BY_PLANT, "line": "machine__line", "machine": "machine__machine_id"}

#: By the word that stands before the names of the measures.
SUMS = {
    "machine": Sums(
        "kpi_sums_machine",
        "rollup_machine",
        "production_date",
        {**MACHINE, "shift": "shift_key"},
        BY_MACHINE,
    ),
    "output": Sums(
        "kpi_sums_item",
        "rollup_quality",
        "production_date",
        {**MACHINE, "item": "item_key", "shift": "shift_key"},
        {**BY_MACHINE, **BY_ITEM},
    ),
    "capacity": Sums(
        "kpi_sums_capacity",
        "rollup_capacity",
        "production_date",
        {**MACHINE, "shift": "shift_key"},
        BY_MACHINE,
    ),
    "lead_time": Sums("kpi_sums_lead_time", "rollup_lead_time", "completed_date", ITEM, BY_ITEM),
    "order": Sums("kpi_sums_order", "rollup_order", "completed_date", ITEM, BY_ITEM),
    "maintenance": Sums(
        "kpi_sums_maintenance", "rollup_maintenance", "finished_date", MACHINE, BY_MACHINE
    ),
    "preventive": Sums(
        "kpi_sums_preventive", "rollup_preventive", "judged_date", MACHINE, BY_MACHINE
    ),
    "material": Sums(
        "kpi_sums_material",
        "rollup_material",
        "balanced_date",
        {**MACHINE, "item": "item_key"},
        {**BY_MACHINE, **BY_ITEM},
    ),
    "sales": Sums(
        "kpi_sums_delivery",
        "rollup_delivery",
        "event_date",
        {**ITEM, "customer": "customer_id"},
        {**BY_ITEM, "customer": "customer"},
        only="line_kind = 'sales'",
    ),
    "purchase": Sums(
        "kpi_sums_delivery",
        "rollup_delivery",
        "event_date",
        {**ITEM, "supplier": "supplier_id"},
        {**BY_ITEM, "supplier": "supplier"},
        only="line_kind = 'purchase'",
    ),
    "labour": Sums(
        "kpi_sums_labour",
        "rollup_labour",
        "production_date",
        {**PLANT, "shift": "shift_key"},
        BY_PLANT,
    ),
    "stock": Sums(
        "kpi_sums_inventory",
        "rollup_inventory",
        "stock_date",
        PLANT,
        BY_PLANT,
        only="scope_type = 'plant'",
    ),
    "item_stock": Sums(
        "kpi_sums_inventory",
        "rollup_inventory",
        "stock_date",
        ITEM,
        {"item": "item__item_id", "item_type": "item__item_type"},
        only="scope_type = 'item'",
        metric="item_{}",
        label="{} by item",
    ),
    "energy": Sums(
        "kpi_sums_energy",
        "rollup_energy",
        "production_date",
        PLANT,
        BY_PLANT,
        only="scope_type = 'plant'",
    ),
    "line_energy": Sums(
        "kpi_sums_energy",
        "rollup_energy",
        "production_date",
        {**PLANT, "metered_line": "scope_id"},
        {"line": "metered_line"},
        only="scope_type = 'line'",
        metric="line_{}",
        label="{} by line",
    ),
    "machine_energy": Sums(
        "kpi_sums_energy",
        "rollup_energy",
        "production_date",
        MACHINE,
        {"machine": "machine__machine_id"},
        only="scope_type = 'machine'",
        metric="machine_{}",
        label="{} by machine",
    ),
    "wip": Sums("kpi_sums_wip", "rollup_wip", "wip_date", PLANT, BY_PLANT),
    "demand": Sums("kpi_sums_demand", "rollup_demand", "demand_date", PLANT, BY_PLANT),
    "batch": Sums("kpi_sums_batch", "rollup_batch", "production_date", PLANT, BY_PLANT),
}

CENSORED = (
    "orders that are still open count for as long as they have been under way: the share still "
    "open is a product over all completions of the cohort, and no sum"
)
CAPABILITY = (
    "a distance over standard deviations, and withheld by the number of samples and limits of the "
    "whole period: no ratio of sums"
)
#: Why sums do not give a KPI: of all its scopes, or of the scopes named.
NO_METRIC: dict[str, str | dict[str, str]] = {
    "rolled_throughput_yield": "a product of yields over the operations of a route",
    "lead_time_by_release_median_h": CENSORED,
    "lead_time_restricted_mean_h": CENSORED,
    "machine_capability_cm": CAPABILITY,
    "machine_capability_cmk": CAPABILITY,
    "process_capability_cp": CAPABILITY,
    "process_capability_cpk": CAPABILITY,
    "maintenance_backlog_weeks": (
        "what was open on the last day over the four weeks up to it: neither adds up over time"
    ),
    "epei_planned_days": (
        "every item that is asked for in the period is set up once: periods and machines overlap"
    ),
    "wip_orders_mean": {"item": "the time of the plant is there once, and counts for each item"},
    "takt_time_s": {"item": "the time of the plant is there once, and counts for each item"},
    "epei_days": {
        scope: "its coverage is that of the plant's runs, since a run without an item may be any's"
        for scope in ("item", "machine")
    },
}


#: KPI, scope, metric, what to group it by, why there is none.
Place = tuple[str, str, str, str, str]

INTRODUCTION = """\
# Metrics

Written by `make docs` from the SQL of the KPIs.

The semantic layer gives KPIs at whatever grain is asked for, by dbt's
[MetricFlow](https://docs.getdbt.com/docs/build/about-metricflow). A metric adds up what
`kpi_values` adds up and divides and withholds as it does, so at the scopes and periods of
`kpi_values` both say the same; a test holds them to it. Beyond them it answers what no table
holds: scrap by item and line, OEE by shift code, a quarter.

```
pip install 'leankpi[semantic]'
leankpi mf query --metrics oee,scrap_ratio --group-by metric_time__week,machine__line
leankpi mf query --metrics oee --group-by plant,shift__shift_code --start-time 2026-03-01
leankpi mf query --metrics scrap_ratio --group-by item__item_id --end-time 2026-03-31
leankpi mf query --metrics oee --group-by machine__machine_id --order machine__machine_id
leankpi mf list dimensions --metrics oee
```

All of them have figures on the data of `make demo`. Without `--order` rows come in any order, and
`--where "{{ Entity('plant') }} = 'vlc'"` chooses some.

- `leankpi mf` passes everything on to MetricFlow's own command `mf`, over the published file and
  read-only; it asks nobody for newer versions. It keeps its dbt project in `DATA/semantic`: tools
  that want a folder find it there, and `mf` itself too, which looks for newer versions of itself.
- An empty cell is a figure that is withheld: below its coverage floor, or nothing to divide by.
  `kpi_values` says why. Worker efficiency is empty as well for periods with a shift that is
  withheld because few people worked in it (`bi/README.md`).
- Group machines by `machine__machine_id` and items by `item__item_id`: `machine` and `item` alone
  are the keys that tables are joined by, hashes.
- Group by `plant` as soon as there are several: lines and machines of two plants may share a name.
- `metric_time` is the date that the KPI counts by: the production date, the day an order was
  completed or due. Weeks begin on Monday.
- Every sum that a metric is made of is a metric of its own (`machine_pbt_s`, `output_scrap_qty`).
- The tables behind them are published too: `kpi_sums_machine` and the other `kpi_sums_*`."""


class NotSums(Exception):
    """A column that no sums give; the message says which."""


@dataclass
class Model:
    """The compiled SQL of a model, its CTEs by name."""

    sql: str

    @cached_property
    def query(self) -> Any:
        return sqlglot.parse_one(self.sql, read=DIALECT)

    @cached_property
    def ctes(self) -> dict[str, Any]:
        return {cte.alias: cte.this for cte in self.query.find_all(exp.CTE)}

    def branch(self, kpi_id: str) -> Any:
        """The select that gives a KPI's rows."""
        for select in self.query.find_all(exp.Select):
            for one in select.expressions:
                if one.alias == "kpi_id" and one.this.name == kpi_id:
                    return select
        raise KeyError(kpi_id)


def first_select(query: Any) -> Any:
    """The query, or the first of those that a union strings together: they give the same."""
    while isinstance(query, exp.SetOperation):
        query = query.left
    return query.this if isinstance(query, exp.Subquery) else query


def source_of(select: Any, qualifier: str) -> Any:
    """The table or CTE that a column of a select stands in; without a qualifier, the first."""
    tables = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or [])]
    return next((t for t in tables if qualifier == t.alias_or_name), tables[0])


def inlined(expression: Any, select: Any, model: Model, leaf: Any) -> Any:
    """An expression of a select with every name of a CTE replaced by what it stands for.

    `leaf(table, column)` gives what replaces a column of another model.
    """

    def replaced(node: Any) -> Any:
        if not isinstance(node, exp.Column):
            return node
        source = source_of(select, node.table)
        if source.name not in model.ctes:
            return leaf(source.name, node.name)
        inner = first_select(model.ctes[source.name])
        found = [one for one in inner.expressions if one.alias_or_name == node.name]
        if not found:
            return inlined(exp.column(node.name), inner, model, leaf)
        meaning = inlined(found[0].unalias(), inner, model, leaf)
        return meaning if isinstance(meaning, exp.Column | exp.Literal) else exp.paren(meaning)

    return expression.copy().transform(replaced)


def summed(rollup: Model, name: str) -> tuple[Any, Any]:
    """The select of a roll-up that adds up a column, and the column's expression in it."""
    select = first_select(rollup.query)
    column = exp.column(name)
    while True:
        found = [one for one in select.expressions if one.alias_or_name == column.name]
        meaning = found[0].unalias() if found else column
        if select.args.get("group"):
            if found and not isinstance(meaning, exp.Column):
                return select, meaning
            raise NotSums(name)
        if not isinstance(meaning, exp.Column):
            raise NotSums(name)
        source = source_of(select, meaning.table)
        if source.name not in rollup.ctes:
            raise NotSums(name)
        select, column = first_select(rollup.ctes[source.name]), meaning


def measure(aggregate: Any, conditions: list[Any]) -> dict[str, Any]:
    """An aggregate as a measure of MetricFlow."""
    rows = exp.and_(*(one.copy() for one in conditions)) if conditions else None
    inner = aggregate.this
    params = {}
    if isinstance(aggregate, exp.WithinGroup):
        agg, params = (
            "percentile",
            {
                "agg_params": {
                    "percentile": float(aggregate.this.this.name),
                    "use_discrete_percentile": False,
                    "use_approximate_percentile": False,
                }
            },
        )
        inner = aggregate.expression.expressions[0].this
    elif isinstance(aggregate, exp.Count):
        if isinstance(inner, exp.Distinct):
            agg, inner = "count_distinct", inner.expressions[0]
        elif isinstance(inner, exp.Star):
            agg, inner = "sum", exp.Literal.number(1)
        else:
            agg, inner = "sum", exp.case().when(inner.copy().is_(exp.null()).not_(), "1").else_("0")
    else:
        agg = {exp.Sum: "sum", exp.Min: "min", exp.Max: "max"}[type(aggregate)]
    if rows is not None:
        inner = exp.case().when(rows, inner.copy())
    return {"agg": agg, "expr": text(inner), **params}


def text(expression: Any) -> str:
    """SQL in lower case, its columns without the names of CTEs."""
    plain = expression.copy()
    for column in plain.find_all(exp.Column):
        column.set("table", None)
    return str(plain.sql(dialect=DIALECT, normalize_functions="lower", comments=False))


@dataclass
class Layer:
    """Measures and metrics, as far as they have been asked for."""

    models: Mapping[str, str]
    measures: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @cached_property
    def parsed(self) -> dict[str, Model]:
        return {name: Model(sql) for name, sql in self.models.items()}

    def over_measures(self, prefix: str, rollup: str, column: str) -> Any:
        """A column of a roll-up as an expression over measures, which are noted."""
        sums = SUMS[prefix]
        if rollup != sums.rollup:
            raise NotSums(f"{rollup}.{column}")
        select, meaning = summed(self.parsed[rollup], column)
        conditions = [where.this] if (where := select.args.get("where")) else []
        if sums.only:
            conditions.append(sqlglot.parse_one(sums.only, read=DIALECT))
        several = len(list(meaning.find_all(exp.AggFunc))) > 1

        def noted(node: Any) -> Any:
            if not isinstance(node, exp.WithinGroup | exp.AggFunc):
                return node
            suffix = f"_{type(node).__name__.lower()}" if several else ""
            name = f"{prefix}_{column}{suffix}"
            self.measures.setdefault(prefix, {})[name] = measure(node, conditions)
            return exp.column(name)

        return exp.paren(meaning.transform(noted))

    def metric(self, kpi: Mapping[str, str], prefix: str) -> str:
        """The value of a KPI over measures, as kpi_figures divides and withholds it."""
        kpi_id = kpi["kpi_id"]
        mark = f"'{kpi_id}' as kpi_id"
        part = next(model for model in self.parsed.values() if mark in model.sql)
        branch = part.branch(kpi_id)
        where = text(branch.args["where"].this) if branch.args.get("where") else ""
        if "line_kind" in where and where != SUMS[prefix].only:
            raise NotSums(kpi_id)

        def column(name: str) -> str:
            (one,) = (each for each in branch.expressions if each.alias == name)
            whole = inlined(
                one.unalias(), branch, part, lambda t, c: self.over_measures(prefix, t, c)
            )
            return text(whole)

        numerator, denominator = column("numerator"), column("denominator")
        stated, coverage = column("stated_value"), column("coverage_ratio")
        value = f"case when {denominator} <> 0 then {numerator} / {denominator} end"
        if not stated.lower().startswith("cast(null"):
            value = f"coalesce({stated}, {value})"
        floor = float(kpi["coverage_floor_ratio"])
        return f"case when {coverage} >= {floor} then {value} end"


def catalogue() -> list[dict[str, str]]:
    """The KPIs."""
    with (PROJECT / "seeds" / "kpi_definitions.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written(models: Mapping[str, str]) -> dict[Path, str]:
    """The semantic layer, and where each figure is found: what to write into which file."""
    layer = Layer(models)
    metrics: list[dict[str, Any]] = []
    places: list[Place] = []
    for kpi in catalogue():
        kpi_id = kpi["kpi_id"]
        reasons = NO_METRIC.get(kpi_id, {})
        for prefix, sums in SUMS.items():
            if isinstance(reasons, str):
                break
            scopes = [
                scope
                for scope in kpi["scope_types"].split("|")
                if scope in sums.scopes and scope not in reasons
            ]
            if not scopes:
                continue
            try:
                expression = layer.metric(kpi, prefix)
            except NotSums:
                continue
            inputs = [name for name in layer.measures[prefix] if name in words(expression)]
            metrics.append(
                {
                    "name": sums.metric.format(kpi_id),
                    "label": sums.label.format(kpi["kpi_name"]),
                    "description": kpi["formula"],
                    "type": "derived",
                    "type_params": {"expr": expression, "metrics": [{"name": n} for n in inputs]},
                }
            )
            places += [
                (kpi_id, scope, sums.metric.format(kpi_id), sums.scopes[scope], "")
                for scope in scopes
            ]
        for scope in kpi["scope_types"].split("|"):
            if reason := reasons if isinstance(reasons, str) else reasons.get(scope):
                places.append((kpi_id, scope, "", "", reason))
    semantic_models = [
        {
            "name": prefix,
            "model": f"ref('{sums.model}')",
            "defaults": {"agg_time_dimension": sums.date},
            "primary_entity": f"{prefix}_row",
            "entities": [
                {"name": name, "type": "foreign", "expr": key}
                for name, key in sums.entities.items()
            ],
            "dimensions": [
                {"name": sums.date, "type": "time", "type_params": {"time_granularity": "day"}}
            ],
            "measures": [
                {"name": name, "create_metric": True, **one}
                for name, one in layer.measures[prefix].items()
            ],
        }
        for prefix, sums in SUMS.items()
    ]
    layers = {"semantic_models": semantic_models, "metrics": metrics}
    dumped = yaml.safe_dump(layers, sort_keys=False, width=100, allow_unicode=True)
    return {METRICS: NOTE + dumped, SEED: seed(places), PAGE: page(places)}


def seed(places: list[Place]) -> str:
    """Where each figure is found, as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("kpi_id", "scope_type", "metric", "group_by", "no_metric_reason"))
    writer.writerows(places)
    return out.getvalue()


def page(places: list[Place]) -> str:
    """The same for people, as Markdown."""
    found: dict[str, list[str]] = {}
    for kpi_id, scope, metric, group_by, _ in places:
        if metric:
            how = f"{scope} (`{group_by}`)" if group_by else scope
            name = f"| `{metric}` | [{kpi_id}](kpis.md#{kpi_id}) |"
            found.setdefault(name, []).append(how)
    without: dict[str, list[str]] = {}
    for kpi_id, scope, _, _, reason in places:
        if reason:
            name = f"| [{kpi_id}](kpis.md#{kpi_id}) | {reason} |"
            without.setdefault(name, []).append(scope)
    lines = [
        *INTRODUCTION.splitlines(),
        "",
        "## Metrics",
        "",
        "| metric | KPI | gives, beside `plant` and `metric_time` |",
        "|---|---|---|",
        *(f"{name} {', '.join(scopes)} |" for name, scopes in found.items()),
        "",
        "## Figures that no sums give",
        "",
        "They stand in `kpi_values`, with the reason in the table `kpi_metrics`.",
        "",
        "| KPI | why | for |",
        "|---|---|---|",
        *(f"{name} {', '.join(scopes)} |" for name, scopes in without.items()),
    ]
    return "\n".join(lines) + "\n"


def words(expression: str) -> set[str]:
    """The names in an expression."""
    return set(re.findall(r"\w+", expression))


if __name__ == "__main__":
    for path, content in written(compiled_sql()).items():
        path.write_text(content, encoding="utf-8")
        print(path.name)
