"""An atlas: a page for every township, with its own places and figures."""

import pypdf
import pytest
from towns import COUNTY, small_county

from yanshan_gis.job import publish, run_job, stored_outcomes
from yanshan_gis.publish.atlas import atlas_pages
from yanshan_gis.workspace import create_workspace


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    workspace = create_workspace(tmp_path_factory.mktemp("atlas") / "小县", COUNTY)
    workspace.store(small_county())
    run_job(workspace, ["road-hardening"])
    return workspace


@pytest.fixture(scope="module")
def pages(county):
    (outcome,) = stored_outcomes(county, ["road-hardening"])
    return outcome, list(atlas_pages(county, outcome, "zh"))


def test_every_township_has_a_page_in_the_order_of_the_layer(county, pages):
    names = list(county.read("townships").frame["name"])
    assert [page.title.split("·")[1] for page in pages[1]] == names
    assert [list(page.extent["name"]) for page in pages[1]] == [[name] for name in names]


def test_a_page_shows_the_villages_of_its_township_and_names_them(pages):
    outcome, shown = pages
    villages = outcome.result.layers["villages"]
    for page in shown:
        (layer,) = [layer for layer in page.layers if layer.name == "villages"]
        name = page.title.split("·")[1]
        assert set(layer.frame["id"]) == set(villages.loc[villages["township"] == name, "id"])
        assert layer.style.label.field == "name"


def test_the_figures_of_a_page_are_those_of_the_table_the_rate_first(pages):
    outcome, shown = pages
    table = outcome.result.tables["by_township"].set_index("township")
    for page in shown:
        (title, text), *_ = page.figures
        rate = table.loc[page.title.split("·")[1], "share"]
        assert title == "通硬化路率"
        assert text == ("–" if rate != rate else f"{rate:.1%}")


def test_the_file_has_the_pages_with_their_names_and_the_same_bytes_again(county):
    written, notices = publish(county, stored_outcomes(county, ["road-hardening"]), ("atlas",))
    (file,) = written
    assert file == county.out / "publish" / "atlas" / "road-hardening.pdf"
    assert not notices
    once = file.read_bytes()
    texts = [page.extract_text() for page in pypdf.PdfReader(file).pages]
    names = list(county.read("townships").frame["name"])
    assert [name for name, text in zip(names, texts, strict=True) if name not in text] == []
    publish(county, stored_outcomes(county, ["road-hardening"]), ("atlas",))
    assert file.read_bytes() == once


def test_a_county_without_townships_has_no_atlas(tmp_path):
    workspace = create_workspace(tmp_path / "小县", COUNTY)
    workspace.store([layer for layer in small_county() if layer.name != "townships"])
    run_job(workspace, ["road-hardening"])
    assert publish(workspace, stored_outcomes(workspace), ("atlas",))[0] == []
