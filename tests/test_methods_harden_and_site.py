"""Roads and outlets for one budget, on a town that can be worked out by hand.

      P (40 people)            o T (30)                 ==  cement, 60 km/h of its own
      |  5 km of earth,        |  20 km of cement       --  earth, 10 km/h of its own: 30 min
      |  30 min                |  20 min                K   the committee with the outlet, x = 0
K ====+==== 10 km, 10 min =====+ L                      L   a committee without one, x = 10 km
      x = 5 km

All places stand on their roads. Within 25 min of an outlet: T is 30 min from K's, P 35.
Hardened, P's road goes 30 km/h (a village road of cement): 10 min, so P is at 15 min: 5 km at 40
is 200. An outlet at L costs 50 and serves T: 20 min.
Half of the road would do (15 + 5 + 5 = 25 min), but a road is hardened from village to junction.
"""

from dataclasses import replace

import numpy as np
import pytest
from towns import COUNTY, network, parameters, points, roads, speed_table

from yanshan_gis.errors import UsageError
from yanshan_gis.methods.harden_and_site import together

FAST = {"admin_class": "village", "scope": "access", "speed_kmh": 60.0}
EARTH = {"admin_class": "village", "scope": "access", "speed_kmh": 10.0, "cost_per_km_wan": 40.0}
ROADS = [
    ("cement", [(0, 0), (5000, 0), (10000, 0)], FAST),
    ("earth", [(5000, 0), (5000, 5000)], EARTH),
    ("cement", [(10000, 0), (10000, 20000)], FAST),
]


def chosen(budget, road_rows=ROADS, outlets=True, **changes):
    road_layer, town = roads(*road_rows), {"township": "甲镇"}
    shops = points("outlets", ("K店", 0, 0, {"status": "existing"}))
    if not outlets:
        shops = replace(shops, frame=shops.frame.iloc[:0])
    return together(
        villages=points(
            "villages",
            ("P", 5000, 5000, {"level": "natural", "population": 40.0, **town}),
            ("T", 10000, 20000, {"level": "natural", "population": 30.0, **town}),
            ("U", 3000, -9000, {"level": "natural", "population": 20.0, **town}),
        ),
        committees=points(
            "villages",
            ("K", 0, 0, {"level": "committee", **town}),
            ("L", 10000, 0, {"level": "committee", **town}),
        ),
        facilities=shops,
        townships=None,
        network=network(road_layer),
        speeds=speed_table(road_layer),
        county=COUNTY,
        **parameters("harden-and-site", budget_wan=budget, limit_min=25.0, **changes),
    )


def figure(result, key):
    return next(i for i in result.indicators if i.key == key)


def states(result):
    frame = result.layers["villages"]
    return dict(zip(frame["name"], frame["state"], strict=True))


def minutes(result, name):
    row = result.layers["villages"].set_index("name").loc[name]
    return row["minutes_before"], row["minutes"]


def test_little_money_opens_the_outlet():
    result = chosen(100)
    assert states(result) == {"P": "waiting", "T": "gained", "U": "unattached"}
    assert list(result.layers["outlets"]["name"]) == ["L"]
    assert len(result.layers["roads"]) == 0
    assert minutes(result, "T") == pytest.approx((30, 20))
    assert (figure(result, "gain").value, figure(result, "bound").value) == (30, 30)
    assert figure(result, "cost").value == pytest.approx(50)


def test_more_money_hardens_the_road_instead_and_enough_does_both():
    result = chosen(220)
    assert states(result)["P"] == "gained"
    assert states(result)["T"] == "waiting"
    assert minutes(result, "P") == pytest.approx((35, 15))
    assert set(result.layers["roads"]["road_id"]) == {"R000002"}
    assert figure(result, "km_hardened").value == pytest.approx(5.0)
    assert figure(result, "cost").value == pytest.approx(200)
    both = chosen(250)
    assert figure(both, "within_after").numerator == 2
    assert figure(both, "within_before").numerator == 0
    assert figure(both, "within_after").denominator == 3
    assert figure(both, "gain").value == 70
    assert figure(both, "gain_roads_alone").value == 40
    assert figure(both, "gain_outlets_alone").value == 30
    county = both.tables["by_township"].iloc[-1]
    assert (county["gained"], county["denominator"]) == (2, 3)


def test_villages_alone_count_one_each():
    assert states(chosen(220, weigh_by="villages"))["T"] == "gained"  # one for 50 is as good
    assert figure(chosen(250, weigh_by="villages"), "gain").unit == "个"


def test_without_any_outlet_today_roads_alone_gain_nothing():
    result = chosen(250, outlets=False)
    assert figure(result, "gain_roads_alone").value == 0
    assert np.isnan(minutes(result, "P")[0])
    # The one at L serves T, and P once its road is hardened: 10 + 5 min.
    assert list(result.layers["outlets"]["name"]) == ["L"]
    assert figure(result, "gain").value == 70
    assert minutes(result, "P")[1] == pytest.approx(15)


def test_a_road_without_a_price_is_not_chosen_and_told():
    silent = [ROADS[0], ("earth", ROADS[1][1], {**EARTH, "cost_per_km_wan": None}), ROADS[2]]
    result = chosen(1000, silent)
    assert len(result.layers["roads"]) == 0
    told = next(n for n in result.warnings if n.code == "roads-unpriced")
    assert told.values["km"] == pytest.approx(5.0)
    priced = chosen(1000, silent, cost_per_km={"village": {"earth": 10}})
    assert figure(priced, "cost").value == pytest.approx(100)


def test_in_village_roads_are_another_purse():
    inside = [ROADS[0], ("earth", ROADS[1][1], {**EARTH, "scope": "in_village"}), ROADS[2]]
    assert len(chosen(1000, inside).layers["roads"]) == 0


@pytest.mark.parametrize(
    "wrong", [{"weigh_by": "area"}, {"outlet_cost_wan": 0.0}, {"surface": "gravel"}]
)
def test_wrong_parameters_are_named(wrong):
    with pytest.raises(UsageError):
        chosen(100, **wrong)


def test_no_number_to_weigh_by_is_an_answer():
    assert chosen(100, weigh_by="households").missing == ("villages.households",)
