"""``out/publish/qgis/``: a QGIS project with its own copy of layers, results and rasters.

The folder can be moved or handed over whole. What QGIS holds open there never stands in the way of
the next run, which writes elsewhere.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from yanshan_gis.content import Title
from yanshan_gis.errors import FileInUseError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.publish.default_styles import write_default_styles
from yanshan_gis.publish.file_names import safe_name
from yanshan_gis.publish.layer_tree import build_tree
from yanshan_gis.publish.package import write_results
from yanshan_gis.publish.publication import Written, locked
from yanshan_gis.publish.qgis_layers import PACKAGES, RASTERS
from yanshan_gis.publish.qgis_project import plan_project, project_text
from yanshan_gis.publish.qml import layer_qml
from yanshan_gis.store.geopackage import edit
from yanshan_gis.store.in_use import check_not_in_use
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yanshan_gis.publish.layer_tree import TreeLayer
    from yanshan_gis.publish.publication import Publication

_INSIDE = "project.qgs"  # within the archive, where only QGIS reads its name
_BY_CONTENT = re.compile(r"(.+)-[0-9a-f]{12}\.tif")
_FIRST_YEAR = date(1980, 1, 1)  # before which a zip knows no dates


def publish_qgis(publication: Publication) -> Written:
    """Write ``out/publish/qgis/``.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        The project first. No file, and a notice, where QGIS holds the folder's GeoPackages open or
        there is nothing to show.
    """
    workspace, folder = publication.workspace, publication.folder / "qgis"
    tree = build_tree(workspace, publication.outcomes, publication.language)
    layers = [layer for group in tree for layer in group.walk()]
    if all(layer.frame is None for layer in layers):
        text = N_("There is no layer with places to show in QGIS; import layers first.")
        return Written(notices=[Notice("qgis-nothing", text, {})])
    publication.progress.start(N_("QGIS project"), None)
    try:
        data = _write_data(publication, folder, layers)
    except FileInUseError as error:
        return Written(notices=[error.notice])
    finally:
        publication.progress.finish()
    name = safe_name(workspace.county.name.get(publication.language))
    if workspace.scenario:
        name += f"-{safe_name(workspace.scenario.name)}"
    path = folder / f"{name}.qgz"
    text = project_text(plan_project(publication, tree))
    written = put(path, lambda draft: _write_archive(draft, text, workspace.stamp))
    return Written([written, *data], locked([path], [written]))


def _write_data(publication: Publication, folder: Path, layers: Sequence[TreeLayer]) -> list[Path]:
    """Write the GeoPackages, both or none, and the rasters."""
    workspace = publication.workspace
    base, results = (folder / name for name in PACKAGES.values())
    for package in (base, results):
        check_not_in_use(package)
    own = [layer for layer in layers if layer.store == "layers" and layer.frame is not None]
    _write_layers(base, own, workspace.stamp)
    write_results(results, publication.outcomes, workspace.layer_catalogue, stamp=workspace.stamp)
    files = [package for package in (base, results) if package.exists()]
    return files + _copy_rasters(folder / RASTERS, (x.raster for x in layers if x.raster))


def _write_layers(path: Path, layers: Iterable[TreeLayer], stamp: date) -> None:
    """Write the county's layers; who adds one to another project finds it styled."""
    styles: dict[str, str] = {}
    with edit(path, stamp=stamp, fresh=True) as draft:
        for layer in layers:
            title = Title(zh=layer.title, en=layer.title)
            draft.write(layer.table, layer.frame, title=title, fields=layer.fields)
            if layer.style is not None:
                columns = [name for name in layer.frame.columns if name != "geometry"]
                styles[layer.table] = layer_qml(layer.style, columns)
        if styles:
            write_default_styles(draft.path, styles, update_time=stamp)


def _copy_rasters(folder: Path, sources: Iterable[Path]) -> list[Path]:
    """Copy what is not there yet: a raster's name changes with its content."""
    copies = {source.name: source for source in sources}
    for name, source in copies.items():
        if not (folder / name).exists():
            put(folder / name, partial(shutil.copyfile, source))
    _remove_old(folder, set(copies))
    return [folder / name for name in copies]


def _remove_old(folder: Path, kept: set[str]) -> None:
    """Remove former contents of the rasters kept, and nothing a reader put there."""
    stems = {found.group(1) for name in kept if (found := _BY_CONTENT.fullmatch(name))}
    for path in sorted(folder.glob("*.tif")) if folder.is_dir() else ():
        found = _BY_CONTENT.fullmatch(path.name)
        if found and found.group(1) in stems and path.name not in kept:
            try:
                path.unlink()
            except PermissionError:  # Windows: QGIS shows it; the project no longer asks for it
                continue


def _write_archive(path: Path, text: str, stamp: date) -> None:
    """Write a ``.qgz``, dated by the data, so that the same project gives the same bytes."""
    day = max(stamp, _FIRST_YEAR)
    entry = zipfile.ZipInfo(_INSIDE, (day.year, day.month, day.day, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # as on Unix, wherever it is written
    entry.external_attr = 0o644 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, text.encode())
