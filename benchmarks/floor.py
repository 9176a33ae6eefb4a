"""The floor: the bare DuckDB statements that do a night's essential work on machine states.

Reads the exports, converts every field, keeps the latest version of each row, cuts the states at
shift boundaries, sums seconds and units by machine and shift, and writes a complete new file.
No contract, quarantine, model, check, description or catalogue.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

STATEMENTS = """
create table states as
select Id_his_prod as state_id, Id_maquina as machine_id, Id_actividad as activity,
    strptime(Fecha_ini, '%d/%m/%Y %H:%M:%S') as start_at,
    strptime(Fecha_fin, '%d/%m/%Y %H:%M:%S') as end_at,
    cast(Unidades_ok as decimal(18, 6)) as good_qty,
    cast(Unidades_nok as decimal(18, 6)) as scrap_qty,
    cast(replace(SegCicloNominal, ',', '.') as decimal(18, 6)) as ideal_cycle_s,
    filename
from read_csv('{exports}', delim = ';', header = true, all_varchar = true, filename = true);

create table current_states as
select * exclude (version_no) from (
    select *, row_number() over (partition by state_id order by filename desc) as version_no
    from states
) where version_no = 1;

create table shifts as
select shift_start_at as start_at, shift_start_at + interval 8 hour as end_at,
    unnest([cast(shift_start_at as date), cast(shift_start_at + interval 8 hour as date)]) as day
from (select unnest(generate_series(
    (select date_trunc('day', min(start_at)) - interval 18 hour from current_states),
    (select max(end_at) from current_states), interval 8 hour)) as shift_start_at);

create table machine_time as
select s.machine_id, h.start_at as shift_start_at, s.activity,
    sum(epoch_us(least(s.end_at, h.end_at)) - epoch_us(greatest(s.start_at, h.start_at))) as us,
    sum(case when s.end_at <= h.end_at then s.good_qty end) as good_qty,
    sum(case when s.end_at <= h.end_at then s.scrap_qty end) as scrap_qty,
    sum(case when s.end_at <= h.end_at then s.good_qty * s.ideal_cycle_s end) as good_ideal_s
from current_states s join (select distinct * from shifts) h
    on h.day = cast(s.start_at as date) and h.start_at < s.end_at and h.end_at > s.start_at
group by all;

attach '{published}' as published;
create table published.machine_time as select * from machine_time;
create table published.oee as
select machine_id, cast(shift_start_at as date) as day, sum(good_ideal_s) as good_ideal_s,
    sum(us) / 1e6 as time_s
from machine_time group by all;
detach published;
"""


def main() -> None:
    exports, folder = sys.argv[1], Path(sys.argv[2])
    con = duckdb.connect(str(folder / "floor.duckdb"))
    for statement in STATEMENTS.format(
        exports=exports, published=folder / "floor_published.duckdb"
    ).split(";\n"):
        if statement.strip():
            con.execute(statement)
    con.close()


if __name__ == "__main__":
    main()
