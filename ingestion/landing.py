"""Where delivered files lie: landing in the data directory, and the places that plants.toml names.

A place is a folder, often that of a mounted share, or object storage (`s3://...`), which is listed
and fetched through fsspec. Every file is known by `<plant>/<folder>/<name>`, wherever it lies.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ingestion.plants import Plant, SourceFolder
from ingestion.settings import Settings

MAX_MTIME_NS = 2**62

Tell = Callable[[str], None]


@dataclass(frozen=True)
class LandingFile:
    """One delivered file, and what is known of it before it is read."""

    path: Path
    relative: str
    size: int
    mtime_ns: int
    is_regular: bool
    #: Where it lies in object storage; `path` is nowhere until it is fetched.
    location: str | None = None

    @property
    def name(self) -> str:
        """Its own name."""
        return self.relative.rpartition("/")[2]


def _nobody(why: str) -> None:
    pass


def delivered_files(
    settings: Settings, plants: dict[str, Plant], unseen: Tell = _nobody
) -> Iterator[LandingFile]:
    """Every file of landing and of the places of plants.toml that its folder's patterns include.

    `unseen` is told of what cannot be listed: a share that is gone is no quiet night; and of files
    in two places under one name, of which the one in landing counts.
    """
    folders = {
        (plant_id, folder.folder): folder
        for plant_id, plant in plants.items()
        for folder in plant.sources
    }
    landed: set[str] = set()
    for file in landing_files(settings.landing_dir, unseen):
        plant_id, folder, *_ = [*file.relative.split("/"), ""]
        if included(file, folders.get((plant_id, folder))):
            landed.add(file.relative)
            yield file
    for (plant_id, name), source in folders.items():
        if source.location is None:
            continue
        prefix = f"{plant_id}/{name}/"
        list_place = stored_files if "://" in source.location else shared_files
        for file in list_place(source.location, prefix, unseen):
            if file.relative in landed:
                unseen(f"{file.relative} lies in landing and in {source.location}: rename one")
            elif included(file, source):
                yield file


def included(file: LandingFile, folder: SourceFolder | None) -> bool:
    """Whether a folder's patterns, in any case, include a file."""
    return folder is None or named_like(file.name, folder.include)


def named_like(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name fits one of the shell patterns, in any case."""
    return any(fnmatch(name.lower(), pattern.lower()) for pattern in patterns)


def landing_files(landing: Path, unseen: Tell = _nobody, prefix: str = "") -> Iterator[LandingFile]:
    """Every file below a folder in a stable order; links are listed, never followed."""

    def tell(error: OSError) -> None:
        unseen(f"{error.filename} cannot be listed ({error.strerror}): is the share mounted?")

    for folder, folders, names in os.walk(landing, followlinks=False, onerror=tell):
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in linked)
        for name in sorted(names + linked):
            if name.startswith("."):
                continue
            path = Path(folder) / name
            try:
                info = path.lstat()
            except FileNotFoundError:
                continue
            relative = os.fsencode(path.relative_to(landing).as_posix())
            yield LandingFile(
                path,
                prefix + relative.decode("utf-8", "backslashreplace"),
                info.st_size,
                # Clocks gone wrong write dates that no 64-bit count of nanoseconds holds.
                min(info.st_mtime_ns, MAX_MTIME_NS),
                stat.S_ISREG(info.st_mode),
            )


def shared_files(location: str, prefix: str, unseen: Tell) -> Iterator[LandingFile]:
    """Every file below a folder outside of the data directory."""
    return landing_files(Path(location), unseen, prefix)


def stored_files(location: str, prefix: str, unseen: Tell) -> Iterator[LandingFile]:
    """Every object below a place of object storage, in a stable order."""
    import fsspec

    try:
        system, root = fsspec.core.url_to_fs(location)
        # What was listed before is no answer to what is there now.
        system.invalidate_cache()
        found = system.find(root, detail=True)
        if not found and not system.exists(root):
            raise FileNotFoundError("no such place")
    except Exception as error:  # each storage has errors of its own
        unseen(f"{location} cannot be listed ({error}): is it there, and are we let in?")
        return
    root = system._strip_protocol(root).strip("/")
    for path, info in sorted(found.items()):
        name = path.strip("/").removeprefix(root).strip("/")
        if not name or name.rpartition("/")[2].startswith("."):
            continue
        yield LandingFile(
            Path(),
            prefix + name,
            info["size"],
            modified_ns(info),
            True,
            system.unstrip_protocol(path),
        )


def modified_ns(info: dict[str, Any]) -> int:
    """When an object was last written, as its storage tells it; 0 where it does not."""
    keys = ("LastModified", "last_modified", "mtime", "modified", "updated", "created")
    moment = next((info[key] for key in keys if info.get(key) is not None), None)
    if moment is None:
        return 0
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if isinstance(moment, datetime):
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    # The same moment is told as a number here and as a date there: to the microsecond they agree.
    return min(round(float(moment) * 1e6) * 1_000, MAX_MTIME_NS)


@contextmanager
def at_hand(file: LandingFile) -> Iterator[LandingFile]:
    """The file under a local path; what lies in object storage is fetched for as long."""
    if file.location is None:
        yield file
        return
    import fsspec

    with tempfile.TemporaryDirectory(prefix="leankpi-") as folder:
        path = Path(folder) / "delivered"
        system, remote = fsspec.core.url_to_fs(file.location)
        try:
            system.get_file(remote, str(path))
        except OSError:
            raise
        except Exception as error:  # each storage has errors of its own
            raise OSError(0, str(error)) from error
        yield replace(file, path=path)


def has_changed(file: LandingFile) -> bool:
    """Whether a file is no longer what it was when it was listed."""
    if file.location is not None:
        import fsspec

        system, remote = fsspec.core.url_to_fs(file.location)
        system.invalidate_cache()
        try:
            info = system.info(remote)
        except FileNotFoundError:
            return True
        return (info["size"], modified_ns(info)) != (file.size, file.mtime_ns)
    try:
        now = file.path.lstat()
    except FileNotFoundError:
        return True
    return (now.st_size, min(now.st_mtime_ns, MAX_MTIME_NS)) != (file.size, file.mtime_ns)
