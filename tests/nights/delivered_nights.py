"""Plants whose files arrive in three nights, each with something that changes the past.

All but one begin with the same six days of two machines. `NIGHTS` holds, per night and plant, the
typed files that arrive; a file of a name that is there already replaces it.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

Files = dict[str, str]

FIRST_DAY = date(2026, 3, 2)
DAYS = [FIRST_DAY + timedelta(days=number) for number in range(6)]
#: As many as a chart needs to have its whole baseline, and to be judged by it.
CHART_DAYS = [date(2026, 2, 6) + timedelta(days=number) for number in range(27)]
MACHINES = {"m1": "i1", "m2": "i2"}
#: When the files of each night were taken from their systems.
TAKEN_AT = [datetime(2026, 3, day, 5, tzinfo=UTC) for day in (8, 9, 10)]

STATES = "state_id,machine_id,run_id,layer,start_at,end_at,state,reason_id,is_deleted,changed_at"
COUNTS = (
    "run_id,machine_id,item_id,pass_no,start_at,end_at,produced_qty,good_qty,scrap_qty,rework_qty,"
    "is_deleted,changed_at"
)
OPERATIONS = "operation_id,order_id,sequence_no"
SCRAP = "scrap_id,run_id,reason_id,disposition,rejected_qty,produced_at,is_deleted,changed_at"


def table(header: str, *rows: str) -> str:
    """A typed file; columns that a row leaves out at its end are empty."""
    width = header.count(",")
    return "\n".join([header, *(row + "," * (width - row.count(",")) for row in rows)]) + "\n"


def masters() -> Files:
    return {
        "machines.csv": table("machine_id,line_id", "m1,l1", "m2,l1"),
        "items.csv": table("item_id,item_type,base_uom", "i1,finished,PC", "i2,finished,PC"),
        "item_costs.csv": table("item_id,valid_from,unit_cost_amount", "i1,2026-01-01,4"),
        "reasons.csv": table(
            "reason_id,reason_kind,reason_name,reason_group,is_failure,state",
            "r1,stop,Jam,Process,true,delay",
            "q1,scrap,Burr,Process,false,",
        ),
        "standard_rates.csv": table("item_id,valid_from,ideal_cycle_s", "i1,2026-01-01 00:00,120"),
    }


def day_files(day: date, *, machine_2: str = "m2", produced: int = 100) -> Files:
    """What both machines do on a day: seven hours of production, a stop, scrap."""
    states, counts, scrap = [], [], []
    for machine, item in MACHINES.items():
        name, run = (machine_2 if machine == "m2" else machine), f"{day:%d}-{machine}"
        bad = 2 + day.day % 3
        states += [
            f"{run}-a,{name},{run},0,{day} 06:00,{day} 13:00,producing",
            f"{run}-b,{name},{run},1,{day} 09:00,{day} 09:{10 + day.day},,r1",
        ]
        counts.append(
            f"{run},{name},{item},1,{day} 06:00,{day} 13:00,{produced},{produced - bad},{bad},0"
        )
        scrap.append(f"{run}-s,{run},q1,scrap,{bad}")
    return {
        f"machine_states_{day:%d}.csv": table(STATES, *states),
        f"production_counts_{day:%d}.csv": table(COUNTS, *counts),
        f"scrap_events_{day:%d}.csv": table(SCRAP, *scrap),
    }


def days_files(*days: date, machine_2: str = "m2") -> Files:
    return {
        name: text for day in days for name, text in day_files(day, machine_2=machine_2).items()
    }


BASE = masters() | days_files(*DAYS)
WITHOUT_END = BASE | {
    "machine_states_open.csv": table(STATES, "w,m2,,0,2026-03-05 13:00,,no_order"),
}
# The last minutes of a production day, and later those that follow.
WITH_A_BREAK = BASE | {
    "machine_states_break.csv": table(
        STATES, "break,m1,,0,2026-03-04 05:57,2026-03-04 06:00,delay"
    ),
}
# Two machines that do the same, but for a delay of one of them.
TWINS = masters() | {
    f"machine_states_{day:%d}.csv": table(
        STATES,
        *(
            f"{day:%d}-{machine}{part},{machine},,0,{day} {start},{day} {end},{state}"
            for machine in MACHINES
            for part, start, end, state in (
                ("a", "06:00", "08:00", "producing"),
                ("b", "08:00", "09:00", "delay" if machine == "m1" else "producing"),
                ("c", "09:00", "14:00", "producing"),
            )
        ),
    )
    for day in DAYS
}
MEASURED = "measurement_id,characteristic_id,machine_id,measured_at,measured_value,lower_limit,uom"
# Samples of one machine, enough of them for a capability.
MEASURED_DAYS = {
    f"measurements_{day:%d}.csv": table(
        MEASURED,
        *(
            f"{day:%d}-{number},width,m1,{day} 07:{number:02},{10 + number % 7},5,mm"
            for number in range(60)
        ),
    )
    for day in DAYS
}
# One order, whose only known operation the first days' runs belong to.
WITH_A_ROUTE = (
    masters()
    | days_files(*DAYS)
    | {
        "production_counts_02.csv": table(
            COUNTS.replace("item_id", "item_id,operation_id"),
            "02-m1,m1,i1,op10,1,2026-03-02 06:00,2026-03-02 13:00,100,96,4,0",
            "02-m2,m2,i2,,1,2026-03-02 06:00,2026-03-02 13:00,100,96,4,0",
        ),
        "order_operations.csv": table(OPERATIONS, "op10,o1,10"),
    }
)
# A machine of which only the states are known at first.
WITHOUT_COUNTS = {
    name: "\n".join(line for line in text.splitlines() if not line[2:].startswith("-m2,")) + "\n"
    if name.startswith("production_counts")
    else text
    for name, text in BASE.items()
}
WITH_OTHER_NAMES = masters() | days_files(*DAYS, machine_2="MC-2")

#: Per plant, what arrives in each of the three nights.
NIGHTS: dict[str, tuple[Files, Files, Files]] = {
    # Nothing at first, then two more days at once.
    "quiet": (BASE, {}, days_files(date(2026, 3, 8), date(2026, 3, 9))),
    # A target that was set in time, and comes late.
    "daily": (
        BASE,
        days_files(date(2026, 3, 8)),
        days_files(date(2026, 3, 9))
        | {
            "kpi_targets_20260301_050000.csv": table(
                "kpi_id,scope_type,scope_id,period_type,valid_from,target_value,owner",
                "oee,machine,m1,day,2026-03-01,0.4,Ann",
            )
        },
    ),
    # A run nobody had told of; later it turns out not to have been.
    "late": (
        BASE,
        {
            "machine_states_late.csv": table(
                STATES, "late,m1,late,0,2026-03-03 13:00,2026-03-03 13:40,producing"
            ),
            "production_counts_late.csv": table(
                COUNTS, "late,m1,i1,1,2026-03-03 13:00,2026-03-03 13:40,12,11,1,0"
            ),
        },
        {
            "machine_states_gone.csv": table(
                STATES,
                "late,m1,late,0,2026-03-03 13:00,2026-03-03 13:40,producing,,true,2026-03-10 04:00",
            ),
            "production_counts_gone.csv": table(
                COUNTS,
                "late,m1,i1,1,2026-03-03 13:00,2026-03-03 13:40,12,11,1,0,true,2026-03-10 04:00",
            ),
        },
    ),
    # A run that was booked two days too late, then half of what it made.
    "moved": (
        BASE,
        {
            "machine_states_moved.csv": table(
                STATES,
                "04-m1-a,m1,04-m1,0,2026-03-02 13:00,2026-03-02 14:00,producing,,,2026-03-09 04:00",
            ),
            "production_counts_moved.csv": table(
                COUNTS,
                "04-m1,m1,i1,1,2026-03-02 13:00,2026-03-02 14:00,100,97,3,0,,2026-03-09 04:00",
            ),
        },
        {
            "production_counts_halved.csv": table(
                COUNTS,
                "04-m1,m1,i1,1,2026-03-02 13:00,2026-03-02 14:00,50,47,3,0,,2026-03-10 04:00",
            ),
        },
    ),
    # Everything that was made on a day never was; then the first day's scrap.
    "cancelled": (
        BASE,
        {
            "production_counts_cancelled.csv": table(
                COUNTS,
                *(
                    f"05-{machine},{machine},{item},1,2026-03-05 06:00,2026-03-05 13:00,"
                    "100,96,4,0,true,2026-03-09 04:00"
                    for machine, item in MACHINES.items()
                ),
            ),
            "scrap_events_cancelled.csv": table(
                SCRAP,
                "05-m1-s,05-m1,q1,scrap,4,,true,2026-03-09 04:00",
                "05-m2-s,05-m2,q1,scrap,4,,true,2026-03-09 04:00",
            ),
        },
        {
            "scrap_events_cancelled_too.csv": table(
                SCRAP, "02-m1-s,02-m1,q1,scrap,4,,true,2026-03-10 04:00"
            )
        },
    ),
    # A state whose end comes later, and is corrected.
    "closed": (
        WITHOUT_END,
        {
            "machine_states_closed.csv": table(
                STATES,
                "w,m2,,0,2026-03-05 13:00,2026-03-05 13:50,no_order,,,2026-03-09 04:00",
            )
        },
        {
            "machine_states_closed_again.csv": table(
                STATES,
                "w,m2,,0,2026-03-05 13:00,2026-03-05 13:30,no_order,,,2026-03-10 04:00",
            )
        },
    ),
    # Whose machine it was is told late; a name for its other machine later still.
    "identified": (
        WITH_OTHER_NAMES,
        {"identifiers.csv": table("id_kind,source_id,business_id", "machine,MC-2,m2")},
        {"identifiers_2.csv": table("id_kind,source_id,business_id", "item,i2,i1")},
    ),
    # Standards and costs that were valid in the past.
    "rated": (
        BASE,
        {
            "standard_rates_late.csv": table(
                "item_id,valid_from,ideal_cycle_s", "i2,2026-03-04 00:00,150"
            )
        },
        {"item_costs_late.csv": table("item_id,valid_from,unit_cost_amount", "i2,2026-03-05,7")},
    ),
    # A file replaced under its name, and put back.
    "replaced": (
        BASE,
        day_files(date(2026, 3, 3), produced=80),
        day_files(date(2026, 3, 3)) | day_files(date(2026, 3, 6), produced=60),
    ),
    # Reasons that were unknown when the stops came.
    "labelled": (
        {name: text for name, text in BASE.items() if name != "reasons.csv"},
        {"reasons.csv": BASE["reasons.csv"]},
        {},
    ),
    # Charts that have their baseline: a figure behind it is corrected, the one before that is of a
    # day without output, and others follow that nothing but the chart ties to it. Then an event
    # begins a new baseline behind these.
    "charted": (
        masters()
        | {
            "standard_rates.csv": table(
                "item_id,valid_from,ideal_cycle_s",
                "i1,2026-01-01 00:00,120",
                "i2,2026-01-01 00:00,120",
            )
        }
        | {
            name: text
            for name, text in days_files(*CHART_DAYS).items()
            if name not in ("production_counts_26.csv", "scrap_events_26.csv")
        },
        day_files(date(2026, 2, 27), produced=60),
        days_files(date(2026, 3, 5))
        | {
            "kpi_baselines.csv": table(
                "kpi_id,scope_type,scope_id,period_type,from_date,reason,author",
                "oee,machine,m1,day,2026-03-02,New tool,Ann",
            )
        },
    ),
    # The delay was the other machine's.
    "swapped": (
        TWINS,
        {
            "machine_states_swapped.csv": table(
                STATES,
                "04-m1b,m1,,0,2026-03-04 08:00,2026-03-04 09:00,producing,,,2026-03-09 04:00",
                "04-m2b,m2,,0,2026-03-04 08:00,2026-03-04 09:00,delay,,,2026-03-09 04:00",
            )
        },
        {},
    ),
    # A measured value is corrected, and another taken back.
    "measured": (
        BASE | MEASURED_DAYS,
        {
            "measurements_corrected.csv": table(
                MEASURED + ",is_deleted,changed_at",
                "03-7,width,m1,2026-03-03 07:07,12,5,mm,,2026-03-09 04:00",
                "05-9,width,m1,2026-03-05 07:09,12,5,mm,true,2026-03-09 04:00",
            )
        },
        {},
    ),
    # A minor stop at the end of a production day turns out to go on after it.
    "broken": (
        WITH_A_BREAK,
        {
            "machine_states_break_2.csv": table(
                STATES, "break-2,m1,,0,2026-03-04 06:00,2026-03-04 06:20,delay,,,2026-03-09 04:00"
            )
        },
        {},
    ),
    # A machine that stands on another line than was thought.
    "relined": (
        BASE,
        {"machines_2.csv": table("machine_id,line_id", "m2,l2")},
        {},
    ),
    # What was thought to be an order's last operation was not.
    "routed": (
        WITH_A_ROUTE,
        {"order_operations_2.csv": table(OPERATIONS, "op20,o1,20")},
        {},
    ),
    # A machine that begins to count: until then its output is not known.
    "counting": (
        WITHOUT_COUNTS,
        days_files(date(2026, 3, 8)),
        {},
    ),
    # Another shift in plants.toml: see plants_toml.
    "shifted": (BASE, {}, {}),
}


def plants_toml(night: int) -> str:
    """The configuration as of a night: in the second, one plant's shift turns out to end later."""
    return "".join(
        f'[plants.{plant}]\nname = "{plant}"\ntime_zone = "UTC"\ncurrency = "EUR"\n'
        'day_start = "06:00"\nsources = [{ source = "typed_csv", folder = "typed" }]\n'
        f'[[plants.{plant}.shifts]]\ncode = "M"\nstart = "06:00"\n'
        f'end = "{"15:00" if plant == "shifted" and night > 0 else "14:00"}"\n'
        for plant in NIGHTS
    )


def deliver(landing: Path, night: int) -> None:
    """Lay the files of a night into landing."""
    for plant, nights in NIGHTS.items():
        folder = landing / plant / "typed"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in nights[night].items():
            path = folder / name
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            path.write_text(text, encoding="utf-8")
            taken_at = TAKEN_AT[night].timestamp()
            os.utime(path, (taken_at, taken_at))
