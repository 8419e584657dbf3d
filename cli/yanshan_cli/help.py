"""Help in the reader's language: command and option texts go through the message catalogue.

Chinese has no spaces to break lines at and its characters are two columns wide, so lines are
filled here by columns rather than by characters.
"""

from __future__ import annotations

import difflib
import inspect
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import click

from yanshan_gis.messages import N_, Language, preferred_language, translate

# A word, or one wide character, with the punctuation that must not part from it.
_PIECE = re.compile(
    r"\s*(?:[（《“「]*[\u2e80-\uffef]|[^\s“\u2e80-\uffef]+|“)[，。；：、）》”！？」]*"
)
METAVARS = (N_("[OPTIONS]"), N_("COMMAND [ARGS]..."))


def language_of(ctx: click.Context) -> Language:
    """Tell the reader's language.

    Parameters
    ----------
    ctx
        Of any command.

    Returns
    -------
    str
        ``zh`` or ``en``.
    """
    found: Language = getattr(ctx.find_root().obj, "language", None) or preferred_language()
    return found


def columns_of(text: str) -> int:
    """Tell how many columns of a terminal a text takes.

    Parameters
    ----------
    text
        Without control characters.

    Returns
    -------
    int
        Two for each wide character, one for the others.
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def fill_lines(text: str, columns: int) -> list[str]:
    """Break a paragraph into lines.

    Parameters
    ----------
    text
        Chinese or English, or both.
    columns
        Of a line; a word that is wider stands alone.

    Returns
    -------
    list of str
        Lines without a break at their end.
    """
    lines: list[str] = []
    line = ""
    for piece in _PIECE.findall(" ".join(text.split())):
        if line and columns_of(line + piece) > columns:
            lines.append(line)
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line]


class ColumnFormatter(click.HelpFormatter):
    """A formatter that fills lines by columns."""

    def write_text(self, text: str) -> None:
        """Write paragraphs.

        Parameters
        ----------
        text
            Paragraphs are parted by an empty line.
        """
        indent = " " * self.current_indent
        columns = max(self.width - self.current_indent, 10)
        paragraphs = [fill_lines(part, columns) for part in re.split(r"\n\s*\n", text)]
        filled = ["\n".join(indent + line for line in lines) for lines in paragraphs]
        self.write("\n\n".join(filled) + "\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms and what they mean.

        Parameters
        ----------
        rows
            Term and meaning.
        col_max
            Widest column of terms; a wider term has its meaning below.
        col_spacing
            Between the columns.
        """
        rows = list(rows)
        widest = max((columns_of(term) for term, _ in rows), default=0)
        first = min(widest, col_max) + col_spacing
        columns = max(self.width - self.current_indent - first, 10)
        below = " " * (self.current_indent + first)
        for term, meaning in rows:
            room = first - columns_of(term)
            between = " " * room if room >= col_spacing else f"\n{below}"
            lines = f"\n{below}".join(fill_lines(meaning, columns))
            entry = f"{' ' * self.current_indent}{term}{between}{lines}"
            self.write(entry.rstrip() + "\n")


class _Context(click.Context):
    formatter_class = ColumnFormatter


class _Translated(click.Command):
    context_class = _Context

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters with their help translated."""
        language = language_of(ctx)
        params = super().get_params(ctx)
        for param in params:
            original = getattr(param, "help", None)
            if original and not hasattr(param, "help_en"):
                param.help_en = original  # type: ignore[attr-defined]
            if original:
                param.help = translate(param.help_en, language)  # type: ignore[attr-defined]
        return params

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help``, whose own text click fixes in the language it was first made in."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help_en = N_("Show this message and exit.")  # type: ignore[attr-defined]
        return option

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what stands behind the command's name in its usage line."""
        pieces = super().collect_usage_pieces(ctx)
        return [translate(piece, language_of(ctx)) for piece in pieces]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's text, translated; its example keeps its line."""
        text = translate(inspect.cleandoc(self.help or ""), language_of(ctx))
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(text)


class TranslatedCommand(_Translated):
    """A command whose help speaks the reader's language."""


class TranslatedGroup(_Translated, click.Group):
    """A group whose help speaks the reader's language, and that knows near names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.command_class = TranslatedCommand

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; for an unknown one, say which are near."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            names = self.list_commands(ctx)
            near = difflib.get_close_matches(args[0], names, 3, 0.5) or names
            text = N_("No command is called {name}. Nearest: {nearest}.")
            values = {"name": args[0], "nearest": ", ".join(near)}
            raise click.UsageError(translate(text, language_of(ctx), **values), ctx)
        return super().resolve_command(ctx, args)
