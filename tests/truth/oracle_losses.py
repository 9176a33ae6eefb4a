"""What became of a machine's day, second by second: the loss buckets of OEE."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from oracle_floor import Sums, machine_windows
from plant_truth import PlantTruth


def time_losses(truth: PlantTruth) -> dict[tuple[str, date, str], Fraction]:
    """Seconds of every machine, production day and bucket.

    Every run of this plant is counted, judged and has a standard, and its calendar is known.
    """
    losses: dict[tuple[str, date, str], Fraction] = defaultdict(Fraction)
    for (machine_id, tile), part in machine_windows(truth).items():
        if tile.shift_code is None:
            found = {
                "productive_outside_shifts": part["good_ideal_s"],
                "not_scheduled": part["window_s"] - part["good_ideal_s"],
            }
        else:
            rejected = part["ideal_s"] - part["good_ideal_s"]
            found = {
                "not_observed": part["not_observed_s"],
                "planned_down": part["pdot_s"],
                "no_order": part["adot_s"],
                "breakdowns": part["breakdown_s"],
                "other_delays": part["other_delay_s"],
                "setup": part["aust_s"],
                "minor_stops": part["minor_stop_s"],
                "reduced_speed": part["apt_s"] - part["ideal_s"],
                "rework_time": part["rework_s"],
                "scrapped_output": rejected - part["rework_ideal_s"],
                "reworked_output": part["rework_ideal_s"],
                "fully_productive": part["good_ideal_s"],
            }
        for bucket in BUCKETS:
            losses[machine_id, tile.production_date, bucket] += found.get(bucket, 0)
    return losses


BUCKETS = (
    *("not_observed", "schedule_unknown", "not_scheduled", "planned_down", "no_order"),
    *("breakdowns", "other_delays", "setup", "minor_stops", "reduced_speed", "speed_unknown"),
    *("rework_time", "scrapped_output", "reworked_output", "quality_unknown"),
    *("fully_productive", "productive_outside_shifts"),
)


def performance_flag(total: Sums, within: str) -> str | None:
    """Why more was counted than production time allows, within a shift or a day."""
    inside_s = total["ideal_s"] - total[f"outside_{within}_ideal_s"]
    if total["ideal_s"] <= total["apt_s"]:
        return None
    if inside_s <= total["apt_s"]:
        return "counts outside run time"
    if inside_s <= total["apt_s"] + total["not_observed_s"]:
        return "run time not observed"
    if total["ideal_s"] > total["run_s"]:
        return "standard too slow"
    return "run time recorded as a stop"
