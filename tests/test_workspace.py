"""The folder of one county: opened, filled and changed as one step."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal
from towns import COUNTY, SOURCE, layer, layer_catalogue, points, roads

from yanshan_gis.county import County, read_county, set_crs
from yanshan_gis.errors import (
    ContentError,
    CrsError,
    DataError,
    UsageError,
    WorkspaceError,
    WriteError,
)
from yanshan_gis.layer import Layer, NameRecord, Quality, Source
from yanshan_gis.workspace import Workspace, check_free, create_workspace, discard_workspace
from yanshan_gis.workspace import open_workspace as opened


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def empty(tmp_path):
    """Return a workspace without layers."""
    return create_workspace(tmp_path / "某县", COUNTY)


# --- opening and creating


def test_a_new_workspace_is_empty_and_can_be_opened(empty):
    again = opened(empty.root)
    assert again.county == COUNTY
    assert again.records() == {}
    assert again.names() == []
    assert again.read("roads") is None
    assert again.out == empty.root / "out"


@pytest.mark.parametrize("name", ["nowhere", "folder", "file"])
def test_a_folder_without_settings_is_no_workspace(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError) as raised:
        opened(tmp_path / name)
    assert raised.value.code == "workspace-missing"
    assert name in raised.value.render("zh")
    assert raised.value.exit_code == 1


def test_bad_settings_are_said_on_opening(empty):
    (empty.root / "county.toml").write_text("code = 1\n", encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        opened(empty.root)
    assert {problem.values["place"] for problem in raised.value.problems} == {"name", "code"}


def test_a_workspace_is_never_made_over_something(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "plan.docx").write_text("x")
    (tmp_path / "file").write_text("x")
    for name in ("full", "file"):
        with pytest.raises(UsageError) as raised:
            create_workspace(tmp_path / name, COUNTY)
        assert raised.value.code == "workspace-exists"
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["plan.docx"]
    assert (tmp_path / "file").read_text() == "x"


def test_an_empty_folder_and_a_deep_one_are_free(tmp_path):
    (tmp_path / "empty").mkdir()
    assert create_workspace(tmp_path / "empty", COUNTY).county == COUNTY
    assert create_workspace(tmp_path / "a" / "b" / "c", COUNTY).county == COUNTY
    check_free(tmp_path / "new")


def test_a_discarded_workspace_is_gone(empty):
    discard_workspace(empty.root)
    assert not empty.root.exists()
    discard_workspace(empty.root)


# --- storing and reading


def _plain(frame):
    """Return a frame with its columns in order and one kind of gap."""
    plain = pd.DataFrame(frame).sort_index(axis=1).astype(object)
    return plain.where(plain.notna(), None)


def test_layers_come_back_as_they_went_in(empty):
    given = roads(("cement", [(0, 0), (10, 0)]), ("earth", [(10, 0), (20, 5)], {"name": "土路"}))
    empty.store([given])
    back = empty.read("roads")
    one, two = (_plain(layer.frame) for layer in (back, given))
    assert_frame_equal(one, two, check_dtype=False)
    assert back.frame.crs == given.frame.crs
    assert back.sources == (SOURCE,)
    assert back.definition == given.definition
    assert back.raster is None


def test_a_layer_replaces_the_one_of_its_name_and_no_other(town):
    before = town.records()
    town.store([points("outlets", ("新网点", 1, 1))])
    after = town.records()
    assert town.read("outlets").frame["name"].tolist() == ["新网点"]
    assert {n for n in after if after[n] != before[n]} == {"outlets"}
    assert list(after) == sorted(before)
    assert len(town.read("villages")) == 4


def test_what_is_stored_does_not_depend_on_when(tmp_path):
    hashes = []
    for name in ("a", "b"):
        workspace = create_workspace(tmp_path / name, COUNTY)
        workspace.store([roads(("cement", [(0, 0), (10, 0)]))])
        hashes.append((workspace.geopackage.read_bytes(), workspace.records()))
    assert hashes[0] == hashes[1]


def test_records_tell_rows_and_content(empty):
    empty.store([roads(("cement", [(0, 0), (10, 0)]))])
    first = empty.records()["roads"]
    empty.store([roads(("earth", [(0, 0), (10, 0)]))])
    second = empty.records()["roads"]
    assert (first.layer, first.rows, first.raster) == ("roads", 1, "")
    assert first.sha256 != second.sha256
    assert len(first.sha256) == 64


@pytest.mark.parametrize("name", ["roads", "villages", "townships", "land_use"])
def test_a_layer_without_rows_is_a_layer(empty, name):
    columns = {"id": pd.Series([], dtype=str), "source_id": pd.Series([], dtype=str)}
    frame = gpd.GeoDataFrame(columns, geometry=[], crs="EPSG:4544")
    empty.store([Layer(layer_catalogue()[name], frame, ())])
    assert empty.records()[name].rows == 0
    assert len(empty.read(name)) == 0


def test_sources_are_kept_for_each_layer(empty):
    bureau = Source("b", "交通局.shp", "ab" * 32, date(2025, 6, 30), "内部", Quality.REPORTED,
                    Quality.DERIVED)  # fmt: skip
    survey = Source("s", "实测", position=Quality.SURVEYED, attributes=Quality.SURVEYED)
    base = roads(("cement", [(0, 0), (10, 0)]))
    frame = base.frame.assign(source_id="b")
    mixed = Layer(base.definition, frame, (bureau, survey))
    empty.store([mixed, points("outlets", ("网点", 1, 1))])
    assert empty.read("roads").sources == (bureau, survey)
    assert empty.read("roads").quality is Quality.DERIVED  # of the source that rows rest on
    assert empty.read("outlets").sources == (SOURCE,)
    empty.store([base])
    assert empty.read("roads").sources == (SOURCE,)


def test_the_name_table_is_kept_until_another_is_given(empty):
    names = [
        NameRecord("V000001", "者腊", "532622204", "former", "1990", "2005", "撤乡设镇"),
        NameRecord("V000001", "者腊乡"),
    ]
    empty.store([roads(("cement", [(0, 0), (10, 0)]))], names=names)
    assert empty.names() == names
    empty.store([points("outlets", ("网点", 1, 1))])
    assert empty.names() == names
    empty.store([], names=[])
    assert empty.names() == []
    assert list(empty.records()) == ["outlets", "roads"]


def raster_layer(workspace, name="elevation"):
    path = workspace.root / "rasters" / f"{name}-ab12.tif"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"pixels")
    nothing = gpd.GeoDataFrame(geometry=[], crs="EPSG:4544")
    return Layer(layer_catalogue()[name], nothing, (SOURCE,), path)


def test_a_raster_exists_once_it_is_registered(empty):
    given = raster_layer(empty)
    assert empty.read("elevation") is None
    empty.store([given], raster_hashes={"elevation": "ab12"})
    record = empty.records()["elevation"]
    assert (record.rows, record.sha256, record.raster) == (0, "ab12", "rasters/elevation-ab12.tif")
    back = empty.read("elevation")
    assert back.raster == given.raster
    assert back.sources == (SOURCE,)
    assert len(back.frame) == 0


def test_a_moved_workspace_finds_its_raster(empty, tmp_path):
    empty.store([raster_layer(empty)], raster_hashes={"elevation": "ab12"})
    moved = Workspace(empty.root.rename(tmp_path / "moved"))
    assert moved.read("elevation").raster.read_bytes() == b"pixels"


# --- as one step


def test_an_error_in_the_second_layer_keeps_the_first_out(town, monkeypatch):
    from yanshan_gis.store.geopackage import Draft

    before, write = contents(town.root), Draft.write

    def fails(draft, table, frame, **options):
        if table == "outlets":
            raise WriteError("full", "No space.")
        write(draft, table, frame, **options)

    monkeypatch.setattr(Draft, "write", fails)
    changed = [roads(("stone", [(0, 0), (1, 1)])), points("outlets", ("新", 1, 1))]
    with pytest.raises(WriteError):
        town.store(changed)
    assert contents(town.root) == before


def test_an_error_in_the_registry_keeps_everything_out(town, monkeypatch):
    before = contents(town.root)

    def fails(*_args):
        raise OSError("disk full")

    monkeypatch.setattr("yanshan_gis.workspace.registry.write_registry", fails)
    with pytest.raises((OSError, WriteError)):
        town.store([roads(("stone", [(0, 0), (1, 1)]))])
    assert contents(town.root) == before


def test_an_interrupted_store_keeps_everything_out(town, monkeypatch):
    before = contents(town.root)

    def stop(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr("yanshan_gis.workspace.registry.write_registry", stop)
    with pytest.raises(KeyboardInterrupt):
        town.store([roads(("stone", [(0, 0), (1, 1)]))])
    assert contents(town.root) == before


def test_a_damaged_geopackage_is_named(town):
    town.geopackage.write_bytes(b"not a database" * 100)
    for act in (town.records, town.names, lambda: town.read("roads"), lambda: town.stamp):
        with pytest.raises(DataError) as raised:
            act()
        assert "layers.gpkg" in raised.value.render("zh")


def test_the_registry_is_plain_tables_for_others_to_read(town):
    with sqlite3.connect(f"file:{town.geopackage}?mode=ro", uri=True) as database:
        layers = database.execute("select layer, rows from yanshan_layers order by 1").fetchall()
    database.close()
    assert ("villages", 4) in layers


# --- settings


def test_the_stamp_is_the_countys_date_before_the_datas(tmp_path):
    undated = create_workspace(tmp_path / "a", County(name="某县", crs="EPSG:4544"))
    assert undated.stamp == date(1970, 1, 1)
    old, new = (replace(SOURCE, id=str(y), as_of=date(y, 6, 30)) for y in (2020, 2024))
    base = roads(("cement", [(0, 0), (10, 0)]))
    undated.store([replace(base, sources=(new, old, SOURCE))])
    assert undated.stamp == date(2024, 6, 30)
    dated = create_workspace(tmp_path / "b", COUNTY)
    dated.store([replace(base, sources=(new,))])
    assert dated.stamp == COUNTY.data_date == date(2025, 12, 31)


def test_the_working_crs_is_fixed_in_the_settings(tmp_path):
    workspace = create_workspace(tmp_path / "a", County(name="某县"))
    fixed = workspace.with_crs("EPSG:4544")
    assert fixed.county.crs == "EPSG:4544"
    assert opened(workspace.root).county == County(name="某县", crs="EPSG:4544")


def test_own_definitions_stand_before_the_bundled_ones(empty):
    (empty.root / "layers").mkdir()
    (empty.root / "analyses").mkdir()
    text = 'title = { zh = "茶园", en = "Tea" }\ngeometry = "Polygon"\nid_prefix = "T"\n'
    (empty.root / "layers" / "tea.toml").write_text(text, encoding="utf-8")
    own = 'title = { zh = "我的冷库", en = "Mine" }\ngeometry = "Point"\nid_prefix = "CS"\n'
    (empty.root / "layers" / "cold_storage.toml").write_text(own, encoding="utf-8")
    fresh = opened(empty.root)
    assert fresh.layer_catalogue.find("茶园").name == "tea"
    assert fresh.layer_catalogue["cold_storage"].title.zh == "我的冷库"
    assert "roads" in fresh.layer_catalogue
    fresh.store([Layer(fresh.layer_catalogue["tea"], layer("townships", [{"name": "甲"}],
                       [shapely.box(0, 0, 1, 1)]).frame, (SOURCE,))])  # fmt: skip
    assert fresh.read("tea").frame["name"].tolist() == ["甲"]


def test_own_definitions_with_problems_are_named(empty):
    (empty.root / "analyses").mkdir()
    (empty.root / "analyses" / "mine.toml").write_text("method = 3\n", encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        _ = opened(empty.root).analyses
    assert {p.values["file"] for p in raised.value.problems} == {"mine.toml"}


def test_a_layer_in_another_crs_is_refused(empty):
    outlets = points("outlets", ("甲店", 0, 0))
    elsewhere = replace(outlets, frame=outlets.frame.set_crs("EPSG:4543", allow_override=True))
    with pytest.raises(CrsError) as caught:
        empty.store([elsewhere])
    assert caught.value.code == "crs-not-working"
    assert empty.records() == {}


@pytest.mark.parametrize("before", ["", 'crs = "EPSG:4543" # alt\n'])
def test_fixing_the_crs_keeps_a_planners_comments(tmp_path, before):
    path = tmp_path / "county.toml"
    text = f'# 某县\nname = "某县"\n{before}[targets]\n20 = 0.9 # 本县目标\n'
    path.write_text(text, encoding="utf-8")
    set_crs(path, "EPSG:4544")
    text = path.read_text(encoding="utf-8")
    assert "# 某县" in text
    assert "# 本县目标" in text
    county = read_county(path)
    assert (county.crs, county.targets) == ("EPSG:4544", {"20": 0.9})
