"""``yanshan plan extract``, and the benchmark that measures it.

The county is that of `towns.small_county`: 甲镇 (甲村委会, 大寨) and 乙乡 (乙村委会, 小寨).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from plans import QINGXI, document, qingxi

from benchmarks import extract as benchmark
from yanshan_cli import main as program
from yanshan_gis.extraction.document import read_document
from yanshan_gis.extraction.extract import extract
from yanshan_gis.plan.registry import Amount, Project
from yanshan_gis.plan.registry_csv import read_registry

ROOT = Path(__file__).parent.parent
TEXT = "专栏1：冷链项目\n1.甲镇：在甲村委会建设冷库 1 座，容积 500 立方米，投放鱼苗 50 万尾。\n"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("YANSHAN_LANG", "en")
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "规划.txt"
    path.write_text(TEXT, encoding="gb18030")
    return path


def test_the_draft_goes_beside_the_text_and_is_shown_as_json(town, plan, yanshan):
    code, out, err = yanshan("plan", "extract", plan, "-w", town.root)
    assert code == 0
    found = json.loads(out)
    (project,) = found["projects"]
    assert (project["id"], project["townships"]) == ("P010101", ["甲镇"])
    assert project["committees"] == ["甲村委会"]
    assert project["amounts"] == [
        {"nature": "quantity", "value": 500.0, "unit": "m³", "basis": "total"}
    ]
    assert [(e["line"], e["text"], e["reason"]) for e in found["residue"]] == [
        (2, "1座", "unit-unknown"), (2, "50万尾", "unit-unknown"),
    ]  # fmt: skip
    assert "Places: those of the workspace, Tiny." in err
    folder = plan.parent / "规划-draft"
    assert [p.id for p in read_registry(folder)] == ["P010101"]
    assert str(folder / "residue.csv") in err


def test_without_a_workspace_the_bundled_places_are_used_and_named(plan, yanshan, monkeypatch):
    monkeypatch.chdir(plan.parent)
    plan.write_text("专栏1：冷链项目\n1.建设稼依镇新寨村委会冷库项目。\n", "utf-8")
    code, out, err = yanshan("plan", "extract", plan, "--to", "out")
    assert code == 0
    assert json.loads(out)["projects"][0]["committees"] == ["新寨村委会"]
    assert "Places: the bundled ones of 砚山县" in err
    assert (plan.parent / "out" / "projects.csv").exists()


def test_a_workspace_without_villages_leaves_it_to_the_bundled_places(tmp_path, plan, yanshan):
    yanshan("init", tmp_path / "empty")
    code, _, err = yanshan("plan", "extract", plan, "-w", tmp_path / "empty", "--dry-run")
    assert code == 0
    assert "Places: the bundled ones" in err
    assert not (plan.parent / "规划-draft").exists()
    assert "Nothing was stored (--dry-run)." in err


def test_a_workspace_that_is_none_is_told(tmp_path, plan, yanshan):
    code, _, err = yanshan("plan", "extract", plan, "-w", tmp_path / "nowhere")
    assert code == 1
    assert "is no workspace" in err


def test_on_a_terminal_counts_are_shown(town, plan, yanshan, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(program.sys.stdout, "isatty", lambda: True)
        code, out, _ = yanshan("plan", "extract", plan, "-w", town.root)
    assert code == 0
    assert "Special column" in out
    assert "the unit is not known" in out


def test_an_older_draft_stays_unless_force_is_given(town, plan, yanshan):
    folder = plan.parent / "规划-draft"
    folder.mkdir()
    (folder / "projects.csv").write_text("mine", encoding="utf-8")
    code, out, err = yanshan("plan", "extract", plan, "-w", town.root)
    assert (code, out) == (2, "")
    assert "--force" in err
    assert (folder / "projects.csv").read_text(encoding="utf-8") == "mine"
    assert yanshan("plan", "extract", plan, "-w", town.root, "--force")[0] == 0
    assert [p.id for p in read_registry(folder)] == ["P010101"]


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("plan.wps", b"x", 2, "save it as one of these"),
        ("plan.txt", b" \n", 3, "holds no text"),
        ("plan.docx", b"x", 3, "cannot be read"),
        ("plan.pdf", b"x", 3, "cannot be read"),
    ],
)
def test_files_that_cannot_be_read(town, tmp_path, yanshan, name, content, code, said):
    (tmp_path / name).write_bytes(content)
    done, out, err = yanshan("plan", "extract", tmp_path / name, "-w", town.root)
    assert (done, out) == (code, "")
    assert said in err
    assert not (tmp_path / "plan-draft").exists()


def test_a_file_that_is_not_there_is_wrong_usage(town, tmp_path, yanshan):
    code, _, err = yanshan("plan", "extract", tmp_path / "no.txt", "-w", town.root)
    assert code == 2
    assert "no.txt does not exist" in err


def test_a_wrong_encoding_is_wrong_usage(town, plan, yanshan):
    code, _, err = yanshan("plan", "extract", plan, "-w", town.root, "--encoding", "klingon")
    assert code == 2
    assert "klingon" in err


def test_notes_are_chinese_unless_english_is_asked_for(town, plan, yanshan):
    plan.write_text("专栏1：项目\n1.推进甲镇丁村蔬菜种植，其他。\n", "utf-8")
    _, out, _ = yanshan("plan", "extract", plan, "-w", town.root)
    assert json.loads(out)["projects"][0]["source"] == "第2段，第2行"
    _, out, _ = yanshan("plan", "extract", plan, "-w", town.root, "--force", "--lang", "en")
    assert json.loads(out)["projects"][0]["source"] == "paragraph 2, line 2"


# --- the benchmark -----------------------------------------------------------------------------


def project(number, name, *, item="1", townships=(), amounts=(), part_of="", kind="planting"):
    return Project(number, name, kind, column=1, item=item, townships=townships, part_of=part_of,
                   amounts=tuple(Amount("quantity", v, u) for v, u in amounts))  # fmt: skip


def test_scores_are_worked_out_as_by_hand():
    """Two records, two drafts; one pair fits, the other draft stands in another item.

    Pair 茶园: item 1, name 1, places 1, figures 1 → 1. Precision and recall 1 ÷ 2.
    Townships: 1 right of 2 said and 2 asked. Quantity: 1 right of 2 said (5 亩, 9 亩), 1 asked.
    """
    truth = [
        project("R1", "茶园", townships=("甲镇",), amounts=[(5, "亩")]),
        project("R2", "果园", townships=("乙乡",)),
    ]
    drafts = [
        project("D1", "茶园", townships=("甲镇",), amounts=[(5, "亩")]),
        project("D2", "果园", item="2", townships=("乙乡",), amounts=[(9, "亩")]),
    ]
    pairs = benchmark.pair(drafts, truth)
    assert [(a.id, b.id) for a, b in pairs] == [("D1", "R1")]
    scores = benchmark.score(drafts, truth, pairs)
    assert scores["project"] == (0.5, 0.5)
    assert scores["township"] == (0.5, 0.5)
    assert scores["quantity"] == (0.5, 1.0)
    assert scores["money"] == (None, None)


def test_a_draft_of_something_else_is_not_found():
    # Item agrees (1), name 0, places 0, figures 0: 1 ÷ 4 < 0.5.
    truth = [project("R1", "茶园", townships=("甲镇",), amounts=[(5, "亩")])]
    drafts = [project("D1", "冷库", townships=("乙乡",), amounts=[(7, "m³")])]
    assert benchmark.pair(drafts, truth) == []


def test_units_of_one_kind_agree_and_wrong_wholes_do_not():
    truth = [project("R1", "茶园", amounts=[(0.5, "万亩")]), project("R2", "茶厂", part_of="R1")]
    drafts = [project("D1", "茶园", amounts=[(5000, "亩")]), project("D2", "茶厂", part_of="D2")]
    scores = benchmark.score(drafts, truth, benchmark.pair(drafts, truth))
    assert scores["quantity"] == scores["unit"] == (1.0, 1.0)
    assert scores["part_of"] == (0.0, 0.0)


def test_the_invented_plan_scores_full_marks_on_projects_places_and_figures():
    found = extract(read_document(QINGXI / "plan.txt"), qingxi())
    drafts = [p for p in found.projects if p.column is not None]
    truth = read_registry(QINGXI)
    scores = benchmark.score(drafts, truth, benchmark.pair(drafts, truth))
    for field in ("project", "township", "committee", "quantity", "unit", "money", "part_of"):
        assert scores[field] == (1.0, 1.0), field


def test_without_the_plan_the_benchmark_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "extract", "--json"], cwd=ROOT, capture_output=True,
        env={"YANSHAN_REAL_DATA": str(tmp_path / "data"), "PATH": ""}, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"is absent" in done.stderr


@pytest.mark.real
def test_the_countys_own_plan_meets_the_targets(real_data):
    found = benchmark.measure(real_data)
    if found is None:
        pytest.skip(benchmark.absent(real_data))
    rows = {row["task"]: row for row in found["rows"]}
    assert rows["columns 4–7"]["precision"] >= 0.95
    assert rows["columns 4–7"]["recall"] >= 0.90
    assert rows["columns 1–3"]["recall"] >= 0.85
    assert {row["task"] for row in found["rows"]} >= {f"column-{n}" for n in range(1, 8)}


@pytest.mark.real
def test_figures_of_the_countys_plan_add_up_as_by_hand(real_data):
    """Column 4 by hand: 27 stores; 33,130 m³, 1,800 m², 80 mu, two without; 阿猛镇 has eight."""
    texts = sorted((real_data.parent / "plan").glob("*.txt"))
    if not texts:
        pytest.skip(benchmark.absent(real_data))
    found = extract(read_document(texts[0]), benchmark.read_gazetteer(benchmark.FACTS))
    stores = [p for p in found.projects if p.column == 4]
    assert len(stores) == 27
    sums = {}
    for amount in (a for p in stores for a in p.amounts):
        sums[amount.unit] = sums.get(amount.unit, 0) + amount.value
    assert sums == {"m³": 33_130, "m²": 1_800, "亩": 80}
    assert sum(not p.amounts for p in stores) == 2
    assert sum(p.townships == ("阿猛镇",) for p in stores) == 8
    assert not any(t in {"八嘎乡", "者腊乡"} for p in stores for t in p.townships)


def test_the_plain_county_of_the_tests_is_no_yanshan():
    assert (
        extract(document("专栏1：项目\n1.推进稼依镇冷库项目。"), qingxi()).projects[0].townships
        == ()
    )
