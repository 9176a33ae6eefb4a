"""The map of joins says what the models say."""

from __future__ import annotations

from typing import Any

from orchestration.relationships import Relationship, relationships


def table(*columns: str) -> dict[str, Any]:
    return {"columns": dict.fromkeys(columns)}


def test_a_key_of_one_table_is_a_reference_in_every_other() -> None:
    tables = {
        "dim_plant": table("plant_key", "plant_id"),
        "dim_machine": table("machine_key", "plant_id"),
        "dim_date": table("calendar_date", "week_start_date"),
        "fct_scrap": table("scrap_key", "plant_key", "machine_key", "plant_id", "production_date"),
        "kpi_values": table("kpi_values_id", "kpi_id", "period_start_date"),
        "mart_kpi_signals": table("kpi_values_id", "series_key"),
    }
    many, one = "many_to_one", "one_to_one"
    assert relationships(tables) == [
        Relationship("dim_machine", "plant_id", "dim_plant", "plant_id", many),
        Relationship("fct_scrap", "machine_key", "dim_machine", "machine_key", many),
        Relationship("fct_scrap", "plant_key", "dim_plant", "plant_key", many),
        Relationship("fct_scrap", "production_date", "dim_date", "calendar_date", many),
        Relationship("kpi_values", "period_start_date", "dim_date", "calendar_date", many),
        Relationship("mart_kpi_signals", "kpi_values_id", "kpi_values", "kpi_values_id", one),
    ]
