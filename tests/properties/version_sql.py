"""The project's own SQL that picks the version of a row that counts, and what it could say instead.

It is rendered without dbt, which would take longer than all the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment
from pipeline import PROJECT


@dataclass(frozen=True)
class Wrong:
    """What the macro that picks versions could say instead, as text for text."""

    right: str
    wrong: str


#: Ways to pick another version, by what is wrong.
WRONG = {
    "the latest arrival counts": Wrong(
        "coalesce(delivered.changed_at, deliveries.extracted_at) desc",
        "deliveries.loaded_at desc",
    ),
    "when a row was changed counts for nothing": Wrong(
        "coalesce(delivered.changed_at, deliveries.extracted_at) desc",
        "deliveries.extracted_at desc",
    ),
    "the earliest extraction counts": Wrong(
        "deliveries.extracted_at) desc", "deliveries.extracted_at) asc"
    ),
    "an earlier version of a cancelled row is back": Wrong(
        "coalesce(delivered.changed_at, deliveries.extracted_at) desc",
        "delivered.is_deleted, coalesce(delivered.changed_at, deliveries.extracted_at) desc",
    ),
    "a row that was cancelled counts": Wrong("not is_deleted", "true"),
    "what was replaced goes on counting": Wrong("deliveries.status <> 'superseded'", "true"),
}


def staging_sql(model: str, wrong: Wrong | None) -> str:
    """A staging model over the raw schema `loaded.raw`, as DuckDB runs it."""
    macros = (PROJECT / "macros" / "current_rows.sql").read_text(encoding="utf-8")
    if wrong is not None:
        assert wrong.right in macros, f"current_rows says no longer {wrong.right!r}"
        macros = macros.replace(wrong.right, wrong.wrong)
    text = (PROJECT / "models" / "staging" / f"{model}.sql").read_text(encoding="utf-8")
    return (
        Environment(extensions=["jinja2.ext.do"])
        .from_string(macros + text)
        .render(
            source=lambda schema, table: f"loaded.{schema}.{table}",
            ref=lambda name: name,
            hash_of=lambda columns: f"hash({', '.join(columns)})",
        )
    )
