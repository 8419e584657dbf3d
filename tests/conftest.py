"""Shared by all tests: where the real data is, and tiny towns drawn by hand."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder with real data beside the checkout, or skip."""
    folder = Path(os.environ.get("YANSHAN_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data absent: {folder} (set YANSHAN_REAL_DATA)")
    return folder


@pytest.fixture
def town(tmp_path):
    """Return a workspace with the small county of `towns`."""
    from towns import COUNTY, small_county

    from yanshan_gis.workspace import create_workspace

    workspace = create_workspace(tmp_path / "小县 county", COUNTY)
    workspace.store(small_county())
    return workspace


@pytest.fixture
def bare_town(tmp_path):
    """Return a workspace with the small county of `towns`, before it has any plan projects."""
    from towns import COUNTY, small_county

    from yanshan_gis.workspace import create_workspace

    workspace = create_workspace(tmp_path / "小县 county", COUNTY)
    workspace.store([layer for layer in small_county() if layer.name != "projects"])
    return workspace


@pytest.fixture
def yanshan(capsys):
    """Run a command line in this process; return code, stdout and stderr."""
    from yanshan_cli.main import main

    def call(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


@pytest.fixture
def terminal(yanshan, monkeypatch):
    """Run a command line as on a terminal."""

    def call(*words):
        with monkeypatch.context() as patched:
            patched.setattr(sys.stdout, "isatty", lambda: True)
            return yanshan(*words)

    return call


@pytest.fixture
def environment(monkeypatch):
    """Start from an environment that names no language; what `main` sets is taken back."""
    for name in ("YANSHAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANGUAGE", "")
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def here(town, monkeypatch):
    """Stand in the small county's folder."""
    monkeypatch.chdir(town.root)
    return town
