"""Make the pictures of ``docs/outputs.md`` from the bundled county.

python scripts/pictures.py            make the county, run it, publish it: some minutes
python scripts/pictures.py FOLDER     take a workspace that was run and published already

A picture whose program is missing (QGIS, Chromium with Playwright, LibreOffice, poppler) is left as
it is, and said so. Programs draw Chinese with the bundled font.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from yanshan_gis.demo.filling import create_demo
from yanshan_gis.job import KINDS, draw_sheets, publish, run_job, stored_outcomes
from yanshan_gis.publish.fonts import bundled_font
from yanshan_gis.publish.page import Print
from yanshan_gis.workspace import Workspace, open_workspace

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
MOST_BYTES = 300_000
SHEET, ATLAS, PORTRAIT, BOARD = "road-hardening", "logistics-reach", "logistics-reach", "indicators"
_WIDTHS_PX = (1600, 1400, 1200, 1000, 800)
_CHART = "道路硬化覆盖：分乡镇"  # heads the page of the workbook with this table and its chart
_REPORT_PAGES = (3, 4)
_CHROMIUM = "/usr/bin/chromium"
_SOFTWARE = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
             "--enable-unsafe-swiftshader"]  # fmt: skip
_SYSTEM_PYTHON = "/usr/bin/python3"
_FONTS = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
    "<dir>{bundled}</dir><dir>/usr/share/fonts</dir><cachedir>{cache}</cachedir></fontconfig>"
)
_LAYOUT = """
import sys
from qgis.core import QgsApplication, QgsLayoutExporter, QgsProject
application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
project.read(sys.argv[1])
known = project.layoutManager().printLayouts()
layout = next(one for one in known if sys.argv[2] in one.name())
settings = QgsLayoutExporter.ImageExportSettings()
settings.dpi = 150
QgsLayoutExporter(layout).exportToImage(sys.argv[3], settings)
del layout, known
project.clear()
application.exitQgis()
"""


def main() -> None:
    """Make all pictures, each from its program."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        os.environ["FONTCONFIG_FILE"] = str(_font_settings(scratch))
        workspace = open_workspace(Path(sys.argv[1])) if sys.argv[1:] else _made(scratch / "demo")
        for name, make in MAKERS.items():
            try:
                pictures = make(workspace, scratch)
            except (ImportError, OSError, subprocess.CalledProcessError) as error:
                sys.stderr.write(f"{name}: left as it is ({error})\n")
                continue
            sys.stdout.write(f"{_keep(_beside(pictures), name)}\n")


def _made(root: Path) -> Workspace:
    workspace = create_demo(root)
    run_job(workspace, workers=2)
    publish(workspace, stored_outcomes(workspace), KINDS, workers=2)
    return workspace


def _font_settings(scratch: Path) -> Path:
    font = bundled_font()
    if font is None:
        raise SystemExit("zhplot is not installed, so no Chinese font is at hand")
    text = _FONTS.format(bundled=font.parent, cache=scratch / "fonts")
    settings = scratch / "fonts.conf"
    settings.write_text(text, encoding="utf-8")
    return settings


def _sheet(workspace: Workspace, _scratch: Path) -> list[Image.Image]:
    return [_opened(workspace.out / "sheets" / f"{SHEET}.png")]


def _board(workspace: Workspace, _scratch: Path) -> list[Image.Image]:
    return [_opened(workspace.out / "sheets" / f"{BOARD}.png")]


def _portrait(workspace: Workspace, _scratch: Path) -> list[Image.Image]:
    outcomes = stored_outcomes(workspace, [PORTRAIT])
    files, _ = draw_sheets(workspace, outcomes, printed=Print("A4", "portrait", ("png",)))
    return [_opened(files[0])]


def _atlas(workspace: Workspace, scratch: Path) -> list[Image.Image]:
    atlas = workspace.out / "publish" / "atlas" / f"{ATLAS}.pdf"
    return [_page(atlas, 1, scratch)]


def _qgis(workspace: Workspace, scratch: Path) -> list[Image.Image]:
    (project,) = (workspace.out / "publish" / "qgis").glob("*.qgz")
    title = workspace.analyses[SHEET].sheet.title.zh
    target = scratch / "layout.png"
    without = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    _call(
        [_SYSTEM_PYTHON, "-c", _LAYOUT, str(project), title, str(target)],
        env={**without, "QT_QPA_PLATFORM": "offscreen"},
    )
    return [_opened(target)]


def _web(workspace: Workspace, _scratch: Path) -> list[Image.Image]:
    from playwright.sync_api import sync_playwright

    (page_file,) = (workspace.out / "publish").glob("*.html")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=_CHROMIUM, args=_SOFTWARE)
        page = browser.new_page(viewport={"width": 1400, "height": 875})
        page.goto(page_file.resolve().as_uri())
        page.wait_for_selector("html[data-ready=yes]", state="attached", timeout=60_000)
        page.wait_for_function("page.map.loaded() && !page.map.isMoving()", timeout=60_000)
        page.wait_for_timeout(1500)
        shot = page.screenshot()
        browser.close()
    return [Image.open(io.BytesIO(shot)).convert("RGB")]


def _report(workspace: Workspace, scratch: Path) -> list[Image.Image]:
    (document,) = (workspace.out / "publish").glob("*.docx")
    pdf = _as_pdf(document, scratch)
    return [_page(pdf, number, scratch, dpi=80) for number in _REPORT_PAGES]


def _workbook(workspace: Workspace, scratch: Path) -> list[Image.Image]:
    pdf = _as_pdf(workspace.out / "tables.xlsx", scratch)
    texts = _call(["pdftotext", "-layout", str(pdf), "-"]).split("\f")
    heads = (text.strip().partition("\n")[0].strip() for text in texts)
    number = next(number for number, head in enumerate(heads, start=1) if head == _CHART)
    page = _page(pdf, number, scratch, dpi=200)
    upper = page.crop((0, 0, page.width, page.height // 2))  # the rest is empty
    return [upper.crop(ImageOps.invert(upper).getbbox())]


def _as_pdf(path: Path, scratch: Path) -> Path:
    profile = f"-env:UserInstallation={(scratch / 'office').as_uri()}"
    _call(["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(scratch),
           str(path)])  # fmt: skip
    return scratch / f"{path.stem}.pdf"


def _page(pdf: Path, number: int, scratch: Path, *, dpi: int = 150) -> Image.Image:
    stem = scratch / f"page-{number}"
    _call(["pdftoppm", "-r", str(dpi), "-f", str(number), "-l", str(number), "-singlefile",
           "-png", str(pdf), str(stem)])  # fmt: skip
    return _opened(stem.with_suffix(".png"))


def _call(words: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=env)
    return done.stdout


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def _beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Set pages side by side."""
    whole = Image.new("RGB", (sum(p.width for p in pictures), max(p.height for p in pictures)))
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width
    return whole


def _keep(picture: Image.Image, name: str) -> Path:
    """Write a picture as large as its bytes allow."""
    path = PICTURES / f"{name}.png"
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in _WIDTHS_PX:
        small = picture
        if width < picture.width:
            height = round(picture.height * width / picture.width)
            small = picture.resize((width, height), Image.Resampling.LANCZOS)
        few = small.quantize(palette=_palette(small), dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    return path


def _palette(picture: Image.Image) -> Image.Image:
    """Choose 256 colours; rare ones count for more than their share, as a theme's few symbols."""
    values = np.asarray(picture).reshape(-1, 3)
    steps = values // 4 * 4 + values // 64  # white stays white
    colours, counts = np.unique(steps, axis=0, return_counts=True)
    weighed = np.repeat(colours, np.ceil(np.sqrt(counts)).astype(int), axis=0)
    return Image.fromarray(weighed[None].astype(np.uint8)).quantize(256, kmeans=2)


MAKERS: dict[str, Callable[[Workspace, Path], list[Image.Image]]] = {
    "sheet": _sheet, "board": _board, "portrait": _portrait, "atlas": _atlas, "qgis": _qgis,
    "web": _web, "report": _report, "workbook": _workbook,
}  # fmt: skip

if __name__ == "__main__":
    main()
