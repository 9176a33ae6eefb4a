"""Drafts of source modules: what they see in an export, and that they are modules that work."""

from __future__ import annotations

import ast
import importlib.util
import io
import json
from pathlib import Path

import polars as pl
import pytest
from landing import declare, new_landing
from test_workbooks import ods, ods_row

from ingestion.dialects import Json, JsonLines, Parquet, Workbook, Xml
from ingestion.errors import ConfigError
from ingestion.proposals import draft as drafts
from ingestion.proposals.draft import new_source
from ingestion.proposals.profile import profile_export
from ingestion.source import Source

GERMAN = """\
Maschine;Auftrag;Beginn;Ende;Status;Grund;Gutmenge;Ausschuss
P-01;4711;10.03.2026 06:00:00;10.03.2026 07:12:30;Produktion;;120;2
P-01;4711;10.03.2026 07:12:30;10.03.2026 07:30:00;Störung;E12;0;0
P-02;4712;10.03.2026 06:00:00;10.03.2026 06:45:00;Rüsten;;0;0
P-02;4712;10.03.2026 06:45:00;10.03.2026 14:00:00;Produktion;;1.120;12
"""
SPANISH = """\
Codigo orden,Equipo,Tipo,Fecha aviso,Fecha inicio,Fecha fin,Coste
OT-1,PR-7,correctivo,2026-03-10 06:10,2026-03-10 06:30,2026-03-10 08:00,120.50
OT-2,PR-7,preventivo,2026-03-11 06:00,2026-03-11 06:00,,(15.00)
OT-3,PR-8,otro,2026-03-11 07:00,,,NULL
"""
MOVEMENTS = [
    {"moveId": "m1", "product": "A-1", "warehouse": "W1", "date": "2026-03-10", "qty": 5.5},
    {"moveId": "m2", "product": "A-2", "warehouse": "W1", "date": "2026-03-11", "qty": -2},
]


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where drafts are written: not among the sources that ship."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.setattr(drafts, "module_file", lambda name: folder / f"{name}.py")
    return folder


def exported(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def source_of(module: Path) -> Source:
    """The declaration of a drafted module."""
    spec = importlib.util.spec_from_file_location(module.stem, module)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    assert isinstance(loaded.SOURCE, Source)
    return loaded.SOURCE


def test_a_draft_of_words_nobody_declared_reads_its_own_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exported(tmp_path, "Zustand_20260310_150000.csv", GERMAN, "cp1252")
    draft = new_source("press_shop", path, "machine_states")
    assert {name: match.column.name for name, match in draft.guesses[0].matches.items()} == {
        "machine_id": "Maschine",
        "start_at": "Beginn",
        "end_at": "Ende",
        "state": "Status",
        "reason_id": "Grund",
    }
    declare(monkeypatch, source_of(draft.module))
    landing = new_landing(tmp_path / "data")
    outcome = landing.one("vlc/mapex/Zustand_20260310_150000.csv", path.read_bytes())
    assert (outcome.accepted_rows, outcome.message) == (4, "")
    rows = landing.rows(
        "select state_id, machine_id, state, reason_id, start_at::varchar as start_at "
        "from raw.machine_states order by line_no"
    )
    assert [(row["machine_id"], row["state"], row["reason_id"]) for row in rows] == [
        ("P-01", "producing", None),
        ("P-01", "delay", "E12"),
        ("P-02", "setup", None),
        ("P-02", "producing", None),
    ]
    assert rows[1]["start_at"] == "2026-03-10 06:12:30"
    assert len({row["state_id"] for row in rows}) == 4


def test_semicolons_mean_that_a_point_groups_thousands_and_the_draft_doubts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = exported(tmp_path, "Mengen_20260310_150000.csv", GERMAN)
    draft = new_source("press_shop", path, "production_counts")
    assert draft.profile.doubtful_number == "1.120"
    assert "'1.120' can mean either" in " ".join(draft.module.read_text().split("\n# "))
    declare(monkeypatch, source_of(draft.module))
    landing = new_landing(tmp_path / "data")
    landing.one("vlc/mapex/Mengen_20260310_150000.csv", path.read_bytes())
    assert landing.rows("select max(good_qty) as most from raw.production_counts") == [
        {"most": 1120}
    ]


def test_signs_null_words_and_short_lists_are_seen(tmp_path: Path) -> None:
    path = exported(tmp_path, "avisos.csv", SPANISH)
    draft = new_source("taller", path)
    best = draft.guesses[0]
    assert best.feed.__name__ == "MaintenanceOrders"
    assert {name: match.column.name for name, match in best.matches.items()} == {
        "maintenance_order_id": "Codigo orden",
        "machine_id": "Equipo",
        "maintenance_kind": "Tipo",
        "reported_at": "Fecha aviso",
        "started_at": "Fecha inicio",
        "finished_at": "Fecha fin",
        "cost_amount": "Coste",
    }
    assert draft.profile.dialect.bracket_minus
    assert draft.profile.dialect.nulls == ("", "NULL")
    text = draft.module.read_text()
    assert '"correctivo": "corrective",' in text
    assert '"otro"' not in text
    assert "# otro: ?" in text
    assert "stamp=None," in text


def test_a_date_that_reads_two_ways_is_asked_about(tmp_path: Path) -> None:
    path = exported(tmp_path, "x.csv", "item_id,snapshot_date,on_hand_qty\nA,03/04/2026,5\n")
    assert "%m/%d/%Y: which is it?" in new_source("counts", path).module.read_text()
    clear = exported(tmp_path, "y.csv", "item_id,snapshot_date,on_hand_qty\nA,23/04/2026,5\n")
    assert "which is it?" not in new_source("counted", clear).module.read_text()


def test_a_date_and_the_clock_beside_it_are_one_moment(tmp_path: Path) -> None:
    content = "Auftrag;Anlage;Datum;Uhrzeit\n1;P1;10.03.2026;061500\n2;P1;11.03.2026;235959\n"
    path = exported(tmp_path, "x.csv", content)
    draft = new_source("orders", path, "machine_states")
    assert 'local_time("Datum", "Uhrzeit", format="%d.%m.%Y %H%M%S")' in draft.module.read_text()


def test_headings_of_sections_are_told(tmp_path: Path) -> None:
    rows = ["1;10.03.2026 06:15;5", "Machine: M13;;", "2;10.03.2026 07:15;5", "Total;;10"]
    content = "\n".join(["Machine: M12", "Order;Start;Qty", *rows, ""])
    draft = new_source("report", exported(tmp_path, "x.csv", content), "production_counts")
    assert draft.profile.row_qty == 2
    text = " ".join(draft.module.read_text().split("\n# "))
    assert "lines like 'Machine: M13'" in text
    assert "make a column of it with `sections` in the dialect" in text


def test_eight_digits_of_equipment_are_no_date(tmp_path: Path) -> None:
    path = exported(tmp_path, "x.csv", "a,b\n10000401,20260310\n10000402,20260311\n")
    kinds = {column.name: column.kind for column in profile_export(path).columns}
    assert kinds == {"a": "whole", "b": "day"}


def parquet(rows: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    rows.write_parquet(buffer)
    return buffer.getvalue()


TABLE = [tuple(MOVEMENTS[0]), *(tuple(row.values()) for row in MOVEMENTS)]
XML = "<r xmlns='http://x'><h><n>1</n><k>2</k></h>" + "".join(
    f"<Move><ID>{row['moveId']}</ID><Product>{row['product']}</Product></Move>" for row in MOVEMENTS
)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("moves.json", json.dumps(MOVEMENTS).encode(), Json),
        ("moves.jsonl", "\n".join(json.dumps(row) for row in MOVEMENTS).encode(), JsonLines),
        ("moves.parquet", parquet(pl.DataFrame(MOVEMENTS)), Parquet),
        ("moves.ods", ods(Moves="".join(ods_row(*map(str, row)) for row in TABLE)), Workbook),
        ("moves.xml", f"{XML}</r>".encode(), Xml),
    ],
)
def test_every_format_has_a_draft_that_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, kind: type
) -> None:
    path = exported(tmp_path, name, content)
    draft = new_source("moves", path, "items")
    assert isinstance(draft.profile.dialect, kind)
    assert draft.profile.row_qty == 2
    declare(monkeypatch, source_of(draft.module))
    landing = new_landing(tmp_path / "data")
    outcome = landing.one(f"vlc/mapex/{name}", content)
    assert outcome.delivered_rows == 2
    # A draft may leave a required column open, and never fails to read.
    assert set(outcome.rules) <= {"required_value", "unknown_code"}
    messages = [row["message"] for row in landing.rows("select message from raw.quarantine")]
    assert messages and all(("(sheet 'Moves')" in one) == (kind is Workbook) for one in messages)


def test_a_sheet_may_be_chosen(tmp_path: Path) -> None:
    rows = "".join(ods_row(*map(str, row)) for row in TABLE)
    few = ods_row("moveId", "product") + ods_row("1", "A")
    path = exported(tmp_path, "book.ods", ods(Few=few, Moves=rows))
    assert profile_export(path).other_sheets == ("Few",)
    draft = new_source("few", path, "items", sheet="Few")
    assert draft.profile.other_sheets == ("Moves",)
    assert draft.profile.row_qty == 1
    with pytest.raises(ConfigError, match="no sheet 'Stock' with rows; there are Few, Moves"):
        profile_export(path, "Stock")


@pytest.mark.parametrize(
    "name", ['x"); import os; ("', "a'''b", 'a"""b', "line\nbreak", "back\\slash", "é\u2028", "{x}"]
)
def test_what_an_export_holds_never_becomes_code(tmp_path: Path, name: str) -> None:
    frame = pl.DataFrame({f"machine_id {name}": [name, name + "2"], "start_at": ["2026-03-10"] * 2})
    path = exported(tmp_path, "x.csv", frame.write_csv())
    module = new_source("hostile", path, "machine_states").module
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {
        "__future__",
        "ingestion.columns",
        "ingestion.feeds",
        "ingestion.source",
    }
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert source_of(module).name == "hostile"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mapex", "already"),
        ("../evil", "small letters"),
        ("class", "small letters"),
        ("A", "small"),
    ],
)
def test_names_that_are_none(tmp_path: Path, name: str, words: str) -> None:
    path = exported(tmp_path, "x.csv", GERMAN)
    with pytest.raises(ConfigError, match=words):
        new_source(name, path)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = exported(tmp_path, "x.csv", GERMAN)
    new_source("fresh", path)
    with pytest.raises(FileExistsError):
        new_source("fresh", path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no delimiter"),
        (b"one\ntwo\n", "no delimiter"),
        (b"a,b\n", "no row"),
        (b"<r><a></r>", "broken XML"),
        (b"PAR1 and no more", "x"),
    ],
)
def test_an_export_that_tells_nothing_is_an_error_that_says_so(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = exported(tmp_path, "x", content)
    with pytest.raises(ConfigError, match=words):
        new_source("nothing", path)


def test_a_feed_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="machine_states"):
        new_source("fresh", exported(tmp_path, "x.csv", GERMAN), "states")
