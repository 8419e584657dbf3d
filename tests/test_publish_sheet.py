"""Sheets are drawn from a synthetic county: 11 townships, 108 committees, 1,100 villages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pypdf
import pytest
import shapely
from PIL import Image
from scipy.spatial import cKDTree

from yanshan_gis.catalogue import read_layers
from yanshan_gis.content import Code, FieldDef, Label, Style, StyleClass, Symbol, Title
from yanshan_gis.county import County
from yanshan_gis.errors import WriteError
from yanshan_gis.publish.features import DrawnLayer, PlacedLayer, shared_borders
from yanshan_gis.publish.legend import LegendEntry, legend_entries, legend_height
from yanshan_gis.publish.mapframe import fit_frame
from yanshan_gis.publish.paper import Paper
from yanshan_gis.publish.sheet import draw_sheet
from yanshan_gis.publish.sheet_content import SheetContent
from yanshan_gis.publish.style import classify, resolve_style
from yanshan_gis.publish.table import cell_text, draw_table

CRS = "EPSG:4544"
DPI = 150
PLACE = {"left": 0, "bottom": 0, "width": 300, "height": 240}
TOWNSHIPS = ["江那镇", "平远镇", "稼依镇", "阿猛镇", "阿舍彝族乡", "维摩彝族乡", "盘龙彝族乡",
             "八嘎乡", "者腊乡", "蚌峨乡", "干河彝族乡"]  # fmt: skip
SYLLABLES = "大小上下新老平白龙水石木竹红黑花马鱼羊塘田坝坡冲寨脚头树林山河沟坪洞井泉"
LEVEL = FieldDef(
    type="code",
    title=Title(zh="级别", en="Level"),
    codes={
        "committee": Code(zh="村委会", en="Committee"),
        "natural": Code(zh="自然村", en="Village"),
    },
)


ROUTES = {"national": "G323", "provincial": "S206", "county": "X046"}
COUNTY = County(name="砚山县", code="532622", compiled_by="砚山县农业农村局")


def wind(rng, a, b, roughness=0.12, depth=5):
    """Bend a straight line into a road by displacing midpoints."""
    line = np.array([a, b], dtype=float)
    for _ in range(depth):
        middle = (line[1:] + line[:-1]) / 2
        along = line[1:] - line[:-1]
        normal = np.column_stack([-along[:, 1], along[:, 0]])
        middle = middle + normal * rng.normal(0, roughness, (len(middle), 1))
        line = np.insert(line, np.arange(1, len(line)), middle, axis=0)
    return line


@cache
def county_layers(seed=7, villages=1100):
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    radii = rng.uniform(0.72, 1.08, 12)
    corners = np.column_stack([46000 * radii * np.cos(angles), 37000 * radii * np.sin(angles)])
    corners += (530000, 2610000)
    rim = np.vstack(
        [
            wind(rng, a, b, 0.14, 6)[:-1]
            for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)
        ]
    )
    county = shapely.buffer(shapely.Polygon(rim), 0)
    seats = np.array(
        [(c[0] * 0.62 + 530000 * 0.38, c[1] * 0.62 + 2610000 * 0.38) for c in corners]
    )[:10]
    seats = np.vstack([[(530000, 2610000)], seats + rng.normal(0, 2500, seats.shape)])
    x0, y0, x1, y1 = county.bounds
    step = 450.0
    gx, gy = np.meshgrid(np.arange(x0, x1, step), np.arange(y0, y1, step))
    cells = np.column_stack([gx.ravel(), gy.ravel()])
    noise = 2600 * np.column_stack(
        [
            np.sin(cells[:, 1] / 2300) + np.sin(cells[:, 0] / 1700),
            np.cos(cells[:, 0] / 2100) + np.sin(cells[:, 1] / 1500),
        ]
    )
    owner = cKDTree(seats).query(cells + noise)[1]
    squares = shapely.box(cells[:, 0], cells[:, 1], cells[:, 0] + step, cells[:, 1] + step)
    shapes = [
        shapely.intersection(shapely.union_all(squares[owner == k]), county) for k in range(11)
    ]
    shapes = shapely.coverage_simplify(np.array(shapes, dtype=object), 500, simplify_boundary=False)
    towns = gpd.GeoDataFrame({"name": TOWNSHIPS, "code": ""}, geometry=list(shapes), crs=CRS)

    count = 108 + villages
    found = np.zeros((0, 2))
    while len(found) < count:
        trial = rng.uniform((x0, y0), (x1, y1), (4 * count, 2))
        trial = trial[shapely.contains_xy(county.buffer(-700), trial)]
        found = np.vstack([found, trial])
        kept: list[int] = []
        tree = cKDTree(found)
        blocked = np.zeros(len(found), dtype=bool)
        for i in range(len(found)):
            if not blocked[i]:
                kept.append(i)
                blocked[tree.query_ball_point(found[i], 900)] = True
        found = found[kept]
    places = found[:count]
    names = ["".join(rng.choice(list(SYLLABLES), rng.integers(2, 4))) for _ in range(count)]
    inside = towns.sindex.query(shapely.points(places), predicate="intersects")
    town = (
        pd.Series(inside[1], index=inside[0])
        .groupby(level=0)
        .first()
        .reindex(range(count))
        .fillna(0)
    )
    frame = gpd.GeoDataFrame(
        {
            "id": [f"V{i:06d}" for i in range(count)],
            "name": names,
            "level": ["committee"] * 108 + ["natural"] * villages,
            "township": [TOWNSHIPS[int(t)] for t in town],
            "population": rng.integers(60, 1400, count),
        },
        geometry=shapely.points(places), crs=CRS,
    )  # fmt: skip
    roads, kinds = _roads(rng, seats, places)
    road_frame = gpd.GeoDataFrame(
        {"id": [f"R{i:06d}" for i in range(len(roads))], "admin_class": kinds,
         "route_code": [ROUTES.get(kind) for kind in kinds]},
        geometry=roads, crs=CRS,
    )  # fmt: skip
    seat_frame = gpd.GeoDataFrame(
        {"name": ["砚山县城", *[name[:2] for name in TOWNSHIPS[1:]]],
         "level": ["county"] + ["township"] * 10},
        geometry=shapely.points(seats), crs=CRS,
    )  # fmt: skip
    whole = gpd.GeoDataFrame({"name": ["砚山县"], "code": ["532622"]}, geometry=[county], crs=CRS)
    return {
        "villages": frame,
        "roads": road_frame,
        "townships": towns,
        "seats": seat_frame,
        "county": whole,
    }


def _roads(rng, seats, places):
    lines, kinds = [], []
    for k in range(1, 11):
        kind = "national" if k in (1, 6) else "provincial" if k in (3, 8) else "county"
        lines.append(wind(rng, seats[0], seats[k], 0.11, 7))
        kinds.append(kind)
    for k in range(1, 11):
        lines.append(wind(rng, seats[k], seats[k % 10 + 1], 0.12, 7))
        kinds.append("county" if k % 2 else "township")
    reached = np.vstack(lines)
    order = np.argsort(cKDTree(reached).query(places)[0])
    tree, pending = cKDTree(reached), []
    for step, i in enumerate(order):
        if step % 40 == 0 and pending:
            reached = np.vstack([reached, *pending])
            tree, pending = cKDTree(reached), []
        near = reached[tree.query(places[i])[1]]
        line = wind(rng, near, places[i], 0.13, 5)
        pending.append(line)
        lines.append(line)
        kinds.append("township" if i < 108 else "village")
    return [shapely.LineString(line) for line in lines], kinds


def layer(name, frame, group, *, language="zh", style=None, **options):
    definition = read_layers()[name]
    resolved = resolve_style(
        style or definition.style, definition.fields, frame,
        title=definition.title.get(language), language=language,
    )  # fmt: skip
    return DrawnLayer(name, definition.title.get(language), frame, resolved, group, **options)


def unlabelled(name):
    return read_layers()[name].style.model_copy(update={"label": None})


def reach_layer(villages, language="zh"):
    committees = villages[villages["level"] == "committee"].reset_index(drop=True)
    state = ["own", "reached", "missed", None]
    committees["state"] = [
        state[k] for k in np.random.default_rng(1).choice(4, 108, p=[0.5, 0.3, 0.17, 0.03])
    ]
    field = FieldDef(
        type="code",
        title=Title(zh="覆盖情况", en="Coverage"),
        codes={
            "missed": Code(zh="30分钟内无网点", en="No outlet within 30 min"),
            "reached": Code(zh="30分钟内可达", en="Within 30 min"),
            "own": Code(zh="本村有网点", en="Own outlet"),
        },
    )
    colours = {"missed": "#d7301f", "reached": "#fdae61", "own": "#1a9850"}
    style = Style(
        by="state",
        symbol=Symbol(size_mm=2.8),
        classes=[
            StyleClass(
                value=v, symbol=Symbol(colour=c, size_mm=2.8, outline="#ffffff", outline_mm=0.25)
            )
            for v, c in colours.items()
        ],
        label=Label(field="name", size_pt=7.5, priority=60),
    )
    resolved = resolve_style(
        style, {"state": field}, committees, title="物流网点覆盖", language=language
    )
    return DrawnLayer("reach", "村委会物流网点覆盖", committees, resolved, "theme", counts=True)


def sheet_content(**changes):
    data = county_layers()
    villages = data["villages"]
    natural = villages[villages["level"] == "natural"]
    reach = reach_layer(villages)
    by_town = reach.frame.groupby("township")["state"].agg(
        committees="size", own=lambda s: int((s == "own").sum())
    ).reindex(TOWNSHIPS).reset_index()  # fmt: skip
    by_town["share"] = by_town["own"] / by_town["committees"]
    content = SheetContent(
        title="砚山县物流配送网点覆盖图",
        subtitle="指标20　行政村物流配送网点覆盖率（以本村设有网点的村委会计）",
        layers=(
            reach,
            layer("seats", data["seats"], "basis"),
            layer("villages", natural, "basis"),
            layer("roads", data["roads"], "basis"),
            layer("townships", data["townships"], "basis"),
            layer("county", data["county"], "basis", style=unlabelled("county")),
        ),
        county=COUNTY,
        crs=CRS,
        extent=data["county"],
        townships=data["townships"],
        stamp=date(2024, 12, 31),
        data_date=date(2024, 12, 31),
        figures=(
            ("行政村物流网点覆盖率（本村设点）", "50.9%（55 / 108）"),
            ("目标", "≥ 80%　未达到"),
            ("30分钟内可达的村委会", "85.2%（92 / 108）"),
            ("覆盖到80%最少新增网点", "32 个"),
        ),
        table=by_town,
        table_columns=(
            ("township", "乡镇", ""), ("committees", "村委会（个）", ""),
            ("own", "本村设点（个）", ""), ("share", "覆盖率", "share"),
        ),
        notes=("分母为民政登记的108个村（居）委会", "行程含村口到道路的步行段，步速4千米/时"),
        sources=("县交通运输局农村公路台账（2024）", "县邮政管理部门网点台账（2024）"),
        modelled=("村庄", "道路"),
    )  # fmt: skip
    return replace(content, **changes)


def tiny_content(**changes):
    """Two red squares exactly 50 km apart and a road, with all that stands around a map."""
    places = shapely.points([(500_000, 2.6e6), (550_000, 2.6e6)])
    ends = gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=places, crs=CRS)
    squares = Style(symbol=Symbol(shape="square", size_mm=3, colour="#ff0000", outline_mm=0))
    track = [shapely.LineString([(5e5, 2.61e6), (5.5e5, 2.58e6)])]
    road = gpd.GeoDataFrame({"surface": ["earth"]}, geometry=track, crs=CRS)
    lines = Style(
        by="surface",
        classes=[StyleClass(value=v, symbol=Symbol(dash="dash")) for v in ("cement", "earth")],
    )
    whole = [shapely.box(490_000, 2.57e6, 560_000, 2.62e6)]
    content = SheetContent(
        title="砚山县试验图",
        subtitle="指标20　行政村物流配送网点覆盖率",
        layers=(
            DrawnLayer("ends", "端点", ends, resolve_style(squares, {}, ends, title="端点")),
            DrawnLayer("road", "道路", road, resolve_style(lines, {}, road, title="道路")),
        ),
        county=COUNTY,
        crs=CRS,
        extent=gpd.GeoDataFrame({"name": ["砚山县"]}, geometry=whole, crs=CRS),
        stamp=date(2024, 12, 31),
        data_date=date(2024, 12, 31),
        figures=(("行政村物流网点覆盖率（本村设点）", "50.9%（55 / 108）"), ("目标", "≥ 80%")),
        table=pd.DataFrame({"township": TOWNSHIPS, "share": np.linspace(0, 1, 11)}),
        table_columns=(("township", "乡镇", ""), ("share", "覆盖率", "share")),
        notes=("分母为民政登记的108个村（居）委会。",),
        sources=("县交通运输局农村公路台账（2024）",),
        modelled=("村庄", "道路"),
    )
    return replace(content, **changes)


def pdf_text(path):
    return "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    png, pdf = folder / "试验.png", folder / "试验.pdf"
    return draw_sheet(tiny_content(), {"png": png, "pdf": pdf}, dpi=DPI), png, pdf


def test_the_scale_is_exact_on_the_pixels(tiny):
    report, png, _ = tiny
    # 70 km and 50 km in 282 x 223 mm: 1:248,227 -> 1:250,000, so 50 km are 200 mm.
    assert report.scale == 250_000
    pixels = np.asarray(Image.open(png).convert("RGB")).astype(int)
    red = (pixels[..., 0] > 240) & (pixels[..., 1] < 30) & (pixels[..., 2] < 30)
    red[:, int(310 / 25.4 * DPI) :] = False  # the legend's sample
    rows, columns = np.nonzero(red)
    left = columns < (columns.min() + columns.max()) / 2
    distance = columns[~left].mean() - columns[left].mean()
    assert distance == pytest.approx(200 / 25.4 * DPI, abs=1.0)
    assert rows[left].mean() == pytest.approx(rows[~left].mean(), abs=1.0)
    assert np.ptp(columns[left]) + 1 == pytest.approx(3 / 25.4 * DPI, abs=2)


def test_the_scale_bar_is_as_long_as_its_figures_say(tiny):
    """Its upper edge is the longest dark run of the sheet's foot; to 0.5 % it measures its end."""
    report, png, pdf = tiny
    dark = np.asarray(Image.open(png).convert("L")) < 110
    frame = dark.shape[0] - int((report.frame.bottom - 8) / 25.4 * DPI)
    foot = dark[frame : -int(10 / 25.4 * DPI), int(12 / 25.4 * DPI) : int(90 / 25.4 * DPI)]
    ends = np.diff(np.pad(foot, ((0, 0), (1, 1))).astype(int), axis=1)
    longest = max(
        int((np.flatnonzero(row < 0) - np.flatnonzero(row > 0)).max(initial=0)) for row in ends
    )
    metres = longest / DPI * 0.0254 * report.scale
    last = max(float(found) for found in re.findall(r"(\d+(?:\.\d+)?)\s*千米", pdf_text(pdf)))
    assert metres == pytest.approx(last * 1000, rel=0.005)


def test_every_class_that_is_drawn_stands_in_the_legend(tmp_path):
    content = sheet_content()
    draw_sheet(content, {"pdf": tmp_path / "a.pdf"})
    text = "".join(pdf_text(tmp_path / "a.pdf").split())
    seen = 0
    for item in content.layers:
        classes = set(classify(item.frame, item.style).tolist()) - {-1}  # all lie on the map
        for number in classes if item.style.by else ():
            assert item.style.classes[number].title.replace(" ", "") in text
            seen += 1
    assert seen > 8


def test_a_symbol_stands_where_its_coordinates_say(tiny):
    report, png, _ = tiny
    pixels = np.asarray(Image.open(png).convert("RGB")).astype(int)
    x, y = report.frame.paper(np.array([[500_000.0, 2.6e6]]))[0]
    column = (report.frame.left + x) / 25.4 * DPI
    row = pixels.shape[0] - (report.frame.bottom + y) / 25.4 * DPI
    assert pixels[round(row), round(column)].tolist() == [255, 0, 0]


def test_the_same_content_gives_the_same_bytes_in_another_process(tiny, tmp_path):
    _, png, pdf = tiny
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; import test_publish_sheet as t\n"
        "files = {'png': Path(sys.argv[2]), 'pdf': Path(sys.argv[3])}\n"
        "t.draw_sheet(t.tiny_content(), files, dpi=t.DPI)\n"
    )
    again = tmp_path / "b.png", tmp_path / "b.pdf"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Shanghai"}
    command = [sys.executable, "-c", code, str(Path(__file__).parent), *map(str, again)]
    subprocess.run(command, check=True, env=environment)
    assert again[0].read_bytes() == png.read_bytes()
    assert again[1].read_bytes() == pdf.read_bytes()


def test_the_pdf_can_be_searched_and_says_what_a_sheet_must_say(tiny):
    text = pdf_text(tiny[2])
    for words in (
        "砚山县试验图", "指标20", "1:250 000", "北", "位置示意图", "2000国家大地坐标系（CGCS2000）",
        "高斯-克吕格 3°分带", "中央经线 105°E", "含模拟数据，不可用于决策：村庄、道路", "内部用图",
        "编制单位：砚山县农业农村局", "数据截止日期：2024-12-31", "50.9%（55 / 108）", "≥ 80%",
        "江那镇", "40.0%", "资料来源：县交通运输局", "分母为民政登记的108个村（居）委会", "端点",
    ):  # fmt: skip
        assert words in text, words
    about = pypdf.PdfReader(tiny[2]).metadata
    assert about is not None
    assert about.title == "砚山县试验图"
    assert about.creation_date is not None
    assert about.creation_date.date() == date(2024, 12, 31)


def test_labels_are_counted_and_the_seats_are_all_named():
    report = draw_sheet(sheet_content(), {})
    assert report.scale == 320_000
    assert report.labels["seats"] == 11
    assert report.labels["reach"] + report.dropped.get("reach", 0) == 108
    assert report.labels["reach"] > 90
    assert "villages" not in report.labels  # 1,100 names beneath the theme are not even tried
    assert report.missing_glyphs == ()


def test_a_sheet_with_an_approval_number_is_not_marked_internal(tmp_path):
    county = COUNTY.model_copy(update={"map_approval": "云S(2025)018号"})
    content = tiny_content(county=county, title="𠀀县图", data_date=None)
    report = draw_sheet(content, {"pdf": tmp_path / "a.pdf"}, language="en")
    text = pdf_text(tmp_path / "a.pdf")
    assert "云S(2025)018号" in text
    assert "Internal use only" not in text
    assert "Data as of: not stated" in text
    assert report.missing_glyphs == ("𠀀",)
    assert "□县图" in text


def test_the_legend_has_only_classes_that_are_on_the_map():
    content = tiny_content()
    frame = fit_frame(
        (490_000, 2.57e6, 560_000, 2.62e6), CRS, left=0, bottom=0, width=300, height=240
    )
    entries = legend_entries([PlacedLayer(item, frame) for item in content.layers], "zh")
    assert [(e.role, e.title) for e in entries] == [
        ("group", "专题要素"), ("class", "端点"), ("heading", "道路"), ("class", "earth"),
    ]  # fmt: skip
    far = fit_frame(
        (700_000, 2.57e6, 760_000, 2.62e6), CRS, left=0, bottom=0, width=300, height=240
    )
    assert legend_entries([PlacedLayer(item, far) for item in content.layers], "zh") == []


def test_a_long_legend_goes_into_two_columns_and_no_heading_ends_one():
    content = sheet_content()
    frame = fit_frame(content.extent.total_bounds, CRS, left=0, bottom=0, width=292, height=233)
    entries = legend_entries([PlacedLayer(item, frame) for item in content.layers], "zh")
    one = sum(entry.height for entry in entries)
    assert legend_height(entries, one + 1) == pytest.approx(one)
    assert legend_height(entries, one / 2) < 0.65 * one


def test_a_legend_set_closer_keeps_its_samples_whole():
    big = LegendEntry("size", "20,000", "point", Symbol(size_mm=7.5))
    assert big.height_at(0.7) == pytest.approx(8.3)
    line = LegendEntry("class", "县道", "line", Symbol())
    assert legend_height([big, line], 100, 0.7) == pytest.approx(8.3 + 0.7 * line.height)


def test_a_border_shared_by_two_areas_is_drawn_once():
    # +---+---+   seven edges of 10: the middle one belongs to both squares and counts once
    # |   |   |
    # +---+---+
    squares = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    both = shared_borders(squares, np.array([0, 0]))
    assert sum(shapely.LineString(line).length for line in both[0]) == pytest.approx(70)
    apart = shared_borders(squares, np.array([0, 1]))
    lengths = {k: sum(shapely.LineString(x).length for x in lines) for k, lines in apart.items()}
    assert lengths == {0: pytest.approx(40), 1: pytest.approx(30)}


def test_a_table_that_does_not_fit_says_how_many_rows_are_left_out():
    table = pd.DataFrame({"name": [f"第{i}村" for i in range(90)], "n": range(90)})
    columns = (("name", "村", ""), ("n", "户数", "户"))
    paper = Paper(100, 100)
    draw_table(
        paper.whole, table, columns, left=0, top=90, width=80, row_mm=4, language="zh", rows=20
    )
    texts = [text.get_text() for text in paper.whole.axes.texts]
    assert sum(text.endswith("村") for text in texts) == 20  # the heading and 19 rows
    assert texts[-1] == "……其余 71 行见统计表"
    assert cell_text(0.4567, "share") == "45.7%"
    assert [cell_text(v) for v in (None, np.nan, 3.0, 1234.5, "甲", True)] == [
        "–", "–", "3", "1,234.5", "甲", "True",
    ]  # fmt: skip


def wide_content(**changes):
    # 112 km x 50 km: beside a column 292 mm wide 1:400,000, across the sheet 1:300,000
    whole = [shapely.box(480_000, 2.57e6, 592_000, 2.62e6)]
    extent = gpd.GeoDataFrame({"name": ["砚山县"]}, geometry=whole, crs=CRS)
    return tiny_content(extent=extent, **changes)


def test_a_wide_county_goes_across_the_sheet_with_everything_beneath(tmp_path):
    report = draw_sheet(wide_content(), {"pdf": tmp_path / "a.pdf"})
    assert report.scale == 300_000
    assert report.frame.width > 380
    text = pdf_text(tmp_path / "a.pdf")
    for words in ("图　例", "端点", "含模拟数据", "干河彝族乡", "位置示意图", "50.9%", "1:300 000"):
        assert words in text, words


def test_what_has_no_room_beneath_stays_beside():
    figures = tuple((f"第{i}项指标", "12.5%") for i in range(14))
    assert draw_sheet(wide_content(figures=figures), {}).scale == 400_000


def test_drawing_leaves_matplotlibs_settings_alone(tmp_path):
    before = dict(mpl.rcParams)
    draw_sheet(tiny_content(), {})
    assert dict(mpl.rcParams) == before


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    target = tmp_path / "sheet.pdf"
    target.mkdir()
    with pytest.raises(WriteError) as caught:
        draw_sheet(tiny_content(), {"pdf": target})
    assert caught.value.code == "file-not-written"
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.pdf"]


def test_empty_layers_missing_geometry_and_a_single_point_can_be_drawn():
    content = tiny_content()
    ends, road = content.layers
    gone = ends.frame.iloc[:0]
    gap = road.frame.copy()
    gap.geometry = [None]
    lone = ends.frame.iloc[:1]
    shown = replace(
        content,
        layers=(replace(ends, frame=gone), replace(road, frame=gap), replace(ends, frame=lone)),
        extent=lone, figures=(), table=None, modelled=(), subtitle="",
    )  # fmt: skip
    report = draw_sheet(shown, {})
    assert report.scale == 2_500  # 500 m in 222 mm of height
    assert report.dropped == {}


def test_several_shapes_of_geometry_are_drawn_alike():
    place = shapely.Point(520_000, 2.6e6)
    ring = place.buffer(9000).difference(place.buffer(3000))
    areas = gpd.GeoDataFrame(
        {"name": ["甲", "乙"]},
        geometry=[shapely.MultiPolygon([ring]), shapely.box(540_000, 2.59e6, 550_000, 2.6e6)],
        crs=CRS,
    )
    dots = gpd.GeoDataFrame({"name": ["丙"]}, geometry=[shapely.MultiPoint([place])], crs=CRS)
    style = Style(symbol=Symbol(outline="#000000"), label="name")
    layers = tuple(
        DrawnLayer(name, name, frame, resolve_style(style, {}, frame, title=name))
        for name, frame in (("dots", dots), ("areas", areas))
    )
    report = draw_sheet(tiny_content(layers=layers), {})
    assert report.labels == {"dots": 1, "areas": 2}


def test_the_inset_shows_the_neighbours_where_they_are_known(tmp_path):
    content = tiny_content()
    west, south, east, north = content.extent.total_bounds
    width = east - west
    around = gpd.GeoDataFrame(
        {"name": ["西邻县", "东邻县", "远县"]},
        geometry=[
            shapely.box(west - width, south, west, north),
            shapely.box(east, south, east + width, north),
            shapely.box(east + 5 * width, south, east + 6 * width, north),
        ],
        crs=content.crs,
    )
    draw_sheet(replace(content, neighbours=around), {"pdf": tmp_path / "a.pdf"})
    text = pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text()
    assert "西邻县" in text
    assert "东邻县" in text
    assert "远县" not in text
