"""The Word report of a county: ``out/publish/<county>规划成果报告.docx``.

Its sentences are content (`yanshan_gis.publish.phrases`); its numbers are those of the results, each
with a mark that leads to the row of the annex that says where it comes from.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yanshan_gis.content import LayerInput
from yanshan_gis.layer import Quality
from yanshan_gis.messages import N_, Notice, translate
from yanshan_gis.publish.evidence import Evidence
from yanshan_gis.publish.figures import counted_text, figure_title, value_text
from yanshan_gis.publish.file_names import file_names
from yanshan_gis.publish.missing import missing_text
from yanshan_gis.publish.phrases import read_phrases
from yanshan_gis.publish.publication import Written, locked
from yanshan_gis.publish.report_parts import RecipeParts, ReportTable
from yanshan_gis.publish.result_sheet import outcome_notes
from yanshan_gis.publish.tables import parameter_text
from yanshan_gis.publish.typography import NOTE
from yanshan_gis.publish.words import listed, scenario_marks, word
from yanshan_gis.publish.word_document import WordDocument
from yanshan_gis.result import BETWEEN
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.result import Indicator
    from yanshan_gis.run import Outcome

_COLUMN = re.compile(r"column-\d+$")
_PICTURE_PX = 2400  # across a page on its side: 240 dots per inch
_HASH_CHARS = 12
_CHINESE = "一二三四五六七八九"
_QUALITIES = {
    Quality.SURVEYED: N_("surveyed"), Quality.REPORTED: N_("reported"),
    Quality.DERIVED: N_("derived"), Quality.MODELLED: N_("modelled"),
}  # fmt: skip


def publish_report(publication: Publication) -> Written:
    """Write the report.

    Parameters
    ----------
    publication
        What is published; its template gives the report its look.

    Returns
    -------
    Written
        The document, and a notice where sheets are missing.

    Raises
    ------
    DataError
        When the template is no Word document.
    ContentError
        When the workspace's own sentences have problems.
    """
    report = _Report(publication)
    report.write()
    county = publication.workspace.county
    (stem,) = file_names([report.say("file", county=county.name.get(publication.language))])
    path = publication.folder / f"{stem}.docx"
    copy = put(path, report.save)
    return Written([copy], [*locked([path], [copy]), *report.notices()])


def chinese_number(number: int) -> str:
    """Write a number from 1 to 99 in Chinese.

    Parameters
    ----------
    number
        Such as 12.

    Returns
    -------
    str
        Such as ``十二``.
    """
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_CHINESE[tens - 1]}十"
    return head + (_CHINESE[ones - 1] if ones else "")


class _Report:
    """A report under way: chapters in order, tables and sheets numbered through."""

    def __init__(self, publication: Publication) -> None:
        self._workspace, self._outcomes = publication.workspace, publication.outcomes
        self._language = publication.language
        self._phrases = read_phrases(publication.workspace.root / "analyses", self._language)
        self._word = WordDocument(publication.template)
        self._evidence = Evidence()
        self._chapter = self._section = self._tables = 0
        self._maps: dict[str, tuple[int, Path]] = {}
        self._absent: list[Outcome] = []
        self._find_maps()

    def say(self, name: str, /, **values: object) -> str:
        return self._phrases.say(name, **values)

    def save(self, path: Path) -> None:
        county = self._workspace.county
        title = self.say("title", county=county.name.get(self._language))
        author = county.compiled_by or ""
        self._word.save(path, title=title, author=author, created=self._workspace.stamp)

    def notices(self) -> list[Notice]:
        if not self._absent:
            return []
        names = " ".join(outcome.recipe.name for outcome in self._absent)
        text = N_("The report lacks the sheets of {recipes}; draw them with yanshan map {recipes}.")
        return [Notice("sheets-missing", text, {"recipes": names})]

    def _find_maps(self) -> None:
        for outcome in self._outcomes:
            if outcome.recipe.sheet is None or outcome.result.status == "not_computable":
                continue
            path = self._workspace.out / "sheets" / f"{outcome.recipe.name}.png"
            if path.is_file():
                self._maps[outcome.recipe.name] = (len(self._maps) + 1, path)
            else:
                self._absent.append(outcome)

    def write(self) -> None:
        self._front()
        self._overview()
        columns = [o for o in self._outcomes if _COLUMN.match(o.recipe.name)]
        others = [o for o in self._outcomes if o not in columns]
        for name, chosen in (("analyses", others), ("columns", columns)):
            told = [o for o in chosen if o.result.indicators or o.result.status != "ok"]
            if told:
                self._head(name)
                for outcome in told:
                    self._recipe(outcome)
        self._methods()
        self._sources()
        self._annex()
        self._sheets()

    # --- chapters

    def _head(self, name: str) -> None:
        self._word.turn(wide=False)
        self._chapter, self._section = self._chapter + 1, 0
        number = chinese_number(self._chapter) + "、" if self._language == "zh" else (
            f"{self._chapter}. "
        )  # fmt: skip
        self._word.heading(number + self.say(name))

    def _subhead(self, title: str) -> None:
        self._word.turn(wide=False)
        self._section += 1
        number = f"（{chinese_number(self._section)}）" if self._language == "zh" else (
            f"{self._chapter}.{self._section} "
        )  # fmt: skip
        self._word.heading(number + title, 2)

    def _front(self) -> None:
        county, language = self._workspace.county, self._language
        self._word.title(self.say("title", county=county.name.get(language)))
        for mark in scenario_marks((o.result for o in self._outcomes), language):
            self._word.paragraph(mark, NOTE, bold=True)
        if county.map_approval is None:
            self._word.paragraph(self.say("internal"), NOTE, bold=True)
        if county.compiled_by:
            self._word.paragraph(word("compiled_by", language, name=county.compiled_by), NOTE)
        self._word.paragraph(word("data_date", language, date=self._date()), NOTE)
        self._word.contents(self.say("contents"))
        self._word.page_break()

    def _date(self) -> str:
        told = self._workspace.data_date
        return told.isoformat() if told else self.say("no_date")

    def _overview(self) -> None:
        self._head("overview")
        county = self._workspace.county.name.get(self._language)
        values = {"county": county, "count": len(self._outcomes), "date": self._date()}
        self._word.paragraph(self.say("scope", **values))
        if layers := self._modelled():
            self._word.paragraph(self.say("modelled", layers=self._listed(layers)), bold=True)
        if stale := [self._title(o) for o in self._outcomes if o.stale]:
            self._word.paragraph(self.say("stale", recipes=self._listed(stale)), bold=True)
        for outcome in self._outcomes:
            if outcome.result.status != "ok":
                self._word.paragraph(self._not_told(outcome))
        rows = [
            self._parts(outcome).figure_row(indicator)
            for outcome in self._outcomes
            for indicator in outcome.result.indicators
            if indicator.headline and not _COLUMN.match(outcome.recipe.name)
        ]
        if rows:
            keys = ("figure", "value", "counted", "target", "met")
            heads = [self.say(f"column_{key}") for key in keys]
            self._table(ReportTable(self.say("headlines"), heads, rows))

    def _not_told(self, outcome: Outcome) -> str:
        """Say why there are no figures."""
        if outcome.result.status == "infeasible":
            return self.say("infeasible", recipe=self._title(outcome))
        return self.say(
            "not_computable", recipe=self._title(outcome), missing=self._missing(outcome)
        )

    def _missing(self, outcome: Outcome) -> str:
        text = BETWEEN.join(outcome.result.missing)
        return missing_text(text, self._workspace.layer_catalogue, self._language)

    def _recipe(self, outcome: Outcome) -> None:
        parts, recipe = self._parts(outcome), outcome.recipe
        self._subhead(parts.title)
        if outcome.result.status != "ok":
            self._word.paragraph(self._not_told(outcome))
        elif outcome.result.missing:
            self._word.paragraph(self.say("part_missing", missing=self._missing(outcome)))
        if recipe.denominator:
            denominator = recipe.denominator.get(self._language)
            self._word.paragraph(self.say("denominator", denominator=denominator))
        for text in parts.text():
            self._word.paragraph(text)
        if sentences := list(parts.sentences()):
            stop, end = ("；", "。") if self._language == "zh" else ("; ", ".")
            more = ""
            if parts.has_more:
                more = self.say("all_figures", table=self._table_name(self._tables + 1))
            self._word.paragraph(stop.join(sentences) + end + more)
            if parts.has_more:
                self._table(parts.figure_table())
        if recipe.name in self._maps:
            name = self.say("map_name", number=self._maps[recipe.name][0])
            self._word.paragraph(self.say("see_map", map=name))
        for table in parts.tables():
            self._table(table)
        self._gaps(parts)

    def _gaps(self, parts: RecipeParts) -> None:
        for title, mark, table in parts.gaps():
            if table is None:
                self._word.turn(wide=False)
                self._word.paragraph(self.say("no_gaps", title=title, mark=mark))
                continue
            self._word.turn(wide=table.wide)
            name = self._table_name(self._tables + 1)
            count = f"{parts.gap_rows[title]:,}"
            text = self.say("gaps", title=title, count=count, mark=mark, table=name)
            self._word.paragraph(text)
            self._table(table)

    def _methods(self) -> None:
        self._head("methods")
        stop = "。" if self._language == "zh" else "."
        for outcome in self._outcomes:
            notes = [note.rstrip("。.") for note in outcome_notes(outcome, self._language)]
            if outcome.recipe.references:
                told = "; ".join(outcome.recipe.references)
                notes.append(self.say("references", references=told).rstrip("。."))
            if notes:
                self._subhead(self._title(outcome))
                self._word.paragraph((stop if self._language == "zh" else ". ").join(notes) + stop)

    def _sources(self) -> None:
        self._head("sources")
        records, sources = self._workspace.records(), self._workspace.sources()
        keys = ("layer", "rows", "origin", "date", "quality", "hash")
        rows = []
        for name, record in records.items():
            for source in sources.get(name, ()):
                origin = source.origin + (f"（{source.licence}）" if source.licence else "")
                rows.append(
                    [self._layer(name), f"{record.rows:,}" if not record.raster else "–", origin,
                     source.as_of.isoformat() if source.as_of else "–",
                     translate(_QUALITIES[source.quality], self._language),
                     record.sha256[:_HASH_CHARS]]
                )  # fmt: skip
        heads = [self.say(f"column_{key}") for key in keys]
        self._table(ReportTable(self.say("sources"), heads, rows))

    def _annex(self) -> None:
        self._word.turn(wide=True)
        self._word.heading(self.say("evidence"))
        keys = ("number", "content", "value", "exact", "key")
        heads = [self.say(f"column_{key}") for key in keys]
        rows: list[list[str]] = []
        anchors: list[int | None] = []
        for outcome in self._outcomes:
            found = self._evidence.of(outcome.recipe.name)
            if found:
                rows.append([self._provenance(outcome)])
                anchors.append(None)
            for row in found:
                value, exact = self._value(row.indicator)
                rows.append([f"[{row.number}]", row.content, value, exact, row.key])
                anchors.append(row.number)
        self._word.table("", heads, rows, anchors=anchors)

    def _value(self, indicator: Indicator | None) -> tuple[str, str]:
        if indicator is None or indicator.value is None:
            return "–", "–"
        shown = value_text(indicator, self._language) + counted_text(indicator, self._language)
        return shown, f"{indicator.value:,.6f}".rstrip("0").rstrip(".")

    def _provenance(self, outcome: Outcome) -> str:
        recipe, result = outcome.recipe, outcome.result
        known = [name for name in result.inputs if name in self._workspace.layer_catalogue]
        own = [i.layer for i in recipe.inputs.values() if isinstance(i, LayerInput)]
        layers = [self._layer(name) for name in dict.fromkeys([*own, *known]) if name in known]
        hashes = [f"{name} {digest[:_HASH_CHARS]}" for name, digest in result.inputs.items()]
        return self.say(
            "evidence_of", recipe=self._title(outcome), name=recipe.name,
            layers=self._listed(layers) or self.say("none"),
            parameters=self._listed(list(self._parameters(outcome))) or self.say("none"),
            hashes=self._listed(hashes), date=self._date(),
        )  # fmt: skip

    def _parameters(self, outcome: Outcome) -> Iterator[str]:
        for name, stated in outcome.result.parameters.items():
            known = outcome.recipe.parameters.get(name)
            title = known.title.get(self._language) if known and known.title else name
            unit = "" if stated.get("unit") in {None, "share"} else f" {stated['unit']}"
            yield f"{title} {parameter_text(stated['value'])}{unit}"

    def _sheets(self) -> None:
        if not self._maps and not self._absent:
            return
        self._word.turn(wide=True)
        self._word.page_break()
        self._word.heading(self.say("maps"))
        if self._absent:
            names = [self._title(outcome) for outcome in self._absent]
            self._word.paragraph(self.say("map_absent", recipes=self._listed(names)))
        for outcome in self._outcomes:
            if outcome.recipe.name not in self._maps:
                continue
            number, path = self._maps[outcome.recipe.name]
            sheet = outcome.recipe.sheet
            title = sheet.title.get(self._language) if sheet else self._title(outcome)
            figures = "；".join(
                f"{figure_title(outcome.recipe, i, self._language)}"
                f" {value_text(i, self._language)}{counted_text(i, self._language)}"
                for i in outcome.result.indicators
                if i.headline
            )
            caption = f"{self.say('map_name', number=number)}　{title}"
            described = self.say("map_text", title=title, figures=figures)
            self._word.picture(_scaled(path), caption, described)

    # --- small things

    def _parts(self, outcome: Outcome) -> RecipeParts:
        return RecipeParts(outcome, self._workspace, self._phrases, self._evidence)

    def _title(self, outcome: Outcome) -> str:
        return outcome.recipe.title.get(self._language)

    def _layer(self, name: str) -> str:
        definition = self._workspace.layer_catalogue.get(name)
        return definition.title.get(self._language) if definition else name

    def _modelled(self) -> list[str]:
        names = dict.fromkeys(name for o in self._outcomes for name in o.result.modelled)
        return [self._layer(name) for name in names]

    def _listed(self, items: Sequence[str]) -> str:
        return listed(tuple(items), self._language)

    def _table_name(self, number: int) -> str:
        return self.say("table_name", number=number)

    def _table(self, table: ReportTable) -> None:
        self._word.turn(wide=table.wide)
        self._tables += 1
        caption = f"{self._table_name(self._tables)}　{table.caption}"
        self._word.table(caption, table.heads, table.rows)


def _scaled(path: Path) -> bytes:
    """Bring a sheet to the size of a page; at full size a report would hold hundreds of megabytes."""
    from PIL import Image

    with Image.open(path) as sheet:
        height = round(sheet.height * _PICTURE_PX / sheet.width)
        small = sheet.convert("RGB").resize((_PICTURE_PX, height), Image.Resampling.LANCZOS)
    raw = io.BytesIO()
    small.save(raw, "PNG", optimize=True)
    return raw.getvalue()
