"""Fonts: found without importing zhplot, measured without drawing, gaps named."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanshan_gis.publish import fonts


def test_the_bundled_font_is_used_and_zhplot_is_not_imported():
    code = (
        "import sys, matplotlib as m; before = dict(m.rcParams)\n"
        "from yanshan_gis.publish import fonts\n"
        "assert fonts.font_family()[0] == 'Noto Sans SC', fonts.font_family()\n"
        "assert fonts.text_width_mm('砚山', 10) > 0\n"
        "assert dict(m.rcParams) == before and 'zhplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_missing_characters_are_named_once_each_and_replaced():
    assert fonts.missing_glyphs(["砚山县", "𠀀乡", "𠀀村 A"]) == ["𠀀"]
    assert fonts.drawable("𠀀乡") == "□乡"
    assert fonts.drawable("砚山县") == "砚山县"
    assert fonts.text_width_mm("𠀀", 10) > 0


def test_a_chinese_character_is_as_wide_as_its_size():
    # 10 pt = 3.5278 mm
    assert fonts.text_width_mm("砚山县", 10) == pytest.approx(3 * 3.5278, rel=1e-3)
    assert fonts.set_width_mm("砚山县", 10) == pytest.approx(3 * 3.5278, rel=1e-3)
    assert fonts.set_width_mm("AVAV To", 10) <= fonts.text_width_mm("AVAV To", 10) * 1.01


def test_the_outline_is_as_wide_as_the_text():
    for text in ("稼依镇", "Route X046 (km)"):
        box = fonts.text_outline(text, 12).get_extents()
        assert box.width == pytest.approx(fonts.set_width_mm(text, 12), rel=0.06)


@given(st.text("砚山县甲乙", max_size=60), st.floats(3, 60))
def test_wrapped_chinese_keeps_to_the_width_and_loses_nothing(text, width):
    lines = fonts.wrap(text, 8, width)
    assert "".join(lines) == text
    assert all(fonts.text_width_mm(line, 8) <= width for line in lines)


@given(st.text("砚山，。）abc 12%", max_size=60), st.floats(8, 60))
def test_no_line_begins_with_a_closing_mark_and_words_stay_whole(text, width):
    lines = fonts.wrap(text, 8, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line[0] in "，。）" for line in lines[1:] if line)
    words = {word for line in lines for word in re.findall(r"[a-c]+", line)}
    assert words == set(re.findall(r"[a-c]+", text))


def test_shortening_and_fitting():
    assert fonts.shorten("砚山县", 10, 50) == "砚山县"
    assert fonts.shorten("砚山县农业农村局", 10, 12) == "砚山…"
    assert fonts.fit_size("砚山县", 10, 5.2917) == pytest.approx(7.0)  # least 0.7 of 10
    assert fonts.fit_size("砚山县", 10, 50) == 10
