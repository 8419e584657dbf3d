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
        "assert fonts.font_family()[:2] == ('Noto Sans SC Common', 'Noto Sans SC')\n"
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


def test_the_common_font_has_what_sheets_print_and_the_whole_one_the_rest():
    """竜所 is a committee of the bundled county, and 竜 is not in GB 2312."""
    common, whole = fonts._faces()[:2]
    for char in "砚山县嘎腊蚌Aa1²³≥≤·、。（）×㎡":
        assert common.get_char_index(ord(char)), char
    assert not common.get_char_index(ord("竜"))
    assert whole.get_char_index(ord("竜"))
    assert fonts.missing_glyphs(["竜所村委会"]) == []


def test_letters_of_the_common_font_are_those_of_the_whole_one():
    common, whole = fonts._faces()[:2]
    for char in "砚乡8m":
        outlines = []
        for face in (common, whole):
            face.load_char(ord(char))
            outlines.append(face.get_path())
        assert (outlines[0][0] == outlines[1][0]).all()


def test_without_a_cache_the_whole_font_is_taken(monkeypatch, tmp_path):
    from yanshan_gis.publish import common_font

    def full(*_paths):
        raise OSError("no space left")

    monkeypatch.setattr(common_font.os, "replace", full)
    monkeypatch.setattr("matplotlib.get_cachedir", lambda: str(tmp_path))
    common_font.common_font.cache_clear()
    assert common_font.common_font(fonts.bundled_font()) is None
    assert list(tmp_path.iterdir()) == []
    common_font.common_font.cache_clear()
