"""``yanshan run``: analyses, tables, layers and sheets in one go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand
from yanshan_cli.options import json_option, processors, scenario_option, workspace_option
from yanshan_gis.messages import N_

if TYPE_CHECKING:
    from yanshan_gis.messages import Notice
    from yanshan_gis.result import Indicator
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace


@click.command(
    cls=TranslatedCommand,
    help=N_(
        "Run analyses and write out/: tables, layers, map sheets and the manifest.\n\n"
        "Without names, the main ones run; names may be Chinese titles.\n\n"
        "With --as, what is run is a scenario: its results stand apart, and those of the county "
        "as it is stay. --set writes into it.\n\n"
        "Example: yanshan run 物流配送网点覆盖 --set limit=20 --as 二十分钟"
    ),
)
@click.argument("recipes", nargs=-1)
@click.option("--all", "everything", is_flag=True, help=N_("Run every analysis."))
@click.option(
    "--check", is_flag=True, help=N_("Only tell which analyses can run and what is missing.")
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help=N_(
        "A parameter's value in the scenario: RECIPE.PARAMETER=VALUE, or PARAMETER=VALUE for "
        "every analysis that has it; needs --as, may be repeated."
    ),
)
@click.option(
    "--time-limit",
    "minutes",
    type=float,
    metavar="MINUTES",
    help=N_(
        "How long each search may take; after it the best choice found is kept, with its distance "
        "from the bound."
    ),
)
@scenario_option
@workspace_option
@json_option
@click.pass_obj
def command(
    console: Console,
    recipes: tuple[str, ...],
    everything: bool,
    check: bool,
    settings: tuple[str, ...],
    minutes: float | None,
    scenario: str | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Run analyses and write their outputs."""
    from yanshan_gis.job import run_job
    from yanshan_gis.run import check_needs

    workspace = _chosen(console, folder, recipes, settings, scenario)
    names = list(workspace.analyses) if everything else list(recipes)
    if minutes is not None:
        workspace = _limited(console, workspace, names, minutes)
    if check:
        _report_needs(console, check_needs(workspace, names), as_json)
        return
    done = run_job(
        workspace,
        names,
        language=console.document_language,
        progress=console.progress(),
        workers=processors(),
    )
    if console.wants_json(as_json):
        console.data({"recipes": [outcome.to_json() for outcome in done.outcomes]})
    else:
        _headlines(console, done.outcomes, workspace)
    for notice in _once(done.outcomes):
        console.tell(notice)
    for notice in done.notices:
        console.tell(notice)
    console.say(N_("Written to {folder}."), folder=workspace.out)


def _chosen(
    console: Console,
    folder: Path,
    recipes: tuple[str, ...],
    settings: tuple[str, ...],
    scenario: str | None,
) -> Workspace:
    """Open the county, or a scenario of it, into which the settings are written first."""
    from yanshan_gis.errors import UsageError
    from yanshan_gis.overlay import ScenarioWorkspace, open_as
    from yanshan_gis.run import asked_for
    from yanshan_gis.settings import set_in_scenario

    if settings and scenario is None:
        raise UsageError(
            "set-without-as",
            N_(
                "--set changes a scenario, never the county's own figures: say which with --as, "
                "such as yanshan run --set {setting} --as NAME."
            ),
            setting=settings[0],
        )
    workspace = open_as(folder, None if settings else scenario)
    if settings and scenario is not None:
        asked_for(workspace, recipes)  # a name mistyped leaves no scenario behind
        workspace, there = set_in_scenario(workspace, scenario, settings)
        text = (
            N_("Scenario {name} extended: {settings}.")
            if there
            else N_("Scenario {name} written: {settings}.")
        )
        console.say(text, name=scenario, settings=", ".join(settings))
    if isinstance(workspace, ScenarioWorkspace):
        for remark in workspace.remarks:
            console.tell(remark)
    return workspace


def _limited(console: Console, workspace: Workspace, names: list[str], minutes: float) -> Workspace:
    """Set the time of every search, and say so where there is none."""
    from yanshan_gis.run import asked_for
    from yanshan_gis.settings import with_time_limit

    limited, found = with_time_limit(workspace, asked_for(workspace, names), minutes)
    if not found:
        console.say(N_("--time-limit changes nothing: none of these analyses searches."))
    return limited


def _once(outcomes: list[Outcome]) -> list[Notice]:
    """Return the warnings of all outcomes; that of the scenario, which all have, stands once."""
    scenarios = [n for outcome in outcomes for n in outcome.result.scenarios][:1]
    others = [
        notice
        for outcome in outcomes
        for notice in outcome.result.warnings
        if notice not in scenarios
    ]
    return scenarios + others


def _report_needs(console: Console, missing: dict[str, list[str]], as_json: bool) -> None:
    if console.wants_json(as_json):
        console.data({"recipes": [{"name": n, "missing": m} for n, m in missing.items()]})
        return
    rows = [[name, ", ".join(what) or "✓"] for name, what in missing.items()]
    console.table("", [console.text(N_("Analysis")), console.text(N_("Missing"))], rows)


def _headlines(console: Console, outcomes: list[Outcome], workspace: Workspace) -> None:
    """End with the figures a planner came for: headline first, then what stands beside it."""
    from yanshan_gis.publish.missing import missing_text

    rows = []
    for outcome in outcomes:
        title = outcome.recipe.title.get(console.language)
        if outcome.result.status == "not_computable":
            named = ", ".join(outcome.result.missing)
            what = missing_text(named, workspace.layer_catalogue, console.language)
            rows.append([title, console.text(N_("not computable: missing {what}"), what=what)])
            rows[-1] += ["", "", ""]
        elif outcome.result.status == "infeasible":
            rows.append([title, console.text(N_("no feasible plan")), "", "", ""])
        shown = [i for i in outcome.result.indicators if i.headline]
        rows.extend([title, *_cells(console, outcome, indicator)] for indicator in shown)
    if not rows:  # only recipes that prepare something for others
        return
    headings = [N_("Analysis"), N_("Figure"), N_("Value"), N_("Counted"), N_("Target")]
    console.table("", [console.text(heading) for heading in headings], rows)


def _cells(console: Console, outcome: Outcome, indicator: Indicator) -> list[str]:
    counted = ""
    if indicator.numerator is not None and indicator.denominator is not None:
        counted = f"{indicator.numerator:,.6g} / {indicator.denominator:,.6g}"
    target = ""
    if indicator.target is not None:
        verdict = console.text(N_("met") if indicator.met else N_("not met"))
        target = f"{_number(indicator.target, indicator.unit)} {verdict}"
    value = _number(indicator.value, indicator.unit)
    title = outcome.recipe.figures.get(indicator.key)
    name = title.get(console.language) if title else indicator.key
    return [name, value, counted, target]


def _number(value: Any, unit: str) -> str:
    if value is None:
        return "—"
    return f"{value:.1%}" if unit == "share" else f"{value:,.6g} {unit}"
