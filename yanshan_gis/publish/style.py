"""One resolved scheme per drawn layer: map sheet, QGIS style and web style derive from it.

A style in a content file names fields, codes and colours. Resolved, it is an ordered list of
classes with words in the wanted language, and a rule that gives every row its class. Whoever
draws takes classes, colours, order and words from here, so all outputs agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Language
from yanshan_gis.publish.breaks import round_up
from yanshan_gis.publish.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from yanshan_gis.content import Dash, FieldDef, Label, Style, StyleClass, Symbol

Kind = Literal["point", "line", "polygon"]

# Dash and gap lengths in millimetres on paper; empty for a solid line.
DASHES: dict[Dash, tuple[float, ...]] = {
    "solid": (),
    "dash": (2.0, 1.0),
    "dot": (0.5, 0.7),
    "dash-dot": (2.6, 0.8, 0.5, 0.8),
    "boundary": (3.6, 0.8, 0.5, 0.8, 0.5, 0.8),
}
WHITE = "#ffffff"  # outline of points that name none
_OTHER_COLOUR = "#bdbdbd"
_LARGEST, _SMALLEST = 2.5, 0.4  # symbol size against size_mm where area shows a number


@dataclass(frozen=True)
class ResolvedClass:
    """One class of a resolved style.

    Parameters
    ----------
    title
        What the legend says.
    symbol
        How its features are drawn.
    value
        What the style's field holds, for a class of one value.
    minimum, maximum
        The half-open range ``[minimum, maximum)``, open where None.
    other
        True for the class of all rows that fall into no other one.
    """

    title: str
    symbol: Symbol
    value: str | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    other: bool = False

    @property
    def holds_range(self) -> bool:
        """True for a range of numbers."""
        return self.minimum is not None or self.maximum is not None


@dataclass(frozen=True)
class SizeScale:
    """Symbols whose area is proportional to a number.

    Parameters
    ----------
    field, title, unit
        The number shown.
    maximum
        The round number drawn at `largest_mm`.
    largest_mm, smallest_mm
        Diameters; numbers near 0 get the smallest, so that they are still seen.
    """

    field: str
    title: str
    unit: str
    maximum: float
    largest_mm: float
    smallest_mm: float

    def sizes(self, values: ArrayLike, missing_mm: ArrayLike) -> NDArray[np.float64]:
        """Turn numbers into diameters: ``largest · √(value / maximum)``.

        Parameters
        ----------
        values
            The field's numbers, NaN where missing.
        missing_mm
            Diameter where the number is missing.

        Returns
        -------
        numpy.ndarray
            Millimetres.
        """
        numbers = np.asarray(values, dtype=float)
        shares = np.clip(numbers / self.maximum, 0.0, None)
        shown = np.maximum(self.largest_mm * np.sqrt(shares), self.smallest_mm)
        sizes: NDArray[np.float64] = np.where(np.isnan(numbers), missing_mm, shown)
        return sizes


@dataclass(frozen=True)
class ResolvedStyle:
    """How a layer is drawn, in one language.

    Parameters
    ----------
    title
        The layer's title.
    kind
        What its features are.
    classes
        In the order of the legend; the first is drawn on top.
    by
        The field that tells the class; None where there is one class.
    by_title
        That field's title, with its unit.
    label
        Which field labels the features.
    sizes
        Where the symbols' area shows a number: one scale per field, each with its unit.
    spread
        True where symbols of one place stand side by side.
    fields
        Definitions of the columns, for titles and code lists.
    language
        Of all the words.
    """

    title: str
    kind: Kind
    classes: tuple[ResolvedClass, ...]
    by: str | None = None
    by_title: str = ""
    label: Label | None = None
    sizes: tuple[SizeScale, ...] = ()
    spread: bool = False
    fields: Mapping[str, FieldDef] = field(default_factory=dict)
    language: Language = "zh"

    def size_of(self, symbol: Symbol) -> SizeScale | None:
        """Return the scale by which a class's symbols are sized.

        Parameters
        ----------
        symbol
            Of the class.

        Returns
        -------
        SizeScale or None
            None where all its symbols are of one size.
        """
        return next((scale for scale in self.sizes if scale.field == symbol.size_by), None)


def geometry_kind(frame: Any) -> Kind:
    """Tell what the features of a frame are.

    Parameters
    ----------
    frame
        A GeoDataFrame.

    Returns
    -------
    str
        ``point``, ``line`` or ``polygon``; of mixed geometries the one most rows have.
    """
    kinds = frame.geometry.geom_type.dropna().value_counts()
    name = str(kinds.index[0]) if len(kinds) else "Point"
    if "Polygon" in name:
        return "polygon"
    return "line" if "Line" in name else "point"


def _range_title(low: float | None, high: float | None, unit: str, language: Language) -> str:
    factor = 100.0 if unit == "share" else 1.0
    shown = "%" if unit == "share" else (f" {unit}" if unit else "")

    def number(value: float) -> str:
        return f"{round(value * factor, 10):,.10g}"

    if low is None:
        return f"< {number(high or 0.0)}{shown}"
    if high is None:
        return f"≥ {number(low)}{shown}"
    return f"{number(low)}–{number(high)}{shown}"


def _class_title(item: StyleClass, definition: FieldDef | None, language: Language) -> str:
    if item.title is not None:
        return item.title.get(language)
    if item.holds_range():
        unit = (definition.unit if definition else None) or ""
        return _range_title(item.minimum, item.maximum, unit, language)
    if isinstance(item.value, bool):
        return word("yes" if item.value else "no", language)
    if definition is not None and item.value in definition.codes:
        return definition.codes[str(item.value)].get(language)
    return word("other_or_no_data", language) if item.value is None else str(item.value)


def _classes_of(column: pd.Series | None, rows: int, classes: Sequence[Any]) -> NDArray[np.int64]:
    """Give every row the first class that holds it, -1 for none."""
    found = np.full(rows, -1, dtype=np.int64)
    if column is None:
        return found
    present = column.notna().to_numpy()
    plain = column.astype(object).to_numpy()
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    texts = np.array([str(v) if p else "" for v, p in zip(plain, present, strict=True)], object)
    for index in range(len(classes) - 1, -1, -1):
        item = classes[index]
        if item.minimum is not None or item.maximum is not None:
            low = -math.inf if item.minimum is None else item.minimum
            high = math.inf if item.maximum is None else item.maximum
            inside = (numbers >= low) & (numbers < high)
        elif item.value is None:
            continue
        else:
            inside = present & (texts == str(item.value))
        found[inside] = index
    return found


def _other_title(column: pd.Series | None, found: NDArray[np.int64], language: Language) -> str:
    if column is None:
        return word("no_data", language)
    missing = column.isna().to_numpy()[found < 0]
    if missing.all():
        return word("no_data", language)
    return word("other_or_no_data" if missing.any() else "other", language)


def _other_symbol(symbol: Symbol) -> Symbol:
    return symbol.model_copy(update={"colour": _OTHER_COLOUR, "casing": None, "size_by": None})


def _resolve_classes(
    style: Style, definition: FieldDef | None, frame: Any | None, title: str, language: Language
) -> tuple[ResolvedClass, ...]:
    if style.by is None:
        return (ResolvedClass(title, style.symbol),)
    listed = [
        ResolvedClass(
            _class_title(item, definition, language),
            item.symbol, item.value, item.minimum, item.maximum,
            other=item.value is None and not item.holds_range(),
        )
        for item in style.classes
    ]  # fmt: skip
    rest = next((item for item in listed if item.other), None)
    classes = [item for item in listed if not item.other]
    if frame is None:
        return (*classes, rest) if rest else tuple(classes)
    column = frame.get(style.by)
    found = _classes_of(column, len(frame), classes)
    if len(found) and (found < 0).any():
        words = _other_title(column, found, language)
        classes.append(rest or ResolvedClass(words, _other_symbol(style.symbol), other=True))
    if style.titles in frame:
        return tuple(_titled(classes, found, frame[style.titles]))
    return tuple(classes)


def _titled(
    classes: Sequence[ResolvedClass], found: NDArray[np.int64], words: pd.Series
) -> list[ResolvedClass]:
    """Name each class as its first row does."""
    known = words.notna().to_numpy()
    titles = {
        int(index): str(words.iloc[np.flatnonzero(known & (found == index))[0]])
        for index in np.unique(found[known & (found >= 0)])
    }
    return [replace(item, title=titles.get(i, item.title)) for i, item in enumerate(classes)]


def _resolve_size(
    symbol: Symbol, fields: Mapping[str, FieldDef], frame: Any | None, language: Language
) -> SizeScale | None:
    name = symbol.size_by
    if name is None or frame is None or name not in frame:
        return None
    numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    largest = np.nanmax(numbers, initial=0.0)
    if not largest > 0:
        return None
    definition = fields.get(name)
    return SizeScale(
        field=name,
        title=definition.title.get(language) if definition else name,
        unit=(definition.unit or "") if definition else "",
        maximum=round_up(float(largest)),
        largest_mm=symbol.size_mm * _LARGEST,
        smallest_mm=symbol.size_mm * _SMALLEST,
    )


def _resolve_sizes(
    symbols: Sequence[Symbol],
    fields: Mapping[str, FieldDef],
    frame: Any | None,
    language: Language,
) -> tuple[SizeScale, ...]:
    """Scale each field once: symbols of all classes that show it can then be compared."""
    first = {symbol.size_by: symbol for symbol in reversed(symbols)}
    order = dict.fromkeys(symbol.size_by for symbol in symbols)
    scales = (_resolve_size(first[name], fields, frame, language) for name in order)
    return tuple(scale for scale in scales if scale is not None)


def resolve_style(
    style: Style,
    fields: Mapping[str, FieldDef] | None = None,
    frame: Any | None = None,
    *,
    title: str = "",
    kind: Kind | None = None,
    language: Language = "zh",
) -> ResolvedStyle:
    """Turn a style of a content file into the scheme that is drawn.

    Parameters
    ----------
    style
        As the content file has it.
    fields
        Definitions of the layer's columns.
    frame
        The rows about to be drawn. With them the scheme has a class for rows that fall into no
        other one, if there are any, and knows the largest number that sizes show.
    title
        The layer's title in the wanted language.
    kind
        What the features are; read from the frame when not given.
    language
        ``zh`` or ``en``.

    Returns
    -------
    ResolvedStyle
        With classes in legend order.

    Raises
    ------
    UsageError
        When neither rows nor kind are given.
    """
    if kind is None:
        if frame is None:
            raise UsageError(
                "style-no-kind",
                N_("The style of {title!r} needs either rows or the kind of geometry."),
                title=title,
            )
        kind = geometry_kind(frame)
    fields = fields or {}
    definition = fields.get(style.by) if style.by else None
    by_title = ""
    if style.by:
        by_title = definition.title.get(language) if definition else style.by
        if definition and definition.unit and definition.unit != "share":
            by_title += f"（{definition.unit}）" if language == "zh" else f" ({definition.unit})"
    classes = _resolve_classes(style, definition, frame, title, language)
    return ResolvedStyle(
        title=title,
        kind=kind,
        classes=classes,
        by=style.by,
        by_title=by_title,
        label=style.label,
        sizes=_resolve_sizes([item.symbol for item in classes], fields, frame, language),
        spread=style.spread and kind == "point",
        fields=fields,
        language=language,
    )


def classify(frame: Any, style: ResolvedStyle) -> NDArray[np.int64]:
    """Give every row its class.

    Parameters
    ----------
    frame
        The rows; not changed.
    style
        The scheme.

    Returns
    -------
    numpy.ndarray
        Index into ``style.classes`` per row, -1 where the scheme has no class for the row.
    """
    if style.by is None:
        return np.zeros(len(frame), dtype=np.int64)
    column = frame.get(style.by)
    found = _classes_of(column, len(frame), style.classes)
    rest = next((index for index, item in enumerate(style.classes) if item.other), -1)
    found[found < 0] = rest
    return found
