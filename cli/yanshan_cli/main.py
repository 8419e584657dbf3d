"""The command ``yanshan``: finds the subcommand, and turns errors into one line and an exit code.

Subcommands are loaded when they are called, so that ``yanshan --help`` is instant. The reader's
language is settled before click parses anything, because help texts depend on it; ``--lang`` may
therefore stand anywhere on the line.
"""

from __future__ import annotations

import gettext
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

import yanshan_gis
from yanshan_cli.console import Console
from yanshan_cli.help import TranslatedCommand, TranslatedGroup
from yanshan_gis.errors import YanshanError
from yanshan_gis.messages import LANGUAGES, N_, Language, preferred_language, translate

# Command name → module below yanshan_cli; each module's function of that name is the command.
COMMANDS = {
    "init": ("init", N_("Make a county's folder (a workspace), empty or with the bundled county.")),
    "import": ("import_", N_("Read a bureau file, or a folder of them, into the workspace.")),
    "plan": ("plan", N_("The plan's projects: read, show and locate them.")),
    "check": ("check", N_("Audit the road network: loose ends, islands, villages not attached.")),
    "run": ("run", N_("Run analyses and write tables, layers and map sheets.")),
    "indicators": (
        "indicators",
        N_("Tell how far every indicator of the plan is from its target."),
    ),
    "map": ("map", N_("Draw map sheets again from stored results.")),
    "publish": ("publish", N_("Write outputs again from stored results.")),
    "scenario": ("scenario", N_("Write what analyses chose as a scenario.")),
    "compare": (
        "compare",
        N_("Compare two scenarios, two quarters, or a scenario with the county as it is."),
    ),
    "info": ("info", N_("Tell what the workspace holds and where it comes from.")),
}


class LazyGroup(TranslatedGroup):
    """A group whose commands are imported when they are called.

    Parameters
    ----------
    *args, **kwargs
        As for a group of click.
    lazy
        Commands by name: the module below ``yanshan_cli``, and the line of help.
    """

    def __init__(
        self, *args: Any, lazy: Mapping[str, tuple[str, str]] = COMMANDS, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the work."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.lazy:
            return None
        module = importlib.import_module(f"yanshan_cli.{self.lazy[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        language: Language = ctx.obj.language
        with formatter.section(translate(N_("Commands"), language)):
            formatter.write_dl(
                [(name, translate(text, language)) for name, (_, text) in self.lazy.items()]
            )


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_(
        "A county's rural-revitalisation plan on a map.\n\n"
        "Example: yanshan init demo --demo && cd demo && yanshan run"
    ),
)
@click.version_option(
    yanshan_gis.__version__, prog_name="yanshan", help=N_("Show the version and exit.")
)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    help=N_("Language of messages, maps and tables; may stand anywhere on the line."),
)
def yanshan() -> None:
    """Group the commands; it does nothing by itself."""


def take_language(arguments: Sequence[str]) -> tuple[Language | None, list[str]]:
    """Take ``--lang`` out of the command line, wherever it stands.

    Parameters
    ----------
    arguments
        As typed.

    Returns
    -------
    tuple
        The language, None when not asked for, and the remaining arguments.
    """
    language: Language | None = None
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        value = None
        if argument == "--lang":
            value = next(waiting, "")
        elif argument.startswith("--lang="):
            value = argument.removeprefix("--lang=")
        else:
            rest.append(argument)
        if value is not None:
            if value not in LANGUAGES:
                raise click.UsageError(f"--lang: {' | '.join(LANGUAGES)}")
            language = value
    return language, rest


def _speak(language: Language) -> None:
    """Let click's own words (Usage, Options, its errors) speak the same language."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("messages", Path(yanshan_gis.__file__).parent / "locale")
    gettext.textdomain("messages")


def _open_streams() -> None:
    """Write UTF-8 when redirected; on a GBK console, replace what it cannot show."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            encoding = stream.encoding if stream.isatty() else "utf-8"
            reconfigure(encoding=encoding, errors="replace")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code.

    Parameters
    ----------
    arguments
        Those of the process when not given.
    """
    _open_streams()
    _speak(preferred_language())
    try:
        asked, rest = take_language(sys.argv[1:] if arguments is None else arguments)
    except click.UsageError as error:
        error.show()
        sys.exit(error.exit_code)
    language = asked or preferred_language()
    _speak(language)
    console = Console(language, asked=asked is not None)
    try:
        yanshan.main(rest, prog_name="yanshan", obj=console, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        console.say(N_("Stopped. What was finished stays; what was under way changed nothing."))
        sys.exit(1)
    except YanshanError as error:
        console.fail(error)
        sys.exit(error.exit_code)
    except OSError as error:
        text = N_("{file}: {reason}. Check the path, its rights and the free space.")
        message = console.text(
            text, file=error.filename or "yanshan", reason=error.strerror or error
        )
        console.say(N_("Error: {message}"), message=message)
        sys.exit(1)
    sys.exit(0)


__all__ = ["COMMANDS", "TranslatedCommand", "main", "yanshan"]
