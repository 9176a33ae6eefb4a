"""XML to records: an element that repeats, streamed; no entity is ever expanded."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ingestion.errors import FileRejected
from ingestion.readers.records import Chunk, Record, in_chunks
from ingestion.readers.unpack import Readable
from ingestion.rules import RULES
from ingestion.source import Table, Xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: A record with more elements is no record.
MAX_ELEMENTS = 100_000
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def read_xml(stream: Readable, table: Table, dialect: Xml) -> Iterator[Chunk]:
    """One record per element that matches the declared one, numbered from 1."""
    from lxml import etree

    try:
        yield from in_chunks(elements(stream, dialect), table)
    except etree.XMLSyntaxError as error:
        raise FileRejected(
            "unreadable_file", f"broken XML: {error}", line_no=error.lineno or None
        ) from error


def elements(stream: Readable, dialect: Xml) -> Iterator[Record]:
    """The matching elements; what was read and is needed no more is dropped on the way."""
    wanted = dialect.record.split("/")
    kept = {
        (parent, child)
        for name in dialect.above
        for parent, child in pairwise(name.split("/"))
        if not child.startswith("@")
    }
    path: list[str] = []
    inside, number, held = 0, 0, 0
    for event, element in parsed(stream):
        if event == "start":
            path.append(local(element.tag))
            inside += matches(path, wanted)
            held = held + 1 if inside else 0
            if held > MAX_ELEMENTS:
                raise FileRejected(
                    "unreadable_file", f"a record of more than {MAX_ELEMENTS:,} elements"
                )
            continue
        if matches(path, wanted):
            inside -= 1
            if not inside:
                number += 1
                yield record(number, element, path, dialect)
        if not inside:
            forget(element, path, kept)
        path.pop()


def parsed(stream: Readable) -> Iterator[tuple[str, Element]]:
    """The starts and ends of a document's elements; one with a document type is refused."""
    from lxml import etree

    events = etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for place, (event, element) in enumerate(events):
        if place == 0 and element.getroottree().docinfo.doctype:
            raise FileRejected("unsafe_xml", RULES["unsafe_xml"])
        yield event, element


def matches(path: list[str], wanted: list[str]) -> bool:
    """Whether an element with these names above it is a record."""
    tail = path[-len(wanted) :]
    return len(tail) == len(wanted) and all(map(fnmatchcase, tail, wanted))


def forget(element: Element, path: list[str], kept: set[tuple[str, str]]) -> None:
    """Drop what an element outside of records held, and the one in front of it, if not kept."""
    parent = element.getparent()
    if parent is None:
        return
    if not is_kept(path[-2], path[-1], kept):
        element.clear(keep_tail=True)
    before = element.getprevious()
    if before is not None and not is_kept(path[-2], local(before.tag), kept):
        parent.remove(before)


def is_kept(parent: str, child: str, kept: set[tuple[str, str]]) -> bool:
    """Whether a name above the records is on the way to one that is asked for."""
    return any(fnmatchcase(parent, above) and child == name for above, name in kept)


def record(number: int, element: Element, path: list[str], dialect: Xml) -> Record:
    """One element as named texts; what stands above it is part of what it says."""
    from lxml import etree

    fields: dict[str, str | None] = {"name()": path[-1]}
    flatten(element, "", fields)
    above = {name: found_above(element, *name.split("/")) for name in dialect.above}
    raw = etree.tostring(element, encoding="unicode", with_tail=False)
    raw += "".join(f" {name}={value}" for name, value in above.items() if value is not None)
    return Record(number, raw, fields | above)


def flatten(element: Any, path: str, fields: dict[str, str | None]) -> None:
    """The texts of an element's attributes and of everything below it, named by their paths."""
    for name, value in element.attrib.items():
        fields[f"{path}@{local(name)}"] = value
    children = list(element)
    if element.get(NIL) in ("true", "1"):
        fields[path or "text()"] = None
    elif not children or (element.text or "").strip():
        fields[path or "text()"] = element.text
    seen: dict[str, int] = {}
    for child in children:
        name = local(child.tag)
        seen[name] = seen.get(name, 0) + 1
        place = name if seen[name] == 1 else f"{name}[{seen[name]}]"
        flatten(child, f"{path}/{place}" if path else place, fields)


def found_above(element: Element, above: str, *names: str) -> str | None:
    """The text below the nearest element above that is called so, or its attribute."""
    for ancestor in element.iterancestors():
        if not fnmatchcase(local(ancestor.tag), above):
            continue
        place: Element | None = ancestor
        for name in names:
            if place is None:
                return None
            if name.startswith("@"):
                named = {local(key): value for key, value in place.attrib.items()}
                return named.get(name[1:])
            place = next((child for child in place if local(child.tag) == name), None)
        return None if place is None else place.text
    return None


def local(tag: Any) -> str:
    """A name without its namespace."""
    return str(tag).rpartition("}")[2]
