"""Mapex MES: table exports of its SQL Server database, one file per table and extraction.

The machine of a stop and of a rejection is only known through its run (Id_his_prod), the order
of a run only through his_fase and his_of; the models resolve these ids, whatever arrives first.
Stops lie inside runs, so they are delivered on the layer above.
"""

from __future__ import annotations

import polars as pl

from ingestion.columns import (
    code,
    computed,
    constant,
    local_time,
    number,
    sum_of,
    text,
    whole,
)
from ingestion.feeds import (
    Identifiers,
    Machines,
    MachineStates,
    OrderOperations,
    ProductionCounts,
    Reasons,
    ScrapEvents,
)
from ingestion.source import Delimited, FeedMapping, Source, Table

#: Spanish Excel habits: semicolons, decimal comma, Windows code page; '--' is the dummy record.
CSV = Delimited(
    encoding="cp1252",
    delimiter=";",
    decimal=",",
    nulls=("", "--", "NULL"),
    final_newline=True,
)
TIME = "%d/%m/%Y %H:%M:%S"
DELETED = code("Activo", {"1": False, "0": True}, blank=False)

#: Id_actividad of his_prod.
ACTIVITIES = {
    "1": "no_order",
    "2": "producing",
    "3": "setup",
    "4": "rework",
    "5": "planned_down",
}
#: Activities that count units.
COUNTED = pl.col("Id_actividad").is_in(["2", "4"])

RUN_START = local_time("Fecha_ini", format=TIME, sequence=("Id_maquina", "Id_his_prod"))
RUN_END = local_time("Fecha_fin", format=TIME, sequence=("Id_maquina", "Id_his_prod"))

HIS_PROD = Table(
    name="his_prod",
    pattern="his_prod_[0-9]*.csv",
    dialect=CSV,
    columns=(
        "Id_his_prod",
        "Id_maquina",
        "Activo",
        "Id_his_fase",
        "Id_actividad",
        "Fecha_ini",
        "Fecha_fin",
        "Unidades_ok",
        "Unidades_nok",
        "Unidades_repro",
        "SegCicloNominal",
    ),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": computed(pl.format("run-{}", "Id_his_prod"), "Id_his_prod"),
                "machine_id": text("Id_maquina", required=True),
                "run_id": text("Id_his_prod"),
                "operation_id": text("Id_his_fase"),
                "layer": constant(0),
                "start_at": RUN_START,
                "end_at": RUN_END,
                "state": code("Id_actividad", ACTIVITIES),
                "is_placed": constant(False),
                "is_deleted": DELETED,
            },
        ),
        FeedMapping(
            ProductionCounts,
            {
                "run_id": text("Id_his_prod"),
                "machine_id": text("Id_maquina"),
                "operation_id": text("Id_his_fase"),
                "pass_no": computed(
                    pl.when(pl.col("Id_actividad") == "4").then(2).otherwise(1), "Id_actividad"
                ),
                "start_at": RUN_START,
                "end_at": RUN_END,
                "good_qty": number("Unidades_ok"),
                "scrap_qty": number("Unidades_nok"),
                "rework_qty": number("Unidades_repro"),
                "produced_qty": sum_of("Unidades_ok", "Unidades_nok", "Unidades_repro"),
                "ideal_cycle_s": number("SegCicloNominal"),
                "is_deleted": DELETED,
            },
            where=COUNTED,
        ),
    ),
)

HIS_PROD_PARO = Table(
    name="his_prod_paro",
    pattern="his_prod_paro_*.csv",
    dialect=CSV,
    columns=("Id_his_prod_paro", "Id_his_prod", "Id_paro", "Fecha_ini", "Fecha_fin", "Activo"),
    feeds=(
        FeedMapping(
            MachineStates,
            {
                "state_id": computed(pl.format("stop-{}", "Id_his_prod_paro"), "Id_his_prod_paro"),
                "run_id": text("Id_his_prod"),
                "layer": constant(1),
                "start_at": local_time(
                    "Fecha_ini", format=TIME, sequence=("Id_his_prod", "Id_his_prod_paro")
                ),
                "end_at": local_time(
                    "Fecha_fin", format=TIME, sequence=("Id_his_prod", "Id_his_prod_paro")
                ),
                "reason_id": text("Id_paro"),
                "is_placed": constant(False),
                "is_deleted": DELETED,
            },
        ),
    ),
)

HIS_PROD_DEFECTO = Table(
    name="his_prod_defecto",
    pattern="his_prod_defecto_*.csv",
    dialect=CSV,
    columns=("Id_his_prod_defecto", "Id_his_prod", "Id_defecto", "Unidades", "scrap", "Activo"),
    feeds=(
        FeedMapping(
            ScrapEvents,
            {
                "scrap_id": text("Id_his_prod_defecto"),
                "run_id": text("Id_his_prod"),
                "reason_id": text("Id_defecto"),
                "disposition": code("scrap", {"1": "scrap", "0": "rework"}),
                "rejected_qty": number("Unidades"),
                "is_deleted": DELETED,
            },
        ),
    ),
)

HIS_OF = Table(
    name="his_of",
    pattern="his_of_*.csv",
    dialect=CSV,
    columns=("Id_his_of", "Cod_of"),
    feeds=(
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("order"),
                "source_id": text("Id_his_of"),
                "business_id": text("Cod_of"),
            },
        ),
    ),
)

HIS_FASE = Table(
    name="his_fase",
    pattern="his_fase_*.csv",
    dialect=CSV,
    columns=("Id_his_fase", "Id_his_of", "Orden", "Id_maquina", "Unidades_planning"),
    feeds=(
        FeedMapping(
            OrderOperations,
            {
                "operation_id": text("Id_his_fase"),
                "order_id": text("Id_his_of"),
                "sequence_no": whole("Orden"),
                "machine_id": text("Id_maquina"),
                "planned_qty": number("Unidades_planning"),
                "planned_setup_s": number("Seg_Planning_Preparacion"),
                "planned_run_s": number("Seg_Planning_Produccion"),
            },
        ),
    ),
)

CFG_MAQUINA = Table(
    name="cfg_maquina",
    pattern="cfg_maquina_*.csv",
    dialect=CSV,
    columns=("Id_maquina", "Cod_maquina", "Desc_maquina", "Linea", "Area"),
    feeds=(
        FeedMapping(
            Machines,
            {
                "machine_id": text("Cod_maquina"),
                "machine_name": text("Desc_maquina"),
                "line_id": text("Linea"),
                "area_id": text("Area"),
            },
        ),
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("machine"),
                "source_id": text("Id_maquina"),
                "business_id": text("Cod_maquina"),
            },
        ),
    ),
)

CFG_PRODUCTO = Table(
    name="cfg_producto",
    pattern="cfg_producto_*.csv",
    dialect=CSV,
    columns=("Id_producto", "Cod_producto"),
    feeds=(
        FeedMapping(
            Identifiers,
            {
                "id_kind": constant("item"),
                "source_id": text("Id_producto"),
                "business_id": text("Cod_producto"),
            },
        ),
    ),
)

CFG_PARO = Table(
    name="cfg_paro",
    pattern="cfg_paro_*.csv",
    dialect=CSV,
    columns=("Id_paro", "Cod_paro", "Desc_paro", "Id_TipoparoOEE", "CalculoMtbf"),
    feeds=(
        FeedMapping(
            Reasons,
            {
                "reason_kind": constant("stop"),
                "reason_id": text("Id_paro"),
                "reason_code": text("Cod_paro"),
                "reason_name": text("Desc_paro"),
                "state": code(
                    "Id_TipoparoOEE", {"1": "planned_down", "2": "delay", "3": "no_order"}
                ),
                "is_failure": code("CalculoMtbf", {"1": True, "0": False}, blank=False),
            },
        ),
    ),
)

CFG_DEFECTO = Table(
    name="cfg_defecto",
    pattern="cfg_defecto_*.csv",
    dialect=CSV,
    columns=("Id_defecto", "Cod_defecto", "Desc_defecto"),
    feeds=(
        FeedMapping(
            Reasons,
            {
                "reason_kind": constant("scrap"),
                "reason_id": text("Id_defecto"),
                "reason_code": text("Cod_defecto"),
                "reason_name": text("Desc_defecto"),
                "is_failure": constant(False),
            },
        ),
    ),
)

# Shift texts without dates or weekdays: the plant's calendar comes from plants.toml, the file is
# accepted so that it is not reported as unknown.
CFG_TURNO = Table(
    name="cfg_turno",
    pattern="cfg_turno_*.csv",
    dialect=CSV,
    columns=("Id_turno", "Cod_turno", "Ini_turno", "Fin_turno"),
    feeds=(),
)

SOURCE = Source(
    name="mapex",
    title="Mapex MES, table exports",
    system="mes",
    tables=(
        HIS_PROD,
        HIS_PROD_PARO,
        HIS_PROD_DEFECTO,
        HIS_OF,
        HIS_FASE,
        CFG_MAQUINA,
        CFG_PRODUCTO,
        CFG_PARO,
        CFG_DEFECTO,
        CFG_TURNO,
    ),
)
