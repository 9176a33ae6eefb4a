"""Deliveries: known by content, corrected by later ones, in whatever order they arrive."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import duckdb
import pytest
from landing import Landing, new_landing, run_line, runs_file

# What dbt staging does: the latest version of each key, deletions dropped.
CURRENT = """
with ranked as (
    select r.run_id, r.good_qty, r.is_deleted,
        row_number() over (
            partition by r.plant_id, r.source, r.run_id
            order by coalesce(r.changed_at, d.extracted_at) desc, d.extracted_at desc,
                r.delivery_id desc, r.line_no desc
        ) as version_no
    from raw.production_counts r join raw.deliveries d using (delivery_id)
    where d.status <> 'superseded'
)
select run_id, good_qty::int as good_qty from ranked
where version_no = 1 and not is_deleted order by run_id
"""

NIGHTS = {
    "his_prod_20260311_020000.csv": runs_file(
        run_line(Fecha_fin="", Unidades_ok="40"), run_line(Id_his_prod="2")
    ),
    "his_prod_20260312_020000.csv": runs_file(
        run_line(Unidades_ok="90"), run_line(Id_his_prod="3"), run_line(Id_his_prod="4")
    ),
    "his_prod_20260313_020000.csv": runs_file(
        run_line(Unidades_ok="95"), run_line(Id_his_prod="4", Activo="0")
    ),
}
# The first night's bytes again under a later name, as some schedulers do.
NIGHTS["his_prod_20260314_020000.csv"] = NIGHTS["his_prod_20260311_020000.csv"]
CLEAN = [
    {"run_id": "1", "good_qty": 95},
    {"run_id": "2", "good_qty": 100},
    {"run_id": "3", "good_qty": 100},
]


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return new_landing(tmp_path)


@pytest.mark.parametrize(
    "order",
    random.Random(7).sample(list(itertools.permutations(NIGHTS)), 5),
    ids=lambda order: "-".join(n[14:16] for n in order),
)
def test_any_order_over_any_nights_ends_the_same(landing: Landing, order: tuple[str, ...]) -> None:
    for name in order:
        landing.put(f"vlc/mapex/{name}", NIGHTS[name])
        landing.ingest()
    assert landing.rows(CURRENT) == CLEAN
    stamps = landing.rows("select extracted_at::varchar as at from raw.deliveries order by 1")
    assert [row["at"] for row in stamps] == [
        "2026-03-11 01:00:00",
        "2026-03-12 01:00:00",
        "2026-03-13 01:00:00",
    ]


def test_the_same_bytes_twice_change_nothing(landing: Landing) -> None:
    content = runs_file(run_line())
    first = landing.one("vlc/mapex/his_prod_20260311_020000.csv", content)
    assert first.status == "accepted"
    assert landing.ingest().files == []
    again = landing.one("vlc/mapex/his_prod_20260320_020000.csv", content)
    assert again.status == "already_loaded"
    assert landing.rows("select count(*) as n from raw.production_counts") == [{"n": 1}]
    assert landing.rows("select count(*) as n from raw.deliveries") == [{"n": 1}]


def test_the_same_bytes_in_two_plants_are_two_deliveries(tmp_path: Path) -> None:
    landing = new_landing(tmp_path)
    text = landing.settings.plants_file.read_text()
    landing.settings.plants_file.write_text(text + text.replace("plants.vlc", "plants.bcn"))
    for plant in ("vlc", "bcn"):
        landing.put(f"{plant}/mapex/his_prod_20260311_020000.csv", runs_file(run_line()))
    landing.ingest()
    assert landing.rows("select plant_id from raw.production_counts order by 1") == [
        {"plant_id": "bcn"},
        {"plant_id": "vlc"},
    ]


@pytest.mark.parametrize("pieces", range(90, 96))
def test_a_file_replaced_under_its_own_name_counts_as_replaced(
    landing: Landing, pieces: int
) -> None:
    name = "vlc/mapex/his_prod_20260311_020000.csv"
    landing.one(name, runs_file(run_line(Unidades_ok="10"), run_line(Id_his_prod="2")))
    landing.one(name, runs_file(run_line(Unidades_ok=str(pieces))))
    assert landing.rows(CURRENT) == [{"run_id": "1", "good_qty": pieces}]
    landing.one(name, runs_file(run_line(Unidades_ok="10"), run_line(Id_his_prod="2")))
    assert landing.rows(CURRENT) == [
        {"run_id": "1", "good_qty": 10},
        {"run_id": "2", "good_qty": 100},
    ]


def test_a_mended_code_map_reads_accepted_files_again(landing: Landing) -> None:
    landing.one("vlc/mapex/his_prod_20260311_020000.csv", runs_file(run_line()))
    plants = landing.settings.plants_file
    plants.write_text(plants.read_text().replace("Europe/Madrid", "Atlantic/Canary"))
    (outcome,) = landing.ingest().files
    assert outcome.status == "accepted"
    (row,) = landing.rows("select start_at::varchar as at from raw.production_counts")
    assert row["at"] == "2026-03-10 06:00:00"


def test_signs_beside_marks(landing: Landing) -> None:
    names = "MBLNR MJAHR ZEILE BWART MATNR LGORT SOBKZ SHKZG MENGE MEINS DMBTR WAERS AUFNR BUDAT"
    columns = [*names.split(), "CPUDT", "CPUTM"]
    base = dict.fromkeys(columns, "") | {
        "MBLNR": "1",
        "MJAHR": "2026",
        "MATNR": "A",
        "MEINS": "ST",
        "WAERS": "EUR",
        "BUDAT": "10.03.2026",
        "BWART": "261",
    }
    rows = [
        {"ZEILE": "1", "SHKZG": "H", "MENGE": "100-"},
        {"ZEILE": "2", "SHKZG": "H", "MENGE": "-100"},
        {"ZEILE": "3", "SHKZG": "S", "MENGE": "100-"},
    ]
    lines = ["\t".join(columns), *("\t".join((base | row).values()) for row in rows)]
    outcome = landing.one(
        "vlc/sap_mm/MB51_20260311_020000.txt", ("\r\n".join(lines) + "\r\n").encode()
    )
    found = landing.rows("select moved_qty::int as qty from raw.stock_movements order by line_no")
    assert [row["qty"] for row in found] == [-100, -100]
    assert outcome.rules == {"sign_contradicts_mark": 1}


def test_a_correction_inside_one_file_wins_by_its_line(landing: Landing) -> None:
    landing.one(
        "vlc/mapex/his_prod_20260311_020000.csv",
        runs_file(run_line(Unidades_ok="1"), run_line(Unidades_ok="2")),
    )
    assert landing.rows(CURRENT) == [{"run_id": "1", "good_qty": 2}]


def test_quarantined_rows_are_tried_again_when_the_code_map_is_mended(landing: Landing) -> None:
    header = "AUFNR AUART EQUNR KTEXT MSAUS ERDAT ERZEIT GSTRI GSUZI GETRI GEUZI GSTRP FECOD"
    columns = [*header.split(), "ISMNW", "GKOST"]
    row = ["1", "PM01", "999", "x", "X", "10.03.2026", "06:00:00"] + [""] * 6 + ["1,5", "10,00-"]
    content = ("\t".join(columns) + "\r\n" + "\t".join(row) + "\r\n").encode("utf-16")
    outcome = landing.one("vlc/sap_pm/IW39_20260311_020000.txt", content)
    assert outcome.rules == {"unknown_code": 1}
    plants = landing.settings.plants_file
    plants.write_text(plants.read_text() + '"999" = "L1-M2"\n')
    (outcome,) = landing.ingest().files
    assert (outcome.status, outcome.accepted_rows) == ("accepted", 1)
    assert landing.rows(
        "select machine_id, cost_amount::double as eur, labour_s::int as labour "
        "from raw.maintenance_orders"
    ) == [{"machine_id": "L1-M2", "eur": -10.0, "labour": 5400}]
    assert landing.rows("select 1 from raw.quarantine") == []


def test_sap_signs_by_mark_and_by_trailing_minus(landing: Landing) -> None:
    names = [
        "MBLNR",
        "MJAHR",
        "ZEILE",
        "BWART",
        "MATNR",
        "WERKS",
        "LGORT",
        "SOBKZ",
        "SHKZG",
        "MENGE",
        "MEINS",
        "DMBTR",
        "WAERS",
        "AUFNR",
        "BUDAT",
        "CPUDT",
        "CPUTM",
    ]
    base = dict.fromkeys(names, "") | {
        "MBLNR": "1",
        "MJAHR": "2026",
        "MATNR": "A",
        "MEINS": "ST",
        "DMBTR": "1,00",
        "WAERS": "EUR",
        "BUDAT": "10.03.2026",
    }
    rows = [
        {"ZEILE": "1", "BWART": "101", "SHKZG": "S", "MENGE": "1.155,220"},
        {"ZEILE": "2", "BWART": "261", "SHKZG": "H", "MENGE": "10,000"},
        {"ZEILE": "3", "BWART": "262", "SHKZG": "S", "MENGE": "4,000"},
        {"ZEILE": "4", "BWART": "601", "MENGE": "155,22-"},
        {"ZEILE": "5", "BWART": "101", "MENGE": "7", "AUFNR": "1000001"},
        {"ZEILE": "6", "BWART": "702", "MENGE": "3,000-", "SOBKZ": "K"},
    ]
    lines = ["\t".join(names), *("\t".join((base | row).values()) for row in rows)]
    landing.one("vlc/sap_mm/MB51_20260311_020000.txt", ("\r\n".join(lines) + "\r\n").encode())
    found = landing.rows(
        "select movement_class, is_reversal, is_owned, moved_qty::double as qty "
        "from raw.stock_movements order by movement_id"
    )
    assert [tuple(row.values()) for row in found] == [
        ("receipt_purchase", False, True, 1155.22),
        ("issue", False, True, -10.0),
        ("issue", True, True, 4.0),
        ("sale", False, True, -155.22),
        ("receipt_production", False, True, 7.0),
        ("count", False, False, -3.0),
    ]


def test_a_header_without_rows_moves_the_watermark_each_night(landing: Landing) -> None:
    landing.one("vlc/mapex/his_prod_20260311_020000.csv", runs_file(run_line(Fecha_fin="")))
    for night in ("12", "14", "13"):
        landing.one(f"vlc/mapex/his_prod_202603{night}_020000.csv", runs_file())
    rows = landing.rows(
        "select status, watermark_at::varchar as until from raw.deliveries order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("accepted", "2026-03-11 01:00:00"),
        ("empty", "2026-03-14 01:00:00"),
    ]


def test_an_older_warehouse_gets_the_columns_it_lacks(landing: Landing) -> None:
    landing.one("vlc/mapex/his_prod_20260311_020000.csv", runs_file(run_line()))
    con = duckdb.connect(str(landing.settings.warehouse_file))
    con.execute("alter table raw.deliveries drop column resends_changes")
    con.execute("alter table raw.production_counts drop column pass_no")
    con.close()
    landing.one("vlc/mapex/his_prod_20260312_020000.csv", runs_file(run_line(Id_his_prod="2")))
    assert landing.rows("select distinct resends_changes from raw.deliveries") == [
        {"resends_changes": True}
    ]
    assert landing.rows("select run_id, pass_no from raw.production_counts order by 1") == [
        {"run_id": "1", "pass_no": None},
        {"run_id": "2", "pass_no": 1},
    ]
