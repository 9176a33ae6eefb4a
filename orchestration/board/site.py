"""Writing the board into a folder, page by page, each in one step."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from orchestration.board.pages import build_pages
from orchestration.board.reading import read

#: Names the pages of the last board in a folder: only those are ever removed.
PAGE_LIST = "board.json"
PAGE = re.compile(r"(?:[a-z]{2}/)?[a-z0-9-]+\.html")


class BoardError(RuntimeError):
    """The board cannot be written where it should."""


def write_board(published_file: Path, target: Path) -> int:
    """Write the board of a published file into the folder `target`; how many pages it has.

    A page is replaced in one step, so that nobody reads half of it, and pages of a board before
    that no longer exist go at the end. Raises BoardError for a folder that holds something else,
    and duckdb.Error where the published file lacks what the board shows.
    """
    before = _pages_before(target)
    pages = dict(build_pages(read(published_file)))
    for name, html in pages.items():
        _write(target / name, html)
    _write(target / PAGE_LIST, json.dumps(sorted(pages), indent=1))
    for name in before - pages.keys():
        (target / name).unlink(missing_ok=True)
    return len(pages)


def _pages_before(target: Path) -> set[str]:
    """The pages that an earlier board wrote here."""
    if not target.exists():
        return set()
    if not target.is_dir():
        raise BoardError(f"{target} is a file: give a folder")
    try:
        names = json.loads((target / PAGE_LIST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        if any(target.iterdir()):
            raise BoardError(
                f"{target} holds something that is not the board: give an empty folder"
            ) from None
        return set()
    except ValueError:
        return set()
    return {name for name in names if isinstance(name, str) and PAGE.fullmatch(name)}


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(path)
