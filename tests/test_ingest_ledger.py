"""Ledgers: joined by code of a year or by name, with the gaps on both sides listed."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from yanshan_gis.content import LayerDef
from yanshan_gis.ingest.ledger import join_ledger, stamp_ledger
from yanshan_gis.ingest.matching import Gazetteer
from yanshan_gis.layer import Layer, NameRecord, Source


def title(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh}


VILLAGES = LayerDef.model_validate(
    {
        "name": "villages",
        "title": title("村庄"),
        "geometry": ["Point", "Table"],
        "id_prefix": "V",
        "fields": {
            "name": {"type": "text", "title": title("村名")},
            "ledger_source": {"type": "text", "title": title("来源")},
            "ledger_date": {"type": "date", "title": title("日期")},
        },
    }
)
LAYER = Layer(
    VILLAGES,
    pd.DataFrame(
        {
            "id": ["V000001", "V000002", "V000003"],
            "name": ["锦山社区", "新寨村委会", "大坝村委会"],
            "township": ["江那镇", "江那镇", "平远镇"],
            "code": ["201", "202", "203"],
            "level": ["committee"] * 3,
        }
    ),  # type: ignore[arg-type]
)


def test_rows_without_partner_and_features_without_row() -> None:
    incoming = pd.DataFrame(
        {"name": ["锦山", "新寨", "木瓜铺"], "township": ["江那", "平远镇", "平远镇"]}
    )
    join = join_ledger(LAYER, incoming, np.array([4, 5, 6]), Gazetteer())
    assert [m.id for m in join.matches] == ["V000001", None, None]
    assert join.matched == 1
    assert [(p.row, p.value, p.notice.code) for p in join.problems] == [
        (5, "新寨", "name-other-township"),
        (6, "木瓜铺", "name-unknown"),
    ]
    assert join.without_row["id"].tolist() == ["V000002", "V000003"]


def test_codes_of_the_ledgers_year() -> None:
    records = (
        NameRecord("V000001", "锦山", "202", "official", "2010", "2018"),
        NameRecord("V000002", "新寨", "201", "official", "2010", "2018"),
    )
    incoming = pd.DataFrame({"code": ["201", "202", "999"]})
    rows = np.array([2, 3, 4])
    old = join_ledger(LAYER, incoming, rows, Gazetteer(records, year=2016), "code")
    now = join_ledger(LAYER, incoming, rows, Gazetteer(records), "code")
    assert [m.id for m in old.matches] == ["V000002", "V000001", None]
    assert [m.id for m in now.matches] == ["V000001", "V000002", None]
    assert [p.notice.code for p in now.problems] == ["row-without-feature"]


def test_source_and_date_are_written_where_the_file_says_none() -> None:
    source = Source("s", "台账.xlsx", as_of=date(2023, 6, 30))
    stamped = stamp_ledger(
        pd.DataFrame({"name": ["甲", "乙"], "ledger_date": [None, "2022"]}), VILLAGES, source
    )
    assert stamped["ledger_source"].tolist() == ["台账.xlsx", "台账.xlsx"]
    assert stamped["ledger_date"].tolist() == ["2023-06-30", "2022"]
