"""A whole night on 5 M machine states against the bare DuckDB statements, in one run.

Prints wall and CPU seconds and peak memory of both, and the ratios. The ratio is what to compare
between versions; the seconds belong to the machine.

    python -m benchmarks.nightly_vs_duckdb [--states 5000000]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.exports import write_exports


class Cost(NamedTuple):
    """What one command cost; memory is that of its largest process."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def measured(command: list[str], log: Path) -> Cost:
    """Run a command to its end; RuntimeError with its last lines where it fails."""
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        tail = log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(command)} failed:\n{tail}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=5_000_000)
    states = parser.parse_args().states
    with tempfile.TemporaryDirectory(prefix="leankpi-bench-") as name:
        folder = Path(name)
        print(f"Writing exports with {states:,} machine states ...", flush=True)
        paths = write_exports(folder, states)
        size = sum(path.stat().st_size for path in paths) / 1e6
        print(f"{len(paths)} files, {size:,.0f} MB", flush=True)
        exports = str(paths[0].parent / "*.csv")
        floor = measured(
            [sys.executable, "-m", "benchmarks.floor", exports, name], folder / "floor.log"
        )
        night = measured(
            [str(Path(sys.executable).with_name("leankpi")), "nightly", "--data-dir", name],
            folder / "night.log",
        )
        if not (folder / "published" / "marts.duckdb").exists():
            raise RuntimeError("the night published nothing: there is nothing to compare")
    print(f"{'':24}{'wall s':>10}{'CPU s':>10}{'peak MiB':>10}")
    for label, cost in (("bare DuckDB statements", floor), ("whole night", night)):
        print(f"{label:24}{cost.wall_s:10.1f}{cost.cpu_s:10.1f}{cost.peak_mib:10.0f}")
    print(
        f"{'ratio':24}{night.wall_s / floor.wall_s:10.1f}{night.cpu_s / floor.cpu_s:10.1f}"
        f"{night.peak_mib / floor.peak_mib:10.1f}"
    )


if __name__ == "__main__":
    main()
