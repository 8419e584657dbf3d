"""What the report says of one recipe: sentences, tables and lists in words, with their marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import pandas as pd

from yanshan_gis.content import REPORT_GAP
from yanshan_gis.publish.board import board_rows
from yanshan_gis.publish.fields import readable, shown_fields
from yanshan_gis.publish.figures import counted_text, figure_title, number_text, value_text
from yanshan_gis.publish.result_sheet import outcome_lists
from yanshan_gis.publish.words import colon, unit_text, word

if TYPE_CHECKING:
    from yanshan_gis.content import FieldDef
    from yanshan_gis.messages import Language
    from yanshan_gis.publish.evidence import Evidence
    from yanshan_gis.publish.phrases import Phrases
    from yanshan_gis.result import Indicator
    from yanshan_gis.run import Outcome
    from yanshan_gis.workspace import Workspace

_MOST_SENTENCES, _FIRST_SENTENCES = 8, 5  # more figures than the first: so many, and a table
_LONG_TEXT = 60  # characters of a cell that no table of a page holds
_WIDE, _MOST_COLUMNS = 8, 12  # columns that an upright page holds, and one on its side
_BOARD = ("number", "name", "kind", "target", "actual", "state", "counted", "ledger", "basis")
_UNSHOWN = {"id", "source_id", "geometry"}


@dataclass(frozen=True)
class ReportTable:
    """A table of the report.

    Parameters
    ----------
    caption
        Without its number.
    heads
        Of the columns.
    rows
        Cells as text.
    wide
        True where it needs a page on its side.
    left_out
        Titles of columns that no page holds.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    wide: bool = False
    left_out: Sequence[str] = ()


class RecipeParts:
    """Speaks of one recipe.

    Parameters
    ----------
    outcome
        The recipe and its result.
    workspace
        The county.
    phrases
        The sentences.
    evidence
        Gives the marks.
    """

    def __init__(
        self, outcome: Outcome, workspace: Workspace, phrases: Phrases, evidence: Evidence
    ) -> None:
        self._outcome, self._workspace = outcome, workspace
        self._phrases, self._evidence = phrases, evidence
        self._language: Language = phrases.language

    @property
    def title(self) -> str:
        """The recipe's title."""
        return self._outcome.recipe.title.get(self._language)

    def _known(self) -> list[Indicator]:
        return sorted(self._outcome.result.indicators, key=lambda i: not i.headline)

    def mark(self, indicator: Indicator) -> str:
        """Mark a figure.

        Parameters
        ----------
        indicator
            Of the recipe's result.

        Returns
        -------
        str
            Its mark.
        """
        content = figure_title(self._outcome.recipe, indicator, self._language)
        return self._evidence.figure(self._outcome, indicator, content)

    def text(self) -> Iterator[str]:
        """Say what the recipe's own sentences say.

        Yields
        ------
        str
            Each sentence whose figures are known, with their marks.
        """
        known = {i.key: i for i in self._outcome.result.indicators if i.value is not None}
        for title in self._outcome.recipe.report.text:
            text = title.get(self._language)
            if all(self._has(known, gap) for gap in REPORT_GAP.finditer(text)):
                yield REPORT_GAP.sub(lambda gap: self._filled(known, gap), text)

    @staticmethod
    def _has(known: Mapping[str, Indicator], gap: re.Match[str]) -> bool:
        indicator = known.get(gap[1])
        return indicator is not None and getattr(indicator, gap[2] or "value") is not None

    def _filled(self, known: Mapping[str, Indicator], gap: re.Match[str]) -> str:
        indicator = known[gap[1]]
        if gap[2] in {"numerator", "denominator"}:
            told = number_text(getattr(indicator, gap[2]), "", self._language)
        else:
            value = indicator.target if gap[2] else indicator.value
            told = number_text(value, indicator.unit, self._language)
        return told + self.mark(indicator)

    def sentences(self) -> Iterator[str]:
        """Say the figures, the headline first.

        Yields
        ------
        str
            A sentence per figure, without its full stop.
        """
        report, known = self._outcome.recipe.report, self._known()
        chosen = set(report.figures)
        if not chosen and not report.text:
            most = _FIRST_SENTENCES if len(known) > _MOST_SENTENCES else len(known)
            known = known[:most]
        elif not chosen:  # its own sentences tell them
            known = [indicator for indicator in known if indicator.headline]
        for indicator in known:
            if not chosen or indicator.key in chosen or indicator.headline:
                yield self.sentence(indicator)

    @property
    def has_more(self) -> bool:
        """True where figures are left that no sentence tells."""
        return len(self._outcome.result.indicators) > len(list(self.sentences()))

    def sentence(self, indicator: Indicator) -> str:
        """Say one figure.

        Parameters
        ----------
        indicator
            The figure.

        Returns
        -------
        str
            With what was counted, its mark, and how it stands to its target.
        """
        name, phrase = (
            figure_title(self._outcome.recipe, indicator, self._language),
            self._phrases.phrase,
        )
        mark = self.mark(indicator)
        if indicator.value is None:
            return phrase("unknown", figure=name, mark=mark)
        counted = ""
        if indicator.numerator is not None and indicator.denominator is not None:
            numbers = {
                part: number_text(getattr(indicator, part), "", self._language)
                for part in ("numerator", "denominator")
            }
            counted = phrase("counted", **numbers)
        value = value_text(indicator, self._language)
        told = phrase("figure", figure=name, value=value, counted=counted, mark=mark)
        if indicator.target is not None:
            target = number_text(indicator.target, indicator.unit, self._language)
            told += phrase("target_met" if indicator.met else "target_not_met", target=target)
        return told

    def figure_table(self) -> ReportTable:
        """Set all figures as a table.

        Returns
        -------
        ReportTable
            One row per figure.
        """
        heads = [self._phrases.phrase(f"column_{key}") for key in ("figure", "value", "counted")]
        rows = [[*self.figure_row(i)[:2], self._bare(i)] for i in self._known()]
        bare = any(row[2] for row in rows)
        return ReportTable(
            self.title, heads if bare else heads[:2], [r if bare else r[:2] for r in rows]
        )

    def _bare(self, indicator: Indicator) -> str:
        return counted_text(indicator, self._language).strip(" ()（）")

    def figure_row(self, indicator: Indicator) -> list[str]:
        """Set one figure as the row of a table.

        Parameters
        ----------
        indicator
            The figure.

        Returns
        -------
        list of str
            Name with mark, value, what was counted, target, whether it is met.
        """
        name = figure_title(self._outcome.recipe, indicator, self._language)
        target = number_text(indicator.target, indicator.unit, self._language)
        met = "–" if indicator.met is None else word("yes" if indicator.met else "no",
                                                     self._language)  # fmt: skip
        pair = "–"
        if indicator.numerator is not None and indicator.denominator is not None:
            numbers = (indicator.numerator, indicator.denominator)
            pair = " / ".join(number_text(n, "", self._language) for n in numbers)
        value = value_text(indicator, self._language)
        return [name + self.mark(indicator), value, pair, target, met]

    def tables(self) -> Iterator[ReportTable]:
        """Set the tables that the report prints whole.

        Yields
        ------
        ReportTable
            Those the recipe names, else its sheet's, then the lists of its sheet.
        """
        recipe, result = self._outcome.recipe, self._outcome.result
        sheet = recipe.sheet
        named = recipe.report.tables or ((sheet.table,) if sheet and sheet.table else ())
        for name in named:
            table = result.tables.get(name)
            if table is None or not len(table):
                continue
            if sheet is not None and sheet.board == name:
                yield self._board(name, table)
            else:
                yield self._table(name, table)
        for key, found in zip(
            sheet.lists if sheet else (),
            outcome_lists(self._outcome, self._workspace.layer_catalogue, self._language),
            strict=False,
        ):
            rows = [[r.mark, r.name, r.more] for r in found.rows]
            if rows:
                caption = found.title + self._list_mark(key)
                heads = [self._phrases.phrase(f"column_{k}") for k in ("number", "project", "more")]
                yield ReportTable(f"{self.title}：{caption}", heads, rows)

    def _list_mark(self, key: str) -> str:
        wanted = self._outcome.recipe.lists[key]
        return self._evidence.table(self._outcome, wanted.of, self._result_title(wanted.of))

    def _result_title(self, name: str) -> str:
        described = self._outcome.recipe.results.get(name)
        return described.title.get(self._language) if described else name

    def _caption(self, name: str) -> str:
        title = self._result_title(name)
        mark = self._evidence.table(self._outcome, name, title)
        return colon(self.title, title, self._language) + mark

    def _table(self, name: str, table: pd.DataFrame) -> ReportTable:
        layers = self._workspace.layer_catalogue
        fields = shown_fields(self._outcome.recipe, name, table.columns, layers)
        other = "_en" if self._language == "zh" else ""  # what stands in the other language
        unshown = {c for c in table.columns if c in _UNSHOWN or (other and c.endswith(other))}
        columns = [c for c in table.columns if c not in unshown and table[c].notna().any()]
        words = readable(table[columns], fields, self._language)
        heads = [self._head(str(c), fields.get(c)) for c in columns]
        cells = [[self._cell(v, fields.get(c)) for v in words[c]] for c in columns]
        # The first column says what a row is about: it stays, however long.
        long = [i > 0 and max(map(len, column)) > _LONG_TEXT for i, column in enumerate(cells)]
        short = [index for index, far in enumerate(long) if not far]
        long = [far or index not in short[:_MOST_COLUMNS] for index, far in enumerate(long)]
        rows = zip(*(c for c, far in zip(cells, long, strict=True) if not far), strict=True)
        kept = [head for head, far in zip(heads, long, strict=True) if not far]
        left_out = [head for head, far in zip(heads, long, strict=True) if far]
        return ReportTable(
            self._caption(name), kept, [list(row) for row in rows], len(kept) > _WIDE, left_out
        )

    def _head(self, name: str, field: FieldDef | None) -> str:
        if field is None:
            return name
        unit = "" if field.unit in {None, "share"} else unit_text(str(field.unit), self._language)
        shown = word("bracket", self._language, text=unit) if unit else ""
        return field.title.get(self._language) + shown

    def _cell(self, value: Any, field: FieldDef | None) -> str:
        if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
            return "–"
        if isinstance(value, bool) or not isinstance(value, Real):
            return str(value)
        share = field is not None and field.unit == "share"
        return number_text(float(value), "share" if share else "", self._language)

    def _board(self, name: str, table: pd.DataFrame) -> ReportTable:
        layers, recipes = self._workspace.layer_catalogue, self._workspace.analyses
        fields = shown_fields(self._outcome.recipe, name, table.columns, layers)
        found = board_rows(table, fields, self._language, layers=layers, recipes=recipes)
        heads = [word(f"board_{key}", self._language) for key in _BOARD]
        rows = [[row.cells[key] or "–" for key in _BOARD] for row in found]
        return ReportTable(self._caption(name), heads, rows, wide=True)

    def gaps(self) -> Iterator[tuple[str, str, ReportTable | None]]:
        """List what is missed, by township.

        Yields
        ------
        tuple
            Title and mark of each list, and its table; None where nothing is missed.
        """
        recipe, result = self._outcome.recipe, self._outcome.result
        default = ("missed",) if "missed" in result.tables else ()
        for name in recipe.report.gaps or default:
            table = result.tables.get(name)
            if table is None:
                continue
            title = self._result_title(name)
            mark = self._evidence.table(self._outcome, name, title)
            yield title, mark, self._gap_table(name, table) if len(table) else None

    def _gap_table(self, name: str, table: pd.DataFrame) -> ReportTable:
        if not {"township", "name"} <= set(table.columns):
            return self._table(name, table)
        fields = shown_fields(
            self._outcome.recipe, name, table.columns, self._workspace.layer_catalogue
        )
        words = readable(table, fields, self._language)
        places = words["township"].fillna(word("unknown_township", self._language))
        names = words["name"].fillna("–").astype(str)
        joint = "、" if self._language == "zh" else ", "
        heads = [self._phrases.phrase(f"column_{key}") for key in ("township", "count", "names")]
        rows = [
            [str(place), str(len(group)), joint.join(group)]
            for place, group in names.groupby(places, sort=False)
        ]
        return ReportTable(colon(self.title, self._result_title(name), self._language), heads, rows)

    @property
    def gap_rows(self) -> Mapping[str, int]:
        """Rows of each list of what is missed, by its title."""
        return {
            self._result_title(name): len(table)
            for name, table in self._outcome.result.tables.items()
        }
