"""The board as a browser shows it: on a phone, on a television, on paper and by keyboard."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import board_marts
import pytest

from orchestration.board.site import write_board

BROWSER = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="needs chromium: layout, keyboard and paper can be seen in it alone"
)
#: Pages of each kind: all widths and the keyboard are tried on each of them.
KINDS = ("index.html", "line-l-1-*.html", "area-*.html", "behind-line-l-1-*.html")

#: Asks the page about itself, in the browser; the answers stand in its title.
PROBE = """
<script>
addEventListener("load", () => {
  const visible = (e) => e.getClientRects().length > 0;
  const light = (rgb) => rgb.map((c) => (c /= 255) <= 0.03928 ? c / 12.92
    : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const color = numbers(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || e.closest("script, .skip")) continue;
    const style = getComputedStyle(e);
    const ink = e.closest("svg") ? style.fill : style.color;
    const [a, b] = [light(numbers(ink).slice(0, 3)), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(walker.currentNode.data.trim());
  }
  const deaf = [];
  let told = 0;
  for (const e of document.querySelectorAll("a[href*='#']:not(.skip), svg [tabindex]")) {
    if (!visible(e)) continue;
    e.focus();
    const tip = e.querySelector(".tip, .t");
    const shown = tip && getComputedStyle(tip).display !== "none"
      && getComputedStyle(tip).opacity === "1";
    if (document.activeElement !== e || !shown) deaf.push(e.textContent.trim());
    else told += 1;
  }
  const root = document.documentElement;
  document.title = JSON.stringify({
    spilled: [...document.querySelectorAll(".card > *")].filter((e) =>
      e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right).length,
    wide: root.scrollWidth, window: innerWidth, faint, deaf, told,
    unreached: document.querySelectorAll("a[tabindex='-1']").length,
  });
});
</script>
"""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser") / "board"
    marts = board_marts.write(folder.with_name("marts.duckdb"))
    write_board(marts, folder)
    return folder


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "profile"


def browse(profile: Path, address: str, *options: str) -> str:
    """Start the browser once, without a network; what it writes to the terminal."""
    assert BROWSER is not None
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars", f"--user-data-dir={profile}", *options, address,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


@pytest.mark.parametrize("width", [360, 1920])
@pytest.mark.parametrize("kind", KINDS)
def test_fits_is_legible_and_answers_the_keyboard(
    board: Path, profile: Path, kind: str, width: int
) -> None:
    (page,) = list((board / "es").glob(kind))[:1]
    html = page.read_text(encoding="utf-8")
    # The page itself allows no script: the probe stands in a copy, in a frame of the width asked
    # for, since no window of the browser is as narrow as a phone.
    probed = page.with_name(f"probed-{width}-{page.name}")
    without_policy = re.sub(r"<meta http-equiv=[^>]*>", "", html)
    probed.write_text(without_policy.replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    frame = page.with_name(f"frame-{width}-{page.name}")
    frame.write_text(
        f'<iframe src="{probed.name}" width="{width}" height="900" style="border:0" '
        "onload=\"setTimeout(() => document.body.append(document.createElement('pre')"
        '.textContent = frames[0].document.title), 200)"></iframe>',
        encoding="utf-8",
    )

    dom = browse(
        profile,
        frame.as_uri(),
        "--allow-file-access-from-files",
        "--virtual-time-budget=4000",
        f"--window-size={max(width, 800)},1000",
        "--dump-dom",
    )

    found = re.search(r"\{\"spilled.*\}", dom)
    assert found, dom[-2000:]
    answers = json.loads(found[0].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert answers["window"] == width
    assert answers["wide"] <= width
    assert answers["spilled"] == 0
    assert answers["faint"] == []
    assert answers["deaf"] == []
    assert answers["unreached"] == 0
    # Cards with their days and charts on a board, a table of parts on the other pages.
    assert answers["told"] >= (100 if kind.startswith(("index", "line")) else 5)


def test_prints_on_a3_landscape(board: Path, profile: Path, tmp_path: Path) -> None:
    paper = tmp_path / "board.pdf"
    browse(
        profile,
        (board / "en" / "index.html").as_uri(),
        "--no-pdf-header-footer",
        f"--print-to-pdf={paper}",
    )
    pdf = paper.read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert boxes
    # A3 is 420 mm by 297 mm; a point is 1/72 inch.
    for width, height in boxes:
        assert abs(float(width) - 420 / 25.4 * 72) < 2 and abs(float(height) - 297 / 25.4 * 72) < 2
    assert len(boxes) == 1


@pytest.mark.skipif(
    "BOARD_SCREENSHOTS" not in os.environ, reason="`make screenshots` writes them into docs/"
)
def test_screenshots(profile: Path) -> None:
    """Of the board in the data directory, as `make demo` leaves it."""
    target = Path(os.environ["BOARD_SCREENSHOTS"]).resolve()
    data = Path(os.environ.get("LEANKPI_DATA", "data")).resolve()
    target.mkdir(parents=True, exist_ok=True)
    page = data / "board" / "en" / "index.html"
    phone = profile.with_name("phone.html")
    phone.write_text(
        '<body style="margin:0;background:#c9d0d6"><iframe style="display:block;margin:0 auto;'
        f'border:0" width="390" height="1500" src="{page.as_uri()}"></iframe>',
        encoding="utf-8",
    )
    # A sheet of A3 at 96 points an inch, with the margin of its @page.
    paper = page.with_name("paper.html")
    html = page.read_text(encoding="utf-8").replace("@media print", "@media all")
    paper.write_text(
        html.replace("</head>", "<style>body{padding:8mm!important}</style></head>"),
        encoding="utf-8",
    )
    try:
        for name, address, size in (
            ("board", page.as_uri(), "1920,1500"),
            ("board_phone", phone.as_uri(), "520,1500"),
            ("board_paper", paper.as_uri(), "1587,1123"),
        ):
            browse(
                profile,
                address,
                "--allow-file-access-from-files",
                f"--window-size={size}",
                f"--screenshot={target}/{name}.png",
            )
            assert (target / f"{name}.png").stat().st_size > 20_000
    finally:
        paper.unlink()
