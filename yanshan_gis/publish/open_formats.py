"""Layers as GeoJSON and GeoParquet, under their own names and codes, for programs and the web."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from yanshan_gis.publish.exchange import (
    ExchangeLayer,
    Filed,
    publish_folder,
)
from yanshan_gis.publish.exchange_values import as_text, in_degrees, plain_columns

if TYPE_CHECKING:
    import geopandas as gpd

    from yanshan_gis.publish.publication import Publication, Written


def publish_geojson(publication: Publication) -> Written:
    """Write the layers as GeoJSON (RFC 7946) into ``out/publish/exchange/geojson``.

    Longitude and latitude on WGS 84, rings by the right-hand rule, fields and codes under their own
    names; the workbook gives titles and words.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        Files and notices.
    """

    def write(layer: ExchangeLayer, folder: Path) -> list[Filed]:
        import pyogrio

        frame = plain_columns(in_degrees(layer.frame))
        for name in _columns(frame):
            if frame[name].dtype == object or pd.api.types.is_datetime64_any_dtype(frame[name]):
                frame[name] = as_text(frame[name])
        path = folder / f"{layer.file}.geojson"
        # The driver turns rings by RFC 7946 and writes seven decimals, a centimetre.
        pyogrio.write_dataframe(
            frame, path, driver="GeoJSON", layer=layer.table, RFC7946="YES", WRITE_NAME="YES"
        )
        filed = replace(layer, frame=frame)
        return [Filed(filed, {name: name for name in _columns(frame)})]

    return publish_folder(publication, "geojson", write)


def publish_geoparquet(publication: Publication) -> Written:
    """Write the layers as GeoParquet into ``out/publish/exchange/geoparquet``.

    Nothing is lost: types, codes and the workspace's CRS stay as they are.

    Parameters
    ----------
    publication
        What is published.

    Returns
    -------
    Written
        Files and notices.
    """

    def write(layer: ExchangeLayer, folder: Path) -> list[Filed]:
        frame = plain_columns(layer.frame)
        for name in _columns(frame):
            kinds = {type(v) for v in frame[name] if v is not None}
            if frame[name].dtype == object and len(kinds) > 1:  # a column of a file has one type
                frame[name] = as_text(frame[name])
        frame.to_parquet(folder / f"{layer.file}.parquet", index=False)
        return [Filed(layer, {name: name for name in _columns(frame)})]

    return publish_folder(publication, "geoparquet", write)


def _columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns.drop(frame.geometry.name)]
