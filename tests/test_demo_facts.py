"""The facts of the bundled county against the figures of the plan, counted by hand."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.demo.facts import read_facts
from yanshan_gis.plan.registry_csv import read_registry

FOLDER = bundled_content() / "layers" / "yanshan"


@pytest.fixture(scope="module")
def facts():
    return read_facts()


def rows(name):
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_eleven_townships_one_without_a_seat(facts):
    assert len(facts.townships) == 11
    assert [place.name for place in facts.townships if place.lon is None] == ["维摩彝族乡"]
    assert sum(place.name.endswith("镇") for place in facts.townships) == 4


def test_committees_by_kind_and_known_positions(facts):
    kinds = Counter(place.kind for place in facts.committees)
    assert kinds == {"village_committee": 86, "urban_community": 17, "rural_community": 5}
    known = {place.name for place in facts.committees if place.lon is not None}
    assert len(known) == 9
    assert {"明德村委会", "碳房社区", "锦山社区"} <= known
    assert len({place.code for place in facts.committees}) == 108
    names = {place.name for place in facts.townships}
    assert all(place.township in names for place in facts.committees)
    codes = {place.name: place.code for place in facts.townships}
    assert all(place.code.startswith(codes[place.township]) for place in facts.committees)


def test_cold_stores_add_up_unit_by_unit(facts):
    stores = facts.cold_stores
    assert len(stores) == 27
    assert sum(s.volume_m3 or 0 for s in stores) == 33_130
    assert sum(s.floor_area_m2 or 0 for s in stores) == 1_800
    assert [s.site_area_mu for s in stores if s.site_area_mu is not None] == [80]
    given = [(s.volume_m3, s.floor_area_m2, s.site_area_mu) for s in stores]
    assert sum(figures == (None, None, None) for figures in given) == 2
    assert all(sum(value is not None for value in figures) <= 1 for figures in given)


def test_cold_stores_by_township(facts):
    count = Counter(store.township for store in facts.cold_stores)
    assert count == {
        "稼依镇": 3, "阿舍彝族乡": 1, "阿猛镇": 8, "盘龙彝族乡": 2, "维摩彝族乡": 3, "江那镇": 3,
        "干河彝族乡": 1, "蚌峨乡": 1, "平远镇": 5,
    }  # fmt: skip
    volume = sum(s.volume_m3 for s in facts.cold_stores if s.township == "阿猛镇")
    assert volume == 2_260
    wengda = [s.volume_m3 for s in facts.cold_stores if s.committee == "翁达村委会"]
    assert wengda == [660, 660]


def test_cold_stores_name_committees_of_their_own_township(facts):
    known = {(place.township, place.name) for place in facts.committees}
    named = [(s.township, s.committee) for s in facts.cold_stores if s.committee]
    assert set(named) <= known
    # Three of 江那镇 without a committee, and 平远镇's 新寨, which is not 稼依镇's.
    unnamed = Counter(s.township for s in facts.cold_stores if not s.committee)
    assert unnamed == {"江那镇": 3, "平远镇": 1}
    written = {store.written: store.committee for store in facts.cold_stores}
    assert written["保基黑村委会"] == "倮居黑村委会"
    assert written["保可腻村委会山前村小组"] == "倮可腻村委会"
    assert written["新寨"] == ""


def test_cold_stores_are_the_registry_s_fourth_column(facts):
    ids = [store.project_id for store in facts.cold_stores]
    assert ids == [p.id for p in read_registry(FOLDER) if p.column == 4]
    products = Counter(store.products for store in facts.cold_stores)
    assert products == {"石榴": 1, "农产品": 8, "": 18}


def test_indicators():
    table = rows("indicators.csv")
    assert [int(row["number"]) for row in table] == list(range(1, 23))
    assert Counter(row["kind"] for row in table) == {"binding": 16, "expected": 6}
    grow = {int(r["number"]): float(r["target"]) for r in table if r["operator"] == "grow"}
    assert grow == {2: 0.5, 3: 0.3, 5: 0.5, 6: 1, 7: 1, 12: 0.5}
    most = {int(r["number"]): float(r["target"]) for r in table if r["operator"] == "at_most"}
    assert most == {1: 0.02, 4: 0.09}
    target = {int(row["number"]): float(row["target"]) for row in table}
    assert [target[n] for n in range(17, 23)] == [0.5, 0.7, 0.8, 0.8, 0.8, 0.8]


def test_figures_of_the_plan(facts):
    said = {
        "area": 3822, "population": 516_500, "townships": 11, "committees": 107, "roads": 3505,
        "piped_water": 0.87, "access_programme": 1017.84, "in_village_programme": 382.54,
        "rural_income_2016": 8925, "rural_income_2020": 12_705, "gdp_2020": 178.39,
        "poor_disposable_income_2019": 11_302, "poor_net_income_2020": 12_464.43,
    }  # fmt: skip
    assert {key: facts.figures[key] for key in said} == said
    keys = [row["key"] for row in rows("facts.csv")]
    assert len(keys) == len(set(keys)) == len(facts.figures)


def test_other_names_lead_to_places(facts):
    codes = {place.code for place in (*facts.townships, *facts.committees)}
    assert all(other.code in codes for other in facts.other_names)
    aliases = {other.name for other in facts.other_names if other.kind == "alias"}
    assert aliases == {"阿舍乡", "维摩乡", "盘龙乡", "干河乡"}
    names = {other.name for other in facts.other_names}
    assert {"维末彝族乡", "木瓜辅村委会", "铨卡村委会", "龙所村委会", "保可者村委会"} <= names
    # 22 of the 104 committees found in both registers changed their code.
    assert sum(other.kind == "former" for other in facts.other_names) == 22
