"""What is exported is what is published, to the last digit, and no text of it is ever run.

The published file is the board's, made by hand: its names are as hostile as an export can be.
"""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import board_marts
import duckdb
import fastexcel
import polars as pl
import pytest
from click.testing import CliRunner, Result
from polars.testing import assert_frame_equal

from ingestion.settings import Settings
from orchestration import export as exporting
from orchestration import workbook as sheets
from orchestration.cli import main
from orchestration.export import ExportError, export_tables, export_workbook

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "{=1+1}",
    "<r><t>x</t></r>",
    '<r></is></c><c r="Z9"><f>1+1</f><v>2</v></c><c><is></r>',
    "http://example.com",
    "12",
    "_x0041_",
    "bell\x07",
    "  spaces ",
    "x" * 40_000,
]
#: Needs all seventeen digits.
AWKWARD = 0.1 + 0.2


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = board_marts.write(
        tmp_path_factory.mktemp("marts") / "marts.duckdb", first_day=date(2026, 3, 1)
    )
    with duckdb.connect(str(path)) as con:
        for table in ("mart_coverage", "mart_oee_daily", "dim_shift"):
            board_marts._create(con, table)
        con.execute("update dim_plant set time_zone = 'Europe/Madrid'")
        con.execute("insert into dim_plant by name select 'p2' as plant_id, 'UTC' as time_zone")
        con.execute(f"update kpi_values set numerator = {AWKWARD!r} where not is_withheld")
        con.execute(f"update kpi_values set value = {AWKWARD!r} where not is_withheld")
        con.execute(
            "insert into kpi_values by name select 'second' as kpi_values_id, 'p2' as plant_id, "
            "'oee' as kpi_id, 'plant' as scope_type, 'p2' as scope_id, 'day' as period_type, "
            "date '2026-03-20' as period_start_date, false as is_withheld, 'ratio' as unit"
        )
        con.execute(
            "insert into kpi_values by name select 'of a shift' as kpi_values_id, 'p1' as "
            "plant_id, 'oee' as kpi_id, 'plant' as scope_type, 'p1' as scope_id, 'shift' as "
            "period_type, date '2026-03-20' as period_start_date, 's' || range as shift_id, "
            "false as is_withheld, 'ratio' as unit from range(3)"
        )
        con.execute(
            "insert into dim_shift by name select 'p1' as plant_id, 'N' as shift_code, "
            "date '2026-03-28' as production_date, timestamp '2026-03-28 21:00:00' as start_at, "
            "timestamp '2026-03-29 04:00:00' as end_at"
        )
        con.execute(
            "insert into mart_oee_daily by name select 'p1' as plant_id, unnest(?) as machine_id, "
            "date '2026-03-20' as production_date, -1.5 as adet_s",
            [HOSTILE],
        )
        con.execute(
            "create table deliveries as "
            "select 'p1' as plant_id, timestamp '2026-03-21 04:00' as watermark_at"
        )
        con.execute(
            "create table data_quality as select 'fct_scrap' as fact, 'c' as check_name, "
            "false as passed, 'warn' as severity"
        )
        con.execute("comment on column mart_oee_daily.adet_s is 'Delay, seconds.'")
        con.execute("comment on table kpi_values is 'One row per figure.'")
        con.execute(
            "create table catalogue as select table_name, column_name, data_type, "
            "coalesce(comment, '') as description from duckdb_columns() order by all"
        )
    return path


@pytest.fixture(scope="module")
def workbook(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "leankpi.xlsx"
    export_workbook(published, path)
    return path


def sheet(path: Path, name: str) -> pl.DataFrame:
    """A sheet below its row of units."""
    return pl.read_excel(path, sheet_name=name, read_options={"header_row": 1})


def text_of(path: Path, name: str) -> str:
    frame = fastexcel.read_excel(path).load_sheet(name, header_row=None).to_polars()
    return "\n".join(" | ".join(str(cell) for cell in row if cell) for row in frame.rows())


def published_rows(published: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published), read_only=True) as con:
        return con.execute(query).fetchall()


FIGURE = ["plant_id", "kpi_id", "scope_type", "scope_id", "period_type", "period_start_date"]


def test_every_figure_of_the_workbook_is_the_published_one_to_the_last_digit(
    published: Path, workbook: Path
) -> None:
    numbers = ["value", "numerator", "denominator", "coverage_ratio", "target_value"]
    with duckdb.connect(str(published), read_only=True) as con:
        expected = con.sql(
            f"select {', '.join([*FIGURE, *numbers, 'withheld_reason'])} from kpi_values "
            "where period_type <> 'shift'"
        ).pl()
    found = sheet(workbook, "KPI").select(expected.columns)
    assert found.height > 500
    assert AWKWARD in found["value"]
    assert_frame_equal(
        found.cast(dict(expected.schema)).sort(FIGURE), expected.sort(FIGURE), check_exact=True
    )


def test_text_of_an_export_comes_back_as_it_was_and_is_no_formula(workbook: Path) -> None:
    found = sheet(workbook, "OEE")["machine_id"].to_list()
    whole = {text[: sheets.CELL_CHARACTERS] for text in HOSTILE}
    # A carriage return is a line feed to whoever reads XML.
    assert {text.replace("\r", "\n") for text in found} == {
        text.replace("\r", "\n") for text in whole
    }
    with zipfile.ZipFile(workbook) as archive:
        parts = [name for name in archive.namelist() if "worksheets/sheet" in name]
        assert len(parts) == len(fastexcel.read_excel(workbook).sheet_names)
        for name in parts:
            content = archive.read(name)
            assert b"<f>" not in content and b"<hyperlink" not in content, name


def test_cells_have_the_formats_of_their_units(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as archive:
        styles = archive.read("xl/styles.xml").decode()
        kpi = archive.read("xl/worksheets/sheet2.xml").decode()
    formats = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    cell_styles = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    columns = sheet(workbook, "KPI").columns
    value, unit = (chr(ord("A") + columns.index(name)) for name in ("value", "unit"))
    looks = {}
    for row in re.findall(r"<row .*?</row>", kpi)[2:]:
        style = re.search(rf'<c r="{value}\d+" s="(\d+)"', row)
        shown = re.search(rf'<c r="{unit}\d+"[^>]*><is><t>(.*?)</t>', row)
        if style and shown:
            looks[shown[1]] = formats[cell_styles[int(style[1])]]
    assert looks == {"ratio": "0.0%", "EUR": "#,##0.00 &quot;EUR&quot;"}
    assert 'state="frozen"' in kpi and "<autoFilter" in kpi


def test_units_stand_above_the_names_and_times_are_the_plants(
    published: Path, tmp_path: Path
) -> None:
    path = tmp_path / "shifts.xlsx"
    export_workbook(published, path, tables=["dim_shift"])
    units = fastexcel.read_excel(path).load_sheet("dim_shift", header_row=None).to_polars()
    rows = sheet(path, "dim_shift")
    at = rows.columns.index("start_at")
    assert units.row(0)[at] == "the plant's time"
    # 22:00 in Madrid, in the night in which the clocks go forward.
    assert rows["start_at"].to_list() == [datetime(2026, 3, 28, 22)]
    assert rows["end_at"].to_list() == [datetime(2026, 3, 29, 6)]
    assert "shift_key" not in rows.columns


def test_the_cover_says_which_night_and_what_is_withheld(workbook: Path) -> None:
    cover = text_of(workbook, "Cover")
    assert "Published | 2026-03-21 05:00 UTC" in cover
    assert "2026-03-21 05:00 Europe/Madrid | 2026-03-20" in cover
    assert "warning | fct_scrap | c" in cover
    withheld = sheet(workbook, "Withheld").row(0, named=True)
    assert withheld["kpi_id"] == "oee" and withheld["withheld_qty"] > 0
    assert withheld["latest_withheld_reason"].startswith("coverage 0.40 below 0.80")
    assert withheld["latest_withheld_date"] == date(2026, 3, 20)
    assert "adet_s" in text_of(workbook, "Dictionary")


def test_figures_of_shifts_are_counted_as_left_out(workbook: Path) -> None:
    rows = sheet(workbook, "KPI").height
    cover = text_of(workbook, "Cover")
    assert f"KPI | kpi_values | {rows} | 3 | " in cover
    assert "3 figures of shifts. All of them: leankpi export" in cover


def test_a_period_that_still_runs_is_marked(workbook: Path) -> None:
    days = sheet(workbook, "KPI").filter(period_type="day", plant_id="p1")
    is_over = dict(days.select("period_start_date", "is_over").unique().iter_rows())
    assert is_over[date(2026, 3, 20)] is True
    assert [day for day, over in is_over.items() if not over] == [date(2026, 3, 21)]


def test_what_finds_no_room_is_the_oldest_and_is_said(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "SHEET_ROWS", 9)
    result = run(tmp_path, published, "export", "--to", str(tmp_path / "out"))
    path = tmp_path / "out" / "leankpi.xlsx"
    assert result.exit_code == 0, result.output
    figures = sheet(path, "KPI")
    assert figures.height == 7
    assert figures["period_type"].unique().to_list() == ["month"]
    assert figures["period_start_date"].min() == date(2026, 3, 1)
    ((all_rows,),) = published_rows(
        published, "select count(*) from kpi_values where period_type <> 'shift'"
    )
    message = f"{all_rows - 7:,} rows of KPI found no room"
    assert message in result.output
    assert "leankpi export --format parquet --tables kpi_values" in result.output
    assert f"{all_rows - 7:,} rows found no room" in text_of(path, "Cover")


def test_a_text_longer_than_a_cell_is_said(published: Path, tmp_path: Path) -> None:
    result = run(tmp_path, published, "export", "--to", str(tmp_path))
    assert "1 texts of OEE are longer than a cell" in result.output


def test_csv_has_no_cell_that_a_spreadsheet_runs_and_leaves_numbers_alone(
    published: Path, tmp_path: Path
) -> None:
    export_tables(published, tmp_path, "csv", tables=["mart_oee_daily"])
    with (tmp_path / "mart_oee_daily.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["adet_s"] for row in rows} == {"-1.500000"}
    cells = {row["machine_id"] for row in rows}
    assert not {cell for cell in cells if cell[0] in "=+-@\t\r"}
    assert {text if text[0] not in "=+-@\t\r" else f"'{text}" for text in HOSTILE} == cells


def test_parquet_holds_the_tables_as_they_are_published(published: Path, tmp_path: Path) -> None:
    done = export_tables(published, tmp_path, "parquet", tables=["kpi_*", "mart_oee_daily"])
    assert {one.table for one in done} >= {"kpi_values", "mart_oee_daily", "catalogue"}
    for one in done:
        same = published_rows(published, f'select * from "{one.table}"')
        copy = duckdb.execute(f"select * from '{tmp_path / one.name}'").fetchall()
        assert copy == same and len(copy) == one.rows


def test_only_the_plant_asked_for_goes_out(published: Path, tmp_path: Path) -> None:
    export_tables(published, tmp_path, "csv", plants=["p2"])
    for path in tmp_path.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row.get("plant_id", "p2") for row in rows} <= {"p2"}, path.name
    path = tmp_path / "p2.xlsx"
    export_workbook(published, path, plants=["p2"])
    assert sheet(path, "KPI")["plant_id"].to_list() == ["p2"]
    assert "Plant <b>One" not in text_of(path, "Cover")


@pytest.mark.parametrize(
    ("chosen", "message"),
    [({"plants": ["p9"]}, "there are p1, p2"), ({"tables": ["nothing"]}, "there are catalogue")],
)
def test_what_is_not_there_is_named(
    published: Path, tmp_path: Path, chosen: dict[str, list[str]], message: str
) -> None:
    for write in (
        lambda: export_workbook(published, tmp_path / "x.xlsx", **chosen),
        lambda: export_tables(published, tmp_path, "csv", **chosen),
    ):
        with pytest.raises(ExportError, match=message):
            write()
    assert not list(tmp_path.iterdir())


def test_an_export_that_fails_leaves_the_one_before(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "leankpi.xlsx"
    path.write_bytes(b"yesterday's")

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(exporting, "_add_dictionary", full)
    with pytest.raises(OSError, match="no space left"):
        export_workbook(published, path)
    assert path.read_bytes() == b"yesterday's"
    assert list(tmp_path.iterdir()) == [path]


def test_names_of_sheets_are_short_and_their_own() -> None:
    taken: set[str] = set()
    long = "mart_reconciliation_of_something_long"
    names = [sheets.sheet_name(title, taken) for title in (long, long.upper(), "a/b:c")]
    assert names == [long[:31], long.upper()[:29] + " 2", "a b c"]


def run(folder: Path, published: Path, *arguments: str) -> Result:
    settings = Settings(folder / "data")
    settings.published_dir.mkdir(parents=True)
    settings.published_link.symlink_to(published)
    return CliRunner().invoke(main, [*arguments, "--data-dir", str(settings.data_dir)])


def test_nothing_published_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["export", "--data-dir", str(tmp_path)])
    assert (result.exit_code, "leankpi nightly" in result.output) == (2, True)


def test_the_night_names_its_table_of_checks_ahead_of_pages(
    published: Path, tmp_path: Path
) -> None:
    said = run(tmp_path, published, "status").output
    assert "select * from data_quality" in said
    assert said.index("select * from data_quality") < said.index("data_docs")
