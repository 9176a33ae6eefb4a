"""A published figure that a later publication changes is listed: was, is, and what changed it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from tiny_warehouse import MANIFEST, deliver, make_warehouse

from ingestion.settings import Settings
from orchestration.publish import publish, rollback

NIGHT = datetime(2026, 3, 10, 1, 0)
RESTATED = (
    "select period_start_date, was_value, was_withheld_reason, is_value, is_withheld_reason, "
    "cause, delivery_qty, delivery_files from mart_restatements "
    "order by restated_at, period_start_date"
)


def publish_night(settings: Settings, night: int, code_version: str = "code") -> None:
    publish(
        settings,
        manifest=MANIFEST,
        run_id=f"run-{night}",
        input_fingerprint=f"fingerprint-{night}",
        code_version=code_version,
        now=NIGHT + timedelta(days=night),
    )


def state(settings: Settings, **values: Any) -> None:
    """Set OEE of days of March (`d2` is the second); None withholds it."""
    with duckdb.connect(str(settings.warehouse_file)) as con:
        for day, value in values.items():
            con.execute(
                "update marts.kpi_values set value = ?, withheld_reason = ? "
                "where period_start_date = ?",
                [
                    value,
                    None if value is not None else "no output counted",
                    date(2026, 3, int(day[1:])),
                ],
            )


def restated(settings: Settings) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.published_link), read_only=True) as con:
        return con.execute(RESTATED).fetchall()


@pytest.fixture
def published_once(settings: Settings) -> Settings:
    """OEE of 2 to 11 March, published once; the plant is known until 10 March."""
    make_warehouse(settings, rows=10)
    deliver(settings, "first", watermark_at=datetime(2026, 3, 10, 2))
    state(settings, d2=0.5, d3=0.6, d9=0.7, d10=0.8)
    publish_night(settings, 0)
    return settings


def test_the_first_publication_restates_nothing(published_once: Settings) -> None:
    assert restated(published_once) == []


def test_a_correction_is_listed_with_its_delivery(published_once: Settings) -> None:
    day = date(2026, 3, 2)
    deliver(published_once, "late", first_event_date=day, last_event_date=day)
    deliver(
        published_once,
        "of_today",
        first_event_date=date(2026, 3, 10),
        last_event_date=date(2026, 3, 10),
    )
    state(published_once, d2=0.4)
    publish_night(published_once, 1)
    assert restated(published_once) == [
        (day, 0.5, None, 0.4, None, "delivery", 1, "p1/mapex/late.csv")
    ]


def test_a_figure_that_appears_or_is_withheld_is_restated_too(published_once: Settings) -> None:
    state(published_once, d3=None, d4=0.9)
    publish_night(published_once, 1, code_version="newer")
    assert restated(published_once) == [
        (date(2026, 3, 3), 0.6, None, None, "no output counted", "code", 0, None),
        (date(2026, 3, 4), None, "no output counted", 0.9, None, "code", 0, None),
    ]


def test_a_figure_that_is_gone_is_restated(published_once: Settings) -> None:
    with duckdb.connect(str(published_once.warehouse_file)) as con:
        con.execute("delete from marts.kpi_values where period_start_date = date '2026-03-02'")
    publish_night(published_once, 1)
    assert restated(published_once) == [
        (date(2026, 3, 2), 0.5, None, None, "no longer reported", "other", 0, None)
    ]


def test_a_period_that_was_not_over_is_continued_and_not_restated(
    published_once: Settings,
) -> None:
    state(published_once, d9=0.1, d10=0.2)
    publish_night(published_once, 1)
    assert restated(published_once) == []


def test_adding_in_another_order_restates_nothing(published_once: Settings) -> None:
    state(published_once, d2=0.5 * (1 + 1e-13))
    publish_night(published_once, 1)
    assert restated(published_once) == []


def test_the_list_grows_from_publication_to_publication(published_once: Settings) -> None:
    state(published_once, d2=0.4)
    publish_night(published_once, 1)
    state(published_once, d2=0.3)
    publish_night(published_once, 2)
    assert [row[1:4:2] for row in restated(published_once)] == [(0.5, 0.4), (0.4, 0.3)]


def test_after_a_roll_back_figures_are_compared_with_what_readers_saw(
    published_once: Settings,
) -> None:
    state(published_once, d2=0.4)
    publish_night(published_once, 1)
    rollback(published_once)
    state(published_once, d2=0.3)
    publish_night(published_once, 2)
    assert [row[1:4:2] for row in restated(published_once)] == [(0.5, 0.3)]
