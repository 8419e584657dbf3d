"""What a web map holds: places within a metre, borders that fit, words and units, safe text."""

import base64
import html.parser
import json
import zlib

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import COUNTY, CRS, small_county

from yanshan_gis.content import Code, FieldDef, Title
from yanshan_gis.crs import transform
from yanshan_gis.publish.publication import Publication, write
from yanshan_gis.publish.web_data import STEP, Shapes, columns, packed, runs, thinned
from yanshan_gis.run import run

EAST, NORTH = transform([104.3], [23.6], "EPSG:4326", CRS)
HERE = np.array([EAST[0], NORTH[0]])
TITLE = Title(zh="项", en="Item")


def beyond(east, north):
    return HERE + np.array([east, north])


def read(parts):
    """Read a shape back as lines of degrees, as the page does."""
    return [np.cumsum(np.reshape(part, (-1, 2)), axis=0) * STEP for part in parts]


def stored(geometry):
    shapes = Shapes(CRS)
    indices = shapes.add(np.array(geometry, dtype=object))
    text = json.loads(shapes.text())
    return [text[index] for index in indices]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_lines_are_kept_within_two_metres_and_their_ends_within_one(seed, count):
    rng = np.random.default_rng(seed)
    walk = HERE + np.cumsum(rng.normal(0, 60, (count, 2)), axis=0)
    line = shapely.LineString(walk)
    (parts,) = stored(thinned(np.array([line], dtype=object)))
    lon, lat = read(parts)[0].T
    back = np.column_stack(transform(lon, lat, "EPSG:4326", CRS))
    # Thinned by a metre, rounded to 0.5e-5 degrees: 0.55 m north, 0.51 m east.
    assert shapely.hausdorff_distance(shapely.LineString(back), line, densify=0.1) < 1.8
    assert np.hypot(*(back[[0, -1]] - walk[[0, -1]]).T).max() < 0.8


def test_equal_shapes_are_stored_once_and_meeting_ends_stay_together():
    one = shapely.LineString([HERE, HERE + 100])
    two = shapely.LineString([HERE + 100, beyond(200, 0)])
    shapes = Shapes(CRS)
    assert shapes.add(np.array([one, two, one], dtype=object)) == [0, 1, 0]
    first, second = (read(parts)[0] for parts in json.loads(shapes.text()))
    assert (first[-1] == second[0]).all()


def test_neighbours_keep_their_common_border():
    rng = np.random.default_rng(4)
    y = np.linspace(0, 2000, 80)
    border = HERE + np.column_stack([rng.normal(0, 0.05, 80), y])
    left = shapely.Polygon([*border, beyond(-900, 2000), beyond(-900, 0)])
    right = shapely.Polygon([*border, beyond(900, 2000), beyond(900, 0)])
    thin = thinned(np.array([left, right], dtype=object))
    assert shapely.get_num_coordinates(thin).sum() < 160
    assert shapely.area(shapely.intersection(*thin)) == pytest.approx(0)
    rings = [{tuple(place) for place in read(parts[0])[0].round(6)} for parts in stored(thin)]
    kept = [set(map(tuple, shapely.get_coordinates(area))) for area in thin]
    assert len(rings[0] & rings[1]) == len(kept[0] & kept[1]) > 2


def test_an_area_smaller_than_a_step_is_no_ring():
    speck = shapely.box(*HERE, *(HERE + 0.2))
    assert stored([speck]) == [[]]


@given(st.lists(st.integers(0, 50)))
def test_runs_give_the_numbers_back(numbers):
    written = runs(numbers)
    pairs = zip(written[::2], written[1::2], strict=True)
    assert [start + k for start, count in pairs for k in range(count)] == numbers


def test_words_are_listed_once():
    assert packed(["a", "a", None, "a", "b"]) == {
        "words": ["a", None, "b"],
        "rows": [0, 0, 1, 0, 2],
    }
    assert packed([1.5, None]) == [1.5, None]


def test_columns_speak_in_titles_units_and_words():
    fields = {
        "surface": FieldDef(type="code", title=TITLE, codes={"earth": Code(zh="土路", en="Earth")}),
        "share": FieldDef(type="number", unit="share", title=TITLE),
        "area": FieldDef(type="number", unit="亩", title=TITLE),
        "parent": FieldDef(type="reference", layer="villages", title=TITLE),
        "there": FieldDef(type="boolean", title=TITLE),
        "empty": FieldDef(type="text", title=TITLE),
    }
    frame = pd.DataFrame({
        "surface": ["earth"], "share": [0.1234567], "area": [1234567.8], "parent": ["V1"],
        "there": [True], "empty": [None], "secret": ["x"],
    })  # fmt: skip
    told = columns(frame, fields, {"villages": {"V1": "大寨"}}, "zh")
    assert [(c["name"], c["unit"], c["values"]) for c in told] == [
        ("surface", "", ["土路"]), ("share", "%", [12.3457]), ("area", "亩", [1234570]),
        ("parent", "", ["大寨"]), ("there", "", ["是"]),
    ]  # fmt: skip


class _Elements(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.data, self.title, self.inside = 0, "", "", ""

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        self.inside = dict(attributes).get("id") or tag

    def handle_data(self, data):
        if self.inside in {"data", "title"}:
            setattr(self, self.inside, getattr(self, self.inside) + data)

    def handle_endtag(self, tag):
        self.inside = ""


def test_a_county_of_any_name_is_one_safe_file(tmp_path):
    from yanshan_gis.workspace import create_workspace

    name = Title(zh='甲<b>&"/县</title>', en="CON")
    workspace = create_workspace(tmp_path / "w", COUNTY.model_copy(update={"name": name}))
    workspace.store(small_county())
    outcomes = run(workspace, ["road-hardening"])
    (path,) = write("web", Publication(workspace, outcomes)).files
    assert path.name == "甲_b_&__县__title_.html"
    found = _Elements()
    found.feed(path.read_text(encoding="utf-8"))
    assert found.scripts == 3
    assert found.title == '甲<b>&"/县</title>乡村振兴规划一张图'
    data = json.loads(zlib.decompress(base64.b64decode(found.data)))
    assert data["county"] == name.zh
    again = path.read_bytes()
    write("web", Publication(workspace, outcomes))
    assert path.read_bytes() == again


def test_figures_by_township_come_from_the_recipes(town):
    outcomes = run(town, ["road-hardening"])
    (path,) = write("web", Publication(town, outcomes)).files
    found = _Elements()
    found.feed(path.read_text(encoding="utf-8"))
    data = json.loads(zlib.decompress(base64.b64decode(found.data)))
    figure = data["figures"][0]
    # 大寨 in 甲镇 has a cement road to its committee, 小寨 in 乙乡 an earth road.
    assert [row[:3] for row in figure["rows"]] == [
        ["全县", "1", "2"], ["乙乡", "0", "1"], ["甲镇", "1", "1"],
    ]  # fmt: skip
    assert [row[3] for row in figure["rows"]] == ["50.0%", "0.0%", "100.0%"]
