"""The exception tree: what can go wrong, each with a code, values and an exit code.

Every error carries a `Notice` (what, where, what to do) that the command line renders in the
reader's language. Errors that Python already has a name for are also of that built-in type, so a
caller who knows only Python can catch them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from yanshan_gis.messages import Language, Notice


class YanshanError(Exception):
    """Base of every error this library raises on purpose.

    Parameters
    ----------
    code
        Stable, kebab-case.
    text
        English sentence with named gaps.
    **values
        What stands in the gaps.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, text: str, /, **values: Any) -> None:
        self.notice = Notice(code, text, values)
        super().__init__(self.notice.render("en"))

    @property
    def code(self) -> str:
        """The stable code of the notice."""
        return self.notice.code

    def render(self, language: Language) -> str:
        """Render the error in the reader's language.

        Parameters
        ----------
        language
            ``zh`` or ``en``.

        Returns
        -------
        str
            One line or, for a content file, one line per problem.
        """
        return self.notice.render(language)


class UsageError(YanshanError, ValueError):
    """A command, option or name that does not exist or does not fit."""

    exit_code = 2


class DataError(YanshanError, ValueError):
    """Data that did not validate; nothing was stored."""

    exit_code = 3


class CrsError(DataError):
    """A coordinate system that is missing, unknown, or not what the coordinates say."""


class UnitError(DataError):
    """A quantity whose unit is unknown or of another kind."""


class _SeveralError(YanshanError):
    """Problems of one thing, all of them at once.

    Parameters
    ----------
    problems
        One notice per problem, in order.
    """

    def __init__(self, problems: list[Notice]) -> None:
        self.problems = tuple(problems)
        first = problems[0]
        super().__init__(first.code, first.text, **first.values)
        self.args = ("\n".join(problem.render("en") for problem in problems),)

    def render(self, language: Language) -> str:
        """Render all problems, one per line.

        Parameters
        ----------
        language
            ``zh`` or ``en``.

        Returns
        -------
        str
            One line per problem.
        """
        return "\n".join(problem.render(language) for problem in self.problems)


class ContentError(_SeveralError, DataError):
    """A layer, analysis or scenario file with problems; all of them at once.

    Parameters
    ----------
    problems
        One notice per problem, in file order.
    """


class SettingsError(_SeveralError, UsageError):
    """Settings on the command line that do not fit; all of them at once.

    Parameters
    ----------
    problems
        One notice per problem, in the order given.
    """


class WorkspaceError(YanshanError):
    """A workspace that is missing, damaged or in use."""


class FileInUseError(WorkspaceError, PermissionError):
    """A file that another program holds open; it was left as it was."""


class WriteError(WorkspaceError, OSError):
    """A file that could not be written; what stood there before is unchanged."""
