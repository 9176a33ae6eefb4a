"""One large export, and many small ones: what a load costs, and that it grows with the bytes alone.

    python -m benchmarks.large_exports [--gigabytes 2] [--files 10000]

The large export must load within MEMORY_LIMIT_MIB. The small files come in two nights, a fifth
and then the rest, so that the cost of a file can be compared between a short and a long history.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.exports import PLANTS
from benchmarks.nightly_vs_duckdb import Cost, measured

MEMORY_LIMIT_MIB = 2048
BYTES_PER_ROW = 89
ROWS = """
    select n as Id_his_prod, 1 + n % 60 as Id_maquina, 1 as Activo, 1 + n // 500 as Id_his_fase,
        case n % 2 when 0 then 2 else 1 end as Id_actividad,
        strftime(timestamp '2026-01-01 06:00:00' + to_seconds(n), '%d/%m/%Y %H:%M:%S') as Fecha_ini,
        strftime(timestamp '2026-01-01 06:01:00' + to_seconds(n), '%d/%m/%Y %H:%M:%S') as Fecha_fin,
        n % 40 as Unidades_ok, n % 3 as Unidades_nok, 0 as Unidades_repro, '1,9' as SegCicloNominal,
        'lote ' || hash(n) % 100000 as Observaciones
    from range({first}, {last}) rows(n)
"""


def write_export(landing: Path, name: str, first: int, last: int) -> Path:
    """One his_prod export with the runs from `first` up to `last`."""
    landing.mkdir(parents=True, exist_ok=True)
    path = landing / f"his_prod_{name}.csv"
    query = ROWS.format(first=first, last=last)
    duckdb.connect().execute(f"copy ({query}) to '{path}' (header, delimiter ';', quote '')")
    return path


def write_small_exports(landing: Path, first: int, last: int, rows: int) -> int:
    """One small export each for the numbers from `first` up to `last`; their bytes."""
    header, *lines = (
        write_export(landing.parent, "all", 0, rows * last).read_bytes().splitlines(True)
    )
    landing.mkdir(parents=True, exist_ok=True)
    size = 0
    for number in range(first, last):
        content = header + b"".join(lines[number * rows : (number + 1) * rows])
        size += (landing / f"his_prod_20261101_{number:06d}.csv").write_bytes(content)
    (landing.parent / "his_prod_all.csv").unlink()
    return size


def load(folder: Path) -> Cost:
    """What one ingestion of everything new costs."""
    command = [sys.executable, "-m", "ingestion", "--data-dir", str(folder)]
    return measured(command, folder / "load.log")


def show(label: str, size: int, cost: Cost) -> None:
    print(
        f"{label:28}{size / 1e6:10,.0f} MB{cost.wall_s:9.1f} s{cost.cpu_s:9.1f} CPU s"
        f"{cost.peak_mib:8.0f} MiB{size / 1e6 / cost.cpu_s:8.1f} MB/CPU s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--files", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leankpi-bench-") as name:
        folder = Path(name)
        (folder / "plants.toml").write_text(PLANTS, encoding="utf-8")
        landing = folder / "landing" / "big" / "mapex"
        rows = int(arguments.gigabytes * 1e9) // BYTES_PER_ROW
        path = write_export(landing, "20261101_000000", 0, rows)
        cost = load(folder)
        show("one large export", path.stat().st_size, cost)
        if cost.peak_mib > MEMORY_LIMIT_MIB:
            raise SystemExit(f"it took more than {MEMORY_LIMIT_MIB} MiB")
    with tempfile.TemporaryDirectory(prefix="leankpi-bench-") as name:
        folder = Path(name)
        (folder / "plants.toml").write_text(PLANTS, encoding="utf-8")
        landing = folder / "landing" / "big" / "mapex"
        first = arguments.files // 5
        for label, start, end in (("first", 0, first), ("then", first, arguments.files)):
            size = write_small_exports(landing, start, end, rows=20)
            cost = load(folder)
            show(f"{label} {end - start:,} small files", size, cost)
            print(f"{'':28}{cost.cpu_s / (end - start) * 1e3:10.2f} CPU ms per file", flush=True)


if __name__ == "__main__":
    main()
