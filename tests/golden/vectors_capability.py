"""Capability of machines and processes over typed measurements."""

from __future__ import annotations

from datetime import datetime, timedelta

from vector import Figure, Vector

FIRST = datetime(2026, 3, 2, 6)


def measurements(*rows: str) -> str:
    """A file of one characteristic: a value every minute, each row `machine,subgroup,value`."""
    lines = [f"q{n},diameter,{FIRST + timedelta(minutes=n)},{row}\n" for n, row in enumerate(rows)]
    head = (
        "measurement_id,characteristic_id,measured_at,"
        "machine_id,subgroup_id,measured_value,lower_limit,upper_limit,uom\n"
    )
    return head + "".join(lines)


VECTORS = [
    Vector(
        name="capable_machine",
        shows="Cm and Cmk of 50 values of one machine: 25 of 9 and 25 of 11 vary by the root of "
        "50 / 49. Another machine, with four values far off, changes nothing.",
        files={
            "measurements": measurements(
                *["m1,,9,6,16,mm", "m1,,11,6,16,mm"] * 25, *["m2,,15,6,16,mm"] * 4
            ),
        },
        figures=(
            Figure(
                "machine_capability_cm",
                10 / (6 * (50 / 49) ** 0.5),
                "2026-03-02",
                "shift",
                scope_type="characteristic",
                scope_id="diameter@m1",
                shift_code="M",
            ),
            Figure(
                "machine_capability_cmk",
                4 / (3 * (50 / 49) ** 0.5),
                "2026-03-02",
                scope_type="characteristic",
                scope_id="diameter@m1",
                denominator=50,
            ),
            Figure(
                "machine_capability_cm",
                None,
                "2026-03-02",
                scope_type="characteristic",
                scope_id="diameter@m2",
                withheld_reason="too few samples: 4 of 50",
            ),
        ),
    ),
    Vector(
        name="subgrouped_process",
        shows="Cp takes the variation within subgroups, 1.414; all values, whose means move "
        "between 10 and 12, vary more.",
        files={
            "measurements": measurements(
                *(
                    f"m1,g{n},{mean + side},5,17,mm"
                    for n, mean in enumerate([10] * 13 + [12] * 12)
                    for side in (-1, 1)
                )
            ),
        },
        figures=(
            # σ² = Σ (1 + 1) of 25 subgroups / 25; the mean is (13 × 10 + 12 × 12) / 25 = 10.96.
            Figure(
                "process_capability_cp",
                12 / (6 * 2**0.5),
                "2026-03-02",
                scope_type="characteristic",
                scope_id="diameter",
                coverage_ratio=1.0,
            ),
            Figure(
                "process_capability_cpk",
                5.96 / (3 * 2**0.5),
                "2026-03-01",
                "month",
                scope_type="characteristic",
                scope_id="diameter",
            ),
        ),
    ),
    Vector(
        name="single_values_one_limit",
        shows="Single values vary by their mean moving range over 1.128; with an upper limit "
        "alone there is a Cpk and no Cp.",
        files={
            "measurements": measurements(
                *("m1,,10,,16,mm" if n % 2 == 0 else "m1,,12,,16,mm" for n in range(25))
            ),
        },
        figures=(
            Figure(
                "process_capability_cpk",
                (16 - 10.96) / (3 * 2 / 1.128),
                "2026-03-02",
                scope_type="characteristic",
                scope_id="diameter",
            ),
            Figure(
                "process_capability_cp",
                None,
                "2026-03-02",
                scope_type="characteristic",
                scope_id="diameter",
                withheld_reason="one limit alone",
            ),
        ),
    ),
]
