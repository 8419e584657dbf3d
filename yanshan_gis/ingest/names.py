"""Place names: folded for comparison, matched inside their township, never guessed.

Official lists, plans and ledgers write the same place differently: with or without 村委会 or 社区,
with the county in front, 阿舍乡 for 阿舍彝族乡. A name is matched in the stated township first, by
its official spelling, then folded, then by the aliases and former names of the name table. Only a
row without a township is searched for county-wide. Several candidates, or one in another township,
are a problem with the candidates named; names that look or sound alike are only a hint.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from yanshan_gis.ingest.cells import plain_text
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from yanshan_gis.layer import NameRecord

MatchHow = Literal["id", "code", "exact", "folded", "alias", "county", ""]

_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|"
    "纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|"
    "鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺"
)
_TOWNSHIP_TAIL = re.compile(
    rf"(?:(?:(?:{_PEOPLES})族)+乡|民族乡|乡|镇|街道办事处|街道办|街道)(?:人民政府|政府)?$"
)
_VILLAGE_TAIL = re.compile(
    r"(?:村民委员会|村委会|村委|社区居民委员会|社区居委会|居民委员会|居委会|社区|行政村|自然村|"
    r"村民小组|村小组|小组|村)$"
)
_PROVINCE = re.compile(
    r"^[^\W\d]{2,8}?(?:省|自治区|直辖市)(?:[^\W\d镇乡村]{2,12}?(?:自治州|州|市|地区|盟))?"
    r"(?:[^\W\d镇乡村]{2,8}?(?:自治县|县|市|区|旗))?(?=.{2})"
)
# Tried in this order; the last two are spellings of the name table.
_SPELLINGS: dict[str, MatchHow] = {
    "exact": "exact", "folded": "folded", "alias": "alias", "alias-folded": "alias",
}  # fmt: skip
_SHORTEST = 2  # a name keeps its tail rather than shrink to one character (大村, 新街)


@dataclass(frozen=True)
class NameMatch:
    """What a written name was found to mean.

    Parameters
    ----------
    id
        The feature's permanent id; None when it was not found for certain.
    how
        By which spelling; empty when not found.
    notice
        Why it was not found, with candidates.
    """

    id: str | None
    how: MatchHow = ""
    notice: Notice | None = None


@lru_cache(maxsize=65_536)
def fold_place(text: str, county: str = "") -> str:
    """Fold a place name: width, spaces, superior units in front and generic words behind.

    Parameters
    ----------
    text
        Such as ``云南省文山州砚山县 江那镇`` or ``锦山村委会``.
    county
        The county's own name, cut off in front.

    Returns
    -------
    str
        Such as ``江那`` or ``锦山``.
    """
    plain = re.sub(r"[\s·•.,，。、()（）]+", "", unicodedata.normalize("NFKC", text))
    plain = _without_front(plain, county)
    for tail in (_VILLAGE_TAIL, _TOWNSHIP_TAIL):
        short = tail.sub("", plain)
        if short != plain and len(short) >= _SHORTEST:
            return short
        if short != plain and plain.endswith("村委会"):  # 大村委会 says 大村村委会
            return f"{short}村"
    return plain


def _without_front(plain: str, county: str) -> str:
    rest = _PROVINCE.sub("", plain)
    if county and county in rest:
        before, _, after = rest.partition(county)
        if len(after) >= _SHORTEST and (not before or before[-1] in "省州市区盟"):
            return after
    return rest


def match_townships(
    texts: Sequence[str | None],
    known: Iterable[str],
    aliases: dict[str, str] | None = None,
    county: str = "",
) -> list[NameMatch]:
    """Match township names with the canonical ones.

    Parameters
    ----------
    texts
        As written; None for a missing one.
    known
        The canonical names.
    aliases
        Other or former names to the canonical ones.
    county
        The county's own name, cut off in front.

    Returns
    -------
    list of NameMatch
        Whose ``id`` is the canonical name.
    """
    names = sorted(set(known))
    exact = {name: name for name in names}
    folded = defaultdict[str, set[str]](set)
    for name in names:
        folded[fold_place(name, county)].add(name)
    for alias, name in (aliases or {}).items():
        exact.setdefault(alias, name)
        folded[fold_place(alias, county)].add(name)

    @cache
    def find(text: str) -> NameMatch:
        if text in exact:
            return NameMatch(exact[text], "exact" if text in names else "alias")
        found = folded.get(fold_place(text, county), set())
        if len(found) == 1:
            return NameMatch(next(iter(found)), "folded")
        return NameMatch(
            None,
            notice=Notice(
                "township-unknown",
                N_("No township is called {value!r}. Nearest: {nearest}."),
                {"value": text, "nearest": " ".join(sorted(found) or nearest(text, names))},
            ),
        )

    return [find(text.strip()) if text else NameMatch(None) for text in texts]


@lru_cache(maxsize=65_536)
def _sound(text: str) -> str:
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(text))


def likeness(text: str, names: Sequence[str], county: str = "") -> NDArray[np.float64]:
    """Tell how much names look or sound like one.

    Parameters
    ----------
    text
        As written; all names are folded before they are compared.
    names
        Names to compare with, as written.
    county
        The county's own name, cut off in front.

    Returns
    -------
    numpy.ndarray
        Between 0 and 1 per name: ``1 - d / (n + m)`` with the insertions and deletions d between
        characters, or 0.95 of the same between pinyin where that is more; 1 only for names that
        fold to the same.
    """
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    wanted, others = fold_place(text, county), [fold_place(name, county) for name in names]
    compare = partial(cdist, scorer=Indel.normalized_similarity, dtype=np.float64)
    look = compare([wanted], others)
    sound = compare([_sound(wanted)], [_sound(other) for other in others])
    # One sound, other characters: alike, not the same.
    return np.asarray(np.maximum(look, 0.95 * sound), dtype=np.float64).ravel()


def nearest(text: str, names: Iterable[str], count: int = 3) -> list[str]:
    """List the names that look or sound most like one, as a hint for people.

    Parameters
    ----------
    text
        As written.
    names
        Names to compare with.
    count
        How many at most.

    Returns
    -------
    list of str
        The most alike first; all of the first ones when nothing is alike.
    """
    known = sorted(set(names))
    scored = sorted(zip(-likeness(text, known), known, strict=True))
    alike = [name for score, name in scored if score <= -0.5]
    return (alike or [name for _, name in scored])[:count]


class PlaceIndex:
    """The features of a layer by name, inside their township and county-wide.

    Parameters
    ----------
    candidates
        With ``id``, ``name`` and, where there is one, ``township``.
    records
        The name table: aliases, variants and former names; those of other features are ignored.
    county
        The county's own name, cut off in front of names.
    townships
        Other and former names of townships to the canonical ones.
    """

    def __init__(
        self,
        candidates: pd.DataFrame,
        records: Sequence[NameRecord] = (),
        county: str = "",
        townships: dict[str, str] | None = None,
    ) -> None:
        self._county = county
        self._aliases = dict(townships or {})
        self._place_of: dict[str, NameMatch] = {}
        ids = [str(i) for i in candidates["id"]]
        names = [plain_text(name) for name in candidates["name"]]
        where = (
            [plain_text(town) for town in candidates["township"]]
            if "township" in candidates
            else [""] * len(ids)
        )
        self._name_of = dict(zip(ids, names, strict=True))
        self._town_of = dict(zip(ids, where, strict=True))
        self._towns = sorted({town for town in where if town})
        self._levels: dict[str, dict[tuple[str, str], set[str]]] = {
            spelling: defaultdict(set) for spelling in _SPELLINGS
        }
        for feature, name in self._name_of.items():
            self._add(feature, name, "exact", "folded")
        for record in records:
            if record.id in self._name_of and record.name != self._name_of[record.id]:
                self._add(record.id, record.name, "alias", "alias-folded")

    def _add(self, feature: str, name: str, exact: str, folded: str) -> None:
        if not name:
            return
        for town in {self._town_of[feature], ""}:
            self._levels[exact][town, name].add(feature)
            self._levels[folded][town, fold_place(name, self._county)].add(feature)

    def find(self, name: str, township: str | None = None) -> NameMatch:
        """Find the feature a name means.

        Parameters
        ----------
        name
            As written.
        township
            As written; None when the row says none.

        Returns
        -------
        NameMatch
            With the id, or the reason and the candidates.
        """
        town = ""
        if township and self._towns:
            town = self._township(township).id or township.strip()
        for spelling in dict.fromkeys((name.strip(), self._without_town(name, town))):
            match = self._look(spelling, town)
            if match is not None:
                return match
        return NameMatch(None, notice=self._not_found(name, town))

    def spelled(self, name: str, town: str = "") -> tuple[MatchHow, frozenset[str]]:
        """List every feature that a name may mean by the closest spelling that fits any.

        Parameters
        ----------
        name
            As written, perhaps with the township in front.
        town
            Canonical; empty for the whole county.

        Returns
        -------
        tuple of str and frozenset of str
            By which spelling, and the ids; empty when no spelling fits.
        """
        for spelling in dict.fromkeys((name.strip(), self._without_town(name, town))):
            folded = fold_place(spelling, self._county)
            if not town and self._shared(spelling, folded):
                return "folded", frozenset(self._levels["folded"]["", folded])
            for level, how in _SPELLINGS.items():
                key = folded if level.endswith("folded") else spelling
                found = self._levels[level].get((town, key))
                if found:
                    return how, frozenset(found)
        return "", frozenset()

    def _shared(self, name: str, folded: str) -> bool:
        """Tell whether a bare short name is that of several places of the county."""
        alike = self._levels["folded"].get(("", folded), set())
        return bool(self._towns) and len(alike) > 1 and name == folded

    def _township(self, text: str) -> NameMatch:
        if text not in self._place_of:
            found = match_townships([text], self._towns, self._aliases, self._county)
            self._place_of[text] = found[0]
        return self._place_of[text]

    def _without_town(self, name: str, town: str) -> str:
        """Cut a township off in front of a village's name."""
        plain = _without_front(re.sub(r"\s+", "", name), self._county)
        for front in [town] if town else self._towns:
            if front and plain.startswith(front) and len(plain) - len(front) >= _SHORTEST:
                return plain.removeprefix(front)
        return plain

    def _look(self, name: str, town: str) -> NameMatch | None:
        folded = fold_place(name, self._county)
        if not town and self._shared(name, folded):
            return NameMatch(None, notice=self._ambiguous(name, self._levels["folded"]["", folded]))
        for level, how in _SPELLINGS.items():
            key = folded if level.endswith("folded") else name
            found = self._levels[level].get((town, key), set())
            if len(found) > 1:
                return NameMatch(None, notice=self._ambiguous(name, found))
            if found:
                return NameMatch(next(iter(found)), how if town or not self._towns else "county")
        return None

    def _show(self, features: Iterable[str]) -> str:
        shown = sorted((self._town_of[f], self._name_of[f], f) for f in features)
        return ", ".join(f"{town}{name} ({feature})" for town, name, feature in shown)

    def _ambiguous(self, name: str, found: set[str]) -> Notice:
        return Notice(
            "name-ambiguous",
            N_("{value!r} could be any of {candidates}; give the id, or township and full name."),
            {"value": name, "candidates": self._show(found)},
        )

    def _not_found(self, name: str, town: str) -> Notice:
        elsewhere = self._look(self._without_town(name, ""), "") if town else None
        if elsewhere is not None and elsewhere.id is not None:
            return Notice(
                "name-other-township",
                N_(
                    "{value!r} is not in {township}; there is {candidates}. If that is meant, "
                    "correct the township."
                ),
                {"value": name, "township": town, "candidates": self._show([elsewhere.id])},
            )
        here = [n for f, n in self._name_of.items() if n and town in {"", self._town_of[f]}]
        near = here or [name for name in self._name_of.values() if name]
        return Notice(
            "name-unknown",
            N_(
                "{value!r} is not known{where}. Nearest: {nearest}. Correct it, or enter it as an "
                "alias."
            ),
            {
                "value": name,
                "where": f" ({town})" if town else "",
                "nearest": " ".join(nearest(name, near)) or "—",
            },
        )


def match_names(
    names: Sequence[str | None],
    townships: Sequence[str | None] | None,
    candidates: pd.DataFrame,
    records: Sequence[NameRecord] = (),
    *,
    county: str = "",
    township_aliases: dict[str, str] | None = None,
) -> list[NameMatch]:
    """Match written names with features, each spelling looked up once.

    Parameters
    ----------
    names
        As written; None for a missing one.
    townships
        As written, one per name; None when the file has none.
    candidates
        With ``id``, ``name`` and, where there is one, ``township``.
    records
        The name table.
    county
        The county's own name, cut off in front of names.
    township_aliases
        Other and former names of townships to the canonical ones.

    Returns
    -------
    list of NameMatch
        One per name; without id and notice for a missing name.
    """
    index = PlaceIndex(candidates, records, county, township_aliases)
    find = lru_cache(maxsize=None)(index.find)
    towns = townships if townships is not None else [None] * len(names)
    return [
        find(name, town or None) if name else NameMatch(None)
        for name, town in zip(names, towns, strict=True)
    ]
