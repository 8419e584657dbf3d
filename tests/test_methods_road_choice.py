"""Roads to harden first on a town that can be worked out by hand.

         P (10 people)   Q (1000)                 ==  cement     --  earth
          o ---- 1 km --- o                       K the committee, at x = 1000 on the cement road
          |
        5 km
          |                                       R (100 people), 4 km east of the cement's end
K ========+-------- 4 km -------- o R             S (50 people), on cement of its own, no road to K
          x = 2000, y = 0                         T (5 people), 900 m from every road
                                                  X exempt, beside R

With 6 km: K-P-Q gains 2 villages and 1010 people; R with 4 km gains 1 village and 100 people.
With 4 km or 5 km R by people (100 > 10); with 10 km all three.
Steps of 10 km by people: P and Q together 1010 / 6 = 168.3 per km, then R 100 / 4 = 25.
By villages: P and Q 2 / 6 = 0.333, then R 1 / 4 = 0.25.
"""

import numpy as np
import pytest
from shapely import box
from towns import layer, network, parameters, points, roads, small_county

from yanshan_gis.errors import UsageError
from yanshan_gis.methods.road_choice import first
from yanshan_gis.methods.road_prices import price_per_km

ROADS = [
    ("cement", [(0, 0), (1000, 0), (2000, 0)], {"scope": "access"}),
    ("earth", [(2000, 0), (2000, 5000)], {"scope": "access", "admin_class": "group"}),
    ("earth", [(2000, 5000), (3000, 5000)], {"scope": "access", "admin_class": "group"}),
    ("gravel", [(2000, 0), (6000, 0)], {"scope": "access", "admin_class": "village"}),
    ("cement", [(0, -9000), (1000, -9000)], {"scope": "access"}),
    ("earth", [(2000, 0), (2000, -300)], {"scope": "in_village"}),
]


def village(name, x, y, people, township, **more):
    values = {"level": "natural", "parent": "V000101", "township": township}
    return (name, x, y, {**values, "population": people, **more})


VILLAGES = [
    village("P", 1990, 5000, 10, "甲镇"),
    village("Q", 3000, 5010, 1000, "甲镇"),
    village("R", 6000, 10, 100, "乙乡"),
    village("S", 500, -8990, 50, "乙乡"),
    village("T", 500, 900, 5, "乙乡"),
    village("A", 1500, 10, 20, "甲镇"),
    village("X", 5900, 10, 70, "乙乡", exempt=True),
]


def choose(budget, villages=VILLAGES, road_rows=ROADS, control_lines=None, **changes):
    return first(
        villages=points("villages", *villages),
        committees=points(
            "villages", ("K", 1000, 10, {"id": "V000101", "level": "committee", "township": "甲镇"})
        ),
        townships=None,
        control_lines=control_lines,
        network=network(roads(*road_rows)),
        **parameters("harden-first", budget_km=budget, **changes),
    )


def states(result):
    frame = result.layers["villages"]
    return dict(zip(frame["name"], frame["state"], strict=True))


def gained(result):
    return {name for name, state in states(result).items() if state == "gained"}


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def codes(result):
    return {notice.code for notice in result.warnings}


def test_a_poor_first_stretch_is_taken_for_what_lies_behind_it():
    result = choose(6, weigh_by="population")
    assert gained(result) == {"P", "Q"}
    assert figure(result, "gain").value == 1010
    assert figure(result, "bound").value == pytest.approx(1010)
    assert figure(result, "gap").value == pytest.approx(0)
    used = figure(result, "budget_used")
    assert (used.numerator, used.denominator) == (pytest.approx(6.0), 6)


@pytest.mark.parametrize(("budget", "names"), [(3, set()), (4, {"R"}), (5, {"R"}), (6, {"P", "Q"})])
def test_what_a_budget_gains(budget, names):
    assert gained(choose(budget, weigh_by="population")) == names


def test_the_share_of_the_indicator_is_counted_anew():
    result = choose(10)
    before, after = (figure(result, f"hardened_path_{when}") for when in ("before", "after"))
    # A, then A P Q R, of six that are not exempt
    assert (before.numerator, before.denominator) == (1, 6)
    assert (after.numerator, after.denominator) == (4, 6)
    assert after.headline
    assert after.target == 0.5
    assert after.met
    assert figure(result, "villages_gained").value == figure(result, "gain").value == 3
    assert "recount-differs" not in codes(result)


def test_states_of_villages():
    assert states(choose(6)) == {
        "P": "gained",
        "Q": "gained",
        "R": "waiting",
        "S": "no_way",  # on a hardened road from which no road leads to a committee
        "T": "beyond",  # no road within the touch limit
        "A": "connected",
        "X": "exempt",
    }
    assert set(choose(6).tables["missed"]["name"]) == {"R", "S", "T"}


def test_without_a_budget_nothing_is_chosen():
    result = choose(0)
    assert result.status == "ok"
    assert gained(result) == set()
    assert len(result.tables["steps"]) == 0
    assert set(result.layers["roads"]["state"]) == {"hardened", "soft"}


def test_steps_fall_in_gain_per_kilometre():
    steps = choose(10, weigh_by="population").tables["steps"]
    assert steps["km"].tolist() == pytest.approx([6, 4])
    assert steps["gain"].tolist() == [1010, 100]
    assert steps["villages"].tolist() == [2, 1]
    assert steps["gain_per_km"].tolist() == pytest.approx([1010 / 6, 25])
    assert steps.loc[0, "next_gain_per_km"] == pytest.approx(25)
    assert np.isnan(steps.loc[1, "next_gain_per_km"])
    assert steps["cumulative_km"].tolist() == pytest.approx([6, 10])


def test_years_share_the_budget():
    # 5 km a year: R in the first; what is left, 1 km, and 5 km more then pay for P and Q.
    result = choose(10, weigh_by="population", years=2)
    table = result.tables["by_year"]
    assert table["km"].tolist() == pytest.approx([4, 6])
    assert table["cumulative_km"].iloc[-1] == pytest.approx(10)
    assert table["connected"].iloc[-1] == 4
    years = result.layers["villages"].set_index("name")["year"]
    assert years["Q"] == 2
    assert years[["A", "S"]].isna().all()


def test_roads_keep_the_ids_of_the_roads_they_are_of():
    drawn = choose(10).layers["roads"]
    chosen = drawn[drawn["order"].notna()]
    assert set(chosen["road_id"]) == {"R000002", "R000003", "R000004"}
    assert chosen["km"].sum() == pytest.approx(10)
    assert drawn[drawn["state"] == "soft"]["road_id"].tolist() == ["R000006"]  # in-village
    assert drawn["id"].is_unique


def test_by_township():
    table = choose(6).tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["denominator", "before", "gained", "after"]].tolist() == [3, 1, 2, 3]
    assert table.loc["乙乡", ["denominator", "before", "gained", "waiting"]].tolist() == [
        3,
        0,
        0,
        1,
    ]
    assert table.loc["全县", "share"] == pytest.approx(3 / 6)


def test_a_floor_sends_the_roads_to_the_township_that_would_get_none():
    # A fifth of what each township misses is 0.6 of R, S, T and 0.4 of P, Q: one village each.
    assert gained(choose(9)) == {"P", "Q"}
    assert gained(choose(9, floor_share=0.2)) == {"P", "R"}


def test_a_floor_no_road_can_meet_is_infeasible_with_the_reason():
    result = choose(100, floor_share=0.5)  # 1.5 of 乙乡, where only R can be joined
    assert result.status == "infeasible"
    reason = next(n for n in result.warnings if n.code == "floor-beyond-reach")
    assert reason.values == {"township": "乙乡", "floor": 1.5, "possible": 1.0}


def test_a_floor_beyond_the_budget_says_what_would_do():
    result = choose(3, floor_share=0.2)  # P takes 5 km, R 4 km
    assert result.status == "infeasible"
    reason = next(n for n in result.warnings if n.code == "floors-beyond-km")
    assert reason.values == {"needed": pytest.approx(9.0), "limit": 3}


def test_more_kilometres_never_gain_less():
    gains = [figure(choose(km), "gain").value for km in (0, 2, 4, 5, 6, 9, 10, 20)]
    assert gains == sorted(gains) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_money_limits_too():
    # 40 万元/km of earth, 20 of gravel: R costs 80, P and Q 240.
    prices = {"group": {"earth": 40}, "village": 20}
    result = choose(20, money_wan=100, cost_per_km=prices)
    assert gained(result) == {"R"}
    assert figure(result, "cost").value == pytest.approx(80)


def test_money_without_costs_is_not_computable():
    result = choose(20, money_wan=100, cost_per_km={"village": 20})
    assert result.status == "not_computable"
    assert result.missing == ("network.cost_per_km_wan",)
    assert next(n for n in result.warnings if n.code == "cost-unknown").values == {"km": 6.0}


def test_a_road_s_own_price_stands_before_the_table():
    frame = network(roads(*ROADS)).frame
    frame["cost_per_km_wan"] = np.where(frame["admin_class"] == "village", 33.0, np.nan)
    frame["admin_class"] = frame["admin_class"].astype(object)
    prices = price_per_km(frame, {"group": {"earth": 40}, "default": {"default": 7}})
    kind = frame["admin_class"].fillna("").to_numpy()
    assert set(prices[kind == "village"]) == {33.0}
    assert set(prices[kind == "group"]) == {40.0}
    assert set(prices[kind == ""]) == {7.0}


def test_committed_roads_are_paid_first():
    rows = [*ROADS[:3], (*ROADS[3][:2], {**ROADS[3][2], "programme": "已定"}), *ROADS[4:]]
    result = choose(6, road_rows=rows, committed_programmes=("已定",))
    # The 4 km to R leave 2 km, which pay for nothing.
    assert gained(result) == {"R"}
    assert figure(result, "budget_used").numerator == pytest.approx(4)
    drawn = result.layers["roads"]
    assert drawn[drawn["state"] == "committed"]["road_id"].tolist() == ["R000004"]


def test_roads_through_control_lines_are_not_chosen():
    lines = layer("control_lines", [{"kind": "ecological_redline"}], [box(1900, 2000, 2100, 2100)])
    result = choose(20, control_lines=lines)
    assert gained(result) == {"R"}
    crossed = next(n for n in result.warnings if n.code == "control-lines-crossed")
    assert crossed.values == {"km": pytest.approx(5.0)}
    assert "control-lines-unchecked" not in codes(result)
    assert gained(choose(20, control_lines=lines, forbidden_kinds=())) == {"P", "Q", "R"}


def test_without_control_lines_a_notice_says_so():
    assert {"control-lines-unchecked", "counting-rule"} <= codes(choose(6))


def test_committees_on_separate_pieces_count_for_each_other_and_the_recount_does_not():
    # B's committee L stands on the island; B lies on earth that leads to K's road only.
    island = village("B", 4000, 10, 30, "乙乡", parent="V000102")
    result = first(
        villages=points("villages", *VILLAGES, island),
        committees=points(
            "villages",
            ("K", 1000, 10, {"id": "V000101", "level": "committee"}),
            ("L", 900, -9010, {"id": "V000102", "level": "committee"}),
        ),
        townships=None,
        control_lines=None,
        network=network(roads(*ROADS)),
        **parameters("harden-first", budget_km=20),
    )
    assert states(result)["B"] == "other"
    assert states(result)["S"] == "other"  # its piece holds L, its own committee is K
    rule = next(n for n in result.warnings if n.code == "counting-rule")
    assert rule.values == {"pieces": 2}
    differs = next(n for n in result.warnings if n.code == "recount-differs")
    assert differs.values == {"fewer": 2, "more": 0}


def test_a_village_or_committee_on_two_roads_counts_for_the_one_that_leads_somewhere():
    # A and K touch cement that leads nowhere, nearer than the road on which both stand.
    stubs = [("cement", [(x - 90, 30), (x + 90, 30)], {"scope": "access"}) for x in (1500, 1000)]
    result = choose(6, road_rows=[*ROADS, *stubs])
    assert states(result) == states(choose(6))
    assert "recount-differs" not in codes(result)
    rule = next(n for n in result.warnings if n.code == "counting-rule")
    assert rule.values == {"pieces": 2}  # the stub at K is a way to K too


def test_no_committee_on_a_hardened_road():
    soft = [("earth", *row[1:]) for row in ROADS]
    result = choose(6, road_rows=soft)
    assert result.status == "infeasible"
    assert "no-root" in codes(result)


def test_households_nobody_knows():
    result = choose(6, weigh_by="households")
    assert result.status == "not_computable"
    assert result.missing == ("villages.households",)


@pytest.mark.parametrize("wrong", [{"weigh_by": "cattle"}, {"years": 0}, {"years": 1.5}])
def test_wrong_parameters(wrong):
    with pytest.raises(UsageError):
        choose(6, **wrong)


def test_a_county_in_small():
    layers = {one.name: one for one in small_county()}
    result = first(
        villages=layers["villages"].where(level="natural"),
        committees=layers["villages"].where(level="committee"),
        townships=layers["townships"],
        control_lines=None,
        network=network(layers["roads"]),
        **parameters("harden-first"),
    )
    assert result.status == "ok"
    assert figure(result, "lost_by_greedy").value >= 0
    drawn = result.layers["roads"]
    chosen = drawn[drawn["order"].notna()]
    assert chosen["km"].sum() == pytest.approx(figure(result, "budget_used").numerator)
    by_township = result.tables["by_township"].set_index("township")
    assert by_township.loc["全县", "gained"] == figure(result, "villages_gained").value


def test_one_village():
    result = choose(6, villages=VILLAGES[:1])  # P, 5 km of earth away
    assert gained(result) == {"P"}
    assert result.tables["steps"]["km"].tolist() == pytest.approx([5])
    assert figure(result, "hardened_path_after").value == 1
    assert gained(choose(4.9, villages=VILLAGES[:1])) == set()


def test_no_road_that_may_be_chosen():
    lines = layer("control_lines", [{"kind": "ecological_redline"}], [box(-9e3, -9e3, 9e3, 9e3)])
    result = choose(20, control_lines=lines)
    assert result.status == "ok"
    assert gained(result) == set()
    assert figure(result, "gain").value == figure(result, "bound").value == 0
    cement = [row for row in ROADS if row[0] == "cement"]
    assert gained(choose(20, road_rows=cement)) == set()


def test_a_village_whose_people_nobody_knows_counts_as_none_and_is_told():
    # Without Q's people P and Q are 10 in 6 km: R's 100 in 4 km are more.
    rows = [village("Q", 3000, 5010, np.nan, "甲镇") if row[0] == "Q" else row for row in VILLAGES]
    result = choose(6, villages=rows, weigh_by="population")
    assert gained(result) == {"R"}
    assert figure(result, "gain").value == figure(result, "bound").value == 100
    unknown = next(n for n in result.warnings if n.code == "weight-unknown")
    assert unknown.values == {"count": 1}


def test_the_unit_of_people_changes_nothing():
    rows = [(n, x, y, {**more, "population": 1000 * more["population"]})
            for n, x, y, more in VILLAGES]  # fmt: skip
    for km in (4, 6, 10):
        once, often = (choose(km, villages=v, weigh_by="population") for v in (VILLAGES, rows))
        assert states(once) == states(often)
        assert 1000 * figure(once, "gain").value == pytest.approx(figure(often, "gain").value)


def test_infeasible_floors_still_show_today_and_the_reason_first():
    result = choose(1, floor_share=1)
    assert result.status == "infeasible"
    assert set(result.layers) == {"roads", "villages"}
    assert states(result)["A"] == "connected"
    assert set(result.layers["roads"]["state"]) == {"hardened", "soft"}
    assert result.warnings[0].code.startswith("floor")


def test_a_search_tells_its_listener_and_ends_what_it_starts():
    told = []

    class Listener:
        def start(self, label, total):
            told.append("start")

        def advance(self, steps=1):
            raise AssertionError

        def bounds(self, best, bound):
            told.append("bounds")

        def finish(self):
            told.append("finish")

    choose(6, progress=Listener())
    assert [word for word in told if word != "bounds"] == ["start", "finish"] * 2
