"""Weak points of a town that can be worked out by hand.

                            H  40 people
                            |  R7 earth, 2.5 km
         ..R3...D(10)..     |
         :            :     |
K == R1 == S == R2 == p ==A== R4 == B -- R5 -- C == R6 == J
-10        0          4   7        10          12         13 km
         seat         |  100       200         50         30
         of 甲镇       G  20 people, 380 m down R8, earth (400 m)

R1 to R4 and R6 are cement, 30 km/h everywhere: 2 min per km. R3 leaves S, runs 3 km north, 4 km
east past D (2 km along) and 3 km south to p: 20 min where R2 takes 8. K is the county seat. F lies
on an island of cement, E on no road.

Closed one by one, to the seat S: R4 cuts off A B C J H (420 people; A lives on it), R5 C J (80),
R7 H (40), R6 J (30), R8 G (20), R3 D (10, who lives on it). R2 cuts off nobody: A B C J H G (440
people) need 12 min more. R1 takes nothing from S, and all seven (450) from K.

In the wet season R5, R7 and R8 are closed. J and C have firm R6 at hand, which leads nowhere; H
has no firm road within 1 km; G walks 380 m to p (4.56 min) instead of driving 0.76 min: 3.8 min
more.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import network, parameters, points, roads, without_position

from yanshan_gis.methods.closures import Setting, close_links, without
from yanshan_gis.methods.seat_access import SeatAccess
from yanshan_gis.methods.weak_points import examine
from yanshan_gis.methods.wet_season import WetSeason
from yanshan_gis.needs import missing_for
from yanshan_gis.network.facilities import nearest
from yanshan_gis.network.graph import RoadNetwork
from yanshan_gis.network.scipy_engine import SCIPY

FAST = {"speed_kmh": 30.0}
ROADS = [
    ("cement", [(-10000, 0), (0, 0)], FAST),
    ("cement", [(0, 0), (4000, 0)], FAST),
    ("cement", [(0, 0), (0, 3000), (4000, 3000), (4000, 0)], FAST),
    ("cement", [(4000, 0), (10000, 0)], FAST),
    ("earth", [(10000, 0), (12000, 0)], FAST),
    ("cement", [(12000, 0), (13000, 0)], FAST),
    ("earth", [(10000, 0), (10000, 2500)], FAST),
    ("earth", [(4000, 0), (4000, -400)], FAST),
    ("cement", [(0, -20000), (1000, -20000)], FAST),
]
TOWN = {"level": "natural", "township": "甲镇"}


def hamlet(name, x, y, people, **more):
    return (name, x, y, {**TOWN, "population": float(people), "households": people / 4, **more})


VILLAGES = [
    hamlet("A", 7000, 0, 100),
    hamlet("B", 10000, 0, 200),
    hamlet("C", 12000, 0, 50),
    hamlet("D", 2000, 3000, 10),
    hamlet("E", 5000, -9000, 5),
    hamlet("F", 500, -20000, 5),
    hamlet("G", 4000, -380, 20),
    hamlet("H", 10000, 2500, 40),
    hamlet("J", 13000, 0, 30),
]
SEATS = [
    ("甲镇", 0, 0, {"level": "township", "township": "甲镇"}),
    ("小县", -10000, 0, {"level": "county", "township": "丙镇"}),
]


def measure(villages=VILLAGES, seats=SEATS, road_rows=ROADS, lost=None, **changes):
    return examine(
        villages=without_position(points("villages", *villages), lost),
        committees=None,
        seats=points("seats", *seats),
        townships=None,
        network=network(roads(*road_rows)),
        **parameters("weak-points", **changes),
    )


@pytest.fixture(scope="module")
def result():
    return measure()


def by_road(result):
    ranking = result.tables["ranking"]
    return ranking.assign(road=ranking["road_id"].str[-1].astype(int)).set_index("road")


def counted(result, key):
    found = next(i for i in result.indicators if i.key == key)
    return found.numerator, found.denominator


def by_name(result, column):
    frame = result.layers["villages"]
    return dict(zip(frame["name"], frame[column], strict=True))


def codes(result):
    return {notice.code: notice.values for notice in result.warnings}


def test_links_are_ranked_by_the_people_they_cut_off(result):
    rows = by_road(result)
    assert rows.index.tolist() == [4, 5, 7, 6, 8, 3, 2, 1]
    assert rows["rank"].tolist() == list(range(1, 9))
    assert rows["people"].tolist() == [420, 80, 40, 30, 20, 10, 0, 0]
    assert rows["villages"].tolist() == [5, 2, 1, 1, 1, 1, 0, 0]
    assert rows["households"].tolist() == [105, 20, 10, 7.5, 5, 2.5, 0, 0]
    assert rows["kind"].tolist() == ["bridge"] * 5 + ["detour"] * 2 + ["bridge"]


def test_who_is_cut_off_from_the_county_seat_and_who_lives_on_the_link(result):
    rows = by_road(result)
    assert rows.loc[1, ["county_villages", "county_people"]].tolist() == [7, 450]
    assert rows.loc[[4, 5, 7, 6, 8, 3, 2], "county_people"].tolist() == [420, 80, 40, 30, 20, 10, 0]
    # B, C, H and J meet the road where a link ends.
    assert rows["people_on_link"].to_dict() == {4: 100, 5: 0, 7: 0, 6: 0, 8: 20, 3: 10, 2: 0, 1: 0}


def test_detours(result):
    rows = by_road(result)
    assert rows.loc[2, ["delayed_people", "extra_person_min"]].tolist() == [440, 440 * 12]
    assert rows.loc[2, "extra_min"] == pytest.approx(12)
    assert rows.drop(index=2)["extra_person_min"].eq(0).all()
    assert rows.drop(index=2)["extra_min"].isna().all()


def test_only_the_busiest_links_are_closed_and_every_bridge():
    assert by_road(measure(busiest=1)).index.tolist() == [4, 5, 7, 6, 8, 2, 1]
    assert by_road(measure(busiest=0)).index.tolist() == [4, 5, 7, 6, 8, 1]


def test_states_in_the_wet_season(result):
    assert by_name(result, "state") == {
        "A": "same", "B": "same", "C": "cut_off", "D": "same", "E": "unattached",
        "F": "unreachable", "G": "longer", "H": "no_firm_road", "J": "cut_off",
    }  # fmt: skip
    dry, wet = by_name(result, "minutes"), by_name(result, "wet_minutes")
    assert dry["G"] == pytest.approx(8 + 0.76)
    assert wet["G"] == pytest.approx(8 + 0.38 / 5 * 60)
    assert (dry["A"], wet["A"]) == (pytest.approx(14), pytest.approx(14))
    assert dry["H"] == pytest.approx(25)
    assert np.isnan([wet["H"], wet["C"], dry["F"], dry["E"]]).all()


def test_figures(result):
    assert result.headline.key == "wet_cut_off"
    assert counted(result, "wet_cut_off") == (3, 7)
    assert counted(result, "wet_cut_off_population") == (120, 450)
    assert counted(result, "wet_county_cut_off") == (3, 7)
    assert counted(result, "no_firm_road") == (2, 9)  # H and E
    assert counted(result, "one_link_away") == (6, 7)  # all but D
    assert counted(result, "worst_link_population") == (420, 450)
    spent, people = counted(result, "wet_extra_minutes")
    assert (spent, people) == (pytest.approx(3.8 * 20), 330)
    assert next(i for i in result.indicators if i.key == "bridges").value == 5


def test_what_was_unreachable_before_is_no_harm(result):
    assert codes(result)["unattached-villages"]["count"] == 1
    assert codes(result)["unreachable-villages"]["count"] == 1
    assert set(result.tables["cut_off"]["name"]) == {"C", "H", "J"}
    assert result.tables["cut_off"]["name"].tolist() == ["C", "H", "J"]  # by people


def test_bridges_on_the_way_of_each_village(result):
    assert by_name(result, "single_links") == {
        "A": 1, "B": 1, "C": 2, "D": 0, "E": pd.NA, "F": pd.NA, "G": 1, "H": 2, "J": 3,
    }  # fmt: skip
    rank = by_name(result, "worst_rank")
    assert [rank[name] for name in "ABCHJ"] == [1] * 5
    assert rank["G"] == 5
    assert rank["D"] is pd.NA


def test_by_township(result):
    county = result.tables["by_township"].iloc[-1]
    assert county["township"] == "全县"
    assert county[["villages", "reached", "cut_off", "no_firm_road", "longer",
                   "one_link_away"]].tolist() == [9, 7, 3, 1, 1, 6]  # fmt: skip
    assert county["share"] == pytest.approx(3 / 7)
    assert county["people_cut_off"] == 120


def test_a_seat_within_a_link_is_a_junction():
    # The seat moves to the middle of R4: west of it nothing is cut off by the eastern half.
    seats = [("甲镇", 8000, 0, SEATS[0][3]), SEATS[1]]
    rows = by_road(measure(seats=seats))
    halves = rows.loc[4].sort_values("length_m")
    assert halves["length_m"].tolist() == pytest.approx([2000, 4000])
    # East: B C H J; west: A, D and G.
    assert halves["people"].tolist() == [320, 130]


def test_a_township_without_a_seat_travels_to_the_nearest():
    other = {"township": "乙乡"}
    villages = [hamlet("A", 7000, 0, 100, **other), hamlet("L", -9000, 0, 70, **other)]
    result = measure(villages=villages)
    minutes = by_name(result, "minutes")
    assert minutes == {"A": pytest.approx(14), "L": pytest.approx(2)}  # S, and K 1 km off
    # R1 closed: L, on it, is cut off from both.
    assert by_road(result).loc[1, ["people", "county_people"]].tolist() == [70, 170]


def test_roads_recorded_as_passable_all_year():
    track = ("earth", ROADS[7][1], {**FAST, "all_season": True})
    flood = ("cement", ROADS[3][1], {**FAST, "all_season": False})
    rows = [*ROADS[:7], track, ROADS[8]]
    closed, kept = measure(road_rows=rows), measure(road_rows=rows, keep_all_season=True)
    assert codes(closed)["unhardened-all-season"]["km"] == 0.4
    assert by_name(closed, "state")["G"] == "longer"
    assert "unhardened-all-season" not in codes(kept)
    assert by_name(kept, "state")["G"] == "same"
    flooded = measure(road_rows=[*ROADS[:3], flood, *ROADS[4:]])
    assert codes(flooded)["hardened-not-all-season"]["km"] == 6
    assert by_name(flooded, "state")["B"] == "no_firm_road"


def test_roads_without_a_surface_are_closed_and_said():
    rows = [*ROADS[:3], (None, *ROADS[3][1:]), *ROADS[4:]]
    assert codes(measure(road_rows=rows))["surface-unknown-closed"]["km"] == 6


def test_without_population_villages_rank():
    villages = [(n, x, y, {**TOWN, "households": 3.0}) for n, x, y, _ in VILLAGES]
    result = measure(villages=villages)
    rows = by_road(result)
    assert rows["villages"].tolist() == [5, 2, 1, 1, 1, 1, 0, 0]
    assert rows["people"].isna().all()
    assert "population-missing" in codes(result)
    assert {i.key for i in result.indicators} == {
        "wet_cut_off", "no_firm_road", "one_link_away", "wet_county_cut_off", "bridges",
    }  # fmt: skip


def test_people_not_known_are_counted_and_add_none():
    villages = [*VILLAGES[:1], ("B", 10000, 0, {**TOWN, "population": None}), *VILLAGES[2:]]
    result = measure(villages=villages)
    assert codes(result)["population-unknown"]["count"] == 1
    assert by_road(result).loc[4, ["people", "villages"]].tolist() == [220, 5]


def test_a_village_without_a_position_is_not_attached():
    result = measure(lost="A")
    assert by_name(result, "state")["A"] == "unattached"
    assert by_road(result).loc[4, "people"] == 320


def test_without_a_county_seat_the_county_is_left_out():
    result = measure(seats=SEATS[:1])
    assert result.missing == ("seats (level = county)",)
    assert "wet_county_cut_off" not in {i.key for i in result.indicators}
    assert by_road(result)["county_people"].isna().all()


def test_seats_off_the_roads():
    far = ("甲镇", 0, 5000, SEATS[0][3])
    result = measure(seats=[far, SEATS[1]])
    assert codes(result)["seats-unattached"]["names"] == "甲镇"
    assert by_name(result, "minutes")["A"] == pytest.approx(34)  # to K, the nearest left
    nowhere = measure(seats=[far])
    assert nowhere.status == "not_computable"
    assert nowhere.missing == ("seats",)
    # On R7, which the wet season closes; no firm road within 1 km.
    soft = measure(seats=[("甲镇", 10000, 2400, SEATS[0][3]), SEATS[1]])
    assert codes(soft)["seats-not-firm"]["names"] == "甲镇"
    assert counted(soft, "wet_cut_off") == (7, 7)


def test_what_is_missing_is_named():
    town = points("villages", *VILLAGES)
    links = network(roads(*ROADS))
    given = {"villages": town, "seats": None, "network": links}
    assert missing_for(examine, given) == ["seats"]
    empty = replace(links, frame=links.frame.iloc[:0])
    seats = points("seats", *SEATS)
    assert missing_for(examine, {**given, "seats": seats, "network": empty}) == ["network (0)"]


def random_town(seed):
    """Roads along a lattice, some one-way or of earth; villages and three seats at random."""
    rng = np.random.default_rng(seed)
    lines = [((x, y), (x + 1, y)) for x in range(4) for y in range(5)]
    lines += [((x, y), (x, y + 1)) for x in range(5) for y in range(4)]
    lines = [line for line in lines if rng.random() < 0.65]
    ways = ["both", "both", "both", "forward"]
    rows = [
        (
            str(rng.choice(["cement", "earth"])),
            [(x * 1000.0, y * 1000.0) for x, y in line],
            {"speed_kmh": float(rng.integers(10, 60)), "one_way": str(rng.choice(ways))},
        )
        for line in lines
    ]
    spots = rng.uniform(-200, 4200, (30, 2))
    names = ["甲镇", "乙乡", "无驻地乡"]
    town = [
        hamlet(f"V{i}", x, y, int(rng.integers(1, 500)), township=str(rng.choice(names)))
        for i, (x, y) in enumerate(spots[:27])
    ]
    levels = [("township", "甲镇"), ("township", "乙乡"), ("county", "丙镇")]
    seats = [
        (name, *spot, {"level": level, "township": name})
        for (level, name), spot in zip(levels, spots[27:], strict=True)
    ]
    return network(roads(*rows)), points("villages", *town), points("seats", *seats)


def access_of(links, villages, seats, limit_m=600.0):
    firm = links.frame["hardened"].to_numpy(dtype=bool)
    return SeatAccess.measure(
        RoadNetwork.from_edges(links.frame), firm, villages.frame, villages.frame["township"],
        seats.frame, limit_m, 5.0,
    )  # fmt: skip


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(12))
def test_harm_is_what_a_network_without_the_link_shows(seed):
    links, villages, seats = random_town(seed)
    setting = Setting.of(access_of(links, villages, seats))
    access = setting.access
    people = villages.frame["population"].to_numpy(dtype=float)[:, None]
    harm = close_links(setting, people, busiest=10_000)
    found = {link: i for i, link in enumerate(harm.link.tolist())}
    assert len(found) > 3

    def times(roads, goal):
        return setting.at(nearest(roads, access.roots(goal)).cost, goal.members)

    link_of = access.roads.edges["link"].to_numpy()
    for link in range(access.links.n_edges):
        cut, extra, county = 0.0, 0.0, 0.0
        closed = access.roads.only(link_of != link)
        for goal in setting.goals:
            weight = people[goal.members, 0]
            before, after = times(access.roads, goal), times(closed, goal)
            lost = ~np.isnan(before) & np.isnan(after)
            if goal is access.county:
                county += weight[lost].sum()
            else:
                cut += weight[lost].sum()
                extra += np.nansum(weight * (after - before))
        row = found.get(link)
        ours = (0, 0, 0) if row is None else (
            harm.cut_off[row, 0], harm.county[row, 0], harm.extra[row, 0]
        )  # fmt: skip
        assert ours == pytest.approx((cut, county, extra), abs=1e-3)


@given(seed=st.integers(0, 500), more=st.sets(st.integers(0, 40), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_closing_more_never_helps(seed, more):
    links, villages, seats = random_town(seed)
    access = access_of(links, villages, seats)
    season = WetSeason.measure(access)
    keeps = ~np.isnan(season.wet_min)
    assert not np.isnan(season.dry_min[keeps]).any()
    assert (season.wet_min[keeps] >= season.dry_min[keeps] - 1e-9).all()
    assert not (season.wet_county & ~season.dry_county).any()

    roads = access.roads.links("minutes", toward=True)
    roots = np.unique(access.seats[access.seats >= 0]).astype(np.int64)
    link_of = access.roads.edges["link"].to_numpy()
    fewer = np.isin(link_of, sorted(more)[:-1])
    every = np.isin(link_of, sorted(more))
    less, most = (
        SCIPY.nearest(without(roads, closed), roots, np.zeros(len(roots)), np.inf)[0]
        for closed in (fewer, every)
    )
    assert (most >= less).all()


def test_row_order_changes_nothing():
    turned = measure(villages=VILLAGES[::-1])
    rows = by_road(turned)
    assert rows.index.tolist() == [4, 5, 7, 6, 8, 3, 2, 1]
    assert rows["people"].tolist() == [420, 80, 40, 30, 20, 10, 0, 0]


def test_the_layers_are_in_the_countys_crs(result):
    links = result.layers["links"]
    assert links.crs == result.layers["villages"].crs == result.layers["roads"].crs
    worst = links.geometry.iloc[0]
    assert shapely.equals(worst, shapely.LineString([(4000, 0), (10000, 0)]))
    assert links["mark"].tolist()[:2] == ["1", "2"]
    assert result.layers["roads"]["open_when_wet"].tolist().count(False) == 3


def test_parallel_roads_are_no_bridge():
    # A second road beside R4: nobody is cut off but A, who lives on the first.
    second = ("cement", [(4000, 0), (7000, -1500), (10000, 0)], FAST)
    rows = by_road(measure(road_rows=[*ROADS, second]))
    assert rows.loc[4, ["kind", "people"]].tolist() == ["detour", 100]
