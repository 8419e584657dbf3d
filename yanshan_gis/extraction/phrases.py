"""The phrases of a sentence: places first, then what is done there, with its figures.

A sentence falls into segments at commas and colons, a segment into elements at 、 and 和. An
element begins with its places, from township down to a name; what follows is its content.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from yanshan_gis.extraction.mentions import Token
from yanshan_gis.extraction.words import (
    AND,
    LAUNCH,
    LINKS,
    PLACE_PREPOSITIONS,
    SUPPORT,
    is_thing,
)
from yanshan_gis.plan.amounts import Figure

_SENTENCE_ENDS = "。；！？"
_LIST_OF_PLACES = frozenset({"等地", "等村", "等乡镇", "等乡（镇）"})
_ROUTE = frozenset({"至"})
_PLACES = frozenset({"township", "committee", "group"})
_LONGEST_NAME = 8
# What only says what a figure is of: 建设容积为200立方米的冷库 names a 冷库.
_SUBJECT = re.compile(
    r"(?:总)?(?:容积|库容|容量|占地面积|占地|建筑面积|面积)(?:均|分别)?(?:为|达|约)(?:的)?|占地(?=的)"
)


@dataclass
class Element:
    """One member of a list: places, content, figures.

    Parameters
    ----------
    tokens
        Of the element.
    townships, committee, group, name
        Places as written; a name is an unknown word where a place is expected.
    at
        True where 在 stands before the place.
    prefix, content
        Text before the places and after them, without figures and verbs at the head.
    figures
        In order.
    verb
        The last verb before the content.
    led
        True where the element begins with a verb.
    county
        True where the county is named.
    """

    tokens: list[Token]
    townships: list[str] = field(default_factory=list)
    committee: str = ""
    group: str = ""
    name: str = ""
    at: bool = False
    prefix: str = ""
    content: str = ""
    figures: list[Figure] = field(default_factory=list)
    verb: str = ""
    led: bool = False
    county: bool = False

    @property
    def start(self) -> int:
        """Where the element begins."""
        return self.tokens[0].start

    @property
    def text(self) -> str:
        """The element as written."""
        return "".join(token.text for token in self.tokens)

    @property
    def has_place(self) -> bool:
        """True where a township, committee or group is mentioned."""
        return bool(self.townships or self.committee or self.group)

    @property
    def is_place_only(self) -> bool:
        """True where nothing but a place stands."""
        only_name = bool(self.name) and not self.verb
        return (self.has_place or only_name) and not self.content and not self.figures

    @property
    def place(self) -> str:
        """The place below the township, as written."""
        return f"{self.committee}{self.group}{self.name}"

    @property
    def is_thing(self) -> bool:
        """True where the content names something to be built or run."""
        return is_thing(self.content)

    @property
    def launches(self) -> bool:
        """True where the element begins with a verb of building."""
        return self.led and self.verb in LAUNCH

    @property
    def is_route(self) -> bool:
        """True for a stretch from one place to another."""
        return "至" in self.name


@dataclass
class Segment:
    """A part of a sentence between commas.

    Parameters
    ----------
    text, start
        As written, and where.
    elements
        Its list, or the one element.
    part
        True from 其中 on.
    support
        True where it says on what grounds (依托 …), not what is planned.
    links
        True where it only tells the places of what was said (涉及 …).
    place_list
        True where 等地 says that the list before is one of places.
    """

    text: str
    start: int
    elements: list[Element]
    part: bool = False
    support: bool = False
    links: bool = False
    place_list: bool = False


def split_sentences(tokens: Sequence[Token]) -> list[list[Segment]]:
    """Take a text apart.

    Parameters
    ----------
    tokens
        Covering the text.

    Returns
    -------
    list of list of Segment
        Segments by sentence.
    """
    sentences = []
    for sentence in _split(tokens, lambda token: token.text in _SENTENCE_ENDS):
        segments = []
        for run, parts in _at_brackets(sentence):
            for piece in _split(run, lambda token: token.text in {"，", "："}):
                segments.append(_segment(piece))
                segments[-1].part = segments[-1].part or parts
        part = False
        for segment in segments:
            part = segment.part = part or segment.part
        sentences.append([segment for segment in segments if segment.elements])
    return sentences


def _at_brackets(tokens: Sequence[Token]) -> list[tuple[list[Token], bool]]:
    """Part what stands in brackets from the rest; with places and figures it tells parts."""
    runs: list[tuple[list[Token], bool]] = [([], False)]
    index = 0
    while index < len(tokens):
        end = next((i for i in range(index, len(tokens)) if tokens[i].text == "）"), None)
        inner = list(tokens[index + 1 : end]) if tokens[index].text == "（" and end else []
        figured = any(token.kind == "figure" for token in inner)
        placed = any(token.kind in _PLACES for token in inner)
        if end and (figured or placed):
            runs += [(inner, figured and placed), ([], False)]
            index = end + 1
            continue
        runs[-1][0].append(tokens[index])
        index += 1
    return [run for run in runs if run[0]]


def _split(tokens: Sequence[Token], ends: object) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if ends(token):  # type: ignore[operator]
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _segment(tokens: list[Token]) -> Segment:
    text, start = "".join(token.text for token in tokens), tokens[0].start
    part = any(token.text == "其中" for token in tokens)
    tokens = [token for token in tokens if token.text != "其中"]
    place_list = any(token.text in _LIST_OF_PLACES for token in tokens)
    support = SUPPORT.match(text) is not None
    pieces = [
        piece
        for member in _split(tokens, lambda token: token.text == "、")
        for piece in _split_at_and(member)
    ]
    return Segment(
        text, start, [_read_piece(piece) for piece in _with_figures(pieces)], part, support,
        LINKS.match(text) is not None, place_list,
    )  # fmt: skip


def _split_at_and(tokens: list[Token]) -> list[list[Token]]:
    """Split at 和 and 及, but not where one figure governs both: 4.2公里河道及道路."""
    pieces = _split(tokens, lambda token: token.text in AND)
    if len(pieces) < 2:
        return pieces
    numbered = [any(token.kind == "figure" for token in piece) for piece in pieces]
    placed = any(token.kind in _PLACES for piece in pieces[1:] for token in piece)
    governs = numbered[0] and pieces[0][-1].kind != "figure"
    if governs and not any(numbered[1:]) and not placed:
        return [tokens]
    return pieces


def _with_figures(pieces: list[list[Token]]) -> list[list[Token]]:
    """Keep a list of figures (510、500、100立方米) in one element."""
    kept: list[list[Token]] = []
    for piece in pieces:
        if kept and piece[0].kind == "figure" and any(t.kind == "figure" for t in kept[-1]):
            one, other = piece[0].figure, kept[-1][-1].figure
            if one is not None and other is not None and one.unit == other.unit:
                kept[-1] += piece
                continue
        kept.append(list(piece))
    return kept


def _read_piece(tokens: list[Token]) -> Element:
    """Read an element; before 等地 all is place."""
    cut = next((i for i, token in enumerate(tokens) if token.text in _LIST_OF_PLACES), None)
    if not cut:
        return read_element(tokens)
    element, rest = as_place(read_element(tokens[:cut])), read_element(tokens[cut + 1 :] or tokens)
    element.tokens, element.figures = tokens, element.figures + rest.figures
    element.content = rest.content if tokens[cut + 1 :] else ""
    return element


def as_place(element: Element) -> Element:
    """Read a member of a list of places as one, whatever words its name is made of.

    Parameters
    ----------
    element
        As read.

    Returns
    -------
    Element
        The same, its content taken for the rest of its name.
    """
    if element.content:
        element.name, element.content = f"{element.name}{element.content}", ""
    return element


def read_element(tokens: list[Token]) -> Element:
    """Tell an element's places from its content.

    Parameters
    ----------
    tokens
        Of the element.

    Returns
    -------
    Element
        With the first chain of places in it.
    """
    element = Element(tokens, figures=[t.figure for t in tokens if t.figure is not None])
    element.county = any(token.kind == "county" for token in tokens)
    kept = [token for token in tokens if token.kind != "county"]
    start = _chain_start(kept)
    element.prefix = _plain([t for t in kept[:start] if t.kind not in {"verb", "function"}])
    element.led = bool(kept) and kept[0].kind == "verb"
    element.at = start > 0 and kept[start - 1].text in PLACE_PREPOSITIONS
    element.verb = next((t.text for t in reversed(kept[:start]) if t.kind == "verb"), "")
    rest = kept[_read_chain(element, kept, start) :]
    while rest and (rest[0].kind in {"verb", "function"} or rest[0].text in "（）"):
        element.verb = rest[0].text if rest[0].kind == "verb" else element.verb
        rest = rest[1:]
    element.content = _plain(rest)
    if not element.content and element.verb and not element.has_place and not element.name:
        element.content = element.verb
    done = [token for token in kept if token.start > _last_place(kept) and token.kind == "verb"]
    if element.name and not element.content and done and (element.townships or element.committee):
        # 上坝村委会冻库建设: what stands before 建设 is the thing, not a place.
        element.content, element.name = f"{element.name}{done[-1].text}", ""
    return element


def _last_place(tokens: Sequence[Token]) -> int:
    return max((t.start for t in tokens if t.kind in _PLACES), default=len(tokens))


def _chain_start(tokens: Sequence[Token]) -> int:
    """Where the places begin: at the first mention, else at a name behind verbs or 在."""
    for index, token in enumerate(tokens):
        if token.kind in _PLACES:
            return index
    for index, token in enumerate(tokens):
        if token.kind == "name":
            return index
        if token.kind not in {"verb", "function"}:
            break
    return 0


def _read_chain(element: Element, tokens: Sequence[Token], start: int) -> int:
    """Read the places from `start` on; return where the content begins."""
    index = start
    while index < len(tokens):
        token, text = tokens[index], tokens[index].text
        if token.kind == "township" and not element.place:
            element.townships.append(text)
        elif token.kind == "committee" and not element.group and not element.name:
            if element.committee:
                break
            element.committee = text
        elif token.kind == "group" and not element.name:
            element.group += text
        elif token.kind == "name" and not element.name and len(text) <= _LONGEST_NAME:
            element.name = text
        elif not (text in _ROUTE or text in PLACE_PREPOSITIONS or text == "即"):
            break
        elif text in _ROUTE and element.name and index + 1 < len(tokens):
            element.name += text + tokens[index + 1].text
            index += 1
        index += 1
    return index


def _plain(tokens: Sequence[Token]) -> str:
    kept = [t.text for t in tokens if t.kind not in {"figure", "refused"}]
    text = _SUBJECT.sub("", "".join(kept)).strip("的等·（）")
    return re.sub(r"^(?:为|达|约|共|的)+|(?:的|等|各)+$", "", text)
