"""Rows that come again are found however far above they stood."""

from __future__ import annotations

import polars as pl
import pytest

from ingestion import repeats
from ingestion.repeats import Repeats


def test_repeats_are_found_in_every_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "PIECE_ROWS", 5)
    seen = Repeats(["raw_line"])
    chunks = [["a", "b", "a"], ["c", "d"], ["e", "b", "f", "g"], ["a", "g", "h", "h", "c"]]
    found = [seen.is_first(pl.DataFrame({"raw_line": chunk})).to_list() for chunk in chunks]
    assert found == [
        [True, True, False],
        [True, True],
        [True, False, True, True],
        [False, False, True, False, False],
    ]
    assert [piece.height for piece in seen.pieces] == [4, 4]


def test_equal_lines_of_two_sections_are_two_rows() -> None:
    seen = Repeats(["raw_line", "machine"])
    rows = pl.DataFrame({"raw_line": ["x", "x", "x"], "machine": ["m1", "m2", "m1"]})
    assert seen.is_first(rows).to_list() == [True, True, False]
