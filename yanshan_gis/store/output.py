"""Put an output file in place in one step, or beside a locked one under a number."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from yanshan_gis.errors import WriteError
from yanshan_gis.messages import N_


def put(path: Path, write: Callable[[Path], object]) -> Path:
    """Write a file so that readers see the old one or the new one, never half of one.

    Parameters
    ----------
    path
        Where the file belongs.
    write
        Writes to the path it is given.

    Returns
    -------
    pathlib.Path
        Where the file is: `path`, or ``name-2.ext`` and so on when `path` is open in a program
        that locks it, as Excel does on Windows.

    Raises
    ------
    WriteError
        When it could not be written; an old file is unchanged.
    """
    draft = path.with_name(f".{path.stem}-{os.getpid()}.draft{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        for number in range(1, 100):
            target = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
            try:
                os.replace(draft, target)  # noqa: PTH105 - the one atomic step
            except PermissionError:
                continue
            return target
    except OSError as error:
        raise WriteError(
            "file-not-written",
            N_("{file} could not be written ({reason}); the old one is unchanged."),
            file=path.name,
            reason=str(error),
        ) from error
    finally:
        if path.parent.is_dir():
            draft.unlink(missing_ok=True)
    raise WriteError(
        "file-locked",
        N_("{file} and its numbered copies are all open elsewhere; close them and try again."),
        file=path.name,
    )
