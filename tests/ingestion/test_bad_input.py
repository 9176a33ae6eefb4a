"""Bad input: a clear message, nothing lost, the other files still loaded."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
from landing import RUN_COLUMNS, Landing, new_landing, run_line, runs_file

import ingestion.load
from ingestion.errors import ConfigError

GOOD = "vlc/mapex/his_prod_20260301_020000.csv"
BAD = "vlc/mapex/his_prod_20260311_020000.csv"


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    landing = new_landing(tmp_path)
    landing.put(
        GOOD,
        runs_file(
            run_line(
                Id_his_prod="900", Fecha_ini="28/02/2026 06:00:00", Fecha_fin="28/02/2026 07:00:00"
            )
        ),
    )
    return landing


def assert_others_loaded_and_nothing_lost(landing: Landing) -> None:
    assert landing.rows("select 1 from raw.production_counts where run_id = '900'")
    for row in landing.rows("select * from raw.deliveries"):
        parts = row["accepted_rows"] + row["quarantined_rows"] + row["duplicate_rows"]
        assert row["delivered_rows"] == parts, row["file_path"]
    sums = landing.rows(
        "select d.quarantined_rows, coalesce(sum(q.row_qty), 0)::bigint as held "
        "from raw.deliveries d left join raw.quarantine q using (delivery_id) "
        "group by d.delivery_id, 1"
    )
    assert all(row["quarantined_rows"] == row["held"] for row in sums)


def test_empty_file(landing: Landing) -> None:
    outcome = landing.one(BAD, b"")
    assert (outcome.status, outcome.delivered_rows) == ("empty", 0)
    assert "0 bytes" in outcome.message
    assert_others_loaded_and_nothing_lost(landing)


@pytest.mark.parametrize("end", ["\r\n", ""])
def test_only_a_header(landing: Landing, end: str) -> None:
    outcome = landing.one(BAD, runs_file(end=end))
    assert (outcome.status, outcome.delivered_rows) == ("empty", 0)
    assert "header only" in outcome.message
    assert_others_loaded_and_nothing_lost(landing)


@pytest.mark.parametrize("name", ["Actividad", "ID_ACTIVIDAD"])
def test_missing_or_renamed_column(landing: Landing, name: str) -> None:
    header = ";".join(RUN_COLUMNS).replace("Id_actividad", name)
    outcome = landing.one(BAD, runs_file(run_line(), run_line(Id_his_prod="2"), header=header))
    assert (outcome.status, outcome.delivered_rows, outcome.quarantined_rows) == ("rejected", 2, 2)
    assert "'Id_actividad' is not in the header" in outcome.message
    assert name in outcome.message
    (entry,) = landing.rows("select * from raw.quarantine")
    assert (entry["rule"], entry["column_name"], entry["row_qty"]) == (
        "missing_column",
        "Id_actividad",
        2,
    )
    assert_others_loaded_and_nothing_lost(landing)


def test_duplicated_column(landing: Landing) -> None:
    header = ";".join(RUN_COLUMNS).replace("Observaciones", "Fecha_fin")
    outcome = landing.one(BAD, runs_file(run_line(), header=header))
    assert outcome.status == "rejected"
    assert "'Fecha_fin' stands 2 times" in outcome.message


def test_columns_in_another_order_and_more_of_them_are_fine(landing: Landing) -> None:
    columns = [*reversed(RUN_COLUMNS), "Nueva"]
    line = ";".join([*reversed(run_line().split(";")), "x"])
    outcome = landing.one(BAD, runs_file(line, header=";".join(columns)))
    assert (outcome.status, outcome.accepted_rows) == ("accepted", 1)
    (row,) = landing.rows("select good_qty from raw.production_counts where run_id = '1'")
    assert row["good_qty"] == 100


@pytest.mark.parametrize(
    "content",
    [
        runs_file(run_line(Observaciones="averí­a")).decode("cp1252").encode("utf-8"),
        runs_file(run_line()).decode("cp1252").encode("utf-16"),
    ],
    ids=["utf-8", "utf-16"],
)
def test_wrong_encoding(landing: Landing, content: bytes) -> None:
    outcome = landing.one(BAD, content)
    assert outcome.status == "rejected"
    assert "declared cp1252" in outcome.message
    assert outcome.rules == {"wrong_encoding": 1}
    assert_others_loaded_and_nothing_lost(landing)


def test_right_encoding_keeps_accents(landing: Landing) -> None:
    stops = "Id_paro;Cod_paro;Desc_paro;Id_TipoparoOEE;CalculoMtbf\r\n1;AV;Avería mecánica;2;1\r\n"
    outcome = landing.one("vlc/mapex/cfg_paro_20260311_020000.csv", stops.encode("cp1252"))
    assert outcome.status == "accepted"
    assert landing.rows("select reason_name from raw.reasons") == [
        {"reason_name": "Avería mecánica"}
    ]


def test_truncated_last_line(landing: Landing) -> None:
    content = runs_file(run_line(), run_line(Id_his_prod="2"))[:-30]
    outcome = landing.one(BAD, content)
    assert (outcome.delivered_rows, outcome.accepted_rows, outcome.quarantined_rows) == (2, 1, 1)
    (entry,) = landing.rows("select * from raw.quarantine")
    assert (entry["rule"], entry["line_no"]) == ("truncated_line", 3)
    assert entry["raw_line"].startswith("2;3;1;7;2;")
    assert_others_loaded_and_nothing_lost(landing)


@pytest.mark.parametrize(
    ("change", "rule", "column", "value"),
    [
        ({"Unidades_ok": "100.5"}, "not_a_number", "Unidades_ok", "100.5"),
        ({"SegCicloNominal": "12.5"}, "not_a_number", "SegCicloNominal", "12.5"),
        ({"SegCicloNominal": "1.212,5"}, "not_a_number", "SegCicloNominal", "1.212,5"),
        ({"Unidades_nok": "-1"}, "below_minimum", "Unidades_nok", "-1"),
        ({"SegCicloNominal": "1000000000,5"}, "above_maximum", "SegCicloNominal", "1000000000,5"),
        # The sum of all units has no room; the good units are what is too large.
        ({"Unidades_ok": "999999999999"}, "above_maximum", "Unidades_ok", "999999999999"),
        ({"Unidades_ok": "1000000000000"}, "above_maximum", "Unidades_ok", "1000000000000"),
        ({"Id_actividad": "9"}, "unknown_code", "Id_actividad", "9"),
        ({"Id_maquina": "--"}, "required_value", "Id_maquina", "--"),
        (
            {"Fecha_ini": "2026-03-10 06:00:00"},
            "not_a_timestamp",
            "Fecha_ini",
            "2026-03-10 06:00:00",
        ),
        (
            {"Fecha_ini": "31/02/2026 06:00:00"},
            "not_a_timestamp",
            "Fecha_ini",
            "31/02/2026 06:00:00",
        ),
        (
            {"Fecha_ini": "10/03/1926 06:00:00"},
            "timestamp_out_of_range",
            "Fecha_ini",
            "10/03/1926 06:00:00",
        ),
        (
            {"Fecha_fin": "10/03/2027 06:00:00"},
            "timestamp_out_of_range",
            "Fecha_fin",
            "10/03/2027 06:00:00",
        ),
        ({"Fecha_fin": "10/03/2026 05:00:00"}, "end_after_start", "Fecha_fin + Fecha_ini", None),
        ({"Fecha_fin": "10/03/2026 06:00:00"}, "end_after_start", "Fecha_fin + Fecha_ini", None),
        (
            {"Fecha_ini": "29/03/2026 02:30:00"},
            "nonexistent_local_time",
            "Fecha_ini",
            "29/03/2026 02:30:00",
        ),
    ],
)
def test_bad_value_is_quarantined_with_line_column_value_and_rule(
    landing: Landing, change: dict[str, str], rule: str, column: str, value: str | None
) -> None:
    stamp = "20260401" if "29/03/2026" in str(change) else "20260311"
    bad = f"vlc/mapex/his_prod_{stamp}_020000.csv"
    outcome = landing.one(
        bad,
        runs_file(run_line(), run_line(**({"Id_his_prod": "2"} | change))),
    )
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (1, 1)
    (entry,) = landing.rows("select * from raw.quarantine")
    assert (entry["file_path"], entry["line_no"]) == (bad, 3)
    assert (entry["rule"], entry["column_name"]) == (rule, column)
    if value is not None:
        assert entry["value"] == value
    # What could not be read is not said to be missing besides.
    assert entry["message"] and ("; also: required_value" not in entry["message"])
    assert entry["raw_line"].startswith("2;")
    # A row that breaks one feed's rule is kept out of every feed.
    assert not landing.rows("select 1 from raw.machine_states where run_id = '2'")
    assert not landing.rows("select 1 from raw.production_counts where run_id = '2'")
    assert_others_loaded_and_nothing_lost(landing)


def test_fields_too_few_and_too_many(landing: Landing) -> None:
    outcome = landing.one(BAD, runs_file(run_line(), "2;3;1", run_line(Id_his_prod="4") + ";x"))
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (1, 2)
    entries = landing.rows("select line_no, rule, value from raw.quarantine order by line_no")
    assert entries == [
        {"line_no": 3, "rule": "column_count", "value": "3 fields, header has 12"},
        {"line_no": 4, "rule": "column_count", "value": "13 fields, header has 12"},
    ]


def test_a_quote_that_is_never_closed_costs_only_its_own_line(landing: Landing) -> None:
    lines = [run_line(Id_his_prod=str(n)) for n in range(1, 100)]
    lines[1] = run_line(Id_his_prod="2", Observaciones='"abierta')
    outcome = landing.one(BAD, runs_file(*lines))
    assert (outcome.delivered_rows, outcome.accepted_rows) == (99, 98)
    assert outcome.rules == {"unbalanced_quote": 1}


def test_quoted_delimiters_line_breaks_and_quotes(landing: Landing) -> None:
    content = runs_file(
        run_line(Observaciones='"uno; dos"'),
        run_line(Id_his_prod="2", Observaciones='"dice ""no"""'),
        run_line(Id_his_prod="3", Observaciones='"dos\r\nlineas"'),
        run_line(Id_his_prod="4", Unidades_ok="malo"),
    )
    outcome = landing.one(BAD, content)
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (3, 1)
    # The line number counts physical lines: the third record spans two of them.
    assert landing.rows("select line_no from raw.quarantine") == [{"line_no": 6}]


def test_duplicated_states_count_once_and_overlapping_ones_are_kept(landing: Landing) -> None:
    outcome = landing.one(
        BAD,
        runs_file(run_line(), run_line(), run_line(), run_line(Id_his_prod="2")),
    )
    assert (outcome.accepted_rows, outcome.duplicate_rows) == (2, 2)
    assert_others_loaded_and_nothing_lost(landing)


@pytest.mark.parametrize(
    ("relative", "rule"),
    [
        ("ghost/mapex/his_prod_20260311_020000.csv", "unknown_plant"),
        ("loose.csv", "unknown_plant"),
        ("vlc/nothere/his_prod_20260311_020000.csv", "unknown_source"),
        ("vlc/mapex/holiday.jpg", "unknown_file"),
    ],
)
def test_unknown_plant_source_or_file(landing: Landing, relative: str, rule: str) -> None:
    outcome = landing.one(relative, runs_file(run_line()))
    assert outcome.status == "rejected"
    assert list(outcome.rules) == [rule]
    assert "plants.toml" in outcome.message or "source module" in outcome.message
    assert_others_loaded_and_nothing_lost(landing)


def test_a_rejected_file_loads_once_its_plant_is_configured(landing: Landing) -> None:
    relative = "ghost/mapex/his_prod_20260311_020000.csv"
    assert landing.one(relative, runs_file(run_line())).status == "rejected"
    assert landing.ingest().files == []
    text = landing.settings.plants_file.read_text()
    landing.settings.plants_file.write_text(text + text.replace("plants.vlc", "plants.ghost"))
    assert landing.ingest().files[0].status == "accepted"
    # What it was rejected for is told no longer.
    assert landing.rows("select 1 from raw.quarantine") == []
    assert landing.rows("select 1 from raw.deliveries where status = 'rejected'") == []


def test_links_out_of_landing_are_not_followed(landing: Landing, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(runs_file(run_line()))
    (landing.settings.landing_dir / BAD).symlink_to(secret)
    (landing.settings.landing_dir / "vlc" / "mapex" / "folder").symlink_to(tmp_path)
    report = landing.ingest()
    links = [outcome for outcome in report.files if outcome.path != GOOD]
    assert {outcome.path for outcome in links} == {BAD, "vlc/mapex/folder"}
    assert all(list(outcome.rules) == ["not_a_regular_file"] for outcome in links)
    assert not landing.rows("select 1 from raw.production_counts where run_id = '1'")


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_night(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = landing.put(BAD, runs_file(run_line()))
    write_rows = ingestion.load._write_rows

    def grow(con, delivery):  # type: ignore[no-untyped-def]
        write_rows(con, delivery)
        if delivery.file.path == path:
            path.write_bytes(runs_file(run_line(), run_line(Id_his_prod="2")))

    monkeypatch.setattr(ingestion.load, "_write_rows", grow)
    (left,) = landing.ingest().left
    assert left.path == BAD
    assert "changed while it was read" in left.message
    assert not landing.rows("select 1 from raw.production_counts where run_id = '1'")
    assert not landing.rows(f"select 1 from raw.deliveries where file_path = '{BAD}'")
    monkeypatch.undo()
    assert landing.ingest().total("accepted_rows") == 2
    assert_others_loaded_and_nothing_lost(landing)


def test_a_crash_in_the_middle_of_a_file_leaves_nothing_of_it(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.put(BAD, runs_file(run_line()))
    record = ingestion.load._record

    def crash(con, delivery):  # type: ignore[no-untyped-def]
        if delivery.file.relative == BAD:
            raise KeyboardInterrupt
        record(con, delivery)

    monkeypatch.setattr(ingestion.load, "_record", crash)
    with pytest.raises(KeyboardInterrupt):
        landing.ingest()
    assert not landing.rows("select 1 from raw.production_counts where run_id = '1'")
    monkeypatch.undo()
    assert landing.ingest().total("accepted_rows") == 1
    assert_others_loaded_and_nothing_lost(landing)


def test_broken_and_bombed_archives(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(runs_file(run_line()))
    outcome = landing.one(BAD, packed[:-10])
    assert list(outcome.rules) == ["unreadable_file"]
    bomb = gzip.compress(runs_file(run_line(Observaciones="x" * 10_000)))
    (table,) = [t for t in ingestion.load.load_source("mapex").tables if t.name == "his_prod"]
    monkeypatch.setitem(table.__dict__, "max_bytes", 5_000)
    outcome = landing.one("vlc/mapex/his_prod_20260312_020000.csv", bomb)
    assert list(outcome.rules) == ["file_too_large"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no plant"),
        ("[plants.vlc", "not valid TOML"),
        (
            '[plants.vlc]\nname="x"\ntime_zone="Europe/Valencia"\ncurrency="EUR"',
            "plants.vlc.time_zone",
        ),
        (
            '[plants.vlc]\nname="x"\ntime_zone="Europe/Madrid"\ncurrency="EUR"\nshift=3',
            "plants.vlc.shift",
        ),
        (
            '[plants.vlc]\nname="x"\ntime_zone="Europe/Madrid"\ncurrency="EUR"\n'
            '[[plants.vlc.sources]]\nsource="mapx"\nfolder="mapex"',
            "no source module 'mapx'",
        ),
        (
            '[plants.vlc]\nname="x"\ntime_zone="Europe/Madrid"\ncurrency="EUR"\n'
            '[[plants.vlc.sources]]\nsource="mapex"\nfolder="../../etc"',
            "plain folder name",
        ),
    ],
)
def test_unusable_configuration_names_the_key(tmp_path: Path, text: str, message: str) -> None:
    landing = new_landing(tmp_path, text)
    with pytest.raises(ConfigError, match=message.replace("[", r"\[")):
        landing.ingest()


def test_a_zip_that_is_no_archive_is_rejected(landing: Landing, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "y")
    (outcome,) = landing.ingest_one("vlc/mapex/his_prod_20260313_020000.csv", path.read_bytes())
    assert (outcome.status, list(outcome.rules)) == ("rejected", ["missing_column"])
