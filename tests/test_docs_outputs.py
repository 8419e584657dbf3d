"""The pages of outputs: every kind is named with its command, every picture is there and light."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from yanshan_gis.job import KINDS

DOCS = Path(__file__).parent.parent / "docs"
PAGES = ("outputs.md", "outputs.zh-CN.md")
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
MOST_BYTES = 300_000


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_is_named_with_its_command(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for kind in (*KINDS, "all"):
        assert f"yanshan publish {kind}" in text, kind
    assert all(f"`{kind}`" in text for kind in KINDS)


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_is_there_and_light(page):
    named = PICTURE.findall((DOCS / page).read_text(encoding="utf-8"))
    assert {Path(name).name for name in named} == {p.name for p in (DOCS / "pictures").iterdir()}
    for name in named:
        assert (DOCS / name).stat().st_size <= MOST_BYTES, name
        with Image.open(DOCS / name) as picture:
            picture.verify()


@pytest.mark.parametrize(
    ("readme", "page"), [("README.md", PAGES[0]), ("README.zh-CN.md", PAGES[1])]
)
def test_both_readmes_lead_there_and_name_every_kind(readme, page):
    text = (DOCS.parent / readme).read_text(encoding="utf-8")
    assert f"docs/{page}" in text
    assert [kind for kind in KINDS if f"`{kind}`" not in text] == []
