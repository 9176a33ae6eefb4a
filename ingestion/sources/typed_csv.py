"""What people type: one plain CSV file per feed, its header the feed's own column names.

For a plant without a system for something, and for small corrections. UTF-8, commas, a decimal
point; times are the plant's clock, `2026-03-02 06:00:00` or with a fraction of a second, dates
`2026-03-02`, yes and no `true` and `false`. The file is named after the feed
(`labour_entries.csv`, `labour_entries_20260302_060000.csv`); columns that a feed allows to be
empty may be left out.
"""

from __future__ import annotations

import dataframely as dy

from ingestion.columns import Column, code, day, local_time, number, text, whole
from ingestion.feeds import FEEDS, Feed
from ingestion.feeds.base import feed_columns
from ingestion.source import Delimited, FeedMapping, Source, Table

CSV = Delimited(encoding="utf-8")
TIMES = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M")
YES_AND_NO = {"true": True, "false": False}
#: What a question means that nobody answered; no other is answered with yes.
UNANSWERED = {"is_owned": True}


def typed(name: str, column: dy.Column) -> Column:
    """The column as people type it, by its type in the feed."""
    # What has happened lies in the past; what is due or valid may not.
    is_event = bool((column.metadata or {}).get("event"))
    match column:
        case dy.Enum():
            return code(name, {word: word for word in column.categories})
        case dy.Bool():
            blank = None if column.nullable else UNANSWERED.get(name, False)
            return code(name, YES_AND_NO, blank=blank)
        case dy.Datetime():
            return local_time(name, format=TIMES, future=not is_event)
        case dy.Date():
            return day(name, "%Y-%m-%d", future=not is_event)
        case dy.Decimal():
            return number(name)
        case dy.Int64():
            return whole(name)
        case _:
            return text(name)


def table(name: str, feed: type[Feed]) -> Table:
    """The file of one feed."""
    columns = feed_columns(feed) | {
        shared: Feed.columns()[shared] for shared in ("is_deleted", "changed_at")
    }
    return Table(
        name=name,
        pattern=f"{name}[._]*",
        dialect=CSV,
        columns=tuple(
            column_name
            for column_name, column in feed_columns(feed).items()
            if not column.nullable and not isinstance(column, dy.Bool)
        ),
        feeds=(FeedMapping(feed, {n: typed(n, column) for n, column in columns.items()}),),
    )


SOURCE = Source(
    name="typed_csv",
    title="Plain CSV, one file per feed",
    system="other",
    tables=tuple(table(name, feed) for name, feed in FEEDS.items()),
)
