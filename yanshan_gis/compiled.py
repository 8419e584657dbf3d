"""Functions compiled by numba at their first call. Imported only where a kernel is used.

A kernel takes and returns arrays and numbers, checks nothing and raises nothing: its caller checks
the input. It holds no lock, so that threads run it side by side, and what is compiled is kept in
the user's cache folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call, without the interpreter's lock.

    Parameters
    ----------
    function
        Loops over arrays.

    Returns
    -------
    callable
        The same, compiled.
    """
    settings: Any = numba.config
    njit: Any = numba.njit
    before = settings.CACHE_DIR
    settings.CACHE_DIR = before or str(cache_folder())
    options = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
    try:
        made: Callable[..., Any] = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder can be written: compile anew in every process
        made = njit(**options)(function)
    finally:
        settings.CACHE_DIR = before
    return made


def cache_folder() -> Path:
    """Tell where compiled kernels are kept.

    Returns
    -------
    pathlib.Path
        A folder of this program in the user's cache folder.
    """
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    else:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "yanshan-gis" / "kernels"
