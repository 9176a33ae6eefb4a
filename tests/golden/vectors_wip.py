"""Work in process: orders open at the end of a day and during it."""

from __future__ import annotations

from vector import Answer, Figure, Vector

VECTORS = [
    Vector(
        name="wip",
        shows="Two days are over: open for 36, 6 and 24 hours in all. The mean of the two evenings "
        "would say 1.5; what was released on the day of the extraction is not in it.",
        files={
            "production_orders_20260304_060000": """
                order_id,item_id,planned_qty,released_at,completed_at,is_cancelled
                both,i1,5,2026-03-02 12:00:00,,false
                short,i1,7,2026-03-02 06:00:00,2026-03-02 12:00:00,false
                midnight,i2,9,2026-03-02 00:00:00,2026-03-03 00:00:00,false
                new,i1,5,2026-03-04 05:00:00,,false
                never,i1,5,2026-03-02 05:00:00,,true
            """,
        },
        figures=(
            Figure("wip_orders_mean", 1.375, "2026-03-02", "week", numerator=66 * 3600),
            Figure("wip_orders_mean", 42 / 24, "2026-03-02", denominator=24 * 3600),
            Figure("wip_orders_mean", 24 / 48, "2026-03-01", "month", "item", "i2"),
            Figure(
                "littles_law_residual",
                36 / 66,
                "2026-03-01",
                "month",
                numerator=36 * 3600,
                denominator=66 * 3600,
                coverage_ratio=1,
            ),
        ),
        answers=(
            Answer(
                "select wip_date::varchar, item_id, open_order_qty, open_qty::double, "
                "released_order_qty, completed_order_qty from mart_wip_daily "
                "where plant_id = {plant} order by 1, 2",
                [
                    ("2026-03-02", "i1", 1, 5.0, 2, 1),
                    ("2026-03-02", "i2", 1, 9.0, 1, 0),
                    ("2026-03-03", "i1", 1, 5.0, 0, 0),
                    ("2026-03-03", "i2", 0, 0.0, 0, 1),
                ],
            ),
            Answer(
                "select wip_orders_mean_qty, completed_order_qty, is_explained "
                "from mart_littles_law_monthly where plant_id = {plant}",
                [(1.375, 2, False)],
            ),
        ),
    ),
    Vector(
        name="wip_unreleased",
        shows="Of two completed orders the release of one is not known: it was under way, and "
        "nobody knows for how long.",
        files={
            "production_orders_20260304_060000": """
                order_id,item_id,planned_qty,released_at,completed_at,is_cancelled
                a,i1,5,2026-03-02 00:00:00,2026-03-02 12:00:00,false
                b,i1,5,,2026-03-02 12:00:00,false
            """,
        },
        figures=(
            Figure(
                "wip_orders_mean",
                None,
                "2026-03-02",
                "week",
                numerator=12 * 3600,
                coverage_ratio=0.5,
                withheld_reason="completed orders without a release",
            ),
            # Nothing was under way, and nothing is unknown about it.
            Figure("wip_orders_mean", 0.0, "2026-03-03"),
        ),
    ),
    Vector(
        name="wip_quiet_days",
        shows="An export says that an order is still open two weeks after the last thing that "
        "happened: it was under way on all the quiet days.",
        files={
            "production_orders_20260316_060000": """
                order_id,item_id,planned_qty,released_at,completed_at,is_cancelled
                a,i1,5,2026-03-02 12:00:00,,false
            """,
        },
        figures=(
            Figure("wip_orders_mean", 1.0, "2026-03-09", "week", denominator=7 * 86400),
            Figure("wip_orders_mean", 13.5 / 14, "2026-03-01", "month"),
        ),
    ),
]
