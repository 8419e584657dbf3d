"""The folder of one county.

``county.toml`` (settings), ``layers.gpkg`` (one table per layer, with the registry of sources and
names), ``rasters/``, optional ``layers/``, ``analyses/`` and ``scenarios/`` of its own, ``out/``.
A workspace changes as one step: what an import or a run could not finish leaves it as it was.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from yanshan_gis.catalogue import Catalogue, read_analyses, read_layers
from yanshan_gis.content import AnalysisDef, LayerDef
from yanshan_gis.county import FILE_NAME, County, read_county, set_crs, write_county
from yanshan_gis.crs import parse_crs
from yanshan_gis.errors import CrsError, UsageError, WorkspaceError
from yanshan_gis.layer import Layer, NameRecord, Source
from yanshan_gis.messages import N_
from yanshan_gis.scenario import Scenario
from yanshan_gis.scheme import Scheme, read_schemes
from yanshan_gis.store import registry
from yanshan_gis.store.cache import ArrayCache
from yanshan_gis.store.geopackage import edit, read_table
from yanshan_gis.store.registry import LayerRecord

_NO_DATE = date(1970, 1, 1)


@dataclass(frozen=True)
class Workspace:
    """One county's folder, opened.

    Parameters
    ----------
    root
        The folder; see `open_workspace` and `create_workspace`.
    scenario
        What differs from the county as it is, see `yanshan_gis.overlay`; None for the county
        itself.
    """

    root: Path
    scenario: Scenario | None = field(default=None, hash=False)

    @property
    def out(self) -> Path:
        """Where results go."""
        return self.root / "out"

    @property
    def geopackage(self) -> Path:
        """Where the layers are."""
        return self.root / "layers.gpkg"

    @property
    def cache(self) -> ArrayCache:
        """What may be deleted at any time and is then prepared again."""
        return ArrayCache(self.root / ".cache")

    @cached_property
    def county(self) -> County:
        """The settings of ``county.toml``."""
        return read_county(self.root / FILE_NAME)

    @cached_property
    def layer_catalogue(self) -> Catalogue[LayerDef]:
        """Layer definitions, the workspace's own before the bundled ones."""
        return read_layers(self.root / "layers")

    @cached_property
    def analyses(self) -> Catalogue[AnalysisDef]:
        """Recipes, the workspace's own before the bundled ones."""
        return read_analyses(self.root / "analyses")

    def with_analyses(self, analyses: Catalogue[AnalysisDef]) -> Workspace:
        """Return the same county with other recipes, such as other values of their parameters.

        Parameters
        ----------
        analyses
            All recipes.

        Returns
        -------
        Workspace
            Of the same kind; nothing is stored.
        """
        same = copy.copy(self)
        vars(same)["analyses"] = analyses  # where the cached property keeps what it read
        return same

    @cached_property
    def schemes(self) -> dict[str, Scheme]:
        """Schemes of grading by name, the workspace's own before the bundled ones."""
        return read_schemes(self.root / "analyses" / "schemes")

    @property
    def stamp(self) -> date:
        """The date outputs are stamped with: the data's, never the clock's."""
        return self.data_date or _NO_DATE

    @property
    def data_date(self) -> date | None:
        """The date the data speak for, as county.toml or the sources state it."""
        dates = [s.as_of for sources in self.sources().values() for s in sources if s.as_of]
        return self.county.data_date or max(dates, default=None)

    def records(self) -> dict[str, LayerRecord]:
        """Tell which layers are stored.

        Returns
        -------
        dict
            Records by layer name.
        """
        return registry.read_records(self.geopackage)

    def names(self) -> list[NameRecord]:
        """Read the name table.

        Returns
        -------
        list of NameRecord
            Official names and codes of features, with the years they held.
        """
        return registry.read_names(self.geopackage)

    def sources(self) -> dict[str, tuple[Source, ...]]:
        """Tell where the layers come from.

        Returns
        -------
        dict
            Sources by layer name.
        """
        return registry.read_sources(self.geopackage)

    def read(self, name: str) -> Layer | None:
        """Read a layer.

        Parameters
        ----------
        name
            Its name in the catalogue.

        Returns
        -------
        Layer or None
            None when the workspace does not hold it.
        """
        import geopandas as gpd

        record = self.records().get(name)
        if record is None:
            return None
        definition = self.layer_catalogue[name]
        sources = self.sources().get(name, ())
        if record.raster:
            empty = gpd.GeoDataFrame(geometry=[], crs=self.county.crs)
            return Layer(definition, empty, sources, self.root / record.raster)
        return Layer(definition, read_table(self.geopackage, name), sources)

    def store(
        self,
        layers: Iterable[Layer],
        *,
        names: Sequence[NameRecord] | None = None,
        raster_hashes: dict[str, str] | None = None,
    ) -> None:
        """Store layers as one step, each replacing the one of its name.

        Parameters
        ----------
        layers
            Validated, in the working CRS.
        names
            The whole name table; unchanged when not given.
        raster_hashes
            SHA-256 of the files of raster layers, by layer name.

        Raises
        ------
        CrsError
            When a layer is not in the working CRS.
        FileInUseError
            When another program holds ``layers.gpkg`` open.
        WriteError
            When it could not be written; the old one is unchanged.
        """
        layers = list(layers)
        self._check_crs(layers)
        records, sources = self.records(), self.sources()
        for layer in layers:
            layer_hash = (raster_hashes or {}).get(layer.name, "")
            records[layer.name] = registry.record_of(layer, self.root, layer_hash)
            sources[layer.name] = layer.sources
        dates = [s.as_of for found in sources.values() for s in found if s.as_of]
        stamp = self.county.data_date or max(dates, default=_NO_DATE)
        kept = self.names() if names is None else list(names)
        with edit(self.geopackage, stamp=stamp) as draft:
            for layer in layers:
                if layer.raster is None:
                    draft.write(
                        layer.name,
                        layer.frame,
                        title=layer.title,
                        fields=layer.definition.fields,
                        geometry_type=None if len(layer) else _empty_type(layer.definition),
                    )
            registry.write_registry(draft, records, sources, kept)

    def _check_crs(self, layers: Sequence[Layer]) -> None:
        """Refuse a layer in another CRS: no method would notice, and every figure be wrong."""
        if self.county.crs is None:
            return
        working = parse_crs(self.county.crs)
        for layer in layers:
            if layer.crs is not None and parse_crs(layer.crs) != working:
                raise CrsError(
                    "crs-not-working",
                    N_("Layer {layer} is in {crs} and the workspace in {working}; reproject it."),
                    layer=layer.name,
                    crs=parse_crs(layer.crs).name,
                    working=working.name,
                )

    def with_crs(self, crs: str) -> Workspace:
        """Fix the working CRS, as the first stored layer does.

        Parameters
        ----------
        crs
            An EPSG code.

        Returns
        -------
        Workspace
            Reading the new settings.
        """
        set_crs(self.root / FILE_NAME, crs)
        return replace(self)


def _empty_type(definition: LayerDef) -> str:
    kinds = [kind for kind in definition.geometry if kind not in {"Raster", "Table"}]
    return kinds[0] if len(kinds) == 1 else "Unknown"


def open_workspace(root: Path) -> Workspace:
    """Open a county's folder.

    Parameters
    ----------
    root
        The folder with ``county.toml``.

    Returns
    -------
    Workspace
        With its settings read and checked.

    Raises
    ------
    WorkspaceError
        When there is no ``county.toml``.
    ContentError
        When it has problems.
    """
    if not (root / FILE_NAME).is_file():
        raise WorkspaceError(
            "workspace-missing",
            N_(
                "{folder} is no workspace (there is no county.toml); make one with "
                "yanshan init, or name it with -w."
            ),
            folder=str(root),
        )
    workspace = Workspace(root)
    _ = workspace.county  # read now, so that a bad file is said at once
    return workspace


def check_free(root: Path) -> None:
    """Refuse a folder in which something is.

    Parameters
    ----------
    root
        A folder about to become a workspace.

    Raises
    ------
    UsageError
        When something is there already.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(
            "workspace-exists",
            N_("{folder} is there already and not empty; name a new folder."),
            folder=str(root),
        )


def create_workspace(root: Path, county: County) -> Workspace:
    """Make a county's folder with its settings.

    Parameters
    ----------
    root
        A folder that does not exist yet, or is empty.
    county
        The settings.

    Returns
    -------
    Workspace
        Without layers.

    Raises
    ------
    UsageError
        When something is there already.
    """
    check_free(root)
    root.mkdir(parents=True, exist_ok=True)
    write_county(root / FILE_NAME, county)
    return Workspace(root)


def discard_workspace(root: Path) -> None:
    """Remove a folder that `create_workspace` made and that could not be filled.

    Parameters
    ----------
    root
        The folder.
    """
    shutil.rmtree(root, ignore_errors=True)
