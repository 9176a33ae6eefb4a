"""Who gets which published file, and what of it: `[audiences.<name>]` in plants.toml.

Everybody opens the file `marts`: every plant, and nothing that tells of people. What tells of
people leaves the warehouse only in the file of an audience that says `personal = true`. Tables and
columns are the same in every file; what an audience does not get is empty in its own. Labour that
few people did tells of them without their names (`few_people`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from ingestion.errors import ConfigError
from ingestion.feeds import FEEDS
from ingestion.feeds.base import personal_columns
from ingestion.plants import Strict, load_plants, read_configuration
from orchestration.publish import MARTS

#: Behind the description of a column that is empty because it tells of people.
WITHHELD = "Tells of people: empty in this file (audiences in plants.toml)."


class Audience(Strict):
    """Who gets a file of this name: of which plants (none named: all), with people or without.

    Without, a figure of labour is made of the time of `least_people` or more.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    plants: tuple[str, ...] = ()
    personal: bool = False
    least_people: int = Field(default=3, ge=1)


def load_audiences(path: Path) -> list[Audience]:
    """The audiences of plants.toml, `marts` first; ConfigError names the key that is wrong."""
    if not path.is_file():
        return [Audience(name=MARTS)]
    known = load_plants(path)
    audiences = {MARTS: Audience(name=MARTS)}
    for name, table in read_configuration(path).get("audiences", {}).items():
        where = f"{path}: audiences.{name}"
        if not isinstance(table, dict):
            raise ConfigError(f"{where} must be a table")
        try:
            audiences[name] = Audience(**{"name": name, **table})
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise ConfigError(f"{where}: {key}: {first['msg']}") from error
        for plant in audiences[name].plants:
            if plant not in known:
                raise ConfigError(f"{where}: no plant {plant!r}; there are {', '.join(known)}")
    if audiences[MARTS].plants:
        raise ConfigError(f"{path}: audiences.{MARTS} holds every plant: name another audience")
    return list(audiences.values())


# --- what tells of people -------------------------------------------------------------------------

#: SQL: feeds whose rows tell of people.
_PERSONAL_FEEDS = ", ".join(f"'{name}'" for name, feed in FEEDS.items() if personal_columns(feed))
#: Text of tables that dbt does not build, and the rows in which it may tell of people. A line as
#: it was delivered may hold anything.
PERSONAL_TEXT = {
    "quarantine": {"raw_line": "true", "value": f"feed is null or feed in ({_PERSONAL_FEEDS})"},
    # Tests of dbt also look at rows of people; plausibility at facts, which add people up.
    "data_quality": {"failing_rows": "engine = 'dbt'"},
}
#: Text of tables without a plant that quotes rows of any plant.
QUOTED_TEXT = {"data_quality": ("observed", "failing_rows")}


def personal_text(manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Per published table the columns that tell of people, and in which rows (SQL).

    Models declare theirs with `meta: {personal: true}` beside the column's description.
    """
    found = {table: dict(columns) for table, columns in PERSONAL_TEXT.items()}
    for node in manifest["nodes"].values():
        for column in node.get("columns", {}).values():
            if column.get("config", {}).get("meta", {}).get("personal"):
                name = node.get("alias") or node["name"]
                found.setdefault(name, {})[column["name"]] = "true"
    return found


def rows_for(
    audience: Audience,
    relation: str,
    table: str,
    columns: Mapping[str, str],
    personal: Mapping[str, str],
) -> str:
    """SQL: what the audience gets of a relation that is published as `table`.

    `columns`: its columns with their types, the key first; `personal`: those that tell of people.
    Where a row's key does, the row is somebody's and none is given.
    """
    hidden = {} if audience.personal else dict(personal)
    if audience.plants:
        hidden |= dict.fromkeys(QUOTED_TEXT.get(table, ()), "true")
    where = list(_conditions(audience, columns, hidden))
    cells = [
        f"case when not ({hidden[name]}) then {_name(name)} end as {_name(name)}"
        if name in hidden
        else _name(name)
        for name in columns
    ]
    return f"select {', '.join(cells)} from {relation} where {' and '.join(where) or 'true'}"


def without_people(
    meanings: Mapping[str, tuple[str, dict[str, str]]], personal: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[str, dict[str, str]]]:
    """The meanings, where columns that tell of people say why they are empty."""
    return {
        table: (
            description,
            {
                column: f"{meaning} {WITHHELD}" if column in personal.get(table, {}) else meaning
                for column, meaning in columns.items()
            },
        )
        for table, (description, columns) in meanings.items()
    }


def _conditions(
    audience: Audience, columns: Mapping[str, str], hidden: Mapping[str, str]
) -> Iterator[str]:
    if next(iter(columns)) in hidden:
        yield "false"
    if audience.plants and "plant_id" in columns:
        names = ", ".join("'" + plant.replace("'", "''") + "'" for plant in audience.plants)
        yield f"plant_id in ({names})"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
