"""The end of the report: where layers and figures come from, and the map sheets."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yanshan_gis.content import LayerInput
from yanshan_gis.layer import Quality
from yanshan_gis.messages import N_, translate
from yanshan_gis.publish.figures import counted_text, value_text
from yanshan_gis.publish.report_parts import ReportTable
from yanshan_gis.publish.tables import parameter_text
from yanshan_gis.publish.words import listed, word

if TYPE_CHECKING:
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.evidence import Evidence
    from yanshan_gis.publish.phrases import Phrases
    from yanshan_gis.result import Indicator
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace

_PICTURE_PX = 2400  # across a page on its side: 240 dots per inch
_PNG_LEVEL = 3  # on sheets as small as the best, in an eighth of the time
_HASH_CHARS = 12  # the manifest has them whole
_QUALITIES = {
    Quality.SURVEYED: N_("surveyed"),
    Quality.REPORTED: N_("reported"),
    Quality.DERIVED: N_("derived"),
    Quality.MODELLED: N_("modelled"),
}


def layer_title(workspace: Workspace, name: str, language: Language) -> str:
    """Name a layer.

    Parameters
    ----------
    workspace
        The county.
    name
        Of the layer.
    language
        Of its title.

    Returns
    -------
    str
        Its title; the name of what is no layer.
    """
    definition = workspace.layer_catalogue.get(name)
    return definition.title.get(language) if definition else name


def source_table(workspace: Workspace, phrases: Phrases) -> ReportTable:
    """List the layers and where they come from.

    Parameters
    ----------
    workspace
        The county.
    phrases
        The sentences.

    Returns
    -------
    ReportTable
        One row per layer and source.
    """
    language = phrases.language
    known = workspace.sources()
    rows = []
    for name, record in workspace.records().items():
        for source in known.get(name, ()):
            licence = word("bracket", language, text=source.licence) if source.licence else ""
            rows.append(
                [
                    layer_title(workspace, name, language),
                    "–" if record.raster else f"{record.rows:,}",
                    source.origin + licence,
                    source.as_of.isoformat() if source.as_of else "–",
                    translate(_QUALITIES[source.quality], language),
                    record.sha256[:_HASH_CHARS],
                ]
            )
    keys = ("layer", "rows", "origin", "date", "quality", "hash")
    heads = [phrases.phrase(f"column_{key}") for key in keys]
    return ReportTable(phrases.phrase("sources"), heads, rows, wide=True)


def evidence_table(
    workspace: Workspace, outcomes: Sequence[Outcome], evidence: Evidence, phrases: Phrases
) -> tuple[ReportTable, list[int | None]]:
    """Say where each marked number comes from.

    Parameters
    ----------
    workspace
        The county.
    outcomes
        Finished recipes.
    evidence
        The marks given.
    phrases
        The sentences.

    Returns
    -------
    tuple
        One row across per recipe, with its layers, parameters, hashes and date, and beneath it one
        per mark; and the mark that leads to each row.
    """
    rows: list[list[str]] = []
    anchors: list[int | None] = []
    for outcome in outcomes:
        found = evidence.of(outcome.recipe.name)
        if found:
            rows.append([_provenance(workspace, outcome, phrases)])
            anchors.append(None)
        for row in found:
            value, exact = _values(row.indicator, phrases.language)
            rows.append([f"[{row.number}]", row.content, value, exact, row.key])
            anchors.append(row.number)
    keys = ("number", "content", "value", "exact", "key")
    heads = [phrases.phrase(f"column_{key}") for key in keys]
    return ReportTable("", heads, rows, wide=True), anchors


def _values(indicator: Indicator | None, language: Language) -> tuple[str, str]:
    if indicator is None or indicator.value is None:
        return "–", "–"
    shown = value_text(indicator, language) + counted_text(indicator, language)
    return shown, f"{indicator.value:,.6f}".rstrip("0").rstrip(".")


def _provenance(workspace: Workspace, outcome: Outcome, phrases: Phrases) -> str:
    recipe, result, language = outcome.recipe, outcome.result, phrases.language
    own = [i.layer for i in recipe.inputs.values() if isinstance(i, LayerInput)]
    layers = [
        layer_title(workspace, name, language)
        for name in dict.fromkeys([*own, *result.inputs])
        if name in result.inputs and name in workspace.layer_catalogue
    ]
    hashes = [f"{name} {digest[:_HASH_CHARS]}" for name, digest in result.inputs.items()]
    dated = workspace.data_date
    return phrases.phrase(
        "evidence_of",
        recipe=recipe.title.get(language),
        name=recipe.name,
        layers=listed(layers, language) or phrases.phrase("none"),
        parameters=listed(list(_parameters(outcome, language)), language) or phrases.phrase("none"),
        hashes=listed(hashes, language),
        date=dated.isoformat() if dated else phrases.phrase("no_date"),
    )


def _parameters(outcome: Outcome, language: Language) -> Iterator[str]:
    for name, stated in outcome.result.parameters.items():
        known = outcome.recipe.parameters.get(name)
        title = known.title.get(language) if known and known.title else name
        unit = "" if stated.get("unit") in {None, "share"} else f" {stated['unit']}"
        yield f"{title} {parameter_text(stated['value'])}{unit}"


def scaled(path: Path) -> bytes:
    """Bring a sheet to the size of a page: a report of whole ones would be too heavy to send.

    Parameters
    ----------
    path
        A PNG.

    Returns
    -------
    bytes
        A smaller PNG.
    """
    from PIL import Image

    with Image.open(path) as sheet:
        height = round(sheet.height * _PICTURE_PX / sheet.width)
        small = sheet.convert("RGB").resize((_PICTURE_PX, height), Image.Resampling.LANCZOS)
    raw = io.BytesIO()
    small.save(raw, "PNG", compress_level=_PNG_LEVEL)
    return raw.getvalue()
