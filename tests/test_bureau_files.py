"""A county bureau hands over a folder: what comes in, what is refused, and what the figures are.

The county, in metres of CGCS2000 / 3-degree Gauss-Krüger CM 105E (EPSG:4544), origin (440000,
2600000), 1 km per column and row::

    6  水井 K
       |                                    K committee, o natural village
    5  |                                    === cement, 30 km/h; -- gravel, 15 km/h
       |                                    甲石公路 y = 0, 石上公路 x = 6, 甲水公路 x = 0
    3  o 老寨       o 岩脚
       |                        o 上坪      (6, 2)
    1  |                        o 新寨      (6, 1)
       |           o 大坝      ||           (3, 0.1)
    0  甲子 K ================ K 石桥
       0           3           6

Roads: 6 km + 2 km cement, 6 km gravel. By hand:

- Hardened path to the own committee: 大坝 (甲子), 新寨 (甲子, round by 石桥), 上坪 (石桥): 3 of 5.
  老寨 misses 3 km of gravel; 岩脚 lies 2.9 km off every road.
- Outlets stand at 甲子 and 石桥: 2 of 3 own. 水井 is 6 km of 15 km/h away: 24 min, so 3 of 3 within
  30 min. 80 % of 3 are 3: the target share takes 24 min and 6 km.
- Hardened kilometres: 8 of 14.
- The ledger knows 大坝, 上坪 and 老寨, all yes; the map disagrees on 老寨.
"""

import json
import shutil
import tomllib
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pyproj
import pytest
import shapely

from yanshan_cli.main import main
from yanshan_gis.datum import from_wgs84
from yanshan_gis.workspace import open_workspace

EAST, NORTH = 440_000, 2_600_000
TO_DEGREES = pyproj.Transformer.from_crs("EPSG:4544", "EPSG:4490", always_xy=True).transform
PLACES = [  # township, committee, name, level, km east, km north, households, people
    ("甲镇", None, "甲子村委会", "村委会", 0, 0, 200, 800),
    ("甲镇", "甲子村委会", "大坝", "自然村", 3, 0.1, 50, 200),
    ("甲镇", "甲子村委会", "新寨", "自然村", 6, 1, 30, 120),
    ("甲镇", None, "石桥村委会", "村委会", 6, 0, 150, 600),
    ("甲镇", "石桥村委会", "上坪", "自然村", 6, 2, 40, 160),
    ("甲镇", "石桥村委会", "岩脚", "自然村", 3, 3, 10, 40),
    ("乙乡", None, "水井村委会", "村委会", 0, 6, 100, 400),
    ("乙乡", "水井村委会", "老寨", "自然村", 0, 3, 20, 80),
]
ROADS = [  # name, class, surface, km/h, line
    ("甲石公路", "村道", "水泥", 30, [(0, 0), (3, 0), (6, 0)]),
    ("石上公路", "组道", "水泥", 20, [(6, 0), (6, 2)]),
    ("甲水公路", "村道", "砂石", 15, [(0, 0), (0, 3), (0, 6)]),
]
VILLAGES = ["--crs", "EPSG:4490"]
ROADS_FILE, VILLAGES_FILE, OUTLETS_FILE = "农村公路.shp", "村庄情况表.xlsx", "物流网点.csv"
LEDGER_FILE, STORES_FILE = "2025年台账.xlsx", "冷库.kmz"


# --- the folder ------------------------------------------------------------------------------


def metres(km_east, km_north):
    return EAST + 1000 * km_east, NORTH + 1000 * km_north


def degrees(km_east, km_north):
    return TO_DEGREES(*metres(km_east, km_north))


def dms(value):
    whole, minutes = int(value), int(value % 1 * 60)
    return f"{whole}°{minutes}′{(value - whole - minutes / 60) * 3600:.4f}″"


def write_roads(path):
    """GBK without a word about it, x with the zone's number: 35 440 000."""
    lines = [
        shapely.LineString([(35_000_000 + x, y) for x, y in (metres(*p) for p in r[4])])
        for r in ROADS
    ]
    names = ("路线名称", "行政等级", "路面类型", "设计时速")
    columns = {name: [row[i] for row in ROADS] for i, name in enumerate(names)}
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(columns, geometry=lines, crs=4523), path, encoding="GBK"
    )
    path.with_suffix(".cpg").unlink()
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0  # the language byte
    path.with_suffix(".dbf").write_bytes(dbf)


def write_villages(path):
    """Two rows of heads, townships merged over their villages, subtotals and a total."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["序号", "乡镇", "村委会", "村名", "层级", "位置", None, "人口", None])
    sheet.append([None] * 5 + ["经度", "纬度", "户数", "人数"])
    for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:E2", "F1:G1", "H1:I1"):
        sheet.merge_cells(cells)

    def total(label, column, places):
        row = [None] * 9
        row[column], row[7:] = label, [sum(p[i] for p in places) for i in (6, 7)]
        sheet.append(row)

    for township in ("甲镇", "乙乡"):
        places = [place for place in PLACES if place[0] == township]
        first = sheet.max_row + 1
        for number, (_, committee, name, level, x, y, *people) in enumerate(places, 1):
            lon, lat = degrees(x, y)
            sheet.append([number, township if number == 1 else None, committee, name, level,
                          dms(lon), dms(lat), *people])  # fmt: skip
        sheet.merge_cells(f"B{first}:B{sheet.max_row}")
        total("小计", 1, places)
    total("合计", 0, PLACES)
    book.save(path)


def write_outlets(path):
    """As Excel saves it in China, with coordinates from a Chinese web map."""
    lines = ["网点名称,所属村委会,级别,状态,经度,纬度"]
    for name, committee, x, y in (
        ("甲子网点", "甲子村委会", 0, 0),
        ("石桥网点", "石桥村委会", 6, 0),
    ):
        lon, lat = from_wgs84(*(np.array([v]) for v in degrees(x, y)), "gcj02")
        lines.append(f"{name},{committee},村级,已建,{lon[0]:.7f},{lat[0]:.7f}")
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode("gbk"))


def write_ledger(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "台账"
    sheet.append(["小县自然村通硬化路台账"])
    sheet.append(["乡镇", "自然村", "是否通硬化路", "填报日期"])
    for township, name, says in (("甲镇", "大坝", "是"), ("甲镇", "上坪", "是"),
                                 ("乙乡", "老寨", "是"), ("乙乡", "无名寨", "否")):  # fmt: skip
        sheet.append([township, name, says, "2025-06-30"])
    book.save(path)


def write_stores(path):
    marks = ""
    for name, volume, x, y in (("甲子冷库", 500, 0.5, 0), ("石桥冷库", None, 6, 0.2)):
        lon, lat = degrees(x, y)
        data = f'<Data name="库容"><value>{volume}</value></Data>' if volume else ""
        marks += (
            f"<Placemark><name>{name}</name><ExtendedData>{data}<Data name='乡镇'><value>甲镇"
            f"</value></Data></ExtendedData><Point><coordinates>{lon:.8f},{lat:.8f},0"
            "</coordinates></Point></Placemark>"
        )
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", f'<?xml version="1.0" encoding="UTF-8"?>{kml}')


def write_stations(path):
    """A copy that broke off in the middle."""
    points = shapely.points([degrees(i / 10, 0) for i in range(20)])
    frame = gpd.GeoDataFrame(
        {"基站名称": [f"基站{i}" for i in range(20)]}, geometry=points, crs=4490
    )
    pyogrio.write_dataframe(frame, path, encoding="GBK")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.fixture(scope="module")
def handed_over(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bureau") / "交通局 2025"
    folder.mkdir()
    write_roads(folder / ROADS_FILE)
    write_villages(folder / VILLAGES_FILE)
    write_outlets(folder / OUTLETS_FILE)
    write_ledger(folder / LEDGER_FILE)
    write_stores(folder / STORES_FILE)
    write_stations(folder / "基站.shp")
    (folder / "水利普查.mdb").write_bytes(b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(4096))
    (folder / "~$村庄情况表.xlsx").write_bytes(b"lock")
    return folder


class County:
    """A workspace and the command line on it."""

    def __init__(self, root, capsys=None):
        self.root, self.capsys = root, capsys

    def yanshan(self, *arguments):
        """Return exit code, stdout and the lines of stderr."""
        with pytest.raises(SystemExit) as leaving:
            main(["--lang", "en", *map(str, arguments), "-w", str(self.root)])
        if self.capsys is None:
            return leaving.value.code, "", []
        out, err = self.capsys.readouterr()
        assert "Traceback" not in err
        return leaving.value.code, out, err.splitlines()

    def bytes(self):
        """Return all that an import may change but its report."""
        return {
            path.relative_to(self.root): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and "out" not in path.relative_to(self.root).parts
        }

    def frame(self, layer):
        return open_workspace(self.root).read(layer).frame


@pytest.fixture
def county(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["--lang", "en", "init", str(tmp_path / "小县"), "--name", "小县"])
    capsys.readouterr()
    return County(tmp_path / "小县", capsys)


@pytest.fixture(scope="module")
def stored(handed_over, tmp_path_factory):
    """The county after every file was imported as its messages asked for."""
    root = tmp_path_factory.mktemp("county") / "小县"
    with pytest.raises(SystemExit):
        main(["--lang", "en", "init", str(root), "--name", "小县"])
    county = County(root)
    assert county.yanshan("import", handed_over, "-y")[0] == 3
    for layer, file, *options in (
        ("villages", VILLAGES_FILE, *VILLAGES),
        ("outlets", OUTLETS_FILE, "--crs", "EPSG:4490", "--datum", "gcj02"),
        ("villages", LEDGER_FILE, "--accept-refused", "--as-of", "2025-06-30"),
    ):
        assert county.yanshan("import", layer, handed_over / file, *options)[0] == 0
    return county


@pytest.fixture
def filled(stored, tmp_path, capsys):
    """A copy of it, to do harm to."""
    capsys.readouterr()
    return County(shutil.copytree(stored.root, tmp_path / "小县"), capsys)


# --- the folder as a whole -------------------------------------------------------------------


def test_the_folder_stores_what_is_clear_and_says_the_rest(county, handed_over):
    code, out, err = county.yanshan("import", handed_over, "-y")
    assert code == 3
    assert sorted(open_workspace(county.root).records()) == ["cold_storage", "roads"]
    said = "\n".join(err)
    assert "水利普查.mdb" in said
    assert "export its layers" in said
    errors = [line for line in err if line.startswith("Error: ")]
    # Each file that was not stored has one line, and the line names it.
    for file in (VILLAGES_FILE, OUTLETS_FILE, LEDGER_FILE, "基站.shp"):
        assert sum(file in line for line in errors) == 1, file
    assert len(errors) == 4
    files = {entry["file"]: entry for entry in json.loads(out)["files"]}
    assert files["基站.shp"]["refused"] == 12
    assert county.frame("cold_storage")["volume_m3"].tolist()[0] == 500


def test_the_ledger_waits_for_the_villages_it_speaks_of(county, handed_over):
    # The ledger's name comes first in the alphabet, and its layer could be stored without places.
    _, _, err = county.yanshan("import", handed_over, "-y")
    (line,) = [line for line in err if line.startswith("Error: ") and LEDGER_FILE in line]
    assert "import that one first" in line
    assert "villages" not in open_workspace(county.root).records()


def test_a_dry_run_changes_nothing(county, handed_over):
    before = county.bytes()
    code, _, err = county.yanshan("import", handed_over, "-y", "--dry-run")
    assert code == 0
    assert "Nothing was stored (--dry-run)." in err
    assert county.bytes() == before
    assert not (county.root / "out").exists()


def test_what_nobody_answered_is_not_remembered_as_left_out(county, handed_over):
    county.yanshan("import", handed_over, "-y")
    memory = (county.root / "imports.toml").read_text(encoding="utf-8")
    assert "mdb" not in memory
    assert 'layer = ""' not in memory


def test_two_files_of_one_layer_add_up(county, tmp_path):
    folder = tmp_path / "两个文件"
    folder.mkdir()
    # 自然村 stands before 行政村 in the alphabet, and names committees that only the latter brings.
    for file, rows in (("自然村.geojson", PLACES[1:3]), ("行政村.geojson", PLACES[:1])):
        columns = {"村名": [r[2] for r in rows], "层级": [r[3] for r in rows]}
        if rows[0][1]:
            columns["村委会"] = [r[1] for r in rows]
        places = [shapely.Point(degrees(r[4], r[5])) for r in rows]
        frame = gpd.GeoDataFrame(columns, geometry=places, crs=4326)
        frame.to_file(folder / file)
    assert county.yanshan("import", folder, "-y")[0] == 0
    villages = county.frame("villages").set_index("name")
    assert sorted(villages.index) == ["大坝", "新寨", "甲子村委会"]
    assert set(villages["parent"].dropna()) == {villages.loc["甲子村委会", "id"]}


def test_a_crs_for_the_folder_is_for_files_without_one_and_is_remembered(county, tmp_path):
    folder = tmp_path / "无坐标系"
    folder.mkdir()
    places = [shapely.Point(metres(r[4], r[5])) for r in PLACES[:1]]  # metres, and it says so
    frame = gpd.GeoDataFrame(
        {"村名": ["甲子村委会"], "层级": ["村委会"]}, geometry=places, crs=4544
    )
    frame.to_file(folder / "村庄.gpkg")
    lon, lat = degrees(3, 0)
    outlet = f"网点名称,级别,状态,经度,纬度\n甲网点,村级,已建,{lon},{lat}\n"
    (folder / OUTLETS_FILE).write_text(outlet, encoding="utf-8")
    assert county.yanshan("import", folder, "-y", "--crs", "EPSG:4490")[0] == 0
    village, store = (county.frame(name).geometry.iloc[0] for name in ("villages", "outlets"))
    assert village.coords[0] == pytest.approx(metres(0, 0), abs=0.05)
    assert store.coords[0] == pytest.approx(metres(3, 0), abs=0.05)
    memory = tomllib.loads((county.root / "imports.toml").read_text(encoding="utf-8"))
    assert [answer.get("crs") for answer in memory.values()] == [None, "EPSG:4490"]
    assert county.yanshan("import", folder, "-y")[0] == 0  # next quarter, without the option
    memory = tomllib.loads((county.root / "imports.toml").read_text(encoding="utf-8"))
    assert [answer.get("crs") for answer in memory.values()] == [None, "EPSG:4490"]


# --- layer by layer --------------------------------------------------------------------------


def test_ids_are_permanent_numbers_of_their_layer(stored):
    for layer, prefix, rows in (("villages", "V", 8), ("roads", "R", 3), ("outlets", "O", 2)):
        assert stored.frame(layer)["id"].tolist() == [
            f"{prefix}{n:06d}" for n in range(1, rows + 1)
        ]


def test_roads_lose_their_zone_and_keep_their_names(stored):
    workspace, roads = open_workspace(stored.root), stored.frame("roads").set_index("name")
    assert workspace.county.crs == "EPSG:4544"
    roads = roads.loc[[row[0] for row in ROADS]]
    assert roads["surface"].tolist() == ["cement", "cement", "gravel"]
    assert roads["admin_class"].tolist() == ["village", "group", "village"]
    assert roads["speed_kmh"].tolist() == [30, 20, 15]
    assert roads.loc["甲石公路"].geometry.coords[0] == pytest.approx(metres(0, 0), abs=0.01)
    assert roads.length.tolist() == pytest.approx([6000, 2000, 6000], abs=0.01)


def test_villages_stand_where_their_degrees_minutes_and_seconds_say(stored):
    villages = stored.frame("villages").set_index("name")
    assert sorted(villages.index) == sorted(place[2] for place in PLACES)
    for township, committee, name, level, x, y, households, people in PLACES:
        row = villages.loc[name]
        assert row.geometry.coords[0] == pytest.approx(metres(x, y), abs=0.01)
        assert (row["township"], row["households"], row["population"]) == (
            township, households, people,
        )  # fmt: skip
        assert row["level"] == ("committee" if level == "村委会" else "natural")
        if committee:
            assert row["parent"] == villages.loc[committee, "id"]


def test_totals_are_no_villages(county, handed_over):
    code, out, err = county.yanshan("import", "villages", handed_over / VILLAGES_FILE, *VILLAGES)
    report = json.loads(out)
    counts = [report[kind] for kind in ("read", "accepted", "refused", "noted")]
    assert (code, counts) == (0, [8, 8, 0, 3])
    noted = [p["row"] for p in report["problems"] if p["severity"] == "note"]
    assert noted == [9, 12, 13]
    assert any("row 9, 12-13" in line and "totals" in line for line in err)
    told = (county.root / "out" / "import" / "villages-村庄情况表-Sheet-report.csv").read_text(
        "utf-8-sig"
    )
    assert told.count(",note\n") == 3
    assert not (county.root / "out" / "import" / "villages-村庄情况表-Sheet-refused.csv").exists()
    assert not {"小计", "合计"} & set(county.frame("villages")["name"])


def test_outlets_are_moved_from_the_web_map_to_the_earth(stored):
    outlets = stored.frame("outlets").set_index("name")
    committees = stored.frame("villages").set_index("name")["id"]
    for name, committee, x in (("甲子网点", "甲子村委会", 0), ("石桥网点", "石桥村委会", 6)):
        assert outlets.loc[name].geometry.coords[0] == pytest.approx(metres(x, 0), abs=0.05)
        assert outlets.loc[name, "committee"] == committees[committee]
        assert outlets.loc[name, "status"] == "existing"


def test_the_ledger_is_joined_by_name_within_the_township(filled, handed_over):
    villages = filled.frame("villages").set_index("name")
    says = villages["ledger_hardened_access"]
    assert says[["大坝", "上坪", "老寨"]].tolist() == [True, True, True]
    assert says.isna().sum() == 5
    assert len(villages) == 8
    before = filled.bytes()
    code, out, _ = filled.yanshan("import", "villages", handed_over / LEDGER_FILE)
    assert code == 3
    (problem,) = json.loads(out)["problems"]
    assert (problem["row"], problem["code"], problem["value"]) == (6, "name-unknown", "无名寨")
    assert filled.bytes() == before


def test_refused_rows_are_kept_in_a_file(stored):
    text = (stored.root / "out" / "import" / "villages-2025年台账-台账-refused.csv").read_text(
        "utf-8-sig"
    )
    assert "无名寨" in text
    assert text.count("\n") == 2  # a head and one row


# --- what the figures are --------------------------------------------------------------------


@pytest.mark.slow
def test_run_gives_the_figures_worked_out_by_hand(filled):
    names = ("road-hardening", "logistics-reach", "cold-storage")
    code, out, err = filled.yanshan("run", *names, "--json")
    assert code == 0
    recipes = {recipe["name"]: recipe for recipe in json.loads(out)["recipes"]}
    found = {
        (name, i["key"]): (i["numerator"], i["denominator"], i["value"])
        for name, recipe in recipes.items()
        for i in recipe["indicators"]
    }
    hardening = {key: value[:2] for (name, key), value in found.items() if name == "road-hardening"}
    assert hardening["hardened_path"] == (3, 5)
    assert hardening["touching"] == (3, 5)
    assert hardening["ledger_hardened_access"] == (3, 3)
    assert hardening["hardened_km"] == pytest.approx((8, 14), rel=1e-5)
    assert found["logistics-reach", "own_outlet"][:2] == (2, 3)
    assert found["logistics-reach", "within_minutes"][:2] == (3, 3)
    assert found["logistics-reach", "within_minutes_population"][:2] == (1800, 1800)
    assert found["logistics-reach", "minutes_to_target"][2] == pytest.approx(24, rel=1e-4)
    assert found["logistics-reach", "km_to_target"][2] == pytest.approx(6, rel=1e-4)
    assert found["cold-storage", "volume_m3"][2] == 500
    assert found["cold-storage", "no_figure"][2] == 1
    said = "\n".join(err)
    assert "1 villages lie beyond the attach limit" in said
    assert "disagree on 1 villages" in said
    for name in names:
        assert (filled.root / "out" / "sheets" / f"{name}.png").stat().st_size > 50_000


# --- files that cannot be taken --------------------------------------------------------------


def degree_roads():
    lines = [shapely.LineString([degrees(*p) for p in row[4]]) for row in ROADS]
    columns = {"路线名称": [row[0] for row in ROADS], "路面类型": [row[2] for row in ROADS]}
    return gpd.GeoDataFrame(columns, geometry=lines, crs=4490)


def swapped_axes(folder):
    roads = degree_roads()
    turned = shapely.transform(roads.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    path = folder / "交换.gpkg"
    roads.set_geometry(turned, crs=4490).to_file(path, layer="roads")
    return path


def no_crs(folder):
    path = folder / "无坐标系.shp"
    pyogrio.write_dataframe(degree_roads(), path, encoding="GBK")
    path.with_suffix(".prj").unlink()
    return path


def cut_geopackage(folder):
    path = folder / "截断.gpkg"
    degree_roads().to_file(path, layer="roads")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def cut_workbook(folder):
    path = folder / "截断.xlsx"
    write_villages(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def access_database(folder):
    path = folder / "水利.mdb"
    path.write_bytes(b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(100))
    return path


def points_for_roads(folder):
    path = folder / STORES_FILE
    write_stores(path)
    return path


@pytest.mark.parametrize(
    ("layer", "make", "says"),
    [
        ("roads", swapped_axes, "--column x=… --column y=…"),
        ("roads", no_crs, "--crs EPSG:4490"),
        ("roads", cut_geopackage, "ask for a fresh copy"),
        ("villages", cut_workbook, "ask for a fresh copy"),
        ("roads", access_database, "export its layers"),
        ("roads", points_for_roads, "Is it another layer?"),
    ],
)
def test_one_clear_line_and_nothing_changed(filled, tmp_path, layer, make, says):
    before = filled.bytes()
    code, out, err = filled.yanshan("import", layer, make(tmp_path))
    assert code == 3
    (line,) = err
    assert line.startswith("Error: ")
    assert says in line
    assert out == ""
    assert filled.bytes() == before


def test_a_truncated_shapefile_is_refused_row_by_row(filled, handed_over):
    before = filled.bytes()
    code, out, err = filled.yanshan("import", "base_stations", handed_over / "基站.shp")
    assert code == 3
    assert json.loads(out)["refused"] == 12
    assert any("breaks off in the middle" in line for line in err)
    assert sum(line.startswith("Error: ") for line in err) == 1
    assert filled.bytes() == before
    code, _, _ = filled.yanshan(
        "import", "base_stations", handed_over / "基站.shp", "--accept-refused"
    )
    assert code == 0
    assert len(filled.frame("base_stations")) == 8


def test_layer_names_with_quotes_and_slashes(filled, tmp_path):
    path, odd = tmp_path / "公路.gpkg", "农村\"公路'/2025"
    degree_roads().to_file(path, layer=odd)
    assert filled.yanshan("import", "roads", path)[0] == 0
    assert len(filled.frame("roads")) == 3
    degree_roads().to_file(path, layer="a/b")
    before = filled.bytes()
    code, _, err = filled.yanshan("import", "roads", path)
    assert (code, len(err)) == (2, 1)
    assert odd in err[0]
    assert "--table" in err[0]
    assert filled.bytes() == before
    assert filled.yanshan("import", "roads", path, "--table", odd)[0] == 0


def test_a_file_that_is_not_there(filled):
    code, _, err = filled.yanshan("import", "roads", Path("没有.shp"))
    assert (code, len(err)) == (2, 1)
    assert "没有.shp does not exist" in err[0]
