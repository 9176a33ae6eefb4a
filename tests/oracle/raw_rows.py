"""What a plant's exports say, read from the raw schema: one current version of each row.

A row is known by its source and its feed's key. Of its versions the one that its system changed
last counts, then the one of the latest extraction. What the system deleted is gone, and so is
what stood in a file that was replaced under its own name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import duckdb

from ingestion.feeds import FEEDS, feed_key

Row = dict[str, Any]
LONG_AGO = datetime(1, 1, 1)


def rows_of(con: duckdb.DuckDBPyConnection, query: str, *parameters: str) -> list[Row]:
    """The rows of a query as dictionaries."""
    found = con.execute(query, list(parameters))
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@dataclass
class RawPlant:
    """One plant's raw tables."""

    con: duckdb.DuckDBPyConnection
    plant_id: str

    def __post_init__(self) -> None:
        self._feeds: dict[str, list[Row]] = {}

    def of_plant(self, table: str) -> list[Row]:
        return rows_of(self.con, f"select * from raw.{table} where plant_id = ?", self.plant_id)

    @cached_property
    def deliveries(self) -> dict[str, Row]:
        """What was delivered and still counts, by delivery_id."""
        rows = self.of_plant("deliveries")
        return {row["delivery_id"]: row for row in rows if row["status"] != "superseded"}

    @cached_property
    def deliveries_by_feed(self) -> dict[str, list[Row]]:
        """The deliveries that held rows of a feed."""
        found: dict[str, list[Row]] = {}
        for row in rows_of(self.con, "select delivery_id, feed from raw.feed_deliveries"):
            if row["delivery_id"] in self.deliveries:
                found.setdefault(row["feed"], []).append(self.deliveries[row["delivery_id"]])
        return found

    def feed(self, name: str) -> list[Row]:
        """The current version of each row of a feed."""
        if name not in self._feeds:
            self._feeds[name] = self._current(name)
        return self._feeds[name]

    def _current(self, name: str) -> list[Row]:
        key = feed_key(FEEDS[name])
        versions: dict[tuple[Any, ...], list[Row]] = {}
        for row in self.of_plant(name):
            if row["delivery_id"] in self.deliveries:
                versions.setdefault((row["source"], *(row[k] for k in key)), []).append(row)
        latest = [max(rows, key=self._age) for rows in versions.values()]
        return [row for row in latest if not row["is_deleted"]]

    def _age(self, row: Row) -> tuple[Any, ...]:
        delivery = self.deliveries[row["delivery_id"]]
        changed_at = row["changed_at"] or LONG_AGO
        return changed_at, delivery["extracted_at"], row["delivery_id"], row["line_no"]

    @cached_property
    def _business_ids(self) -> dict[tuple[str, str, str], str]:
        return {
            (row["id_kind"], row["source"], row["source_id"]): row["business_id"]
            for row in self.feed("identifiers")
        }

    def business_id(self, kind: str, row: Row, column: str) -> str | None:
        """What all systems call the machine, item or order that a row's own system names."""
        own = row[column]
        return None if own is None else self._business_ids.get((kind, row["source"], own), own)

    def extracted_at(self, row: Row) -> datetime:
        """When the row's current version was drawn from its system."""
        moment: datetime = self.deliveries[row["delivery_id"]]["extracted_at"]
        return moment

    def open_until(self, row: Row) -> datetime:
        """Until when something that has not ended is known to last.

        Where a system sends again what changed, what does not come again is still open at its
        newest export; else it was last seen in its own.
        """
        own = self.deliveries[row["delivery_id"]]
        if not own["resends_changes"]:
            moment: datetime = own["watermark_at"]
            return moment
        return max(
            delivery["watermark_at"]
            for delivery in self.deliveries.values()
            if (delivery["source"], delivery["table_name"]) == (own["source"], own["table_name"])
        )

    def known_until(self, *feeds: str) -> datetime | None:
        """The last export of any of these feeds."""
        return max(
            (d["watermark_at"] for feed in feeds for d in self.deliveries_by_feed.get(feed, [])),
            default=None,
        )

    @cached_property
    def months(self) -> list[date]:
        """The months from the first to the last event that the plant delivered."""
        firsts = [d["first_event_date"] for d in self.deliveries.values() if d["first_event_date"]]
        lasts = [d["last_event_date"] for d in self.deliveries.values() if d["last_event_date"]]
        if not firsts:
            return []
        month, last = min(firsts).replace(day=1), max(lasts)
        months = []
        while month <= last:
            months.append(month)
            month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        return months
