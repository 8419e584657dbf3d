"""Write ``docs/plan-registry.md``: the plan's registry, to be ticked off paragraph by paragraph.

python scripts/plan_registry.py          write the page
python scripts/plan_registry.py check    say whether it is out of date
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from yanshan_gis.catalogue import bundled_content, read_layers
from yanshan_gis.plan.registry import JOINER, Amount, Basis, Project, totals
from yanshan_gis.plan.registry_csv import read_registry

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "layers" / "yanshan"
PAGE = ROOT / "docs" / "plan-registry.md"
# What a note or remark says where the plan contradicts itself, or is misprinted.
MARKS = ("矛盾", "文误")
_HEAD = """<!-- Written by scripts/plan_registry.py; do not edit. -->

# The plan's registry · 规划项目登记

Every paragraph of the plan in order, with the records made of it (`layers/yanshan/projects.csv` and
`quantities.csv`), the county's figures (`facts.csv`), or the reason why there are none. Facts only;
the plan's sentences are not reproduced. 逐段列出规划及其对应的记录；没有记录的写明原因。

A line reads: id · name · townships and committees · figures; what the record is a part of; note.
每行依次为：编号 · 名称 · 乡镇和村委会 · 数量、资金、受益；所属整体；说明。
"""
_BASES: dict[Basis, str] = {"total": "", "per_year": "/年", "per_unit": "/单位", "monthly": "/月"}


def rows(name: str) -> list[dict[str, str]]:
    """Read a table of facts.

    Parameters
    ----------
    name
        Of the CSV file.

    Returns
    -------
    list of dict
        Cells by column.
    """
    with (FACTS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def figure(amount: Amount) -> str:
    """Write one amount.

    Parameters
    ----------
    amount
        Of a project.

    Returns
    -------
    str
        What is counted, value, unit and basis.
    """
    return f"{amount.what} {_number(amount.value)} {amount.unit}{_BASES[amount.basis]}".strip()


def _number(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _places(project: Project) -> str:
    towns = JOINER.join(project.townships) or "—"
    if len(project.townships) == len(rows("townships.csv")):
        towns = f"全部{len(project.townships)}个乡镇"
    return " ".join(
        part for part in (towns, JOINER.join(project.committees), project.group) if part
    )


def _record(project: Project) -> str:
    parts = [f"`{project.id}`", project.name, _places(project)]
    parts += ["；".join(figure(amount) for amount in project.amounts)] if project.amounts else []
    line = "- " + " · ".join(parts)
    if project.part_of:
        line += f"；属于 `{project.part_of}`"
    if project.status != "planned":
        line += f"；{read_layers()['projects'].fields['status'].codes[project.status].zh}"
    notes = [f"{amount.what}：{amount.note}" for amount in project.amounts if amount.note]
    return line + "".join(f"；*{note}*" for note in (*notes, project.note) if note)


def _fact(row: dict[str, str]) -> str:
    return f"- `{row['key']}` {row['title_zh']} {row['period']}：{row['value']} {row['unit']}"


def paragraph_parts(projects: Sequence[Project]) -> Iterable[str]:
    """Write what stands under every paragraph.

    Parameters
    ----------
    projects
        The registry.

    Yields
    ------
    str
        Markdown blocks.
    """
    place = ""
    for row in rows("paragraphs.csv"):
        if row["place"] != place:
            place = row["place"]
            yield f"### {place}"
        lines = [_record(p) for p in projects if p.source == row["paragraph"]]
        lines += [_fact(fact) for fact in rows("facts.csv") if fact["source"] == row["paragraph"]]
        head = f"**{row['paragraph']}**（原文第{row['line']}行）"
        yield head + (f"：{row['remark']}" if row["remark"] else "")
        if lines:
            yield "\n".join(lines)


def _totals(title: str, projects: Sequence[Project]) -> str:
    sums = totals(projects).items()
    amounts = [figure(Amount(key[0], value, key[2], key[3], key[1])) for key, value in sums]
    return f"- **{title}**：{len(projects)}条；" + ("；".join(amounts) or "无数量")


def total_parts(projects: Sequence[Project]) -> Iterable[str]:
    """Write totals by column and status.

    Parameters
    ----------
    projects
        The registry.

    Yields
    ------
    str
        Markdown blocks.
    """
    yield "## Totals · 合计"
    yield (
        "By column, unit and basis; a part's amounts are counted in its whole. "
        "按专栏、单位和口径合计；部分计入整体，不重复。"
    )
    columns = sorted({project.column for project in projects if project.column is not None})
    by_column = {n: [p for p in projects if p.column == n] for n in columns}
    outside = [project for project in projects if project.column is None]
    lines = [_totals(f"专栏{column}", part) for column, part in by_column.items()]
    for status, code in read_layers()["projects"].fields["status"].codes.items():
        chosen = [project for project in outside if project.status == status]
        lines.append(_totals(f"专栏以外，{code.zh}", chosen))
    yield "\n".join(lines)


def slips(projects: Sequence[Project]) -> list[str]:
    """List where the plan contradicts itself, or is misprinted.

    Parameters
    ----------
    projects
        The registry.

    Returns
    -------
    list of str
        Markdown lines.
    """
    found = []
    for row in rows("paragraphs.csv"):
        notes = [(row["paragraph"], row["remark"])]
        for project in (p for p in projects if p.source == row["paragraph"]):
            notes += [(project.id, text) for text in (project.note, *_amount_notes(project))]
        found += [f"- `{key}` {text}" for key, text in notes if any(mark in text for mark in MARKS)]
    return found


def _amount_notes(project: Project) -> tuple[str, ...]:
    return tuple(amount.note for amount in project.amounts)


def page() -> str:
    """Write the page.

    Returns
    -------
    str
        Markdown.
    """
    projects = read_registry(FACTS)
    parts = [
        _HEAD.rstrip(),
        "## Paragraphs · 逐段",
        *paragraph_parts(projects),
        *total_parts(projects),
        "## Contradictions and misprints · 矛盾和文误",
        "\n".join(slips(projects)),
    ]
    return "\n\n".join(parts) + "\n"


def is_outdated() -> bool:
    """Tell whether the page differs from the registry.

    Returns
    -------
    bool
        True when it must be written anew.
    """
    return not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page()


def main() -> None:
    """Write the page, or check it."""
    if sys.argv[1:] == ["check"]:
        sys.exit(f"out of date: {PAGE.name}; run {sys.argv[0]}" if is_outdated() else 0)
    if sys.argv[1:]:
        sys.exit(__doc__)
    if bundled_content() != ROOT:
        sys.exit("the installed package is not this checkout: pip install -e .")
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
