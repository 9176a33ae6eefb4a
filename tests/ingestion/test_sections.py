"""Reports whose rows stand in sections: a line above them says what all of them have in common."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from landing import Landing, declare, exported, new_landing, of

from ingestion.columns import constant, joined, local_time, number, text
from ingestion.dialects import Delimited, FixedWidth
from ingestion.errors import ConfigError, FileRejected
from ingestion.feeds import ProductionCounts
from ingestion.source import FeedMapping, Source, Table

MACHINE = {"Machine": r"Machine: *(.*)"}
LINE_AND_MACHINE = {"Line": r"Line +(\w+)", "Machine": r"Machine: *(.*)"}

#: What a shift report may look like, with what goes wrong in one.
REPORT = """\
Shift report;;;;;
Order;From;To;Good;Scrap;Note
A0;02.03.2026 05:00;02.03.2026 06:00;10;0;
Machine: M12;;;;;
Order;From;To;Good;Scrap;Note
A1;02.03.2026 06:00;02.03.2026 07:00;95;5;
A2;02.03.2026 07:00;02.03.2026 08:00;88;0;
Total;;;183;5;
Machine: M13;;;;;
Machine: M14
A1;02.03.2026 06:00;02.03.2026 07:00;95;5;
Machine: M15;02.03.2026 07:00;02.03.2026 08:00;40;1;
A3;02.03.2026 08:00;
A4;02.03.2026 09:00;02.03.2026 10:00;12;0;"moved to
Machine: M16
at ten"
A1;02.03.2026 06:00;02.03.2026 07:00;95;5;
Total;;;142;6;
"""
REPORTED = Delimited(delimiter=";", title_lines=1, totals_mark="Total", sections=MACHINE)


def counts(dialect: Delimited) -> Source:
    """A report of what was produced in each hour of a machine."""
    return Source(
        name="report",
        title="Shift report",
        system="mes",
        tables=(
            Table(
                name="report",
                pattern="report*",
                dialect=dialect,
                columns=("Machine", "Order", "From", "To", "Good"),
                feeds=(
                    FeedMapping(
                        ProductionCounts,
                        {
                            "run_id": joined("Machine", "Order", "From", by="|"),
                            "machine_id": text("Machine"),
                            "order_id": text("Order"),
                            "pass_no": constant(1),
                            "start_at": local_time("From", format="%d.%m.%Y %H:%M"),
                            "end_at": local_time("To", format="%d.%m.%Y %H:%M"),
                            "good_qty": number("Good"),
                            "scrap_qty": number("Scrap"),
                        },
                    ),
                ),
            ),
        ),
    )


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    declare(monkeypatch, counts(REPORTED))
    return new_landing(tmp_path)


def test_every_line_of_a_report_is_what_it_is(landing: Landing) -> None:
    outcome = landing.one("vlc/mapex/report_20260303_060000.csv", REPORT.encode())
    counted = landing.rows(
        "select line_no, machine_id, order_id, good_qty from raw.production_counts order by 1"
    )
    assert [tuple(row.values()) for row in counted] == [
        (6, "M12", "A1", 95),
        (7, "M12", "A2", 88),
        # Like that of the other machine, and no repetition.
        (11, "M14", "A1", 95),
        # It begins like a section, but is a row.
        (12, "M14", "Machine: M15", 40),
        # Nor does what stands inside of quotes head one.
        (14, "M14", "A4", 12),
    ]
    put_aside = landing.rows("select line_no, rule, raw_line from raw.quarantine order by 1")
    assert [tuple(row.values()) for row in put_aside] == [
        (3, "outside_section", "A0;02.03.2026 05:00;02.03.2026 06:00;10;0;"),
        (4, "section_line", "Machine: M12;;;;;"),
        (5, "repeated_header", "Order;From;To;Good;Scrap;Note"),
        (8, "totals_row", "Total;;;183;5;"),
        (9, "section_line", "Machine: M13;;;;;"),
        (10, "section_line", "Machine: M14"),
        (13, "column_count", "A3;02.03.2026 08:00;"),
        (18, "totals_row", "Total;;;142;6;"),
    ]
    # The row of the same machine that stands there again.
    assert outcome.duplicate_rows == 1
    assert (outcome.delivered_rows, outcome.accepted_rows) == (14, 5)
    assert outcome.quarantined_rows == 8


def test_what_a_section_says_goes_on_over_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, faults = exported(tmp_path / "a.csv", REPORT.encode(), of(REPORTED, "Machine", "Order"))
    assert whole.select("line_no", "Machine").rows() == [
        (line, "M12" if line < 10 else "M14") for line in (6, 7, 11, 12, 14, 17)
    ]
    for block in (7, 40, 200):
        monkeypatch.setattr("ingestion.readers.lines.BLOCK_BYTES", block)
        found = exported(tmp_path / "b.csv", REPORT.encode(), of(REPORTED, "Machine", "Order"))
        assert found[0].equals(whole) and found[1].equals(faults)


def test_sections_within_sections(tmp_path: Path) -> None:
    dialect = Delimited(sections=LINE_AND_MACHINE)
    content = b"""\
Line A
Machine: 1
n,qty
1,10
Machine: 2
2,20
Line B
3,30
Machine: 3
4,40
Machine:
5,50
"""
    rows, faults = exported(tmp_path / "f.csv", content, of(dialect, "Line", "Machine", "n"))
    assert rows.select("line_no", "Line", "Machine", "n").rows() == [
        (4, "A", "1", "1"),
        (6, "A", "2", "2"),
        (10, "B", "3", "4"),
    ]
    # The machine of line A is none of line B, and the rows below one without a name are of none.
    assert faults.filter(pl.col("rule") != "section_line").select("line_no", "rule").rows() == [
        (8, "outside_section"),
        (12, "outside_section"),
    ]
    sections = faults.filter(pl.col("rule") == "section_line")["line_no"].to_list()
    assert sections == [1, 2, 5, 7, 9, 11]


def test_sections_of_other_listings(tmp_path: Path) -> None:
    drawn = Delimited(delimiter="|", quote=None, drawn=True, sections=MACHINE)
    content = b"Title\n| Machine: M1 |\n|n|qty|\n|--|---|\n|1| 10|\nMachine: M2\n|2| 20|\n"
    rows, faults = exported(tmp_path / "f.txt", content, of(drawn, "Machine", "n", "qty"))
    assert rows.select("line_no", "n", "Machine").rows() == [(5, "1", "M1"), (7, "2", "M2")]
    assert faults.select("line_no", "rule").rows() == [(2, "section_line"), (6, "section_line")]
    fixed = FixedWidth(places={"n": (1, 2), "qty": (3, 6)}, width=6, sections=MACHINE)
    content = b"1   10\nMachine: M1\n2   20\n3   30 Machine: M3\n"
    rows, faults = exported(tmp_path / "f.txt", content, of(fixed, "Machine", "n"))
    assert rows.select("line_no", "n", "Machine").rows() == [(3, "2 ", "M1")]
    assert faults.select("line_no", "rule").rows() == [
        (1, "outside_section"),
        (2, "section_line"),
        (4, "line_width"),
    ]


def test_a_file_without_a_section_line_is_rejected(landing: Landing) -> None:
    report = REPORT.replace("Machine:", "Maschine:")
    outcome = landing.one("vlc/mapex/report_20260303_060000.csv", report.encode())
    assert outcome.status == "rejected"
    assert "no line heads a section as declared for 'Machine' (Machine: *(.*))" in outcome.message
    (entry,) = landing.rows("select rule, line_no, column_name, row_qty from raw.quarantine")
    assert list(entry.values()) == ["missing_column", 3, "Machine", 16]
    assert landing.rows("from raw.production_counts") == []
    # Of nothing but a header nothing is missing.
    header = b"Shift report\nOrder;From;To;Good;Scrap;Note\n"
    assert landing.one("vlc/mapex/report_20260304_060000.csv", header).status == "empty"


def test_a_pattern_that_is_wrong_says_so(tmp_path: Path) -> None:
    for pattern, words in [
        ("Machine: .+", "has 0 groups, it needs one"),
        ("(Machine): (.+)", "has 2 groups, it needs one"),
        ("Machine: (.+", "unterminated"),
        ("(?=Machine: )(.+)", "look-around"),
    ]:
        with pytest.raises(ConfigError, match=words):
            Delimited(sections={"Machine": pattern})
    content = b"n;qty\n1;10\n"
    with pytest.raises(FileRejected, match="'n' is in the header, and declared as what section"):
        exported(tmp_path / "f.csv", content, of(Delimited(delimiter=";", sections={"n": "(.)"})))
    # Anything at all heads a section: no header is left.
    greedy = Delimited(delimiter=";", sections={"Machine": r"(.+)"})
    with pytest.raises(FileRejected, match="head sections, and none is the header"):
        exported(tmp_path / "f.csv", b"a\n" * 1_001, of(greedy, "n"))
