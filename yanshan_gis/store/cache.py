"""Prepared arrays, kept under the hash of what they were prepared from.

A cache is never the only copy of anything: what cannot be read is prepared again, what cannot be
written is not kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Bytes kept at most; the oldest files go first.
_LIMIT = 512 * 2**20


@dataclass(frozen=True)
class ArrayCache:
    """A folder of arrays by key.

    Parameters
    ----------
    folder
        Made when the first arrays are kept.
    """

    folder: Path

    def read(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Return arrays kept earlier.

        Parameters
        ----------
        key
            Names what they were prepared from; a name for a file.

        Returns
        -------
        dict or None
            Arrays by name; None where there are none, or none that can be read.
        """
        try:
            with self._file(key).open("rb") as file, np.load(file, allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
        except (OSError, ValueError, EOFError, BadZipFile):
            return None

    def write(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays, in one step; where that fails they are not kept.

        Parameters
        ----------
        key
            As for `read`.
        arrays
            By name.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
            Path(file.name).replace(self._file(key))
            self._prune()
        except OSError:
            return

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def _prune(self) -> None:
        left = _LIMIT
        newest = sorted(self.folder.glob("*.npz"), key=lambda f: f.stat().st_mtime, reverse=True)
        for file in newest:
            left -= file.stat().st_size
            if left < 0:
                file.unlink()
