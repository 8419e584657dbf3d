"""Two results side by side, worked out by hand: figures, features, townships, definitions."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from towns import COUNTY, CRS, recipe_catalogue

from yanshan_gis.content import AnalysisDef
from yanshan_gis.figures import figure_table
from yanshan_gis.layer import NameRecord
from yanshan_gis.methods.alike import find_differences, unlike_text
from yanshan_gis.methods.changes import changed_features, count_changes, counted_rows
from yanshan_gis.methods.comparison import (
    Computed,
    compare_boards,
    compare_figures,
    compare_townships,
    township_table,
)
from yanshan_gis.methods.same_features import Known, match_features, permanent_keys
from yanshan_gis.result import Indicator, Result

RECIPE = recipe_catalogue()["road-hardening"]
PREFIXES = frozenset({"V", "R", "O"})


def villages(*rows):
    """Build the layer from ``(id, name, township, state)``."""
    frame = pd.DataFrame(list(rows), columns=["id", "name", "township", "state"])
    points = [shapely.Point(at, 0) for at in range(len(rows))]
    return gpd.GeoDataFrame(frame, geometry=points, crs=CRS)


def result(layer=None, *, share=(1, 2), parameters=None, inputs=None, towns=()):
    """Build a result of road-hardening."""
    layers = {} if layer is None else {"villages": layer}
    table = pd.DataFrame(
        [{"township": name, "connected": top, "denominator": below} for name, top, below in towns],
        columns=["township", "connected", "denominator"],
    )
    return Result(
        indicators=(Indicator.share("hardened_path", *share, target=0.5, headline=True),),
        layers=layers,
        tables={"by_township": table} if towns else {},
        parameters=parameters or {},
        inputs=inputs or {},
    )


def computed(found, recipe=RECIPE, county=COUNTY):
    return Computed(recipe, found, figure_table(recipe, found, county))


def changes(before, after, known=None):
    known = known or Known(prefixes=PREFIXES)
    return changed_features(RECIPE, "villages", result(before), result(after), known)


# --- features


def test_every_feature_is_gained_lost_changed_or_as_it_was():
    """Hand: connected counts. V1 no→yes, V2 yes→no, V3 soft→touching, V4 as it was, V5 yes→yes."""
    before = villages(
        ("V1", "一", "甲", "soft"), ("V2", "二", "甲", "connected"), ("V3", "三", "甲", "soft"),
        ("V4", "四", "甲", "soft"), ("V5", "五", "甲", "connected"), ("V6", "六", "甲", "soft"),
    )  # fmt: skip
    after = villages(
        ("V5", "五", "甲", "connected"), ("V4", "四", "甲", "soft"), ("V3", "三", "甲", "touching"),
        ("V2", "二", "甲", "soft"), ("V1", "一", "甲", "connected"), ("V7", "七", "甲", "soft"),
    )  # fmt: skip
    found = changes(before, after)
    told = dict(zip(found["id"], found["change"], strict=True))
    assert told == {"V1": "gained", "V2": "lost", "V3": "changed", "V4": "unchanged",
                    "V5": "unchanged", "V6": "only_before", "V7": "only_after"}  # fmt: skip
    assert count_changes(found) == {"gained": 1, "lost": 1, "changed": 1, "unchanged": 2,
                                    "only_before": 1, "only_after": 1}  # fmt: skip
    rows = found.set_index("id")
    assert rows.loc["V3", ["before", "after"]].tolist() == ["soft", "touching"]
    assert rows["label"].dropna().index.tolist() == ["V6", "V7", "V3", "V2", "V1"]


def test_gained_less_lost_is_the_difference_of_what_is_counted():
    states = ["soft", "connected", "touching", "exempt"]
    before = villages(*[(f"V{n}", str(n), "甲", states[n % 4]) for n in range(40)])
    after = villages(*[(f"V{n}", str(n), "甲", states[n * 7 % 3]) for n in range(40)])
    found = count_changes(changes(before, after))
    counted = RECIPE.figures["hardened_path"].counts
    numbers = [counted_rows(frame, counted).sum() for frame in (before, after)]
    assert found["gained"] - found["lost"] == numbers[1] - numbers[0]


def test_a_layer_compared_with_itself_shows_no_change():
    layer = villages(("V1", "一", "甲", "soft"), ("V2", "二", None, "connected"))
    found = changes(layer, layer)
    assert set(found["change"]) == {"unchanged"}
    assert found["label"].isna().all()


def test_the_headline_says_what_counts():
    """By the other definition, touching counts: V1 is gained, though it has no path."""
    touching = (Indicator.share("touching", 1, 2, headline=True),)
    before = villages(("V1", "一", "甲", "soft")).assign(touches=False)
    after = villages(("V1", "一", "甲", "touching")).assign(touches=True)
    first, second = (Result(indicators=touching, layers={"villages": f}) for f in (before, after))
    found = changed_features(RECIPE, "villages", first, second, Known(prefixes=PREFIXES))
    assert found["change"].tolist() == ["gained"]


def test_links_are_the_same_when_road_and_line_are():
    lines = [shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(1, 0), (2, 0)])]
    before = gpd.GeoDataFrame(
        {"id": ["L1", "L2"], "road_id": ["R1", "R1"], "hardened": [False, False]},
        geometry=lines, crs=CRS,
    )  # fmt: skip
    after = before.iloc[::-1].assign(id=["L1", "L2"], hardened=[True, False])
    after = after.reset_index(drop=True)
    sides = (Result(layers={"roads": frame}) for frame in (before, after))
    found = changed_features(RECIPE, "roads", *sides, Known(prefixes=PREFIXES))
    rows = {
        shape.wkt: change for shape, change in zip(found.geometry, found["change"], strict=True)
    }
    assert rows == {lines[0].wkt: "unchanged", lines[1].wkt: "gained"}
    assert set(found["id"]) == {"R1"}


@pytest.mark.parametrize("ids", [["A000001"], ["L000001"], ["V1", "A1"]])
def test_numbers_within_one_result_are_no_permanent_ids(ids):
    frame = pd.DataFrame({"id": ids})
    assert permanent_keys(frame, PREFIXES) is None
    assert match_features(frame, frame, Known(prefixes=PREFIXES)) is None


def test_new_sites_named_after_their_place_are_permanent():
    assert permanent_keys(pd.DataFrame({"id": ["O@V000002", "O1"]}), PREFIXES) == [
        "O@V000002",
        "O1",
    ]


# --- names


def test_two_villages_that_became_one_are_compared_with_it():
    """V1 上坝 and V2 下坝 are V3 双坝 now; the later table of names says so."""
    before = villages(("V1", "上坝", "甲", "soft"), ("V2", "下坝", "甲", "connected"))
    after = villages(("V3", "双坝", "甲", "connected"))
    names = [NameRecord("V3", "上坝", kind="former"), NameRecord("V3", "下坝", kind="former")]
    found = changes(before, after, Known(after=names, prefixes=PREFIXES)).set_index("before_id")
    assert found["change"].to_dict() == {"V1": "gained", "V2": "unchanged"}
    assert set(found["id"]) == {"V3"}
    assert set(found["matched"]) == {"names"}


def test_a_name_that_only_the_earlier_table_knows_matches_too():
    before = villages(("V1", "上坝", "甲", "soft"))
    after = villages(("V9", "新坝", "甲", "soft"))
    names = [NameRecord("V1", "新坝", kind="alias")]
    found = changes(before, after, Known(before=names, prefixes=PREFIXES))
    assert found[["id", "before_id", "matched"]].values.tolist() == [["V9", "V1", "names"]]


@pytest.mark.parametrize(
    ("records", "township"),
    [
        ([], "甲"),  # equal names alone prove nothing
        ([NameRecord("V9", "上坝", kind="official")], "甲"),
        ([NameRecord("V9", "上坝", kind="former")], "乙"),  # another township's
        ([NameRecord("V9", "上坝", kind="former"), NameRecord("V8", "上坝", kind="former")], "甲"),
    ],
)
def test_what_names_leave_open_is_only_on_one_side(records, township):
    before = villages(("V1", "上坝", "甲", "soft"))
    after = villages(("V9", "某村", township, "soft"), ("V8", "某寨", township, "soft"))
    found = changes(before, after, Known(after=records, prefixes=PREFIXES))
    assert sorted(found["change"]) == ["only_after", "only_after", "only_before"]


def test_another_name_under_the_same_id_is_said_unless_the_table_knows_it():
    before = villages(("V1", "上坝", "甲", "soft"), ("V2", "下坝", "甲", "soft"))
    after = villages(("V1", "别村", "甲", "soft"), ("V2", "新坝", "甲", "soft"))
    known = Known(after=[NameRecord("V2", "下坝", kind="former")], prefixes=PREFIXES)
    found = changes(before, after, known).set_index("id")
    assert found["name_before"].dropna().to_dict() == {"V1": "上坝"}


# --- figures


def test_figures_side_by_side():
    (row,) = compare_figures(computed(result(share=(1, 4))), computed(result(share=(3, 4))), None)
    assert row["figure"] == "road-hardening.hardened_path"
    assert (row["before"], row["after"], row["difference"]) == (0.25, 0.75, 0.5)
    assert (row["met_before"], row["met_after"]) == (False, True)
    assert (row["numerator_before"], row["denominator_after"]) == (1, 4)
    assert row["unlike"] is None


def test_no_difference_between_figures_of_two_units_or_of_one_side():
    one = Result(indicators=(Indicator("a", 1.0, "km"), Indicator("b", 2.0, "km")))
    two = Result(indicators=(Indicator("a", 1.0, "m"), Indicator("c", None, "km")))
    rows = {row["figure"].split(".")[1]: row for row in
            compare_figures(computed(one), computed(two), "limit: 1 → 2")}  # fmt: skip
    assert rows["a"]["difference"] is None
    assert rows["a"]["unlike"] == "km → m; limit: 1 → 2"
    assert (rows["b"]["before"], rows["b"]["after"], rows["b"]["difference"]) == (2.0, None, None)
    assert rows["c"]["difference"] is None


def test_rounding_is_no_difference():
    one, two = (Result(indicators=(Indicator("a", v, "km"),)) for v in (0.1 + 0.2, 0.3))
    (row,) = compare_figures(computed(one), computed(two), None)
    assert row["difference"] == 0.0


def test_townships_side_by_side():
    one = computed(result(share=(1, 4), towns=[("甲镇", 1, 2), ("乙乡", 0, 2)]))
    two = computed(result(share=(3, 4), towns=[("甲镇", 1, 2), ("乙乡", 2, 2)]))
    rows = {row["township"]: row for row in compare_townships(one, two, None)}
    assert rows["乙乡"]["difference"] == 1.0
    assert rows["甲镇"]["difference"] == 0.0
    small = township_table(one, two).set_index("township")
    assert small.loc["全县", ["before", "after", "difference"]].tolist() == [1, 3, 2]
    assert small.loc["乙乡", ["share_before", "share_after"]].tolist() == [0.0, 1.0]


def test_indicators_of_the_plan_side_by_side():
    columns = {"name": "甲", "name_en": "A", "unit": "share", "target": 0.5, "basis": "computed",
               "headline": "x"}  # fmt: skip
    one = pd.DataFrame([{"number": 17, "actual": 0.4, "state": "not_met", **columns}])
    two = pd.DataFrame(
        [{"number": 17, "actual": 0.6, "state": "met", **columns, "headline": "y"},
         {"number": 18, "actual": None, "state": "not_computable", **columns}]
    )  # fmt: skip
    first, second = compare_boards(one, two, None)
    assert first["difference"] == pytest.approx(0.2)
    assert (first["state_before"], first["state_after"]) == ("not_met", "met")
    assert first["unlike"] == "x → y"  # judged by another definition
    assert (second["before"], second["difference"]) == (None, None)


# --- alike


def test_parameters_definitions_and_data_that_differ_are_named():
    limit = {"touch_limit": {"value": 200.0, "unit": "m"}}
    one = computed(result(parameters=limit, inputs={"roads": "a" * 64, "county.toml": "x"}))
    changed = AnalysisDef.model_validate(
        {**RECIPE.model_dump(exclude_none=True),
         "inputs": {**RECIPE.model_dump(exclude_none=True)["inputs"],
                    "villages": {"layer": "villages", "only": {"level": "group"}}}}
    )  # fmt: skip
    limit = {"touch_limit": {"value": 100.0, "unit": "m"}}
    two = computed(
        result(parameters=limit, inputs={"roads": "b" * 64, "county.toml": "y"}), changed
    )
    counties = (COUNTY, COUNTY.model_copy(update={"headlines": {"17": "touching"}}))
    found = find_differences(one, two, counties)
    told = {(row["kind"], row["name"]): (row["before"], row["after"]) for row in found}
    assert told == {
        ("parameter", "touch_limit"): ("200 m", "100 m"),
        ("definition", "inputs.villages"): (
            "layer = villages, only = level = natural", "layer = villages, only = level = group",
        ),
        ("definition", "headlines.17"): ("—", "touching"),
        ("input", "roads"): ("a" * 8, "b" * 8),
    }  # fmt: skip
    assert unlike_text(found).startswith("touch_limit: 200 m → 100 m; inputs.villages: ")
    assert find_differences(one, one, (COUNTY, COUNTY)) == []
    assert unlike_text([row for row in found if row["kind"] == "input"]) is None


def test_another_list_of_hardened_surfaces_is_another_definition():
    network = recipe_catalogue()["road-network"]
    one = Computed(network, Result(), pd.DataFrame())
    counties = (COUNTY, COUNTY.model_copy(update={"hardened": ("asphalt",)}))
    (row,) = find_differences(one, one, counties)
    assert (row["kind"], row["name"], row["after"]) == ("definition", "hardened", "asphalt")


@pytest.mark.golden
@pytest.mark.parametrize("name", [n for n, r in recipe_catalogue().items()
                                  if any(f.counts for f in r.figures.values())])  # fmt: skip
def test_what_a_figure_is_said_to_count_is_what_it_counts(town, name):
    from yanshan_gis.run import run

    outcome = run(town, [name])[-1]
    found = {i.key: i for i in outcome.result.indicators}
    for key, figure in outcome.recipe.figures.items():
        if figure.counts is not None and key in found:
            rows = counted_rows(outcome.result.layers[figure.counts.layer], figure.counts)
            assert rows.sum() == found[key].numerator
