"""Publication: one complete, verified file per audience, and one link swapped in an atomic step.

    published/marts.duckdb              -> .night/marts.duckdb, and so for every audience
    published/.night                    -> .night-<stamp>Z: the link that is swapped
    published/.night-<stamp>Z/          links to the files of that night:
    published/marts-<stamp>Z.duckdb        the version, complete when it has this name
    published/<audience>-<stamp>Z.duckdb

Readers open the outer links read-only. Whoever has a version open keeps it, also when a newer one
is published or an old one removed; whoever opens a link next gets the newer one, and all audiences
get the same night. Nobody may write a version, so that a client that opens it to write is refused
instead of keeping all others out.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingestion.settings import Settings
from orchestration import few_people, relationships, restatements

if TYPE_CHECKING:
    from orchestration.audiences import Audience

#: The file that everybody opens.
MARTS = "marts"
KEEP_VERSIONS = 7
# The oldest storage format a 1.x client writes, which every 1.x client can read: BI tools bundle
# their own DuckDB and are often a version behind. Newer formats gain a few per cent of size.
STORAGE_VERSION = "v1.0.0"
# Building holds the rows of one table at a time; above this DuckDB spills beside the new file.
MEMORY_LIMIT = "3GB"

PUBLISHED_PREFIXES = ("dim_", "fct_", "mart_", "kpi_")
VERSION_NAME = re.compile(r"marts-(\d{8}T\d{6}_\d{6})Z\.duckdb")
#: Everything of a night that has its stamp in its name.
NIGHT_NAME = re.compile(r"(?:[a-z][a-z0-9_]*|\.night)-(\d{8}T\d{6}_\d{6})Z(?:\.duckdb)?")
NIGHT_LINK = ".night"
STAMP_FORMAT = "%Y%m%dT%H%M%S_%f"

# Tables that dbt does not build. Columns are described where their name alone could mislead.
EXTRA_TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "data_quality": (
        "One row per check of the night this file was published from, with its outcome.",
        {
            "run_id": "The night's run.",
            "stage": "What was checked: core (dbt tests of dims and facts), facts (plausibility), "
            "marts (dbt tests of marts).",
            "engine": "dbt or great_expectations.",
            "check_name": "The check; unique within its fact.",
            "fact": "The table the check looks at.",
            "severity": "error stops a publication; warn travels with the published numbers.",
            "passed": "True where the check found nothing.",
            "observed": "What the check saw, in words.",
            "expected": "What it expects.",
            "failing_rows_qty": "Rows, or groups of rows, that failed.",
            "failing_rows": "The first of them.",
            "reason": "Why the threshold stands where it stands.",
            "what_to_do": "What to look at first when it speaks.",
            "checked_at": "When it ran, UTC.",
        },
    ),
    "deliveries": (
        "One row per delivered file and exported table: "
        "delivered = accepted + quarantined + duplicate rows, always.",
        {
            "delivery_id": "Hash over plant, source, table and content.",
            "content_hash": "Hash of the file's bytes.",
            "plant_id": "The plant.",
            "source": "The source module that reads it.",
            "system": "What kind of system delivered it: mes, cmms, erp, hr or other.",
            "table_name": "The exported table.",
            "file_path": "The file, below landing.",
            "file_bytes": "Its size.",
            "status": "accepted, partly_accepted, rejected or empty.",
            "message": "What a person should know of it.",
            "delivered_rows": "Rows in the file.",
            "accepted_rows": "Rows that came into the warehouse.",
            "quarantined_rows": "Rows kept out, each with its reason in `quarantine`.",
            "duplicate_rows": "Rows that repeat another row of the file exactly.",
            "extracted_at": "When the system wrote the export, UTC.",
            "watermark_at": "Until when this delivery knows the world, UTC.",
            "first_event_date": "First day it tells of.",
            "last_event_date": "Last day it tells of.",
            "resends_changes": "True where the system sends a row again when it changes.",
            "contract_version": "Changes whenever the same bytes could be read differently.",
            "dialect": "Encoding, separators and marks it was read with.",
            "detected": "What the file looks like: encoding, line end, delimiter, marks, header.",
            "contradiction": "Where it looks other than declared; null: nowhere.",
            "loaded_at": "When it was loaded, UTC.",
        },
    ),
    "quarantine": (
        "One row per delivered line that was not accepted, with its reason.",
        {
            "delivery_id": "The delivery it came with.",
            "plant_id": "The plant.",
            "source": "The source module that read it.",
            "file_path": "The file, below landing.",
            "line_no": "Line of the delivered file; null: the whole file.",
            "feed": "The feed it was meant for.",
            "column_name": "The column that broke the rule.",
            "value": "What stood there.",
            "rule": "The rule it broke.",
            "message": "What the rule wants, in words.",
            "raw_line": "The line as delivered.",
            "row_qty": "Rows it stands for: 1, or all rows of a rejected file.",
            "quarantined_at": "When it was kept out, UTC.",
        },
    ),
    "catalogue": (
        "One row per published table and column, with its meaning.",
        {
            "table_name": "The table.",
            "column_name": "The column; null: the table itself.",
            "data_type": "Its type; null for a table.",
            "description": "What it means.",
        },
    ),
    "relationships": (relationships.DESCRIPTION, relationships.COLUMNS),
    "mart_restatements": (restatements.DESCRIPTION, restatements.COLUMNS),
    "publication": (
        "One row: where this file comes from.",
        {
            "published_at": "When it was published, UTC.",
            "run_id": "The night's run.",
            "input_fingerprint": "Hash of all deliveries, the plants' configuration and the code: "
            "equal fingerprints publish equal figures.",
            "code_version": "Hash of the code alone.",
            "audience": "Whom the file is for (audiences in plants.toml).",
            "plants": "The plants it holds, by commas; null: all.",
            "has_personal_text": "True where it holds what tells of people.",
        },
    ),
}


class PublicationError(RuntimeError):
    """What was built is not what should be published."""


@dataclass(frozen=True)
class Publication:
    """A published version."""

    path: Path
    published_at: datetime
    run_id: str
    input_fingerprint: str
    code_version: str
    row_counts: dict[str, int]


@dataclass(frozen=True)
class RollbackReport:
    """Which version readers saw before, and which they see now."""

    before: str | None
    now: str
    published_at: datetime


# --- versions -------------------------------------------------------------------------------------


def versions(settings: Settings) -> list[Path]:
    """Complete versions, oldest first."""
    if not settings.published_dir.is_dir():
        return []
    return sorted(
        path for path in settings.published_dir.iterdir() if VERSION_NAME.fullmatch(path.name)
    )


def published_at(path: Path) -> datetime:
    """When a version was published, from its name."""
    match = VERSION_NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(f"{path.name} is not a published version")
    return datetime.strptime(match[1], STAMP_FORMAT)  # noqa: DTZ007 - UTC, as all names say


def current(settings: Settings) -> Path | None:
    """The version readers get now."""
    return audience_file(settings, MARTS)


def audience_file(settings: Settings, audience: str) -> Path | None:
    """The file an audience gets now, of that version."""
    link = settings.published_dir / f"{audience}.duckdb"
    if not link.is_symlink():
        return None
    target = link.resolve()
    return target if target.exists() else None


def publication_of(path: Path) -> dict[str, Any]:
    """The `publication` row of a version."""
    with duckdb.connect(str(path), read_only=True) as con:
        cursor = con.execute("select * from publication")
        names = [column[0] for column in cursor.description]
        row = cursor.fetchall()[0]
    return dict(zip(names, row, strict=True))


def newest_seen(settings: Settings) -> Path | None:
    """The newest version that readers ever saw: what they see, or what it was rolled back from.

    A version that a crash left complete but unlinked is none of them.
    """
    seen = current(settings)
    try:
        name = _rollback_marker(settings).read_text(encoding="utf-8")
    except FileNotFoundError:
        return seen
    taken_away = [path for path in versions(settings) if path.name == name]
    return max([*taken_away, *([seen] if seen else [])], default=None)


def is_rolled_back(settings: Settings) -> bool:
    """Whether somebody chose an older version for the readers."""
    return current(settings) != newest_seen(settings)


def published_fingerprint(settings: Settings) -> str | None:
    """Fingerprint of what readers see, or would see had nobody rolled it back.

    So a night with nothing new does not bring back what somebody just took away.
    """
    version = newest_seen(settings)
    return publication_of(version)["input_fingerprint"] if version else None


def _rollback_marker(settings: Settings) -> Path:
    """Holds the name of the version that was rolled back from."""
    return settings.published_dir / ".rolled_back"


# --- building -------------------------------------------------------------------------------------


def published_tables(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What dbt builds for readers: table name -> manifest node. A view is written out.

    By the manifest and not by what the warehouse holds, where a removed model's table lives on.
    """
    tables = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] not in ("model", "seed"):
            continue
        if node["config"]["materialized"] == "ephemeral":
            continue
        # Parts are what figures are made of; leankpi lineage shows them.
        name = node.get("alias") or node["name"]
        if name.startswith(PUBLISHED_PREFIXES) and "parts" not in node["fqn"]:
            tables[name] = node
    return dict(sorted(tables.items()))


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _descriptions(
    manifest: Mapping[str, Any],
) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, dict[str, str]]]]:
    """Where each published table stands in the warehouse, and what it and its columns mean."""
    origins: dict[str, tuple[str, str]] = {}
    meanings: dict[str, tuple[str, dict[str, str]]] = {}
    for name, node in published_tables(manifest).items():
        origins[name] = (node["schema"], name)
        columns = {c["name"]: c["description"].strip() for c in node["columns"].values()}
        meanings[name] = (node["description"].strip(), columns)
    origins["data_quality"] = ("checks", "results")
    origins["deliveries"] = ("raw", "deliveries")
    origins["quarantine"] = ("raw", "quarantine")
    for name, (description, columns) in EXTRA_TABLES.items():
        raw = _source(manifest, name)
        described = {c["name"]: c["description"].strip() for c in raw.get("columns", {}).values()}
        meanings[name] = (raw.get("description", "").strip() or description, described | columns)
    return origins, meanings


def _source(manifest: Mapping[str, Any], table: str) -> dict[str, Any]:
    for node in manifest.get("sources", {}).values():
        if node["source_name"] == "raw" and node["name"] == table:
            return node
    return {}


def _build(
    settings: Settings,
    target: Path,
    manifest: Mapping[str, Any],
    publication: dict[str, Any],
    audience: Audience,
    marts: Path | None = None,
) -> dict[str, int]:
    """Write an audience's new file and return its row counts.

    `marts`: the new file of every plant, once it is complete; it knows what was restated.
    """
    from orchestration.audiences import personal_text, rows_for, without_people

    origins, meanings = _descriptions(manifest)
    personal = personal_text(manifest)
    con = duckdb.connect(config={"memory_limit": MEMORY_LIMIT})
    try:
        con.execute(f"set temp_directory = {_text(str(target) + '.spill')}")
        con.execute(f"attach {_text(str(settings.warehouse_file))} as warehouse (read_only)")
        con.execute(
            f"attach {_text(str(target))} as marts (storage_version {_text(STORAGE_VERSION)})"
        )
        present = _warehouse_columns(con)
        missing = [f"{s}.{t}" for s, t in origins.values() if (s, t) not in present]
        if missing:
            raise PublicationError(
                f"the warehouse lacks {', '.join(sorted(missing))}: nothing is published"
            )
        con.execute("use marts")
        relations = {name: _built(*origin) for name, origin in origins.items()}
        protects_few = not audience.personal and few_people.FACT in relations
        if protects_few:
            people = _people(manifest)
            relations |= few_people.relations_without_few(
                con, relations, people, audience.least_people
            )
        queries = {
            name: rows_for(audience, relations[name], name, present[origin], personal.get(name, {}))
            for name, origin in origins.items()
        }
        for name, query in queries.items():
            con.execute(f"create table {_name(name)} as {query}")
        con.execute(
            "create table publication (published_at timestamp, run_id varchar, "
            "input_fingerprint varchar, code_version varchar, audience varchar, plants varchar, "
            "has_personal_text boolean)"
        )
        con.execute(
            "insert into publication values (?, ?, ?, ?, ?, ?, ?)",
            [
                publication["published_at"],
                publication["run_id"],
                publication["input_fingerprint"],
                publication["code_version"],
                audience.name,
                ", ".join(audience.plants) or None,
                audience.personal,
            ],
        )
        if marts is None:
            before = current(settings)
            if before is not None:
                con.execute(f"attach {_text(str(before))} as before (read_only)")
            restatements.write_restatements(con, "before" if before else None)
        else:
            con.execute(f"attach {_text(str(marts))} as every_plant (read_only)")
            restated = "every_plant.mart_restatements"
            columns = dict.fromkeys(restatements.COLUMNS, "")
            query = rows_for(audience, restated, "mart_restatements", columns, {})
            con.execute(f"create table mart_restatements as {query}")
        if protects_few:
            # An earlier file may have told more, as may that of every plant.
            few = few_people.is_few("mart_restatements")
            con.execute(f"delete from mart_restatements where {few}")
            meanings = few_people.explained(meanings, audience.least_people)
        relationships.write_relationships(con, published_tables(manifest))
        if not audience.personal:
            meanings = without_people(meanings, personal)
        _describe(con, meanings)
        counts = _verify(con, queries)
        # The file must be complete without a write-ahead log before it is renamed.
        con.execute("use memory")
        con.execute("checkpoint marts")
        con.execute("detach marts")
    finally:
        con.close()
    return counts


def _built(schema: str, table: str) -> str:
    return f"warehouse.{_name(schema)}.{_name(table)}"


def _people(manifest: Mapping[str, Any]) -> str:
    """Where the warehouse has the times of each person."""
    for node in manifest["nodes"].values():
        if node["name"] == few_people.PEOPLE_MODEL:
            return _built(node["schema"], node.get("alias") or node["name"])
    raise PublicationError(f"there is no model {few_people.PEOPLE_MODEL}: nothing is published")


def _warehouse_columns(
    con: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str], dict[str, str]]:
    """Tables of the warehouse by schema and name: their columns with types, in order."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind in con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'warehouse' order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault((schema, table), {})[column] = kind
    return found


def _describe(
    con: duckdb.DuckDBPyConnection, meanings: Mapping[str, tuple[str, dict[str, str]]]
) -> None:
    """Comments on every table and column, and the same as the table `catalogue`."""
    con.execute(
        "create table catalogue "
        "(table_name varchar, column_name varchar, data_type varchar, description varchar)"
    )
    columns = con.execute(
        "select table_name, column_name from duckdb_columns() where database_name = 'marts'"
    ).fetchall()
    comments = [
        f"comment on table {_name(table)} is {_text(meanings.get(table, ('', {}))[0])}"
        for table in sorted({table for table, _ in columns})
    ]
    comments += [
        f"comment on column {_name(table)}.{_name(column)} is "
        f"{_text(meanings.get(table, ('', {}))[1].get(column, ''))}"
        for table, column in columns
    ]
    # In one transaction: a thousand of them would each wait for the disk.
    con.execute("; ".join(["begin", *comments, "commit"]))
    con.execute(
        "insert into catalogue select table_name, column_name, data_type, comment from ("
        "select table_name, null as column_name, null as data_type, comment, 0 as column_index "
        "from duckdb_tables() where database_name = 'marts' union all "
        "select table_name, column_name, data_type, comment, column_index "
        "from duckdb_columns() where database_name = 'marts') order by table_name, column_index"
    )


def _verify(con: duckdb.DuckDBPyConnection, queries: Mapping[str, str]) -> dict[str, int]:
    """Row counts of the new file, held against what was to be copied."""
    counts = {}
    for name, query in queries.items():
        published, built = con.execute(
            f"select (select count(*) from marts.{_name(name)}), (select count(*) from ({query}))"
        ).fetchall()[0]
        if published != built:
            raise PublicationError(f"{name}: {published} rows copied of {built}")
        counts[name] = published
    return counts


# --- publishing -----------------------------------------------------------------------------------


@contextmanager
def _publication_lock(settings: Settings) -> Iterator[None]:
    """Swapping and pruning happen one at a time, also when somebody rolls back meanwhile."""
    settings.published_dir.mkdir(parents=True, exist_ok=True)
    with (settings.published_dir / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _seal(path: Path) -> None:
    """Take from everybody, its owner too, the right to write a finished file, and sync it."""
    path.chmod(path.stat().st_mode & ~0o222)
    _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _point_link_at(settings: Settings, version: Path) -> None:
    """Give readers the night of a version. One rename does it, for all audiences at once."""
    folder = settings.published_dir / f"{NIGHT_LINK}-{_stamp(version)}Z"
    folder.mkdir(exist_ok=True)
    for path in settings.published_dir.glob(f"*-{_stamp(version)}Z.duckdb"):
        link = folder / f"{path.name.partition('-')[0]}.duckdb"
        if not link.is_symlink():
            link.symlink_to(Path("..") / path.name)
    _sync(folder)
    _swap(settings.published_dir / NIGHT_LINK, folder.name)
    # These only change where an audience is new or gone.
    names = {path.name for path in folder.iterdir()}
    for name in names:
        inner = f"{NIGHT_LINK}/{name}"
        link = settings.published_dir / name
        if not link.is_symlink() or str(link.readlink()) != inner:
            _swap(link, inner)
    for link in settings.published_dir.glob("*.duckdb"):
        if link.is_symlink() and link.name not in names:
            link.unlink()
    _sync(settings.published_dir)


def _swap(link: Path, target: str) -> None:
    """Point a link elsewhere. A rename over it is atomic: readers find the old or the new one."""
    following = link.with_name(f".{link.name.removeprefix('.')}.next")
    following.unlink(missing_ok=True)
    following.symlink_to(target)
    following.replace(link)


def _remove_leftovers(settings: Settings) -> None:
    """What a crashed publication left: everything it had not yet given a version's name."""
    for path in settings.published_dir.glob(".building-*"):
        if path.is_dir():
            for spilled in path.iterdir():
                spilled.unlink()
            path.rmdir()
        else:
            path.unlink()


def _prune(settings: Settings, keep: int) -> None:
    """Remove nights beyond those to keep; after a roll-back an old one may be what readers see."""
    in_use = current(settings)
    kept = {_stamp(path) for path in [*versions(settings)[-keep:], *([in_use] if in_use else [])]}
    for path in settings.published_dir.iterdir():
        night = NIGHT_NAME.fullmatch(path.name)
        if night is None or night[1] in kept:
            continue
        if path.is_dir():
            for link in path.iterdir():
                link.unlink()
            path.rmdir()
        else:
            path.unlink()


def _next_stamp(settings: Settings, now: datetime | None) -> datetime:
    """Now; or just after the newest version where the clock was set back, as names decide age."""
    now = now or datetime.now(UTC).replace(tzinfo=None)
    known = versions(settings)
    return max(now, published_at(known[-1]) + timedelta(microseconds=1)) if known else now


def publish(
    settings: Settings,
    *,
    manifest: Mapping[str, Any],
    run_id: str,
    input_fingerprint: str,
    code_version: str,
    now: datetime | None = None,
    keep: int = KEEP_VERSIONS,
) -> Publication:
    """Build the next version from the warehouse, for every audience, and point readers at it.

    Until the last step nothing that readers see has changed, so a crash anywhere costs nothing.
    """
    # Imported here: it takes a second, which whoever only looks a version up does not spend.
    from orchestration.audiences import load_audiences

    with _publication_lock(settings):
        _remove_leftovers(settings)
        stamp = _next_stamp(settings, now)
        ending = f"-{stamp.strftime(STAMP_FORMAT)}Z.duckdb"
        version = settings.published_dir / f"{MARTS}{ending}"
        building = settings.published_dir / f".building-{version.name}"
        row = {
            "published_at": stamp,
            "run_id": run_id,
            "input_fingerprint": input_fingerprint,
            "code_version": code_version,
        }
        everybody, *others = load_audiences(settings.plants_file)
        counts = _build(settings, building, manifest, row, everybody)
        for audience in others:
            theirs = settings.published_dir / f"{audience.name}{ending}"
            unfinished = settings.published_dir / f".building-{theirs.name}"
            _build(settings, unfinished, manifest, row, audience, building)
            _seal(unfinished)
            unfinished.replace(theirs)
        _seal(building)
        # Last, for the version is complete once it has its name.
        building.replace(version)
        _sync(settings.published_dir)
        _point_link_at(settings, version)
        _rollback_marker(settings).unlink(missing_ok=True)
        _remove_leftovers(settings)
        _prune(settings, keep)
    return Publication(version, stamp, run_id, input_fingerprint, code_version, counts)


def rollback(settings: Settings, to: str | None = None) -> RollbackReport:
    """Point readers at the version before the one they see, or at the named one.

    `to` is a version's file name or the start of its stamp (`20260410`, `20260410T0200`).
    """
    with _publication_lock(settings):
        known = versions(settings)
        now = current(settings)
        if not known:
            raise PublicationError("nothing has been published yet: there is nothing to roll back")
        if to is None:
            older = [path for path in known if now is None or path < now]
            if not older:
                raise PublicationError(f"{now.name if now else 'nothing'} is the oldest version")
            chosen = older[-1]
        else:
            matching = [path for path in known if path.name == to or _stamp(path).startswith(to)]
            if len(matching) != 1:
                found = "no version" if not matching else f"{len(matching)} versions"
                names = ", ".join(path.name for path in known)
                raise PublicationError(f"{found} for {to!r}; kept are {names}")
            chosen = matching[0]
        newest = newest_seen(settings)
        marker = _rollback_marker(settings)
        if newest is None or chosen >= newest:
            marker.unlink(missing_ok=True)
        else:
            following = marker.with_name(".rolled_back.next")
            following.write_text(newest.name, encoding="utf-8")
            following.replace(marker)
        _point_link_at(settings, chosen)
    return RollbackReport(now.name if now else None, chosen.name, published_at(chosen))


def _stamp(path: Path) -> str:
    match = VERSION_NAME.fullmatch(path.name)
    return match[1] if match else ""
