"""The catalogue: definition files found, read, and answered for by name or title.

Files that differ little name a pattern, ``like = "plan"`` for ``_plan.toml``, and say only what is
theirs. All problems of a file are reported at once, each with its line. A workspace's own
``layers`` and ``analyses`` folders are searched before the bundled ones.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from yanshan_gis.content import AnalysisDef, LayerDef
from yanshan_gis.errors import ContentError, UsageError, YanshanError
from yanshan_gis.messages import N_, Notice
from yanshan_gis.problems import reason_of

Definition = TypeVar("Definition", LayerDef, AnalysisDef)
_UNKNOWN = {
    "layer": N_("No layer is called {name!r}. Nearest: {nearest}."),
    "analysis": N_("No analysis is called {name!r}. Nearest: {nearest}."),
}


def _written_tables(lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Yield each table of a file: its path, numbered within an array, and its lines (from 0)."""
    counts: dict[str, int] = {}
    path, start = "", 0
    for number, line in enumerate(lines):
        if not (header := re.match(r"^\s*(\[\[?)([^\[\]]+)\]", line)):
            continue
        yield path, start, number
        name, start = re.sub(r"[\s\"']", "", header[2]), number
        for array, count in counts.items():  # a table below the newest member of an array
            if name.startswith(f"{array}."):
                name = f"{array}.{count}{name.removeprefix(array)}"
        if header[1] == "[[":
            counts[name] = counts.get(name, -1) + 1
            name = f"{name}.{counts[name]}"
        path = name
    yield path, start, len(lines)


def _line_of(text: str, place: tuple[int | str, ...]) -> int:
    """Return the line of the innermost part of a key path that is written out."""
    lines = text.splitlines()
    tables = list(_written_tables(lines))
    for depth in range(len(place), 0, -1):
        head = ".".join(str(part) for part in place[:depth])
        above = ".".join(str(part) for part in place[: depth - 1])
        key = re.compile(rf"^\s*[\"']?{re.escape(str(place[depth - 1]))}[\"']?\s*[=.]")
        for path, start, end in tables:
            if path == head:
                return start + 1
            if path == above:
                for number in range(start, end):
                    if key.match(lines[number]):
                        return number + 1
    return 1


def _completed(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Lay a file over the pattern it names with ``like``; its own keys win, lists whole."""
    name = content.pop("like", None)
    if name is None:
        return content
    folders = (path.parent, bundled_content() / path.parent.name)
    pattern = next((p for f in folders if (p := f / f"_{name}.toml").is_file()), None)
    if pattern is None:
        raise ContentError(
            [
                Notice(
                    "pattern-missing",
                    N_("{file}: there is no pattern {pattern} to be like."),
                    {"file": path.name, "pattern": f"_{name}.toml"},
                )
            ]
        )
    return _laid_over(tomllib.loads(pattern.read_text(encoding="utf-8-sig")), content)


def _laid_over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            merged[key] = _laid_over(under, value)
        else:
            merged[key] = value
    return merged


def read_definition(path: Path, kind: type[Definition]) -> Definition:
    """Read one definition file.

    Parameters
    ----------
    path
        A ``.toml`` file; its stem is the definition's name.
    kind
        `LayerDef` or `AnalysisDef`.

    Returns
    -------
    LayerDef or AnalysisDef
        The definition.

    Raises
    ------
    ContentError
        With every problem of the file and its line.
    """
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return kind.model_validate({"name": path.stem, **_completed(path, tomllib.loads(text))})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = Notice(
            "content-toml",
            N_("{file}: not valid TOML: {reason}"),
            {"file": path.name, "reason": str(error)},
        )
        raise ContentError([problem]) from error
    except ValidationError as error:
        problems = [
            Notice(
                "content-value",
                N_("{file}, line {line}, {place}: {reason}"),
                {
                    "file": path.name,
                    "line": _line_of(text, item["loc"]),
                    "place": ".".join(str(part) for part in item["loc"]) or "(file)",
                    "reason": reason_of(item),
                },
            )
            for item in error.errors()
        ]
        problems.sort(key=lambda problem: int(problem.values["line"]))
        raise ContentError(problems) from error


def fold_name(text: str) -> str:
    """Fold a name for comparison: case, width, spaces, hyphens and underscores do not count.

    A hyphen in front is a minus sign and stays.

    Parameters
    ----------
    text
        A name or a title.

    Returns
    -------
    str
        The folded form.
    """
    return re.sub(r"[\s_]+|(?<=.)-+", "", unicodedata.normalize("NFKC", text)).casefold()


class Catalogue(Mapping[str, Definition], Generic[Definition]):
    """Definitions by name; they also answer to their titles and aliases.

    Parameters
    ----------
    definitions
        The definitions, first come first kept: a workspace's own stand before the bundled ones.
    what
        ``layer`` or ``analysis``, for messages.
    """

    def __init__(self, definitions: list[Definition], what: str) -> None:
        self._what = what
        self._by_name: dict[str, Definition] = {}
        for definition in definitions:
            self._by_name.setdefault(definition.name, definition)

    def __getitem__(self, name: str) -> Definition:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    @cached_property
    def _by_spelling(self) -> dict[str, str]:
        spellings: dict[str, str] = {}
        for name in self._by_name:
            found: LayerDef | AnalysisDef = self._by_name[name]
            for text in (name, found.title.zh, found.title.en, *found.aliases):
                spellings.setdefault(fold_name(text), name)
        return spellings

    def find(self, name: str) -> Definition:
        """Return a definition by name, title or alias.

        Parameters
        ----------
        name
            As the user wrote it.

        Returns
        -------
        LayerDef or AnalysisDef
            The definition.

        Raises
        ------
        UsageError
            Naming the nearest names.
        """
        found = self._by_spelling.get(fold_name(name))
        if found is not None:
            return self._by_name[found]
        near = difflib.get_close_matches(fold_name(name), self._by_spelling, 3, 0.6)
        known = dict.fromkeys(self._by_spelling[spelling] for spelling in near)
        raise UsageError(
            f"{self._what}-unknown",
            _UNKNOWN[self._what],
            name=name,
            nearest=", ".join(f"{n} ({self._by_name[n].title.zh})" for n in known or self),
        )


def bundled_content() -> Path:
    """Return the folder that holds the bundled ``layers`` and ``analyses``.

    Returns
    -------
    pathlib.Path
        Inside the installed package, or the checkout.

    Raises
    ------
    YanshanError
        When neither is there.
    """
    package = Path(__file__).parent
    for root in (package / "_content", package.parent):
        if (root / "layers").is_dir() and (root / "analyses").is_dir():
            return root
    raise YanshanError(
        "content-missing",
        N_("The bundled layer and analysis definitions are missing; install the package again."),
    )


def _read_folders(folders: Iterable[Path], kind: type[Definition]) -> list[Definition]:
    definitions: list[Definition] = []
    problems: list[Notice] = []
    for folder in folders:
        for path in sorted(folder.glob("[!_]*.toml")):  # _*.toml are patterns, no definitions
            try:
                definitions.append(read_definition(path, kind))
            except ContentError as error:
                problems.extend(error.problems)
    if problems:
        raise ContentError(problems)
    return definitions


def read_layers(*own: Path) -> Catalogue[LayerDef]:
    """Read the layer catalogue.

    Parameters
    ----------
    *own
        Folders searched before the bundled one, such as a workspace's ``layers``.

    Returns
    -------
    Catalogue
        Layer definitions by name.

    Raises
    ------
    ContentError
        With every problem of every file.
    """
    folders = [*own, bundled_content() / "layers"]
    return Catalogue(_read_folders(folders, LayerDef), "layer")


def read_analyses(*own: Path) -> Catalogue[AnalysisDef]:
    """Read the recipes.

    Parameters
    ----------
    *own
        Folders searched before the bundled one, such as a workspace's ``analyses``.

    Returns
    -------
    Catalogue
        Recipes by name.

    Raises
    ------
    ContentError
        With every problem of every file.
    """
    folders = [*own, bundled_content() / "analyses"]
    return Catalogue(_read_folders(folders, AnalysisDef), "analysis")
