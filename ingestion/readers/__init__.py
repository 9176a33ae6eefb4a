"""Exported bytes to frames of text, one module per format: one row per physical record, with its
line and raw text.

Nothing is interpreted here beyond the structure of records; values are read in `conform.py`.
Memory is bounded: `unpack.py` streams what is packed, `lines.py` gives text in blocks, and each
format yields its records in chunks.
"""

from ingestion.readers.read import physical_rows, read_table
from ingestion.readers.records import Chunk
from ingestion.readers.workbook import headed

__all__ = ["Chunk", "headed", "physical_rows", "read_table"]
