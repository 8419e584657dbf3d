"""The bundled county's targets, figures and programmes: the plan's own, and a model beside them."""

from __future__ import annotations

import json

import pytest

from yanshan_gis.demo.filling import create_demo
from yanshan_gis.plan.registry_csv import read_registry
from yanshan_gis.plan.targets import read_targets
from yanshan_gis.run import run

MU = 10_000 / 15


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return create_demo(tmp_path_factory.mktemp("demo") / "砚山")


@pytest.fixture(scope="module")
def results(county):
    return {o.recipe.name: o.result for o in run(county, ["indicators", "programmes"])}


@pytest.fixture(scope="module")
def board(results):
    return results["indicators"].tables["board"].set_index("number")


@pytest.fixture(scope="module")
def progress(results):
    return results["programmes"].tables["progress"].set_index("key")


def registry():
    from yanshan_gis.catalogue import bundled_content

    return {p.id: p for p in read_registry(bundled_content() / "layers" / "yanshan")}


def test_targets_are_the_plans(county):
    targets = read_targets(county.read("indicators"))
    assert [t.number for t in targets] == list(range(1, 23))
    by_number = {t.number: t for t in targets}
    assert (by_number[2].operator, by_number[2].goal, by_number[2].unit) == ("grow", 0.5, "元")
    assert (by_number[2].baseline.value, by_number[2].baseline_year) == (12_705, 2020)
    assert (by_number[1].operator, by_number[1].goal) == ("at_most", 0.02)
    assert [n for n, t in by_number.items() if t.operator == "grow"] == [2, 3, 5, 6, 7, 12]
    assert by_number[7].unit is None  # the plan gives none


def test_all_22_have_a_state_and_all_three_occur(board):
    assert board.index.tolist() == list(range(1, 23))
    assert set(board["state"]) == {"met", "not_met", "not_computable"}
    silent = board["state"] == "not_computable"
    assert board.loc[silent, "missing"].notna().all()
    assert board.loc[~silent, "missing"].isna().all()
    assert board.loc[~silent, "actual"].notna().all()


def test_states_are_those_worked_out_by_hand(board):
    """2: 19,430 / 12,705 - 1 = 0.5293. 3: 14,120 / 11,302 - 1 = 0.2493. 1: 0.35 %, 4: 9.6 %."""
    said = {1: "met", 2: "met", 3: "not_met", 4: "not_met", 8: "not_met", 10: "met", 15: "met"}
    assert board.loc[list(said), "state"].to_dict() == said
    assert board.loc[2, "actual"] == pytest.approx(0.5293, abs=1e-4)
    assert board.loc[3, "actual"] == pytest.approx(0.2493, abs=1e-4)
    missing = board["missing"].dropna().to_dict()
    assert missing == {
        5: "indicators.baseline", 6: "indicators.baseline", 12: "indicators.baseline",
        7: "statistics；indicators.baseline", 16: "statistics",
        13: "statistics (2025-09-01: 96.5 % ≠ 98.1 %)",
    }  # fmt: skip


def test_the_spatial_six_are_computed(board):
    spatial = board.loc[17:22]
    assert set(spatial["basis"]) == {"computed"}
    assert (spatial["denominator"] > 0).all()
    actual = spatial["numerator"] / spatial["denominator"]
    assert actual.to_numpy() == pytest.approx(spatial["actual"].to_numpy())
    # ledgers stand beside, with the places on which they disagree
    assert spatial.loc[[17, 18, 19, 20], "ledger"].notna().all()
    assert (spatial.loc[[17, 18, 19, 20], "disagree"] > 0).all()
    assert board.index[board["target_below_baseline"].fillna(False).astype(bool)].tolist() == [21]


def test_townships_add_up_to_the_county(results, board):
    rows = results["indicators"].tables["by_township"]
    counted = rows[rows["basis"] == "computed"].groupby("number")[["numerator", "denominator"]]
    sums = counted.sum()
    assert sums.index.tolist() == [17, 18, 19, 20, 21, 22]
    for column in ("numerator", "denominator"):
        expected = board.loc[sums.index, column]
        assert sums[column].to_numpy() == pytest.approx(expected.to_numpy())
    assert len(rows[rows["number"] == 8]) == 11


def test_programmes_are_the_plans(county, progress):
    assert progress.loc["access_roads", "target"] == 1017.84
    assert progress.loc["in_village_roads", "target"] == 382.54
    known = registry()
    assert set(county.read("programmes").frame["project"]) <= set(known)
    # what nobody keeps dates of is not computable, each by itself
    assert progress.loc["beautiful_villages", "missing"] == "projects.completed_on"
    assert progress.loc["greening_money", "missing"] == "greening_parcels.investment_wan"


def test_kilometres_are_those_of_the_lines(county, progress):
    roads = county.read("roads").frame
    for key, scope in (("access_roads", "access"), ("in_village_roads", "in_village")):
        mine = roads[roads["programme"] == key]
        assert set(mine["scope"]) == {scope}
        done = mine[mine["completed_on"].notna()].length.sum() / 1000
        assert progress.loc[key, "done"] == pytest.approx(done)
        parts = progress.loc[key, ["planned", "construction", "done", "unknown", "not_listed"]]
        assert parts.sum() == pytest.approx(progress.loc[key, "target"])


def test_thirteen_sites_of_which_the_plan_names_eight(county, progress):
    layer = county.read("relocation_sites")
    sites = layer.frame
    assert (len(sites), sites["households"].sum(), sites["population"].sum()) == (13, 789, 3625)
    named = sites[sites["source_id"] == "plan-column-6"]
    assert len(named) == 8
    known = registry()
    for row in named.itertuples():
        for project in row.project_id.split("、"):
            assert row.name.removesuffix("安置点") in known[project].name
            assert known[project].townships[0] == row.township
    row = progress.loc["relocation_sites"]
    assert (row["done"], row["construction"], row["planned"], row["unknown"]) == (6, 3, 3, 1)


def test_parcels_have_the_area_they_state_and_do_not_overlap(county):
    parcels = county.read("greening_parcels").frame
    assert (parcels.area / MU).to_numpy() == pytest.approx(parcels["area_mu"].to_numpy(), rel=2e-3)
    assert parcels["area_mu"].sum() == pytest.approx(27_600, abs=400)
    left, right = parcels.sindex.query(parcels.geometry, predicate="intersects")
    assert (left == right).all()
    townships = county.read("townships").frame.set_index("name").geometry
    inside = townships.loc[parcels["township"]].reset_index(drop=True)
    assert parcels.geometry.centroid.within(inside).mean() > 0.97
    dated = parcels["completed_on"].notna()
    assert (parcels["status"] == "existing").equals(dated)


def test_the_command_tells_all_22(county, capsys, monkeypatch):
    from yanshan_cli.main import main

    with pytest.raises(SystemExit) as ended:
        main(["indicators", "-w", str(county.root), "--township", "阿猛镇", "--json"])
    assert ended.value.code == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["number"] for row in rows] == list(range(1, 23))
    told = {row["number"] for row in rows if row["state"] != "not_computable"}
    assert {8, 17, 18, 19, 20, 21} <= told
