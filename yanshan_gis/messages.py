"""Messages in the reader's language.

Code raises and records *notices*: a stable code, an English sentence with named gaps, and the
values for the gaps. Only the edge (command line, sheet, report) renders them, in Chinese or
English, through gettext catalogues. The English sentence is the catalogue's key, so English works
without any catalogue.
"""

from __future__ import annotations

import gettext
import locale
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_LOCALE_DIR = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a text for translation and return it unchanged.

    Parameters
    ----------
    text
        The English text, with named gaps such as ``{file}``.

    Returns
    -------
    str
        The same text.
    """
    return text


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation("yanshan", _LOCALE_DIR, [language], fallback=True)


def translate(text: str, language: Language, /, **values: object) -> str:
    """Render an English text in a language and fill its gaps.

    Parameters
    ----------
    text
        The English text as marked with `N_`.
    language
        ``zh`` or ``en``.
    **values
        What stands in the gaps.

    Returns
    -------
    str
        The text in that language; the English one where no translation exists.
    """
    translated = _catalogue(language).gettext(text) if language != "en" else text
    return translated.format(**values) if values else translated


def preferred_language(environ: Mapping[str, str] = os.environ) -> Language:
    """Tell the reader's language from the environment.

    Parameters
    ----------
    environ
        Environment variables; ``YANSHAN_LANG`` wins over ``LC_ALL``, ``LC_MESSAGES``, ``LANG``.

    Returns
    -------
    str
        ``zh`` unless the environment names another language.
    """
    for variable in ("YANSHAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(variable, "")
        if value and value.split(".")[0] not in {"C", "POSIX"}:
            return "zh" if value.lower().startswith(("zh", "chinese")) else "en"
    if sys.platform == "win32":  # no such variables there; ask the system
        system = (locale.getlocale()[0] or "zh").lower()
        return "zh" if system.startswith(("zh", "chinese")) else "en"
    return "zh"


@dataclass(frozen=True)
class Notice:
    """One thing to tell the reader: what, where, what to do.

    Parameters
    ----------
    code
        Stable, kebab-case; what programs compare.
    text
        English sentence with named gaps, marked with `N_`.
    values
        What stands in the gaps; plain values, so that a notice can be stored as JSON, or notices,
        rendered with the one they stand in.
    """

    code: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def render(self, language: Language = "en") -> str:
        """Render the notice in a language.

        Parameters
        ----------
        language
            ``zh`` or ``en``.

        Returns
        -------
        str
            One line.
        """
        values = {
            name: value.render(language) if isinstance(value, Notice) else value
            for name, value in self.values.items()
        }
        return translate(self.text, language, **values)

    def to_json(self) -> dict[str, Any]:
        """Return the notice as plain values.

        Returns
        -------
        dict
            ``code``, ``message`` (English) and the values, flat.
        """
        values = {
            name: value.render("en") if isinstance(value, Notice) else value
            for name, value in self.values.items()
        }
        return {**values, "code": self.code, "message": self.render("en")}
