"""Other values of parameters: found by key, of the same kind, in the recipe's unit."""

import pytest
from towns import recipe_catalogue

from yanshan_gis.parameters import replace_parameters


def value(found, recipe, name):
    return found.analyses[recipe].parameters[name].value


def test_a_key_names_recipe_and_parameter():
    found = replace_parameters(recipe_catalogue(), {"logistics-reach.limit": 20})
    assert not found.problems
    assert value(found, "logistics-reach", "limit") == 20
    assert found.analyses["logistics-reach"].parameters["limit"].unit == "min"
    assert value(found, "road-hardening", "attach_limit") == 1000  # others stay
    assert recipe_catalogue()["logistics-reach"].parameters["limit"].value == 30


def test_a_recipe_may_be_called_by_its_chinese_title():
    found = replace_parameters(recipe_catalogue(), {"物流配送网点覆盖.limit": 20})
    assert value(found, "logistics-reach", "limit") == 20


def test_a_parameter_alone_changes_everywhere_but_where_its_recipe_is_named():
    wanted = {"logistics-reach.attach_limit": 700, "attach_limit": 500}
    found = replace_parameters(recipe_catalogue(), wanted)
    having = [n for n, r in recipe_catalogue().items() if "attach_limit" in r.parameters]
    assert len(having) > 2
    for name in having:
        expected = 700 if name == "logistics-reach" else 500
        assert value(found, name, "attach_limit") == expected


def test_a_table_without_quotes_means_the_same():
    quoted = replace_parameters(recipe_catalogue(), {"logistics-reach.limit": 20})
    plain = replace_parameters(recipe_catalogue(), {"logistics-reach": {"limit": 20}})
    assert dict(plain.analyses) == dict(quoted.analyses)


@pytest.mark.parametrize(
    ("key", "given", "expected"),
    [
        ("logistics-reach.limit", "0.5 h", 30),
        ("logistics-reach.distance_limit", "5000 米", 5),
        ("logistics-reach.limit", "1,000", 1000),
        ("road-network.slope", "否", False),
        ("road-network.slope", False, False),
        ("cold-chain-reach.statuses", "existing、planned", ("existing", "planned")),
        ("indicators.reported_alone", ("18",), ("18",)),
        ("od-table.direction", "from", "from"),
    ],
)
def test_values_are_read_as_cells_are(key, given, expected):
    recipe, name = key.split(".")
    if name not in recipe_catalogue()[recipe].parameters:
        name = next(
            n for n, p in recipe_catalogue()[recipe].parameters.items()
            if isinstance(p.value, type(expected))
        )  # fmt: skip
    found = replace_parameters(recipe_catalogue(), {f"{recipe}.{name}": given})
    assert not found.problems
    assert value(found, recipe, name) == expected


def test_a_part_of_a_table_changes_alone():
    found = replace_parameters(recipe_catalogue(), {"road-network.speeds.village.cement": 35})
    speeds = value(found, "road-network", "speeds")
    before = recipe_catalogue()["road-network"].parameters["speeds"].value
    assert speeds["village"] == {**before["village"], "cement": 35}
    assert {k: v for k, v in speeds.items() if k != "village"} == {
        k: v for k, v in before.items() if k != "village"
    }


@pytest.mark.parametrize(
    ("key", "given", "code"),
    [
        ("nothing.limit", 1, "analysis-unknown"),
        ("logistics-reach.lmit", 1, "parameter-no-such"),
        ("lmit", 1, "parameter-no-such"),
        ("logistics-reach.limit", "soon", "number-unreadable"),
        ("logistics-reach.limit", "5 km", "unit-kind"),
        ("logistics-reach.limit", True, "setting-number"),
        ("logistics-reach.limit", float("nan"), "setting-empty"),
        ("logistics-reach.limit", {"a": 1}, "setting-no-table"),
        ("logistics-reach.limit.min", 1, "setting-no-table"),
        ("road-network.slope", "maybe", "boolean-unknown"),
        ("road-network.speeds", 30, "setting-table"),
        ("road-network.speeds.vilage", 30, "parameter-no-such"),
        ("road-network.speeds.village", 30, "setting-table"),
        ("indicators.reported_alone", 18, "setting-list"),
    ],
)
def test_what_does_not_fit_is_said_and_changes_nothing(key, given, code):
    found = replace_parameters(recipe_catalogue(), {key: given})
    assert [(k, notice.code) for k, notice in found.problems] == [(key, code)]
    assert dict(found.analyses) == dict(recipe_catalogue())


def test_a_target_holds_for_the_whole_county():
    found = replace_parameters(recipe_catalogue(), {"logistics-reach.target": "90%"})
    assert found.targets == {"20": pytest.approx(0.9)}
