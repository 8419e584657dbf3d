"""Road hardening coverage on a town that can be worked out by hand.

      Seat (county and township)
       |            ==  cement          --  earth
       |            A…E villages, K the committee, all 10 m beside their road
 0 ====+==== K ==== A ---- B ==== C
x 0    1000  2000   3000   4000   5000            y = 0

 D lies 150 m north of the cement road at x = 1500, E 900 m north of it at x = 500,
 F 5,000 m away from everything; I stands on an island, a cement road of its own at y = -9000.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import COUNTY, network, parameters, points, roads, without_position

from yanshan_gis.errors import DataError
from yanshan_gis.methods.hardened_access import HardenedAccess
from yanshan_gis.methods.hardening import coverage
from yanshan_gis.network.graph import RoadNetwork

ROADS = [
    ("cement", [(0, 0), (1000, 0), (2000, 0), (3000, 0)], {"scope": "access"}),
    ("earth", [(3000, 0), (4000, 0)], {"scope": "access"}),
    ("cement", [(4000, 0), (5000, 0)], {"scope": "access"}),
    ("cement", [(0, -9000), (1000, -9000)], {"scope": "access"}),
    ("cement", [(3000, 0), (3000, -300)], {"scope": "in_village"}),
    ("earth", [(4000, 0), (4000, -500)], {"scope": "in_village"}),
]


def village(name, x, y, **more):
    values = {"level": "natural", "parent": "V000101", "township": "甲镇", "population": 100}
    return (name, x, y, {**values, **more})


VILLAGES = [
    village("A", 3000, 10, ledger_hardened_access=True),
    village("B", 4000, 10, population=300, ledger_hardened_access=True),
    village("C", 5000, 10),
    village("D", 1500, 150, township="乙乡"),
    village("E", 500, 900, township="乙乡"),
    village("F", 20000, 5000),
    village("I", 500, -8990),
    village("X", 3600, 10, exempt=True, exempt_reason="整村搬迁"),
]


@pytest.fixture(scope="module")
def result():
    return measure(VILLAGES)


def measure(villages, county=COUNTY, lost=None, road_rows=ROADS, **changes):
    return coverage(
        villages=without_position(points("villages", *villages), lost),
        committees=points(
            "villages", ("K", 2000, 10, {"id": "V000101", "level": "committee", "township": "甲镇"})
        ),
        seats=points(
            "seats",
            ("甲镇", 1000, 5, {"level": "township", "township": "甲镇"}),
            ("县城", 1000, 5, {"level": "county", "township": "甲镇"}),
        ),
        townships=None,
        network=network(roads(*road_rows)),
        county=county,
        **parameters("road-hardening", **changes),
    )


def states(result):
    frame = result.layers["villages"]
    return dict(zip(frame["name"], frame["state"], strict=True))


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def test_states(result):
    assert states(result) == {
        "A": "connected",  # on the cement road to K
        "B": "touching",  # its cement road begins behind 1 km of earth
        "C": "touching",  # at the end of that road
        "D": "connected",  # 150 m from the road, within the touch limit of 200 m
        "E": "soft",  # attached (900 m < 1 km) but nothing hardened within 200 m
        "F": "unattached",  # beyond 1 km of any road
        "I": "unreachable",  # touches cement, but no road leads to K
        "X": "exempt",
    }


def test_headline_counts_continuous_paths_without_exempt_villages(result):
    headline = figure(result, "hardened_path")
    assert (headline.numerator, headline.denominator) == (2, 7)
    assert headline.headline
    assert headline.target == 0.5
    assert headline.met is False


def test_touching_stands_beside(result):
    touching = figure(result, "touching")
    assert (touching.numerator, touching.denominator) == (5, 7)  # A B C D I


def test_the_county_may_choose_another_headline():
    county = COUNTY.model_copy(update={"headlines": {"17": "touching"}})
    result = measure(VILLAGES, county)
    assert result.headline.key == "touching"
    assert result.headline.target == 0.5


def test_missing_kilometres_and_people_per_kilometre(result):
    rows = result.layers["villages"].set_index("name")
    assert rows.loc["B", "missing_km"] == pytest.approx(1.0)
    assert rows.loc["C", "missing_km"] == pytest.approx(1.0)  # the rest of its path is cement
    assert rows.loc["A", "missing_km"] == 0
    assert rows.loc["E", "missing_km"] == 0  # its road is hardened; it lies 900 m beside it
    assert rows.loc["E", "walk_m"] == pytest.approx(900)
    assert rows.loc[["F", "I"], "missing_km"].isna().all()
    assert rows.loc["B", "people_per_km"] == pytest.approx(300)


def test_missed_villages_stand_with_most_people_per_kilometre_first(result):
    missed = result.tables["missed"]
    assert missed["name"].tolist()[:2] == ["B", "C"]
    assert set(missed["name"]) == {"B", "C", "E", "F", "I"}


def test_exempt_villages_are_listed_with_their_reason(result):
    assert result.tables["exempt"][["name", "exempt_reason"]].to_numpy().tolist() == [
        ["X", "整村搬迁"]
    ]


def test_by_township(result):
    table = result.tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["villages", "exempt", "denominator", "connected"]].tolist() == [
        6,
        1,
        5,
        1,
    ]
    assert table.loc["乙乡", ["denominator", "connected"]].tolist() == [2, 1]
    assert table.loc["全县", ["villages", "denominator", "connected"]].tolist() == [8, 7, 2]
    assert table.loc["全县", "share"] == pytest.approx(2 / 7)
    assert table.loc["全县", "missing_km"] == pytest.approx(2.0)


def test_in_village_roads(result):
    km = figure(result, "in_village_km")
    assert (km.numerator, km.denominator) == (pytest.approx(0.3), pytest.approx(0.8))
    assert km.headline
    rows = result.layers["villages"].set_index("name")
    assert rows.loc["A", "in_village_km"] == pytest.approx(0.3)
    assert rows.loc["B", "in_village_hardened_km"] == 0
    assert figure(result, "in_village_villages").numerator == 1


def test_streets_far_from_every_village_are_nobodys():
    town = [*ROADS, ("cement", [(-9000, 0), (-8000, 0)], {"scope": "in_village"})]
    result = measure(VILLAGES, road_rows=town)
    # They count in the county's kilometres, and in no village's.
    assert figure(result, "in_village_km").denominator == pytest.approx(1.8)
    assert result.layers["villages"]["in_village_km"].sum() == pytest.approx(0.8)
    table = result.tables["by_township"].set_index("township")
    assert table.loc["（乡镇不明）", "in_village_km"] == pytest.approx(1.0)
    assert table.loc["全县", "in_village_km"] == pytest.approx(1.8)


def test_streets_of_an_exempt_village_leave_the_denominator():
    streets = [*ROADS, ("earth", [(3600, 0), (3600, -200)], {"scope": "in_village"})]
    assert figure(measure(VILLAGES, road_rows=streets), "in_village_km").denominator == (
        pytest.approx(0.8)
    )


def test_kilometre_share_leaves_in_village_roads_out(result):
    km = figure(result, "hardened_km")
    assert (km.numerator, km.denominator) == (pytest.approx(5.0), pytest.approx(6.0))


def test_rural_access_index_is_as_the_crow_flies(result):
    index = figure(result, "rural_access_index")
    assert (index.numerator, index.denominator) == (900, 1000)  # all but F, exempt X included


def test_ledger_beside_computed(result):
    ledger = figure(result, "ledger_hardened_access")
    assert (ledger.numerator, ledger.denominator) == (2, 2)
    assert result.tables["disagreements"]["name"].tolist() == ["B"]


def test_longer_paths(result):
    assert (
        figure(result, "hardened_path_township").numerator == 1
    )  # A; D names 乙乡, without a seat
    assert figure(result, "hardened_path_county").numerator == 2


def test_warnings_count_what_a_reader_must_know(result):
    found = {notice.code: notice.values["count"] for notice in result.warnings}
    assert found == {"unattached-villages": 1, "unreachable-villages": 1, "ledger-differs": 1}


def test_a_village_with_unknown_committee_is_missed_and_counted():
    result = measure([village("A", 3000, 10), village("Z", 3000, 20, parent="V999999")])
    assert states(result)["Z"] == "no_committee"
    assert figure(result, "hardened_path").denominator == 2


def test_a_village_that_names_no_committee_belongs_to_the_nearest_and_is_counted():
    silent = [village("A", 3000, 10, parent=None), village("F", 20000, 5000, parent=None)]
    result = measure(silent)
    assert states(result) == {"A": "connected", "F": "no_committee"}  # K lies 18 km from F
    notice = next(n for n in result.warnings if n.code == "parents-by-position")
    assert notice.values["count"] == 1


def test_hardening_the_gap_connects_both_villages_behind_it():
    hard = [("cement", *row[1:]) if row[0] == "earth" else row for row in ROADS]
    result = coverage(
        villages=points("villages", *VILLAGES),
        committees=points("villages", ("K", 2000, 10, {"id": "V000101", "level": "committee"})),
        seats=None,
        townships=None,
        network=network(roads(*hard)),
        county=COUNTY,
        **parameters("road-hardening"),
    )
    assert states(result)["B"] == states(result)["C"] == "connected"
    assert not any(i.key == "hardened_path_township" for i in result.indicators)


def test_inputs_are_not_changed():
    villages = points("villages", *VILLAGES)
    before = villages.frame.copy()
    coverage(
        villages=villages,
        committees=points("villages", ("K", 2000, 10, {"id": "V000101", "level": "committee"})),
        seats=None,
        townships=None,
        network=network(roads(*ROADS)),
        county=COUNTY,
        **parameters("road-hardening"),
    )
    assert villages.frame.equals(before)


def test_row_order_changes_no_figure():
    once, turned = measure(VILLAGES), measure(VILLAGES[::-1])
    assert [i.to_json() for i in once.indicators] == [i.to_json() for i in turned.indicators]


def test_a_village_without_a_position_is_counted_and_missed():
    """A ledger row that found no place must not fall out of the denominator."""
    result = measure([*VILLAGES, village("L", 0, 0)], lost="L")
    assert states(result)["L"] == "unattached"
    assert figure(result, "hardened_path").denominator == 8
    assert figure(result, "in_village_km").denominator == pytest.approx(0.8)


KM = {"ledger_in_village_km": 2.0, "ledger_in_village_hardened_km": 1.5}
LEDGER = [
    village("A", 3000, 10, **KM),
    village("B", 4000, 10, ledger_in_village_km=1.0, ledger_in_village_hardened_km=0.2),
    village("C", 5000, 10),
    village("X", 3600, 10, exempt=True, exempt_reason="整村搬迁", **KM),
]


def test_without_in_village_roads_the_ledger_s_kilometres_are_the_headline():
    """1.5 of 2 km in A and 0.2 of 1 km in B; C has no entry, X is exempt: 1.7 of 3 km."""
    access = [row for row in ROADS if row[2]["scope"] == "access"]
    result = measure(LEDGER, road_rows=access)
    km = figure(result, "ledger_in_village_km")
    assert (km.numerator, km.denominator) == (pytest.approx(1.7), pytest.approx(3.0))
    assert (km.headline, km.target) == (True, 0.7)
    assert not any(i.key == "in_village_km" for i in result.indicators)
    notice = next(n for n in result.warnings if n.code == "ledger-alone")
    assert notice.values == {"number": "18"}
    assert figure(result, "hardened_path").headline


def test_with_in_village_roads_the_ledger_stands_beside():
    result = measure(LEDGER)
    assert figure(result, "in_village_km").headline
    assert not figure(result, "ledger_in_village_km").headline
    assert "ledger-alone" not in {n.code for n in result.warnings}


@pytest.mark.parametrize("missing", ["committees", "network"])
def test_without_roads_or_committees_only_the_ledger_tells(missing):
    given = {
        "committees": points("villages", ("K", 2000, 10, {"id": "V000101", "level": "committee"})),
        "network": network(roads(*ROADS)),
    }
    given[missing] = None
    result = coverage(
        villages=points("villages", *LEDGER),
        seats=None,
        townships=None,
        county=COUNTY,
        **given,
        **parameters("road-hardening"),
    )
    assert (result.status, result.missing) == ("ok", (missing,))
    assert [i.key for i in result.indicators if i.headline] == ["ledger_in_village_km"]
    assert figure(result, "ledger_in_village_km").numerator == pytest.approx(1.7)
    done = figure(result, "ledger_in_village_villages")
    assert (done.numerator, done.denominator) == (1, 2)  # A at 75 %, B at 20 %
    assert states(result) == {
        "A": "ledger_done", "B": "ledger_short", "C": "ledger_silent", "X": "exempt",
    }  # fmt: skip
    table = result.tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["villages", "exempt", "denominator"]].tolist() == [4, 1, 3]
    assert table.loc["全县", "in_village_share"] == pytest.approx(1.7 / 3)
    assert {"paths-unknown", "ledger-alone", "ledger-silent"} == {n.code for n in result.warnings}


# One more hardened road takes nothing away. Both cross at 150 m from V and from K, the road of
# the town does at 190 m: V and K touch it and, nearer by, a road of their own that leads nowhere.
#
#      --V--       --K--     y = 190 + 40         -- earth or cement, not joined to the road below
#        o           o       y = 190
# =======+===========+====   y = 0                == cement
BESIDE_V = [(1900, 230), (2100, 230)]
BESIDE_K = [(2900, 230), (3100, 230)]


@pytest.mark.parametrize("hardened", [(), ("V",), ("K",), ("V", "K")])
def test_a_nearer_hardened_road_that_leads_nowhere_takes_no_path_away(hardened):
    stubs = [
        ("cement" if name in hardened else "earth", line, {"scope": "access"})
        for name, line in (("V", BESIDE_V), ("K", BESIDE_K))
    ]
    access = access_of([("cement", [(0, 0), (4000, 0)]), *stubs], [("V", 2000, 190)])
    assert all(flags.tolist() == [True] for flags in access)


def test_two_pieces_are_not_joined_by_a_village_that_touches_both():
    # V touches the road of K and a piece that leads to W; W itself has no way to K.
    stub = ("cement", [(2000, 230), (2000, 5000)])
    access = access_of(
        [("cement", [(0, 0), (4000, 0)]), stub], [("V", 2010, 150), ("W", 2010, 5000)]
    )
    touches, committee, township, county = (flags.tolist() for flags in access)
    assert touches == [True, True]
    assert committee == township == county == [True, False]


def test_a_touch_limit_below_nothing_is_refused():
    with pytest.raises(DataError, match="-1"):
        measure(VILLAGES, touch_limit_m=-1)


def access_of(rows, villages, mask=None, committee=(3000, 190)):
    """Measure touch, committee, township and county where all three stand at one place."""
    links = network(roads(*rows))
    net = RoadNetwork.from_edges(links.frame)
    hardened = np.asarray(links.frame["hardened"], dtype=bool) if mask is None else mask(net)
    own = {"level": "natural", "parent": "V000101", "township": "甲镇"}
    places = points("villages", *((*place, own) for place in villages))
    home = ("K", *committee, {"id": "V000101", "level": "committee", "township": "甲镇"})
    seats = points(
        "seats",
        ("甲镇", *committee, {"level": "township", "township": "甲镇"}),
        ("县城", *committee, {"level": "county", "township": "甲镇"}),
    )
    found = HardenedAccess.measure(
        net, hardened, places, places.frame["township"], points("villages", home), seats, 200
    )
    return found.touches, found.committee, found.township, found.county


@st.composite
def lattices(draw):
    """Draw roads on a lattice of 150 m, villages between them, and which roads are hardened."""
    ends = st.tuples(st.integers(0, 5), st.integers(0, 5))
    steps = st.sampled_from([(1, 0), (0, 1), (1, 1), (2, 0)])
    lines = draw(st.lists(st.tuples(ends, steps), min_size=1, max_size=14, unique=True))
    rows = [
        ("earth", [(150 * x, 150 * y), (150 * (x + dx), 150 * (y + dy))])
        for (x, y), (dx, dy) in lines
    ]
    spots = st.tuples(st.integers(-100, 1000), st.integers(-100, 1000))
    return rows, draw(st.lists(spots, min_size=2, max_size=6)), draw(st.integers(0, 2**32 - 1))


@settings(max_examples=40, deadline=None)
@given(lattices())
def test_more_hardened_roads_never_lose_a_path(drawn):
    rows, (home, *spots), seed = drawn
    villages = [(f"V{number}", *spot) for number, spot in enumerate(spots)]
    rank = {}

    def up_to(share):
        def mask(net):
            order = rank.setdefault("order", np.random.default_rng(seed).random(net.n_edges))
            return order < share

        return mask

    before = [np.zeros(len(villages), dtype=bool)] * 4
    for share in (0.0, 0.3, 0.6, 0.8, 1.0):
        after = access_of(rows, villages, up_to(share), home)
        for less, more in zip(before, after, strict=True):
            assert not (less & ~more).any()
        before = after
