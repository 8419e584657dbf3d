"""The indicator board: hand-worked states for every operator, source and gap."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import COUNTY, table

from yanshan_gis.content import AnalysisDef, ResultInput
from yanshan_gis.figures import figure_table
from yanshan_gis.methods.indicators import board
from yanshan_gis.methods.statistics import end_of, read_statistics
from yanshan_gis.result import Indicator, Result
from yanshan_gis.run import Outcome, _result_layer

INDICATORS = (
    {"number": 1, "name": "返贫率", "target": 0.02, "operator": "at_most", "unit": "share"},
    {"number": 2, "name": "收入", "target": 0.5, "operator": "grow", "unit": "元",
     "baseline": 12_000.0, "baseline_year": 2020},
    {"number": 5, "name": "低保标准", "target": 0.5, "operator": "grow", "unit": "元"},
    {"number": 8, "name": "参保率", "target": 1.0, "operator": "at_least", "unit": "share"},
    {"number": 17, "name": "通硬化路率", "target": 0.5, "operator": "at_least", "unit": "share",
     "kind": "binding"},
    {"number": 21, "name": "自来水", "target": 0.8, "operator": "at_least", "unit": "share",
     "baseline": 87.0, "baseline_unit": "%", "baseline_year": 2020, "baseline_source": "1.1.3-1"},
)  # fmt: skip
ID = {row["number"]: f"IN{i:06d}" for i, row in enumerate(INDICATORS, 1)}
RECIPE = AnalysisDef.model_validate(
    {
        "name": "hard",
        "title": {"zh": "硬化", "en": "Hard"},
        "method": "hardening.coverage",
        "indicator": 17,
        "figures": {
            "path": {
                "zh": "通", "en": "Path", "headline": True, "needs": "roads",
                "by_township": {"numerator": "connected", "denominator": "villages"},
                "disagreements": "differ",
            },
            "touch": {"zh": "邻", "en": "Touch"},
            "ledger_path": {
                "zh": "台账", "en": "Ledger", "needs": "villages.ledger", "disagreements": "differ",
            },
        },
    }
)  # fmt: skip
TOWNS = pd.DataFrame(
    {"township": ["甲镇", "乙乡", "全县"], "connected": [3, 1, 4], "villages": [4, 5, 9]}
)
DIFFER = pd.DataFrame({"id": ["V000003", "V000007"]})
# 4 of 9 villages by the map, 6 of 9 by the ledger, which disagree on two.
MEASURED = Result(
    indicators=(
        Indicator.share("path", 4, 9, target=0.5, headline=True),
        Indicator.share("ledger_path", 6, 9),
    ),
    tables={"by_township": TOWNS, "differ": DIFFER},
)


def statistics(*rows):
    return table("statistics", *({"unit": "%", **row, "indicator": ID[row["indicator"]]}
                                 for row in rows))  # fmt: skip


def figures(result=MEASURED, recipe=RECIPE, county=COUNTY):
    wanted = ResultInput(result=recipe.name, table="figures", optional=True)
    return _result_layer(Outcome(recipe, result), wanted, county)


def judge(*rows, county=COUNTY, indicators=INDICATORS, alone=("18", "21"), **recipes):
    return board(
        indicators=table("indicators", *indicators),
        statistics=statistics(*rows) if rows else None,
        county=county,
        data_date=date(2025, 12, 31),
        reported_alone=alone,
        **recipes,
    )


def rows_of(result):
    frame = result.tables["board"].astype(object)
    frame = frame.where(frame.notna(), None)
    return {row["number"]: row for row in frame.to_dict("records")}


def states(result):
    return {number: (row["state"], row["missing"]) for number, row in rows_of(result).items()}


def test_every_state_follows_from_figures_and_targets():
    """1: 1.5 % <= 2 %. 2: 18,240 / 12,000 - 1 = 0.52 >= 0.5. 5: no baseline. 8: 99.9 % < 100 %.

    17: 4 / 9 = 0.444 < 0.5. 21: neither a recipe nor a statistic.
    """
    result = judge(
        {"indicator": 1, "value": 1.5},
        {"indicator": 2, "value": 18_240.0, "unit": "元"},
        {"indicator": 5, "value": 5_400.0, "unit": "元"},
        {"indicator": 8, "value": 99.9},
        hard=figures(),
    )
    assert states(result) == {
        1: ("met", None),
        2: ("met", None),
        5: ("not_computable", "indicators.baseline"),
        8: ("not_met", None),
        17: ("not_met", None),
        21: ("not_computable", "statistics"),
    }
    assert rows_of(result)[2]["actual"] == pytest.approx(0.52)
    assert rows_of(result)[2]["baseline"] == 12_000
    assert {i.key: (i.value, i.denominator) for i in result.indicators} == {
        "met": (2, 6), "not_met": (2, 6), "not_computable": (2, 6),
    }  # fmt: skip


def test_the_board_keeps_its_order_and_counts():
    row = rows_of(judge(hard=figures()))[17]
    assert (row["numerator"], row["denominator"], row["actual"]) == (4, 9, pytest.approx(4 / 9))
    assert (row["ledger_numerator"], row["ledger_denominator"]) == (6, 9)
    assert row["ledger"] == pytest.approx(6 / 9)
    assert (row["disagree"], row["basis"], row["headline"]) == (2, "computed", "path")
    assert (row["source"], row["as_of"]) == ("yanshan run hard", "2025-12-31")
    assert row["kind"] == "binding"


def test_a_goal_met_to_the_digit_is_met():
    assert states(judge({"indicator": 8, "value": 100.0}))[8] == ("met", None)
    assert states(judge({"indicator": 1, "value": 2.0}))[1] == ("met", None)
    # 18,000 / 12,000 - 1 is 0.5
    result = judge({"indicator": 2, "value": 18_000.0, "unit": "元"})
    assert states(result)[2] == ("met", None)


def test_the_countys_own_target_stands_before_the_layers():
    county = COUNTY.model_copy(update={"targets": {"17": 0.4}})
    row = rows_of(judge(county=county, hard=figures()))[17]
    # 4 / 9 = 0.444 >= 0.4
    assert (row["state"], row["target"], row["target_from"]) == ("met", 0.4, "county.toml")
    assert rows_of(judge(hard=figures()))[17]["target_from"] == "indicators"


def test_the_latest_statistic_counts_whatever_the_order_of_rows():
    old = {"indicator": 8, "value": 100.0, "as_of": "2024-12-31"}
    new = {"indicator": 8, "value": 98.0, "as_of": "2025-06"}
    newest = {"indicator": 8, "value": 97.0, "year": 2025}  # the end of its year
    undated = {"indicator": 8, "value": 1.0}
    for rows in ((old, new), (new, old), (undated, new, old)):
        found = rows_of(judge(*rows))[8]
        assert (found["actual"], found["as_of"]) == (0.98, "2025-06")
    assert rows_of(judge(newest, old, new))[8]["actual"] == 0.97


@pytest.mark.parametrize(
    ("text", "day"),
    [("2025", "2025-12-31"), ("2024-02", "2024-02-29"), ("2025-06-15", "2025-06-15"), ("", "")],
)
def test_dates_are_taken_to_their_end(text, day):
    assert end_of(text) == day


def test_days_from_the_store_are_days():
    layer = statistics({"indicator": 8, "value": 99.0, "as_of": "2025-06-30"})
    layer.frame["as_of"] = pd.to_datetime(layer.frame["as_of"])
    found = read_statistics(layer).latest(ID[8])
    assert (found.value, found.as_of) == (99.0, "2025-06-30")


def test_two_statements_of_one_date_must_agree():
    same = {"indicator": 8, "value": 0.98, "unit": "share", "as_of": "2025"}
    agreed = judge({"indicator": 8, "value": 98.0, "as_of": "2025-12-31"}, same)
    assert rows_of(agreed)[8]["actual"] == pytest.approx(0.98)
    torn = judge({"indicator": 8, "value": 97.0, "as_of": "2025"}, same)
    assert states(torn)[8] == ("not_computable", "statistics (2025: 97 % ≠ 0.98 share)")
    other = judge({"indicator": 8, "value": 97.0, "unit": "元", "as_of": "2025"}, same)
    assert states(other)[8][0] == "not_computable"


def test_a_statistic_in_a_unit_of_another_kind_is_said():
    result = judge(
        {"indicator": 8, "value": 98.0, "unit": "户"}, {"indicator": 2, "value": 1.5, "unit": "%"}
    )
    assert states(result)[8] == ("not_computable", "statistics.unit (户 ≠ share)")
    assert states(result)[2] == ("not_computable", "statistics.unit (% ≠ 元)")


def test_an_indicator_without_target_or_baseline_of_zero():
    bare = (
        {"number": 8, "name": "参保率", "operator": "at_least", "unit": "share"},
        {"number": 2, "name": "收入", "target": 0.5, "operator": "grow", "unit": "元",
         "baseline": 0.0},
    )  # fmt: skip
    result = board(
        indicators=table("indicators", *bare), county=COUNTY, data_date=None, reported_alone=(),
        statistics=table(
            "statistics", {"indicator": "IN000001", "value": 98.0, "unit": "%"},
            {"indicator": "IN000002", "value": 98.0, "unit": "元"},
        ),
    )  # fmt: skip
    assert states(result) == {
        2: ("not_computable", "indicators.baseline (0)"),
        8: ("not_computable", "indicators.target"),
    }


def test_what_a_recipe_misses_is_passed_on():
    missed = Result(status="not_computable", missing=("roads", "villages.parent"))
    result = judge({"indicator": 17, "value": 55.0}, hard=figures(missed))
    # a statistic alone is not enough for 17: its headline is a continuous path
    assert states(result)[17] == ("not_computable", "roads；villages.parent")
    row = rows_of(judge({"indicator": 17, "value": 55.0}, alone=("17",), hard=figures(missed)))[17]
    assert (row["state"], row["basis"], row["actual"]) == ("met", "statistics", 0.55)


def test_a_headline_a_result_lacks_says_what_it_needs():
    partial = Result(indicators=(Indicator.share("ledger_path", 6, 9),))
    row = rows_of(judge(hard=figures(partial)))[17]
    assert (row["state"], row["missing"]) == ("not_computable", "roads")
    assert (row["ledger_numerator"], row["disagree"]) == (6, None)
    said = Result(indicators=(Indicator.share("ledger_path", 6, 9),), missing=("base_stations",))
    assert states(judge(hard=figures(said)))[17] == ("not_computable", "base_stations")


def test_a_ledger_that_stands_in_is_called_so():
    alone = Result(indicators=(Indicator.share("ledger_path", 6, 9, target=0.5, headline=True),))
    row = rows_of(judge(hard=figures(alone)))[17]
    assert (row["state"], row["basis"], row["headline"]) == ("met", "ledger", "ledger_path")


def test_the_county_chooses_the_definition():
    county = COUNTY.model_copy(update={"headlines": {"17": "touch"}})
    chosen = Result(
        indicators=(
            Indicator.share("touch", 7, 9, target=0.5, headline=True),
            Indicator.share("path", 4, 9),
        )
    )
    row = rows_of(judge(county=county, hard=figures(chosen, county=county)))[17]
    assert (row["headline"], row["numerator"], row["state"]) == ("touch", 7, "met")
    wrong = COUNTY.model_copy(update={"headlines": {"17": "tuoch"}})
    unheaded = Result(indicators=(Indicator.share("path", 4, 9),))
    found = judge(county=wrong, hard=figures(unheaded, county=wrong))
    assert states(found)[17] == ("not_computable", "county.toml: headlines 17 = tuoch")


def test_a_county_figure_of_the_bureau_stands_beside_where_no_ledger_is():
    computed = Result(indicators=(Indicator.share("path", 4, 9, target=0.5, headline=True),))
    row = rows_of(judge({"indicator": 17, "value": 60.0}, hard=figures(computed)))[17]
    assert (row["actual"], row["ledger"]) == (pytest.approx(4 / 9), 0.6)


def test_a_target_below_its_baseline_is_pointed_out():
    result = judge({"indicator": 21, "value": 95.0})
    row = rows_of(result)[21]
    assert (row["target_below_baseline"], row["baseline"], row["baseline_unit"]) == (
        True, 0.87, "share",
    )  # fmt: skip
    (notice,) = result.warnings
    assert (notice.code, notice.values["numbers"]) == ("target-below-baseline", "21")


def test_townships_are_judged_by_the_same_target():
    """甲镇 3 of 4 = 0.75 >= 0.5, 乙乡 1 of 5 = 0.2; 参保率 reported for 甲镇 only."""
    result = judge(
        {"indicator": 8, "value": 99.0},
        {"indicator": 8, "value": 100.0, "township": "甲镇"},
        hard=figures(),
    )
    rows = result.tables["by_township"]
    found = {(r.number, r.township): (r.actual, r.state) for r in rows.itertuples()}
    assert found == {
        (8, "甲镇"): (1.0, "met"), (17, "甲镇"): (0.75, "met"), (17, "乙乡"): (0.2, "not_met"),
    }  # fmt: skip
    # the county's own figure is not taken from a township's row
    assert rows_of(result)[8]["actual"] == 0.99


def test_townships_of_another_figure_are_left_out():
    """The table's villages add up to 4 of 9, the headline says 6 of 9: it is another figure's."""
    other = Result(
        indicators=(Indicator.share("path", 6, 9, target=0.5, headline=True),),
        tables={"by_township": TOWNS},
    )
    assert not len(judge(hard=figures(other)).tables["by_township"])
    assert len(figure_table(RECIPE, other, COUNTY)) == 3


def test_a_township_without_a_denominator_is_not_computable():
    empty = pd.DataFrame(
        {"township": ["甲镇", "乙乡", "全县"], "connected": [4, 0, 4], "villages": [9, 0, 9]}
    )
    result = Result(
        indicators=(Indicator.share("path", 4, 9, target=0.5, headline=True),),
        tables={"by_township": empty},
    )
    rows = judge(hard=figures(result)).tables["by_township"]
    assert rows["state"].tolist() == ["not_met", "not_computable"]
    assert rows["missing"].tolist()[1] == "villages"


def test_figures_of_a_recipe_of_two_indicators_are_told_apart():
    both = RECIPE.model_dump()
    both["indicator"] = (17, 18)
    both["figures"]["path"]["indicator"] = 17
    both["figures"]["touch"] |= {"indicator": 18, "headline": True}
    recipe = AnalysisDef.model_validate(both)
    result = Result(
        indicators=(
            Indicator.share("path", 4, 9, headline=True),
            Indicator.share("touch", 8, 10, headline=True),
            Indicator.share("extra", 1, 2),
        )
    )
    rows = figure_table(recipe, result, COUNTY).set_index("key")["indicator"]
    assert rows["path"] == 17
    assert rows["touch"] == 18
    assert pd.isna(rows["extra"])
    missed = figure_table(recipe, Result(status="not_computable", missing=("x",)), COUNTY)
    assert missed["indicator"].tolist() == [17, 18]


def test_rows_that_name_nothing_known_are_counted():
    lost = table("statistics", {"indicator": None, "value": 1.0, "unit": "%"})
    assert read_statistics(lost).unassigned == 1
    twice = (*INDICATORS, INDICATORS[0])
    result = board(
        indicators=table("indicators", *twice), statistics=lost, county=COUNTY, data_date=None,
        reported_alone=(),
    )  # fmt: skip
    codes = {notice.code: notice.values for notice in result.warnings}
    assert codes["statistics-unassigned"] == {"count": 1}
    assert codes["indicator-twice"] == {"numbers": "1"}


ROW = st.fixed_dictionaries(
    {
        "indicator": st.sampled_from([1, 2, 8, 21]),
        "value": st.floats(0, 150, allow_nan=False),
        "unit": st.sampled_from(["%", "share", "元"]),
        "as_of": st.sampled_from(["2023", "2024-06", "2025", "2025-12-31", None]),
        "township": st.sampled_from([None, "甲镇"]),
    }
)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(ROW, min_size=1, max_size=7).flatmap(
        lambda r: st.tuples(st.just(r), st.permutations(r))
    )
)
def test_the_order_of_rows_changes_nothing(pair):
    first, second = (judge(*rows) for rows in pair)
    for name in ("board", "by_township"):
        pd.testing.assert_frame_equal(first.tables[name], second.tables[name])
