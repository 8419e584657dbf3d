"""What is missing, in the reader's words: layers and fields by their titles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yanshan_gis.content import LayerDef
    from yanshan_gis.messages import Language

_NAMED = re.compile(r"\b([a-z_]+)(?:\.([a-z_0-9]+))?")


def missing_text(text: str, layers: Mapping[str, LayerDef], language: Language) -> str:
    """Name layers and fields by their titles.

    Parameters
    ----------
    text
        As a result says what it misses: ``indicators.baseline; roads``.
    layers
        The layer catalogue; other words stay as they are.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str
        Such as ``规划指标·基期值; 道路``.
    """

    def titled(found: re.Match[str]) -> str:
        layer, field_name = layers.get(found[1]), found[2]
        if layer is None:
            return found[0]
        field = layer.fields.get(field_name or "")
        parts = [layer.title.get(language)]
        if field_name:
            parts.append(field.title.get(language) if field else field_name)
        return "·".join(parts)

    return _NAMED.sub(titled, text)
