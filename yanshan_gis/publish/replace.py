"""Files written whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from yanshan_gis.errors import WriteError
from yanshan_gis.messages import N_
from yanshan_gis.store.in_use import in_use

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file beside its place and put it there in one step.

    Parameters
    ----------
    path
        The file; its folder is made where it does not exist.

    Yields
    ------
    pathlib.Path
        Where to write.

    Raises
    ------
    FileInUseError
        When another program holds the old file open.
    WriteError
        When it could not be written; the old file is unchanged.
    """
    draft = path.with_name(f".{path.stem}-{os.getpid()}.draft{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        os.replace(draft, path)  # noqa: PTH105 - the one atomic step
    except PermissionError as error:
        raise in_use(path) from error
    except OSError as error:
        raise WriteError(
            "file-not-written",
            N_("{file} could not be written ({reason}); the old one is unchanged."),
            file=path.name,
            reason=str(error),
        ) from error
    finally:
        draft.unlink(missing_ok=True)
