"""Where the numbers of a report come from: a mark behind each, and the row it leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yanshan_gis.result import Indicator
    from yanshan_gis.run import Outcome

_OPEN, _CLOSE = "\ue000", "\ue001"  # of the private area: no text of a county holds them
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


@dataclass(frozen=True)
class EvidenceRow:
    """What one mark stands for.

    Parameters
    ----------
    number
        Of the mark.
    recipe
        Whose result it is.
    key
        Of the figure, or the table's name.
    content
        What is told, in words.
    indicator
        The figure; None for a table.
    """

    number: int
    recipe: str
    key: str
    content: str
    indicator: Indicator | None = None


@dataclass
class Evidence:
    """The marks given so far.

    Parameters
    ----------
    rows
        By recipe, figure or table, and what is counted.
    """

    rows: dict[tuple[str, str, str], EvidenceRow] = field(default_factory=dict)

    def figure(self, outcome: Outcome, indicator: Indicator, content: str) -> str:
        """Mark a figure.

        Parameters
        ----------
        outcome
            Whose it is.
        indicator
            The figure.
        content
            What it is called.

        Returns
        -------
        str
            The mark, to stand behind the figure; the same each time.
        """
        return self._mark(outcome, indicator.key, content, indicator)

    def table(self, outcome: Outcome, name: str, content: str) -> str:
        """Mark a table or a list.

        Parameters
        ----------
        outcome
            Whose it is.
        name
            Of the result's table or layer.
        content
            What it is called.

        Returns
        -------
        str
            The mark.
        """
        return self._mark(outcome, name, content, None)

    def _mark(self, outcome: Outcome, key: str, content: str, indicator: Indicator | None) -> str:
        # A recipe may have several figures of one key and subject, in different units.
        told = f"{indicator.subject} {indicator.unit}" if indicator else ""
        place = (outcome.recipe.name, key, told)
        if place not in self.rows:
            number = len(self.rows) + 1
            self.rows[place] = EvidenceRow(number, outcome.recipe.name, key, content, indicator)
        return f"{_OPEN}{self.rows[place].number}{_CLOSE}"

    def of(self, recipe: str) -> list[EvidenceRow]:
        """Find the rows of a recipe.

        Parameters
        ----------
        recipe
            Its name.

        Returns
        -------
        list of EvidenceRow
            In the order of their marks.
        """
        return [row for row in self.rows.values() if row.recipe == recipe]


def split_marks(text: str) -> Iterator[tuple[str, int | None]]:
    """Take a text apart at its marks.

    Parameters
    ----------
    text
        With marks from `Evidence`.

    Yields
    ------
    tuple
        A piece of text and None, or a mark as it is shown and its number.
    """
    end = 0
    for found in _MARK.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], None
        yield f"[{found[1]}]", int(found[1])
        end = found.end()
    if end < len(text):
        yield text[end:], None


def row_anchor(number: int) -> str:
    """Name the place in the document to which a mark leads.

    Parameters
    ----------
    number
        Of the mark.

    Returns
    -------
    str
        Name of a bookmark.
    """
    return f"evidence_{number}"
