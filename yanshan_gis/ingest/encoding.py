"""Which encoding a text is in, by evidence rather than by label.

Chinese bureaus hand over UTF-8, GB18030 (with its subsets GBK and GB2312) and, now and then,
Big5. A label (``.cpg``, the DBF's language byte, a byte order mark) is believed only where the
bytes agree with it. Candidates are judged by validity (how many samples decode at all) and
plausibility: the share of letters that are *common* Chinese characters, which means level 1 of
GB 2312 (3,755 characters) or level 1 of Big5 (5,401). Text read in a wrong encoding is full of
rare ones.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from yanshan_gis.errors import UsageError
from yanshan_gis.messages import N_, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CANDIDATES = ("utf-8", "gb18030", "big5")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "cp950": "big5", "ascii": "utf-8"}
_CHINESE_CODEPAGES = {"936": "gb18030", "54936": "gb18030", "950": "big5", "65001": "utf-8"}
# Signs that say nothing about the language: general and CJK punctuation, full-width forms, units.
_NEUTRAL_RANGES = ((0x2000, 0x2E00), (0x3000, 0x3040), (0xFE30, 0xFE50), (0xFF00, 0xFFF0))
_NEUTRAL = frozenset("°·×÷±²³´¨§").union(*(map(chr, range(*span)) for span in _NEUTRAL_RANGES))
_PLAUSIBLE, _FAILURES, _SHORT = 0.5, 0.02, 8


@dataclass(frozen=True)
class Guess:
    """The encoding that fits best, and how well.

    Parameters
    ----------
    encoding
        A Python codec.
    common, letters
        How many of the letters beyond ASCII are common Chinese characters.
    marked
        True where a byte order mark says it, or nothing beyond ASCII occurs.
    """

    encoding: str
    common: int = 0
    letters: int = 0
    marked: bool = False

    @property
    def plausible(self) -> bool:
        """Whether at least half of the letters are common Chinese ones."""
        return self.letters == 0 or self.common / self.letters >= _PLAUSIBLE


def check_encoding(name: str) -> str:
    """Check an encoding's name given by the user.

    Parameters
    ----------
    name
        Such as ``utf-8``, ``GBK`` or ``936``.

    Returns
    -------
    str
        A Python codec; GB2312 and GBK become their superset GB18030.

    Raises
    ------
    UsageError
        When no such encoding is known.
    """
    found = codec_of(name)
    if found is None:
        raise UsageError(
            "encoding-unknown",
            N_("Encoding {encoding!r} is not known; write utf-8, gb18030 or big5."),
            encoding=name,
        )
    return found


def codec_of(label: str) -> str | None:
    """Translate a label as found in ``.cpg`` files into a Python codec.

    Parameters
    ----------
    label
        ``UTF-8``, ``GBK``, ``936``, ``ANSI 936``, ``cp936``.

    Returns
    -------
    str or None
        The codec, or None for an unknown label.
    """
    word = label.strip().lower().removeprefix("ansi").removeprefix("oem").strip(" _-")
    word = _CHINESE_CODEPAGES.get(word.removeprefix("cp"), word)
    try:
        name = codecs.lookup(f"cp{word}" if word.isdigit() else word).name
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(name, name)


def guess_encoding(samples: Sequence[bytes]) -> Guess:
    """Judge the encoding of text from samples.

    Parameters
    ----------
    samples
        Names and cells as bytes; each may be cut in the middle of its last character.

    Returns
    -------
    Guess
        UTF-8 where it is valid and not mere chance, else the most plausible candidate, else what
        a general detector says.
    """
    telling = [sample for sample in samples if not sample.isascii()]
    if not telling:
        return Guess("utf-8", marked=True)
    guesses = [_weigh(telling, encoding) for encoding in _CANDIDATES]
    valid = [guess for guess in guesses if guess is not None]
    if valid and valid[0].encoding == "utf-8" and _utf8_is_no_chance(valid[0]):
        return valid[0]
    best = max(valid, key=lambda guess: guess.common / max(guess.letters, 1), default=None)
    if best is not None and best.plausible:
        return best
    return _general_guess(telling) or best or Guess("gb18030")


def _utf8_is_no_chance(guess: Guess) -> bool:
    # A GB text is valid UTF-8 by chance only while it is a few characters long, and then it
    # reads as two-byte letters, none of them Chinese.
    return guess.common > 0 or guess.letters == 0 or guess.letters >= _SHORT


def _weigh(samples: Sequence[bytes], encoding: str) -> Guess | None:
    """Count common characters; None where too many samples do not decode."""
    letters, common, failures = 0, 0, 0
    known = common_characters()
    for sample in samples:
        text = _decode_trimmed(sample, encoding)
        if text is None:
            failures += 1
            continue
        telling = [sign for sign in text if not sign.isascii() and sign not in _NEUTRAL]
        letters += len(telling)
        level = known[encoding]
        common += sum(sign in level for sign in telling)
    if failures > _FAILURES * len(samples):
        return None
    return Guess(encoding, common, letters)


@cache
def common_characters() -> dict[str, frozenset[str]]:
    """Return the common Chinese characters by encoding.

    Returns
    -------
    dict
        Level 1 of GB 2312, level 1 of Big5, and for UTF-8 both.
    """
    simplified = frozenset(
        bytes((high, low)).decode("gb2312", "ignore")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF)
    )
    traditional = frozenset(
        bytes((high, low)).decode("big5", "ignore")
        for high in range(0xA4, 0xC7)
        for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    )
    return {"gb18030": simplified, "big5": traditional, "utf-8": simplified | traditional}


def _general_guess(samples: Sequence[bytes]) -> Guess | None:
    import charset_normalizer

    best = charset_normalizer.from_bytes(b"\n".join(samples)).best()
    return None if best is None else Guess(best.encoding)


def _decode_trimmed(data: bytes, encoding: str) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return decoder.decode(data)  # not final: an incomplete last character is left out
    except UnicodeDecodeError:
        return None


def decode_cut(data: bytes, encoding: str) -> str:
    """Decode a text that may be cut in the middle of its last character.

    Parameters
    ----------
    data
        The bytes of one field name or cell.
    encoding
        A Python codec.

    Returns
    -------
    str
        Without the incomplete character; unreadable bytes in the middle become U+FFFD.
    """
    text = _decode_trimmed(data, encoding)
    return data.decode(encoding, "replace") if text is None else text


def guess_notice(file: str, guess: Guess, declared: str | None = None) -> Notice | None:
    """Tell the reader how the encoding was decided.

    Parameters
    ----------
    file
        The file's name.
    guess
        The decision.
    declared
        The label that the bytes contradict, if there is one.

    Returns
    -------
    Notice or None
        None where there was nothing to decide.
    """
    if guess.marked:
        return None
    values = {"file": file, "encoding": guess.encoding, "common": guess.common,
              "letters": guess.letters}  # fmt: skip
    if declared is not None:
        return Notice(
            "encoding-contradicted",
            N_(
                "{file} is labelled {declared}, but its text is {encoding} ({common} of {letters} "
                "characters are common Chinese ones); it was read as {encoding}."
            ),
            values | {"declared": declared},
        )
    return Notice(
        "encoding-guessed",
        N_(
            "{file} does not say its encoding; it was read as {encoding}, in which {common} of "
            "{letters} characters are common Chinese ones. If names look wrong, give the encoding."
        ),
        values,
    )


def decode_text(
    data: bytes, file: str, encoding: str | None = None
) -> tuple[str, str, list[Notice]]:
    """Decode a text file by its byte order mark, the user's word, or evidence.

    Parameters
    ----------
    data
        The whole file.
    file
        Its name, for notices.
    encoding
        Given by the user; wins over everything.

    Returns
    -------
    tuple
        The text, the codec, and notices (``encoding-guessed``, ``text-damaged``).

    Raises
    ------
    UsageError
        When the given encoding is not known.
    """
    guess = _guess_text(data) if encoding is None else Guess(check_encoding(encoding), marked=True)
    codec = "utf-8-sig" if guess.encoding == "utf-8" else guess.encoding
    notices = [note] if guess.encoding != "utf-8" and (note := guess_notice(file, guess)) else []
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        text = data.decode(codec, "replace")
        lines = [number for number, line in enumerate(text.split("\n"), 1) if "\ufffd" in line]
        notices.append(
            Notice(
                "text-damaged",
                N_(
                    "{count} lines of {file} hold bytes that are not {encoding}, first in line "
                    "{line}; those characters are lost. Check the encoding."
                ),
                {"file": file, "count": len(lines), "line": lines[0], "encoding": guess.encoding},
            )
        )
    return text, codec.removesuffix("-sig"), notices


def _guess_text(data: bytes) -> Guess:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Guess(encoding, marked=True)
    head = data[:20_000]
    if head.count(0) > len(head) // 10:  # ASCII letters in UTF-16: every second byte is zero
        even, odd = head[0::2].count(0), head[1::2].count(0)
        return Guess("utf-16-le" if odd >= even else "utf-16-be", marked=True)
    return guess_encoding(_lines(data))


def _lines(data: bytes, most: int = 5000) -> list[bytes]:
    lines: Iterable[bytes] = data.splitlines()
    telling = [line for line in lines if not line.isascii()]
    return telling[:: max(1, len(telling) // most)]
