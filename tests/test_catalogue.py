"""The catalogue: problems with their lines, names, titles, nearest names, a workspace's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis import catalogue
from yanshan_gis.catalogue import (
    bundled_content,
    fold_name,
    read_analyses,
    read_definition,
    read_layers,
)
from yanshan_gis.content import AnalysisDef, LayerDef
from yanshan_gis.errors import ContentError, UsageError, YanshanError

SOUND = """\
title = { zh = "水井", en = "Wells" }
geometry = "Point"
id_prefix = "W"
"""


def _write(folder: Path, text: str, name: str = "wells") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _problems(path: Path, kind: type[LayerDef | AnalysisDef] = LayerDef) -> list[tuple[int, str]]:
    with pytest.raises(ContentError) as caught:
        read_definition(path, kind)
    return [(p.values["line"], p.values["place"]) for p in caught.value.problems]


def test_all_problems_of_a_file_come_at_once_with_their_lines(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        """\
title = { zh = "水井" }
geometry = ["Point", "Blob"]
id_prefix = "w"
colour = "blue"

[fields.depth]
type = "number"
unit = "parsec"
title = { zh = "深度", en = "Depth" }

[fields.kind]
type = "code"
title = { zh = "类型", en = "Kind" }

[style]
symbol = { colour = "blue" }
""",
    )
    assert _problems(path) == [
        (1, "title.en"),
        (2, "geometry.1"),
        (3, "id_prefix"),
        (4, "colour"),
        (8, "fields.depth.unit"),
        (11, "fields.kind"),
        (16, "style.symbol.colour"),
    ]


def test_every_problem_is_rendered_with_file_and_line(tmp_path: Path) -> None:
    path = _write(tmp_path, 'title = { zh = "水井" }\ngeometry = "Blob"\nid_prefix = "W"\n')
    with pytest.raises(ContentError) as caught:
        read_definition(path, LayerDef)
    lines = caught.value.render("en").splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "wells.toml, line 1, title.en",
        "wells.toml, line 2, geometry.0",
    ]
    assert str(caught.value).splitlines() == lines
    assert {problem.code for problem in caught.value.problems} == {"content-value"}


def test_members_of_an_array_of_tables_have_their_own_lines(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        SOUND
        + """\
[fields.kind]
type = "code"
title = { zh = "类型", en = "Kind" }
[fields.kind.codes]
a = { zh = "甲", en = "A" }
b = { zh = "乙", en = "B" }
[style]
by = "kind"
[[style.classes]]
value = "a"
symbol = { colour = "#000000" }
[[style.classes]]
value = "b"
[style.classes.symbol]
colour = "red"
[[style.classes]]
value = "b"
symbol = { colour = "green" }
""",
    )
    assert _problems(path) == [
        (18, "style.classes.1.symbol.colour"),
        (21, "style.classes.2.symbol.colour"),
    ]


def test_the_same_key_in_another_table_is_not_mistaken(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        SOUND
        + """\
[fields.a]
title = { zh = "甲", en = "A" }
type = "number"
[fields.b]
title = { zh = "乙", en = "B" }
type = "numeral"
[fields.c]
title.zh = "丙"
type = "text"
""",
    )
    assert _problems(path) == [(9, "fields.b.type"), (11, "fields.c.title.en")]


def test_a_problem_of_the_whole_file_stands_at_its_start(tmp_path: Path) -> None:
    path = _write(tmp_path, SOUND + '[style]\nlabel = "depth"\n')
    assert _problems(path) == [(1, "(file)")]


def test_analyses_are_read_the_same_way(tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        """\
title = { zh = "甲", en = "A" }
method = "reach"

[parameters.limit]
value = 30
unit = "furlong"
""",
    )
    assert _problems(path, AnalysisDef) == [(2, "method"), (6, "parameters.limit.unit")]


@pytest.mark.parametrize("content", [b"title = \n", b'title = "\xb4\xe5"\n', b"\xff\xfe"])
def test_what_is_not_toml_is_said_to_be_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wells.toml"
    path.write_bytes(content)
    with pytest.raises(ContentError) as caught:
        read_definition(path, LayerDef)
    assert caught.value.code == "content-toml"


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "wells.toml"
    path.write_text(SOUND, encoding="utf-8-sig")
    assert read_definition(path, LayerDef).title.zh == "水井"


def test_problems_of_all_files_and_folders_come_together(tmp_path: Path) -> None:
    _write(tmp_path / "a", SOUND.replace('"W"', '"w"'), "first")
    _write(tmp_path / "a", SOUND.replace('"Point"', '"Blob"'), "second")
    _write(tmp_path / "b", "title = ", "third")
    with pytest.raises(ContentError) as caught:
        read_layers(tmp_path / "a", tmp_path / "b")
    files = [problem.values["file"] for problem in caught.value.problems]
    assert files == ["first.toml", "second.toml", "third.toml"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("冷库", "cold_storage"), ("Cold Storage", "cold_storage"),
        ("cold_storage", "cold_storage"), ("COLD-STORAGE", "cold_storage"),
        ("村庄", "villages"), ("自然村", "villages"),
        ("农村公路", "roads"), ("快递网点", "outlets"), ("石漠化", "desertification"),
        ("三区三线", "control_lines"), ("ＤＬＴＢ", "land_use"), ("DEM", "elevation"),
        ("乡镇", "townships"), ("县界", "county"), ("项目表", "projects"),
    ],
)  # fmt: skip
def test_layers_answer_to_titles_and_aliases(asked: str, found: str) -> None:
    assert read_layers().find(asked).name == found


def test_every_definition_answers_to_its_chinese_title() -> None:
    for found in (read_layers(), read_analyses()):
        for name, definition in found.items():
            assert found.find(definition.title.zh).name == name


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("cold_storge", "cold_storage (冷库)"),
        ("道路网络图", "roads (道路)"),
        ("vilages", "villages"),
    ],
)
def test_an_unknown_name_suggests_the_nearest(asked: str, nearest: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_layers().find(asked)
    assert caught.value.code == "layer-unknown"
    assert caught.value.notice.values["nearest"].startswith(nearest)
    assert asked in caught.value.render("en")


@pytest.mark.parametrize("asked", ["@@@@@", "nolayer"])
def test_a_name_like_none_lists_them_all(asked: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_layers().find(asked)
    assert all(name in caught.value.notice.values["nearest"] for name in read_layers())


def test_a_workspace_s_own_layer_stands_before_the_bundled_one(tmp_path: Path) -> None:
    _write(tmp_path, SOUND, "cold_storage")
    found = read_layers(tmp_path)
    assert found["cold_storage"].title.zh == "水井"
    assert set(found) == set(read_layers())


def test_missing_content_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "package" / "catalogue.py"))
    with pytest.raises(YanshanError) as caught:
        bundled_content()
    assert caught.value.code == "content-missing"


def test_content_stands_inside_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("layers", "analyses"):
        (tmp_path / "package" / "_content" / folder).mkdir(parents=True)
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "package" / "catalogue.py"))
    assert bundled_content() == tmp_path / "package" / "_content"


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    # a leading sign is all that keeps -1 and 1 apart
    folded = fold_name(text)
    assert not any(character.isspace() or character == "_" for character in folded)
    assert "-" not in folded[1:]


def test_a_minus_sign_counts_and_a_hyphen_does_not() -> None:
    assert fold_name("-1") != fold_name("1")
    assert fold_name("cold-storage") == fold_name("Cold storage") == fold_name("cold_storage")


def test_a_file_may_say_only_what_differs_from_a_pattern(tmp_path: Path) -> None:
    _write(tmp_path, SOUND + '\n[fields.depth]\ntype = "number"\n'
           'title = { zh = "深度", en = "Depth" }\nunit = "m"\n', "_water")  # fmt: skip
    own = 'like = "water"\ntitle = { zh = "泉" }\n[fields.depth]\nunit = "km"\n'
    layers = read_layers(tmp_path) if _write(tmp_path, own, "springs") else {}
    springs = layers["springs"]
    assert (springs.title.zh, springs.title.en) == ("泉", "Wells")
    assert springs.fields["depth"].unit == "km"
    assert springs.fields["depth"].title.en == "Depth"
    assert "_water" not in layers


def test_a_pattern_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = _write(tmp_path, 'like = "nothing"\n' + SOUND)
    with pytest.raises(ContentError, match=r"wells\.toml: there is no pattern _nothing\.toml"):
        read_definition(path, LayerDef)


def test_a_workspace_may_be_like_a_bundled_pattern(tmp_path: Path) -> None:
    """Another county's eighth column needs five lines."""
    text = """\
like = "plan"
title = { zh = "专栏8 数字乡村项目", en = "Special column 8: digital villages" }
[inputs]
projects = { layer = "projects", only = { column = 8 } }
"""
    _write(tmp_path / "analyses", text, "column-8")
    recipe = read_analyses(tmp_path / "analyses")["column-8"]
    assert recipe.method == "projects.on_map"
    assert recipe.inputs["projects"].only == {"column": 8}
    assert recipe.sheet is not None
    assert recipe.sheet.lists[0] == "located"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[sheet]\nlists = ["located", "nowhere"]\n', "lists that are not there: nowhere"),
        ('[lists.joint]\nof = "elsewhere"\n', "results that are not there: elsewhere"),
    ],
)
def test_a_sheets_lists_must_be_described(tmp_path: Path, text: str, reason: str) -> None:
    head = 'like = "plan"\ntitle = { zh = "专栏9", en = "Column 9" }\n'
    _write(tmp_path / "analyses", head + text, "column-9")
    with pytest.raises(ContentError, match=reason):
        read_analyses(tmp_path / "analyses")
