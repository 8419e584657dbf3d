"""Reports: counts that add up, and files that Excel shows as they are."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import pytest

from yanshan_gis.errors import WriteError
from yanshan_gis.ingest.problems import RejectedRow, RowProblem
from yanshan_gis.ingest.report import ImportReport
from yanshan_gis.messages import Notice

BAD = Notice("value-missing", "{field} must not be empty.", {"field": "name"})
ABOUT = Notice("number-approximate", "approximate", {})


def report(*, clean: bool = False) -> ImportReport:
    problems = (
        RowProblem(3, "population", "约5", ABOUT, "warn"),
        RowProblem(4, "name", "", BAD),
        RowProblem(4, "population", "约6", ABOUT, "warn"),
    )
    rejected = (RejectedRow(4, (BAD,), {"村名": "", "人口": "约6"}),)
    return ImportReport(
        layer="villages",
        file="村.csv",
        table="村",
        sha256="00",
        read=5,
        problems=problems[:1] if clean else problems,
        rejected=() if clean else rejected,
    )


def test_counts_add_up() -> None:
    found = report()
    assert (found.read, found.accepted, found.refused, found.warned) == (5, 4, 1, 1)
    plain = found.to_json()
    assert (plain["accepted"], len(plain["problems"])) == (4, 3)


def lines(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_files(tmp_path: Path) -> None:
    told, refused = report().write_report(tmp_path / "import", "en")
    assert told.name == "villages-村-report.csv"
    assert lines(told)[0] == ["row", "field", "value", "code", "message", "severity"]
    assert lines(told)[2] == ["4", "name", "", BAD.code, BAD.render(), "refused"]
    assert lines(refused) == [
        ["row in the file", "reason", "村名", "人口"],
        ["4", "name must not be empty.", "", "约6"],
    ]
    assert report(clean=True).write_report(tmp_path / "import") == (told,)
    assert not refused.exists()


def test_files_and_sheets_of_one_layer_do_not_share_a_report(tmp_path: Path) -> None:
    first = report()
    others = (replace(first, file="乡.csv", table="乡"), replace(first, table='江那/"镇"'))
    names = [r.write_report(tmp_path)[0].name for r in (first, *others)]
    assert names == [
        "villages-村-report.csv", "villages-乡-report.csv", "villages-村-江那__镇_-report.csv"
    ]  # fmt: skip
    assert len(list(tmp_path.glob("*-refused.csv"))) == 3


def test_a_file_open_elsewhere_gets_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def locked(source: Path, target: Path) -> None:
        if Path(target).name == "villages-村-report.csv":
            raise PermissionError(13, "in use")
        real(source, target)

    monkeypatch.setattr(os, "replace", locked)
    [told] = report(clean=True).write_report(tmp_path, "en")
    assert told.name == "villages-村-report-2.csv"


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError) as caught:
        report().write_report(tmp_path / "file")
    assert caught.value.code == "file-not-written"

    def locked(source: Path, target: Path) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(os, "replace", locked)
    with pytest.raises(WriteError) as caught:
        report().write_report(tmp_path)
    assert caught.value.code == "file-locked"
