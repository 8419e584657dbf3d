"""What pydantic finds is said in words a planner can read, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from yanshan_gis.errors import UnitError
from yanshan_gis.messages import Notice
from yanshan_gis.problems import _REASONS, reason_of


class Tea(BaseModel):
    """A definition with one key of each kind."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(default="", pattern="^[a-z]*$")
    yes: bool = True
    count: int = Field(default=1, ge=1, le=9)
    size: float = Field(default=1.0, gt=0, lt=10)
    names: tuple[str, ...] = ()
    codes: dict[str, str] = {}
    inner: Tea | None = None
    day: date | None = None
    kind: Literal["green", "black"] = "green"
    unit: str = ""

    @field_validator("unit")
    @classmethod
    def _known(cls, unit: str) -> str:
        if unit == "chained":
            raise ValueError("lost") from UnitError("unit-unknown", "No unit {unit}.", unit=unit)
        if unit == "own":
            raise UnitError("unit-unknown", "No unit {unit}.", unit=unit)
        if unit:
            raise ValueError("plain words")
        return unit


def reason(**values):
    with pytest.raises(ValidationError) as raised:
        Tea.model_validate(values)
    (item,) = raised.value.errors()
    return reason_of(item)


@pytest.mark.parametrize(
    ("values", "english", "chinese"),
    [
        ({"colour": 1}, "there is no such key", "没有此项"),
        ({"text": 1}, "a text in quotes is needed", "应为引号内的文字"),
        ({"text": "A"}, "the text does not fit the pattern ^[a-z]*$", "文字不符合格式 ^[a-z]*$"),
        ({"yes": "perhaps"}, "true or false is needed", "应为 true 或 false"),
        ({"yes": []}, "true or false is needed", "应为 true 或 false"),
        ({"count": "many"}, "a whole number is needed", "应为整数"),
        ({"count": 1.5}, "a whole number is needed", "应为整数"),
        ({"count": []}, "a whole number is needed", "应为整数"),
        ({"count": 0}, "a number of 1 or more is needed", "应不小于 1"),
        ({"count": 10}, "a number of 9 or less is needed", "应不大于 9"),
        ({"size": "big"}, "a number is needed", "应为数字"),
        ({"size": []}, "a number is needed", "应为数字"),
        ({"size": 0}, "a number above 0.0 is needed", "应大于 0.0"),
        ({"size": 10}, "a number below 10.0 is needed", "应小于 10.0"),
        ({"names": "a"}, "a list in square brackets is needed", "应为方括号内的列表"),
        ({"codes": "a"}, "a table in braces is needed", "应为花括号内的表"),
        ({"inner": 3}, "a table in braces is needed", "应为花括号内的表"),
        ({"day": "soon"}, "a date such as 2025-12-31 is needed", "应为日期，如 2025-12-31"),
        ({"day": []}, "a date such as 2025-12-31 is needed", "应为日期，如 2025-12-31"),
        (
            {"kind": "red"},
            "one of 'green' or 'black' is needed",
            "应为以下之一：'green' or 'black'",
        ),
    ],
)
def test_common_problems_are_said_in_both_languages(values, english, chinese):
    told = reason(**values)
    assert told.render("en") == english
    assert told.render("zh") == chinese


@pytest.mark.parametrize("unit", ["own", "chained"])
def test_our_own_errors_keep_their_words(unit):
    assert reason(unit=unit).render("en") == f"No unit {unit}."


def test_other_errors_of_ours_lose_pydantics_prefix():
    assert reason(unit="x") == "plain words"


def test_rare_problems_keep_pydantics_text():
    item = {"type": "frozen_set_type", "loc": (), "msg": "Input should be a frozenset"}
    assert reason_of(item) == "Input should be a frozenset"


def test_notices_inside_notices_are_rendered_in_the_same_language():
    inner = Notice("missing", _REASONS["missing"])
    outer = Notice("county-value", "{file}, {place}: {reason}",
                   {"file": "county.toml", "place": "name", "reason": inner})  # fmt: skip
    assert outer.render("zh") == "county.toml，name：缺少此项"
    assert outer.to_json()["reason"] == "this key is needed"
