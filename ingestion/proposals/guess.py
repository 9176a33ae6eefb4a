"""Which feed an export is, and which of its columns are which: a guess, with its grounds.

What a column is called in the modules that ship is the best hint there is; then the words of its
name, in the languages that plants write in, and for the feed those of the file's or sheet's name. A
column is never guessed against its values: a time is no quantity, whatever it is called.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any
from unicodedata import combining, normalize

import dataframely as dy

from ingestion.feeds import FEEDS, Feed, feed_name
from ingestion.feeds.base import feed_columns, feed_key
from ingestion.proposals.profile import ColumnProfile, ExportProfile
from ingestion.sources import load_source, module_file, source_names

#: Below this a guess is noise.
LEAST = 0.62
#: With fewer columns a feed is no guess.
FEW = 2
#: What the name of a file, or of a sheet, counts beside its columns.
NAMED = 0.2
#: How a draft calls itself.
DRAFTED = "drafted from an export, to be finished by hand"
#: Words of column names to one word each.
WORDS = {
    "start": "started begin begun beginn inicio ini from von desde debut inizio opened anfang",
    "end": "finish finished ende fin hasta until bis stop completion completed close closed",
    "time": "hora zeit uhrzeit timestamp ts at datetime moment",
    "day": "date datum fecha dia jour giorno",
    "machine": "maquina maschine equipment equipo workcenter workstation resource asset anlage "
    "station workcell puesto arbeitsplatz device equnr arbpl",
    "line": "linea linie cell",
    "area": "department bereich zona",
    "order": "orden auftrag of wo job workorder pedido aufnr",
    "item": "product producto artikel article material part sku matnr pieza referencia",
    "operation": "operacion vorgang phase fase step",
    "reason": "motivo grund cause causa stopcode losscode",
    "good": "ok gut buenas yield accepted conform gutmenge",
    "scrap": "nok ausschuss reject rejected rejects bad malas defect rechazo chatarra",
    "rework": "repro nacharbeit retrabajo",
    "produced": "total count output menge quantity cantidad stueck unidades piezas pieces",
    "planned": "plan soll target previsto planificado geplant",
    "state": "status estado zustand mode activity actividad",
    "id": "key wonum nr num number no numero nummer clave uuid code codigo cod",
    "name": "description desc bezeichnung texto text nombre descripcion titulo title",
    "kind": "type typ tipo art clase class category",
    "cost": "coste kosten price precio preis importe betrag",
    "uom": "unit einheit meins",
    "location": "warehouse lager almacen store lgort bin place",
    "moved": "move moves movement movimiento bewegung",
    "hand": "onhand stock bestand existencias saldo balance",
    "cycle": "ciclo takt zyklus nominal",
    "setup": "preparacion rüsten changeover cambio",
    "due": "promised fällig vencimiento deadline entrega",
    "reported": "created requested gemeldet notified aviso raised",
    "shift": "turno schicht",
    "labour": "labor spent operator operario mitarbeiter worker employee",
    "customer": "cliente kunde",
    "supplier": "vendor proveedor lieferant",
    "currency": "moneda währung waers",
    "pass": "durchlauf pasada",
    "failure": "fault averia störung breakdown",
}
#: Words of closed lists to what systems write for them.
CODES = {
    "producing": "production produktion produccion run running läuft marcha execute active "
    "automatic automatik",
    "setup": "rüsten preparacion changeover umrüsten adjustment ajuste",
    "delay": "down stop stopped störung averia paro fault alarm breakdown interrupted hold halt",
    "no_order": "idle leerlauf standby ready",
    "planned_down": "break pause descanso maintenance wartung mantenimiento",
    "rework": "nacharbeit repro retrabajo",
    "corrective": "reactive damage correctivo cm em repair reparatur reparacion breakdown störung "
    "averia",
    "preventive": "preventivo pm wartung inspection inspeccion",
    "scrap": "ausschuss chatarra nok reject",
    "receipt_production": "production produktion produccion manufactured",
    "receipt_purchase": "purchase compra einkauf wareneingang receipt",
    "issue": "consumption consumed verbrauch consumo picking",
    "sale": "sales sold delivery lieferung venta verkauf",
    "transfer": "transferred umlagerung traspaso",
    "count": "counting counted inventory inventur inventario recuento",
}
#: Words for a quantity of whatever the rows are about.
QUANTITY = {"qty", "quantity", "menge", "cantidad", "quantite"}
#: Words that files and sheets of a feed are called by.
FEED_WORDS = {
    "machines": "machine machines maquina maquinas equipment asset assets workcenter maschinen",
    "reasons": "reason reasons loss losses cause causes defect defecto paros motivo gruende",
    "identifiers": "identifier identifiers",
    "machine_states": "state states status downtime downtimes stop stops stillstand paro estados",
    "production_counts": "count counts output production confirmation confirmations produccion",
    "counter_readings": "counter counters",
    "scrap_events": "scrap reject rejects ausschuss rechazo",
    "order_operations": "operation operations routing vorgang fase fases",
    "shift_calendar": "shift shifts turno turnos schicht calendar",
    "standard_rates": "rate rates standard standards",
    "maintenance_orders": "maintenance repair mantenimiento wartung instandhaltung ticket",
    "items": "item items material materials product products producto articulo artikel",
    "item_costs": "cost costs price prices coste kosten valuation",
    "operation_costs": "cost costs",
    "stock_documents": "document documents",
    "stock_movements": "movement movements move moves trans transaction transactions ledger",
    "stock_snapshots": "onhand bestand existencias snapshot inventory",
    "production_orders": "order orders orden fertigungsauftrag",
    "sales_order_lines": "sales ventas verkauf delivery deliveries",
    "purchase_order_lines": "purchase purchases compras einkauf receipt receipts",
    "labour_entries": "labour labor attendance worker workers timesheet",
    "energy_readings": "energy meter meters energia energie",
    "measurements": "measurement measurements measured inspection",
    "machine_capacities": "capacity capacities",
    "material_balances": "balance balances",
    "kpi_baselines": "baseline baselines",
    "kpi_targets": "target targets",
}
#: Words that say what kind of column it is, which its values say better.
PLAIN = {
    *("id", "time", "day", "qty", "h", "s", "kg", "kwh", "is", "amount"),
    *("on", "of", "the", "work"),
}
#: What a row must say and an export need not hold, because it is mostly so.
USUAL: dict[str, int | bool] = {
    "layer": 0,
    "pass_no": 1,
    "is_placed": False,
    "is_owned": True,
    "is_failure": False,
    "is_breakdown": False,
    "is_reversal": False,
    "is_cancelled": False,
}
#: Canonical kinds to the kinds of values they can be read from.
READABLE: dict[type[dy.Column], frozenset[str]] = {
    dy.Datetime: frozenset({"time", "day"}),
    dy.Date: frozenset({"day", "time"}),
    dy.Decimal: frozenset({"number", "whole", "duration"}),
    dy.Int64: frozenset({"whole"}),
    dy.Bool: frozenset({"code", "whole"}),
    dy.Enum: frozenset({"code", "whole", "text"}),
    dy.String: frozenset({"text", "code", "whole", "number", "day"}),
}


@dataclass(frozen=True)
class Match:
    """A canonical column and the exported one that it probably is."""

    canonical: str
    column: ColumnProfile
    #: 0 to 1.
    score: float
    why: str


@dataclass(frozen=True)
class Guess:
    """A feed, and what is known of its columns."""

    feed: type[Feed]
    matches: Mapping[str, Match]
    #: How many columns with anything in them the export has.
    column_qty: int
    #: The file or the sheet is called so.
    is_named: bool = False

    @property
    def required(self) -> list[str]:
        """The columns that a row of the feed must have."""
        return [
            name
            for name, column in feed_columns(self.feed).items()
            if not column.nullable and not isinstance(column, dy.Bool)
        ]

    @property
    def told_by(self) -> list[str]:
        """What tells a row that has no number: whose it is, and when."""
        columns = feed_columns(self.feed)
        whose = [name for name in ("machine_id", "item_id", "order_id") if name in self.matches]
        when = [
            name
            for name in self.matches
            if name in columns and (columns[name].metadata or {}).get("event")
        ]
        return [*whose[:1], *sorted(when, key=list(columns).index)[:1]]

    @property
    def row_id(self) -> str | None:
        """A key that no column is, where the row's other columns can tell it."""
        keys = [name for name in feed_key(self.feed) if name != "plant_id"]
        missing = [name for name in keys if name not in self.matches and name not in USUAL]
        is_text = missing and isinstance(feed_columns(self.feed)[missing[0]], dy.String)
        return missing[0] if len(missing) == 1 and is_text and len(self.told_by) == 2 else None

    @property
    def missing(self) -> list[str]:
        """The required columns that nothing was found for."""
        found = {*self.matches, *USUAL, self.row_id}
        return [name for name in self.required if name not in found]

    @property
    def score(self) -> float:
        """How well the export fits: by what a row must have, by how much of it is of use, and by
        what it is called.
        """
        needed = self.required
        found = sum(self.matches[name].score for name in needed if name in self.matches)
        found += 0.5 * sum(
            name in USUAL or name == self.row_id for name in needed if name not in self.matches
        )
        used = sum(match.score for match in self.matches.values())
        # A feed that asks for little is no likelier for it.
        asked = max(len(needed), 3)
        return 0.5 * found / asked + used / max(self.column_qty, 1) + NAMED * self.is_named

    def __str__(self) -> str:
        needed = self.required
        return (
            f"{feed_name(self.feed)} ({len(needed) - len(self.missing)} of {len(needed)} required "
            f"columns, {len(self.matches)} in all)"
        )


def guesses(profile: ExportProfile, feed: str | None = None) -> list[Guess]:
    """Every feed with its columns, the likeliest first; of one feed where it is known."""
    chosen = {feed: FEEDS[feed]} if feed else FEEDS
    qty = sum(column.kind != "empty" for column in profile.columns)
    found = [
        Guess(kind, _matches(profile, name, kind), qty, _is_named(profile, name))
        for name, kind in chosen.items()
    ]
    ranked = sorted(found, key=lambda guess: -guess.score)
    return ranked if feed else [guess for guess in ranked if len(guess.matches) >= FEW]


def _is_named(profile: ExportProfile, feed: str) -> bool:
    """Whether the file, or the sheet of a workbook, is called as exports of the feed are."""
    return bool({*words_of(profile.title)} & set(without_marks(FEED_WORDS.get(feed, "")).split()))


def words_of(name: str) -> list[str]:
    """The words of a name, in small letters without accents."""
    split = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return re.findall(r"[a-z]+", without_marks(split))


def _matches(profile: ExportProfile, name: str, feed: type[Feed]) -> dict[str, Match]:
    """The best pairs, each exported column once."""
    pairs = sorted(
        (
            match
            for canonical, column in feed_columns(feed).items()
            for exported in profile.columns
            if (match := _match(name, canonical, column, exported)) is not None
        ),
        # Of two that are called so, the one that sounds more like it.
        key=lambda match: (-match.score, -_likeness(match.canonical, match.column.name)),
    )
    matches: dict[str, Match] = {}
    taken: set[str] = set()
    for match in pairs:
        if match.canonical not in matches and match.column.name not in taken:
            matches[match.canonical] = match
            taken.add(match.column.name)
    return matches | _only_ones(profile, feed, matches, taken)


def _only_ones(
    profile: ExportProfile, feed: type[Feed], matches: Mapping[str, Match], taken: set[str]
) -> dict[str, Match]:
    """The one time, or the one number or quantity, that is left for one that a row must have."""
    left = [one for one in profile.columns if one.name not in taken]
    times = [one for one in left if one.kind in ("time", "day")]
    numbers = [one for one in left if one.kind == "number"]
    quantities = [one for one in numbers if set(words_of(one.name)) <= QUANTITY]
    found: dict[str, Match] = {}
    for kinds, ending, columns, why in (
        ((dy.Datetime, dy.Date), "", times, "the only time left"),
        ((dy.Decimal,), "", numbers, "the only number"),
        ((dy.Decimal,), "_qty", quantities, "the only quantity"),
    ):
        needed = [
            name
            for name, column in feed_columns(feed).items()
            if isinstance(column, kinds)
            and name.endswith(ending)
            and not column.nullable
            and name not in matches
        ]
        # A price is no quantity.
        if needed and needed[0].endswith("_qty"):
            columns = [one for one in columns if "cost" not in word_meanings(one.name)]
        if len(columns) == len(needed) == 1:
            found.setdefault(needed[0], Match(needed[0], columns[0], 0.5, why))
    return found


def _match(feed: str, canonical: str, column: Any, exported: ColumnProfile) -> Match | None:
    """How well an exported column fits a canonical one; None where it does not."""
    if exported.kind == "empty" or exported.kind not in READABLE[type(column)]:
        return None
    if exported.kind == "duration" and not canonical.endswith("_s"):
        return None
    shipped = _shipped().get((feed, canonical), {})
    plain = _plain(exported.name)
    if plain in shipped:
        return Match(canonical, exported, 1.0, f"called so in {shipped[plain]}")
    if plain == _plain(canonical):
        return Match(canonical, exported, 1.0, "called so")
    # How they are spelled is only asked where it can help, for it takes long to tell.
    is_near = 0.8 * _in_common(canonical, exported.name, feed) + 0.2 >= LEAST
    score = _likeness(canonical, exported.name, feed) if is_near else 0.0
    if isinstance(column, dy.Enum) and exported.is_list:
        said = sum(code_of(value, list(column.categories)) is not None for value in exported.values)
        if said > len(exported.values) / 2:
            return Match(canonical, exported, max(score, 0.9), "by its values")
    return Match(canonical, exported, score, "by its name") if score >= LEAST else None


@cache
def _shipped() -> dict[tuple[str, str], dict[str, str]]:
    """Feed and canonical column to the names that shipped modules read it from."""
    known: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for source in source_names():
        # A draft that nobody finished knows nothing.
        if DRAFTED in module_file(source).read_text(encoding="utf-8"):
            continue
        for table in load_source(source).tables:
            for mapping in table.feeds:
                for canonical, column in mapping.columns.items():
                    for name in column.exported[:1]:
                        key = (feed_name(mapping.feed), canonical)
                        known[key].setdefault(_plain(name), source)
    return known


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _likeness(canonical: str, exported: str, feed: str = "") -> float:
    """How many of the words of two names mean the same, and a little how alike they are spelled."""
    spelled = SequenceMatcher(None, _plain(canonical), _plain(exported)).ratio()
    return 0.8 * _in_common(canonical, exported, feed) + 0.2 * spelled


def _in_common(canonical: str, exported: str, feed: str) -> float:
    """How many of the words of two names mean the same."""
    ours, theirs = word_meanings(canonical), word_meanings(exported)
    ours, theirs = ours - PLAIN or ours, theirs - PLAIN or theirs
    # In a list of maintenance orders nobody calls the number that of a maintenance order.
    ours = ours - {feed.partition("_")[0]} or ours
    return len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0


@cache
def word_meanings(name: str) -> frozenset[str]:
    """The words of a name, each as the one that stands for it."""
    return frozenset(
        _meanings().get(part, part)
        for word in words_of(name)
        for part in ([word] if word in _meanings() else parted(word))
    )


def parted(word: str) -> list[str]:
    """A word written together (ITEMID, DATEPHYSICAL) as those we know of it."""
    known = [one for one in _meanings() if len(one) > 1 and word.startswith(one) and one != word]
    for first in sorted(known, key=len, reverse=True):
        rest = word[len(first) :]
        if rest in _meanings() or rest in PLAIN:
            return [first, rest]
        if len(first) > 3 and len(rest) > 3:
            return [first, *parted(rest)]
    return [word]


def code_of(value: str, words: list[str]) -> str | None:
    """The word of a closed list that an exported one is, or says the same as."""
    plain = without_marks(value).strip().replace(" ", "_")
    if plain in words:
        return plain
    said = set(words_of(value))
    for word in words:
        if said & {word, *without_marks(CODES.get(word, "")).split()}:
            return word
    return None


def without_marks(text: str) -> str:
    """Small letters without accents."""
    return "".join(letter for letter in normalize("NFKD", text.lower()) if not combining(letter))


@cache
def _meanings() -> dict[str, str]:
    return {
        word: meaning
        for meaning, words in WORDS.items()
        for word in (meaning, *without_marks(words).split())
    }
