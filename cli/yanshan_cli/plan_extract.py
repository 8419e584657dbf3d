"""``yanshan plan extract``: a draft registry from a plan's text."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import dry_run_option, json_option, workspace_option
from yanshan_gis.messages import N_, translate

if TYPE_CHECKING:
    from yanshan_gis.extraction.extract import Extraction
    from yanshan_gis.plan.gazetteer import Gazetteer


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Draft a registry of projects from a plan's text (txt, docx, pdf with text): projects.csv, "
        "quantities.csv and residue.csv, the list of every phrase that could not be typed. "
        "Nothing is invented; read the draft against the text before you use it.\n\n"
        "Places are looked up in the workspace's villages, townships, seats and names, or among "
        "the bundled county's where there is no workspace.\n\n"
        "Example: yanshan plan extract 规划.docx -w demo"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    help=N_("Folder for the files; beside the text, named <name>-draft, when not given."),
)
@click.option("--force", is_flag=True, help=N_("Overwrite an older draft in that folder."))
@click.option("--encoding", help=N_("Encoding of a text file; judged by evidence when not given."))
@dry_run_option
@json_option
@workspace_option
@click.pass_obj
def command(
    console: Console,
    file: Path,
    target: Path | None,
    force: bool,
    encoding: str | None,
    dry_run: bool,
    as_json: bool,
    folder: Path,
) -> None:
    """Draft a registry from a plan's text."""
    from yanshan_gis.extraction.document import read_document
    from yanshan_gis.extraction.draft_files import check_folder, draft_folder, write_extraction
    from yanshan_gis.extraction.extract import extract

    target = target or draft_folder(file)
    if not dry_run:
        check_folder(target, force=force)
    gazetteer = _gazetteer(console, folder)
    found = extract(
        read_document(file, encoding=encoding), gazetteer, language=console.document_language
    )
    if console.wants_json(as_json):
        console.data(_plain(found))
    else:
        _show(console, found)
    for notice in found.notices:
        console.tell(notice)
    if dry_run:
        console.say(N_("Nothing was stored (--dry-run)."))
        return
    for path in write_extraction(found, target, force=force, language=console.document_language):
        console.say(N_("Written: {file}"), file=path)


def _gazetteer(console: Console, folder: Path) -> Gazetteer:
    """Gather the workspace's places, else the bundled county's; say which."""
    from yanshan_cli.plan_show import read_gazetteer
    from yanshan_gis.county import FILE_NAME
    from yanshan_gis.workspace import open_workspace

    if (folder / FILE_NAME).is_file() or folder != Path():
        workspace = open_workspace(folder)
        if "villages" in workspace.records():
            gazetteer = read_gazetteer(workspace)
            county = workspace.county.name.get(console.language)
            console.say(N_("Places: those of the workspace, {county}."), county=county)
            return gazetteer
    gazetteer = _bundled()
    console.say(
        N_("Places: the bundled ones of {county}, for there is no workspace with villages here."),
        county=gazetteer.county,
    )
    return gazetteer


def _bundled() -> Gazetteer:
    import pandas as pd

    from yanshan_gis.demo.facts import read_facts
    from yanshan_gis.plan.gazetteer import Gazetteer

    facts = read_facts()
    places = pd.DataFrame(
        [{"code": p.code, "name": p.name, "township": p.township} for p in facts.committees]
    )
    townships = pd.DataFrame([{"code": p.code, "name": p.name} for p in facts.townships])
    names = pd.DataFrame(
        [{"code": n.code, "other_name": n.name, "kind": n.kind} for n in facts.other_names]
    )
    return Gazetteer.from_tables(places, townships, names, facts.county.name)


def _plain(found: Extraction) -> dict[str, object]:
    return {
        "projects": [
            {
                "id": project.id,
                "column": project.column,
                "item": project.item,
                "part_of": project.part_of,
                "name": project.name,
                "kind": project.kind,
                "townships": list(project.townships),
                "committees": list(project.committees),
                "group": project.group,
                "amounts": [
                    {"nature": a.nature, "value": a.value, "unit": a.unit, "basis": a.basis}
                    for a in project.amounts
                ],
                "source": project.source,
                "note": project.note,
            }
            for project in found.projects
        ],
        "residue": [
            {
                "paragraph": entry.paragraph,
                "line": entry.line,
                "column": entry.column,
                "text": entry.text,
                "reason": entry.reason,
            }
            for entry in found.residue
        ],
    }


def _show(console: Console, found: Extraction) -> None:
    from yanshan_gis.extraction.extract import LEFT_OUT

    counts = Counter(project.column for project in found.projects)
    amounts = Counter(p.column for p in found.projects for _ in p.amounts)
    left = Counter(entry.column for entry in found.residue)
    columns = sorted({*counts, *left}, key=lambda column: (column is None, column or 0))
    heads = [N_("Special column"), N_("Projects"), N_("Amounts"), N_("Not typed")]
    rows = [
        [
            console.text(N_("outside")) if column is None else str(column),
            *(str(count[column]) for count in (counts, amounts, left)),
        ]
        for column in columns
    ]
    console.table("", [console.text(head) for head in heads], rows)
    reasons = Counter(entry.reason for entry in found.residue)
    lines = [[translate(LEFT_OUT[r], console.language), str(n)] for r, n in reasons.most_common()]
    if lines:
        console.table("", [console.text(N_("Not typed")), console.text(N_("Phrases"))], lines)
