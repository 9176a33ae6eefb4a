"""Source modules: one file per system, each with one `SOURCE` declaration.

Adding a file here is all it takes to add a source; CONTRIBUTING walks through it.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from ingestion.errors import ConfigError
from ingestion.source import Source


def source_names() -> list[str]:
    """The source modules there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def load_source(name: str) -> Source:
    """The declaration of one source module; ConfigError where there is none."""
    if name not in source_names():
        raise ConfigError(
            f"plants.toml: no source module {name!r}; there are {', '.join(source_names())}"
        )
    source = importlib.import_module(f"{__name__}.{name}").SOURCE
    assert isinstance(source, Source)
    return source


def module_file(name: str) -> Path:
    """The file of a source module."""
    return Path(__path__[0]) / f"{name}.py"
