"""Documentation: the reference pages are written from the code, and examples exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest

from yanshan_cli.main import COMMANDS, yanshan
from yanshan_gis.catalogue import read_analyses, read_layers

ROOT = Path(__file__).parent.parent
EXAMPLE = re.compile(r"^Example: (.+)$", re.MULTILINE)
READMES = ("README.md", "README.zh-CN.md")
PAGES = [ROOT / name for name in READMES] + sorted(ROOT.glob("docs/**/*.md"))


def load_script(name):
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load_script("reference")


def page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


NAMES = reference.command_names()


def find(name):
    """Find a command by the words it is typed with."""
    command = yanshan
    for word in name.split():
        command = command.get_command(click.Context(command), word)
    return command


def parse(line):
    """Let click parse every ``yanshan …`` of a shell line, without running it."""
    for part in re.split(r"&&|\||>", line.partition("  #")[0]):
        words = shlex.split(part)
        if words[:1] == ["yanshan"]:
            assert words[1] in COMMANDS, line
            command, rest = find(words[1]), words[2:]
            while isinstance(command, click.Group) and rest:
                assert rest[0] in command.list_commands(click.Context(command)), line
                command, rest = find(" ".join(words[1 : len(words) - len(rest) + 1])), rest[1:]
            with command.make_context(words[1], rest, resilient_parsing=False):
                pass


def test_reference_pages_are_up_to_date():
    assert reference.outdated() == [], "run: python scripts/reference.py"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_documented_in_both_languages(name):
    for language, file in (("Usage", "cli.md"), ("用法", "cli.zh-CN.md")):
        assert f"## yanshan {name}\n\n```text\n{language}: yanshan {name}" in page(file)


@pytest.mark.parametrize("name", ["", *NAMES])
def test_every_help_has_an_example_that_parses(name):
    command = find(name) if name else yanshan
    (example,) = EXAMPLE.findall(command.help)
    words = shlex.split(example)[1:]
    assert words[: len(name.split())] == name.split()
    parse(example)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_says_what_it_does(name):
    options = [p for p in find(name).params if isinstance(p, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("name", READMES)
def test_commands_of_the_readmes_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert sum(line.startswith("yanshan ") for line in lines) >= 8
    for line in lines:
        parse(line)
    for words in re.findall(r"`yanshan ([^`]+)`", text):
        assert words.split()[0] in COMMANDS


@pytest.mark.parametrize("name", READMES)
def test_the_set_up_commands_of_the_readmes_exist(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    program = (ROOT / "dev.py").read_text(encoding="utf-8")
    wishes = set(re.findall(r"python dev\.py (\w+)", text))
    assert wishes >= {"demo", "test"}
    for wish in wishes:
        assert f'"{wish}": {wish}' in program


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("name", read_analyses())
def test_every_recipe_is_listed(name):
    recipe, text = read_analyses()[name], page("content.md")
    part = text.partition(f"### `{name}` — ")[2].partition("\n### ")[0]
    assert part.startswith(recipe.title.zh)
    assert f"`{recipe.method}`" in part
    for key, parameter in recipe.parameters.items():
        (row,) = [line for line in part.splitlines() if line.startswith(f"| `{key}` | ")
                  and (not parameter.title or parameter.title.zh in line)]  # fmt: skip
        assert not parameter.unit or f"| {parameter.unit} |" in row
    for result in recipe.results:
        assert f"`{name}__{result}`" in part


@pytest.mark.parametrize("name", read_layers())
def test_every_layer_is_listed(name):
    layer, text = read_layers()[name], page("content.md")
    part = text.partition("## Layers")[2].partition(f"### `{name}` — ")[2].partition("\n### ")[0]
    assert part.startswith(layer.title.zh)
    assert ", ".join(layer.geometry) in part
    for field in layer.fields:
        assert f"| `{field}` | " in part


def test_an_outdated_page_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "DOCS", tmp_path)
    monkeypatch.setattr(reference, "cli_page", lambda language: language)
    assert reference.outdated() == ["cli.md", "cli.zh-CN.md", "content.md"]
    for path, text in reference.pages().items():
        path.write_text(text, encoding="utf-8")
    assert reference.outdated() == []
    (tmp_path / "content.md").write_text("old", encoding="utf-8")
    assert reference.outdated() == ["content.md"]
