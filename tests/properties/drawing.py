"""Random examples, the same in every run."""

from __future__ import annotations

from typing import TypeVar
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


def drawn(strategy: SearchStrategy[T], quantity: int) -> list[T]:
    """So many of them at once: a warehouse for each would take a minute each."""
    found: list[T] = []

    @settings(
        max_examples=quantity,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    # Hypothesis tries numbers and texts of whatever module of ours is loaded: the examples would be
    # others with every edit, and in a process that loaded other tests.
    with patch.object(providers, "_get_local_constants", providers.Constants):
        collect()
    return found
