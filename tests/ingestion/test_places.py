"""Exports that lie elsewhere: on a mounted share, or in object storage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fsspec
import pytest
from landing import PLANTS, Landing, new_landing, run_line, runs_file

import ingestion.load
from ingestion.errors import ConfigError
from ingestion.plants import load_plants
from orchestration.nightly import _unseen_files

NAME = "his_prod_20260311_020000.csv"
#: As Mapex's folder in plants.toml begins.
FOLDER = 'source = "mapex"\nfolder = "mapex"\n'


@dataclass(frozen=True)
class Storage:
    """A place in object storage, and its file system."""

    system: fsspec.AbstractFileSystem
    #: As plants.toml names it.
    url: str

    def put(self, name: str, content: bytes) -> None:
        self.system.pipe(f"{self.url}/{name}", content)


@pytest.fixture(params=["memory", "s3"])
def storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    """Object storage of this process, and a server on loopback that speaks S3."""
    if request.param == "memory":
        system = fsspec.filesystem("memory")
        system.store.clear()
        yield Storage(system, "memory://exports/mes")
        system.store.clear()
        return
    for name, value in {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    # Connections are kept per address; the server of the test before is gone.
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    system = fsspec.filesystem("s3")
    system.mkdir("exports")
    yield Storage(system, "s3://exports/mes")
    system.rm("exports", recursive=True)
    server.stop()


def landing_with(tmp_path: Path, *lines: str) -> Landing:
    return new_landing(
        tmp_path / "data", PLANTS.replace(FOLDER, FOLDER + "".join(f"{line}\n" for line in lines))
    )


def test_object_storage(tmp_path: Path, storage: Storage) -> None:
    landing = landing_with(tmp_path, f'location = "{storage.url}"', 'include = ["his_*"]')
    storage.put(f"2026/{NAME}", runs_file(run_line(), run_line(Id_his_prod="x")))
    storage.put("readme.txt", b"none of ours")
    storage.put(".hidden_his_prod", b"none of ours")
    (outcome,) = landing.ingest().files
    assert outcome.path == f"vlc/mapex/2026/{NAME}"
    assert outcome.accepted_rows == 2
    assert not _unseen_files(landing.settings)
    again = landing.ingest()
    assert (again.files, again.known_files) == ([], 1)
    # It is replaced there: the new content counts.
    storage.put(f"2026/{NAME}", runs_file(run_line()))
    assert _unseen_files(landing.settings)
    assert landing.ingest().total("accepted_rows") == 1
    assert landing.rows(
        "select status, count(*) as n from raw.deliveries group by 1 order by 1"
    ) == [{"status": "accepted", "n": 1}, {"status": "superseded", "n": 1}]
    # Nothing that was fetched is left behind.
    assert storage.system.exists(f"{storage.url}/2026/{NAME}")


def test_an_object_that_changes_while_it_is_read_waits(
    tmp_path: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = landing_with(tmp_path, f'location = "{storage.url}"')
    storage.put(NAME, runs_file(run_line()))
    write_rows = ingestion.load._write_rows

    def grow(con, delivery):  # type: ignore[no-untyped-def]
        write_rows(con, delivery)
        storage.put(NAME, runs_file(run_line(), run_line(Id_his_prod="2")))

    monkeypatch.setattr(ingestion.load, "_write_rows", grow)
    (left,) = landing.ingest().left
    assert left.path == f"vlc/mapex/{NAME}"
    assert landing.rows("select 1 from raw.deliveries") == []
    monkeypatch.undo()
    assert landing.ingest().total("accepted_rows") == 2


def test_an_object_that_is_too_large_is_not_fetched(
    tmp_path: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing = landing_with(tmp_path, f'location = "{storage.url}"')
    storage.put(NAME, runs_file(run_line()))
    (table,) = [t for t in ingestion.load.load_source("mapex").tables if t.name == "his_prod"]
    monkeypatch.setitem(table.__dict__, "max_bytes", 10)
    monkeypatch.setattr(type(storage.system), "get_file", None)
    (outcome,) = landing.ingest().files
    assert list(outcome.rules) == ["file_too_large"]


def test_a_share_beside_landing(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    landing = landing_with(tmp_path, f'location = "{share}"')
    (share / NAME).write_bytes(runs_file(run_line()))
    secret = tmp_path / "secret.csv"
    secret.write_bytes(runs_file(run_line(Id_his_prod="2")))
    (share / "his_prod_20260312_020000.csv").symlink_to(secret)
    landing.put("vlc/mapex/his_prod_20260310_020000.csv", runs_file(run_line(Id_his_prod="3")))
    statuses = {outcome.path: outcome.status for outcome in landing.ingest().files}
    assert statuses == {
        "vlc/mapex/his_prod_20260310_020000.csv": "accepted",
        f"vlc/mapex/{NAME}": "accepted",
        "vlc/mapex/his_prod_20260312_020000.csv": "rejected",
    }


@pytest.mark.parametrize("place", ["memory://nowhere", "/nowhere/at/all", "nonsense://x"])
def test_a_place_that_is_gone_is_no_quiet_night(tmp_path: Path, place: str) -> None:
    landing = landing_with(tmp_path, f'location = "{place}"')
    landing.put(f"vlc/mapex/{NAME}", runs_file(run_line()))
    report = landing.ingest()
    (left,) = report.left
    assert "cannot be listed" in left.message
    assert report.total("accepted_rows") == 1


def test_a_place_must_be_whole(tmp_path: Path) -> None:
    landing = landing_with(tmp_path, 'location = "exports/mes"')
    with pytest.raises(ConfigError, match=r"sources\.0\.location: must be an absolute path"):
        load_plants(landing.settings.plants_file)


def test_of_two_files_under_one_name_the_one_in_landing_counts(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / NAME).write_bytes(runs_file(run_line(Id_his_prod="of the share")))
    landing = landing_with(tmp_path, f'location = "{share}"')
    folder = landing.settings.landing_dir / "vlc" / "mapex"
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(runs_file(run_line(Id_his_prod="of landing")))
    for _ in range(2):
        (left,) = landing.ingest().left
        assert "lies in landing and in" in left.message
        assert landing.rows("select run_id from raw.production_counts") == [
            {"run_id": "of landing"}
        ]
