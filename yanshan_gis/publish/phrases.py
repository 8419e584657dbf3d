"""The sentences of the Word report: content, edited by planners, with gaps for what is told.

The bundled ``analyses/_report.toml`` holds all of them; a file of that name in the workspace's own
``analyses`` changes single ones. There is no logic in either: which sentence is used, code says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from yanshan_gis.catalogue import bundled_content
from yanshan_gis.content import Title
from yanshan_gis.errors import ContentError
from yanshan_gis.messages import LANGUAGES, N_, Notice
from yanshan_gis.toml_file import read_toml

if TYPE_CHECKING:
    from yanshan_gis.messages import Language

FILE_NAME = "_report.toml"
_GAP = re.compile(r"\{(\w*)\}")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    phrases: dict[str, Title] = {}


@dataclass(frozen=True)
class Phrases:
    """Sentences by name, in one language.

    Parameters
    ----------
    texts
        Both languages, by name.
    language
        Of what is said.
    """

    texts: Mapping[str, Title]
    language: Language

    def phrase(self, name: str, /, **values: object) -> str:
        """Fill a sentence.

        Parameters
        ----------
        name
            Of the sentence.
        **values
            What stands in its gaps.

        Returns
        -------
        str
            The sentence; what it has no gap for is left out.
        """
        text = self.texts[name].get(self.language)
        return _GAP.sub(lambda gap: str(values[gap[1]]), text)


def read_phrases(own: Path, language: Language) -> Phrases:
    """Read the sentences of the report.

    Parameters
    ----------
    own
        The workspace's own ``analyses``.
    language
        Of what is said.

    Returns
    -------
    Phrases
        The workspace's own before the bundled ones.

    Raises
    ------
    ContentError
        With every sentence that is unknown, asks for what it cannot have, or lacks its mark.
    """
    bundled = read_toml(bundled_content() / "analyses" / FILE_NAME, _File).phrases
    path = own / FILE_NAME
    changed = read_toml(path, _File).phrases if path.is_file() else {}
    problems = [
        problem
        for name, title in changed.items()
        if (problem := _problem(name, title, bundled.get(name)))
    ]
    if problems:
        raise ContentError(problems)
    return Phrases({**bundled, **changed}, language)


def _problem(name: str, title: Title, bundled: Title | None) -> Notice | None:
    if bundled is None:
        text = N_("{file}: the report has no sentence {name!r}.")
        return Notice("phrase-unknown", text, {"file": FILE_NAME, "name": name})
    allowed = set(_GAP.findall(bundled.zh)) | set(_GAP.findall(bundled.en))
    for language in LANGUAGES:
        gaps = _GAP.findall(title.get(language))
        strange = sorted(set(gaps) - allowed)
        values = {"file": FILE_NAME, "name": name, "gaps": " ".join(f"{{{g}}}" for g in strange)}
        if strange:
            text = N_("{file}, {name}: nothing can stand in {gaps}.")
            return Notice("phrase-gap", text, values)
        if "mark" in allowed and gaps.count("mark") != 1:
            text = N_("{file}, {name}: the sentence needs {{mark}} once, for where it comes from.")
            return Notice("phrase-mark", text, values)
    return None
