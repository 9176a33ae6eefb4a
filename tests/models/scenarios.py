"""The plants of the test warehouse: each shows one thing that a model must get right.

All of them are on Monday 2 February 2026 unless they say otherwise.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from warehouse import Warehouse

DAY = date(2026, 2, 2)


def at(clock: str, day: date = DAY) -> datetime:
    """A time of the scenario's day."""
    return datetime.fromisoformat(f"{day.isoformat()} {clock}")


NEXT_MORNING = at("06:00", DAY + timedelta(days=1))
EARLY_SHIFT = [("M", 6, 14)]


def state(state_id: str, start: str, end: str | None, **more: Any) -> dict[str, Any]:
    """A state of machine m1."""
    return {
        "state_id": state_id,
        "machine_id": "m1",
        "start_at": at(start),
        "end_at": at(end) if end else None,
        "state": "producing",
        **more,
    }


def run(run_id: str, start: str, end: str, good: int, **more: Any) -> dict[str, Any]:
    """A run of machine m1, all good, with a cycle of one minute."""
    row = {
        "run_id": run_id,
        "machine_id": "m1",
        "item_id": "i1",
        "start_at": at(start),
        "end_at": at(end),
        "good_qty": good,
        "scrap_qty": 0,
        "rework_qty": 0,
        "ideal_cycle_s": 60,
        **more,
    }
    row.setdefault("produced_qty", row["good_qty"] + row["scrap_qty"] + row["rework_qty"])
    return row


def fill(warehouse: Warehouse) -> None:
    """Write every scenario."""
    corrected(warehouse, "forwards", backwards=False)
    corrected(warehouse, "backwards", backwards=True)
    two_machines(warehouse)
    no_calendar(warehouse)
    half_observed(warehouse)
    open_stop(warehouse)
    no_standard(warehouse)
    lost_references(warehouse)
    clocks_change(warehouse)
    stock_without_list(warehouse)
    stock_with_list(warehouse)


def corrected(warehouse: Warehouse, plant_id: str, *, backwards: bool) -> None:
    """Rows that come again corrected, deleted, or older than what is known already.

    The two plants differ in the order in which the same deliveries arrive.
    """
    warehouse.plant(plant_id, DAY, DAY, shifts=EARLY_SHIFT)
    deliveries: list[tuple[datetime, dict[str, Any]]] = [
        (
            at("14:00"),
            {
                "machine_states": [
                    state("run", "06:00", "14:00"),
                    state("stop", "08:00", "09:00", layer=1, state="delay"),
                    state("wrong", "10:00", "11:00", layer=1, state="delay"),
                ],
                "production_counts": [run("r1", "06:00", "14:00", 300)],
            },
        ),
        (
            at("18:00"),
            {
                "machine_states": [
                    # Changed in its system before the version of the evening.
                    state("stop", "08:00", "08:20", layer=1, state="delay", changed_at=at("13:00")),
                    {**state("wrong", "10:00", "11:00", layer=1), "is_deleted": True},
                ],
                "production_counts": [run("r1", "06:00", "14:00", 310, changed_at=at("17:00"))],
            },
        ),
        (
            NEXT_MORNING,
            {
                "machine_states": [
                    state("stop", "08:00", "08:30", layer=1, state="delay", changed_at=at("17:00"))
                ],
                # An old version, extracted last: the latest change still wins.
                "production_counts": [run("r1", "06:00", "14:00", 290, changed_at=at("12:00"))],
            },
        ),
    ]
    for extracted_at, feeds in deliveries[::-1] if backwards else deliveries:
        warehouse.deliver(plant_id, extracted_at, feeds, backwards=backwards)


def two_machines(warehouse: Warehouse) -> None:
    """OEE 0.80 over 100 minutes and 0.45 over 300 minutes on one line: 0.5375, not 0.625."""
    warehouse.plant("two", DAY, DAY, shifts=EARLY_SHIFT)
    warehouse.deliver(
        "two",
        NEXT_MORNING,
        {
            "machines": [
                {"machine_id": "m1", "machine_name": "One", "line_id": "l1"},
                {"machine_id": "m2", "machine_name": "Two", "line_id": "l1"},
            ],
            "machine_states": [
                state("a", "06:00", "07:40"),
                state("b", "07:40", "14:00", state="planned_down"),
                state("c", "06:00", "11:00", machine_id="m2"),
                state("d", "11:00", "14:00", machine_id="m2", state="planned_down"),
            ],
            "production_counts": [
                run("r1", "06:00", "07:40", 80),
                run("r2", "06:00", "11:00", 135, machine_id="m2"),
            ],
        },
    )


def no_calendar(warehouse: Warehouse) -> None:
    """A plant that runs, and nobody says when it should."""
    warehouse.plant("nocal", DAY, DAY)
    warehouse.deliver(
        "nocal",
        NEXT_MORNING,
        {
            "machine_states": [state("a", "06:00", "14:00")],
            "production_counts": [run("r1", "06:00", "14:00", 400, scrap_qty=20, good_qty=380)],
        },
    )


def half_observed(warehouse: Warehouse) -> None:
    """Half of the shift is missing."""
    warehouse.plant("half", DAY, DAY, shifts=EARLY_SHIFT)
    warehouse.deliver(
        "half",
        NEXT_MORNING,
        {
            "machine_states": [state("a", "06:00", "10:00")],
            "production_counts": [run("r1", "06:00", "10:00", 240)],
        },
    )


def open_stop(warehouse: Warehouse) -> None:
    """A breakdown that began over a shift change, and still lasts when the data was taken."""
    warehouse.plant("open", DAY, DAY, shifts=[("M", 6, 14), ("T", 14, 22)])
    warehouse.deliver(
        "open",
        at("15:10"),
        {
            "reasons": [
                {"reason_id": "b", "reason_name": "Broken", "state": "delay", "is_failure": True}
            ],
            "machine_states": [
                state("a", "06:00", "13:30"),
                state("s", "13:30", None, state=None, reason_id="b"),
            ],
        },
    )


def no_standard(warehouse: Warehouse) -> None:
    """Output without a standard rate: performance is unknown, availability is not."""
    warehouse.plant("unrated", DAY, DAY, shifts=EARLY_SHIFT)
    warehouse.deliver(
        "unrated",
        NEXT_MORNING,
        {
            "machine_states": [state("a", "06:00", "14:00")],
            "production_counts": [run("r1", "06:00", "14:00", 400, ideal_cycle_s=None)],
        },
    )


def lost_references(warehouse: Warehouse) -> None:
    """Ids that nothing explains."""
    warehouse.plant("lost", DAY, DAY, shifts=EARLY_SHIFT)
    warehouse.deliver(
        "lost",
        NEXT_MORNING,
        {
            "machine_states": [
                state("a", "06:00", "14:00"),
                state("b", "07:00", "07:10", machine_id=None, run_id="nowhere", layer=1),
                state("c", "08:00", "08:10", state=None, reason_id="unheard", layer=1),
            ],
            "production_counts": [
                run("r1", "06:00", "14:00", 10, item_id=None, operation_id="gone")
            ],
            "scrap_events": [
                {
                    "scrap_id": "x",
                    "run_id": "nowhere",
                    "reason_id": "crack",
                    "disposition": "scrap",
                    "rejected_qty": 1,
                }
            ],
        },
    )


def clocks_change(warehouse: Warehouse) -> None:
    """The night shift in Madrid when the clocks go forward, and nobody observed its last hour."""
    day = date(2026, 3, 28)
    warehouse.plant("dst", day, day, zone="Europe/Madrid", shifts=[("N", 22, 6)])
    warehouse.deliver(
        "dst",
        datetime(2026, 3, 29, 4),
        {
            "machine_states": [
                {
                    **state("a", "06:00", None),
                    "start_at": datetime(2026, 3, 28, 21),
                    "end_at": datetime(2026, 3, 29, 3),
                }
            ]
        },
    )


def stock_without_list(warehouse: Warehouse) -> None:
    """Movements, and nobody says what lay there before."""
    warehouse.plant("unlisted", DAY, DAY)
    warehouse.deliver(
        "unlisted",
        NEXT_MORNING,
        {
            "items": [{"item_id": "i1", "item_type": "finished"}],
            "item_costs": [
                {"item_id": "i1", "valid_from": date(2026, 1, 1), "unit_cost_amount": 2}
            ],
            "stock_movements": [
                {
                    "movement_id": "1",
                    "item_id": "i1",
                    "movement_class": "sale",
                    "posting_date": DAY,
                    "moved_qty": -5,
                }
            ],
        },
        source="erp",
        system="erp",
    )


def stock_with_list(warehouse: Warehouse) -> None:
    """A day's sales out of a listed stock, one of them reversed, one of consignment."""
    warehouse.plant("listed", DAY, DAY)

    def moved(movement_id: str, movement_class: str, qty: int, **more: Any) -> dict[str, Any]:
        return {
            "movement_id": movement_id,
            "item_id": "i1",
            "location_id": "fg",
            "movement_class": movement_class,
            "posting_date": DAY,
            "moved_qty": qty,
            **more,
        }

    warehouse.deliver(
        "listed",
        NEXT_MORNING,
        {
            "items": [{"item_id": "i1", "item_type": "finished"}],
            "item_costs": [
                {"item_id": "i1", "valid_from": date(2026, 1, 1), "unit_cost_amount": 2}
            ],
            "stock_snapshots": [
                {"item_id": "i1", "location_id": "fg", "snapshot_date": DAY, "on_hand_qty": 370}
            ],
            "stock_movements": [
                moved("1", "sale", -8),
                moved("2", "sale", 3, is_reversal=True),
                moved("3", "sale", -100, is_owned=False),
                moved("4", "transfer", -20),
                moved("5", "transfer", 20, location_id="yard"),
            ],
        },
        source="erp",
        system="erp",
    )
