"""Packed exports: unpacked as their first bytes say, bounded, and never trusted with a path."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from landing import Landing, declare, exported, new_landing, of

import ingestion.readers.unpack
from ingestion.columns import constant, text
from ingestion.dialects import Delimited
from ingestion.errors import FileRejected
from ingestion.feeds import Items, Machines
from ingestion.source import FeedMapping, Source, Table

CONTENT = b"a;b\n1;2\n3;4\n"
TABLE = of(Delimited(delimiter=";"), "a", "b")


def zipped(
    members: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] | None = None
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change is not None:
                change(info)
            archive.writestr(info, content)
    return buffer.getvalue()


def zstd(content: bytes) -> bytes:
    return pa.compress(content, codec="zstd", asbytes=True)


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zstd,
        lambda c: gzip.compress(c[:5]) + gzip.compress(c[5:]),
        lambda c: zstd(c[:5]) + zstd(c[5:]),
    ],
)
def test_compressed_files(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    rows, _ = exported(tmp_path / "f.csv", pack(CONTENT), TABLE)
    assert rows.rows() == [(2, "1", "2"), (3, "3", "4")]


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_broken_and_bombed_compression(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(FileRejected, match="broken") as error:
        exported(tmp_path / "f.csv", pack(CONTENT * 1000)[:-6], TABLE)
    assert error.value.rule == "unreadable_file"
    small = Table(name="t", pattern="*", dialect=TABLE.dialect, columns=(), feeds=(), max_bytes=100)
    with pytest.raises(FileRejected) as error:
        exported(tmp_path / "f.csv", pack(CONTENT * 1000), small)
    assert error.value.rule == "file_too_large"
    exact = Table(
        name="t", pattern="*", dialect=TABLE.dialect, columns=(), feeds=(), max_bytes=len(CONTENT)
    )
    rows, _ = exported(tmp_path / "f.csv", pack(CONTENT), exact)
    assert rows.height == 2


MACHINES = Table(
    name="machines",
    pattern="night_*.zip",
    dialect=Delimited(delimiter=";", member="*machines*"),
    columns=("id",),
    feeds=(FeedMapping(Machines, {"machine_id": text("id")}),),
)
ITEMS = Table(
    name="items",
    pattern="night_*.zip",
    dialect=Delimited(delimiter=";", member="items/*"),
    columns=("id",),
    feeds=(
        FeedMapping(
            Items,
            {"item_id": text("id"), "item_type": constant("raw"), "base_uom": constant("ST")},
        ),
    ),
)
ARCHIVE = "vlc/mapex/night_20260310_020000.zip"


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    declare(monkeypatch, Source(name="mapex", title="t", system="mes", tables=(MACHINES, ITEMS)))
    return new_landing(tmp_path)


def test_every_member_is_a_delivery_of_its_own(landing: Landing) -> None:
    members = {
        "items/a_20260301_020000.csv": b"id\nI1\nI1\nI2\n",
        "items/b.csv.gz": gzip.compress(b"id\nI3\n"),
        "Machines.CSV": b"id\nM1\n\x00\n",
        "items/bad.csv": b"ID\nI4\n",
        "readme.txt": b"hello",
        "__MACOSX/items/._a.csv": b"junk",
        "items/.DS_Store": b"junk",
    }
    landing.put(ARCHIVE, zipped(members))
    landing.ingest()
    found = landing.rows(
        "select split_part(file_path, '!', 2) as member, table_name, status, delivered_rows as d, "
        "accepted_rows as a, quarantined_rows as q, duplicate_rows as x, "
        "strftime(extracted_at, '%m-%d %H') as at from raw.deliveries order by 1"
    )
    assert [tuple(row.values()) for row in found] == [
        ("Machines.CSV", "machines", "partly_accepted", 2, 1, 1, 0, "03-10 01"),
        ("items/a_20260301_020000.csv", "items", "accepted", 3, 2, 0, 1, "03-01 01"),
        ("items/b.csv.gz", "items", "accepted", 1, 1, 0, 0, "03-10 01"),
        ("items/bad.csv", "items", "rejected", 1, 0, 1, 0, "03-10 01"),
        ("readme.txt", "", "rejected", 0, 0, 0, 0, "03-10 01"),
    ]
    assert landing.rows(
        "select file_path, line_no, rule from raw.quarantine order by file_path"
    ) == [
        {"file_path": f"{ARCHIVE}!Machines.CSV", "line_no": 3, "rule": "control_character"},
        {"file_path": f"{ARCHIVE}!items/bad.csv", "line_no": 1, "rule": "missing_column"},
        {"file_path": f"{ARCHIVE}!readme.txt", "line_no": None, "rule": "unknown_file"},
    ]
    assert landing.ingest().files == []
    again = landing.ingest_one(ARCHIVE.replace("0310", "0311"), zipped(members))
    assert {o.status for o in again if not o.path.endswith("readme.txt")} == {"already_loaded"}
    assert landing.rows("select count(*) as n from raw.deliveries") == [{"n": 5}]


def test_an_archive_that_is_replaced_is_replaced_as_a_whole(landing: Landing) -> None:
    landing.put(ARCHIVE, zipped({"machines.csv": b"id\nM1\n", "items/a": b"id\nI1\n"}))
    landing.ingest()
    landing.put(ARCHIVE, zipped({"machines.csv": b"id\nM1\n"}))
    landing.ingest()
    counted = landing.rows("select status, count(*) as n from raw.deliveries group by 1 order by 1")
    assert counted == [{"status": "accepted", "n": 1}, {"status": "superseded", "n": 2}]


def link(info: zipfile.ZipInfo) -> None:
    info.external_attr = (stat.S_IFLNK | 0o777) << 16


@pytest.mark.parametrize(
    ("members", "change", "rule"),
    [
        ({"../machines.csv": b"id\nM1\n"}, None, "unsafe_archive"),
        ({"a/../../machines.csv": b"id\nM1\n"}, None, "unsafe_archive"),
        ({"/etc/machines.csv": b"id\nM1\n"}, None, "unsafe_archive"),
        ({"c:\\machines.csv": b"id\nM1\n"}, None, "unsafe_archive"),
        ({"machines\x1b[2J.csv": b"id\nM1\n"}, None, "unsafe_archive"),
        ({"machines.csv": b"/etc/passwd"}, link, "unsafe_archive"),
        ({}, None, "unreadable_file"),
    ],
)
def test_archives_no_honest_program_writes(
    landing: Landing,
    tmp_path: Path,
    members: dict[str, bytes],
    change: Callable[[zipfile.ZipInfo], None] | None,
    rule: str,
) -> None:
    good = {"items/good.csv": b"id\nI1\n"} if members else {}
    (outcome,) = landing.ingest_one(ARCHIVE, zipped(good | members, change))
    # One bad entry makes all of it suspect.
    assert (outcome.status, list(outcome.rules)) == ("rejected", [rule])
    assert landing.rows("select 1 from raw.items") == []
    assert "\x1b" not in outcome.message
    assert not [path for path in tmp_path.rglob("*") if "machines" in path.name]


def test_archive_bombs(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    for table in (MACHINES, ITEMS):
        monkeypatch.setitem(table.__dict__, "max_bytes", 5_000)
    bomb = zipped({"machines.csv": b"id\n" + b"x" * 10_000})
    (outcome,) = landing.ingest_one(ARCHIVE, bomb)
    assert list(outcome.rules) == ["file_too_large"]
    # One that lies about its size is stopped on the way.
    size = (10_003).to_bytes(4, "little")
    lying = bomb.replace(size, (100).to_bytes(4, "little"))
    assert lying != bomb
    (outcome,) = landing.ingest_one(ARCHIVE.replace("0310", "0311"), lying)
    assert outcome.status == "rejected"
    monkeypatch.setattr(ingestion.readers.unpack, "MAX_MEMBERS", 3)
    many = zipped({f"machines{n}.csv": b"id\n" for n in range(4)})
    (outcome,) = landing.ingest_one(ARCHIVE.replace("0310", "0312"), many)
    assert list(outcome.rules) == ["file_too_large"]


def test_an_archive_cut_off_is_rejected_until_it_is_whole(landing: Landing) -> None:
    whole = zipped({"machines.csv": b"id\nM1\n"})
    (outcome,) = landing.ingest_one(ARCHIVE, whole[:-10])
    assert list(outcome.rules) == ["unreadable_file"]
    (outcome,) = landing.ingest_one(ARCHIVE, whole)
    assert outcome.accepted_rows == 1


@pytest.mark.parametrize("place", [b"\xf0\xff\xff\xff", b"\xff\xff\xff\x7f"])
def test_a_directory_that_points_to_nowhere_is_rejected(landing: Landing, place: bytes) -> None:
    whole = zipped({"machines.csv": b"id\nM1\n"})
    # The offset of the member stands behind 42 bytes of its entry in the directory.
    entry = whole.index(b"PK\x01\x02") + 42
    (outcome,) = landing.ingest_one(ARCHIVE, whole[:entry] + place + whole[entry + 4 :])
    assert (outcome.status, list(outcome.rules)) == ("rejected", ["unreadable_file"])
