"""MapLibre expressions give every row the class that `classify` gives it, on random schemes."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from yanshan_gis.content import Label, Symbol
from yanshan_gis.publish.style import ResolvedClass, ResolvedStyle, SizeScale, classify
from yanshan_gis.publish.web_labels import PX_PER_MM, text_offset
from yanshan_gis.publish.web_style import (
    class_expression,
    drawn_properties,
    has_own_borders,
    style_layers,
)


def evaluate(expression, properties, zoom=9.0):
    """Read the few expressions that are written, as MapLibre defines them."""
    if not isinstance(expression, list):
        return expression
    head, *rest = expression

    def value(part):
        return evaluate(part, properties, zoom)

    if head == "case":
        *pairs, last = rest
        found = next((r for test, r in zip(pairs[::2], pairs[1::2], strict=True) if value(test)),
                     last)  # fmt: skip
        return value(found)
    if head == "all":
        return all(value(part) for part in rest)
    if head == "interpolate":
        stops = dict(zip(rest[2::2], rest[3::2], strict=True))
        return value(stops[zoom])
    simple = {
        "get": lambda name: properties.get(name),
        "has": lambda name: name in properties,
        "==": lambda a, b: type(a) is type(b) and a == b,
        ">=": lambda a, b: a >= b,
        "<": lambda a, b: a < b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "max": max,
        "sqrt": np.sqrt,
    }
    return simple[head](*(value(part) for part in rest))


def rows_of(frame, style):
    properties = drawn_properties(frame, style)
    return [
        {name: values[row] for name, values in properties.items() if values[row] is not None}
        for row in range(len(frame))
    ]


def random_scheme(rng, rows):
    """Draw a scheme of values, ranges or both, in any order, overlapping too, and rows for it."""
    points = shapely.points(rng.uniform([100, 20], [101, 21], (rows, 2)))
    kind = rng.integers(4)
    texts = np.array(["a", "b", "c", "甲", "True", "3", ""], dtype=object)
    numbers = np.round(rng.uniform(-2, 8, rows)).astype(object)
    columns = [
        rng.choice(texts, rows),
        numbers,
        np.where(rng.random(rows) < 0.5, rng.choice(texts, rows), numbers),
        rng.choice(np.array([True, False], dtype=object), rows),
    ]
    column = pd.Series(columns[kind], dtype=object)
    column[rng.random(rows) < 0.2] = None
    frame = gpd.GeoDataFrame({"by": column}, geometry=points, crs=4326)
    classes = []
    for number in range(int(rng.integers(1, 6))):
        symbol = Symbol(colour=f"#0000{number:02x}")
        if rng.random() < 0.5:
            value = rng.choice(np.array(["a", "甲", "3", "x", True, False], dtype=object))
            classes.append(ResolvedClass(str(number), symbol, value=value))
        else:
            low, high = sorted(np.round(rng.uniform(-3, 9, 2)).tolist())
            low, high = (None, high) if rng.random() < 0.2 else (low, high)
            classes.append(ResolvedClass(str(number), symbol, minimum=low, maximum=high))
    if rng.random() < 0.6:
        classes.append(ResolvedClass("other", Symbol(), other=True))
    return frame, ResolvedStyle("t", "point", tuple(classes), by="by")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_expressions_classify_as_sheets_do(seed):
    frame, style = random_scheme(np.random.default_rng(seed), 25)
    expression = class_expression(style)
    found = [evaluate(expression, row) for row in rows_of(frame, style)]
    assert found == classify(frame, style).tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_each_row_is_drawn_by_the_layer_of_its_class_and_no_other(seed):
    frame, style = random_scheme(np.random.default_rng(seed), 25)
    wanted = classify(frame, style)
    layers = style_layers(style, set(wanted.tolist()))
    for row, properties in zip(wanted.tolist(), rows_of(frame, style), strict=True):
        drawing = [
            layer["metadata"]["class"]
            for layer in layers
            if evaluate(layer.get("filter", True), properties)
        ]
        assert drawing == ([row] if row >= 0 else [])


def test_a_number_is_shown_by_the_area_of_its_symbol():
    # 400 of 400 is drawn at 5 mm, 100 at 5·√(1/4) = 2.5 mm, 0 at the smallest, nothing at 2 mm.
    symbol = Symbol(size_mm=2, size_by="n")
    scale = SizeScale("n", "N", "", maximum=400.0, largest_mm=5.0, smallest_mm=0.8)
    style = ResolvedStyle("t", "point", (ResolvedClass("t", symbol),), sizes=(scale,))
    frame = pd.DataFrame({"n": [400.0, 100.0, 0.0, -1.0, np.nan]})
    (layer,) = style_layers(style, {0})
    radii = [evaluate(layer["paint"]["circle-radius"], row) for row in rows_of(frame, style)]
    millimetres = np.array(radii) * 2 / PX_PER_MM / 0.9
    assert millimetres == pytest.approx([5.0, 2.5, 0.8, 0.8, 2.0])
    assert scale.sizes(frame["n"], 2.0) == pytest.approx(millimetres)


def test_casings_lie_beneath_all_cores_and_the_first_class_on_top():
    road = Symbol(casing="#000000")
    classes = tuple(ResolvedClass(text, road, value=text) for text in "ab")
    style = ResolvedStyle("t", "line", classes, by="by", label=Label(field="by"))
    told = [(x["metadata"]["role"], x["metadata"].get("class"))
            for x in style_layers(style, {0, 1})]  # fmt: skip
    assert told == [("casing", 1), ("casing", 0), ("line", 1), ("line", 0), ("label", None)]
    assert {x["metadata"].get("class") for x in style_layers(style, {1})} == {1, None}


def test_dashed_borders_are_drawn_once():
    area = Symbol(fill=False, outline="#000000", outline_mm=0.5, outline_dash="boundary")
    style = ResolvedStyle("t", "polygon", (ResolvedClass("t", area),))
    assert has_own_borders(style)
    _, border = style_layers(style, {0})
    assert border["metadata"]["own"] == "borders"
    # 3.6 mm of a 0.5 mm line are 7.2 widths.
    assert border["paint"]["line-dasharray"][0] == 7.2
    plain = ResolvedStyle("t", "polygon", (ResolvedClass("t", Symbol(outline="#000000")),))
    assert not has_own_borders(plain)


def test_a_number_stands_in_its_symbol_or_beside_a_small_one():
    label = Label(field="mark", size_pt=7, inside=True)
    assert text_offset((0.0, 0.0), 20.0, "12", label) == [0.0, 0.0]
    x, y = text_offset((0.0, 0.0), 4.0, "12", label)
    assert x > 0.7
    assert y == 0.0
