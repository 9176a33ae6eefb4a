"""Reads simulated exports the slow and obvious way, to hold them against the truth.

Written without a look at how the simulator formats anything: only the formats' description.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

MADRID = ZoneInfo("Europe/Madrid")
ENCODINGS = {
    "mapex": "cp1252",
    "sap_pm": "utf-16",
    "sap_mm": "cp1252",
    "sap_pp": "cp1252",
    "typed_csv": "utf-8",
}
STATES = {"1": "no_order", "2": "producing", "3": "setup", "4": "rework", "5": "planned_down"}


@dataclass(frozen=True)
class Line:
    file: str
    line_no: int
    values: dict[str, str]


@dataclass(frozen=True)
class Simulated:
    """A data directory with a simulated plant."""

    data: Path

    def truth(self, table: str) -> pl.DataFrame:
        return pl.read_parquet(self.data / "truth" / "vlc" / f"{table}.parquet")

    @property
    def landing(self) -> Path:
        return self.data / "landing"

    @cached_property
    def faulty_lines(self) -> set[tuple[str, int]]:
        """Lines that no reader may take: quarantined ones and exact duplicates."""
        rules = self.truth("defects").filter(pl.col("rule") != "correction")
        return {
            (file, line)
            for file, line in rules.select("file", "line_no").rows()
            if line is not None
        }

    def lines(self, folder: str, table: str) -> Iterator[Line]:
        """Every good line of a table, oldest file first, files of the same bytes once."""
        seen = set()
        for path in sorted((self.landing / "vlc" / folder).glob(f"{table}_[0-9]*")):
            content = path.read_bytes()
            digest = hashlib.sha256(content).digest()
            if digest in seen:
                continue
            seen.add(digest)
            name = str(path.relative_to(self.landing))
            text = content.decode(ENCODINGS[folder])
            assert "\n" not in text.replace("\r\n", ""), f"{name} has other line ends than CRLF"
            header, *rows = text.split("\r\n")
            separator = ";" if folder == "mapex" else "\t"
            names = header.split(separator)
            for line_no, row in enumerate(rows, start=2):
                if row == "" or (name, line_no) in self.faulty_lines:
                    continue
                if folder == "mapex":
                    (cells,) = csv.reader([row], delimiter=";")
                else:
                    cells = row.split("\t")
                assert len(cells) == len(names), (name, line_no)
                yield Line(name, line_no, dict(zip(names, cells, strict=True)))

    def latest(self, folder: str, table: str, key: str) -> dict[str, dict[str, str]]:
        """The last delivered version of every row that has not been deleted."""
        found: dict[str, dict[str, str]] = {}
        for line in self.lines(folder, table):
            found[line.values[key]] = line.values
        return {k: row for k, row in found.items() if row.get("Activo", "1") == "1"}


def slashed(text: str) -> datetime | None:
    """dd/mm/yyyy HH:MM:SS of Madrid as naive UTC."""
    return _utc(datetime.strptime(text, "%d/%m/%Y %H:%M:%S")) if text else None  # noqa: DTZ007


def dotted(day: str, time: str) -> datetime | None:
    """DD.MM.YYYY and HH:MM:SS of Madrid as naive UTC."""
    if day in ("", "00.00.0000"):
        return None
    return _utc(datetime.strptime(f"{day} {time}", "%d.%m.%Y %H:%M:%S"))  # noqa: DTZ007


def dotted_date(day: str) -> date | None:
    return datetime.strptime(day, "%d.%m.%Y").date() if day else None  # noqa: DTZ007


def _utc(local: datetime) -> datetime:
    return local.replace(tzinfo=MADRID).astimezone(UTC).replace(tzinfo=None)


def german(text: str) -> Decimal:
    """1.234,50- as -1234.50."""
    sign = -1 if text.endswith("-") else 1
    return sign * Decimal(text.rstrip("-").replace(".", "").replace(",", "."))


Interval = tuple[datetime, datetime, str, str | None]


def overlay(activities: Iterable[Interval], stops: Iterable[Interval]) -> list[Interval]:
    """One machine's time: what it did, with its stops on top; equal neighbours merged."""
    activities, stops = list(activities), list(stops)
    edges = sorted({at for start, end, *_ in (*activities, *stops) for at in (start, end)})
    pieces = []
    for start, end in pairwise(edges):
        # Only one row of a layer covers a moment; two would be two answers to one question.
        on_top = [i for i in stops if i[0] <= start and end <= i[1]]
        below = [i for i in activities if i[0] <= start and end <= i[1]]
        assert len(on_top) <= 1
        assert len(below) <= 1
        for _, _, state, reason in on_top or below:
            pieces.append((start, end, state, reason))
    return merged(pieces)


def merged(pieces: Iterable[Interval]) -> list[Interval]:
    """Neighbours of the same state and reason as one piece."""
    result: list[Interval] = []
    for piece in sorted(pieces):
        if result and result[-1][1] == piece[0] and result[-1][2:] == piece[2:]:
            result[-1] = (result[-1][0], piece[1], *piece[2:])
        else:
            result.append(piece)
    return result
