"""Machines: the OEE family over one set of facts, and the time elements it is made of."""

from __future__ import annotations

from datetime import datetime

from vector import Answer, Figure, Vector

COUNTS = (
    "run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty"
)
RATES = """
    item_id,valid_from,ideal_cycle_s
    i1,2025-01-01 00:00:00,60
"""
DAY = "2026-03-02"


def of_machine(kpi_id: str, value: float | None, **what: float | str | None) -> Figure:
    """A figure of the first machine and the day."""
    return Figure(kpi_id, value, DAY, scope_type="machine", scope_id="m1", **what)  # type: ignore[arg-type]


VECTORS = [
    Vector(
        name="oee_family",
        shows="One shift under every definition of OEE: 171 fully productive minutes over 450 "
        "planned busy, 390 with orders, 480 of the shift and 1,440 of the day. Setup is no loss "
        "for NEE; of two machines together it is the product of the shares of both.",
        files={
            "machines": """
                machine_id,line_id
                m1,l1
                m2,l1
            """,
            "standard_rates": RATES,
            # Planned down 30, setup 60, production 270 with 45 of delay inside, no order 60,
            # rework 60 minutes. The second machine produces all the time. On the next day there is
            # a minute after the shift, which nobody watched.
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 06:30:00,planned_down
                s2,m1,0,2026-03-02 06:30:00,2026-03-02 07:30:00,setup
                s3,m1,0,2026-03-02 07:30:00,2026-03-02 12:00:00,producing
                s4,m1,1,2026-03-02 09:00:00,2026-03-02 09:45:00,delay
                s5,m1,0,2026-03-02 12:00:00,2026-03-02 13:00:00,no_order
                s6,m1,0,2026-03-02 13:00:00,2026-03-02 14:00:00,rework
                s7,m2,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s8,m1,0,2026-03-03 15:00:00,2026-03-03 15:01:00,producing
            """,
            "production_counts": f"""
                {COUNTS}
                r1,m1,i1,1,2026-03-02 07:30:00,2026-03-02 12:00:00,180,171,4,5
                r2,m1,i1,2,2026-03-02 13:00:00,2026-03-02 14:00:00,5,5,0,0
                r3,m2,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,240,240,0,0
            """,
        },
        figures=(
            of_machine("availability", 225 / 450),
            of_machine("effectiveness", 180 / 225),
            of_machine("quality_ratio", 171 / 180),
            of_machine("oee", 171 / 450),
            of_machine("nee", 285 / 450 * 180 / 225 * 171 / 180, denominator=450 * 60),
            of_machine("oee_vorne", 171 / 390, numerator=171 * 60, denominator=390 * 60),
            of_machine("ooe", 171 / 480, denominator=480 * 60),
            of_machine("teep", 171 / 1440, denominator=1440 * 60),
            of_machine("utilization_ratio", 390 / 1440, numerator=390 * 60),
            of_machine("allocation_efficiency", 390 / 450),
            of_machine("utilization_efficiency", 225 / 390),
            of_machine("setup_ratio", 60 / 285),
            of_machine("technical_efficiency", 225 / 270),
            of_machine("nee", 285 / 450 * 171 / 225, period_type="shift", shift_code="M"),
            # Adding up the numerators of the two machines would say 0.491, and setup as if it
            # were fully productive 0.506.
            Figure("nee", (285 + 480) / 930 * 411 / 705, DAY),
            Figure("oee", 411 / 930, DAY),
            Figure("oee_vorne", 411 / 870, DAY),
            Figure("teep", 411 / 2880, DAY),
            Figure("teep", None, "2026-03-03", withheld_reason="planned time not observed"),
            Figure(
                "utilization_ratio",
                None,
                "2026-03-03",
                withheld_reason="planned time not observed",
            ),
        ),
        answers=(
            Answer(
                "select loss_bucket, cast(duration_s / 60 as double) from mart_time_losses "
                "where plant_id = {plant} and machine_id = 'm1' "
                "and production_date = '2026-03-02' and duration_s <> 0 order by bucket_no",
                [
                    ("not_scheduled", 960.0),
                    ("planned_down", 30.0),
                    ("no_order", 60.0),
                    ("other_delays", 45.0),
                    ("setup", 60.0),
                    ("reduced_speed", 45.0),
                    ("rework_time", 60.0),
                    ("scrapped_output", 4.0),
                    ("reworked_output", 5.0),
                    ("fully_productive", 171.0),
                ],
            ),
            # Why the definitions differ: 450, 390, 480 and 1,440 minutes below the line.
            Answer(
                "select cast(sum(case when is_fully_productive then duration_s end) / 60 "
                "as double), "
                + ", ".join(
                    f"cast(sum(case when in_{name}_denominator then duration_s end) / 60 as double)"
                    for name in ("oee", "oee_vorne", "ooe", "teep")
                )
                + " from mart_time_losses where plant_id = {plant} and machine_id = 'm1' "
                "and production_date = '2026-03-02'",
                [(171.0, 450.0, 390.0, 480.0, 1440.0)],
            ),
        ),
    ),
    Vector(
        name="only_setup",
        shows="A shift of setup alone: OEE is 0, NEE has no production time to stand on; a shift "
        "without orders has no OEE after Nakajima.",
        files={
            "standard_rates": RATES,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 14:00:00,setup
                s2,m1,0,2026-03-03 06:00:00,2026-03-03 14:00:00,no_order
                s3,m1,0,2026-03-04 06:00:00,2026-03-04 14:00:00,producing
            """,
            "production_counts": f"""
                {COUNTS}
                r1,m1,i1,1,2026-03-04 06:00:00,2026-03-04 14:00:00,240,240,0,0
            """,
        },
        figures=(
            Figure("oee", 0.0, "2026-03-02"),
            Figure("nee", None, "2026-03-02", withheld_reason="no production time"),
            Figure("setup_ratio", 1.0, "2026-03-02"),
            Figure("oee", 0.0, "2026-03-03"),
            Figure("oee_vorne", None, "2026-03-03", withheld_reason="no orders"),
            Figure("ooe", 0.0, "2026-03-03"),
            # The export ends with the shift: of the day, 8 hours are known.
            Figure("teep", 240 / 480, "2026-03-04"),
        ),
    ),
    Vector(
        name="no_calendar",
        shows="Without a shift calendar nobody knows what was planned: OEE and utilization are "
        "withheld, TEEP needs the clock alone.",
        shifts=(),
        delivered_at=datetime(2026, 3, 3, 6),
        files={
            "standard_rates": RATES,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 18:00:00,producing
                s2,m1,0,2026-03-02 18:00:00,2026-03-03 03:36:00,no_order
                s3,m2,0,2026-03-02 06:00:00,2026-03-03 06:00:00,producing
            """,
            "production_counts": f"""
                {COUNTS}
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 18:00:00,540,540,0,0
            """,
        },
        figures=(
            of_machine("teep", 540 / 1296, denominator=1296 * 60, coverage_ratio=0.9),
            of_machine("oee", None, withheld_reason="no shift calendar"),
            of_machine("utilization_ratio", None, withheld_reason="no shift calendar"),
            Figure(
                "teep",
                None,
                DAY,
                scope_type="machine",
                scope_id="m2",
                withheld_reason="no output counted",
            ),
        ),
        answers=(
            Answer(
                "select loss_bucket, cast(duration_s / 60 as double) from mart_time_losses "
                "where plant_id = {plant} and machine_id = 'm1' and duration_s <> 0 "
                "order by bucket_no",
                [
                    ("not_observed", 144.0),
                    ("schedule_unknown", 756.0),
                    ("productive_outside_shifts", 540.0),
                ],
            ),
        ),
    ),
    Vector(
        name="clock_change",
        shows="The night shift of Madrid lasts 7 hours when the clocks go forward and 9 when they "
        "go back; their days last 23 and 25 hours.",
        time_zone="Europe/Madrid",
        shifts=(("N", "22:00", "06:00"),),
        files={
            "standard_rates": RATES,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2025-10-25 22:00:00,2025-10-26 06:00:00,producing
                s2,m1,0,2026-03-28 22:00:00,2026-03-29 06:00:00,producing
            """,
            "production_counts": f"""
                {COUNTS}
                r1,m1,i1,1,2025-10-25 22:00:00,2025-10-26 06:00:00,270,270,0,0
                r2,m1,i1,1,2026-03-28 22:00:00,2026-03-29 06:00:00,210,210,0,0
            """,
        },
        figures=(
            # With 8 and 24 hours for all: 0.5625 and 0.4375, 0.1875 and 0.1458.
            Figure("oee", 270 / 540, "2025-10-25", denominator=9 * 3600),
            Figure("teep", 270 / 1500, "2025-10-25", denominator=25 * 3600),
            Figure("utilization_ratio", 9 / 25, "2025-10-25"),
            Figure("oee", 210 / 420, "2026-03-28", denominator=7 * 3600),
            Figure("teep", 210 / 1380, "2026-03-28", denominator=23 * 3600),
            Figure("utilization_ratio", 7 / 23, "2026-03-28"),
        ),
    ),
    Vector(
        name="overlapping_stops",
        shows="Two stops of 15 h and 13 h 50 min that overlap, in 16 h 18 min: availability "
        "0.0798; adding both up says -0.769.",
        shifts=(("A", "06:00", "22:18"),),
        files={
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 22:18:00,producing
                s2,m1,1,2026-03-02 06:00:00,2026-03-02 21:00:00,delay
                s3,m1,1,2026-03-02 06:10:00,2026-03-02 20:00:00,delay
            """,
        },
        figures=(
            Figure("availability", 78 / 978, DAY, numerator=78 * 60, denominator=978 * 60),
            Figure("technical_efficiency", 78 / 978, DAY),
        ),
    ),
    Vector(
        name="mtbf",
        shows="Four failures and a wait take 40 of 200 hours: 160 hours of operation make an MTBF of 40 "
        "h; over the calendar it would be 50 h, over failures + 1 it would be 32 h.",
        shifts=(("D", "06:00", "18:00"), ("N", "18:00", "06:00")),
        delivered_at=datetime(2026, 3, 10, 14),
        files={
            "reasons": """
                reason_kind,reason_id,state,is_failure
                stop,broken,delay,true
                stop,waiting,delay,false
            """,
            # The third failure lasts over the change of shifts; the wait after it is no failure.
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,reason_id,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-10 14:00:00,,producing
                s2,m1,1,2026-03-02 08:00:00,2026-03-02 18:00:00,broken,
                s3,m1,1,2026-03-04 06:00:00,2026-03-04 16:00:00,broken,
                s4,m1,1,2026-03-06 10:00:00,2026-03-06 20:00:00,broken,
                s5,m1,1,2026-03-09 06:00:00,2026-03-09 15:00:00,broken,
                s6,m1,1,2026-03-09 15:00:00,2026-03-09 16:00:00,waiting,
            """,
        },
        figures=(
            Figure("mtbf_h", 40.0, "2026-03-01", "month", numerator=160, denominator=4),
            Figure("mtbf_h", None, "2026-03-03", withheld_reason="no failure in 24.0 h"),
        ),
    ),
    Vector(
        name="minor_stops",
        shows="A stop is minor by its whole length: one of 6 minutes that the change of shifts "
        "cuts into 2 and 4 is not; a failure of 3 minutes never is. Limit 5 minutes.",
        shifts=(("M", "06:00", "14:00"), ("T", "14:00", "22:00")),
        files={
            "reasons": """
                reason_kind,reason_id,state,is_failure
                stop,jam,delay,false
                stop,broken,delay,true
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,reason_id,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 22:00:00,,producing
                s2,m1,1,2026-03-02 08:00:00,2026-03-02 08:04:00,jam,
                s3,m1,1,2026-03-02 09:00:00,2026-03-02 09:05:00,jam,
                s4,m1,1,2026-03-02 10:00:00,2026-03-02 10:03:00,broken,
                s5,m1,1,2026-03-02 13:58:00,2026-03-02 14:04:00,jam,
                s6,m1,1,2026-03-02 21:57:00,2026-03-02 22:01:00,jam,
            """,
        },
        answers=(
            Answer(
                "select shift_code, sum(adet_s), sum(minor_stop_s), sum(breakdown_s), "
                "sum(other_delay_s), sum(fct.minor_stop_qty) from fct_machine_time as fct "
                "join dim_shift using (shift_key) where fct.plant_id = {plant} "
                "group by 1 order by 1 nulls last",
                [
                    ("M", 840.0, 540.0, 180.0, 120.0, 2),
                    ("T", 420.0, 180.0, 0.0, 240.0, 1),
                    (None, 0.0, 0.0, 0.0, 0.0, 0),
                ],
            ),
        ),
    ),
    Vector(
        name="counts_outrun_time",
        shows="Performance above 1 stays as it is, with its likely cause: 600 units of a minute in "
        "a run of 480; a run begun before the shift; two hours that nobody saw; a stop of two "
        "hours inside a run that went on.",
        files={
            "standard_rates": RATES,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,slow,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s2,early,0,2026-03-02 05:00:00,2026-03-02 07:00:00,producing
                s3,early,0,2026-03-02 07:00:00,2026-03-02 14:00:00,no_order
                s4,dark,0,2026-03-02 06:00:00,2026-03-02 08:00:00,producing
                s5,dark,0,2026-03-02 10:00:00,2026-03-02 14:00:00,no_order
                s6,stopped,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s7,stopped,1,2026-03-02 08:00:00,2026-03-02 14:00:00,delay
                s8,sound,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
            """,
            "production_counts": f"""
                {COUNTS}
                r1,slow,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,600,590,6,4
                r2,early,i1,1,2026-03-02 05:00:00,2026-03-02 07:00:00,120,120,0,0
                r3,dark,i1,1,2026-03-02 06:00:00,2026-03-02 10:00:00,200,200,0,0
                r4,stopped,i1,1,2026-03-02 06:00:00,2026-03-02 10:00:00,200,200,0,0
                r5,sound,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,480,480,0,0
                r6,sound,i1,2,2026-03-02 06:00:00,2026-03-02 14:00:00,5,5,0,0
            """,
        },
        figures=(
            Figure("effectiveness", 600 / 480, DAY, scope_type="machine", scope_id="slow"),
            Figure("effectiveness", 2.0, DAY, scope_type="machine", scope_id="early"),
            Figure("effectiveness", 1.0, DAY, scope_type="machine", scope_id="sound"),
        ),
        answers=tuple(
            Answer(
                "select machine_id, performance_flag, cast(first_pass_produced_qty as int), "
                "cast(first_pass_good_qty as int), cast(first_pass_rework_qty as int) "
                f"from {mart} where plant_id = {{plant}} and production_date = '{DAY}' order by 1",
                [
                    ("dark", "run time not observed", 200, 200, 0),
                    ("early", "counts outside run time", 120, 120, 0),
                    ("slow", "standard too slow", 600, 590, 4),
                    ("sound", None, 480, 480, 0),
                    ("stopped", "run time recorded as a stop", 200, 200, 0),
                ],
            )
            for mart in ("mart_oee_shift", "mart_oee_daily")
        ),
    ),
    Vector(
        name="current_standard",
        shows="The standard falls from 60 to 48 s after the shift: performance was 1.0 by the "
        "standard of its time and is 0.8 by today's; a later standard is not yet valid. A run that "
        "kept its own cycle of 50 s is judged by 48 s too.",
        files={
            "standard_rates": """
                item_id,valid_from,valid_to,ideal_cycle_s
                i1,2026-01-01 00:00:00,,60
                i1,2026-03-10 00:00:00,,48
                i1,2027-01-01 00:00:00,,30
                gone,2026-01-01 00:00:00,2026-03-05 00:00:00,60
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s2,m1,1,2026-03-02 08:00:00,2026-03-02 09:20:00,delay
                s3,kept,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s4,gone,0,2026-03-02 06:00:00,2026-03-02 14:00:00,producing
                s5,m1,0,2026-03-12 06:00:00,2026-03-12 14:00:00,producing
            """,
            "production_counts": f"""
                {COUNTS},ideal_cycle_s
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,400,390,10,0,
                r2,kept,i1,1,2026-03-02 06:00:00,2026-03-02 14:00:00,500,500,0,0,50
                r3,gone,gone,1,2026-03-02 06:00:00,2026-03-02 14:00:00,240,240,0,0,
                r4,m1,i1,1,2026-03-12 06:00:00,2026-03-12 14:00:00,480,480,0,0,
            """,
        },
        figures=(
            of_machine("effectiveness", 1.0),
            of_machine("effectiveness_current_standard", 400 * 48 / 24000),
            of_machine("oee", 390 * 60 / 28800),
            of_machine("oee_current_standard", 390 * 48 / 28800, numerator=390 * 48),
            Figure("effectiveness", 500 * 50 / 28800, DAY, scope_type="machine", scope_id="kept"),
            Figure(
                "effectiveness_current_standard",
                500 * 48 / 28800,
                DAY,
                scope_type="machine",
                scope_id="kept",
            ),
            Figure("effectiveness", 0.5, DAY, scope_type="machine", scope_id="gone"),
            Figure(
                "effectiveness_current_standard",
                None,
                DAY,
                scope_type="machine",
                scope_id="gone",
                withheld_reason="no standard rate valid today",
            ),
            # 240 of 1,140 units have no standard today.
            Figure(
                "oee_current_standard",
                None,
                DAY,
                coverage_ratio=900 / 1140,
                withheld_reason="coverage 0.78 below 0.80: output without a standard rate valid "
                "today",
            ),
            of_machine("oee", 0.8125),
            Figure("effectiveness", 0.8, "2026-03-12", scope_type="machine", scope_id="m1"),
        ),
    ),
    Vector(
        name="bridge",
        shows="OEE falls from 0.538 to 0.496 on a line: its good machine gets more of the time, "
        "makes half of it an item of poor quality, and stands less; the other one is faster and "
        "scraps more. A machine that is new to the plant moves the volume alone.",
        shifts=(),
        files={
            "machines": """
                machine_id,line_id
                a,l1
                b,l1
                c,l2
            """,
            "standard_rates": """
                item_id,valid_from,ideal_cycle_s
                x,2026-01-01 00:00:00,60
                y,2026-01-01 00:00:00,60
            """,
            # 500 minutes on three Mondays; of the third, only 20 are observed.
            "shift_calendar": """
                shift_id,shift_code,production_date,start_at,end_at
                d1,D,2026-03-02,2026-03-02 06:00:00,2026-03-02 14:20:00
                d2,D,2026-03-09,2026-03-09 06:00:00,2026-03-09 14:20:00
                d3,D,2026-03-16,2026-03-16 06:00:00,2026-03-16 14:20:00
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,state
                s1,a,0,2026-03-02 06:00:00,2026-03-02 14:20:00,producing
                s2,a,1,2026-03-02 08:00:00,2026-03-02 09:40:00,delay
                s3,b,0,2026-03-02 06:00:00,2026-03-02 14:20:00,producing
                s4,a,0,2026-03-09 06:00:00,2026-03-09 14:20:00,producing
                s5,a,1,2026-03-09 08:00:00,2026-03-09 08:50:00,delay
                s6,b,0,2026-03-09 06:00:00,2026-03-09 10:10:00,producing
                s7,b,0,2026-03-09 10:10:00,2026-03-09 14:20:00,planned_down
                s8,c,0,2026-03-09 06:00:00,2026-03-09 10:10:00,producing
                s9,c,0,2026-03-09 10:10:00,2026-03-09 14:20:00,planned_down
                s10,a,0,2026-03-16 14:00:00,2026-03-16 14:20:00,producing
            """,
            "production_counts": f"""
                {COUNTS}
                r1,a,x,1,2026-03-02 06:00:00,2026-03-02 14:20:00,320,288,32,0
                r2,b,x,1,2026-03-02 06:00:00,2026-03-02 14:20:00,250,250,0,0
                r3,a,x,1,2026-03-09 06:00:00,2026-03-09 10:00:00,180,162,18,0
                r4,a,y,1,2026-03-09 10:00:00,2026-03-09 14:20:00,180,90,90,0
                r5,b,x,1,2026-03-09 06:00:00,2026-03-09 10:10:00,150,120,30,0
                r6,c,x,1,2026-03-09 06:00:00,2026-03-09 10:10:00,200,200,0,0
            """,
        },
        answers=(
            Answer(
                "select scope_id, oee_before_ratio, oee_after_ratio, volume_effect_ratio, "
                "mix_effect_ratio, availability_effect_ratio, performance_effect_ratio, "
                "quality_effect_ratio from mart_oee_bridge where plant_id = {plant} "
                "and period_type = 'week' and after_start_date = '2026-03-09' "
                "order by scope_type",
                [
                    # Machine a: 0.8 x 0.8 x 0.9 = 0.576 on 500 of 1,000 minutes, then
                    # 0.9 x 0.8 x 0.7 = 0.504 on 500 of 750; b: 1 x 0.5 x 1 = 0.5 on 500, then
                    # 1 x 0.6 x 0.8 = 0.48 on 250.
                    (
                        "l1",
                        0.538,
                        0.496,
                        (500 / 750 - 0.5) * 0.576 + (250 / 750 - 0.5) * 0.5,
                        500 / 750 * 0.64 * (0.7 - 0.9),
                        500 / 750 * (0.9 - 0.8) * 0.8 * 0.7,
                        250 / 750 * (0.6 - 0.5) * 1.0,
                        250 / 750 * 0.6 * (0.8 - 1.0),
                    ),
                    # With c: 1 x 0.8 x 1 on 250 of 1,000 minutes.
                    ("bridge", 0.538, 0.572, 0.075, -0.064, 0.028, 0.025, -0.03),
                ],
            ),
            Answer(
                "select cast(before_start_date as varchar), volume_effect_ratio, "
                "quality_effect_ratio, withheld_reason like '%planned time not observed' "
                "from mart_oee_bridge where plant_id = {plant} "
                "and after_start_date = '2026-03-16' and scope_type = 'plant' "
                "order by before_start_date",
                [("2026-03-02", None, None, True), ("2026-03-09", None, None, True)],
            ),
        ),
    ),
    Vector(
        name="known_shares",
        shows="How much is known: 240 of 480 planned minutes observed, 60 of 90 minutes of stops "
        "with a reason, 100 of 150 units with a standard, 1 of 10 delivered rows put aside, the "
        "latest file 6.5 hours after the day it tells of.",
        delivered_at=datetime(2026, 3, 3, 6, 30),
        files={
            "standard_rates": RATES,
            "reasons": """
                reason_kind,reason_id,state,is_failure
                stop,jam,delay,false
            """,
            "machine_states": """
                state_id,machine_id,layer,start_at,end_at,reason_id,state
                s1,m1,0,2026-03-02 06:00:00,2026-03-02 10:00:00,,producing
                s2,m1,1,2026-03-02 07:00:00,2026-03-02 08:00:00,jam,
                s3,m1,1,2026-03-02 09:00:00,2026-03-02 09:30:00,unheard,
                s4,m1,0,2026-03-02 14:00:00,2026-03-02 15:00:00,,producing
            """,
            "production_counts": f"""
                {COUNTS}
                r1,m1,i1,1,2026-03-02 06:00:00,2026-03-02 08:00:00,100,100,0,0
                r2,m1,unrated,1,2026-03-02 08:00:00,2026-03-02 10:00:00,50,50,0,0
                r3,m1,i1,2,2026-03-02 09:00:00,2026-03-02 10:00:00,5,5,0,0
                r4,m1,i1,1,2026-03-02 10:00:00,2026-03-02 09:00:00,1,1,0,0
            """,
        },
        quarantined={"end_after_start": 1},
        figures=(
            of_machine("observed_time_ratio", 240 / 480, numerator=240 * 60),
            of_machine("labelled_stop_ratio", 60 / 90, numerator=60 * 60),
            of_machine("rated_output_ratio", 100 / 150, denominator=150),
        ),
        answers=(
            Answer(
                "select scope_type, period_start_date::text, observed_time_ratio, "
                "labelled_stop_ratio, rated_output_ratio, delivery_qty, delivered_row_qty, "
                "quarantined_row_qty, quarantined_row_ratio, delivery_lateness_max_h "
                "from mart_coverage where plant_id = {plant} and period_type = 'day' "
                "order by scope_type, period_start_date",
                [
                    ("machine", DAY, 0.5, 60 / 90, 100 / 150, None, None, None, None, None),
                    ("plant", DAY, 0.5, 60 / 90, 100 / 150, None, None, None, None, None),
                    ("plant", "2026-03-03", None, None, None, 4, 10, 1, 0.1, 6.5),
                ],
            ),
        ),
    ),
]
