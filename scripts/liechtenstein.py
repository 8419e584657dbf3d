"""Run the whole workflow on a real country and write ``docs/liechtenstein.md``.

python scripts/liechtenstein.py          write the page
python scripts/liechtenstein.py check    tell whether it is out of date

The OpenStreetMap extract of Liechtenstein lies outside the repository: in the folder that
``YANSHAN_REAL_DATA`` names, else in ``../shared/data``. Every figure of the page is computed here;
those of the two analyses are computed a second time, with networkx, shapely and pyproj, and the
largest differences are part of the page. ``tests/test_real_liechtenstein.py`` uses the same second
computation.
"""

from __future__ import annotations

import sys
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from liechtenstein_import import EXTRACT, LAYERS, command_of, data_folder, fill
from liechtenstein_twice import RawRoads, Second, compare

from yanshan_gis.methods.townships import COUNTY_ROW
from yanshan_gis.result import Indicator, Result
from yanshan_gis.run import Outcome, run
from yanshan_gis.workspace import Workspace, open_workspace

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "liechtenstein.md"
RECIPES = ("network-audit", "logistics-reach", "road-hardening")

_UNITS = {"个": "", "人": " people"}
_HEADS = {
    "admin_class": "Class", "committee": "Committee", "component": "Component",
    "connected": "Connected", "denominator": "Counted", "field": "Field", "gap_m": "Gap, m",
    "id": "Id", "km": "km", "longest_min": "Longest, min", "minutes": "Minutes",
    "missing_km": "Missing km", "name": "Name", "names": "Which", "other_road_id": "Other road",
    "outlet": "Outlet", "own": "Own outlet", "people": "People", "people_within": "People within",
    "population": "People", "reason": "Reason", "road_id": "Road", "roads": "Roads",
    "roads_km": "km", "state": "State", "touching": "Touching", "township": "Municipality",
    "unattached": "Not attached", "villages": "Villages", "walk_m": "To road, m",
    "within": "Within the limit",
}  # fmt: skip


def _cell(value: Any) -> str:
    """Write a value into a table."""
    if value is None or (not isinstance(value, list | tuple) and pd.isna(value)):
        return "–"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return str(value).replace("|", "\\|")


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write a table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _listed(frame: pd.DataFrame, columns: str, most: int | None = None) -> str:
    """Write columns of a frame; the rows beyond `most` are counted."""
    shown = frame.head(most) if most else frame
    if not len(shown):
        return "None.\n"
    names = columns.split()
    rows = [[row[name] for name in names] for row in shown.to_dict("records")]
    rest = len(frame) - len(shown)
    return _markdown([_HEADS[name] for name in names], rows) + (
        f"\n… and {rest:,} more.\n" if rest else ""
    )


def _prose(text: str) -> str:
    """Fill a paragraph whose lines were broken by what was put in."""
    return textwrap.fill(" ".join(text.split()), 100, break_long_words=False)


def _figures(outcome: Outcome) -> str:
    """Write a recipe's figures with what they count."""
    rows = [
        [outcome.recipe.figures[i.key].en, f"`{i.key}`", _value(i), _counted(i), _target(i)]
        for i in outcome.result.indicators
    ]
    return _markdown(["Figure", "Key", "Value", "Counted", "Target"], rows)


def _value(indicator: Indicator) -> str:
    if indicator.value is None:
        return "–"
    if indicator.unit == "share":
        return f"{indicator.value:.1%}"
    return _cell(indicator.value) + _UNITS.get(indicator.unit, f" {indicator.unit}")


def _counted(indicator: Indicator) -> str:
    if indicator.numerator is None:
        return ""
    return f"{_cell(indicator.numerator)} of {_cell(indicator.denominator)}"


def _target(indicator: Indicator) -> str:
    if indicator.target is None:
        return ""
    return f"{indicator.target:.0%}, {'met' if indicator.met else 'not met'}"


def _parameters(outcome: Outcome) -> str:
    """Write a recipe's parameters as one sentence."""
    recipe = outcome.recipe
    parts = []
    for name, stated in outcome.result.parameters.items():
        title = recipe.parameters[name].title
        if not isinstance(stated["value"], dict) and title is not None:
            unit = stated.get("unit", "")
            value = stated["value"]
            shown = f"{value:.0%}" if unit == "share" else f"{_cell(value)} {unit}".strip()
            parts.append(f"{title.en}: {shown}")
    return "; ".join(parts) + "."


def _warnings(result: Result) -> str:
    """Write what a reader of a result must know."""
    return "".join(f"- {notice.render('en')}\n" for notice in result.warnings)


def _introduction(reports: Mapping[str, Mapping[str, Any]]) -> str:
    """Write what this is and where the data are from."""
    dates = [n["date"] for n in reports["roads"]["notices"] if n["code"] == "osm-date"]
    text = f"""The bundled county is modelled. This page shows the same workflow on a real place
        of a county's size: Liechtenstein, an alpine country, out of one OpenStreetMap extract
        (`{EXTRACT}`, data of {dates[0] if dates else "unknown date"}). Municipalities stand for
        townships, towns and villages for committees, hamlets and farms for natural villages, post
        offices for logistics outlets. The figures say nothing about a Chinese plan; they show that
        real lines, tags and gaps go through, and that figures can be computed a second time by
        other means."""
    return f"""# A real country: Liechtenstein

<!-- Written by scripts/liechtenstein.py; do not edit. -->

{_prose(text)}

Data © OpenStreetMap contributors, [ODbL 1.0](https://opendatacommons.org/licenses/odbl/1-0/). No
data file is part of this repository; `python scripts/liechtenstein.py` writes this page from the
extract, and no figure on it is written by hand.
"""


def _imports(reports: Mapping[str, Mapping[str, Any]]) -> str:
    """Write how the layers came in."""
    lines = ["yanshan init liechtenstein --name Liechtenstein", "cd liechtenstein"]
    lines += ["yanshan " + " ".join(command_of(layer)) for layer in LAYERS]
    lines += ["yanshan check", "yanshan run"]
    rows = [
        [f"`{layer}`", report["read"], report["accepted"], report["refused"], report["repaired"]]
        for layer, report in reports.items()
    ]
    notices = "".join(
        f"- `{layer}`: {notice['message']}\n"
        for layer, report in reports.items()
        for notice in report["notices"]
        if notice["code"] != "osm-date"
    )
    refused = "".join(
        f"- `{layer}`, OpenStreetMap id {problem['row']}: {problem['message']}\n"
        for layer, report in reports.items()
        for problem in report["problems"]
        if problem["severity"].startswith("refuse")
    )
    return f"""## Import

```sh
{chr(10).join(lines)}
```

{_markdown(["Layer", "Read", "Stored", "Refused", "Repaired"], rows)}
Without `--accept-refused` the municipalities are not stored at all: exit code 3, and the reasons
in `out/import/townships-{Path(EXTRACT).stem}-report.csv`. The refused rows:

{refused}
What the import says about the data, as it says it:

{notices}
OpenStreetMap's administrative level 6, in China the county, is in Liechtenstein one of two
electoral districts; both are stored, and sheets draw both outlines.
"""


def _kilometres(second: Second, raw: RawRoads, workspace: Workspace) -> str:
    """Write how long the roads are, measured twice."""
    layer = workspace.read("roads")
    if layer is None:
        raise SystemExit("no roads were stored")
    drawn, rows_stored = layer.frame.length.sum() / 1000, len(layer)
    geodesic, network = sum(raw.km.values()), second.edges["length_m"].sum() / 1000
    rows: list[list[Any]] = [
        ["Everything tagged `highway`, footpaths included", "ellipsoid", raw.all_km],
        ["Open to public motor traffic", "ellipsoid", geodesic],
        ["Layer `roads`", workspace.county.crs, drawn],
        ["Network of `road-network`, gaps of up to 5 m joined", workspace.county.crs, network],
    ]
    text = f"""The first two are sums of geodesics over the raw coordinates (`pyproj.Geod`), with
        the drivable ways chosen anew from the tags: {len(raw.km):,} ways; the layer
        has {rows_stored:,} rows. Drawn in {workspace.county.crs} the layer is
        {abs(drawn / geodesic - 1):.3%}
        {"shorter" if drawn < geodesic else "longer"} than on the ellipsoid, which is the scale of
        the projection so near its central meridian."""
    return f"""## Kilometres

{_markdown(["What", "Measured on", "km"], rows)}
{_prose(text)}
"""


def _audit(outcome: Outcome, second: Second) -> str:
    """Write the findings of the network audit."""
    found = outcome.result
    parts = found.tables["components"].sort_values("roads_km", ascending=False, kind="stable")
    names = parts["component"].map(_villages_on_islands(second, found))
    lived = parts.assign(names=names)[(parts["villages"] > 0) & ~parts["is_main"]]
    empty = parts[(parts["villages"] == 0) & ~parts["is_main"]]
    classes = second.edges.groupby("road_id")["admin_class"].first()
    missing = found.tables["missing"].merge(classes, on="road_id")
    by_class = missing.groupby(["field", "admin_class"], dropna=False, as_index=False).agg(
        roads=("road_id", "size"), km=("km", "sum")
    )
    return f"""## The audit: `yanshan check`

{_figures(outcome)}
{_parameters(outcome)}

{_warnings(found)}
### Components

The main network:

{_listed(parts[parts["is_main"]], "component roads_km villages people")}
Islands on which villages stand:

{_listed(lived, "component roads_km villages people names")}
{len(empty):,} islands have no village; the longest of them:

{_listed(empty, "component roads_km", 8)}
### Loose ends near another road

Ranked by the people whom closing the gap would bring to the main network, then by gap.

{_listed(found.layers["undershoots"], "road_id other_road_id gap_m villages people", 12)}
### Villages not attached

{_listed(found.layers["unattached"], "id name walk_m reason")}
### Crossings without a junction

{_listed(found.layers["crossings"], "road_id other_road_id")}
### Missing fields

{_listed(by_class, "field admin_class roads km")}
A road without a surface counts as not hardened: the shares of hardened roads below are lower
bounds.
"""


def _villages_on_islands(second: Second, found: Result) -> dict[int, str]:
    """Name the villages whose nearest road is not on the main network."""
    _, edge = second.distances(second.villages)
    component = found.layers["links"]["component"].to_numpy()[edge]
    by_component = pd.Series(second.villages["name"].to_numpy()).groupby(component)
    return {int(number): ", ".join(names) for number, names in by_component if number != 0}


def _by_township(outcome: Outcome, columns: str) -> str:
    table = outcome.result.tables["by_township"]
    return _listed(table.replace({"township": {COUNTY_ROW: "All"}}), columns)


def _reach(outcome: Outcome) -> str:
    """Write the figures of logistics reach."""
    townships = "township denominator own within people_within longest_min"
    committees = "name township population state minutes km outlet walk_m"
    return f"""## Logistics reach (indicator 20)

An outlet is a committee's *own* when it names that committee or, naming none, stands within the
limit of it and nearer than to any other. *Within the limit* asks something else: minutes to the
nearest outlet of anybody, by road, with the walk from the village to its road and from the road to
the outlet.

{_figures(outcome)}
{_parameters(outcome)}

{_warnings(outcome.result)}
{_by_township(outcome, townships)}
{_listed(outcome.result.layers["committees"], committees)}"""


def _hardening(outcome: Outcome) -> str:
    """Write the figures of road hardening."""
    townships = "township denominator connected touching unattached missing_km"
    villages = "name township committee state missing_km walk_m"
    return f"""## Road hardening (indicators 17 and 18)

A natural village is *connected* when a hardened road lies within the touch limit of it and of its
committee, and the two belong to one piece of the hardened network. What a village misses is the
unhardened length on the way to its committee that has least of it.

{_figures(outcome)}
{_parameters(outcome)}

{_warnings(outcome.result)}
{_by_township(outcome, townships)}
{_listed(outcome.result.layers["villages"], villages)}"""


def _equality(second: Second) -> str:
    """Write how far the second computation differs."""
    rows = [[name, count, _difference(apart)] for name, count, apart in compare(second)]
    return f"""## Computed a second time

Distances by shapely over all pairs, ways and components by networkx on
`RoadNetwork.to_networkx()` cut where places meet roads; the walks are added. The largest relative
difference found:

{_markdown(["What", "Values compared", "Largest difference"], rows)}"""


def _difference(apart: float) -> str:
    """Write a difference; what rounding makes depends on the machine."""
    return "below 1e-12" if apart < 1e-12 else f"below {10.0 ** np.ceil(np.log10(apart)):.0e}"


LIMITS = """## What these figures are not

- Tags are what volunteers mapped. Roads without `surface` are taken for not hardened unless a
  track grade or paved/unpaved tells; classes and speeds follow the OpenStreetMap road type and the
  speed table of `road-network`, which is made for Chinese roads.
- There is no register of committees: towns, villages and quarters stand for committees, hamlets and
  farms for natural villages, each of which counts for the nearest committee. Few places state
  their people, and no hamlet does.
- In-village kilometres go to the nearest natural village, however far; streets of a town that has
  no hamlet nearby are counted for a hamlet elsewhere. The share of all kilometres is right, the
  share of villages is not meaningful here.
- Streets closed to cars are left out. Where a place stands on such a street, its nearest road may
  be a short island; it then has no road time, which is told and listed by the audit, not mended.
- The extract ends a little beyond the border; roads abroad, and ways round through them, are
  missing.
- Post offices are only those on the map; the same office may be there twice, as a point and as a
  building.
"""


def page(
    workspace: Workspace,
    reports: Mapping[str, Mapping[str, Any]],
    outcomes: Mapping[str, Outcome],
    raw: RawRoads,
) -> str:
    """Write the page."""
    second = Second(workspace, outcomes)
    parts = [
        _introduction(reports),
        _imports(reports),
        _kilometres(second, raw, workspace),
        _audit(outcomes["network-audit"], second),
        _reach(outcomes["logistics-reach"]),
        _hardening(outcomes["road-hardening"]),
        _equality(second),
        LIMITS,
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def main() -> None:
    """Write the page, or tell that it is out of date."""
    extract = data_folder() / "liechtenstein" / EXTRACT
    if not extract.exists():
        raise SystemExit(f"{extract} is absent; name its folder in YANSHAN_REAL_DATA.")
    with tempfile.TemporaryDirectory() as folder:
        reports = fill(Path(folder) / "liechtenstein", extract)
        workspace = open_workspace(Path(folder) / "liechtenstein")
        outcomes = {outcome.recipe.name: outcome for outcome in run(workspace, RECIPES)}
        text = page(workspace, reports, outcomes, RawRoads.read(extract))
    if sys.argv[1:] == ["check"]:
        if PAGE.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{PAGE.name} is out of date; run {Path(__file__).name}.")
        return
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
