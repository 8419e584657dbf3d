"""Write the reference pages of ``docs/`` from what they describe.

python scripts/reference.py          write docs/cli.md, docs/cli.zh-CN.md and docs/content.md
python scripts/reference.py check    name the pages that are out of date
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from yanshan_cli.main import COMMANDS
from yanshan_gis.catalogue import bundled_content, read_analyses, read_layers
from yanshan_gis.content import (
    AnalysisDef,
    FieldDef,
    LayerDef,
    LayerInput,
    Parameter,
    ResultInput,
    Title,
)

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_NOTE = "<!-- Written by scripts/reference.py; do not edit. -->"
_CLI_HEADS = {
    "en": """# The command line

[中文](cli.zh-CN.md)

- Data go to stdout: a table on a terminal, JSON with `--json` or when piped, always UTF-8.
  Messages and bars go to stderr.
- Exit codes: 0 done (an analysis that is *not computable* included), 1 failed, 2 wrong usage,
  3 data did not validate (nothing was stored).
- Language: `--lang zh|en` anywhere on the line; else `YANSHAN_LANG`, `LC_ALL`, `LC_MESSAGES`,
  `LANG`; else Chinese. Maps and workbooks are Chinese unless `--lang` asks for English.
- Names of layers and analyses may be written as their Chinese titles.
""",
    "zh": """# 命令行

[English](cli.md)

- 数据写到标准输出：在终端上是表格，用 `--json` 或重定向时是 JSON，一律 UTF-8 编码。
  消息和进度条写到标准错误。
- 退出码：0 完成（包括“无法计算”的分析），1 失败，2 用法错误，3 数据不合格（未入库）。
- 语言：`--lang zh|en` 可写在命令行的任何位置；其次取 `YANSHAN_LANG`、`LC_ALL`、
  `LC_MESSAGES`、`LANG`；否则为中文。除非用 `--lang en`，地图和工作簿都是中文。
- 图层和分析的名称可以写中文标题。
""",
}


def help_text(command: str, language: str) -> str:
    """Run ``yanshan COMMAND --help`` in a process of its own.

    Parameters
    ----------
    command
        Empty for the program itself.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        As a terminal of 100 columns shows it.
    """
    code = "from yanshan_cli.main import main; main()"
    words = [*command.split(), "--help", "--lang", language]
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        check=True,
        env={**os.environ, "COLUMNS": "100"},
    )
    return done.stdout.decode().replace("\r\n", "\n").rstrip()


def command_names() -> list[str]:
    """List the commands and, after a group, those within it.

    Returns
    -------
    list of str
        As they are typed: ``plan``, ``plan extract``.
    """
    names = []
    for name, (module, _) in COMMANDS.items():
        within = getattr(import_module(f"yanshan_cli.{module}"), "COMMANDS", {})
        names += [name, *(f"{name} {inner}" for inner in within)]
    return names


def cli_page(language: str) -> str:
    """Write the reference of the command line.

    Parameters
    ----------
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        Markdown.
    """
    names = ["", *command_names()]
    with ThreadPoolExecutor(2) as workers:
        texts = workers.map(help_text, names, [language] * len(names))
    parts = [_NOTE, _CLI_HEADS[language].rstrip()]
    for name, text in zip(names, texts, strict=True):
        parts += [f"## yanshan {name}".rstrip(), f"```text\n{text}\n```"]
    return "\n\n".join(parts) + "\n"


def content_page() -> str:
    """Write the list of bundled layers and analyses.

    Returns
    -------
    str
        Markdown.
    """
    recipes, layers = read_analyses(), read_layers()
    parts = [
        _NOTE,
        "# Layers and analyses · 图层与分析",
        "What is bundled, from `layers/` and `analyses/`. A workspace may hold folders of the same "
        "names, which are searched first.",
        "自带的定义，来自 `layers/` 和 `analyses/`。工作区可以有同名文件夹，优先查找。",
        "## Analyses · 分析",
        *(_recipe_part(recipe) for recipe in recipes.values()),
        "## Layers · 图层",
        *(_layer_part(layer) for layer in layers.values()),
    ]
    return "\n\n".join(parts) + "\n"


def _both(title: Title) -> str:
    return title.zh if title.zh == title.en else f"{title.zh} · {title.en}"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


def _recipe_part(recipe: AnalysisDef) -> str:
    facts = [f"method `{recipe.method}`"]
    if recipe.main:
        facts.append("runs when `yanshan run` is given no names")
    if recipe.indicator is not None:
        numbers = (recipe.indicator,) if isinstance(recipe.indicator, int) else recipe.indicator
        facts.append(f"plan indicator {', '.join(str(number) for number in numbers)}")
    if recipe.denominator:
        facts.append(f"counted over: {_both(recipe.denominator)}")
    if recipe.sheet:
        facts.append(f"map sheet: {_both(recipe.sheet.title)}")
    inputs = [f"`{name}`: {_input(taken)}" for name, taken in recipe.inputs.items()]
    parts = [f"### `{recipe.name}` — {_both(recipe.title)}", "; ".join(facts) + "."]
    if inputs:
        parts.append("\n".join(["Inputs · 输入", "", *(f"- {line}" for line in inputs)]))
    if recipe.parameters:
        rows = [_parameter_row(name, value) for name, value in recipe.parameters.items()]
        parts.append(
            _table(["parameter · 参数", "value · 值", "unit · 单位", "title · 说明"], rows)
        )
    if recipe.figures:
        figures = [[f"`{key}`", _both(title)] for key, title in recipe.figures.items()]
        parts.append(_table(["figure · 指标", "title · 说明"], figures))
    for name, described in recipe.results.items():
        parts.append(f"Result · 结果 `{recipe.name}__{name}`: {_both(described.title)}")
        if described.fields:
            parts.append(_fields_table(described.fields))
    return "\n\n".join(parts)


def _input(taken: LayerInput | ResultInput) -> str:
    if isinstance(taken, ResultInput):
        optional = ", optional" if taken.optional else ""
        return f"result of `{taken.result}`, {taken.part}{optional}"
    only = ", ".join(f"{field} = {_value(value)}" for field, value in taken.only.items())
    where = f" ({only})" if only else ""
    return f"layer `{taken.layer}`{where}{', optional' if taken.optional else ''}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "a table, see the recipe"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _parameter_row(name: str, parameter: Parameter) -> list[str]:
    title = _both(parameter.title) if parameter.title else ""
    return [f"`{name}`", _value(parameter.value), parameter.unit or "", title]


def _fields_table(fields: Mapping[str, FieldDef]) -> str:
    rows = []
    for name, field in fields.items():
        kind = field.type if field.layer is None else f"{field.type} → `{field.layer}`"
        codes = ", ".join(f"`{key}` {code.zh}" for key, code in field.codes.items())
        need = "yes" if field.required else ""
        rows.append([f"`{name}`", _both(field.title), kind, field.unit or "", need, codes])
    heads = ["field · 字段", "title · 名称", "type · 类型", "unit · 单位", "required · 必填",
             "codes · 取值"]  # fmt: skip
    return _table(heads, rows)


def _layer_part(layer: LayerDef) -> str:
    facts = f"{', '.join(layer.geometry)}; ids begin with `{layer.id_prefix}`."
    parts = [f"### `{layer.name}` — {_both(layer.title)}", facts]
    if layer.note:
        parts.append(_both(layer.note))
    if layer.fields:
        parts.append(_fields_table(layer.fields))
    return "\n\n".join(parts)


def pages() -> dict[Path, str]:
    """Write every page.

    Returns
    -------
    dict
        Markdown by file.
    """
    return {
        DOCS / "cli.md": cli_page("en"),
        DOCS / "cli.zh-CN.md": cli_page("zh"),
        DOCS / "content.md": content_page(),
    }


def outdated() -> list[str]:
    """Name the pages that differ from what they describe.

    Returns
    -------
    list of str
        File names.
    """
    return [
        path.name
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def main() -> None:
    """Write the pages, or check them."""
    if sys.argv[1:] == ["check"]:
        names = outdated()
        sys.exit(f"out of date: {', '.join(names)}; run scripts/reference.py" if names else 0)
    if sys.argv[1:]:
        sys.exit(__doc__)
    if bundled_content() != ROOT:
        sys.exit("the installed package is not this checkout: pip install -e .")
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
