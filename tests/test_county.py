"""``county.toml``: written and read back, and every problem of it named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yanshan_gis.content import Title
from yanshan_gis.county import HARDENED_SURFACES, County, read_county, write_county
from yanshan_gis.errors import ContentError

TEXT = st.text(min_size=1)  # quotes, backslashes, line ends, control characters, any script
SURFACES = st.lists(st.sampled_from(["asphalt", "cement", "stone", "gravel"]), unique=True)
NUMBERS = st.integers(1, 22).map(str)
COUNTIES = st.builds(
    County,
    name=st.builds(Title, zh=TEXT, en=TEXT),
    code=st.none() | st.from_regex(r"\A[0-9]{6}\Z"),
    crs=st.none() | st.sampled_from(["EPSG:4544", "EPSG:4525", "EPSG:32648"]),
    hardened=SURFACES.map(tuple),
    headlines=st.dictionaries(NUMBERS | TEXT, st.sampled_from(["ledger", "own_outlet"])),
    targets=st.dictionaries(NUMBERS, st.floats(0, 1).map(lambda share: round(share, 4))),
    data_date=st.none() | st.dates(),
    compiled_by=st.none() | TEXT,
    map_approval=st.none() | TEXT,
)


@given(COUNTIES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_written_is_read_back(tmp_path, county):
    path = tmp_path / "county.toml"
    write_county(path, county)
    assert read_county(path) == county


def test_the_file_reads_like_one_written_by_hand(tmp_path):
    county = County(
        name=Title(zh="砚山县", en="Yanshan County"),
        code="532622",
        crs="EPSG:4544",
        targets={"20": 0.8},
        data_date=date(2025, 12, 31),
        compiled_by='砚山县"十四五"专班',
    )
    path = tmp_path / "county.toml"
    write_county(path, county)
    assert path.read_text(encoding="utf-8").splitlines() == [
        'name = { zh = "砚山县", en = "Yanshan County" }',
        'code = "532622"',
        'crs = "EPSG:4544"',
        'hardened = ["asphalt", "cement"]',
        'targets = { "20" = 0.8 }',
        "data_date = 2025-12-31",
        'compiled_by = "砚山县\\"十四五\\"专班"',
    ]


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "county.toml"
    path.write_text(text, encoding=encoding)
    return read_county(path)


def problems(tmp_path, text, encoding="utf-8"):
    with pytest.raises(ContentError) as raised:
        read(tmp_path, text, encoding)
    assert raised.value.exit_code == 3
    return raised.value.problems


def test_a_name_alone_is_enough(tmp_path):
    county = read(tmp_path, 'name = "某县"\n')
    assert county.name == Title(zh="某县", en="某县")
    assert county.hardened == HARDENED_SURFACES
    assert (county.code, county.crs, county.data_date) == (None, None, None)
    assert (county.headlines, county.targets) == ({}, {})


def test_a_byte_order_mark_of_windows_notepad_is_passed_over(tmp_path):
    assert read(tmp_path, 'name = "某县"\n', "utf-8-sig").name.zh == "某县"


def test_a_crs_is_read_as_users_write_it(tmp_path):
    assert read(tmp_path, 'name = "某县"\ncrs = "4544"\n').crs == "4544"


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('code = "12345"', "code"),
        ('code = "53262a"', "code"),
        ("code = 532622", "code"),
        ('crs = "EPSG:4490"', "crs"),  # degrees
        ('crs = "EPSG:99999"', "crs"),
        ('crs = "Xian"', "crs"),
        ('hardened = "asphalt"', "hardened"),
        ('data_date = "end of 2025"', "data_date"),
        ("targets = { 20 = true, 21 = 'all' }", "targets.21"),
        ("colour = 'red'", "colour"),
        ("[nmae]\nzh = 'x'", "nmae"),
    ],
)
def test_what_does_not_fit_is_named_by_its_key(tmp_path, line, place):
    found = problems(tmp_path, f'name = "某县"\n{line}\n')
    assert [problem.code for problem in found] == ["settings-value"]
    assert found[0].values["place"] == place
    for language in ("zh", "en"):
        assert place in found[0].render(language)
        assert "county.toml" in found[0].render(language)


def test_all_problems_are_told_at_once(tmp_path):
    found = problems(tmp_path, 'nmae = "x"\ncode = "1"\ncrs = "EPSG:4326"\n')
    assert {problem.values["place"] for problem in found} == {"name", "code", "crs", "nmae"}


def test_a_name_in_one_language_is_not_a_title(tmp_path):
    (problem,) = problems(tmp_path, 'name = { zh = "某县" }\n')
    assert problem.values["place"] == "name.en"


@pytest.mark.parametrize("text", ["name = ", 'name = "a"\nname = "b"\n', "{}"])
def test_text_that_is_no_toml_is_said_with_its_place(tmp_path, text):
    (problem,) = problems(tmp_path, text)
    assert problem.code == "content-toml"
    assert "(at " in problem.values["reason"]  # line and column, or the end of the document


def test_a_file_in_another_encoding_is_said(tmp_path):
    (problem,) = problems(tmp_path, 'name = "砚山县"\n', "gbk")
    assert problem.code == "content-toml"
    assert "utf-8" in problem.values["reason"]


def test_settings_cannot_be_changed_in_passing():
    county = County(name=Title(zh="某县", en="X"))
    with pytest.raises(ValueError, match="frozen"):
        county.crs = "EPSG:4544"
