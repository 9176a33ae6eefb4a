"""Lists made for eyes: drawn tables, pages with heads, totals, columns at fixed places."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing import exported, of

from ingestion.dialects import Delimited, FixedWidth
from ingestion.errors import FileRejected

DRAWN = """\
10.03.2026            Dynamic List Display                 1
------------------------------------------------------------

|Material |Text      |    Menge|ME |    Menge|
|---------|----------|---------|---|---------|
|A-100    |Rohr 5"   |    10,00|ST |   1,00- |
|A-200    |a "quoted"|     2,00|KG |   3,00  |
| A-300   |          |     5,00|ST |         |
------------------------------------------------------------
10.03.2026            Dynamic List Display                 2
|Material |Text      |    Menge|ME |    Menge|
|---------|----------|---------|---|---------|
|A-400    |a|b       |     7,00|ST |   3,00  |
|A-500    |last      |     7,00|ST |   3,00  |
|*        |          |    24,00|   |         |
------------------------------------------------------------
"""


def test_a_drawn_list(tmp_path: Path) -> None:
    dialect = Delimited(delimiter="|", quote=None, drawn=True, totals_mark="*")
    table = of(dialect, "Material", "Menge__5")
    rows, faults = exported(tmp_path / "f.txt", DRAWN.encode(), table)
    assert rows.columns == ["line_no", "Material", "Text", "Menge", "ME", "Menge__5"]
    assert [(row[0], row[1].strip(), row[5].strip()) for row in rows.rows()] == [
        (6, "A-100", "1,00-"),
        (7, "A-200", "3,00"),
        (8, "A-300", ""),
        (14, "A-500", "3,00"),
    ]
    assert faults.select("line_no", "rule", "value").rows() == [
        (10, "outside_list", None),
        (11, "repeated_header", None),
        (13, "column_count", "6 fields, header has 5"),
        (15, "totals_row", None),
    ]
    assert faults["raw_line"][0].startswith("10.03.2026")


def test_every_line_of_a_drawn_list_is_layout_or_accounted_for(tmp_path: Path) -> None:
    dialect = Delimited(delimiter="|", quote=None, drawn=True)
    rows, faults = exported(tmp_path / "f.txt", DRAWN.encode(), of(dialect))
    lines = DRAWN.splitlines()
    layout = [n for n, line in enumerate(lines, 1) if line.startswith(("-", "|-")) or not line]
    # Above the header there is no record.
    known = {1, 4, *layout, *rows["line_no"], *faults["line_no"]}
    assert known == set(range(1, len(lines) + 1))


def test_bars_alone_are_no_header(tmp_path: Path) -> None:
    dialect = Delimited(delimiter="|", quote=None, drawn=True)
    content = b"List 1|List 1\n|\n| | |\n|a|b|\n|1|2|\n"
    rows, faults = exported(tmp_path / "f.txt", content, of(dialect, "a", "b"))
    assert rows.rows() == [(5, "1", "2")]
    assert faults.is_empty()


def test_a_header_that_is_repeated_is_no_data(tmp_path: Path) -> None:
    content = b"a;b\n1;2\na;b\n3;4\nTotal;6\n"
    table = of(Delimited(delimiter=";", totals_mark="Total"), "a", "b")
    rows, faults = exported(tmp_path / "f.csv", content, table)
    assert rows["a"].to_list() == ["1", "3"]
    assert faults.select("line_no", "rule", "raw_line").rows() == [
        (3, "repeated_header", "a;b"),
        (5, "totals_row", "Total;6"),
    ]


def test_titles_above_the_header_and_files_without_one(tmp_path: Path) -> None:
    titled = of(Delimited(delimiter=";", title_lines=2), "a", "b")
    rows, faults = exported(tmp_path / "f.csv", b"Report;\nof;today;\na;b\n1;2\n", titled)
    assert (rows.rows(), faults.height) == ([(4, "1", "2")], 0)
    headless = of(Delimited(delimiter=";", headless=True, header=("a", "b")), "a", "b")
    rows, faults = exported(tmp_path / "f.csv", b"1;2\n3;4;5\n", headless)
    assert rows.rows() == [(1, "1", "2")]
    assert faults.select("line_no", "rule").rows() == [(2, "column_count")]
    with pytest.raises(FileRejected, match="'c' is not in the header"):
        exported(tmp_path / "f.csv", b"1;2\n", of(Delimited(headless=True, header=("a", "b")), "c"))


def test_columns_at_fixed_places(tmp_path: Path) -> None:
    dialect = FixedWidth(
        places={"item": (1, 6), "text": (8, 12), "qty": (13, 18)},
        width=18,
        encoding="cp1252",
        title_lines=1,
        totals_mark="SUM",
        final_newline=True,
    )
    lines = [
        "LIST OF ITEMS",
        "A-100  Rohr1  10.5",
        "A-200  ÄÖÜ    11.5",
        "A-300",
        "",
        "A-400  Rohr1  10.5 shifted",
        "SUM           32.5",
        "A-500  Rohr1  1",
    ]
    rows, faults = exported(
        tmp_path / "f.txt", "\r\n".join(lines).encode("cp1252"), of(dialect, "item")
    )
    assert [tuple(str(cell).strip() for cell in row) for row in rows.rows()] == [
        ("2", "A-100", "Rohr1", "10.5"),
        ("3", "A-200", "ÄÖÜ", "11.5"),
        ("4", "A-300", "", ""),
    ]
    assert faults.select("line_no", "rule", "value").rows() == [
        (6, "line_width", "26 characters, declared are 18"),
        (7, "totals_row", None),
        (8, "truncated_line", None),
    ]
