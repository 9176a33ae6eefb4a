"""How a running night looks: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from orchestration.plain_text import plain


class PlainProgress:
    """A line per phase, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._name: str | None = None
        self._started = 0.0
        self._steps = 0

    def phase(self, name: str, total: int | None) -> None:
        self.close()
        self._name, self._started, self._steps = name, time.monotonic(), 0

    def advance(self, note: str | None = None) -> None:
        self._steps += 1

    def close(self) -> None:
        """Write the line of the phase that ends."""
        if self._name:
            steps = f"{self._steps} done, " if self._steps else ""
            self._console.print(
                f"{self._name}: {steps}{time.monotonic() - self._started:.1f} s", highlight=False
            )
        self._name = None


class LiveProgress:
    """A bar per phase, with what it is at."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
            console=console,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task: TaskID | None = None
        self._bars.start()

    def phase(self, name: str, total: int | None) -> None:
        self._finish()
        self._task = self._bars.add_task(name, total=total, note="")

    def advance(self, note: str | None = None) -> None:
        if self._task is not None:
            self._bars.update(self._task, advance=1, note=plain(note or "")[-60:])

    def _finish(self) -> None:
        if self._task is not None:
            done = self._bars.tasks[self._task].completed
            self._bars.update(self._task, total=max(done, 1), completed=max(done, 1), note="")

    def close(self) -> None:
        """Leave the bars as they stand."""
        self._finish()
        self._bars.stop()


def progress_for(console: Console) -> PlainProgress | LiveProgress:
    """What suits where the output goes."""
    return LiveProgress(console) if console.is_terminal else PlainProgress(console)
