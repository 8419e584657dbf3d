"""Projects on the map: where each stands, how well that is known, and what is never guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import shapely
from plan_town import MODEL, county_layer, gazetteer, seats, spots, villages
from towns import CRS, SOURCE, layer, layer_catalogue

from yanshan_gis.crs import WGS84, transform
from yanshan_gis.errors import DataError
from yanshan_gis.layer import Layer, Quality, Source
from yanshan_gis.plan.address import Address, read_address
from yanshan_gis.plan.corrections import Correction, Frame, read_corrections, write_corrections
from yanshan_gis.plan.locate import Located, locate_projects
from yanshan_gis.plan.outline import county_outline
from yanshan_gis.plan.spots import Spots

LIST = Source("list", "项目表.xlsx", attributes=Quality.REPORTED, position=Quality.REPORTED)


def projects(*rows: dict[str, object]) -> Layer:
    """A list without positions, as it is after an import."""
    frame = pd.DataFrame(
        [{"id": f"P{i:06d}", "source_id": "list", "name": f"项目{i}", **row}
         for i, row in enumerate(rows, 1)]
    )  # fmt: skip
    return Layer(layer_catalogue()["projects"], frame, (LIST,))  # type: ignore[arg-type]


def run(*rows: dict[str, object], **fixed: Correction) -> Located:
    return locate_projects(projects(*rows), gazetteer(), spots(), fixed, language="en")


def place(located: Located, row: int = 0) -> tuple[str, tuple[float, float] | None]:
    line = located.layer.frame.iloc[row]
    shape = line["geometry"]
    return line["location_quality"], None if shape is None else (shape.x, shape.y)


@pytest.mark.parametrize(
    ("row", "quality", "point"),
    [
        ({"townships": "东镇", "committees": "老街村委会", "group": "上坝"}, "group", (1000, 0)),
        ({"townships": "东镇", "committees": "老街村委会"}, "committee", (0, 0)),
        ({"townships": "东镇", "committees": "江边村委会"}, "committee", (5000, 0)),  # former name
        ({"townships": "东镇", "committees": "西乡/岭上社区"}, "committee", (2500, 9000)),
        ({"committees": "岭上社区"}, "committee", (2500, 9000)),
        ({"townships": "东镇、西乡", "committees": "岭上社区"}, "committee", (2500, 9000)),
        ({"townships": "东镇", "group": "大寨"}, "group", (5000, 500)),
        ({"townships": "东镇"}, "township", (0, 1000)),
        ({"townships": "西彝族乡"}, "township", (2000, 9000)),
        ({"townships": "东镇", "committees": "老街村委会、河边村委会"}, "township", (0, 1000)),
        ({"townships": "东镇、西乡"}, "joint", None),
        ({"committees": "老街村委会、岭上社区"}, "joint", None),
        ({}, "county_wide", None),
        ({"place": "全县"}, "county_wide", None),
        ({"place": "小县东镇老街村委会上坝"}, "group", (1000, 0)),
        ({"place": "西乡集镇区"}, "township", (2000, 9000)),
        ({"townships": "东镇", "committees": "老街村委会", "group": "老街"}, "committee", (0, 0)),
    ],
)
def test_where_a_project_stands(
    row: dict[str, object], quality: str, point: tuple[float, float] | None
) -> None:
    located = run(row)
    assert place(located) == (quality, point)
    assert located.open == ()
    assert located.counts() == {quality: 1}
    assert located.layer.frame.loc[0, "location_note"]


@pytest.mark.parametrize(
    ("row", "quality", "said"),
    [
        # 东镇 has no 新寨: that of 西乡 is a candidate, and the project stays at its township
        ({"townships": "东镇", "committees": "新寨村委会"}, "township", "西乡新寨村委会 (1.00)"),
        ({"townships": "东镇", "committees": "河变村委会"}, "township", "东镇河边村委会 (0.95)"),
        ({"committees": "大寨村委会"}, "unlocated", "东镇大寨 (1.00)"),
        ({"group": "大寨"}, "unlocated", "西乡大寨 (1.00)"),
        ({"townships": "东镇", "committees": "老街村委会", "group": "大寨"}, "committee", "大寨"),
        ({"townships": "南乡"}, "unlocated", "南乡"),
        ({"townships": "东镇", "place": "西乡岭上社区"}, "township", "西乡岭上社区"),
        ({"townships": "北乡"}, "unlocated", "neither the seat nor the outline"),
        ({"committees": "无名村委会"}, "township", "has no position"),
        ({"place": "某某山"}, "unlocated", "某某山"),
    ],
)
def test_what_is_stated_and_not_found_is_said(
    row: dict[str, object], quality: str, said: str
) -> None:
    located = run(row)
    assert place(located)[0] == quality
    [still_open] = located.open
    note = located.layer.frame.loc[0, "location_note"]
    assert said in note
    assert note == still_open.note("en")


def test_a_modelled_place_makes_a_modelled_position() -> None:
    located = run(
        {"townships": "西乡", "committees": "新寨村委会"}, {"townships": "东镇"}, {"place": "全县"}
    )
    known = {source.id: source for source in located.layer.sources}
    rows = [known[i] for i in located.layer.frame["source_id"]]
    # the committee's point stands for the project: derived at best, modelled where it is a model's
    assert [source.position for source in rows] == [
        Quality.MODELLED, Quality.DERIVED, Quality.REPORTED
    ]  # fmt: skip
    assert [source.attributes for source in rows] == [Quality.REPORTED] * 3
    assert rows[0].origin == "项目表.xlsx; a model"
    assert located.layer.modelled
    assert "modelled" in located.layer.frame.loc[0, "location_note"]


def test_running_it_again_changes_nothing() -> None:
    once = run({"townships": "西乡", "committees": "新寨村委会"}, {"townships": "东镇"}, {})
    twice = locate_projects(once.layer, gazetteer(), spots(), language="en")
    pd.testing.assert_frame_equal(pd.DataFrame(once.layer.frame), pd.DataFrame(twice.layer.frame))
    assert once.layer.sources == twice.layer.sources


def test_a_position_that_came_with_a_project_stays() -> None:
    rows = [{"name": "甲", "townships": "西乡", "committees": "岭上社区"},
            {"name": "乙", "townships": "西乡", "location_quality": "modelled"}]  # fmt: skip
    own = layer("projects", rows, [shapely.Point(7, 7), shapely.Point(8, 8)])
    located = locate_projects(own, gazetteer(), spots())
    assert [place(located, i) for i in (0, 1)] == [("surveyed", (7, 7)), ("modelled", (8, 8))]
    assert set(located.layer.frame["source_id"]) == {SOURCE.id}


def test_without_places_everything_stated_is_unlocated() -> None:
    nowhere = Spots(None, None, None)
    located = locate_projects(projects({"townships": "东镇"}, {}), gazetteer(), nowhere)
    assert list(located.layer.frame["location_quality"]) == ["unlocated", "county_wide"]
    assert "geometry" not in located.layer.frame


def test_an_outline_stands_in_for_a_seat() -> None:
    outline = layer("townships", [{"name": "东镇"}], [shapely.box(0, 0, 10, 10)])
    located = locate_projects(
        projects({"townships": "东镇"}), gazetteer(), Spots(None, outline, None)
    )
    assert place(located) == ("township", (5, 5))


def test_an_address_is_taken_apart() -> None:
    names = gazetteer()
    parts = {
        "东镇老街村委会上坝": Address("东镇", "老街村委会", "上坝"),
        "云南省文山州小县东镇": Address("东镇"),
        "西彝族乡一带": Address("西乡"),
        "大寨": Address(rest="大寨"),
    }
    for text, address in parts.items():
        assert read_address(text, names) == address


# --- corrections


def frame(*ids: str) -> Frame:
    return Frame(frozenset(ids), gazetteer(), CRS, county_outline(county_layer(), None))


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_corrections_by_position_and_by_name(tmp_path: Path) -> None:
    # Working zone 4544, central meridian 105°: its coordinates near (0, 0) lie far west, so the
    # square of 12 km is asked for in metres, and a position in degrees is carried over and back.
    lon, lat = transform(4000.0, 3000.0, CRS, WGS84)
    text = (
        "id,x,y,lon,lat,township,committee,note\n"
        "P000001,100,200,,,,,现场测量\n"
        f"P000002,,,{lon},{lat},,,\n"
        "P000003,,,,,西彝族乡,岭上,\n"
        "P000004,,,,,,,还没有\n"
    )
    path = written(tmp_path / "plan-locations.csv", text, "gb18030")
    fixed = read_corrections(path, frame("P000001", "P000002", "P000003", "P000004"))
    assert set(fixed) == {"P000001", "P000002", "P000003"}
    located = run({"townships": "东镇"}, {"place": "某某山"}, {"townships": "东镇"}, {}, **fixed)
    assert place(located) == ("corrected", (100, 200))
    assert place(located, 1)[1] == pytest.approx((4000, 3000), abs=0.01)
    assert place(located, 2) == ("committee", (2500, 9000))
    assert place(located, 3) == ("county_wide", None)
    assert located.layer.frame.loc[0, "location_note"] == "Set by hand: 现场测量"
    assert located.open == ()
    back = locate_projects(located.layer, gazetteer(), spots())  # the rows were taken out again
    assert place(back) == ("township", (0, 1000))
    assert place(back, 1) == ("unlocated", None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("编号,经度,纬度\nP000001,1,2\n", "corrections-columns"),
        ("id,lon,lat,height\nP000001,1,2,3\n", "corrections-columns"),
        ("id,x,x\nP000001,1,2\n", "corrections-columns"),
        ("id,x,y\nP000009,1,2\n", "correction-id"),
        ("id,x,y\nP000001,1,2\nP000001,1,2\n", "correction-id"),
        ("id,x,y\nP000001,1,\n", "correction-half"),
        ("id,x,y,lon,lat\nP000001,1,2,3,4\n", "correction-several"),
        ("id,x,y\nP000001,一,2\n", "correction-number"),
        ("id,x,y\nP000001,90000,2\n", "correction-outside"),
        ("id,lon,lat\nP000001,23.6,104.3\n", "correction-outside"),
        ("id,x,y\nP000001,1,2,3\n", "corrections-cells"),
        ("id,x,y,crs\nP000001,1,2,EPSG:0\n", "crs-unknown"),
        ("id,township\nP000001,南乡\n", "township-unknown"),
        ("id,township,committee\nP000001,东镇,新寨\n", "name-other-township"),
    ],
)
def test_a_wrong_correction_is_refused_with_its_line(tmp_path: Path, text: str, code: str) -> None:
    path = written(tmp_path / "plan-locations.csv", text)
    with pytest.raises(DataError) as caught:
        read_corrections(path, frame("P000001"))
    assert caught.value.code == code
    assert "plan-locations.csv" in str(caught.value)


def test_the_template_is_added_to_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "plan-locations.csv"
    first = run({"townships": "东镇", "committees": "新寨村委会"}, {"place": "某某山"})
    write_corrections(path, first.open[:1], "zh")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "id,name,reason,candidates,township,committee,lon,lat,note"
    assert lines[1].startswith("P000001,项目1,")
    assert "西乡新寨村委会 (1.00)" in lines[1]
    assert read_corrections(path, frame("P000001", "P000002")) == {}
    mine = "id,x,y,note\nP000001,5,6,我的\n"
    path.write_text(mine, encoding="utf-8")
    write_corrections(path, first.open, "zh")
    again = path.read_text(encoding="utf-8-sig").splitlines()
    assert again[0] == "id,x,y,note,name,reason,candidates,township,committee,lon,lat"
    assert again[1] == "P000001,5,6,我的,,,,,,,"
    assert again[2].startswith("P000002,,,,项目2,")
    before = path.read_bytes()
    write_corrections(path, first.open, "zh")
    assert path.read_bytes() == before


def test_without_a_file_there_are_no_corrections(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "plan-locations.csv", frame()) == {}


def test_a_modelled_outline_is_only_a_box() -> None:
    corner = shapely.Polygon([(0, 0), (10, 0), (0, 10)])
    drawn = layer("county", [{"name": "小县"}], [corner])
    modelled = replace(drawn, sources=(replace(MODEL, id=SOURCE.id),))
    assert county_outline(drawn, None) == corner
    assert county_outline(modelled, None).equals(shapely.box(0, 0, 10, 10))  # type: ignore[union-attr]
    assert county_outline(None, drawn) == corner
    assert county_outline(None, None) is None


def test_every_quality_it_writes_is_in_the_catalogue() -> None:
    from yanshan_gis.plan.locate import WRITTEN

    fields = layer_catalogue()["projects"].fields
    assert set(WRITTEN) <= set(fields["location_quality"].codes)
    assert "location_note" in fields
    assert len(villages()) == 8
    assert len(seats()) == 3
