"""The layers of a county in groups: what a QGIS project and a web map show, and in which order."""

import pytest
from towns import COUNTY, small_county

from yanshan_gis.publish.layer_tree import build_tree
from yanshan_gis.run import run
from yanshan_gis.workspace import create_workspace


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    workspace = create_workspace(tmp_path_factory.mktemp("tree") / "小县", COUNTY)
    workspace.store(small_county())
    outcomes = run(workspace, ["road-hardening", "column-4"])
    return {language: build_tree(workspace, outcomes, language) for language in ("zh", "en")}


def test_groups_stand_in_a_readers_order(trees):
    assert [group.key for group in trees["zh"]] == ["analyses", "columns", "theme", "basis"]
    assert [group.title for group in trees["en"]] == [
        "Analyses", "Special columns", "Themes", "Base map",
    ]  # fmt: skip


def test_a_recipe_is_a_group_with_the_layers_of_its_sheet_first(trees):
    analyses, columns, *_ = trees["zh"]
    hardening = next(group for group in analyses.groups if group.key == "road-hardening")
    assert hardening.title == "道路硬化覆盖"
    assert [layer.table for layer in hardening.layers][:2] == [
        "road-hardening__villages", "road-hardening__roads",
    ]  # fmt: skip
    assert [group.key for group in columns.groups] == ["column-4"]


def test_points_lie_above_lines_above_areas(trees):
    basis = trees["zh"][-1]
    kinds = [layer.style.kind for layer in basis.layers]
    assert kinds == sorted(kinds, key=["point", "line", "polygon"].index)


def test_walking_finds_every_layer_once_each_with_a_style(trees):
    layers = [layer for group in trees["zh"] for layer in group.walk()]
    tables = [layer.table for layer in layers]
    assert len(tables) == len(set(tables))
    assert {"villages", "roads", "townships"} <= set(tables)
    assert all(layer.style.classes and len(layer.frame) for layer in layers)
