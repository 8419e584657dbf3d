"""Fill a workspace from the OpenStreetMap extract of Liechtenstein: see ``liechtenstein.py``."""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

from yanshan_cli.main import main as yanshan

ROOT = Path(__file__).resolve().parent.parent
EXTRACT = "liechtenstein-2022.osm.pbf"
LAYERS = ("county", "townships", "roads", "villages", "outlets")
ACCEPTED = ("townships",)  # whose refused rows are set aside


def data_folder() -> Path:
    """Return the folder with real data.

    Returns
    -------
    Path
        It need not exist.
    """
    return Path(os.environ.get("YANSHAN_REAL_DATA", ROOT.parent / "shared" / "data"))


def call(*arguments: str) -> tuple[int, str, str]:
    """Run the command line in this process, in English.

    Parameters
    ----------
    *arguments
        As typed behind ``yanshan``.

    Returns
    -------
    tuple
        Exit code, what went to stdout, what went to stderr.
    """
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            yanshan(["--lang", "en", *arguments])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
    return code, out.getvalue(), err.getvalue()


def command_of(layer: str) -> list[str]:
    """Tell how a layer is imported.

    Parameters
    ----------
    layer
        Of `LAYERS`.

    Returns
    -------
    list of str
        Arguments behind ``yanshan``.
    """
    return ["import", layer, EXTRACT, *(["--accept-refused"] if layer in ACCEPTED else [])]


def fill(folder: Path, extract: Path) -> dict[str, dict[str, Any]]:
    """Make a workspace and import the extract, as a user would.

    Parameters
    ----------
    folder
        Does not exist yet.
    extract
        The OpenStreetMap file.

    Returns
    -------
    dict
        Reports by layer.
    """
    steps = [["init", str(folder), "--name", "Liechtenstein"]]
    steps += [
        [*(str(extract) if part == EXTRACT else part for part in command_of(layer)),
         "-w", str(folder), "--json"]
        for layer in LAYERS
    ]  # fmt: skip
    reports = {}
    for layer, step in zip(("", *LAYERS), steps, strict=True):
        code, out, err = call(*step)
        if code:
            raise SystemExit(f"yanshan {' '.join(step)}: exit code {code}\n{err}")
        if layer:
            reports[layer] = json.loads(out)
    return reports
