"""A whole country out of one OpenStreetMap extract, every figure computed a second time.

The second computation (networkx, shapely over all pairs, pyproj on raw coordinates) is that of
``scripts/liechtenstein_twice.py``, from which the page ``docs/liechtenstein.md`` is written too.
"""

import hashlib
import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from yanshan_gis.network.attach import attach
from yanshan_gis.run import run
from yanshan_gis.store.results import write_result
from yanshan_gis.workspace import open_workspace

pytestmark = [pytest.mark.real, pytest.mark.slow]
SCRIPTS = Path(__file__).parent.parent / "scripts"
RECIPES = ("network-audit", "logistics-reach", "road-hardening")


def script(name):
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def extract(real_data):
    path = real_data / "liechtenstein" / "liechtenstein-2022.osm.pbf"
    if not path.exists():
        pytest.skip(f"real data absent: {path}")
    return path


@pytest.fixture(scope="module")
def imported(extract, tmp_path_factory):
    """The workspace and the reports of its imports, through the command line."""
    folder = tmp_path_factory.mktemp("real") / "liechtenstein"
    reports = script("liechtenstein_import").fill(folder, extract)
    return open_workspace(folder), reports


@pytest.fixture(scope="module")
def workspace(imported):
    return imported[0]


@pytest.fixture(scope="module")
def outcomes(workspace):
    return {outcome.recipe.name: outcome for outcome in run(workspace, RECIPES)}


@pytest.fixture(scope="module")
def second(workspace, outcomes):
    return script("liechtenstein_twice").Second(workspace, outcomes)


@pytest.fixture(scope="module")
def raw(extract):
    return script("liechtenstein_twice").RawRoads.read(extract)


def figure(outcome, key):
    return next(i for i in outcome.result.indicators if i.key == key)


def codes(notices):
    return {notice["code"]: notice for notice in notices}


# --- import ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "read", "stored"),
    [("county", 2, 2), ("townships", 15, 11), ("roads", 4694, 4694), ("villages", 44, 44),
     ("outlets", 12, 12)],
)  # fmt: skip
def test_counts(imported, layer, read, stored):
    workspace, reports = imported
    assert (reports[layer]["read"], reports[layer]["accepted"]) == (read, stored)
    assert reports[layer]["refused"] == read - stored
    assert workspace.records()[layer].rows == stored


def test_the_working_crs_is_the_zone_of_the_first_layer(workspace):
    assert workspace.county.crs == "EPSG:32632"
    for name in workspace.records():
        assert workspace.read(name).crs.to_epsg() == 32632


def test_unnamed_municipalities_are_refused_by_default(workspace, extract):
    before = workspace.geopackage.read_bytes()
    code, _, err = script("liechtenstein_import").call(
        "import", "townships", str(extract), "-w", str(workspace.root)
    )
    assert code == 3
    assert "4 of 15 rows were refused" in err
    assert workspace.geopackage.read_bytes() == before


def test_importing_again_changes_nothing(workspace, extract):
    for layer in ("townships", "villages"):
        code, out, _ = script("liechtenstein_import").call(
            "import", layer, str(extract), "-w", str(workspace.root), "--accept-refused",
            "--dry-run", "--json",
        )  # fmt: skip
        counts = json.loads(out)["counts"]
        assert (code, counts["added"], counts["changed"], counts["removed"]) == (0, 0, 0, 0)
        assert counts["unchanged"] == workspace.records()[layer].rows


def test_what_is_left_out_and_inferred_is_said(imported):
    notices = codes(imported[1]["roads"]["notices"])
    assert notices["osm-date"]["date"] == "2021-05-05"
    assert notices["osm-surface-inferred"]["count"] == 250
    assert notices["osm-closed"]["count"] == 256
    assert notices["osm-not-motor"]["count"] == 2017


def test_municipalities_are_those_of_the_country(workspace):
    townships = workspace.read("townships").frame
    assert sorted(townships["name"]) == [
        "Balzers", "Eschen", "Gamprin", "Mauren", "Planken", "Ruggell", "Schaan", "Schellenberg",
        "Triesen", "Triesenberg", "Vaduz",
    ]  # fmt: skip
    # The country's official area is 160.5 km².
    assert townships.area.sum() / 1e6 == pytest.approx(160.5, abs=0.5)


def test_road_kilometres_equal_geodesics_over_the_raw_coordinates(workspace, raw):
    roads = workspace.read("roads").frame
    assert set(roads["osm_id"]) == set(raw.km)
    drawn = roads.set_index("osm_id").length / 1000
    expected = np.array([raw.km[way] for way in drawn.index])
    assert drawn.sum() == pytest.approx(expected.sum(), rel=1e-3)
    # Not only in sum: every road is as much shorter as the projection is there (about 0.04 %).
    ratio = drawn.to_numpy() / expected
    assert ratio.min() > 0.9995
    assert ratio.max() < 0.9998


# --- network ---------------------------------------------------------------------------------


def test_network_loses_no_road(workspace, outcomes):
    edges = outcomes["road-network"].result.layers["edges"]
    roads = workspace.read("roads").frame.set_index("id").length
    own = edges[edges["kind"] != "join"].groupby("road_id")["length_m"].sum()
    assert set(own.index) == set(roads.index)
    # Vertices within a centimetre of each other become one.
    assert own.to_numpy() == pytest.approx(roads[own.index].to_numpy(), abs=0.011)
    assert own.sum() == pytest.approx(roads.sum(), rel=1e-7)
    joins = outcomes["road-network"].result.layers["joins"]
    assert len(joins) > 0
    assert (joins["gap_m"] <= 5.0).all()


def test_components_equal_networkx(outcomes, second):
    listed, parts = outcomes["network-audit"].result.tables["components"], second.components()
    assert len(listed) == len(parts) == figure(outcomes["network-audit"], "components").value
    main = np.isin(second.roads.u, list(parts[0]))
    km = second.edges["length_m"][main].sum() / 1000
    assert figure(outcomes["network-audit"], "main_km").numerator == pytest.approx(km, rel=1e-9)


def test_the_audit_finds_the_gap_that_cuts_off_the_capital(outcomes):
    found = outcomes["network-audit"].result
    islands = found.tables["components"][lambda t: ~t["is_main"] & (t["villages"] > 0)]
    assert islands[["villages", "people"]].to_numpy().tolist() == [[1, 5229]]
    best = found.layers["undershoots"].iloc[0]
    assert (best["villages"], best["people"]) == (1, 5229)
    assert best["gap_m"] < 50


def test_no_village_is_snapped_beyond_the_limit(outcomes, second):
    metres, _ = second.distances(second.villages)
    x, y = second.villages.geometry.x.to_numpy(), second.villages.geometry.y.to_numpy()
    for limit in (1000.0, 100.0, 10.0):
        stops = attach(second.roads, x, y, limit_m=limit)
        assert (stops.attached == (metres <= limit)).all()
        assert set(stops.reason[~stops.attached]) <= {"beyond limit"}
        feet = shapely.points(stops.foot_x, stops.foot_y)
        lines = second.edges.geometry.to_numpy()[stops.edge[stops.attached]]
        assert shapely.distance(feet[stops.attached], lines).max() < 1e-6
    listed = outcomes["network-audit"].result.layers["unattached"]
    assert set(listed["id"]) == set(second.villages["id"][metres > 1000.0])


# --- analyses --------------------------------------------------------------------------------


@pytest.mark.oracle
def test_everything_computed_twice_is_equal(second):
    for what, count, difference in script("liechtenstein_twice").compare(second):
        assert count > 0, what
        assert difference <= 1e-9, what


@pytest.mark.oracle
def test_parents_are_the_nearest_committees(outcomes, second):
    ours = outcomes["road-hardening"].result.layers["villages"]["committee_id"]
    assert ours.tolist() == second.hardening()["committee_id"].tolist()


def test_reach_counts_what_its_rows_say(outcomes):
    outcome = outcomes["logistics-reach"]
    rows = outcome.result.layers["committees"]
    own, within = figure(outcome, "own_outlet"), figure(outcome, "within_minutes")
    assert (own.numerator, own.denominator) == (rows["own_outlet"].sum(), len(rows)) == (9, 25)
    assert within.numerator == (rows["minutes"] <= 30).sum() == 24
    people = figure(outcome, "within_minutes_population")
    assert people.denominator - people.numerator == 5229  # the capital, see the audit


def test_silence_is_warned_of(outcomes):
    warnings = {n.code: n.values for n in outcomes["logistics-reach"].result.warnings}
    assert warnings["unreachable-committees"] == {"count": 1}
    assert warnings["outlets-by-position"] == {"count": 10}
    assert warnings["outlets-nobodys"]["count"] == 2


def test_townships_come_from_their_polygons(workspace, outcomes):
    rows = outcomes["logistics-reach"].result.layers["committees"]
    townships = workspace.read("townships").frame.set_index("name").geometry
    assert rows["township"].notna().all()
    inside = [townships[row.township].covers(row.geometry) for row in rows.itertuples()]
    assert all(inside)


def test_twice_the_same_bytes(workspace, outcomes, tmp_path):
    def hashes(found, folder):
        for name, outcome in found.items():
            write_result(folder / name, outcome.recipe, outcome.result, workspace.stamp)
        return {
            path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*.*"))
        }

    again = {outcome.recipe.name: outcome for outcome in run(workspace, RECIPES)}
    first = hashes(outcomes, tmp_path / "one")
    assert len(first) >= 2 * len(RECIPES)
    assert hashes(again, tmp_path / "two") == first


def test_the_page_is_up_to_date(imported, outcomes, raw):
    writer = script("liechtenstein")
    text = writer.page(*imported, outcomes, raw)
    assert writer.PAGE.read_text(encoding="utf-8") == text, "run scripts/liechtenstein.py"
