"""Help in the reader's language: command and option texts go through the message catalogue."""

from __future__ import annotations

import inspect
from typing import Any

import click

from yanshan_gis.messages import Language, preferred_language, translate


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


class _Translated(click.Command):
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

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's text, translated; its example keeps its line."""
        text = translate(inspect.cleandoc(self.help or ""), language_of(ctx))
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(text)


class TranslatedCommand(_Translated):
    """A command whose help speaks the reader's language."""


class TranslatedGroup(_Translated, click.Group):
    """A group whose help speaks the reader's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.command_class = TranslatedCommand
