from __future__ import annotations

import os
import stat
import struct
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tiny_warehouse import MANIFEST, make_warehouse, node

from ingestion.settings import Settings
from orchestration import publish as publishing
from orchestration.publish import (
    Publication,
    PublicationError,
    current,
    publication_of,
    publish,
    published_fingerprint,
    rollback,
    versions,
)

NIGHT = datetime(2026, 3, 10, 1, 0)


def publish_night(settings: Settings, night: int = 0, **changes: Any) -> Publication:
    arguments: dict[str, Any] = {
        "manifest": MANIFEST,
        "run_id": f"run-{night}",
        "input_fingerprint": f"fingerprint-{night}",
        "code_version": "code",
        "now": NIGHT + timedelta(days=night),
    }
    return publish(settings, **(arguments | changes))


def read(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.published_link), read_only=True) as con:
        return con.execute(query).fetchall()


def test_holds_what_the_manifest_names_and_nothing_else(settings: Settings) -> None:
    make_warehouse(settings)

    publication = publish_night(settings)

    tables = {name for (name,) in read(settings, "select table_name from duckdb_tables()")}
    assert tables == {
        "dim_plant",
        "fct_scrap",
        "kpi_sums_scrap",
        "kpi_values",
        "mart_restatements",
        "data_quality",
        "deliveries",
        "quarantine",
        "catalogue",
        "relationships",
        "publication",
    }
    assert publication.row_counts["dim_plant"] == 3
    assert read(settings, "select run_id, input_fingerprint, code_version from publication") == [
        ("run-0", "fingerprint-0", "code")
    ]


def test_tables_and_columns_explain_themselves(settings: Settings) -> None:
    make_warehouse(settings)
    publish_night(settings)

    assert read(settings, "select comment from duckdb_tables() where table_name = 'dim_plant'") == [
        ("One row per dim_plant. It's described.",)
    ]
    assert read(
        settings,
        "select comment from duckdb_columns() "
        "where table_name = 'dim_plant' and column_name = 'plant_id'",
    ) == [("The plant's id.",)]
    assert read(
        settings,
        "select data_type, description from catalogue "
        "where table_name = 'fct_scrap' and column_name = 'rejected_qty'",
    ) == [("DECIMAL(18,6)", "Units rejected.")]
    # Every published column has its line, those of the extra tables too.
    assert (
        read(
            settings,
            "select table_name, column_name from duckdb_columns() anti join catalogue "
            "using (table_name, column_name) where not internal",
        )
        == []
    )


def test_what_dbt_does_not_describe_is_described_too(settings: Settings) -> None:
    make_warehouse(settings)
    publish_night(settings)

    assert (
        read(
            settings,
            "select table_name, column_name from catalogue where description = '' "
            "and table_name in ('data_quality', 'deliveries', 'quarantine', 'catalogue', "
            "'publication')",
        )
        == []
    )


def test_written_in_the_oldest_format_that_every_1x_client_reads(settings: Settings) -> None:
    make_warehouse(settings)
    version = publish_night(settings).path

    header = version.read_bytes()[:24]
    # 64 is the storage of DuckDB 1.0; a default 1.2 or later file says 65 and more, which a
    # 1.1 client refuses.
    assert struct.unpack("<Q", header[12:20])[0] == 64
    assert not list(version.parent.glob("*.wal"))


def test_every_table_reads_under_whatever_name_the_file_is_attached(settings: Settings) -> None:
    make_warehouse(settings)
    publish_night(settings)
    with duckdb.connect() as con:
        con.execute(f"attach '{settings.published_link}' as other (read_only)")
        tables = con.execute(
            "select table_name from information_schema.tables where table_catalog = 'other'"
        ).fetchall()
        assert ("kpi_sums_scrap",) in tables
        for (table,) in tables:
            con.execute(f"select * from other.{table}")


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o444), (0o027, 0o440)])
def test_nobody_may_write_a_version_and_nobody_else_may_read_it(
    settings: Settings, umask: int, mode: int
) -> None:
    make_warehouse(settings)
    settings.plants_file.write_text(
        '[plants.p1]\nname = "p1"\ntime_zone = "UTC"\ncurrency = "EUR"\n[audiences.first]\n'
    )
    before = os.umask(umask)
    try:
        for night in range(2):
            publish_night(settings, night)
    finally:
        os.umask(before)

    files = [p for p in settings.published_dir.glob("*.duckdb") if not p.is_symlink()]
    assert len(files) == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {mode}
    assert stat.S_IMODE(settings.published_link.stat().st_mode) == mode


def test_a_table_that_was_not_built_stops_the_publication(settings: Settings) -> None:
    make_warehouse(settings)
    publish_night(settings, 0)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        con.execute("drop table marts.kpi_values")

    with pytest.raises(PublicationError, match=r"lacks marts\.kpi_values"):
        publish_night(settings, 1)

    assert read(settings, "select run_id from publication") == [("run-0",)]


def test_labour_is_not_published_unless_its_people_are_known(settings: Settings) -> None:
    """Without them, nobody could say which of it tells of few."""
    make_warehouse(settings)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        con.execute("create table core.fct_labour_time as select 'k' as labour_time_key")
    labour = node("core", "fct_labour_time", {"labour_time_key": "The key."})
    nodes = MANIFEST["nodes"] | {"model.leankpi.fct_labour_time": labour}

    with pytest.raises(PublicationError, match="there is no model int_labour_time__shared"):
        publish_night(settings, manifest=MANIFEST | {"nodes": nodes})

    assert current(settings) is None


@pytest.mark.parametrize("step", ["_describe", "_verify", "_sync", "_point_link_at"])
def test_a_crash_at_any_step_changes_nothing_for_readers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    make_warehouse(settings)
    publish_night(settings, 0)

    def crash(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(publishing, step, crash)
        with pytest.raises(OSError, match="disk full"):
            publish_night(settings, 1)
    assert read(settings, "select run_id from publication") == [("run-0",)]
    # Readers never saw it, so the next night must not take it for published.
    assert published_fingerprint(settings) == "fingerprint-0"

    publish_night(settings, 2)

    assert read(settings, "select run_id from publication") == [("run-2",)]
    assert not list(settings.published_dir.glob(".building*"))


def test_keeps_the_last_versions(settings: Settings) -> None:
    make_warehouse(settings)
    for night in range(5):
        publish_night(settings, night, keep=3)

    runs = [publication_of(path)["run_id"] for path in versions(settings)]
    assert runs == ["run-2", "run-3", "run-4"]


def test_never_removes_the_version_the_link_points_to(settings: Settings) -> None:
    make_warehouse(settings)
    for night in range(3):
        publish_night(settings, night, keep=3)
    oldest = versions(settings)[0]
    rollback(settings, oldest.name)

    publishing._prune(settings, keep=1)

    assert versions(settings) == [oldest, versions(settings)[-1]]
    assert read(settings, "select run_id from publication") == [("run-0",)]


def test_a_clock_set_back_does_not_make_the_new_version_the_oldest(settings: Settings) -> None:
    make_warehouse(settings)
    first = publish_night(settings, 1)

    second = publish_night(settings, 0)

    assert versions(settings) == [first.path, second.path]
    assert current(settings) == second.path


# --- roll-back ------------------------------------------------------------------------------------


def test_rollback_steps_back_and_names_what_readers_see(settings: Settings) -> None:
    make_warehouse(settings)
    first, second, third = (publish_night(settings, night) for night in range(3))

    report = rollback(settings)
    assert (report.before, report.now) == (third.path.name, second.path.name)
    assert rollback(settings).now == first.path.name
    assert read(settings, "select run_id from publication") == [("run-0",)]

    with pytest.raises(PublicationError, match="is the oldest version"):
        rollback(settings)
    assert rollback(settings, "20260312").now == third.path.name


def test_rollback_refuses_what_it_cannot_tell_apart(settings: Settings) -> None:
    with pytest.raises(PublicationError, match="nothing has been published"):
        rollback(settings)
    make_warehouse(settings)
    publish_night(settings, 0)
    publish_night(settings, 1)

    with pytest.raises(PublicationError, match="2 versions for '2026'"):
        rollback(settings, "2026")
    with pytest.raises(PublicationError, match="no version for '2027'"):
        rollback(settings, "2027")


def test_a_night_does_not_bring_back_what_was_rolled_back(settings: Settings) -> None:
    make_warehouse(settings)
    publish_night(settings, 0)
    publish_night(settings, 1)
    assert published_fingerprint(settings) == "fingerprint-1"

    rollback(settings)
    # Still the newest: with nothing new since, there is nothing to publish.
    assert published_fingerprint(settings) == "fingerprint-1"

    publish_night(settings, 2)
    assert published_fingerprint(settings) == "fingerprint-2"
    assert not publishing.is_rolled_back(settings)


def crash_before_the_link(settings: Settings, night: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "_point_link_at", crash)
        with pytest.raises(OSError, match="power cut"):
            publish_night(settings, night)


def test_a_version_that_was_never_linked_is_not_published_after_a_roll_back_either(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_warehouse(settings)
    first, second = (publish_night(settings, night) for night in range(2))
    rollback(settings)

    crash_before_the_link(settings, 2, monkeypatch)

    assert publication_of(versions(settings)[-1])["input_fingerprint"] == "fingerprint-2"
    assert current(settings) == first.path
    # What came in with night 2 has still to be published ...
    assert published_fingerprint(settings) == "fingerprint-1"
    assert publishing.newest_seen(settings) == second.path
    assert publishing.is_rolled_back(settings)
    # ... and is, by the next night.
    third = publish_night(settings, 3, input_fingerprint="fingerprint-2")
    assert published_fingerprint(settings) == "fingerprint-2"
    assert current(settings) == third.path
    assert not publishing.is_rolled_back(settings)


def test_rolling_back_after_a_crash_remembers_what_readers_saw(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_warehouse(settings)
    publish_night(settings, 0)
    second = publish_night(settings, 1)
    crash_before_the_link(settings, 2, monkeypatch)

    rollback(settings)
    assert published_fingerprint(settings) == "fingerprint-1"

    rollback(settings, second.path.name)
    assert not publishing.is_rolled_back(settings)
    assert published_fingerprint(settings) == "fingerprint-1"

    # Somebody may also choose it by name: from then on it is what readers saw.
    rollback(settings, versions(settings)[-1].name)
    assert not publishing.is_rolled_back(settings)
    assert published_fingerprint(settings) == "fingerprint-2"


# --- readers --------------------------------------------------------------------------------------

READER = """
import duckdb, sys, time
link, stop = sys.argv[1], sys.argv[2]
import os
held = duckdb.connect(link, read_only=True)
held_run = held.execute("select run_id from publication").fetchall()
seen, loops = [], 0
print("ready", flush=True)
while not os.path.exists(stop):
    # A BI tool: one connection held all day, and new ones now and then in the same process.
    assert held.execute("select run_id from publication").fetchall() == held_run
    with duckdb.connect(link, read_only=True) as con:
        (run,), = con.execute("select run_id from publication").fetchall()
        # Never a half-built table: every version has as many rows as its night number says.
        (rows,), = con.execute("select count(*) from fct_scrap").fetchall()
        assert rows == int(run.split("-")[1]) + 1, (run, rows)
    if not seen or seen[-1] != run:
        seen.append(run)
    loops += 1
print(",".join(seen), loops)
"""


def test_readers_in_a_loop_see_whole_nights_only(settings: Settings, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    make_warehouse(settings, rows=1)
    publish_night(settings, 0)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(settings.published_link), str(stop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    for night in range(1, 10):
        make_warehouse(settings, rows=night + 1)
        publish_night(settings, night, keep=2)
        time.sleep(0.05)
    time.sleep(0.2)
    stop.touch()
    out, err = reader.communicate(timeout=30)

    assert reader.returncode == 0, err
    seen, loops = out.split()
    runs = [int(run.removeprefix("run-")) for run in seen.split(",")]
    assert runs == sorted(runs)
    assert runs[-1] == 9, "the last night was never seen: the reader proved nothing"
    assert int(loops) > len(runs)


def test_the_link_is_relative_so_that_the_data_directory_can_move(settings: Settings) -> None:
    make_warehouse(settings)
    publish_night(settings)

    moved = settings.data_dir.with_name("elsewhere")
    settings.data_dir.rename(moved)

    target = (moved / "published" / "marts.duckdb").resolve()
    assert target.parent == moved / "published"
    assert target.name.startswith("marts-")
    assert read(Settings(moved), "select run_id from publication") == [("run-0",)]
