"""The Word report of a county: ``out/publish/<county>规划成果报告.docx``.

Its sentences are content (`yanshan_gis.publish.phrases`); its numbers are those of the results,
each with a mark that leads to the row that says where it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yanshan_gis.messages import N_, Notice
from yanshan_gis.publish.evidence import Evidence
from yanshan_gis.publish.figures import counted_text, figure_title, value_text
from yanshan_gis.publish.file_names import file_names
from yanshan_gis.publish.missing import missing_text
from yanshan_gis.publish.phrases import read_phrases
from yanshan_gis.publish.publication import Written, locked
from yanshan_gis.publish.report_annex import evidence_table, layer_title, scaled, source_table
from yanshan_gis.publish.report_parts import RecipeParts, ReportTable
from yanshan_gis.publish.result_sheet import outcome_notes
from yanshan_gis.publish.typography import NOTE
from yanshan_gis.publish.word_document import WordDocument
from yanshan_gis.publish.words import listed, scenario_marks, word
from yanshan_gis.result import BETWEEN
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from yanshan_gis.publish.publication import Publication
    from yanshan_gis.run import Outcome

_COLUMN = re.compile(r"column-\d+$")
_NO_INDICATOR = 99  # after all that have a number in the plan
_CHINESE = "一二三四五六七八九"


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
    (stem,) = file_names([report.phrase("file", county=county.name.get(publication.language))])
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
        self._workspace, self._outcomes = publication.workspace, in_order(publication.outcomes)
        self._language = publication.language
        self._phrases = read_phrases(publication.workspace.root / "analyses", self._language)
        self._word = WordDocument(publication.template)
        self._evidence = Evidence()
        self._chapter = self._section = self._tables = 0
        self._annexed: list[ReportTable] = []
        self._maps: dict[str, tuple[int, Path]] = {}
        self._absent: list[Outcome] = []
        self._find_maps()

    def phrase(self, name: str, /, **values: object) -> str:
        return self._phrases.phrase(name, **values)

    def save(self, path: Path) -> None:
        county = self._workspace.county
        title = self.phrase("title", county=county.name.get(self._language))
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
                continue  # an older sheet of it would show what no longer holds
            path = self._workspace.out / "sheets" / f"{outcome.recipe.name}.png"
            if path.is_file():
                self._maps[outcome.recipe.name] = (len(self._maps) + 1, path)
            elif outcome.result.status == "ok" or outcome.result.layers:
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
        self._where_from()
        self._sheets()

    # --- chapters

    def _head(self, name: str, *, new_page: bool = False) -> None:
        self._chapter, self._section = self._chapter + 1, 0
        number = chinese_number(self._chapter) + "、" if self._language == "zh" else (
            f"{self._chapter}. "
        )  # fmt: skip
        self._word.heading(number + self.phrase(name), new_page=new_page)

    def _subhead(self, title: str) -> None:
        self._section += 1
        number = f"（{chinese_number(self._section)}）" if self._language == "zh" else (
            f"{self._chapter}.{self._section} "
        )  # fmt: skip
        self._word.heading(number + title, 2)

    def _front(self) -> None:
        county, language = self._workspace.county, self._language
        self._word.title(self.phrase("title", county=county.name.get(language)))
        for mark in scenario_marks((o.result for o in self._outcomes), language):
            self._word.paragraph(mark, NOTE, bold=True)
        if county.map_approval is None:
            self._word.paragraph(self.phrase("internal"), NOTE, bold=True)
        if county.compiled_by:
            self._word.paragraph(word("compiled_by", language, name=county.compiled_by), NOTE)
        self._word.paragraph(word("data_date", language, date=self._date()), NOTE)
        self._word.contents(self.phrase("contents"))

    def _date(self) -> str:
        told = self._workspace.data_date
        return told.isoformat() if told else self.phrase("no_date")

    def _overview(self) -> None:
        self._head("overview", new_page=True)
        county = self._workspace.county.name.get(self._language)
        values = {"county": county, "count": len(self._outcomes), "date": self._date()}
        self._word.paragraph(self.phrase("scope", **values))
        if layers := self._modelled():
            self._word.paragraph(self.phrase("modelled", layers=self._listed(layers)), bold=True)
        if stale := [self._title(o) for o in self._outcomes if o.stale]:
            self._word.paragraph(self.phrase("stale", recipes=self._listed(stale)), bold=True)
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
            heads = [self.phrase(f"column_{key}") for key in keys]
            self._table(ReportTable(self.phrase("headlines"), heads, rows))

    def _not_told(self, outcome: Outcome) -> str:
        """Say why there are no figures."""
        if outcome.result.status == "infeasible":
            return self.phrase("infeasible", recipe=self._title(outcome))
        return self.phrase(
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
            self._word.paragraph(self.phrase("part_missing", missing=self._missing(outcome)))
        if recipe.denominator:
            denominator = recipe.denominator.get(self._language)
            self._word.paragraph(self.phrase("denominator", denominator=denominator))
        for text in parts.text():
            self._word.paragraph(text)
        if sentences := list(parts.sentences()):
            stop, end = ("；", "。") if self._language == "zh" else ("; ", ". ")
            told = stop.join(sentences) + end + self._see_map(outcome)
            if parts.has_more:
                told += self.phrase("all_figures", table=self._table_name(self._tables + 1))
            self._word.paragraph(told.rstrip())
            if parts.has_more:
                self._table(parts.figure_table())
        for table in parts.tables():
            self._table(table)
        self._gaps(parts)

    def _see_map(self, outcome: Outcome) -> str:
        if outcome.recipe.name not in self._maps:
            return ""
        number = self._maps[outcome.recipe.name][0]
        told = self.phrase("see_map", map=self.phrase("map_name", number=number))
        return told if self._language == "zh" else f"{told} "

    def _gaps(self, parts: RecipeParts) -> None:
        for title, mark, table in parts.gaps():
            if table is None:
                self._word.paragraph(self.phrase("no_gaps", title=title, mark=mark))
                continue
            name = self._annex_name(len(self._annexed) + 1) if table.wide else (
                self._table_name(self._tables + 1)
            )  # fmt: skip
            count = f"{parts.gap_rows[title]:,}"
            text = self.phrase("gaps", title=title, count=count, mark=mark, table=name)
            self._word.paragraph(text)
            self._table(table, told=True)

    def _methods(self) -> None:
        self._head("methods")
        stop = "。" if self._language == "zh" else ". "
        for number, outcome in enumerate(self._outcomes, 1):
            notes = [note.rstrip("。.") for note in outcome_notes(outcome, self._language)]
            if outcome.recipe.references:
                told = "; ".join(outcome.recipe.references)
                notes.append(self.phrase("references", references=told).rstrip("。."))
            told = stop.join([f"{number}. {self._title(outcome)}", *notes])
            self._word.paragraph((told + stop).rstrip())

    def _sources(self) -> None:
        self._head("sources")
        self._table(source_table(self._workspace, self._phrases))

    def _annex(self) -> None:
        """Set the tables that no upright page holds."""
        self._word.turn(wide=True)
        self._word.heading(self.phrase("annex"))
        for number, table in enumerate(self._annexed, 1):
            self._word.table(
                f"{self._annex_name(number)}　{table.caption}", table.heads, table.rows
            )
            self._left_out(self._annex_name(number), table)

    def _where_from(self) -> None:
        self._word.heading(self.phrase("evidence"), new_page=True)
        table, anchors = evidence_table(
            self._workspace, self._outcomes, self._evidence, self._phrases
        )
        self._word.table("", table.heads, table.rows, anchors=anchors)

    def _sheets(self) -> None:
        if not self._maps and not self._absent:
            return
        self._word.heading(self.phrase("maps"), new_page=True)
        if self._absent:
            names = [self._title(outcome) for outcome in self._absent]
            self._word.paragraph(self.phrase("map_absent", recipes=self._listed(names)))
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
            caption = f"{self.phrase('map_name', number=number)}　{title}"
            described = self.phrase("map_text", title=title, figures=figures)
            self._word.picture(scaled(path), caption, described)

    # --- small things

    def _parts(self, outcome: Outcome) -> RecipeParts:
        return RecipeParts(outcome, self._workspace, self._phrases, self._evidence)

    def _title(self, outcome: Outcome) -> str:
        return outcome.recipe.title.get(self._language)

    def _modelled(self) -> list[str]:
        names = dict.fromkeys(name for o in self._outcomes for name in o.result.modelled)
        return [layer_title(self._workspace, name, self._language) for name in names]

    def _listed(self, items: Sequence[str]) -> str:
        return listed(tuple(items), self._language)

    def _table_name(self, number: int) -> str:
        return self.phrase("table_name", number=number)

    def _annex_name(self, number: int) -> str:
        return self.phrase("annex_name", number=number)

    def _table(self, table: ReportTable, *, told: bool = False) -> None:
        """Set a table here, or behind the text where it is too wide."""
        if table.wide:
            self._annexed.append(table)
            if not told:
                name = self._annex_name(len(self._annexed))
                self._word.paragraph(self.phrase("see_annex", title=table.caption, table=name))
            return
        self._tables += 1
        name = self._table_name(self._tables)
        self._word.table(f"{name}　{table.caption}", table.heads, table.rows)
        self._left_out(name, table)

    def _left_out(self, name: str, table: ReportTable) -> None:
        if table.left_out:
            columns = self._listed(table.left_out)
            self._word.paragraph(self.phrase("not_shown", table=name, columns=columns))


def in_order(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Put results in the order of the chapters.

    Parameters
    ----------
    outcomes
        Finished recipes.

    Returns
    -------
    list of Outcome
        The board of indicators first, then analyses in the order of the plan's indicators, then
        the plan's columns.
    """

    def place(outcome: Outcome) -> tuple[bool, bool, int]:
        recipe = outcome.recipe
        board = recipe.sheet is not None and recipe.sheet.board is not None
        column = bool(_COLUMN.match(recipe.name))
        return column, not board, min(recipe.indicators, default=_NO_INDICATOR)

    return sorted(outcomes, key=place)
