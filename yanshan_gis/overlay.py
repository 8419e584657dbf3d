"""A scenario laid over its county: a workspace that reads differently and stores nothing.

Layers are those of the county with the scenario's rows, recipes those of the county with the
scenario's parameters, and results go to a folder of their own. Everything downstream takes it for
any other workspace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import geopandas as gpd
import pandas as pd

from yanshan_gis.catalogue import Catalogue
from yanshan_gis.content import AnalysisDef
from yanshan_gis.county import County
from yanshan_gis.errors import ContentError, UsageError, WorkspaceError
from yanshan_gis.ingest.patch import Ground, Patched, patch_layer
from yanshan_gis.layer import Layer, NameRecord, Quality, Source
from yanshan_gis.messages import N_, Notice
from yanshan_gis.parameters import Replaced, replace_parameters
from yanshan_gis.scenario import FOLDER, Scenario, read_scenario, shown_name
from yanshan_gis.store.geopackage import content_hash
from yanshan_gis.store.registry import LayerRecord
from yanshan_gis.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from yanshan_gis.ingest.patch import Problem

_PROBLEM = N_("{file}, {place}: {reason}")


class _Layers(Mapping[str, Layer]):
    """The layers of a workspace that hold features, each read when it is first asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names = [name for name, record in workspace.records().items() if not record.raster]
        self._read: dict[str, Layer] = {}

    def __getitem__(self, name: str) -> Layer:
        if name not in self._read:
            layer = self._workspace.read(name) if name in self._names else None
            if layer is None:
                raise KeyError(name)
            self._read[name] = layer
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True)
class ScenarioWorkspace(Workspace):
    """A county as a scenario has it; see `open_scenario`."""

    @property
    def told(self) -> Scenario:
        """The scenario itself."""
        if self.scenario is None:
            raise ValueError("a scenario's workspace has a scenario")
        return self.scenario

    @cached_property
    def base(self) -> Workspace:
        """The county as it is."""
        return Workspace(self.root)

    @property
    def out(self) -> Path:
        """Where the scenario's results go."""
        return self.base.out / FOLDER / self.told.name

    @cached_property
    def _parameters(self) -> Replaced:
        return replace_parameters(self.base.analyses, self.told.parameters)

    @cached_property
    def analyses(self) -> Catalogue[AnalysisDef]:
        """Recipes with the scenario's parameters."""
        return self._parameters.analyses

    @cached_property
    def county(self) -> County:
        """The settings, with the targets the scenario states."""
        county = self.base.county
        stated = self._parameters.targets
        return county.model_copy(update={"targets": {**county.targets, **stated}})

    @cached_property
    def _source(self) -> Source:
        # Derived, not surveyed: nobody has seen these rows. What a row rested on before still
        # counts where it is weaker, so that a modelled layer stays one.
        derived = Quality.DERIVED
        name = self.told.name
        return Source(f"{FOLDER}:{name}", shown_name(name), attributes=derived, position=derived)

    @cached_property
    def _patched(self) -> tuple[dict[str, Patched], list[Problem]]:
        """Read the scenario's rows against the county."""
        base, told = self.base, self.told
        ground = Ground(_Layers(base), base.layer_catalogue, base.names(), base.county)
        done: dict[str, Patched] = {}
        problems: list[Problem] = []
        for named in dict.fromkeys([*told.rows, *told.new]):
            place = f"{'rows' if named in told.rows else 'new'}.{named}"
            try:
                own = _layer_of(ground, named)
            except UsageError as error:
                problems.append((place, error.notice))
                continue
            rows, new = told.rows.get(named, {}), told.new.get(named, ())
            patched = patch_layer(own, rows, new, self._source, ground)
            problems += patched.problems
            done[own.name] = patched
        return done, problems

    @property
    def problems(self) -> list[Notice]:
        """All that does not fit the county, in the order of the file."""
        found = [(f"parameters.{key}", notice) for key, notice in self._parameters.problems]
        return self._placed([*found, *self._patched[1]])

    @property
    def remarks(self) -> list[Notice]:
        """What is doubtful in the scenario but was taken."""
        return self._placed(p for patched in self._patched[0].values() for p in patched.remarks)

    def _placed(self, problems: Iterable[Problem]) -> list[Notice]:
        file = shown_name(self.told.name)
        return [
            Notice("scenario-value", _PROBLEM, {"file": file, "place": place, "reason": notice})
            for place, notice in problems
        ]

    @cached_property
    def _changed(self) -> dict[str, Patched]:
        return {name: patched for name, patched in self._patched[0].items() if patched.touched}

    def records(self) -> dict[str, LayerRecord]:
        """Tell which layers there are; those with the scenario's rows have hashes of their own.

        Returns
        -------
        dict
            Records by layer name.
        """
        records = dict(self.base.records())
        for name, patched in self._changed.items():
            before = records[name].sha256 if name in records else ""
            frame = patched.layer.frame
            rows = content_hash(frame[frame["id"].isin(patched.touched)])
            digest = hashlib.sha256(f"{before}\n{rows}".encode()).hexdigest()
            records[name] = LayerRecord(name, len(frame), digest)
        return dict(sorted(records.items()))

    def sources(self) -> dict[str, tuple[Source, ...]]:
        """Tell where the layers come from, the scenario included.

        Returns
        -------
        dict
            Sources by layer name.
        """
        own = {name: patched.layer.sources for name, patched in self._changed.items()}
        return {**self.base.sources(), **own}

    def names(self) -> list[NameRecord]:
        """Read the county's name table.

        Returns
        -------
        list of NameRecord
            Official names and codes of features.
        """
        return self.base.names()

    def read(self, name: str) -> Layer | None:
        """Read a layer as the scenario has it.

        Parameters
        ----------
        name
            Its name in the catalogue.

        Returns
        -------
        Layer or None
            None when neither the county nor the scenario holds it.
        """
        patched = self._changed.get(name)
        return self.base.read(name) if patched is None else patched.layer

    def store(
        self,
        layers: Iterable[Layer],
        *,
        names: Sequence[NameRecord] | None = None,
        raster_hashes: dict[str, str] | None = None,
    ) -> None:
        """Refuse: a scenario holds no data.

        Parameters
        ----------
        layers, names, raster_hashes
            As for a county.

        Raises
        ------
        WorkspaceError
            Always.
        """
        self._refuse()

    def with_crs(self, crs: str) -> Workspace:
        """Refuse: the working CRS is the county's.

        Parameters
        ----------
        crs
            An EPSG code.

        Returns
        -------
        Workspace
            Never.

        Raises
        ------
        WorkspaceError
            Always.
        """
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise WorkspaceError(
            "scenario-stores-nothing",
            N_("Scenario {name} holds no data of its own; import into the county without --as."),
            name=self.told.name,
        )


def _layer_of(ground: Ground, named: str) -> Layer:
    """Return the layer a scenario changes, empty where the county does not hold it yet."""
    definition = ground.definitions.find(named)
    if definition.is_raster:
        text = N_("layer {layer} holds pixels; a scenario changes rows")
        raise UsageError("layer-no-rows", text, layer=named)
    if definition.name in ground.current:
        return ground.current[definition.name]
    columns: dict[str, Any] = {"id": [], "source_id": []}
    empty = pd.DataFrame(columns, dtype=object)
    if not definition.is_table:
        empty = gpd.GeoDataFrame(empty, geometry=[], crs=ground.county.crs)
    return Layer(definition, empty)


def open_scenario(base: Workspace, scenario: Scenario | str) -> ScenarioWorkspace:
    """Lay a scenario over a county.

    Parameters
    ----------
    base
        The county as it is.
    scenario
        The scenario, or the name of one of the county's.

    Returns
    -------
    ScenarioWorkspace
        Every value read and found to fit.

    Raises
    ------
    UsageError
        When there is none of that name.
    ContentError
        With every layer, row, field, value and parameter that does not fit the county.
    """
    if isinstance(scenario, str):
        scenario = read_scenario(base.root, scenario)
    opened = ScenarioWorkspace(base.root, scenario)
    if problems := opened.problems:
        raise ContentError(problems)
    return opened


def open_as(root: Path, scenario: str | None = None) -> Workspace:
    """Open a county's folder, as it is or as a scenario has it.

    Parameters
    ----------
    root
        The folder with ``county.toml``.
    scenario
        Name of a scenario; None for the county as it is.

    Returns
    -------
    Workspace
        Ready to be read.

    Raises
    ------
    WorkspaceError
        When there is no ``county.toml``.
    UsageError
        When there is no such scenario.
    ContentError
        When settings or scenario have problems.
    """
    base = open_workspace(root)
    return base if scenario is None else open_scenario(base, scenario)
