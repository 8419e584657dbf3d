"""Layers for other programs, under ``out/publish/exchange``: which ones, and what goes with them.

Every kind holds the layers of the workspace and of the results that have rows, in the order of the
layer tree. A workbook beside them says what each file and each field is.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from yanshan_gis.content import FieldDef, Title
from yanshan_gis.crs import parse_crs
from yanshan_gis.errors import WriteError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.publish.fields import COMMON_FIELDS
from yanshan_gis.publish.file_names import file_names
from yanshan_gis.publish.layer_tree import build_tree
from yanshan_gis.publish.publication import Written
from yanshan_gis.publish.words import scenario_marks
from yanshan_gis.publish.workbook import SheetTable, write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yanshan_gis.messages import Language
    from yanshan_gis.publish.publication import Publication

_ENDINGS = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".geojson", ".parquet")
_FIELD_NAME = Title(zh="字段对照", en="Fields")
_HEADS = {
    "file": Title(zh="文件", en="File"),
    "table": Title(zh="图层", en="Layer"),
    "title": Title(zh="名称", en="Title"),
    "rows": Title(zh="行数", en="Rows"),
    "placeless": Title(zh="无位置", en="Without a place"),
    "crs": Title(zh="坐标系", en="CRS"),
    "modelled": Title(zh="含模拟数据", en="Modelled"),
    "written": Title(zh="文件中的字段", en="Field in the file"),
    "field": Title(zh="字段", en="Field"),
    "unit": Title(zh="单位", en="Unit"),
    "codes": Title(zh="代码", en="Codes"),
    "note": Title(zh="说明", en="Note"),
    "row": Title(zh="编号", en="Id"),
    "change": Title(zh="改动", en="Change"),
    "original": Title(zh="原值", en="Original"),
}
_SHEETS = {
    "files": Title(zh="文件", en="Files"),
    "fields": Title(zh="字段", en="Fields"),
    "changes": Title(zh="改动", en="Changes"),
}


@dataclass(frozen=True)
class ExchangeLayer:
    """One layer as others get it.

    Parameters
    ----------
    file
        Name of its file, without the ending.
    table
        Its name in the workspace or among the results.
    title
        In the wanted language.
    frame
        The rows, in the workspace's CRS.
    fields
        Definitions of the columns that have one.
    modelled
        True where it rests on modelled data.
    """

    file: str
    table: str
    title: str
    frame: gpd.GeoDataFrame
    fields: Mapping[str, FieldDef] = field(default_factory=dict)
    modelled: bool = False


@dataclass(frozen=True)
class Change:
    """A value that a format could not hold as it is.

    Parameters
    ----------
    file
        Where.
    row
        The feature's id.
    name
        The field, under its own name.
    what
        What was done.
    original
        The value as it was.
    """

    file: str
    row: str
    name: str
    what: str
    original: str


@dataclass(frozen=True)
class Filed:
    """A file of a layer, for the workbook that explains it.

    Parameters
    ----------
    layer
        What was written.
    written
        Name in the file, by column.
    """

    layer: ExchangeLayer
    written: Mapping[str, str]


def exchange_layers(publication: Publication) -> list[ExchangeLayer]:
    """Gather the layers that are handed on.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    list of ExchangeLayer
        In the order of the layer tree; rasters and layers without rows are left out.
    """
    found: list[ExchangeLayer] = []
    tree = build_tree(publication.workspace, publication.outcomes, publication.language)
    for group in tree:
        inner = [("", group.layers), *((g.title + "_", g.layers) for g in group.groups)]
        for prefix, layers in inner:
            found += [
                ExchangeLayer(
                    prefix + x.title, x.table, prefix.replace("_", "：") + x.title, x.frame,
                    {**COMMON_FIELDS, **x.fields}, x.modelled,
                )
                for x in layers
                if x.frame is not None
            ]  # fmt: skip
    names = file_names([layer.file for layer in found])
    return [replace(x, file=name) for x, name in zip(found, names, strict=True)]


def publish_folder(
    publication: Publication,
    kind: str,
    write: Callable[[ExchangeLayer, Path], Iterable[Filed]],
    changes: Sequence[Change] = (),
) -> Written:
    """Write one kind of file for every layer, with the workbook that explains them.

    Parameters
    ----------
    publication
        What is published.
    kind
        Name of the folder.
    write
        Writes one layer into a folder, and says under which names.
    changes
        Values that could not stay as they were; filled while writing.

    Returns
    -------
    Written
        Files and notices; no file where there is no layer.
    """
    layers = exchange_layers(publication)
    if not layers:
        return Written(notices=[nothing_to_hand_on(kind)])
    folder = publication.folder / "exchange" / kind
    publication.progress.start(N_("Layers for exchange"), len(layers))
    filed: list[Filed] = []
    with tempfile.TemporaryDirectory(prefix="yanshan-") as name:
        draft = Path(name)
        for layer in layers:
            filed += write(layer, draft)
            publication.progress.advance()
        files = _moved(draft, folder)
    publication.progress.finish()
    files.append(_explain(publication, folder, filed, changes))
    return Written(files)


def nothing_to_hand_on(kind: str) -> Notice:
    """Say that no layer has rows.

    Parameters
    ----------
    kind
        Of the files asked for.

    Returns
    -------
    Notice
        One line.
    """
    text = N_("{kind}: no layer has features to hand on; import layers first.")
    return Notice("nothing-to-hand-on", text, {"kind": kind})


def _moved(draft: Path, folder: Path) -> list[Path]:
    """Put finished files in place, and take away those of layers that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    new = sorted(path.name for path in draft.iterdir())
    old = [p for p in folder.iterdir() if p.suffix in _ENDINGS and p.name not in new]
    try:
        for path in old:
            path.unlink()
        for name in new:
            beside = folder / f".{name}"
            shutil.copyfile(draft / name, beside)
            beside.replace(folder / name)
    except OSError as error:
        text = N_("{folder}: a file could not be written ({reason}); close it and try again.")
        raise WriteError("file-locked", text, folder=str(folder), reason=str(error)) from error
    return [folder / name for name in new]


def _explain(
    publication: Publication, folder: Path, filed: Sequence[Filed], changes: Sequence[Change]
) -> Path:
    language = publication.language
    tables = [
        _table("files", [_file_row(item.layer) for item in filed], language),
        _table("fields", [row for item in filed for row in _field_rows(item, language)], language),
    ]
    if changes:
        rows = [
            {"file": c.file, "row": c.row, "field": c.name, "change": c.what,
             "original": c.original}
            for c in changes
        ]  # fmt: skip
        tables.append(_table("changes", rows, language))
    marks = scenario_marks((o.result for o in publication.outcomes), language)
    title = "　".join([publication.workspace.county.name.get(language), *marks])
    path = folder / f"{_FIELD_NAME.get(language)}.xlsx"
    created = publication.workspace.stamp
    return write_workbook(path, tables, created=created, title=title, language=language)


def _table(key: str, rows: list[dict[str, Any]], language: Language) -> SheetTable:
    frame = pd.DataFrame(rows)
    columns = {name: (_HEADS[name].get(language), "", "") for name in frame.columns}
    title = _SHEETS[key].get(language)
    return SheetTable(title, title, frame, columns)


def _file_row(layer: ExchangeLayer) -> dict[str, Any]:
    places = layer.frame.geometry
    crs = parse_crs(layer.frame.crs)
    authority = crs.to_authority()
    return {
        "file": layer.file,
        "table": layer.table,
        "title": layer.title,
        "rows": len(layer.frame),
        "placeless": int((places.isna() | places.is_empty).sum()),
        "crs": f"{crs.name} ({':'.join(authority)})" if authority else crs.name,
        "modelled": layer.modelled,
    }


def _field_rows(item: Filed, language: Language) -> list[dict[str, Any]]:
    rows = []
    for name, written in item.written.items():
        known = item.layer.fields.get(name)
        codes = known.codes if known else {}
        rows.append(
            {
                "file": item.layer.file,
                "written": written,
                "field": name,
                "title": known.title.get(language) if known else name,
                "unit": known.unit or "" if known else "",
                "codes": "；".join(f"{code}={t.get(language)}" for code, t in codes.items()),
                "note": known.note.get(language) if known and known.note else "",
            }
        )
    return rows
