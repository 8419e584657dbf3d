"""What a file means by its headings and its name, where a column is missing."""

from pathlib import Path

import pandas as pd
import pytest

from yanshan_gis.catalogue import read_layers
from yanshan_gis.county import County
from yanshan_gis.errors import DataError
from yanshan_gis.ingest.pipeline import ImportRequest, import_file

CATALOGUE = read_layers()
COUNTY = County(name="试县", crs="EPSG:4544")


def bring(folder: Path, name: str, layer: str, **columns: list[object]):
    path = folder / name
    pd.DataFrame({**columns, "经度": [104.3], "纬度": [23.6]}).to_csv(path, index=False)
    return import_file(
        ImportRequest(layer=layer, path=path, crs="EPSG:4490"),
        catalogue=CATALOGUE, county=COUNTY, current={},
    )  # fmt: skip


@pytest.mark.parametrize("heading", ["村委会", "村委会名称", "行政村", "行政村名称"])
def test_a_list_of_committees_names_the_committees_themselves(tmp_path, heading) -> None:
    outcome = bring(
        tmp_path, "名单.csv", "villages", **{"乡镇": ["江那镇"], heading: ["子马村委会"]}
    )
    frame = outcome.layer.frame
    assert frame["name"].tolist() == ["子马村委会"]
    assert frame["level"].tolist() == ["committee"]
    assert "value-from-heading" in {notice.code for notice in outcome.report.notices}


def test_villages_with_their_committee_keep_both(tmp_path) -> None:
    outcome = bring(
        tmp_path, "村.csv", "villages",
        乡镇=["江那镇"], 村委会=["子马村委会"], 自然村名称=["大寨"],
    )  # fmt: skip
    problem = outcome.report.problems[0]
    assert problem.field == "parent"  # there is no committee of that name yet


def test_level_from_the_name_of_the_file(tmp_path) -> None:
    outcome = bring(tmp_path, "砚山县自然村点2025.csv", "villages", 名称=["大寨"])
    assert outcome.layer.frame["level"].tolist() == ["natural"]
    [told] = [n for n in outcome.report.to_json()["notices"] if n["code"] == "value-from-file-name"]
    assert told["value"] == "natural"
    assert "natural was taken" in told["message"]


def test_a_name_that_speaks_of_two_levels_decides_nothing(tmp_path) -> None:
    with pytest.raises(DataError):
        bring(tmp_path, "行政村和自然村.csv", "villages", 名称=["大寨"])
