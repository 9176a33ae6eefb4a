"""What counters of machines say, read by hand: one reading after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from raw_rows import RawPlant, Row

COUNTERS = ("produced", "good", "scrap")


def counted(readings: list[Row]) -> dict[datetime, Decimal | None]:
    """What one counter counted up to each of its readings; nobody knows what up to the first."""
    found: dict[datetime, Decimal | None] = {}
    before: Decimal | None = None
    for row in sorted(readings, key=lambda row: row["read_at"]):
        shown, modulus = row["reading_qty"], row["rollover_qty"]
        if before is None:
            change = None
        elif shown >= before:
            change = shown - before
        elif modulus and before < modulus and shown - before + modulus <= modulus / 2:
            change = shown - before + modulus
        else:
            change = shown
        found[row["read_at"]] = change
        before = shown
    return found


def counter_runs(raw: RawPlant) -> list[Row]:
    """Runs as a system would deliver them, between the moments at which counters moved."""
    machines: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in raw.feed("counter_readings"):
        machines[row["source"], row["machine_id"]].append(row)
    return [run for readings in machines.values() for run in runs_of_machine(readings)]


def runs_of_machine(readings: list[Row]) -> list[Row]:
    """The runs of one machine of one source."""
    changes = {
        kind: counted([row for row in readings if row["counter"] == kind]) for kind in COUNTERS
    }
    moments = sorted({row["read_at"] for row in readings})
    runs = []
    for start, end in pairwise(moments):
        quantities = {
            kind: changes[kind].get(end, Decimal(0))
            if any(first < end for first in changes[kind])
            else None
            for kind in COUNTERS
        }
        if not any(quantities.values()):
            continue
        of_moment = [row for row in readings if row["read_at"] == end]
        runs.append(
            {
                **of_moment[0],
                "run_id": f"{of_moment[0]['machine_id']} {end}",
                "operation_id": None,
                "order_id": least(row["order_id"] for row in of_moment),
                "item_id": least(row["item_id"] for row in of_moment),
                "pass_no": 1,
                "start_at": start,
                "end_at": end,
                "ideal_cycle_s": None,
                **completed(**quantities),
            }
        )
    return runs


def least(names: Iterable[str | None]) -> str | None:
    """The first name in the alphabet, of those that are given."""
    return min((name for name in names if name is not None), default=None)


def completed(
    produced: Decimal | None, good: Decimal | None, scrap: Decimal | None
) -> dict[str, Decimal | None]:
    """Two quantities tell the third; what three leave over is to be reworked."""
    rework: Decimal | None = Decimal(0)
    if produced is None and good is not None and scrap is not None:
        produced = good + scrap
    elif good is None and produced is not None and scrap is not None:
        good = produced - scrap
    elif scrap is None and produced is not None and good is not None:
        scrap = produced - good
    elif produced is not None and good is not None and scrap is not None:
        rework = produced - good - scrap
    else:
        rework = None
    return {"produced_qty": produced, "good_qty": good, "scrap_qty": scrap, "rework_qty": rework}
