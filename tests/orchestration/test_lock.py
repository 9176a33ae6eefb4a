from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.settings import Settings
from orchestration.lock import NightIsRunning, night_lock, running_night

HOLDER = """
import sys
from pathlib import Path
from orchestration.lock import night_lock
with night_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def hold_elsewhere(path: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_a_second_process_is_told_who_holds_it_since_when(settings: Settings) -> None:
    holder = hold_elsewhere(settings.lock_file)
    try:
        with (
            pytest.raises(NightIsRunning, match=rf"process {holder.pid} since \d{{4}}-") as caught,
            night_lock(settings.lock_file),
        ):
            pass
        assert caught.value.pid == holder.pid
        running = running_night(settings.lock_file)
        assert running is not None
        assert running[0] == holder.pid
    finally:
        holder.communicate("\n", timeout=10)


def test_a_killed_night_leaves_no_lock(settings: Settings) -> None:
    holder = hold_elsewhere(settings.lock_file)
    holder.kill()
    holder.communicate(timeout=10)

    assert running_night(settings.lock_file) is None
    with night_lock(settings.lock_file):
        pass


def test_the_process_that_holds_it_may_take_it_again(settings: Settings) -> None:
    # `leankpi nightly` holds the lock, and the job it runs asks for it once more.
    with night_lock(settings.lock_file):
        with night_lock(settings.lock_file):
            pass
        # The inner release must not release the outer.
        holder = subprocess.run(
            [sys.executable, "-c", HOLDER, str(settings.lock_file)],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert "another night is running" in holder.stderr
    assert running_night(settings.lock_file) is None


def test_asking_who_runs_does_not_need_a_night_ever_to_have_run(settings: Settings) -> None:
    assert running_night(settings.lock_file) is None
