"""Messages: every marked text has its Chinese, and nothing reaches a reader unmarked."""

from __future__ import annotations

import ast
import gettext
import importlib.util
import re
import shutil
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanshan_cli.main import COMMANDS, yanshan
from yanshan_gis.messages import N_, Notice, preferred_language, translate

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "yanshan_gis" / "locale" / "zh" / "LC_MESSAGES"
SOURCES = sorted(
    path for folder in ("yanshan_gis", "cli/yanshan_cli") for path in (ROOT / folder).rglob("*.py")
)


def load_script(name):
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


catalogue_script = load_script("messages")


def test_catalogue_is_complete_and_compiled():
    assert catalogue_script.check() == []


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A catalogue of two texts that may be spoiled."""
    texts = {"{file} is gone.": ["a.py"], "{lon:.2f}° is {what!r}.": ["b.py"]}
    monkeypatch.setattr(catalogue_script, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogue_script, "marked_texts", lambda: texts)
    catalogue = catalogue_script.Catalog(locale="zh")
    catalogue.add("{file} is gone.", "{file} 不见了。")
    catalogue.add("{lon:.2f}° is {what!r}.", "{lon:.2f}° 是“{what}”。")
    for domain in ("yanshan", "messages"):
        catalogue_script.write_catalogue(catalogue, domain)
        write_mo(tmp_path / f"{domain}.mo", catalogue_script.read_catalogue(domain))
    return catalogue, texts


def write_mo(path, catalogue):
    from babel.messages.mofile import write_mo as write

    with path.open("wb") as stream:
        write(stream, catalogue)


def test_check_is_silent_when_all_is_well(copied):
    assert catalogue_script.check() == []


@pytest.mark.parametrize(
    ("english", "chinese", "complaint"),
    [
        ("{file} is gone.", "", "no Chinese"),
        ("{file} is gone.", "不见了。", "other gaps"),
        ("{lon:.2f}° is {what!r}.", "{lon}° 是“{what}”。", "other gaps"),
        ("{lon:.2f}° is {what!r}.", "{lon:.2f}° 是“{which}”。", "other gaps"),
        ("Nobody says this.", "没有人这样说。", "no longer in the code"),
        ("{file} is gone.", "{file} 没有了。", "run python hatch_build.py"),
    ],
)
def test_check_names_what_is_wrong(copied, english, chinese, complaint):
    catalogue, _ = copied
    if english in catalogue:
        catalogue[english].string = chinese
    else:
        catalogue.add(english, chinese)
    catalogue_script.write_catalogue(catalogue)
    assert [p for p in catalogue_script.check() if complaint in p]


def test_check_names_a_text_that_is_new(copied):
    copied[1]["{row} is new."] = ["c.py"]
    assert catalogue_script.check() == ["not in the catalogue: '{row} is new.'"]


def test_check_asks_to_compile_what_is_not_compiled(copied):
    (catalogue_script.FOLDER / "messages.mo").unlink()
    (problem,) = catalogue_script.check()
    assert "messages.mo" in problem
    assert "python hatch_build.py" in problem


def test_update_keeps_translations_and_marks_what_was_reworded(copied):
    _, texts = copied
    texts["{file} has gone away."] = texts.pop("{file} is gone.")
    texts["Quite another text, {name}."] = ["d.py"]
    assert catalogue_script.update() == []
    after = catalogue_script.read_catalogue()
    assert after["{lon:.2f}° is {what!r}."].string == "{lon:.2f}° 是“{what}”。"
    assert after["{file} has gone away."].string == "{file} 不见了。"
    assert after["{file} has gone away."].fuzzy
    assert not after["Quite another text, {name}."].string
    assert any("reworded" in problem for problem in catalogue_script.check())
    del texts["{file} has gone away."]
    assert catalogue_script.update() == ["{file} has gone away."]


def test_writing_the_catalogue_twice_gives_the_same_bytes(copied):
    first = (catalogue_script.FOLDER / "yanshan.po").read_bytes()
    catalogue_script.write_catalogue(catalogue_script.read_catalogue())
    assert (catalogue_script.FOLDER / "yanshan.po").read_bytes() == first


def called_name(call):
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_plain_text(node):
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip()
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_text_for_readers_is_unmarked(path):
    """The text of an error or notice, of say/text/translate, and a help text stand in ``N_``."""
    unmarked = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name, place = called_name(node), None
        if name == "Notice" or (name.endswith("Error") and len(node.args) > 1):
            place = 1
        elif name in {"say", "translate", "start"} or (name == "text" and "cli" in path.parts):
            place = 0
        texts = [] if place is None else node.args[place : place + 1]
        texts += [k.value for k in node.keywords if k.arg == "help"]
        unmarked += [node.lineno for text in texts if is_plain_text(text)]
    assert unmarked == []


def all_commands():
    context = click.Context(yanshan)
    return [yanshan, *(yanshan.get_command(context, name) for name in COMMANDS)]


@pytest.mark.parametrize("command", all_commands(), ids=lambda c: c.name)
def test_every_help_text_speaks_chinese(command):
    chinese = re.compile(r"[\u4e00-\u9fff]")
    texts = [command.help, *(p.help for p in command.params if isinstance(p, click.Option))]
    untold = [t for t in texts if not t or not chinese.search(translate(t, "zh"))]
    assert untold == []


def test_chinese_texts_hold_no_ascii_punctuation_between_chinese_characters():
    odd = re.compile(r"[\u4e00-\u9fff][,;:?!()][\u4e00-\u9fff]")
    found = [
        str(m.string)
        for domain in ("yanshan", "messages")
        for m in catalogue_script.read_catalogue(domain)
        if m.id and odd.search(str(m.string))
    ]
    assert found == []


def test_click_speaks_chinese_in_both_of_its_forms():
    """One-form plurals: Chinese has one form where English has two."""
    with (FOLDER / "messages.mo").open("rb") as stream:
        known = gettext.GNUTranslations(stream)
    one, many = "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"
    assert {known.ngettext(one, many, n) for n in (1, 2, 5)} == {"多余的参数（{args}）"}
    assert known.gettext("Usage:") == "用法:"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "zh"),
        ({"LANG": "C"}, "zh"),
        ({"LANG": "POSIX"}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.GBK"}, "zh"),
        ({"LANG": "Chinese_China.936"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "en_US.UTF-8", "YANSHAN_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "YANSHAN_LANG": "en"}, "en"),
    ],
)
def test_preferred_language(environ, language, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert preferred_language(environ) == language


def test_windows_is_asked_for_its_language(monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    for system, language in [("Chinese (Simplified)_China", "zh"), ("English_US", "en")]:
        monkeypatch.setattr("locale.getlocale", lambda system=system: (system, "936"))
        assert preferred_language({}) == language
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    assert preferred_language({}) == "zh"


def test_english_needs_no_catalogue():
    assert translate("No such text {gap}.", "en", gap=3) == "No such text 3."
    assert translate("No such text {gap}.", "zh", gap=3) == "No such text 3."


def test_a_text_without_values_keeps_its_braces():
    assert translate("a {b}", "en") == "a {b}"


def test_notice_renders_in_both_languages_and_as_json():
    notice = Notice(
        "file-missing", N_("{file} does not exist; check the path."), {"file": "甲.shp"}
    )
    assert notice.render("en") == "甲.shp does not exist; check the path."
    assert notice.render("zh") == "甲.shp 不存在；请核对路径。"
    assert notice.to_json() == {
        "code": "file-missing",
        "message": "甲.shp does not exist; check the path.",
        "file": "甲.shp",
    }


@given(st.text().filter(lambda t: "\x00" not in t))
def test_values_are_never_read_as_templates(value):
    rendered = translate("{file} does not exist; check the path.", "zh", file=value)
    assert rendered == f"{value} 不存在；请核对路径。"


def test_compiling_twice_gives_the_same_bytes(tmp_path):
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    folder = tmp_path / FOLDER.relative_to(ROOT)
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.mo"))
    written = [[p.read_bytes() for p in build.compile_catalogues(tmp_path)] for _ in range(2)]
    assert written[0] == written[1]
    assert sorted(p.name for p in folder.glob("*.mo")) == ["messages.mo", "yanshan.mo"]
