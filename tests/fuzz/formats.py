"""One export per format: the same measured values, also in formats that no module may read yet."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.columns import joined, local_time, number, text
from ingestion.dialects import Dialect, FixedWidth, Json, JsonLines, Parquet, Shdr, Workbook, Xml
from ingestion.feeds import Measurements
from ingestion.readers import headed
from ingestion.reshapes import shdr_items
from ingestion.source import Delimited, FeedMapping, Table

NAMES = ("id", "machine", "at", "value", "low", "high")
ROWS = [
    (
        f"m{n}",
        f"M{n % 3}",
        f"2026-03-10 {6 + n // 4:02d}:{n % 4 * 15:02d}:00",
        f"{n}.{n % 7}5",
        "-5",
        "99.5",
    )
    for n in range(24)
]
OBJECTS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
WIDTHS = [max(len(row[n]) for row in ROWS) + 1 for n in range(len(NAMES))]
WIDTH = sum(WIDTHS)
PLACES = {name: (sum(WIDTHS[:n]) + 1, sum(WIDTHS[: n + 1])) for n, name in enumerate(NAMES)}
WRITTEN = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f")


#: A report of the same values, the machine of which stands above its rows.
SECTIONS = {"machine": r"Machine: *(.*)"}


def measured(name: str, dialect: Dialect) -> Table:
    """A table of measured values in some format."""
    return Table(
        name=name,
        pattern=f"{name}*",
        dialect=dialect,
        columns=NAMES,
        feeds=(
            FeedMapping(
                Measurements,
                {
                    "measurement_id": text("id"),
                    "characteristic_id": text("machine"),
                    "machine_id": text("machine"),
                    "measured_at": local_time("at", format=WRITTEN),
                    "measured_value": number("value"),
                    "lower_limit": number("low"),
                    "upper_limit": number("high"),
                },
            ),
        ),
    )


def adapter_lines() -> Table:
    """The lines of an MTConnect adapter."""
    return Table(
        name="adapter",
        pattern="adapter*",
        dialect=Shdr(),
        columns=("timestamp", "items"),
        feeds=(
            FeedMapping(
                Measurements,
                {
                    "measurement_id": joined("timestamp", "item"),
                    "characteristic_id": text("item"),
                    "measured_at": local_time("timestamp", format=WRITTEN),
                    "measured_value": number("value"),
                },
                reshape=shdr_items,
            ),
        ),
    )


def exports() -> list[tuple[Table, bytes]]:
    """A table of every format, and its export."""
    header = ";".join(NAMES)
    lines = [";".join(row) for row in ROWS]
    quoted = ['"' + '","'.join(row) + '"' for row in ROWS]
    quoted[3] = quoted[3].replace("M0", 'M 5"" x, ')
    quoted[5] = quoted[5].replace("M2", "M\n2")
    rule = "-" * 60
    drawn = [rule, f"|{'|'.join(NAMES)}|", rule, *(f"| {'| '.join(row)}|" for row in ROWS), rule]
    records = [
        "<row>" + "".join(f"<{name}>{value}</{name}>" for name, value in each.items()) + "</row>"
        for each in OBJECTS
    ]
    said = [f"{row[2].replace(' ', 'T')}|{row[1]}|{row[3]}|load|1" for row in ROWS]
    semicolons = Delimited(delimiter=";")
    sectioned = Delimited(delimiter=";", sections=SECTIONS, totals_mark="Total")
    report = [
        line
        for machine in ("M0", "M1", "M2")
        for line in (
            f"Machine: {machine}",
            ";".join(name for name in NAMES if name != "machine"),
            *(f"{row[0]};{';'.join(row[2:])}" for row in ROWS if row[1] == machine),
            "Total;;;;",
        )
    ]
    sheet = Workbook(sheet="Values", prepare=lambda sheets: headed(sheets["Values"]))
    texts: list[tuple[str, Dialect, list[str]]] = [
        ("semicolons", semicolons, [header, *lines]),
        ("titled", Delimited(delimiter=";", title_lines=2), ["Report", "", header, *lines]),
        ("headless", Delimited(delimiter=";", headless=True, header=NAMES), lines),
        ("drawn", Delimited(delimiter="|", quote=None, drawn=True), ["Title", *drawn]),
        ("sections", sectioned, report),
        ("quoted", Delimited(), [",".join(NAMES), *quoted]),
        ("fixed", FixedWidth(places=PLACES, width=WIDTH, title_lines=1), ["Report", *padded()]),
        ("lines", JsonLines(), [json.dumps(each) for each in OBJECTS]),
        ("document", Json(records="a.b"), [json.dumps({"a": {"b": OBJECTS}}, indent=1)]),
        ("xml", Xml(record="row"), ["<rows>", *records, "</rows>"]),
    ]
    found = [
        (measured(name, dialect), "\n".join([*rows, ""]).encode()) for name, dialect, rows in texts
    ]
    wide = "\r\n".join([header, *lines, ""]).replace(";", "\t").encode("utf-16")
    return [
        *found,
        (adapter_lines(), "\n".join([*said, "* PONG", ""]).encode()),
        (measured("wide", Delimited(delimiter="\t", encoding="utf-16")), wide),
        (measured("parquet", Parquet()), parquet(pa.Table.from_pylist(OBJECTS))),
        (measured("workbook", sheet), xlsx([NAMES, *ROWS])),
        (
            measured("archive", semicolons),
            zipped(
                {
                    "a.csv": "\n".join([header, *lines[:9], ""]).encode(),
                    "b/c.csv": "\n".join([header, *lines[9:], ""]).encode(),
                }
            ),
        ),
    ]


def padded() -> list[str]:
    """The rows at fixed places."""
    return ["".join(map(str.ljust, row, WIDTHS)) for row in ROWS]


def parquet(table: pa.Table) -> bytes:
    """A Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip archive; the same members make the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def xlsx(rows: Iterable[Iterable[str]]) -> bytes:
    """A workbook of one sheet, `Values`."""
    cells = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{chr(65 + place)}{n}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for place, cell in enumerate(row)
        )
        + "</row>\n"
        for n, row in enumerate(rows, 1)
    )
    office = "http://schemas.openxmlformats.org"
    main = f"{office}/spreadsheetml/2006/main"
    relations = f"{office}/package/2006/relationships"
    documents = f"{office}/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" '
        f'Type="{documents}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{documents}"><sheets>'
        '<sheet name="Values" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" '
        f'Type="{documents}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    return zipped({name: part.encode() for name, part in parts.items()})
