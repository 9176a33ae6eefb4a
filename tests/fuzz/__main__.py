"""`python -m tests.fuzz`: mutated exports through the ingestion; `--case N` does one of them again.

Exit status 1 where something was lost, or wrong, or took too much; every problem names its case.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from pathlib import Path

from tests.fuzz.cases import Report, make_case, run
from tests.fuzz.samples import samples

#: As many share a night: enough that it is soon over, few enough that it is soon told who was it.
BATCH = 100
#: Python, polars and DuckDB take 400 MiB by themselves, and a file of a few kilobytes must not
#: take more than as much again.
MAX_MIB = 800


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many (default 10,000)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--case", type=int, help="only this one, and write its file")
    arguments = parser.parse_args()
    found, report = samples(), Report()
    first, last = arguments.first, arguments.first + arguments.cases
    if arguments.case is not None:
        first, last = arguments.case, arguments.case + 1
        case = make_case(arguments.case, found)
        written = Path(f"case{case.number}-{case.sample.file_name}")
        written.write_bytes(case.content)
        print(f"{case}, written to {written}")
    for start in range(first, last, BATCH):
        with tempfile.TemporaryDirectory() as folder:
            before = len(report.problems)
            run(range(start, min(start + BATCH, last)), found, Path(folder), report)
            for problem in report.problems[before:]:
                print(problem, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{report.cases} cases of {len(found)} samples, {report.records} records: "
        f"{len(report.problems)} problems; slowest file {report.slowest_s:.2f} s, {peak} MiB"
    )
    print("  " + ", ".join(f"{status} {n}" for status, n in report.statuses.most_common()))
    print("  " + ", ".join(f"{rule} {n}" for rule, n in report.rules.most_common()))
    if peak > MAX_MIB:
        print(f"more than {MAX_MIB} MiB")
    return 1 if report.problems or peak > MAX_MIB else 0


if __name__ == "__main__":
    sys.exit(main())
