"""Stock: turns, days on hand and classes, over typed stock lists and movements."""

from __future__ import annotations

from datetime import datetime

from vector import Answer, Figure, Vector

MOVEMENTS = "movement_id,item_id,location_id,movement_class,posting_date,moved_qty,uom,is_owned"
BALANCED = (
    "select count(*) from fct_inventory_daily where plant_id = {plant} "
    "and opening_qty + moved_qty <> closing_qty"
)

#: A business year of two halves of 183 days each, the second with a leap day.
BUSINESS_YEAR = [*(f"2023-{month:02d}" for month in range(4, 13)), "2024-01", "2024-02", "2024-03"]


def _monthly_turnover(month: str, unit_cost: int) -> str:
    """50 issued to production on the 10th, and as many bought on the same day."""
    return (
        f"i{month},r1,A,issue,{month}-10,-50,KG,true,{-50 * unit_cost},EUR\n"
        f"p{month},r1,A,receipt_purchase,{month}-10,50,KG,true,{50 * unit_cost},EUR\n"
    )


VECTORS = [
    Vector(
        name="price_doubles_in_the_year",
        shows="The price doubles in the middle of the year, stock 100, issues 50 a month: 6.0 "
        "turns by cost and by quantity, months summed up. By the stock at the year's end they "
        "would be 4.5, with the revaluation of 1,000 booked as an issue 6.67.",
        delivered_at=datetime(2024, 4, 2, 6),
        files={
            "items": """
                item_id,item_type,base_uom
                r1,raw,KG
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                r1,2023-01-01,10
                r1,2023-10-01,20
            """,
            "stock_snapshots": """
                item_id,location_id,snapshot_date,on_hand_qty,uom
                r1,A,2023-04-01,100,KG
                r1,A,2024-03-31,100,KG
            """,
            "stock_movements": f"{MOVEMENTS},value_amount,currency\n"
            + "".join(_monthly_turnover(month, 10) for month in BUSINESS_YEAR[:6])
            + "rev,r1,A,revaluation,2023-10-01,0,KG,true,1000,EUR\n"
            + "".join(_monthly_turnover(month, 20) for month in BUSINESS_YEAR[6:]),
        },
        figures=(
            Figure(
                "inventory_turns",
                500 * 365 / 30_000,
                "2023-04-01",
                "month",
                "item",
                "r1",
                numerator=500,
                denominator=30 * 1_000 / 365,
            ),
            Figure(
                "inventory_turns",
                1_000 * 365 / 62_000,
                "2023-10-01",
                "month",
                "item",
                "r1",
                numerator=1_000,
                denominator=31 * 2_000 / 365,
            ),
        ),
        answers=(
            # A month's denominator is its daily values over 365: of the year the mean of 366 days.
            Answer(
                """
                select kpi_id, count(*), sum(numerator), sum(denominator) * 365 / 366,
                    sum(numerator) / (sum(denominator) * 365 / 366)
                from kpi_values
                where plant_id = {plant} and scope_type = 'item' and period_type = 'month'
                    and kpi_id in ('inventory_turns', 'inventory_turns_by_quantity')
                    and period_start_date between '2023-04-01' and '2024-03-01'
                group by 1 order by 1
                """,
                [
                    ("inventory_turns", 12, 9_000.0, 1_500.0, 6.0),
                    ("inventory_turns_by_quantity", 12, 600.0, 100.0, 6.0),
                ],
            ),
            # What two common mistakes would have made of the same year.
            Answer(
                """
                with stock as (
                    select
                        avg(closing_value_amount) as mean_amount,
                        sum(closing_value_amount)
                        filter (where stock_date = '2024-03-31') as last_amount
                    from fct_inventory_daily
                    where plant_id = {plant} and stock_date between '2023-04-01' and '2024-03-31'
                ),
                moves as (
                    select
                        -sum(standard_value_amount) filter (where movement_class = 'issue')
                        as usage_amount,
                        sum(document_value_amount) filter (where movement_class = 'revaluation')
                        as revalued_amount
                    from fct_stock_movement
                    where plant_id = {plant}
                )
                select (usage_amount / last_amount)::double,
                    ((usage_amount + revalued_amount) / mean_amount)::double
                from stock cross join moves
                """,
                [(4.5, 20 / 3)],
            ),
        ),
    ),
    Vector(
        name="days_not_month_ends",
        shows="10 in stock on 29 days and 100 on the 30th are 13 on average, where the month's end "
        "says 100: 281 turns a year, not 37.",
        delivered_at=datetime(2026, 5, 2, 6),
        files={
            "items": """
                item_id,item_type,base_uom
                f1,finished,PC
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                f1,2026-01-01,1
            """,
            "stock_snapshots": """
                item_id,location_id,snapshot_date,on_hand_qty,uom
                f1,A,2026-04-01,10,PC
            """,
            "stock_movements": f"""
                {MOVEMENTS}
                d1,f1,A,receipt_production,2026-04-01,300,PC,true
                d2,f1,A,sale,2026-04-01,-300,PC,true
                d3,f1,A,receipt_production,2026-04-30,90,PC,true
            """,
        },
        figures=(
            Figure("average_stock_amount", 13, "2026-04-01", "month", numerator=390),
            Figure(
                "inventory_turns",
                300 * 365 / 390,
                "2026-04-01",
                "month",
                numerator=300,
                denominator=390 / 365,
            ),
            Figure(
                "inventory_turns_by_quantity",
                300 * 365 / 390,
                "2026-04-01",
                "month",
                "item",
                "f1",
            ),
            Figure("days_on_hand", 1.3, "2026-04-01", "month", numerator=390, denominator=300),
            # A week without usage: the stock would last for ever, and nobody says how long.
            Figure(
                "days_on_hand",
                None,
                "2026-04-06",
                "week",
                withheld_reason="nothing was used",
            ),
            Figure("inventory_turns", 0, "2026-04-06", "week"),
        ),
    ),
    Vector(
        name="price_doubles",
        shows="The price doubles in the middle of the month: stock and usage are valued alike, so "
        "turns by cost and by quantity stay the same 6.08. The revaluation of 1,000 is no usage.",
        delivered_at=datetime(2026, 7, 2, 6),
        files={
            "items": """
                item_id,item_type,base_uom
                r1,raw,KG
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                r1,2026-01-01,10
                r1,2026-06-16,20
            """,
            "stock_snapshots": """
                item_id,location_id,snapshot_date,on_hand_qty,uom
                r1,A,2026-06-01,100,KG
                r1,A,2026-06-30,100,KG
            """,
            "stock_movements": f"""
                {MOVEMENTS},value_amount,currency
                d1,r1,A,issue,2026-06-05,-25,KG,true,-250,EUR
                d2,r1,A,receipt_purchase,2026-06-05,25,KG,true,250,EUR
                d3,r1,A,revaluation,2026-06-16,0,KG,true,1000,EUR
                d4,r1,A,issue,2026-06-20,-25,KG,true,-500,EUR
                d5,r1,A,receipt_purchase,2026-06-20,25,KG,true,500,EUR
            """,
        },
        figures=(
            Figure(
                "inventory_turns",
                750 * 365 / 45_000,
                "2026-06-01",
                "month",
                "item",
                "r1",
                numerator=25 * 10 + 25 * 20,
                denominator=(15 * 1_000 + 15 * 2_000) / 365,
            ),
            Figure(
                "inventory_turns_by_quantity",
                50 * 365 / 3_000,
                "2026-06-01",
                "month",
                "item",
                "r1",
                numerator=50,
                denominator=3_000 / 365,
            ),
            Figure("days_on_hand", 60, "2026-06-01", "month", "item_type", "raw"),
            # The plant has sold nothing: issues only move value within it.
            Figure("inventory_turns", 0, "2026-06-01", "month"),
        ),
    ),
    Vector(
        name="movement_traps",
        shows="Of a sale of 8, entered once too much and taken back, a transfer, consignment stock "
        "and a count, only the 8 are usage; every place balances on every day.",
        delivered_at=datetime(2026, 4, 1, 6),
        files={
            "items": """
                item_id,item_type,base_uom
                f1,finished,PC
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                f1,2026-01-01,5
            """,
            "stock_snapshots": """
                item_id,location_id,snapshot_date,on_hand_qty,uom
                f1,A,2026-03-02,100,PC
                f1,A,2026-03-31,69,PC
                f1,B,2026-03-31,20,PC
            """,
            "stock_movements": f"""
                {MOVEMENTS},is_reversal
                d1,f1,A,sale,2026-03-02,-10,PC,true,false
                d2,f1,A,sale,2026-03-02,10,PC,true,true
                d3,f1,A,sale,2026-03-02,-8,PC,true,false
                d4,f1,A,transfer,2026-03-02,-20,PC,true,false
                d5,f1,B,transfer,2026-03-02,20,PC,true,false
                d6,f1,A,receipt_purchase,2026-03-02,1000,PC,false,false
                d7,f1,A,sale,2026-03-03,-400,PC,false,false
                d8,f1,A,count,2026-03-02,-1,PC,true,false
                d9,f1,A,scrap,2026-03-02,-2,PC,true,false
                d10,f1,A,receipt_purchase,2026-03-02,999999999999,PC,true,false
            """,
        },
        # A million million units are a mistake, and would break every sum they enter.
        quarantined={"above_maximum": 1},
        figures=(
            # 89 units of 5.00 on each of 30 days.
            Figure(
                "inventory_turns",
                40 * 365 / (89 * 5 * 30),
                "2026-03-01",
                "month",
                numerator=40,
                denominator=13_350 / 365,
            ),
            Figure(
                "inventory_turns_by_quantity", 8 * 365 / 2670, "2026-03-01", "month", "item", "f1"
            ),
            Figure("average_stock_amount", 445, "2026-03-01", "month"),
        ),
        answers=(
            Answer(BALANCED, [(0,)]),
            Answer(
                "select location_id, opening_qty::double, sale_qty::double, transfer_qty::double, "
                "count_qty::double, scrap_qty::double, closing_qty::double "
                "from fct_inventory_daily "
                "where plant_id = {plant} and stock_date = '2026-03-02' order by 1",
                [
                    ("A", 100.0, -8.0, -20.0, -1.0, -2.0, 69.0),
                    ("B", 0.0, 0.0, 20.0, 0.0, 0.0, 20.0),
                ],
            ),
            Answer(
                "select location_id, listed_difference_qty::double from fct_inventory_daily "
                "where plant_id = {plant} and stock_date = '2026-03-31' order by 1",
                [("A", 0.0), ("B", 0.0)],
            ),
        ),
    ),
    Vector(
        name="stock_not_known",
        shows="Movements without a list of what was there leave stock unknown, and stock without "
        "costs has no value; by quantity it turns all the same.",
        delivered_at=datetime(2026, 4, 1, 6),
        files={
            "items": """
                item_id,item_type,base_uom
                f1,finished,PC
            """,
            "stock_movements": f"""
                {MOVEMENTS}
                d1,f1,A,sale,2026-03-02,-10,PC,true
            """,
        },
        figures=(
            *(
                Figure(
                    kpi_id,
                    None,
                    "2026-03-01",
                    "month",
                    withheld_reason="no opening stock delivered",
                )
                for kpi_id in ("inventory_turns", "days_on_hand", "average_stock_amount")
            ),
            Figure(
                "inventory_turns_by_quantity",
                None,
                "2026-03-01",
                "month",
                "item",
                "f1",
                withheld_reason="no opening stock delivered",
            ),
        ),
    ),
    Vector(
        name="stock_without_cost",
        shows="Without a standard cost there is no value, but a turn by quantity.",
        delivered_at=datetime(2026, 4, 1, 6),
        files={
            "items": """
                item_id,item_type,base_uom
                f1,finished,PC
            """,
            "stock_snapshots": """
                item_id,location_id,snapshot_date,on_hand_qty,uom
                f1,A,2026-03-02,40,PC
                f1,A,2026-03-31,30,PC
            """,
            "stock_movements": f"""
                {MOVEMENTS}
                d1,f1,A,sale,2026-03-02,-10,PC,true
            """,
        },
        figures=(
            Figure(
                "inventory_turns",
                None,
                "2026-03-01",
                "month",
                withheld_reason="no standard cost delivered",
            ),
            Figure(
                "average_stock_amount",
                None,
                "2026-03-01",
                "month",
                withheld_reason="no standard cost delivered",
            ),
            # 30 on each of 30 days.
            Figure(
                "inventory_turns_by_quantity",
                10 * 365 / 900,
                "2026-03-01",
                "month",
                "item",
                "f1",
            ),
        ),
    ),
    Vector(
        name="stock_classes",
        shows="Eight weeks of four items, weeks without demand included: 80 % of the usage is the "
        "first item's, so the second begins the Bs. What has been watched for 60 days is not "
        "called a slow mover, and nobody knows how old the opening stock is.",
        delivered_at=datetime(2026, 5, 2, 6),
        files={
            "items": """
                item_id,item_type,base_uom
                a,finished,PC
                b,finished,PC
                c,finished,PC
                d,finished,PC
                e,raw,KG
                f,raw,KG
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                a,2026-01-01,10
                b,2026-01-01,1.5
                c,2026-01-01,60
                d,2026-01-01,20
                e,2026-01-01,1
            """,
            "stock_snapshots": """
                item_id,location_id,snapshot_date,on_hand_qty,uom
                a,A,2026-03-02,100,PC
                b,A,2026-03-02,100,PC
                c,A,2026-03-02,3,PC
                d,A,2026-03-02,1,PC
                e,A,2026-03-02,5,KG
                f,A,2026-03-02,5,KG
                a,A,2026-04-30,20,PC
            """,
            # b: 20, 0, 10, 10 and again.
            "stock_movements": f"""
                {MOVEMENTS}
                a1,a,A,sale,2026-03-02,-10,PC,true
                a2,a,A,sale,2026-03-09,-10,PC,true
                a3,a,A,sale,2026-03-16,-10,PC,true
                a4,a,A,sale,2026-03-23,-10,PC,true
                a5,a,A,sale,2026-03-30,-10,PC,true
                a6,a,A,sale,2026-04-06,-10,PC,true
                a7,a,A,sale,2026-04-13,-10,PC,true
                a8,a,A,sale,2026-04-20,-10,PC,true
                b1,b,A,sale,2026-03-03,-20,PC,true
                b3,b,A,sale,2026-03-17,-10,PC,true
                b4,b,A,sale,2026-03-24,-10,PC,true
                b5,b,A,sale,2026-03-31,-20,PC,true
                b7,b,A,sale,2026-04-14,-10,PC,true
                b8,b,A,sale,2026-04-21,-10,PC,true
                c1,c,A,sale,2026-03-16,-1,PC,true
                d1,d,A,sale,2026-03-02,-1,PC,true
                f1,f,A,issue,2026-03-02,-1,KG,true
            """,
        },
        answers=(
            Answer(
                "select item_id, usage_cost_amount::double, abc_class, week_qty, "
                "weekly_demand_qty, weekly_deviation_qty, xyz_class, since_last_use_day_qty, "
                "is_slow_mover, on_hand_qty::double, age_unknown_qty::double "
                "from mart_inventory_classes where plant_id = {plant} order by 1",
                [
                    ("a", 800.0, "A", 8, 10.0, 0.0, "X", 10, False, 20.0, 20.0),
                    ("b", 120.0, "B", 8, 10.0, (400 / 7) ** 0.5, "Y", 9, False, 20.0, 20.0),
                    ("c", 60.0, "B", 8, 0.125, 0.125**0.5, "Z", 45, False, 2.0, 2.0),
                    ("d", 20.0, "C", 8, 0.125, 0.125**0.5, "Z", 59, False, 0.0, 0.0),
                    ("e", 0.0, "C", 8, 0.0, 0.0, None, None, None, 5.0, 5.0),
                    ("f", None, None, 8, 0.125, 0.125**0.5, "Z", 59, False, 4.0, 4.0),
                ],
            ),
        ),
    ),
    Vector(
        name="stock_ages",
        shows="First in, first out: of 115 on hand the four receipts of the year are 110, and 5 "
        "are older. Stock below zero for ten days is counted, not hidden.",
        delivered_at=datetime(2026, 4, 1, 6),
        files={
            "items": """
                item_id,item_type,base_uom
                g,raw,PC
                h,finished,PC
            """,
            "item_costs": """
                item_id,valid_from,unit_cost_amount
                g,2025-01-01,1
                h,2025-01-01,1
            """,
            "stock_snapshots": """
                item_id,location_id,snapshot_date,on_hand_qty,uom
                g,A,2025-01-01,100,PC
                g,A,2026-03-31,65,PC
                g,B,2026-03-31,50,PC
                h,A,2026-03-31,2,PC
            """,
            # 303, 106, 49 and 11 days before the last day; the transfer makes nothing younger.
            "stock_movements": f"""
                {MOVEMENTS}
                g1,g,A,receipt_purchase,2025-06-01,50,PC,true
                g2,g,A,issue,2025-10-01,-95,PC,true
                g3,g,A,receipt_purchase,2025-12-15,30,PC,true
                g4,g,A,receipt_purchase,2026-02-10,20,PC,true
                g5,g,A,receipt_purchase,2026-03-20,10,PC,true
                g6,g,A,transfer,2026-03-25,-50,PC,true
                g7,g,B,transfer,2026-03-25,50,PC,true
                h1,h,A,sale,2026-03-01,-3,PC,true
                h2,h,A,receipt_production,2026-03-11,5,PC,true
            """,
        },
        answers=(
            Answer(
                "select item_id, on_hand_qty::double, age_0_30_qty::double, "
                "age_31_90_qty::double, age_91_180_qty::double, age_181_365_qty::double, "
                "age_over_365_qty::double, age_unknown_qty::double, since_last_use_day_qty, "
                "is_slow_mover, negative_day_qty "
                "from mart_inventory_classes where plant_id = {plant} order by 1",
                [
                    ("g", 115.0, 10.0, 20.0, 30.0, 50.0, 5.0, 0.0, 181, True, 0),
                    ("h", 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 30, False, 10),
                ],
            ),
        ),
    ),
]
