"""Who gets which published file, and that nobody gets more."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from tiny_warehouse import MANIFEST, deliver, make_warehouse, node

from ingestion.errors import ConfigError
from ingestion.settings import Settings
from orchestration import publish as publishing
from orchestration.audiences import WITHHELD, load_audiences
from orchestration.cli import main
from orchestration.publish import publish, rollback

NIGHT = datetime(2026, 3, 10, 1, 0)
PLANTS = "".join(
    f'[plants.{plant}]\nname = "{plant}"\ntime_zone = "Europe/Lisbon"\ncurrency = "EUR"\n'
    for plant in ("p0", "p1", "p2")
)
FIRST = """
[audiences.first]
plants = ["p1"]
"""
WORKS_COUNCIL = """
[audiences.works_council]
personal = true
"""


def personal(description: str) -> dict[str, Any]:
    return {"description": description, "config": {"meta": {"personal": True}}}


def manifest() -> dict[str, Any]:
    """The small manifest, with a column that tells of people and a table of their rows."""
    found = deepcopy(MANIFEST)
    found["nodes"]["model.leankpi.fct_scrap"]["columns"]["seen_by"] = {
        "name": "seen_by"
    } | personal("Who saw it.")
    worked = node("core", "fct_worked", {"plant_id": "The plant."})
    key = {"worker_key": {"name": "worker_key"} | personal("Who.")}
    worked["columns"] = key | worked["columns"]
    found["nodes"]["model.leankpi.fct_worked"] = worked
    return found


def fill(settings: Settings, audiences: str) -> Settings:
    """A warehouse whose text tells of ann, in every place where it may."""
    make_warehouse(settings)
    settings.plants_file.write_text(PLANTS + audiences, encoding="utf-8")
    for plant in ("p0", "p1"):
        deliver(settings, plant, plant_id=plant)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        con.execute("alter table core.fct_scrap add column seen_by varchar default 'ann'")
        con.execute("create table core.fct_worked as select 'ann' as worker_key, 'p1' as plant_id")
        for feed in ("labour_entries", "machine_states"):
            con.execute(
                "insert into raw.quarantine by name select 'd' as delivery_id, 'p1' as plant_id, "
                f"'typed_csv' as source, 'f' as file_path, '{feed}' as feed, 'ann!' as value, "
                "'ann!,1' as raw_line, 'a_rule' as rule, '' as message, "
                "1 as row_qty, now() as quarantined_at"
            )
        con.execute(
            "insert into checks.results select 'r', 'core', engine, 'c', 'f', 'warn', false, "
            "'such as p0', 'none', 1, 'worker=ann', null, null, now() "
            "from (values ('dbt'), ('great_expectations')) as engines (engine)"
        )
    return settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return fill(settings, FIRST)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One night, for everybody, for one plant and for the works council."""
    settings = fill(Settings(tmp_path_factory.mktemp("night") / "data"), FIRST + WORKS_COUNCIL)
    publish_night(settings)
    return settings


def publish_night(settings: Settings, night: int = 0, **changes: Any) -> Path:
    return publish(
        settings,
        manifest=manifest(),
        run_id=f"run-{night}",
        input_fingerprint=f"fingerprint-{night}",
        code_version="code",
        now=NIGHT + timedelta(days=night),
        **changes,
    ).path


def read(settings: Settings, audience: str, query: str) -> list[tuple[Any, ...]]:
    link = settings.published_dir / f"{audience}.duckdb"
    with duckdb.connect(str(link), read_only=True) as con:
        return con.execute(query).fetchall()


def links(settings: Settings) -> set[str]:
    return {path.name for path in settings.published_dir.glob("*.duckdb") if path.is_symlink()}


# --- what is in the files -------------------------------------------------------------------------


def test_nothing_that_tells_of_people_leaves_unless_it_is_asked_for(published: Settings) -> None:
    everything = "select * from fct_scrap, fct_worked, quarantine, data_quality"
    for audience in ("marts", "first"):
        assert read(published, audience, "select distinct seen_by from fct_scrap") == [(None,)]
        assert read(published, audience, "select count(*) from fct_worked") == [(0,)]
        assert read(published, audience, "select feed, value, raw_line from quarantine") == [
            ("labour_entries", None, None),
            ("machine_states", "ann!", None),
        ]
        assert "worker=ann" not in str(
            read(published, audience, "select failing_rows from data_quality where engine = 'dbt'")
        )
    assert read(published, "works_council", "select distinct seen_by from fct_scrap") == [("ann",)]
    assert read(published, "works_council", "select worker_key from fct_worked") == [("ann",)]
    assert str(read(published, "works_council", everything)).count("ann!") > 3


def test_a_column_that_is_empty_says_why(published: Settings) -> None:
    query = "select comment from duckdb_columns() where column_name = 'seen_by'"
    assert read(published, "marts", query) == [(f"Who saw it. {WITHHELD}",)]
    assert read(published, "works_council", query) == [("Who saw it.",)]


def test_an_audience_of_a_plant_sees_no_other(published: Settings) -> None:
    for table in ("dim_plant", "fct_scrap", "kpi_values", "deliveries", "quarantine"):
        plants = {row[0] for row in read(published, "first", f"select plant_id from {table}")}
        assert plants == {"p1"}, table
    assert len(read(published, "marts", "select * from dim_plant")) == 3
    # Checks quote rows of any plant.
    assert read(published, "first", "select distinct observed, failing_rows from data_quality") == [
        (None, None)
    ]
    columns = "select table_name, column_name, data_type from duckdb_columns() order by all"
    assert read(published, "first", columns) == read(published, "marts", columns)


def test_a_file_says_whom_it_is_for(published: Settings) -> None:
    query = "select audience, plants, has_personal_text, run_id from publication"
    assert read(published, "marts", query) == [("marts", None, False, "run-0")]
    assert read(published, "first", query) == [("first", "p1", False, "run-0")]
    assert read(published, "works_council", query) == [("works_council", None, True, "run-0")]


def test_an_export_is_of_the_audience_asked_for(published: Settings, tmp_path: Path) -> None:
    command = ["export", "--format", "csv", "--to", str(tmp_path), "--tables", "fct_*"]
    command += ["--data-dir", str(published.data_dir)]
    for audience, holds_people in (("marts", False), ("works_council", True)):
        done = CliRunner().invoke(main, [*command, "--audience", audience])
        assert done.exit_code == 0, done.output
        assert ("ann" in (tmp_path / "fct_scrap.csv").read_text()) == holds_people
    unknown = CliRunner().invoke(main, [*command, "--audience", "nobody"])
    assert (unknown.exit_code, "nothing is published for nobody" in unknown.output) == (2, True)


def test_what_was_restated_is_the_same_for_every_audience(settings: Settings) -> None:
    for plant in ("p0", "p1"):
        deliver(settings, f"later {plant}", plant_id=plant, watermark_at=datetime(2026, 4, 1))
    with duckdb.connect(str(settings.warehouse_file)) as con:
        con.execute(
            "insert into marts.kpi_values select * replace ('p0' as plant_id) from marts.kpi_values"
        )
    publish_night(settings, 0)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        con.execute("update marts.kpi_values set value = 0.5, withheld_reason = null")
    publish_night(settings, 1)

    query = "select plant_id, count(*) from mart_restatements group by all order by all"
    assert read(settings, "marts", query) == [("p0", 3), ("p1", 3)]
    assert read(settings, "first", query) == [("p1", 3)]


# --- one night for all ----------------------------------------------------------------------------


def runs(settings: Settings) -> set[str]:
    """The nights that readers of all audiences see, this moment."""
    return {
        read(settings, link.removesuffix(".duckdb"), "select run_id from publication")[0][0]
        for link in links(settings)
    }


def test_all_audiences_get_the_night_in_the_same_step(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_night(settings, 0)
    seen = [runs(settings)]
    swap = publishing._swap

    def watched(link: Path, target: str) -> None:
        seen.append(runs(settings))
        swap(link, target)
        seen.append(runs(settings))

    monkeypatch.setattr(publishing, "_swap", watched)
    publish_night(settings, 1)
    rollback(settings)

    assert links(settings) == {"marts.duckdb", "first.duckdb"}
    assert [*seen, runs(settings)] == [
        {"run-0"}, {"run-0"}, {"run-1"}, {"run-1"}, {"run-0"}, {"run-0"},
    ]  # fmt: skip


@pytest.mark.parametrize(("step", "call"), [("_build", 1), ("_sync", 1), ("_swap", 0)])
def test_a_crash_at_any_step_leaves_all_audiences_on_one_night(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    publish_night(settings, 0)
    real, calls = getattr(publishing, step), iter(range(100))

    def crash(*arguments: Any) -> Any:
        if next(calls) == call:
            raise OSError("power cut")
        return real(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(publishing, step, crash)
        with pytest.raises(OSError, match="power cut"):
            publish_night(settings, 1)
    assert runs(settings) == {"run-0"}

    publish_night(settings, 2)
    assert runs(settings) == {"run-2"}
    assert not list(settings.published_dir.glob(".building*"))


def test_an_audience_comes_and_goes_with_its_configuration(settings: Settings) -> None:
    publish_night(settings, 0)
    settings.plants_file.write_text(PLANTS + "[audiences.later]\n", encoding="utf-8")
    publish_night(settings, 1)
    assert links(settings) == {"marts.duckdb", "later.duckdb"}
    assert runs(settings) == {"run-1"}

    rollback(settings)
    assert links(settings) == {"marts.duckdb", "first.duckdb"}
    assert runs(settings) == {"run-0"}


def test_old_nights_go_with_all_their_files(settings: Settings) -> None:
    for night in range(3):
        publish_night(settings, night, keep=2)

    kept = [path.name for path in settings.published_dir.iterdir()]
    assert len([name for name in kept if name.startswith("first-")]) == 2
    assert len([name for name in kept if name.startswith(".night-")]) == 2
    assert not [name for name in kept if "20260310" in name]


def test_a_link_of_an_earlier_release_is_taken_over(settings: Settings) -> None:
    version = publish_night(settings, 0)
    settings.published_link.unlink()
    settings.published_link.symlink_to(version.name)
    assert publishing.current(settings) == version

    publish_night(settings, 1)

    assert runs(settings) == {"run-1"}


# --- configuration --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('[audiences.x]\nplants = ["p9"]', r"audiences\.x: no plant 'p9'; there are p0, p1, p2"),
        ("[audiences.x]\npersonnel = true", r"audiences\.x: personnel"),
        ('[audiences.x]\npersonal = "perhaps"', r"audiences\.x: personal"),
        ("[audiences.x]\nleast_people = 0", r"audiences\.x: least_people"),
        ("[audiences.X-1]", r"audiences\.X-1: name"),
        ('[audiences.marts]\nplants = ["p1"]', r"audiences\.marts holds every plant"),
        ("[audience.x]", r"audience: there are only plants and audiences"),
        ("[audiences]\nx = 1", r"audiences\.x must be a table"),
    ],
)
def test_a_wrong_configuration_is_named_before_anything_runs(
    settings: Settings, wrong: str, message: str
) -> None:
    settings.plants_file.write_text(f"{PLANTS}{wrong}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_audiences(settings.plants_file)
    night = CliRunner().invoke(main, ["nightly", "--data-dir", str(settings.data_dir)])
    assert night.exit_code == 2, night.output


def test_everybodys_file_may_be_asked_to_tell_of_people(settings: Settings) -> None:
    settings.plants_file.write_text(f"{PLANTS}[audiences.marts]\npersonal = true\n")
    publish_night(settings)
    assert read(settings, "marts", "select distinct seen_by from fct_scrap") == [("ann",)]
    assert links(settings) == {"marts.duckdb"}
