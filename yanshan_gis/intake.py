"""Take a bureau's file into a workspace: the import, its report, and what is remembered.

`ingest` turns a file into a layer and says what that changes; here it is stored, all or nothing,
the report is written to ``out/import/``, and the answers given for a folder are kept in
``imports.toml`` for the next quarter's files.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanshan_gis.county import FILE_NAME
from yanshan_gis.errors import CrsError, DataError
from yanshan_gis.ingest.pipeline import ImportOutcome, ImportRequest, import_file
from yanshan_gis.ingest.request import read_request
from yanshan_gis.layer import Layer, Source
from yanshan_gis.messages import N_, Language
from yanshan_gis.plan.lists import is_registry, registry_table, type_contents

if TYPE_CHECKING:
    from yanshan_gis.content import LayerDef
    from yanshan_gis.workspace import Workspace

MEMORY = "imports.toml"


class StoredLayers(Mapping[str, Layer]):
    """The vector layers of a workspace by name, each read when it is asked for.

    Parameters
    ----------
    workspace
        The county.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names = [name for name, r in workspace.records().items() if not r.raster]
        self._read: dict[str, Layer] = {}

    def __getitem__(self, name: str) -> Layer:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            layer = self._workspace.read(name)
            if layer is None:
                raise KeyError(name)
            self._read[name] = layer
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def propose(workspace: Workspace, request: ImportRequest) -> ImportOutcome:
    """Work an import out without storing anything.

    Parameters
    ----------
    workspace
        The county.
    request
        What and how.

    Returns
    -------
    ImportOutcome
        Layer, plan and report.

    Raises
    ------
    YanshanError
        When the file as a whole does not fit.
    """
    definition = workspace.layer_catalogue.find(request.layer)
    raw = None
    if definition.name == "projects" and is_registry(request.path):
        raw = registry_table(request.path)
        # its own permanent ids say which project is which
        request = replace(request, by=request.by or "id")
    elif definition.name == "projects":
        raw = type_contents(read_request(request, definition), definition, request.columns)
    return import_file(
        request,
        catalogue=workspace.layer_catalogue,
        county=workspace.county,
        current=StoredLayers(workspace),
        names=workspace.names(),
        raw=raw,
    )


def accept(
    workspace: Workspace, outcome: ImportOutcome, *, language: Language = "zh"
) -> tuple[Path, ...]:
    """Write an import's report and, when its rows validated, store its layer.

    Parameters
    ----------
    workspace
        The county.
    outcome
        From `propose`.
    language
        Of the report.

    Returns
    -------
    tuple of pathlib.Path
        The report and, where there are any, the refused rows.

    Raises
    ------
    DataError
        When rows were refused and that was not accepted; nothing was stored.
    """
    report = outcome.report
    written = report.write_report(workspace.out / "import", language)
    if outcome.layer is None:
        raise DataError(
            "rows-refused",
            N_(
                "{file}: {refused} of {read} rows were refused and nothing was stored. The reasons "
                "are in {report}; mend the file, or store the other rows with --accept-refused."
            ),
            file=report.file,
            refused=report.refused,
            read=report.read,
            report=str(written[0]),
        )
    _store(workspace, outcome)
    return written


def _store(workspace: Workspace, outcome: ImportOutcome) -> None:
    """Store the layer; the first one also fixes the working CRS, or neither happens."""
    if outcome.layer is None:
        return
    settings = workspace.root / FILE_NAME
    before = settings.read_bytes()
    if workspace.county.crs is None and outcome.crs is not None:
        workspace = workspace.with_crs(outcome.crs)
    try:
        workspace.store([outcome.layer], names=outcome.names)
    except BaseException:
        settings.write_bytes(before)
        raise


def import_raster(workspace: Workspace, definition: LayerDef, request: ImportRequest) -> Layer:
    """Copy a raster file into a workspace and register it.

    Parameters
    ----------
    workspace
        The county.
    definition
        A layer of pixels.
    request
        Names the file and what it says of itself.

    Returns
    -------
    Layer
        As stored.

    Raises
    ------
    DataError
        When the file cannot be read as a raster.
    CrsError
        When it does not say where it lies.
    """
    import geopandas as gpd
    import rasterio

    from yanshan_gis.store.rasters import copy_raster, file_hash

    digest = file_hash(request.path) if request.path.is_file() else ""
    try:
        with rasterio.open(request.path) as source:
            located = source.crs is not None
        if not located:
            raise CrsError(
                "crs-missing",
                N_("{file} does not say its coordinate system; give it one and import it again."),
                file=request.path.name,
            )
        path = copy_raster(request.path, workspace.root / "rasters", definition.name, digest)
    except rasterio.errors.RasterioError as error:
        raise DataError(
            "raster-unreadable",
            N_("{file} cannot be read as a raster ({reason}); give a GeoTIFF."),
            file=request.path.name,
            reason=str(error),
        ) from error
    origin = Source(
        f"{request.path.stem}-{digest[:8]}", request.path.name, digest, request.as_of,
        request.licence, request.attributes, request.position,
    )  # fmt: skip
    empty = gpd.GeoDataFrame(geometry=[], crs=workspace.county.crs)
    layer = Layer(definition, empty, (origin,), path)
    workspace.store([layer], raster_hashes={definition.name: digest})
    return layer


def read_memory(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Read the answers given for files of earlier folders.

    Parameters
    ----------
    workspace
        The county.

    Returns
    -------
    dict
        ``layer``, ``columns`` and, where given, ``crs`` and ``datum`` by file and table.

    Raises
    ------
    DataError
        When ``imports.toml`` was damaged.
    """
    path = workspace.root / MEMORY
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            "memory-damaged",
            N_("{file} cannot be read ({reason}); mend or remove it."),
            file=MEMORY,
            reason=str(error),
        ) from error


def write_memory(workspace: Workspace, memory: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep the answers for the next folder.

    Parameters
    ----------
    workspace
        The county.
    memory
        ``layer``, ``columns`` and, where given, ``crs`` and ``datum`` by file and table.
    """
    # JSON strings are TOML strings: both escape as the other reads.
    lines = []
    for table, answer in memory.items():
        lines += [f"[{json.dumps(table, ensure_ascii=False)}]",
                  f"layer = {json.dumps(answer['layer'], ensure_ascii=False)}"]  # fmt: skip
        pairs = (
            f"{json.dumps(field)} = {json.dumps(column, ensure_ascii=False)}"
            for field, column in answer["columns"].items()
        )
        lines.append(f"columns = {{ {', '.join(pairs)} }}")
        lines += [f"{key} = {json.dumps(answer[key])}" for key in ("crs", "datum") if key in answer]
        lines.append("")
    path = workspace.root / MEMORY
    draft = path.with_suffix(".draft")
    draft.write_text("\n".join(lines), encoding="utf-8")
    os.replace(draft, path)  # noqa: PTH105 - the one atomic step
