"""What the reader sees: data on stdout, everything else on stderr."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import click

from yanshan_gis.errors import YanshanError
from yanshan_gis.messages import N_, Language, Notice, translate

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_NARROW = 110  # characters across, below which a table leaves out its minor columns


class Console:
    """Speaks to one reader, in one language.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    asked
        Whether the reader asked for it (``--lang``) or it was taken from the environment. Maps
        and workbooks are for other readers: they are Chinese unless asked for.
    """

    def __init__(self, language: Language, *, asked: bool = False) -> None:
        self.language = language
        self.document_language: Language = language if asked else "zh"

    def text(self, text: str, /, **values: object) -> str:
        """Translate a text.

        Parameters
        ----------
        text
            English, marked with ``N_``.
        **values
            For its gaps.

        Returns
        -------
        str
            In the reader's language.
        """
        return translate(text, self.language, **values)

    def say(self, text: str, /, **values: object) -> None:
        """Write one line on stderr.

        Parameters
        ----------
        text
            English, marked with ``N_``.
        **values
            For its gaps.
        """
        click.echo(self.text(text, **values), err=True)

    def tell(self, notice: Notice) -> None:
        """Write a notice on stderr.

        Parameters
        ----------
        notice
            What the reader must know.
        """
        click.echo(f"· {notice.render(self.language)}", err=True)

    def fail(self, error: YanshanError) -> None:
        """Write an error on stderr: what, where, what to do.

        Parameters
        ----------
        error
            Raised by the library.
        """
        self.say(N_("Error: {message}"), message=error.render(self.language))

    def data(self, value: Any) -> None:
        """Write data as JSON on stdout.

        Parameters
        ----------
        value
            Plain values.
        """
        try:
            click.echo(json.dumps(value, ensure_ascii=False, indent=1))
        except BrokenPipeError:  # the reader of a pipe left early; that is its right
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def wants_json(self, asked: bool) -> bool:
        """Tell whether data goes out as JSON: when asked for, or when stdout is no terminal.

        Parameters
        ----------
        asked
            Whether ``--json`` was given.

        Returns
        -------
        bool
            True for JSON.
        """
        return asked or not sys.stdout.isatty()

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        minor: Collection[int] = (),
    ) -> None:
        """Draw a table on stdout.

        Parameters
        ----------
        title
            Above the table.
        columns
            Headings.
        rows
            Cells as text; those that look like numbers stand right, and long ones are broken.
        minor
            Columns that a narrow terminal does without.
        """
        from rich.console import Console as RichConsole
        from rich.table import Table

        screen = RichConsole()
        left_out = set(minor) if screen.width < _NARROW else set()
        shown = [number for number in range(len(columns)) if number not in left_out]
        drawn = Table(title=title, title_justify="left")
        for number in shown:
            numeric = all(_looks_numeric(row[number]) for row in rows)
            drawn.add_column(
                columns[number], justify="right" if numeric else "left", overflow="fold"
            )
        for row in rows:
            drawn.add_row(*(row[number] for number in shown))
        screen.print(drawn)

    def progress(self) -> Bars:
        """Return a listener that draws bars on stderr.

        Returns
        -------
        Bars
            To be given to long work.
        """
        return Bars(self)


def _looks_numeric(cell: str) -> bool:
    plain = cell.replace(",", "").replace("%", "").replace("—", "").strip()
    return not plain or plain.replace(".", "", 1).replace("-", "", 1).isdigit()


class Bars:
    """Progress bars on a terminal; silent elsewhere.

    Work within work has a bar of its own, in the place of the outer one until it ends.

    Parameters
    ----------
    console
        Gives the language.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: RichProgress | None = None
        self._open: list[tuple[TaskID, str]] = []  # the innermost last

    def start(self, label: str, total: int | None) -> None:
        """Begin a bar.

        Parameters
        ----------
        label
            English, marked with ``N_``.
        total
            Number of steps.
        """
        # While bars are drawn, stderr is a stand-in that need not say whether it is a terminal.
        if self._bars is None and not sys.stderr.isatty():
            return
        from rich.console import Console as RichConsole
        from rich.progress import Progress as RichProgress

        if self._bars is None:
            self._bars = RichProgress(console=RichConsole(stderr=True), transient=True)
            self._bars.start()
        if self._open:
            self._bars.update(self._open[-1][0], visible=False)
        text = self._console.text(label)
        self._open.append((self._bars.add_task(text, total=total), text))

    def advance(self, steps: int = 1) -> None:
        """Report finished steps of the innermost work.

        Parameters
        ----------
        steps
            How many.
        """
        if self._bars is not None:
            self._bars.advance(self._open[-1][0], steps)

    def bounds(self, best: float, bound: float) -> None:
        """Write the best answer of a search, its bound and the gap between them beside the bar.

        Parameters
        ----------
        best
            Its objective; NaN while there is none.
        bound
            No answer is better than this.
        """
        if self._bars is not None and (told := self._told(best, bound)):
            task, label = self._open[-1]
            self._bars.update(task, description=f"{label} · {told}")

    def _told(self, best: float, bound: float) -> str:
        if not math.isfinite(bound):
            return ""
        if not math.isfinite(best):
            return self._console.text(N_("bound {bound:,.6g}"), bound=bound)
        gap = abs(bound - best) / max(abs(best), 1e-9)
        text = N_("best {best:,.6g}, bound {bound:,.6g}, gap {gap:.2%}")
        return self._console.text(text, best=best, bound=bound, gap=gap)

    def finish(self) -> None:
        """End the innermost bar and show the one around it again."""
        if self._bars is None:
            return
        self._bars.remove_task(self._open.pop()[0])
        if self._open:
            self._bars.update(self._open[-1][0], visible=True)
        else:
            self._bars.stop()
            self._bars = None
