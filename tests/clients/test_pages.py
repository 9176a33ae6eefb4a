"""What the pages of the light clients say to type, typed."""

from __future__ import annotations

import gc
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ingestion.settings import Settings
from orchestration.environment import executable

PAGES = Path(__file__).parents[2] / "bi"
PUBLISHED = re.compile(r"(/srv/leankpi/)?data/published/marts\.duckdb")


def typed(page: str, language: str, published: Settings) -> list[str]:
    """The blocks of a page in a language, with the path of this published file."""
    text = (PAGES / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert blocks
    return [PUBLISHED.sub(str(published.published_link), block) for block in blocks]


@pytest.mark.parametrize(
    ("page", "works"),
    [
        ("python.md", "len(con.execute(weeks).fetchall()) > 5"),
        ("sqlalchemy.md", "'kpi_values' in sa.inspect(engine).get_table_names()"),
        ("adbc.md", "table.num_rows > 1000"),
    ],
)
def test_python_of_a_page_runs(published: Settings, page: str, works: str) -> None:
    names: dict[str, Any] = {}
    for block in typed(page, "python", published):
        exec(block, names)
    assert eval(works, names)
    # Connections that stayed open would be in the way of tests with other settings.
    names.clear()
    gc.collect()


def test_the_shell_draws_what_its_page_shows(published: Settings) -> None:
    (question,) = typed("duckdb_shell.md", "sql", published)
    command = [executable("duckdb"), "-readonly", str(published.published_link), question]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    page = (PAGES / "duckdb_shell.md").read_text(encoding="utf-8")
    drawn = [line for line in page.splitlines() if line.startswith("│")]
    # Same columns and types; the figures are the demo's.
    for line, head in zip(shown.splitlines()[1:3], drawn[:2], strict=True):
        assert line.replace(" ", "") == head.replace(" ", "")
