"""The bundled layer catalogue: complete, unambiguous, drawable, as the domain describes it."""

from __future__ import annotations

import itertools
import tomllib
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from yanshan_gis.catalogue import fold_name, read_layers
from yanshan_gis.content import FieldDef, LayerDef
from yanshan_gis.ingest.cells import CodeList, fold_heading
from yanshan_gis.ingest.fields import map_fields

CATALOGUE = read_layers()
LAYERS = sorted(CATALOGUE)
FILES = sorted((Path(__file__).parents[1] / "layers").glob("*.toml"))

# What the methods build on: name -> geometry and the fields they read by name.
PROMISED = {
    "villages": ("Point", "name code level kind parent township population households "
                 "households_piped exempt exempt_reason ledger_hardened_access "
                 "ledger_in_village_km ledger_in_village_hardened_km ledger_5g ledger_outlet "
                 "ledger_source ledger_date position_quality"),
    "roads": ("LineString", "name route_code admin_class technical_grade surface width_m scope "
              "status speed_kmh cost_per_km_wan all_season one_way level township programme "
              "project_id completed_on"),
    "outlets": ("Point", "name level operator status township committee"),
    "cold_storage": ("Point", "name township committee status volume_m3 floor_area_m2 "
                     "site_area_mu products"),
    "townships": ("Polygon", "name code"),
    "seats": ("Point", "name level township code"),
    "county": ("Polygon", "name code"),
    "desertification": ("Polygon", "grade scheme date"),
    "farm_bases": ("Polygon", "name area_mu irrigated_mu township committee"),
    "water_projects": ("Point", "name kind households_served villages_served programme "
                       "completed_on"),
    "relocation_sites": ("Point", "name township households population"),
    "base_stations": ("Point", "operator generation radius_m status"),
    "public_services": ("Point", "name kind township"),
    "greening_parcels": ("Polygon", "area_mu kind programme completed_on"),
    "projects": ("Point", "column section item part_of name kind townships committees group "
                 "quantities money beneficiaries status source location_quality note"),
    "indicators": ("Table", "number name name_en target operator unit kind baseline baseline_unit "
                   "baseline_year baseline_source source note"),
    "statistics": ("Table", "indicator value unit year as_of township source note"),
    "programmes": ("Table", "key name name_en project value unit money_wan source note"),
    "control_lines": ("Polygon", "kind"),
    "land_use": ("Polygon", "class"),
    "lithology": ("Polygon", "rock"),
    "neighbours": ("Polygon", "name"),
    "elevation": ("Raster", ""),
    "imagery": ("Raster", ""),
    "land_cover": ("Raster", ""),
    "soil_depth": ("Raster", ""),
}  # fmt: skip

# Column heads as they stand in bureau files, and the field each must find.
HEADINGS = {
    "villages": {
        "村名": "name", "自然村名称": "name", "行政村": "parent", "建制村": "parent",
        "村委会名称": "parent", "乡（镇）": "township", "总人口": "population",
        "户籍人口": "population", "总户数": "households", "是否通硬化路": "ledger_hardened_access",
        "村内道路硬化里程": "ledger_in_village_hardened_km", "是否5G覆盖": "ledger_5g",
        "XZCMC": "parent",
    },
    "roads": {
        "路线名称": "name", "路线编号": "route_code", "路线类别": "admin_class",
        "公路等级": "technical_grade", "面层类型": "surface", "路面材料": "surface",
        "LMLX": "surface", "路面宽度": "width_m", "路基宽度": "roadbed_width_m",
        "里程": "ledger_length_km", "起点名称": "start_place", "止点名称": "end_place",
        "是否硬化": "ledger_hardened", "竣工时间": "completed_on", "设计时速": "speed_kmh",
    },
    "land_use": {"DLMC": "class", "DLBM": "survey_code", "TBMJ": "area_m2", "ZLDWMC": "place"},
    "outlets": {"快递品牌": "operator", "网点名称": "name", "所属行政村": "committee"},
    "projects": {"建设地点": "place", "建设内容及规模": "content", "总投资": "investment_wan",
                 "受益户数": "beneficiary_households", "项目类别": "kind"},
}  # fmt: skip

# Cell values of code fields, and the code each must find.
VALUES = {
    ("roads", "technical_grade"): {"四级": "class4", "14": "class4", "等外": "substandard",
                                   "30": "substandard", "高速公路": "expressway"},
    ("roads", "surface"): {"沥青混凝土": "asphalt", "11": "asphalt", "水泥混凝土": "cement",
                           "12": "cement", "砂石": "gravel", "31": "gravel", "弹石": "stone",
                           "泥土": "earth", "无路面": "earth"},
    ("roads", "admin_class"): {"G": "national", "S": "provincial", "X": "county",
                               "Y": "township", "C": "village", "通组公路": "group"},
    ("roads", "one_way"): {"逆向": "backward", "单行": "forward", "双向": "both", "0": "both"},
    ("villages", "level"): {"行政村": "committee", "自然村": "natural", "村民小组": "group"},
    ("villages", "kind"): {"居委会": "urban_community"},
    ("outlets", "status"): {"已建成": "existing", "拟建": "planned"},
    ("land_use", "class"): {"水田": "farmland", "0101": "farmland", "0301": "forest",
                            "农村宅基地": "built", "1006": "transport"},
    ("desertification", "grade"): {"重度": "severe", "强度": "severe", "潜在": "potential"},
}  # fmt: skip


def _spellings(name: str, field: FieldDef) -> set[str]:
    texts = (name, field.title.zh, field.title.en, *field.aliases)
    return {fold_heading(text) for text in texts}


def _owners(layer: LayerDef) -> dict[str, set[str]]:
    owners = defaultdict[str, set[str]](set)
    for name, field in layer.fields.items():
        for spelling in _spellings(name, field):
            owners[spelling].add(name)
    return owners


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_validates(path: Path) -> None:
    LayerDef.model_validate({"name": path.stem, **tomllib.loads(path.read_text("utf-8"))})


def test_every_layer_of_the_domain_is_there() -> None:
    assert set(CATALOGUE) == set(PROMISED)


@pytest.mark.parametrize("name", LAYERS)
def test_layer_holds_what_methods_read(name: str) -> None:
    geometry, fields = PROMISED[name]
    assert geometry in CATALOGUE[name].geometry
    assert set(fields.split()) <= set(CATALOGUE[name].fields)


def test_id_prefixes_tell_layers_apart() -> None:
    prefixes = [layer.id_prefix for layer in CATALOGUE.values()]
    assert len(set(prefixes)) == len(prefixes)


def test_villages_roads_and_projects_keep_their_prefixes() -> None:
    # ids once given out are permanent, so these letters may never change
    assert {n: CATALOGUE[n].id_prefix for n in ("villages", "roads", "outlets", "projects")} == {
        "villages": "V", "roads": "R", "outlets": "O", "projects": "P"
    }  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_no_heading_fits_two_fields(name: str) -> None:
    torn = {text: sorted(f) for text, f in _owners(CATALOGUE[name]).items() if len(f) > 1}
    assert torn == {}


@pytest.mark.parametrize("name", LAYERS)
def test_no_alias_stands_twice_in_a_field(name: str) -> None:
    for key, field in CATALOGUE[name].fields.items():
        folded = [fold_name(alias) for alias in field.aliases]
        assert len(set(folded)) == len(folded), (key, folded)


@pytest.mark.parametrize("name", LAYERS)
def test_no_value_means_two_codes(name: str) -> None:
    for key, field in CATALOGUE[name].fields.items():
        owners = defaultdict[str, set[str]](set)
        for value, code in field.codes.items():
            for text in (value, code.zh, code.en, *code.aliases):
                owners[fold_heading(text) or text].add(value)
        assert {t: v for t, v in owners.items() if len(v) > 1} == {}, key


def test_no_file_name_means_two_layers() -> None:
    owners = defaultdict[str, set[str]](set)
    for layer in CATALOGUE.values():
        for text in (layer.name, layer.title.zh, layer.title.en, *layer.aliases):
            owners[fold_name(text)].add(layer.name)
    assert {text: names for text, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize(
    ("layer", "heading", "field"),
    [(layer, head, field) for layer, heads in HEADINGS.items() for head, field in heads.items()],
)
def test_bureau_heading_finds_its_field(layer: str, heading: str, field: str) -> None:
    assert _owners(CATALOGUE[layer])[fold_heading(heading)] == {field}


@pytest.mark.parametrize(
    ("layer", "field", "value", "code"),
    [(*place, value, code) for place, values in VALUES.items() for value, code in values.items()],
)
def test_bureau_value_finds_its_code(layer: str, field: str, value: str, code: str) -> None:
    assert CodeList(CATALOGUE[layer].fields[field].codes).read(value).value == code


def test_one_way_signs_are_asked_about_rather_than_lost() -> None:
    codes = CodeList(CATALOGUE["roads"].fields["one_way"].codes)
    assert codes.read("1").value is codes.read("-1").value is None


def test_no_desertification_is_a_grade_and_not_a_gap() -> None:
    assert CodeList(CATALOGUE["desertification"].fields["grade"].codes).read("无").value == "none"


# Heads of national standard tables and of everyday ledgers: which columns find a field, unasked.
TABLES = {
    "roads": (
        "路线编号 所在行政区划代码 路线名称 起点名称 止点名称 起点桩号 止点桩号 里程(公里) "
        "技术等级代码 技术等级 是否一幅高速 车道数量(个) 面层类型代码 面层类型 路基宽度(米) "
        "路面宽度(米) 面层厚度(厘米) 设计时速(公里/小时) 修建年度",
        {"路线编号": "route_code", "路线名称": "name", "起点名称": "start_place",
         "止点名称": "end_place", "里程(公里)": "ledger_length_km", "技术等级": "technical_grade",
         "面层类型": "surface", "路基宽度(米)": "roadbed_width_m", "路面宽度(米)": "width_m",
         "设计时速(公里/小时)": "speed_kmh"},
    ),
    "land_use": (
        "BSM YSDM TBYBH TBBH DLBM DLMC QSXZ QSDWDM QSDWMC ZLDWDM ZLDWMC TBMJ KCDLBM KCXS KCMJ "
        "TBDLMJ GDLX GDPDJB SJNF",
        {"TBBH": "code", "DLBM": "survey_code", "DLMC": "class", "ZLDWMC": "place",
         "TBMJ": "area_m2", "GDPDJB": "slope_class", "SJNF": "date"},
    ),
    "townships": ("BSM YSDM XZQDM XZQMC DCMJ JSMJ", {"XZQDM": "code", "XZQMC": "name"}),
    "villages": (
        "序号 乡镇 行政村 自然村 户数（户） 人口（人） 是否通硬化路 "
        "村内道路总里程(公里) 不具备条件原因 备注",
        {"乡镇": "township", "行政村": "parent", "自然村": "name", "户数（户）": "households",
         "人口（人）": "population", "是否通硬化路": "ledger_hardened_access",
         "村内道路总里程(公里)": "ledger_in_village_km", "不具备条件原因": "exempt_reason"},
    ),
    "projects": (
        "序号 项目类别 项目名称 建设性质 建设地点 乡镇 村 建设内容及规模 总投资（万元） "
        "受益户数（户） 受益人口（人） 项目主管部门 项目实施单位 备注",
        {"项目类别": "kind", "项目名称": "name", "建设地点": "place", "乡镇": "townships",
         "村": "committees", "建设内容及规模": "content", "总投资（万元）": "investment_wan",
         "受益户数（户）": "beneficiary_households", "受益人口（人）": "beneficiary_people",
         "项目主管部门": "responsible", "项目实施单位": "implementer", "备注": "note"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("layer", TABLES)
def test_everyday_tables_are_mapped_unasked(layer: str) -> None:
    heads, expected = TABLES[layer]
    mapping = map_fields(pd.DataFrame(columns=heads.split()), CATALOGUE[layer])
    assert {match.column: match.field for match in mapping.matches} == expected
    assert mapping.notices == ()


@pytest.mark.parametrize("name", LAYERS)
def test_bare_area_and_inverse_questions_find_nothing(name: str) -> None:
    # 面积 alone says neither of what nor in which unit; 具备条件 is the opposite of exempt
    owners = _owners(CATALOGUE[name])
    for heading in ("面积", "是否具备条件", "是否通达"):
        assert fold_heading(heading) not in owners


@pytest.mark.parametrize("name", LAYERS)
def test_references_point_at_layers_and_codes(name: str) -> None:
    for field in CATALOGUE[name].fields.values():
        if field.type != "reference":
            continue
        assert field.layer is not None
        target = CATALOGUE[field.layer]
        for column, wanted in field.only.items():
            values = (wanted,) if isinstance(wanted, str) else wanted
            assert set(values) <= set(target.fields[column].codes)


def test_committee_references_never_mean_a_natural_village() -> None:
    for layer in CATALOGUE.values():
        for key in {"committee", "parent"} & set(layer.fields):
            assert layer.fields[key].only == {"level": "committee"}, layer.name


@pytest.mark.parametrize("name", LAYERS)
def test_limits_are_in_order_and_on_numbers(name: str) -> None:
    for key, field in CATALOGUE[name].fields.items():
        if field.minimum is not None or field.maximum is not None:
            assert field.type in {"number", "integer"}, key
        if field.minimum is not None and field.maximum is not None:
            assert field.minimum < field.maximum, key


def test_field_suffixes_name_their_units() -> None:
    units = {"km": "km", "kmh": "km/h", "m": "m", "mu": "亩", "m2": "m²", "m3": "m³",
             "wan": "万元", "deg": "°", "percent": "%", "d": "m³/d"}  # fmt: skip
    for layer in CATALOGUE.values():
        for key, field in layer.fields.items():
            suffix = key.rpartition("_")[2] if "_" in key else ""
            if suffix in units and field.type in {"number", "integer"}:
                expected = "万元/km" if key == "cost_per_km_wan" else units[suffix]
                assert field.unit == expected, (layer.name, key)


def test_few_fields_are_required() -> None:
    required = {f"{layer.name}.{key}" for layer in CATALOGUE.values()
                for key, field in layer.fields.items() if field.required}  # fmt: skip
    assert required == {
        "county.name", "townships.name", "seats.name", "seats.level", "villages.name",
        "villages.level", "cold_storage.name", "water_projects.name", "relocation_sites.name",
        "public_services.name", "projects.name", "desertification.grade", "control_lines.kind",
        "land_use.class", "lithology.rock", "neighbours.name", "indicators.number",
        "indicators.name", "indicators.operator",
        "statistics.indicator", "statistics.value", "statistics.unit", "programmes.key",
        "programmes.name", "programmes.value", "programmes.unit",
    }  # fmt: skip


def test_titles_are_in_both_scripts() -> None:
    for layer in CATALOGUE.values():
        for title in (layer.title, *(field.title for field in layer.fields.values())):
            assert any("\u4e00" <= c <= "\u9fff" for c in title.zh), (layer.name, title)
            assert not any("\u4e00" <= c <= "\u9fff" for c in title.en), (layer.name, title)


@pytest.mark.parametrize("name", [n for n in LAYERS if CATALOGUE[n].style.classes])
def test_style_draws_every_code(name: str) -> None:
    style = CATALOGUE[name].style
    assert style.by is not None
    codes = CATALOGUE[name].fields[style.by].codes
    if codes:
        assert [drawn.value for drawn in style.classes] == list(codes)


@pytest.mark.parametrize(("layer", "darker"), [("desertification", True), ("roads", False)])
def test_ordered_classes_are_ordered_in_lightness(layer: str, darker: bool) -> None:
    # an order in lightness reads the same with any colour vision, and in a grey copy
    colours = [c.symbol.colour for c in CATALOGUE[layer].style.classes][: 6 if darker else 4]
    steps = [_luminance(a) - _luminance(b) for a, b in itertools.pairwise(colours)]
    assert all(step > 0.015 if darker else step < -0.015 for step in steps), steps


def test_roads_are_ordered_in_width_and_the_main_ones_cased() -> None:
    symbols = [c.symbol for c in CATALOGUE["roads"].style.classes]
    widths = [symbol.width_mm for symbol in symbols]
    assert widths == sorted(widths, reverse=True)
    assert [symbol.casing is not None for symbol in symbols] == [True] * 4 + [False] * 2


def test_seats_are_labelled_first() -> None:
    priority = {
        n: layer.style.label.priority for n, layer in CATALOGUE.items() if layer.style.label
    }
    assert max(priority, key=lambda n: priority[n]) == "seats"
    assert priority["townships"] > priority["villages"]


def test_a_ledger_may_come_without_positions() -> None:
    for name in ("villages", "outlets", "cold_storage", "projects"):
        assert "Table" in CATALOGUE[name].geometry
        assert not CATALOGUE[name].is_table
