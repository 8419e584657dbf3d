"""What XML can hold of a text."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Put a substitute for every character that no XML file may hold, however it is written.

    Parameters
    ----------
    text
        Any text; not escaped.

    Returns
    -------
    str
        The same text with U+FFFD for control characters and halves of characters.
    """
    return _NOT_XML.sub("\ufffd", text)
