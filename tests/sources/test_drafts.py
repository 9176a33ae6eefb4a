"""Drafts are told what the samples are by their values and names alone: the module that reads an
export is unknown to them, as that of a new system would be."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from samples import HERE

from ingestion.errors import ConfigError
from ingestion.feeds import feed_name
from ingestion.plants import load_plants
from ingestion.proposals import guess
from ingestion.proposals.profile import profile_export
from ingestion.source import Source, Table, Workbook
from ingestion.sources import load_source, source_names

#: Exports of a source whose drafts a person would begin with, in every test run.
SHORT = ("dynamics365", "ignition_oee", "upkeep")
#: How many of all tables were guessed right when this was written; it may only become more.
RIGHT, OF = 44, 68


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test makes the guesser forget, it knows again."""
    yield
    guess._shipped.cache_clear()


def exported_tables(sources: tuple[str, ...] = ()) -> Iterator[tuple[Source, Table, Path]]:
    """Every table of every sample that feeds something, and the file that holds it."""
    for exports in sorted(HERE.glob("*/exports")):
        plants = load_plants(exports.parent / "plants.toml")
        for path in sorted(path for path in exports.rglob("*") if path.is_file()):
            plant_id, folder, *_ = path.relative_to(exports).parts
            (name,) = [one.source for one in plants[plant_id].sources if one.folder == folder]
            source = load_source(name)
            for table in source.tables:
                is_of_it = fnmatch(path.name.lower(), table.pattern.lower())
                if is_of_it and table.feeds and (not sources or name in sources):
                    yield source, table, path


def guessed(source: Source, table: Table, path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The feed that a draft of this export would be of; the module of its source is forgotten."""
    others = [name for name in source_names() if name != source.name]
    monkeypatch.setattr(guess, "source_names", lambda: others)
    guess._shipped.cache_clear()
    sheet = table.dialect.sheet if isinstance(table.dialect, Workbook) else None
    try:
        found = guess.guesses(profile_export(path, sheet))
    except ConfigError:
        return "nothing to learn from"
    return feed_name(found[0].feed) if found else "nothing"


def feeds_of(table: Table) -> set[str]:
    return {feed_name(mapping.feed) for mapping in table.feeds}


def test_the_feed_of_an_unknown_export_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        f"{source.name} {table.name}": guessed(source, table, path, monkeypatch)
        for source, table, path in exported_tables(SHORT)
    }
    assert found == {
        "dynamics365 InventTrans": "stock_movements",
        "ignition_oee counts": "production_counts",
        "ignition_oee downtime": "machine_states",
        "upkeep work_orders": "maintenance_orders",
    }


@pytest.mark.full
def test_most_samples_are_guessed_without_their_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = [], []
    for source, table, path in exported_tables():
        found = guessed(source, table, path, monkeypatch)
        told = f"{source.name} {path.name}: {found}, is {', '.join(sorted(feeds_of(table)))}"
        (right if found in feeds_of(table) else wrong).append(told)
    assert len(right) >= RIGHT, "\n".join(wrong)
    assert len(right) + len(wrong) >= OF


def test_what_stands_between_the_rows_of_a_report_is_no_value_of_theirs(tmp_path: Path) -> None:
    path = tmp_path / "stops.csv"
    path.write_text(
        "Begin;Duration;Reason\n"
        "Equipment: M12;;\n"
        "02.03.2026 06:00;0:10;Jam\n"
        "Begin;Duration;Reason\n"
        "02.03.2026 07:00;0:12;Jam\n"
        "Total;0:22;\n"
        "Equipment: M13\n"
        "02.03.2026 06:30;0:05;No material\n",
        encoding="utf-8",
    )
    profile = profile_export(path)
    assert profile.row_qty == 3
    assert [(column.name, column.kind) for column in profile.columns] == [
        ("Begin", "time"),
        ("Duration", "duration"),
        ("Reason", "code"),
    ]
    assert profile.heading == "Equipment: M12"
