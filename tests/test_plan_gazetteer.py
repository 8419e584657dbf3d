"""The gazetteer: variants, short names, townships that do not carry over, nothing chosen."""

from __future__ import annotations

import pandas as pd
import pytest

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.ingest.enumeration import split_names
from yanshan_gis.layer import NameRecord
from yanshan_gis.plan.gazetteer import Finding, Gazetteer

FACTS = bundled_content() / "layers" / "yanshan"


@pytest.fixture(scope="module")
def county() -> Gazetteer:
    places, townships, names = (
        pd.read_csv(FACTS / f"{name}.csv", dtype=str)
        for name in ("committees", "townships", "names")
    )
    return Gazetteer.from_tables(places, townships, names, "砚山县")


def _show(finding: Finding) -> tuple[str, str, str]:
    return finding.township, finding.name, finding.how


# domain.md, "Names differ": the plan's spelling and the register's.
VARIANTS = [
    ("保基黑", "阿猛镇", "倮居黑村委会"),
    ("保可腻", "维摩乡", "倮可腻村委会"),
    ("保可者村委会", "维摩乡", "倮可者村委会"),
    ("铨卡", "江那镇", "铳卡村委会"),
    ("蚌峨", "蚌峨乡", "蚌蛾村委会"),
    ("龙所", "八嘎乡", "竜所村委会"),
    ("维末", "维摩彝族乡", "维摩村委会"),
    ("木瓜辅村委会", "平远镇", "木瓜铺村委会"),
]


@pytest.mark.parametrize(("written", "township", "official"), VARIANTS)
def test_recorded_variants_are_found(
    county: Gazetteer, written: str, township: str, official: str
) -> None:
    found = county.find(written, township)
    assert (found.name, found.how, found.score, found.candidates) == (official, "alias", 1.0, ())


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("阿舍乡", "阿舍彝族乡"),
        ("维摩乡", "维摩彝族乡"),
        ("盘龙乡", "盘龙彝族乡"),
        ("干河乡", "干河彝族乡"),
        ("蚌蛾乡", "蚌峨乡"),
        ("维末彝族乡", "维摩彝族乡"),
        ("砚山县平远镇", "平远镇"),
    ],
)
def test_short_township_names(county: Gazetteer, written: str, canonical: str) -> None:
    assert county.township(written).id == canonical


def test_townships_of_a_list(county: Gazetteer) -> None:
    found = county.townships("稼依镇、阿舍乡,八嘎乡和蚌蛾乡")
    assert [m.id for m in found] == ["稼依镇", "阿舍彝族乡", "八嘎乡", "蚌峨乡"]
    [unknown] = county.townships("平元镇")
    assert unknown.id is None
    assert unknown.notice is not None
    assert "平远镇" in unknown.notice.render()


# Column 3 runs on after 维摩乡, and after 者腊乡, with villages of other townships.
CARRIED = [
    ("三星村", "维摩乡", "八嘎乡", "三星村委会"),
    ("六主村", "维摩乡", "八嘎乡", "六主村委会"),
    ("平寨", "维摩乡", "八嘎乡", "平寨村委会"),
    ("凹掌", "维摩乡", "蚌峨乡", "凹掌村委会"),
    ("碧云", "维摩乡", "干河彝族乡", "碧云村委会"),
    ("板榔村", "者腊乡", "蚌峨乡", "板榔村委会"),
]


@pytest.mark.parametrize(("written", "before", "township", "name"), CARRIED)
def test_a_township_carried_along_a_list_does_not_hold_a_name_back(
    county: Gazetteer, written: str, before: str, township: str, name: str
) -> None:
    found = county.find(written, before, carried=True)
    assert _show(found) == (township, name, "county")
    assert found.notice is not None
    assert found.notice.code == "township-carried"
    assert township in found.notice.render()
    stated = county.find(written, before)
    assert stated.id is None
    assert [(c.name, c.score) for c in stated.candidates] == [(name, 1.0)]


def test_a_stated_township_is_not_left(county: Gazetteer) -> None:
    # the seventh case: 平远's 新寨 is not 稼依's committee
    found = county.find("新寨", "平远镇")
    assert found.id is None
    assert found.notice is not None
    assert found.notice.code == "name-other-township"
    assert [(c.township, c.name) for c in found.candidates] == [("稼依镇", "新寨村委会")]
    assert county.find("新寨", "稼依镇").how == "folded"


def test_a_carried_township_still_comes_first(county: Gazetteer) -> None:
    found = county.find("斗果", "维摩乡", carried=True)
    assert _show(found) == ("维摩彝族乡", "斗果村委会", "folded")
    assert found.notice is None


def test_alike_is_a_candidate_and_never_chosen(county: Gazetteer) -> None:
    # 盘隆 sounds like 盘龙 (0.95), 落太一 like 落太邑 (0.95)
    for written, township, official in [
        ("盘隆", "盘龙乡", "盘龙村委会"),
        ("落太一村委会", "稼依镇", "落太邑村委会"),
    ]:
        found = county.find(written, township)
        assert found.id is None
        assert (found.candidates[0].name, found.score) == (official, 0.95)
        assert found.notice is not None
        assert found.notice.code == "name-unknown"


def test_nothing_alike_gives_no_candidates(county: Gazetteer) -> None:
    found = county.find("乌兰巴托")
    assert (found.id, found.candidates, found.score) == (None, (), 0.0)


def test_an_unknown_township_leaves_candidates(county: Gazetteer) -> None:
    found = county.find("补佐村委会", "江川镇")
    assert found.id is None
    assert found.notice is not None
    assert found.notice.code == "township-unknown"
    assert [c.township for c in found.candidates] == ["稼依镇"]


LEVELS = pd.DataFrame(
    [
        ("C1", "老街村委会", "东镇", "committee", None),
        ("C2", "河边村委会", "东镇", "committee", None),
        ("N1", "老街", "东镇", "natural", "C1"),
        ("N2", "大寨", "东镇", "natural", "C1"),
        ("N3", "大寨", "东镇", "natural", "C2"),
        ("N4", "大寨", "西乡", "natural", "C3"),
        ("G1", "上组", "东镇", "group", "C2"),
        ("C3", "岭上社区", "西乡", "committee", None),
    ],
    columns=["id", "name", "township", "level", "parent"],
)


def test_levels_ties_and_committees() -> None:
    county = Gazetteer(LEVELS, ["东镇", "西乡"])
    assert county.find("老街", "东镇").id == "N1"
    assert county.find("老街", "东镇", level="committee").id == "C1"
    assert county.find("大寨", "东镇", committee="C2").id == "N3"
    assert county.find("上组", "东镇", committee="C2").level == "group"
    tie = county.find("大寨", "东镇")
    assert tie.id is None
    assert [c.id for c in tie.candidates] == ["N2", "N3"]
    assert [c.id for c in county.find("大寨").candidates] == ["N2", "N3", "N4"]
    shared = county.find("老街")  # county-wide, committee and village share the bare short name
    assert shared.id is None
    assert {c.id for c in shared.candidates} == {"C1", "N1"}
    other_level = county.find("上组", "东镇", level="committee")
    assert other_level.id is None
    assert [c.id for c in other_level.candidates] == ["G1"]
    carried = county.find("大寨", "西乡", carried=True, committee="C1")
    assert carried.id == "N2"


def test_townships_without_layers_of_their_own() -> None:
    from yanshan_gis.catalogue import read_layers
    from yanshan_gis.layer import Layer

    frame = LEVELS.assign(source_id="s")
    villages = Layer(read_layers()["villages"], frame)  # type: ignore[arg-type]
    names = [NameRecord("C2", "江边村委会", kind="former")]
    county = Gazetteer.from_layers(villages, None, None, names)
    assert county.township_names == ("东镇", "西乡")
    assert county.find("江边", "东镇").id == "C2"
    assert county.place("C2") is not None
    assert county.place("X") is None
    empty = Gazetteer.from_layers(None, None, None)
    assert empty.find("老街").id is None
    assert empty.find("老街", "东镇").notice is not None


def test_splitting_at_and() -> None:
    known = {"和侨社区", "永和", "东镇", "西乡"}.__contains__
    assert split_names("和侨社区、永和", known) == ("和侨社区", "永和")
    assert split_names("东镇和西乡", known) == ("东镇", "西乡")
    assert split_names("永和和和侨社区", known) == ("永和", "和侨社区")
    assert split_names("东镇 西乡/永和", known) == ("东镇", "西乡", "永和")
    assert split_names("南和北", known) == ("南和北",)
    assert split_names("", known) == ()
