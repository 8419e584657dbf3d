"""The command line: what each command prints where, with which exit code, in which language."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import click
import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from towns import small_county

from yanshan_cli import main as program
from yanshan_cli.console import Console
from yanshan_cli.help import _PIECE, columns_of, fill_lines
from yanshan_cli.main import COMMANDS, take_language
from yanshan_gis.errors import DataError
from yanshan_gis.job import stored_outcomes
from yanshan_gis.messages import Notice
from yanshan_gis.workspace import open_workspace

pytestmark = pytest.mark.usefixtures("environment")
HEAVY = {"pandas", "numpy", "pydantic", "geopandas", "shapely", "pyproj", "matplotlib", "rasterio",
         "pyogrio", "rich", "scipy", "networkx"}  # fmt: skip
GOOD = "名称,乡镇,所属村委会,状态,X,Y\n新网点,甲镇,甲村委会,已建,2500,80\n"
# Row 3 names a township and a status that do not exist.
BAD = GOOD + "二网点,丙乡,乙村委会,怪,7300,80\n"


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- help and usage


def test_help_is_chinese_unless_the_environment_says_otherwise(yanshan, monkeypatch):
    code, out, err = yanshan("--help")
    assert (code, err) == (0, "")
    assert out.startswith("用法: yanshan [选项] 命令 [参数]...")
    assert "显示本帮助并退出。" in out
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    code, out, err = yanshan("--help")
    assert out.startswith("Usage: yanshan [OPTIONS] COMMAND [ARGS]...")
    assert "Show this message and exit." in out


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_holds_no_english_sentence_in_chinese_and_no_chinese_in_english(yanshan, name):
    _, chinese, _ = yanshan(*name.split(), "--help", "--lang", "zh")
    _, english, _ = yanshan(*name.split(), "--help", "--lang", "en")
    for word in ("Usage", "Options", "Commands", "Show ", "Example", "default:"):
        assert word not in chinese
        assert name == "import" or word in english or word in {"Commands", "default:"}
    assert "用法" not in english
    assert "示例：" in chinese


def test_help_wraps_chinese_by_columns(yanshan, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    for name in COMMANDS:
        _, out, _ = yanshan(name, "--help")
        assert max(columns_of(line) for line in out.splitlines()) <= 60


@given(st.text("ab1 x.，。（）“”《》、砚山县村m³", max_size=60), st.integers(4, 30))
def test_lines_are_filled_without_losing_or_misplacing_anything(text, width):
    lines = fill_lines(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert columns_of(line) <= width or len(_PIECE.findall(line)) == 1
    if " " not in text:  # a space typed in front of punctuation is the writer's affair
        assert not [line for line in lines[1:] if line[0] in "，。）》”"]


def test_lines_break_between_words_and_between_characters():
    assert fill_lines("one two three", 7) == ["one two", "three"]
    assert fill_lines("只要一行，退出码为“三”。", 10) == ["只要一行，", "退出码为", "“三”。"]
    assert fill_lines("", 10) == [""]


def test_no_command_shows_help(yanshan):
    code, out, err = yanshan()
    assert code in {0, 2}  # click 8.1 takes it for a question, 8.2 for wrong usage
    assert "用法: yanshan" in out + err


def test_version(yanshan):
    from yanshan_gis import __version__

    code, out, _ = yanshan("--version")
    assert code == 0
    assert __version__ in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rum"], ["没有名为“rum”的命令", "相近的有：run"]),
        (["run", "--chek"], ["没有选项“--chek”", "是否指", "--check"]),
        (["init"], ["缺少参数", "DIRECTORY"]),
        (["init", "x", "--scale", "500"], ["--scale", "的值无效", "不在范围"]),
        (["init", "x", "--seed", "many"], ["--seed", "的值无效", "不是有效的数"]),
        (["import", "a", "b", "--mode", "mix"], ["--mode", "“mix”不是以下之一", "replace"]),
        (["import", "a", "b", "--as-of", "today"], ["--as-of", "不符合格式"]),
        (["import", "a", "b", "c"], ["多余的参数（c）"]),
        (["import", "a", "--crs"], ["选项“--crs”需要一个值"]),
        (["publish", "pptx"], ["“pptx”不是以下之一", "xlsx"]),
    ],
)
def test_wrong_usage_is_told_in_chinese_on_stderr(yanshan, words, said):
    code, out, err = yanshan(*words)
    assert (code, out) == (2, "")
    assert "错误：" in err
    for part in said:
        assert part in err


def test_wrong_usage_in_english(yanshan):
    code, out, err = yanshan("rum", "--lang", "en")
    assert (code, out) == (2, "")
    assert "Error: No command is called rum. Nearest: run." in err


def test_unknown_command_without_near_ones_lists_all(yanshan):
    _, _, err = yanshan("qqqq", "--lang=en")
    assert f"Nearest: {', '.join(COMMANDS)}." in err


@pytest.mark.parametrize(
    ("words", "language", "rest"),
    [
        (["--lang", "en", "run"], "en", ["run"]),
        (["run", "--lang=zh", "-w", "x"], "zh", ["run", "-w", "x"]),
        (["run"], None, ["run"]),
        (["--lang", "en", "--lang", "zh"], "zh", []),
    ],
)
def test_language_stands_anywhere(words, language, rest):
    assert take_language(words) == (language, rest)


@pytest.mark.parametrize("words", [["--lang"], ["--lang", "fr"], ["run", "--lang="]])
def test_unknown_language_is_wrong_usage(yanshan, words):
    code, out, err = yanshan(*words)
    assert (code, out) == (2, "")
    assert "zh | en" in err


def test_help_loads_nothing_heavy():
    script = (
        "import sys\nfrom yanshan_cli.main import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print('MODULES', *sorted(sys.modules))"
    )
    for words in (["--help"], ["run", "--help"], ["import", "--help"], ["rum"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *words], capture_output=True, check=True, timeout=60
        )
        loaded = done.stdout.decode().split("MODULES")[1].split()
        assert HEAVY & {name.partition(".")[0] for name in loaded} == set()


# --- streams


def test_redirected_output_is_utf8_whatever_the_locale(town):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    code = "from yanshan_cli.main import main; main()"
    for locale in ({"LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
                   {"PYTHONIOENCODING": "gbk"}):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", code, "info", "--lang", "zh"],
            capture_output=True,
            cwd=town.root,  # Python itself cannot pass a Chinese argument on under such a locale
            env={**clean, **locale},
            timeout=60,
        )
        assert done.returncode == 0
        assert json.loads(done.stdout.decode("utf-8"))["county"]["name"]["zh"] == "小县"


class _Stream(io.TextIOWrapper):
    def __init__(self, encoding, terminal):
        super().__init__(io.BytesIO(), encoding=encoding)
        self.terminal = terminal

    def isatty(self):
        return self.terminal


def test_a_gbk_console_stays_gbk_and_a_pipe_becomes_utf8(monkeypatch):
    console, pipe = _Stream("gbk", True), _Stream("gbk", False)
    monkeypatch.setattr(sys, "stdout", console)
    monkeypatch.setattr(sys, "stderr", pipe)
    program._open_streams()
    for stream in (console, pipe):
        stream.write("小县 m³ ✓ 砚")  # GBK knows neither the superscript nor the tick
        stream.flush()
    assert console.encoding == "gbk"
    assert console.buffer.getvalue().decode("gbk") == "小县 m? ? 砚"
    assert pipe.buffer.getvalue().decode("utf-8") == "小县 m³ ✓ 砚"


def test_streams_that_cannot_be_reconfigured_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    program._open_streams()


def test_interruption_is_told_and_fails(here, yanshan, monkeypatch):
    def stop(*_args, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("yanshan_gis.job.run_job", stop)
    code, out, err = yanshan("run", "road-network")
    assert code == 1
    assert out == ""
    assert "已停止" in err


def test_a_reader_who_leaves_early_is_no_error(town):
    reading, writing = os.pipe()
    os.close(reading)
    code = "from yanshan_cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "info"], cwd=town.root, stdout=writing,
                          stderr=subprocess.PIPE, timeout=60)  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", [["init", "file/new"], ["import", "roads", "a.csv"]])
def test_an_error_of_the_system_is_one_line(here, yanshan, words, monkeypatch):
    def refuses(*_args, **_keywords):
        raise PermissionError(13, "Permission denied", "/srv/某县")

    monkeypatch.setattr("yanshan_gis.workspace.create_workspace", refuses)
    monkeypatch.setattr("yanshan_gis.intake.propose", refuses)
    code, out, err = yanshan(*words)
    assert (code, out) == (1, "")
    assert err.startswith("错误：/srv/某县：")
    assert err.count("\n") == 1


def test_maps_are_chinese_unless_english_was_asked_for():
    assert Console("en").document_language == "zh"
    assert Console("en", asked=True).document_language == "en"
    assert Console("zh", asked=True).document_language == "zh"


def test_console_renders_notices_and_errors(capsys):
    console = Console("zh")
    console.tell(Notice("n", "{count} ferry lines are left out; they are no roads.", {"count": 2}))
    console.fail(DataError("d", "{file} does not exist; check the path.", file="甲.shp"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "· 2 条轮渡航线未读入；它们不是道路。\n错误：甲.shp 不存在；请核对路径。\n"


def test_numbers_stand_right_in_tables(capsys):
    Console("en").table("", ["name", "value"], [["甲", "1,234.5"], ["乙", "—"], ["丙", "7 %"]])
    lines = capsys.readouterr().out.splitlines()
    rows = [line for line in lines if "│" in line]
    assert [row.split("│")[2].rstrip(" ")[-1] for row in rows] == ["5", "—", "%"]
    assert all(row.split("│")[2].endswith(" ") for row in rows)
    assert len({len(row.split("│")[2].rstrip()) for row in rows}) == 1


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bars_are_drawn_on_a_terminal_only(monkeypatch):
    for stream, drawn in ((io.StringIO(), False), (_Terminal(), True)):
        monkeypatch.setattr(sys, "stderr", stream)
        bars = Console("zh").progress()
        bars.start("Map sheets", 2)
        bars.advance()
        bars.finish()
        bars.finish()  # twice does no harm
        assert ("专题图" in stream.getvalue()) is drawn


# --- workspace


@pytest.mark.parametrize("words", [["info"], ["run"], ["check"], ["map"], ["publish"],
                                   ["import", "roads", "x.shp"]])  # fmt: skip
def test_a_missing_workspace_fails_and_says_what_to_do(yanshan, tmp_path, words):
    code, out, err = yanshan(*words, "-w", tmp_path / "nowhere")
    assert (code, out) == (1, "")
    assert "yanshan init" in err


def test_init_makes_a_workspace_that_can_be_opened(yanshan, tmp_path):
    folder = tmp_path / "某县"
    code, out, err = yanshan("init", folder, "--code", "532622", "--crs", "4544")
    assert (code, out) == (0, "")
    assert "已就绪" in err
    county = open_workspace(folder).county
    assert (county.name.zh, county.code) == ("某县", "532622")
    assert yanshan("init", folder)[0] == 2
    assert open_workspace(folder).county == county


def test_init_takes_a_name_with_quotes(yanshan, tmp_path):
    yanshan("init", tmp_path / "a", "--name", '“砚山” "Yanshan" \\ county')
    assert open_workspace(tmp_path / "a").county.name.zh == '“砚山” "Yanshan" \\ county'


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--crs", "EPSG:99999"], 3, "EPSG:99999"),
        (["--crs", "EPSG:4326"], 3, "以米为单位"),
        (["--code", "12"], 2, "code"),
        (["--demo", "--name", "某县"], 2, "--demo"),
    ],
)
def test_init_refuses_what_does_not_fit_and_makes_nothing(yanshan, tmp_path, options, code, said):
    ended, out, err = yanshan("init", tmp_path / "new", *options)
    assert (ended, out) == (code, "")
    assert said in err
    assert "input_value" not in err
    assert not (tmp_path / "new").exists()


def test_init_dry_run_makes_nothing(yanshan, tmp_path):
    assert yanshan("init", tmp_path / "new", "--dry-run")[0] == 0
    assert not (tmp_path / "new").exists()


def test_init_with_the_bundled_county(yanshan, tmp_path, monkeypatch):
    asked = []

    def create(root, **options):
        asked.append((root, options["scale"], options["seed"]))

    monkeypatch.setattr("yanshan_gis.demo.filling.create_demo", create)
    monkeypatch.setattr("yanshan_gis.publish.package.dress_layers", lambda _workspace: None)
    words = ["init", tmp_path / "d", "--demo", "--scale", "2.5", "--seed", "7"]
    assert yanshan(*words)[0] == 0
    assert asked == [(tmp_path / "d", 2.5, 7)]
    assert yanshan(*words, "--dry-run")[0] == 0
    assert len(asked) == 1


# --- import


@pytest.fixture
def bureau(tmp_path):
    """Return a folder with a file that fits and one that does not."""
    folder = tmp_path / "局 files"
    folder.mkdir()
    (folder / "good.csv").write_text(GOOD, encoding="gb18030")
    (folder / "bad.csv").write_text(BAD, encoding="utf-8")
    return folder


def test_import_stores_and_reports(here, yanshan, bureau):
    code, out, err = yanshan("import", "物流网点", bureau / "good.csv", "--crs", "EPSG:4544")
    assert code == 0
    report = json.loads(out)
    assert (report["layer"], report["read"], report["accepted"]) == ("outlets", 1, 1)
    assert report["counts"] == {"added": 1, "changed": 0, "removed": 2, "unchanged": 0}
    assert "已入库 outlets：1 行中的 1 行" in err
    stored = here.read("outlets").frame
    assert list(stored["name"]) == ["新网点"]
    assert stored["committee"].tolist() == ["V000001"]
    assert stored["id"].tolist() == ["O000003"]  # ids of removed features are not used again
    assert (here.out / "import" / "outlets-good-report.csv").exists()


def test_import_with_a_refused_row_stores_nothing_and_reports(here, yanshan, bureau):
    before = contents(here.root)
    code, out, err = yanshan("import", "outlets", bureau / "bad.csv", "--crs", "EPSG:4544")
    assert code == 3
    problems = json.loads(out)["problems"]
    assert {p["row"] for p in problems} == {3}
    assert {"status", "township"} <= {p["field"] for p in problems}
    assert "未入库" in err
    assert "--accept-refused" in err
    after = contents(here.root)
    assert {k: v for k, v in after.items() if k in before} == before
    assert {path.parts[:2] for path in after.keys() - before.keys()} == {("out", "import")}
    refused = (here.out / "import" / "outlets-bad-refused.csv").read_text(encoding="utf-8-sig")
    assert "二网点" in refused
    assert "新网点" not in refused


def test_import_accepting_refused_rows_stores_the_others(here, yanshan, bureau):
    words = ["import", "outlets", bureau / "bad.csv", "--crs", "EPSG:4544", "--accept-refused"]
    assert yanshan(*words)[0] == 0
    assert here.read("outlets").frame["name"].tolist() == ["新网点"]


def test_import_dry_run_changes_nothing(here, yanshan, bureau):
    before = contents(here.root)
    words = ["import", "outlets", bureau / "good.csv", "--crs", "EPSG:4544", "--dry-run"]
    code, out, err = yanshan(*words)
    assert code == 0
    assert json.loads(out)["counts"]["added"] == 1
    assert "未入库" in err
    assert contents(here.root) == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["outlets", "good.csv", "--crs", "EPSG:99999"], 3, "EPSG:99999"),
        (["outlets", "good.csv"], 3, "EPSG:4544"),  # asks to confirm what fits
        (["outletz", "good.csv", "--crs", "4544"], 2, "outlets"),
        (["outlets", "none.csv", "--crs", "4544"], 2, "none.csv"),
        (["outlets", "good.csv", "--crs", "4544", "--column", "name"], 2, "FIELD=VALUE"),
        (["outlets", "good.csv", "--crs", "4544", "--column", "nmae=名称"], 2, "nmae"),
        (["outlets", "good.csv", "--crs", "4544", "--column", "name=名子"], 2, "名子"),
        (["nowhere"], 2, "nowhere"),
    ],
)
def test_import_errors_leave_the_workspace_alone(here, yanshan, bureau, words, code, said):
    before = contents(here.root)
    paths = [bureau / word if word.endswith(".csv") else word for word in words]
    ended, out, err = yanshan("import", *paths, "--lang", "en")
    assert (ended, out) == (code, "")
    assert said in err
    assert err.startswith("Error: ")
    assert contents(here.root) == before


def test_import_shows_columns_and_problems_on_a_terminal(here, bureau, terminal):
    code, out, _ = terminal("import", "outlets", bureau / "bad.csv", "--crs", "EPSG:4544")
    assert code == 3
    for part in (
        "列的识别",
        "匹配方式",
        "别名",
        "附加列",
        "问题",
        "丙乡",
        "新增 1，修改 0，删除 2",
    ):
        assert part in out
    assert "None" not in out


def test_import_asks_before_features_go(here, bureau, terminal, monkeypatch):
    asked = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "confirm", lambda text, **_: asked.append(text))
    words = ["import", "outlets", bureau / "good.csv", "--crs", "EPSG:4544"]
    code, _, err = terminal(*words)
    assert (code, asked) == (0, ["0 个要素将修改，2 个将删除。是否入库？"])
    assert "未入库" in err
    assert len(here.read("outlets")) == 2
    assert terminal(*words, "--yes")[0] == 0
    assert len(asked) == 1
    assert len(here.read("outlets")) == 1


def test_import_of_a_folder_answers_once_and_remembers_only_answers(here, yanshan, bureau):
    (bureau / "good.csv").rename(bureau / "物流网点.csv")
    (bureau / "bad.csv").rename(bureau / "unclear.csv")
    before = contents(here.root)
    code, out, _ = yanshan("import", bureau, "--crs", "4544", "--dry-run")
    assert code == 0
    (proposed,) = json.loads(out)["files"]
    assert (proposed["file"], proposed["layer"]) == ("物流网点.csv", "outlets")
    assert contents(here.root) == before
    code, out, err = yanshan("import", bureau, "--crs", "4544")
    assert code == 0
    assert [report["layer"] for report in json.loads(out)["files"]] == ["outlets"]
    assert "unclear.csv" in err
    memory = (here.root / "imports.toml").read_text(encoding="utf-8")
    assert "outlets" in memory
    assert "unclear.csv" not in memory  # nobody was asked


def test_import_of_a_folder_keeps_the_good_files_and_tells_each_error_once(here, yanshan, bureau):
    (bureau / "good.csv").rename(bureau / "冷库.csv")
    (bureau / "bad.csv").rename(bureau / "物流网点.csv")
    (bureau / "冷库.csv").write_text(
        "名称,乡镇,容积,X,Y\n新库,甲镇,300,2500,80\n", encoding="utf-8"
    )
    code, out, err = yanshan("import", bureau, "--crs", "4544")
    assert code == 3
    assert len(json.loads(out)["files"]) == 2
    assert err.count("错误：") == 1
    assert here.read("cold_storage").frame["name"].tolist() == ["新库"]
    assert len(here.read("outlets")) == 2


def test_import_of_a_folder_asks_and_keeps_the_answers(here, bureau, terminal, monkeypatch):
    answers = iter(["no such layer at all", "outlets", ""])  # bad.csv twice, then good.csv
    asked = []

    def answer(text, **_options):
        asked.append(text)
        return next(answers)

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "prompt", answer)
    words = ["import", bureau, "--crs", "4544", "--accept-refused"]
    code, _, err = terminal(*words)
    assert code == 0
    assert [text.partition(" ")[0] for text in asked] == ["bad.csv/bad"] * 2 + ["good.csv/good"]
    assert "no such layer at all" in err
    assert here.read("outlets").frame["name"].tolist() == ["新网点"]
    code, _, err = terminal(*words)  # every answer is remembered, "leave it out" too
    assert code == 0
    assert len(asked) == 3
    assert "按以前的回答，跳过" in err


def test_import_with_many_problems_shows_the_first_and_counts_the_rest(here, bureau, terminal):
    rows = [f"网点{i},甲镇,甲村委会,怪,{i},80\n" for i in range(25)]
    (bureau / "bad.csv").write_text(GOOD.splitlines()[0] + "\n" + "".join(rows), encoding="utf-8")
    code, out, err = terminal("import", "outlets", bureau / "bad.csv", "--crs", "EPSG:4544")
    assert code == 3
    assert out.count("“怪”不在取值列表中") == 20
    assert "还有 5 条" in err


@pytest.fixture
def heights(tmp_path):
    """Return a small elevation raster."""
    path = tmp_path / "dem.tif"
    transform = rasterio.Affine(100, 0, 0, 0, -100, 3000)
    with rasterio.open(path, "w", driver="GTiff", width=20, height=20, count=1, dtype="float32",
                       crs="EPSG:4544", transform=transform) as target:  # fmt: skip
        target.write(np.full((1, 20, 20), 1500, "float32"))
    return path


def test_import_of_a_raster(here, yanshan, heights):
    before = contents(here.root)
    assert yanshan("import", "elevation", heights, "--dry-run")[0] == 0
    assert contents(here.root) == before
    code, _, err = yanshan("import", "elevation", heights, "--quality", "surveyed")
    assert code == 0
    assert "elevation" in err
    layer = here.read("elevation")
    assert layer.raster.parent == here.root / "rasters"
    assert layer.raster.exists()


def test_import_of_a_raster_that_is_none(here, yanshan, bureau):
    code, out, err = yanshan("import", "elevation", bureau / "good.csv")
    assert (code, out) == (3, "")
    assert "GeoTIFF" in err


# --- run, check, map, publish, info


@pytest.mark.slow
def test_run_json_keeps_its_contract(here, yanshan):
    """One run that draws: the sheet, the stored result and every promised key."""
    code, out, err = yanshan("run", "物流配送网点覆盖", "--json")
    assert code == 0
    recipes = json.loads(out)["recipes"]
    assert [recipe["name"] for recipe in recipes] == ["road-network", "logistics-reach"]
    reach = recipes[1]
    assert {"name", "status", "missing", "indicators", "warnings"} <= reach.keys()
    assert (reach["status"], reach["missing"]) == ("ok", [])
    own = next(i for i in reach["indicators"] if i["key"] == "own_outlet")
    # 甲村委会 has an outlet that exists; 乙村委会 only a planned one.
    assert (own["numerator"], own["denominator"], own["value"], own["unit"]) == (1, 2, 0.5, "share")
    assert all("code" in warning for warning in reach["warnings"])
    assert (here.out / "sheets" / "logistics-reach.png").stat().st_size > 10_000
    assert (here.out / "tables.xlsx").exists()
    assert (here.out / "results.gpkg").exists()
    manifest = json.loads((here.out / "manifest.json").read_text(encoding="utf-8"))
    assert [recipe["name"] for recipe in manifest["recipes"]] == [r["name"] for r in recipes]
    assert str(here.out.name) in err

    (here.out / "sheets" / "logistics-reach.png").unlink()
    code, out, err = yanshan("map", "logistics-reach")
    assert code == 0
    assert "logistics-reach.png" in out
    assert (here.out / "sheets" / "logistics-reach.png").exists()


@pytest.fixture
def ran(here, yanshan):
    """Run the recipe that draws nothing."""
    assert yanshan("run", "road-network")[0] == 0
    return here


def test_run_twice_gives_the_same_text(ran, yanshan):
    first, second = yanshan("run", "road-network")[1], yanshan("run", "road-network")[1]
    assert first == second
    assert "seconds" not in first


def test_run_names_missing_layers_and_succeeds(tmp_path, yanshan):
    yanshan("init", tmp_path / "empty")
    code, out, _ = yanshan("run", "road-network", "-w", tmp_path / "empty")
    assert code == 0
    (recipe,) = json.loads(out)["recipes"]
    assert (recipe["status"], recipe["missing"]) == ("not_computable", ["roads"])


def test_run_on_a_terminal_says_what_is_missing(tmp_path, yanshan, terminal):
    yanshan("init", tmp_path / "empty")
    code, out, _ = terminal("run", "road-network", "-w", tmp_path / "empty")
    assert code == 0
    assert "无法计算：缺少 道路" in out


@pytest.fixture
def undrawn(monkeypatch):
    """Keep sheets, which take seconds, from being drawn."""
    monkeypatch.setattr("yanshan_gis.job.draw_sheets", lambda *_a, **_k: ([], []))


def test_run_on_a_terminal_ends_with_the_headline(here, terminal, undrawn):
    code, out, err = terminal("run", "logistics-reach")
    assert code == 0
    (line,) = [line for line in out.splitlines() if "有本村网点的行政村" in line]
    cells = [cell.strip() for cell in line.split("│")[1:-1]]
    assert cells == ["物流配送网点覆盖", "有本村网点的行政村", "50.0%", "1 / 2", "80.0% 未达标"]
    assert "已写入 out" in err


def test_run_of_what_has_no_headline_draws_no_table(here, terminal):
    code, out, _ = terminal("run", "road-network")
    assert (code, out) == (0, "")


def test_run_in_english(here, terminal, undrawn):
    _, out, err = terminal("run", "logistics-reach", "--lang", "en")
    assert "80.0% not met" in out
    assert "Written to out." in err


@pytest.mark.parametrize("value", [None, 12.5, 0.5])
def test_figures_carry_their_unit(value):
    from yanshan_cli.run import _number

    shown = {None: ("—", "—"), 12.5: ("1250.0%", "12.5 km"), 0.5: ("50.0%", "0.5 km")}
    assert (_number(value, "share"), _number(value, "km")) == shown[value]


def test_run_unknown_recipe_names_the_nearest(here, yanshan):
    code, out, err = yanshan("run", "物流配送网点")
    assert (code, out) == (2, "")
    assert "logistics-reach" in err
    assert not here.out.exists()


def test_run_check_runs_nothing(here, yanshan):
    code, out, _ = yanshan("run", "--check")
    assert code == 0
    missing = {recipe["name"]: recipe["missing"] for recipe in json.loads(out)["recipes"]}
    assert missing["logistics-reach"] == []
    assert set(missing) == set(here.analyses)
    assert not here.out.exists()


def test_run_check_on_an_empty_county_names_layers(tmp_path, yanshan, terminal):
    yanshan("init", tmp_path / "empty")
    code, out, _ = terminal("run", "--check", "road-network", "-w", tmp_path / "empty")
    assert code == 0
    assert "roads" in out
    assert "缺少" in out


def test_check_tells_findings(here, yanshan, undrawn):
    code, out, _ = yanshan("check")
    assert code == 0
    audit = json.loads(out)
    assert audit["name"] == "network-audit"
    assert {i["key"] for i in audit["indicators"]} >= {"main_km", "undershoots", "unattached"}
    assert audit["tables"]


def test_check_on_a_terminal_is_in_the_readers_language(here, terminal, undrawn):
    assert "检查项" in terminal("check")[1]
    out = terminal("check", "--lang", "en")[1]
    assert "Finding" in out
    assert "检查项" not in out


def test_check_of_an_empty_county_is_not_computable(tmp_path, yanshan, terminal):
    yanshan("init", tmp_path / "empty")
    code, out, err = terminal("check", "-w", tmp_path / "empty")
    assert code == 0
    assert "无法计算：缺少 roads, villages" in out + err


def test_publish_writes_what_is_asked_for_and_computes_nothing(ran, yanshan, monkeypatch):
    def computes(*_args, **_keywords):
        raise AssertionError

    monkeypatch.setattr("yanshan_gis.job.run", computes)
    (ran.out / "tables.xlsx").unlink()
    (ran.out / "results.gpkg").unlink()
    code, out, _ = yanshan("publish", "xlsx")
    assert code == 0
    assert "tables.xlsx" in out
    assert (ran.out / "tables.xlsx").exists()
    assert not (ran.out / "results.gpkg").exists()
    assert yanshan("publish")[0] == 0
    assert (ran.out / "results.gpkg").exists()


def test_publish_tells_a_person_the_number_of_many_files_and_the_time(ran, terminal, yanshan):
    """Shapefiles are more than six files in one folder; a workbook is one."""
    code, out, err = terminal("--lang", "en", "publish", "shp")
    assert code == 0
    (line,) = out.splitlines()
    listed = yanshan("publish", "shp")[1].splitlines()
    assert len(listed) > 6
    assert line.endswith(f"shp: {len(listed)} files")
    assert f"{len(listed)} files written in" in err
    assert terminal("publish", "xlsx")[1].strip().endswith("tables.xlsx")


@pytest.mark.parametrize("words", [["map"], ["publish"], ["map", "road-network"]])
def test_nothing_run_yet_is_said(here, yanshan, words):
    code, out, err = yanshan(*words)
    assert (code, out) == (3, "")
    assert "yanshan run" in err


def test_info_as_json(here, yanshan):
    code, out, err = yanshan("info")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["county"]["name"] == {"zh": "小县", "en": "Tiny"}
    rows = {layer["name"]: layer["rows"] for layer in told["layers"]}
    assert rows == {layer.name: len(layer) for layer in small_county()}
    assert (rows["outlets"], rows["indicators"]) == (2, 3)
    assert {layer["quality"] for layer in told["layers"]} == {"surveyed"}
    assert {a["name"] for a in told["analyses"]} == set(here.analyses)


def test_info_on_a_terminal_in_both_languages(here, terminal):
    chinese = terminal("info")[1]
    for part in ("小县", "数据性质", "实测", "村庄"):
        assert part in chinese
    english = terminal("info", "--lang", "en")[1]
    for part in ("Tiny", "Known as", "surveyed", "Villages"):
        assert part in english


@pytest.mark.parametrize("words", [["info"], ["run", "--check"], ["run", "road-network"]])
def test_stdout_is_pure_json_when_piped(here, yanshan, words):
    code, out, _ = yanshan(*words)
    assert code == 0
    json.loads(out)


def test_a_workspace_file_with_problems_names_them_all(here, yanshan):
    (here.root / "county.toml").write_text('nmae = "x"\ncode = "12"\n', encoding="utf-8")
    code, out, err = yanshan("info")
    assert (code, out) == (3, "")
    for key in ("name", "code", "nmae"):
        assert key in err


def test_a_workspaces_own_recipe_is_found_by_its_title(here, yanshan):
    folder = here.root / "analyses"
    folder.mkdir()
    text = 'title = { zh = "我的路网", en = "My network" }\nmethod = "road_network.build"\n'
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    _, out, _ = yanshan("info")
    assert {"name": "mine", "title": "我的路网", "main": False} in json.loads(out)["analyses"]


def test_layers_of_the_fixture_are_where_they_were_drawn(here):
    """The town the tests above count in: guards the hand-made answers."""
    villages = here.read("villages").frame
    assert isinstance(villages, gpd.GeoDataFrame)
    assert villages.geometry.iloc[0] == shapely.Point(2000, 50)


# --- reports


def test_publish_docx_with_a_broken_template_is_one_line_and_writes_nothing(ran, yanshan, tmp_path):
    template = tmp_path / "纸.docx"
    template.write_bytes(b"no archive")
    code, _, err = yanshan("publish", "docx", "--template", str(template))
    assert code == 3
    assert "纸.docx" in err
    assert "不能作为模板" in err
    assert "Traceback" not in err
    assert not list((ran.out / "publish").glob("*.docx"))


def test_publish_docx_draws_the_sheets_it_lacks(here, yanshan):
    assert yanshan("run", "logistics-reach")[0] == 0
    sheet = here.out / "sheets" / "logistics-reach.png"
    sheet.unlink()
    code, out, err = yanshan("publish", "docx")
    assert code == 0
    assert [line.rpartition(os.sep)[2] for line in out.splitlines()] == [
        "logistics-reach.png", "logistics-reach.pdf", "小县规划成果报告.docx",
    ]  # fmt: skip
    assert "缺少以下图件" not in err
    assert len(yanshan("publish", "docx")[1].splitlines()) == 1
    result = here.out / "results" / "logistics-reach" / "result.json"
    later = sheet.stat().st_mtime + 10
    os.utime(result, (later, later))
    assert "logistics-reach.png" in yanshan("publish", "docx")[1]


def test_bars_nest_and_tell_best_bound_and_gap(monkeypatch):
    stream = _Stream("utf-8", True)
    monkeypatch.setattr(sys, "stderr", stream)
    bars = Console("zh").progress()

    def shown():
        return [task.description for task in bars._bars.tasks if task.visible]

    bars.start("Analyses", 2)
    outer = shown()
    bars.start("Sites", None)
    assert len(shown()) == 1
    assert shown() != outer
    bars.bounds(float("nan"), 1240.0)
    assert shown()[0].endswith("界限 1,240")
    bars.bounds(1200.0, 1260.0)
    assert shown()[0].endswith("最好 1,200，界限 1,260，差距 5.00%")
    bars.bounds(float("nan"), float("inf"))  # nothing is known: what stood there stays
    assert "差距" in shown()[0]
    bars.finish()
    assert shown() == outer
    bars.advance()
    assert [task.completed for task in bars._bars.tasks] == [1]
    bars.finish()
    assert bars._bars is None


def test_a_time_limit_holds_for_every_search_and_leaves_results_current(town, yanshan):
    code, out, _ = yanshan(
        "run", "harden-in-village", "--time-limit", "2.5", "--json", "-w", town.root
    )
    assert code == 0
    told = {recipe["name"]: recipe for recipe in json.loads(out)["recipes"]}
    assert told["harden-in-village"]["parameters"]["time_limit"] == {"value": 150.0, "unit": "s"}
    assert "time_limit" not in told["road-network"]["parameters"]
    assert not any(outcome.stale for outcome in stored_outcomes(open_workspace(town.root)))


def test_a_time_limit_where_nothing_searches_is_said(town, yanshan):
    code, _, err = yanshan("run", "road-network", "--time-limit", "5", "-w", town.root)
    assert code == 0
    assert "--time-limit 不起作用" in err
    assert yanshan("run", "harden-first", "--time-limit", "0", "-w", town.root)[0] == 2
