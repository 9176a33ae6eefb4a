"""Large Mapex exports for benchmarks, written by DuckDB in seconds."""

from __future__ import annotations

from pathlib import Path

import duckdb

PLANTS = """
[plants.big]
name = "Benchmark"
time_zone = "UTC"
currency = "EUR"
day_start = "06:00"
[[plants.big.shifts]]
code = "M"
start = "06:00"
end = "14:00"
[[plants.big.shifts]]
code = "T"
start = "14:00"
end = "22:00"
[[plants.big.shifts]]
code = "N"
start = "22:00"
end = "06:00"
[[plants.big.sources]]
source = "mapex"
folder = "mapex"
"""
MACHINES = 60
FILES = 12


def write_exports(data_dir: Path, states: int) -> list[Path]:
    """Lay out a plant whose his_prod exports hold so many machine states, in twelve files.

    Each machine alternates production (30 to 150 s) and waiting (10 to 90 s) without gaps.
    """
    landing = data_dir / "landing" / "big" / "mapex"
    landing.mkdir(parents=True, exist_ok=True)
    (data_dir / "plants.toml").write_text(PLANTS, encoding="utf-8")
    per_machine = states // MACHINES
    con = duckdb.connect()
    con.execute(
        f"""
        create table runs as
        with lengths as (
            select m, n, case n % 2 when 0 then 30 + hash(m * 7919 + n) % 121
                else 10 + hash(m * 104729 + n) % 81 end as length_s
            from range(1, {MACHINES + 1}) machine(m), range({per_machine}) row_no(n)
        )
        select m, n, length_s,
            timestamp '2026-01-01 06:00:00' + to_seconds(
                sum(length_s) over (partition by m order by n) - length_s
            ) as start_at
        from lengths
        """
    )
    paths = []
    for part in range(FILES):
        path = landing / f"his_prod_20260701_{part:06d}.csv"
        con.execute(
            f"""
            copy (
                select m * 10000000 + n as Id_his_prod, m as Id_maquina, 1 as Activo,
                    1 as Id_his_fase, case n % 2 when 0 then 2 else 1 end as Id_actividad,
                    strftime(start_at, '%d/%m/%Y %H:%M:%S') as Fecha_ini,
                    strftime(start_at + to_seconds(length_s), '%d/%m/%Y %H:%M:%S') as Fecha_fin,
                    case n % 2 when 0 then length_s // 2 else 0 end as Unidades_ok,
                    case when n % 2 = 0 and n % 50 = 0 then 1 else 0 end as Unidades_nok,
                    0 as Unidades_repro, '1,9' as SegCicloNominal
                from runs where n * {FILES} // {per_machine} = {part} order by n, m
            ) to '{path}' (header, delimiter ';', quote '')
            """
        )
        paths.append(path)
    return paths
