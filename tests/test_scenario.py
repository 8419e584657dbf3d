"""A scenario's file: its shape, what extends it, and what it may be called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.content import Title
from yanshan_gis.errors import ContentError, UsageError
from yanshan_gis.scenario import (
    list_scenarios,
    merge_scenarios,
    read_scenario,
    scenario_of_choice,
    write_scenario,
)
from yanshan_gis.scenario_text import scenario_text

BY_HAND = """\
# 先做这一段
title = "先硬化东段"

[parameters]   # 参数
limit = 20     # 分钟

[rows.roads.R000002]
surface = "cement"   # 村民已集资

[[new.outlets]]
at = "V000002"
status = "existing"
"""


def written(root, text, name="甲"):
    folder = root / "scenarios"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder / f"{name}.toml"


def test_a_file_written_by_hand_is_read(tmp_path):
    written(tmp_path, BY_HAND)
    found = read_scenario(tmp_path, "甲")
    assert found.title == Title(zh="先硬化东段", en="先硬化东段")
    assert found.parameters == {"limit": 20}
    assert found.rows == {"roads": {"R000002": {"surface": "cement"}}}
    assert found.new == {"outlets": ({"at": "V000002", "status": "existing"},)}


def test_an_empty_file_is_a_scenario_without_changes(tmp_path):
    written(tmp_path, "")
    found = read_scenario(tmp_path, "甲")
    assert (found.parameters, found.rows, found.new) == ({}, {}, {})
    assert found.notice.values["changes"] == "—"


def test_every_wrong_key_and_kind_is_named_at_once(tmp_path):
    lines = ['titel = "x"', "[parameters]", "a = [1, 2]", "[rows.roads.R1]", 'surface = ["x"]',
             "[new]", "outlets = 3"]  # fmt: skip
    written(tmp_path, "\n".join(lines))
    with pytest.raises(ContentError) as caught:
        read_scenario(tmp_path, "甲")
    places = {problem.values["place"] for problem in caught.value.problems}
    assert places == {"titel", "parameters.a", "rows.roads.R1.surface", "new.outlets"}
    assert all("scenarios/甲.toml" in line for line in str(caught.value).splitlines())
    assert caught.value.exit_code == 3


def test_text_that_is_no_toml_is_said_with_its_line(tmp_path):
    written(tmp_path, "[parameters\n")
    with pytest.raises(ContentError, match="line 1"):
        read_scenario(tmp_path, "甲")


def test_the_notice_counts_what_differs():
    scenario = scenario_of_choice(
        "甲",
        title=Title(zh="题", en="T"),
        parameters={"a.limit": 20, "b.slope": False},
        rows={"roads": {"R1": {"surface": "cement"}, "R2": {"surface": "cement"}}},
        new={"outlets": [{"at": "V1"}]},
    )
    assert scenario.notice.code == "scenario"
    assert scenario.notice.values == {
        "name": "甲", "zh": "题", "en": "T",
        "changes": "a.limit = 20, b.slope = false, roads 2, outlets +1",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["base", "", "../x", "a/b", "a\\b", ".x", "x.", "a:b", " a", "a*"])
def test_a_name_that_no_file_can_have_is_refused(name):
    with pytest.raises(UsageError) as caught:
        scenario_of_choice(name)
    assert caught.value.code == "scenario-name"


def test_an_unknown_scenario_names_those_there_are(tmp_path):
    written(tmp_path, "", "乙")
    with pytest.raises(UsageError, match="known: 乙"):
        read_scenario(tmp_path, "甲")
    assert list_scenarios(tmp_path) == ["乙"]


def test_extending_keeps_comments_and_everything_else(tmp_path):
    path = written(tmp_path, BY_HAND)
    more = scenario_of_choice(
        "甲",
        parameters={"limit": 15, "logistics-reach.own_limit": 300},
        rows={"roads": {"R000003": {"surface": "cement"}}},
        new={"outlets": [{"x": 1.5, "y": 2, "status": "existing"}]},
    )
    whole, there = write_scenario(tmp_path, more)
    text = path.read_text(encoding="utf-8")
    assert there
    assert read_scenario(tmp_path, "甲") == whole
    assert "# 先做这一段" in text
    assert "# 村民已集资" in text
    assert "limit = 15" in text
    assert "limit = 20" not in text
    assert list(whole.rows["roads"]) == ["R000002", "R000003"]
    assert len(whole.new["outlets"]) == 2


def test_what_cannot_be_added_to_the_text_is_written_anew(tmp_path):
    written(tmp_path, BY_HAND)
    again = scenario_of_choice("甲", rows={"roads": {"R000002": {"surface": "asphalt"}}})
    whole, _ = write_scenario(tmp_path, again)
    assert whole.rows["roads"]["R000002"]["surface"] == "asphalt"
    assert read_scenario(tmp_path, "甲") == whole
    assert whole.title == Title(zh="先硬化东段", en="先硬化东段")


def test_the_same_row_added_twice_stands_there_once(tmp_path):
    row = scenario_of_choice("甲", new={"outlets": [{"at": "V1"}]})
    write_scenario(tmp_path, row)
    whole, _ = write_scenario(tmp_path, row)
    assert len(whole.new["outlets"]) == 1
    assert read_scenario(tmp_path, "甲") == whole


def test_a_damaged_file_is_not_written_over(tmp_path):
    path = written(tmp_path, "nonsense = 1\n")
    with pytest.raises(ContentError):
        write_scenario(tmp_path, scenario_of_choice("甲", parameters={"limit": 1}))
    assert path.read_text(encoding="utf-8") == "nonsense = 1\n"


words = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8)
cells = st.one_of(words, st.integers(-(10**6), 10**6), st.booleans(),
                  st.floats(allow_nan=False, allow_infinity=False))  # fmt: skip
rows = st.dictionaries(words, cells, max_size=3)
scenarios = st.builds(
    scenario_of_choice,
    st.just("甲"),
    parameters=st.dictionaries(
        words, cells | st.dictionaries(words, cells, max_size=2), max_size=3
    ),
    rows=st.dictionaries(words, st.dictionaries(words, rows, max_size=2), max_size=2),
    new=st.dictionaries(words, st.lists(rows, max_size=2), max_size=2),
)


def without_nothing(scenario):
    """Leave out layers without rows, of which a file cannot speak."""
    return scenario.model_copy(
        update={
            "rows": {layer: found for layer, found in scenario.rows.items() if found},
            "new": {layer: found for layer, found in scenario.new.items() if found},
        }
    )


@given(scenarios)
def test_what_is_written_reads_back_the_same(scenario):
    import tomllib

    from yanshan_gis.scenario import Scenario

    read = Scenario.model_validate({**tomllib.loads(scenario_text(scenario)), "name": "甲"})
    assert read == without_nothing(scenario)


@given(scenarios, scenarios)
def test_extending_is_merging(tmp_path_factory, first, second):
    root = tmp_path_factory.mktemp("s")
    write_scenario(root, first)
    whole, there = write_scenario(root, second)
    assert there
    merged = merge_scenarios(without_nothing(first), second)
    assert without_nothing(read_scenario(root, "甲")) == without_nothing(merged)
    assert without_nothing(whole) == without_nothing(merged)
