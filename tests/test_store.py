"""GeoPackages are written whole or not at all, and never under another program's feet."""

import os
import sqlite3
import subprocess
import sys
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from yanshan_gis.catalogue import read_layers
from yanshan_gis.errors import DataError, FileInUseError, WriteError
from yanshan_gis.store import cache as cache_module
from yanshan_gis.store.cache import ArrayCache
from yanshan_gis.store.geopackage import content_hash, edit, list_tables, read_rows, read_table
from yanshan_gis.store.output import put

DAY = date(2025, 12, 31)


def points(*names):
    return gpd.GeoDataFrame(
        {
            "id": list(names),
            "exempt": pd.array([None, True, False][: len(names)], dtype="boolean"),
            "rows": pd.array([3, None, 7][: len(names)], dtype="Int64"),
        },
        geometry=shapely.points([[i, i] for i in range(len(names))]),
        crs="EPSG:4544",
    )


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "层 layers.gpkg"
    with edit(path, stamp=DAY) as draft:
        draft.write("villages", points("a", "b", "c"))
    return path


def test_types_and_gaps_survive(package):
    frame = read_table(package, "villages")
    assert frame["exempt"].dtype == "boolean"
    assert frame["exempt"].isna().tolist() == [True, False, False]
    assert frame["rows"].tolist() == [3, pd.NA, 7] or frame["rows"].isna().tolist()[1]
    assert frame.crs.to_epsg() == 4544
    assert content_hash(frame) == content_hash(points("a", "b", "c"))


def test_one_part_and_several_in_one_table_come_back_as_given(package):
    one, other = shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"]}, geometry=[one, shapely.union_all([one, other])], crs="EPSG:4544"
    )
    with edit(package, stamp=DAY) as draft:
        draft.write("townships", frame)
    assert read_table(package, "townships").geom_type.tolist() == ["Polygon", "MultiPolygon"]
    assert content_hash(read_table(package, "townships")) == content_hash(frame)


def test_order_and_values_change_the_hash():
    assert content_hash(points("a", "b")) != content_hash(points("b", "a"))
    assert content_hash(points("a", "b")) != content_hash(
        points("a", "b").set_crs(4543, allow_override=True)
    )


def test_same_rows_same_bytes(tmp_path):
    for name in ("one.gpkg", "two.gpkg"):
        with edit(tmp_path / name, stamp=DAY) as draft:
            draft.write("villages", points("a", "b"))
            draft.write("table", pd.DataFrame({"x": [1.5]}))
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a/b", "专栏 4", "a;b--c"])
def test_any_layer_name(tmp_path, name):
    path = tmp_path / "x.gpkg"
    fields = read_layers()["villages"].fields if "villages" in read_layers() else None
    with edit(path, stamp=DAY) as draft:
        draft.write(name, points("a"), fields=fields)
    assert list_tables(path) == [name]
    assert read_table(path, name)["id"].tolist() == ["a"]
    assert read_rows(path, name)[0]["id"] == "a"


def test_error_in_the_middle_leaves_the_old_file(package):
    before = package.read_bytes()

    def fail():
        with edit(package, stamp=DAY) as draft:
            draft.write("villages", points("z"))
            raise RuntimeError("stopped in the middle")

    with pytest.raises(RuntimeError):
        fail()
    assert package.read_bytes() == before
    assert [p.name for p in package.parent.iterdir()] == [package.name]


def test_full_disk_leaves_the_old_file(package, monkeypatch):
    before = package.read_bytes()

    def full(*_args, **_kwargs):
        raise pyogrio.errors.DataSourceError("disk full")

    def store():
        with edit(package, stamp=DAY) as draft:
            monkeypatch.setattr(pyogrio, "write_dataframe", full)
            draft.write("villages", points("z"))

    with pytest.raises(WriteError) as caught:
        store()
    assert caught.value.code == "file-not-written"
    assert package.read_bytes() == before


def test_killed_in_the_middle_leaves_the_old_file(package):
    """A process that dies between two tables: the file in place is still the old one."""
    before = package.read_bytes()
    script = (
        "import os, sys, pathlib, datetime, pandas as pd\n"
        "from yanshan_gis.store.geopackage import edit\n"
        "with edit(pathlib.Path(sys.argv[1]), stamp=datetime.date(2025, 12, 31)) as draft:\n"
        "    draft.write('other', pd.DataFrame({'x': [1]}))\n"
        "    os._exit(9)\n"
    )
    died = subprocess.run([sys.executable, "-c", script, str(package)], check=False)
    assert died.returncode == 9
    assert package.read_bytes() == before
    assert list_tables(package) == ["villages"]


READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
{prepare}
rows = connection.execute("SELECT * FROM villages")
rows.fetchone()
print("reading", flush=True)
sys.stdin.readline()
print(connection.execute("SELECT count(*) FROM villages").fetchone()[0], flush=True)
"""


@pytest.mark.parametrize("prepare", ["", "connection.execute('PRAGMA journal_mode=WAL')"])
def test_a_file_open_in_another_process_is_never_replaced(package, prepare):
    reader = subprocess.Popen(
        [sys.executable, "-c", READER.format(prepare=prepare), str(package)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with reader:
        assert reader.stdout.readline() == "reading\n"
        with pytest.raises(FileInUseError) as caught, edit(package, stamp=DAY) as draft:
            draft.write("villages", points("z"))
        assert caught.value.code == "file-in-use"
        assert package.name in caught.value.render("en")
        out, _ = reader.communicate("\n", timeout=10)
    assert out == "3\n"
    with edit(package, stamp=DAY) as draft:  # closed there: now it goes
        draft.write("villages", points("z"))
    assert read_table(package, "villages")["id"].tolist() == ["z"]


def test_journal_left_by_a_crash_is_folded_in(package):
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode=WAL')\n"
        'c.execute("CREATE TABLE kept (x INTEGER)")\n'
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(package)], check=False)
    assert package.with_name(package.name + "-wal").exists()
    with edit(package, stamp=DAY) as draft:
        draft.write("villages", points("z"))
    connection = sqlite3.connect(package)
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'kept'").fetchone()
    connection.close()


def test_damaged_file_is_named(tmp_path):
    path = tmp_path / "broken.gpkg"
    path.write_bytes(b"no database " * 100)
    with pytest.raises(DataError) as caught:
        list_tables(path)
    assert caught.value.code == "geopackage-damaged"


def test_missing_table_is_named(package):
    with pytest.raises(DataError) as caught:
        read_table(package, "roads")
    assert caught.value.code == "table-missing"


def test_chinese_titles_are_in_the_schema_extension(package):
    fields = read_layers()["cold_storage"].fields
    frame = points("a").assign(volume_m3=[500.0], name=["一号库"])
    with edit(package, stamp=DAY) as draft:
        draft.write("cold_storage", frame, fields=fields)
    rows = read_rows_of(package, "SELECT column_name, name FROM gpkg_data_columns")
    assert ("volume_m3", "库容") in rows
    assert pyogrio.read_info(package, layer="cold_storage")["features"] == 1


def read_rows_of(path, query):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_locked_output_gets_a_numbered_copy(tmp_path, monkeypatch):
    """As on Windows, where Excel locks the workbook it shows."""
    import os

    path = tmp_path / "tables.xlsx"
    path.write_text("old")
    really = os.replace

    def locked(source, target):
        if str(target).endswith("tables.xlsx"):
            raise PermissionError("open in Excel")
        really(source, target)

    monkeypatch.setattr(os, "replace", locked)
    written = put(path, lambda target: target.write_text("new"))
    assert written.name == "tables-2.xlsx"
    assert (path.read_text(), written.read_text()) == ("old", "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["tables-2.xlsx", "tables.xlsx"]


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits there")
def test_a_disk_that_really_fills_up_leaves_the_old_file(package):
    """The system refuses to write on in the middle of a table, as a full disk does."""
    before = package.read_bytes()
    script = (
        "import datetime, pathlib, resource, signal, sys\n"
        "import numpy as np, pandas as pd\n"
        "from yanshan_gis.errors import WriteError\n"
        "from yanshan_gis.store.geopackage import edit\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "try:\n"
        "    with edit(path, stamp=datetime.date(2025, 12, 31)) as draft:\n"
        "        draft.write('big', pd.DataFrame({'x': np.arange(200_000.0)}))\n"
        "except WriteError as error:\n"
        "    print(error.code)\n"
    )
    command = [sys.executable, "-c", script, str(package)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == "file-not-written\n", done.stderr
    assert package.read_bytes() == before
    assert [path.name for path in package.parent.iterdir()] == [package.name]


def test_arrays_are_kept_by_key_and_the_oldest_go_first(tmp_path, monkeypatch):
    cache = ArrayCache(tmp_path / "cache")
    assert cache.read("a") is None
    cache.write("a", {"x": np.arange(3), "y": np.zeros(0)})
    assert {k: v.tolist() for k, v in cache.read("a").items()} == {"x": [0, 1, 2], "y": []}
    os.utime(tmp_path / "cache" / "a.npz", (1, 1))
    monkeypatch.setattr(cache_module, "_LIMIT", 600)
    cache.write("b", {"x": np.arange(3)})
    assert cache.read("a") is None
    assert cache.read("b")["x"].tolist() == [0, 1, 2]
    assert [f.name for f in (tmp_path / "cache").iterdir()] == ["b.npz"]


def test_a_cache_that_cannot_be_read_or_written_is_none(tmp_path):
    cache = ArrayCache(tmp_path)
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "empty.npz").touch()
    assert cache.read("cut") is None
    assert cache.read("empty") is None
    (tmp_path / "file").touch()
    ArrayCache(tmp_path / "file").write("a", {"x": np.arange(3)})  # no folder to write to
    assert ArrayCache(tmp_path / "file").read("a") is None
