"""Irrigation of farm bases that can be worked out by hand.

一  100 mu, 90 irrigated   90 %, irrigated
二  200 mu, 50 irrigated   25 %, in part
三   60 mu,  0 irrigated   not irrigated
四   80 mu, not known      left out of both sums: 140 of 360 mu, and of 440 with it
五   50 mu is the limit and counts: 50 irrigated, so 190 of 410 mu, and of 490 with 四
六   49.9 mu               too small
七  300 mu, livestock      no planting base
八  300 mu, planned        not there yet
九  area and polygon unknown
"""

import pytest
import shapely
from towns import COUNTY, layer, parameters

from yanshan_gis.methods.irrigation import coverage
from yanshan_gis.needs import missing_for

MU = 10_000 / 15  # square metres


def base(name, mu, irrigated, township="甲镇", **more):
    values = {"name": name, "kind": "planting", "status": "existing", "township": township}
    return {**values, "area_mu": mu, "irrigated_mu": irrigated, **more}


BASES = [
    base("一", 100.0, 90.0),
    base("二", 200.0, 50.0),
    base("三", 60.0, 0.0, "乙乡"),
    base("四", 80.0, None, "乙乡"),
    base("五", 50.0, 50.0, "乙乡"),
    base("六", 49.9, 49.9),
    base("七", 300.0, None, kind="livestock"),
    base("八", 300.0, 300.0, status="planned"),
    base("九", None, 10.0),
]


def square(mu, x=0.0):
    side = (mu * MU) ** 0.5
    return shapely.box(x, 0, x + side, side)


def measure(bases=BASES, shapes=None, county=COUNTY, works=None, **changes):
    return coverage(
        bases=layer(
            "farm_bases", bases, shapes or [shapely.Point(i, 0) for i in range(len(bases))]
        ),
        committees=None,
        townships=None,
        works=works,
        county=county,
        **parameters("irrigation", **changes),
    )


@pytest.fixture(scope="module")
def result():
    return measure()


def counted(result, key):
    found = next(i for i in result.indicators if i.key == key)
    return found.numerator, found.denominator


def codes(result):
    return {notice.code: notice.values["count"] for notice in result.warnings}


def test_the_headline_is_irrigated_mu_over_mu(result):
    assert result.headline.key == "irrigated_mu"
    assert counted(result, "irrigated_mu") == (190, 410)
    assert (result.headline.target, result.headline.met) == (0.8, False)


def test_an_unknown_irrigated_area_leaves_both_sums_and_is_listed(result):
    assert result.tables["unknown"]["name"].tolist() == ["四"]
    assert counted(result, "irrigated_mu_least") == (190, 490)
    assert counted(result, "bases_known") == (4, 5)
    assert codes(result)["irrigation-unknown"] == 1


def test_bases_stand_beside(result):
    assert counted(result, "irrigated_bases") == (2, 4)  # 一 and 五 reach 80 %
    assert counted(measure(irrigated_share=0.2), "irrigated_bases") == (3, 4)


def test_what_is_left_out_is_listed_with_its_reason(result):
    left = result.tables["left_out"]
    assert dict(zip(left["name"], left["left_out"], strict=True)) == {
        "六": "small",
        "七": "kind",
        "八": "status",
        "九": "area_unknown",
    }


def test_a_smaller_limit_counts_more_bases():
    assert counted(measure(minimum_area_mu=49.0), "irrigated_mu") == (239.9, 459.9)


def test_states(result):
    frame = result.layers["bases"]
    assert dict(zip(frame["name"], frame["state"], strict=True)) == {
        "一": "irrigated",
        "二": "partly",
        "三": "none",
        "四": "unknown",
        "五": "irrigated",
    }


def test_missed_bases_stand_with_most_dry_land_first(result):
    missed = result.tables["missed"]
    assert missed["name"].tolist() == ["二", "三"]
    assert missed["dry_mu"].tolist() == [150, 60]


def test_by_township(result):
    table = result.tables["by_township"].set_index("township")
    assert table.loc["甲镇", ["bases", "area_mu", "irrigated_mu", "irrigated_bases"]].tolist() == [
        2, 300, 140, 1,
    ]  # fmt: skip
    assert table.loc["乙乡", ["bases", "area_mu", "irrigated_mu", "unknown_bases"]].tolist() == [
        3, 110, 50, 1,
    ]  # fmt: skip
    assert table.loc["全县", "share"] == pytest.approx(190 / 410)


def test_more_irrigated_than_area_is_flagged_and_not_clipped():
    result = measure([base("一", 100.0, 120.0)])
    assert counted(result, "irrigated_mu") == (120, 100)
    flagged = result.tables["flagged"]
    assert flagged[["name", "reason"]].to_numpy().tolist() == [["一", "above"]]
    assert codes(result)["irrigated-above-area"] == 1
    assert result.layers["bases"]["state"].tolist() == ["above"]


def test_a_stated_area_far_from_the_polygon_s_is_listed_and_counted_as_stated():
    """100 mu stated: 119 mu drawn differ by 19 %, 121 mu by 21 %."""
    bases = [base("近", 100.0, 50.0), base("远", 100.0, 50.0)]
    result = measure(bases, [square(119.0), square(121.0, 900.0)])
    assert result.tables["flagged"][["name", "reason"]].to_numpy().tolist() == [["远", "area"]]
    assert result.tables["flagged"]["measured_mu"].tolist() == pytest.approx([121.0])
    assert counted(result, "irrigated_mu") == (100, 200)


def test_an_area_that_is_not_stated_is_measured_from_the_polygon():
    result = measure([base("一", None, 45.0)], [square(90.0)])
    assert result.headline.denominator == pytest.approx(90.0)
    assert result.layers["bases"]["area_from"].tolist() == ["measured"]
    assert codes(result)["area-measured"] == 1


def test_neighbouring_rows_are_not_joined():
    """Two bases of 30 mu side by side are two bases, and neither reaches 50 mu."""
    side = (30.0 * MU) ** 0.5
    result = measure(
        [base("一", 30.0, 30.0), base("一", 30.0, 30.0)], [square(30.0), square(30.0, side)]
    )
    assert result.headline.value is None
    assert result.tables["left_out"]["left_out"].tolist() == ["small", "small"]


def test_a_base_that_does_not_say_what_it_is_counts_and_is_counted():
    result = measure([base("一", 100.0, 50.0, kind=None), base("二", 100.0, 50.0)])
    assert counted(result, "irrigated_mu") == (100, 200)
    assert codes(result)["bases-silent"] == 1


def test_without_any_area_nothing_can_be_computed():
    result = measure([base("一", None, 50.0)])
    assert (result.status, result.missing) == ("not_computable", ("bases.area_mu",))


def test_the_missing_field_is_named():
    bare = [{k: v for k, v in row.items() if k != "irrigated_mu"} for row in BASES]
    bases = layer("farm_bases", bare, [shapely.Point(i, 0) for i in range(len(bare))])
    assert missing_for(coverage, {"bases": bases}) == ["bases.irrigated_mu"]
    assert missing_for(coverage, {"bases": None}) == ["bases"]


def test_the_county_may_count_bases():
    county = COUNTY.model_copy(update={"headlines": {"22": "irrigated_bases"}})
    result = measure(county=county)
    assert (result.headline.key, result.headline.value) == ("irrigated_bases", 0.5)


def test_works_are_drawn_as_points_and_lines():
    works = layer(
        "water_projects",
        [{"name": "库", "kind": "reservoir"}, {"name": "渠", "kind": "irrigation_canal"}],
        [square(60.0), shapely.LineString([(0, 0), (500, 0)])],
    )
    result = measure(works=works)
    assert result.layers["works"].geom_type.tolist() == ["Point"]
    assert result.layers["canals"]["name"].tolist() == ["渠"]


def test_a_base_without_a_position_counts():
    assert counted(measure(shapes=[None] * len(BASES)), "irrigated_mu") == (190, 410)


def test_row_order_changes_no_figure():
    turned = measure(BASES[::-1])
    assert [i.to_json() for i in turned.indicators] == [i.to_json() for i in measure().indicators]
