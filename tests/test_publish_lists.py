"""Lists flow through columns whole; what finds no room is counted, never dropped in silence."""

import pytest

from yanshan_gis.publish.lists import Column, ListedRow, SheetList, _largest, draw_lists
from yanshan_gis.publish.paper import Paper, drawing

SIDE = Column(10, 10, 80, 200)
BAND = [Column(100, 10, 60, 80), Column(170, 10, 60, 80)]


def rows(count, more=""):
    return tuple(ListedRow(str(n), f"第{n}个项目的名称", more) for n in range(1, count + 1))


def texts(placed):
    return [piece[1] for _, _, line in placed for piece in line.pieces]


def draw(lists, columns):
    with drawing():
        paper = Paper(250, 210)
        return draw_lists(paper.whole, lists, columns, "zh")


def test_a_short_list_is_set_large_and_whole():
    size, placed, left_out = _largest([SheetList("图上项目", rows(5))], [SIDE])
    assert (size, left_out) == (8.0, 0)
    assert texts(placed)[0] == "图上项目"
    assert [text for text in texts(placed) if text.isdigit()] == list("12345")


def test_a_long_list_is_set_smaller_rather_than_cut():
    size, placed, left_out = _largest([SheetList("图上项目", rows(60))], [SIDE])
    assert left_out == 0
    assert 4.5 <= size < 8
    assert sum(text.isdigit() for text in texts(placed)) == 60


def test_no_line_leaves_its_column():
    _, placed, _ = _largest([SheetList("甲", rows(40, "库容 500 m³")),
                             SheetList("乙", rows(30))], [SIDE, *BAND])  # fmt: skip
    for column, y, line in placed:
        assert y <= column.top + 1e-6
        assert y - line.height >= column.bottom - 1e-6


def test_the_second_list_keeps_out_of_the_first_ones_column_while_there_is_room():
    _, placed, _ = _largest([SheetList("甲", rows(5)), SheetList("乙", rows(5))], [SIDE, *BAND])
    where = {piece[1]: column for column, _, line in placed for piece in line.pieces}
    assert where["甲"] is SIDE
    assert where["乙"] is BAND[0]


def test_a_list_that_fits_the_next_column_is_not_torn():
    lists = [SheetList("甲", rows(1)), SheetList("乙", rows(12)), SheetList("丙", rows(10))]
    _, placed, _ = _largest(lists, [SIDE, *BAND])
    columns = {}
    heading = ""
    for column, _, line in placed:
        heading = line.pieces[0][1] if line.above is not None else heading
        columns.setdefault(heading, set()).add(id(column))
    assert {name: len(found) for name, found in columns.items()} == {"甲": 1, "乙": 1, "丙": 1}


def test_what_finds_no_room_is_counted():
    small = [Column(0, 0, 40, 30)]
    _, left_out = draw([SheetList("图上项目", rows(100))], small)
    _, placed, counted = _largest([SheetList("图上项目", rows(100))], small)
    assert left_out == counted == 100 - sum(text.isdigit() for text in texts(placed))
    assert counted > 0


@pytest.mark.parametrize("lists", [[], [SheetList("空", ())]])
def test_nothing_to_list_draws_nothing(lists):
    assert draw(lists, [SIDE]) == (0, 0)


def test_a_very_long_name_is_broken_within_its_column():
    row = ListedRow("1", "很长的项目名称" * 20, "投资 100 万元；" * 10)
    _, placed, left_out = _largest([SheetList("甲", (row,))], [SIDE])
    assert left_out == 0
    assert "".join(texts(placed)).count("很长的项目名称") == 20
