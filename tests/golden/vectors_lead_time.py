"""Lead times: of completed orders, by the working clock, and with the orders still open."""

from __future__ import annotations

from vector import Figure, Vector

WEEK = "2026-03-02"
HEADER = "order_id,item_id,released_at,completed_at,is_cancelled"


def orders(*rows: str, taken: str = "") -> dict[str, str]:
    """The file of production orders; each row is order, release and completion.

    `taken` is the stamp in the file's name: until then its open orders are known to be open.
    """
    lines = [row.split(" | ") for row in rows]
    return {
        f"production_orders{taken}": "\n".join(
            [HEADER, *(f"{order},i1,{released},{done},false" for order, released, done in lines)]
        )
        + "\n"
    }


VECTORS = [
    Vector(
        name="lead_time",
        shows="10, 20, 30, 40 and 100 hours: half took no longer than 30, the mean is 40; a sixth "
        "order without a release lowers what is known, an open one is not there yet.",
        files=orders(
            "a | 2026-03-02 06:00:00 | 2026-03-02 16:00:00",
            "b | 2026-03-02 06:00:00 | 2026-03-03 02:00:00",
            "c | 2026-03-02 06:00:00 | 2026-03-03 12:00:00",
            "d | 2026-03-02 06:00:00 | 2026-03-03 22:00:00",
            "e | 2026-03-02 06:00:00 | 2026-03-06 10:00:00",
            "f |  | 2026-03-06 10:00:00",
            "g | 2026-03-02 06:00:00 | ",
        ),
        figures=(
            Figure("lead_time_median_h", 30.0, WEEK, "week", denominator=5, coverage_ratio=5 / 6),
            Figure("lead_time_mean_h", 40.0, WEEK, "week", numerator=200, denominator=5),
            Figure("lead_time_p85_h", 64.0, WEEK, "week", coverage_ratio=5 / 6),
            Figure("lead_time_p95_h", 88.0, WEEK, "week", "item", "i1"),
            # Of the day's two completions the release of one is not known.
            Figure(
                "lead_time_median_h",
                None,
                "2026-03-06",
                coverage_ratio=0.5,
                withheld_reason="without a release",
            ),
        ),
    ),
    Vector(
        name="lead_time_weekend",
        shows="From Friday noon to Monday morning are 68 hours, of which the plant worked 4.",
        shifts=(),
        plants_toml="""
            [[plants.lead_time_weekend.shifts]]
            code = "M"
            start = "06:00"
            end = "14:00"
            days = ["mon", "tue", "wed", "thu", "fri"]
        """,
        files=orders("a | 2026-03-06 12:00:00 | 2026-03-09 08:00:00"),
        figures=(
            Figure("lead_time_working_h", 4.0, "2026-03-09", numerator=4, denominator=1),
            Figure("lead_time_mean_h", 68.0, "2026-03-09"),
        ),
    ),
    Vector(
        name="lead_time_no_shifts",
        shows="Without a shift calendar nobody knows when the plant was to work.",
        shifts=(),
        files=orders("a | 2026-03-06 12:00:00 | 2026-03-09 08:00:00"),
        figures=(
            Figure(
                "lead_time_working_h",
                None,
                "2026-03-09",
                denominator=0,
                withheld_reason="outside the shift calendar",
            ),
            Figure("lead_time_mean_h", 68.0, "2026-03-09"),
        ),
    ),
    Vector(
        name="lead_time_open",
        shows="Five orders completed after 5 days and five open after 12: a mean of 8.5 days up to "
        "the 12th, where the completed ones alone say 5.",
        files=orders(
            *(f"done{n} | 2026-03-02 06:00:00 | 2026-03-07 06:00:00" for n in range(5)),
            *(f"open{n} | 2026-03-02 06:00:00 | " for n in range(5)),
            taken="_20260314_060000",
        ),
        figures=(
            Figure("lead_time_restricted_mean_h", 8.5 * 24, WEEK, "week", denominator=10),
            Figure("lead_time_by_release_median_h", 5 * 24.0, WEEK, "week", denominator=10),
            Figure("lead_time_mean_h", 5 * 24.0, WEEK, "week", denominator=5),
        ),
    ),
    Vector(
        name="lead_time_censored",
        shows="An order that was young when it was last seen counts until then and no longer: "
        "half are done after 4 days, where the completed ones alone say 3.",
        files=orders(
            "a | 2026-03-02 06:00:00 | 2026-03-03 06:00:00",
            "b | 2026-03-06 06:00:00 | ",
            "c | 2026-03-02 06:00:00 | 2026-03-05 06:00:00",
            "d | 2026-03-02 06:00:00 | 2026-03-06 06:00:00",
            "e | 2026-03-03 06:00:00 | ",
            taken="_20260308_060000",
        ),
        figures=(
            Figure("lead_time_by_release_median_h", 96.0, WEEK, "week"),
            Figure("lead_time_by_release_median_h", 96.0, "2026-03-01", "month", "item", "i1"),
            # 1 + 2 × 0.8 + 8 / 15 + 4 / 15 days.
            Figure("lead_time_restricted_mean_h", 3.4 * 24, WEEK, "week"),
            Figure("lead_time_median_h", 72.0, WEEK, "week"),
        ),
    ),
    Vector(
        name="lead_time_young",
        shows="Of three orders one is done: nobody knows yet how long half of them take.",
        files=orders(
            "a | 2026-03-02 06:00:00 | 2026-03-03 06:00:00",
            "b | 2026-03-02 06:00:00 | ",
            "c | 2026-03-02 06:00:00 | ",
            taken="_20260304_060000",
        ),
        figures=(
            Figure(
                "lead_time_by_release_median_h",
                None,
                WEEK,
                "week",
                denominator=3,
                coverage_ratio=1,
                withheld_reason="more than half still open",
            ),
            Figure("lead_time_restricted_mean_h", (1 + 2 / 3) * 24, WEEK, "week"),
        ),
    ),
]
