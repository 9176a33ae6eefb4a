"""JSON, XML and Parquet: records of text like those of any other format."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from landing import Landing, declare, exported, new_landing, of

from ingestion.columns import number, text, utc_time
from ingestion.dialects import Dialect, Json, JsonLines, Parquet, Xml
from ingestion.errors import FileRejected
from ingestion.feeds import Machines, Measurements
from ingestion.readers import xml_records
from ingestion.readers.xml_records import forget
from ingestion.source import FeedMapping, Source, Table
from ingestion.times import ISO

# --- JSON -----------------------------------------------------------------------------------------

ORDERS = """
{"head": {"n": 3, "orders": "no array"}, "data": {"orders": [
  {"id": "A", "qty": 1.10, "item": {"id": 7, "name": "Rohr \\u00e4"}, "lots": ["x", 1.50]},
  {"id": "B", "qty": 12345678901234567890.123456, "open": true, "note": null},
  17,
  {"id": "C", "id": "D"},
  {"id": "E", "qty": 1.5e3, "item": {"id": null}, "line_no": 9}
]}}
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_json_documents(tmp_path: Path, encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    table = of(Json(records="data.orders", encoding=declared), "id", "qty")
    document = ORDERS.replace("\\u00e4", "ä").encode(encoding)
    rows, faults = exported(tmp_path / "f.json", document, table)
    assert rows.to_dicts() == [
        {"line_no": 1, "id": "A", "qty": "1.10", "item.id": "7", "item.name": "Rohr ä"}
        | {"lots": '["x","1.50"]', "open": None, "note": None, "exported_line_no": None},
        {"line_no": 2, "id": "B", "qty": "12345678901234567890.123456", "item.id": None}
        | {"item.name": None, "lots": None, "open": "true", "note": None, "exported_line_no": None},
        {"line_no": 5, "id": "E", "qty": "1500", "item.id": None, "item.name": None}
        | {"lots": None, "open": None, "note": None, "exported_line_no": "9"},
    ]
    assert faults.select("line_no", "rule").rows() == [(3, "not_a_record"), (4, "duplicated_name")]


def test_a_json_array_as_the_whole_document(tmp_path: Path) -> None:
    rows, _ = exported(tmp_path / "f.json", b'[{"a": 1}, {"a": 2}]', of(Json(), "a"))
    assert rows.rows() == [(1, "1"), (2, "2")]
    rows, _ = exported(tmp_path / "f.json", b"[]", of(Json(), "a"))
    assert rows.is_empty()


@pytest.mark.parametrize(
    ("document", "records", "rule", "message"),
    [
        ('{"rows": [{"a": 1}]}', "orders", "missing_column", "no array at 'orders'.*has rows"),
        ('{"rows": [{"b": 1}]}', "rows", "missing_column", "no record has 'a'"),
        ('{"rows": [{"a": 1}, {"a": ', "rows", "unreadable_file", "broken JSON"),
        ('{"rows": [{"a": 1} {"a": 2}]}', "rows", "unreadable_file", "broken JSON"),
        ("", "rows", "unreadable_file", "broken JSON"),
        ("[" * 100_000, "", "unreadable_file", "nested deeper"),
        ('{"a":' * 100_000, "", "unreadable_file", "nested deeper"),
    ],
)
def test_broken_json(tmp_path: Path, document: str, records: str, rule: str, message: str) -> None:
    with pytest.raises(FileRejected, match=message) as error:
        exported(tmp_path / "f.json", document.encode(), of(Json(records=records), "a"))
    assert error.value.rule == rule


def test_a_record_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingestion.readers.json_records.MAX_RECORD_BYTES", 300_000)
    monkeypatch.setattr("ingestion.readers.xml_records.MAX_ELEMENTS", 1_000)
    plenty = [{"a": "x" * 1_000}] * 1_000
    rows, _ = exported(tmp_path / "f", json.dumps(plenty).encode(), of(Json(), "a"))
    assert rows.height == 1_000
    for endless in ('[{"a": "' + "x" * 500_000, '[{"a": [' + "1, " * 200_000):
        with pytest.raises(FileRejected, match="a record of more than 300,000 bytes"):
            exported(tmp_path / "f", endless.encode(), of(Json(), "a"))
    with pytest.raises(FileRejected, match="more than 1,000 elements"):
        exported(tmp_path / "f", b"<r><row>" + b"<a/>" * 2_000, of(Xml(record="row"), "a"))


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        '{"id": "A", "qty": 1.10, "at": {"day": "2026-03-10"}}',
        "",
        '{"id": "B", "qty": 1e2}',
        '{"id": "C", "qty": }',
        '{"id": "D", "id": "D"}',
        "[1]",
        '{"id": "E", "qty": 1e999999999}',
        "[" * 100_000,
        '{"id": "F", "qty": NaN}',
        '{"id": "G", "q',
    ]
    table = of(JsonLines(final_newline=True), "id")
    rows, faults = exported(tmp_path / "f.jsonl", "\n".join(lines).encode(), table)
    assert rows.rows() == [
        (1, "A", "1.10", "2026-03-10"),
        (3, "B", "100", None),
        (7, "E", "1e999999999", None),
        (9, "F", "NaN", None),
    ]
    assert faults.select("line_no", "rule").rows() == [
        (4, "broken_json"),
        (5, "duplicated_name"),
        (6, "not_a_record"),
        (8, "broken_json"),
        (10, "truncated_line"),
    ]
    assert faults["raw_line"][0] == lines[3]


def test_records_do_not_depend_on_the_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps({"id": n, f"only_{n}": n}) for n in range(50)]
    whole, _ = exported(tmp_path / "f", "\n".join(lines).encode(), of(JsonLines(), "id"))
    monkeypatch.setattr("ingestion.readers.records.CHUNK_CHARS", 100)
    with pytest.raises(FileRejected, match="no record has 'never'"):
        exported(tmp_path / "f", "\n".join(lines).encode(), of(JsonLines(), "id", "never"))
    lines = [json.dumps({"id": n}) for n in range(50)] + [json.dumps({"late": 1})]
    rows, _ = exported(tmp_path / "f", "\n".join(lines).encode(), of(JsonLines(), "id", "late"))
    assert rows.height == whole.height + 1


def test_names_without_end_are_no_table(tmp_path: Path) -> None:
    wide = json.dumps([{f"n{n}": n for n in range(10_001)}])
    with pytest.raises(FileRejected, match="more than 10,000 names"):
        exported(tmp_path / "f", wide.encode(), of(Json()))


def test_names_that_no_two_records_share_are_no_table(tmp_path: Path) -> None:
    # Each is a column, and so a cell of every other record: a square of cells for a line of text.
    lines = "\n".join(json.dumps({f"n{n}": n}) for n in range(3_000))
    with pytest.raises(FileRejected, match="hardly a name in common"):
        exported(tmp_path / "f", lines.encode(), of(JsonLines()))


def test_a_line_nested_too_deep_costs_itself(tmp_path: Path) -> None:
    deep = '{"a":' * 101 + "1" + "}" * 101
    rows, faults = exported(tmp_path / "f", f'{deep}\n{{"a":2}}'.encode(), of(JsonLines(), "a"))
    assert rows.rows() == [(2, "2")]
    assert faults["rule"].to_list() == ["broken_json"]
    assert "deeper than 100" in faults["value"][0]


# --- XML ------------------------------------------------------------------------------------------

B2MML = """<?xml version="1.0" encoding="{encoding}"?>
<ProductionPerformance xmlns="http://www.wbf.org/xml/B2MML-V0401"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <ID>PP1</ID><PublishedDate>2026-03-10T06:00:00Z</PublishedDate>
  <!-- a comment -->
  <ProductionResponse><ID>R1</ID>
    <SegmentResponse><ID>S1</ID>
      <ActualStartTime>2026-03-10T05:00:00Z</ActualStartTime><ActualEndTime xsi:nil="true"/>
      <MaterialProducedActual kind="good"><ID>M1</ID>
        <Quantity><QuantityString>1.50</QuantityString><UnitOfMeasure>kg</UnitOfMeasure></Quantity>
      </MaterialProducedActual>
      <MaterialProducedActual><ID>M2 &amp; ü</ID></MaterialProducedActual>
    </SegmentResponse>
    <SegmentResponse><ID>S2</ID></SegmentResponse>
  </ProductionResponse>
  <ProductionResponse><ID>R2</ID><SegmentResponse><ID>S3</ID></SegmentResponse>
  </ProductionResponse>
</ProductionPerformance>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_b2mml(tmp_path: Path, encoding: str) -> None:
    dialect = Xml(
        record="SegmentResponse", above=("ProductionPerformance/ID", "ProductionResponse/ID")
    )
    document = B2MML.format(encoding=encoding.removesuffix("-sig")).encode(encoding)
    rows, faults = exported(tmp_path / "f.xml", document, of(dialect, "ID"))
    assert faults.is_empty()
    assert rows.select("line_no", "ID", *dialect.above).rows() == [
        (1, "S1", "PP1", "R1"),
        (2, "S2", "PP1", "R1"),
        (3, "S3", "PP1", "R2"),
    ]
    first = rows.row(0, named=True)
    material = "MaterialProducedActual"
    assert {name: value for name, value in first.items() if name not in dialect.above} == {
        "line_no": 1,
        "name()": "SegmentResponse",
        "ID": "S1",
        "ActualStartTime": "2026-03-10T05:00:00Z",
        "ActualEndTime": None,
        "ActualEndTime@nil": "true",
        f"{material}@kind": "good",
        f"{material}/ID": "M1",
        f"{material}/Quantity/QuantityString": "1.50",
        f"{material}/Quantity/UnitOfMeasure": "kg",
        f"{material}[2]/ID": "M2 & ü",
    }


def test_what_stands_further_above_a_record(tmp_path: Path) -> None:
    document = """<SyncThing><Area><Sender><Name>A1</Name></Sender><At zone="UTC">t0</At></Area>
    <Data><Thing><ID>T1</ID><Row><a>1</a></Row><Row><a>2</a></Row></Thing>
    <Thing><Row><a>3</a></Row></Thing></Data></SyncThing>"""
    dialect = Xml(
        record="Row",
        above=(
            "Sync*/Area/Sender/Name",
            "*[a-z]Thing/Area/At/@zone",
            "*Thing/ID",
            "Sync*/Area/Receiver/Name",
        ),
    )
    rows, _ = exported(tmp_path / "f.xml", document.encode(), of(dialect, "a"))
    assert rows.select("a", *dialect.above).rows() == [
        ("1", "A1", "UTC", "T1", None),
        ("2", "A1", "UTC", "T1", None),
        # The nearest one counts, also where it does not say.
        ("3", "A1", "UTC", None, None),
    ]


def test_mtconnect_streams(tmp_path: Path) -> None:
    document = """<MTConnectStreams><Header/><Streams><DeviceStream name="Mazak01"><ComponentStream>
    <Samples><Load timestamp="t0">5</Load></Samples>
    <Events><Execution timestamp="t1" sequence="7">ACTIVE</Execution>
    <PartCount timestamp="t2">UNAVAILABLE</PartCount></Events>
    </ComponentStream></DeviceStream></Streams></MTConnectStreams>"""
    dialect = Xml(record="Events/*", above=("DeviceStream/@name",))
    rows, _ = exported(tmp_path / "f.xml", document.encode(), of(dialect))
    assert rows.rows() == [
        (1, "Execution", "t1", "7", "ACTIVE", "Mazak01"),
        (2, "PartCount", "t2", None, "UNAVAILABLE", "Mazak01"),
    ]


SECRET = "the secret of this machine"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file://{secret}">]>',
        '<!DOCTYPE r SYSTEM "file://{secret}">',
        '<!DOCTYPE r [<!ENTITY e "expanded">]>',
        "<!DOCTYPE r>",
    ],
)
def test_entities_and_types_of_documents_are_refused(tmp_path: Path, doctype: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    entity = "&e;" if "ENTITY" in doctype else ""
    document = f"{doctype.format(secret=secret)}<r><row><a>{entity}</a></row></r>"
    with pytest.raises(FileRejected, match="DOCTYPE") as error:
        exported(tmp_path / "f.xml", document.encode(), of(Xml(record="row")))
    assert (error.value.rule, SECRET in str(error.value)) == ("unsafe_xml", False)


@pytest.mark.parametrize("place", ["<r><row>{}</row></r>", '<r a="{}"><row/></r>'])
def test_a_billion_laughs(tmp_path: Path, place: str) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    document = f'<!DOCTYPE r [<!ENTITY l0 "ha">{entities}]>' + place.format("&l11;")
    with pytest.raises(FileRejected) as error:
        exported(tmp_path / "f.xml", document.encode(), of(Xml(record="row")))
    assert error.value.rule in ("unsafe_xml", "unreadable_file")


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ("<r><row><a>1</a></row><row>", "unreadable_file"),
        ("<r><row><a>1</b></row></r>", "unreadable_file"),
        ("", "unreadable_file"),
        ("<r>" * 300 + "</r>" * 300, "unreadable_file"),
        ("<r><row><b>1</b></row></r>", "missing_column"),
    ],
)
def test_broken_xml(tmp_path: Path, document: str, rule: str) -> None:
    with pytest.raises(FileRejected) as error:
        exported(tmp_path / "f.xml", document.encode(), of(Xml(record="row"), "a"))
    assert error.value.rule == rule


def test_what_is_no_record_costs_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    document = "<r><ID>1</ID>" + "<junk><a>x</a><b>y</b></junk>" * 5_000 + "<row/>" * 5_000 + "</r>"
    dialect = Xml(record="row", above=("r/ID",))
    left: list[int] = []

    def look(element: Any, path: list[str], kept: Any) -> None:
        if path == ["r"]:
            left.append(len(element))
        forget(element, path, kept)

    monkeypatch.setattr(xml_records, "forget", look)
    found = list(xml_records.elements(io.BytesIO(document.encode()), dialect))
    assert [(record.fields or {})["r/ID"] for record in found] == ["1"] * 5_000
    # What went by is dropped; what still may be needed is not.
    assert left == [2]


# --- Parquet --------------------------------------------------------------------------------------


def parquet(table: pa.Table, **options: object) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def test_parquet_types_arrive_as_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "i": pa.array([1, None], pa.int64()),
            "f": pa.array([0.1, 1e16]),
            "small": pa.array([1e-7, -2.5]),
            "d": pa.array([Decimal("1.10"), Decimal("-2.00")], pa.decimal128(10, 2)),
            "b": pa.array([True, False]),
            "day": pa.array([date(2026, 3, 10), None]),
            "naive": pa.array([datetime(2026, 3, 10, 6), datetime(2026, 3, 10, 6, 0, 0, 5000)]),
            "zoned": pa.array(
                [datetime(2026, 3, 10, 6, tzinfo=UTC), None], pa.timestamp("ms", "Europe/Madrid")
            ),
            "raw": pa.array([b"ok", b"\xff"], pa.binary()),
            "text": pa.array([b"ok", "ü".encode()], pa.binary()),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "item": pa.array([{"id": 7, "of": {"x": "deep"}}, None]),
            "lots": pa.array([["a", "b"], None]),
            "took": pa.array([timedelta(seconds=2), None]),
            "line_no": pa.array([8, 9]),
        }
    )
    rows, faults = exported(tmp_path / "f.parquet", parquet(table), of(Parquet(), "i", "item.of.x"))
    assert faults.is_empty()
    first, second = rows.to_dicts()
    assert first | {"line_no": 1} == {
        "line_no": 1,
        "i": "1",
        "f": "0.1",
        "small": "0.0000001",
        "d": "1.10",
        "b": "true",
        "day": "2026-03-10",
        "naive": "2026-03-10 06:00:00",
        "zoned": "2026-03-10T06:00:00+00:00",
        "raw": "6f6b",
        "text": "ok",
        "kind": "x",
        "lots": '{"lots":["a","b"]}',
        "took": "2000000",
        "exported_line_no": "8",
        "item.id": "7",
        "item.of.x": "deep",
    }
    assert (second["line_no"], second["i"], second["raw"]) == (2, None, "ff")
    assert second["f"] == "10000000000000000"
    assert second["naive"] == "2026-03-10 06:00:00.005"
    assert second["item.of.x"] is None and second["lots"] is None


def test_false_statistics_in_the_footer_hide_no_row(tmp_path: Path) -> None:
    table = pa.table({"id": pa.array([5_000_001, 5_000_002, 5_000_003], pa.int64())})
    content = parquet(table, compression="none", use_dictionary=False)
    footer = int.from_bytes(content[-8:-4], "little")
    body, tail = content[:-footer], content[-footer:]
    largest, smaller = (n.to_bytes(8, "little") for n in (5_000_003, 5_000_001))
    assert largest in tail
    path = tmp_path / "f.parquet"
    rows, _ = exported(path, body + tail.replace(largest, smaller), of(Parquet(), "id"))
    assert rows["id"].to_list() == ["5000001", "5000002", "5000003"]
    # The fault is real: who believes the footer loses a row.
    assert pl.scan_parquet(path).filter(pl.col("id") > 5_000_002).collect().is_empty()


@pytest.mark.parametrize("cut", [-1, -20, 10])
def test_broken_parquet(tmp_path: Path, cut: int) -> None:
    content = parquet(pa.table({"a": [1]}))[:cut]
    with pytest.raises(FileRejected, match="broken Parquet") as error:
        exported(tmp_path / "f.parquet", content, of(Parquet(), "a"))
    assert error.value.rule == "unreadable_file"
    with pytest.raises(FileRejected, match="no column 'b'"):
        exported(tmp_path / "f.parquet", parquet(pa.table({"a": [1]})), of(Parquet(), "b"))


def test_a_name_of_a_column_that_is_no_text(tmp_path: Path) -> None:
    content = parquet(pa.table({"machine": [1]}), store_schema=False).replace(
        b"machine", b"\xedachine"
    )
    with pytest.raises(FileRejected, match="broken Parquet"):
        exported(tmp_path / "f.parquet", content, of(Parquet()))


# --- the whole way --------------------------------------------------------------------------------

VALUES = [
    ("M1", "2026-03-10T05:00:00Z", "1.5"),
    ("M1", "2026-03-10T05:01:00Z", "1,5"),
    ("M1", "2026-03-10T05:02:00Z", "2.5"),
    ("M1", "2026-03-10T05:02:00Z", "2.5"),
]


def measured(dialect: Dialect, pattern: str) -> Table:
    return Table(
        name="values",
        pattern=pattern,
        dialect=dialect,
        columns=("machine", "at", "value"),
        feeds=(
            FeedMapping(
                Measurements,
                {
                    "measurement_id": text("at"),
                    "machine_id": text("machine"),
                    "characteristic_id": text("machine"),
                    "measured_at": utc_time("at", format=ISO),
                    "measured_value": number("value"),
                },
            ),
        ),
    )


def documents() -> dict[str, tuple[Dialect, bytes]]:
    names = ("machine", "at", "value")
    objects = [dict(zip(names, row, strict=True)) for row in VALUES]
    xml = "".join(
        "<v>" + "".join(f"<{name}>{value}</{name}>" for name, value in row.items()) + "</v>"
        for row in objects
    )
    return {
        "json": (Json(records="v"), json.dumps({"v": objects}).encode()),
        "jsonl": (JsonLines(), "\n".join(map(json.dumps, objects)).encode()),
        "xml": (Xml(record="v"), f"<r>{xml}</r>".encode()),
        "parquet": (Parquet(), parquet(pa.Table.from_pylist(objects))),
    }


@pytest.mark.parametrize("kind", ["json", "jsonl", "xml", "parquet"])
def test_every_record_is_accounted_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    dialect, content = documents()[kind]
    source = Source(name="mapex", title="t", system="mes", tables=(measured(dialect, f"*.{kind}"),))
    declare(monkeypatch, source)
    landing: Landing = new_landing(tmp_path)
    outcome = landing.one(f"vlc/mapex/v_20260311_020000.{kind}", content)
    assert (outcome.delivered_rows, outcome.accepted_rows) == (4, 2)
    assert (outcome.rules, outcome.duplicate_rows) == ({"not_a_number": 1}, 1)
    (entry,) = landing.rows("select line_no, column_name, value, raw_line from raw.quarantine")
    assert (entry["line_no"], entry["column_name"], entry["value"]) == (2, "value", "1,5")
    assert "05:01:00" in entry["raw_line"]
    assert landing.rows("select sum(measured_value)::double as s from raw.measurements") == [
        {"s": 4.0}
    ]


def test_what_stands_above_tells_records_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = FeedMapping(Machines, {"machine_id": text("Line/@name"), "line_id": text("@state")})
    table = Table(
        name="lines",
        pattern="*",
        dialect=Xml(record="Row", above=("Line/@name",)),
        columns=("@state",),
        feeds=(mapping,),
    )
    declare(monkeypatch, Source(name="lines", title="", system="mes", tables=(table,)))
    row = '<Row state="on"/>'
    document = f'<r><Line name="L1">{row}</Line><Line name="L2">{row}{row}</Line></r>'
    outcome = new_landing(tmp_path).one("vlc/mapex/x.xml", document.encode())
    assert (outcome.accepted_rows, outcome.duplicate_rows) == (2, 1)
