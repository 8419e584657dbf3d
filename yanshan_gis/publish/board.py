"""The indicator board: a sheet without a map, one row per indicator, target against actual.

A row shows the target with its operator, the figure, a bar with the target as a tick, the state in
words and colour, what was counted, the ledger beside it, and where the figure comes from or what is
missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.publish.figures import counted_pair, number_text
from yanshan_gis.publish.fonts import MM_PER_PT, fit_size, shorten, wrap
from yanshan_gis.publish.furniture import GREY, WARNING_COLOUR
from yanshan_gis.publish.missing import missing_text
from yanshan_gis.publish.paper import CENTRE_EM, INK
from yanshan_gis.publish.words import colon, listed, word

if TYPE_CHECKING:
    from yanshan_gis.content import AnalysisDef, FieldDef, LayerDef
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.paper import Surface

# Blue and orange stay apart for every kind of colour vision; the state stands beside in words.
STATE_COLOURS = {"met": "#2166ac", "not_met": "#d95f02", "not_computable": "#9a9a9a"}
_LEFT, _RIGHT, _TOP, _BOTTOM = 14.5, 405.5, 257.5, 31.0
_HEAD_MM, _MOST_ROW_MM = 8.0, 10.2
# Width of each column, in millimetres.
_COLUMNS = {
    "number": 9.0, "name": 80.0, "kind": 15.0, "target": 27.0, "actual": 24.0, "bar": 54.0,
    "state": 19.0, "counted": 32.0, "ledger": 38.0, "basis": 93.0,
}  # fmt: skip
_RULE, _HEAD_FILL, _TRACK = "#c9ced3", "#e9edf1", "#eceff2"
_HEADROOM, _LARGE_SHARE = 1.15, 0.4  # of a bar's scale over its larger end


@dataclass(frozen=True)
class BoardRow:
    """One indicator in words.

    Parameters
    ----------
    cells
        Text by column; ``name`` and ``basis`` may take two lines.
    state
        ``met``, ``not_met`` or ``not_computable``.
    actual, target
        What the bar shows; None for nothing.
    missing
        True where `cells` says what is missing rather than where a figure comes from.
    """

    cells: Mapping[str, str]
    state: str
    actual: float | None
    target: float | None
    missing: bool = False


def board_rows(
    table: pd.DataFrame,
    fields: Mapping[str, FieldDef],
    language: Language,
    *,
    layers: Mapping[str, LayerDef],
    recipes: Mapping[str, AnalysisDef],
) -> tuple[BoardRow, ...]:
    """Write the rows of an indicator table in words.

    Parameters
    ----------
    table
        One row per indicator, as `methods.indicators.board` gives it.
    fields
        Definitions of its columns, for code lists.
    language
        ``zh`` or ``en``.
    layers, recipes
        The catalogues, for the titles of what is missing and of who computed a figure.

    Returns
    -------
    tuple of BoardRow
        In the table's order.
    """
    plain = table.astype(object).where(table.notna(), None)
    known = _Known(fields, layers, recipes, language)
    return tuple(_row(row, known) for row in plain.to_dict("records"))


@dataclass(frozen=True)
class _Known:
    """What gives names their titles."""

    fields: Mapping[str, FieldDef]
    layers: Mapping[str, LayerDef]
    recipes: Mapping[str, AnalysisDef]
    language: Language

    def source(self, source: str, headline: str | None) -> str:
        """Name the recipe that computed a figure, and the definition it used."""
        recipe = self.recipes.get(source.removeprefix("yanshan run "))
        if recipe is None:
            return source
        title = recipe.figures.get(headline or "")
        return title.get(self.language) if title else recipe.title.get(self.language)


def _row(row: Mapping[Any, Any], known: _Known) -> BoardRow:
    fields, language = known.fields, known.language

    def spoken(column: str) -> str:
        code = fields[column].codes.get(str(row[column])) if column in fields else None
        return code.get(language) if code else str(row[column] or "")

    missing = str(row["missing"] or "")
    cells = {
        "number": str(row["number"]),
        "name": str(row["name"] if language == "zh" else row["name_en"]),
        "kind": spoken("kind"),
        "target": _target(row, language),
        "actual": number_text(row["actual"], row["unit"] or "", language),
        "state": spoken("state"),
        "counted": counted_pair(row["numerator"], row["denominator"]),
        "ledger": _ledger(row, language),
        "basis": colon(
            word("missing", language), missing_text(missing, known.layers, language), language
        )
        if missing
        else _basis(row, spoken("basis"), known),
    }
    return BoardRow(cells, str(row["state"]), row["actual"], row["target"], bool(missing))


def _target(row: Mapping[Any, Any], language: Language) -> str:
    if row["target"] is None:
        return "–"
    text = number_text(row["target"], row["unit"] or "", language)
    key = {"at_most": "at_most", "grow": "grow"}.get(str(row["operator"]), "at_least")
    return word(key, language, value=text)


def _ledger(row: Mapping[Any, Any], language: Language) -> str:
    if row["ledger"] is None:
        return ""
    text = number_text(row["ledger"], row["unit"] or "", language)
    if row["disagree"]:
        text += word("disagree", language, count=row["disagree"])
    return text


def _basis(row: Mapping[Any, Any], basis: str, known: _Known) -> str:
    language = known.language
    source = known.source(str(row["source"] or ""), row["headline"])
    parts = [colon(basis, source, language) if source else basis, str(row["as_of"] or "")]
    if row["baseline"] is not None:
        before = number_text(row["baseline"], row["baseline_unit"] or "", language)
        year = str(row["baseline_year"] or "")
        stated = word("baseline", language, value=before)
        parts.append(stated + (word("bracket", language, text=year) if year else ""))
    if row["target_below_baseline"]:
        parts.append(word("target_below", language))
    return listed([part for part in parts if part], language)


def draw_board(surface: Surface, rows: Sequence[BoardRow], language: Language) -> None:
    """Draw the board across a sheet.

    Parameters
    ----------
    surface
        The sheet.
    rows
        From `board_rows`.
    language
        ``zh`` or ``en``.
    """
    edges, x = {}, _LEFT
    for name, width in _COLUMNS.items():
        edges[name] = (x, width)
        x += width
    surface.box(_LEFT, _TOP - _HEAD_MM, _RIGHT - _LEFT, _HEAD_MM, fill=_HEAD_FILL, edge="none")
    for name, (left, width) in edges.items():
        title = word(f"board_{name}", language)
        size = fit_size(title, 9.0, width - 2, least=0.6)
        surface.text(left + 1.0, _TOP - _HEAD_MM / 2 - 1.1, title, size, bold=True)
    height = min(_MOST_ROW_MM, (_TOP - _HEAD_MM - _BOTTOM) / max(1, len(rows)))
    y = _TOP - _HEAD_MM
    for row in rows:
        _draw_row(surface, row, edges, y, height)
        y -= height
        surface.line([_LEFT, _RIGHT], [y, y], width_mm=0.1, colour=_RULE)


def _draw_row(
    surface: Surface,
    row: BoardRow,
    edges: Mapping[str, tuple[float, float]],
    top: float,
    height: float,
) -> None:
    colour = STATE_COLOURS[row.state]
    inks = {"actual": colour, "state": colour, "counted": GREY, "ledger": GREY,
            "basis": WARNING_COLOUR if row.missing else GREY}  # fmt: skip
    for name, text in row.cells.items():
        left, width = edges[name]
        bold = name in {"actual", "state", "number"}
        _draw_cell(surface, text, (left, width), top, height, inks.get(name, INK), bold=bold)
    _draw_bar(surface, row, edges["bar"], top - height / 2, height, colour)


def _draw_cell(
    surface: Surface, text: str, span: tuple[float, float], top: float, height: float, ink: str,
    *, bold: bool,
) -> None:  # fmt: skip
    """Write a cell in one line, else in two smaller ones."""
    left, width = span[0] + 1.0, span[1] - 2.0
    size = min(8.5, height * 0.9)
    lines = wrap(text, size, width)
    if len(lines) > 1:
        size *= 0.82
        lines = wrap(text, size, width)
        lines = lines[:1] + [shorten("".join(lines[1:]), size, width)] * (len(lines) > 1)
    step = size * MM_PER_PT * 1.15
    y = top - height / 2 + step * (len(lines) - 1) / 2 - CENTRE_EM * size * MM_PER_PT
    for line in lines:
        surface.text(left, y, line, size, colour=ink, bold=bold)
        y -= step


def _scale(row: BoardRow) -> float:
    """Choose what a whole bar means: 100 % for large shares, else a little over the larger end."""
    largest = max((v for v in (row.actual, row.target) if v is not None), default=0.0)
    return 1.0 if _LARGE_SHARE < largest <= 1.0 else largest * _HEADROOM


def _draw_bar(
    surface: Surface, row: BoardRow, span: tuple[float, float], middle: float, height: float,
    colour: str,
) -> None:  # fmt: skip
    left, width = span[0] + 2.0, span[1] - 6.0
    thick = height * 0.42
    surface.box(left, middle - thick / 2, width, thick, fill=_TRACK, edge="none", level=71)
    whole = _scale(row)
    if row.actual is not None and whole > 0:
        share = min(1.0, max(0.0, row.actual / whole))
        surface.box(left, middle - thick / 2, width * share, thick, fill=colour, edge="none",
                    level=72)  # fmt: skip
    if row.target is not None and whole > 0:
        x = left + width * min(1.0, row.target / whole)
        reach = [middle - thick * 0.85, middle + thick * 0.85]
        surface.line([x, x], reach, width_mm=0.5, colour=INK, level=73)
