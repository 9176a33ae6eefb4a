"""What every feed shares: the column kinds with their types and units, and the key."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import polars as pl

# Text from an export is bounded, so that one hostile cell cannot fill the warehouse.
MAX_TEXT = 4_000
MAX_ID = 200
# A thousand of the largest quantities still add up within the warehouse's decimal(18, 6); no real
# machine makes a thousand million units between two bookings. Money needs more room, for there are
# currencies without small change.
LARGEST_NUMBER = 1_000_000_000
LARGEST_AMOUNT = 100_000_000_000
# Keys of several ids are joined by control characters, which therefore no id may hold.
NO_CONTROL_CHARACTER = r"^[^[:cntrl:]]*$"


def key_id(description: str, *, nullable: bool = False, personal: bool = False) -> dy.String:
    """An id that belongs to the feed's key; a personal one leads to a person."""
    return dy.String(
        nullable=nullable,
        min_length=1,
        max_length=MAX_ID,
        regex=NO_CONTROL_CHARACTER,
        metadata={"key": True, "personal": personal},
        description=description,
    )


def id_(description: str, *, nullable: bool = True, personal: bool = False) -> dy.String:
    """An id as the delivering system writes it; a personal one leads to a person."""
    return dy.String(
        nullable=nullable,
        min_length=1,
        max_length=MAX_ID,
        regex=NO_CONTROL_CHARACTER,
        metadata={"personal": personal},
        description=description,
    )


def text(description: str, *, nullable: bool = True) -> dy.String:
    """Free text."""
    return dy.String(nullable=nullable, max_length=MAX_TEXT, description=description)


def one_of(
    values: list[str], description: str, *, nullable: bool = False, key: bool = False
) -> dy.Enum:
    """A word of a closed list."""
    return dy.Enum(values, nullable=nullable, metadata={"key": key}, description=description)


def flag(description: str, *, nullable: bool = False) -> dy.Bool:
    """True or false; null where the system does not say."""
    return dy.Bool(nullable=nullable, description=description)


def instant(
    description: str, *, nullable: bool = False, key: bool = False, event: bool = False
) -> dy.Datetime:
    """A moment in UTC, to the microsecond, without a zone; an event widens the calendar."""
    return dy.Datetime(
        nullable=nullable,
        time_unit="us",
        metadata={"key": key, "event": event},
        description=description,
    )


def day(
    description: str, *, nullable: bool = False, key: bool = False, event: bool = False
) -> dy.Date:
    """A calendar date of the plant; an event widens the calendar."""
    return dy.Date(
        nullable=nullable,
        metadata={"key": key, "event": event},
        description=description,
    )


def number(
    description: str,
    *,
    nullable: bool = False,
    min: int | None = None,
    max: int = LARGEST_NUMBER,
) -> dy.Decimal:
    """An exact number with six decimals; the unit stands in the column's name."""
    least = -max if min is None else min
    return dy.Decimal(18, 6, nullable=nullable, min=least, max=max, description=description)


def amount(description: str, *, nullable: bool = False, min: int | None = None) -> dy.Decimal:
    """An exact amount of money with six decimals."""
    return number(description, nullable=nullable, min=min, max=LARGEST_AMOUNT)


def whole(
    description: str, *, nullable: bool = False, min: int | None = None, key: bool = False
) -> dy.Int64:
    """A whole number."""
    return dy.Int64(nullable=nullable, min=min, metadata={"key": key}, description=description)


class Feed(dy.Schema):
    """Columns that every feed carries."""

    plant_id = key_id("The plant, as in plants.toml.")
    line_no = dy.Int64(
        min=1, description="Line of the exported file (row of the sheet) it stands on."
    )
    is_deleted = flag("True where the delivery says that the row no longer exists in its system.")
    changed_at = instant(
        "When the system last changed the row; decides which version is the latest.",
        nullable=True,
    )


def feed_key(feed: type[Feed]) -> list[str]:
    """The feed's key columns, plant first. The delivering source is always part of the key too."""
    return [name for name, column in feed.columns().items() if (column.metadata or {}).get("key")]


def personal_columns(feed: type[Feed]) -> list[str]:
    """Columns that lead to a person: their text leaves the warehouse only where it is asked for."""
    return [n for n, column in feed.columns().items() if (column.metadata or {}).get("personal")]


def event_columns(feed: type[Feed]) -> list[str]:
    """Columns that say when something happened, so that the calendar must cover them."""
    return [name for name, column in feed.columns().items() if (column.metadata or {}).get("event")]


def ends_after_start(start: str = "start_at", end: str = "end_at") -> pl.Expr:
    """Rule: an interval that has ended did so after it started."""
    return pl.col(end).is_null() | (pl.col(end) > pl.col(start))


def feed_columns(feed: type[Feed]) -> dict[str, Any]:
    """The feed's own columns, without those every feed carries."""
    shared = Feed.columns()
    return {name: column for name, column in feed.columns().items() if name not in shared}
