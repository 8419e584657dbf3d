"""The scan of a plan's text: places, figures, known words; what is none of these may be a name.

Spellings of townships and of committees with their tail (村委会, 社区, 村) are always places. A
bare short name is not: 三七 is a crop and a community. It stays an unknown word here, and only
where the grammar expects a place (`yanshan_gis.extraction.phrases`) is it looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from yanshan_gis.extraction.words import function_words, verbs, word_pattern
from yanshan_gis.ingest.names import fold_place
from yanshan_gis.plan.amounts import Figure, Refusal, find_figures
from yanshan_gis.plan.gazetteer import Gazetteer

TokenKind = Literal["township", "committee", "group", "figure", "refused", "mark", "verb",
                    "function", "word", "name", "county"]  # fmt: skip
_TAILS = ("村民委员会", "村委会", "居委会", "社区", "村")
_COMMITTEE_TAIL = re.compile(r"村民委员会|村委会|居委会|社区|村(?![庄内级民集寨落屯口])")
_GROUP_TAIL = re.compile(r"村民小组|村小组|小组|安置点|自然村|[一二三四五六七八九十\d]{1,3}组")
_MEMBER = re.compile("村?民?小组")
_MARKS = frozenset("，。；：、！？（）《》—·\t")
_LONGEST_NAME, _SHORT_PREFIX = 5, 2
# A short name before one of these is the beginning of another, longer name: 大新 in 大新寨.
SETTLEMENT = frozenset("寨村坝冲箐坡塘街坪庄屯营湾沟田山河龙井洞地")


@dataclass(frozen=True)
class Token:
    """A piece of text.

    Parameters
    ----------
    kind
        What it is.
    start, end, text
        Where it stands, and how it is written.
    figure
        For a figure.
    reason
        For a refused number.
    """

    kind: TokenKind
    start: int
    end: int
    text: str
    figure: Figure | None = None
    reason: str = ""


class Scanner:
    """Cuts text into tokens with a county's names.

    Parameters
    ----------
    gazetteer
        The county's places.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._townships = _longest(gazetteer.township_spellings())
        self.short_names = {
            short
            for spelling in gazetteer.spellings()
            if len(short := fold_place(spelling, gazetteer.county)) > 1
        }
        full = {name for name in gazetteer.spellings() if name.endswith(_TAILS)}
        full |= {short + tail for short in self.short_names for tail in _TAILS}
        self._committees = _longest(full)
        self._short = _longest(self.short_names)
        self._county = _longest([gazetteer.county]) if gazetteer.county else None

    def scan(self, text: str) -> list[Token]:
        """Cut a text into tokens.

        Parameters
        ----------
        text
            Normalised.

        Returns
        -------
        list of Token
            Covering the text without gaps.
        """
        figures, refusals = find_figures(text)
        numbers: dict[int, Figure | Refusal] = {}
        numbers |= {refusal.start: refusal for refusal in refusals}
        numbers |= {figure.start: figure for figure in figures}
        tokens: list[Token] = []
        place, unknown = 0, 0
        while place < len(text):
            found = self._token(text, place, unknown, numbers)
            if found is None:
                place += 1
                continue
            if found.kind in {"committee", "group"} and found.start < place:
                unknown = found.start  # a tail takes the unknown word before it along
            if unknown < found.start:
                tokens.append(_plain(text, unknown, found.start))
            tokens.append(found)
            place = unknown = found.end
        if unknown < len(text):
            tokens.append(_plain(text, unknown, len(text)))
        return tokens

    def _token(
        self, text: str, place: int, unknown: int, numbers: dict[int, Figure | Refusal]
    ) -> Token | None:
        if place in numbers:
            number = numbers[place]
            written = text[place : number.end]
            if isinstance(number, Figure):
                return Token("figure", place, number.end, written, number)
            return Token("refused", place, number.end, written, reason=number.reason)
        if text[place] == "“" and (quoted := word_pattern().match(text, place)):
            return Token("word", place, quoted.end(), quoted[0])
        if text[place] in _MARKS:
            return Token("mark", place, place + 1, text[place])
        known = self._known(text, place)
        if known is not None:
            # 绿水塘村 is not 水塘村: a character or two before make another name of it.
            if known.kind == "committee" and 0 < place - unknown <= _SHORT_PREFIX:
                return Token("committee", unknown, known.end, text[unknown : known.end])
            return known
        return self._tailed(text, place, unknown)

    def _known(self, text: str, place: int) -> Token | None:
        patterns: Iterable[tuple[TokenKind, re.Pattern[str] | None]] = (
            ("county", self._county), ("township", self._townships),
            ("committee", self._committees),
        )  # fmt: skip
        for kind, pattern in patterns:
            match = pattern.match(text, place) if pattern else None
            if match and not _runs_on(kind, text, match.end()):
                return Token(kind, place, match.end(), match[0])
        return None

    def _tailed(self, text: str, place: int, unknown: int) -> Token | None:
        """Read a word of the lexicon, or a tail that makes a name of the unknown word before."""
        word = word_pattern().match(text, place)
        before = place - unknown
        for kind, tail in (("group", _GROUP_TAIL), ("committee", _COMMITTEE_TAIL)):
            match = tail.match(text, place)
            # 永安村村小组 names a group; 安置点 by itself names nothing.
            follows = _MEMBER.match(text, place) and not before and text[place - 1 : place] == "村"
            fits = match and (0 < before <= _LONGEST_NAME or follows)
            if match and fits and (word is None or word.end() <= match.end()):
                written = text[unknown : match.end()]
                return Token(kind, unknown, match.end(), written)  # type: ignore[arg-type]
        if word is None:
            return None
        kinds: TokenKind = "word"
        if word[0] in verbs():
            kinds = "verb"
        elif word[0] in function_words():
            kinds = "function"
        return Token(kinds, place, word.end(), word[0])

    def short_prefix(self, name: str) -> str:
        """Find the short name a written name begins with.

        Parameters
        ----------
        name
            Such as 平寨小箐.

        Returns
        -------
        str
            平寨; empty where it begins with none, or runs on into a longer name.
        """
        match = self._short.match(name)
        if match is None or (name[match.end() : match.end() + 1] in SETTLEMENT and len(name) > 2):
            return ""
        return match[0]


def _longest(names: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted((re.escape(name) for name in names if name), key=len, reverse=True)
    return re.compile("|".join(ordered) or r"(?!)")


def _runs_on(kind: TokenKind, text: str, end: int) -> bool:
    # 上拱乡村旅游: neither 上拱乡 nor 上拱…村 is meant, but 乡村.
    return kind != "county" and text[end - 1] in "乡村" and text[end : end + 1] in {"村", "庄"}


def _plain(text: str, start: int, end: int) -> Token:
    return Token("name", start, end, text[start:end])
