"""Rows changed by their permanent id, and rows that come in addition, without a file.

Cells are read as those of an import are: codes by their Chinese names, numbers with units,
references by id, code or name. Nothing is stored; the layer as it would be is returned.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from yanshan_gis.errors import DataError, YanshanError
from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.ingest.fields import ColumnMatch, FieldMapping
from yanshan_gis.ingest.linking import Batch, canonical_townships, gazetteer_of, link_references
from yanshan_gis.ingest.listed_places import canonical_lists
from yanshan_gis.ingest.measures import check_units
from yanshan_gis.ingest.merge import Mode, plan_merge
from yanshan_gis.ingest.pipeline import county_box
from yanshan_gis.ingest.validate import check_inside, validate_values
from yanshan_gis.layer import Layer
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from yanshan_gis.catalogue import Catalogue
    from yanshan_gis.content import LayerDef
    from yanshan_gis.county import County
    from yanshan_gis.layer import NameRecord, Source

Row = Mapping[str, Any]
Problem = tuple[str, Notice]  # the place within the scenario's file, and what is wrong there

PLACE_KEYS = ("at", "x", "y", "wkt")
_DIMENSION = {"Point": 0, "LineString": 1, "Polygon": 2}


@dataclass(frozen=True)
class Ground:
    """What patches are read against.

    Parameters
    ----------
    current
        The layers that are there, by name; read when they are asked for.
    definitions
        The layer catalogue.
    names
        The name table.
    county
        Name and working CRS.
    """

    current: Mapping[str, Layer]
    definitions: Catalogue[LayerDef]
    names: Sequence[NameRecord]
    county: County

    def shape_of(self, identity: str) -> Any:
        """Return the geometry of a feature of any layer.

        Parameters
        ----------
        identity
            Its permanent id.

        Returns
        -------
        shapely.Geometry
            In the working CRS.

        Raises
        ------
        DataError
            When no layer has that feature, or it has no position.
        """
        prefix = identity.rstrip("0123456789")
        for name in self.current:
            if self.definitions[name].id_prefix != prefix:
                continue
            frame = self.current[name].frame
            found = np.flatnonzero((frame["id"] == identity).to_numpy())
            if len(found) and isinstance(frame, gpd.GeoDataFrame):
                shape = frame.geometry.iloc[found[0]]
                if shape is not None and not shape.is_empty:
                    return shape
                text = N_("{id} has no position.")
                raise DataError("place-nowhere", text, id=identity)
        raise DataError("place-unknown", N_("No layer has a feature {id!r}."), id=identity)


@dataclass(frozen=True)
class Patched:
    """A layer as a scenario has it.

    Parameters
    ----------
    layer
        Rows in the order they had, new ones behind them.
    touched
        Ids of the rows that differ, in that order.
    problems
        All that is wrong, by place; with problems the layer is as it was.
    remarks
        What is doubtful but was taken.
    """

    layer: Layer
    touched: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()


def patch_layer(
    own: Layer, rows: Mapping[str, Row], new: Sequence[Row], source: Source, ground: Ground
) -> Patched:
    """Lay patches and new rows over a layer.

    Parameters
    ----------
    own
        The layer as it is, with or without rows.
    rows
        Values by permanent id and field; the place of a feature may change too.
    new
        Rows that come in addition; each with a place, where the layer has places.
    source
        What the rows that differ rest on.
    ground
        Layers, names and county they are read against.

    Returns
    -------
    Patched
        The new layer, or every problem.
    """
    work = _Work(own.definition, source, ground)
    there = set(own.frame["id"])
    known = {key: row for key, row in rows.items() if key in there}
    for key in rows:
        if key not in there:
            text = N_("layer {layer} has no feature {id!r}")
            values = {"layer": own.name, "id": key}
            work.problems.append((f"rows.{own.name}.{key}", Notice("row-unknown", text, values)))
    layer, touched = own, list[str]()
    if known:
        batch = work.batch([f"rows.{own.name}.{key}" for key in known], list(known.values()))
        layer, touched = work.merge(layer, batch, list(known), "update")
    if new:
        batch = work.batch([f"new.{own.name}.{at}" for at in range(1, len(new) + 1)], new)
        work.check_complete(batch, placed=isinstance(own.frame, gpd.GeoDataFrame))
        layer, added = work.merge(layer, batch, _new_ids(own, new, source), "append")
        touched += added
    if work.problems:
        return Patched(own, (), tuple(work.problems), tuple(work.remarks))
    order = [*own.frame["id"], *touched[len(touched) - len(new) :]] if new else own.frame["id"]
    frame = layer.frame.set_index("id").loc[list(order)].reset_index()
    # Of the very types that a stored layer has when it is read.
    kinds = {c: kind for c, kind in own.frame.dtypes.items() if c != "geometry" and len(own)}
    frame = frame[[c for c in layer.frame.columns if c in frame]].astype(kinds)
    return Patched(replace(layer, frame=frame), tuple(touched), remarks=tuple(work.remarks))


def _new_ids(own: Layer, new: Sequence[Row], source: Source) -> list[str]:
    """Name new rows after their place, so that two scenarios name the same site alike."""
    taken = set(own.frame["id"])
    ids = []
    for number, row in enumerate(new, 1):
        place = plain_text(row.get("at"))
        if not place and "x" in row and "y" in row:
            place = f"{plain_text(row['x'])},{plain_text(row['y'])}"
        wished = f"{own.definition.id_prefix}@{place or f'{source.id}:{number}'}"
        identity, repeat = wished, 1
        while identity in taken:
            repeat += 1
            identity = f"{wished}-{repeat}"
        taken.add(identity)
        ids.append(identity)
    return ids


class _Work:
    """Reads the rows of one layer and gathers what is wrong with them."""

    def __init__(self, definition: LayerDef, source: Source, ground: Ground) -> None:
        self.definition, self.source, self.ground = definition, source, ground
        self.problems: list[Problem] = []
        self.remarks: list[Problem] = []
        self.places: list[str] = []

    def batch(self, places: list[str], rows: Sequence[Row]) -> Batch:
        """Turn rows into typed values with geometry."""
        self.places = places
        fields = self.definition.fields
        columns = [name for name in fields if any(name in row for row in rows)]
        for place, row in zip(places, rows, strict=True):
            self._check_keys(place, row)
        frame = pd.DataFrame(
            {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns},
            index=pd.RangeIndex(len(rows)),
        )
        matches = tuple(ColumnMatch(name, name, "given") for name in columns)
        numbers = np.arange(len(rows), dtype=np.int64)
        mapping = FieldMapping(self.definition, matches)
        values, problems = validate_values(frame, numbers, mapping, complete=False)
        values = values[[name for name in values if name in fields]]
        shapes = np.array(
            [self._shape(place, row) for place, row in zip(places, rows, strict=True)],
            dtype=object,
        )
        box = county_box(self.ground.current, self.ground.county.crs)
        placed = np.flatnonzero([shape is not None for shape in shapes])
        if len(placed):
            if box is not None:
                problems += check_inside(shapes[placed], placed.astype(np.int64), box)
            values = gpd.GeoDataFrame(values, geometry=shapes, crs=self.ground.county.crs)
        return Batch(self.definition, values, numbers, list(problems))

    def _check_keys(self, place: str, row: Row) -> None:
        fields = self.definition.fields
        for key, cell in row.items():
            where = f"{place}.{key}"
            if key in fields:
                if isinstance(cell, str) and not cell.strip():
                    text = N_("a value is needed; a scenario cannot empty a cell")
                    self.problems.append((where, Notice("cell-empty", text)))
            elif key not in PLACE_KEYS:
                near = difflib.get_close_matches(key, fields, 3, 0.6) or list(fields)
                text = N_("layer {layer} has no field {field!r}; nearest: {nearest}")
                values = {"layer": self.definition.name, "field": key, "nearest": ", ".join(near)}
                self.problems.append((where, Notice("field-no-such", text, values)))

    def _shape(self, place: str, row: Row) -> Any:
        """Return where a row stands; None where it says nothing of that."""
        try:
            shape = self._placed(row)
            if shape is not None:
                self._check_kind(shape)
        except YanshanError as error:
            self.problems.append((place, error.notice))
            return None
        return shape

    def _placed(self, row: Row) -> Any:
        told = [key for key in ("at", "x", "wkt") if key in row]
        if len(told) > 1 or ("x" in row) != ("y" in row):
            raise DataError("place-twice", N_("say the place once: at, or x and y, or wkt"))
        if not told:
            return None
        if "at" in row:
            return self.ground.shape_of(plain_text(row["at"]))
        if self.ground.county.crs is None:
            text = N_("the workspace has no working CRS yet; import a layer first")
            raise DataError("place-no-crs", text)
        try:
            if "wkt" in row:
                return shapely.from_wkt(row["wkt"])
            return shapely.Point(float(row["x"]), float(row["y"]))
        except (TypeError, ValueError, shapely.errors.ShapelyError) as error:
            text = N_("the place cannot be read: {reason}")
            raise DataError("place-unreadable", text, reason=str(error)) from error

    def _check_kind(self, shape: Any) -> None:
        kinds = [kind for kind in self.definition.geometry if kind in _DIMENSION]
        if int(shapely.get_dimensions(shape)) not in {_DIMENSION[kind] for kind in kinds}:
            text = N_("layer {layer} takes {kinds}, and the place is a {kind}")
            values = {"kinds": ", ".join(kinds) or "—", "kind": shape.geom_type}
            raise DataError("place-kind", text, layer=self.definition.name, **values)

    def check_complete(self, batch: Batch, *, placed: bool) -> None:
        """Refuse new rows without a required value, or a place where the layer has places."""
        there = "geometry" in batch.values
        shapes = list(batch.values["geometry"]) if there else [None] * len(batch.values)
        known = {place for place, _ in self.problems}
        for at, place in enumerate(self.places):
            if placed and shapes[at] is None and place not in known:
                text = N_("say the place: at, or x and y, or wkt")
                self.problems.append((place, Notice("place-missing", text)))
            for name, field in self.definition.fields.items():
                cell = batch.values[name].iloc[at] if name in batch.values else None
                told = {problem.field for problem in batch.problems if problem.row == at}
                if field.required and pd.isna(cell) and name not in told:
                    notice = Notice(
                        "value-missing",
                        N_("{field} must not be empty."),
                        {"field": f"{name} ({field.title.zh})"},
                    )
                    self.problems.append((f"{place}.{name}", notice))

    def merge(
        self, layer: Layer, batch: Batch, ids: list[str], mode: Mode
    ) -> tuple[Layer, list[str]]:
        """Link the rows and lay them over a layer; return it and the ids that differ."""
        ground, definition = self.ground, self.definition
        batch.values["id"] = pd.Series(ids, dtype=object)
        known = gazetteer_of(
            ground.current, definition, ground.names, ground.county.name.zh, year=None
        )
        canonical_townships(batch, ground.current, known)
        canonical_lists(batch, ground.current, known)
        link_references(batch, ground.current, mode, known)
        check_units(batch, ground.current)
        for problem in batch.problems:
            place = f"{self.places[problem.row]}.{problem.field}".rstrip(".")
            worse = problem.severity == "refuse"
            (self.problems if worse else self.remarks).append((place, problem.notice))
        if self.problems:
            return layer, []
        crs = ground.county.crs
        plan = plan_merge(
            layer, batch.values, mode, definition=definition, source=self.source, crs=crs
        )
        differ = set(plan.changed["id"]) | set(plan.added["id"])
        return plan.apply(definition), [i for i in ids if i in differ]
