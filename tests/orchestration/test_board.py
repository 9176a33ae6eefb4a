"""The board holds the figures of the marts and nothing else, and opens from a folder.

The published file is made by hand: the board's tables with a plant of two lines and four machines,
whose names are as hostile as an export can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import board_marts
import duckdb
import pytest
from babel.numbers import parse_decimal
from board_marts import HOSTILE
from click.testing import CliRunner
from markupsafe import escape

from ingestion.settings import Settings
from orchestration.assets import _write_board
from orchestration.board import site
from orchestration.board.site import BoardError, write_board
from orchestration.board.texts import BELOW_FLOOR, KPI_NAMES_ES, REASONS_ES, TEXTS, reason
from orchestration.cli import main
from orchestration.few_people import REASON
from orchestration.journal import Journal, read_record

#: Elements without an end.
VOID = {"meta", "link", "br", "img"}


class Page(HTMLParser):
    """The links, ids and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.ids: set[str] = set()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.language = ""
        self._open: list[str] = []
        self._link: int | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= values.keys()
        self.ids |= {values["id"]} if "id" in values else set()
        if tag == "html":
            self.language = values["lang"]
        if "href" in values and tag != "link":
            self.links.append((values["href"], ""))
            self._link = len(self.links) - 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._link is not None:
            href, words = self.links[self._link]
            self.links[self._link] = (href, words + data)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return board_marts.write(tmp_path_factory.mktemp("marts") / "marts.duckdb")


@pytest.fixture(scope="module")
def site_folder(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board") / "board"
    write_board(published, folder)
    return folder


@pytest.fixture(scope="module")
def pages(site_folder: Path) -> dict[str, Page]:
    return {
        path.relative_to(site_folder).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in site_folder.rglob("*.html")
    }


def html(site_folder: Path, pattern: str) -> str:
    (path,) = site_folder.glob(pattern)
    return path.read_text(encoding="utf-8")


def plain_text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " "))


def figures_shown(pages: dict[str, Page]) -> Iterator[tuple[str, str, str]]:
    """Language, key of kpi_values, and the words of each link to a figure."""
    for page in pages.values():
        for href, words in page.links:
            fragment = urlsplit(href).fragment
            if re.fullmatch(r"[0-9a-f]{12}", fragment):
                yield page.language, fragment, words.replace("\u00a0", " ")


def test_every_figure_shown_is_a_figure_of_the_marts(
    pages: dict[str, Page], published: Path
) -> None:
    with duckdb.connect(str(published), read_only=True) as con:
        marts = {
            key[:12]: (value, unit, reason_given)
            for key, value, unit, reason_given in con.execute(
                "select kpi_values_id, value, unit, withheld_reason from kpi_values"
            ).fetchall()
        }
    checked = withheld = 0
    for language, key, words in figures_shown(pages):
        value, unit, reason_given = marts[key]
        if value is None:
            assert reason(language, reason_given) in words, words
            withheld += 1
            continue
        # The figure of a tip or a chart follows the first colon.
        said = re.search(r": ([−-]?[\d.,]+) ?(%|EUR|h)?", words)
        assert said, words
        shown = float(parse_decimal(said[1].replace("−", "-"), locale=language))
        expected = value * 100 if unit == "ratio" else value
        assert shown == pytest.approx(expected, abs=0.5 if abs(expected) >= 100 else 0.051), words
        checked += 1
    assert checked > 500
    assert withheld >= 20


def test_a_figure_tells_its_fraction_coverage_target_and_judgement(site_folder: Path) -> None:
    words = plain_text(html(site_folder, "en/index.html"))
    # Day 20 of the plant: 0.80 of 1000, judged by the target of 0.75.
    assert (
        "OEE, Fri 20 Mar: 80.0 % · numerator 800, denominator 1,000 · coverage 95.0 % · "
        "target ≥ 75.0 % · target reached" in words
    )
    assert "target missed" in words


def test_a_withheld_figure_says_why(site_folder: Path) -> None:
    line = plain_text(html(site_folder, "en/line-l-2-*.html"))
    assert "withheld: coverage 0.40 below 0.80: planned time not observed" in line
    linea = plain_text(html(site_folder, "es/line-l-2-*.html"))
    assert "retenida: cobertura 0,40 por debajo de 0,80: tiempo planificado no observado" in linea


def test_a_letter_without_a_feed_is_neither_zero_nor_green(site_folder: Path) -> None:
    page = html(site_folder, "en/index.html")
    (safety,) = re.findall(r"<article[^>]*>(?:(?!</article>).)*Safety.*?</article>", page, re.S)
    assert "no feed delivered" in safety
    assert "green" not in safety
    assert not re.search(r"\d", plain_text(safety.split("</h2>")[1]))
    assert "no attendance and work time of people delivered" in plain_text(page)


def test_a_signal_names_what_moved_it_and_noise_is_called_noise(site_folder: Path) -> None:
    words = plain_text(html(site_folder, "en/index.html"))
    assert "above the centre line (outside the limits, eight in a row on one side)" in words
    assert "▲ better than its average" in words
    # A rule that was raised the day before still holds: not noise.
    assert "▲ better than its average, signal goes on, 2 days" in words
    assert words.count("goes on, 2 days") >= 2
    assert "Week: too few weeks to tell (3 of 12)." in words
    assert "no signal" not in words
    line = plain_text(html(site_folder, "en/line-l-1-*.html"))
    assert "Day: no signal, what moved is noise." in line
    assert "Week: too few weeks to tell (3 of 12)." in line
    assert "losses breakdowns +4.5" in words
    assert "≈ noise" in words
    assert "… 3 of 12" in words


def test_the_day_says_which_line_lost_most_why_and_where(site_folder: Path) -> None:
    # Line 1: breakdowns 4.08 h and -0.333 h of speed are 3.747 h; -0.3 would not add up to 3.7.
    english = (
        f"L 1 lost 3.7 h of 32.0 h: breakdowns 4.1, reduced speed -0.4; most on {escape(HOSTILE)}"
        "\\u202e · M1-1, 1.9 h (breakdowns 2.1 h, Jam &lt;img src=x&gt; 11)."
    )
    plant = plain_text(html(site_folder, "en/index.html"))
    assert english in plant
    assert plant.index("L 1 lost 3.7 h") < plant.index("L 2; rm -rf ~ lost 3.7 h")
    assert "OEE of the day 80.0 %: ▲ better" in plant
    assert english in plain_text(html(site_folder, "en/line-l-1-*.html"))
    spanish = plain_text(html(site_folder, "es/index.html"))
    assert "L 1 perdió 3,7 h de 32,0 h: averías 4,1, velocidad reducida -0,4" in spanish


def test_tables_have_hours_lost_and_name_machines_as_commands_do(site_folder: Path) -> None:
    plant = plain_text(html(site_folder, "en/index.html"))
    assert re.search(r"Hours lost S no feed", plant) and "L 1 3.7 –" in plant
    line = plain_text(html(site_folder, "en/line-l-1-*.html"))
    assert f"{escape(HOSTILE)}\\u202e · M1-1 1.9 –" in line
    assert "Press 12 · M1-2 1.8 –" in line


def test_a_missed_target_does_not_print_like_the_value_and_rest_is_no_withholding(
    tmp_path: Path,
) -> None:
    marts = board_marts.write(tmp_path / "marts.duckdb", lines=1, machines_per_line=1)
    with duckdb.connect(str(marts)) as con:
        day = "kpi_id = 'oee' and scope_type = 'plant' and period_start_date = date "
        con.execute(f"update kpi_values set value = 0.7496 where {day} '2026-03-19'")
        con.execute(
            f"update mart_kpi_targets set status = 'red' where {day} '2026-03-19'",
        )
        con.execute(
            "update kpi_values set value = null, withheld_reason = "
            f"'no planned time: nothing was scheduled' where {day} '2026-03-18'"
        )
    write_board(marts, tmp_path / "board")
    words = plain_text(html(tmp_path / "board", "en/index.html"))
    assert "OEE, Thu 19 Mar: 74.96 %" in words and "target ≥ 75.00 % · target missed" in words
    assert "OEE, Wed 18 Mar: – " in words
    assert "no figure: no planned time: nothing was scheduled" in words
    assert "OEE, Wed 18 Mar: withheld" not in words


def test_losses_are_the_seconds_of_the_marts(site_folder: Path) -> None:
    words = plain_text(html(site_folder, "en/index.html"))
    # Seven days of four machines: 28 times 8 h, 2 h, -10 min and 14 h 10 min, 672 h together.
    for step in (
        "calendar time: 672 h",
        "not scheduled: 224 h",
        "breakdowns: 56.1 h",
        "reduced speed: -4.67 h",
        "fully productive: 397 h",
    ):
        assert step in words
    # The longest of twelve reasons, 28 times 611 s; the four shortest are one, 28 times 2,406 s.
    assert "Jam &lt;img src=x&gt; 11: 4.75 h · 28 stops" in words
    assert "all others: 18.7 h · 112 stops" in words
    # Rejections of 28 machine days at 12.50 EUR each.
    assert "Short shot: 350 EUR · 56 rejections" in words
    line = plain_text(html(site_folder, "en/line-l-1-*.html"))
    assert "calendar time: 336 h" in line and "Short shot: 175 EUR" in line


def test_links_lead_to_places_inside_the_board(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for href, _ in page.links:
            parts = urlsplit(href)
            assert not parts.scheme and not parts.netloc, href
            path = Path(name).parent / unquote(parts.path) if parts.path else Path(name)
            steps: list[str] = []
            for step in path.parts:
                steps = steps[:-1] if step == ".." else [*steps, step]
            target = pages.get("/".join(steps))
            assert target is not None, f"{name}: {href}"
            assert not parts.fragment or parts.fragment in target.ids, f"{name}: {href}"


def test_nothing_comes_from_elsewhere_and_nothing_runs(
    site_folder: Path, pages: dict[str, Page]
) -> None:
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    for path in site_folder.rglob("*.html"):
        addresses = set(re.findall(r"(?:https?:)?//[\w.]+[^\s\"'<)]*", path.read_text("utf-8")))
        assert addresses <= namespaces, path.name
    for page in pages.values():
        assert not page.tags & {"script", "iframe", "object", "embed", "img", "image"}
        assert not {name for name in page.attributes if name.startswith("on")}


def test_hostile_names_are_words_and_no_markup(site_folder: Path, pages: dict[str, Page]) -> None:
    page = html(site_folder, "en/line-l-1-*.html")
    assert board_marts.HOSTILE in plain_text(page).replace("&lt;", "<").replace(
        "&gt;", ">"
    ).replace("&#34;", '"')
    # A mark that turns the writing direction round shows as what it is.
    assert "\u202e" not in page and "\\u202e" in page
    assert all(re.fullmatch(r"(?:\w\w/)?[a-z0-9-]+\.html", name) for name in pages)


def test_the_command_to_type_quotes_what_a_shell_would_run(site_folder: Path) -> None:
    page = html(site_folder, "en/behind-line-l-2-*.html").replace("&#39;", "'")
    assert (
        "leankpi kpi explain oee --plant p1 --scope 'line=L 2; rm -rf ~' --period 2026-03-20"
        in plain_text(page)
    )


def test_each_language_says_everything() -> None:
    assert all(len(words) == 2 and all(words) for words in TEXTS.values())
    fields = {key: [set(re.findall(r"{(\w+)}", word)) for word in TEXTS[key]] for key in TEXTS}
    assert {key for key, (english, spanish) in fields.items() if english != spanish} == set()
    from orchestration.board.letters import KPIS

    assert set(KPI_NAMES_ES) == set(KPIS)
    assert BELOW_FLOOR.fullmatch("coverage 0.62 below 0.80: planned time not observed")
    assert all(REASONS_ES.values())
    assert reason("es", f"no figure: {REASON.format(3)}").endswith("menos de 3 personas")


def test_both_languages_have_the_same_pages_and_figures(pages: dict[str, Page]) -> None:
    names = {
        language: {n[3:] for n in pages if n.startswith(language)} for language in ("en", "es")
    }
    assert names["en"] == names["es"]
    for name in names["en"]:
        english, spanish = pages[f"en/{name}"], pages[f"es/{name}"]
        assert (english.language, spanish.language) == ("en", "es")
        assert [href for href, _ in english.links if "#" in href] == [
            href for href, _ in spanish.links if "#" in href
        ]


def test_writing_again_leaves_only_the_pages_of_now(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "board"
    write_board(published, folder)
    first = sorted(path.name for path in folder.rglob("*"))
    kept = folder / "en" / "notes.html"
    kept.write_text("mine", encoding="utf-8")
    fewer = board_marts.write(tmp_path / "fewer.duckdb", lines=1)

    write_board(fewer, folder)

    left = sorted(path.name for path in folder.rglob("*"))
    assert not [name for name in left if name.startswith("line-l-2")]
    assert [name for name in first if name.startswith("line-l-2")]
    assert kept.read_text(encoding="utf-8") == "mine"


def test_a_folder_of_something_else_is_left_alone(published: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(BoardError, match="not the board"):
        write_board(published, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_list_of_pages_that_names_others_removes_none(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "board"
    write_board(published, folder)
    (tmp_path / "precious.html").write_text("x", encoding="utf-8")
    (folder / "board.json").write_text('["../precious.html", 7]', encoding="utf-8")
    write_board(published, folder)
    assert (tmp_path / "precious.html").exists()


def test_fifty_machines_over_three_years_stay_small(tmp_path: Path) -> None:
    big = board_marts.write(
        tmp_path / "big.duckdb", lines=10, machines_per_line=5, first_day=date(2023, 3, 21)
    )
    folder = tmp_path / "board"
    write_board(big, folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert size < 5_000_000


def run(settings: Settings, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["board", "--data-dir", str(settings.data_dir), *arguments])
    return result.exit_code, result.output


def test_command_writes_where_it_is_told(settings: Settings, tmp_path: Path) -> None:
    code, output = run(settings)
    assert (code, "nothing has been published yet" in output) == (2, True)

    settings.published_dir.mkdir(parents=True)
    version = settings.published_dir / "marts-20260321T050000_000000Z.duckdb"
    board_marts.write(version)
    settings.published_link.symlink_to(version.name)
    share = tmp_path / "share" / "board"
    assert run(settings, "--to", str(share))[0] == 0
    assert (share / "es" / "index.html").exists()


def test_a_night_writes_it_beside_the_marts(
    settings: Settings, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(settings)
    journal.begin("run")
    journal.finish("published", version="v")
    _write_board(settings, published, journal)
    assert (settings.board_dir / "index.html").exists()
    assert journal.record.board_error is None

    # A full disk takes nothing back.
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(site, "write_board", full)
    _write_board(settings, published, journal)
    record = read_record(settings)
    assert record is not None
    assert (record.outcome, record.board_error) == ("published", "OSError: no space left")


def test_command_says_what_a_file_of_another_release_lacks(settings: Settings) -> None:
    settings.published_dir.mkdir(parents=True)
    version = settings.published_dir / "marts-20260321T050000_000000Z.duckdb"
    board_marts.write(version)
    with duckdb.connect(str(version)) as con:
        con.execute("drop table mart_kpi_signals")
    settings.published_link.symlink_to(version.name)
    code, output = run(settings)
    assert code == 2
    assert "mart_kpi_signals" in output and "--rebuild" in output


def test_the_board_follows_a_rollback(settings: Settings) -> None:
    settings.published_dir.mkdir(parents=True)
    older, newer = (
        settings.published_dir / f"marts-202603{day}T050000_000000Z.duckdb" for day in (20, 21)
    )
    board_marts.write(older, lines=1)
    board_marts.write(newer, lines=2)
    settings.published_link.symlink_to(newer.name)
    write_board(newer, settings.board_dir)
    assert list(settings.board_dir.glob("en/line-l-2-*"))

    result = CliRunner().invoke(main, ["rollback", "--data-dir", str(settings.data_dir)])

    assert result.exit_code == 0, result.output
    assert not list(settings.board_dir.glob("en/line-l-2-*"))
    assert list(settings.board_dir.glob("en/line-l-1-*"))


def test_several_plants_stand_on_a_first_page_also_one_without_figures(tmp_path: Path) -> None:
    marts = board_marts.write(tmp_path / "marts.duckdb", lines=1, machines_per_line=1)
    with duckdb.connect(str(marts)) as con:
        con.execute("insert into dim_plant by name select 'p2' as plant_id")
        con.execute(
            "insert into kpi_periods by name select * replace ('p2' as plant_id) from kpi_periods"
        )
    write_board(marts, tmp_path / "board")
    start = Page(html(tmp_path / "board", "en/index.html"))
    plants = [(href, words) for href, words in start.links if href.startswith("plant-")]
    assert [words for _, words in plants] == ["Plant <b>One</b>", "p2"]
    for href, _ in plants:
        assert "no feed delivered" in html(tmp_path / "board" / "en", href)
