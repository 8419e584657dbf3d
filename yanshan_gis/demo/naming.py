"""Names for modelled natural villages: invented, but put together as names of the region are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WHICH = ("上", "下", "大", "小", "老", "新", "中", "里", "外", "前", "后", "东", "西")
_WHAT = (
    "龙潭", "石桥", "水井", "白泥", "红土", "黑石", "麻栗", "核桃", "松林", "竹林", "马鞍", "梨树",
    "桃树", "大树", "田心", "海子", "花石", "岩脚", "羊圈", "牛塘", "沙坝", "石丫", "干塘", "清水",
    "落水", "鱼塘", "茶园", "杉木", "棕皮", "芭蕉", "岔河", "双包", "岩洞", "石笋", "草坝", "灰窑",
    "瓦窑", "铁厂", "三家", "五家", "马街", "猫塘", "樱桃", "板栗", "冷水", "热水", "凉水", "野猪",
)  # fmt: skip
_KIND = ("寨", "村", "冲", "箐", "坝", "坡", "塘", "脚", "湾", "坪", "洞", "山")
_FIRST = ("那", "者", "布", "阿", "倮", "法", "科", "戈", "舍", "木", "板", "六")
_SECOND = (
    "夺",
    "洒",
    "恒",
    "腊",
    "格",
    "者",
    "迷",
    "康",
    "平",
    "耐",
    "朵",
    "波",
    "莫",
    "哈",
    "德",
    "列",
)


def invent_names(rng: np.random.Generator, parent: NDArray[np.int64]) -> list[str]:
    """Invent a name for every natural village.

    Parameters
    ----------
    rng
        Where the numbers come from.
    parent
        The committee of each village.

    Returns
    -------
    list of str
        No name stands twice in one committee.
    """
    taken: set[tuple[int, str]] = set()
    names = []
    draws = rng.random((len(parent), 12, 4)).tolist()
    for committee, tries in zip(parent.tolist(), draws, strict=True):
        options = (_name(*draw) for draw in tries)
        name = next((name for name in options if (committee, name) not in taken), "")
        number = 2
        while not name or (committee, name) in taken:
            name, number = f"{_name(*tries[0])}{number}组", number + 1
        taken.add((committee, name))
        names.append(name)
    return names


def _pick(words: tuple[str, ...], draw: float) -> str:
    return words[int(draw * len(words))]


def _name(pattern: float, first: float, second: float, third: float) -> str:
    if pattern < 0.12:
        return _pick(_WHICH, first) + _pick(_KIND[:2], second)
    if pattern < 0.30:
        return _pick(_FIRST, first) + _pick(_SECOND, second)
    if pattern < 0.45:
        return _pick(_WHICH, third) + _pick(_FIRST, first) + _pick(_SECOND, second)
    if pattern < 0.62:
        return _pick(_WHICH, third) + _pick(_WHAT, first)
    what, kind = _pick(_WHAT, first), _pick(_KIND, second)
    return what + (_KIND[0] if what.endswith(kind) else kind)
