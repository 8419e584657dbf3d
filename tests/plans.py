"""A county of five townships that does not exist, and short plans for it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from yanshan_gis.extraction.document import Document, Paragraph
from yanshan_gis.extraction.extract import Extraction, extract
from yanshan_gis.plan.gazetteer import Gazetteer
from yanshan_gis.plan.writing import normalise

QINGXI = Path(__file__).parent / "data" / "qingxi"


def qingxi() -> Gazetteer:
    """The gazetteer of 清溪县."""

    def table(name: str) -> pd.DataFrame:
        return pd.read_csv(QINGXI / name, dtype=str, keep_default_na=False)

    return Gazetteer.from_tables(
        table("committees.csv"), table("townships.csv"), table("names.csv"), "清溪县"
    )


def document(text: str) -> Document:
    """One paragraph per line."""
    lines = [normalise(line) for line in text.strip().split("\n")]
    found = [Paragraph(n, line, ((0, n),)) for n, line in enumerate(lines, 1) if line]
    return Document("plan.txt", tuple(found))


def draft(item: str, title: str = "种植项目", gazetteer: Gazetteer | None = None) -> Extraction:
    """Extract one item of a special column."""
    return extract(document(f"专栏1：{title}\n1.{item}"), gazetteer or qingxi())
