"""Renew the copy of MapLibre GL JS that web maps carry.

    python scripts/maplibre.py 5.24.1

Fetches the release from npm (``npm`` must be installed) and puts its classic build, style sheet
and licence into ``yanshan_gis/publish/web/vendor``. Then run the tests marked ``browser``.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "yanshan_gis" / "publish" / "web" / "vendor"
FILES = {
    "package/dist/maplibre-gl.js": "maplibre-gl.js",
    "package/dist/maplibre-gl.css": "maplibre-gl.css",
    "package/LICENSE.txt": "maplibre-gl.LICENSE.txt",
}
SOURCE_MAP = "//# sourceMappingURL"  # names a file that is not carried along


def renew(version: str) -> None:
    """Replace the copy by that of a version."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"maplibre-gl@{version}", "--pack-destination", folder]
        subprocess.run(command, check=True)
        (archive,) = Path(folder).glob("maplibre-gl-*.tgz")
        with tarfile.open(archive) as packed:
            for inside, name in FILES.items():
                stream = packed.extractfile(inside)
                if stream is None:
                    raise SystemExit(f"{archive.name} has no {inside}")
                lines = stream.read().decode("utf-8").splitlines(keepends=True)
                kept = "".join(line for line in lines if not line.startswith(SOURCE_MAP))
                (VENDOR / name).write_text(kept, encoding="utf-8", newline="\n")
    (VENDOR / "maplibre-gl.version.txt").write_text(f"{version}\n", encoding="utf-8")


if __name__ == "__main__":
    renew(sys.argv[1])
