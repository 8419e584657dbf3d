"""Typed definitions of layers and analyses: the shape of the TOML files that planners edit.

A file is data: names, types, units, titles, codes, colours, parameters. It holds no expressions,
conditions or loops. `catalogue` reads the files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from yanshan_gis.errors import UnitError
from yanshan_gis.messages import Language
from yanshan_gis.units import Quantity, canonical_unit

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
GeometryType = Literal["Point", "LineString", "Polygon", "Raster", "Table"]
FieldType = Literal[
    "text", "integer", "number", "boolean", "date", "code", "reference", "unit", "amounts"
]
Shape = Literal["circle", "square", "triangle", "diamond", "star", "cross", "pentagon", "house"]
# In a sentence of a report: a figure, or what it rests on.
REPORT_GAP = re.compile(r"\{(\w+)(?:\.(\w+))?\}")
REPORT_PARTS = ("numerator", "denominator", "target")
Dash = Literal["solid", "dash", "dot", "dash-dot", "boundary"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(_Strict):
    """A name in both languages."""

    zh: str
    en: str

    def get(self, language: Language) -> str:
        """Return the title in a language.

        Parameters
        ----------
        language
            ``zh`` or ``en``.

        Returns
        -------
        str
            The title.
        """
        return self.zh if language == "zh" else self.en


class Code(Title):
    """One value of a code list, with the spellings bureaus use for it."""

    aliases: tuple[str, ...] = ()


class FieldDef(_Strict):
    """One column: its type, unit, titles and the names bureaus give it."""

    type: FieldType
    title: Title
    required: bool = False
    unit: str | None = None
    aliases: tuple[str, ...] = ()
    codes: dict[str, Code] = {}
    layer: str | None = None  # for type "reference": the layer whose ids stand here
    only: dict[str, str | tuple[str, ...]] = {}  # for type "reference": which rows may be meant
    lists: Literal["townships", "committees"] | None = None  # for type "text": names joined by 、
    key: str | None = None  # for type "reference": a field of that layer that also names its rows
    unit_in: str | None = None  # for numbers: the field of this layer that holds their unit
    like: str | None = None  # for type "unit": the reference whose rows' unit measures the same
    minimum: float | None = None
    maximum: float | None = None
    note: Title | None = None

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str | None) -> str | None:
        try:
            return canonical_unit(unit) if unit else None
        except UnitError as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _fits_type(self) -> FieldDef:
        if (self.type == "code") != bool(self.codes):
            raise ValueError("a field of type code lists its codes, and no other type does")
        if (self.type == "reference") != (self.layer is not None):
            raise ValueError("a field of type reference names its layer, and no other type does")
        if self.unit and self.type not in {"number", "integer", "amounts"}:
            raise ValueError("only numbers and amounts have a unit")
        if self.unit_in and self.type not in {"number", "integer"}:
            raise ValueError("only numbers have their unit in another field")
        if self.unit and self.unit_in:
            raise ValueError("a unit is fixed or stands in another field, not both")
        if (self.key and self.type != "reference") or (self.like and self.type != "unit"):
            raise ValueError("key is for references and like for units")
        if self.lists and self.type != "text":
            raise ValueError("only a text lists townships or committees")
        return self


class Symbol(_Strict):
    """How one feature is drawn, from which map sheet, QGIS style and web style derive."""

    colour: Colour = "#555555"
    shape: Shape = "circle"
    size_mm: float = Field(default=2.0, gt=0)
    width_mm: float = Field(default=0.3, ge=0)
    outline: Colour | None = None
    outline_mm: float = Field(default=0.15, ge=0)
    outline_dash: Dash = "solid"
    casing: Colour | None = None  # a wider line beneath, for roads
    casing_mm: float = Field(default=0.2, ge=0)
    dash: Dash = "solid"
    opacity: float = Field(default=1.0, ge=0, le=1)
    fill: bool = True
    size_by: str | None = None  # symbol area proportional to this number field


class StyleClass(_Strict):
    """One class of a style: a value, or a half-open range ``[minimum, maximum)``."""

    value: str | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    title: Title | None = None
    symbol: Symbol

    def holds_range(self) -> bool:
        """Tell whether the class is a range of numbers.

        Returns
        -------
        bool
            False for a class of one value.
        """
        return self.minimum is not None or self.maximum is not None


class Label(_Strict):
    """Which field labels a feature, and how strongly it insists on its place."""

    field: str
    size_pt: float = Field(default=7.0, gt=0)
    colour: Colour = "#222222"
    priority: int = 0  # higher is placed first
    required: bool = False  # no map goes without it, even if it must cover symbols
    bold: bool = False
    inside: bool = False  # in the middle of the symbol where that is large enough: numbers
    shield: bool = False  # in a frame of the feature's colour: route numbers


class Style(_Strict):
    """How a layer is drawn: one symbol, or classes by a field."""

    symbol: Symbol = Symbol()
    by: str | None = None
    classes: tuple[StyleClass, ...] = ()
    titles: str | None = None  # a field whose words name the class of its rows
    label: Label | None = None
    spread: bool = False  # symbols of one place stand side by side, tied to it by a thin line

    @field_validator("label", mode="before")
    @classmethod
    def _label_by_name(cls, label: Any) -> Any:
        return {"field": label} if isinstance(label, str) else label

    @model_validator(mode="after")
    def _by_and_classes(self) -> Style:
        if bool(self.by) != bool(self.classes):
            raise ValueError("a style with classes says by which field, and the other way round")
        return self


class LayerDef(_Strict):
    """A layer of the catalogue: what it holds and how it looks."""

    name: str
    title: Title
    aliases: tuple[str, ...] = ()
    geometry: tuple[GeometryType, ...]
    id_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}$")]
    group: Literal["basis", "theme", "plan", "raster"] = "theme"
    fields: dict[str, FieldDef] = {}
    style: Style = Style()
    note: Title | None = None
    placed_by_name: bool = False  # a list without positions replaces it; places are then looked up

    @field_validator("geometry", mode="before")
    @classmethod
    def _one_or_more(cls, geometry: Any) -> Any:
        return (geometry,) if isinstance(geometry, str) else geometry

    @model_validator(mode="after")
    def _style_names_fields(self) -> LayerDef:
        _check_style(self.style, self.fields)
        for name, field in self.fields.items():
            if field.unit_in and getattr(self.fields.get(field.unit_in), "type", "") != "unit":
                raise ValueError(f"{name}: {field.unit_in!r} is no field of type unit")
            if field.like and getattr(self.fields.get(field.like), "type", "") != "reference":
                raise ValueError(f"{name}: {field.like!r} is no field of type reference")
        return self

    @property
    def is_raster(self) -> bool:
        """True for a layer of pixels."""
        return "Raster" in self.geometry

    @property
    def is_table(self) -> bool:
        """True for a layer without geometry."""
        return self.geometry == ("Table",)


def _check_style(style: Style, fields: Mapping[str, FieldDef]) -> None:
    sizes = {item.symbol.size_by for item in style.classes}
    used = {
        style.by,
        style.titles,
        style.symbol.size_by,
        style.label.field if style.label else None,
        *sizes,
    }
    used -= {None}
    unknown = sorted(str(name) for name in used if name not in fields)
    if unknown:
        raise ValueError(f"the style names fields that do not exist: {', '.join(unknown)}")
    codes = fields[style.by].codes if style.by else {}
    strange = sorted(str(c.value) for c in style.classes if codes and c.value not in codes)
    if strange:
        raise ValueError(f"the style has classes for values that are no codes: {strange}")


class LayerInput(_Strict):
    """An input of a recipe that is a layer of the workspace."""

    layer: str
    only: dict[str, str | bool | int | tuple[str, ...] | tuple[int, ...]] = {}
    optional: bool = False


class ResultInput(_Strict):
    """An input of a recipe that is a layer, table or raster of another recipe's result.

    Every result has a table ``figures`` beside its own: its figures by indicator, for the county
    and by township, and what is missing where there are none. An optional input of a result that
    is not computable does not make the recipe so: it is absent, or, for ``figures``, says why.
    """

    result: str
    layer: str | None = None
    table: str | None = None
    raster: str | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _one_of(self) -> ResultInput:
        if [self.layer, self.table, self.raster].count(None) != 2:
            raise ValueError("name either the layer, the table or the raster of the result")
        return self

    @property
    def part(self) -> str:
        """The name of the layer, table or raster."""
        return str(self.layer or self.table or self.raster)


class Parameter(_Strict):
    """A value a planner may change, with its unit and title."""

    value: (
        float
        | bool
        | str
        | tuple[float, ...]
        | tuple[str, ...]
        | dict[str, float | dict[str, float]]
    )
    unit: str | None = None
    title: Title | None = None
    target_of: int | None = None  # the indicator whose target in county.toml, if any, stands here

    @property
    def quantity(self) -> Quantity | None:
        """The value with its unit, where it is one number that has one."""
        if self.unit and isinstance(self.value, int | float):
            return Quantity(float(self.value), canonical_unit(self.unit))
        return None

    def in_unit(self, unit: str) -> float | tuple[float, ...] | None:
        """Convert the value, one number or several.

        Parameters
        ----------
        unit
            Of the same kind as the parameter's.

        Returns
        -------
        float or tuple of float
            None where the value is no number or has no unit.

        Raises
        ------
        UnitError
            When the units are of different kinds.
        """
        if not self.unit or isinstance(self.value, bool | str | dict):
            return None
        own, several = canonical_unit(self.unit), isinstance(self.value, tuple)
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        if not all(isinstance(value, int | float) for value in values):
            return None
        found = tuple(Quantity(float(value), own).to(unit) for value in values)
        return found if several else found[0]

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str | None) -> str | None:
        try:
            return canonical_unit(unit) if unit else None
        except UnitError as error:
            raise ValueError(str(error)) from error


class ChartDef(_Strict):
    """A curve that the workbook draws beside a table: one or more columns over another."""

    x: str
    y: tuple[str, ...] = Field(min_length=1)


class ResultDef(_Strict):
    """A layer or table a recipe produces: titles of its own columns, its style and its chart.

    Columns that come from an input layer keep that layer's titles and need no entry. Shares by
    township are drawn as bars without being asked for.
    """

    title: Title
    fields: dict[str, FieldDef] = {}
    style: Style = Style()
    chart: ChartDef | None = None

    @model_validator(mode="after")
    def _chart_names_fields(self) -> ResultDef:
        named = (self.chart.x, *self.chart.y) if self.chart else ()
        if unknown := [name for name in named if name not in self.fields]:
            raise ValueError(f"the chart names fields that do not exist: {', '.join(unknown)}")
        return self


class ListDef(_Strict):
    """A list that a sheet prints whole: rows of a result, each with its name and its figures."""

    title: Title
    of: str  # the result's table or layer
    only: dict[str, str | tuple[str, ...]] = {}
    mark: bool = False  # rows begin with their mark on the map; those without are left out
    shows: tuple[str, ...] = ()  # columns behind the name


class SheetChart(_Strict):
    """A curve on a sheet: a column of a table over another, in the order of the rows.

    It rises where a row does: nothing is gained before a step is finished.
    """

    title: Title
    table: str
    x: str
    y: str
    result: str  # the curve has a colour of this result's style …
    value: str  # … that of the class with this value
    marks: Literal["years", "steps"] | None = None  # by the column `year` or `order`
    marks_in: str | None = None  # the table whose rows are marked, where it is another
    start: str | None = None  # the figure at which the curve begins; 0 where none is named
    bound: str | None = None  # the figure that no choice exceeds; its unit is that of y
    target: str | None = None  # the figure whose target is drawn
    counted: Title | None = None  # what y counts, where its unit only says how many


class SheetDef(_Strict):
    """The map sheet of a recipe: what is drawn, in which order, under which title."""

    title: Title
    theme: str
    results: tuple[str, ...] = ()  # result layers, top first
    basis: tuple[str, ...] = ()  # workspace layers beneath, top first
    table: str | None = None  # a small table beside the map
    chart: SheetChart | None = None  # a curve beside the map
    lists: tuple[str, ...] = ()  # lists of the recipe, set whole around the map in this order
    board: str | None = None  # a table of indicators that takes the whole sheet, without a map
    note: Title | None = None


class ByTownship(_Strict):
    """The columns of a recipe's table ``by_township`` that hold a figure of each township."""

    numerator: str
    denominator: str


class Counted(_Strict):
    """The rows of a result layer that a figure counts, one by one."""

    layer: str
    only: dict[str, str | bool | tuple[str, ...]]


class Figure(Title):
    """What a figure of a result is called, and what it is to the plan's indicators."""

    indicator: int | None = None  # of a recipe of one indicator: that one
    headline: bool = False  # the definition reported where county.toml names no other
    needs: str | None = None  # what is missing where a result lacks the figure
    by_township: ByTownship | None = None
    counts: Counted | None = None  # what a comparison calls gained and lost
    disagreements: str | None = None  # the table of places where ledger and map disagree


class ChoiceDef(_Strict):
    """What a scenario does with the features a recipe chose: rows changed, or rows added."""

    layer: str  # of the workspace
    only: dict[str, str | bool | tuple[str, ...]] = {}  # which rows of the result are chosen
    by: str | None = None  # rows of that id change, as far as the chosen line goes; else new rows
    values: dict[str, str | bool | float] = {}  # what stands in the rows afterwards
    takes: dict[str, str] = {}  # new rows: field -> column of the result


class ReportDef(_Strict):
    """What the Word report says of a recipe, beside its figures.

    In `text`, ``{own_outlet}`` stands for a figure and ``{own_outlet.numerator}``,
    ``{own_outlet.denominator}`` or ``{own_outlet.target}`` for what it rests on. A sentence about a
    figure that a result lacks is left out.
    """

    text: tuple[Title, ...] = ()  # sentences before the figures
    figures: tuple[str, ...] = ()  # those told in sentences; all where none are named
    tables: tuple[str, ...] = ()  # set whole; the sheet's where none are named
    gaps: tuple[str, ...] = ()  # lists of what is missed, by township


class AnalysisDef(_Strict):
    """A recipe: method, inputs, parameters, results, sheet, report."""

    name: str
    title: Title
    aliases: tuple[str, ...] = ()
    method: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
    indicator: int | tuple[int, ...] | None = None
    denominator: Title | None = None
    main: bool = False
    of: str | None = None
    inputs: dict[str, LayerInput | ResultInput] = {}
    parameters: dict[str, Parameter] = {}
    figures: dict[str, Figure] = {}  # what each indicator of the result is called
    results: dict[str, ResultDef] = {}
    lists: dict[str, ListDef] = {}
    choices: dict[str, ChoiceDef] = {}  # by result layer: what `yanshan scenario` writes of it
    sheet: SheetDef | None = None
    report: ReportDef = ReportDef()
    references: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _figures_name_indicators(self) -> AnalysisDef:
        for key, figure in self.figures.items():
            if figure.indicator is not None and figure.indicator not in self.indicators:
                raise ValueError(f"figure {key}: the recipe has no indicator {figure.indicator}")
            if figure.counts is not None and figure.counts.layer not in self.results:
                raise ValueError(f"figure {key} counts a layer that is no result")
        return self

    @model_validator(mode="after")
    def _choices_are_results(self) -> AnalysisDef:
        if strange := sorted(set(self.choices) - set(self.results)):
            raise ValueError(f"choices of layers that are no results: {strange}")
        return self

    @model_validator(mode="after")
    def _chart_is_described(self) -> AnalysisDef:
        chart = self.sheet.chart if self.sheet else None
        if chart is None:
            return self
        results = {chart.table, chart.result, chart.marks_in or chart.table}
        if strange := sorted(results - set(self.results)):
            raise ValueError(f"the chart names results that are not there: {', '.join(strange)}")
        figures = {chart.start, chart.bound, chart.target} - {None, *self.figures}
        if strange := sorted(str(name) for name in figures):
            raise ValueError(f"the chart names figures that are not there: {', '.join(strange)}")
        classes = [item.value for item in self.results[chart.result].style.classes]
        if chart.value not in classes:
            raise ValueError(f"{chart.result} has no class {chart.value} to colour the chart by")
        return self

    @model_validator(mode="after")
    def _lists_are_described(self) -> AnalysisDef:
        wanted = self.sheet.lists if self.sheet else ()
        unknown = [name for name in wanted if name not in self.lists]
        if unknown:
            raise ValueError(f"the sheet prints lists that are not there: {', '.join(unknown)}")
        strange = sorted({part.of for part in self.lists.values()} - set(self.results))
        if strange:
            raise ValueError(f"lists of results that are not there: {', '.join(strange)}")
        return self

    @model_validator(mode="after")
    def _report_is_described(self) -> AnalysisDef:
        told = [text for title in self.report.text for text in (title.zh, title.en)]
        gaps = [gap for text in told for gap in REPORT_GAP.findall(text)]
        strange = sorted({key for key, _ in gaps} - set(self.figures))
        strange += sorted(set(self.report.figures) - set(self.figures))
        if strange:
            raise ValueError(f"the report names figures that are not there: {', '.join(strange)}")
        parts = sorted({part for _, part in gaps} - {"", *REPORT_PARTS})
        if parts:
            raise ValueError(f"a figure has no {', '.join(parts)}")
        lists = sorted({*self.report.tables, *self.report.gaps} - set(self.results))
        if lists:
            raise ValueError(f"the report prints results that are not there: {', '.join(lists)}")
        return self

    @property
    def indicators(self) -> tuple[int, ...]:
        """Numbers of the plan's indicators the recipe measures."""
        if isinstance(self.indicator, int):
            return (self.indicator,)
        return self.indicator or ()

    @property
    def needs_results_of(self) -> tuple[str, ...]:
        """Names of the recipes whose results this one takes."""
        named = [i.result for i in self.inputs.values() if isinstance(i, ResultInput)]
        return tuple(dict.fromkeys([*named, *([self.of] if self.of else [])]))
