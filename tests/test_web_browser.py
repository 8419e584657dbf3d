"""The web map in real Chromium with the network cut: what a reader sees, and can do by keyboard."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from towns import COUNTY, small_county
from web_page import Opened, browser, has_namespaces

from yanshan_gis.demo.filling import create_demo
from yanshan_gis.layer import Quality, Source
from yanshan_gis.publish.publication import Publication, write
from yanshan_gis.run import run
from yanshan_gis.workspace import create_workspace

pytestmark = pytest.mark.browser
# Rare characters (one beyond the basic plane), an emoji, markup, and what looks like a gap.
ODD = "<b>𠅤垭&amp;</b> 😀 \"'</script><!-- @data -->{x}"


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    workspace = create_workspace(tmp_path_factory.mktemp("web") / "小县", COUNTY)
    layers = []
    for one in small_county():
        if one.name == "villages":
            frame = one.frame.copy()
            frame.loc[frame.index[0], "name"] = ODD
            frame.loc[frame.index[1], "name"] = "G323 Rd 45"
            one = replace(one, frame=frame)
        layers.append(one)
    workspace.store(layers)
    return workspace, run(workspace, ["road-hardening", "logistics-reach", "column-4"])


@pytest.fixture(scope="module")
def pages(county):
    workspace, outcomes = county
    made = {}
    for language in ("zh", "en"):
        (path,) = write("web", Publication(workspace, outcomes, language)).files
        made[language] = path
    return made


@pytest.fixture
def opened(chromium, pages):
    page = Opened(chromium, pages["zh"])
    yield page
    page.close()
    assert page.complaints == []


def test_it_asks_nobody_and_complains_of_nothing(opened):
    opened.run("page.data.layers.forEach((layer) => layers.show(layer.name, true))")
    opened.settle()
    outside = [url for url in opened.requests if not url.startswith(("file:", "blob:", "data:"))]
    assert outside == []
    assert len([url for url in opened.requests if url.startswith("file:")]) == 1


def test_the_policy_lets_no_script_in_and_nothing_out(chromium, pages):
    page = Opened(chromium, pages["zh"])
    told = page.run("""async () => {
        const found = {};
        try { new Function("return 1")(); found.eval = true; } catch { found.eval = false; }
        try { await fetch("http://127.0.0.1:1/"); found.fetch = true; }
        catch { found.fetch = false; }
        const script = document.createElement("script");
        script.textContent = "window.smuggled = true";
        document.body.append(script);
        found.script = Boolean(window.smuggled);
        return found;
    }""")
    page.close()
    # Playwright's own evaluation may lift the ban on eval within it; scripts and requests stay out.
    assert told["fetch"] is False
    assert told["script"] is False


def test_it_opens_where_there_is_no_network_at_all(chromium, pages):
    if not has_namespaces():
        pytest.skip("processes without a network cannot be started here (unshare -n)")
    script = (
        "from pathlib import Path; from web_page import Opened, browser\n"
        "import sys\n"
        "with browser() as chromium:\n"
        "    page = Opened(chromium, Path(sys.argv[1]))\n"
        "    print(page.run('layers.shown().length'), page.complaints)\n"
    )
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", script, str(pages["zh"])],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    shown, complaints = done.stdout.split(maxsplit=1)
    assert int(shown) > 0
    assert complaints.strip() == "[]"


# Characters of the county, since the page carries no others.
def _ink(opened, text):
    """Draw a text as the only label on the map, and return its dark pixels."""
    opened.run(f"""() => {{
        const map = page.map;
        map.getStyle().layers.filter((l) => l.id !== "ground").forEach((l) =>
            map.setLayoutProperty(l.id, "visibility", "none"));
        if (map.getLayer("probe")) {{ map.removeLayer("probe"); map.removeSource("probe"); }}
        map.addSource("probe", {{ type: "geojson", data: {{ type: "Feature", properties: {{}},
            geometry: {{ type: "Point", coordinates: map.getCenter().toArray() }} }} }});
        map.addLayer({{ id: "probe", type: "symbol", source: "probe", layout: {{
            "text-field": {json.dumps(text)}, "text-size": 40,
            "text-font": page.data.layers.flatMap((l) => l.drawn)
                .find((d) => d.metadata.role === "label").layout["text-font"] }},
            paint: {{ "text-color": "#000000" }} }});
        document.getElementById("legend").hidden = true;
    }}""")
    opened.settle()
    picture = matplotlib.image.imread(io.BytesIO(opened.page.locator("#map").screenshot()))
    middle = picture[picture.shape[0] // 2 - 60 : picture.shape[0] // 2 + 60, 200:-200, :3]
    return middle.mean(axis=2) < 0.35


def test_chinese_latin_and_digits_are_really_drawn(opened):
    marks = {text: _ink(opened, text) for text in ("大", "寨", "W", "i", "8", "1", "·")}
    areas = {text: int(ink.sum()) for text, ink in marks.items()}
    assert all(area > 10 for area in areas.values()), areas
    # Each has its own shape, so none is the box that stands for a missing letter.
    widths = {text: int(np.ptp(np.flatnonzero(ink.any(axis=0)))) for text, ink in marks.items()}
    assert widths["W"] > widths["8"] > widths["i"]
    assert areas["8"] > areas["1"] > areas["·"]
    assert 30 < widths["大"] <= 42
    assert 30 < widths["寨"] <= 42
    assert (marks["大"] != marks["寨"]).sum() > 200


def test_a_village_is_found_by_name_pinyin_and_initials(opened, county):
    workspace, _ = county
    frame = workspace.read("villages").frame
    name = str(frame["name"].iloc[2])
    from pypinyin import lazy_pinyin

    sounds = lazy_pinyin(name)
    for wanted in (name, "".join(sounds), "".join(sound[0] for sound in sounds)):
        opened.page.fill("#search", wanted)
        names = opened.page.locator("#hits [role=option]").evaluate_all(
            "(found) => found.map((hit) => hit.firstChild.textContent)"
        )
        assert name in names
    opened.page.fill("#search", name)
    opened.page.keyboard.press("Enter")
    opened.settle()
    popup = opened.page.locator(".popup")
    assert popup.locator("h3").text_content() == name
    assert "村名" in popup.locator("dt").all_text_contents()
    assert "自然村" in " ".join(popup.locator("dd").all_text_contents())
    opened.page.keyboard.press("Escape")
    assert popup.count() == 0


def test_names_with_markup_are_text(opened):
    opened.page.fill("#search", "𠅤")
    assert opened.page.locator("#hits b").count() == 0
    opened.page.keyboard.press("Enter")
    opened.settle()
    assert opened.page.locator(".popup h3").text_content() == ODD
    assert opened.page.locator(".popup h3 *").count() == 0


def test_layers_are_switched_on_and_off_and_the_legend_follows(opened):
    box = opened.page.locator("input[data-layer='road-hardening__villages']")
    opened.run("document.querySelectorAll('#layers details').forEach((d) => { d.open = true; })")
    box.check()
    opened.settle()
    assert opened.run(
        "page.map.queryRenderedFeatures().some((f) => f.source === 'road-hardening__villages')"
    )
    assert "自然村通硬化路情况" in opened.page.locator("#entries h3").all_text_contents()
    box.uncheck()
    opened.settle()
    assert not opened.run(
        "page.map.queryRenderedFeatures().some((f) => f.source === 'road-hardening__villages')"
    )
    assert "自然村通硬化路情况" not in opened.page.locator("#entries h3").all_text_contents()


def test_the_legend_says_what_the_scheme_says(opened, county):
    from yanshan_gis.publish.layer_tree import build_tree
    from yanshan_gis.publish.style import classify

    workspace, outcomes = county
    tree = build_tree(workspace, outcomes, "zh")
    for tree_layer in (layer for group in tree for layer in group.walk()):
        style, frame = tree_layer.style, tree_layer.frame
        placed = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
        used = set(classify(placed, style).tolist())
        wanted = [item.title for index, item in enumerate(style.classes) if index in used]
        shown = opened.run(
            f"layers.get({tree_layer.table!r}).legend.filter((e) => 'class' in e)"
            ".map((e) => e.title)"
        )
        assert shown == wanted, tree_layer.table


def test_lengths_are_those_of_the_ellipsoid(opened):
    from pyproj import Geod

    places = [(104.2, 23.5), (104.5, 23.62), (104.41, 23.8)]
    lon, lat = zip(*places, strict=True)
    geod = Geod(ellps="WGS84")
    length = geod.line_length(lon, lat)
    area = abs(geod.polygon_area_perimeter(lon, lat)[0])
    assert opened.run(f"geometry.length({json.dumps(places)})") == pytest.approx(length, rel=1e-4)
    assert opened.run(f"geometry.area({json.dumps(places)})") == pytest.approx(area, rel=1e-3)


def test_measuring_by_mouse_and_by_keyboard(opened):
    from pyproj import Geod

    opened.page.click("#measure-distance")
    ends = [opened.run(f"page.map.unproject([{x}, 300]).toArray()") for x in (500, 700)]
    box = opened.page.locator("#map").bounding_box()
    for x in (500, 700):
        opened.page.mouse.click(box["x"] + x, box["y"] + 300)
    shown = opened.page.locator("#measured strong").text_content()
    number = float(shown.split()[1].replace(",", "")) * (1000 if "千米" in shown else 1)
    lon, lat = zip(*ends, strict=True)
    assert number == pytest.approx(Geod(ellps="WGS84").line_length(lon, lat), rel=0.005)
    opened.page.keyboard.press("Escape")
    assert opened.page.locator("#measured").is_hidden()
    assert opened.run("document.activeElement.id") == "measure-distance"
    opened.page.keyboard.press("Enter")
    for key in ("Enter", "ArrowRight"):
        opened.page.keyboard.press(key)
    opened.settle()
    opened.page.keyboard.press("Enter")
    assert not opened.page.locator("#measured strong").text_content().startswith("长度 0")
    opened.page.keyboard.press("Backspace")
    assert opened.page.locator("#measured strong").text_content().startswith("长度 0")


def test_every_control_is_reached_by_tab(opened):
    opened.run("document.activeElement.blur()")
    reached = []
    for _ in range(60):
        opened.page.keyboard.press("Tab")
        reached.append(opened.run(
            "(document.activeElement.id || document.activeElement.className ||"
            " document.activeElement.parentElement.id)"
        ))  # fmt: skip
    wanted = ["skip", "whole", "measure-distance", "print", "search", "figure", "table"]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places)
    assert any("maplibregl-canvas" in name for name in reached)


def test_the_keyboard_alone_asks_the_map(opened):
    place = opened.run("""() => {
        layers.show("villages", true);
        const [place] = layers.shapes("villages");
        page.map.jumpTo({ center: place.coordinates, zoom: 14 });
        page.map.getCanvas().focus();
        return place.coordinates;
    }""")
    opened.settle()
    opened.page.keyboard.press("Enter")
    assert opened.page.locator(".popup dl").count() == 1
    assert len(place) == 2


def test_figures_stand_in_a_table_too(opened, county):
    opened.page.locator("#table summary").click()
    table = opened.page.locator("#table table")
    assert table.locator("caption").text_content()
    assert table.locator("thead th[scope=col]").count() == 4
    first = table.locator("tbody tr").first
    assert "%" in first.locator("td").last.text_content()
    townships = county[0].read("townships").frame["name"].tolist()
    rows = table.locator("tbody th").all_text_contents()
    assert rows[0] == "全县"
    assert sorted(rows[1:]) == sorted(townships)


def test_it_says_of_itself_what_every_output_says(opened):
    assert opened.page.locator("#internal").text_content() == "内部用图　不得公开"
    assert "数据截止日期：2025-12-31" in opened.page.locator("#imprint").text_content()
    assert "drawn by hand" in opened.page.locator("#sources").text_content()
    assert opened.page.locator(".maplibregl-ctrl-scale").text_content().endswith(("米", "千米"))
    assert opened.page.locator("#modelled").is_hidden()


def test_printing_shows_map_legend_and_marks(opened):
    opened.run("window.print = () => { window.printed = true; }")
    opened.page.click("#print")
    opened.settle()
    assert opened.run("window.printed")
    assert opened.page.locator("aside").is_hidden()
    for name in ("#map", "#legend", "#internal", "#imprint"):
        assert opened.page.locator(name).is_visible()
    opened.run("window.dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator("aside").is_visible()


def test_in_english(chromium, pages):
    page = Opened(chromium, pages["en"])
    assert pages["en"].name == "Tiny.html"
    assert page.run("document.documentElement.lang") == "en"
    assert page.page.locator("#internal").text_content() == "Internal use only"
    assert page.page.locator("#print").text_content() == "Print"
    shown = page.page.locator("header, #layers h2, #legend summary").all_text_contents()
    assert not any("一" <= char <= "鿿" for text in shown for char in text)
    page.close()
    assert page.complaints == []


def test_a_scenario_and_modelled_layers_are_marked(chromium, tmp_path):
    from yanshan_gis.content import Title
    from yanshan_gis.overlay import open_as
    from yanshan_gis.scenario import scenario_of_choice, write_scenario

    workspace = create_workspace(tmp_path / "小县", COUNTY)
    made = Source("model", "a model", attributes=Quality.MODELLED, position=Quality.MODELLED)
    layers = [
        replace(one, sources=(made,), frame=one.frame.assign(source_id="model"))
        if one.name == "villages" else one
        for one in small_county()
    ]  # fmt: skip
    workspace.store(layers)
    title = Title(zh="多修路", en="More roads")
    write_scenario(workspace.root, scenario_of_choice("more", title=title))
    scenario = open_as(workspace.root, "more")
    outcomes = run(scenario, ["road-hardening"])
    (path,) = write("web", Publication(scenario, outcomes)).files
    page = Opened(chromium, path)
    assert "情景：多修路" in page.page.locator("#scenarios").text_content()
    assert "含模拟数据，不可用于决策" in page.page.locator("#modelled").text_content()
    assert page.page.locator("#layers .tag").count() > 0
    page.close()
    assert page.complaints == []


def test_expressions_give_rows_the_class_of_a_sheet(opened):
    """MapLibre itself reads the filters of random schemes; see test_web_style for the same."""
    from test_web_style import random_scheme

    from yanshan_gis.publish.style import classify
    from yanshan_gis.publish.web_style import drawn_properties, style_layers

    for seed in range(6):
        frame, style = random_scheme(np.random.default_rng(seed), 40)
        properties = drawn_properties(frame, style)
        features = [
            {"type": "Feature",
             "geometry": {"type": "Point", "coordinates": list(shape.coords[0])},
             "properties": {"row": row} | {
                 name: values[row] for name, values in properties.items()
                 if values[row] is not None}}
            for row, shape in enumerate(frame.geometry)
        ]  # fmt: skip
        drawn = [x for x in style_layers(style, set(range(len(style.classes))))
                 if x["metadata"]["role"] == "point"]  # fmt: skip
        told = opened.run(
            f"""async () => {{
            const map = page.map, name = "random{seed}", found = {{}};
            map.setMaxBounds(null);
            map.addSource(name, {{ type: "geojson", data: {{ type: "FeatureCollection",
                features: {json.dumps(features)} }} }});
            map.fitBounds([100, 20, 101, 21], {{ animate: false, padding: 60 }});
            const layers = {json.dumps(drawn)};
            layers.forEach((spec, i) => map.addLayer({{ ...spec, id: name + i, source: name,
                type: "circle", layout: {{}}, paint: {{}} }}));
            await new Promise((done) => map.once("idle", done));
            layers.forEach((spec, i) => map.queryRenderedFeatures({{ layers: [name + i] }})
                .forEach((f) => {{ found[f.properties.row] = spec.metadata.class; }}));
            layers.forEach((spec, i) => map.removeLayer(name + i));
            return found;
        }}"""
        )
        wanted = {str(i): c for i, c in enumerate(classify(frame, style).tolist()) if c >= 0}
        assert told == wanted


@pytest.mark.slow
def test_the_bundled_county_takes_less_than_five_megabytes(chromium, tmp_path):
    workspace = create_demo(tmp_path / "demo", cell=1000)
    outcomes = run(workspace)
    (path,) = write("web", Publication(workspace, outcomes)).files
    assert path.name == "砚山县.html"
    assert path.stat().st_size <= 5_000_000
    page = Opened(chromium, path)
    page.run("page.data.layers.forEach((layer) => layers.show(layer.name, true))")
    page.settle()
    assert len(page.run("layers.shown()")) > 40
    page.close()
    assert page.complaints == []
