"""The night's lock: one process at a time may open the warehouse.

The kernel releases it when the process ends, however it ends, so a crash leaves no lock behind.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

# Locks of this process. The job takes the lock again inside `leankpi nightly`, which holds it
# already; a second descriptor of the same process would wait for itself.
_held: set[Path] = set()


class NightIsRunning(RuntimeError):
    """Another process holds the lock."""

    def __init__(self, path: Path, pid: int | None, started: str | None) -> None:
        self.pid, self.started = pid, started
        who = f"process {pid}" if pid else "another process"
        since = f" since {started}" if started else ""
        super().__init__(f"another night is running: {who}{since} holds {path}")


def _holder(path: Path) -> tuple[int | None, str | None]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return content["pid"], content["started"]
    except (OSError, ValueError, KeyError, TypeError):
        # The holder may be between taking the lock and writing its name.
        return None, None


def _try_lock(descriptor: int) -> bool:
    # Three tries: `leankpi status` holds the lock for an instant when it asks who has it.
    for wait_s in (0.1, 0.1, 0.0):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(wait_s)
    return False


@contextmanager
def night_lock(path: Path) -> Iterator[None]:
    """Hold the lock, or raise NightIsRunning at once. Re-entrant within a process."""
    path = path.resolve()
    if path in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_lock(descriptor):
            raise NightIsRunning(path, *_holder(path))
        started = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "started": started}).encode(), 0)
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
            os.ftruncate(descriptor, 0)
    finally:
        # Children (dbt) do not inherit the descriptor, so closing it releases the lock.
        os.close(descriptor)


def running_night(path: Path) -> tuple[int | None, str | None] | None:
    """Who runs a night now: its process and start, or None."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(path)
    else:
        return None
    finally:
        os.close(descriptor)
