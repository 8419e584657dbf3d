"""The sheets of the bundled plan: every project is on its sheet once, and the sums are its own."""

from __future__ import annotations

from collections import Counter

import pytest

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.demo.filling import create_demo
from yanshan_gis.plan.registry import totals
from yanshan_gis.plan.registry_csv import read_registry
from yanshan_gis.publish.result_sheet import compose
from yanshan_gis.publish.sheet import draw_sheet
from yanshan_gis.run import run

COLUMNS = [f"column-{number}" for number in range(1, 8)]


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    workspace = create_demo(tmp_path_factory.mktemp("plan") / "县")
    outcomes = run(workspace, [*COLUMNS, "plan-overview"])
    return workspace, {outcome.recipe.name: outcome for outcome in outcomes}


def registry(column=None):
    every = read_registry(bundled_content() / "layers" / "yanshan")
    return [project for project in every if column is None or project.column == column]


def listed(county, name):
    workspace, outcomes = county
    return compose(workspace, outcomes[name], "zh")


@pytest.mark.parametrize("name", COLUMNS)
def test_every_project_of_a_column_is_listed_once(county, name):
    content = listed(county, name)
    projects = registry(int(name[-1]))
    rows = [row.name for part in content.lists[:-1] for row in part.rows]
    assert Counter(rows) == Counter(project.name for project in projects)
    assert content.lists[-1].title.startswith("合计")


@pytest.mark.parametrize("name", COLUMNS)
def test_totals_on_a_sheet_are_the_registrys(county, name):
    outcome = county[1][name]
    found = {(i.key, i.subject, i.unit): i.value for i in outcome.result.indicators if i.subject}
    wanted = {
        (f"{nature}_{basis}", what, unit): value
        for (nature, what, unit, basis), value in totals(registry(int(name[-1]))).items()
        if what
    }
    assert found == wanted


def test_column_four_by_hand(county):
    """20,000 + 3,000 + 2,260 + 2 · 660 + 500 + 250 + 1,500 + 200 + 100 + 4 · 1,000 = 33,130."""
    rows = {row.name: row.more for row in listed(county, "column-4").lists[-1].rows}
    assert rows["数量（库容）"] == "33,130 m³"
    assert rows["数量（建筑面积）"] == "1,800 m²"
    assert rows["数量（占地面积）"] == "80 亩"
    figures = {i.key: i.value for i in county[1]["column-4"].result.indicators}
    assert (figures["projects"], figures["no_figure"]) == (27, 2)


def test_joint_figures_stand_once_and_undivided(county):
    content = listed(county, "column-2")
    joint = {row.name: row for part in content.lists for row in part.rows if row.mark.isalpha()}
    cattle = joint["牛养殖项目"]
    assert "66,700 头" in cattle.more
    assert "10个乡镇（除江那镇）" in cattle.more
    shaded = county[1]["column-2"].result.layers["shaded"].set_index("name")["marks"]
    assert sum(cattle.mark in marks.split() for marks in shaded) == 10
    assert cattle.mark not in shaded["江那镇"].split()


def test_the_overview_lists_what_no_column_sheet_does(county):
    content = listed(county, "plan-overview")
    rows = [row.name for part in content.lists for row in part.rows]
    columns = [name for name in rows if name.startswith("专栏")]
    outside = [project.name for project in registry() if project.column is None]
    assert Counter(rows) - Counter(columns) == Counter(outside)
    assert len(columns) == 8


@pytest.mark.slow
@pytest.mark.parametrize("name", [*COLUMNS, "plan-overview"])
def test_nothing_is_left_off_a_sheet(county, name):
    """All rows find room, every numbered symbol has its number, no character is missing."""
    content = listed(county, name)
    report = draw_sheet(content, {})
    assert report.left_out == 0
    assert report.missing_glyphs == ()
    assert "located" not in report.dropped
    located = county[1][name].result.layers["located"]
    assert report.labels.get("located", 0) == located["mark"].notna().sum()
