"""``yanshan plan show`` and ``plan locate``, and the registry's way into the workspace.

The county is that of `towns.small_county`: 甲镇 (甲村委会, 大寨) and 乙乡 (乙村委会, 小寨).
"""

from __future__ import annotations

import json
import shutil

import pytest

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.workspace import open_workspace

PROJECTS = """\
id,column,section,item,part_of,name,kind,townships,committees,group,place,status,source,note
P000010,4,一,1,,甲冷库,cold_storage,甲镇,甲村委会,大寨,,planned,4-1,写作保温库
P000020,4,一,2,,乙冷库,cold_storage,乙乡,乙村委会,,,existing,4-2,
P000030,2,二,1,,生猪,livestock,甲镇、乙乡,,,,planned,2-1,
P000031,2,二,1,P000030,小寨猪场,livestock,乙乡,丙村委会,,,planned,2-2,
P000040,,三,,,公益岗位,public_posts,,,,,planned,3-1,
"""
AMOUNTS = """\
project,nature,value,unit,basis,what,note
P000010,quantity,3000,立方米,total,库容,
P000010,money,120,万元,total,,估算
P000020,quantity,200,m²,total,建筑面积,
P000030,quantity,326000,头,total,出栏,
P000031,quantity,5000,头,total,出栏,
P000040,beneficiaries,300,人,total,,
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("YANSHAN_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def draft(tmp_path):
    """A registry as ``plan extract`` writes it."""
    folder = tmp_path / "draft"
    folder.mkdir()
    (folder / "projects.csv").write_text(PROJECTS, encoding="utf-8-sig")
    (folder / "quantities.csv").write_text(AMOUNTS, encoding="utf-8-sig")
    return folder


@pytest.fixture
def planned(bare_town, draft, yanshan, monkeypatch):
    monkeypatch.chdir(bare_town.root)
    code, _, err = yanshan("import", "projects", draft / "projects.csv")
    assert code == 0, err
    return open_workspace(bare_town.root)


def contents(folder):
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# --- a registry comes in


def test_a_registry_comes_in_with_ids_amounts_and_parts(planned):
    from yanshan_gis.plan.registry import from_layer
    from yanshan_gis.plan.registry_csv import read_registry

    layer = planned.read("projects")
    assert from_layer(layer) == read_registry(planned.root.parent / "draft")
    [source] = layer.sources
    assert source.origin == "projects.csv"


def test_a_registry_is_known_as_a_folder_too(bare_town, draft, yanshan, monkeypatch):
    monkeypatch.chdir(bare_town.root)
    code, out, _ = yanshan("import", "项目表", draft)
    assert code == 0
    assert json.loads(out)["accepted"] == 5
    (draft / "quantities.csv").write_text(AMOUNTS.replace("3000", "4000"), encoding="utf-8")
    code, out, _ = yanshan("import", "projects", draft, "-y")
    assert json.loads(out)["counts"] == {
        "added": 0, "changed": 1, "removed": 0, "unchanged": 4
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("projects.csv", "id,column", "编号,column", "columns must be"),
        ("projects.csv", "P000020,4", "P000010,4", "P000010"),
        ("projects.csv", "P000031,2,二,1,P000030", "P000031,2,二,1,P9", "P9"),
        ("projects.csv", ",cold_storage,", ",怪,", "refused"),
        ("quantities.csv", "立方米", "斗", "斗"),
        ("quantities.csv", "3000", "三千", "三千"),
        ("quantities.csv", "total,库容", "weekly,库容", "weekly"),
        ("quantities.csv", "P000040", "P000099", "P000099"),
    ],
)
def test_a_wrong_registry_changes_nothing(planned, draft, yanshan, file, old, new, said):
    path = draft / file
    path.write_text(path.read_text(encoding="utf-8-sig").replace(old, new), encoding="utf-8")
    before = planned.geopackage.read_bytes()
    code, _, err = yanshan("import", "projects", draft)
    assert code == 3
    assert said in err
    assert planned.geopackage.read_bytes() == before


# --- show


def test_show_gives_one_record_per_amount(planned, yanshan):
    code, out, err = yanshan("plan", "show")
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert [(r["id"], r["quantity"], r["unit"]) for r in rows] == [
        ("P000010", 3000, "m³"), ("P000010", 120, "万元"), ("P000020", 200, "m²"),
        ("P000030", 326000, "头"), ("P000031", 5000, "头"), ("P000040", 300, "人"),
    ]  # fmt: skip
    assert rows[0] == {
        "id": "P000010", "column": 4, "section": "一", "item": "1", "part_of": None,
        "name": "甲冷库", "kind": "cold_storage", "townships": ["甲镇"],
        "committees": ["甲村委会"], "group": "大寨", "place": None, "status": "planned",
        "nature": "quantity", "quantity": 3000, "unit": "m³", "basis": "total", "what": "库容",
        "source": "4-1", "location_quality": None, "location_note": None, "note": "写作保温库",
    }  # fmt: skip
    assert rows[1]["note"] == "写作保温库；估算"
    assert rows[3]["townships"] == ["甲镇", "乙乡"]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["--column", "4"], ["P000010", "P000010", "P000020"]),
        (["--township", "小县乙乡"], ["P000020", "P000030", "P000031"]),
        (["--kind", "冷库"], ["P000010", "P000010", "P000020"]),
        (["--unit", "立方米"], ["P000010"]),
        (["--id", "P000031"], ["P000031"]),
        (["--column", "4", "--township", "甲镇", "--unit", "万元"], ["P000010"]),
        (["--column", "7"], []),
    ],
)
def test_show_chooses(planned, yanshan, words, ids):
    code, out, _ = yanshan("plan", "show", *words)
    assert code == 0
    assert [row["id"] for row in json.loads(out)] == ids


def test_show_adds_up_wholes_or_parts(planned, yanshan):
    _, out, _ = yanshan("plan", "show", "--column", "2", "--totals")
    [pigs] = json.loads(out)  # the farm's 5,000 are among the 326,000
    assert pigs == {
        "nature": "quantity", "what": "出栏", "unit": "头", "basis": "total", "total": 326000
    }  # fmt: skip
    _, out, _ = yanshan("plan", "show", "--unit", "m³", "--totals")
    assert [(row["unit"], row["total"]) for row in json.loads(out)] == [("m³", 3000)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--township", "丙乡"], "乙乡"),
        (["--kind", "怪"], "cold_storage"),
        (["--unit", "斗"], "m³"),
        (["--id", "P9"], "P9"),
    ],
)
def test_show_says_what_does_not_exist(planned, yanshan, words, said):
    code, out, err = yanshan("plan", "show", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_show_draws_a_table_on_a_terminal(planned, terminal):
    code, out, _ = terminal("plan", "show", "--column", "4")
    assert code == 0
    assert "2 projects, 3 lines" in out
    assert "3,000" in out
    assert "甲村委会" in out
    code, out, _ = terminal("plan", "show", "--totals", "--township", "乙乡")
    assert "326,000" in out
    code, out, err = terminal("plan", "show", "--column", "7")
    assert (code, out, err) == (0, "", "No project fits.\n")


def test_without_projects_the_commands_say_how_to_get_some(bare_town, yanshan, monkeypatch):
    monkeypatch.chdir(bare_town.root)
    for command in ("show", "locate"):
        code, out, err = yanshan("plan", command)
        assert (code, out) == (1, "")
        assert "yanshan import projects" in err


def test_the_township_of_a_county_without_layers(tmp_path, draft, yanshan, monkeypatch):
    from towns import COUNTY

    from yanshan_gis.workspace import create_workspace

    workspace = create_workspace(tmp_path / "bare", COUNTY)
    monkeypatch.chdir(workspace.root)
    assert yanshan("import", "projects", draft)[0] == 0
    _, out, _ = yanshan("plan", "show", "--township", "乙乡")
    assert len(json.loads(out)) == 3
    code, out, _ = yanshan("plan", "locate")
    assert code == 0
    assert json.loads(out)["counts"] == {"county_wide": 1, "unlocated": 3, "joint": 1}


# --- locate


def test_locate_stores_positions_and_lists_what_is_open(planned, yanshan):
    before = planned.geopackage.read_bytes()
    code, out, err = yanshan("plan", "locate", "--dry-run")
    assert (code, err) == (0, "Nothing was stored (--dry-run).\n")
    assert planned.geopackage.read_bytes() == before
    code, out, _ = yanshan("plan", "locate", "--write-corrections")
    found = json.loads(out)
    assert found["counts"] == {
        "group": 1, "committee": 1, "township": 1, "joint": 1, "county_wide": 1
    }  # fmt: skip
    [still_open] = found["open"]
    assert (still_open["id"], still_open["location_quality"]) == ("P000031", "township")
    layer = planned.read("projects")
    points = [None if g is None else (g.x, g.y) for g in layer.frame.geometry]
    assert points == [(3000, 100), (7000, 50), None, (8000, 100), None]
    assert layer.frame.crs == planned.county.crs
    _, out, _ = yanshan("plan", "show", "--id", "P000030")
    assert json.loads(out)[0]["location_quality"] == "joint"


def test_corrections_are_read_at_every_run_and_kept(planned, yanshan):
    yanshan("plan", "locate", "--write-corrections")
    path = planned.root / "plan-locations.csv"
    text = path.read_text(encoding="utf-8-sig")
    assert text.count("\n") == 2
    path.write_text("id,x,y,note\nP000031,7500,40,现场\n", encoding="utf-8")
    kept = path.read_bytes()
    code, out, _ = yanshan("plan", "locate")
    assert (code, json.loads(out)["open"]) == (0, [])
    assert path.read_bytes() == kept
    frame = planned.read("projects").frame.set_index("id")
    assert (frame.geometry["P000031"].x, frame.geometry["P000031"].y) == (7500, 40)
    before = contents(planned.root)
    for wrong in ("id,x,y\nP000099,1,1\n", "编号,x,y\nP000031,1,1\n", "id,x,y\nP000031,1,90000\n"):
        path.write_text(wrong, encoding="utf-8")
        assert yanshan("plan", "locate")[0] == 3
    path.write_bytes(kept)
    assert contents(planned.root) == before


def test_locate_shows_tables_on_a_terminal(planned, terminal):
    code, out, _ = terminal("plan", "locate")
    assert code == 0
    assert "At its committee" in out
    assert "丙村委会" in out


def test_a_new_list_takes_the_place_of_a_located_one(planned, draft, yanshan):
    """A list without positions is no ledger about features: new projects come, others go."""
    yanshan("plan", "locate")
    shorter = PROJECTS.replace(PROJECTS.splitlines()[1] + "\n", "").replace("P000040", "P000050")
    (draft / "projects.csv").write_text(shorter, encoding="utf-8")
    fewer = "\n".join(line for line in AMOUNTS.splitlines() if "P000010" not in line)
    (draft / "quantities.csv").write_text(fewer.replace("P000040", "P000050"), encoding="utf-8")
    code, out, _ = yanshan("import", "projects", draft, "-y")
    assert code == 0
    counts = json.loads(out)["counts"]
    assert (counts["added"], counts["removed"]) == (1, 2)
    _, out, _ = yanshan("plan", "locate")
    assert json.loads(out)["counts"]["committee"] == 1


def test_the_bundled_plan_goes_all_the_way(planned, yanshan, tmp_path):
    """The county's own registry, in another county's workspace: every township is unknown."""
    folder = tmp_path / "yanshan"
    folder.mkdir()
    for name in ("projects.csv", "quantities.csv"):
        shutil.copy(bundled_content() / "layers" / "yanshan" / name, folder / name)
    before = planned.geopackage.read_bytes()
    code, out, err = yanshan("import", "projects", folder)
    assert code == 3, err
    assert planned.geopackage.read_bytes() == before
    assert any(p["code"] == "township-unknown" for p in json.loads(out)["problems"])
