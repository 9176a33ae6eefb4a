"""Every file of the real data sets is read, and every record of it accounted for."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime
from pathlib import Path

import duckdb
from real_plants import DATASETS, FILES, Query, lay_out

from ingestion.load import IngestReport, ingest
from ingestion.settings import Settings


def records(path: Path) -> int:
    """Records below the header, by a reader that shares nothing with the product's."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as stream:
        return sum(1 for _ in csv.reader(stream)) - 1


def test_every_record_of_every_file_is_accounted_for(query: Query) -> None:
    delivered = {
        (plant, table): qty
        for plant, table, qty, parts in query(
            "select plant_id, file_path, delivered_rows, "
            "accepted_rows + quarantined_rows + duplicate_rows from raw.deliveries "
            "where file_path like '%.csv.gz'"
        )
        if qty == parts
    }
    expected = {
        (place.split("/")[0], f"{place}/{name}"): records(DATASETS / dataset / name)
        for place, (dataset, names) in FILES.items()
        for name in names
        if name.endswith(".csv.gz")
    }
    assert delivered == expected


def test_the_counts_of_the_read_mes(query: Query) -> None:
    counts = query(
        "select plant_id, table_name, delivered_rows, accepted_rows, quarantined_rows, "
        "duplicate_rows from raw.deliveries order by 1, 2, 3"
    )
    assert counts == [
        ("company_a", "readings", 14492, 14492, 0, 0),
        ("courbon", "batch_record", 1, 1, 0, 0),
        ("courbon", "lot", 1, 1, 0, 0),
        ("courbon", "material_definition", 1, 1, 0, 0),
        ("courbon", "performance", 1, 1, 0, 0),
        ("courbon", "schedule", 1, 1, 0, 0),
        ("courbon", "sub_lot", 1, 1, 0, 0),
        ("excavators", "excavators", 5485, 5126, 1, 358),
        ("excavators", "excavators-cleaned", 5485, 5448, 0, 37),
        ("gbi", "EKKO", 567, 567, 0, 0),
        ("gbi", "EKPO", 522, 522, 0, 0),
        ("gbi", "KONV", 3058, 3058, 0, 0),
        ("gbi", "MKPF", 530, 521, 1, 8),
        ("gbi", "MSEG", 686, 686, 0, 0),
        ("gbi_ei", "MKPF", 4409, 4409, 0, 0),
        ("gbi_ei", "MSEG", 4412, 4412, 0, 0),
        ("gbi_pirates", "EKKO", 234, 234, 0, 0),
        ("gbi_pirates", "EKPO", 245, 245, 0, 0),
        ("gbi_pirates", "MKPF", 330, 330, 0, 0),
        ("gbi_pirates", "MSEG", 851, 851, 0, 0),
        ("maven", "data_dictionary", 19, 19, 0, 0),
        ("maven", "downtime_factors", 12, 12, 0, 0),
        ("maven", "line_downtime", 38, 38, 0, 0),
        ("maven", "line_productivity", 38, 38, 0, 0),
        ("maven", "products", 6, 6, 0, 0),
        ("nist", "events", 3296, 3296, 0, 0),
        ("nist", "events", 69525, 69525, 0, 0),
        ("nist_adapters", "adapter", 2211, 2211, 0, 0),
        ("nist_adapters", "adapter", 8165, 8165, 0, 0),
        ("nist_adapters", "adapter", 10954, 10954, 0, 0),
    ]


def test_what_is_put_aside_says_why(query: Query) -> None:
    rows = query(
        "select plant_id, line_no, rule, column_name, value, raw_line "
        "from raw.quarantine order by 1"
    )
    assert rows == [
        (
            "excavators",
            3454,
            "unknown_code",
            "PMType",
            "t swing",
            "2003-12-31,B,won,t swing,PM01",
        ),
        ("gbi", 523, "required_value", "MJAHR + MBLNR", "", "," * 32),
    ]


def test_a_file_without_a_stamp_is_believed_until_its_last_event(query: Query) -> None:
    # A movement's day is known to its end in Dallas, a batch to the minute.
    assert query(
        """
        select plant_id, table_name, watermark_at from raw.deliveries
        where table_name in ('MSEG', 'line_productivity') and last_event_date is not null
        order by 1
        """
    ) == [
        ("gbi", "MSEG", datetime(2017, 2, 24, 6)),
        ("gbi_ei", "MSEG", datetime(2017, 2, 24, 6)),
        ("maven", "line_productivity", datetime(2024, 9, 3, 1, 5)),
    ]


def test_a_second_ingestion_changes_nothing(tmp_path: Path, real_load: object) -> None:
    settings = Settings(lay_out(tmp_path / "data", "maven", "gbi_pirates"))
    before = ingest(settings)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        tables = [name for (name,) in con.execute("show tables from raw").fetchall()]
        first = {name: con.execute(f"from raw.{name} order by all").fetchall() for name in tables}
    after: IngestReport = ingest(settings)
    assert (before.known_files, len(before.new_files)) == (0, 9)
    assert (after.known_files, after.files) == (5, [])
    with duckdb.connect(str(settings.warehouse_file)) as con:
        for name in tables:
            assert con.execute(f"from raw.{name} order by all").fetchall() == first[name]
