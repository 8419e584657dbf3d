"""Zip archives: opened into a temporary folder, with Chinese names as they were meant."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from yanshan_gis.ingest.damage import damaged, encrypted
from yanshan_gis.ingest.encoding import decode_cut, guess_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


@contextmanager
def opened_archive(path: Path) -> Iterator[Path]:
    """Unpack a zip archive for as long as the block lasts.

    Parameters
    ----------
    path
        The archive. Names that Windows wrote in GBK are read as such; members that would land
        outside the folder are left out.

    Yields
    ------
    Path
        A temporary folder with the archive's files.

    Raises
    ------
    DataError
        When the archive is damaged or has a password.
    """
    with tempfile.TemporaryDirectory(prefix="yanshan-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, Path(folder), path)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise damaged(path, error) from error
        yield Path(folder)


def _unpack(archive: zipfile.ZipFile, folder: Path, path: Path) -> None:
    for member in archive.infolist():
        if member.flag_bits & _ENCRYPTED:
            raise encrypted(path)
        name = PurePosixPath(_meant_name(member).replace("\\", "/"))
        if member.is_dir() or name.is_absolute() or ".." in name.parts or ":" in str(name):
            continue
        target = folder.joinpath(*name.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink)


def _meant_name(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & _UTF8_NAME or member.filename.isascii():
        return member.filename
    raw = member.filename.encode("cp437", "replace")  # what zipfile assumes of unmarked names
    return decode_cut(raw, guess_encoding([raw]).encoding)
