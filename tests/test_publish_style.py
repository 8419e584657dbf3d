"""One scheme for map, QGIS and web: classes, words, order, sizes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.content import Code, FieldDef, Style, StyleClass, Symbol, Title
from yanshan_gis.errors import UsageError
from yanshan_gis.publish.breaks import graduated_classes, round_up, rounded_breaks
from yanshan_gis.publish.emphasis import behind_theme, quieter
from yanshan_gis.publish.features import DrawnLayer, PlacedLayer
from yanshan_gis.publish.mapframe import fit_frame
from yanshan_gis.publish.style import classify, resolve_style

SURFACE = FieldDef(
    type="code",
    title=Title(zh="路面", en="Surface"),
    codes={"asphalt": Code(zh="沥青", en="Asphalt"), "earth": Code(zh="土路", en="Earth")},
)
SHARE = FieldDef(type="number", unit="share", title=Title(zh="硬化率", en="Hardened share"))
VOLUME = FieldDef(type="number", unit="m³", title=Title(zh="库容", en="Volume"))


def points(**columns):
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(i, 0) for i in range(count)], crs=4544)


def by(field, *classes):
    return Style(by=field, classes=[StyleClass(symbol=Symbol(), **c) for c in classes])


def titles(style):
    return [item.title for item in style.classes]


def test_codes_take_their_titles_in_the_wanted_language():
    style = by("surface", {"value": "asphalt"}, {"value": "earth"})
    frame = points(surface=["earth", "asphalt", "earth"])
    assert titles(resolve_style(style, {"surface": SURFACE}, frame)) == ["沥青", "土路"]
    english = resolve_style(style, {"surface": SURFACE}, frame, language="en")
    assert titles(english) == ["Asphalt", "Earth"]
    assert classify(frame, english).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("values", "title"),
    [
        (["earth", None], "无数据"),
        (["earth", "gravel"], "其他"),
        (["earth", "gravel", None], "其他或无数据"),
    ],
)
def test_rows_outside_every_class_get_a_class_that_says_why(values, title):
    style = by("surface", {"value": "earth"})
    frame = points(surface=values)
    resolved = resolve_style(style, {"surface": SURFACE}, frame)
    assert titles(resolved) == ["土路", title]
    assert classify(frame, resolved).tolist() == [0] + [1] * (len(values) - 1)


def test_without_such_rows_there_is_no_such_class():
    frame = points(surface=["earth"])
    resolved = resolve_style(by("surface", {"value": "earth"}), {"surface": SURFACE}, frame)
    assert titles(resolved) == ["土路"]
    assert classify(points(surface=["gravel"]), resolved).tolist() == [-1]


def test_ranges_are_half_open_and_shares_read_as_percent():
    #        [ -, .3) [.3, .8) [.8, -)
    # 0.299 -> 0; 0.3 -> 1; 0.8 -> 2; missing -> 3
    style = by("share", {"maximum": 0.3}, {"minimum": 0.3, "maximum": 0.8}, {"minimum": 0.8})
    frame = points(share=[0.299, 0.3, 0.8, np.nan])
    resolved = resolve_style(style, {"share": SHARE}, frame)
    assert titles(resolved) == ["< 30%", "30–80%", "≥ 80%", "无数据"]
    assert classify(frame, resolved).tolist() == [0, 1, 2, 3]


def test_truth_values_and_gaps_in_them():
    style = by("exempt", {"value": True}, {"value": False})
    frame = points(exempt=pd.array([True, False, None], dtype="boolean"))
    resolved = resolve_style(style, {}, frame)
    assert titles(resolved) == ["是", "否", "无数据"]
    assert classify(frame, resolved).tolist() == [0, 1, 2]


def test_a_class_without_value_is_the_last_and_holds_the_rest():
    style = Style(
        by="kind",
        classes=[
            StyleClass(title=Title(zh="其余", en="Rest"), symbol=Symbol(colour="#abcdef")),
            StyleClass(value="a", symbol=Symbol()),
        ],
    )
    frame = points(kind=["a", "b"])
    resolved = resolve_style(style, {}, frame)
    assert titles(resolved) == ["a", "其余"]
    assert resolved.classes[1].symbol.colour == "#abcdef"
    assert classify(frame, resolved).tolist() == [0, 1]


def test_area_is_proportional_to_the_number():
    # Largest 330 rounds up to 400, drawn at 2.5 * 2 mm = 5 mm; 100 is a quarter, so half as wide.
    style = Style(symbol=Symbol(size_mm=2.0, size_by="volume"))
    frame = points(volume=[330.0, 100.0, np.nan])
    (scale,) = resolve_style(style, {"volume": VOLUME}, frame).sizes
    assert scale is not None
    assert scale.maximum == 400
    assert scale.sizes([400, 100, np.nan, 0], 2.0) == pytest.approx([5.0, 2.5, 2.0, 0.8])


def test_sizes_without_any_number_are_plain():
    style = Style(symbol=Symbol(size_by="volume"))
    assert resolve_style(style, {"volume": VOLUME}, points(volume=[np.nan])).sizes == ()


def test_neither_rows_nor_kind_is_a_usage_error():
    with pytest.raises(UsageError) as caught:
        resolve_style(Style(), title="村庄")
    assert caught.value.code == "style-no-kind"


@given(st.lists(st.floats(-1e6, 1e6), max_size=60), st.integers(2, 7))
def test_rounded_breaks_ascend_within_the_values(values, count):
    limits = rounded_breaks(values, count)
    assert limits == sorted(set(limits))
    assert len(limits) < count
    assert all(min(values) < limit <= max(values) for limit in limits)


def test_rounded_breaks_are_round():
    values = np.arange(1, 100)  # quintiles 20.6, 40.2, 59.8, 79.4
    assert rounded_breaks(values, 5) == [20, 40, 60, 80]
    assert rounded_breaks(values / 1000, 5) == [0.02, 0.04, 0.06, 0.08]


@given(st.floats(1e-9, 1e12))
def test_round_up_goes_up_by_less_than_double(value):
    assert value * (1 - 1e-9) <= round_up(value) < 2 * value + 1e-12


def test_every_number_falls_into_one_graduated_class():
    classes = graduated_classes([10, 20], ["#ffffff", "#888888", "#000000"], Symbol())
    frame = points(n=[-5.0, 10.0, 19.9, 20.0, 1e9])
    resolved = resolve_style(Style(by="n", classes=classes), {}, frame)
    assert classify(frame, resolved).tolist() == [0, 1, 1, 2, 2]
    assert [item.symbol.colour for item in resolved.classes] == ["#ffffff", "#888888", "#000000"]


def test_a_quieter_style_keeps_classes_and_words():
    style = by("surface", {"value": "asphalt"}, {"value": "earth"})
    resolved = resolve_style(style, {"surface": SURFACE}, points(surface=["earth"]), kind="line")
    quiet = quieter(resolved, 0.5)
    assert titles(quiet) == titles(resolved)
    assert quiet.classes[0].symbol.colour == "#aaaaaa"  # half way from #555555 to white
    assert quiet.classes[0].symbol.width_mm < resolved.classes[0].symbol.width_mm


def test_lines_and_dense_points_step_back_but_boundaries_do_not():
    style = Style(symbol=Symbol(), label="name")
    areas, lines, dots = (
        resolve_style(style, title="x", kind=kind) for kind in ("polygon", "line", "point")
    )
    assert behind_theme(areas, 10_000) is areas
    assert behind_theme(dots, 20) is dots
    assert behind_theme(dots, 1_000).label is None
    assert behind_theme(lines, 5).classes[0].symbol.colour != lines.classes[0].symbol.colour


def test_each_unit_has_a_scale_of_its_own():
    """Classes that show the same number share its scale; others have another."""
    fields = {
        name: FieldDef(type="number", unit=unit, title=Title(zh=name, en=name))
        for name, unit in (("head", "头"), ("birds", "羽"))
    }
    classes = tuple(
        StyleClass(value=kind, symbol=Symbol(size_mm=2.0, size_by=field))
        for kind, field in (("pigs", "head"), ("cattle", "head"), ("hens", "birds"))
    )
    frame = points(
        kind=["pigs", "cattle", "hens"], head=[400.0, 100.0, np.nan], birds=[np.nan, np.nan, 9e3]
    )
    resolved = resolve_style(Style(by="kind", classes=classes), fields, frame)
    assert [(s.field, s.unit, s.maximum) for s in resolved.sizes] == [
        ("head", "头", 400), ("birds", "羽", 10_000),
    ]  # fmt: skip
    placed = PlacedLayer(
        DrawnLayer("x", "x", frame, resolved),
        fit_frame([-10, -10, 10, 10], frame.crs, left=0, bottom=0, width=100, height=100),
    )
    # 400 is the maximum: 5 mm; 100 a quarter: 2.5 mm; 9,000 of 10,000: 5 · √0.9.
    assert placed.sizes == pytest.approx([5.0, 2.5, 5 * 0.9**0.5])


def test_rows_may_name_their_class_themselves():
    style = by("band", {"value": "1"}, {"value": "2"}, {"value": "3"})
    style = style.model_copy(update={"titles": "minutes"})
    frame = points(band=[2, 1, 2], minutes=["15–30 min", "0–15 min", "15–30 min"])
    assert titles(resolve_style(style, {}, frame)) == ["0–15 min", "15–30 min", "3"]
    # Without rows, or where they say nothing, the class keeps its own title.
    assert titles(resolve_style(style, {}, kind="point")) == ["1", "2", "3"]
    assert titles(resolve_style(style, {}, points(band=[1], minutes=[None])))[0] == "1"
