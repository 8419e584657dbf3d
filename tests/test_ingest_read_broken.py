"""Whatever is done to a file, the door answers with tables or with one of our errors."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from yanshan_gis.errors import YanshanError
from yanshan_gis.ingest.read import read_tables

ROWS = 150
XLS = Path(__file__).parent / "data" / "cold_storage.xls"
SUFFIXES = ["shp", "dbf", "shx", "prj", "gpkg", "geojson", "kml", "zip", "csv", "xlsx", "xls",
            "gdbtable", "gdbtablx"]  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    points = shapely.points(np.linspace(104, 105, ROWS), np.linspace(23, 24, ROWS))
    frame = gpd.GeoDataFrame(
        {"名称": [f"江那镇听湖村{n}" for n in range(ROWS)], "户": range(ROWS)},
        geometry=points,
        crs=4326,
    )
    pyogrio.write_dataframe(frame, folder / "a.shp", encoding="GBK")
    pyogrio.write_dataframe(frame, folder / "a.gpkg", layer="村")
    pyogrio.write_dataframe(frame, folder / "a.geojson")
    pyogrio.write_dataframe(frame[["名称", "geometry"]], folder / "a.gdb", driver="OpenFileGDB")
    frame[["名称", "户"]].to_csv(folder / "a.csv", index=False, encoding="gbk")
    marks = "".join(f"<Placemark><name>{n}</name><Point><coordinates>104,{n / 100}</coordinates>"
                    "</Point></Placemark>" for n in range(ROWS))  # fmt: skip
    (folder / "a.kml").write_text(f"<kml><Document>{marks}</Document></kml>")
    book = openpyxl.Workbook()
    for row in frame[["名称", "户"]].to_numpy().tolist():
        book.active.append(row)
    book.save(folder / "a.xlsx")
    shutil.copy(XLS, folder / "a.xls")
    shutil.make_archive(str(folder / "a"), "zip", folder, "a.csv")
    return folder


def victims(folder: Path, suffix: str) -> tuple[Path, Path]:
    """Return the file to be damaged, and the file to be read."""
    if suffix.startswith("gdb"):
        largest = max((folder / "a.gdb").glob(f"*.{suffix}"), key=lambda part: part.stat().st_size)
        return largest, folder / "a.gdb"
    damaged = folder / f"a.{suffix}"
    return damaged, folder / "a.shp" if suffix in {"dbf", "shx", "prj"} else damaged


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("how", ["cut", "overwritten"])
def test_every_damage_is_answered(sound, tmp_path, suffix, how) -> None:
    random = np.random.default_rng(len(suffix) + len(how))
    folder = tmp_path / "copy"
    shutil.copytree(sound, folder)
    damaged, read = victims(folder, suffix)
    data = damaged.read_bytes()
    answers: list[str] = []
    for share in (0.0005, 0.02, 0.3, 0.5, 0.77, 0.98, 0.9999):
        at = int(len(data) * share)
        if how == "cut":
            damaged.write_bytes(data[:at])
        else:
            noise = random.integers(0, 256, 40, dtype=np.uint8).tobytes()
            damaged.write_bytes(data[:at] + noise + data[at + 40 :])
        try:
            tables = read_tables(read)
        except YanshanError as error:
            answers.append(error.render("en"))
            continue
        for table in tables:
            assert len(table.row_numbers) == len(table.frame)
            assert table.frame.index.equals(table.frame.index.__class__(range(len(table.frame))))
            assert table.path == read
    assert not [answer for answer in answers if "{" in answer]
