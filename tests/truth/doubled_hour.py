"""What exports cannot tell about the hour that autumn repeats, and the truth without it.

Systems write wall-clock times. In the repeated hour a time means one of two instants; where the
sequence of rows does not tell which, the row is quarantined. That is a loss, it is named, and
everything else still has to be right: the marts are then held to what could be known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from oracle_floor import Window, stops, windows
from plant_truth import PlantTruth
from simulated_night import Night, lines_of

RULE = "ambiguous_local_time"
NIGHT = date(2026, 10, 24)  # its night shift ends on the 25th, when the clocks go back
SHIFT = "N"
#: 03:00 of the plant, in UTC: from here on a local time means one instant again.
TWICE_UNTIL = datetime(2026, 10, 25, 2)
IN_THE_HOUR = re.compile(r"25[./]10[./]2026[ \t]+02:")


@dataclass(frozen=True)
class Line:
    """One line of a delivered list."""

    file: str
    line_no: int
    fields: list[str]


def delivered(night: Night, table: str) -> Iterator[Line]:
    """Every line of an exported table, in the order in which it was exported."""
    landing = night.settings.landing_dir
    for path in sorted(landing.glob(f"vlc/*/{table}_2*")):
        file = path.relative_to(landing).as_posix()
        separator = ";" if path.suffix == ".csv" else "\t"
        for line_no, text in enumerate(lines_of(landing, file)[1:], start=2):
            yield Line(file, line_no, text.split(separator))


def lost_lines(night: Night) -> set[tuple[str, int]]:
    """Lines that were put aside because their time exists twice."""
    rows = night.con.execute(
        "select file_path, line_no from raw.quarantine where rule = ?", [RULE]
    ).fetchall()
    return set(rows)


def lost_ids(night: Night, table: str, *, parts: tuple[int, ...] = (0,)) -> set[str]:
    """Records whose latest version was put aside; the fields in `parts` are their id."""
    lost = lost_lines(night)
    latest: dict[str, bool] = {}
    for line in delivered(night, table):
        record = "-".join(line.fields[part] for part in parts)
        latest[record] = (line.file, line.line_no) in lost
    return {record for record, is_lost in latest.items() if is_lost}


def machine_of_run(night: Night) -> dict[str, str]:
    """The machine of every run, as the delivered lists say."""
    names = {line.fields[0]: line.fields[1] for line in delivered(night, "cfg_maquina")}
    return {
        line.fields[0]: names.get(line.fields[1], line.fields[1])
        for line in delivered(night, "his_prod")
    }


def unknown_windows(night: Night) -> set[tuple[str, Window]]:
    """Machines and windows of which a run or a stop was put aside.

    A run ends with its shift at the latest. A stop whose end was put aside may have lasted until
    the machine stopped the next time; nothing delivered says more, and nobody may assume that it
    lasted longer.
    """
    lost, of_run = lost_lines(night), machine_of_run(night)
    tiles = windows(night.truth)
    long_night = next(t for t in tiles if (t.production_date, t.shift_code) == (NIGHT, SHIFT))
    unknown = {(of_run[run_id], long_night) for run_id in lost_ids(night, "his_prod")}
    starts: dict[str, list[datetime]] = defaultdict(list)
    for stop in stops(night.truth):
        if stop.state != "setup" and (stop.state, stop.reason_code) != ("no_order", None):
            starts[stop.machine_id].append(stop.start_at)
    for line in delivered(night, "his_prod_paro"):
        if (line.file, line.line_no) not in lost:
            continue
        machine_id = of_run[line.fields[1]]
        # The first stop that began when the doubled hour was over.
        until = min(
            (at for at in starts[machine_id] if at >= TWICE_UNTIL), default=tiles[-1].end_at
        )
        unknown |= {
            (machine_id, tile)
            for tile in tiles
            if tile.start_at < until and tile.end_at > long_night.start_at
        }
    return unknown


def unknown_orders(night: Night) -> set[str]:
    """Orders that a machine served while a run or a stop of it was put aside."""
    return {
        activity.order_id
        for machine_id, tile in unknown_windows(night)
        for activity in night.truth.activities
        if activity.machine_id == machine_id
        and activity.start_at < tile.end_at
        and activity.end_at > tile.start_at
    }


def what_is_known(night: Night) -> PlantTruth:
    """The truth as far as the office's systems could say it: a record whose last version was put
    aside is known as it was before."""
    truth = night.truth
    orders, repairs = lost_ids(night, "COOIS"), lost_ids(night, "IW39")
    moves = lost_ids(night, "MB51", parts=(1, 0, 2))
    return replace(
        truth,
        orders=[
            replace(order, completed_at=None, completed_qty=Fraction(0))
            if order.order_id in orders
            else order
            for order in truth.orders
        ],
        repairs=[
            replace(repair, finished_at=None) if repair.order_id in repairs else repair
            for repair in truth.repairs
        ],
        moves=[move for move in truth.moves if move.movement_id not in moves],
    )
