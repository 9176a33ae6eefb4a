"""The real data sets as plants: their plants.toml, and how their files lie in landing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

#: Rows of a query, its values bound.
Query = Callable[..., list[tuple[Any, ...]]]

DATASETS = Path(__file__).parents[2].parent / "shared" / "datasets"

#: Neither the bottling line nor Global Bike says where it stands. UTC keeps the bottling line's
#: clock times as they are written; Global Bike's documents are posted in Dallas.
PLANTS_TOML = """\
[plants.maven]
name = "Soda bottling line"
time_zone = "UTC"
currency = "USD"
sources = [{ source = "maven_bottling_line", folder = "line" }]

[plants.excavators]
name = "Excavators of a mine"
time_zone = "Australia/Perth"
currency = "AUD"
sources = [{ source = "excavators_mwo", folder = "orders" }]

[plants.gbi]
name = "Global Bike"
time_zone = "America/Chicago"
currency = "USD"
sources = [{ source = "sap_gbi", folder = "sap" }]

[plants.gbi_ei]
name = "Global Bike, evaporating inventory"
time_zone = "America/Chicago"
currency = "USD"
sources = [{ source = "sap_gbi", folder = "sap" }]

[plants.gbi_pirates]
name = "Global Bike, pirates"
time_zone = "America/Chicago"
currency = "USD"
sources = [{ source = "sap_gbi", folder = "sap" }]

[plants.nist]
name = "NIST test bed"
time_zone = "America/New_York"
currency = "USD"
sources = [{ source = "nist_mtconnect", folder = "events" }]
[[plants.nist.shifts]]
code = "D"
start = "07:00"
end = "16:00"
days = ["mon", "tue", "wed", "thu", "fri"]

[plants.nist_adapters]
name = "NIST test bed, three days of its adapters"
time_zone = "America/New_York"
currency = "USD"
sources = [{ source = "mtconnect", folder = "adapters" }]

[plants.company_a]
name = "Company A"
time_zone = "Europe/Rome"
currency = "EUR"
sources = [{ source = "sme_company_a", folder = "readings" }]

[plants.courbon]
name = "Courbon"
time_zone = "Europe/Paris"
currency = "EUR"
sources = [{ source = "b2mml_courbon", folder = "messages" }]
"""

#: Which files belong to which plant and folder. Of NIST's set the device model stays out, and of
#: Courbon's the schemas and the archives of the same messages.
FILES = {
    "maven/line": ("maven_bottling_line", ["Manufacturing+Downtime.zip"]),
    "excavators/orders": (
        "excavators_mwo",
        ["excavators.csv.gz", "excavators-cleaned.csv.gz"],
    ),
    "gbi/sap": (
        "sap_gbi",
        ["MSEG.csv.gz", "MKPF.csv.gz", "EKKO.csv.gz", "EKPO.csv.gz", "KONV.csv.gz"],
    ),
    "gbi_ei/sap": ("sap_gbi", ["MSEG_EI.csv.gz", "MKPK_EI.csv.gz"]),
    "gbi_pirates/sap": (
        "sap_gbi",
        [
            "MSEG_Pirates.csv.gz",
            "MKPF_Pirates.csv.gz",
            "EKKO_Pirates.csv.gz",
            "EKPO_Pirates.csv.gz",
        ],
    ),
    "nist/events": (
        "nist_mtconnect",
        ["mazak_events_2018q4.csv.gz", "hurco01_events_2017h1.csv.gz"],
    ),
    "nist_adapters/adapters": (
        "nist_mtconnect",
        [
            "Hurco01-20170518-20170519.shdr.txt.gz",
            "Mazak01-20181015-20181016.shdr.txt.gz",
            "Mazak03-20181003-20181004.shdr.txt.gz",
        ],
    ),
    "company_a/readings": ("sme_company_a", ["company_A_labelled_subset.csv.gz"]),
    "courbon/messages": (
        "b2mml_courbon/xml",
        [
            "INV-20121210175555-0001L0001_01.xml",
            "LOT-20121210170718-0001L0001.xml",
            "MAT-20121210170256-CRBN0001.xml",
            "PES-20121229115825-53107.xml",
            "PRO-20121210181416-27942.xml",
            "ProductionBatchRecord_Example_v06.xml",
        ],
    ),
}

#: The files carry no extraction time in their names, so their modification time counts; a fixed
#: one after the last event makes every run the same, whenever the sets were copied here.
DELIVERED_AT = datetime(2024, 9, 30, tzinfo=UTC).timestamp()


def are_present() -> bool:
    """Whether the data sets lie beside the repository."""
    return all(
        (DATASETS / dataset / name).is_file() for dataset, names in FILES.values() for name in names
    )


def lay_out(data_dir: Path, *plants: str) -> Path:
    """A data directory with plants.toml and the files of these plants (all by default)."""
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / "plants.toml").write_text(PLANTS_TOML, encoding="utf-8")
    for place, (dataset, names) in FILES.items():
        if plants and place.split("/")[0] not in plants:
            continue
        folder = data_dir / "landing" / place
        folder.mkdir(parents=True)
        for name in names:
            # The sets are read-only: their permissions must not come along.
            shutil.copyfile(DATASETS / dataset / name, folder / name)
            os.utime(folder / name, (DELIVERED_AT, DELIVERED_AT))
    return data_dir
