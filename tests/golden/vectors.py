"""Every golden vector there is: the lists of the `vectors_*` modules, one module per area."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from vector import Vector

VECTORS: list[Vector] = [
    vector
    for path in sorted(Path(__file__).parent.glob("vectors_*.py"))
    for vector in import_module(path.stem).VECTORS
]
