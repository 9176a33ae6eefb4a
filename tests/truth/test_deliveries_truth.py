"""Every delivered line of the simulated plant is accounted for, and every planted fault found."""

from __future__ import annotations

from collections import Counter

from plant_truth import Defect
from simulated_night import Night, lines_of

#: Rules that show the value as it was exported, because it could not be read.
UNREADABLE = ("not_a_number", "not_a_timestamp", "unknown_code")


def landed(night: Night) -> set[str]:
    """Every file that the plant's systems delivered."""
    landing = night.settings.landing_dir
    return {path.relative_to(landing).as_posix() for path in landing.rglob("*") if path.is_file()}


def quarantined(night: Night) -> list[Defect]:
    """The planted faults that must lie in quarantine."""
    status = {outcome.path: outcome.status for outcome in night.report.files}
    # A list without a movement may be the same bytes as an earlier one; then it is not read again.
    return [
        defect
        for defect in night.truth.defects
        if defect.is_quarantined and status[defect.file] != "already_loaded"
    ]


def test_every_file_is_reported_once(spring: Night) -> None:
    reported = Counter(outcome.path for outcome in spring.report.files)
    assert set(reported) == landed(spring)
    assert set(reported.values()) == {1}


def test_delivered_is_accepted_plus_quarantined_plus_duplicates(spring: Night) -> None:
    rows = spring.con.execute(
        "select file_path, delivered_rows, accepted_rows, quarantined_rows, duplicate_rows "
        "from raw.deliveries"
    ).fetchall()
    assert len(rows) > 100
    landing = spring.settings.landing_dir
    wrong = [
        row
        for row in rows
        if row[1] != sum(row[2:]) or row[1] != len(lines_of(landing, row[0])) - 1
    ]
    assert not wrong, f"(file, delivered, accepted, quarantined, duplicate): {wrong}"


def test_coverage_counts_every_delivered_row_once(spring: Night) -> None:
    found, expected = (
        spring.con.execute(query).fetchone()
        for query in (
            "select sum(delivery_qty), sum(delivered_row_qty), sum(quarantined_row_qty) "
            "from marts.mart_coverage where scope_type = 'plant' and period_type = 'day'",
            "select count(*), sum(delivered_rows), sum(quarantined_rows) from raw.deliveries",
        )
    )
    assert found == expected


def test_a_delivery_says_how_many_lines_lie_in_quarantine(spring: Night) -> None:
    wrong = spring.con.execute(
        """
        with put_aside as (
            select delivery_id, sum(row_qty) as qty from raw.quarantine group by delivery_id
        )
        select d.file_path, d.quarantined_rows, p.qty
        from raw.deliveries as d
        full join put_aside as p on p.delivery_id = d.delivery_id
        where d.quarantined_rows is distinct from coalesce(p.qty, 0)
        """
    ).fetchall()
    assert not wrong


def test_quarantine_holds_the_planted_faults_and_nothing_else(spring: Night) -> None:
    planted = Counter((defect.file, defect.line_no, defect.rule) for defect in quarantined(spring))
    kinds = {rule for _, _, rule in planted}
    assert kinds >= {
        "column_count",
        "end_after_start",
        "not_a_number",
        "not_a_timestamp",
        "required_value",
        "totals_row",
        "truncated_line",
        "unknown_code",
    }, "the simulation no longer plants every kind of fault"
    found = Counter(
        spring.con.execute("select file_path, line_no, rule from raw.quarantine").fetchall()
    )
    assert found == planted, f"missed: {planted - found}; too much: {found - planted}"


def test_quarantine_names_the_column_the_value_and_the_line(spring: Night) -> None:
    landing = spring.settings.landing_dir
    wrong = []
    for defect in quarantined(spring):
        row = spring.con.execute(
            "select column_name, value, raw_line from raw.quarantine "
            "where file_path = ? and line_no = ?",
            [defect.file, defect.line_no],
        ).fetchone()
        if row is None:
            wrong.append((defect, "not in quarantine"))
            continue
        column, value, raw_line = row
        assert defect.line_no is not None
        if raw_line != lines_of(landing, defect.file)[defect.line_no - 1]:
            wrong.append((defect, raw_line))
        if defect.column_name is not None and defect.column_name not in column.split(" + "):
            wrong.append((defect, column))
        if defect.rule in UNREADABLE and defect.value not in value.split(" | "):
            wrong.append((defect, value))
    assert not wrong


def test_duplicate_lines_are_counted_where_they_were_planted(spring: Night) -> None:
    planted = Counter(d.file for d in spring.truth.defects if d.rule == "duplicate")
    assert planted
    found = dict(
        spring.con.execute(
            "select file_path, duplicate_rows from raw.deliveries where duplicate_rows > 0"
        ).fetchall()
    )
    assert found == planted


def test_bytes_that_come_again_change_nothing(spring: Night) -> None:
    again = {d.file for d in spring.truth.defects if d.rule == "already_loaded"}
    assert again
    statuses = {o.path: o.status for o in spring.report.files if o.path in again}
    assert statuses == dict.fromkeys(again, "already_loaded")
    recorded = spring.con.execute("select file_path from raw.deliveries").fetchall()
    assert not again & {path for (path,) in recorded}


def test_every_repair_was_accepted(spring: Night) -> None:
    repaired_in = {d.repaired_in for d in spring.truth.defects if d.repaired_in}
    assert repaired_in
    accepted = spring.con.execute(
        "select file_path from raw.deliveries where status in ('accepted', 'partly_accepted')"
    ).fetchall()
    assert repaired_in <= {path for (path,) in accepted}
