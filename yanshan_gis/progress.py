"""The progress protocol: long work reports steps, whoever listens draws them.

Silent by default; the command line passes a listener that draws bars on stderr.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What long work talks to.

    Starts may nest: `advance`, `bounds` and `finish` are about the one that began last.
    """

    def start(self, label: str, total: int | None) -> None:
        """Begin a piece of work; `total` is None when unknown.

        Parameters
        ----------
        label
            English text marked with ``N_``.
        total
            Number of steps.
        """

    def advance(self, steps: int = 1) -> None:
        """Report finished steps.

        Parameters
        ----------
        steps
            How many.
        """

    def bounds(self, best: float, bound: float) -> None:
        """Report how good the best answer of a search is so far.

        Parameters
        ----------
        best
            Its objective; NaN while there is none.
        bound
            No answer is better than this.
        """

    def finish(self) -> None:
        """End the piece of work."""


class Silent:
    """A listener that draws nothing."""

    def start(self, label: str, total: int | None) -> None:
        """Ignore the start.

        Parameters
        ----------
        label
            Not used.
        total
            Not used.
        """

    def advance(self, steps: int = 1) -> None:
        """Ignore the steps.

        Parameters
        ----------
        steps
            Not used.
        """

    def bounds(self, best: float, bound: float) -> None:
        """Ignore the bounds.

        Parameters
        ----------
        best
            Not used.
        bound
            Not used.
        """

    def finish(self) -> None:
        """Ignore the end."""


SILENT = Silent()


def track(items: Iterable[T], progress: Progress, label: str, total: int) -> Iterator[T]:
    """Yield items and report each as a step.

    Parameters
    ----------
    items
        What is worked on.
    progress
        Who listens.
    label
        English text marked with ``N_``.
    total
        Number of items.

    Yields
    ------
    T
        The items in order.
    """
    progress.start(label, total)
    try:
        for item in items:
            yield item
            progress.advance()
    finally:
        progress.finish()
