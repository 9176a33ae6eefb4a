"""The plant's entry in plants.toml: written between marks, so that it can be replaced without
touching what anybody else wrote in the file."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from ingestion.simulator.clock import SHIFT_PATTERN
from ingestion.simulator.plant import (
    CURRENCY,
    MINOR_STOP_LIMIT_S,
    PLANT_ID,
    PLANT_NAME,
    TIME_ZONE,
    Plant,
)

BEGIN = f"# >>> plant {PLANT_ID}: written by the simulation, replaced by the next one >>>"
END = f"# <<< plant {PLANT_ID} <<<"
SOURCES = ("mapex", "sap_pm", "sap_mm", "sap_pp")


class PlantExists(Exception):
    """plants.toml already has this plant, or cannot take it."""


def entry(plant: Plant) -> str:
    """The plant's tables, with their marks."""
    lines = [
        BEGIN,
        f"[plants.{PLANT_ID}]",
        f'name = "{PLANT_NAME}"',
        f'time_zone = "{TIME_ZONE}"',
        f'currency = "{CURRENCY}"',
        'day_start = "06:00"',
        f"minor_stop_limit_s = {MINOR_STOP_LIMIT_S}",
    ]
    for code, start, end in SHIFT_PATTERN:
        lines += [
            "",
            f"[[plants.{PLANT_ID}.shifts]]",
            f'code = "{code}"',
            f'start = "{start:02d}:00"',
            f'end = "{end:02d}:00"',
            'days = ["mon", "tue", "wed", "thu", "fri", "sat"]',
        ]
    for source in SOURCES:
        lines += [
            "",
            f"[[plants.{PLANT_ID}.sources]]",
            f'source = "{source}"',
            f'folder = "{source}"',
        ]
    lines += ["", f"[plants.{PLANT_ID}.code_maps.equipment]"]
    lines += [f'"{m.equipment}" = "{m.machine_id}"' for m in plant.machines]
    lines.append(END)
    return "\n".join(lines) + "\n"


def with_entry(text: str, plant: Plant) -> str:
    """The file's text with the plant's entry, everything else as it was."""
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlantExists(f"plants.toml cannot be read: {error}. Correct it first.") from error
    if BEGIN in text and END in text:
        head, rest = text.split(BEGIN, 1)
        tail = rest.split(END, 1)[1].removeprefix("\n")
    elif PLANT_ID in before.get("plants", {}):
        raise PlantExists(
            f"plants.toml already describes a plant '{PLANT_ID}' that was not simulated. "
            "Simulate into another data directory, or rename that plant."
        )
    else:
        head, tail = (text.rstrip("\n") + "\n\n" if text.strip() else ""), ""
    result = head + entry(plant) + tail
    after = tomllib.loads(result)
    after["plants"].pop(PLANT_ID)
    before.get("plants", {}).pop(PLANT_ID, None)
    if after["plants"] != before.get("plants", {}):
        raise PlantExists(
            f"plants.toml has settings between the marks of plant '{PLANT_ID}', or right after "
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
