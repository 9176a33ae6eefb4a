"""Work that several test processes need done: the first does it for all."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


def shared_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all processes of one test run have in common."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name


def once(folder: Path, work: Callable[[], T]) -> T:
    """What the work gave (it must pickle); it is done under a lock, by whoever comes first."""
    folder.mkdir(parents=True, exist_ok=True)
    outcome = folder / "outcome.pickle"
    with (folder / "working.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not outcome.exists():
            outcome.write_bytes(pickle.dumps(work()))
    given: Any = pickle.loads(outcome.read_bytes())
    return given
