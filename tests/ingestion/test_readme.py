"""The README's example of a plant, pasted into a shell in an empty folder, is taken in whole."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import duckdb

from ingestion.load import ingest
from ingestion.settings import Settings

README = Path(__file__).parents[2] / "README.md"


def test_the_smallest_plant_is_taken_in_as_it_is_written(tmp_path: Path) -> None:
    (block,) = re.findall(
        r"```sh\n(mkdir -p data/landing.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    pasted, commands = block.split("leankpi nightly\n")
    assert commands.startswith("leankpi kpi explain oee --plant mill")
    subprocess.run(["sh", "-eu", "-c", pasted], cwd=tmp_path, check=True)
    settings = Settings(tmp_path / "data")
    report = ingest(settings)
    assert {outcome.status for outcome in report.files} == {"accepted"}
    assert sum(outcome.accepted_rows for outcome in report.files) == 9
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as con:
        ideal = con.execute(
            "select sum(good_qty * standard_rates.ideal_cycle_s) from raw.production_counts "
            "inner join raw.standard_rates using (item_id)"
        ).fetchall()
        planned = con.execute(
            "select count(distinct machine_id) * 8 * 3600 from raw.production_counts"
        ).fetchall()
    assert float(ideal[0][0]) / planned[0][0] == 0.78125
    assert "0.78125" in README.read_text(encoding="utf-8")
