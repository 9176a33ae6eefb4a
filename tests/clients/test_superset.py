"""Superset as `make superset` starts it: the shipped dashboard, asked and looked at."""

from __future__ import annotations

import os
import re
import secrets
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests
from browser import CHROMIUM, Page, open_page
from season import publish_night

from ingestion.settings import Settings

PROJECT = Path(__file__).parents[2]
PYTHON = PROJECT / ".venv-superset" / "bin" / "python"

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(
        not PYTHON.exists(),
        reason="Superset is not installed: `make superset-test` installs it into .venv-superset",
    ),
]

Row = tuple[Any, ...]

#: What each chart has to show: a place on its axis, its series, the number.
TRUTH = {
    "OEE by line and day": """
        select period_start_date, concat_ws(', ', plant_id, scope_id), value
        from kpi_values
        where kpi_id = 'oee' and scope_type = 'line' and period_type = 'day'
    """,
    "Lead time by week (median)": """
        select period_start_date, plant_id, value
        from kpi_values
        where kpi_id = 'lead_time_median_h' and scope_type = 'plant' and period_type = 'week'
    """,
    "Inventory turns by week": """
        select period_start_date, plant_id, value
        from kpi_values
        where kpi_id = 'inventory_turns' and scope_type = 'plant' and period_type = 'week'
    """,
    "Where the time goes": """
        select loss_bucket, '', sum(duration_s) / 3600
        from mart_time_losses
        where in_oee_denominator and not is_fully_productive
        group by loss_bucket
        having sum(abs(duration_s)) > 0
    """,
    "Scrap by reason": """
        select concat_ws(', ', reason_name, base_uom), '', sum(scrap_qty)
        from mart_scrap_pareto
        group by reason_name, base_uom
        having sum(scrap_qty) > 0
    """,
    "Every figure of the plant by week": """
        select
            plant_id, kpi_name, period_start_date, value, kpi_values.unit,
            kpi_values.numerator, kpi_values.denominator, coverage_ratio, withheld_reason
        from kpi_values
        inner join kpi_definitions using (kpi_id)
        where scope_type = 'plant' and period_type = 'week'
    """,
}


@dataclass
class Superset:
    """A running server, and how to log in."""

    address: str
    password: str
    data_dir: Path

    def api(self) -> requests.Session:
        """Logged in as a program."""
        session = requests.Session()
        login = {"username": "admin", "password": self.password, "provider": "db"}
        answer = session.post(f"{self.address}/api/v1/security/login", json=login, timeout=60)
        session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return session

    def cookie(self) -> str:
        """Of a person who logged in."""
        session = self.api()
        token = session.get(f"{self.address}/api/v1/security/csrf_token/", timeout=60).json()
        form = {"username": "admin", "password": self.password, "csrf_token": token["result"]}
        session.post(f"{self.address}/login/", data=form, allow_redirects=False, timeout=60)
        return session.cookies["session"]

    def charts(self, session: requests.Session) -> list[dict[str, Any]]:
        """The charts of the dashboard, with their settings."""
        dashboard = f"{self.address}/api/v1/dashboard/morning-meeting/charts"
        charts: list[dict[str, Any]] = session.get(dashboard, timeout=60).json()["result"]
        return charts


@contextmanager
def running(data_dir: Path, log: Path) -> Iterator[Superset]:
    """Superset on a free port of loopback, from when it answers to the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [PYTHON, PROJECT / "bi" / "superset" / "start.py"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--data-dir", data_dir, "--port", str(port)], stdout=output, stderr=output
        )
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 600
        while not answers(address):
            assert server.poll() is None, log.read_text()[-4000:]
            assert time.monotonic() < deadline, log.read_text()[-4000:]
            time.sleep(1)
        password = (data_dir / "superset" / "admin_password").read_text()
        yield Superset(address, password, data_dir)
    finally:
        server.terminate()
        server.wait(timeout=60)


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/health", timeout=10).ok
    except requests.RequestException:
        return False


@pytest.fixture(scope="module")
def superset(published: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    with running(published.data_dir, tmp_path_factory.mktemp("superset") / "log") as server:
        yield server


def truth(superset: Superset, chart: str) -> list[Row]:
    with duckdb.connect(
        str(superset.data_dir / "published" / "marts.duckdb"), read_only=True
    ) as con:
        return comparable(con.execute(TRUTH[chart]).fetchall())


def comparable(rows: list[Row]) -> list[Row]:
    """In one order, without what has no number, dates as milliseconds, as charts have them."""

    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000)
        return round(float(value), 9) if isinstance(value, Decimal | float) else value

    return sorted(
        (tuple(map(plain, row)) for row in rows if len(row) > 3 or row[-1] is not None), key=repr
    )


def query(chart: dict[str, Any]) -> dict[str, Any]:
    """What a chart asks for, as the API takes it."""
    form = chart["form_data"]
    filters = [f for f in form["adhoc_filters"] if f["expressionType"] == "SIMPLE"]
    conditions = [f["sqlExpression"] for f in form["adhoc_filters"] if "sqlExpression" in f]
    return {
        "columns": form.get("all_columns") or [form["x_axis"], *form["groupby"]],
        "metrics": form.get("metrics", []),
        "filters": [
            {"col": f["subject"], "op": f["operator"], "val": f["comparator"]}
            for f in filters
            if f["operator"] == "=="
        ],
        "extras": {"where": " and ".join(f"({condition})" for condition in conditions)},
        "row_limit": form["row_limit"],
    }


@pytest.mark.parametrize("name", TRUTH)
def test_a_chart_asked_through_the_api_equals_the_marts(superset: Superset, name: str) -> None:
    session = superset.api()
    (chart,) = [c for c in superset.charts(session) if c["slice_name"] == name]
    form = chart["form_data"]
    answer = session.post(
        f"{superset.address}/api/v1/chart/data",
        json={
            "datasource": {"id": int(form["datasource"].split("__")[0]), "type": "table"},
            "queries": [query(chart)],
        },
        timeout=60,
    )
    assert answer.ok, answer.text
    (result,) = answer.json()["result"]

    rows = [tuple(row[column] for column in result["colnames"]) for row in result["data"]]
    if "x_axis" in form:
        rows = [(axis, ", ".join(series), number) for axis, *series, number in rows]

    assert comparable(rows) == truth(superset, name)
    assert len(rows) > 1


def data_requests(page: Page) -> dict[str, str]:
    page.evaluate("0")  # events come with answers
    return page.responses("/api/v1/chart/data?form_data=")


@contextmanager
def dashboard(superset: Superset, profile: Path) -> Iterator[Page]:
    """The dashboard in a browser, when every chart is drawn."""
    with open_page(profile, 1600, 1900) as page:
        page("Network.setCookie", name="session", value=superset.cookie(), url=superset.address)
        page("Page.navigate", url=f"{superset.address}/superset/dashboard/morning-meeting/")
        page.wait_until(lambda: len(data_requests(page)) == len(TRUTH), 120, "charts have data")
        # Five charts are drawn, the sixth is a table.
        canvases = "document.querySelectorAll('.dashboard canvas').length"
        waiting = "document.querySelectorAll('.dashboard .loading').length"
        page.wait_until(
            lambda: page.evaluate(f"[{canvases}, {waiting}]") == [5, 0], 60, "charts are drawn"
        )
        yield page


in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium to look at it")


@in_a_browser
def test_the_dashboard_shows_the_marts_in_a_browser(superset: Superset, tmp_path: Path) -> None:
    names = {c["form_data"]["slice_id"]: c for c in superset.charts(superset.api())}
    with dashboard(superset, tmp_path / "profile") as page:
        text = page.evaluate("document.body.innerText")
        shown = {}
        for request, url in data_requests(page).items():
            found = re.search(r"slice_id%22%3A(\d+)", url)
            assert found, url
            (result,) = page.body(request)["result"][:1]
            chart = names[int(found[1])]
            shown[chart["slice_name"]] = seen(chart["form_data"], result["data"])
    assert shown == {name: truth(superset, name) for name in TRUTH}
    for name in TRUTH:
        assert name in text
    assert "error" not in text.lower()
    # It asks nobody else: no fonts, no maps, no counting of visitors.
    assert page.asked_hosts() == {"127.0.0.1"}


def ask(superset: Superset, sql: str) -> requests.Response:
    """In SQL Lab, as a person may."""
    session = superset.api()
    token = session.get(f"{superset.address}/api/v1/security/csrf_token/", timeout=60).json()
    (database,) = session.get(f"{superset.address}/api/v1/database/", timeout=60).json()["result"]
    return session.post(
        f"{superset.address}/api/v1/sqllab/execute/",
        json={"database_id": database["id"], "sql": sql, "client_id": secrets.token_hex(5)},
        headers={"X-CSRFToken": token["result"]},
        timeout=60,
    )


def test_the_next_question_gets_the_next_night(
    superset: Superset, published: Settings, manifest: dict[str, Any]
) -> None:
    run = "select run_id from publication"
    assert ask(superset, run).json()["data"] == [{"run_id": "the only night"}]

    publish_night(published, manifest, "the night after")

    assert ask(superset, run).json()["data"] == [{"run_id": "the night after"}]


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("delete from kpi_values", "DML"),
        ("create table note as select 1 as a", "DML"),
        ("select * from read_csv('/etc/hostname')", "disabled by configuration"),
        ("attach '/tmp/other.duckdb'", "disabled by configuration"),
    ],
)
def test_can_neither_write_nor_read_anything_else(
    superset: Superset, sql: str, refusal: str
) -> None:
    answer = ask(superset, sql)
    assert not answer.ok
    assert refusal in answer.text


def test_its_secrets_are_its_own(superset: Superset) -> None:
    for name in ("secret_key", "admin_password"):
        file = superset.data_dir / "superset" / name
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert len(file.read_text()) > 40
    assert requests.get(f"{superset.address}/api/v1/chart/", timeout=60).status_code == 401


@in_a_browser
@pytest.mark.skipif(
    "SUPERSET_SCREENSHOT" not in os.environ, reason="`make superset-screenshot` writes it"
)
def test_screenshot(tmp_path: Path) -> None:
    """Of the demo's data, for the page about Superset."""
    data_dir = Path(os.environ.get("LEANKPI_DATA", "data")).resolve()
    target = Path(os.environ["SUPERSET_SCREENSHOT"])
    with running(data_dir, tmp_path / "log") as demo, dashboard(demo, tmp_path / "profile") as page:
        time.sleep(3)  # what is drawn grows to its size
        page.screenshot(target)
    assert target.stat().st_size > 50_000


def seen(form: dict[str, Any], data: list[dict[str, Any]]) -> list[Row]:
    """The rows behind a drawn chart, whose series stand side by side."""
    if "x_axis" not in form:
        return comparable([tuple(row[column] for column in form["all_columns"]) for row in data])
    axis, metric = form["x_axis"], form["metrics"][0]
    return comparable(
        [
            (row[axis], "" if series == metric else series, number)
            for row in data
            for series, number in row.items()
            if series != axis
        ]
    )
