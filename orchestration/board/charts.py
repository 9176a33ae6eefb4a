"""Charts as SVG, drawn by Vega-Lite: they need no script and no network to be looked at.

A mark that stands for something gets a link and a text. Vega's own tooltips need its runtime, so
both are put into the drawing afterwards: the text shows while the mark is pointed at or focused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

INK = "#1c2733"
QUIET = "#56636f"
LINE = "#2b5c8a"
GOOD = "#12683a"
BAD = "#b3261e"
WIDTH = 460
SVG = "{http://www.w3.org/2000/svg}"
#: Numbers on the axes; their decimal point becomes the language's mark afterwards.
NUMBERS: dict[str, Any] = {
    "decimal": ".",
    "thousands": "\u2009",
    "grouping": [3],
    "currency": ["", ""],
    "percent": "\u00a0%",
}
NUMBER = re.compile(r"^([-−]?\d+)\.(\d+(?:\u00a0%)?)$")
LONG_DECIMAL = re.compile(r"(\.\d\d)\d+")
CONFIG: dict[str, Any] = {
    "aria": False,
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "grid": False,
        "domain": False,
        "ticks": False,
        "title": None,
        "labelColor": QUIET,
        "labelFontSize": 12,
        "labelPadding": 5,
    },
}


@dataclass(frozen=True)
class Mark:
    """A point or bar: what it says, and where its link leads (None: nowhere)."""

    label: str
    href: str | None = None


@dataclass(frozen=True)
class ChartPoint:
    """A point of an XmR chart. `kind` is plain, better, worse or signal; `series` numbers the
    baselines."""

    day: str
    value: float
    centre_line: float
    lower_limit: float
    upper_limit: float
    series: int
    kind: str
    mark: Mark


@dataclass(frozen=True)
class ChartBar:
    """A bar from `start` to `end`; `kind` is loss, gain, whole or rest."""

    name: str
    start: float
    end: float
    text: str
    kind: str
    mark: Mark


def xmr(points: Sequence[ChartPoint], decimal: str, is_ratio: bool) -> str:
    """Figures over days with centre line and limits, as SVG."""
    rows = [
        {
            "mark": number,
            "day": point.day,
            "value": point.value,
            "centre": point.centre_line,
            "lower": point.lower_limit,
            "upper": point.upper_limit,
            "series": point.series,
            "kind": point.kind,
        }
        for number, point in enumerate(points)
    ]
    x = {
        "field": "day",
        "type": "temporal",
        "axis": {"format": "%-d/%-m", "tickCount": 6, "labelFlush": False},
    }
    y_axis = {"format": "~%" if is_ratio else ",.2~f", "tickCount": 4}

    def y(column: str) -> dict[str, Any]:
        return {
            "field": column,
            "type": "quantitative",
            "scale": {"zero": False},
            "axis": y_axis,
        }

    def limit(column: str, dash: list[int]) -> dict[str, Any]:
        mark = {"type": "line", "strokeDash": dash, "color": QUIET, "strokeWidth": 1.2}
        return {
            "mark": mark,
            "encoding": {"x": x, "y": y(column), "detail": {"field": "series"}},
        }

    kinds = ["plain", "better", "worse", "signal"]
    spec = {
        "width": WIDTH,
        "height": 170,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 4, "right": 8, "top": 24, "bottom": 4},
        "data": {"values": rows},
        "layer": [
            limit("centre", [1, 0]),
            limit("lower", [5, 4]),
            limit("upper", [5, 4]),
            {
                "mark": {"type": "line", "color": LINE, "strokeWidth": 1.6},
                "encoding": {"x": x, "y": y("value")},
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "aria": True},
                "encoding": {
                    "x": x,
                    "y": y("value"),
                    "description": {"field": "mark"},
                    "shape": {
                        "field": "kind",
                        "legend": None,
                        "scale": {
                            "domain": kinds,
                            "range": ["circle", "triangle-up", "triangle-down", "diamond"],
                        },
                    },
                    "color": {
                        "field": "kind",
                        "legend": None,
                        "scale": {"domain": kinds, "range": [LINE, GOOD, BAD, INK]},
                    },
                    "size": {
                        "field": "kind",
                        "legend": None,
                        "scale": {"domain": kinds, "range": [28, 130, 130, 110]},
                    },
                },
            },
        ],
    }
    return _draw(spec, [point.mark for point in points], decimal)


def bars(rows: Sequence[ChartBar], decimal: str) -> str:
    """Named bars one below another, longest first or as steps of a waterfall, as SVG."""
    values = [
        {
            "mark": number,
            "place": f"{number:03d} {row.name}",
            "start": row.start,
            "end": row.end,
            "right": max(row.start, row.end),
            "text": row.text,
            "kind": row.kind,
        }
        for number, row in enumerate(rows)
    ]
    y = {
        "field": "place",
        "type": "ordinal",
        "axis": {
            "labelExpr": "slice(datum.value, 4)",
            "labelLimit": 170,
            "labelColor": INK,
        },
    }
    end = max(max(row.start, row.end) for row in rows)
    scale = {"domain": [min(0, *(row.end for row in rows)), end * 1.3], "nice": False}
    x = {"type": "quantitative", "axis": None, "scale": scale}
    kinds = ["loss", "gain", "whole", "rest"]
    spec = {
        "width": WIDTH,
        "height": {"step": 22},
        "autosize": {"type": "fit-x", "contains": "padding"},
        # The fonts of readers are wider than the one that the text was measured with.
        "padding": {"left": 18, "right": 4, "top": 24, "bottom": 4},
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "height": 15, "aria": True},
                "encoding": {
                    "y": y,
                    "x": x | {"field": "start"},
                    "x2": {"field": "end"},
                    "description": {"field": "mark"},
                    "color": {
                        "field": "kind",
                        "legend": None,
                        "scale": {"domain": kinds, "range": ["#a8541c", GOOD, QUIET, "#7a8894"]},
                    },
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12, "color": INK},
                "encoding": {"y": y, "x": x | {"field": "right"}, "text": {"field": "text"}},
            },
        ],
    }
    return _draw(spec, [row.mark for row in rows], decimal)


def _draw(spec: dict[str, Any], marks: Sequence[Mark], decimal: str) -> str:
    """The SVG of a specification, whose marks are described by their number."""
    drawing = _render(json.dumps(spec | {"config": CONFIG}))
    root = etree.fromstring(drawing.encode(), etree.XMLParser(resolve_entities=False))
    for attribute in ("width", "height", "class", "version"):
        root.attrib.pop(attribute, None)
    for label in root.iter(f"{SVG}text"):
        label.text = NUMBER.sub(rf"\1{decimal}\2", label.text or "")
    for element in root.iter():
        # The style sheet says the font once; a hundredth of a point is finer than anyone sees.
        element.attrib.pop("font-family", None)
        for attribute in {"d", "transform"} & set(element.attrib):
            element.set(attribute, LONG_DECIMAL.sub(r"\1", element.attrib[attribute]))
        if element.attrib.get("opacity") == "1":
            element.attrib.pop("opacity")
    for element in list(root.iter(f"{SVG}g", f"{SVG}path")):
        number = element.attrib.get("aria-label")
        parent = element.getparent()
        if element.attrib.get("class") in ("background", "foreground") and parent is not None:
            parent.remove(element)
        for attribute in ("aria-label", "role", "aria-roledescription", "aria-hidden", "class"):
            element.attrib.pop(attribute, None)
        if number is not None and number.isdigit():
            _speak(element, marks[int(number)])
    return etree.tostring(root, encoding="unicode")


@lru_cache(maxsize=256)
def _render(spec: str) -> str:
    """The drawing of a specification: kept, since a trend looks the same in each language."""
    # Imported here: it carries a JavaScript engine, which only drawing needs.
    import vl_convert

    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[], format_locale=NUMBERS)


def _speak(element: etree._Element, mark: Mark) -> None:
    """Wrap the mark into a link, or something to focus on, with its text."""
    wrap = etree.Element(f"{SVG}a" if mark.href else f"{SVG}g")
    if mark.href:
        wrap.set("href", mark.href)
    else:
        wrap.set("tabindex", "0")
        wrap.set("role", "note")
    wrap.set("class", "m")
    parent = element.getparent()
    assert parent is not None
    parent.replace(element, wrap)
    wrap.append(element)
    tip = etree.SubElement(wrap, f"{SVG}text")
    tip.set("class", "t")
    tip.set("y", "-9")
    tip.text = mark.label
