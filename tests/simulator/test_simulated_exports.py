"""The exports tell the truth: read back without the planted faults, they are the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from simulated import (
    MADRID,
    STATES,
    Interval,
    Simulated,
    dotted,
    dotted_date,
    german,
    merged,
    overlay,
    slashed,
)

from ingestion.simulator import simulate


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    data = tmp_path_factory.mktemp("plant")
    simulate(data, days=30, machines=6, seed=1)
    return Simulated(data)


@pytest.fixture(scope="module")
def machines(plant: Simulated) -> dict[str, str]:
    rows = plant.latest("mapex", "cfg_maquina", "Id_maquina")
    return {number: row["Cod_maquina"] for number, row in rows.items()}


def test_activities_and_stops_rebuild_machine_time(
    plant: Simulated, machines: dict[str, str]
) -> None:
    end = plant.truth("machine_time")["end_at"].max()
    assert isinstance(end, datetime)
    reasons = plant.latest("mapex", "cfg_paro", "Id_paro")
    kinds = {"1": "planned_down", "2": "delay", "3": "no_order"}
    runs = plant.latest("mapex", "his_prod", "Id_his_prod")
    activities: dict[str, list[Interval]] = defaultdict(list)
    stops: dict[str, list[Interval]] = defaultdict(list)
    for row in runs.values():
        start = slashed(row["Fecha_ini"])
        assert start is not None
        machine = machines[row["Id_maquina"]]
        finish = slashed(row["Fecha_fin"]) or end
        activities[machine].append((start, finish, STATES[row["Id_actividad"]], None))
    for row in plant.latest("mapex", "his_prod_paro", "Id_his_prod_paro").values():
        start = slashed(row["Fecha_ini"])
        assert start is not None
        machine = machines[runs[row["Id_his_prod"]]["Id_maquina"]]
        reason = reasons[row["Id_paro"]] if row["Id_paro"] else None
        state = kinds[reason["Id_TipoparoOEE"]] if reason else "delay"
        code = reason["Cod_paro"] if reason else None
        stops[machine].append((start, slashed(row["Fecha_fin"]) or end, state, code))

    truth = plant.truth("machine_time").filter("is_observed")
    assert set(activities) == set(truth["machine_id"])
    for machine in activities:
        names = ("start_at", "end_at", "state", "reason_code")
        expected = merged(truth.filter(machine_id=machine).select(names).rows())
        assert overlay(activities[machine], stops[machine]) == expected


def test_nothing_is_exported_from_an_outage(plant: Simulated, machines: dict[str, str]) -> None:
    outages = plant.truth("unobserved").rows()
    assert len(outages) >= 1
    hidden = plant.truth("machine_time").filter(~pl.col("is_observed"))
    for machine, start, end in outages:
        inside = hidden.filter(
            pl.col("machine_id") == machine, pl.col("start_at") >= start, pl.col("end_at") <= end
        )
        assert (inside["end_at"] - inside["start_at"]).sum() == end - start
        for row in plant.latest("mapex", "his_prod", "Id_his_prod").values():
            begin, finish = slashed(row["Fecha_ini"]), slashed(row["Fecha_fin"])
            if machines[row["Id_maquina"]] == machine and begin is not None:
                assert finish is None or finish <= start or begin >= end


def test_runs_have_the_true_quantities(plant: Simulated, machines: dict[str, str]) -> None:
    orders = plant.latest("mapex", "his_of", "Id_his_of")
    phases = plant.latest("mapex", "his_fase", "Id_his_fase")
    items = plant.latest("mapex", "cfg_producto", "Id_producto")
    exported = {}
    without_cycle = 0
    truth = {row["run_id"]: row for row in plant.truth("runs").filter("is_observed").to_dicts()}
    for run, row in plant.latest("mapex", "his_prod", "Id_his_prod").items():
        if row["Id_actividad"] not in ("2", "4"):
            assert (row["Unidades_ok"], row["Unidades_nok"], row["Unidades_repro"]) == ("0",) * 3
            continue
        order = orders[phases[row["Id_his_fase"]]["Id_his_of"]]
        cycle = row["SegCicloNominal"].replace(",", ".")
        without_cycle += cycle == ""
        exported[run] = {
            "run_id": run,
            "machine_id": machines[row["Id_maquina"]],
            "order_id": order["Cod_of"],
            "item_id": items[order["Id_producto"]]["Cod_producto"],
            "operation_no": int(phases[row["Id_his_fase"]]["Orden"]),
            "pass_no": 1 if row["Id_actividad"] == "2" else 2,
            "production_date": datetime.strptime(row["Dia_productivo"], "%d/%m/%Y").date(),  # noqa: DTZ007
            "start_at": slashed(row["Fecha_ini"]),
            "end_at": slashed(row["Fecha_fin"]),
            "good_qty": int(row["Unidades_ok"]),
            "scrap_qty": int(row["Unidades_nok"]),
            "rework_qty": int(row["Unidades_repro"]),
            "ideal_cycle_s": Decimal(cycle) if cycle else truth[run]["ideal_cycle_s"],
            "is_observed": True,
        }
    assert exported == truth
    # Blank now and then, in either pass, and no more than that.
    assert 0 < without_cycle < len(truth) / 20


def test_missing_cycles_are_in_the_routing(plant: Simulated) -> None:
    """Where the MES wrote no cycle, the standard valid at the run's start is the true one."""
    rates = plant.truth("rates").sort("valid_from")
    joined = (
        plant.truth("runs")
        .sort("start_at")
        .join_asof(
            rates,
            left_on="start_at",
            right_on="valid_from",
            by=["item_id", "machine_id"],
            check_sortedness=False,
        )
    )
    assert joined.filter(pl.col("ideal_cycle_s") != pl.col("ideal_cycle_s_right")).height == 0
    exported = set()
    for line in plant.lines("sap_pp", "CA_RATES"):
        v = line.values
        assert (v["VGE01"], v["VGE02"]) == ("MIN", "MIN")
        exported.add(
            (
                v["MATNR"],
                v["ARBPL"],
                dotted(v["DATUV"], "00:00:00"),
                german(v["VGW02"]) * 60 / german(v["BMSCH"]),
                german(v["VGW01"]) * 60,
            )
        )
    assert exported == set(rates.rows())
    assert rates.height == 21  # six items on three stations, one of them with a new standard


def test_rejections_add_up_to_their_runs(plant: Simulated) -> None:
    rejected: Counter[tuple[str, str, str]] = Counter()
    defects = plant.latest("mapex", "cfg_defecto", "Id_defecto")
    for row in plant.latest("mapex", "his_prod_defecto", "Id_his_prod_defecto").values():
        disposition = {"1": "scrap", "0": "rework"}[row["scrap"]]
        code = defects[row["Id_defecto"]]["Cod_defecto"]
        rejected[row["Id_his_prod"], code, disposition] += int(row["Unidades"])
    truth = plant.truth("rejections").filter("is_observed")
    by_reason = truth.group_by("run_id", "reason_code", "disposition").agg(pl.sum("qty")).rows()
    assert rejected == {tuple(key): qty for *key, qty in by_reason}
    for run in plant.truth("runs").filter("is_observed").to_dicts():
        for disposition in ("scrap", "rework"):
            total = sum(
                qty
                for (run_id, _, kind), qty in rejected.items()
                if run_id == run["run_id"] and kind == disposition
            )
            assert total == run[f"{disposition}_qty"]


def test_orders(plant: Simulated) -> None:
    exported = []
    for row in plant.latest("sap_pp", "COOIS", "AUFNR").values():
        exported.append(
            (
                row["AUFNR"],
                row["MATNR"],
                dotted(row["ERDAT"], row["ERZEIT"]),
                dotted(row["FTRMI"], row["FTRZT"]),
                dotted(row["GETRI"], row["GEUZI"]),
                dotted_date(row["GLTRP"]),
                int(german(row["GAMNG"])),
                int(german(row["IGMNG"])),
                row["LOEKZ"] == "X",
            )
        )
    assert sorted(exported) == sorted(plant.truth("orders").drop("line_id").rows())


def test_maintenance(plant: Simulated) -> None:
    names = {"PM01": "corrective", "PM02": "preventive"}
    equipment = {f"{10_000_401 + n}": f"L{1 + n // 3}-M{1 + n % 3}" for n in range(6)}
    exported = []
    for row in plant.latest("sap_pm", "IW39", "AUFNR").values():
        exported.append(
            (
                row["AUFNR"],
                equipment[row["EQUNR"]],
                names[row["AUART"]],
                row["MSAUS"] == "X",
                row["FECOD"] or None,
                dotted(row["ERDAT"], row["ERZEIT"]),
                dotted(row["GSTRI"], row["GSUZI"]),
                dotted(row["GETRI"], row["GEUZI"]),
                dotted_date(row["GSTRP"]),
                german(row["ISMNW"]) * 3600 if row["ISMNW"] else None,
                german(row["GKOST"]) if row["GKOST"] else None,
            )
        )
    assert sorted(exported, key=str) == sorted(plant.truth("maintenance").rows(), key=str)
    assert any(row[10] is not None and row[10] < 0 for row in exported), "a credit has its minus"


def test_stock_movements_in_both_layouts(plant: Simulated) -> None:
    exported = []
    layouts = Counter()
    for line in plant.lines("sap_mm", "MB51"):
        v = line.values
        layouts[v["SHKZG"] != ""] += 1
        sign = {"S": 1, "H": -1, "": 1}[v["SHKZG"]]
        if v["SHKZG"]:
            assert "-" not in v["MENGE"] + v["DMBTR"]
        exported.append(
            (
                f"{v['MJAHR']}-{v['MBLNR']}-{v['ZEILE']}",
                v["MATNR"],
                v["LGORT"],
                dotted_date(v["BUDAT"]),
                dotted(v["CPUDT"], v["CPUTM"]),
                sign * german(v["MENGE"]),
                sign * german(v["DMBTR"]),
                v["BWART"],
                v["SOBKZ"] == "",
                v["AUFNR"] or None,
            )
        )
    truth = plant.truth("stock_moves").drop("movement_class", "is_reversal")
    assert sorted(exported, key=str) == sorted(truth.rows(), key=str)
    assert len({row[0] for row in exported}) == len(exported)
    assert min(layouts[True], layouts[False]) > 100
    codes = {row[7] for row in exported}
    assert codes >= {"101", "102", "261", "262", "601", "602", "551", "311", "701", "702"}
    assert any(not row[8] for row in exported), "consignment stock"


def test_movement_classes_follow_the_movement_types(plant: Simulated) -> None:
    moves = plant.truth("stock_moves")
    classes = set(moves.select("movement_code", "movement_class", "is_reversal").rows())
    assert classes == {
        ("101", "receipt_purchase", False),
        ("101", "receipt_production", False),
        ("102", "receipt_production", True),
        ("261", "issue", False),
        ("262", "issue", True),
        ("601", "sale", False),
        ("602", "sale", True),
        ("551", "scrap", False),
        ("311", "transfer", False),
        ("701", "count", False),
        ("702", "count", False),
    }
    transfers = moves.filter(movement_class="transfer")
    assert transfers["signed_qty"].sum() == 0


def test_a_reversal_counts_for_the_day_of_the_mistake(tmp_path: Path) -> None:
    # A mistake found after midnight is rare: this seed has one in thirty days.
    simulate(tmp_path, days=30, machines=6, seed=4)
    moves = Simulated(tmp_path).truth("stock_moves")
    reversals = moves.filter("is_reversal").to_dicts()
    entered_later = 0
    for undo in reversals:
        wrong = moves.filter(
            pl.col("movement_class") == undo["movement_class"],
            pl.col("item_id") == undo["item_id"],
            pl.col("signed_qty") == -undo["signed_qty"],
            pl.col("order_id").eq_missing(pl.lit(undo["order_id"], pl.String)),
            pl.col("entered_at") < undo["entered_at"],
        ).sort("entered_at")
        assert wrong.height >= 1
        assert wrong["posting_date"][-1] == undo["posting_date"]
        entered_at = undo["entered_at"].replace(tzinfo=UTC).astimezone(MADRID)
        entered_later += entered_at.date() > undo["posting_date"]
    assert entered_later > 0, "some mistakes are found after midnight"


def test_month_start_stock_is_opening_plus_movements(plant: Simulated) -> None:
    opening = plant.truth("opening_stock")
    moves = plant.truth("stock_moves").filter("is_owned")
    first, second = sorted(opening["date"].unique())
    assert (first, second) == (date(2026, 3, 9), date(2026, 4, 1))
    before = moves.filter(pl.col("posting_date") < second)
    flow = Counter(
        dict(
            ((item, place), qty)
            for item, place, qty in before.group_by("item_id", "location_id")
            .agg(pl.sum("signed_qty"))
            .rows()
        )
    )
    delivered = {}
    for line in plant.lines("sap_mm", "MARD"):
        v = line.values
        delivered[v["MATNR"], v["LGORT"], dotted_date(v["STICHTAG"])] = german(v["LABST"])
    truth = {(item, place, day): qty for item, place, day, qty in opening.rows()}
    assert delivered == truth
    for (item, place, day), qty in truth.items():
        if day == second:
            assert qty == truth[item, place, first] + flow[item, place]


def test_stock_never_closes_a_day_below_zero(plant: Simulated) -> None:
    opening = plant.truth("opening_stock").filter(date=date(2026, 3, 9))
    moves = plant.truth("stock_moves").filter("is_owned")
    days = moves.select(pl.col("posting_date").unique().sort())["posting_date"]
    for item, place, _, qty in opening.rows():
        of_place = moves.filter(item_id=item, location_id=place)
        daily = dict(of_place.group_by("posting_date").agg(pl.sum("signed_qty")).rows())
        for day in days:
            qty += daily.get(day, 0)
            assert qty >= 0, (item, place, day)


def test_costs_have_their_price_unit_applied(plant: Simulated) -> None:
    exported = set()
    for line in plant.lines("sap_mm", "MBEW"):
        v = line.values
        price = german(v["STPRS"]) / Decimal(v["PEINH"])
        exported.add((v["MATNR"], dotted_date(v["GUELTIG_AB"]), price))
    costs = plant.truth("costs")
    assert exported == set(costs.rows())
    changed = costs.filter(valid_from=date(2026, 4, 1))
    assert sorted(changed["item_id"]) == ["FG-2001", "RM-1001"]
    moves = plant.truth("stock_moves").filter("is_owned").sort("posting_date")
    valued = moves.join_asof(
        costs.sort("valid_from"),
        left_on="posting_date",
        right_on="valid_from",
        by="item_id",
        check_sortedness=False,
    )
    value = valued["signed_qty"].cast(pl.Float64) * valued["unit_cost"].cast(pl.Float64)
    assert (value - valued["signed_amount"].cast(pl.Float64)).abs().max() < 0.00501


def test_items(plant: Simulated) -> None:
    kinds = {"ROH": "raw", "FERT": "finished"}
    exported = {
        (row["MATNR"], row["MAKTX"], kinds[row["MTART"]], row["MATKL"], row["MEINS"])
        for row in plant.latest("sap_mm", "MARA", "MATNR").values()
    }
    assert exported == set(plant.truth("items").rows())


def test_open_rows_come_again_when_they_are_closed(plant: Simulated) -> None:
    versions = defaultdict(list)
    for line in plant.lines("mapex", "his_prod"):
        if line.values["Activo"] == "1":
            versions[line.values["Id_his_prod"]].append(line.values)
    opened = [rows for rows in versions.values() if rows[0]["Fecha_fin"] == ""]
    assert len(opened) > 50
    grown = 0
    for first, *later in opened:
        if later:
            last = later[-1]
            assert last["Fecha_fin"] != ""
            before, after = slashed(first["Last_reg_date"]), slashed(last["Last_reg_date"])
            assert before is not None
            assert after is not None
            assert before < after
            assert int(first["Unidades_ok"]) <= int(last["Unidades_ok"])
            grown += int(first["Unidades_ok"]) < int(last["Unidades_ok"])
    assert grown > 20


def test_wrongly_booked_rows_are_deleted_again(plant: Simulated) -> None:
    deleted = [
        line.values["Id_his_prod"]
        for line in plant.lines("mapex", "his_prod")
        if line.values["Activo"] == "0"
    ]
    booked = {line.values["Id_his_prod"] for line in plant.lines("mapex", "his_prod")}
    assert len(deleted) >= 1
    assert set(deleted) <= booked
    assert not set(deleted) & set(plant.truth("runs")["run_id"])


def test_texts_need_the_code_page_and_the_quotes(plant: Simulated) -> None:
    raw = b"".join(p.read_bytes() for p in (plant.landing / "vlc" / "mapex").glob("his_prod_2*"))
    assert "Atención".encode("cp1252") in raw
    assert b'"Cambio de ' in raw
    assert b'""B""' in raw


def test_master_data_comes_again_as_the_same_bytes(plant: Simulated) -> None:
    files = sorted((plant.landing / "vlc" / "mapex").glob("cfg_maquina_*"))
    assert len(files) == 5
    assert len({path.read_bytes() for path in files}) == 1


def test_exports_of_the_autumn_night_repeat_an_hour(tmp_path: Path) -> None:
    simulate(tmp_path, days=4, machines=4, seed=2, start=date(2026, 10, 22), dirt=False)
    plant = Simulated(tmp_path)
    night = plant.truth("shifts").filter(production_date=date(2026, 10, 24), shift_code="N")
    start, end = night.select("start_at", "end_at").row(0)
    assert end - start == timedelta(hours=9)
    twice = [
        line.values
        for line in plant.lines("mapex", "his_prod_paro")
        if line.values["Fecha_ini"].startswith("25/10/2026 02:")
    ]
    inside = plant.truth("machine_time").filter(
        pl.col("reason_code").is_not_null() | (pl.col("state") == "delay"),
        pl.col("start_at").is_between(datetime(2026, 10, 25), datetime(2026, 10, 25, 2)),
    )
    hours = inside["start_at"].dt.hour().value_counts().rows()
    assert sorted(hour for hour, _ in hours) == [0, 1], "both passes of the hour have stops"
    assert len({row["Id_his_prod_paro"] for row in twice}) == inside.height
