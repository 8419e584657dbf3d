"""Place names: folding, matching inside the township, and what is never guessed."""

from __future__ import annotations

import pandas as pd
import pytest

from yanshan_gis.content import FieldDef
from yanshan_gis.ingest.names import fold_place, match_names, match_townships, nearest
from yanshan_gis.ingest.references import codes_of_year, resolve_references
from yanshan_gis.layer import NameRecord

TOWNSHIPS = ["江那镇", "平远镇", "稼依镇", "阿舍彝族乡", "维摩彝族乡"]

VILLAGES = pd.DataFrame(
    [
        ("V000001", "锦山社区", "江那镇", "532622101001", "committee"),
        ("V000002", "新寨村委会", "稼依镇", "532622103201", "committee"),
        ("V000003", "倮可腻村委会", "阿舍彝族乡", "532622203201", "committee"),
        ("V000004", "大村村委会", "平远镇", "532622102201", "committee"),
        ("V000005", "新寨", "江那镇", "", "natural"),
        ("V000006", "老街社区", "江那镇", "", "committee"),
        ("V000007", "老街村委会", "江那镇", "", "committee"),
    ],
    columns=["id", "name", "township", "code", "level"],
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("云南省文山州砚山县江那镇", "江那"),
        ("云南省文山壮族苗族自治州砚山县 阿舍彝族乡", "阿舍"),
        ("砚山县平远镇", "平远"),
        ("文山州砚山县平远镇", "平远"),
        ("阿舍乡", "阿舍"),
        ("阿舍彝族乡", "阿舍"),
        ("某某壮族彝族乡", "某某"),
        ("锦山社区", "锦山"),
        ("锦山村委会", "锦山"),
        ("锦山村民委员会", "锦山"),
        ("锦山社区居委会", "锦山"),
        ("锦山村", "锦山"),
        ("大村", "大村"),
        ("大村村委会", "大村"),
        ("大村委会", "大村"),
        ("江那镇人民政府", "江那"),
        ("县城社区", "县城"),
        ("Ａ１", "A1"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold_place(text, "砚山县") == folded


@pytest.mark.parametrize(
    ("name", "township", "expected", "how"),
    [
        ("锦山社区", "江那镇", "V000001", "exact"),
        ("锦山", "江那", "V000001", "folded"),
        ("江那镇锦山村委会", "江那镇", "V000001", "folded"),
        ("砚山县江那镇锦山社区", None, "V000001", "county"),
        ("新寨", "稼依镇", "V000002", "folded"),
        ("新寨", "江那镇", "V000005", "exact"),
        ("保可腻", "阿舍乡", "V000003", "alias"),
        ("大村", None, "V000004", "county"),
        ("老街社区", "江那镇", "V000006", "exact"),
    ],
)
def test_a_name_is_found(name: str, township: str | None, expected: str, how: str) -> None:
    records = [NameRecord("V000003", "保可腻村委会", kind="variant")]
    [match] = match_names([name], [township], VILLAGES, records, county="砚山县")
    assert (match.id, match.how) == (expected, how)


@pytest.mark.parametrize(
    ("name", "township", "code"),
    [
        ("保可腻", "阿舍乡", "name-unknown"),  # without the name table similar is not same
        ("新寨", "平远镇", "name-other-township"),
        ("新寨", None, "name-ambiguous"),
        ("老街", "江那镇", "name-ambiguous"),
        ("锦山", "不存在镇", "name-other-township"),
    ],
)
def test_a_name_is_never_guessed(name: str, township: str | None, code: str) -> None:
    townships = [township]
    [match] = match_names([name], townships, VILLAGES)
    if code == "name-other-township":  # 平远's 新寨 is neither 稼依's nor 江那's
        [match] = match_names([name], townships, VILLAGES.drop(index=4))
    assert match.id is None
    assert match.notice is not None
    assert match.notice.code == code


def test_the_message_names_what_sounds_alike() -> None:
    [match] = match_names(["楼可腻"], ["阿舍乡"], VILLAGES)
    assert "倮可腻村委会" in match.notice.render()  # type: ignore[union-attr]
    assert nearest("倮居黑", ["保基黑", "龙所", "铳卡"], 1) == ["保基黑"]


def test_missing_names_are_no_problem() -> None:
    [match] = match_names([None], ["江那镇"], VILLAGES)
    assert (match.id, match.notice) == (None, None)


def test_townships_with_aliases() -> None:
    found = match_townships(
        ["江那", "阿舍乡", "维末乡", None, "平元镇"], TOWNSHIPS, {"维末彝族乡": "维摩彝族乡"}
    )
    assert [m.id for m in found] == ["江那镇", "阿舍彝族乡", "维摩彝族乡", None, None]
    assert found[4].notice is not None
    assert found[4].notice.code == "township-unknown"
    assert "平远镇" in found[4].notice.render()


def test_town_and_township_of_one_name_stay_apart() -> None:
    found = match_townships(["城关镇", "城关乡", "城关"], ["城关镇", "城关乡"])
    assert [m.id for m in found] == ["城关镇", "城关乡", None]


def test_codes_belong_to_a_year() -> None:
    #            until 2018                2019 on
    # ...201     V000002                   V000004
    records = [
        NameRecord("V000002", "新寨", "532622103201", "official", "2010", "2018-12-31"),
        NameRecord("V000004", "大村", "532622103201", "official", "2019"),
    ]
    old = codes_of_year(VILLAGES, records, 2016)
    new = codes_of_year(VILLAGES, records, 2022)
    assert old["532622103201"] == {"V000002"}
    assert new["532622103201"] == {"V000004"}
    assert codes_of_year(VILLAGES, records, None)["532622103201"] == {"V000002"}


def test_references_by_id_code_and_name() -> None:
    field = FieldDef.model_validate(
        {
            "type": "reference",
            "layer": "villages",
            "only": {"level": "committee"},
            "title": {"zh": "村委会", "en": "Committee"},
        }
    )
    written = ["V000001", "532622103201", "锦山村委会", "新寨", None, "999"]
    towns = ["江那镇", None, "江那镇", "江那镇", None, None]
    found = resolve_references(written, towns, field, VILLAGES)
    assert [m.id for m in found] == ["V000001", "V000002", "V000001", None, None, None]
    # 江那's 新寨 is a natural village and therefore not meant
    assert found[3].notice.code == "name-other-township"  # type: ignore[union-attr]
    assert found[4].notice is None
    assert found[5].notice.code == "code-not-known"  # type: ignore[union-attr]
