"""The plant's entry in plants.toml: written between marks, so that it can be replaced without
touching what anybody else wrote in the file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from ingestion.simulator.plant import Plant
from ingestion.simulator.sites import WEEKDAYS

BEGIN = "# >>> plant {}: written by the simulation, replaced by the next one >>>"
END = "# <<< plant {} <<<"


class PlantExists(Exception):
    """plants.toml already has this plant, or cannot take it."""


def entry(plant: Plant) -> str:
    """The plant's tables, with their marks."""
    site = plant.site
    plant_id = site.plant_id
    lines = [
        BEGIN.format(plant_id),
        f"[plants.{plant_id}]",
        f'name = "{site.name}"',
        f'time_zone = "{site.time_zone}"',
        f'currency = "{site.currency}"',
        f'day_start = "{site.day_start:02d}:00"',
        f"minor_stop_limit_s = {site.minor_stop_limit_s}",
    ]
    days = ", ".join(f'"{WEEKDAYS[day]}"' for day in site.days)
    for code, start, end in site.shifts:
        lines += [
            "",
            f"[[plants.{plant_id}.shifts]]",
            f'code = "{code}"',
            f'start = "{start:02d}:00"',
            f'end = "{end:02d}:00"',
            f"days = [{days}]",
        ]
    for source in site.sources:
        lines += [
            "",
            f"[[plants.{plant_id}.sources]]",
            f'source = "{source}"',
            f'folder = "{source}"',
        ]
    lines += ["", f"[plants.{plant_id}.code_maps.equipment]"]
    lines += [f'"{m.equipment}" = "{m.machine_id}"' for m in plant.machines]
    lines.append(END.format(plant_id))
    return "\n".join(lines) + "\n"


def with_entry(text: str, plant: Plant) -> str:
    """The file's text with the plant's entry, everything else as it was."""
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlantExists(f"plants.toml cannot be read: {error}. Correct it first.") from error
    plant_id = plant.site.plant_id
    begin, end = BEGIN.format(plant_id), END.format(plant_id)
    if begin in text and end in text:
        head, rest = text.split(begin, 1)
        tail = rest.split(end, 1)[1].removeprefix("\n")
    elif plant_id in before.get("plants", {}):
        raise PlantExists(
            f"plants.toml already describes a plant '{plant_id}' that was not simulated. "
            "Simulate into another data directory, or rename that plant."
        )
    else:
        head, tail = (text.rstrip("\n") + "\n\n" if text.strip() else ""), ""
    result = head + entry(plant) + tail
    after = tomllib.loads(result)
    after["plants"].pop(plant_id)
    before.get("plants", {}).pop(plant_id, None)
    if after["plants"] != before.get("plants", {}):
        raise PlantExists(
            f"plants.toml has settings between the marks of plant '{plant_id}', or right after "
            "them, that would be lost. Move them to a table of their own first."
        )
    return result


def write_entry(plants_file: Path, plant: Plant) -> None:
    """Put the plant into plants.toml, atomically."""
    text = plants_file.read_text(encoding="utf-8") if plants_file.exists() else ""
    result = with_entry(text, plant)
    if result == text:
        return
    plants_file.parent.mkdir(parents=True, exist_ok=True)
    temporary = plants_file.with_name(f".{plants_file.name}.{os.getpid()}")
    temporary.write_text(result, encoding="utf-8")
    temporary.replace(plants_file)
