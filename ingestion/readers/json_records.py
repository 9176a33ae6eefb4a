"""JSON to records: an array at a path, streamed, or one object per line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from ingestion.errors import FileRejected
from ingestion.readers.lines import decoded, lines_of
from ingestion.readers.records import MAX_LINE_CHARS, Chunk, Record, in_chunks, plain_number
from ingestion.readers.unpack import Readable
from ingestion.source import Json, JsonLines, Table

MAX_DEPTH = 100
MAX_RECORD_BYTES = 64 * 1024**2


class DuplicatedName(ValueError):
    """An object names a value twice."""


def read_json(stream: Readable, table: Table, dialect: Json) -> Iterator[Chunk]:
    """The objects of the array at the declared path."""
    import ijson

    try:
        found = elements(Utf8(stream, dialect.encoding), dialect.records)
        yield from in_chunks(numbered(found), table)
    except (ijson.JSONError, UnicodeError) as error:
        raise FileRejected("unreadable_file", f"broken JSON: {error}") from error


class Utf8:
    """A text of any encoding as the bytes that the parser takes; `pending` are not parsed yet."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self.texts = decoded(stream, encoding)
        self.rest = b""
        self.pending = 0

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, none at the end."""
        if size == 0:
            return b""
        if self.pending > MAX_RECORD_BYTES:
            raise FileRejected(
                "unreadable_file", f"a record of more than {MAX_RECORD_BYTES:,} bytes"
            )
        if not self.rest:
            self.rest = next(self.texts, "").encode()
        block, self.rest = self.rest[:size], self.rest[size:]
        self.pending += len(block)
        return block


class Names(dict[str, Any]):
    """An object whose names must differ; the parser sets them one by one."""

    is_duplicated = False

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self:
            self.is_duplicated = True
        super().__setitem__(name, value)


def elements(stream: Utf8, path: str) -> Iterator[Any]:
    """The elements of the array at a path of names, as they come; FileRejected if there is none."""
    import ijson
    from ijson.common import ObjectBuilder

    wanted = path.split(".") if path else []
    #: The name behind every bracket that is open, `[]` behind that of an array.
    place: list[str] = []
    names: list[str] = []
    inside, is_found, builder = 0, False, None
    for event, value in ijson.basic_parse(stream):
        if event in ("end_map", "end_array"):
            place.pop()
            if len(place) < inside:
                inside = 0
        if inside:
            builder = builder or ObjectBuilder(map_type=Names)
            builder.event(event, value)
        if event == "map_key":
            place[-1] = value
            if len(place) == 1 and len(names) < 20:
                names.append(value)
        elif event == "start_map":
            place.append("")
        elif event == "start_array":
            starts_here = not is_found and place == wanted
            place.append("[]")
            if starts_here:
                inside, is_found = len(place), True
                continue
        if len(place) > MAX_DEPTH:
            raise FileRejected("unreadable_file", f"values nested deeper than {MAX_DEPTH} times")
        if builder is None:
            stream.pending = 0
        elif len(place) == inside:
            stream.pending = 0
            yield builder.value
            builder = None
    if not is_found:
        has = f"; the document has {', '.join(names)}" if names else ""
        where = f"at {path!r}" if path else "as a whole"
        raise FileRejected("missing_column", f"no array {where}{has}")


def is_duplicated(value: Any) -> bool:
    """Whether an object, or one inside it, names a value twice."""
    if isinstance(value, Names):
        return value.is_duplicated or any(map(is_duplicated, value.values()))
    return isinstance(value, list) and any(map(is_duplicated, value))


def numbered(objects: Iterable[Any]) -> Iterator[Record]:
    """Parsed objects with their numbers, counted from 1."""
    for number, value in enumerate(objects, 1):
        raw = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=written)
        if not isinstance(value, dict):
            yield Record(number, raw, None, "not_a_record", raw[:200])
        elif is_duplicated(value):
            yield Record(number, raw, None, "duplicated_name")
        else:
            yield Record(number, raw, flat(value))


def read_json_lines(stream: Readable, table: Table, dialect: JsonLines) -> Iterator[Chunk]:
    """One object per line that is not blank."""
    decoder = json.JSONDecoder(
        object_pairs_hook=distinct,
        parse_float=plain_number,
        parse_int=plain_number,
        parse_constant=str,
    )
    yield from in_chunks(parsed_lines(stream, dialect, decoder), table)


def parsed_lines(
    stream: Readable, dialect: JsonLines, decoder: json.JSONDecoder
) -> Iterator[Record]:
    """The lines with their objects, or with the rule they break."""
    for lines in lines_of(stream, dialect.encoding):
        written_lines = lines.frame.filter(
            (pl.col("line_no") > dialect.title_lines) & (pl.col("text").str.strip_chars() != "")
        )
        for line_no, raw in written_lines.iter_rows():
            if len(raw) > MAX_LINE_CHARS:
                yield Record(line_no, raw, None, "line_too_long")
                continue
            try:
                value = decoder.decode(raw)
                fields = flat(value) if isinstance(value, dict) else None
            except DuplicatedName as error:
                yield Record(line_no, raw, None, "duplicated_name", str(error))
            except (ValueError, RecursionError) as error:
                cut_off = lines.is_cut_off and dialect.final_newline
                rule = "truncated_line" if cut_off else "broken_json"
                yield Record(line_no, raw, None, rule, str(error)[:200])
            else:
                if fields is None:
                    yield Record(line_no, raw, None, "not_a_record", raw[:200])
                else:
                    yield Record(line_no, raw, fields)


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of distinct names; DuplicatedName otherwise."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise DuplicatedName(next(name for name in names if names.count(name) > 1))
    return found


def written(value: Any) -> str:
    """A number of the streaming parser as text."""
    return plain_number(str(value))


def flat(value: dict[str, Any], path: str = "", depth: int = 1) -> dict[str, str | None]:
    """An object's values as texts, named by their paths; ValueError where they lie too deep."""
    if depth > MAX_DEPTH:
        raise ValueError(f"values nested deeper than {MAX_DEPTH} times")
    found: dict[str, str | None] = {}
    for name, inner in value.items():
        place = f"{path}{name}"
        match inner:
            case None:
                found[place] = None
            case bool():
                found[place] = "true" if inner else "false"
            case dict():
                found |= flat(inner, f"{place}.", depth + 1)
            case list():
                found[place] = json.dumps(
                    inner, ensure_ascii=False, separators=(",", ":"), default=written
                )
            case str():
                found[place] = inner
            case _:
                found[place] = written(inner)
    return found
