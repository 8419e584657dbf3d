"""``out/publish/<county>.html``: one page with map, figures and data that needs no network.

The page carries MapLibre GL JS, its own scripts and all data. A content security policy names the
scripts by their hashes and allows no connection, so the page cannot ask anyone for anything.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from yanshan_gis.messages import N_, Notice
from yanshan_gis.publish.file_names import safe_name
from yanshan_gis.publish.layer_tree import build_tree
from yanshan_gis.publish.mapframe import crs_note
from yanshan_gis.publish.publication import Written, locked
from yanshan_gis.publish.style import DASHES
from yanshan_gis.publish.symbols import marker
from yanshan_gis.publish.web_data import STEP, Shapes
from yanshan_gis.publish.web_font import font_face, font_licence
from yanshan_gis.publish.web_indicators import shaded_figures
from yanshan_gis.publish.web_layers import WebLayer, layer_data
from yanshan_gis.publish.web_words import web_words
from yanshan_gis.publish.words import listed, scenario_marks, word
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.layer_tree import TreeGroup, TreeLayer
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.publish.web_indicators import ShadedFigure
    from yanshan_gis.workspace import Workspace

_FOLDER = files("yanshan_gis.publish") / "web"
# In this order: each may use those before it.
_SCRIPTS = (
    "page", "geometry", "symbols", "layers", "legend", "popup", "search", "figures", "measure",
    "printing", "main",
)  # fmt: skip
_SHAPES = ("square", "triangle", "diamond", "star", "cross", "pentagon", "house")
_MANY = 300  # rows from which a layer waits to be switched on: it would hide the figures
_PLACES = ("villages", "seats", "townships")  # layers whose names are searched
_TONGUES: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
_ALWAYS = (*range(0x20, 0x7F), *map(ord, "²³·×–—…‹›≥≤−°、。，；：（）　"))  # figures and controls
_GAP = re.compile(r"<!-- @(\w+) -->")


def publish_web(publication: Publication) -> Written:
    """Write the web map.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        The page; a numbered copy where the old one is locked, and what it does not show.
    """
    workspace, language = publication.workspace, publication.language
    tree = build_tree(workspace, publication.outcomes, language)
    figures = shaded_figures(workspace, publication.outcomes, language)
    text = page(web_data(publication, tree, figures), language)
    name = safe_name(workspace.county.name.get(language))
    if workspace.scenario is not None:
        name += f"-{safe_name(workspace.scenario.name)}"
    path = publication.folder / f"{name}.html"
    copy = put(path, lambda draft: draft.write_text(text, encoding="utf-8", newline="\n"))
    rasters = [layer.title for group in tree for layer in group.walk() if layer.frame is None]
    notices = locked([path], [copy])
    if rasters:
        told = N_("The web map leaves out rasters: {layers}.")
        notices.append(Notice("web-no-rasters", told, {"layers": listed(rasters, language)}))
    return Written([copy], notices)


def web_data(
    publication: Publication, tree: Sequence[TreeGroup], figures: Sequence[ShadedFigure]
) -> dict[str, Any]:
    """Gather everything the page shows, as plain values.

    Parameters
    ----------
    publication
        What is published.
    tree
        The layers in groups.
    figures
        Figures by township.

    Returns
    -------
    dict
        Ready for JSON; ``shapes`` is JSON text already.
    """
    workspace, language = publication.workspace, publication.language
    shapes = Shapes(workspace.county.crs)
    names = _names(workspace)
    drawn = [layer for group in tree for layer in group.walk() if layer.frame is not None]
    layers = [layer_data(_web_layer(layer), shapes, names, language) for layer in drawn]
    shaded = [
        {
            "title": figure.title,
            "recipe": figure.recipe,
            "headline": figure.headline,
            "rows": figure.rows,
            "layer": figure.layer and layer_data(figure.layer, shapes, names, language),
        }
        for figure in figures
    ]
    return {
        "language": language,
        "county": workspace.county.name.get(language),
        "words": web_words(language),
        "marks": _marks(publication, drawn),
        "step": STEP,
        "shapes": shapes.text(),
        "outlines": {name: np.asarray(marker(name).vertices).round(3).tolist() for name in _SHAPES},
        "dashes": DASHES,
        "groups": [_group(group) for group in tree if any(x.style for x in group.walk())],
        "layers": layers,
        "figures": shaded,
        "places": _places(drawn),
    }


def _web_layer(layer: TreeLayer) -> WebLayer:
    if layer.style is None:
        raise TypeError(layer.table)
    return WebLayer(
        layer.table, layer.title, layer.frame, layer.style, layer.fields,
        modelled=layer.modelled, visible=layer.visible and len(layer.frame) <= _MANY,
        counts=layer.store == "results" and layer.style.kind == "point",
    )  # fmt: skip


def _group(group: TreeGroup) -> dict[str, Any]:
    return {
        "key": group.key,
        "title": group.title,
        "layers": [layer.table for layer in group.layers if layer.frame is not None],
        "dashes": DASHES,
        "groups": [_group(inner) for inner in group.groups],
    }


def _names(workspace: Workspace) -> dict[str, dict[str, str]]:
    """Read the names of rows that others refer to."""
    layers = (workspace.read(name) for name in workspace.records())
    return {
        layer.name: dict(zip(layer.frame["id"], layer.frame["name"].astype(str), strict=True))
        for layer in layers
        if layer is not None and {"id", "name"} <= set(layer.frame.columns)
    }


def _places(layers: Iterable[TreeLayer]) -> list[dict[str, Any]]:
    """List the names a reader looks for, with their sound and its initials."""
    from pypinyin import lazy_pinyin

    found = []
    for layer in layers:
        if layer.table not in _PLACES or "name" not in layer.frame:
            continue
        frame = layer.frame[~(layer.frame.geometry.isna() | layer.frame.geometry.is_empty)]
        texts = frame["name"].astype(object).where(frame["name"].notna(), "").tolist()
        sounds = [lazy_pinyin(text) for text in texts]
        found.append({
            "layer": layer.table,
            "names": texts,
            "townships": _townships(frame),
            "sounds": ["".join(parts).lower() for parts in sounds],
            "initials": ["".join(part[:1] for part in parts).lower() for parts in sounds],
        })  # fmt: skip
    return found


def _townships(frame: Any) -> list[str]:
    if "township" not in frame:
        return [""] * len(frame)
    column = frame["township"].astype(object)
    return [str(text) for text in column.where(column.notna(), "")]


def _marks(publication: Publication, layers: Sequence[TreeLayer]) -> dict[str, Any]:
    """Say what every output says of itself."""
    workspace, language = publication.workspace, publication.language
    county, when = workspace.county, workspace.data_date
    known = workspace.sources()
    origins = (source.origin for name in known for source in known[name])
    sources = dict.fromkeys(part for origin in origins for part in origin.split("; "))
    lines = [
        word("data_date", language, date=when.isoformat()) if when
        else word("no_data_date", language),
    ]  # fmt: skip
    if county.crs:
        lines.append(crs_note(county.crs, language))
    if county.compiled_by:
        lines.append(word("compiled_by", language, name=county.compiled_by))
    if county.map_approval:
        lines.append(word("approval", language, number=county.map_approval))
    stale = [o.recipe.title.get(language) for o in publication.outcomes if o.stale]
    return {
        "internal": "" if county.map_approval else word("internal", language),
        "scenarios": scenario_marks((o.result for o in publication.outcomes), language),
        "modelled": [layer.title for layer in layers if layer.store == "layers" and layer.modelled],
        "stale": listed(stale, language),
        "lines": lines,
        "sources": word("sources", language, sources=listed(list(sources), language)),
    }


def page(data: Mapping[str, Any], language: Language) -> str:
    """Put scripts, styles and data into the page.

    Parameters
    ----------
    data
        As `web_data` gathers it.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        HTML.
    """
    library = _read("vendor/maplibre-gl.js")
    own = "\n".join(_read(f"{name}.js") for name in _SCRIPTS)
    title = data["words"]["title"].format(county=data["county"])
    text = _json(data)
    font = font_face({*map(chr, _ALWAYS), *text} - {"\n"})
    gaps = {
        "title": html.escape(title),
        "policy": _policy(_inside(library), _inside(own)),
        "licence": _remark(_read("vendor/maplibre-gl.LICENSE.txt")),
        "font_licence": _remark(font_licence()),
        "styles": f"<style>{_read('vendor/maplibre-gl.css')}{font}{_read('page.css')}</style>",
        "data": f'<script type="text/plain" id="data">{_packed(text)}</script>',
        "library": f"<script>{_inside(library)}</script>",
        "scripts": f"<script>{_inside(own)}</script>",
    }
    # One pass: what is put in is not searched again.
    blank = _read("page.html").replace('lang="zh"', f'lang="{_TONGUES[language]}"', 1)
    return _GAP.sub(lambda gap: gaps[gap[1]], blank)


def _read(name: str) -> str:
    return _FOLDER.joinpath(*name.split("/")).read_text(encoding="utf-8")


def _inside(script: str) -> str:
    """Keep a script from ending its element early."""
    return "\n" + script.replace("</script", "<\\/script") + "\n"


def _policy(*scripts: str) -> str:
    hashes = (hashlib.sha256(script.encode("utf-8")).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(h).decode()}'" for h in hashes)
    rules = (
        "default-src 'none'", f"script-src {allowed}", "style-src 'unsafe-inline'",
        "img-src data: blob:", "worker-src blob:", "child-src blob:",
        "font-src data:", "connect-src blob: data:",
    )  # fmt: skip
    content = "; ".join(rules)
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def _remark(text: str) -> str:
    """Keep a text from ending the comment it stands in."""
    return text.replace("--", "- -")


def _json(data: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in data.items() if key != "shapes"}
    text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    return f'{text[:-1]},"shapes":{data["shapes"]}}}'


def _packed(text: str) -> str:
    """Compress a text; the letters it becomes end no element and open no comment."""
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")
